"""The judge of the SMS, judged: what it lets pass and what it finds."""

import pytest
from tests.chaos.texts import Noted, judged

ALI, VELI, AYSE = "+905320000001", "+905320000002", "+905320000003"
NOTED = [Noted(ALI, "sent", "1"), Noted(VELI, "unknown"), Noted(AYSE, "failed")]
TAKEN = [(ALI, "1")]
NUMBERS = [ALI, VELI, AYSE]


@pytest.mark.parametrize("taken", [TAKEN, [*TAKEN, (VELI, "2")]], ids=["not taken", "taken"])
def test_of_the_unknown_both_are_possible(taken: list[tuple[str, str]]) -> None:
    assert judged(NOTED, taken, NUMBERS) == {"sent": 1, "unknown": 1, "failed": 1}


@pytest.mark.parametrize(
    ("noted", "taken", "numbers", "why"),
    [
        (NOTED[1:], TAKEN, NUMBERS, "missing"),
        ([*NOTED, NOTED[1]], TAKEN, NUMBERS, "too many"),
        (NOTED, [*TAKEN, (ALI, "2")], NUMBERS, "twice"),
        (NOTED, [*TAKEN, (VELI, "2"), (VELI, "3")], NUMBERS, "twice"),
        (NOTED, [*TAKEN, ("+905329999999", "2")], NUMBERS, "nobody's"),
        ([*NOTED[:2], Noted(AYSE, "sending")], TAKEN, NUMBERS, "under way"),
        ([*NOTED[:2], Noted(AYSE, "queued")], TAKEN, NUMBERS, "under way"),
        (NOTED, [], NUMBERS, "not so"),
        (NOTED, [(ALI, "2")], NUMBERS, "not so"),
        (NOTED, [*TAKEN, (AYSE, "2")], NUMBERS, "not so"),
    ],
    ids=[
        "missing",
        "noted twice",
        "sent twice",
        "unknown twice",
        "astray",
        "under way",
        "queued",
        "sent, not taken",
        "another job",
        "failed, taken",
    ],
)
def test_anything_else_is_wrong(noted: list[Noted], taken: list[tuple[str, str]], numbers: list[str], why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        judged(noted, taken, numbers)
