"""Holders who run: the large and informed first; and a coin with a reserve, which stays near par."""

from datetime import date

import pytest

from gaemi.behaviour.runs import reserve_run, runners_of
from gaemi.law.lawbook import load
from gaemi.rules.stablecoin import run_share

ON = date(2022, 5, 9)


def test_the_classes_hold_every_coin_and_the_large_come_first():
    sizes, runners = runners_of(load(), ON, 1_000.0)
    assert ("large", "middle", "small") == sizes
    assert 1_000.0 == runners.held.sum()


@pytest.mark.parametrize("deviation", [0.01, 0.03, 0.1, 0.3])
def test_at_any_deviation_the_large_leave_at_least_as_fast(deviation):
    _, who = runners_of(load(), ON, 1.0)
    leave = [run_share(deviation, who.attention[c], who.hazard[c], who.first[c]) for c in range(3)]
    assert sorted(leave, reverse=True) == leave


def test_redemption_at_par_keeps_a_coin_with_a_reserve_within_its_fee_of_a_dollar():
    found = reserve_run(load(), date(2022, 5, 12), 83.15e9, 76.71e9)
    assert pytest.approx(0.07745, abs=1e-4) == found.redeemed_share
    assert 0.999 == found.low
    assert 0.97 < found.stressed_low < found.low


def test_a_run_beyond_what_is_liquid_costs_those_who_stay():
    found = reserve_run(load(), date(2022, 5, 12), 100.0, 20.0)
    assert found.reserve_left < 20.0
    assert found.low < 0.97


def test_without_a_run_nothing_is_redeemed():
    found = reserve_run(load(), date(2022, 5, 12), 100.0, 100.0)
    assert (0.0, 100.0, 0.999) == (found.redeemed_share, found.reserve_left, found.low)
