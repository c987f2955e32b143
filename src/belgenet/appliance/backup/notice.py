"""Tells the administrator by mail, in the institution's language, when a backup fails: a backup that fails in silence is none."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from belgenet.appliance import places
from belgenet.appliance.backup.bucket import product_settings
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.site import SiteError, read_site
from belgenet.appliance.vault import Vault, VaultError
from belgenet.appliance.words import words
from belgenet.core.mail.smtp import MailUnavailable, SmtpMailer
from belgenet.settings.modules import Mail

log = logging.getLogger(__name__)


def failed(action: str, error: BackupError) -> bool:
    """Send the notice; whether somebody was told. Never raises: the failure itself matters more.

    :param action: ``run``, ``verify`` or ``drill``.
    """
    try:
        site = read_site()
        mailer = SmtpMailer(_settings(product_settings(), Vault(places.VAULT).read("mail.password") or ""))
        mailer.send(letter(site, action, error))
    except (SiteError, VaultError, BackupError, MailUnavailable, KeyError, ValueError) as reason:
        log.warning("backup.notice: %s", reason)
        return False
    return True


def letter(site: Mapping[str, Any], action: str, error: BackupError) -> EmailMessage:
    """The mail. :raises KeyError: the operator named nobody."""
    say = words("backup", str(site.get("belgenet_locale", "tr")))
    message = EmailMessage()
    message["To"] = site["belgenet_admin_email"]
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=site["belgenet_domain"])
    message["Auto-Submitted"] = "auto-generated"  # nobody's out-of-office answers it
    message["Subject"] = say(f"mail_subject_{action}", domain=site["belgenet_domain"])
    message.set_content(say("mail_body", domain=site["belgenet_domain"], reason=say(error.code, **error.params)))
    return message


def _settings(given: Mapping[str, str], password: str) -> Mail:
    values = {name.removeprefix("mail."): value for name, value in given.items() if name.startswith("mail.") and value}
    return Mail.model_validate({**values, "password": password})
