import smtplib
import ssl
from email.message import EmailMessage
from typing import Protocol

from belgenet.settings.modules import Mail


class MailUnavailable(Exception):  # noqa: N818
    """The SMTP server could not be reached or said "try later"."""


class Mailer(Protocol):
    """Sends one message."""

    def send(self, message: EmailMessage) -> None:
        """:raises MailUnavailable: nothing was accepted; try again."""


class SmtpMailer:
    """Mailer over SMTP; one connection per message, as messages are few and workers many."""

    def __init__(self, settings: Mail) -> None:
        self._settings = settings

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        if "From" not in message:
            message["From"] = self._settings.sender
        try:
            with self._connect() as connection:
                if self._settings.username:
                    connection.login(self._settings.username, self._settings.password.get_secret_value())
                connection.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnavailable(f"{self._settings.host}:{self._settings.port}: {error}") from error

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.tls == "implicit":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout_seconds, context=context)
        connection = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)
        if settings.tls == "starttls":
            connection.starttls(context=ssl.create_default_context())
        return connection
