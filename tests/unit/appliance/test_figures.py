"""What the server tells about itself."""

import json
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from belgenet.appliance.figures import door, keeping, units, visitors
from belgenet.appliance.figures.collect import collect
from belgenet.appliance.figures.exposition import Metric, text, write
from belgenet.appliance.figures.visitors import Visits, remember, remembered
from belgenet.testing.paths import project_root


def values(metrics: list[Metric]) -> dict[str, float]:
    """``name{label=value}`` -> value."""
    return {
        name + ("{" + ",".join(f"{key}={value}" for key, value in labels.items()) + "}" if labels else ""): number
        for metric in metrics
        for name, labels, number in ((metric.name, *sample) for sample in metric.samples)
    }


def test_the_text_is_what_prometheus_reads():
    metric = Metric("x_total", "Things", "counter").add(2, part='a "b"\\\n').add(0.5, part="c")
    assert text([metric, Metric("empty", "Nothing")]) == (
        '# HELP x_total Things\n# TYPE x_total counter\nx_total{part="a \\"b\\"\\\\\\n"} 2.0\nx_total{part="c"} 0.5\n'
    )


def test_the_exporter_may_read_the_file_and_sees_it_whole(tmp_path: Path):
    file = tmp_path / "belgenet.prom"
    write(file, "old\n")
    with file.open() as reading:
        write(file, "new\n")
        assert reading.read() == "old\n"
    assert file.read_text() == "new\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [file]


def line(status: int, octets: int = 100, seconds: float = 0.25, uri: str = "/") -> str:
    return f'192.0.2.1 [2026-11-22T15:00:00+00:00] "GET {uri}" {status} {octets} {seconds:.3f} {seconds:.3f} "agent \\x22x"\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "belgenet.log"
    file.write_text(line(200) + line(201) + line(404, 10) + line(502, 0, 5))
    return file


def test_answers_are_counted_once(log: Path):
    visits = Visits()
    visits.read(log)
    visits.read(log)
    assert visits.answers == {"2xx": 2, "4xx": 1, "5xx": 1}
    assert (visits.octets, visits.seconds) == (210, pytest.approx(5.75))
    figures = values(visits.metrics())
    assert figures["belgenet_nginx_responses_total{code=2xx}"] == 2
    assert figures["belgenet_nginx_responses_total{code=3xx}"] == 0, "a rise is seen only from a figure that was there"


def test_a_line_that_is_being_written_is_counted_when_it_is_whole(log: Path):
    visits = Visits()
    with log.open("a") as file:
        file.write(line(500)[:30])
        file.flush()
        visits.read(log)
        assert visits.answers["5xx"] == 1
        file.write(line(500)[30:])
    visits.read(log)
    assert visits.answers["5xx"] == 2


def test_what_stands_in_a_log_put_aside_is_counted_too(log: Path):
    visits = Visits()
    visits.read(log)
    with log.open("a") as file:
        file.write(line(302))
    log.rename(log.with_name(log.name + ".1"))
    log.write_text(line(303))
    visits.read(log)
    visits.read(log)
    assert visits.answers == {"2xx": 2, "3xx": 2, "4xx": 1, "5xx": 1}


def test_a_log_that_was_emptied_is_read_from_its_begin(log: Path):
    visits = Visits()
    visits.read(log)
    log.write_text(line(204))
    visits.read(log)
    assert visits.answers["2xx"] == 3


def test_before_the_first_visitor_and_among_foreign_lines(tmp_path: Path):
    visits = Visits()
    visits.read(tmp_path / "nothing.log")
    (tmp_path / "odd.log").write_bytes(b"\xff\xfe\n" + line(200, uri="/\\x22 500 1 1").encode() + b"GET / 200\n")
    visits.read(tmp_path / "odd.log")
    assert visits.answers == {"2xx": 1}


def test_what_was_counted_survives_and_damage_begins_anew(log: Path, tmp_path: Path):
    visits, memory = Visits(), tmp_path / "visits.json"
    visits.read(log)
    remember(memory, visits)
    assert remembered(memory) == visits
    for damage in ("", "{", "[]", '{"strange": 1}'):
        memory.write_text(damage)
        assert remembered(memory) == Visits()


def test_nginx_own_figures():
    page = "Active connections: 3 \nserver accepts handled requests\n 10 8 40 \nReading: 0 Writing: 1 Waiting: 2 \n"
    figures = values(visitors.connections(page))
    assert figures["belgenet_nginx_connections{state=waiting}"] == 2
    assert figures["belgenet_nginx_connections_dropped_total"] == 2
    assert figures["belgenet_nginx_requests_total"] == 40
    with pytest.raises(ValueError, match="figures"):
        visitors.connections("<html>404</html>")


SHOWN = """\
Id=belgenet-web@1.service
LoadState=loaded
ActiveState=active
NRestarts=2
MemoryCurrent=1048576
MemoryMax=2097152
CPUUsageNSec=2500000000
TasksCurrent=9

Id=belgenet-beat.service
LoadState=loaded
ActiveState=inactive
NRestarts=0
MemoryCurrent=[not set]
MemoryMax=infinity
CPUUsageNSec=[not set]
TasksCurrent=[not set]

Id=belgenet-backup.service
LoadState=loaded
ActiveState=inactive
NRestarts=0

Id=belgenet-figures.service
LoadState=loaded
ActiveState=failed

Id=belgenet-backup.timer
LoadState=loaded
ActiveState=inactive

Id=belgenet-gone.service
LoadState=not-found
ActiveState=inactive

Id=belgenet-x.slice
LoadState=loaded
ActiveState=active
"""


