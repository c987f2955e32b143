"""Nobody on the server sees or reaches what is another's: secrets, ports, database roles, files."""

import pytest
from tests.appliance.installation import Installation

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.timeout(600),
    pytest.mark.after("test_one_command_installs_it_without_a_network"),
]

EXPORTERS = ("metrics-node", "metrics-postgres", "metrics-redis")
SERVICES = ("web", "worker", "beat", "relay", "console", "objects", *EXPORTERS)
STRANGER = "nobody"
REACH = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 3)"
MAY_REACH = {
    6379: {"web", "worker", "beat", "relay", "console", "metrics-redis"},
    6380: {"web", "worker", "beat", "relay", "console", "metrics-redis"},
    8333: {"web", "worker", "console", "objects"},
    8888: {"objects"},
    8380: {"objects"},
    9333: {"objects"},
    18888: {"objects"},
    18380: {"objects"},
    19333: {"objects"},
    19100: set(),
    19113: set(),
    19121: set(),
    19187: set(),
    19327: set(),
}
"""Port on loopback -> who may connect to it."""
ROLES = {
    "owner": {"owner"},
    "web": {"app", "platform"},
    "worker": {"app", "platform"},
    "beat": {"app"},
    "relay": {"app", "relay"},
    "console": {"app", "platform"},
    "objects": set(),
    "metrics-node": set(),
    "metrics-postgres": {"metrics"},
    "metrics-redis": set(),
}
"""Service -> the database roles it may be."""


def as_user(site: Installation, user: str, *words: str) -> bool:
    """Whether a command succeeds as somebody."""
    name = user if user == STRANGER else f"belgenet-{user}"
    return site.server.run(["runuser", "-u", name, "--", *words], check=False, timeout=30).returncode == 0


def test_every_port_on_loopback_is_closed_to_those_who_do_not_need_it(site: Installation):
    reached = {
        port: {who for who in (*SERVICES, STRANGER) if as_user(site, who, "python3", "-c", REACH, str(port))}
        for port in MAY_REACH
    }
    assert reached == MAY_REACH


def test_no_port_listens_that_this_list_does_not_know(site: Installation):
    listed = site.server.run("ss -ltnH | awk '{print $4}'").stdout.split()
    ports = {int(address.rpartition(":")[2]) for address in listed}
    assert ports - {22, 80, 443, 18333, 5355} == set(MAY_REACH), listed


def test_who_reaches_redis_or_the_s3_server_still_has_to_say_who_it_is(site: Installation):
    ask = "import socket\ns = socket.create_connection(('127.0.0.1', {}), 3)\ns.sendall({!r})\nprint(s.recv(200))"
    for port in (6379, 6380):
        said = site.server.run(
            ["runuser", "-u", "belgenet-web", "--", "python3", "-c", ask.format(port, b"KEYS *\r\n")]
        ).stdout
        assert "NOAUTH" in said
    request = b"GET /belgenet HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    said = site.server.run(["runuser", "-u", "belgenet-web", "--", "python3", "-c", ask.format(8333, request)]).stdout
    assert "403 Forbidden" in said


def test_a_service_is_the_database_roles_it_needs_and_no_other(site: Installation):
    everyone = {"owner", "app", "platform", "relay", "metrics"}
    for service, roles in ROLES.items():
        ask = ("psql", "-X", "-q", "-h", "/run/postgresql", "-d", "belgenet", "-c", "select 1", "-U")
        assert {role for role in everyone if as_user(site, service, *ask, f"belgenet_{role}")} == roles, service
        assert not as_user(site, service, *ask, "postgres"), service
    assert not any(as_user(site, STRANGER, *ask, f"belgenet_{role}") for role in everyone)


def test_no_service_reads_anothers_secrets(site: Installation):
    opened = site.server.run("find /run/credentials -mindepth 1 -maxdepth 1 -name 'belgenet-*'").stdout.split()
    assert len(opened) >= 6
    for folder in opened:
        unit = folder.rpartition("/")[2]
        owner = unit.removeprefix("belgenet-").partition("@")[0].removesuffix(".service")
        may = {who for who in (*SERVICES, STRANGER) if as_user(site, who, "sh", "-c", f"cat {folder}/*")}
        assert may == {owner}, unit
    for look in (
        ("ls", "/etc/belgenet/credentials"),
        ("cat", "/etc/belgenet/tls/server.key"),
        ("cat", "/var/lib/systemd/credential.secret"),
    ):
        assert {who for who in (*SERVICES, STRANGER) if as_user(site, who, *look)} == set(), look


def test_no_secret_stands_in_plain_text_on_the_disk_or_in_a_log(site: Installation):
    """A known one of each kind is looked for where files of ours and logs are."""
    look = (
        "set -e; for unit in web@1 worker@main; do for file in /run/credentials/belgenet-$unit.service/*; do "
        "secret=$(sed 's/.*://; s/@.*//' $file); [ ${#secret} -lt 20 ] || "
        'grep -rlF -- "$secret" /etc /opt/belgenet/current/ansible /var/log /srv /root 2>/dev/null || true; done; done; '
        "journalctl --no-pager | grep -cE 'redis://[a-z]+:[^*]' || true"
    )
    assert site.server.run(look).stdout.strip() == "0"


def test_a_service_writes_only_where_its_work_is(site: Installation):
    main = site.server.run("systemctl show -P MainPID belgenet-web@1").stdout.strip()
    for place in ("/opt/belgenet/current/x", "/etc/belgenet/x", "/var/lib/belgenet/x", "/usr/bin/x"):
        inside = f"nsenter -t {main} -m -- touch {place}"
        assert "Read-only file system" in site.server.run(inside, check=False).stderr, place
