import csv
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.rules import market

BELOW, TICKS = (2_000, 5_000, 20_000, 50_000, 200_000, 500_000, 10**15), (1, 5, 10, 50, 100, 500, 1000)
FLAT = ((10**15,), (1,))


def limits(base: int) -> list[int]:
    return [limit(base, 3_000, BELOW, TICKS) for limit in (market.upper_limit, market.lower_limit)]


@pytest.mark.parametrize(
    ("price", "tick"), [(1, 1), (1_999, 1), (2_000, 5), (19_990, 10), (20_000, 50), (499_500, 500), (2_000_000, 1000)]
)
def test_the_tick_grows_with_the_price(price: int, tick: int) -> None:
    assert market.tick_size(price, BELOW, TICKS) == tick


@given(st.integers(1, 3_000_000))
def test_limits_are_ticks_within_30_per_cent_and_the_next_tick_is_outside(raw: int) -> None:
    base = market.floor_to_tick(raw, BELOW, TICKS)
    upper, lower = limits(base)
    for limit in (upper, lower):
        assert limit % market.tick_size(limit, BELOW, TICKS) == 0
        assert abs(limit - base) * 10 <= 3 * base
    widest = max(market.tick_size(upper, BELOW, TICKS), market.tick_size(base, BELOW, TICKS))
    assert (upper + widest - base) * 10 > 3 * base
    assert (base - lower + market.tick_size(base, BELOW, TICKS)) * 10 > 3 * base


@given(st.floats(0, 5_000_000))
def test_prices_are_cut_or_rounded_to_a_tick(price: float) -> None:
    tick = market.tick_size(price, BELOW, TICKS)
    below, nearest = market.floor_to_tick(price, BELOW, TICKS), market.nearest_tick(price, BELOW, TICKS)
    assert (below % tick, nearest % tick) == (0, 0)
    assert 0 <= price - below < tick
    assert abs(nearest - price) <= tick / 2


def test_a_fall_beyond_the_limit_is_carried_to_the_days_after() -> None:
    base, latent, days = 10_000_000, 2_500_000.0, []
    while base != latent:
        lower, upper = (f(base, 3_000, *FLAT) for f in (market.lower_limit, market.upper_limit))
        base = market.traded_price(latent, lower, upper, *FLAT)
        days.append((base, market.is_locked_down(base, lower)))
    assert days == [(7_000_000, True), (4_900_000, True), (3_430_000, True), (2_500_000, False)]


def test_a_rise_beyond_the_limit_is_carried_too() -> None:
    assert market.traded_price(200.0, 70, 130, *FLAT) == 130


def test_an_unmoved_price_stays_where_it_is_though_its_latent_price_has_rounding_noise() -> None:
    assert market.traded_price(69_999.99999999999, 49_000, 91_000, BELOW, TICKS) == 70_000


def test_what_an_auction_does_not_fill_waits() -> None:
    order = 1_234
    filled = market.filled_quantity(order, 1_000)
    assert (filled, order - filled) == (123, 1_111)


def test_tax_and_fee_are_each_floored() -> None:
    assert market.net_proceeds_won(1_234_567, 15, 30) == 1_234_567 - 1_851 - 3_703


def test_no_recorded_close_of_april_2023_lies_below_the_lower_limit_and_many_lie_on_it(shared_data: Path) -> None:
    path = shared_data / "kr_cfd_crash_2023_04_ohlcv.csv"
    closes: dict[str, list[int]] = {}
    with path.open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            if "2023-04-20" <= row["date"] <= "2023-04-28":
                closes.setdefault(row["code"], []).append(int(float(row["close"])))
    locked = 0
    for series in closes.values():
        for base, close in pairwise(series):
            upper, lower = limits(base)
            assert lower <= close <= upper
            locked += close == lower
    assert locked >= 8
