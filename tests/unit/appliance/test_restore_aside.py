"""Backups of somebody else where the restored institution's will lie: kept, and spoken of."""

import dataclasses
import json
import re

import pytest
from tests.unit.appliance.restore import ID, KEY, LABEL

from belgenet.appliance import recovery_key
from belgenet.appliance.backup.records import Backup, Manifest
from belgenet.appliance.restore import journal
from belgenet.appliance.restore import work as work_module
from belgenet.appliance.restore.aside import set_aside
from belgenet.appliance.restore.source import Source
from belgenet.appliance.restore.work import Order, Work
from belgenet.appliance.words import words

NAME = re.compile(r"(postgres|files|releases)\.before-restore-\d{8}T\d{6}Z")


def backups(folder, whose):
    """A folder as ``belgenet backup`` leaves it, as far as its names go."""
    for name in ("postgres/archive/belgenet/archive.info", "files/config", "releases/belgenet-1.0.0.tar"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(whose)
    return folder


@pytest.fixture
def here(tmp_path):
    return backups(tmp_path / "here", "theirs")


def test_others_are_kept_under_another_name(here, tmp_path):
    moved = set_aside(here, backups(tmp_path / "disk", "ours"))
    assert [NAME.fullmatch(place.name)[1] for place in moved] == ["postgres", "files", "releases"]
    assert {file.read_text() for place in moved for file in place.rglob("*") if file.is_file()} == {"theirs"}
    assert sorted(place.name for place in here.iterdir()) == sorted(place.name for place in moved)


def test_also_where_the_backups_come_from_a_store(here):
    assert len(set_aside(here, None)) == 3


def test_the_very_folder_that_is_restored_from_stays(here, tmp_path):
    other_name = tmp_path / "link"
    other_name.symlink_to(here)
    assert set_aside(here, other_name) == []
    assert (here / "files/config").exists()


def test_an_empty_place(tmp_path):
    assert set_aside(tmp_path / "missing", None) == []
    (tmp_path / "made/files").mkdir(parents=True)
    assert set_aside(tmp_path / "made", tmp_path) == []


@pytest.fixture
def work(here, tmp_path, monkeypatch):
    """A restoration from a disk; steps that would change this computer do nothing."""
    found = tmp_path / "found"
    (found / "settings/etc/belgenet").mkdir(parents=True)
    (found / "settings/etc/belgenet/backup.json").write_text(
        json.dumps({"folder": str(here), "major": 17, "offsite": {}})
    )
    (found / "found.json").write_text(
        json.dumps({**vars(Backup(ID, LABEL, "full", "1.2.0", ID, "x")), "copy": "", "dump": None})
    )
    manifest = Manifest(ID, LABEL, "1.2.0", 17, "0009", {}, {}, {"count": 0, "bytes": 0, "generation": ID}, {})
    (found / "settings/manifest.json").write_text(manifest.text())
    (found / "settings/secrets.json").write_text(json.dumps({recovery_key.NAME: KEY}))
    monkeypatch.setattr(journal, "FILE", tmp_path / "state.json")
    for name in ("hold", "write_secrets", "write_settings", "ground", "database", "objects", "apply", "whole"):
        monkeypatch.setattr(Work, f"_{name}", lambda _self: None)
    heard = []
    disk = backups(tmp_path / "disk", "ours")
    made = Work(Order(str(disk), found, tmp_path), lambda code, params: heard.append((code, params)))
    return made, heard


def test_a_restoration_does_it_once_and_says_where(work, here, monkeypatch):
    made, heard = work

    def cut_off(self):
        (here / "files").mkdir()
        (here / "files/half").write_text("ours")
        raise KeyboardInterrupt

    monkeypatch.setattr(Work, "_keep_repository", cut_off)
    with pytest.raises(KeyboardInterrupt):
        made.run()
    places = [params["place"] for code, params in heard if code == "set_aside"]
    assert len(places) == 3
    monkeypatch.setattr(Work, "_keep_repository", lambda _self: None)
    state = made.run()
    assert (here / "files/half").exists(), "what it had begun to copy is not somebody else's"
    assert state.facts["aside"] == places
    for language in ("tr", "en"):
        assert places[0] in words("restore", language)("set_aside", place=places[0])
        assert places[0] in words("restore", language)("done_aside", places=places[0])


def test_a_store_behind_https_does_it_as_well(work, here, monkeypatch):
    made, heard = work
    monkeypatch.setattr(work_module, "take_over", lambda *_given, **_how: None)
    made._source = Source("s3:https://host/bucket/path")
    assert [name for name, _ in made._steps()].count("aside") == 1
    made.run()
    assert [code for code, _ in heard].count("set_aside") == 3
    assert not (here / "files").exists()


@pytest.mark.parametrize(("done", "times"), [((), 1), (("database",), 0)])
def test_another_copy_takes_the_place_of_one_the_database_did_not_come_back_from(work, monkeypatch, done, times):
    made, _ = work
    steps = tuple(name for name, _ in made._steps() if name not in {"database", "objects", "apply", "whole"})
    before = {"copy": "first", "taken": [made._order.address, "first", False]}
    journal.write(journal.begin(ID, made._source.address).taken("aside", **before))
    journal.write(dataclasses.replace(journal.read(), done=(*steps, *done)))
    taken = []
    monkeypatch.setattr(work_module, "take_over", lambda *_given, **how: taken.append(how["copy"]))
    made._copy = "second"
    state = made.run()
    assert taken == ["second"] * times
    assert state.facts["copy"] == ("second" if times else "first")
    assert "repository" in state.done
