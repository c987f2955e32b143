"""Nobody on the server sees or reaches what is another's: secrets, ports, database roles, files."""

from typing import Any

import pytest
from tests.appliance.installation import Installation

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.timeout(600),
    pytest.mark.after("test_one_command_installs_it_without_a_network"),
]

_APP = {"belgenet-web", "belgenet-worker", "belgenet-console"}
_QUEUES = {*_APP, "belgenet-beat", "belgenet-relay"}
_STORE = {"belgenet-objects"}
_FIGURES = {"root", "www-data"}
MAY_REACH = {
    6379: {*_QUEUES, "belgenet-metrics-redis"},
    6380: {*_QUEUES, "belgenet-metrics-redis"},
    8333: {*_APP, *_STORE, *_FIGURES},
    8888: _STORE,
    8380: _STORE,
    9333: _STORE,
    18888: _STORE,
    18380: _STORE,
    19333: _STORE,
    18333: _STORE,
    19100: _FIGURES,
    19113: _FIGURES,
    19121: _FIGURES,
    19187: _FIGURES,
    19327: _FIGURES,
}
"""Port on loopback -> the users of the server who may connect to it."""
ROLES = {
    "belgenet_owner": {"belgenet-owner"},
    "belgenet_app": _QUEUES,
    "belgenet_platform": _APP,
    "belgenet_relay": {"belgenet-relay"},
    "belgenet_metrics": {"belgenet-metrics-postgres"},
    # pgBackRest runs as the owner of the cluster's files; the superuser loses nothing by it.
    "belgenet_backup": {"belgenet-backup", "postgres"},
    "postgres": {"postgres", "root"},
}
"""Role of the database -> the users who may be it."""


BESIDE = {
    "postgres": {"belgenet_backup": {"belgenet-backup", "postgres"}, "postgres": {"postgres", "root"}},
    "template1": {"postgres": {"postgres", "root"}},
}
"""Databases beside the product's -> who may be whom there."""
REFUSED = (
    "insert into tenants select * from tenants",
    "insert into alembic_version values ('x')",
    "update accounts set password_hash = 'x'",
    "delete from orders",
    "truncate orders cascade",
    "create table public.planted ()",
    "create temporary table planted ()",
    "create schema planted",
    "create role planted",
    "create database planted",
    "alter table accounts disable row level security",
    "alter role belgenet_backup superuser",
    "alter system set archive_command = 'true'",
    "grant belgenet_owner to belgenet_backup",
    *(
        f"set role {role}"
        for role in ("postgres", *(f"belgenet_{name}" for name in ("owner", "app", "platform", "relay")))
    ),
    "set session authorization postgres",
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('/etc')",
    "select lo_import('/etc/passwd')",
    "copy (select 1) to '/tmp/planted'",
    "copy alembic_version from '/etc/passwd'",
    "copy (select 1) to program 'cat'",
    "select pg_reload_conf()",
)
"""What the role of backups may not do in the product's database, with its guard against mistakes switched off."""


def who(site: Installation, commands: dict[Any, str]) -> dict[Any, set[str]]:
    """The users of the server, all in its list, as whom a line for bash succeeds; each line has a name."""
    each = 'n=0; for line; do bash -c "$line" </dev/null >/dev/null 2>&1 && echo "$n $0"; n=$((n+1)); done'
    lines = 'cut -d: -f1 /etc/passwd | xargs -P 4 -I USER runuser -u USER -- bash -c "$0" USER "$@"; true'
    found: list[set[str]] = [set() for _ in commands]
    for told in site.server.run(["bash", "-c", lines, each, *commands.values()], timeout=300).stdout.splitlines():
        number, user = told.split()
        found[int(number)].add(user)
    return dict(zip(commands, found, strict=True))


def test_it_is_tried_as_every_user_of_the_server(site: Installation):
    """Somebody as whom no command runs at all would seem to be kept out of everything."""
    everyone = set(site.server.run("cut -d: -f1 /etc/passwd").stdout.split())
    assert who(site, {"works": "true", "does not": "false"}) == {"works": everyone, "does not": set()}
    assert everyone >= {"root", "nobody", "www-data", "redis", "postgres", "belgenet-acme"}.union(
        *MAY_REACH.values(), *ROLES.values()
    )


