"""What a machine stands on: a number, a folder with an overlay over the base root, a place among the control groups.

A number is a lock in ``/run/belgenet-appliance``, common to all checkouts of this computer. A number that is written down
but not locked is what a killed run left behind; whoever comes next takes it away.
"""

import fcntl
import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from tests.appliance.roots import home

from belgenet.testing.servers.process import ServerError

RUN = Path("/run/belgenet-appliance")
_NUMBERS = range(20, 250)


class Ground:
    """One machine's number and everything made for it on this computer.

    :param below: the roots below the overlay, the uppermost first.
    """

    def __init__(self, *below: Path) -> None:
        RUN.mkdir(mode=0o755, exist_ok=True)
        self.number, self._lock = _free_number()
        self.name = f"bn-{self.number}"
        self.folder = home() / "machines" / self.name
        self.root = self.folder / "root"
        _note(self.number).write_text(str(self.folder))
        _clear(self.number, self.folder)
        self._below = below
        self._mount()

    @property
    def interface(self) -> str:
        """This computer's end of the cable."""
        return f"ve-{self.name}"

    @property
    def outside(self) -> str:
        """This computer's address on it."""
        return f"10.77.{self.number}.1"

    @property
    def address(self) -> str:
        """The machine's address."""
        return f"10.77.{self.number}.2"

    @property
    def control_groups(self) -> list[Path]:
        """Folders of a group of its own, so that two machines do not share the ones systemd makes inside."""
        return _groups(self.number)

    def plug(self) -> None:
        """Make new what a machine starts with. A group that was killed once goes on killing what is started into it."""
        _stop(self.number)
        for group in self.control_groups:
            group.mkdir()

    def unplug(self) -> None:
        """End at once everything that runs in the machine, also what outlived its starter."""
        _stop(self.number)

    def freeze(self, target: Path) -> None:
        """Make what was written so far a layer of its own, to which nobody writes any more; the machine goes on above it."""
        _do("umount", str(self.root))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)  # of a run that was killed
        (self.folder / "upper").rename(target)
        shutil.rmtree(self.folder / "work")
        self.root.rmdir()
        self._below = (target, *self._below)
        self._mount()

    def clear(self) -> None:
        """Take everything away and give the number back."""
        _clear(self.number, self.folder)
        _note(self.number).unlink(missing_ok=True)
        self._lock.close()

    def _mount(self) -> None:
        for name in ("upper", "work", "root"):
            (self.folder / name).mkdir(parents=True)
        lower = ":".join(str(root) for root in self._below)
        layers = f"lowerdir={lower},upperdir={self.folder / 'upper'},workdir={self.folder / 'work'}"
        _do("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))


def clear_leftovers() -> list[int]:
    """Take away what runs that were killed left behind; the numbers of their machines."""
    found = []
    for file in RUN.glob("*.folder"):
        number = int(file.stem)
        if (lock := _try_lock(number)) is None:
            continue
        with lock:
            if file.exists():  # nobody else was faster
                _clear(number, Path(file.read_text()))
                file.unlink()
                found.append(number)
    return found


def _note(number: int) -> Path:
    return RUN / f"{number}.folder"


def _stop(number: int) -> None:
    for group in _groups(number):
        if (switch := group / "cgroup.kill").exists():
            switch.write_text("1")
    for group in _groups(number):
        for inner, _, _ in os.walk(group, topdown=False):
            _remove_group(Path(inner))
    # the kernel takes the cable of a dead machine away by itself, but later
    subprocess.run(["ip", "link", "delete", f"ve-bn-{number}"], capture_output=True, check=False)


def _clear(number: int, folder: Path) -> None:
    _stop(number)
    root = folder / "root"
    while root.is_mount():
        _do("umount", str(root))
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _remove_group(group: Path) -> None:
    for _ in range(50):  # the kernel needs a moment after the last process
        try:
            group.rmdir()
        except OSError:
            time.sleep(0.1)
        else:
            return
    group.rmdir()


def _free_number() -> tuple[int, IO[str]]:
    taken = subprocess.run(["ip", "-o", "-4", "address"], capture_output=True, text=True, check=True).stdout
    for number in _NUMBERS:
        if f" 10.77.{number}." in taken or _note(number).exists():
            continue
        if (lock := _try_lock(number)) is not None:
            return number, lock
    raise ServerError("no free network 10.77.N.0/24 for a machine")


def _try_lock(number: int) -> IO[str] | None:
    handle = (RUN / f"{number}.lock").open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def _groups(number: int) -> list[Path]:
    """A machine's place wherever control groups are mounted that systemd uses: once, or twice on an older set-up."""
    found = []
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup2" or "name=systemd" in options.split(","):
            found.append(Path(place) / f"belgenet-bn-{number}")
    return found


def _do(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerError(f"{' '.join(words)}: {done.stderr.strip()}")
