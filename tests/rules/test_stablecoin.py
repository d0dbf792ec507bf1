"""The mint-and-burn module, holders who run and a reserve: what must hold whatever the figures are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi.rules.stablecoin import (
    arbitrage_floor,
    ask_for_other,
    ask_for_stable,
    capacity_a_block,
    coins_for,
    delta_after_block,
    delta_after_other,
    delta_after_stable,
    delta_at_spread,
    marginal_spread,
    price_at_supply,
    received,
    redemption_price,
    reserve_left,
    run_share,
    spread_charged,
    standing_delta,
    tobin_tax_bps,
)

BASE = 50_000_000.0
GAPS = st.floats(-4e7, 5e8)
OFFERS = st.floats(1.0, 1e9)
FEW = settings(max_examples=50)


@FEW
@given(GAPS, OFFERS, OFFERS)
def test_two_swaps_in_a_block_give_what_one_of_their_sum_gives(delta, first, second):
    parts = ask_for_stable(BASE, delta, first) + ask_for_stable(BASE, delta_after_stable(delta, first), second)
    scale = BASE * BASE / (BASE + delta)
    assert pytest.approx(ask_for_stable(BASE, delta, first + second), abs=1e-12 * scale) == parts


@FEW
@given(GAPS, OFFERS)
def test_the_product_of_the_pools_stays(delta, offer):
    pool = BASE + delta
    other = BASE * BASE / pool
    after = (pool + offer) * (other - ask_for_stable(BASE, delta, offer))
    assert pytest.approx(BASE * BASE, rel=1e-6) == after


@FEW
@given(GAPS, OFFERS)
def test_there_and_back_without_a_least_spread_is_nothing_won(delta, offer):
    other = ask_for_stable(BASE, delta, offer)
    back = ask_for_other(BASE, delta_after_stable(delta, offer), other)
    assert pytest.approx(offer, rel=1e-6, abs=1.0) == back
    assert pytest.approx(delta, abs=1.0) == delta_after_other(delta_after_stable(delta, offer), back)


@FEW
@given(st.floats(-1e8, 1e8), st.integers(2, 14_400), st.integers(1, 200))
def test_a_gap_closes_geometrically(delta, recovery, blocks):
    left = delta
    for _ in range(blocks):
        left = delta_after_block(left, recovery)
    assert pytest.approx(delta * (1.0 - 1.0 / recovery) ** blocks, rel=1e-9, abs=1e-6) == left


@FEW
@given(GAPS, OFFERS, st.floats(0.0, 0.5), st.floats(1e-5, 100.0))
def test_burned_dollars_less_the_spread_are_the_minted_coins_at_their_price(delta, offer, least, price):
    spread = spread_charged(offer, ask_for_stable(BASE, delta, offer), least)
    paid, fee = coins_for(received(offer, spread), price), coins_for(offer * spread, price)
    assert least <= spread <= 1.0
    assert pytest.approx(offer, rel=1e-9) == (paid + fee) * price


def test_a_swap_that_would_gain_pays_the_least_spread():
    short = -1_000_000.0
    assert 0 > marginal_spread(BASE, short)
    assert 0.005 == spread_charged(1_000.0, ask_for_stable(BASE, short, 1_000.0), 0.005)


def test_swaps_that_are_disabled_pay_nothing_out():
    assert 0.0 == received(1_000.0, spread_charged(1_000.0, ask_for_stable(BASE, 0.0, 1_000.0), 1.0))


def test_the_higher_tax_of_two_coins_is_taken():
    assert [200, 25] == [tobin_tax_bps(25, 200), tobin_tax_bps(25, 25)]


@pytest.mark.parametrize("spread", [0.005, 0.02, 0.4])
def test_the_gap_of_a_spread_has_that_spread(spread):
    assert pytest.approx(spread, rel=1e-12) == marginal_spread(BASE, delta_at_spread(BASE, spread))


def test_an_even_inflow_comes_to_rest_and_its_capacity_is_the_inflow():
    inflow, delta = 200_000.0, 0.0
    for _ in range(2_000):
        delta = delta_after_block(delta_after_stable(delta, inflow), 36)
    assert pytest.approx(standing_delta(inflow, 36), rel=1e-12) == delta
    after = marginal_spread(BASE, delta_after_stable(delta, inflow))
    assert pytest.approx(inflow, rel=1e-12) == capacity_a_block(BASE, 36, after)


def test_at_an_elasticity_of_one_the_market_value_stays():
    assert 5.0 == price_at_supply(10.0, 100.0, 200.0, 1.0)
    assert pytest.approx(10.0 / 2**1.5, rel=1e-14) == price_at_supply(10.0, 100.0, 200.0, 1.5)


def test_nobody_runs_below_attention_and_nobody_leaves_twice():
    assert [0.01, 0.01, 0.41, 1.0] == pytest.approx(
        [run_share(deviation, 0.05, 4.0, 0.01) for deviation in (-0.1, 0.05, 0.15, 0.9)], abs=1e-15
    )


@FEW
@given(st.floats(0.0, 0.3), st.floats(0.0, 0.2))
def test_the_further_from_the_peg_the_more_leave(deviation, more):
    assert run_share(deviation, 0.02, 4.0, 0.0) <= run_share(deviation + more, 0.02, 4.0, 0.0)


def test_a_reserve_pays_from_what_is_liquid_and_then_at_a_discount():
    assert 80.0 == reserve_left(100.0, 0.5, 0.1, 20.0)
    assert pytest.approx(50.0 - 18.0 / 0.9) == reserve_left(100.0, 0.5, 0.1, 68.0)
    assert 0.0 == reserve_left(100.0, 0.5, 0.5, 90.0)


def test_redemption_is_at_par_while_the_reserve_lasts():
    assert [1.0, 1.0, 0.9] == [redemption_price(assets, 100.0, 0.0) for assets in (120.0, 100.0, 90.0)]
    assert 0.999 == arbitrage_floor(redemption_price(100.0, 100.0, 0.0), 0.001)
