"""A server that is whole, as the gate sees it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from belgenet.appliance.upgrade import gate
from belgenet.appliance.upgrade.release import Failure


def shown(**states):
    return "\n\n".join(f"Id={name}\nActiveState={state}\nNRestarts={count}" for name, (state, count) in states.items())


def test_parts_that_are_down_and_how_often_they_were_started():
    assert gate.units(shown(nginx=("active", 0), beat=("activating", 3))) == (["beat"], 3)


def line(at: datetime, status: int) -> str:
    return f'10.0.0.1 [{at.isoformat(timespec="seconds")}] "GET /a b" {status} 12 0.001 0.001 "x"'


def test_the_share_of_errors_is_counted_from_the_access_log():
    now = datetime.now(UTC).replace(microsecond=0)
    lines = [line(now, 200), line(now, 502), line(now - timedelta(minutes=5), 500), "nonsense"]
    assert gate.share(lines, now, now + timedelta(seconds=1)) == gate.Share(1, 2)
    assert gate.share(lines, now - timedelta(hours=1), now) == gate.Share(1, 1)
    assert gate.Share(0, 0).ratio == 0


class Looks(gate.Gate):
    """Finds what it is told, look after look."""

    def __init__(self, *looks):
        super().__init__(Path("/nowhere"), datetime.now(UTC), clock=lambda: self.now)
        self.looks, self.now = iter(looks), 0.0

    def _problems(self):
        self.now += 50
        return iter(next(self.looks))


def test_it_must_be_whole_twice_in_a_row(monkeypatch):
    monkeypatch.setattr(gate.time, "sleep", lambda _: None)
    looks = Looks([], ["web is down"], [], [])
    looks.wait(1000)
    assert list(looks.looks) == []


def test_what_is_still_wrong_at_the_end_is_said(monkeypatch):
    monkeypatch.setattr(gate.time, "sleep", lambda _: None)
    with pytest.raises(Failure, match="beat is down"):
        Looks(["web is down"], ["web is down"], ["beat is down"]).wait(120)


@pytest.mark.parametrize(
    ("backend", "unit"),
    [("", "belgenet-objects"), ("seaweedfs", "belgenet-objects"), ("minio", "belgenet-minio"), ("external_s3", "")],
)
def test_the_s3_server_that_is_in_use_must_be_active(tmp_path, backend, unit):
    if backend:
        (tmp_path / "objectstore.json").write_text(json.dumps({"main": {"backend": backend}, "other": {}}))
    stores = [name for name in gate.parts(tmp_path / "objectstore.json") if name in gate.STORES.values()]
    assert stores == ([f"{unit}.service"] if unit else [])


def test_the_domain_is_read_without_a_parser(tmp_path):
    for written in ("okul.example", '"okul.example"', "'okul.example'  # ours"):
        (tmp_path / "site.yml").write_text(f"# belgenet_domain: no\nbelgenet_domain: {written}\n")
        assert gate.domain(tmp_path / "site.yml") == "okul.example"
    for indent in (None, 2):
        (tmp_path / "site.yml").write_text(
            json.dumps({"x": [1], "belgenet_domain": "okul.example", "y": 1}, indent=indent)
        )
        assert gate.domain(tmp_path / "site.yml") == "okul.example"
