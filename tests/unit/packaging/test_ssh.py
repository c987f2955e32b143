"""Whether the firewall would shut the administrator out."""

from pathlib import Path

import pytest
import yaml
from checks.ssh import INSTALLED, answered, ssh

from .server import Server

HERE = Path(__file__).parents[3]


@pytest.fixture
def server(tmp_path):
    return Server(tmp_path)


def found(server, text="", **options):
    return [(one.code, one.severity, one.values) for one in ssh(server.probe(), text, **options)]


def sshd(server, port, unit="ssh.service"):
    server.listen(port, 4000 + port)
    server.process(700 + port, "sshd", unit, 4000 + port)


def test_what_holds_where_nothing_is_answered_is_what_the_playbook_takes():
    defaults = yaml.safe_load((HERE / "deploy/ansible/group_vars/all.yml").read_text(encoding="utf-8"))
    assert set(defaults["belgenet_ssh_ports"]) == INSTALLED


def test_no_ssh_at_all(server):
    server.outputs["sshd"] = (0, "port 2222\n")
    assert found(server) == [], "it is set up and does not run: nobody is shut out"


def test_at_its_usual_port(server):
    sshd(server, 22)
    assert found(server) == []


@pytest.mark.parametrize("unit", ["ssh.service", "sshd.service"])
def test_at_another_port(server, unit):
    sshd(server, 22)
    sshd(server, 2222, unit)
    assert found(server) == [
        ("ssh_elsewhere", "error", {"found": "2222", "allowed": "22", "wanted": "22, 2222"}),
    ]
    assert found(server, "belgenet_ssh_ports: [22, 2222]\n") == []


def test_the_answers_of_a_backup_cannot_be_changed_beforehand(server):
    sshd(server, 2222)
    assert [one[1] for one in found(server, restoring=True)] == ["warning"]


@pytest.mark.parametrize("line", ["port 2222", "listenaddress 0.0.0.0:2222", "listenaddress [::]:2222"])
def test_what_its_settings_say_when_systemd_holds_the_socket(server, line):
    server.listen(2222, 4711, six=True)
    server.outputs["sshd"] = (0, f"addressfamily any\n{line}\npermitrootlogin no\n")
    assert [one[0] for one in found(server)] == ["ssh_elsewhere"]


@pytest.mark.parametrize("listen", ["0.0.0.0:2222", "[::]:2222", "2222"])
def test_a_port_that_systemd_alone_knows_of(server, listen):
    server.listen(2222, 4711)
    server.outputs["systemctl"] = (0, f"Listen={listen} (Stream)\n")
    assert [one[0] for one in found(server)] == ["ssh_elsewhere"]


def test_what_a_session_forwards_is_no_way_in(server):
    sshd(server, 22)
    server.listen(6010, 4711)
    server.process(900, "sshd", "session-3.scope", 4711)
    assert found(server) == []


@pytest.mark.parametrize(
    "text",
    [
        "belgenet_ssh_ports: [22, 2222]",
        "belgenet_ssh_ports: [22, 2222] # two",
        "belgenet_ssh_ports:\n  - 22\n  # and\n  - 2222 # the other\n",
        "a: b\nbelgenet_ssh_ports: # both\n- 2222\n- 22",
    ],
)
def test_how_ports_are_written(text):
    assert answered(text) == {22, 2222}


@pytest.mark.parametrize("value", ["22", "[]", "", "[ssh]", '["22"]', "[0]", "[65536]", "[true]", "{22: 1}", "\n  - x"])
def test_what_is_no_list_of_ports(server, value):
    assert [one[:2] for one in found(server, f"belgenet_ssh_ports: {value}\n")] == [("ssh_ports_invalid", "error")]
