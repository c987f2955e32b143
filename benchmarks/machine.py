"""How fast the machine is at the moment: shared hosts differ by a factor of two from one hour to the next."""

import os
import time

STEPS = 3_000_000


def loop_seconds() -> float:
    """CPU seconds of a fixed loop of pure Python, the least of three."""
    taken = []
    for _ in range(3):
        begin, total = time.process_time(), 0
        for step in range(STEPS):
            total += step * step
        taken.append(time.process_time() - begin)
    return min(taken)


def state() -> str:
    """Load and speed, in words for a report."""
    return (
        f"1-minute load {os.getloadavg()[0]:.2f}, {STEPS / 1e6:.0f} million steps of Python in {loop_seconds():.2f} s"
    )
