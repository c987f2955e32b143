"""SMS up to the provider's door, and the real adapter against a real HTTP server that speaks Netgsm's protocol."""

import json
import logging
import socket
import threading
import time
from typing import Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from belgenet.core.sms import (
    SmsNotSent,
    SmsOutcomeUnknown,
    SmsRefused,
    SmsUnavailable,
    count_segments,
    masked,
    mobile_number,
    sender_of,
)
from belgenet.core.sms.netgsm import NetgsmSmsSender
from belgenet.settings.modules import Sms
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

    @pytest.mark.parametrize("text", [" ", "x" * 918])
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

    def __init__(self, answer: bytes) -> None:
        self.answer, self.asked = answer, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        connection, _ = self.listener.accept()
        with connection:
            while b"}]" not in self.asked or not self.asked.endswith(b"}"):
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
        ("â" * 70, 1),  # in no table: UCS-2
        ("â" * 71, 2),
        ("â" * 134, 2),
        ("â" * 135, 3),
        ("🐑" * 35, 1),
        ("🐑" * 36, 2),
        ("🐑" * 66, 2),  # 33 a segment, for the pair is not cut
        ("🐑" * 67, 3),
    ],
)
def test_segments_are_counted_as_they_are_billed(text: str, segments: int) -> None:
    assert count_segments(text) == segments
