"""First passage: the odds that a price reaches a level, by when, and which of two levels comes first.

The price is a geometric Brownian motion that starts at 1. Levels are fractions of the start (0.84 is a fall of 16 %),
``drift`` and ``volatility`` are a year's as fractions, and ``drift`` is the arithmetic rate, so that the logarithm of
the price drifts by drift - volatility^2 / 2 a year. No volatility means a price that moves by its drift alone.

Answers are for a reader, never for a decision on an account: only the bridge functions may decide, and they use the
pinned logarithm and exponential.

Source: Borodin and Salminen, "Handbook of Brownian Motion: Facts and Formulae", 2nd ed. (2002), part II, chapter 2,
Brownian motion with drift: section 1 at a fixed time, 2 at the first hit, 3 at the first exit; Darling and Siegert,
"The first passage problem for a continuous Markov process", Annals of Mathematical Statistics 24 (1953) 624-639.
"""

from math import erfc, expm1, inf, pi, sin, sqrt

from gaemi.chance import exp, log

LOW, HIGH = -1, 1
"""The side of a level: under the price, or over it."""

BARRIER_SHIFT = 0.5825971579390107
"""-zeta(1/2) / sqrt(2 pi): how many deviations of one step a barrier seems further away when it is watched in steps."""

_SOON = 0.2  # of the width squared; at this variance both expansions need fewer than eight terms
_NEGLIGIBLE = 1e-17
_ERFC_ENDS = -37.0
_NEARLY_NO_DRIFT = 1e-4


def normal_cdf(x: float) -> float:
    """P(Z <= x) for a standard normal Z, to full relative accuracy in both tails.

    Source: the definition of the complementary error function.
    """
    return 0.5 * erfc(-x / sqrt(2.0))


def low_reached(level: float, drift: float, volatility: float, years: float) -> float:
    """P(the lowest price within ``years`` is at or under ``level``), watched without a pause.

    Source: the reflection principle with drift; Borodin and Salminen (2002), part II, chapter 2, section 1.
    """
    if level >= 1.0:
        return 1.0
    if level <= 0.0:
        return 0.0
    return _touched(-log(level), -_log_drift(drift, volatility), volatility, years)


def high_reached(level: float, drift: float, volatility: float, years: float) -> float:
    """P(the highest price within ``years`` is at or over ``level``), watched without a pause.

    Source: as :func:`low_reached`, mirrored.
    """
    if level <= 1.0:
        return 1.0
    if level == inf:
        return 0.0
    return _touched(log(level), _log_drift(drift, volatility), volatility, years)


def low_reached_and_end_above(level: float, end: float, drift: float, volatility: float, years: float) -> float:
    """P(the price reaches ``level``, which is under the start, and still ends at or over ``end``).

    The odds of a sale that waiting would have spared. ``end`` is above 0.

    Source: the reflection principle with drift; Borodin and Salminen (2002), part II, chapter 2, section 1.
    """
    reached = low_reached(level, drift, volatility, years)
    slope = _log_drift(drift, volatility)
    deviation = volatility * sqrt(years)
    if deviation == 0.0:
        return reached if slope * years >= log(end) else 0.0
    if reached == 1.0 or end <= level:
        return max(0.0, reached - normal_cdf((log(end) - slope * years) / deviation))
    if reached == 0.0:
        return 0.0
    low = log(level)
    tilt = 2.0 * slope * low / (volatility * volatility)
    return _tilted(tilt, (2.0 * low - log(end) + slope * years) / deviation)


def first_reached(low: float, high: float, drift: float, volatility: float, years: float) -> tuple[float, float, float]:
    """P(``high`` is reached first), P(``low`` is reached first), P(neither within ``years``), watched without a pause.

    Absolute error below 1e-12. Two expansions of the same answer are used, each where it converges in a few terms and
    loses no digits: images while the variance is small against the distance of the barriers, eigenfunctions after.

    Source: Darling and Siegert (1953); Borodin and Salminen (2002), part II, chapter 2, section 3.
    """
    if high <= 1.0:
        return 1.0, 0.0, 0.0
    if low >= 1.0:
        return 0.0, 1.0, 0.0
    if low <= 0.0 or high == inf:
        up, down = high_reached(high, drift, volatility, years), low_reached(low, drift, volatility, years)
        return up, down, 1.0 - up - down
    over, under = log(high), -log(low)
    width = over + under
    slope = _log_drift(drift, volatility)
    variance = volatility * volatility * years
    if variance < _SOON * width * width:
        up = _reached_soon(over, width, slope, volatility, years)
        down = _reached_soon(under, width, -slope, volatility, years)
        return up, down, max(0.0, 1.0 - up - down)
    up_later = _reached_later(over, width, slope, volatility, years)
    down_later = _reached_later(under, width, -slope, volatility, years)
    up = max(0.0, _reached_ever(over, width, slope, volatility) - up_later)
    down = max(0.0, _reached_ever(under, width, -slope, volatility) - down_later)
    return up, down, up_later + down_later


