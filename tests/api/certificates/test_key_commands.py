"""``belgenet certificate rotate-key`` and ``withdraw-key`` over the configured installation."""

from typing import Any

import pytest
from click.testing import CliRunner, Result

from belgenet.cli import context
from belgenet.cli.certificate import certificate


@pytest.fixture
def run(system: Any, tenant: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command in this process: it would configure a second application, and Cornice knows one per process."""
    monkeypatch.setattr(context, "registry_of", lambda *_, **__: system.registry)

    def call(*words: str) -> Result:
        return CliRunner().invoke(certificate, list(words))

    return call


def states(app: Any, part: str) -> list[str]:
    return [key["state"] for key in app.get("/certificates/keys", status=200).json[part]]


def test_a_key_is_rotated_then_withdrawn_and_both_are_recorded(run: Any, app: Any, system: Any) -> None:
    assert states(app, "keys") == ["ACTIVE"]
    old = app.get("/certificates/keys").json["keys"][0]["kid"]
    rotated = run("rotate-key", "vakif", "--purpose", "qr")
    assert rotated.exit_code == 0, rotated.output
    assert rotated.output.strip() != old
    assert states(app, "keys") == ["RETIRED", "ACTIVE"]
    assert run("withdraw-key", "vakif", old).exit_code == 0
    assert states(app, "keys") == ["WITHDRAWN", "ACTIVE"]
    acts = [row.action for row in system.sql("SELECT action FROM audit_events ORDER BY id")]
    assert acts == ["certificate.rotate-key", "certificate.withdraw-key"]


def test_a_new_root_brings_a_new_signer(run: Any, app: Any) -> None:
    app.get("/certificates/keys")
    assert run("rotate-key", "vakif", "--purpose", "root").exit_code == 0
    assert states(app, "pdf_roots") == ["RETIRED", "ACTIVE"]
    assert states(app, "pdf_signers") == ["RETIRED", "ACTIVE"]


def test_unknown_tenants_and_keys_are_said_so(run: Any, system: Any) -> None:
    absent = run("rotate-key", "nobody", "--purpose", "pdf")
    assert (absent.exit_code, "no tenant nobody" in absent.output) == (1, True)
    unknown = run("withdraw-key", "vakif", "0123456789ab")
    assert (unknown.exit_code, "has no key" in unknown.output) == (1, True)
    assert system.sql("SELECT count(*) FROM audit_events")[0][0] == 0
