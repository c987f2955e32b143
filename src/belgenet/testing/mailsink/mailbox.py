"""Mails as files: one ``.eml`` each, written whole or not at all, named so that they sort by arrival."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

ENVELOPE_HEADER = "X-Envelope-To"
"""Header the sink puts on top, holding the recipients of the SMTP envelope (Bcc included)."""


@dataclass(frozen=True)
class Attachment:
    """A file within a mail."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class StoredMail:
    """One received mail.

    :param id: file name without ``.eml``; ids sort by arrival.
    """

    id: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        """Decoded subject."""
        return str(self.message["Subject"] or "")

    @property
    def sender(self) -> str:
        """Decoded From header."""
        return str(self.message["From"] or "")

    @property
    def date(self) -> str:
        """Date header as it was sent."""
        return str(self.message["Date"] or "")

    @property
    def recipients(self) -> list[str]:
        """Addresses of the SMTP envelope."""
        return [part.strip() for part in str(self.message[ENVELOPE_HEADER] or "").split(",") if part.strip()]

    def body(self, kind: str) -> str:
        """Return the text of kind ``plain`` or ``html``, empty when the mail has none."""
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""

    def attachments(self) -> list[Attachment]:
        """Return the attached files."""
        found = []
        for part in self.message.iter_attachments():
            raw = part.get_payload(decode=True)
            content = raw if isinstance(raw, bytes) else b""
            found.append(Attachment(part.get_filename() or "file", part.get_content_type(), content))
        return found


def store_mail(folder: Path, raw: bytes, recipients: Sequence[str]) -> str:
    """Write one mail and return its id."""
    folder.mkdir(parents=True, exist_ok=True)
    mail_id = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
    part = folder / f".{mail_id}.part"
    part.write_bytes(f"{ENVELOPE_HEADER}: {', '.join(recipients)}\r\n".encode() + raw)
    part.rename(folder / f"{mail_id}.eml")
    return mail_id


def read_mail(folder: Path, mail_id: str) -> StoredMail | None:
    """Return one mail, None when there is no such id."""
    file = folder / f"{mail_id}.eml"
    if file.parent != folder or not file.is_file():
        return None
    return StoredMail(mail_id, message_from_bytes(file.read_bytes(), policy=policy.default))


def read_mails(folder: Path) -> list[StoredMail]:
    """Return all mails, oldest first."""
    found = (read_mail(folder, file.stem) for file in sorted(folder.glob("*.eml")))
    return [mail for mail in found if mail is not None]
