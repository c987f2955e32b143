"""The judge of the mails, judged: what it lets pass and what it finds."""

import pytest
from tests.chaos.mails import CERTIFICATE, Written, repeated

ALI = Written("<1@x>", "ali@example.org", CERTIFICATE, 1)
VELI = Written("<2@x>", "veli@example.org", CERTIFICATE, 2)
PAID = Written("<3@x>", "ali@example.org", "order_paid", 1)
PEOPLE = [ALI.recipient, VELI.recipient]
ALL = [(mail.message_id, mail.recipient) for mail in (ALI, VELI, PAID)]


def test_one_each_is_right() -> None:
    assert repeated([ALI, VELI, PAID], ALL, PEOPLE) == {}


def test_the_same_mail_again_is_reported_when_a_worker_began_again() -> None:
    assert repeated([ALI, VELI, PAID], [*ALL, ALL[1]], PEOPLE) == {"<2@x>": 1}


@pytest.mark.parametrize(
    ("written", "arrived", "people", "why"),
    [
        ([ALI, VELI, PAID], ALL[1:], PEOPLE, "missing or too many"),
        (
            [ALI, VELI, PAID, Written("<4@x>", *PEOPLE[:1], CERTIFICATE, 1)],
            [*ALL, ("<4@x>", PEOPLE[0])],
            PEOPLE,
            "too many",
        ),
        ([ALI, VELI, PAID], ALL, [*PEOPLE, "ayse@example.org"], "missing"),
        ([ALI, VELI, PAID], [*ALL, ("<9@x>", PEOPLE[0])], PEOPLE, "nobody wrote"),
        ([ALI, VELI, PAID], [*ALL[1:], ("<1@x>", PEOPLE[1])], PEOPLE, "not to them"),
        ([ALI, VELI, PAID], [*ALL, ALL[0]], PEOPLE, "more often than a worker began"),
        ([ALI, VELI, PAID], [*ALL, ALL[1], ALL[1]], PEOPLE, "more often than a worker began"),
        ([ALI, VELI, PAID], [*ALL, ALL[2]], PEOPLE, "more often than a worker began"),
    ],
    ids=[
        "missing",
        "second mail",
        "nobody's",
        "unknown",
        "astray",
        "twice in one run",
        "thrice in two",
        "another kind",
    ],
)
def test_anything_else_is_wrong(
    written: list[Written], arrived: list[tuple[str, str]], people: list[str], why: str
) -> None:
    with pytest.raises(AssertionError, match=why):
        repeated(written, arrived, people)
