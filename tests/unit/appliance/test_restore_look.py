"""The look at a repository: what is refused before anything is changed, and in which words."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.appliance.restore import ID, KEY, LABEL, Repository, bundle, needs_restic, repository

import belgenet
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.recovery_key import make
from belgenet.appliance.restore import choice, journal, look
from belgenet.appliance.restore.choice import Wanted
from belgenet.appliance.restore.errors import Exit, RestoreError, exit_code, told
from belgenet.appliance.restore.look import Bundle

OBJECTS = {f"tenant/certificates/{number}": os.urandom(1000 + number) for number in range(5)}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return repository(tmp_path_factory.mktemp("original"), OBJECTS)


@pytest.fixture
def backups(original: Repository, tmp_path: Path) -> Repository:
    """A copy to be damaged."""
    folder = Path(shutil.copytree(original.folder, tmp_path / "backups"))
    restic = type(original.restic)(str(folder / "files"), original.work / "password", tmp_path)
    (tmp_path / "work").mkdir()
    return Repository(folder, tmp_path / "work", restic, original.index)


@pytest.fixture(autouse=True)
def fresh_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is installed and nothing was restored."""
    monkeypatch.setattr(journal, "FILE", tmp_path / "state.json")
    monkeypatch.setattr(choice, "_now", lambda: datetime(2026, 12, 1, tzinfo=UTC))
    monkeypatch.setattr(look, "KEPT", (tmp_path / "opt/current", tmp_path / "vault"))
    return tmp_path


@pytest.fixture
def run(tmp_path: Path):
    """The program, as install.sh runs it; exit code and what it said."""

    def run(address: object, *words: str, key: str = KEY, release: Path | None = None, lang: str = "en"):
        out = tmp_path / f"found{len(list(tmp_path.glob('found*')))}"
        out.mkdir(mode=0o700)
        (out / "typed").write_text(key)
        given = ["--from", str(address), "--key-file", str(out / "typed"), "--out", str(out), "--lang", lang]
        given += ["--bundle", str(release or bundle(out / "bundle")), "--programs", "/nowhere", *words]
        return look.main(given), out

    return run


