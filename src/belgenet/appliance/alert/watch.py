"""One look of the alerter, from the doctor's checks to the mail."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from belgenet.appliance.alert.letters import Letter, letters
from belgenet.appliance.alert.memory import STATE, Memory
from belgenet.appliance.doctor.examine import CHECKS, examine
from belgenet.appliance.doctor.mail import greet
from belgenet.appliance.doctor.system import System
from belgenet.appliance.exclusive import LOCK, Busy, exclusive
from belgenet.appliance.words import words

Send = Callable[[EmailMessage], None]


QUIET: Final = ("upgrade", "rollback", "apply", "restore", "secrets", "install")


class NotSent(Exception):  # noqa: N818 -- tried again at the next look
    """The mail server did not take the mail."""


@dataclass(frozen=True)
class Post:
    """Sends as the product does, with its settings and password."""

    system: System

    def __call__(self, message: EmailMessage) -> None:
        """:raises NotSent:"""
        settings = self.system.settings
        host, port = settings.get("mail.host", "127.0.0.1"), int(settings.get("mail.port", "25"))
        tls, username = settings.get("mail.tls", "none"), settings.get("mail.username", "")
        try:
            with greet(host, port, tls) as line:
                if tls == "starttls":
                    line.starttls(context=ssl.create_default_context())
                if username:
                    line.login(username, self.system.vault.read("mail.password") or "")
                line.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"{host}:{port}: {error}") from error


def watch(system: System, send: Send, *, file: Path = STATE) -> str:
    """Look, remember, and tell what is new. A mail that was not taken is made anew, and tried again, at the next look.

    :returns: ``sent``, ``nothing``, or ``quiet`` when a verb is at work that stops and starts services by intent.
    :raises NotSent: what was seen is remembered all the same.
    """
    if _at_work(system).startswith(QUIET):
        return "quiet"
    memory, now = Memory.read(file), system.now()
    seldom = memory.seldom_due(now)
    checks = [check for check in CHECKS if seldom or not check.seldom]
    result = examine(system, checks)
    found = [(result.found_by[item.key], item) for item in result.findings]
    step = memory.look(found, set(result.looked), now, seldom=seldom)
    letter = letters(step, language_of(system), system.domain)
    try:
        if letter is not None:
            send(addressed(letter, system))
            memory.told(step, now)
    finally:
        memory.write(file)
    return "sent" if letter else "nothing"


def _at_work(system: System) -> str:
    """The verb that holds the server's lock."""
    try:
        with exclusive("alert", lock=system.path(LOCK)):
            return ""
    except Busy as busy:
        return busy.verb


def language_of(system: System) -> str:
    """The institution's."""
    return "en" if system.site.get("belgenet_locale") == "en" else "tr"


def trial(system: System, send: Send) -> None:
    """A mail that only shows that mails arrive. :raises NotSent:"""
    say = words("alert", language_of(system))
    send(
        addressed(
            Letter(say("test_subject", domain=system.domain), say("test_text", domain=system.domain) + "\n"), system
        )
    )


def addressed(letter: Letter, system: System) -> EmailMessage:
    """To the administrator of the server."""
    sender = system.settings.get("mail.sender", f"BelgeNet <bilgi@{system.domain}>")
    return letter.message(str(system.site["belgenet_admin_email"]), sender, system.domain, system.now())