def first_reached_ever(low: float, high: float, drift: float, volatility: float) -> float:
    """P(``high`` is reached before ``low``) without a deadline, for a ``volatility`` above 0; low < 1 < high.

    Source: the scale function; Borodin and Salminen (2002), part II, chapter 2, section 3.
    """
    over, under = log(high), -log(low)
    return _reached_ever(over, over + under, _log_drift(drift, volatility), volatility)


def expected_exit_years(low: float, high: float, drift: float, volatility: float) -> float:
    """Mean years until the price reaches ``low`` or ``high``, for a ``volatility`` above 0; low < 1 < high.

    (width x P(high first) - distance to low) / log drift; where there is next to no log drift, the first terms of its
    expansion, because the quotient would lose its digits.

    Source: Wald's identity for the stopped price; Borodin and Salminen (2002), part II, chapter 2, section 3.
    """
    over, under = log(high), -log(low)
    width = over + under
    slope = _log_drift(drift, volatility)
    pull = slope * width / (volatility * volatility)
    if abs(pull) < _NEARLY_NO_DRIFT:
        share = under / width
        skew = 1.0 - 2.0 * share
        bend = 1.0 + pull * skew / 3.0 - pull * pull * share * (1.0 - share) / 3.0
        return over * under / (volatility * volatility) * bend
    return (width * _reached_ever(over, width, slope, volatility) - under) / slope


def watched_daily(level: float, volatility_a_session: float, side: int) -> float:
    """The level that, watched without a pause, is reached about as often as ``level`` watched once a session.

    It lies 0.5826 deviations of a session further away: under a ``side`` of LOW, over one of HIGH. Not to be used for a
    level within about one deviation of a session.

    Source: Broadie, Glasserman and Kou, "A continuity correction for discrete barrier options", Mathematical Finance 7
    (1997) 325-349, theorem 1.1.
    """
    return level * exp(side * BARRIER_SHIFT * volatility_a_session)


def low_reached_daily(level: float, drift: float, volatility: float, years: float, sessions: int) -> float:
    """P(one of ``sessions`` closes, evenly spread over ``years``, is at or under ``level``), to about 0.002.

    Source: :func:`low_reached` at the level of :func:`watched_daily`.
    """
    shifted = watched_daily(level, volatility * sqrt(years / sessions), LOW)
    return low_reached(shifted, drift, volatility, years)


def bridge_reached(start: float, end: float, level: float, deviation: float, side: int) -> float:
    """P(the price reached ``level`` on its way from ``start`` to ``end``), both known.

    A ``side`` of LOW asks for the lowest price between the two, HIGH for the highest. ``deviation`` is that of the log
    return from start to end, and the bridge runs in logarithms, so that it is exact for a geometric Brownian motion;
    the drift does not matter once the end is known.

    Source: the Brownian bridge; Glasserman, "Monte Carlo Methods in Financial Engineering" (2003), section 6.4.
    """
    from_start, from_end = side * log(level / start), side * log(level / end)
    if from_start <= 0.0 or from_end <= 0.0:
        return 1.0
    if deviation == 0.0:
        return 0.0
    return _power(-2.0 * from_start * from_end / (deviation * deviation))


def bridge_low(start: float, end: float, deviation: float, uniform: float) -> float:
    """The lowest price between ``start`` and ``end`` at a ``uniform`` draw, above 0 and below 1; a small one is low.

    At or under a level exactly as often as :func:`bridge_reached` says, at the same draw too. In logarithms; with
    ``deviation`` as there.

    Source: the inverse of :func:`bridge_reached`; Glasserman (2003), section 6.4.
    """
    moved = log(end / start)
    lowest = start * exp(0.5 * (moved - sqrt(moved * moved - 2.0 * deviation * deviation * log(uniform))))
    return min(lowest, start, end)


def bridge_high(start: float, end: float, deviation: float, uniform: float) -> float:
    """The highest price between ``start`` and ``end`` at a ``uniform`` draw; a small one is high.

    Not to be paired with :func:`bridge_low` at one draw: each is right alone, the two together are not.

    Source: as :func:`bridge_low`, mirrored.
    """
    moved = log(end / start)
    highest = start * exp(0.5 * (moved + sqrt(moved * moved - 2.0 * deviation * deviation * log(uniform))))
    return max(highest, start, end)


