from itertools import pairwise
from math import exp, inf, pi, sqrt

import mpmath
import pytest
import theory
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from gaemi.rules import passage
from gaemi.rules.passage import HIGH, LOW

LOWS, HIGHS = st.floats(0.05, 0.995), st.floats(1.005, 20.0)
DRIFTS, VOLATILITIES, YEARS = st.floats(-0.5, 0.5), st.floats(0.03, 1.2), st.floats(0.002, 30.0)
PRICES, DEVIATIONS, DRAWS = st.floats(50.0, 200.0), st.floats(0.001, 0.2), st.floats(1e-6, 1.0 - 1e-6)


@given(st.floats(-37.0, 37.0))
def test_the_normal_law_is_accurate_in_both_tails(x: float) -> None:
    assert passage.normal_cdf(x) == pytest.approx(float(special.ndtr(x)), rel=1e-12, abs=0.0)


@given(LOWS, HIGHS, DRIFTS, VOLATILITIES, YEARS)
def test_which_level_comes_first_adds_up_to_1(low: float, high: float, drift: float, vol: float, years: float) -> None:
    odds = passage.first_reached(low, high, drift, vol, years)
    assert min(odds) >= 0.0
    assert max(odds) <= 1.0
    assert sum(odds) == pytest.approx(1.0, abs=1e-12)


@given(LOWS, HIGHS, st.floats(-0.3, 0.3), st.floats(0.1, 1.0), YEARS)
def test_two_levels_agree_with_quadrature_of_image_densities(
    low: float, high: float, drift: float, vol: float, years: float
) -> None:
    assume(vol * vol * years < 50.0 * (passage.log(high / low)) ** 2)
    slow = theory.first_reached_by_quadrature(low, high, drift, vol, years)
    assert passage.first_reached(low, high, drift, vol, years) == pytest.approx(slow, abs=1e-10)


@given(LOWS, HIGHS, DRIFTS, VOLATILITIES, st.floats(0.15, 0.25))
def test_the_two_expansions_are_the_same_number(
    low: float, high: float, drift: float, vol: float, share: float
) -> None:
    over, under = passage.log(high), -passage.log(low)
    width, slope = over + under, drift - vol * vol / 2.0
    years = share * (width / vol) ** 2
    soon = passage._reached_soon(over, width, slope, vol, years)
    ever = passage._reached_ever(over, width, slope, vol)
    assert ever - passage._reached_later(over, width, slope, vol, years) == pytest.approx(soon, abs=1e-12)


@given(LOWS, HIGHS, DRIFTS, VOLATILITIES, YEARS, st.floats(1.001, 3.0))
def test_more_time_makes_both_levels_likelier(
    low: float, high: float, drift: float, vol: float, years: float, longer: float
) -> None:
    first = passage.first_reached(low, high, drift, vol, years)
    later = passage.first_reached(low, high, drift, vol, years * longer)
    assert later[0] >= first[0] - 1e-12
    assert later[1] >= first[1] - 1e-12
    assert passage.low_reached(low, drift, vol, years * longer) >= passage.low_reached(low, drift, vol, years) - 1e-12


@given(LOWS, DRIFTS, VOLATILITIES, YEARS, st.floats(0.5, 0.999))
def test_a_nearer_level_less_drift_and_more_volatility_make_a_fall_likelier(
    level: float, drift: float, vol: float, years: float, less: float
) -> None:
    odds = passage.low_reached(level, drift, vol, years)
    assert 0.0 <= passage.low_reached(level * less, drift, vol, years) <= odds + 1e-12 <= 1.0 + 1e-12
    assert passage.low_reached(level, drift + (1.0 - less), vol, years) <= odds + 1e-12
    assert passage.low_reached(level, abs(drift), vol * less, years) <= (
        passage.low_reached(level, abs(drift), vol, years) + 1e-12
    )


