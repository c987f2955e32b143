from importlib.resources import files

from alembic.config import Config


def alembic_config(owner_url: str) -> Config:
    """Alembic over the migrations that ship in the package.

    :param owner_url: SQLAlchemy URL of the schema's owner.
    """
    config = Config()
    config.set_main_option("script_location", str(files("belgenet.migrations")))
    config.attributes["url"] = owner_url
    return config
