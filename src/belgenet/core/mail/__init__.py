"""Outgoing mail."""

from typing import Any

from belgenet.core.mail.smtp import Mailer, MailUnavailable, SmtpMailer

__all__ = ["MailUnavailable", "Mailer"]


def includeme(config: Any) -> None:
    config.register_service(SmtpMailer(config.registry.settings["belgenet"].mail), Mailer)
