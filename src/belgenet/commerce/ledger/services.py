"""Booking. Amounts are minor units; debit is positive, credit negative.

Money received first belongs to the customer (``customer_credit``); handing out the goods turns it into revenue and tax. So an
order that could not be handed out owes its money visibly, and giving it back needs no special case.
"""

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from belgenet.commerce.ledger.models import LedgerEntry, LedgerLine
from belgenet.commerce.orders.models import Order, OrderLine
from belgenet.core.money import split

CUSTOMER_CREDIT = "customer_credit"
KDV_PAYABLE = "kdv_payable"
PSP_FEES = "psp_fees"
REFUNDS_PAYABLE = "refunds_payable"

Posting = tuple[str, int]


def psp_receivable(provider: str) -> str:
    """What a provider owes us."""
    return f"psp_receivable:{provider}"


def post(session: Session, order: Order, kind: str, source_id: uuid.UUID, postings: Iterable[Posting]) -> LedgerEntry:
    """Book one fact. :raises ValueError: the postings do not sum to zero.

    Booking the same ``(kind, source_id)`` again raises IntegrityError: the caller has lost track of its own state.
    """
    merged: dict[str, int] = {}
    for account, amount in postings:
        merged[account] = merged.get(account, 0) + amount
    if sum(merged.values()) != 0:
        raise ValueError(f"{kind} does not balance: {merged}")
    entry = LedgerEntry(kind=kind, source_id=source_id, order_id=order.id)
    session.add(entry)
    session.flush()
    session.add_all(
        LedgerLine(entry_id=entry.id, account=account, currency=order.currency, amount_minor=amount)
        for account, amount in merged.items()
        if amount
    )
    session.flush()
    return entry


def book_payment(
    session: Session, order: Order, payment_id: uuid.UUID, provider: str, amount: int, fees: int | None
) -> None:
    """Money confirmed: the provider owes us, less its fee; we owe the customer."""
    fee = fees or 0
    received = psp_receivable(provider)
    postings = [(received, amount), (CUSTOMER_CREDIT, -amount), (PSP_FEES, fee), (received, -fee)]
    post(session, order, "payment", payment_id, postings)


def book_allocation(session: Session, order: Order, lines: Sequence[OrderLine]) -> None:
    """Goods handed out: what the customer paid becomes revenue (or a restricted donation) and KDV."""
    postings: list[Posting] = [(CUSTOMER_CREDIT, sum(line.total_minor for line in lines))]
    for line in lines:
        postings += [(line.revenue_account, -line.net_minor), (KDV_PAYABLE, -line.tax_minor)]
    if postings[0][1]:
        post(session, order, "allocation", order.id, postings)


def book_refund_request(
    session: Session, order: Order, refund_id: uuid.UUID, amount: int, lines: Sequence[OrderLine] = ()
) -> None:
    """A refund is on its way: out of the revenue and tax of the lines it takes back, then out of what the customer has standing
    with us, the rest pro rata out of all revenue and tax.
    """
    sources = _sources(session, order)
    postings: list[Posting] = [(REFUNDS_PAYABLE, -amount)]
    postings += (own := _of_lines(amount, lines, sources))
    for account, taken in own:
        sources[account] -= taken
    left = amount - sum(taken for _, taken in own)
    credit = max(0, min(left, sources.pop(CUSTOMER_CREDIT, 0)))
    postings.append((CUSTOMER_CREDIT, credit))
    if rest := left - credit:
        accounts = sorted(account for account, left in sources.items() if left > 0)
        parts = split(rest, [sources[account] for account in accounts])
        postings += zip(accounts, parts, strict=True)
    post(session, order, "refund_request", refund_id, postings)


def _of_lines(amount: int, lines: Sequence[OrderLine], sources: dict[str, int]) -> list[Posting]:
    """What the lines brought in, as far as it is still there, and never more than the amount."""
    brought: dict[str, int] = {}
    for line in lines:
        for account, minor in ((line.revenue_account, line.net_minor), (KDV_PAYABLE, line.tax_minor)):
            brought[account] = brought.get(account, 0) + minor
    there = {account: min(minor, max(0, sources.get(account, 0))) for account, minor in brought.items()}
    accounts = [account for account, minor in there.items() if minor]
    total = sum(there.values())
    parts = split(min(amount, total), [there[account] for account in accounts]) if accounts else []
    return list(zip(accounts, parts, strict=True))


def book_refund_result(
    session: Session, order: Order, refund_id: uuid.UUID, provider: str, *, amount: int, done: int
) -> None:
    """What was given back leaves the provider's debt to us; what was not returns to where it came from, pro rata."""
    if done:
        post(session, order, "refund_done", refund_id, [(REFUNDS_PAYABLE, done), (psp_receivable(provider), -done)])
    if back := amount - done:
        taken = [(a, m) for a, m in _lines_of(session, "refund_request", refund_id) if m > 0]
        parts = split(back, [minor for _, minor in taken])
        returned = [(account, -part) for (account, _), part in zip(taken, parts, strict=True)]
        post(session, order, "refund_returned", refund_id, [(REFUNDS_PAYABLE, back), *returned])


def balances(session: Session, order_id: uuid.UUID) -> dict[str, int]:
    """Balance per account of one order's entries."""
    rows = (
        select(LedgerLine.account, func.sum(LedgerLine.amount_minor))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.order_id == order_id)
        .group_by(LedgerLine.account)
    )
    return {account: int(balance) for account, balance in session.execute(rows) if balance}


def _sources(session: Session, order: Order) -> dict[str, int]:
    """What of the order's money still lies where a refund may take it from, per account."""
    closed = (REFUNDS_PAYABLE, PSP_FEES)
    return {
        account: -balance
        for account, balance in balances(session, order.id).items()
        if account not in closed and not account.startswith("psp_receivable:")
    }


def _lines_of(session: Session, kind: str, source_id: uuid.UUID) -> list[Posting]:
    rows = (
        select(LedgerLine.account, LedgerLine.amount_minor)
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.kind == kind, LedgerEntry.source_id == source_id)
        .order_by(LedgerLine.account)
    )
    return [(account, minor) for account, minor in session.execute(rows)]