@given(LOWS, DRIFTS, VOLATILITIES, YEARS)
def test_a_level_on_the_other_side_that_is_out_of_reach_leaves_one_level(
    level: float, drift: float, vol: float, years: float
) -> None:
    low = passage.low_reached(level, drift, vol, years)
    high = passage.high_reached(1.0 / level, drift, vol, years)
    out_of_reach = exp(min(600.0, abs(drift) * years + vol * vol * years + 40.0 * vol * sqrt(years)))
    assert passage.first_reached(level, inf, drift, vol, years) == (0.0, low, 1.0 - low)
    assert passage.first_reached(0.0, 1.0 / level, drift, vol, years) == (high, 0.0, 1.0 - high)
    assert passage.first_reached(0.0, inf, drift, vol, years) == (0.0, 0.0, 1.0)
    assert passage.first_reached(level, 2.0 * out_of_reach, drift, vol, years)[1] == pytest.approx(low, abs=1e-12)
    assert passage.first_reached(0.5 / out_of_reach, 1.0 / level, drift, vol, years)[0] == (
        pytest.approx(high, abs=1e-12)
    )


@given(LOWS, HIGHS, DRIFTS, VOLATILITIES)
def test_a_long_deadline_comes_to_no_deadline(low: float, high: float, drift: float, vol: float) -> None:
    years = 40.0 * (passage.log(high / low) / vol) ** 2
    up, down, _ = passage.first_reached(low, high, drift, vol, years)
    ever = passage.first_reached_ever(low, high, drift, vol)
    assert up == pytest.approx(ever, abs=1e-12)
    assert down == pytest.approx(1.0 - ever, abs=1e-12)


@given(LOWS, HIGHS, DRIFTS, VOLATILITIES)
def test_mean_years_to_the_exit_are_the_sum_of_the_odds_of_being_inside(
    low: float, high: float, drift: float, vol: float
) -> None:
    scale = (passage.log(high / low) / vol) ** 2
    knots = [0.0, *(scale * 10.0 ** (power / 2.0 - 6.0) for power in range(16))]
    total = sum(
        integrate.quad(lambda t: passage.first_reached(low, high, drift, vol, t)[2], a, b, epsrel=1e-11)[0]
        for a, b in pairwise(knots)
    )
    assert passage.expected_exit_years(low, high, drift, vol) == pytest.approx(total, rel=1e-8)


@pytest.mark.parametrize("slope", [1e-3, 1e-4, 1e-5, 1e-7, 0.0])
def test_mean_years_to_the_exit_keep_their_digits_as_the_log_drift_fades(slope: float) -> None:
    low, high, vol = 0.7, 2.0, 0.4
    drift = slope + vol * vol / 2.0
    with mpmath.workdps(120):
        over, under = mpmath.log(high), -mpmath.log(mpmath.mpf(low))
        exact = mpmath.mpf(drift) - mpmath.mpf(vol) ** 2 / 2
        pull = 2 * exact / mpmath.mpf(vol) ** 2
        up = (1 - mpmath.exp(-pull * under)) / (1 - mpmath.exp(-pull * (over + under)))
        expected = float(((over + under) * up - under) / exact)
    assert passage.expected_exit_years(low, high, drift, vol) == pytest.approx(expected, rel=1e-11)


@given(LOWS, st.floats(0.05, 5.0), DRIFTS, VOLATILITIES, YEARS)
def test_a_fall_splits_into_ends_above_and_ends_below(
    level: float, end: float, drift: float, vol: float, years: float
) -> None:
    above = passage.low_reached_and_end_above(level, end, drift, vol, years)
    ends_above = passage.normal_cdf(((drift - vol * vol / 2.0) * years - passage.log(end)) / (vol * sqrt(years)))
    assert 0.0 <= above <= min(passage.low_reached(level, drift, vol, years), ends_above) + 1e-12
    at_level = passage.low_reached_and_end_above(level, level, drift, vol, years)
    just_over = passage.low_reached_and_end_above(level, level * (1.0 + 1e-13), drift, vol, years)
    assert at_level == pytest.approx(just_over, abs=1e-10)


@given(st.floats(0.05, 0.95), st.floats(1.0, 3.0), st.floats(-0.3, 0.3), st.floats(0.1, 1.0), st.floats(0.05, 5.0))
def test_a_fall_that_ends_above_is_the_sum_over_the_days_on_which_it_came(
    level: float, end: float, drift: float, vol: float, years: float
) -> None:
    """After the first hit the price starts anew, so the joint odds are an integral over the moment of the hit."""
    slope, distance = drift - vol * vol / 2.0, -passage.log(level)

    def hit_then_up(t: float) -> float:
        spread = vol * sqrt(t)
        hit = distance / (spread * t * sqrt(2.0 * pi)) * exp(-0.5 * ((distance + slope * t) / spread) ** 2)
        left = years - t
        return hit * passage.normal_cdf((slope * left - passage.log(end / level)) / (vol * sqrt(left)))

    peak = min(years / 2.0, (distance / vol) ** 2 / 3.0)
    parts = ((0.0, peak / 100.0), (peak / 100.0, peak), (peak, years))
    total = sum(integrate.quad(hit_then_up, a or 1e-12 * peak, b, epsabs=1e-13, limit=300)[0] for a, b in parts)
    assert passage.low_reached_and_end_above(level, end, drift, vol, years) == pytest.approx(total, abs=1e-10)


