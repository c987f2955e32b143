"""The picture of pgBackRest's repository: in which order it is taken, and when it is taken again."""

import errno
import os
from pathlib import Path

import pytest

from belgenet.appliance.backup import BackupError
from belgenet.appliance.backup import picture as taking
from belgenet.appliance.backup.picture import picture

FULL, INCR = "20261122-010101F", "20261122-010101F_20261123-010101I"
FILES = (
    "archive/belgenet/17-1/0000000100000001/000000010000000100000001-aa.zst",
    "archive/belgenet/17-1/0000000100000002/000000010000000200000000-bb.zst",
    "archive/belgenet/archive.info",
    f"backup/belgenet/{FULL}/backup.manifest",
    f"backup/belgenet/{FULL}/bundle/1",
    f"backup/belgenet/{INCR}/backup.manifest",
    f"backup/belgenet/{INCR}/bundle/1",
    "backup/belgenet/backup.info",
)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(taking, "_PAUSE", 0)
    for name in FILES:
        file = tmp_path / "postgres" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (tmp_path / "postgres/backup/belgenet/latest").symlink_to(INCR)
    return tmp_path / "postgres"


def files(folder: Path) -> list[str]:
    return sorted(
        str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file() and not file.is_symlink()
    )


def renew(file: Path) -> None:
    """As pgBackRest does it."""
    draft = file.with_name(f"{file.name}.pgbackrest.tmp")
    draft.write_text("renewed")
    draft.replace(file)


