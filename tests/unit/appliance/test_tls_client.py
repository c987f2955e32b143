"""What the ACME client is told, and what it may see."""

import os

import pytest

from belgenet.appliance.run import CommandError
from belgenet.appliance.tls.client import AcmeError, Client
from belgenet.appliance.tls.settings import TlsSettings, TlsSettingsError, read_settings

from .tls import DOMAIN, World

DIRECTORY = "https://acme.okul.example/directory"
SETTINGS = TlsSettings(mode="internal_acme", domain=DOMAIN, email=f"bt@{DOMAIN}", directory=DIRECTORY, eab_kid="kid-1")


@pytest.fixture
def at(tmp_path):
    return World(tmp_path).layout


def client(at, start, tmp_path, **more):
    authority = tmp_path / "authority.pem"
    authority.write_text("trusted")
    known = vars(SETTINGS) | {"authority": str(authority)} | more
    return Client(at, TlsSettings(**known), start)


def test_it_is_told_what_to_ask_and_forgets_the_accounts_key(at, tmp_path):
    told = {}

    def start(unit):
        told.update({file.name: file.read_text() for file in at.request.iterdir()}, unit=unit)
        assert (at.request / "certbot.ini").stat().st_mode & 0o777 == 0o640
        (at.client / "out/fullchain.pem").write_text("chain")

    assert client(at, start, tmp_path).ask("request", eab_key="c2VjcmV0") == "chain"
    lines = told["certbot.ini"].splitlines()
    assert f"server = {DIRECTORY}" in lines
    assert f"email = bt@{DOMAIN}" in lines
    assert "eab-hmac-key = c2VjcmV0" in lines
    assert (told["request.csr"], told["authorities.pem"], told["unit"]) == (
        "request",
        "trusted",
        "belgenet-acme.service",
    )
    assert not (at.request / "certbot.ini").exists()


def test_without_an_external_account_none_is_spoken_of(at, tmp_path):
    def start(_):
        assert "eab" not in (at.request / "certbot.ini").read_text()
        raise CommandError("systemctl", 1, "failed")

    with pytest.raises(AcmeError, match="failed"):
        client(at, start, tmp_path, eab_kid="").ask("request", eab_key="c2VjcmV0")


def test_what_it_said_is_passed_on(at, tmp_path):
    at.said.parent.mkdir(exist_ok=True)
    at.said.write_text("  Domain: x.okul.example\n  Type:   dns\n  Detail: NXDOMAIN\n")

    def start(_):
        raise CommandError("systemctl", 1, "Job failed")

    with pytest.raises(AcmeError) as raised:
        client(at, start, tmp_path).ask("request")
    assert raised.value.refused == {"x.okul.example": "dns: NXDOMAIN"}


def test_a_link_it_leaves_leads_nowhere(at, tmp_path):
    """The client's user must not have root read a file for it."""
    (at.client / "out/fullchain.pem").symlink_to("/etc/passwd")
    with pytest.raises(AcmeError):
        client(at, lambda _: None, tmp_path).ask("request")


def test_a_pipe_it_leaves_stops_nobody(at, tmp_path):
    os.mkfifo(at.client / "out/fullchain.pem")
    with pytest.raises(AcmeError, match="no ordinary file"):
        client(at, lambda _: None, tmp_path).ask("request")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"mode": "letsencrypt", "domain": "x.example"}', '{"mode": "provided", "domain": ""}']
)
def test_settings_that_no_role_wrote(tmp_path, text):
    file = tmp_path / "tls.json"
    with pytest.raises(TlsSettingsError):
        read_settings(file)
    file.write_text(text)
    with pytest.raises(TlsSettingsError):
        read_settings(file)
