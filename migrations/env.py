"""Alembic environment: as the owner, one transaction per migration, short lock and statement timeouts, one migrator at a time."""

from typing import Any

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from belgenet.app import import_models
from belgenet.core.db import Base

LOCK = 4_211_779
"""Advisory lock: two servers that start an upgrade together migrate one after the other."""
PATIENCE = "15min"
"""How long the second one waits; more than ``lock_timeout``, which counts waiting for advisory locks too."""


def _applied(*, step: Any, **_: Any) -> None:
    """Tell whoever started the migration what was done."""
    tell = context.config.attributes.get("on_step")
    if tell is not None:
        tell(step.up_revision_id)


def run() -> None:
    """Migrate online; offline SQL is not offered because the timeouts and the lock would be missing from it."""
    import_models()
    url = context.config.attributes["url"]
    # No pool: closing the connection, also after a failed migration, is what gives the lock back.
    engine = create_engine(url, poolclass=NullPool, connect_args={"application_name": "belgenet-migrate"})
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{PATIENCE}'"))
        connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.execute(text("SET statement_timeout = '120s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            compare_type=True,
            compare_server_default=True,
            on_version_apply=_applied,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
