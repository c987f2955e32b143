"""A mail server that delivers nothing: every mail is kept as a file and can be read in a browser. So is every SMS."""

import sys
from pathlib import Path
from typing import Self

import httpx

from belgenet.testing.mailsink import SMS_PASSWORD, SMS_SENDER, SMS_USER
from belgenet.testing.mailsink.mailbox import StoredMail, read_mails
from belgenet.testing.mailsink.smsbox import StoredSms, read_all_sms
from belgenet.testing.servers.ports import LOOPBACK, free_port
from belgenet.testing.servers.process import ManagedProcess

_START_TIMEOUT = 20.0


class MailSink:
    """The sink as a process (``python -m belgenet.testing.mailsink``).

    :param folder: mails are kept below ``folder/mails`` as ``.eml`` files, SMS below ``folder/sms`` as JSON.
    :param smtp_port: where mail is delivered to; a free port by default.
    :param http_port: where it can be read; a free port by default.
    """

    name = "mail"

    def __init__(self, folder: Path, *, smtp_port: int | None = None, http_port: int | None = None) -> None:
        self.folder = folder
        self.smtp_port = smtp_port
        self.http_port = http_port
        self.process: ManagedProcess | None = None

    @property
    def url(self) -> str:
        """Address of the mail reader."""
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def smtp_url(self) -> str:
        """``smtp://host:port`` that mails are sent to."""
        return f"smtp://{LOOPBACK}:{self.smtp_port}"

    def sms_settings(self) -> dict[str, str]:
        """What ``sms.*`` has to be for SMS to arrive here."""
        return {
            "provider": "netgsm",
            "base_url": self.url,
            "username": SMS_USER,
            "password": SMS_PASSWORD,
            "sender": SMS_SENDER,
        }

    def start(self) -> None:
        """Start both listeners and wait for them.

        :raises ServerError: when they cannot be started.
        """
        self.smtp_port = free_port(self.smtp_port)
        self.http_port = free_port(self.http_port)
        while self.http_port == self.smtp_port:
            self.http_port = free_port()
        command = [
            sys.executable,
            "-m",
            "belgenet.testing.mailsink",
            "--folder",
            str(self.folder),
        ]
        command += ["--smtp-port", str(self.smtp_port), "--http-port", str(self.http_port)]
        self.process = ManagedProcess("mail", command, log=self.folder / "mail.log")
        self.process.start()
        self.process.wait_ready(self._answers, _START_TIMEOUT)

    def stop(self) -> None:
        """Stop the sink; mails stay."""
        if self.process is not None:
            self.process.stop()
            self.process = None

    def mails(self, recipient: str | None = None) -> list[StoredMail]:
        """Return the mails received so far, oldest first, optionally those to one address."""
        return [m for m in read_mails(self.folder / "mails") if recipient is None or recipient in m.recipients]

    def sms(self, number: str | None = None) -> list[StoredSms]:
        """Return the SMS received so far, oldest first, optionally those to one number (E.164)."""
        return [sms for sms in read_all_sms(self.folder / "sms") if number in {None, sms.number}]

    def clear(self) -> None:
        """Forget all mails and SMS."""
        for file in (*(self.folder / "mails").glob("*.eml"), *(self.folder / "sms").glob("*.json")):
            file.unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2, trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
