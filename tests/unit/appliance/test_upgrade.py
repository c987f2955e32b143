"""What an upgrade knows of releases, of what programs say, and of a server that is whole."""

import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import belgenet
from belgenet.appliance.exclusive import exclusive
from belgenet.appliance.run import CommandError
from belgenet.appliance.services import Services
from belgenet.appliance.upgrade import gate, machine, programs, start, steps
from belgenet.appliance.upgrade.journal import Journal, Run
from belgenet.appliance.upgrade.release import Facts, Failure, Releases, version_key
from belgenet.appliance.upgrade.steps import Work, rollback_plan, upgrade_plan
from belgenet.appliance.upgrade.telling import Teller
from belgenet.appliance.words import texts, words
from belgenet.cli.upgrade import rollback, upgrade


def make(releases: Releases, version: str, *, whole: bool = True, **facts: object) -> None:
    folder = releases.of(version).folder
    for name in ("bundle", "venv/bin", "ansible/venv"):
        (folder / name).mkdir(parents=True)
    (folder / "bundle/manifest.json").write_text(json.dumps({"version": version, **facts}))
    for name in ("venv", "ansible/venv") if whole else ():
        (folder / name / ".complete").touch()


@pytest.fixture
def releases(tmp_path):
    found = Releases(tmp_path / "opt")
    found.folder.mkdir(parents=True)
    make(found, "1.0.0")
    found.current.symlink_to("releases/1.0.0")
    return found


def run_from(releases: Releases, version: str) -> None:
    releases.current.unlink()
    releases.current.symlink_to(f"releases/{version}")


# -- releases ---------------------------------------------------------------------------------------------------------------


def test_versions_are_ordered():
    ordered = ["0.9", "1.0a1", "1.0b2", "1.0rc1", "1.0.0", "1.0.1", "1.2", "1.10"]
    assert sorted(set(ordered), key=version_key) == ordered
    assert version_key("1.0") == version_key("1.0.0")
    with pytest.raises(ValueError, match="not a version"):
        version_key("latest")


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


# -- going back -----------------------------------------------------------------------------------------------------------


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


# -- steps ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def work(releases, tmp_path):
    def build(**facts):
        defaults = {"rollback_to": "1.0.0", "needs_maintenance": False, "breaking": ()}
        said = []
        made = Work(
            releases,
            releases.of("1.0.0"),
            releases.of("1.1.0"),
            Facts("1.1.0", **{**defaults, **facts}),
            source=tmp_path / "bundle",
            incoming=tmp_path / "incoming",
            language="en",
            log=said.append,
            note=lambda code, **_: said.append(code),
            services=Services(lambda _: ""),
        )
        return made, said

    return build


def names(phase):
    return [step.name for step in phase]


def test_the_order_of_an_upgrade(work):
    plan = upgrade_plan(work()[0])
    assert names(plan.prepare) == ["place", "build", "selftest", "preview", "backup", "migrate", "rehearse"]
    assert names(plan.commit) == ["switch", "restart", "gate"]
    assert names(plan.finish) == ["prune", "sweep"]
    assert names(plan.back) == ["switch_back", "restart_back", "gate_back", "remove", "sweep"]
    assert names(plan.clean) == ["remove", "sweep"]


def test_the_site_is_closed_around_migrations_that_need_it(work):
    plan = upgrade_plan(work(needs_maintenance=True)[0])
    assert names(plan.prepare).index("close") < names(plan.prepare).index("migrate")
    assert all("open" in names(phase) for phase in (plan.commit, plan.back, plan.clean)), "however it ends"


def test_without_a_way_back_the_database_is_changed_last_and_nothing_pretends_to_go_back(work):
    made, _ = work(rollback_to="1.1.0", needs_maintenance=True)
    plan = upgrade_plan(made)
    assert "migrate" not in names(plan.prepare)
    assert names(plan.commit)[:2] == ["migrate", "rehearse"]
    assert names(plan.back) == ["no_way_back"]
    with pytest.raises(Failure, match="no_way_back"):
        plan.back[0].do()


