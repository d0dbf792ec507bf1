"""Leveraged funds through the engine: what they are worth, what they must trade, and what that does to the index."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toytown import (
    ALPHA,
    BETA,
    FIRST_LAW,
    LOUD,
    PRICES,
    QUIET,
    SECOND_LAW,
    TWICE,
    instruments,
    law,
    law_with,
    live,
    nobody,
    one_thread,
    path_of,
    started,
)  # fmt: skip

from gaemi.day import one_day
from gaemi.market.funds import Funds, terms
from gaemi.market.paths import Path
from gaemi.records.columns import Board
from gaemi.rules.impact import displacement, price_multiplier
from gaemi.run import begin
from gaemi.world import World

ASSETS = instruments().issued[TWICE] * PRICES[TWICE]
AGAINST = {"leverage": {"TWICE": -1}}


def both_fall(bps: int, sessions: int = 1) -> Path:
    """Both names of the board by the same basis points in the first session."""
    alpha, beta = (price * (10_000 + bps) // 10_000 for price in PRICES[:2])
    return path_of(FIRST_LAW, sessions, ALPHA=[alpha], BETA=[beta])


def funds_with(leverage: float) -> Funds:
    return Funds.at_start(instruments(), {TWICE: leverage}, np.left_shift(instruments().price, 10))


def ordered(leverage: float, index_return: float) -> float:
    law_of_funds = [replace(terms(law(), "TWICE", False, FIRST_LAW), leverage=leverage)]
    return float(funds_with(leverage).orders_won(np.array([index_return]), law_of_funds)[0])


def test_terms_are_dated_law() -> None:
    assert 2.0 == terms(law(), "TWICE", False, FIRST_LAW).leverage
    assert 1.0 == terms(law(), "AGAINST", False, FIRST_LAW).leverage
    assert -1.0 == terms(law(), "AGAINST", False, SECOND_LAW).leverage


def test_a_fund_starts_with_its_units_and_its_leverage() -> None:
    funds = funds_with(2.0)
    assert [TWICE] == funds.rows.tolist()
    assert [Board.KOSPI] == funds.board.tolist()
    assert [float(ASSETS)] == funds.assets_won.tolist()
    assert [2.0 * ASSETS] == funds.exposure_won.tolist()


@pytest.mark.parametrize(("leverage", "expected"), [(2, -0.1), (-1, -0.1), (3, -0.3), (-2, -0.3), (1, 0), (0, 0)])
def test_the_order_by_hand_when_the_index_falls_5_percent(leverage: float, expected: float) -> None:
    assert expected * ASSETS == pytest.approx(ordered(leverage, -0.05), rel=1e-12, abs=1e-6)


@given(leverage=st.sampled_from([-3, -2, -1, 2, 3]), index_return=st.floats(-0.3, 0.3).filter(lambda r: abs(r) > 1e-6))
def test_every_fund_trades_with_the_move(leverage: int, index_return: float) -> None:
    assert ordered(leverage, index_return) * index_return > 0


@given(index_return=st.floats(-0.3, 0.3), times=st.integers(2, 50))
def test_orders_grow_with_assets(index_return: float, times: int) -> None:
    law_of_funds, small = [terms(law(), "TWICE", False, FIRST_LAW)], funds_with(2.0)
    large = replace(small, assets_won=small.assets_won * times, exposure_won=small.exposure_won * times)
    returns = np.array([index_return])
    expected = times * small.orders_won(returns, law_of_funds)[0]
    assert expected == pytest.approx(large.orders_won(returns, law_of_funds)[0], rel=1e-12, abs=1e-6)


@pytest.mark.parametrize(("leverage", "bps", "expected"), [
    (2, -500, 18_000), (2, 1_000, 24_000), (-1, -500, 21_000), (-2, 1_000, 16_000), (1, -500, 19_000), (0, 500, 20_000),
])  # fmt: skip
def test_a_session_multiplies_the_return_of_the_index(leverage: float, bps: int, expected: int) -> None:
    book = law_with(funds__leverage={"TWICE": leverage})
    assert expected == live(nobody(), both_fall(bps), QUIET, book).price[TWICE]


def test_up_and_back_costs_a_fund_of_two_by_the_identity() -> None:
    """(1 + 2/10)(1 - 2/11) = 54/55, and the same for a fund of -1."""
    path = path_of(FIRST_LAW, 2, ALPHA=[11_000, 10_000], BETA=[2_200, 2_000])
    for leverage in (2, -1):
        world = live(nobody(), path, QUIET, law_with(funds__leverage={"TWICE": leverage}))
        assert 20_000 * 54 / 55 == pytest.approx(float(world.funds.nav[0]), rel=1e-12)
        assert round(20_000 * 54 / 55) == world.price[TWICE]


def test_a_fund_of_minus_two_dies_when_its_index_rises_by_half() -> None:
    book = law_with(funds__leverage={"TWICE": -2}, market__price_limit=9_000)
    path = path_of(FIRST_LAW, 2, ALPHA=[15_000], BETA=[3_000])
    world = live(nobody(), path, QUIET, book)
    assert 0.0 == world.funds.nav[0] == world.funds.assets_won[0]


def test_assets_are_units_times_value() -> None:
    path = path_of(FIRST_LAW, 3, ALPHA=[9_000, 9_500, 8_000], BETA=[1_900, 1_700, 1_800])
    funds = live(nobody(), path, LOUD).funds
    assert float(funds.nav[0]) * instruments().issued[TWICE] == pytest.approx(float(funds.assets_won[0]), rel=1e-12)


def test_a_funds_price_follows_leverage_times_the_index_as_it_closed() -> None:
    """Impact is in the index, and so in the fund."""
    world = begin(started(nobody()), both_fall(-800, 2), one_thread(), LOUD)
    for day in (1, 2):
        nav, before = float(world.funds.nav[0]), world.records[-1].index[Board.KOSPI]
        one_day(world, day)
        moved = world.records[-1].index[Board.KOSPI] / before - 1
        assert nav * (1 + 2 * moved) == pytest.approx(float(world.funds.nav[0]), rel=1e-12)
        assert round(float(world.funds.nav[0])) == world.price[TWICE]


def test_the_close_is_where_price_and_rebalancing_meet_by_hand() -> None:
    """Both names fall 5 % and the fund sells 2 x its assets x the fall, by weight; each price answers its own share."""
    world = live(nobody(), both_fall(-500), LOUD)
    weights = world.weights[Board.KOSPI]
    fall = world.records[1].index[Board.KOSPI] - 1
    assert fall < -0.05
    for row, latent in ((ALPHA, 9_500), (BETA, 1_900)):
        sold = float(np.floor(weights[row] * 2 * ASSETS * fall))
        share = sold / world.instruments.turnover_won[row]
        moved = displacement(share, share, 1.0, float(world.instruments.volatility[row]), 0.5)
        assert round(latent * price_multiplier(moved) / 5) * 5 == world.price[row]


def test_a_rise_is_pushed_on_and_a_fall_too() -> None:
    for bps in (-900, -100, 100, 900):
        index = live(nobody(), both_fall(bps), LOUD).records[1].index[Board.KOSPI]
        assert (index - (1 + bps / 10_000)) * bps >= 0
        assert abs(index - 1) >= abs(bps) / 10_000 - 1e-12


def test_more_assets_push_further() -> None:
    falls = []
    for units in (0, 100_000, 300_000, 900_000):
        issued = instruments().issued.copy()
        issued[TWICE] = max(1, units)
        table = instruments(issued=issued)
        falls.append(live(nobody(), both_fall(-900), LOUD, table=table).records[1].index[Board.KOSPI])
    assert sorted(falls, reverse=True) == falls
    assert falls[0] > falls[-1]


def test_the_greatest_clearing_price_lies_at_or_above_the_least() -> None:
    for bps in (-1_500, -700, 700):
        assert live(nobody(), both_fall(bps), LOUD).records[1].clearing_gap >= 0.0


def run_days(world: World, days: int) -> World:
    for day in range(1, days + 1):
        one_day(world, day)
    return world


def test_a_fund_rebalances_on_the_day_and_not_again() -> None:
    world = run_days(begin(started(nobody()), both_fall(-500, 3), one_thread(), LOUD), 1)
    assert 2.0 * world.funds.assets_won[0] == pytest.approx(float(world.funds.exposure_won[0]), rel=1e-12)


@pytest.mark.xfail(strict=True, reason="the root is steep at 0: above a flat path there is a higher clearing price")
def test_on_a_flat_day_funds_have_nothing_to_trade() -> None:
    world = live(nobody(), path_of(FIRST_LAW, 3), LOUD)
    assert [1.0] * 4 == [record.index[Board.KOSPI] for record in world.records]
