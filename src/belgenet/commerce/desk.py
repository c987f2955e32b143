"""What the use cases of commerce stand on; the only door between them and the request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from belgenet.commerce.orders.interfaces import Sellables
from belgenet.commerce.payments.services.providers import Providers
from belgenet.settings.modules import Payments


@dataclass(frozen=True, slots=True)
class Desk:
    """A session bound to the tenant, and the neighbours.

    ``commit`` makes durable what was written and begins anew: no use case holds a lock or a transaction while a provider
    is asked. ``rollback`` forgets what was written since. ``address`` turns a path of the API or the client into an
    absolute address on the tenant's host.
    """

    session: Session
    commit: Callable[[], None]
    rollback: Callable[[], None]
    providers: Providers
    sellables: Sellables
    settings: Payments
    address: Callable[[str], str]

    @property
    def hold(self) -> timedelta:
        """How long unpaid goods are kept."""
        return timedelta(minutes=self.settings.hold_minutes)


def desk_of(request: Any) -> Desk:
    """The desk of a web request or a task."""
    return Desk(
        session=request.db,
        commit=request.commit_and_continue,
        rollback=lambda: _rollback(request),
        providers=request.registry["belgenet.payment_providers"],
        sellables=request.registry["belgenet.sellables"],
        settings=request.settings.payments,
        address=request.url_for_client,
    )


def _rollback(request: Any) -> None:
    request.tm.abort()
    request.tm.begin()
