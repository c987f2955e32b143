"""Objects on their way back: compared, named when lost, and not fetched twice."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.unit.appliance.restore import Repository, needs_restic, repository

from belgenet.appliance.backup.objects import Kept
from belgenet.appliance.restore.errors import Exit, RestoreError, exit_code
from belgenet.appliance.restore.putting import put_back

pytestmark = needs_restic
OBJECTS = {f"tenant/files/{number}": os.urandom(500 + number) for number in range(6)}


@dataclass
class Store:
    """What an S3 server would hold. :param forgets: keys whose content it damages."""

    held: dict[str, bytes] = field(default_factory=dict)
    forgets: set[str] = field(default_factory=set)
    written: list[str] = field(default_factory=list)

    def digest(self, key: str) -> str:
        return hashlib.sha256(self.held[key]).hexdigest() if key in self.held else ""

    def put(self, entry: Kept, file: Path) -> None:
        self.written.append(entry.key)
        self.held[entry.key] = b"" if entry.key in self.forgets else file.read_bytes()


@pytest.fixture(scope="module")
def backups(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return repository(tmp_path_factory.mktemp("original"), OBJECTS)


def test_every_object_comes_back_as_it_was(backups: Repository, tmp_path: Path):
    store, heard = Store(), []
    assert put_back(backups.restic, backups.index, store, tmp_path, told=lambda *how: heard.append(how)) == []
    assert store.held == OBJECTS
    assert heard == [(6, 6)]
    assert not [file for file in tmp_path.rglob("*") if file.is_file()], "the stage is given back"


def test_who_starts_again_writes_only_what_is_not_there(backups: Repository, tmp_path: Path):
    key = next(iter(OBJECTS))
    store = Store({name: data for name, data in OBJECTS.items() if name != key})
    put_back(backups.restic, backups.index, store, tmp_path)
    assert store.written == [key]


def test_a_server_that_holds_something_else_is_found_out(backups: Repository, tmp_path: Path):
    key = next(iter(OBJECTS))
    with pytest.raises(RestoreError) as caught:
        put_back(backups.restic, backups.index, Store(forgets={key}), tmp_path)
    assert (caught.value.code, caught.value.params["key"]) == ("object_not_kept", key)


def test_lost_objects_are_named_and_the_others_come_back_when_that_is_accepted(tmp_path: Path):
    lame = repository(tmp_path / "lame", OBJECTS)
    for entry in list(lame.index.kept.values())[:2]:
        lame.index.kept[entry.key] = Kept(**{**vars(entry), "batch": "20200101T000000Z-00001"})
    stage = tmp_path / "stage"
    stage.mkdir()
    with pytest.raises(RestoreError) as caught:
        put_back(lame.restic, lame.index, Store(), stage)
    assert exit_code(caught.value) == Exit.OBJECTS_MISSING
    assert "tenant/files/0" in str(caught.value)
    store = Store()
    assert put_back(lame.restic, lame.index, store, stage, accept_missing=True) == ["tenant/files/0", "tenant/files/1"]
    assert set(store.held) == set(OBJECTS) - {"tenant/files/0", "tenant/files/1"}


def test_what_was_damaged_in_the_repository_does_not_keep_the_rest(tmp_path: Path):
    lame = repository(tmp_path / "lame", {**OBJECTS, "tenant/files/large": os.urandom(40 * 1024 * 1024)})
    victim = max(lame.packs(), key=lambda file: file.stat().st_size)
    victim.chmod(0o600)
    victim.write_bytes(victim.read_bytes()[: victim.stat().st_size // 2])
    stage, store = tmp_path / "stage", Store()
    stage.mkdir()
    lost = put_back(lame.restic, lame.index, store, stage, accept_missing=True)
    assert "tenant/files/large" in lost
    assert all(store.held[key] == OBJECTS[key] for key in store.held)
    assert set(store.held) | set(lost) == {*OBJECTS, "tenant/files/large"}