def test_every_port_on_loopback_is_closed_to_those_who_do_not_need_it(site: Installation):
    assert who(site, {port: f"exec 3<>/dev/tcp/127.0.0.1/{port}" for port in MAY_REACH}) == MAY_REACH


def test_no_port_listens_that_this_list_does_not_know(site: Installation):
    listed = site.server.run("ss -ltnH | awk '{print $4}'").stdout.split()
    ports = {int(address.rpartition(":")[2]) for address in listed}
    # 5355: systemd-resolved's, on servers that have it.
    assert ports - {22, 80, 443, 5355} == set(MAY_REACH), listed


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


def test_a_user_is_the_database_roles_it_needs_and_no_other(site: Installation):
    assert roles(site, "belgenet") == ROLES


def test_only_backups_and_the_administrator_reach_the_databases_beside_it(site: Installation):
    for database, allowed in BESIDE.items():
        assert {role: users for role, users in roles(site, database).items() if users} == allowed, database


def roles(site: Installation, database: str) -> dict[str, set[str]]:
    """Role -> the users who may be it there."""
    # Debian's own psql asks Perl first which one is meant.
    ask = f"/usr/lib/postgresql/*/bin/psql -X -q -h /run/postgresql -d {database} -c 'select 1' -U"
    return who(site, {role: f"{ask} {role}" for role in ROLES})


def as_backup(site: Installation, script: str, database: str = "belgenet") -> tuple[str, str]:
    """What the role of backups is told: output and errors."""
    ask = ["runuser", "-u", "belgenet-backup", "--", "psql", "-X", "-q", "-At", "-h", "/run/postgresql"]
    done = site.server.run([*ask, "-U", "belgenet_backup", "-d", database], input=script, check=False)
    return done.stdout.strip(), done.stderr.strip()


def test_the_role_of_backups_reads_every_institution_and_writes_nothing(site: Installation):
    count = "select count(*) from accounts"
    ask = ["runuser", "-u", "postgres", "--", "psql", "-d", "belgenet", "-Atc", count]
    everybody = site.server.run(ask).stdout.strip()
    assert int(everybody) > 0
    assert as_backup(site, count) == (everybody, "")
    # Where everybody may make a table for a session. A large object would be no proof: PostgreSQL 15 lets it pass.
    assert "read-only transaction" in as_backup(site, "create temporary table own ()", "postgres")[1]
    free, refused = (
        "set default_transaction_read_only = off;",
        ("permission denied", "must be", "must have", "only roles with"),
    )
    told = {statement: as_backup(site, f"{free} {statement}")[1] for statement in REFUSED}
    for source in ("'/etc/passwd'", "program 'cat /etc/passwd'"):
        # Beside the product's database, where everybody may make a table for a session: what could take a file's lines in.
        script = f"{free} create temporary table own (line text); copy own from {source}"
        told[script] = as_backup(site, script, "postgres")[1].partition("ERROR:")[2]
        assert "to COPY" in told[script]
    assert {statement: said for statement, said in told.items() if not any(word in said for word in refused)} == {}


def owner(credentials: str) -> str:
    """Whose unit they were opened for."""
    return credentials.rpartition("/")[2].partition("@")[0].removesuffix(".service")


def test_nobody_reads_the_secrets_of_others(site: Installation):
    opened = site.server.run("find /run/credentials -mindepth 1 -maxdepth 1 -name 'belgenet-*'").stdout.split()
    assert len(opened) >= 6
    allowed = {f"cat {folder}/*": {"root", owner(folder)} for folder in opened} | {
        "ls /etc/belgenet/credentials": {"root"},
        "cat /etc/belgenet/tls/server.key": {"root"},
        "cat /var/lib/systemd/credential.secret": {"root"},
    }
    assert who(site, {look: look for look in allowed}) == allowed
    # Behind a closed folder nobody would see that another is open, or the key itself: each by itself.
    site.server.run("test -f /etc/belgenet/tls/sets/*/server.key")
    opened = r"find /etc/belgenet/tls/sets \( -type d -o -name '*.key' \) -perm /077"
    assert site.server.run(opened).stdout == ""


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
