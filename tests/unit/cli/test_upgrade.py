"""What the release that runs does with the next one: unpack it, believe nothing but its signature, and hand over."""

import io
import tarfile
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from belgenet.appliance.exclusive import Busy, exclusive
from belgenet.appliance.run import CommandError
from belgenet.appliance.upgrade import start
from belgenet.appliance.upgrade.journal import Journal
from belgenet.cli import upgrade as cli


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Folders and a lock of the test's own; what would be started is kept in a list."""
    base = tmp_path / "opt"
    release = base / "releases/1.0.0"
    (release / "bundle").mkdir(parents=True)
    (base / "current").symlink_to("releases/1.0.0")
    started: list[list[str]] = []

    def as_unit(command, *, incoming=None):
        started.append(list(command))

    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(cli, "BASE", base)
    monkeypatch.setattr(cli, "Releases", lambda: start.Releases(base))
    monkeypatch.setattr(cli, "exclusive", lambda verb: exclusive(verb, lock=tmp_path / "lock"))
    monkeypatch.setattr(cli, "bundle_function", lambda *_, **__: "")
    monkeypatch.setattr(start, "INCOMING", base / "incoming")
    monkeypatch.setattr(start, "STATE", tmp_path / "state")
    monkeypatch.setattr(start, "as_unit", as_unit)
    return base, started


def archive(path, *names):
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            head = tarfile.TarInfo(name)
            head.size = 1
            tar.addfile(head, io.BytesIO(b"x"))
    return str(path)


def run(*words):
    done = CliRunner().invoke(cli.upgrade, [*words, "--lang", "en"])
    return done.exit_code, done.output


def test_an_archive_is_unpacked_and_its_own_program_is_started(server, tmp_path):
    base, started = server
    code, said = run(archive(tmp_path / "b.tar.gz", "belgenet-1.1.0/upgrade.sh"), "--yes", "--accept", "1.1.0")
    assert code == 0, said
    folder = base / "incoming/belgenet-1.1.0"
    assert (folder / "upgrade.sh").is_file()
    wanted = ["--lang", "en", "--accept", "1.1.0", "--incoming", str(base / "incoming")]
    assert started == [[str(folder / "upgrade.sh"), *wanted]]


@pytest.fixture
def folder(tmp_path):
    """A bundle that somebody unpacked."""
    made = tmp_path / "belgenet 1.1.0"  # it may have a blank in its name
    (made / "wheels").mkdir(parents=True)
    (made / "upgrade.sh").write_text("theirs")
    (made / "upgrade.sh").chmod(0o4777)
    (made / "wheels/link").symlink_to("/etc/passwd")
    return made


def test_a_folder_is_copied_to_a_place_of_our_own(server, folder):
    incoming = server[0] / "incoming"
    assert run(str(folder), "--check")[0] == 0
    copy = incoming / folder.name
    assert server[1] == [[str(copy / "upgrade.sh"), "--lang", "en", "--check", "--incoming", str(incoming)]]
    assert incoming.stat().st_mode & 0o777 == 0o700
    assert (copy / "upgrade.sh").stat().st_mode & 0o7777 == 0o755
    assert (copy / "wheels/link").is_symlink(), "the check sees what it is"
    assert (folder / "upgrade.sh").exists()


def test_what_is_verified_and_used_is_the_copy(server, folder, monkeypatch):
    """Whoever may write to the folder changes it after the look: too late."""

    def verified(_bundle, _script, place, *_, **__):
        (folder / "upgrade.sh").write_text("evil")
        assert Path(place).is_relative_to(server[0] / "incoming")

    monkeypatch.setattr(cli, "bundle_function", verified)
    assert run(str(folder), "--yes")[0] == 0
    assert Path(server[1][0][0]).read_text() == "theirs"


def test_a_copy_that_is_there_already_is_used(server, folder):
    incoming = server[0] / "incoming"
    assert run(str(folder), "--check")[0] == 0
    assert run(str(incoming / folder.name), "--yes")[0] == 0
    assert server[1][1] == [str(incoming / folder.name / "upgrade.sh"), "--lang", "en", "--incoming", str(incoming)]


