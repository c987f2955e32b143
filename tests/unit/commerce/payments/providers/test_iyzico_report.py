from datetime import UTC, datetime
from decimal import Decimal

import pytest

from belgenet.commerce.payments.providers.errors import ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import EntryKind
from belgenet.commerce.payments.providers.iyzico.report import entries

SINCE, UNTIL = datetime(2026, 11, 21, 9, tzinfo=UTC), datetime(2026, 11, 21, 15, tzinfo=UTC)


class Books:
    """A daily report instead of the wire."""

    def __init__(self, *rows, pages=1):
        self.rows, self.pages, self.asked = rows, pages, 0

    def get(self, path, query):
        assert query["transactionDate"] == "2026-11-21"
        self.asked += 1
        return {"transactions": self.rows, "totalPageCount": self.pages}


def row(**changes):
    values = {
        "transactionType": "PAYMENT",
        "transactionStatus": 2,
        "transactionId": "24000001",
        "transactionDate": "2026-11-21 13:00:00",
        "transactionCurrency": "TRY",
        "paymentId": "22400001",
        "conversationId": "0192f0c1",
        "price": Decimal("100.00"),
    }
    return values | changes


def test_the_lines_of_a_payment_are_added_up():
    (found,) = entries(Books(row(), row(transactionId="24000002", price=Decimal("10.50"))), SINCE, UNTIL)
    assert (found.kind, found.provider_ref, found.our_id, found.amount_minor) == (
        EntryKind.PAYMENT,
        "22400001",
        "0192f0c1",
        11_050,
    )
    assert found.at == datetime(2026, 11, 21, 10, tzinfo=UTC), "the report's times are Turkey's"


@pytest.mark.parametrize("status", [0, -1, "0", "-1"])
def test_what_the_fraud_check_holds_back_is_no_payment(status):
    assert entries(Books(row(transactionStatus=status)), SINCE, UNTIL) == ()


def test_what_was_given_back_counts_whatever_became_of_the_payment():
    (found,) = entries(Books(row(transactionType="REFUND", transactionStatus=0)), SINCE, UNTIL)
    assert (found.kind, found.entry_ref) == (EntryKind.REFUND, "24000001")


def test_a_report_too_long_is_refused_and_not_cut():
    books = Books(row(), pages=1001)
    with pytest.raises(ProviderUnknown, match="report_too_long"):
        entries(books, SINCE, UNTIL)
    assert books.asked == 1


@pytest.mark.parametrize(
    "changes", [{"price": "x"}, {"transactionDate": "yesterday"}, {"paymentId": None, "price": 1.5}]
)
def test_an_unreadable_report_is_no_report(changes):
    with pytest.raises(ProviderUnknown, match="garbage"):
        entries(Books(row(**changes)), SINCE, UNTIL)
