"""iyzico's daily transaction report as lines of the provider's books.

``GET /v2/reporting/payment/transactions?transactionDate=YYYY-MM-DD&page=1..``: a payment has one row for each basket line, so its
rows are added up; the days are Turkey's. A payment that the fraud check holds back or has refused is listed too
(``transactionStatus`` 0 and -1): it is no payment (yet).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from belgenet.commerce.payments.providers.currency import to_minor
from belgenet.commerce.payments.providers.errors import ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import EntryKind, ProviderEntry
from belgenet.commerce.payments.providers.iyzico.config import PROVIDER
from belgenet.commerce.payments.providers.iyzico.transport import IyzicoTransport

PATH: Final = "/v2/reporting/payment/transactions"
TURKEY: Final = timezone(timedelta(hours=3))
KINDS: Final = {"PAYMENT": EntryKind.PAYMENT, "REFUND": EntryKind.REFUND, "CANCEL": EntryKind.REFUND}
HELD_BACK: Final = frozenset({"0", "-1"})
MOST_PAGES: Final = 1000
"""Of one day; a report that claims more is not believed, and never cut: what is left out would look missing."""


def entries(transport: IyzicoTransport, since: datetime, until: datetime) -> tuple[ProviderEntry, ...]:
    """Payments and refunds within the time. Raises as `IyzicoTransport.get` does."""
    try:
        rows = [_entry(row) for row in _rows(transport, since, until) if _counts(row)]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProviderUnknown(PROVIDER, "garbage", str(error)) from error
    return tuple(item for item in _added_up(rows) if since <= item.at < until)


def _rows(transport: IyzicoTransport, since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
    day = since.astimezone(TURKEY).date()
    while day <= until.astimezone(TURKEY).date():
        page = last = 1
        while page <= last:
            answer = transport.get(PATH, {"transactionDate": day.isoformat(), "page": str(page)})
            yield from answer.get("transactions") or ()
            last, page = int(answer.get("totalPageCount") or 1), page + 1
            if last > MOST_PAGES:
                raise ProviderUnknown(PROVIDER, "report_too_long", f"{day}: {last} pages")
        day += timedelta(days=1)


def _counts(row: Mapping[str, Any]) -> bool:
    kind = KINDS.get(str(row.get("transactionType")))
    return kind is EntryKind.REFUND or (
        kind is EntryKind.PAYMENT and str(row.get("transactionStatus")) not in HELD_BACK
    )


def _entry(row: Mapping[str, Any]) -> ProviderEntry:
    kind, currency = KINDS[str(row["transactionType"])], str(row["transactionCurrency"])
    payment = str(row["paymentId"])
    return ProviderEntry(
        kind=kind,
        provider_ref=payment,
        entry_ref=payment if kind is EntryKind.PAYMENT else str(row["transactionId"]),
        our_id=str(row.get("conversationId") or "") or None,
        amount_minor=to_minor(row["price"], currency),
        currency=currency,
        at=datetime.strptime(str(row["transactionDate"]), "%Y-%m-%d %H:%M:%S").replace(tzinfo=TURKEY),
    )


def _added_up(rows: Iterable[ProviderEntry]) -> Iterable[ProviderEntry]:
    found: dict[tuple[EntryKind, str], ProviderEntry] = {}
    for row in rows:
        key = (row.kind, row.entry_ref)
        before = found.get(key)
        found[key] = replace(before, amount_minor=before.amount_minor + row.amount_minor) if before else row
    return found.values()
