"""The command: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from belgenet.appliance.exclusive import exclusive
from belgenet.appliance.tls import make
from belgenet.appliance.tls.layout import Layout
from belgenet.appliance.tls.pem import text_of, text_of_key
from belgenet.cli import tls as command

DOMAIN = "okul.example"


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """``tls("provided", "show")`` on a server in that mode."""
    layout = Layout(tmp_path / "etc", tmp_path / "var")
    for folder in (layout.folder, layout.sets, layout.knowledge.parent):
        folder.mkdir(parents=True)
    monkeypatch.setattr(command, "Layout", lambda: layout)
    monkeypatch.setattr(command, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(command, "require_root", lambda: None)
    monkeypatch.setattr(command.names, "of_tenants", lambda: [f"vakif.{DOMAIN}"])

    def run(mode: str, *words: str, lang: str = "en"):
        if mode:
            layout.settings.write_text(json.dumps({"mode": mode, "domain": DOMAIN}))
        return CliRunner().invoke(command.tls, ["--lang", lang, *words])

    return run


def test_the_role_has_a_certificate_made_once(tls):
    assert json.loads(tls("self_signed", "ensure", "--check").output) == {"changed": True, "step": "make"}
    assert json.loads(tls("self_signed", "ensure").output)["changed"] is True
    assert json.loads(tls("self_signed", "ensure").output) == {"changed": False, "step": ""}
    assert json.loads(tls("self_signed", "ensure", "--check").output)["changed"] is False


def test_what_is_in_use_in_words_and_for_programs(tls):
    tls("self_signed", "ensure")
    shown = tls("self_signed", "show")
    assert shown.exit_code == 0
    assert f"vakif.{DOMAIN}: covered" in shown.output
    assert f"vakif.{DOMAIN}: kapsanıyor" in tls("self_signed", "show", lang="tr").output
    assert json.loads(tls("self_signed", "show", "--json").output)["uncovered"] == []
    waiting = tls("internal_ca", "show")
    assert waiting.exit_code == 1
    assert "[certificate_awaited]" in waiting.output


def test_a_request_and_what_came_of_it(tls, tmp_path):
    tls("internal_ca", "ensure")
    asked = tls("internal_ca", "csr", "--org", "Örnek Okulu")
    assert asked.stdout.startswith("-----BEGIN CERTIFICATE REQUEST-----")
    assert asked.stdout.endswith("-----END CERTIFICATE REQUEST-----\n")
    chain, key = make.self_signed([DOMAIN, f"*.{DOMAIN}"], 90)
    files = tmp_path / "new.pem", tmp_path / "new.key"
    files[0].write_text(text_of([chain]))
    files[1].write_text(text_of_key(key))
    refused = tls("internal_ca", "install", str(files[0]))
    assert refused.exit_code == 2
    assert "ERROR [key_other]" in refused.stderr
    assert "Nothing was changed" in refused.stderr
    taken = tls("internal_ca", "install", str(files[0]), "--key", str(files[1]))
    assert taken.exit_code == 0
    assert "WARNING [self_signed]" in taken.output


def test_nothing_was_provided(tls):
    done = tls("provided", "ensure")
    assert done.exit_code == 2
    assert "[certificate_missing]" in done.stderr


def test_where_nothing_is_asked_for_there_is_nothing_to_do(tls):
    done = tls("self_signed", "renew", "--json")
    assert json.loads(done.output) == {"changed": True, "reason": "not_due", "problem": "", "detail": ""}
    assert json.loads(tls("self_signed", "renew", "--json").output)["changed"] is False
    assert tls("self_signed", "renew").output == "Nothing has to be done.\n"


def test_before_the_first_installation(tls):
    done = tls("", "show")
    assert done.exit_code == 2
    assert "belgenet apply" in done.stderr


def test_one_at_a_time(tls, tmp_path):
    with exclusive("tls renew", lock=tmp_path / "lock"):
        done = tls("self_signed", "ensure")
    assert done.exit_code == 3
    assert "tls renew" in done.stderr


def test_it_is_for_root(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert CliRunner().invoke(command.tls, ["show"]).exit_code == 2
