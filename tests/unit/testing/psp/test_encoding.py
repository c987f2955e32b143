from urllib.parse import parse_qsl

import pytest

from belgenet.testing.psp.store import Store
from belgenet.testing.psp.stripe.encoding import decode, render


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("amount=100&currency=try", {"amount": "100", "currency": "try"}),
        ("metadata[order]=K1&metadata[attempt_id]=a", {"metadata": {"order": "K1", "attempt_id": "a"}}),
        ("expand[]=a.b&expand[]=c", {"expand": ["a.b", "c"]}),
        ("expand[0]=a&expand[1]=b", {"expand": ["a", "b"]}),
        ("line_items[0][price_data][currency]=try", {"line_items": [{"price_data": {"currency": "try"}}]}),
        ("a[1]=y&a[0]=x", {"a": ["x", "y"]}),
        ("", {}),
    ],
)
def test_brackets(form, expected):
    assert decode(parse_qsl(form, keep_blank_values=True)) == expected


def test_a_name_that_is_both_value_and_group_is_refused():
    with pytest.raises(ValueError, match="a"):
        decode([("a", "1"), ("a[b]", "2")])


def test_expand_follows_paths_and_hides_what_is_ours(tmp_path):
    store = Store(tmp_path)
    store.put("intent", "pi_1", {"id": "pi_1", "latest_charge": "ch_1", "_page": "x"})
    store.put("charge", "ch_1", {"id": "ch_1", "balance_transaction": "txn_1"})
    store.put("balance", "txn_1", {"id": "txn_1", "fee": 3})
    session = {"id": "cs_1", "payment_intent": "pi_1", "_lines": []}
    assert render(store, session, []) == {"id": "cs_1", "payment_intent": "pi_1"}
    shown = render(store, session, ["payment_intent.latest_charge.balance_transaction", "nothing.here"])
    assert shown["payment_intent"]["latest_charge"]["balance_transaction"] == {"id": "txn_1", "fee": 3}
    assert "_page" not in shown["payment_intent"]
    store.close()
