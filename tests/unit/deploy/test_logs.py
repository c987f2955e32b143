"""Nothing that is written to again and again may fill the disk."""

import fnmatch
import re

import yaml
from tests.unit.deploy.roles import DEPLOY, rendered, task

from belgenet.appliance.removal import HEADER
from belgenet.appliance.upgrade.telling import LOGS

SRC = DEPLOY.parents[1] / "src/belgenet/appliance"
TURNED = ("/var/log/nginx/*.log", "/var/log/postgresql/*.log")
"""By the rules that the distribution's packages bring; an appliance test sees them at work."""
TO_THE_JOURNAL = {
    "redis/templates/redis.conf.j2": r'^logfile ""$',
    "backup/templates/pgbackrest.conf.j2": r"^log-level-file=off$",
    "clamav/templates/clamd.conf.j2": r"^Foreground yes$",
}
"""Programs that would write files which no rule knows."""


def test_every_log_that_is_named_has_a_rule():
    files = [path for path in (DEPLOY / "roles").rglob("*") if path.is_file()] + sorted(SRC.rglob("*.py"))
    named = {log for path in files for log in re.findall(r"/var/log/[\w./{}*-]+\.log", path.read_text("utf-8"))}
    assert "/var/log/nginx/belgenet.log" in named
    assert [log for log in sorted(named) if not any(fnmatch.fnmatch(log, rule) for rule in TURNED)] == []


def test_who_would_write_elsewhere_writes_to_the_journal():
    for name, line in TO_THE_JOURNAL.items():
        text = (DEPLOY / "roles" / name).read_text(encoding="utf-8")
        assert re.search(line, text, re.MULTILINE), name
    for path in (DEPLOY / "roles").rglob("templates/*"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(LogFile |logging_collector|StandardOutput=(file|append):)", text, re.MULTILINE), (
            path
        )


def test_ours_go_when_nobody_has_written_to_them_for_a_year():
    (line,) = (line for line in rendered("base", "tmpfiles.conf.j2").splitlines() if not line.startswith("#"))
    kind, folder, *unchanged, age = line.split()
    assert (kind, folder, unchanged) == ("e", str(LOGS), ["-"] * 3)
    assert re.fullmatch(r"m:\d+d", age), "by when it was written: whoever reads one does not lengthen its life"
    assert int(age[2:-1]) > 366, "the last upgrade can be looked up, where there is one a year"


def test_the_journal_has_a_limit_that_the_operator_may_change():
    defaults = yaml.safe_load((DEPLOY / "roles/base/defaults/main.yml").read_text(encoding="utf-8"))
    assert rendered("base", "journald.conf.j2", **defaults).endswith("\n[Journal]\nSystemMaxUse=1G")
    assert rendered("base", "journald.conf.j2", base_journal_max="300M").endswith("\nSystemMaxUse=300M")
    assert task("base", "Nor does the journal")["notify"] == "Restart journal"
    assert task("base", "Restart journal", "handlers/main.yml")["ansible.builtin.systemd_service"] == {
        "name": "systemd-journald",
        "state": "restarted",
    }


def test_both_files_go_with_the_product():
    placed = {
        file["dest"]: file["template"]
        for name in ("Logs do not grow for ever", "Nor does the journal")
        for file in task("base", name)["belgenet_files"]["files"]
    }
    assert set(placed) == {"/etc/tmpfiles.d/belgenet-logs.conf", "/etc/systemd/journald.conf.d/belgenet.conf"}
    for template in placed.values():
        assert rendered("base", template, base_journal_max="1G").encode().startswith(b"# " + HEADER)


def test_no_file_is_laid_by_two_roles():
    """Each would undo the other's, and no run would find nothing to do."""
    owners: dict[str, set[str]] = {}
    for path in (DEPLOY / "roles").glob("*/tasks/*.yml"):
        for dest in re.findall(r"\bdest: \"?(/[^\s,}\"{]+)(?=[,}\s\"])", path.read_text(encoding="utf-8")):
            owners.setdefault(dest, set()).add(path.parents[1].name)
    assert len(owners) > 20
    assert {dest: roles for dest, roles in owners.items() if len(roles) > 1} == {}
