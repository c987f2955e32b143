"""What is brought elsewhere, in which order, and that nothing is asked for twice: a copy is made every quarter of an hour."""

import inspect
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.appliance.backup.server import Institution

from belgenet.appliance.backup import BackupError, masters, objects, portable, restic
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.backup.verify import newest, take_out
from belgenet.appliance.secrets import beside

pytestmark = pytest.mark.timeout(900)
NAME = "security.master_keys"


def called(monkeypatch: pytest.MonkeyPatch, does: Callable[[], object]) -> list[str]:
    """The commands of restic, in their order."""
    verbs = {"backup", "copy", "forget", "init", "prune", "snapshots", "unlock"}
    said: list[str] = []
    real = restic.run

    def listen(words: list[str], **how: Any) -> str:
        said.append(next(word for word in words if word in verbs))
        return real(words, **how)

    with monkeypatch.context() as patch:
        patch.setattr(restic, "run", listen)
        does()
    return said


def everything_is_brought_the_first_time(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    kept.maker.prepare(check=False)
    made = kept.maker.make(full=True)
    said = called(monkeypatch, kept.maker.copy)
    assert said[:6] == ["unlock", "snapshots", "snapshots", "backup", "copy", "copy"]
    with kept.elsewhere() as place:
        assert newest(place).id == made.id
        assert len(place.snapshots(portable.DUMP)) == len(place.snapshots(objects.NAME)) == 1


def with_nothing_new_nothing_is_copied(kept: Institution, monkeypatch: pytest.MonkeyPatch):
    assert called(monkeypatch, kept.maker.copy) == ["unlock", "snapshots", "snapshots", "backup"]


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


def the_line_breaks(*_words: Any) -> None:
    raise BackupError("files_failed", where="x", said="broken pipe")


STEPS = (
    everything_is_brought_the_first_time,
    with_nothing_new_nothing_is_copied,
    what_was_given_up_meanwhile_is_no_failure,
    a_new_master_key_is_there_before_the_log_that_needs_it,
    settings_are_there_when_their_objects_are,
)


def test_what_is_missing_elsewhere(kept: Institution, subtests: pytest.Subtests):
    for step in STEPS:
        with subtests.test(step.__name__), pytest.MonkeyPatch.context() as patch:
            given = {"kept": kept, "monkeypatch": patch}
            step(**{name: given[name] for name in inspect.signature(step).parameters})
