"""What ``belgenet apply`` and ``belgenet drift`` make of the words of Ansible; a stand-in says them here."""

import os
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from belgenet.appliance import places
from belgenet.appliance.playbook import Playbook
from belgenet.appliance.words import language, texts
from belgenet.cli import server_state

PLAYBOOKS = Path(__file__).parents[3] / "deploy/ansible"
HEAD = "\nPLAY [BelgeNet] ***\n\nTASK [app : Settings] ****************\n"
CHANGED = f"""{HEAD}changed: [localhost]

TASK [app : Units] *******
ok: [localhost]

TASK [tls : Units] *******
--- before: /etc/systemd/system/belgenet-tls.path
+++ after: /etc/systemd/system/belgenet-tls.path
@@ -1 +1 @@
-    - by hand

changed: [localhost] =>{" "}
    changed: true
    places:
    - /etc/systemd/system/belgenet-tls.path
    - /etc/systemd/system/belgenet-tls.timer

TASK [redis : Configuration] *******
ok: [localhost] => (item=cache)
changed: [localhost] => (item=broker)

RUNNING HANDLER [redis : Restart Redis] ***
changed: [localhost] => (item=cache)
changed: [localhost] => (item=broker)

PLAY RECAP ****
localhost                  : ok=60   changed=3    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0
"""
SAME = f"{HEAD}ok: [localhost]\n\nPLAY RECAP ****\nlocalhost  : ok=60   changed=0    unreachable=0    failed=0    skipped=1\n"
RECAP_FAILED = "localhost  : ok=2   changed=0    unreachable=0    failed=1    skipped=1\n"
FAILED = f"{HEAD}fatal: [localhost]: FAILED! => no room\n\nPLAY RECAP ****\n{RECAP_FAILED}"


class Server:
    """A release whose ansible-playbook says what it is told to."""

    def __init__(self, folder: Path) -> None:
        self.release = folder / "releases" / "1.2.0"
        self.current, self.site = folder / "current", folder / "site.yml"
        (self.release / "bundle/ansible/deploy").mkdir(parents=True)
        self._program = self.release / "ansible/venv/bin/ansible-playbook"
        self._program.parent.mkdir(parents=True)
        self.current.symlink_to(self.release)

    def says(self, text: str, code: int = 0) -> None:
        (self.release / "text").write_text(text)
        note = f'echo "$PWD $*" >"{self.release}/asked"; env >"{self.release}/env"'
        self._program.write_text(f'#!/bin/sh\n{note}\ncat "{self.release}/text"; exit {code}\n')
        self._program.chmod(0o755)

    def asked(self) -> str:
        return (self.release / "asked").read_text()


@pytest.fixture
def server(tmp_path, monkeypatch):
    made = Server(tmp_path)
    monkeypatch.setattr(places, "CURRENT", made.current)
    monkeypatch.setattr(places, "SITE", made.site)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return made


def test_the_releases_own_playbook_runs_with_the_operators_answers(server, monkeypatch):
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "minimal")
    server.says(SAME)
    assert Playbook(server.current, server.site).run(check=True).complete
    assert server.asked().startswith(f"{server.release}/bundle/ansible/deploy ")
    assert server.asked().endswith(f"site.yml -e @{server.site} -e belgenet_release=1.2.0 --check --diff\n")
    assert "ANSIBLE_STDOUT_CALLBACK" not in (server.release / "env").read_text(), (
        "nobody's own settings change its words"
    )


def test_nothing_is_written_into_the_bundle_which_holds_our_plugins(server):
    server.says(SAME)
    Playbook(server.current, server.site).run()
    assert "PYTHONDONTWRITEBYTECODE=1\n" in (server.release / "env").read_text()


def test_each_task_is_told_when_it_begins_and_each_role_once_at_the_terminal(server):
    server.says(CHANGED)
    begun: list[str] = []
    Playbook(server.current, server.site).run(tell=begun.append)
    assert begun == ["app : Settings", "app : Units", "tls : Units", "redis : Configuration", "redis : Restart Redis"]
    assert CliRunner().invoke(server_state.apply).stderr.splitlines() == ["app ...", "tls ...", "redis ..."]


