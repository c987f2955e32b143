"""``belgenet user``: people of this installation."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from belgenet.cli.context import registry_of
from belgenet.core.security import Role

_ROLES = [role.value for role in Role if role is not Role.GUEST]
_PASSWORD = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group()
def user() -> None:
    """People: create, list, unlock, reset passwords."""


@user.command()
@click.option("--tenant", "slug", help="Slug of the tenant; not with SUPER_ADMIN, who belongs to the platform.")
@click.option("--email", required=True)
@click.option("--role", type=click.Choice(_ROLES), required=True)
@click.option("--name", required=True, help="Full name.")
@click.option("--locale", type=click.Choice(["tr", "en"]), default="tr")
@_PASSWORD
@click.pass_context
def create(
    context: click.Context, slug: str | None, email: str, role: str, name: str, locale: str, *, password_stdin: bool
) -> None:
    """Create an account with a role in a tenant; an account that exists elsewhere keeps its password and joins."""
    from belgenet.accounts.services.administration import Administration, NewUser, UserExistsError
    from belgenet.core import audit

    if (slug is None) != (role == Role.SUPER_ADMIN):
        raise click.UsageError("a role belongs to a --tenant, SUPER_ADMIN to none")
    with _plain_errors(), _at(context, slug) as (request, hasher), _session_for(request) as session:
        wanted = NewUser.model_validate(
            {"email": email, "full_name": name, "role": role, "locale": locale}, strict=False
        )
        try:
            account = Administration(session, request.tenant, hasher).create(wanted, _password(stdin=password_stdin))
        except UserExistsError:
            raise click.ClickException(f"{wanted.email} is already a user here") from None
        if request.tenant is not None:
            audit.record(request, "user.create", "account", account.id, after={"email": account.email, "roles": [role]})
        click.echo(f"created {account.email} ({account.id})")


@user.command()
@click.option("--email", required=True)
@click.option("--name", default="", help="Full name; whoever opens the link may write another.")
@click.option("--locale", type=click.Choice(["tr", "en"]), default="tr")
@click.option("--hours", type=click.IntRange(1, 24 * 14), default=48, help="How long the link is good.")
@click.option("--unless-any", is_flag=True, help="Only when the platform has no administrator who can sign in.")
@click.pass_context
def invite(context: click.Context, email: str, name: str, locale: str, hours: int, *, unless_any: bool) -> None:
    """Print a link, good once, by which an administrator of the platform chooses a password; also for one who forgot it."""
    with _plain_errors(), _at(context, None) as (request, hasher), _session_for(request) as session:
        from datetime import timedelta

        # Only now: they count, and where counts are shared is settled when the registry is made.
        from belgenet.accounts.services.administration import NewUser
        from belgenet.accounts.services.platform_invitations import PlatformInvitations, address

        known_as = name or email.partition("@")[0]
        given = {"email": email, "full_name": known_as, "role": Role.SUPER_ADMIN, "locale": locale}
        wanted = NewUser.model_validate(given, strict=False)
        invitations = PlatformInvitations(session, hasher)
        if unless_any and invitations.somebody_can_sign_in():
            click.echo("the platform has an administrator", err=True)
            return
        click.echo(address(request.settings.app, invitations.issue(wanted, timedelta(hours=hours))))


@user.command("reset-password")
@click.option("--email", required=True)
@_PASSWORD
@click.pass_context
def reset_password(context: click.Context, email: str, *, password_stdin: bool) -> None:
    """Set a new password; every session of the account ends."""
    from belgenet.accounts.models import Account
    from belgenet.accounts.services.administration import check_new_password
    from belgenet.accounts.services.passwords import Passwords
    from belgenet.accounts.services.throttle import Throttle

    with _plain_errors(), _at(context, None) as (request, hasher):
        account = _find(request, email)
        password = _password(stdin=password_stdin)
        check_new_password(password, email=account.email, full_name=account.full_name)
        throttle = Throttle(request.registry["belgenet.engine"])
        with _session_of(request, account) as session:
            Passwords(session, hasher, throttle).replace(session.get_one(Account, account.id), password)
        click.echo(f"new password set for {account.email}; all sessions ended")


@user.command()
@click.option("--email", required=True)
@click.pass_context
def unlock(context: click.Context, email: str) -> None:
    """Forget failed sign-ins, so that the owner need not wait."""
    from belgenet.accounts.services.throttle import Throttle

    with _plain_errors(), _at(context, None) as (request, _hasher):
        account = _find(request, email)
        Throttle.clear(request.db, account.email)
        click.echo(f"unlocked {account.email}")


@user.command("list")
@click.option("--tenant", "slug", help="Slug of the tenant; default: the platform's administrators.")
@click.pass_context
def list_users(context: click.Context, slug: str | None) -> None:
    """List a tenant's users."""
    from belgenet.accounts.services.administration import Administration

    with _plain_errors(), _at(context, slug) as (request, hasher):
        for account, roles, disabled in Administration(request.db, request.tenant, hasher).members():
            click.echo(
                f"{account.email}\t{','.join(roles)}\t{'disabled' if disabled else 'active'}\t{account.full_name}"
            )


@contextmanager
def _at(context: click.Context, slug: str | None) -> Iterator[tuple[Any, Any]]:
    """A request bound to the tenant (None: the platform) in one transaction, and the password hasher."""
    from belgenet.accounts import HASHER
    from belgenet.core.tasks import task_request

    registry = registry_of(context, process="user")
    with task_request(registry, _tenant_id(registry, slug)) as request:
        yield request, registry[HASHER]


@contextmanager
def _session_for(request: Any) -> Iterator[Any]:
    """The request's session in a tenant; the platform role's for the platform, whose administrators only it can make."""
    from belgenet.tenancy.platform import platform_session

    if request.tenant is not None:
        yield request.db
        return
    with platform_session(request.settings) as session:
        yield session


@contextmanager
def _session_of(request: Any, account: Any) -> Iterator[Any]:
    """The session that may write the account's keys."""
    from belgenet.tenancy.platform import platform_session

    if not account.platform_roles:
        yield request.db
        return
    with platform_session(request.settings) as session:
        yield session


def _tenant_id(registry: Any, slug: str | None) -> Any:
    from belgenet.core.tasks import task_request
    from belgenet.core.traversal import TenantDirectory

    if slug is None:
        return None
    base = registry.settings["belgenet"].app.base_domain
    with task_request(registry, None) as request:
        found = request.service(TenantDirectory).by_host(f"{slug}.{base}")
    if found is None:
        raise click.ClickException(f"no tenant '{slug}'")
    return found.id


@contextmanager
def _plain_errors() -> Iterator[None]:
    """One line instead of a traceback for what the person at the keyboard can put right."""
    from pydantic import ValidationError

    from belgenet.core.i18n import translate
    from belgenet.core.web.errors import Problem

    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise click.ClickException(": ".join([*(str(part) for part in first["loc"]), first["msg"]])) from None
    except Problem as problem:
        reasons = [translate("en", f"field.{item.code}", **item.params) for item in problem.fields]
        raise click.ClickException(" ".join([translate("en", f"error.{problem.code}") + ".", *reasons])) from None


def _find(request: Any, email: str) -> Any:
    from belgenet.accounts.schemas import normalise_email
    from belgenet.accounts.services.people import registered

    try:
        account = registered(request.db, normalise_email(email))
    except ValueError:
        account = None
    if account is None:
        raise click.ClickException(f"no account for {email}")
    return account


def _password(*, stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\n")
    given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return given
