"""Ansible module: the product's roles and its database in a PostgreSQL cluster, over the socket as the superuser."""

import json
import subprocess

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: postgres_setup
short_description: The product's database roles, its database, and who may connect
options:
  database: {description: Name of the database., type: str, required: true}
  owner: {description: Role that owns it., type: str, required: true}
  roles_sql: {description: Script of the release that makes the roles; safe to run again., type: path, required: true}
  database_sql: {description: Script of the release that sets rights in the database; safe to run again., type: path, required: true}
"""

# The rights that the two scripts set; they are run when this differs from what the scripts of the release would leave behind.
STATE = """
select jsonb_build_object(
  'roles', (select jsonb_agg(row(rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolinherit, rolreplication,
                                rolbypassrls, rolpassword is null) order by rolname)
            from pg_authid where rolname like 'belgenet\\_%'),
  'database', (select jsonb_agg(row(pg_get_userbyid(datdba), datacl::text)) from pg_database where datname = '{database}'))
"""
SCHEMA = "select jsonb_agg(row(pg_get_userbyid(nspowner), nspacl::text)) from pg_namespace where nspname = 'public'"


def main() -> None:
    """See the documentation above."""
    module = AnsibleModule(
        argument_spec={
            "database": {"type": "str", "required": True},
            "owner": {"type": "str", "required": True},
            "roles_sql": {"type": "path", "required": True},
            "database_sql": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    given = module.params

    def psql(database, *words, wrapped=""):
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, *words]
        done = subprocess.run(command, input=wrapped, capture_output=True, text=True, check=False)
        if done.returncode:
            module.fail_json(msg=f"psql: {done.stderr.strip()[-500:]}")
        return done.stdout.strip()

    def state():
        whole = json.loads(psql("postgres", "-c", STATE.format(database=given["database"])))
        inside = psql(given["database"], "-c", SCHEMA) if whole["database"] else "null"
        return {**whole, "schema": json.loads(inside)}

    before = state()
    if module.check_mode:
        # The scripts run inside a transaction that is taken back: what they would change is known without changing it.
        wanted = _rehearse(psql, given, before)
        module.exit_json(changed=wanted != before, diff={"before": _text(before), "after": _text(wanted)})
    psql("postgres", "-f", given["roles_sql"])
    if not before["database"]:
        psql("postgres", "-c", f"create database {given['database']} owner {given['owner']} encoding 'UTF8' template template0")
    psql(given["database"], "-1", "-f", given["database_sql"])
    after = state()
    module.exit_json(changed=after != before, diff={"before": _text(before), "after": _text(after)})


def _rehearse(psql, given, before):
    if not before["database"]:
        return {"database": "to be made"}
    with open(given["roles_sql"]) as roles, open(given["database_sql"]) as rights:
        script = f"begin;\n{roles.read()}\n{rights.read()}\n"
    script += STATE.format(database=given["database"]) + ";\n" + SCHEMA + ";\nrollback;\n"
    whole, inside = [line for line in psql(given["database"], wrapped=script).splitlines() if line.startswith(("{", "["))]
    return {**json.loads(whole), "schema": json.loads(inside)}


def _text(state):
    return json.dumps(state, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    main()
