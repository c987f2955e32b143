"""Every mail is kept as it came and can be read, whatever is in it."""

import json
import smtplib
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import httpx
import pytest

from belgenet.testing.mailsink import SMS_PASSWORD, SMS_SENDER, SMS_USER
from belgenet.testing.mailsink.mailbox import read_mail, store_mail
from belgenet.testing.servers import MailSink

SUBJECT = "Sertifikanız hazır: Şükrü ÇAĞLAYAN – İıĞğ 🐑"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory):
    with MailSink(tmp_path_factory.mktemp("mail")) as sink:
        yield sink


@pytest.fixture
def sink(running: MailSink) -> MailSink:
    running.clear()
    return running


def message(**headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Akademi <bilgi@akademi.localhost>"
    mail["To"] = headers.get("to", "sukru@ornek.localhost")
    mail["Subject"] = headers.get("subject", SUBJECT)
    mail.set_content("Sayın Şükrü Bey, ığdır")
    mail.add_alternative('<p>Sayın <b>Şükrü</b></p><script>alert(1)</script><a href="http://x/">x</a>', subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="sertifika – ş.pdf")
    return mail


def send(sink: MailSink, mail: EmailMessage, **options: list[str]) -> None:
    assert sink.smtp_port
    with smtplib.SMTP("127.0.0.1", sink.smtp_port) as smtp:
        smtp.send_message(mail, **options)


def test_turkish_subject_text_and_attachment_name(sink: MailSink) -> None:
    send(sink, message())
    (mail,) = sink.mails()
    assert mail.subject == SUBJECT
    assert mail.sender == "Akademi <bilgi@akademi.localhost>"
    assert mail.recipients == ["sukru@ornek.localhost"]
    assert mail.body("plain").strip() == "Sayın Şükrü Bey, ığdır"
    assert "<b>Şükrü</b>" in mail.body("html")
    (file,) = mail.attachments()
    assert (file.filename, file.content_type, file.content) == ("sertifika – ş.pdf", "application/pdf", b"%PDF-1.7")


def test_files_are_ordinary_mails(sink: MailSink) -> None:
    send(sink, message())
    (file,) = (sink.folder / "mails").glob("*.eml")
    parsed = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    assert parsed["Subject"] == SUBJECT


def test_order_and_filter_by_recipient(sink: MailSink) -> None:
    for number in range(5):
        send(sink, message(subject=f"{number}", to=f"kisi{number % 2}@ornek.localhost"))
    assert [mail.subject for mail in sink.mails()] == ["0", "1", "2", "3", "4"]
    assert [mail.subject for mail in sink.mails("kisi1@ornek.localhost")] == ["1", "3"]


def test_blind_copies_are_seen(sink: MailSink) -> None:
    send(sink, message(), to_addrs=["sukru@ornek.localhost", "arsiv@ornek.localhost"])
    assert sink.mails("arsiv@ornek.localhost")


def test_a_mail_without_html_or_attachments(sink: MailSink) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "a@b.localhost", "c@d.localhost"
    mail.set_content("yalnızca metin")
    send(sink, mail)
    (kept,) = sink.mails()
    assert (kept.subject, kept.body("html"), kept.attachments()) == ("", "", [])
    page = httpx.get(f"{sink.url}/mails/{kept.id}").text
    assert "yalnızca metin" in page
    assert "<iframe" not in page


def test_list_page_in_both_languages(sink: MailSink) -> None:
    send(sink, message())
    assert "Gelen e-postalar" in httpx.get(sink.url, headers={"Accept-Language": "tr"}).text
    english = httpx.get(sink.url, headers={"Accept-Language": "en-GB,en;q=0.8"}).text
    assert "Received e-mails" in english
    assert SUBJECT in english


def test_empty_list_says_so(sink: MailSink) -> None:
    assert "Henüz e-posta yok." in httpx.get(sink.url).text


def test_markup_in_a_subject_is_text(sink: MailSink) -> None:
    send(sink, message(subject="<script>alert(1)</script>"))
    page = httpx.get(sink.url).text
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_html_bodies_cannot_run_scripts(sink: MailSink) -> None:
    send(sink, message())
    (mail,) = sink.mails()
    answer = httpx.get(f"{sink.url}/mails/{mail.id}/html")
    policy_header = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy_header
    assert "allow-scripts" not in policy_header
    assert "default-src 'none'" in policy_header
    assert "Şükrü" in answer.text


def test_attachments_are_downloads(sink: MailSink) -> None:
    send(sink, message())
    (mail,) = sink.mails()
    answer = httpx.get(f"{sink.url}/mails/{mail.id}/attachments/0")
    assert answer.content == b"%PDF-1.7"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert httpx.get(f"{sink.url}/mails/{mail.id}/attachments/1").status_code == 404


def test_json_for_tools(sink: MailSink) -> None:
    send(sink, message())
    (mail,) = httpx.get(f"{sink.url}/mails.json").json()
    assert mail["subject"] == SUBJECT
    assert mail["to"] == ["sukru@ornek.localhost"]
    assert mail["attachments"] == [{"filename": "sertifika – ş.pdf", "content_type": "application/pdf", "size": 8}]


@pytest.mark.parametrize("path", ["/mails/none", "/mails/..%2F..%2Fmail.log", "/mails/none/html", "/nowhere"])
def test_unknown_addresses(sink: MailSink, path: str) -> None:
    assert httpx.get(sink.url + path).status_code == 404


def test_ids_do_not_leave_the_folder(tmp_path: Path) -> None:
    mails = tmp_path / "mails"
    store_mail(tmp_path, b"Subject: outside\r\n\r\nx", ["a@b"])
    (outside,) = tmp_path.glob("*.eml")
    mails.mkdir()
    assert read_mail(mails, f"../{outside.stem}") is None
    assert read_mail(mails, str(outside.with_suffix(""))) is None


def test_mails_survive_a_restart(tmp_path: Path) -> None:
    with MailSink(tmp_path) as sink:
        send(sink, message())
        ports = sink.smtp_port, sink.http_port
        sink.stop()
        sink.start()
        assert (sink.smtp_port, sink.http_port) == ports
        assert len(sink.mails()) == 1


def test_a_mail_of_8_mb_is_taken_whole(sink: MailSink) -> None:
    mail = message()
    mail.add_attachment(b"\0" * 8_000_000, maintype="application", subtype="octet-stream", filename="big.bin")
    send(sink, mail)
    assert [len(file.content) for file in sink.mails()[0].attachments()] == [8, 8_000_000]


class TestSms:
    """The sink takes SMS as Netgsm does, and shows them beside the mails."""

    def post(self, sink: MailSink, content: bytes | None = None, **changes: object) -> httpx.Response:
        body = {
            "msgheader": SMS_SENDER,
            "messages": [{"msg": "Şükrü, <b>hazır</b>: https://x.example/y", "no": "5321234567"}],
        }
        whole = json.dumps(body | changes).encode() if content is None else content
        return httpx.post(f"{sink.url}/sms/rest/v2/send", content=whole, auth=(SMS_USER, SMS_PASSWORD), timeout=10)

    def test_read_in_the_browser_and_by_tools(self, sink: MailSink) -> None:
        assert "Henüz SMS yok." in httpx.get(f"{sink.url}/sms").text
        answer = self.post(sink)
        assert (answer.status_code, answer.json()["code"]) == (200, "00")
        page = httpx.get(f"{sink.url}/sms", headers={"Accept-Language": "en"}).text
        assert "Received SMS" in page
        assert "+905321234567" in page
        assert "&lt;b&gt;hazır" in page
        assert '<a href="https://x.example/y"' in page
        (sms,) = httpx.get(f"{sink.url}/sms.json").json()
        assert (sms["number"], sms["sender"], sms["job"]) == ("+905321234567", SMS_SENDER, answer.json()["jobid"])
        assert sms["text"].startswith("Şükrü")

    def test_mails_and_sms_lead_to_each_other(self, sink: MailSink) -> None:
        assert 'href="/sms"' in httpx.get(sink.url).text
        assert 'href="/"' in httpx.get(f"{sink.url}/sms").text

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[]",
            b"null",
            b"\xff",
            b'{"msgheader": "BELGENET", "messages": []}',
            b'{"msgheader": "BELGENET", "messages": {"0": 1}}',
            b'{"messages": [{"msg": "x", "no": "5321234567"}]}',
            b'{"msgheader": "BELGENET", "messages": [{"msg": "x", "no": "05321234567"}]}',
            b'{"msgheader": "BELGENET", "messages": [{"msg": "x", "no": "5321234567"}, {"msg": "x", "no": "5321234568"}]}',
        ],
    )
    def test_what_is_no_request_is_answered_with_70(self, sink: MailSink, content: bytes) -> None:
        answer = self.post(sink, content)
        assert (answer.status_code, answer.json()["code"]) == (406, "70")
        assert sink.sms() == []

    def test_strangers_and_unknown_senders_are_turned_away(self, sink: MailSink) -> None:
        assert self.post(sink, msgheader="BASKASI").json()["code"] == "40"
        body = {"msgheader": SMS_SENDER, "messages": [{"msg": "x", "no": "5321234567"}]}
        url = f"{sink.url}/sms/rest/v2/send"
        assert httpx.post(url, json=body).json()["code"] == "30"
        assert httpx.post(url, json=body, auth=(SMS_USER, "x")).json()["code"] == "30"
        assert httpx.get(url).status_code == 404
        assert sink.sms() == []

    def test_they_survive_a_restart_and_are_forgotten_with_the_mails(self, tmp_path: Path) -> None:
        with MailSink(tmp_path) as sink:
            self.post(sink)
            sink.stop()
            sink.start()
            assert [sms.number for sms in sink.sms("+905321234567")] == ["+905321234567"]
            assert sink.sms("+905321234568") == []
            sink.clear()
            assert sink.sms() == []
