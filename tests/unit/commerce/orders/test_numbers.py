import re

import pytest

from belgenet.commerce.orders.services.numbers import order_number


@pytest.mark.parametrize(("slug", "prefix"), [("vakif", "VA"), ("akademi", "AK"), ("a-1", "A"), ("42", "BN")])
def test_a_number_begins_with_the_tenant(slug, prefix):
    number = order_number(slug)
    assert re.fullmatch(prefix + r"-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", number), number


def test_numbers_differ():
    assert len({order_number("vakif") for _ in range(5000)}) == 5000
