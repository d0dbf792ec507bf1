"""A second route to a venue: isolated positions, liquidated one by one at the closed-form price, without a kernel.

With a fund that can pay for everything nobody is deleveraged, so that each position stands alone: it is closed at the
first mark beyond its liquidation price, and what counts is its value at that mark.
"""

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi.coins.won_prices import dollar_bars
from gaemi.law.lawbook import load
from gaemi.market.coin_episodes import coin_episode, won_per_dollar
from gaemi.market.marks import Marks, marks_of
from gaemi.people.traders import LEVELS, traders
from gaemi.records.positions import Schedule, VenueAccounts
from gaemi.sources.intraday import BarHistory, read_bars
from gaemi.venue import VenueResult, fills_at, run_venue, schedules, terms_of
from gaemi.workers import LocalWorkers

BOOK, DAY = load(), date(2025, 10, 10)
ENDLESS_MICRO = 10**17
BARS = ("binance_alts_30m_2025_10.csv", "upbit_krw_hourly_crashes.csv")


def beyond(schedule: Schedule, lots: int, entry_micro: int, margin_micro: int) -> Fraction | None:
    """The mark below (a long) or above (a short) which the position is closed: micro a lot, exact; None for never.

    Equity is margin + lots x P - entry, maintenance is rate x |lots| x P - amount, and the value at P must fall in
    the tier whose rate and amount are used.
    """
    size, amount, last_rate = abs(lots), Fraction(0), Fraction(0)
    tiers = list(zip(schedule.floors_micro, schedule.rates_e6, strict=True))
    for place, (floor, rate_e6) in enumerate(tiers):
        rate = Fraction(rate_e6, 10**6)
        amount, last_rate = amount + floor * (rate - last_rate), rate
        slope = lots - rate * size
        price = (entry_micro - margin_micro - amount) / slope
        top = tiers[place + 1][0] if place + 1 < len(tiers) else None
        if price > 0 and floor <= size * price and (top is None or size * price < top):
            return price
    return None


def by_hand(accounts: VenueAccounts, marks: Marks, found: list[Schedule]) -> tuple[Counter[str], Counter[str]]:
    """Value closed by side and by hour, micro: a plain loop over positions and marks."""
    sides: Counter[str] = Counter()
    hours: Counter[str] = Counter()
    column = {m: [int(each) for each in marks.micro[:, m]] for m in range(len(marks.tickers))}
    begins = [str((time - np.timedelta64(1, "s")).astype("datetime64[h]")) for time in marks.times]
    for slot, j in zip(*np.nonzero(accounts.lots), strict=True):
        lots, contract = int(accounts.lots[slot, j]), int(accounts.instrument[slot, j])
        entry, margin = int(accounts.entry_value_micro[slot, j]), int(accounts.margin_micro[slot, j])
        price = beyond(found[contract], lots, entry, margin)
        if price is None:
            continue
        for mark, hour in zip(column[contract], begins, strict=True):
            if (mark < price) if lots > 0 else (mark > price):
                sides["long" if lots > 0 else "short"] += abs(lots) * mark
                hours[hour] += abs(lots) * mark
                break
    return sides, hours


def isolated_only(accounts: VenueAccounts) -> VenueAccounts:
    """The population without those on shared margin."""
    lots = np.where(accounts.isolated == 1, accounts.lots, 0)
    entry = np.where(accounts.isolated == 1, accounts.entry_value_micro, 0)
    return accounts._replace(lots=lots, entry_value_micro=entry, wallet_micro=np.zeros_like(accounts.wallet_micro))


def both(marks: Marks, first: np.datetime64, level: str, pairs: int) -> tuple[VenueResult, Counter[str], Counter[str]]:
    """The venue and the loop by hand, over all marks after ``first``."""
    before, after = marks.until(first), marks.since(first)
    terms, found = terms_of(BOOK, DAY, marks.tickers), schedules(BOOK, DAY, marks.tickers)
    who = traders(BOOK, DAY, before, found, pairs, level, 1)
    accounts = isolated_only(who.accounts)
    with LocalWorkers(1) as workers:
        house = replace(who.house, rest_lots=np.zeros_like(who.house.rest_lots), fund_micro=ENDLESS_MICRO)
        result = run_venue(accounts, after, fills_at(after), terms, workers, house)
    return result, *by_hand(accounts, after, found)


def agree(result: VenueResult, sides: Counter[str], hours: Counter[str]) -> None:
    assert 0 == sum(step.deleveraged_micro for step in result.steps)
    assert sides["long"] == sum(step.long_micro for step in result.steps)
    assert sides["short"] == sum(step.short_micro for step in result.steps)
    busiest = max(sorted(hours), key=lambda hour: hours[hour]) if hours else None
    assert busiest == (None if result.busiest_hour() is None else str(result.busiest_hour()))


@settings(max_examples=15)
@given(
    st.lists(st.lists(st.floats(-0.08, 0.08), min_size=2, max_size=2), min_size=10, max_size=30),
    st.sampled_from(LEVELS),
)
def test_on_random_marks_the_venue_closes_what_the_closed_form_closes(moves: list[list[float]], level: str) -> None:
    micro = np.round(np.array([1_200_000.0, 4_700_000.0]) * np.cumprod(1.0 + np.array(moves), axis=0)).astype(np.int64)
    times = np.datetime64("2025-10-10T00:30", "s") + np.arange(len(moves)) * np.timedelta64(1_800, "s")
    marks = Marks(("BTCUSDT", "XRPUSDT"), times, (1e-5, 1.0), micro, micro, micro)
    agree(*both(marks, times[4], level, 40))


@pytest.fixture(scope="module")
def october(shared_data) -> Marks:
    bars = BarHistory(tuple(one for name in BARS for one in read_bars(shared_data / name).bars))
    window = int(BOOK.value("perpetual.mark_minutes", DAY))
    return marks_of(dollar_bars(bars, coin_episode("oct-2025"), won_per_dollar("oct-2025")), window)


@pytest.mark.parametrize("level", LEVELS)
def test_on_10_october_long_share_and_hour_are_those_counted_by_hand(october: Marks, level: str) -> None:
    first = np.datetime64("2025-10-10T12:00", "s")
    result, sides, hours = both(october.until(first + np.timedelta64(24, "h")), first, level, 400)
    agree(result, sides, hours)
    assert sides["long"] / sum(sides.values()) == result.long_share
    assert 0.9 < sides["long"] / sum(sides.values()) <= 1.0
