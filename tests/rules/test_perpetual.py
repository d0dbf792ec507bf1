"""Perpetuals: prices of liquidation against the tests they solve, schedules of tiers, and who is never closed."""

from fractions import Fraction
from math import ceil, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.records.positions import MICRO, Schedule
from gaemi.rules.perpetual import (
    E6,
    LONG,
    SHORT,
    bankruptcy_price,
    equity,
    funding_micro,
    is_liquidatable,
    liquidation_price,
    liquidation_price_by_entry,
    liquidation_price_from_here,
    liquidation_price_of_inverse,
    maintenance_micro,
    part_micro,
    share_rounded_up,
    tier_of,
    tiered_liquidation_price,
)

FLOORS = (0, 50_000, 250_000, 1_000_000, 10_000_000, 20_000_000)
BTC = Schedule("BTCUSDT", tuple(floor * MICRO for floor in FLOORS), (4_000, 5_000, 10_000, 25_000, 50_000, 100_000))
RATES = tuple(rate / E6 for rate in BTC.rates_e6)
AMOUNTS = tuple(amount / MICRO for amount in BTC.amounts_micro)

sides = st.sampled_from((LONG, SHORT))
leverages = st.integers(1, 125)
quantities = st.floats(0.001, 400.0)
entries = st.floats(1.0, 100_000.0)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    floors = draw(st.lists(st.integers(1, 10**15), min_size=0, max_size=5, unique=True))
    rates = draw(st.lists(st.integers(1, 999_999), min_size=len(floors) + 1, max_size=len(floors) + 1))
    return Schedule("ANY", (0, *sorted(floors)), tuple(sorted(rates)))


@given(schedules(), st.integers(0, 9 * 10**18))
def test_maintenance_is_what_the_slices_in_each_tier_need(schedule: Schedule, value: int) -> None:
    ends = [*schedule.floors_micro[1:], None]
    slices = [
        Fraction(max(0, (value if end is None else min(value, end)) - floor) * rate, E6)
        for floor, end, rate in zip(schedule.floors_micro, ends, schedule.rates_e6, strict=True)
    ]
    found = maintenance_micro(value, schedule.floors_micro, schedule.rates_e6, schedule.amounts_micro)
    # Each amount is floored once, so the schedule asks at most one micro more for each tier.
    assert 0 <= found - ceil(sum(slices)) <= len(slices)


@given(st.integers(1, 10**12), st.integers(1, 10**6 - 1), st.integers(1, 10**6 - 1))
def test_maintenance_does_not_jump_at_a_floor_of_whole_units(floor: int, one: int, other: int) -> None:
    schedule = Schedule("ANY", (0, floor * MICRO), (min(one, other), max(one, other)))
    below, at = (
        maintenance_micro(value, schedule.floors_micro, schedule.rates_e6, schedule.amounts_micro)
        for value in (floor * MICRO - 1, floor * MICRO)
    )
    assert 0 <= at - below <= 1


@given(sides, leverages, quantities, entries)
def test_at_the_tiered_price_equity_is_the_maintenance_of_the_value_at_that_price(
    side: int, leverage: int, quantity: float, entry: float
) -> None:
    margin = quantity * entry / leverage
    price = tiered_liquidation_price(margin, side, quantity, entry, RATES, AMOUNTS)
    if price <= 0:
        return
    tier = tier_of(quantity * price, FLOORS)
    needed = quantity * price * RATES[tier] - AMOUNTS[tier]
    assert isclose(needed, equity(margin, side, quantity, entry, price), rel_tol=1e-9, abs_tol=1e-6 * quantity * entry)


def test_the_tier_of_the_value_at_the_price_counts_and_not_that_of_the_value_at_entry() -> None:
    """15 BTC at 20 000 are in the third tier, but at 5 times they are closed in the second."""
    price = tiered_liquidation_price(60_000.0, LONG, 15.0, 20_000.0, RATES, AMOUNTS)
    assert (2, 1) == (tier_of(300_000.0, FLOORS), tier_of(15.0 * price, FLOORS))
    assert liquidation_price(60_000.0, LONG, 15.0, 20_000.0, 0.005, 50.0) == price


