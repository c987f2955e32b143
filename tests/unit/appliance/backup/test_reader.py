"""Backups speak to the database as a role of their own: what the playbook gives it is enough, and the superuser is not asked."""

import os
import shutil
from pathlib import Path

import pytest
from tests.unit.appliance.backup.server import Institution
from tests.unit.deploy.roles import rendered

from belgenet.appliance.backup import contents
from belgenet.appliance.backup.database import ROLE, Database
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.make import Maker
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.backup.verify import newest, take_out, verify

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.geteuid() != 0, reason="becomes other users: needs root"),
]
READER = "daemon"
"""Somebody who is not the owner of the cluster."""
WALLS = """
set search_path = public;
alter table orders add tenant_id uuid; alter table orders enable row level security; alter table orders force row level security;
create policy walls on orders using (tenant_id = current_setting('app.tenant_id')::uuid);
"""


def psql(institution: Institution, script: str) -> str:
    """What the superuser is told in the database beside the product's, as the playbook asks."""
    words = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", f"{institution.folder}/run", "-p", "6511"]
    return institution.run(*words, "-d", "postgres", "-f", "-", given=script).strip()


def settle(institution: Institution, *, check: bool = False) -> str:
    """Run the role's script; what it says."""
    return psql(institution, rendered("backup", "role.sql.j2", ansible_check_mode=check))


@pytest.fixture
def reader(institution: Institution) -> Database:
    """The institution's database, read as on a server."""
    institution.folder.chmod(0o711)
    institution.configure()
    with (institution.folder / "pgbackrest.conf").open("a") as config:
        config.write(f"pg1-user={ROLE}\n")
    words = [f"--config={institution.folder}/pgbackrest.conf", f"--config-include-path={institution.folder}/conf.d"]
    return Database(["-h", f"{institution.folder}/run", "-p", "6511"], words, user=institution.owner, reader=READER)


def test_the_script_makes_the_role_once_and_a_look_changes_nothing(institution: Institution):
    settle(institution)
    psql(institution, "drop owned by belgenet_backup; drop role belgenet_backup")
    assert settle(institution, check=True) == settle(institution, check=True) == "made"
    assert settle(institution) == "made"
    assert settle(institution) == settle(institution, check=True) == ""


@pytest.mark.parametrize(
    "change",
    [
        "alter role belgenet_backup createdb",
        "alter role belgenet_backup superuser",
        "alter role belgenet_backup nobypassrls",
        "alter role belgenet_backup password 'secret'",
        "alter role belgenet_backup connection limit -1",
        "alter role belgenet_backup reset default_transaction_read_only",
        "alter role belgenet_backup set search_path = nowhere",
        "grant belgenet_platform to belgenet_backup",
        "grant pg_execute_server_program to belgenet_backup",
        "revoke pg_read_all_data from belgenet_backup",
        "grant execute on function pg_reload_conf() to belgenet_backup",
        "revoke execute on function pg_backup_start(text, boolean) from belgenet_backup",
        "revoke connect on database belgenet from belgenet_backup",
    ],
)
def test_what_somebody_changed_is_seen_and_put_back(institution: Institution, change: str):
    settle(institution)
    psql(institution, change)
    assert settle(institution, check=True) == "made"
    assert settle(institution) == "made"
    assert settle(institution) == ""


def test_a_whole_backup_asks_nothing_of_the_superuser(institution: Institution, reader: Database, tmp_path: Path):
    settle(institution)
    institution.database.ask(WALLS)
    psql(institution, "alter system set log_connections = on")
    psql(institution, "select pg_reload_conf()")
    log = institution.folder / "run/log"
    maker = Maker(
        institution.plan,
        institution.secrets,
        reader,
        lambda: institution.source,
        release=institution.release,
        folder=institution.state,
    )
    mark = log.stat().st_size
    assert maker.prepare(check=False)[0] == ["postgres", "files"]
    maker.make(full=True, point="pre-9.9.9")
    assert verify(institution.plan, institution.secrets, reader, folder=institution.state) == []
    lines = log.read_text()[mark:].splitlines()
    came = {line.partition("user=")[2].split()[0] for line in lines if "connection authorized" in line}
    assert came == {ROLE}
    assert [line for line in lines if " ERROR: " in line or " FATAL: " in line] == []
    with institution.work() as work:
        told = take_out(work.here, newest(work.here), tmp_path).manifest
        (dump,) = work.here.snapshots("dump")
        work.here.restore(str(dump["id"]), tmp_path / "dump")
    assert told.least["orders"] == 500
    (file,) = (tmp_path / "dump").rglob("*.dump")
    assert restored_where_nobody_knows_the_role(institution, file) == "500"


def restored_where_nobody_knows_the_role(institution: Institution, dump: Path) -> str:
    """How many orders a dump brings into another database, as a restoration loads it."""
    psql(institution, "drop owned by belgenet_backup; drop role belgenet_backup; create database other;")
    where = ["-h", f"{institution.folder}/run", "-p", "6511", "--dbname=other"]
    shutil.copy(dump, institution.folder / "run/other.dump")
    institution.give(institution.folder / "run/other.dump")
    words = ["pg_restore", "--exit-on-error", "--single-transaction", "--clean", "--if-exists", *where]
    institution.run(*words, f"{institution.folder}/run/other.dump")
    return institution.run("psql", "-XAt", *where, "-c", "select count(*) from orders").strip()


def test_functions_somebody_planted_are_not_run_for_who_asks(institution: Institution):
    planted = (
        "create function public.format(text, {}) returns text language plpgsql as $$ begin raise 'planted'; end $$;"
    )
    institution.database.ask("".join(planted.format(", ".join(["name"] * count)) for count in (1, 3)))
    try:
        assert contents.counts(institution.database)["orders"] == 500
        assert contents.broken_keys(institution.database) == []
    finally:
        institution.database.ask("drop function public.format(text, name), public.format(text, name, name, name)")


def test_a_view_somebody_planted_is_not_looked_through(institution: Institution):
    ask = institution.database.ask
    ask("create function public.planted() returns int language sql as 'select 1'")
    ask("create view public.trap as select public.planted()")
    try:
        with pytest.raises(BackupError, match="restricted"):
            ask("select * from public.trap")
    finally:
        ask("drop view public.trap; drop function public.planted()")


def test_without_a_reader_the_owner_asks_as_before_there_was_one(institution: Institution):
    assert institution.database.ask("select current_user") == institution.owner
    copy = Database(
        ["-h", f"{institution.folder}/run", "-p", "6511"], user=institution.owner, reader=READER
    ).elsewhere()
    assert copy.words("psql") == [
        "setpriv",
        "--reuid=postgres",
        "--regid=postgres",
        "--init-groups",
        "psql",
        "-d",
        "belgenet",
    ]


@pytest.mark.parametrize(("more", "reader"), [("", ""), (', "reader": "belgenet-backup"', "belgenet-backup")])
def test_the_plan_of_an_older_release_names_no_reader(tmp_path: Path, more: str, reader: str):
    (tmp_path / "backup.json").write_text(f'{{"folder": "/srv", "major": 17, "offsite": {{}}{more}}}')
    assert Plan.read(tmp_path / "backup.json").reader == reader
