"""What the firewall lets in, and how its rules come into effect."""

import base64
import re

import pytest
from tests.unit.deploy.roles import rendered, settings, task, value, variable

from belgenet.appliance.loopback import STORES, inner_ports

OWN = base64.b64encode(b"flush ruleset\ntable inet filter { }\n").decode()
OURS = base64.b64encode(b"# Managed by BelgeNet.\n").decode()


def rules(*, left: bool = False, **given):
    """``left``: a SeaweedFS is on the server, whatever the settings say."""
    said = settings(**given)
    ours = variable("firewall", "firewall__seaweedfs", **said, firewall__objects={"stat": {"exists": left}})
    return rendered("firewall", "nftables.conf.j2", **given, firewall__seaweedfs=ours)


def ways_in(**given):
    text = rules(**given)
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
    text = rules()
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


@pytest.mark.parametrize("monitoring", [True, "no"])
@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({}, []),
        ({"belgenet_objectstore_backend": "minio"}, []),
        ({"belgenet_objectstore_backend": "external_s3"}, []),
        ({"belgenet_objectstore_backend": "external_s3"}, ["seaweedfs"]),
        ({"belgenet_objectstore_backend": "minio", "belgenet_objectstore_other": {"backend": "seaweedfs"}}, []),
    ],
)
def test_on_loopback_it_guards_the_ports_of_what_is_here_and_no_other(given, left, monitoring):
    """MinIO's are in a file of its own."""
    inside = rules(left=bool(left), belgenet_monitoring=monitoring, **given).partition("chain loopback")[2]
    guarded = {int(port) for words in re.findall(r"dport \{? ?([\d, ]+)", inside) for port in words.split(",")}
    needed = inner_ports({**given, "belgenet_monitoring": monitoring}, left)
    assert guarded == set(needed) - set(STORES["minio"])