def test_no_room_for_the_copy(server, folder, monkeypatch):
    (folder / "wheels/big").write_bytes(bytes(1 << 20))
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(1, 1, 2 << 20))
    assert run(str(folder), "--yes")[0] == 1
    assert not (server[0] / "incoming").exists()


@pytest.mark.parametrize("names", [[], ["a/upgrade.sh", "b/x"]])
def test_what_is_no_bundle_is_taken_away_again(server, tmp_path, names):
    code, said = run(archive(tmp_path / "b.tar.gz", *names), "--yes")
    assert (code, "is not a bundle" in said) == (1, True), said
    (tmp_path / "text").write_text("hello")
    assert run(str(tmp_path / "text"), "--yes")[0] == 1
    assert not (server[0] / "incoming").exists()
    assert server[1] == []


def test_a_signature_that_is_not_believed_starts_nothing(server, tmp_path, monkeypatch):
    def wrong(*_, **__):
        raise CommandError("bash", 11, "ERROR: The bundle's signature is wrong")

    monkeypatch.setattr(cli, "bundle_function", wrong)
    code, said = run(archive(tmp_path / "b.tar.gz", "belgenet-1.1.0/upgrade.sh"), "--yes")
    assert (code, "signature is wrong" in said) == (1, True)
    assert server[1] == []
    assert not (server[0] / "incoming").exists()


def test_the_functions_that_verify_are_those_of_the_release_that_runs(server, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(cli, "bundle_function", lambda *words, **_: asked.append(words))
    (tmp_path / "new").mkdir()
    (tmp_path / "new/upgrade.sh").touch()
    assert run(str(tmp_path / "new"), "--yes", "--fingerprint", "SHA256:x")[0] == 0
    assert asked[0][0] == server[0] / "releases/1.0.0/bundle"
    assert asked[0][2:] == (str(server[0] / "incoming/new"), "", "SHA256:x", str(server[0]))


def test_no_room_to_unpack(server, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(1, 1, 10))
    code, said = run(archive(tmp_path / "b.tar.gz", "belgenet-1.1.0/upgrade.sh"), "--yes")
    assert (code, "Unpacking needs" in said) == (1, True)


def test_another_verb_is_at_work(server, tmp_path):
    (tmp_path / "new").mkdir()
    Journal(start.STATE).begin("upgrade", "1.0.0", "1.1.0", {})  # it looks as if it were cut short, and is under way
    with exclusive("backup run", lock=tmp_path / "lock"):
        code, said = run(str(tmp_path / "new"), "--yes")
    assert (code, "backup run" in said) == (3, True)


def test_an_earlier_run_comes_first(server, tmp_path):
    Journal(start.STATE).begin("upgrade", "1.0.0", "1.1.0", {})
    code, said = run(str(tmp_path), "--yes")
    assert (code, "--resume" in said) == (1, True)


def test_resumed_by_the_code_that_began_if_it_is_whole(server):
    base, started = server
    Journal(start.STATE).begin("upgrade", "1.0.0", "1.1.0", {"by": "1.1.0"})
    run("--resume")
    assert started[-1][1:4] == ["upgrade", "--resume", "--in-unit"]
    assert started[-1][0] == cli._own(), "not built yet: the release that runs cleans up"
    new = base / "releases/1.1.0"
    for name in ("bundle/manifest.json", "venv/.complete", "ansible/venv/.complete"):
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        (new / name).touch()
    run("--resume")
    assert started[-1][0] == str(new / "venv/bin/belgenet")


def test_back_is_refused_where_nothing_is_kept(server):
    done = CliRunner().invoke(cli.rollback, ["--yes", "--lang", "tr"])
    assert done.exit_code == 1
    assert "daha eski bir sürüm yok" in done.output


def test_busy_is_said_by_its_name(server, tmp_path, monkeypatch):
    def busy(*_, **__):
        raise Busy("backup run", "today")

    monkeypatch.setattr(start, "as_unit", busy)
    (tmp_path / "new").mkdir()
    (tmp_path / "new/upgrade.sh").touch()
    assert run(str(tmp_path / "new"), "--yes")[0] == 3
