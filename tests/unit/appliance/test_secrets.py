"""Which secrets are made, and who gets which."""

import base64
import hashlib
import json
import os
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from belgenet.appliance.secrets import OPERATORS, RINGS, SERVICES, STORING, Secrets, beside, generated
from belgenet.appliance.vault import Vault, VaultError
from belgenet.settings import load


class PlainVault:
    """Kept in memory, unsealed."""

    def __init__(self):
        self.kept = {}

    def names(self):
        return sorted(self.kept)

    def read(self, name):
        return self.kept.get(name)

    def write(self, name, text):
        self.kept[name] = text

    def remove(self, name):
        self.kept.pop(name, None)


@pytest.fixture
def vault():
    return PlainVault()


@pytest.fixture
def folders():
    return defaultdict(PlainVault)


@pytest.fixture
def secrets(vault, folders):
    return Secrets(vault, folders.__getitem__)


def test_everything_is_made_once(secrets, vault, folders):
    assert set(secrets.init().made) == set(generated())
    before = dict(vault.kept)
    assert not secrets.init(), "the second call changes nothing"
    assert vault.kept == before
    assert len(set(before.values())) == len(before), "no two alike"
    assert all(len(text) >= 32 for text in before.values())


def test_a_check_changes_nothing(secrets, vault, folders):
    changes = secrets.init(check=True)
    assert changes.made
    assert vault.kept == {}
    assert not any(folder.kept for folder in folders.values())


def test_each_service_starts_with_what_it_is_handed(secrets, folders, tmp_path):
    secrets.init()
    for service in SERVICES:
        folder = tmp_path / service
        folder.mkdir()
        for name, text in folders[service].kept.items():
            (folder / f"belgenet_{name}").write_text(text)
        settings = load({"belgenet.database.url": "postgresql:///x"}, {"CREDENTIALS_DIRECTORY": str(folder)})
        assert f"//{service}:" in settings.cache.url.get_secret_value()
        key = settings.security.master_keys.get_secret_value().partition(":")[2]
        assert len(base64.b64decode(key)) == (32 if service in RINGS["security.master_keys"] else 0)
        assert bool(settings.security.jwt_keys.get_secret_value()) == (service == "web")
        assert bool(settings.storage.secret_key.get_secret_value()) == (service in STORING)


def test_no_service_has_anothers_password(secrets, folders):
    secrets.init()
    for service in SERVICES:
        for key in ("cache.url", "tasks.broker_url", "storage.secret_key"):
            secret = folders[service].kept.get(key)
            others = [folders[other].kept.get(key) for other in SERVICES if other != service]
            assert secret is None or secret not in others


def test_only_the_console_may_make_buckets(secrets, folders):
    secrets.init()
    identities = json.loads(folders["objects"].kept["s3.json"])["identities"]
    assert {item["name"]: "Admin" in item["actions"] for item in identities} == {
        "web": False,
        "worker": False,
        "console": True,
    }
    assert folders["objects"].kept["security.toml"].count("key = ") == 4


def test_redis_knows_hashes_and_nobody_without_a_password(secrets, vault):
    secrets.init()
    lines = secrets.redis_acl("broker").splitlines()
    assert lines[0] == "user default off"
    digest = hashlib.sha256(vault.kept["redis.broker.worker"].encode()).hexdigest()
    assert any(line.startswith(f"user worker on #{digest} ") for line in lines)
    assert not any(text in "\n".join(lines) for text in vault.kept.values())


def test_who_looks_at_redis_is_told_figures_and_touches_no_key(secrets, vault, folders):
    secrets.init()
    observer = next(line for line in secrets.redis_acl("cache").splitlines() if line.startswith("user metrics "))
    assert " resetkeys resetchannels -@all " in observer
    assert not {"~*", "&*", "+get", "+keys", "+config|get", "+@all"} & set(observer.split())
    passwords = json.loads(folders["metrics-redis"].kept["passwords.json"])
    for user in ("metrics@", ""):  # exporters of Debian 12 (1.45) look for an address without its user
        assert passwords[f"redis://{user}127.0.0.1:6379"] == vault.kept["redis.cache.metrics"]
        assert passwords[f"redis://{user}127.0.0.1:6380"] == vault.kept["redis.broker.metrics"]
    assert secrets.door() == vault.kept["metrics.door"]


