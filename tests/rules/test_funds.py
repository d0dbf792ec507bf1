from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.rules import funds

RETURNS = st.floats(-0.3, 0.3)
LEVERAGES = st.sampled_from([-3, -2, -1, 1, 1.5, 2, 3])


@given(RETURNS)
def test_leverage_1_without_costs_tracks_its_index(r: float) -> None:
    assert funds.value_step(100.0, r, 1, funds.carry_a_session(1, 350, 0, 0)) == 100.0 * (1.0 + r)


def test_leverage_0_is_cash_that_earns_the_financing_rate() -> None:
    assert funds.value_step(100.0, -0.2, 0, funds.carry_a_session(0, 252, 0, 0)) == pytest.approx(100.01, rel=1e-15)


def test_a_short_fund_earns_financing_pays_for_borrowing_and_the_fee() -> None:
    assert funds.carry_a_session(-2, 350, 95, 100) == pytest.approx((3 * 350 - 2 * 100 - 95) / 2_520_000, rel=1e-15)


@pytest.mark.parametrize(("leverage", "fatal"), [(2, -0.5), (3, -1 / 3), (-1, 1.0), (-2, 0.5)])
def test_a_fund_is_extinct_when_a_session_takes_all_and_never_below_0(leverage: float, fatal: float) -> None:
    assert funds.value_step(100.0, fatal * 1.01, leverage, 0.0) == 0.0
    assert funds.value_step(100.0, fatal * 0.99, leverage, 0.0) > 0.0


@given(LEVERAGES, st.floats(1.0, 1e13), RETURNS)
def test_the_order_restores_the_leverage(leverage: float, assets: float, r: float) -> None:
    exposure = leverage * assets * (1.0 + r) + funds.rebalancing_order(leverage, assets, r, 0.0)
    assert exposure == pytest.approx(leverage * assets * (1.0 + leverage * r), rel=1e-12, abs=1e-6)


@given(LEVERAGES, st.floats(1.0, 1e13), RETURNS)
def test_without_flows_every_leveraged_fund_trades_with_the_move(leverage: float, assets: float, r: float) -> None:
    order = funds.rebalancing_order(leverage, assets, r, 0.0)
    assert order * r >= 0.0
    assert order == 0.0 or leverage != 1


def test_money_that_comes_in_is_invested_at_the_leverage() -> None:
    assert funds.rebalancing_order(3, 1000.0, 0.0, 10.0) == 30.0
    assert funds.rebalancing_order(-2, 1000.0, 0.0, 10.0) == -20.0


@given(st.integers(-3, 3), st.integers(1, 10**6), st.integers(-30, 30))
def test_orders_are_proportional_to_assets(leverage: int, assets: int, percent: int) -> None:
    r = Fraction(percent, 100)
    one = funds.rebalancing_order(leverage, Fraction(1), r, Fraction(0))
    assert funds.rebalancing_order(leverage, Fraction(assets), r, Fraction(0)) == assets * one


@given(RETURNS, st.floats(0.0, 0.95))
def test_the_closing_return_is_a_fixed_point(first: float, pressure: float) -> None:
    r, found = funds.return_with_rebalancing(first, pressure)
    assert found
    assert r == pytest.approx(first + pressure * r, rel=1e-12, abs=1e-15)


def test_a_bull_and_a_bear_fund_add_to_the_pressure_and_never_net() -> None:
    both = sum(funds.rebalancing_pressure(leverage, 1e12, 1e13, 0.1) for leverage in (2, -1))
    assert both == pytest.approx(0.04, rel=1e-15)


@pytest.mark.parametrize("pressure", [1.0, 1.5])
def test_pressure_of_1_or_more_is_flagged(pressure: float) -> None:
    assert funds.return_with_rebalancing(-0.05, pressure) == (-0.05, False)
