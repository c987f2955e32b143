from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from belgenet.accounts import events
from belgenet.accounts.models import Account, Membership
from belgenet.accounts.schemas import Email
from belgenet.accounts.services import attempts
from belgenet.accounts.services.people import registered
from belgenet.core.db import uuid7
from belgenet.core.outbox import publish
from belgenet.core.security import Role
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem

_EMAIL: Final[TypeAdapter[str]] = TypeAdapter(Email)


class FirstAdministrator:
    """AdministratorInviter. The mailed link that sets the password also proves the e-mail."""

    def __call__(self, session: Session, tenant_id: UUID, *, email: str, locale: str) -> bool:
        """See AdministratorInviter."""
        try:
            email = _EMAIL.validate_python(email)
        except ValidationError:
            raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem("admin_email", "email")]) from None
        account = registered(session, email)
        known = account is not None and account.email_verified_at is not None
        if account is None:
            account = Account(email=email, full_name=email.partition("@")[0], locale=locale, platform_roles=[])
            session.add(account)
            session.flush()
        elif not known:
            # Whoever registered it may be a stranger: only the link that goes out now sets a password that counts.
            account.password_hash, account.full_name = None, email.partition("@")[0]
            attempts.forget(session, account.id)
        session.add(Membership(tenant_id=tenant_id, account_id=account.id, roles=[Role.TENANT_ADMIN.value]))
        session.flush()
        if not known:
            payload = {"account_id": str(account.id), "locale": locale}
            publish(session, events.RESET_REQUESTED, payload, str(uuid7()))
        return not known