def test_redis_gives_each_user_what_it_needs(secrets):
    secrets.init()
    rules = {line.split()[1]: line for line in secrets.redis_acl("cache").splitlines()}
    assert all("@dangerous" in rules[service] and "+info" not in rules[service] for service in SERVICES)
    assert rules["operator"].endswith("resetkeys resetchannels -@all +ping +acl|setuser")


def test_while_a_secret_is_rotated_both_values_are_accepted_and_one_is_used(secrets, vault, folders):
    secrets.init()
    for name, suffix in (("security.jwt_keys", 0), ("redis.cache.web", 1), ("objects.web", 1)):
        vault.write(beside(name)[suffix], {"s": "new:bmV3", "r": "neu", "o": "NEWACCESS:newsecret"}[name[0]])
    secrets.init()
    first, second = folders["web"].kept["security.jwt_keys"].split()
    assert (first, second) == (vault.kept["security.jwt_keys"], "new:bmV3")
    assert vault.kept["redis.cache.web"] in folders["web"].kept["cache.url"]
    assert f"#{hashlib.sha256(b'neu').hexdigest()}" in secrets.redis_acl("cache")
    web = json.loads(folders["objects"].kept["s3.json"])["identities"][0]
    assert [item["accessKey"] for item in web["credentials"]] == [vault.kept["objects.web"].split(":")[0], "NEWACCESS"]
    assert folders["web"].kept["storage.access_key"] != "NEWACCESS"
    with pytest.raises(KeyError):
        secrets.accepted("redis.cache.stranger")


def test_what_the_institution_was_given_reaches_those_who_need_it_and_goes_again(secrets, folders):
    secrets.init()
    secrets.set("payments.stripe_webhook_secret", "whsec_1")
    assert secrets.init().derived == ["web/payments.stripe_webhook_secret"]
    assert "payments.stripe_webhook_secret" not in folders["worker"].kept
    secrets.set("payments.stripe_webhook_secret", "")
    assert secrets.init().derived == ["web/payments.stripe_webhook_secret"]
    assert "payments.stripe_webhook_secret" not in folders["web"].kept
    with pytest.raises(KeyError):
        secrets.set("security.jwt_keys", "x")


def test_every_secret_an_operator_may_set_is_a_setting():
    for name in (name for name, readers in OPERATORS.items() if readers):
        base = {"belgenet.database.url": "x", "belgenet.security.jwt_keys": "k", "belgenet.security.master_keys": "k"}
        load({**base, f"belgenet.{name}": "value"}, {})


needs_systemd = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("systemd-creds"), reason="sealing needs root and systemd-creds"
)


@needs_systemd
def test_a_sealed_secret_opens_here_under_its_own_name_only(tmp_path: Path):
    vault = Vault(tmp_path / "v", prefix="belgenet")
    assert vault.read("mail.password") is None
    vault.write("mail.password", "gül\n")
    assert vault.read("mail.password") == "gül\n"
    assert vault.names() == ["mail.password"]
    file = tmp_path / "v" / "mail.password"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "gül".encode() not in base64.b64decode(file.read_bytes())
    file.rename(tmp_path / "v" / "sms.password")
    with pytest.raises(VaultError, match=r"systemd-creds decrypt --name=belgenet_sms\.password"):
        vault.read("sms.password")


@needs_systemd
def test_a_damaged_secret_is_said_to_be_one(tmp_path: Path):
    vault = Vault(tmp_path / "v")
    vault.write("x", "secret")
    (tmp_path / "v" / "x").write_bytes(b"rubbish")
    with pytest.raises(VaultError):
        vault.read("x")
