"""``belgenet certificate``: check certificates with no network, and fetch the keys that takes."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from belgenet.core.i18n import LOCALES, translate
from belgenet.core.signing.offline import OfflineVerifier, Outcome, Verdict
from belgenet.core.signing.published import (
    KeySet,
    PublishedDocumentError,
    RevocationList,
    open_revocations,
)

EXIT_CODES = {
    Outcome.VALID: 0,
    Outcome.CHANGED: 3,
    Outcome.UNKNOWN_ISSUER: 4,
    Outcome.REVOKED: 5,
    Outcome.REPLACED: 6,
    Outcome.UNKNOWN_CERTIFICATE: 7,
    Outcome.NOT_A_PDF: 8,
    Outcome.NOT_SIGNED: 9,
    Outcome.NOT_A_CODE: 10,
    Outcome.OTHER_RECIPIENT: 11,
}
EXIT_DOCUMENTS = 12
"""The key set or the revocation list is of no use."""
EXIT_FETCH = 13

_LANGUAGE = click.option("--lang", type=click.Choice(LOCALES), help="Language of the answer; default: LANG.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _language(chosen: str | None) -> str:
    return chosen or ("tr" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("tr") else "en")


def _give_up(code: int, message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)


@click.group("certificate")
def certificate() -> None:
    """Check certificates and fetch an institution's published keys."""


@certificate.command("verify")
@click.argument("file", required=False, type=_FILE)
@click.option("--qr", "text", help="The text read from the QR code, instead of a file.")
@click.option("--keys", "keys_path", required=True, type=_FILE, help="Key set saved by `certificate keys`.")
@click.option("--revocations", "list_path", type=_FILE, help="Revocation list saved by `certificate keys`.")
@click.option("--name", default="", help="Also check that the certificate is this person's.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@_LANGUAGE
def verify(
    file: Path | None,
    text: str | None,
    keys_path: Path,
    list_path: Path | None,
    name: str,
    lang: str | None,
    *,
    as_json: bool,
) -> None:
    """Check FILE (a PDF) or the text of a QR code. Uses no network; the exit code tells the answers apart."""
    language = _language(lang)
    if (file is None) == (text is None):
        _give_up(click.UsageError.exit_code, translate(language, "seal.error.input"))
    keys = _read_keys(keys_path, language)
    revocations = _read_list(list_path, keys, language) if list_path else None
    verifier = OfflineVerifier(keys, datetime.now(UTC), revocations)
    verdict = verifier.check_file(file.read_bytes(), name) if file else verifier.check_text(text or "", name)
    click.echo(_as_json(verdict) if as_json else "\n".join(_lines(verdict, language)))
    sys.exit(EXIT_CODES[verdict.outcome])


@certificate.command("keys")
@click.argument("url")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default="keys.json")
@click.option("--revocations", "list_path", type=click.Path(dir_okay=False, path_type=Path))
@_LANGUAGE
def keys_command(url: str, output: Path, list_path: Path | None, lang: str | None) -> None:
    """Fetch the published keys of the institution at URL (and, if asked, its revocation list)."""
    language = _language(lang)
    base = url.rstrip("/") + "/api/v1/certificates"
    raw = _fetch(f"{base}/keys", language)
    try:
        keys = KeySet.parse(raw)
        if list_path:
            signed = _fetch(f"{base}/revocations", language)
            open_revocations(signed, keys)
            list_path.write_bytes(signed)
    except PublishedDocumentError as error:
        _give_up(EXIT_DOCUMENTS, translate(language, "seal.error.fetch", url=url, error=error))
    output.write_bytes(raw)
    click.echo(translate(language, "seal.saved", path=output, count=len(keys.keys) + len(keys.pdf_signers)))


@certificate.command("rotate-key")
@click.argument("tenant")
@click.option("--purpose", type=click.Choice(["root", "pdf", "qr"]), required=True)
@click.pass_context
def rotate_key(context: click.Context, tenant: str, purpose: str) -> None:
    """Give TENANT (its slug) a new key. What the old one signed stays valid; its public part stays published."""
    from belgenet.core.signing.keys import KeyPurpose

    with _key_store(context, tenant) as store:
        click.echo(store.rotate(KeyPurpose(purpose), datetime.now(UTC)))


