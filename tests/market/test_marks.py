"""Marks: the given one, the median of venues, a filter of one; never a low."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market.coin_bars import START, told

from gaemi.errors import Refused
from gaemi.market.marks import lot_size, marks_of

HALF_HOUR = np.timedelta64(1800, "s")


def test_bars_longer_than_the_window_stand_with_their_own_closes_at_their_ends() -> None:
    marks = marks_of([told("SUIUSDT", [3.0, 2.0])], 5)
    assert np.array_equal([START + HALF_HOUR, START + 2 * HALF_HOUR], marks.times)
    assert [3_000_000, 2_000_000] == marks.micro[:, 0].tolist()
    assert ("SUIUSDT: closes of one venue, bars of 30 minutes",) == marks.rules


def test_one_print_of_one_venue_is_filtered_and_stays_a_low() -> None:
    marks = marks_of([told("SUIUSDT", [3.0, 3.0, 0.5, 3.0, 3.0], minutes=1, low=1.0)], 5)
    assert [3_000_000] * 5 == marks.micro[:, 0].tolist()
    assert 500_000 == marks.low_micro[2, 0]
    assert ("SUIUSDT: closes of one venue, median of 5 minutes",) == marks.rules


def test_the_median_across_venues_at_each_time() -> None:
    venues = [told("SUIUSDT", closes) for closes in ([3.0, 2.0], [3.1, 2.2], [9.0, 2.1])]
    marks = marks_of(venues, 5)
    assert [3_100_000, 2_100_000] == marks.micro[:, 0].tolist()
    assert [1_800_000, 2_420_000] == [marks.low_micro[1, 0], marks.high_micro[1, 0]]


def test_a_given_mark_comes_before_all_others() -> None:
    marks = marks_of([told("SUIUSDT", [3.0, 2.0])], 5, {"SUIUSDT": np.array([3.5, 3.4])})
    assert [3_500_000, 3_400_000] == marks.micro[:, 0].tolist()
    assert ("SUIUSDT: given",) == marks.rules


def test_hours_and_half_hours_stand_on_one_grid_from_the_first_time_that_both_have() -> None:
    marks = marks_of([told("BTCUSDT", [50_000.0, 60_000.0], minutes=60), told("SUIUSDT", [3.0, 2.0, 1.0, 4.0])], 5)
    assert ("BTCUSDT", "SUIUSDT") == marks.tickers
    assert [5_000_000, 5_000_000, 6_000_000] == marks.micro[:, 0].tolist()
    assert [2_000_000, 1_000_000, 4_000_000] == marks.micro[:, 1].tolist()
    # Between two bars of a name its low and high are its mark.
    assert 5_000_000 == marks.low_micro[1, 0] == marks.high_micro[1, 0]


@given(st.floats(1e-9, 1e9))
def test_a_lot_is_a_power_of_ten_coins_worth_one_to_ten(price: float) -> None:
    assert 1 <= round(price * lot_size(price), 9) <= 10


@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=12), st.integers(1, 9))
def test_a_mark_is_never_under_all_closes_of_its_window(closes: list[float], window: int) -> None:
    marks = marks_of([told("SUIUSDT", closes, minutes=1, low=0.5)], window)
    for t, mark in enumerate(marks.micro[:, 0].tolist()):
        scale = marks.coins_a_lot[0] * 1_000_000
        near = [max(1, round(close * scale)) for close in closes[max(0, t - window + 1) : t + 1]]
        assert min(near) - 1 <= mark <= max(near) + 1
        assert marks.low_micro[t, 0] <= mark <= marks.high_micro[t, 0]


@pytest.mark.parametrize(
    ("bars", "expected"),
    [
        ([], "marks need bars of at least one name"),
        ([told("SUIUSDT", [3.0, 0.0])], "told.csv: price must be above 0, was SUIUSDT at 2025-10-10T00:30:00: 0"),
        ([told("AUSDT", [1.0]), told("BUSDT", [1.0], late=5)], None),
    ],
)
def test_bars_that_give_no_marks(bars: list[object], expected: str | None) -> None:
    if expected is None:
        assert 1 == marks_of(bars, 5).times.size  # type: ignore[arg-type]
        return
    with pytest.raises(Refused) as refused:
        marks_of(bars, 5)  # type: ignore[arg-type]
    assert expected in str(refused.value)
