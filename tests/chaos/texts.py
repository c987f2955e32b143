"""At most one SMS per order: what the provider took, held against what the database says became of each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

ENDS = {"sent", "failed", "unknown"}


@dataclass(frozen=True)
class Noted:
    """An SMS as the database has it; ``job`` is what the provider called it."""

    number: str
    state: str
    job: str | None = None


def judged(noted: Iterable[Noted], taken: Iterable[tuple[str, str]], numbers: Iterable[str]) -> Counter[str]:
    """State -> how many ended so. Nobody may be sure of more than the provider: what was ``sent`` it took, what ``failed`` it did
    not, and only of the ``unknown`` both are possible.

    :param taken: ``(number, job)`` of every SMS the provider took.
    :param numbers: each order's number; all differ, and each is to be told once.
    :raises AssertionError: an SMS is missing, somebody got two or one that was not for them, or a state says what is not so.
    """
    rows, arrived = list(noted), list(taken)
    wanted = Counter(numbers)
    known = Counter(row.number for row in rows)
    assert known == wanted, f"missing or too many: {(wanted - known) + (known - wanted)}"
    got = Counter(number for number, _ in arrived)
    assert got <= wanted, f"twice, or nobody's: {got - wanted}"
    open_ones = [row for row in rows if row.state not in ENDS]
    assert open_ones == [], f"still under way: {open_ones[:5]}"
    lies = [row for row in rows if row.state == "sent" and (row.number, row.job) not in arrived]
    lies += [row for row in rows if row.state == "failed" and row.number in got]
    assert lies == [], f"not so: {lies[:5]}"
    return Counter(row.state for row in rows)
