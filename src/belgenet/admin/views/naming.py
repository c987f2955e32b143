from collections.abc import Collection, Mapping
from uuid import UUID

from belgenet.accounts.interfaces import AccountDirectory
from belgenet.core.web.request import Request


def named(request: Request, account_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Names of members, in one query."""
    found = request.service(AccountDirectory).many(account_ids)
    return {account_id: info.full_name for account_id, info in found.items()}