@given(quantities, entries, schedules())
def test_a_long_position_at_leverage_1_is_never_closed_above_zero(
    quantity: float, entry: float, schedule: Schedule
) -> None:
    rates = tuple(rate / E6 for rate in schedule.rates_e6)
    amounts = tuple(amount / MICRO for amount in schedule.amounts_micro)
    assert 0 >= tiered_liquidation_price(quantity * entry, LONG, quantity, entry, rates, amounts)


@given(st.integers(1, 2**31 - 1), st.integers(1, 10**9), st.integers(1, 10**9), schedules())
def test_a_long_position_at_leverage_1_passes_the_venues_test_at_every_price_above_zero(
    lots: int, paid: int, mark: int, schedule: Schedule
) -> None:
    value, entry = lots * mark, lots * paid
    needed = maintenance_micro(value, schedule.floors_micro, schedule.rates_e6, schedule.amounts_micro)
    # Rates are below 1, and a micro of rounding is never more than the value itself.
    assert not is_liquidatable(needed, entry + value - entry)


@given(sides, leverages, quantities, entries)
def test_from_here_and_from_entry_the_price_is_the_same(
    side: int, leverage: int, quantity: float, entry: float
) -> None:
    margin = quantity * entry / leverage
    now = entry * 1.01
    available = equity(margin, side, quantity, entry, now) - 0.005 * quantity * now
    expected = liquidation_price(margin, side, quantity, entry, 0.005)
    assert isclose(expected, liquidation_price_from_here(now, side, quantity, available, 0.005), abs_tol=1e-9 * entry)


@given(sides, st.integers(2, 125), quantities, entries)
def test_a_position_is_closed_before_its_margin_is_gone(
    side: int, leverage: int, quantity: float, entry: float
) -> None:
    margin = quantity * entry / leverage
    closed = liquidation_price(margin, side, quantity, entry, 0.004)
    gone = bankruptcy_price(margin, side, quantity, entry)
    assert side * closed > side * gone
    assert isclose(entry * (1 - side / leverage), gone, rel_tol=1e-12, abs_tol=1e-12 * entry)


def test_margin_that_was_added_moves_the_price_away_in_the_entry_convention() -> None:
    expected = [19_600.0, 20_400.0]
    found = [liquidation_price_by_entry(side, 1.0, 20_000.0, 400.0, 100.0, 100.0) for side in (LONG, SHORT)]
    assert expected == found


def test_at_the_price_of_an_inverse_contract_its_loss_in_coins_is_the_margin_less_maintenance() -> None:
    for side in (LONG, SHORT):
        price = liquidation_price_of_inverse(side, 20_000.0, 20_000.0, 0.3, 0.05)
        assert 0.3 - 0.05 == pytest.approx(side * (20_000.0 / price - 20_000.0 / 20_000.0))


@given(st.integers(0, 9 * 10**18), st.integers(0, 10**6))
def test_a_share_is_rounded_up(value: int, rate: int) -> None:
    assert ceil(Fraction(value * rate, E6)) == share_rounded_up(value, rate)


@given(st.integers(-(9 * 10**18), 9 * 10**18), st.integers(1, 2**31 - 1), st.data())
def test_parts_of_an_amount_add_up_to_it(whole: int, of_lots: int, data: st.DataObject) -> None:
    lots = data.draw(st.integers(0, of_lots))
    part = part_micro(whole, lots, of_lots)
    assert whole * lots // of_lots == part
    if lots < of_lots:
        assert whole - part == part_micro(whole - part, of_lots - lots, of_lots - lots)


def test_a_funding_rate_of_a_ten_thousandth_on_a_lot_worth_five() -> None:
    assert [500, -500] == [funding_micro(5 * MICRO, rate) for rate in (10_000, -10_000)]
