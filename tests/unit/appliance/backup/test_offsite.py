"""Copies elsewhere with real programs: they restore whatever pgBackRest did meanwhile, and one that fails touches nothing here.

One story, whose steps build on each other.
"""

import errno
import inspect
import itertools
import json
import os
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.common.waiting import wait_until
from tests.unit.appliance.backup.server import Institution, binaries

from belgenet.appliance.backup import BackupError, offsite, picture, restic, state
from belgenet.appliance.backup.database import Database
from belgenet.appliance.backup.offsite import Copy
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.backup.verify import newest
from belgenet.cli.backup import backup as commands

pytestmark = pytest.mark.timeout(1800)
PORT = "6512"


def bases(kept: Institution) -> set[str]:
    return {base.label for base in kept.database.info()}


def told(kept: Institution, action: str) -> str:
    return str(state.read(kept.state)[action]["error"])


def a_copy_holds_the_databases_part_and_all_that_is_here(kept: Institution):
    assert kept.maker.prepare(check=False) == (["postgres", "files", "offsite"], [])
    made = kept.maker.make()
    assert kept.findings() == {"none_yet"}
    assert kept.maker.copy()
    assert kept.findings() == set()
    with kept.work() as work:
        assert work.elsewhere is not None
        assert len(work.elsewhere.snapshots()) == len(work.here.snapshots()) + 1
        assert work.here.snapshots(picture.NAME) == []
        copy = Copy.newest(work.elsewhere)
    assert copy is not None
    assert copy.labels == {made.label}
    assert not kept.plan.stage.exists()
    assert (kept.folder / "elsewhere/releases/belgenet-1.2.3.tar").exists()
    assert not (kept.folder / "elsewhere/postgres").exists()
    assert told(kept, "offsite") == ""


