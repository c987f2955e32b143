"""A server made of files in a folder: what the checks read of /proc, /sys and /etc, and the programs they start."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from checks.probe import Probe, Space, program

NOW = 1_795_000_000.0
GIB = 1 << 30
ROOMY = Space(1, 100 * GIB, 1_000_000, 900_000)
TCP_HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
UNIX_HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"


@dataclass
class Server:
    """Fit as it is; each test breaks one thing."""

    root: Path
    outputs: dict[str, tuple[int, str]] = field(default_factory=dict)
    spaces: dict[str, Space] = field(default_factory=dict)
    everywhere: Space = ROOMY
    now: float = NOW
    reached: str = ""
    """What keeps it from every address; empty: nothing."""

    def __post_init__(self):
        self.write("/etc/os-release", 'PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="13"\n')
        self.write("/proc/1/comm", "systemd\n")
        self.write("/proc/meminfo", "MemTotal:        8000000 kB\nMemFree: 1 kB\n")
        self.write("/proc/net/tcp", TCP_HEAD)
        self.write("/proc/net/tcp6", TCP_HEAD)
        self.write("/proc/net/unix", UNIX_HEAD)
        self.write("/sys/fs/cgroup/cgroup.controllers", "memory pids\n")
        self.write("/run/systemd/timesync/synchronized", "")
        self.outputs = {"dpkg": (0, "amd64\n"), "systemctl": (0, "systemd 257 (257.13-1)\n+PAM\n")}

    def write(self, name: str, text: str) -> Path:
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def remove(self, name: str) -> None:
        path = self.root / name.lstrip("/")
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def listen(self, port: int, inode: int, *, six: bool = False, state: str = "0A") -> None:
        address = ("0" * 32 if six else "00000000") + f":{port:04X}"
        row = f"   0: {address} {address} {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0 100 0\n"
        table = self.root / ("proc/net/tcp6" if six else "proc/net/tcp")
        table.write_text(table.read_text() + row)

    def listen_unix(self, path: str, inode: int) -> None:
        table = self.root / "proc/net/unix"
        table.write_text(table.read_text() + f"0000000000000000: 00000002 00000000 00010000 0001 01 {inode} {path}\n")

    def process(self, pid: int, name: str, unit: str, inode: int) -> None:
        self.write(f"/proc/{pid}/comm", f"{name}\n")
        self.write(f"/proc/{pid}/cgroup", f"1:name=systemd:/system.slice/{unit}\n0::/system.slice/{unit}\n")
        folder = self.root / f"proc/{pid}/fd"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "0").symlink_to("/dev/null")
        (folder / "7").symlink_to(f"socket:[{inode}]")

    def install(self, version: str) -> None:
        folder = self.root / "opt/belgenet"
        (folder / "releases" / version).mkdir(parents=True)
        (folder / "current").symlink_to(f"releases/{version}")

    def run(self, command: Sequence[str]) -> tuple[int, str]:
        """openssl is the real one."""
        if command[0] == "openssl" and "openssl" not in self.outputs:
            return program(command)
        return self.outputs.get(command[0], (127, ""))

    def space(self, path: Path) -> Space:
        return self.spaces.get("/" + str(path.relative_to(self.root)).strip("."), self.everywhere)

    def probe(self) -> Probe:
        return Probe(self.root, self.run, self.space, lambda *_: self.reached, lambda: self.now)

    def room(self, **changes: int) -> None:
        self.everywhere = replace(self.everywhere, **changes)
