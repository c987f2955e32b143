"""Making, listing, verifying and restoring backups with real programs: one story, whose steps build on each other."""

import inspect
import json
import os
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest
from tests.unit.appliance.backup.server import TENANT, Institution

from belgenet.appliance import recovery_key
from belgenet.appliance.backup import Backup, BackupError, drill, masters, objects, state
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.backup.verify import Settings, differences, newest, take_out, verify
from belgenet.appliance.secrets import accepted, beside
from belgenet.core.security.keyring import Keyring
from belgenet.core.signing.secretbox import SecretBox

pytestmark = pytest.mark.timeout(1800)


def repositories_are_made_once(institution: Institution):
    assert institution.maker.prepare(check=True) == (["postgres", "files"], [])
    assert institution.maker.prepare(check=False) == (["postgres", "files"], [])
    assert institution.maker.prepare(check=False) == ([], [])


def before_the_first_backup_everybody_says_so(institution: Institution):
    with institution.work() as work, pytest.raises(BackupError) as caught:
        newest(work.here)
    assert caught.value.code == "none_yet"
    with pytest.raises(BackupError) as caught:
        institution.drill.run()
    assert caught.value.code == "none_yet"
    assert state.read(institution.state)["drill"]["last_success"] is None


def a_backup_holds_everything_its_manifest_says(institution: Institution, tmp_path: Path):
    made = institution.maker.make()
    assert made.kind == "full"  # the first one is, whatever was asked for
    with institution.work() as work:
        assert [entry.id for entry in Backup.all(work.here)] == [made.id]
        taken = take_out(work.here, newest(work.here), tmp_path)
        assert list(differences(taken, institution.secrets[recovery_key.NAME])) == []
        restored = {entry.key: file.read_bytes() for entry, file in objects.restore(work.here, taken.index, tmp_path)}
    assert restored == institution.source.objects
    assert taken.manifest.schema == "0008"
    assert taken.manifest.release == "1.2.3"
    # Rows of tables that the product deletes from prove nothing.
    assert taken.manifest.least == {"alembic_version": 1, "lines": 500, "orders": 500, "signing_keys": 2}
    assert taken.secrets == institution.secrets
    assert (taken.folder / "etc/etc/belgenet.ini").read_text() == "[app:main]\n"
    assert not list(taken.folder.rglob("sealed"))  # opens on its host only, and is there in the clear
    assert (institution.plan.folder / "releases/belgenet-1.2.3.tar").exists()


def nothing_readable_lies_in_the_repositories(institution: Institution):
    text = b"".join(
        file.read_bytes() for file in institution.plan.folder.rglob("*") if file.is_file() and file.suffix != ".tar"
    )
    for known in (b"order 17", b"object 17", *(secret.encode() for secret in institution.secrets.values())):
        assert known not in text


def no_secret_stays_behind_in_memory(institution: Institution):
    assert list((institution.folder / "memory").iterdir()) == []


def a_second_backup_fetches_what_is_new(institution: Institution):
    institution.source.fetched.clear()
    institution.source.objects["tenant/new"] = b"new"
    institution.database.ask("insert into public.orders values (501, 'order 501')")
    made = institution.maker.make()
    assert institution.source.fetched == ["tenant/new"]
    assert made.kind == "incr"


def what_is_kept_is_whole(institution: Institution):
    found = verify(
        institution.plan, institution.secrets, institution.database, folder=institution.state, chosen=random.Random(1)
    )
    assert found == []
    assert state.read(institution.state)["verify"]["error"] == ""


def a_drill_finds_the_rows_the_objects_and_the_sealed_keys(institution: Institution):
    outcome = institution.drill.run()
    assert (outcome.tables, outcome.rows, outcome.objects, outcome.secrets) == (4, 1004, 41, 1)
    assert list((institution.folder / "scratch").iterdir()) == []
    assert institution.database.ask("select count(*) from public.orders") == "501"
    known = state.read(institution.state)["drill"]
    assert (known["rows"], known["error"]) == (1004, "")
    assert known["last_error"]  # of the first test; a success does not hide that there was one


