"""Work that root hands to a user with fewer rights: speaking to other servers, and reading what they answer."""

import ctypes
import json
import os
import pwd
import signal
import sys
from collections.abc import Callable
from typing import Any, Final

USER: Final = "belgenet-console"
"""The firewall lets it speak to our S3 servers; root it does not."""
_PDEATHSIG: Final = 1


class LesserError(Exception):
    """The work failed; the text says how."""


def as_lesser(work: Callable[[], Any], *, user: str = USER) -> Any:
    """Run ``work`` in a child that is ``user`` and dies with us; what it gives back goes through JSON.

    What it needs to know, it knows already: no secret stands in arguments, environment or a file. Whoever is not root does the work
    itself.

    :raises LesserError: it raised, or it was killed.
    """
    if os.geteuid() != 0:
        return work()
    sys.stdout.flush()
    reading, writing = os.pipe()
    parent = os.getpid()
    if not (child := os.fork()):
        os.close(reading)
        _child(work, user, writing, parent)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    if not said:
        raise LesserError(f"ended with {os.waitstatus_to_exitcode(status)}")
    told = json.loads(said)
    if "error" in told:
        raise LesserError(told["error"])
    return told["done"]


def die_with_parent(parent: int) -> None:
    """The kernel kills this process when the one that forked it, ``parent``, ends, however that ends."""
    ctypes.CDLL(None, use_errno=True).prctl(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _child(work: Callable[[], Any], user: str, writing: int, parent: int) -> None:
    code = 1
    try:
        entry = pwd.getpwnam(user)
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        die_with_parent(parent)  # after setuid, which forgets it
        os.environ["HOME"] = "/nonexistent"
        told = _told(work)
        sys.stdout.flush()
        with os.fdopen(writing, "w", encoding="utf-8") as answer:
            answer.write(told)
        code = 0
    finally:
        os._exit(code)


def _told(work: Callable[[], Any]) -> str:
    try:
        return json.dumps({"done": work()})
    except Exception as error:  # noqa: BLE001 -- whatever it was, the parent tells it
        return json.dumps({"error": f"{type(error).__name__}: {error}"})
