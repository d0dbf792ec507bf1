from datetime import date

import pytest

from gaemi.errors import Refused
from gaemi.people.balances import shipped_balances


def test_balances_of_the_shipped_state_are_the_published_ones() -> None:
    row = shipped_balances().on_or_before(date(2025, 10, 31))
    assert (15_817_000_000_000, 9_710_000_000_000) == (row.margin_kospi_won, row.margin_kosdaq_won)
    assert (25_800_000_000_000, 85_460_000_000_000) == (row.pledged_won, row.deposits_won)
    assert 1_036_200_000_000 == row.unsettled_won


def test_dates_rise_and_every_row_has_a_balance_on_pledged_shares() -> None:
    rows = shipped_balances()
    assert [row.date for row in rows] == sorted({row.date for row in rows})
    assert all(row.pledged_won > 0 and row.margin_kospi_won > 0 for row in rows)
    assert date(2015, 1, 30) == rows[0].date


def test_a_carried_balance_says_of_which_date_it_is() -> None:
    row = shipped_balances().on_or_before(date(2025, 10, 30))
    assert row.pledged_date is not None and row.pledged_date < row.date


def test_a_date_before_the_first_row_is_refused() -> None:
    with pytest.raises(Refused, match="2015-01-30"):
        shipped_balances().on_or_before(date(2014, 12, 31))


def test_scaling_keeps_proportions_and_whole_won() -> None:
    row = shipped_balances().on_or_before(date(2025, 10, 31)).scaled(1, 1_000)
    assert 15_817_000_000 == row.margin_kospi_won