@certificate.command("withdraw-key")
@click.argument("tenant")
@click.argument("kid")
@click.pass_context
def withdraw_key(context: click.Context, tenant: str, kid: str) -> None:
    """Trust key KID of TENANT no more, as after a theft: every certificate it signed fails from now on."""
    from belgenet.certificates.services.keys import NoSuchKeyError

    with _key_store(context, tenant) as store:
        try:
            store.withdraw(kid, datetime.now(UTC))
        except NoSuchKeyError:
            raise click.ClickException(f"{tenant} has no key {kid}") from None
    click.echo(kid)


@certificate.command("reseal")
@click.pass_context
def reseal(context: click.Context) -> None:
    """Seal anew every key that an older master key sealed, of all tenants. May be cut short and run again.

    Exit status 0: no older master key is needed any more.
    """
    from belgenet.certificates.services.keys import KeyStore
    from belgenet.cli.context import registry_of
    from belgenet.core.signing.secretbox import SealBrokenError, SecretBox
    from belgenet.core.tasks import task_request
    from belgenet.core.traversal import TenantDirectory

    registry = registry_of(context, process="cli", kind="worker")
    with task_request(registry, None) as request:
        directory = request.service(TenantDirectory)
        tenants = [found for tenant_id in directory.all_ids() if (found := directory.by_id(tenant_id))]
    for number, tenant in enumerate(tenants, 1):
        counts = [-1]
        while counts[-1]:
            try:
                with task_request(registry, tenant.id) as request:
                    counts.append(KeyStore(request.db, tenant, request.service(SecretBox)).reseal())
            except SealBrokenError as error:
                raise click.ClickException(f"{tenant.slug}: {error}") from None
        click.echo(f"{number}/{len(tenants)} {tenant.slug}: {sum(counts) + 1}")


@contextmanager
def _key_store(context: click.Context, slug: str) -> Iterator[Any]:
    """The tenant's keys, inside one transaction that is recorded."""
    from belgenet.certificates.services.keys import KeyStore
    from belgenet.cli.context import registry_of
    from belgenet.core import audit
    from belgenet.core.signing.secretbox import SecretBox
    from belgenet.core.tasks import task_request
    from belgenet.core.traversal import TenantDirectory

    registry = registry_of(context, process="cli")
    with task_request(registry, None) as request:
        directory = request.service(TenantDirectory)
        found = next((item for item in map(directory.by_id, directory.active_ids()) if item.slug == slug), None)
    if found is None:
        raise click.ClickException(f"no tenant {slug}")
    with task_request(registry, found.id) as request:
        yield KeyStore(request.db, found, request.service(SecretBox))
        command = context.info_name or ""
        audit.record(request, f"certificate.{command}", "signing_keys", found.id, after=dict(context.params))


def _fetch(url: str, language: str) -> bytes:
    import httpx

    try:
        response = httpx.get(url, timeout=15, follow_redirects=True).raise_for_status()
    except httpx.HTTPError as error:
        _give_up(EXIT_FETCH, translate(language, "seal.error.fetch", url=url, error=error))
    return response.content


def _read_keys(path: Path, language: str) -> KeySet:
    try:
        return KeySet.parse(path.read_bytes())
    except PublishedDocumentError:
        _give_up(EXIT_DOCUMENTS, translate(language, "seal.error.keys", path=path))


def _read_list(path: Path, keys: KeySet, language: str) -> RevocationList:
    try:
        return open_revocations(path.read_bytes(), keys)
    except PublishedDocumentError:
        _give_up(EXIT_DOCUMENTS, translate(language, "seal.error.revocations", path=path))


def _facts(verdict: Verdict) -> dict[str, str]:
    facts = {
        "issuer": verdict.issuer,
        "number": verdict.number,
        "code": verdict.code,
        "issued_on": verdict.issued_on.isoformat() if verdict.issued_on else "",
        "signer": verdict.signer,
        "signed_at": verdict.signed_at.isoformat() if verdict.signed_at else "",
    }
    if entry := verdict.revocation:
        facts |= {"revoked_at": entry.at.isoformat(), "reason": entry.reason}
    return {key: value for key, value in facts.items() if value}


def _lines(verdict: Verdict, language: str) -> Iterator[str]:
    yield translate(language, f"seal.outcome.{verdict.outcome}")
    for key, value in _facts(verdict).items():
        shown = translate(language, f"seal.reason.{value}", default=value) if key == "reason" else value
        yield f"  {translate(language, f'seal.field.{key}')}: {shown}"
    for caution in verdict.cautions:
        yield translate(language, f"seal.caution.{caution}")


def _as_json(verdict: Verdict) -> str:
    return json.dumps({"outcome": verdict.outcome, **_facts(verdict), "cautions": list(verdict.cautions)})
