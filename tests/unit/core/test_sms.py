"""SMS up to the provider's door, and the real adapter against a real HTTP server that speaks Netgsm's protocol."""

import json
import logging
import socket
import threading
import time
from typing import Any, Self

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from belgenet.core.sms import (
    ALPHABET,
    SmsNotSent,
    SmsOutcomeUnknown,
    SmsRefused,
    SmsUnavailable,
    count_segments,
    fold,
    masked,
    mobile_number,
    sender_of,
)
from belgenet.core.sms.netgsm import NetgsmSmsSender
from belgenet.settings.modules import Sms
from belgenet.testing.mailsink.phone import SLOWNESS
from belgenet.testing.servers import MailSink

NUMBER = "+905321234567"
TEXT = "Şükrü Iğdırlı, belgeniz hazır: https://vakif.example.org/verify/AB12"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with MailSink(tmp_path_factory.mktemp("sms")) as sink:
        yield sink


@pytest.fixture
def sink(running: MailSink) -> MailSink:
    running.clear()
    return running


def settings_of(sink: MailSink, **changes: Any) -> Sms:
    return Sms(**{**sink.sms_settings(), "timeout_seconds": 5, **changes})  # type: ignore[arg-type]


def send(sink: MailSink, number: str = NUMBER, text: str = TEXT, **changes: Any) -> str:
    return NetgsmSmsSender(settings_of(sink, **changes)).send(number, text)


