"""Keys that come and go, and what still verifies."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.api.certificates.helpers import judge

from belgenet.cli.certificate import EXIT_CODES, certificate
from belgenet.core.signing.keys import KeyPurpose, KeyState
from belgenet.core.signing.offline import Outcome


def rotate(system: Any, tenant: Any, purpose: KeyPurpose) -> None:
    from belgenet.certificates.services.keys import KeyStore
    from belgenet.core.signing.secretbox import SecretBox

    with system.request(tenant) as request:
        KeyStore(request.db, tenant, request.service(SecretBox)).rotate(purpose, datetime.now(UTC))


@pytest.mark.parametrize("purpose", list(KeyPurpose))
def test_old_certificates_survive_a_rotation_of_keys(
    office: Any, donor: Any, app: Any, system: Any, purpose: KeyPurpose
) -> None:
    before = donor.client.get(f"/certificates/{office.issue(donor)}/download").body
    rotate(system, office.tenant, purpose)
    after = donor.client.get(f"/certificates/{office.issue(donor)}/download").body
    assert judge(app, before) is Outcome.VALID
    assert judge(app, after) is Outcome.VALID
    published = app.get("/certificates/keys").json
    states = [item["state"] for part in ("keys", "pdf_roots", "pdf_signers") for item in published[part]]
    assert KeyState.RETIRED in states


def test_a_withdrawn_key_is_trusted_no_more(office: Any, donor: Any, app: Any, system: Any) -> None:
    from belgenet.certificates.services.keys import KeyStore, NoSuchKeyError
    from belgenet.core.signing.secretbox import SecretBox

    pdf = donor.client.get(f"/certificates/{office.issue(donor)}/download").body
    kid = app.get("/certificates/keys").json["pdf_signers"][0]["kid"]
    with system.request(office.tenant) as request:
        store = KeyStore(request.db, office.tenant, request.service(SecretBox))
        store.withdraw(kid, datetime.now(UTC))
        with pytest.raises(NoSuchKeyError):
            store.withdraw("absent", datetime.now(UTC))
    assert judge(app, pdf) is Outcome.UNKNOWN_ISSUER
    again = donor.client.get(f"/certificates/{office.issue(donor)}/download").body
    assert judge(app, again) is Outcome.VALID


def test_maintenance_makes_renews_and_seals_anew(office: Any, system: Any) -> None:
    import os

    from belgenet.certificates.services.keys import KeyStore
    from belgenet.certificates.tasks import maintain_keys
    from belgenet.core.security import Keyring
    from belgenet.core.signing.secretbox import SecretBox

    with system.request(office.tenant) as request:
        maintain_keys(request)
        maintain_keys(request)
    rows = system.sql("SELECT * FROM signing_keys")
    assert sorted(row.purpose for row in rows) == ["pdf", "qr", "root"]
    old = system.settings.security.master_keys.get_secret_value()
    import base64

    both = Keyring.parse("x", f"new:{base64.b64encode(os.urandom(32)).decode()} {old}")
    system.sql("UPDATE signing_keys SET not_after = now() + interval '100 days' WHERE purpose = 'qr'")
    with system.request(office.tenant) as request:
        done = KeyStore(request.db, office.tenant, SecretBox(both)).maintain(datetime.now(UTC))
    assert len(done) == 4
    rows = system.sql("SELECT * FROM signing_keys")
    assert sorted(row.state for row in rows if row.purpose == "qr") == ["ACTIVE", "RETIRED"]
    assert all(row.secret.startswith("a1.new.") for row in rows)


def test_sealing_anew_goes_in_batches_until_nothing_is_under_the_old_key(office: Any, system: Any) -> None:
    import base64
    import os

    from belgenet.certificates.services.keys import KeyStore
    from belgenet.core.security import Keyring
    from belgenet.core.signing.secretbox import SealBrokenError, SecretBox

    for purpose in (KeyPurpose.QR, KeyPurpose.QR, KeyPurpose.QR):
        rotate(system, office.tenant, purpose)
    old = system.settings.security.master_keys.get_secret_value()
    new = f"a%_b:{base64.b64encode(os.urandom(32)).decode()}"
    box, counts = SecretBox(Keyring.of_masters(f"{new} {old}")), []
    while not counts or counts[-1]:
        with system.request(office.tenant) as request:
            counts.append(KeyStore(request.db, office.tenant, box).reseal(2))
    assert counts == [2, 1, 0]
    alone = SecretBox(Keyring.of_masters(new))
    with system.request(office.tenant) as request:
        assert KeyStore(request.db, office.tenant, alone).active([KeyPurpose.QR], datetime.now(UTC))
    stranger = SecretBox(Keyring.of_masters(f"other:{base64.b64encode(os.urandom(32)).decode()}"))
    with pytest.raises(SealBrokenError), system.request(office.tenant) as request:
        KeyStore(request.db, office.tenant, stranger).reseal()


def test_a_secret_copied_to_another_tenant_does_not_open(office: Any, system: Any, other_tenant: Any) -> None:
    from belgenet.certificates.services.keys import KeyStore
    from belgenet.core.signing.secretbox import SealBrokenError, SecretBox

    for tenant in (office.tenant, other_tenant):
        rotate(system, tenant, KeyPurpose.QR)
    system.sql(
        "UPDATE signing_keys SET secret = (SELECT secret FROM signing_keys WHERE tenant_id = :a) WHERE tenant_id = :b",
        a=office.tenant.id,
        b=other_tenant.id,
    )
    with system.request(other_tenant) as request, pytest.raises(SealBrokenError):
        KeyStore(request.db, other_tenant, request.service(SecretBox)).active((KeyPurpose.QR,), datetime.now(UTC))


def test_the_command_checks_what_the_api_publishes(
    office: Any, donor: Any, admin: Any, app: Any, tmp_path: Path
) -> None:
    found = office.issue(donor)
    (tmp_path / "c.pdf").write_bytes(donor.client.get(f"/certificates/{found}/download").body)
    (tmp_path / "keys.json").write_bytes(app.get("/certificates/keys").body)
    words = ["verify", f"{tmp_path}/c.pdf", "--keys", f"{tmp_path}/keys.json", "--revocations", f"{tmp_path}/list.json"]
    (tmp_path / "list.json").write_bytes(app.get("/certificates/revocations").body)
    assert CliRunner().invoke(certificate, words).exit_code == 0
    admin.client.post(f"/admin/certificates/{found}/revoke", {"reason": "yanlış"}, status=200)
    (tmp_path / "list.json").write_bytes(app.get("/certificates/revocations").body)
    assert CliRunner().invoke(certificate, words).exit_code == EXIT_CODES[Outcome.REVOKED]
