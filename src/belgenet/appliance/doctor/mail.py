"""Outgoing mail. Nothing is sent: the server is greeted, encryption begun, the password shown, and that is all."""

import smtplib
import ssl
from collections.abc import Iterator
from typing import Final

from belgenet.appliance.doctor.finding import Finding, error, warning
from belgenet.appliance.doctor.system import System

SECONDS: Final = 10.0


def mail(system: System) -> Iterator[Finding]:
    """The mail server takes our mail."""
    settings = system.settings
    host, port = settings.get("mail.host", "127.0.0.1"), int(settings.get("mail.port", "25"))
    tls, username = settings.get("mail.tls", "none"), settings.get("mail.username", "")
    where = f"{host}:{port}"
    try:
        with greet(host, port, tls) as line:
            if tls == "starttls":
                line.starttls(context=ssl.create_default_context())
            if username:
                line.login(username, system.vault.read("mail.password") or "")
            code, _ = line.noop()
            if code >= 400:  # noqa: PLR2004 - SMTP's refusals begin there
                yield error("mail_refused", where, reason=f"NOOP: {code}")
    except smtplib.SMTPAuthenticationError as failure:
        yield error("mail_password", where, username=username, reason=str(failure.smtp_code))
    except (ssl.SSLError, smtplib.SMTPNotSupportedError) as failure:
        yield error("mail_encryption", where, reason=str(failure))
    except smtplib.SMTPException as failure:
        yield error("mail_refused", where, reason=str(failure)[:200])
    except OSError as failure:
        yield error("mail_unreachable", where, reason=str(failure))
    if username and tls == "none" and host not in {"127.0.0.1", "localhost", "::1"}:
        yield warning("mail_password_in_clear", where)


def greet(host: str, port: int, tls: str) -> smtplib.SMTP:
    """A line to the mail server, encrypted from its beginning where ``tls`` is ``implicit``. :raises OSError, SMTPException:"""
    if tls == "implicit":
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=SECONDS)