class TestNetgsm:
    """The adapter over real HTTP."""

    def test_a_message_arrives_letter_by_letter(self, sink: MailSink) -> None:
        job = send(sink)
        (sms,) = sink.sms()
        assert (sms.number, sms.text, sms.sender, sms.job) == (NUMBER, TEXT, "BELGENET", job)

    @pytest.mark.parametrize(
        ("ending", "kind", "error"),
        [
            ("20", SmsRefused, "text_refused (netgsm 20)"),
            ("30", SmsUnavailable, "credentials_refused (netgsm 30)"),
            ("40", SmsUnavailable, "sender_unknown (netgsm 40)"),
            ("50", SmsRefused, "consent_register (netgsm 50)"),
            ("51", SmsRefused, "consent_register (netgsm 51)"),
            ("70", SmsRefused, "request_refused (netgsm 70)"),
            ("80", SmsUnavailable, "rate_limited (netgsm 80)"),
            ("85", SmsUnavailable, "number_limited (netgsm 85)"),
            ("90", SmsOutcomeUnknown, "unreadable_answer (http 200)"),
            ("91", SmsOutcomeUnknown, "unreadable_answer (http 500)"),
        ],
    )
    def test_a_bad_day_has_its_own_stable_word(self, sink: MailSink, ending: str, kind: type, error: str) -> None:
        with pytest.raises(SmsNotSent) as caught:
            send(sink, f"+9050100000{ending}")
        assert (type(caught.value), str(caught.value)) == (kind, error)
        assert sink.sms() == []

    def test_the_answer_that_never_came_leaves_the_outcome_open(self, sink: MailSink) -> None:
        began = time.monotonic()
        with pytest.raises(SmsOutcomeUnknown, match=r"no_answer \(ReadTimeout\)"):
            send(sink, "+905010000092", timeout_seconds=0.5)
        assert time.monotonic() - began < 3
        assert len(sink.sms("+905010000092")) == 1, "it was taken all the same"

    def test_nobody_there_means_that_nothing_was_sent(self, sink: MailSink) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            base_url = f"http://127.0.0.1:{closed.getsockname()[1]}"
            with pytest.raises(SmsUnavailable, match=r"unreachable \(ConnectError\)"):
                send(sink, base_url=base_url)

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"password": SecretStr("wrong")}, "credentials_refused"),
            ({"username": "x"}, "credentials_refused"),
            ({"sender": "BASKASI"}, "sender_unknown"),
        ],
    )
    def test_wrong_settings_are_told_and_can_be_mended(self, sink: MailSink, changes: Any, error: str) -> None:
        with pytest.raises(SmsUnavailable, match=error):
            send(sink, **changes)
        assert sink.sms() == []

    @pytest.mark.parametrize("text", [" ", "x" * 918, "Kâmil", "hazır – bakınız", "🐑"])
    def test_a_text_nobody_would_send_is_refused(self, sink: MailSink, text: str) -> None:
        with pytest.raises(SmsRefused, match="text_refused"):
            send(sink, text=text)

    def test_more_than_twenty_to_one_number_in_a_minute_are_too_many(self, sink: MailSink) -> None:
        sender = NetgsmSmsSender(settings_of(sink))
        for _ in range(20):
            sender.send(NUMBER, TEXT)
        with pytest.raises(SmsUnavailable, match="number_limited"):
            sender.send(NUMBER, TEXT)
        assert sender.send("+905321234568", TEXT)

    def test_numbers_abroad_are_not_asked_for(self, sink: MailSink) -> None:
        with pytest.raises(SmsRefused, match="abroad"):
            send(sink, "+491701234567")

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", SmsOutcomeUnknown),
            (b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"code":"00"}', SmsOutcomeUnknown),
            (b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"code":"99"}', SmsOutcomeUnknown),
            (b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"code":[]}', SmsOutcomeUnknown),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\xff\xfe\x00\x00", SmsOutcomeUnknown),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", SmsOutcomeUnknown),
            (b"SSH-2.0-OpenSSH\r\n", SmsOutcomeUnknown),
            (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", SmsOutcomeUnknown),
            (b'HTTP/1.1 500 No\r\nContent-Length: 13\r\n\r\n{"code":"61"}', SmsOutcomeUnknown),
            (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", SmsUnavailable),
            (b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n", SmsUnavailable),
            (b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", SmsUnavailable),
            (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", SmsUnavailable),
            (b"HTTP/1.1 302 Off\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n", SmsUnavailable),
            (b"", SmsOutcomeUnknown),
        ],
    )
    def test_whatever_answers_is_read_as_what_it_proves(self, sink: MailSink, answer: bytes, kind: type) -> None:
        with pytest.raises(kind), OneAnswer(answer) as server:
            send(sink, base_url=server.url, timeout_seconds=2)
        asked = server.asked.decode()
        assert asked.startswith("POST /sms/rest/v2/send HTTP/1.1")
        body = json.loads(asked.partition("\r\n\r\n")[2])
        assert body == {
            "msgheader": "BELGENET",
            "messages": [{"msg": TEXT, "no": "5321234567"}],
            "encoding": "TR",
            "iysfilter": "0",
        }

    @pytest.mark.parametrize(
        ("status", "code", "kind", "error"),
        [
            ("406", '"61"', SmsUnavailable, "other_code (http 406, netgsm 61)"),
            ("406", "61", SmsUnavailable, "other_code (http 406, netgsm 61)"),
            ("400", '"W-1.b"', SmsUnavailable, "other_code (http 400, netgsm W-1.b)"),
            ("406", "40", SmsUnavailable, "sender_unknown (netgsm 40)"),
            ("200", "20", SmsRefused, "text_refused (netgsm 20)"),
            ("200", "61", SmsOutcomeUnknown, "unreadable_answer (http 200, netgsm 61)"),
            ("401", "61", SmsUnavailable, "credentials_refused (http 401, netgsm 61)"),
            ("406", "true", SmsUnavailable, "wrong_address (http 406)"),
            ("406", '"<b>(x)</b>"', SmsUnavailable, "wrong_address (http 406)"),
            ("406", '"' + "6" * 21 + '"', SmsUnavailable, "wrong_address (http 406)"),
        ],
    )
    def test_a_code_nobody_told_us_of_is_kept(
        self, sink: MailSink, status: str, code: str, kind: type, error: str
    ) -> None:
        body = f'{{"code":{code}}}'
        answer = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        with pytest.raises(SmsNotSent) as caught, OneAnswer(answer) as server:
            send(sink, base_url=server.url, timeout_seconds=2)
        assert (type(caught.value), str(caught.value)) == (kind, error)

    def test_a_proxy_that_does_not_let_through_means_that_nothing_was_sent(
        self, sink: MailSink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        with OneAnswer(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n", until=b"\r\n\r\n") as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            with pytest.raises(SmsUnavailable, match=r"unreachable \(ProxyError\)"):
                send(sink, base_url="https://netgsm.invalid", timeout_seconds=2)
        assert proxy.asked.startswith(b"CONNECT netgsm.invalid:443")
        assert b"5321234567" not in proxy.asked

    def test_a_request_that_cannot_be_written_was_not_sent(
        self, sink: MailSink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: Any, **__: Any) -> Any:
            raise httpx.LocalProtocolError("Illegal header value")

        monkeypatch.setattr(httpx, "post", refuse)
        with pytest.raises(SmsUnavailable, match=r"unreachable \(LocalProtocolError\)"):
            send(sink)

    def test_a_slow_answer_is_waited_for(self, sink: MailSink) -> None:
        began = time.monotonic()
        job = send(sink, "+905010930000")
        assert time.monotonic() - began >= SLOWNESS
        assert [sms.job for sms in sink.sms("+905010930000")] == [job]

    def test_neither_logs_nor_errors_name_the_number_or_the_text(self, sink: MailSink, caplog: Any) -> None:
        caplog.set_level(logging.DEBUG)
        errors = []
        send(sink)
        for number in ("+905010000020", "+905010000090", "+491701234567"):
            with pytest.raises(SmsNotSent) as caught:
                send(sink, number)
            errors.append(f"{caught.value!r} {caught.value}")
        told = caplog.text + "".join(errors)
        for secret in ("5321234567", "5010000020", "1701234567", "Iğdırlı", "belgenet-sms"):
            assert secret not in told


class OneAnswer:
    """A server that reads one request, says what it is told to, and hangs up."""

    def __init__(self, answer: bytes, until: bytes = b"}") -> None:
        self.answer, self.asked, self.until = answer, b"", until
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        connection, _ = self.listener.accept()
        with connection:
            while not self.asked.endswith(self.until):
                self.asked += connection.recv(65536)
            connection.sendall(self.answer)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.join(5)
        self.listener.close()


def test_without_a_provider_nothing_is_active_and_nothing_goes_out() -> None:
    sender = sender_of(Sms())
    assert not sender.active
    with pytest.raises(SmsUnavailable, match="not_configured"):
        sender.send(NUMBER, TEXT)


@pytest.mark.parametrize(
    ("given_number", "expected"),
    [
        ("+905321234567", "+905321234567"),
        ("0532 123 45 67", "+905321234567"),
        ("532 123 4567", "+905321234567"),
        ("0090 (532) 123-45.67", "+905321234567"),
        ("  0501 000 00 80  ", "+905010000080"),
        ("+49 170 1234567", "+491701234567"),
        ("+1 212 555 0123", "+12125550123"),  # there mobile and fixed numbers look alike
        ("0212 123 45 67", None),  # a landline
        ("+90", None),
        ("", None),
        ("0532 ABCDEFG", None),  # the library would read the letters as keys
        ("+905321234567;ext=5", None),
        ("tel:+905321234567", None),
        ("+90532123456\x00", None),
        ("٠٥٣٢١٢٣٤٥٦٧", None),
        ("+905321234567\n+905321234568", None),
        ("9" * 10_000, None),
        ("+9053212345678901234", None),
        ("<script>alert(1)</script>", None),
    ],
)
def test_only_mobile_numbers_are_numbers(given_number: str, expected: str | None) -> None:
    assert mobile_number(given_number) == expected


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_of_numbers_fall_over(text: str) -> None:
    found = mobile_number(text)
    assert found is None or found.startswith("+")
    assert len(masked(text)) == len(text)


def test_most_of_a_number_is_hidden() -> None:
    assert masked(NUMBER) == "+905*******67"
    assert masked("0532") == "****"
    assert masked("05321234") == "********"


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("ÇÖÜöü" * 32, 1),  # in GSM's own table
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ş" + "a" * 153, 1),  # the Turkish shift table, and two septets for the letter
        ("ş" + "a" * 154, 2),
        ("ş" * 77, 1),
        ("ş" * 78, 2),
        ("ş" * 148, 2),  # 74 a segment: the 75th would be cut in two
        ("ş" * 149, 3),
    ],
    ids=lambda value: f"{len(value)} x {value[:5]}" if isinstance(value, str) else str(value),
)
def test_segments_are_counted_as_they_are_billed(text: str, segments: int) -> None:
    assert count_segments(text) == segments


@pytest.mark.parametrize("letter", ["â", "–", "🐑"])
def test_what_was_not_folded_is_not_counted(letter: str) -> None:
    with pytest.raises(ValueError, match="outside the alphabet"):
        count_segments(f"abc{letter}")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Kâmil’in şîrin hâlâ rûhu", "Kamil'in şirin hala ruhu"),
        ("“Vakıf” – ‘Yardım’ — «bağış»", '"Vakıf" - \'Yardım\' - "bağış"'),
        ("ÇĞİÖŞÜ çğıöşü € {[~]}", "ÇĞİÖŞÜ çğıöşü € {[~]}"),
        ("g\u0306 i\u0307 o\u0308 a\u0302", "ğ i ö a"),  # marks that follow their letters
        ("Əliyev Łódź Đorđe ﬁdan", "Eliyev Lodz Dorde fidan"),
        ("1.250 ₺ · ½ × 2…", "1.250 TL - 1/2 x 2..."),
        ("🐑👍🏽 Ж مرحبا", "??? ? ?????"),
    ],
)
def test_letters_an_sms_lacks_become_those_they_are_like(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=80))
def test_whatever_is_folded_is_in_the_alphabet_and_stays_as_it_is(text: str) -> None:
    folded = fold(text)
    assert set(folded) <= ALPHABET
    assert fold(folded) == folded
    assert count_segments(folded) >= 1