class Linking:
    """Hears of each link before it is made; ``does`` happens before the one whose name ends so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
        self.made: list[str] = []
        self.does = {}
        real = os.link

        def link(source, target, **how):
            if Path(target).name == "link":  # whether any can be made
                return real(source, target, **how)
            name = str(Path(source).relative_to(repository))
            self.made.append(name)
            for end in [end for end in self.does if name.endswith(end)]:
                self.does.pop(end)()
            return real(source, target, **how)

        monkeypatch.setattr(taking.os, "link", link)


@pytest.fixture
def linking(monkeypatch: pytest.MonkeyPatch, repository: Path) -> Linking:
    return Linking(monkeypatch, repository)


def test_it_is_the_repository_without_what_is_half_written_and_takes_no_room(repository: Path):
    (repository / "archive/belgenet/17-1/0000000100000002/x.pgbackrest.tmp").write_text("half")
    stage = repository.parent / "offsite"
    (stage / "left").mkdir(parents=True)  # by one that was killed
    with picture(repository, stage) as folder:
        assert [entry.name for entry in folder.iterdir()] == ["postgres"]
        assert files(folder / "postgres") == list(FILES)
        assert all((folder / "postgres" / name).samefile(repository / name) for name in FILES)
        assert (folder / "postgres/backup/belgenet/latest").readlink() == Path(INCR)
        assert folder.stat().st_mode & 0o077 == 0
    assert not stage.exists()
    assert files(repository)


def test_what_names_comes_before_what_is_named(repository: Path, linking: Linking):
    with picture(repository, repository.parent / "offsite"):
        pass
    places = [linking.made.index(name) for name in FILES]
    older, newer, archive, full, of_full, incr, of_incr, info = places
    assert info < min(full, incr)
    assert full < of_full
    assert incr < of_incr
    assert max(of_full, of_incr) < archive < newer < older


def test_a_backup_that_ends_meanwhile_is_there_with_what_names_it(repository: Path, linking: Linking):
    """Its folder comes after the list was read, and before its ``backup.info`` is."""
    new = repository / "backup/belgenet/20261124-010101F"
    info = repository / "backup/belgenet/backup.info"

    def end() -> None:
        new.mkdir()
        (new / "backup.manifest").write_text("new")
        told = info.stat()
        info.write_text("names it".ljust(told.st_size))
        os.utime(
            info, ns=(told.st_atime_ns, told.st_mtime_ns)
        )  # or the picture would be taken again, and prove nothing

    linking.does["backup.info"] = end
    with picture(repository, repository.parent / "offsite") as folder:
        assert (folder / "postgres/backup/belgenet/backup.info").read_text().strip() == "names it"
        assert (folder / "postgres/backup/belgenet" / new.name / "backup.manifest").is_file()
    assert linking.made.count("backup/belgenet/backup.info") == 1


@pytest.mark.parametrize("info", ["backup/belgenet/backup.info", "archive/belgenet/archive.info"])
def test_it_is_taken_again_when_something_was_given_up_meanwhile(repository: Path, linking: Linking, info: str):
    def give_up() -> None:
        renew(repository / info)
        (repository / FILES[0]).unlink()

    linking.does[FILES[0]] = give_up
    with picture(repository, repository.parent / "offsite") as folder:
        assert (folder / "postgres" / info).read_text() == "renewed"
        assert files(folder / "postgres") == list(FILES[1:])
    assert linking.made.count(FILES[1]) == 2


def test_what_nothing_names_any_more_may_go(repository: Path, linking: Linking):
    linking.does[FILES[0]] = (repository / FILES[0]).unlink
    with picture(repository, repository.parent / "offsite") as folder:
        assert files(folder / "postgres") == list(FILES[1:])
    assert linking.made.count(FILES[1]) == 1


def test_one_that_never_holds_still_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch):
    real = os.link

    def restless(source, target, **how):
        real(source, target, **how)
        if Path(source).name == "backup.info":
            renew(Path(source))

    monkeypatch.setattr(taking.os, "link", restless)
    with pytest.raises(BackupError) as caught, picture(repository, repository.parent / "offsite"):
        pass
    assert caught.value.code == "offsite_unsteady"
    assert not (repository.parent / "offsite").exists()


def refuse(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """What the file system says to every link."""

    def link(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(taking.os, "link", link)


class TestWithoutLinks:
    """Files are copied, and the copies stay for the next picture."""

    @pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV, errno.EMLINK])
    def test_it_is_the_repository_too(self, repository: Path, monkeypatch: pytest.MonkeyPatch, number: int):
        refuse(monkeypatch, number)
        (repository / "archive/belgenet/17-1/0000000100000002/x.pgbackrest.tmp").write_text("half")
        stage = repository.parent / "offsite"
        with picture(repository, stage) as folder:
            assert [entry.name for entry in folder.iterdir()] == ["postgres"]
            assert files(folder / "postgres") == list(FILES)
            assert not any((folder / "postgres" / name).samefile(repository / name) for name in FILES)
            assert all((folder / "postgres" / name).read_text() == name for name in FILES)
            assert (folder / "postgres/backup/belgenet/latest").readlink() == Path(INCR)
            assert folder.stat().st_mode & 0o077 == 0

    def test_the_next_one_copies_what_is_new_and_forgets_what_was_given_up(
        self, repository: Path, monkeypatch: pytest.MonkeyPatch
    ):
        refuse(monkeypatch, errno.EPERM)
        stage = repository.parent / "offsite"
        with picture(repository, stage):
            pass
        (stage / "postgres" / f"{FILES[1]}.pgbackrest.tmp").write_text("half a copy, when it was killed")
        copied: list[str] = []
        real = taking.shutil.copy2
        monkeypatch.setattr(
            taking.shutil, "copy2", lambda source, *to, **how: (copied.append(source.name), real(source, *to, **how))
        )
        new = FILES[0].replace("01-aa", "02-cc")
        (repository / new).write_text("new")
        (repository / FILES[1]).unlink()
        for name in (f"backup/belgenet/{INCR}/bundle/1", f"backup/belgenet/{INCR}/backup.manifest"):
            (repository / name).unlink()
        (repository / f"backup/belgenet/{INCR}/bundle").rmdir()
        (repository / f"backup/belgenet/{INCR}").rmdir()
        with picture(repository, stage) as folder:
            assert files(folder / "postgres") == files(repository)
            assert not (folder / f"postgres/backup/belgenet/{INCR}").exists()
        assert sorted(copied) == ["000000010000000100000002-cc.zst", "archive.info", "backup.info"]

    def test_it_is_taken_again_when_something_was_given_up_meanwhile(
        self, repository: Path, monkeypatch: pytest.MonkeyPatch
    ):
        refuse(monkeypatch, errno.EPERM)
        real = taking.shutil.copy2

        def slowly(source, *to, **how):
            real(source, *to, **how)
            if source.name == Path(FILES[1]).name:
                renew(repository / "backup/belgenet/backup.info")
                (repository / FILES[0]).unlink()

        monkeypatch.setattr(taking.shutil, "copy2", slowly)
        with picture(repository, repository.parent / "offsite") as folder:
            assert (folder / "postgres/backup/belgenet/backup.info").read_text() == "renewed"
            assert files(folder / "postgres") == list(FILES[1:])

    def test_without_room_it_says_so_before_it_fills_the_disk_that_the_log_needs(
        self, repository: Path, monkeypatch: pytest.MonkeyPatch
    ):
        refuse(monkeypatch, errno.EPERM)
        stage = repository.parent / "offsite"
        monkeypatch.setattr(taking.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 300}))
        with pytest.raises(BackupError) as caught, picture(repository, stage):
            pass
        assert caught.value.code == "offsite_no_room"
        assert not (stage / "postgres").exists()
        monkeypatch.undo()
        refuse(monkeypatch, errno.EPERM)
        with picture(repository, stage):
            pass
        monkeypatch.setattr(taking.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 0}))
        with picture(repository, stage):  # all of it is there already
            pass

    def test_links_are_made_again_where_they_can_be(self, repository: Path, monkeypatch: pytest.MonkeyPatch):
        stage = repository.parent / "offsite"
        with monkeypatch.context() as now:
            refuse(now, errno.EPERM)
            with picture(repository, stage):
                pass
        with picture(repository, stage) as folder:
            assert all((folder / "postgres" / name).samefile(repository / name) for name in FILES)
        assert not stage.exists()


def test_what_a_failing_disk_says_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch):
    refuse(monkeypatch, errno.EIO)
    with pytest.raises(BackupError) as caught, picture(repository, repository.parent / "offsite"):
        pass
    assert caught.value.code == "files_failed"
    assert str(repository) in str(caught.value)
