import pytest

from belgenet.testing.psp import cards


def luhn(number):
    digits = [int(digit) for digit in number][::-1]
    return sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])


@pytest.mark.parametrize("card", cards.STRIPE, ids=lambda card: card.number)
def test_stripes_test_numbers_look_like_cards(card):
    assert luhn(card.number) % 10 == 0


@pytest.mark.parametrize("table", [cards.IYZICO, cards.STRIPE])
def test_any_other_card_is_refused(table):
    for number in ("4111 1111 1111 1111", "", "abc", "5528790000000009"):
        assert cards.find(table, number).code in {"12", "incorrect_number"}


@pytest.mark.parametrize("table", [cards.IYZICO, cards.STRIPE])
def test_numbers_are_found_however_they_are_typed(table):
    number = table[0].number
    assert cards.find(table, f" {number[:4]}-{number[4:8]} {number[8:]} ") is table[0]


@pytest.mark.parametrize("table", [cards.IYZICO, cards.STRIPE])
def test_the_page_shows_one_card_per_outcome(table):
    shown = cards.examples(table)
    assert [card.label for card in shown] == list(cards.SHOWN)
    assert shown[0].code == ""