def what_a_killed_drill_left_goes_with_the_next(institution: Institution, monkeypatch: pytest.MonkeyPatch):
    """Its copy of the database still serves."""
    scratch = institution.folder / "scratch"
    (scratch / "drill-theirs-1").mkdir()
    ready, told = os.pipe()

    def hang(*_: object) -> None:
        os.write(told, b".")
        time.sleep(600)

    if not (child := os.fork()):
        monkeypatch.setattr(drill, "_compare", hang)
        try:
            institution.drill.run()
        finally:
            os._exit(1)
    os.close(told)
    assert os.read(ready, 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    left = next(place for place in scratch.iterdir() if place.name != "drill-theirs-1")
    copy = institution.database.elsewhere("-h", str(left), "-p", str(drill.PORT))
    assert copy.ask("select 1") == "1"
    pid = (left / "data/postmaster.pid").read_text().splitlines()[0]
    institution.drill.run()
    assert not Path("/proc", pid).exists()
    assert [place.name for place in scratch.iterdir()] == ["drill-theirs-1"]
    (scratch / "drill-theirs-1").rmdir()


def a_named_moment_can_be_gone_back_to(institution: Institution):
    institution.database.ask("insert into public.orders values (502, 'before')")
    institution.maker.make(point="pre-1.3.0")
    institution.database.ask("delete from public.lines; delete from public.orders")
    institution.database.check()  # the log is in the archive
    place = institution.folder / "run/point"
    institution.run("mkdir", "-m", "700", str(place))
    institution.database.restore(place, "--type=name", "--target=pre-1.3.0", "--archive-mode=off")
    assert "pre-1.3.0" in institution.run("cat", f"{place}/postgresql.auto.conf")
    institution.database.ask("insert into public.orders select n, 'order ' || n from generate_series(1, 502) n")
    institution.database.ask("insert into public.lines select n, n from generate_series(1, 500) n")


def a_full_backup_fetches_all_and_forgets_what_was_deleted(institution: Institution, tmp_path: Path):
    institution.source.fetched.clear()
    del institution.source.objects["tenant/new"]
    made = institution.maker.make(full=True)
    assert made.kind == "full"
    assert len(institution.source.fetched) == 40
    with institution.work() as work:
        taken = take_out(work.here, newest(work.here), tmp_path)
        assert sorted(taken.index.kept) == sorted(institution.source.objects)
        dump = work.here.snapshots("dump", f"id={made.id}")
        work.here.restore(dump[0]["id"], tmp_path)
    assert (tmp_path / "belgenet.dump").read_bytes()[:5] == b"PGDMP"


def an_object_that_goes_while_it_is_kept_is_no_failure(institution: Institution, monkeypatch: pytest.MonkeyPatch):
    real = institution.source.list
    monkeypatch.setattr(institution.source, "list", lambda: [*real(), objects.Listed("gone", 1, "x")])
    institution.maker.make()


def when_the_objects_do_not_answer_it_fails_and_older_backups_stay(institution: Institution):
    with institution.work() as work:
        before = [entry.id for entry in Backup.all(work.here)]
    institution.source.answers = False
    with pytest.raises(BackupError) as caught:
        institution.maker.make()
    institution.source.answers = True
    assert caught.value.code == "objects_unreachable"
    known = state.read(institution.state)["run"]
    assert known["error"] == "objects_unreachable"
    assert known["last_success"]
    with institution.work() as work:
        assert [entry.id for entry in Backup.all(work.here)] == before


def a_lost_index_only_costs_time(institution: Institution):
    (institution.state / "objects.jsonl").write_text("damaged")
    institution.source.fetched.clear()
    institution.maker.make()
    assert len(institution.source.fetched) == 40


def rows_that_are_missing_fail_the_drill(institution: Institution, monkeypatch: pytest.MonkeyPatch):
    from belgenet.appliance.backup import make

    monkeypatch.setattr(make.contents, "counts", lambda _: {"orders": 100_000})
    institution.maker.make()
    monkeypatch.undo()
    with pytest.raises(BackupError) as caught:
        institution.drill.run()
    assert caught.value.code == "drill_rows"
    assert "orders: 502 (100000 .. 100000)" in str(caught.value)


def relations_that_lead_nowhere_fail_the_drill(institution: Institution):
    institution.database.ask(
        "alter table public.lines disable trigger all; insert into public.lines values (9999, 9999)"
    )
    institution.maker.make()
    with pytest.raises(BackupError) as caught:
        institution.drill.run()
    assert (caught.value.code, caught.value.params) == ("drill_keys", {"names": "lines_order_id_fkey"})
    institution.database.ask("delete from public.lines where id = 9999; alter table public.lines enable trigger all")


def keys_that_do_not_open_what_is_sealed_fail_the_drill(institution: Institution):
    real = institution.secrets["security.master_keys"]
    institution.secrets["security.master_keys"] = "k1:" + "QUJD" * 10 + "QUE="
    institution.maker.make()
    with pytest.raises(BackupError) as caught:
        institution.drill.run()
    assert caught.value.code == "drill_canary"
    # It is being rotated, and nothing was sealed anew yet.
    institution.secrets |= {"security.master_keys": "new:" + "QUJD" * 10 + "QUE=", "security.master_keys.old": real}
    institution.maker.make()
    institution.drill.run()
    del institution.secrets["security.master_keys.old"]
    institution.secrets["security.master_keys"] = real
    institution.maker.make()
    institution.drill.run()


def a_new_master_key_is_in_each_backup_before_anything_is_sealed_under_it(institution: Institution, tmp_path: Path):
    name, (coming, going) = "security.master_keys", beside("security.master_keys")
    old, new, third = institution.secrets[name], "k2:" + "QUJD" * 10 + "QUE=", "k3:" + "QUJE" * 10 + "QUE="
    with institution.work() as work:
        before = Backup.all(work.here)

    def kept(now: dict[str, str]) -> list[str]:
        return masters.keep(institution.plan, institution.secrets | now, folder=institution.state)

    def settings(number: int) -> Settings:
        with institution.work() as work:
            found = Backup.all(work.here)
            assert [entry.id for entry in found] == [entry.id for entry in before]
            taken = take_out(work.here, found[number], Path(tempfile.mkdtemp(dir=tmp_path)))
        assert list(differences(taken, institution.secrets[recovery_key.NAME])) == []
        assert (taken.folder / "secrets.json").stat().st_mode & 0o077 == 0
        return taken

    kept({})  # a backup of an earlier step was made with another key
    assert kept({}) == []
    assert kept({coming: new}) == [entry.id for entry in before]
    with institution.work() as work:
        ends = {entry["id"]: entry["time"][:10] for entry in work.here.snapshots("settings")}
        assert [ends[entry.snapshot] for entry in Backup.all(work.here)] == [ends[entry.snapshot] for entry in before]
    for number in (0, -1):
        assert settings(number).secrets == institution.secrets | {name: new, going: old}
    assert kept({coming: new}) == []
    assert kept({name: new, going: old}) == []
    # Once more on the same day: the log leads to what any of the three has sealed.
    assert kept({name: new, coming: third})
    assert settings(-1).secrets == institution.secrets | {name: third, going: f"{new} {old}"}
    sealed = SecretBox(Keyring.of_masters(new)).seal(b"key", f"{TENANT}/pdf2")
    institution.database.ask(f"insert into public.signing_keys values ('{TENANT}', 'pdf2', '{sealed}')")
    masters_there = " ".join(accepted(settings(-1).secrets, name))
    institution.maker.make()
    assert drill._open_secrets(institution.database, masters_there) == 2
    institution.database.ask("delete from public.signing_keys where kid = 'pdf2'")
    institution.maker.make()


def without_a_backup_to_put_it_into_no_new_master_key_is_used_where_the_log_goes_elsewhere(institution: Institution):
    now = institution.secrets | {beside("security.master_keys")[0]: "k4:" + "QUJE" * 10 + "QUE="}
    files, away = institution.plan.folder / "files", institution.plan.folder / "other-files"
    elsewhere = {"type": "folder", "path": str(institution.folder / "nas")}
    plan = Plan(institution.plan.folder, institution.plan.major, elsewhere, institution.plan.etc)
    files.rename(away)
    with institution.work() as work:
        work.here.make()
    assert masters.keep(institution.plan, now, folder=institution.state) == []
    assert masters.keep(plan, institution.secrets, folder=institution.state) == []
    with pytest.raises(BackupError) as caught:
        masters.keep(plan, now, folder=institution.state)
    assert caught.value.code == "none_yet"
    shutil.rmtree(files)
    with pytest.raises(BackupError) as caught:
        masters.keep(institution.plan, now, folder=institution.state)
    assert caught.value.code == "repository_absent"
    away.rename(files)


def a_list_of_backups_is_not_fooled_by_other_snapshots(institution: Institution):
    with institution.work() as work:
        ids = [entry.id for entry in Backup.all(work.here)]
    assert ids == sorted(ids)
    assert len(ids) == len(set(ids)) >= 5


def state_is_for_everybody_and_the_index_is_not(institution: Institution):
    assert (institution.state / "state.json").stat().st_mode & 0o777 == 0o644
    assert (institution.state / "objects.jsonl").stat().st_mode & 0o077 == 0
    json.loads((institution.state / "state.json").read_text())


STEPS = (
    repositories_are_made_once,
    before_the_first_backup_everybody_says_so,
    a_backup_holds_everything_its_manifest_says,
    nothing_readable_lies_in_the_repositories,
    no_secret_stays_behind_in_memory,
    a_second_backup_fetches_what_is_new,
    what_is_kept_is_whole,
    a_drill_finds_the_rows_the_objects_and_the_sealed_keys,
    what_a_killed_drill_left_goes_with_the_next,
    a_named_moment_can_be_gone_back_to,
    a_full_backup_fetches_all_and_forgets_what_was_deleted,
    an_object_that_goes_while_it_is_kept_is_no_failure,
    when_the_objects_do_not_answer_it_fails_and_older_backups_stay,
    a_lost_index_only_costs_time,
    rows_that_are_missing_fail_the_drill,
    relations_that_lead_nowhere_fail_the_drill,
    keys_that_do_not_open_what_is_sealed_fail_the_drill,
    a_new_master_key_is_in_each_backup_before_anything_is_sealed_under_it,
    without_a_backup_to_put_it_into_no_new_master_key_is_used_where_the_log_goes_elsewhere,
    a_list_of_backups_is_not_fooled_by_other_snapshots,
    state_is_for_everybody_and_the_index_is_not,
)


def test_a_year_of_backups(
    institution: Institution, subtests: pytest.Subtests, tmp_path_factory: pytest.TempPathFactory
):
    for step in STEPS:
        with subtests.test(step.__name__), pytest.MonkeyPatch.context() as patch:
            given = {"institution": institution, "monkeypatch": patch, "tmp_path": tmp_path_factory.mktemp("step")}
            step(**{name: given[name] for name in inspect.signature(step).parameters})
