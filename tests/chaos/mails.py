"""One mail per order: what the mail server got, held against what was to be sent."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

CERTIFICATE = "certificate_ready"


@dataclass(frozen=True)
class Written:
    """A mail as the database has it; ``runs`` counts how often a worker began to send it."""

    message_id: str
    recipient: str
    template: str
    runs: int


def repeated(written: Iterable[Written], arrived: Iterable[tuple[str, str]], people: Iterable[str]) -> dict[str, int]:
    """``Message-ID`` -> further copies of mails that were sent again with the same id, which mail programs show once.

    That may happen when a worker was killed between the server's "OK" and the commit; so there are no more copies than runs.

    :param arrived: ``(Message-ID, recipient)`` of every mail the server got.
    :param people: each order's address; one certificate mail goes to each.
    :raises AssertionError: a mail is missing, unknown, at somebody else's, or more than one per order.
    """
    known = {mail.message_id: mail for mail in written}
    copies = Counter(arrived)
    strange = [pair for pair in copies if pair[0] not in known or known[pair[0]].recipient != pair[1]]
    assert strange == [], f"nobody wrote these, or not to them: {strange[:5]}"
    found = Counter(person for message_id, person in copies if known[message_id].template == CERTIFICATE)
    wanted = Counter(people)
    assert found == wanted, f"missing or too many: {(wanted - found) + (found - wanted)}"
    again = {message_id: count - 1 for (message_id, _), count in copies.items() if count > 1}
    unexplained = {name: count for name, count in again.items() if count >= known[name].runs}
    assert unexplained == {}, f"sent more often than a worker began to: {unexplained}"
    return again
