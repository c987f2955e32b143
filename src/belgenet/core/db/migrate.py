from importlib.resources import files

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine


def alembic_config(owner_url: str) -> Config:
    """Alembic over the migrations that ship in the package.

    :param owner_url: SQLAlchemy URL of the schema's owner.
    """
    config = Config()
    config.set_main_option("script_location", str(files("belgenet.migrations")))
    config.attributes["url"] = owner_url
    return config


def unknown_revision(config: Config) -> str:
    """The database's revision when this release does not know it: a later one was here. Empty otherwise."""
    with create_engine(config.attributes["url"], poolclass=NullPool).connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    try:
        ScriptDirectory.from_config(config).get_revision(found or "base")
    except CommandError:
        return str(found)
    return ""
