"""What the firewall lets in, and how its rules come into effect."""

import base64
import re

from tests.unit.deploy.roles import rendered, task, value

OWN = base64.b64encode(b"flush ruleset\ntable inet filter { }\n").decode()
OURS = base64.b64encode(b"# Managed by BelgeNet.\n").decode()


def ways_in(**given):
    text = rendered("firewall", "nftables.conf.j2", **given)
    return re.findall(r"^ +(.*tcp dport .* accept)$", text.partition("chain loopback")[0], re.MULTILINE)


def test_ssh_at_its_usual_port():
    assert ways_in() == [
        "tcp dport { 80, 443 } accept",
        "ip saddr { 0.0.0.0/0 } tcp dport { 22 } accept",
        "ip6 saddr { ::/0 } tcp dport { 22 } accept",
    ]


def test_ssh_elsewhere():
    assert ways_in(belgenet_ssh_ports=[22, 2222], belgenet_ssh_networks=["10.0.0.0/8"])[1:] == [
        "ip saddr { 10.0.0.0/8 } tcp dport { 22, 2222 } accept"
    ]


def test_rules_change_in_one_step():
    text = rendered("firewall", "nftables.conf.j2")
    words = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert words[0] == "flush ruleset", "a reload would add the operator's rules a second time"
    handler = task("firewall", "Load the firewall", "handlers/main.yml")
    assert handler["ansible.builtin.systemd_service"] == {"name": "nftables", "state": "reloaded"}
    assert task("firewall", "Rules")["notify"] == "Load the firewall"


def test_what_was_there_before_us_is_kept_once():
    keep = task("firewall", "They are kept for the operator, once")
    assert keep["ansible.builtin.copy"]["force"] is False
    assert value(keep["when"], firewall__before={"content": OWN})
    assert not value(keep["when"], firewall__before={"content": OURS})
    assert not value(keep["when"], firewall__before={"failed": True})
