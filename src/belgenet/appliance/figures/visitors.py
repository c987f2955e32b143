"""What visitors met, from Nginx: its own page of figures, and the lines of the access log since the last look.

The product counts its requests itself; only Nginx sees those it answered because no web process did.
"""

import json
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from belgenet.appliance.figures.exposition import Metric

STATUS_URL: Final = "http://127.0.0.1:19113/status"
LOG: Final = Path("/var/log/nginx/belgenet.log")
_LINE: Final = re.compile(rb'^\S+ \[[^\]]*\] "[^"]*" (\d)\d\d (\d+) ([\d.]+) ')
_STATUS: Final = re.compile(
    r"Active connections: (\d+)\s+server accepts handled requests\s+(\d+) (\d+) (\d+)\s+"
    r"Reading: (\d+) Writing: (\d+) Waiting: (\d+)"
)
CLASSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx")


@dataclass
class Visits:
    """Counted since the server was installed.

    :param inode: of the log that was read last, :param offset: up to where (bytes).
    :param answers: class of status -> answers.
    """

    inode: int = 0
    offset: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    octets: int = 0
    seconds: float = 0.0

    def read(self, log: Path) -> None:
        """Count what was written since the last time, also in the log that was put aside meanwhile.

        :raises OSError: the log is there and cannot be read.
        """
        aside = log.with_name(log.name + ".1")
        if self.inode and aside.exists() and aside.stat().st_ino == self.inode:
            self._count(aside)
            self.offset = 0
        if log.exists():
            stat = log.stat()
            if stat.st_ino != self.inode or stat.st_size < self.offset:
                self.inode, self.offset = stat.st_ino, 0
            self._count(log)

    def _count(self, file: Path) -> None:
        with file.open("rb") as lines:
            lines.seek(self.offset)
            for line in _whole(lines):
                self.offset += len(line)
                if found := _LINE.match(line):
                    answer = f"{found[1].decode()}xx"
                    self.answers[answer] = self.answers.get(answer, 0) + 1
                    self.octets += int(found[2])
                    self.seconds += float(found[3])

    def metrics(self) -> list[Metric]:
        """For Prometheus."""
        answers = Metric("belgenet_nginx_responses_total", "Answers to visitors, by class of status", "counter")
        for code in CLASSES:
            answers.add(self.answers.get(code, 0), code=code)
        octets = Metric("belgenet_nginx_sent_bytes_total", "Bodies sent to visitors", "counter").add(self.octets)
        seconds = Metric("belgenet_nginx_response_seconds_total", "Time all answers took together", "counter")
        return [answers, octets, seconds.add(round(self.seconds, 3))]


def _whole(lines: BinaryIO) -> Iterator[bytes]:
    """Lines that have been written to their end."""
    for line in lines:
        if not line.endswith(b"\n"):
            return
        yield line


def remembered(file: Path) -> Visits:
    """What was counted up to the last time; a damaged file counts anew, which Prometheus takes for a restart."""
    try:
        return Visits(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Visits()


def remember(file: Path, visits: Visits) -> None:
    """Keep it for the next time."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(visits)), encoding="utf-8")
    draft.replace(file)


def connections(page: str) -> list[Metric]:
    """Nginx's page of figures. :raises ValueError: it is something else."""
    found = _STATUS.search(page)
    if not found:
        raise ValueError("not the page of figures")
    active, accepted, handled, requests, reading, writing, waiting = map(int, found.groups())
    open_now = Metric("belgenet_nginx_connections", "Open connections by what they do")
    open_now.add(reading, state="reading").add(writing, state="writing").add(waiting, state="waiting")
    return [
        open_now,
        Metric("belgenet_nginx_connections_active", "Open connections").add(active),
        Metric("belgenet_nginx_connections_accepted_total", "Connections taken", "counter").add(accepted),
        Metric("belgenet_nginx_connections_dropped_total", "Connections taken and dropped", "counter").add(
            accepted - handled
        ),
        Metric("belgenet_nginx_requests_total", "Requests taken", "counter").add(requests),
    ]


def page(url: str = STATUS_URL) -> str:
    """Nginx's page of figures. :raises OSError: nobody answers."""
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 -- our own address
        text: str = answer.read(4096).decode()
    return text
