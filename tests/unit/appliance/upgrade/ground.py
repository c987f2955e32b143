"""Releases that lie on a server, as the tests of upgrades need them."""

import json

from belgenet.appliance.upgrade.release import Releases


def make(releases: Releases, version: str, *, whole: bool = True, **facts: object) -> None:
    folder = releases.of(version).folder
    for name in ("bundle", "venv/bin", "ansible/venv"):
        (folder / name).mkdir(parents=True)
    (folder / "bundle/manifest.json").write_text(json.dumps({"version": version, **facts}))
    for name in ("venv", "ansible/venv") if whole else ():
        (folder / name / ".complete").touch()


def run_from(releases: Releases, version: str) -> None:
    releases.current.unlink()
    releases.current.symlink_to(f"releases/{version}")
