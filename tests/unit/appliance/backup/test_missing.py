"""What is brought elsewhere, in which order, and that nothing is asked for twice: a copy is made every quarter of an hour."""

import inspect
import tempfile
from pathlib import Path
from typing import Any

import pytest
from tests.unit.appliance.backup.server import Institution

from belgenet.appliance.backup import BackupError, masters, objects, picture, portable, restic
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.backup.verify import newest, take_out
from belgenet.appliance.secrets import beside

pytestmark = pytest.mark.timeout(900)
NAME = "security.master_keys"
NOTHING_NEW = ["unlock", "snapshots+", "snapshots+", "backup+"]
"""The log in the picture may need keys that came right before it was taken: what is missing is looked for afterwards."""


def called(kept: Institution, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands of restic for a copy, in their order; ``+``: while the picture of the log is there."""
    verbs = {"backup", "copy", "forget", "init", "prune", "snapshots", "unlock"}
    said: list[str] = []
    real = restic.run

    def listen(words: list[str], **how: Any) -> str:
        verb = next(word for word in words if word in verbs)
        said.append(f"{verb}+" if (kept.plan.stage / picture.NAME).exists() else verb)
        return real(words, **how)

    with monkeypatch.context() as patch:
        patch.setattr(restic, "run", listen)
        kept.maker.copy()
    return said


def everything_is_brought_the_first_time(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    kept.maker.prepare(check=False)
    made = kept.maker.make(full=True)
    assert called(kept, monkeypatch)[:6] == [*NOTHING_NEW, "copy", "copy"]
    with kept.elsewhere() as place:
        assert newest(place).id == made.id
        assert len(place.snapshots(portable.DUMP)) == len(place.snapshots(objects.NAME)) == 1


def with_nothing_new_nothing_is_copied(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    assert called(kept, monkeypatch) == NOTHING_NEW


def what_was_given_up_meanwhile_is_no_failure(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    """A backup forgets old ones without asking who copies."""
    made = kept.maker.make()
    real = Restic.copy_from

    def forget_first(to: Restic, source: Restic, *ids: str) -> None:
        source.forget(*ids)
        real(to, source, *ids)

    with monkeypatch.context() as patch:
        patch.setattr(Restic, "copy_from", forget_first)
        kept.maker.copy()
    with kept.elsewhere() as place:
        assert newest(place).id != made.id
    kept.maker.copy()


def a_new_master_key_is_there_before_the_log_that_needs_it(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    with kept.elsewhere() as place:
        known = newest(place)
    kept.source.objects["tenant/later"] = b"came with the newest"
    made = kept.maker.make()
    before = dict(kept.secrets)
    kept.secrets |= {beside(NAME)[0]: "k2:" + "QUJD" * 10 + "QUE="}
    assert masters.keep(kept.plan, kept.secrets, folder=kept.state)[-2:] == [known.id, made.id]
    with monkeypatch.context() as broken:
        broken.setattr(Restic, "backup", the_line_breaks)
        with pytest.raises(BackupError):
            kept.maker.copy()
    with kept.elsewhere() as place, tempfile.TemporaryDirectory() as folder:
        there = newest(place)
        assert there.id == known.id
        assert there.snapshot != known.snapshot
        assert take_out(place, there, Path(folder)).secrets[NAME].startswith("k2:")
    kept.secrets = before


def settings_are_there_when_their_objects_are(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    """The backup of the step before is not there yet."""
    real = Restic.copy_from

    def but_for_settings(to: Restic, source: Restic, *ids: str) -> None:
        if set(ids) & {snapshot["id"] for snapshot in source.snapshots("settings")}:
            the_line_breaks()
        real(to, source, *ids)

    with kept.elsewhere() as place, kept.work() as work:
        known, made = newest(place), newest(work.here)
        assert made.id != known.id
        with monkeypatch.context() as broken:
            broken.setattr(Restic, "copy_from", but_for_settings)
            with pytest.raises(BackupError):
                kept.maker.copy()
        assert newest(place).id == known.id, "its objects may not be there"
        assert len(place.snapshots(objects.NAME)) == len(work.here.snapshots(objects.NAME))
        kept.maker.copy()
        assert newest(place).id == made.id
    assert kept.findings() == set()


def settings_with_the_newest_keys_are_there_first(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    """Of a backup that is not there yet they were kept twice: cut off between both, the older would be taken for all."""
    before = dict(kept.secrets)
    made = kept.maker.make()
    kept.secrets |= {beside(NAME)[0]: "k3:" + "QUJE" * 10 + "QUE="}
    masters.keep(kept.plan, kept.secrets, folder=kept.state)
    kept.secrets = before
    asked: list[str] = []
    real = Restic.copy_from

    def listen(to: Restic, source: Restic, *ids: str) -> None:
        asked.extend(ids)
        real(to, source, *ids)

    with monkeypatch.context() as patch:
        patch.setattr(Restic, "copy_from", listen)
        kept.maker.copy()
    with kept.work() as work:
        older, newer = (at["id"] for at in work.here.snapshots("settings", f"id={made.id}"))
    assert asked.index(newer) < asked.index(older)


def without_a_base_backup_settings_are_brought_all_the_same(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    """pgBackRest's repository was made anew: nothing of the log is brought, and nobody asks for keys."""
    before = dict(kept.secrets)
    kept.secrets |= {beside(NAME)[0]: "k4:" + "QUJF" * 10 + "QUE="}
    masters.keep(kept.plan, kept.secrets, folder=kept.state)
    kept.secrets = before
    with monkeypatch.context() as patch:
        patch.setattr(type(kept.database), "info", lambda _: [])
        kept.maker.copy()
    with kept.elsewhere() as place, tempfile.TemporaryDirectory() as folder:
        assert take_out(place, newest(place), Path(folder)).secrets[NAME].startswith("k4:")


def the_line_breaks(*_words: Any) -> None:
    raise BackupError("files_failed", where="x", said="broken pipe")


STEPS = (
    everything_is_brought_the_first_time,
    with_nothing_new_nothing_is_copied,
    what_was_given_up_meanwhile_is_no_failure,
    a_new_master_key_is_there_before_the_log_that_needs_it,
    settings_are_there_when_their_objects_are,
    settings_with_the_newest_keys_are_there_first,
    without_a_base_backup_settings_are_brought_all_the_same,
)


def test_what_is_missing_elsewhere(kept: Institution, subtests: pytest.Subtests):
    for step in STEPS:
        with subtests.test(step.__name__), pytest.MonkeyPatch.context() as patch:
            given = {"kept": kept, "monkeypatch": patch}
            step(**{name: given[name] for name in inspect.signature(step).parameters})
