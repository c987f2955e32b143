"""Ansible module: the product's roles and its database in a PostgreSQL cluster, over the socket as the superuser."""

import json
import subprocess
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: postgres_setup
short_description: The product's database roles, its database, and who may connect
options:
  database: {description: Name of the database., type: str, required: true}
  owner: {description: Role that owns it., type: str, required: true}
  roles_sql: {description: Script of the release that makes the roles; safe to run again., type: path, required: true}
  database_sql: {description: Script of the release that sets rights in it; safe to run again., type: path, required: true}
"""

OPTIONS = {
    "database": {"type": "str", "required": True},
    "owner": {"type": "str", "required": True},
    "roles_sql": {"type": "path", "required": True},
    "database_sql": {"type": "path", "required": True},
}
# What the two scripts set.
ROLES = r"""
select coalesce(jsonb_agg(row(rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolinherit, rolreplication,
                              rolbypassrls, rolpassword is null) order by rolname), '[]')
from pg_authid where rolname like 'belgenet\_%'"""
RIGHTS = """
select jsonb_agg(row(pg_get_userbyid(datdba), datacl::text, pg_get_userbyid(nspowner), nspacl::text))
from pg_database, pg_namespace where datname = current_database() and nspname = 'public'"""


class Cluster:
    """The cluster as it is and as the release's scripts would leave it."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        self._database = module.params["database"]
        self._roles = Path(module.params["roles_sql"]).read_text(encoding="utf-8")
        self._rights = Path(module.params["database_sql"]).read_text(encoding="utf-8")

    def state(self) -> dict[str, Any]:
        """Roles, and rights in the database (None: there is no such database)."""
        known = self._psql("postgres", f"select 1 from pg_database where datname = '{self._database}'")  # noqa: S608
        return {
            "roles": json.loads(self._psql("postgres", ROLES)),
            "rights": json.loads(self._psql(self._database, RIGHTS)) if known else None,
        }

    def rehearse(self) -> dict[str, Any]:
        """The state the scripts would leave, from a transaction that is taken back."""
        script = f"begin;\n{self._roles}\n{self._rights}\n{ROLES};\n{RIGHTS};\nrollback;\n"
        roles, rights = (line for line in self._psql(self._database, script).splitlines() if line.startswith("["))
        return {"roles": json.loads(roles), "rights": json.loads(rights)}

    def set_up(self, *, make: bool) -> None:
        """Run the scripts; ``make`` the database between them."""
        self._psql("postgres", self._roles)
        if make:
            owner = self._module.params["owner"]
            self._psql("postgres", f"create database {self._database} owner {owner} encoding 'UTF8' template template0")
        self._psql(self._database, f"begin;\n{self._rights}\ncommit;")

    def _psql(self, database: str, script: str) -> str:
        words = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database]
        done = subprocess.run(words, input=script, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            self._module.fail_json(msg=f"psql: {done.stderr.strip()[-500:]}")
        return done.stdout.strip()


def main() -> None:
    """See the documentation above."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    cluster = Cluster(module)
    before = cluster.state()
    if not module.check_mode:
        cluster.set_up(make=before["rights"] is None)
        after = cluster.state()
    elif before["rights"] is None:
        after = {"roles": before["roles"], "rights": "to be made"}
    else:
        after = cluster.rehearse()
    texts = {"before": before, "after": after}
    diff = {name: json.dumps(state, indent=1, sort_keys=True) + "\n" for name, state in texts.items()}
    module.exit_json(changed=after != before, diff=diff)


if __name__ == "__main__":
    main()
