"""Which queue a worker looks into first."""

from itertools import count
from typing import Final

from kombu.utils.scheduling import round_robin_cycle

from belgenet.core.outbox.registry import QUEUES

FAIR_TURN: Final = 5
"""Each fifth look takes the queues by turns, so that under lasting load the last ones are slow but never starve."""


class ByImportance(round_robin_cycle):
    """Kombu's ``queue_order_strategy``: queues in the order of ``QUEUES``. A payment is confirmed and its certificate made before
    the mails of earlier ones go out.
    """

    def __init__(self, it: list[str] | None = None) -> None:
        super().__init__(it)  # type: ignore[no-untyped-call]
        self._looks = count(1)

    def consume(self, n: int) -> list[str]:
        """The ``n`` queues to look into, the first one first."""
        queues: list[str] = super().consume(n)  # type: ignore[no-untyped-call]
        if next(self._looks) % FAIR_TURN == 0:
            return queues
        return sorted(queues, key=_importance)


def _importance(queue: str) -> int:
    return QUEUES.index(queue) if queue in QUEUES else len(QUEUES)
