"""Everything a migration leaves in the database, as lines that can be compared."""

from typing import Any

from sqlalchemy import create_engine, text

_OURS = "n.nspname = 'public' AND c.relname NOT LIKE 'alembic_version%'"
QUERIES = {
    "relation": f"""
        SELECT c.relname, c.relkind, pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity, c.relacl::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OURS}
    """,
    "column": f"""
        SELECT c.relname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname,
               format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
               a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid), a.attacl::text
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE {_OURS} AND a.attnum > 0 AND NOT a.attisdropped
    """,
    "constraint": f"""
        SELECT c.relname, k.conname, k.convalidated, pg_get_constraintdef(k.oid)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS}
    """,
    "index": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
    "policy": """
        SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check
        FROM pg_policies WHERE schemaname = 'public'
    """,
    "trigger": f"""
        SELECT c.relname, t.tgname, t.tgenabled, pg_get_triggerdef(t.oid)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS} AND NOT t.tgisinternal
    """,
    "function": """
        SELECT p.proname, pg_get_userbyid(p.proowner), pg_get_functiondef(p.oid), p.proacl::text
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')
    """,
    "type": """
        SELECT t.typname, t.typtype FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE n.nspname = 'public' AND t.typtype IN ('e', 'd')
    """,
    "extension": "SELECT extname FROM pg_extension",
    "collation": "SELECT c.collname FROM pg_collation c WHERE c.collnamespace = 'public'::regnamespace",
}


def catalogue(url: str) -> list[str]:
    """Tables with owners, row security and grants, columns, constraints, indexes, policies, triggers, functions, types."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found: list[Any] = [
            (kind, *row) for kind, query in QUERIES.items() for row in connection.execute(text(query)).all()
        ]
    engine.dispose()
    return sorted(" | ".join(str(part) for part in row) for row in found)
