"""The steps of an upgrade and of going back: their order, and what each says when it cannot do its work."""

from types import SimpleNamespace

import pytest
from tests.unit.appliance.upgrade.ground import make, run_from

from belgenet.appliance.run import CommandError
from belgenet.appliance.services import Services
from belgenet.appliance.upgrade import machine, programs, start, steps
from belgenet.appliance.upgrade.release import Facts, Failure
from belgenet.appliance.upgrade.steps import Work, rollback_plan, upgrade_plan
from belgenet.appliance.words import texts


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


@pytest.mark.parametrize(
    ("said", "free", "code"),
    [
        ("cp: error writing 'x': No space left on device", 2**40, "disk_full"),
        ("ensurepip returned non-zero exit status 1", 0, "disk_full"),
        ("ensurepip returned non-zero exit status 1", 2**40, "bundle_step"),
    ],
)
def test_a_full_disk_has_its_own_text_also_when_the_program_does_not_say_so(work, monkeypatch, said, free, code):
    def full(*_, **__):
        raise CommandError("bash", 1, said)

    monkeypatch.setattr(programs, "bundle_function", full)
    monkeypatch.setattr(steps.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(Failure, match=code):
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
