"""What is compared at the end of a restoration: the keys that are sealed in the database."""

import base64
import os

import pytest
from tests.unit.appliance.restore import ID, KEY, LABEL
from tests.unit.appliance.test_secrets import PlainVault

from belgenet.appliance import recovery_key
from belgenet.appliance.backup import contents
from belgenet.appliance.backup.make import fingerprints
from belgenet.appliance.backup.records import Manifest
from belgenet.appliance.restore import whole
from belgenet.appliance.restore.errors import RestoreError
from belgenet.core.security.keyring import Keyring
from belgenet.core.signing.secretbox import SecretBox

OLD, NEW = (f"{name}:{base64.b64encode(os.urandom(32)).decode()}" for name in ("old", "new"))


class Sealed:
    """A database whose only signing key was sealed under the old master key."""

    def ask(self, _query: str) -> str:
        return f"tenant k1 {SecretBox(Keyring.of_masters(OLD)).seal(b'private', 'tenant/k1')}\n"


@pytest.fixture
def require(monkeypatch: pytest.MonkeyPatch):
    vault = PlainVault()
    monkeypatch.setattr(whole, "Database", Sealed)
    monkeypatch.setattr(whole, "Vault", lambda _folder: vault)
    for name, found in (("schema", "0009"), ("counts", {}), ("broken_keys", [])):
        monkeypatch.setattr(contents, name, lambda _database, found=found: found)

    def call(**secrets: str):
        vault.kept = {recovery_key.NAME: KEY} | {name.replace("__", "."): text for name, text in secrets.items()}
        prints = fingerprints(KEY, vault.kept)
        return whole.require(Manifest(ID, LABEL, "1.2.0", 17, "0009", {}, {}, {}, prints), vault.kept)

    return call


def test_a_backup_made_before_anything_was_sealed_anew_is_whole(require):
    assert require(security__master_keys=NEW, security__master_keys__old=OLD)["sealed_opened"] == 1
    assert require(security__master_keys=OLD, security__master_keys__next=NEW)["sealed_opened"] == 1


def test_what_no_key_of_the_backup_opens_is_named(require):
    with pytest.raises(RestoreError, match="sealed: k1"):
        require(security__master_keys=NEW)