def test_a_rollback_goes_forward_again_when_the_old_release_does_not_do(work):
    plan = rollback_plan(work()[0])
    assert names(plan.commit) == ["switch", "restart", "gate"]
    assert names(plan.back) == ["switch_back", "restart_back", "gate_back"], "both releases stay"


def test_every_step_has_words_in_both_languages(work):
    plans = [upgrade_plan(work()[0]), upgrade_plan(work(rollback_to="1.1.0", needs_maintenance=True)[0])]
    plans += [rollback_plan(work()[0])]
    wanted = {
        f"step_{step.name}"
        for plan in plans
        for phase in (plan.prepare, plan.commit, plan.finish, plan.back, plan.clean)
        for step in phase
    }
    wanted |= {f"outcome_{kind}_{outcome}" for kind in start.PLANS for outcome in machine.Outcome}
    for language in ("tr", "en"):
        assert not wanted - set(texts("upgrade", language))


def test_a_migration_that_meets_a_lock_is_tried_again(work, monkeypatch):
    made, said = work()
    answers = iter(
        [CommandError("belgenet", 1, "sqlalchemy: (LockNotAvailable) canceling statement")] * 2 + ["migrated"]
    )

    def product(*_, **__):
        answer = next(answers)
        if isinstance(answer, CommandError):
            raise answer
        return answer

    monkeypatch.setattr(programs, "product", product)
    monkeypatch.setattr(steps, "_TRY_PAUSE", 0)
    made.migrate()
    assert said == ["locked", "locked", "migrated"]


@pytest.mark.parametrize(("reason", "tries"), [("LockNotAvailable", 5), ("division by zero", 1)])
def test_a_migration_that_fails(work, monkeypatch, reason, tries):
    asked = []

    def product(*words, **_):
        asked.append(words)
        raise CommandError("belgenet", 1, reason)

    monkeypatch.setattr(programs, "product", product)
    monkeypatch.setattr(steps, "_TRY_PAUSE", 0)
    with pytest.raises(Failure, match=reason):
        work()[0].migrate()
    assert len(asked) == tries


def test_a_full_disk_has_its_own_text(work, monkeypatch):
    def full(*_, **__):
        raise CommandError("bash", 1, "cp: error writing 'x': No space left on device")

    monkeypatch.setattr(programs, "bundle_function", full)
    with pytest.raises(Failure, match="disk_full"):
        work()[0].place()


def test_what_was_built_is_removed_but_never_what_runs(work, releases, tmp_path):
    made, _ = work()
    make(releases, "1.1.0", whole=False)
    (tmp_path / "incoming").mkdir()
    made.remove()
    made.sweep()
    assert not releases.of("1.1.0").folder.exists()
    assert not (tmp_path / "incoming").exists()
    make(releases, "1.1.0")
    run_from(releases, "1.1.0")
    made.remove()
    assert releases.of("1.1.0").is_whole


def test_a_playbook_that_fails_is_told_by_its_task(work, monkeypatch):
    report = programs.Report(2, SAID)
    monkeypatch.setattr(programs, "playbook", lambda *_, **__: report)
    made, said = work()
    with pytest.raises(Failure) as caught:
        made.switch_to(made.new)
    assert caught.value.params == {
        "task": "app : Restart services",
        "reason": "stderr: belgenet-web@1.service: Job failed",
    }
    assert said == [SAID]
    assert "text" not in caught.value.params
    made.preview()
    assert said[-1] == "no_preview"


SAID = """
TASK [app : Settings] **************
changed: [localhost]

RUNNING HANDLER [app : Restart services] *************
fatal: [localhost]: FAILED! =>
    changed: true
    cmd:
    - /opt/belgenet/releases/1.1.0/venv/bin/belgenet
    - restart
    stderr: belgenet-web@1.service: Job failed

PLAY RECAP *********
localhost : ok=4 changed=3 unreachable=0 failed=1 skipped=0 rescued=0 ignored=0
"""