def only_what_is_new_is_read(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    """Links change the ctime of every file; restic would read gigabytes again every few minutes."""
    said: list[str] = []
    real = restic.run

    def listen(words, **how):
        answer = real(words, **how)
        said.append(answer if "backup" in words else "")
        return answer

    monkeypatch.setattr(restic, "run", listen)
    kept.database.restore_point("something-new")
    kept.maker.copy()
    summary = json.loads("".join(said).splitlines()[-1])
    assert summary["files_unmodified"] > 5
    assert summary["files_new"] >= 1
    assert summary["files_changed"] == 0


def while_it_is_away_backups_and_the_log_go_on_and_it_is_caught_up_with(kept: Institution):
    there, away = kept.folder / "elsewhere/files", kept.folder / "elsewhere/unplugged"
    there.rename(away)
    succeeded = state.read(kept.state)["offsite"]["last_success"]
    made = kept.maker.make()
    kept.database.check()
    assert told(kept, "run") == ""
    with pytest.raises(BackupError) as caught:
        kept.maker.copy()
    assert caught.value.code == told(kept, "offsite") == "offsite_failed"
    assert "Is the disk mounted?" in str(caught.value)
    assert state.read(kept.state)["offsite"]["last_success"] == succeeded
    assert not kept.plan.stage.exists()
    away.rename(there)
    assert kept.findings() == {"offsite_behind"}
    kept.maker.copy()
    assert kept.findings() == set()
    assert told(kept, "offsite") == ""
    with kept.elsewhere() as place:
        assert newest(place).id == made.id


def a_backup_whose_databases_part_is_not_there_is_found(kept: Institution):
    with kept.work() as work:
        assert work.elsewhere is not None
        for snapshot in work.elsewhere.snapshots(picture.NAME):
            work.elsewhere.forget(snapshot["id"])
        assert kept.findings() == {"offsite_without_database"}
    kept.maker.copy()
    assert kept.findings() == set()


def what_is_too_old_is_given_up_there_now_and_then(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    from belgenet.appliance.backup import make

    kept.maker.copy()
    with kept.elsewhere() as place:
        before = len(place.snapshots(picture.NAME))
        assert before > 1
    monkeypatch.setattr(make, "KEEP_DATABASE", ("--keep-last", "1"))
    kept.maker.copy()  # it was tidied a moment ago
    with kept.elsewhere() as place:
        assert len(place.snapshots(picture.NAME)) == before + 1
    monkeypatch.setattr(make, "TIDY", make.TIDY * 0)
    kept.maker.copy()
    with kept.elsewhere() as place:
        assert len(place.snapshots(picture.NAME)) == 1
        place.check("100%")


def a_place_that_lets_nobody_delete_says_so_and_goes_on_getting_copies(
    kept: Institution, monkeypatch: pytest.MonkeyPatch
):
    from belgenet.appliance.backup import make

    def refuse(*_: object, **__: object) -> None:
        raise BackupError("files_failed", where="there", said="access denied")

    monkeypatch.setattr(make, "_forget", refuse)
    with monkeypatch.context() as now:
        now.setattr(make, "TIDY", make.TIDY * 0)
        with pytest.raises(BackupError) as caught:
            kept.maker.copy()
    assert "access denied" in str(caught.value)
    kept.maker.copy()
    assert told(kept, "offsite") == ""


def what_is_given_up_while_a_copy_is_brought_there_is_in_it(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    """A line that takes hours: meanwhile every base backup that the copy began with is given up, with its log."""
    real = Restic.backup

    def slowly(self: Restic, *words: Any) -> str:
        kept.database.pgbackrest("--type=full", "--repo1-retention-full=1", "backup")
        return real(self, *words)

    with kept.elsewhere() as place:
        kept.database.check()
        rows = int(kept.database.ask("select count(*) from public.orders"))
        labels = bases(kept)
        monkeypatch.setattr(Restic, "backup", slowly)
        offsite.keep(place, kept.plan.postgres, lambda: bases(kept), kept.plan.stage)
        assert labels.isdisjoint(bases(kept))
        copy = Copy.newest(place)
        assert copy is not None
        assert copy.labels == labels
        assert restored(kept, place, copy, kept.folder / "run/slow") == rows


def a_copy_names_no_base_backup_that_was_given_up_before_its_picture(kept: Institution):
    """pgBackRest named it, gave it up, and only then the picture was taken: whoever chose it would find it missing."""
    asked: list[set[str]] = []

    def asks() -> set[str]:
        asked.append(bases(kept))
        if len(asked) == 1:
            kept.database.pgbackrest("--type=full", "--repo1-retention-full=1", "backup")
        return asked[-1]

    with kept.elsewhere() as place:
        kept.database.check()
        rows = int(kept.database.ask("select count(*) from public.orders"))
        offsite.keep(place, kept.plan.postgres, asks, kept.plan.stage)
        copy = Copy.newest(place)
        assert copy is not None
        assert copy.labels == bases(kept)
        assert copy.labels.isdisjoint(asked[0])
        assert restored(kept, place, copy, kept.folder / "run/named") == rows


def a_repository_that_gives_up_everything_all_the_time_is_said(kept: Institution):
    labels = map(str, itertools.count())
    with kept.elsewhere() as place, pytest.raises(BackupError) as caught:
        offsite.keep(place, kept.plan.postgres, lambda: {next(labels)}, kept.plan.stage)
    assert caught.value.code == "offsite_unsteady"
    assert not kept.plan.stage.exists()


def so_it_is_on_a_disk_without_links(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    """Such as one of the network: files are copied, and only those that are new."""

    def link(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(picture.os, "link", link)
    every_copy_of_a_repository_that_is_written_to_restores(kept)
    kept.maker.copy()
    only_what_is_new_is_read(kept, monkeypatch)
    assert kept.plan.stage.exists()


def every_copy_of_a_repository_that_is_written_to_restores(kept: Institution):
    """Base backups are made and given up while copies are made. Each holds every row whose log was archived before it."""
    stop, problems = threading.Event(), []

    def go_on() -> None:
        kinds = iter(["incr", "full"] * 100)
        try:
            while not stop.is_set():
                kept.database.pgbackrest(f"--type={next(kinds)}", "--repo1-retention-full=1", "backup")
        except BackupError as error:
            problems.append(error)

    thread = threading.Thread(target=go_on)
    copies: list[tuple[Copy, int]] = []
    with kept.elsewhere() as place:
        thread.start()
        try:
            for _ in range(4):
                kept.database.ask("insert into public.orders select max(id) + 1, 'another' from public.orders")
                kept.database.check()
                rows = int(kept.database.ask("select count(*) from public.orders"))
                offsite.keep(place, kept.plan.postgres, lambda: bases(kept), kept.plan.stage)
                copy = Copy.newest(place)
                assert copy is not None
                copies.append((copy, rows))
        finally:
            stop.set()
            thread.join()
        assert problems == []
        assert len({max(copy.labels) for copy, _ in copies}) > 1  # backups did come meanwhile
        for copy, rows in copies:
            with tempfile.TemporaryDirectory(dir=kept.folder / "run") as folder:
                kept.give(Path(folder))
                assert restored(kept, place, copy, Path(folder) / "copy") >= rows


def restored(kept: Institution, place: Restic, copy: Copy, folder: Path) -> int:
    """Rows in a cluster that is made of a copy, of its newest base backup and all of its log."""
    kept.run("mkdir", "-m", "700", str(folder), str(folder / "data"))
    place.restore(copy.snapshot, folder)
    for file in (folder / "postgres", *(folder / "postgres").rglob("*")):
        kept.give(file)
    repository = f"--repo1-path={folder}/postgres"
    assert max(copy.labels) in kept.run(*kept.database._pgbackrest, repository, "info")
    kept.database.restore(folder / "data", repository, f"--set={max(copy.labels)}", "--archive-mode=off")
    options = f"-p {PORT} -k {folder} -c archive_mode=off"
    control = [f"{binaries()}/pg_ctl", "-s", "-w", "-D", f"{folder}/data"]
    kept.run(*control, "-o", options, "-l", str(folder / "log"), "start")
    try:
        database = kept.database.elsewhere("-h", str(folder), "-p", PORT)
        assert wait_until(lambda: recovered(database), 60)
        return int(database.ask("select count(*) from public.orders"))
    finally:
        kept.run(*control, "-m", "immediate", "stop")


def recovered(database: Database) -> bool:
    return database.ask("select pg_is_in_recovery()") == "f"


def an_earlier_copy_restores_when_what_was_here_had_been_spoilt(kept: Institution):
    kept.database.check()
    kept.maker.copy()
    rows = int(kept.database.ask("select count(*) from public.orders"))
    aside = kept.copy_of_backups()
    try:
        for file in kept.plan.postgres.glob("backup/belgenet/*/bundle/*"):
            os.truncate(file, file.stat().st_size // 2)
        kept.maker.copy()
    finally:
        kept.put_back(aside)
    with kept.elsewhere() as place:
        good, spoilt = Copy.all(place)[-2:]
        assert 0 < spoilt.size < good.size
        with pytest.raises(BackupError):
            restored(kept, place, spoilt, kept.folder / "run/spoilt")
        assert restored(kept, place, good, kept.folder / "run/good") == rows


def copies_are_listed_also_when_nothing_here_can_be_read(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    given = {"Plan.read": lambda: kept.plan, "vault_secrets": lambda: kept.secrets, "require_root": lambda: None}
    given |= {"workspace": lambda *_: kept.work(), "Database": lambda: kept.database, "state.read": dict}
    for name, value in given.items():
        monkeypatch.setattr(f"belgenet.cli.backup.{name}", value)
    with kept.elsewhere() as place:
        ids = [copy.id for copy in Copy.all(place)]
        last = newest(place).id

    def listed(*words: str) -> str:
        done = CliRunner().invoke(commands, ["list", *words])
        assert done.exit_code == 0, done.output
        return done.output

    def unreadable() -> None:
        raise BackupError("database_unreadable", said="x")

    assert not any(name in listed() for name in ids)
    assert "copies" not in json.loads(listed("--json"))
    assert [line.split()[0] for line in listed("--offsite").splitlines()[-len(ids) :]] == ids
    assert "can be put back to any moment since" in listed("--offsite")
    monkeypatch.setattr(kept.database, "info", unreadable)
    said = json.loads(listed("--offsite", "--json"))
    assert [copy["id"] for copy in said["copies"]] == ids
    assert all(copy["bytes"] > 0 for copy in said["copies"])
    assert [entry["complete"] for entry in said["backups"] if entry["id"] == last] == [True]
    assert any(line.endswith(last) for line in listed("--offsite").splitlines()[-len(ids) :])
    assert CliRunner().invoke(commands, ["list"]).exit_code


def a_place_elsewhere_that_is_here_is_refused(kept: Institution):
    plan = kept.plan
    kept.plan = Plan(plan.folder, plan.major, {"type": "folder", "path": str(plan.folder / "nas")}, plan.etc)
    with pytest.raises(BackupError) as caught:
        kept.maker.prepare(check=False)
    assert caught.value.code == "offsite_overlaps"
    with pytest.raises(BackupError) as caught:
        kept.maker.copy()
    assert "must lie outside of this server" in str(caught.value)
    assert told(kept, "offsite") == "offsite_failed"
    assert not (plan.folder / "nas").exists()
    kept.maker.make()
    kept.plan = plan


def who_keeps_nothing_elsewhere_any_more_is_not_reminded(kept: Institution):
    plan = kept.plan
    kept.plan = Plan(plan.folder, plan.major, {}, plan.etc)
    assert not kept.maker.copy()
    kept.maker.prepare(check=True)
    assert "offsite" in state.read(kept.state)
    kept.maker.prepare(check=False)
    assert "offsite" not in state.read(kept.state)
    assert not kept.plan.stage.exists()
    kept.plan = plan


STEPS = (
    a_copy_holds_the_databases_part_and_all_that_is_here,
    only_what_is_new_is_read,
    while_it_is_away_backups_and_the_log_go_on_and_it_is_caught_up_with,
    a_backup_whose_databases_part_is_not_there_is_found,
    what_is_too_old_is_given_up_there_now_and_then,
    a_place_that_lets_nobody_delete_says_so_and_goes_on_getting_copies,
    what_is_given_up_while_a_copy_is_brought_there_is_in_it,
    a_copy_names_no_base_backup_that_was_given_up_before_its_picture,
    a_repository_that_gives_up_everything_all_the_time_is_said,
    every_copy_of_a_repository_that_is_written_to_restores,
    so_it_is_on_a_disk_without_links,
    an_earlier_copy_restores_when_what_was_here_had_been_spoilt,
    copies_are_listed_also_when_nothing_here_can_be_read,
    a_place_elsewhere_that_is_here_is_refused,
    who_keeps_nothing_elsewhere_any_more_is_not_reminded,
)


def test_a_place_elsewhere(kept: Institution, subtests: pytest.Subtests):
    for step in STEPS:
        with subtests.test(step.__name__), pytest.MonkeyPatch.context() as patch:
            given = {"kept": kept, "monkeypatch": patch}
            step(**{name: given[name] for name in inspect.signature(step).parameters})
