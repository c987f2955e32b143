import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A UUIDv7 (RFC 9562, 5.7): 48 bit milliseconds, then 12 bits that count up within a process, then 62 random bits.

    Ids of one process sort by time of making, which keeps B-tree inserts at the right edge and makes keyset paging by id stable.
    """
    global _last  # noqa: PLW0603 - one clock for the process, guarded by the lock
    with _lock:
        tick = time.time_ns() * 4096 // 1_000_000
        _last = tick = max(tick, _last + 1)
    milliseconds, sub = divmod(tick, 4096)
    random = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return uuid.UUID(int=(milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | sub << 64 | 0b10 << 62 | random)
