import click

from belgenet.cli.context import settings_of


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
    """Print every host name at which an open tenant answers, as JSON; the server's certificate must be for them."""
    import json

    from sqlalchemy import select

    from belgenet.tenancy.models import Tenant
    from belgenet.tenancy.platform import platform_session

    settings = settings_of(context)
    with platform_session(settings) as session:
        rows = session.execute(select(Tenant.slug, Tenant.domain).where(Tenant.suspended_at.is_(None))).all()
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
