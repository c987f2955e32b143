"""The picture of pgBackRest's repository: in which order it is taken, and when it is taken again."""

import errno
import os
from pathlib import Path

import pytest

from belgenet.appliance.backup import BackupError, offsite
from belgenet.appliance.backup.offsite import picture

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
    monkeypatch.setattr(offsite, "_PAUSE", 0)
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
            name = str(Path(source).relative_to(repository))
            self.made.append(name)
            for end in [end for end in self.does if name.endswith(end)]:
                self.does.pop(end)()
            real(source, target, **how)

        monkeypatch.setattr(offsite.os, "link", link)


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

    def end() -> None:
        new.mkdir()
        (new / "backup.manifest").write_text("new")
        (repository / "backup/belgenet/backup.info").write_text("names it")

    linking.does["backup.info"] = end
    with picture(repository, repository.parent / "offsite") as folder:
        assert (folder / "postgres/backup/belgenet/backup.info").read_text() == "names it"
        assert (folder / "postgres/backup/belgenet" / new.name / "backup.manifest").is_file()


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

    monkeypatch.setattr(offsite.os, "link", restless)
    with pytest.raises(BackupError) as caught, picture(repository, repository.parent / "offsite"):
        pass
    assert caught.value.code == "offsite_unsteady"
    assert not (repository.parent / "offsite").exists()


@pytest.mark.parametrize(("number", "code"), [(errno.EPERM, "offsite_no_links"), (errno.EIO, "files_failed")])
def test_a_file_system_that_knows_no_links(repository: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(offsite.os, "link", refuse)
    with pytest.raises(BackupError) as caught, picture(repository, repository.parent / "offsite"):
        pass
    assert caught.value.code == code
    assert str(repository) in str(caught.value)
