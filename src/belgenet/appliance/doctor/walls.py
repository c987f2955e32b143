"""The firewall, and whether it really keeps strangers from what is others'."""

import re
from collections.abc import Iterator
from typing import Final

from belgenet.appliance.doctor.finding import Finding, error, info
from belgenet.appliance.doctor.system import System
from belgenet.appliance.loopback import inner_ports
from belgenet.appliance.run import CommandError

STORES: Final = {"seaweedfs": "belgenet-objects.service", "minio": "belgenet-minio.service"}
"""Object stores of ours -> their units. They stay when the objects have moved elsewhere."""
STRANGER: Final = "nobody"
_REACH: Final = (
    "import socket, sys\n"
    "for port in map(int, sys.argv[1:]):\n"
    "    try:\n"
    "        socket.create_connection(('127.0.0.1', port), 3).close()\n"
    "        print(port)\n"
    "    except OSError:\n"
    "        pass\n"
)
_DENIED: Final = (
    "import socket\n"
    "here = socket.create_server(('127.0.0.1', 0))\n"
    "try:\n"
    "    socket.create_connection(here.getsockname(), 2)\n"
    "    print('reached')\n"
    "except OSError:\n"
    "    print('denied')\n"
)


def firewall(system: System) -> Iterator[Finding]:
    """Its rules are loaded."""
    try:
        rules = system.run(["nft", "list", "table", "inet", "belgenet"])
    except CommandError as failure:
        yield error("firewall_missing", reason=failure.said)
        return
    if not re.search(r"hook input .*policy drop", rules) or "skuid" not in rules:
        yield error("firewall_missing", reason="inet belgenet")


def loopback(system: System) -> Iterator[Finding]:
    """Tried as somebody who has no business there. Other ports are the institution's own affair."""
    left = [store for store, unit in STORES.items() if system.path(f"/etc/systemd/system/{unit}").exists()]
    ports = [str(port) for port in inner_ports(system.site, left)]
    reached = system.run(["/usr/bin/python3", "-c", _REACH, *ports], user=STRANGER, timeout=25).split()
    for port in reached:
        yield error("loopback_open", port, who=STRANGER)


def addresses(system: System) -> Iterator[Finding]:
    """Where units of ours rely on systemd's filter of addresses, the kernel must enforce it; some containers do not."""
    said = system.run(["systemctl", "show", "--property=IPAddressDeny", "--value", "belgenet-*"])
    if not said.strip():
        return
    words = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--property=IPAddressDeny=any"]
    if system.run([*words, "/usr/bin/python3", "-c", _DENIED], timeout=25).strip() == "reached":
        yield info("address_filter_off")