@settings(max_examples=20)
@given(st.floats(0.3, 0.97), DRIFTS, st.floats(0.1, 1.0), st.integers(2, 63))
def test_watching_once_a_day_sees_fewer_falls(level: float, drift: float, vol: float, sessions: int) -> None:
    years = sessions / 252.0
    daily = passage.low_reached_daily(level, drift, vol, years, sessions)
    assert daily <= passage.low_reached(level, drift, vol, years)
    assert theory.watched_exactly(level, inf, drift, vol, years, sessions)[1] <= (
        passage.low_reached(level, drift, vol, years) + 1e-12
    )


@settings(max_examples=20)
@given(st.floats(0.5, 0.94), st.floats(-0.2, 0.2), st.floats(0.15, 0.4), st.integers(40, 80))
def test_the_shifted_level_comes_close_to_watching_exactly(
    level: float, drift: float, vol: float, sessions: int
) -> None:
    """Where the level is two deviations of a session away or more, as its rule asks."""
    years = sessions / 252.0
    exact = theory.watched_exactly(level, inf, drift, vol, years, sessions)[1]
    assert passage.low_reached_daily(level, drift, vol, years, sessions) == pytest.approx(exact, abs=3e-3)


@given(st.floats(0.1, 10.0), st.floats(0.0, 0.1))
def test_a_watched_level_moves_away_from_the_price(level: float, deviation: float) -> None:
    assert passage.watched_daily(level, deviation, LOW) <= level <= passage.watched_daily(level, deviation, HIGH)
    both = passage.watched_daily(passage.watched_daily(level, deviation, LOW), deviation, HIGH)
    assert both == pytest.approx(level, rel=1e-14)


@given(PRICES, PRICES, DEVIATIONS, DRAWS)
def test_a_drawn_low_is_reached_as_often_as_its_draw_says(start: float, end: float, dev: float, draw: float) -> None:
    low, high = passage.bridge_low(start, end, dev, draw), passage.bridge_high(start, end, dev, draw)
    assert 0.0 < low <= min(start, end) <= max(start, end) <= high
    assume(low < min(start, end) * (1.0 - 1e-6) and high > max(start, end) * (1.0 + 1e-6))
    assert passage.bridge_reached(start, end, low, dev, LOW) == pytest.approx(draw, rel=1e-6)
    assert passage.bridge_reached(start, end, high, dev, HIGH) == pytest.approx(draw, rel=1e-6)


@given(PRICES, PRICES, DEVIATIONS, st.floats(0.7, 1.0))
def test_the_two_sides_of_a_bridge_mirror_each_other(start: float, end: float, dev: float, share: float) -> None:
    level = share * min(start, end)
    under = passage.bridge_reached(start, end, level, dev, LOW)
    over = passage.bridge_reached(1.0 / start, 1.0 / end, 1.0 / level, dev, HIGH)
    assert 0.0 <= under <= 1.0
    assert over == pytest.approx(under, rel=1e-6, abs=1e-12)
    assert passage.bridge_reached(end, start, level, dev, LOW) == under
    assert passage.bridge_reached(start, end, level, dev, HIGH) == 1.0


@given(st.floats(0.6, 0.95), st.floats(-0.3, 0.3), st.floats(0.1, 0.8), st.floats(0.05, 3.0))
def test_bridges_over_all_ends_give_the_odds_of_the_whole(level: float, drift: float, vol: float, years: float) -> None:
    deviation, shift = vol * sqrt(years), (drift - vol * vol / 2.0) * years

    def at(z: float) -> float:
        end = exp(shift + deviation * z)
        return passage.bridge_reached(1.0, end, level, deviation, LOW) * exp(-0.5 * z * z) / sqrt(2.0 * pi)

    kink = max(-9.0, min(9.0, (passage.log(level) - shift) / deviation))
    total = sum(integrate.quad(at, a, b, epsabs=1e-14, limit=200)[0] for a, b in ((-9.0, kink), (kink, 9.0)))
    assert passage.low_reached(level, drift, vol, years) == pytest.approx(total, abs=1e-10)


