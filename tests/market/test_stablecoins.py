"""The module on paths: the law of each day, demand from supply, prices between closes, and what is refused."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from gaemi.errors import Refused
from gaemi.kernels.mint import Tape
from gaemi.law.lawbook import load
from gaemi.market.stablecoins import (
    LEAD,
    Span,
    chain_of,
    joined,
    price_path,
    recorded_burn,
    run_module,
    with_parameters,
)

SPAN = Span(date(2022, 5, 12), date(2022, 5, 13))
DAY = 1_440


@dataclass(frozen=True, slots=True)
class Closes:
    start: np.ndarray
    close: np.ndarray


def closes(first, minutes, prices):
    begin = np.datetime64(first, "m")
    return Closes(begin + np.arange(len(prices)) * minutes, np.array(prices, float))


def test_the_pool_at_the_crash_recovers_over_36_blocks():
    chain = chain_of(load(), SPAN)
    assert {50_000_000.0} == set(chain.base) and {36} == set(chain.recovery) and {0.005} == set(chain.least)
    assert (14_400, 5) == (chain.blocks_a_day, chain.vote_blocks)


def test_swaps_are_off_from_the_day_after_the_halt_and_the_larger_pool_came_too_late():
    chain = chain_of(load(), Span(date(2022, 5, 13), date(2022, 5, 18)))
    assert [0.005, 1.0] == [chain.least[DAY - 1], chain.least[DAY]]
    assert (100_000_000.0, 18) == (chain.base[-1], chain.recovery[-1])


def test_days_before_the_module_are_refused_each():
    with pytest.raises(Refused) as refused:
        chain_of(load(), Span(date(2019, 4, 22), date(2019, 4, 25)))
    assert ["2019-04-22", "2019-04-23"] == [fault.where for fault in refused.value.faults]


def test_the_chain_makes_no_block_while_it_stands():
    stop = datetime(2022, 5, 12, 16, 14), datetime(2022, 5, 12, 17, 45)
    running = chain_of(load(), SPAN, [stop]).running
    assert [91, 1, 0, 0, 1] == [int((running == 0).sum()), *running[[973, 974, 1_064, 1_065]]]


def test_a_days_fall_is_burned_in_the_minutes_in_which_the_chain_ran():
    supply = {date(2022, 5, 11): 1_000.0, date(2022, 5, 12): 280.0, date(2022, 5, 13): 300.0}
    running = np.ones(2 * DAY, np.int64)
    running[:DAY:2] = 0
    burn = recorded_burn(supply, SPAN, running)
    assert [0.0, 1.0] == burn[:2].tolist()
    assert (720.0, 0.0) == (burn[:DAY].sum(), burn[DAY:].sum())
    assert 360.0 == recorded_burn(supply, SPAN, running, whole_day=True).sum()


def test_a_day_without_supply_is_refused():
    with pytest.raises(Refused, match="2022-05-11: the supply of each day must be known"):
        recorded_burn({date(2022, 5, 12): 1.0, date(2022, 5, 13): 1.0}, SPAN, np.ones(2 * DAY, np.int64))


def test_minutes_are_taken_as_they_are():
    prices = np.linspace(2.0, 1.0, LEAD + 2 * DAY)
    path = price_path(closes(datetime(2022, 5, 11), 1, prices), 1, SPAN)
    assert (prices == path).all()


def test_between_daily_closes_the_logarithm_goes_in_a_straight_line():
    path = price_path(closes(datetime(2022, 5, 10), DAY, [16.0, 4.0, 1.0, 0.25]), DAY, SPAN)
    ends = [LEAD - 1, LEAD + DAY - 1, LEAD + 2 * DAY - 1]
    assert [4.0, 1.0, 0.25] == path[ends].tolist()
    assert pytest.approx([2.0, 0.5]) == path[[LEAD + DAY // 2 - 1, LEAD + DAY + DAY // 2 - 1]].tolist()


def test_after_the_last_close_its_price_is_held_only_where_that_is_asked():
    short = closes(datetime(2022, 5, 11), 1, [3.0] * LEAD + [2.0, 1.0])
    assert {1.0} == set(price_path(short, 1, SPAN, hold=True)[LEAD + 1 :])
    with pytest.raises(Refused, match="must last to the end of 2022-05-13"):
        price_path(short, 1, SPAN)
    with pytest.raises(Refused, match="must begin by 2022-05-11 00:00:00"):
        price_path(closes(datetime(2022, 5, 11, 0, 1), 1, [1.0]), 1, SPAN, hold=True)


def test_a_path_within_the_day_is_joined_to_the_daily_closes():
    fine, daily = np.full(2 * DAY, 8.0), np.full(2 * DAY, 2.0)
    path = joined(fine, 720, daily)
    assert ({8.0}, {2.0}) == (set(path[:720]), set(path[DAY - 1 :]))
    assert pytest.approx(4.0, rel=5e-3) == path[1_080]


def test_a_larger_pool_mints_more_from_its_minute_on():
    chain, burn = chain_of(load(), SPAN), np.full(2 * DAY, 1e6)
    tape = Tape(burn, np.ones(2 * DAY), np.zeros(2 * DAY), 0, 1e8, 0.0)
    before, after = (run_module(each, tape, plain=True) for each in (chain, with_parameters(chain, 1e8, 18, DAY)))
    assert (before.supply[:DAY] == after.supply[:DAY]).all()
    assert before.supply[-1] < after.supply[-1]
    assert before.burned[-1] == after.burned[-1]


def test_times_of_a_span_are_minutes_from_its_start():
    last = SPAN.start + timedelta(days=9)
    assert [0, 61, 2 * DAY] == [SPAN.minute(t) for t in (SPAN.start, datetime(2022, 5, 12, 1, 1), last)]
    assert [DAY - 1, 2 * DAY - 1] == [SPAN.end_of(day) for day in SPAN.days]
