"""Words for PostgreSQL that stand before whatever we ask of it as somebody who may do much."""

from typing import Final

TRUSTED: Final = "set search_path = pg_catalog; set restrict_nonsystem_relation_kind = 'view, foreign-table';"
"""Nobody's functions but PostgreSQL's own, not by way of a view either: they would run with the rights of who asks."""