@given(st.floats(0.8, 3.0), st.floats(0.005, 0.2), st.floats(0.5, 10.0))
def test_residual_debt_is_the_mean_of_what_is_missing(ratio: float, dev: float, days: float) -> None:
    deviation = dev * sqrt(days)
    at = max(-12.0, min(12.0, -passage.log(ratio) / deviation))
    mean = integrate.quad(
        lambda z: (1.0 - ratio * exp(deviation * z)) * exp(-0.5 * z * z) / sqrt(2.0 * pi),
        -12.0, at, epsabs=1e-14, limit=200,
    )[0]  # fmt: skip
    assert passage.residual_debt_share(ratio, dev, days) == pytest.approx(mean, abs=1e-11)
    assert passage.residual_debt_share(ratio, dev, days) <= passage.residual_debt_odds(ratio, dev, days) <= 1.0


def test_without_volatility_the_drift_decides() -> None:
    assert passage.low_reached(0.84, -0.2, 0.0, 1.0) == 1.0
    assert passage.low_reached(0.84, -0.1, 0.0, 1.0) == 0.0
    assert passage.high_reached(1.1, 0.1, 0.0, 1.0) == 1.0
    assert passage.first_reached(0.84, 1.1, 0.1, 0.0, 1.0) == (1.0, 0.0, 0.0)
    assert passage.first_reached(0.84, 1.1, -0.2, 0.0, 1.0) == (0.0, 1.0, 0.0)
    assert passage.first_reached(0.84, 1.1, 0.0, 0.0, 1.0) == (0.0, 0.0, 1.0)
    assert passage.low_reached_and_end_above(0.84, 0.8, -0.2, 0.0, 1.0) == 1.0
    assert passage.low_reached_and_end_above(0.84, 0.83, -0.2, 0.0, 1.0) == 0.0
    assert passage.bridge_reached(100.0, 101.0, 99.0, 0.0, LOW) == 0.0
    assert passage.bridge_low(100.0, 101.0, 0.0, 0.3) == 100.0
    assert passage.residual_debt_odds(0.99, 0.0, 2) == 1.0
    assert passage.residual_debt_share(0.75, 0.04, 0) == 0.25


def test_a_level_at_or_beyond_the_start_is_reached_at_once_and_nothing_is_reached_in_no_time() -> None:
    assert passage.low_reached(1.0, 0.1, 0.3, 0.0) == 1.0
    assert passage.high_reached(1.0, 0.1, 0.3, 0.0) == 1.0
    assert passage.first_reached(1.0, 2.0, 0.1, 0.3, 1.0) == (0.0, 1.0, 0.0)
    assert passage.first_reached(0.5, 1.0, 0.1, 0.3, 1.0) == (1.0, 0.0, 0.0)
    assert passage.first_reached(0.5, 2.0, 0.1, 0.3, 0.0) == (0.0, 0.0, 1.0)
    assert passage.low_reached(0.0, 0.1, 0.3, 1.0) == 0.0
    assert passage.bridge_reached(97.0, 99.0, 98.0, 0.02, LOW) == 1.0
    assert passage.bridge_reached(97.0, 99.0, 98.0, 0.02, HIGH) == 1.0


@pytest.mark.parametrize(("drift", "volatility"), [(0.5, 0.01), (-0.5, 0.01), (0.05, 0.005), (3.0, 0.02)])
def test_strong_drifts_neither_overflow_nor_lose_digits(drift: float, volatility: float) -> None:
    toward = 1.0 if drift > 0.0 else 0.0
    years = 2.0 * passage.log(2.0) / abs(drift)
    assert passage.first_reached(0.5, 2.0, drift, volatility, years) == pytest.approx(
        (toward, 1.0 - toward, 0.0), abs=1e-12
    )
    assert passage.first_reached_ever(0.5, 2.0, drift, volatility) == pytest.approx(toward, abs=1e-12)
    assert passage.low_reached(0.5, drift, volatility, years) == pytest.approx(1.0 - toward, abs=1e-12)
