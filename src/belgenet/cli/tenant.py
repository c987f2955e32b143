import subprocess
import sys
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import click

from belgenet.cli.administrator import FAILED, NO, require_root
from belgenet.cli.context import settings_of

EXPORTS: Final = Path("/var/lib/belgenet/exports")
PROGRAM: Final = Path("/usr/local/sbin/belgenet")
"""Runs each command as the user it needs; only on an institution's server."""
LACKING: Final = 4
"""Exit status of a whole archive without some objects. Not 1: so ends a program that broke down."""


@click.group()
def tenant() -> None:
    """Tenants of this installation."""


@tenant.command()
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--kind", type=click.Choice(["academy", "charity"]), required=True)
@click.option("--locale", type=click.Choice(["tr", "en"]), default="tr")
@click.option("--domain", help="A domain of its own, beside <slug>.<base domain>.")
@click.pass_context
def create(context: click.Context, slug: str, name: str, kind: str, locale: str, domain: str | None) -> None:
    """Create the tenant that answers at SLUG.<base domain>."""
    from pydantic import ValidationError

    from belgenet.tenancy.platform import create_tenant, platform_session
    from belgenet.tenancy.schemas import TenantIn

    try:
        wanted = TenantIn(slug=slug, name=name, kind=kind, locale=locale, domain=domain)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise click.ClickException(f"{first['loc'][0]}: {first['msg']}") from None
    with platform_session(settings_of(context)) as session:
        row = create_tenant(session, wanted)
        click.echo(f"created {row.slug} ({row.id})")


@tenant.command()
@click.pass_context
def hosts(context: click.Context) -> None:
    """Print every host name at which a tenant answers, as JSON; the server's certificate must be for them.

    A suspended one answers too: that it is closed, and to payment providers.
    """
    import json

    from sqlalchemy import select

    from belgenet.tenancy.models import Tenant
    from belgenet.tenancy.platform import platform_session

    settings = settings_of(context)
    with platform_session(settings) as session:
        rows = session.execute(select(Tenant.slug, Tenant.domain)).all()
    own = {row.domain for row in rows if row.domain}
    click.echo(json.dumps(sorted({f"{row.slug}.{settings.app.base_domain}" for row in rows} | own)))


@tenant.command("list")
@click.pass_context
def list_tenants(context: click.Context) -> None:
    """List all tenants."""
    from sqlalchemy import select

    from belgenet.tenancy.models import Tenant
    from belgenet.tenancy.platform import platform_session

    with platform_session(settings_of(context)) as session:
        for row in session.scalars(select(Tenant).order_by(Tenant.slug)):
            click.echo(f"{row.slug}\t{row.kind}\t{'suspended' if row.suspended_at else 'active'}\t{row.name}")


@tenant.command()
@click.argument("slug")
@click.pass_context
def suspend(context: click.Context, slug: str) -> None:
    """Close the site of the tenant SLUG. Its data stays, and payments that have begun are still recorded, certified and mailed.

    Visitors get a page, programs the problem ``tenant_suspended`` (404). The tenant's own audit log says what was done.
    """
    _set_suspended(context, slug, suspended=True)
    click.echo(f"{slug} is suspended; open it again with: belgenet tenant resume {slug}")


@tenant.command()
@click.argument("slug")
@click.pass_context
def resume(context: click.Context, slug: str) -> None:
    """Open the site of the tenant SLUG again."""
    _set_suspended(context, slug, suspended=False)
    click.echo(f"{slug} is open")


@tenant.command()
@click.argument("slug")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=EXPORTS, show_default=True)
@click.pass_context
def export(context: click.Context, slug: str, folder: Path) -> None:
    """Put everything of the tenant SLUG into one archive: rows, files, certificates, and a manifest with their hashes.

    It holds personal data: keep it as you keep the database. Exit status: 0 whole, 1 written, but objects are missing or damaged,
    2 failed.
    """
    from belgenet.appliance.export import named

    name = f"{slug}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    target = folder / f"{name}.tar.gz"
    try:
        with named(target) as file:
            code = _written_by_its_user(slug, name, file) if PROGRAM.is_file() else _write(context, slug, name, file)
            if code == FAILED:
                raise OSError(target)  # noqa: TRY301 -- what is there of it goes as with every other failure
    except OSError as error:
        click.echo(f"nothing was exported: {error}", err=True)
        sys.exit(FAILED)
    click.echo(f"{target}: {target.stat().st_size >> 10} KiB")
    sys.exit(NO if code == LACKING else 0)


@tenant.command(hidden=True)
@click.argument("slug")
@click.argument("name")
@click.pass_context
def archive(context: click.Context, slug: str, name: str) -> None:
    """What ``export`` has done by the user who may read: write the archive to the standard output, with NAME as its folder.

    Exit status: 0 whole, 4 whole but for objects that are missing or damaged; every other one: it is none.
    """
    file = sys.stdout.buffer
    with redirect_stdout(sys.stderr):  # a library that has something to say must not say it into the archive
        code = _write(context, slug, name, file)
    file.flush()
    sys.exit(code)


def _written_by_its_user(slug: str, name: str, file: BinaryIO) -> int:
    """Root opens the file, wherever it may, and the user who may read the tenant's rows and keys writes it."""
    require_root()
    done = subprocess.run([PROGRAM, "tenant", "archive", slug, name], stdout=file, check=False)  # noqa: S603 -- our own words
    return done.returncode if done.returncode in {0, LACKING} else FAILED


def _write(context: click.Context, slug: str, name: str, file: BinaryIO) -> int:
    from belgenet.appliance.export import TenantExport
    from belgenet.core.db.session import make_engine
    from belgenet.core.storage import StorageUnavailable
    from belgenet.core.storage.s3 import S3Store
    from belgenet.tenancy.platform import platform_session

    settings = settings_of(context)
    try:
        with platform_session(settings) as session:
            tenant_id = _find(session, slug).id
    except click.ClickException as error:
        error.show()
        return FAILED
    engine = make_engine(settings.database.url.get_secret_value(), settings, application="export")
    try:
        work = TenantExport(engine, S3Store.from_settings(settings.storage))
        result = work.run(tenant_id, slug, file, name, datetime.now(UTC), _progress)
    except (OSError, StorageUnavailable) as error:
        click.echo(str(error), err=True)
        return FAILED
    finally:
        engine.dispose()
    click.echo(f"{sum(result.rows.values())} rows, {result.objects} objects", err=True)
    for word, names in (("missing", result.missing), ("damaged", result.damaged)):
        for lost in names:
            click.echo(f"{word}: {lost}", err=True)
    return 0 if result.whole else LACKING


def _progress(kind: str, done: int, everything: int) -> None:
    """Now and then, and at the end."""
    if done == everything or done % 500 == 0:
        click.echo(f"{kind}: {done} of {everything}", err=True)


def _find(session: Any, slug: str) -> Any:
    from sqlalchemy import select

    from belgenet.tenancy.models import Tenant

    row = session.scalars(select(Tenant).where(Tenant.slug == slug)).one_or_none()
    if row is None:
        raise click.ClickException(f"no tenant '{slug}'")
    return row


def _set_suspended(context: click.Context, slug: str, *, suspended: bool) -> None:
    from belgenet.admin.schemas import TenantPatch
    from belgenet.admin.services.tenants import Actor, change
    from belgenet.core.db import uuid7
    from belgenet.tenancy.platform import platform_session

    with platform_session(settings_of(context)) as session:
        row = _find(session, slug)
        by_command = Actor(None, None, str(uuid7()))
        change(session, by_command, row.id, TenantPatch(suspended=suspended), lambda _version: None)