def test_units_that_run_rest_or_failed():
    figures = values(units.units(SHOWN))
    up = {name[22:-1]: value for name, value in figures.items() if name.startswith("belgenet_unit_up{")}
    assert up == {
        "belgenet-web@1.service": True,
        "belgenet-beat.service": False,
        "belgenet-backup.service": True,  # ends when its work is done
        "belgenet-figures.service": False,
        "belgenet-backup.timer": False,
    }
    assert figures["belgenet_unit_failed{unit=belgenet-figures.service}"] is True
    assert figures["belgenet_unit_restarts_total{unit=belgenet-web@1.service}"] == 2
    assert figures["belgenet_unit_cpu_seconds_total{unit=belgenet-web@1.service}"] == pytest.approx(2.5)
    assert "belgenet_unit_memory_bytes{unit=belgenet-beat.service}" not in figures
    assert "belgenet_unit_memory_limit_bytes{unit=belgenet-beat.service}" not in figures


def test_every_service_that_the_roles_write_and_that_should_run_is_missed_when_it_does_not():
    runs = {
        file.name.removesuffix(".j2").replace("@.", "@1."): "\nType=oneshot\n" not in file.read_text()
        for file in project_root().glob("deploy/ansible/roles/*/templates/belgenet-*.service.j2")
    }
    assert {"belgenet-clamd.service", "belgenet-web@1.service"} < set(runs)
    stopped = "\n\n".join(f"Id={unit}\nLoadState=loaded\nActiveState=inactive" for unit in runs)
    figures = values(units.units(stopped))
    assert {unit for unit in runs if not figures[f"belgenet_unit_up{{unit={unit}}}"]} == {u for u in runs if runs[u]}


def test_backups_that_never_were_and_those_that_were(tmp_path: Path):
    never = values(keeping.backups(tmp_path))
    assert never["belgenet_backup_last_success_timestamp_seconds{action=run}"] == 0
    (tmp_path / "backup").mkdir()
    at = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    entry = {"last_success": at.isoformat(), "last_error": None, "error": "", "seconds": 12.5}
    (tmp_path / "backup/state.json").write_text(json.dumps({"run": entry}))
    known = values(keeping.backups(tmp_path))
    assert known["belgenet_backup_last_success_timestamp_seconds{action=run}"] == at.timestamp()
    assert known["belgenet_backup_last_failure_timestamp_seconds{action=run}"] == 0
    assert known["belgenet_backup_seconds{action=run}"] == 12.5
    assert known["belgenet_backup_last_success_timestamp_seconds{action=drill}"] == 0
    offsite = "belgenet_backup_last_success_timestamp_seconds{action=offsite}"
    assert offsite not in known  # nobody is to miss a copy where there is no such place
    (tmp_path / "backup/state.json").write_text(json.dumps({"run": entry, "offsite": entry | {"last_success": None}}))
    assert values(keeping.backups(tmp_path))[offsite] == 0


def test_the_kit_the_release_and_an_upgrade_cut_off(tmp_path: Path):
    (tmp_path / "0.1.0").mkdir()
    (tmp_path / "current").symlink_to(tmp_path / "0.1.0")
    assert values(keeping.kit(tmp_path)) == {"belgenet_kit_confirmed_timestamp_seconds": 0}
    figures = values(keeping.release(tmp_path / "current", tmp_path))
    assert figures["belgenet_release_info{version=0.1.0}"] == 1
    assert figures["belgenet_upgrade_unfinished"] == figures["belgenet_maintenance"] == 0
    for name, content in (
        ("kit/confirmed.json", '{"at": "2026-11-22T12:00:00+00:00", "fingerprint": "x"}'),
        ("upgrade/unfinished", ""),
        ("maintenance/state.json", '{"since": "x"}'),
    ):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(content)
    figures = values([*keeping.release(tmp_path / "current", tmp_path), *keeping.kit(tmp_path)])
    assert figures["belgenet_upgrade_unfinished"] == figures["belgenet_maintenance"] == 1
    assert figures["belgenet_kit_confirmed_timestamp_seconds"] > 1.79e9


def test_one_part_that_cannot_be_looked_at_hides_no_other():
    def broken() -> list[Metric]:
        raise ValueError("damaged")

    metrics, failed = collect({"broken": broken, "whole": lambda: [Metric("x", "X").add(1)]})
    figures = values(metrics)
    assert figures["x"] == 1
    assert figures["belgenet_figures_success{part=broken}"] is False
    assert figures["belgenet_figures_success{part=whole}"] is True
    assert failed == {"broken": "ValueError: damaged"}


def test_the_door_keeps_a_hash_that_changes_with_the_secret_only():
    first = door.entry("secret one")
    assert first.startswith("prometheus:$6$")
    assert "secret one" not in first
    assert door.entry("secret one") == first != door.entry("secret two")
    salt = first.split("$")[2]
    words = ["openssl", "passwd", "-6", "-salt", salt, "secret one"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == first.strip()[11:]