@needs_restic
@pytest.mark.timeout(600)
class TestLook:
    def test_it_leaves_what_the_restoration_needs_and_no_password(self, backups, run, capsys):
        code, out = run(backups.folder)
        assert code == 0, capsys.readouterr().err
        assert (out / "site.yml").read_text() == "belgenet_domain: okul.example\n"
        found = json.loads((out / "found.json").read_text())
        assert (found["id"], found["label"], found["release"]) == (ID, LABEL, "1.2.0")
        assert (out / "key").read_text() == KEY
        assert not (out / "restic.password").exists()
        assert "2026-11-22T01:30:00" in capsys.readouterr().out

    @pytest.mark.parametrize(("key", "said"), [(KEY[:-1], "69 of 70"), (KEY.replace(KEY[6:11], "AAAAA"), "group 2")])
    def test_a_mistyped_key_is_told_without_asking_the_repository(self, run, capsys, key, said):
        assert run("/nowhere", key=key)[0] == Exit.KEY_MISTYPED
        error = capsys.readouterr().err
        assert said in error
        assert "Nothing was changed" in error

    def test_another_institutions_key(self, backups, run, capsys):
        assert run(backups.folder, key=make())[0] == Exit.WRONG_KEY
        assert "Nothing was changed" in capsys.readouterr().err

    def test_there_is_nothing(self, run, tmp_path, capsys):
        assert run(tmp_path)[0] == Exit.NO_REPOSITORY
        assert "Is the disk mounted" in capsys.readouterr().err
        assert run(tmp_path / "absent")[0] == Exit.NO_REPOSITORY

    def test_in_turkish(self, run, tmp_path, capsys):
        assert run(tmp_path, lang="tr")[0] == Exit.NO_REPOSITORY
        assert "Disk bağlı mı" in capsys.readouterr().err

    def test_a_file_that_was_cut_off(self, backups, run, capsys):
        victim = max(backups.packs(), key=lambda file: file.stat().st_size)
        victim.chmod(0o600)
        victim.write_bytes(victim.read_bytes()[:-200])
        assert run(backups.folder)[0] == Exit.DAMAGED
        assert "--accept-missing" in capsys.readouterr().err

    def test_files_that_were_not_copied(self, backups, run, capsys):
        for file in backups.packs():
            file.unlink()
        assert run(backups.folder)[0] == Exit.DAMAGED
        capsys.readouterr()

    def test_an_empty_configuration(self, backups, run, capsys):
        file = backups.folder / "files/config"
        file.chmod(0o600)
        file.write_bytes(file.read_bytes()[:20])
        assert run(backups.folder)[0] == Exit.DAMAGED

    @pytest.mark.parametrize("name", ["archive/belgenet/archive.info", f"backup/belgenet/{LABEL}/backup.manifest"])
    def test_the_databases_part_is_not_whole(self, backups, run, capsys, name):
        (backups.folder / "postgres" / name).write_bytes(b"")
        assert run(backups.folder)[0] == Exit.DAMAGED
        assert name in capsys.readouterr().err
        backups.dump(datetime(2026, 11, 22, 2, tzinfo=UTC))
        assert run(backups.folder, "--from-dump")[0] == 0

    def test_lost_objects_are_named_unless_that_is_accepted(self, backups, run, capsys):
        backups.restic.forget(*(snapshot["id"] for snapshot in backups.restic.snapshots("objects")))
        assert run(backups.folder)[0] == Exit.OBJECTS_MISSING
        assert "tenant/certificates/0" in capsys.readouterr().err
        assert run(backups.folder, "--accept-missing")[0] == 0

    def test_the_newest_backup_or_the_newest_before_a_moment(self, backups, run, capsys):
        backups.add("20261123T013000Z")
        backups.add("20261121T013000Z")

        def chosen(*words: str) -> str:
            code, out = run(backups.folder, *words)
            assert code == 0
            return json.loads((out / "found.json").read_text())["id"]

        assert chosen() == "20261123T013000Z"
        assert chosen("--at", "2026-11-22T23:00:00+00:00") == ID
        assert chosen("--at", "2026-11-22T04:29:00+03:00") == "20261121T013000Z"
        assert run(backups.folder, "--at", "2026-11-20T00:00:00")[0] == Exit.NO_REPOSITORY
        assert "3 in all" in capsys.readouterr().err

    def test_of_a_place_elsewhere_the_newest_whose_database_is_there(self, backups, run, capsys):
        shutil.rmtree(backups.folder / "postgres")
        backups.add("20261123T013000Z", label="20261123-013001F")
        assert run(backups.folder)[0] == Exit.DAMAGED
        assert "20261123" not in capsys.readouterr().out
        backups.copy_database("20261120-013001F")
        assert run(backups.folder)[0] == Exit.NO_REPOSITORY
        backups.copy_database("20261120-013001F", LABEL)
        code, out = run(backups.folder)
        assert (code, json.loads((out / "found.json").read_text())["id"]) == (0, ID)
        backups.copy_database(LABEL, "20261123-013001F")
        code, out = run(backups.folder)
        assert (code, json.loads((out / "found.json").read_text())["id"]) == (0, "20261123T013000Z")

    def test_of_several_copies_an_earlier_one_can_be_chosen(self, backups, run, capsys):
        """The newest was carried away after somebody had spoilt the repository here, which was then made anew."""
        shutil.rmtree(backups.folder / "postgres")
        later = "20261123-013001F"
        backups.add("20261123T013000Z", label=later)
        backups.add("20261124T013000Z", label="20261124-013001F")
        older, good, bad = (
            backups.copy_database(*labels) for labels in ((LABEL,), (LABEL, later), ("20261124-013001F",))
        )

        def chosen(*words: str) -> tuple[str, str]:
            code, out = run(backups.folder, *words)
            assert code == 0, capsys.readouterr().err
            found = json.loads((out / "found.json").read_text())
            return found["id"], found["copy"]

        assert chosen() == ("20261124T013000Z", bad)
        assert f"copy {bad[:8]} of 20" in capsys.readouterr().out
        assert chosen("--copy", good[:8]) == ("20261123T013000Z", good)
        assert chosen("--copy", older) == (ID, older)
        # Without one, that which holds the backup: the newest of them.
        assert chosen("--at", "2026-11-23T12:00:00") == ("20261123T013000Z", good)
        assert chosen("--at", "2026-11-22T12:00:00") == (ID, good)
        assert chosen("--at", "2026-11-22T12:00:00", "--copy", older[:8]) == (ID, older)
        for name in ("", "ffffffff", good[:3], "20261123"):
            assert run(backups.folder, "--copy", name or "x")[0] == Exit.NO_REPOSITORY
        assert "3 in all" in capsys.readouterr().err
        with pytest.raises(SystemExit) as caught:
            run(backups.folder, "--copy", good, "--from-dump")
        assert caught.value.code == 2

    def test_what_there_is_to_choose_from(self, backups, run, capsys, fresh_server):
        backups.add("20261123T013000Z", label="20261123-013001F")
        assert run(backups.folder, "--list")[0] == 0
        assert "copies" not in capsys.readouterr().out.lower()
        copies = [backups.copy_database(LABEL), backups.copy_database(LABEL, "20261123-013001F")]
        code, out = run(backups.folder, "--list")
        said = capsys.readouterr().out.splitlines()
        assert code == 0
        assert [line.split()[0] for line in said if line.startswith("  ")] == [ID, "20261123T013000Z"] + [
            copy[:8] for copy in copies
        ]
        assert said[-1].endswith("20261123T013000Z")
        assert said[-2].endswith(ID)
        assert "3 MiB" in said[-1]
        assert {file.name for file in out.iterdir()} == {"typed", "bundle", "cache"}
        assert run(backups.folder, "--list", key=make())[0] == Exit.WRONG_KEY
        assert run(backups.folder, "--list", lang="tr")[0] == 0
        assert "veritabanı kopyaları" in capsys.readouterr().out

    def test_one_that_was_cut_off_goes_on_with_its_own_copy_unless_another_is_asked_for(self, backups, run, capsys):
        shutil.rmtree(backups.folder / "postgres")
        first, second = backups.copy_database(LABEL, content="1"), backups.copy_database(LABEL, content="2")
        state = journal.write(journal.begin(ID, str(backups.folder)).taken("repository", copy=first))

        def chosen(*words: str) -> str:
            code, out = run(backups.folder, *words)
            assert code == 0
            return json.loads((out / "found.json").read_text())["copy"]

        assert chosen() == first
        assert chosen("--copy", second) == second
        journal.write(state.taken("database"))
        assert chosen() == first
        assert chosen("--copy", first) == first
        assert run(backups.folder, "--copy", second)[0] == Exit.NOT_EMPTY
        assert second[:8] in capsys.readouterr().err

    def test_one_that_was_cut_off_goes_on_with_its_own_backup(self, backups, run):
        journal.begin(ID, str(backups.folder))
        backups.add("20261123T013000Z")
        code, out = run(backups.folder)
        assert (code, json.loads((out / "found.json").read_text())["id"]) == (0, ID)

    def test_an_installed_server_is_left_alone(self, backups, run, fresh_server, capsys):
        (fresh_server / "opt").mkdir()
        (fresh_server / "opt/current").symlink_to("nowhere")
        assert run(backups.folder)[0] == Exit.NOT_EMPTY
        journal.begin(ID, str(backups.folder))
        assert run(backups.folder)[0] == 0
        journal.write(journal.State("another", "/x", journal.now(), ("repository", "database")))
        assert run(backups.folder)[0] == Exit.NOT_EMPTY
        journal.write(journal.State("another", "/x", journal.now(), ("repository",)))
        assert run(backups.folder)[0] == 0

    def test_what_an_uninstalled_institution_left_is_left_alone(self, backups, run, fresh_server, capsys):
        (fresh_server / "vault").mkdir()
        assert run(backups.folder)[0] == 0
        (fresh_server / "vault/backup.recovery_key").write_text("sealed")
        assert run(backups.folder)[0] == Exit.NOT_EMPTY
        assert str(fresh_server / "vault") in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("version", "code", "word"), [("1.1.9", "newer_release", "newer"), ("1.10.0", "other_release", "1.2.0")]
    )
    def test_another_release_is_told_where_the_right_one_lies(
        self, backups, run, tmp_path, capsys, version, code, word
    ):
        assert run(backups.folder, release=bundle(tmp_path / "other", version))[0] == Exit.OTHER_RELEASE
        error = capsys.readouterr().err
        assert f"{backups.folder}/releases/belgenet-1.2.0.tar" in error
        assert word in error

    def test_another_postgresql_is_told_the_way_out(self, backups, run, tmp_path, capsys):
        older = bundle(tmp_path / "older", major=15)
        assert run(backups.folder, release=older)[0] == Exit.OTHER_MAJOR
        assert "--from-dump" in capsys.readouterr().err
        assert run(backups.folder, "--from-dump", release=older)[0] == Exit.NO_REPOSITORY
        assert "no portable dump" in capsys.readouterr().err
        backups.dump(datetime(2026, 11, 22, 2, tzinfo=UTC))
        assert run(backups.folder, "--from-dump", release=older)[0] == 0

    def test_the_newest_dump_or_the_newest_before_a_moment(self, backups, run, capsys):
        for day in (22, 29):
            backups.dump(datetime(2026, 11, day, 2, tzinfo=UTC))

        def chosen(*words: str) -> str:
            code, out = run(backups.folder, "--from-dump", *words)
            assert code == 0, capsys.readouterr().err
            return json.loads((out / "found.json").read_text())["dump"]["at"][:10]

        assert chosen() == "2026-11-29"
        assert chosen("--at", "2026-11-28T00:00:00") == "2026-11-22"
        assert "portable dump of 2026-11-22T02:00:00" in capsys.readouterr().out
        assert run(backups.folder, "--from-dump", "--at", "2026-11-22T01:45:00")[0] == Exit.NO_REPOSITORY
        assert "(2 in all)" in capsys.readouterr().err
        assert run(backups.folder, "--list")[0] == 0
        assert capsys.readouterr().out.splitlines()[-2:] == ["  2026-11-22 02:00 UTC", "  2026-11-29 02:00 UTC"]

    def test_a_moment_that_no_log_leads_to(self, backups, run, capsys):
        assert run(backups.folder, "--at", "2026-12-01T00:00:01+00:00")[0] == Exit.NO_REPOSITORY
        assert "2026-12-01T00:00:00+00:00" in capsys.readouterr().err
        older, newer = backups.copy_database(LABEL, content="1"), backups.copy_database(LABEL, content="2")
        between = ("--at", "2026-11-26T12:00:30")
        assert run(backups.folder, *between)[0] == 0
        assert newer[:8] in capsys.readouterr().out
        assert run(backups.folder, *between, "--copy", older)[0] == Exit.NO_REPOSITORY
        assert f"copy {older[:8]} of the database was begun at 2026-11-26T12:00:00" in capsys.readouterr().err

    def test_a_moment_while_the_databases_part_was_being_made(self, backups, run, capsys):
        backups.add("20261123T013000Z", label="20261123-013001F", ended="2026-11-23T01:42:07+00:00")
        for at in ("2026-11-23T01:30:00", "2026-11-23T01:42:07"):
            assert run(backups.folder, "--at", at)[0] == Exit.NO_REPOSITORY
            assert "ready at 2026-11-23T01:42:08+00:00" in capsys.readouterr().err
        backups.copy_database("20261123-013001F")
        assert run(backups.folder, "--at", "2026-11-23T04:42:08+03:00")[0] == 0
        backups.dump(datetime(2026, 11, 22, 2, tzinfo=UTC))
        assert run(backups.folder, "--at", "2026-11-23T01:30:00", "--from-dump")[0] == 0

    def test_it_runs_out_of_the_package_with_the_standard_library_alone(self, backups, tmp_path):
        """As on a server where nothing is installed yet."""
        wheel, out = tmp_path / "belgenet.whl", tmp_path / "found"
        source = Path(belgenet.__file__).parent
        shutil.make_archive(str(tmp_path / "pack"), "zip", source.parent, "belgenet/appliance")
        (tmp_path / "pack.zip").rename(wheel)
        with zipfile.ZipFile(wheel, "a") as package:
            package.write(source / "__init__.py", "belgenet/__init__.py")
        out.mkdir()
        (out / "typed").write_text(KEY)
        words = ["--from", str(backups.folder), "--key-file", str(out / "typed"), "--out", str(out), "--lang", "tr"]
        words += ["--bundle", str(bundle(tmp_path / "bundle")), "--programs", str(Path(shutil.which("restic")).parent)]
        start = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), None, '__main__')"
        program = ["-I", "-S", "-B", "-c", start, str(wheel), "belgenet.appliance.restore.look", *words]
        done = subprocess.run([sys.executable, *program], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "geri yükleniyor" in done.stdout


class TestBundle:
    def test_its_postgresql_is_known_by_its_packages(self, tmp_path: Path):
        assert Bundle.at(bundle(tmp_path / "b", "2.0", 16)) == Bundle("2.0", "debian13", 16)


def test_every_error_has_an_exit_code_and_both_languages():
    assert exit_code(BackupError("wrong_key", where="x")) == Exit.WRONG_KEY
    assert exit_code(BackupError("disk_full", where="x")) == Exit.FAILED
    error = RestoreError("no_repository", where="/mnt")
    assert told(error, "tr") != told(error, "en")
    for code in ("place_refused", "place_unreachable", "host_key_unknown"):
        assert exit_code(BackupError(code, where="x", said="y")) == Exit.NOT_REACHED
    assert "AWS_SECRET_ACCESS_KEY" in told(BackupError("place_refused", where="x", said="y"), "tr")
    assert str(error) == told(error, "en")


def test_a_moment_without_a_zone_is_utc():
    assert look.moment("2026-11-22T10:00:00") == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert Wanted("/x").at is None
