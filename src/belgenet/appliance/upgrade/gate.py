"""Is the server whole, as its visitors and as its own parts see it?"""

import http.client
import json
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from belgenet.appliance import places
from belgenet.appliance.run import CommandError, run
from belgenet.appliance.upgrade.programs import product
from belgenet.appliance.upgrade.release import Failure

SECONDS: Final = 120.0
QUIET_SECONDS: Final = 6.0
"""It must be whole twice, so far apart: a service that dies soon after its start is seen in between."""
PARTS: Final = (
    "belgenet-web@*.service",
    "belgenet-worker@*.service",
    "belgenet-beat.service",
    "belgenet-relay.service",
    "nginx.service",
    "postgresql@*.service",
    "redis-server@*.service",
)
STORES: Final = {"seaweedfs": "belgenet-objects.service", "minio": "belgenet-minio.service"}
"""S3 servers of ours; one that is not in use may be off."""
OBJECTS: Final = places.ETC / "objectstore.json"
ACCESS_LOG: Final = Path("/var/log/nginx/belgenet.log")
_LINE: Final = re.compile(r'^\S+ \[(?P<at>[^\]]+)\] "[^"]*" (?P<status>\d{3}) ')
_TAIL: Final = 8 * 1024 * 1024
ENOUGH: Final = 50
"""Answers below which a share of errors says nothing."""
WORST: Final = 0.02


@dataclass(frozen=True)
class Share:
    """Answers with 5xx among all."""

    errors: int
    all: int

    @property
    def ratio(self) -> float:
        """0 of nothing is 0."""
        return self.errors / self.all if self.all else 0.0


def share(lines: list[str], since: datetime, until: datetime) -> Share:
    """Count the access log's lines of a time."""
    statuses = [
        int(found["status"])
        for line in lines
        if (found := _LINE.match(line)) and since <= datetime.fromisoformat(found["at"]) < until
    ]
    return Share(sum(status >= http.client.INTERNAL_SERVER_ERROR for status in statuses), len(statuses))


def units(listed: str) -> tuple[list[str], int]:
    """Parts that are not active, and how often systemd had to start any of them again.

    :param listed: ``systemctl show`` of Id, ActiveState and NRestarts, one paragraph for each.
    """
    down, restarts = [], 0
    for paragraph in listed.strip().split("\n\n"):
        said = dict(line.split("=", 1) for line in paragraph.splitlines() if "=" in line)
        restarts += int(said.get("NRestarts") or 0)
        if said.get("ActiveState") != "active":
            down.append(said.get("Id", "?"))
    return down, restarts


class Gate:
    """Looks until everything is well, for two minutes at most.

    :param program: the ``belgenet`` that asks the parts.
    :param since: when the switch began; answers from then on are compared with those of the hour before.
    """

    def __init__(self, program: Path, since: datetime, clock: Callable[[], float] = time.monotonic) -> None:
        self._program, self._since, self._clock = program, since, clock
        self._restarts = -1

    def wait(self, seconds: float = SECONDS, pause: float = QUIET_SECONDS) -> None:
        """Return when it was whole twice in a row. :raises Failure: ``gate``, with everything that was wrong at the last look."""
        until, well = self._clock() + seconds, 0
        while True:
            problems = list(self._problems())
            well = 0 if problems else well + 1
            if well > 1:
                return
            if problems and self._clock() > until:
                raise Failure("gate", problems="\n".join(f"  - {problem}" for problem in problems))
            time.sleep(pause if well else 2)

    def _problems(self) -> Iterator[str]:
        for look in (self._units, self._page, self._parts, self._errors):
            try:
                yield from look()
            except (CommandError, OSError, http.client.HTTPException, ValueError) as error:
                yield f"{look.__name__.strip('_')}: {error}"

    def _units(self) -> Iterator[str]:
        names = run(["systemctl", "list-units", "--all", "--plain", "--no-legend", "--type=service", *parts()])
        known = [line.split()[0] for line in names.splitlines() if line.split()]
        properties = [f"--property={name}" for name in ("Id", "ActiveState", "NRestarts")]
        down, restarts = units(run(["systemctl", "show", *properties, *known]))
        yield from down
        if 0 <= self._restarts < restarts:
            yield "systemd had to start a service again"
        self._restarts = restarts

    def _page(self) -> Iterator[str]:
        line = http.client.HTTPSConnection("127.0.0.1", timeout=20, context=_any_certificate())
        try:
            line.request("GET", "/sign-in", headers={"Host": domain()})
            answer = line.getresponse()
            if answer.status != http.client.OK or b"<html" not in answer.read().lower():
                yield f"https://{domain()}/sign-in: {answer.status}"
        finally:
            line.close()

    def _parts(self) -> Iterator[str]:
        product(self._program, "belgenet-console", "health", "--deep", timeout=90)
        yield from ()

    def _errors(self) -> Iterator[str]:
        now = datetime.now(UTC)
        lines = _tail(ACCESS_LOG)
        after = share(lines, self._since, now + timedelta(seconds=1))
        before = share(lines, self._since - timedelta(hours=1), self._since)
        if after.all >= ENOUGH and after.ratio > max(WORST, 2 * before.ratio):
            yield f"{after.errors} of {after.all} answers were errors of the server ({before.ratio:.1%} in the hour before)"


def parts(objects: Path = OBJECTS) -> list[str]:
    """Units that must be active here, as patterns. (``appliance.objectstore`` needs more than Python's own library to say so.)"""
    try:
        backend = json.loads(objects.read_text(encoding="utf-8"))["main"]["backend"]
    except FileNotFoundError:
        backend = "seaweedfs"
    return [*PARTS, *([STORES[backend]] if backend in STORES else [])]


def domain(site: Path = places.SITE) -> str:
    """The server's name, out of the operator's answers, be they lines or JSON."""
    text = site.read_text(encoding="utf-8")
    found = re.search(r"""(?:^|[{,])\s*["']?belgenet_domain["']?\s*:\s*["']?([^"'\s,}]+)""", text, re.MULTILINE)
    return found[1] if found else "localhost"


def _any_certificate() -> ssl.SSLContext:
    """It is asked on loopback, for what lies behind it; whether others trust the certificate is another check's business."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _tail(file: Path) -> list[str]:
    try:
        with file.open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - _TAIL))
            return log.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return []
