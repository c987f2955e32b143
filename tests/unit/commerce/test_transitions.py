"""The table of an attempt's states."""

from belgenet.commerce.payments.models import OPEN_STATES, State
from belgenet.commerce.payments.services.sync import ALLOWED


def test_nothing_undoes_a_confirmation():
    assert ALLOWED[State.CONFIRMED] == frozenset()


def test_money_can_still_arrive_in_every_other_state():
    assert all(State.CONFIRMED in after for state, after in ALLOWED.items() if state is not State.CONFIRMED)


def test_what_has_ended_does_not_open_again():
    for state in set(State) - OPEN_STATES:
        assert not ALLOWED[state] & OPEN_STATES


def test_every_state_is_in_the_table():
    assert set(ALLOWED) == set(State)
