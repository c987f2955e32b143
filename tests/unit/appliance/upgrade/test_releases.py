"""What an upgrade knows of releases, and which one it goes back to."""

import pytest
from tests.unit.appliance.upgrade.ground import make, run_from

from belgenet.appliance.upgrade import start
from belgenet.appliance.upgrade.release import Facts, Failure, Releases, version_key

ORDERED = [
    "0.9",
    "0.10.0",
    "1.0.0a1",
    "1.0.0a2",
    "1.0.0b1",
    "1.0.0rc1",
    "1.0.0rc10",
    "1.0.0",
    "1.0.1",
    "1.1",
    "2.0",
    "10.0",
]


def test_the_order_of_versions():
    assert [version_key(version) for version in ORDERED] == sorted(map(version_key, ORDERED))
    assert len(set(map(version_key, ORDERED))) == len(ORDERED)
    assert version_key("1.0") == version_key("1.0.0")
    assert version_key("1.0.0+local") == version_key("1.0.0")


@pytest.mark.parametrize("version", ["", "latest", "1.0-beta", "v1.0", "1..0"])
def test_what_is_no_version(version):
    with pytest.raises(ValueError, match="not a version"):
        version_key(version)


def test_three_releases_stay_the_running_and_the_previous_among_them(releases):
    for version in ("1.1.0", "1.2.0", "1.3.0", "1.4.0"):
        make(releases, version)
    make(releases, "1.5.0", whole=False)
    (releases.folder / "1.6.0").mkdir()
    run_from(releases, "1.4.0")
    assert set(releases.prune("1.0.0")) == {"1.1.0", "1.2.0", "1.5.0", "1.6.0"}
    assert [kept.version for kept in releases.kept()] == ["1.4.0", "1.3.0", "1.0.0"]


def test_the_running_release_is_never_removed(releases):
    with pytest.raises(Failure, match="runs"):
        releases.remove("1.0.0")
    assert releases.prune("1.0.0", keep=1) == []
    assert releases.running().is_whole


def test_a_server_without_a_release(tmp_path):
    with pytest.raises(Failure, match="not_installed"):
        Releases(tmp_path).running()


def test_facts_of_a_bundle(releases):
    make(
        releases,
        "1.1.0",
        rollback_to="1.0.0",
        breaking=[{"version": "1.0.5", "en": "a"}, {"version": "0.9", "en": "b"}],
    )
    facts = releases.of("1.1.0").facts()
    assert facts.serves("1.0.0")
    assert not facts.serves("0.9.9")
    assert [item["en"] for item in facts.breaking_since("1.0.0")] == ["a"]
    (releases.of("1.1.0").bundle / "manifest.json").write_text("{")
    with pytest.raises(Failure, match="no_manifest"):
        releases.of("1.1.0").facts()


def test_a_release_that_says_nothing_serves_only_itself(releases):
    assert not Facts.read(releases.of("1.0.0").bundle).serves("0.9")


def test_back_to_the_newest_older_one_or_the_one_that_is_named(releases):
    make(releases, "1.1.0")
    make(releases, "1.2.0", rollback_to="1.0.0")
    run_from(releases, "1.2.0")
    assert start.rollback_target(releases, "") == "1.1.0"
    assert start.rollback_target(releases, "1.0.0") == "1.0.0"
    with pytest.raises(Failure, match="no_such_release"):
        start.rollback_target(releases, "1.2.0")


def test_not_back_behind_a_schema_that_was_contracted(releases):
    make(releases, "1.1.0")
    make(releases, "1.2.0", rollback_to="1.1.0")
    run_from(releases, "1.2.0")
    assert start.rollback_target(releases, "") == "1.1.0"
    with pytest.raises(Failure, match="contracted"):
        start.rollback_target(releases, "1.0.0")


def test_nothing_to_go_back_to(releases):
    with pytest.raises(Failure, match="no_release"):
        start.rollback_target(releases, "")
