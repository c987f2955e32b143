"""What PostgreSQL's archiver is handed: a passphrase that the paper opens, and nothing else."""

from configparser import ConfigParser

from belgenet.appliance import recovery_key
from belgenet.appliance.secrets import OPERATORS, derived, generated


def handed(**given: str) -> dict[str, str]:
    known = {name: make() for name, make in generated().items()} | given
    return derived(known)["database"] | {"key": known[recovery_key.NAME]}


def options(text: str) -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    parser.read_string(text)
    return dict(parser["global"])


def test_the_passphrase_follows_from_the_recovery_key():
    files = handed()
    passphrase = recovery_key.derive(files["key"], recovery_key.DATABASE)
    assert options(files["here.conf"]) == {"repo1-cipher-pass": passphrase}
    assert files["key"] not in "".join(text for name, text in files.items() if name != "key")


def test_it_gets_no_keys_of_a_place_elsewhere():
    given = {"backup.offsite_key_id": "AK", "backup.offsite_key": "SK", "backup.offsite_ssh_key": "PEM"}
    assert handed(**given).keys() == {"here.conf", "key"}


def test_no_service_of_the_product_gets_any_of_them():
    given = {name: f"secret-{name}" for name in OPERATORS if name.startswith("backup.")}
    known = {name: make() for name, make in generated().items()} | given
    for service, files in derived(known).items():
        text = "".join(files.values())
        assert not [value for value in (*given.values(), known[recovery_key.NAME]) if value in text], service
