"""Story 2: what dies comes back by itself, and nothing that was acknowledged is lost."""

import re
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from tests.appliance.conftest import Another
from tests.appliance.errands import numbers
from tests.appliance.installation import Installation, note
from tests.appliance.load import Load
from tests.appliance.visitors import Visitors
from tests.common.waiting import wait_until

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(900)]

VICTIMS = (
    "belgenet-web@1",
    "belgenet-web@2",
    "belgenet-worker@main",
    "belgenet-worker@documents",
    "belgenet-beat",
    "belgenet-relay",
    "belgenet-objects",
    "redis-server@belgenet-cache",
    "redis-server@belgenet-broker",
    "postgresql@{major}-belgenet",
    "nginx",
    "belgenet-metrics-node",
    "belgenet-metrics-postgres",
    "belgenet-metrics-redis",
)
EXPORTERS = {
    "belgenet-metrics-node": ("19100/metrics", r"^node_load1 "),
    "belgenet-metrics-postgres": ("19187/metrics", r"^pg_up 1$"),
    "belgenet-metrics-redis": ("19121/scrape?target=redis://127.0.0.1:6379", r"^redis_up 1$"),
}
"""Where each tells its figures to who may ask, and one that shows that it sees what it measures."""
TELL = (
    "import sys, urllib.request as u; print(u.urlopen('http://127.0.0.1:' + sys.argv[1], timeout=20).read().decode())"
)
WATCHED = ("belgenet-web@1", "belgenet-worker@main", "belgenet-beat", "belgenet-relay")
WATCHDOG = 60.0
"""Seconds without a sign of life, as the units have it."""
BACK_WITHIN = 30.0
"""Seconds until a part that was killed is there again; the longest that visitors may wait."""


@pytest.fixture(scope="module")
def survivor(another: Another) -> Iterator[Installation]:
    with another() as site:
        yield site


def units(site: Installation) -> list[str]:
    major = site.server.run("ls /etc/postgresql").stdout.split()[0]
    return [name.format(major=major) for name in VICTIMS]


def main_process(site: Installation, unit: str) -> str:
    return site.server.run(["systemctl", "show", "-P", "MainPID", unit]).stdout.strip()


def runs_anew(site: Installation, unit: str, died: str) -> bool:
    """Whether another process does the work of one that died."""
    state = site.server.run(["systemctl", "is-active", unit], check=False).stdout.strip()
    return state == "active" and main_process(site, unit) not in {died, "0"}


def works(site: Installation, unit: str) -> bool:
    """Whether the server is whole; no part of it asks an exporter, so that root does."""
    if unit not in EXPORTERS:
        return site.whole()
    where, figure = EXPORTERS[unit]
    told = site.server.run(["python3", "-c", TELL, where], check=False).stdout
    return re.search(figure, told, re.MULTILINE) is not None


def test_every_part_that_is_killed_comes_back_by_itself(survivor: Installation):
    running = {unit.removesuffix(".service") for unit in survivor.own_units()}
    assert running - set(VICTIMS) == set(), "these are killed by no story"
    back = {}
    with Visitors(survivor) as people:
        for unit in units(survivor):
            died = main_process(survivor, unit)
            survivor.server.run(["kill", "-9", died])
            started = time.monotonic()
            assert wait_until(lambda u=unit, d=died: main_process(survivor, u) not in {d, "0"}, BACK_WITHIN), unit
            assert wait_until(lambda u=unit: works(survivor, u), BACK_WITHIN), (
                f"{unit}: {survivor.server.journal(lines=60)}"
            )
            back[unit] = round(time.monotonic() - started, 1)
    note(
        survivor.server.system,
        killed={"back_seconds": back, "longest_not_served": round(max(people.read.longest, people.wrote.longest), 1)},
        killed_requests={
            "read": people.read.asked,
            "read_failed": len(people.read.failures),
            "orders": len(people.orders),
            "asked_again": len(people.wrote.failures),
        },
    )
    assert len(people.orders) > len(VICTIMS), people.wrote.failures[-3:]
    assert people.read.longest < BACK_WITHIN, Counter(people.read.failures).most_common(5)
    known = Counter(numbers(survivor))
    assert {number: known[number] for number in people.orders if known[number] != 1} == {}, "each order once"
    told = survivor.story()
    assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"


def test_what_hangs_is_ended_and_begun_anew(survivor: Installation):
    """A process that does nothing any more is not dead: only systemd's watchdog finds it."""
    hung = {unit: main_process(survivor, unit) for unit in WATCHED}
    survivor.server.run(["kill", "-STOP", *hung.values()])
    started = time.monotonic()
    for unit, process in hung.items():
        assert wait_until(lambda u=unit, d=process: runs_anew(survivor, u, d), WATCHDOG + 2 * BACK_WITHIN), unit
    note(survivor.server.system, hung_back_seconds=round(time.monotonic() - started, 1))
    assert "Watchdog timeout" in survivor.server.run(["journalctl", "-b", "-u", "belgenet-web@1"]).stdout
    assert wait_until(survivor.whole, BACK_WITHIN), survivor.server.journal(lines=60)


def test_one_web_process_is_missed_by_nobody(survivor: Installation):
    """What it was answering is asked again elsewhere unless asking twice might do harm; whoever comes is served by the other."""
    back = []
    with Load(survivor, pause=0.05) as load:
        for unit in ("belgenet-web@1", "belgenet-web@2"):
            load.at_least(load.counted.answered + 100)
            died = main_process(survivor, unit)
            survivor.server.run(["kill", "-9", died])
            started = time.monotonic()
            assert wait_until(lambda u=unit, d=died: runs_anew(survivor, u, d), BACK_WITHIN), unit
            back.append(round(time.monotonic() - started, 1))
        load.at_least(load.counted.answered + 100)
    seen = load.counted
    note(
        survivor.server.system,
        web_killed={
            "back_seconds": back,
            "requests": seen.answered,
            "failed": len(seen.failed),
            "slowest_seconds": round(seen.slowest, 2),
            "quiet_seconds": round(seen.quiet, 2),
        },
    )
    assert [failed for failed in seen.failed if failed.startswith("GET")] == []
    assert len(seen.failed) <= len(back), "one visitor writes: at most what each was answering when it died"
    assert seen.written > 0
    # Seconds that a busy computer takes anyway are nobody's fault, however quick a start is.
    assert seen.quiet < max(2.0, min(back) / 2), "somebody was always served"
    assert seen.slowest < max(4.0, min(back)), "nobody waited for the one that was starting"


def test_nothing_acknowledged_is_lost_when_the_power_goes(survivor: Installation):
    with Visitors(survivor, readers=0, donors=2) as people:
        assert wait_until(lambda: len(people.orders) >= 5, 60), people.wrote.failures[-3:]
        survivor.server.kill()
        told_before = list(people.orders)
        survivor.server.boot()
        assert wait_until(survivor.whole, 120), survivor.server.journal(lines=60)
        assert wait_until(lambda: len(people.orders) > len(told_before) + 1, 60), people.wrote.failures[-3:]
    known = Counter(numbers(survivor))
    assert {number: known[number] for number in people.orders if known[number] != 1} == {}, "each order once"
    told = survivor.story("donor")
    assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"