def residual_debt_odds(ratio: float, deviation_a_day: float, days: float) -> float:
    """P(collateral of ``ratio`` x the loan is under the loan after ``days``), with normal log returns of mean 0.

    Source: the normal law; the wait between a call and the sale is what makes it matter.
    """
    deviation = deviation_a_day * sqrt(days)
    if deviation == 0.0:
        return 1.0 if ratio < 1.0 else 0.0
    return normal_cdf(-log(ratio) / deviation)


def residual_debt_share(ratio: float, deviation_a_day: float, days: float) -> float:
    """Mean debt left when all is sold after ``days``, as a share of the loan: the mean of max(0, 1 - ratio x e^return).

    Log returns are normal of mean 0, as in :func:`residual_debt_odds`.

    Source: Black, "The pricing of commodity contracts", J. Financial Economics 3 (1976) 167-179, the put's formula for
    a forward of ratio x e^(variance / 2).
    """
    deviation = deviation_a_day * sqrt(days)
    if deviation == 0.0:
        return max(0.0, 1.0 - ratio)
    odds_at = -log(ratio) / deviation
    kept = ratio * _tilted(0.5 * deviation * deviation, odds_at - deviation)
    return max(0.0, normal_cdf(odds_at) - kept)


def _log_drift(drift: float, volatility: float) -> float:
    return drift - volatility * volatility / 2.0


def _power(x: float) -> float:
    """e to the power ``x``, and 0 where the pinned exponential ends."""
    return 0.0 if x < -700.0 else exp(x)


def _tilted(tilt: float, x: float) -> float:
    """e^tilt x P(Z <= x), where the first factor may be huge and the second tiny: their product is at most about 1."""
    if x > _ERFC_ENDS:
        return _power(tilt) * normal_cdf(x)
    square = 1.0 / (x * x)
    tail = 1.0 - square * (1.0 - 3.0 * square * (1.0 - 5.0 * square * (1.0 - 7.0 * square)))
    return _power(tilt - 0.5 * x * x) / (-x * sqrt(2.0 * pi)) * tail


def _touched(distance: float, slope: float, volatility: float, years: float) -> float:
    """P(a Brownian motion of drift ``slope`` gets ``distance`` above its start within ``years``)."""
    if volatility == 0.0 or years == 0.0:
        return 1.0 if slope * years >= distance else 0.0
    return min(1.0, _image(distance, distance, slope, volatility, years))


def _image(place: float, near: float, slope: float, volatility: float, years: float) -> float:
    """What an image, ``place`` under a barrier, adds to the odds that the start, ``near`` under it, reaches it."""
    deviation, squared = volatility * sqrt(years), volatility * volatility
    with_drift = _tilted(slope * (near - place) / squared, (slope * years - place) / deviation)
    return with_drift + _tilted(slope * (near + place) / squared, (-slope * years - place) / deviation)


def _reached_soon(near: float, width: float, slope: float, volatility: float, years: float) -> float:
    """P(a barrier ``near`` above is reached within ``years``, before one that is ``width`` under it): by images."""
    if volatility == 0.0 or years == 0.0:
        return 1.0 if slope * years >= near else 0.0
    total, place, added = 0.0, near, 1.0
    while added > _NEGLIGIBLE:
        added = _image(place, near, slope, volatility, years)
        mirrored = _image(place + 2.0 * (width - near), near, slope, volatility, years)
        total += added - mirrored
        place += 2.0 * width
    return min(max(total, 0.0), 1.0)


def _reached_later(near: float, width: float, slope: float, volatility: float, years: float) -> float:
    """P(a barrier ``near`` above is reached after ``years``, before one ``width`` under it): by eigenfunctions."""
    squared = volatility * volatility
    tilt = slope * near / squared - slope * slope * years / (2.0 * squared)
    total, order, bound = 0.0, 1.0, 1.0
    while bound > _NEGLIGIBLE:
        decay = (order * pi * volatility / width) ** 2 / 2.0
        rate = decay + slope * slope / (2.0 * squared)
        bound = pi * squared / (width * width) * order / rate * _power(tilt - decay * years)
        total += bound * sin(order * pi * near / width)
        order += 1.0
    return max(total, 0.0)


def _reached_ever(near: float, width: float, slope: float, volatility: float) -> float:
    """P(a barrier ``near`` above is reached before one that is ``width`` under it), without a deadline."""
    pull = 2.0 * slope / (volatility * volatility)
    far = width - near
    if pull == 0.0:
        return far / width
    if pull > 0.0:
        return expm1(-pull * far) / expm1(-pull * width)
    return _power(pull * near) * expm1(pull * far) / expm1(pull * width)
