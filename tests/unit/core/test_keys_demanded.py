"""Which process starts without the installation's keys, and which does not."""

import base64

import pytest

from belgenet.app import configure, make_app
from belgenet.core.security import demand_keys
from belgenet.settings import SettingsError, load

BASE = {"belgenet.database.url": "postgresql+psycopg://nobody@127.0.0.1:1/none"}
KEY = "one:" + base64.b64encode(bytes(32)).decode()
JWT, MASTER = {"belgenet.security.jwt_keys": KEY}, {"belgenet.security.master_keys": KEY}


@pytest.mark.parametrize(
    ("process", "keys", "missing"),
    [
        ("web", JWT, "security.master_keys"),
        ("web", MASTER, "security.jwt_keys"),
        ("worker", JWT, "security.master_keys"),
        ("worker", MASTER, None),
        ("beat", {}, None),
        ("relay", {}, None),
    ],
)
def test_who_needs_which(process, keys, missing):
    settings = load(BASE | keys, {})
    if missing is None:
        demand_keys(settings, process)
        return
    with pytest.raises(SettingsError, match=f"missing setting '{missing}'.*_FILE"):
        demand_keys(settings, process)


def test_the_web_application_does_not_start_without():
    with pytest.raises(SettingsError, match=r"security\.jwt_keys"):
        make_app(BASE | MASTER, {})


def test_a_process_without_keys_is_whole_but_for_what_they_do():
    config = configure(load(BASE, {}))
    config.commit()
    assert "belgenet.access_tokens" not in config.registry
    assert "belgenet.master_keys" not in config.registry
    assert config.registry["belgenet.consumers"]