def test_tasks_and_items_that_changed_are_told_apart_from_those_that_did_not(server):
    server.says(CHANGED)
    report = Playbook(server.current, server.site).run()
    assert report.complete
    assert report.changes == {
        "app : Settings": [],
        "tls : Units": ["/etc/systemd/system/belgenet-tls.path", "/etc/systemd/system/belgenet-tls.timer"],
        "redis : Configuration": ["broker"],
        "redis : Restart Redis": ["cache", "broker"],
    }
    assert "--check" not in server.asked()


@pytest.mark.parametrize(("text", "code"), [(FAILED, 2), (FAILED, 0), (SAME, 1), ("", 0), (HEAD, 0)])
def test_a_run_that_did_not_end_well_is_never_taken_for_one_that_did(server, text, code):
    server.says(text, code)
    assert not Playbook(server.current, server.site).run().complete
    for command in (server_state.apply, server_state.drift):
        done = CliRunner().invoke(command)
        assert done.exit_code == 2
        assert "did not come to its end" in done.output


def test_drift_says_what_differs_by_its_exit_status_too(server):
    server.says(SAME)
    same = CliRunner().invoke(server_state.drift)
    assert (same.exit_code, same.stdout) == (0, "nothing differs\n")
    server.says(CHANGED)
    differs = CliRunner().invoke(server_state.drift)
    assert differs.exit_code == 1
    assert "  redis : Configuration: broker\n" in differs.stdout
    assert "PLAY RECAP" not in differs.stdout
    assert "PLAY RECAP" in CliRunner().invoke(server_state.drift, ["--diff"]).stdout


def test_one_part_is_looked_at_and_one_that_is_none_is_refused(server):
    (server.release / "bundle/ansible/deploy/site.yml").write_text((PLAYBOOKS / "site.yml").read_text())
    server.says(SAME)
    for command in (server_state.apply, server_state.drift):
        done = CliRunner().invoke(command, ["--only", "tls", "--only", "nginx"])
        assert (done.exit_code, server.asked().endswith(" --tags tls,nginx\n")) == (0, True), done.output
        refused = CliRunner().invoke(command, ["--only", "ngnix", "--lang", "tr"])
        assert refused.exit_code == 2
        assert "ngnix adlı bir bölüm yok; bölümler: app, " in refused.output


def test_apply_tells_what_it_did(server):
    server.says(CHANGED)
    assert CliRunner().invoke(server_state.apply).stdout.startswith("changed:\n  app : Settings\n")
    server.says(SAME)
    assert CliRunner().invoke(server_state.apply).stdout == "nothing had to be changed\n"


def test_both_speak_turkish(server, tmp_path, monkeypatch):
    server.says(SAME)
    assert CliRunner().invoke(server_state.apply, ["--lang", "tr"]).stdout == "değiştirilmesi gereken bir şey yoktu\n"
    assert CliRunner().invoke(server_state.drift, env={"LC_ALL": "tr_TR.UTF-8"}).stdout == "hiçbir fark yok\n"
    server.says(CHANGED)
    assert CliRunner().invoke(server_state.apply, ["--lang", "tr"]).stdout.startswith("değiştirilenler:\n  app : ")
    differs = CliRunner().invoke(server_state.drift, ["--lang", "tr"]).stdout
    assert differs.startswith("farklı olanlar:\n")
    assert differs.endswith("belgenet apply komutu düzeltir\n")
    server.says(FAILED, 2)
    assert "nedeni yukarıda" in CliRunner().invoke(server_state.drift, ["--lang", "tr"]).output
    monkeypatch.setattr(places, "CURRENT", tmp_path / "nothing")
    assert "kurulu bir sunucu değil" in CliRunner().invoke(server_state.drift, ["--lang", "tr"]).output
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "sudo kullanınız" in CliRunner().invoke(server_state.apply, ["--lang", "tr"]).output


def test_the_fleet_understands_what_apply_says_whatever_the_servers_language():
    fleet = yaml.safe_load((PLAYBOOKS / "fleet.yml").read_text(encoding="utf-8"))
    applies = fleet[-1]["tasks"][-1]
    assert texts("server", "en")["nothing_changed"] in applies["changed_when"]
    assert language(applies["environment"]) == "en"


def test_elsewhere_it_says_that_this_is_no_installed_server(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "CURRENT", tmp_path / "nothing")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "not an installed server" in CliRunner().invoke(server_state.drift).output
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "sudo" in CliRunner().invoke(server_state.apply).output
