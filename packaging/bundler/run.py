"""Starting other programs, and saying what is done."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

UMASK = 0o022
"""The builder's own would show in the wheel: zip files hold the rights of what is packed."""
STARTED = time.monotonic()


class BuildError(Exception):
    """The bundle cannot be built; the message says why and what to do."""


def say(words: str) -> None:
    """One line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:4.0f} s] {words}", flush=True)


def run(
    *command: str | Path, folder: Path | None = None, env: Mapping[str, str] | None = None, stdin: bytes | None = None
) -> bytes:
    """What the program printed. BuildError with the end of its complaint when it fails."""
    words: Sequence[str] = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, env=env, input=stdin, capture_output=True, check=False, umask=UMASK)
    if done.returncode:
        tail = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines()[-20:]
        raise BuildError("\n".join([f"{' '.join(words[:4])} ... failed ({done.returncode})", *tail]))
    sys.stdout.flush()
    return done.stdout
