"""The message as it goes over the wire."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.notifications.models import MailMessage
from belgenet.notifications.services.outbound import address, message_of

SENDER = "BelgeNet <noreply@belgenet.example>"
EVIL = "Ayşe\r\nBcc: everybody@example.org\r\n\r\n<script>"


class Store:
    """Object store that holds one file."""

    def get(self, key: str) -> bytes:
        return {"t/certificates/x": b"%PDF-1.7 \xff\x00"}[key]


def mail(**changes: Any) -> MailMessage:
    values = {
        "recipient": "ayse@example.org",
        "recipient_name": "Ayşe Yılmaz",
        "subject": "Belgeniz hazır: 2026 Kurban Vekâleti",
        "text": "Merhaba Ayşe,\n\nşöyle böyle.\n",
        "html": "<!doctype html><p>Merhaba Ayşe, şöyle böyle.</p>",
        "attachments": [],
        "message_id": "<01a2-b3@belgenet.example>",
        "locale": "tr",
        "created_at": datetime(2026, 5, 27, 9, 0, tzinfo=UTC),
        **changes,
    }
    return MailMessage(**values)


def wire(row: MailMessage, tenant: str = "Rahmet Vakfı") -> EmailMessage:
    """Through bytes and back, as a mail server sees it."""
    raw = message_of(row, tenant, SENDER, Store()).as_bytes()  # type: ignore[arg-type]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n")), "RFC 5322, 2.1.1"
    assert raw.isascii(), "no server needs SMTPUTF8 or 8BITMIME"
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_letters_of_all_scripts_arrive() -> None:
    got = wire(mail(recipient_name="Şükrü عبد الله 李"))
    assert got["From"].addresses[0].display_name == "Rahmet Vakfı"
    assert got["From"].addresses[0].addr_spec == "noreply@belgenet.example"
    assert got["To"].addresses[0].display_name == "Şükrü عبد الله 李"
    assert got["Subject"] == "Belgeniz hazır: 2026 Kurban Vekâleti"
    assert "şöyle böyle" in got.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "şöyle böyle" in got.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_headers() -> None:
    got = wire(mail())
    assert got["Message-ID"] == "<01a2-b3@belgenet.example>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Content-Language"] == "tr"
    assert got["Date"] == "Wed, 27 May 2026 09:00:00 +0000"
    assert got.get_content_type() == "multipart/alternative"
    assert "List-Unsubscribe" not in got


@pytest.mark.parametrize("field", ["recipient_name", "subject"])
def test_a_line_break_adds_no_header(field: str) -> None:
    got = wire(mail(**{field: EVIL}))
    assert "Bcc" not in got
    assert len(got.get_all("To")) == 1  # type: ignore[arg-type]


def test_neither_does_one_in_the_tenants_name() -> None:
    got = wire(mail(), tenant=EVIL)
    assert "Bcc" not in got
    assert got["From"].addresses[0].addr_spec == "noreply@belgenet.example"


@given(st.text(max_size=300))
def test_no_name_breaks_out_of_its_header(name: str) -> None:
    header = address(name, "ayse@example.org")
    message = EmailMessage(policy=policy.SMTP)
    message["To"] = header
    parsed = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert list(parsed) == ["To"]
    assert [item.addr_spec for item in parsed["To"].addresses] == ["ayse@example.org"]


@given(st.text(max_size=200), st.text(max_size=2000))
def test_any_subject_and_text_can_be_sent(subject: str, text: str) -> None:
    raw = message_of(mail(subject=subject, text=text), "Vakıf", SENDER, Store()).as_bytes()  # type: ignore[arg-type]
    assert raw.split(b"\r\n\r\n", 1)[0].count(b"\r\nTo:") == 1


@pytest.mark.parametrize("recipient", ["a@b.org\r\nBcc: c@d.org", "a@b.org, c@d.org", "no address", ""])
def test_what_is_no_single_address_is_refused(recipient: str) -> None:
    with pytest.raises(Exception, match=r".*"):
        wire(mail(recipient=recipient))


def test_attachments_come_from_the_store() -> None:
    item = {"filename": "Vekâlet belgesi.pdf", "media_type": "application/pdf", "storage_key": "t/certificates/x"}
    got = wire(mail(attachments=[item]))
    (part,) = got.iter_attachments()
    assert part.get_filename() == "Vekâlet belgesi.pdf"
    assert part.get_content_type() == "application/pdf"
    assert part.get_content() == b"%PDF-1.7 \xff\x00"
    assert got["Content-Language"] == "tr"


def test_a_line_break_in_a_file_name_adds_no_header() -> None:
    item = {"filename": "x.pdf\r\nX-Evil: 1", "media_type": "application/pdf", "storage_key": "t/certificates/x"}
    (part,) = wire(mail(attachments=[item])).iter_attachments()
    assert "X-Evil" not in part
