"""Habits: behaviour as the law's file has it, laid out for the kernel."""

from dataclasses import fields
from datetime import date

import numpy as np
import pytest

from gaemi.behaviour.habits import OLDEST, Behaviour, behaviour_of, bounds_of, habits_of
from gaemi.law.lawbook import load
from gaemi.law.reform import with_values
from gaemi.units import BPS

ON = date(2020, 3, 2)
FIRMS = "margin.firm_share"
SHARES = ("sale_first_day_gain", "sale_first_day_loss", "sale_tenth_day_gain", "sale_tenth_day_loss", "top_up")


@pytest.fixture(scope="module")
def behaviour() -> Behaviour:
    return behaviour_of(load(), ON)


def test_shares_are_of_one_and_no_longer_basis_points(behaviour: Behaviour) -> None:
    for name in SHARES:
        assert getattr(behaviour, name) == load().value(f"behaviour.{name}", ON) / BPS
    assert all(0.0 <= getattr(behaviour, name) <= 1.0 for name in SHARES)


def test_every_parameter_lies_within_its_range(behaviour: Behaviour) -> None:
    """Ranges are in the units of the record, so that a search never steps out of what the law's file allows."""
    names = tuple(one.name for one in fields(Behaviour))
    for name, (low, high) in zip(names, bounds_of(load(), ON, names), strict=True):
        assert low <= getattr(behaviour, name) <= high, name


def test_the_published_shares_are_repaid_on_their_days(behaviour: Behaviour) -> None:
    """At the pace of the published sample: 41 and 11 % at a gain, 22 and 5 % at a loss, on days 1 and 10."""
    habits = habits_of(behaviour.with_values({"repayment_pace": 1.0}), load(), ON)
    gain, loss = habits.gain_share, habits.loss_share
    assert [behaviour.sale_first_day_gain, behaviour.sale_first_day_loss] == [gain[1], loss[1]]
    tenth = [behaviour.sale_tenth_day_gain, behaviour.sale_tenth_day_loss]
    assert tenth == pytest.approx([gain[10], loss[10]], rel=1e-12)


def test_repayment_starts_the_session_after_and_slows_with_age(behaviour: Behaviour) -> None:
    habits = habits_of(behaviour, load(), ON)
    for table in (habits.gain_share, habits.loss_share):
        assert (OLDEST, 0.0) == (table.size, table[0])
        assert (table[2:] <= table[1:-1]).all() and 0.0 < table[-1] < table[1] <= 1.0


def test_half_the_pace_is_half_the_speed(behaviour: Behaviour) -> None:
    whole = habits_of(behaviour.with_values({"repayment_pace": 0.4}), load(), ON).gain_share
    half = habits_of(behaviour.with_values({"repayment_pace": 0.2}), load(), ON).gain_share
    assert half.tolist() == pytest.approx((whole / 2).tolist(), rel=1e-15)


def test_two_terms_of_a_loan_fit_into_the_table(behaviour: Behaviour) -> None:
    """A loan is held for two terms at most, and a session is at least a day."""
    assert 2 * habits_of(behaviour, load(), ON).term_days < OLDEST


def test_the_law_of_the_date_stands_beside_behaviour(behaviour: Behaviour) -> None:
    """What a locked name fills, the fee, the term and the extension are law, not habit."""
    changed = with_values(load(), "test", {"margin.term": 30, "market.locked_fill": 2_500, "state.extension": 1_000})
    habits = habits_of(behaviour, changed, ON)
    assert (30, 2_500, 0.1) == (habits.term_days, habits.fill_bps, habits.extension)
    assert load().value("market.broker_fee", ON) == habits.fee_bps


@pytest.mark.parametrize("on", [date(2007, 3, 2), ON, date(2024, 3, 4)])
def test_taxes_deposits_and_firms_are_those_of_the_date(behaviour: Behaviour, on: date) -> None:
    """Taxes by board, deposits by stock group, and the classes of firms as shares that add up to all of them."""
    book, habits = load(), habits_of(behaviour, load(), on)
    tax, deposit, share = (book.value(path, on) for path in ("market.transaction_tax", "margin.deposit", FIRMS))
    assert [tax["KOSPI"], tax["KOSDAQ"]] == habits.tax_bps.tolist()
    assert [deposit[group] for group in book.keys("stock_group")] == habits.deposit_bps.tolist()
    upper = habits.firm_upper_bps.tolist()
    assert [share[firm] for firm in book.keys("firm_class")] == np.diff([0, *upper]).tolist()
    assert BPS == upper[-1]


def test_the_tax_on_sales_changes_with_its_date(behaviour: Behaviour) -> None:
    days = sorted({change.date for change in load().changes() if change.path == "market.transaction_tax"})
    before, after = (habits_of(behaviour, load(), day).tax_bps.tolist() for day in (ON, days[-1]))
    assert before != after


def test_only_kospi_buys_the_dip(behaviour: Behaviour) -> None:
    assert [behaviour.buy_the_dip, 0.0, 0.0, 0.0] == habits_of(behaviour, load(), ON, stocks=2).dip.tolist()