def test_a_message_of_several_lines_is_told_too():
    text = SAID.replace(
        "stderr: belgenet-web@1.service: Job failed", "stderr: |-\n        web failed\n        see the journal"
    )
    assert programs.why(text)[1] == "stderr: web failed see the journal"


# -- the gate ----------------------------------------------------------------------------------------------------------------


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
        (tmp_path / "site.yml").write_text(json.dumps({"belgenet_domain": "okul.example", "x": 1}, indent=indent))
        assert gate.domain(tmp_path / "site.yml") == "okul.example"


# -- beginning ----------------------------------------------------------------------------------------------------------------


def test_it_runs_out_of_a_wheel_with_nothing_but_the_standard_library(tmp_path):
    """The new release begins before anything of it is installed."""
    root = Path(belgenet.__file__).parent
    with zipfile.ZipFile(tmp_path / "belgenet.whl", "w") as wheel:
        for file in [root / "__init__.py", *(root / "appliance").rglob("*")]:
            if file.suffix in {".py", ".json"}:
                wheel.write(file, f"belgenet/{file.relative_to(root)}")
    script = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from belgenet.appliance.upgrade.start import main, Words\n"
        "Words('upgrade', 'tr')('busy', reason='x'); sys.exit(main())"
    )
    words_ = [sys.executable, "-I", "-S", "-c", script, str(tmp_path / "belgenet.whl"), "--help"]
    done = subprocess.run(words_, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--accept" in done.stdout


@pytest.fixture
def said(capfd):
    return lambda: capfd.readouterr().out


@pytest.fixture
def server(releases, tmp_path, monkeypatch):
    """Where ``start`` looks: folders of the test's own, a lock of its own, a server that is fit."""
    make(releases, "1.1.0", rollback_to="1.0.0")
    monkeypatch.setattr(start, "Releases", lambda: releases)
    monkeypatch.setattr(start, "exclusive", lambda verb: exclusive(verb, lock=tmp_path / "lock"))
    monkeypatch.setattr(programs, "preflight", lambda *_: (0, "fit"))
    return {"language": "en", "state": tmp_path / "state"}


def begin(server, bundle, **given):
    return start.upgrade(bundle, **{"incoming": None, "accept": "", "check": True, **server, **given})


def test_a_look_changes_nothing(server, releases, said):
    assert begin(server, releases.of("1.1.0").bundle) == start.OK
    assert not server["state"].exists()


def test_what_is_refused_before_anything_is_changed(server, releases, said, monkeypatch):
    assert begin(server, releases.of("1.0.0").bundle, check=False) == start.NO
    assert "is installed already" in said()
    monkeypatch.setattr(programs, "preflight", lambda *_: (15, "ERROR [downgrade]"))
    assert begin(server, releases.of("1.1.0").bundle, check=False) == start.NO
    assert "downgrade" in said()
    assert not server["state"].exists()


@pytest.mark.parametrize(("version", "answer"), [("1.0.0", start.NO), ("1.1.0", start.OK)])
def test_our_copy_of_a_bundle_goes_when_nothing_began(server, releases, tmp_path, version, answer):
    (tmp_path / "incoming/belgenet").mkdir(parents=True)
    assert begin(server, releases.of(version).bundle, incoming=tmp_path / "incoming") == answer
    assert not (tmp_path / "incoming").exists()


def test_the_copy_of_a_run_that_was_cut_off_stays(server, releases, tmp_path):
    (tmp_path / "incoming/belgenet").mkdir(parents=True)
    Journal(server["state"]).begin("upgrade", "1.0.0", "1.1.0", {"by": "1.1.0", "source": "x", "incoming": "x"})
    assert begin(server, releases.of("1.1.0").bundle, incoming=tmp_path / "incoming", check=False) == start.NO
    assert (tmp_path / "incoming").exists()


def test_what_breaks_is_agreed_to_first(server, releases, said):
    make(releases, "1.2.0", rollback_to="1.0.0", breaking=[{"version": "1.2.0", "en": "Old addresses end.", "tr": "x"}])
    assert begin(server, releases.of("1.2.0").bundle) == start.NO
    told = said()
    assert "Old addresses end." in told
    assert "--accept 1.2.0" in told
    assert begin(server, releases.of("1.2.0").bundle, accept="1.2.0") == start.OK


def test_a_release_without_a_way_back_is_agreed_to_first(server, releases, said):
    make(releases, "1.2.0", rollback_to="1.2.0")
    assert begin(server, releases.of("1.2.0").bundle) == start.NO
    assert "no way back" in said()


def test_one_at_a_time(server, releases, tmp_path, said):
    with exclusive("backup run", lock=tmp_path / "lock"):
        assert begin(server, releases.of("1.1.0").bundle) == start.BUSY
    assert "backup run" in said()


def test_nothing_new_before_the_last_run_is_at_its_end(server, releases, said):
    Journal(server["state"]).begin("upgrade", "1.0.0", "1.1.0", {})
    assert begin(server, releases.of("1.1.0").bundle) == start.NO
    assert start.rollback("", **server) == start.NO
    assert said().count("--resume") == 2


def test_nothing_to_resume(server, said):
    assert start.resume(**server) == start.OK
    assert "nothing to resume" in said()


def test_a_run_that_was_killed_while_it_copied_is_cleaned_up(server, releases, tmp_path, said, monkeypatch):
    monkeypatch.setattr("belgenet.appliance.upgrade.telling.LOGS", tmp_path / "log")
    monkeypatch.setattr(Teller.begin_log, "__defaults__", (tmp_path / "log",))
    journal = Journal(server["state"])
    (releases.folder / "1.2.0/bundle.new").mkdir(parents=True)
    journal.begin("upgrade", "1.0.0", "1.2.0", {"by": "1.2.0", "source": str(tmp_path / "gone"), "incoming": ""})
    journal.mark("prepare", "place", "begun")
    assert start.resume(**server) == start.BROKEN
    assert journal.last().outcome == "cleaned"
    assert not (releases.folder / "1.2.0").exists()
    assert "1.0.0 goes on running" in said()
    assert list((tmp_path / "log").iterdir())


def test_a_plan_for_each_kind_of_run(server, releases):
    tell = Teller(words("upgrade", "en"))
    for kind in start.PLANS:
        assert start.plan_of(Run(kind, "1.0.0", "1.1.0", {"by": "1.1.0"}), tell).commit


def test_a_closed_terminal_and_a_full_disk_stop_nobody(tmp_path, monkeypatch):
    def closed(*_):
        raise BrokenPipeError

    monkeypatch.setattr("os.write", closed)
    tell = Teller(words("upgrade", "tr"), tmp_path / "no such folder/log")
    tell("sure", bundle="x")
    tell.step("prepare", "place", "failed", Failure("disk_full", reason="x"))
    assert tell.of(Failure("disk_full", reason="x")) == "Disk dolu: x"
    assert tell.of(KeyboardInterrupt()) == "Siz durdurdunuz."
    assert tell.of(OSError("x")) == "OSError: x"


@pytest.mark.parametrize("command", [upgrade, rollback])
def test_only_for_root(command, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    done = CliRunner().invoke(command, ["--resume"] if command is upgrade else [])
    assert done.exit_code == 1
    assert "sudo" in done.output


@pytest.mark.parametrize("given", [[], ["--resume", "/"]])
def test_a_bundle_or_a_run_to_resume(given, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert CliRunner().invoke(upgrade, given).exit_code == 2
