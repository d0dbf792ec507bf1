"""What theory allows, kept out of the package: bounds on strategies, slow exact answers, published option prices.

Simulations are compared with these and no view prints them, because a bound next to an account reads like advice.
Levels are fractions of the start; ``drift`` is the arithmetic rate of a geometric Brownian motion.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import ceil, exp, inf, log, pi, sqrt
from typing import Any

import mpmath
import numpy as np
from scipy import integrate, special

Floats = np.ndarray[Any, np.dtype[np.float64]]


def watched_exactly(
    low: float, high: float, drift: float, volatility: float, years: float, checks: int
) -> tuple[float, float, float]:
    """P(high first), P(low first), P(neither) where the price is looked at ``checks`` times in ``years``.

    The checks are evenly spread, the last one at the end, and a level is reached by a check at or beyond it. No lower
    level: 0; no upper one: infinity. Exact to about 1e-13.

    Source: Chapman and Kolmogorov's equation on Gauss-Legendre nodes between the levels.
    """
    _, _, up, down = _watched(low, high, drift, volatility, years / checks, checks)
    return up, down, 1.0 - up - down


@cache
def _legendre(count: int) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss and Legendre by Newton's method in extended precision.

    numpy's own weights are off by 1e-10 from a few hundred nodes on, and the recursion adds that up check by check.
    """
    nodes = np.cos(np.pi * (np.arange(count, 0, -1, dtype=np.longdouble) - 0.25) / (count + 0.5))
    for _ in range(6):
        before, value = np.ones_like(nodes), nodes
        for order in range(2, count + 1):
            before, value = value, ((2 * order - 1) * nodes * value - (order - 1) * before) / order
        slope = count * (nodes * value - before) / (nodes * nodes - 1)
        weights, nodes = 2 / ((1 - nodes * nodes) * slope * slope), nodes - value / slope
    return nodes.astype(np.float64), weights.astype(np.float64)


def _watched(
    low: float, high: float, drift: float, volatility: float, step_years: float, checks: int
) -> tuple[Floats, Floats, float, float]:
    """Nodes, the mass that is still between the levels at each, and the mass that left over and under."""
    shift, deviation = (drift - volatility**2 / 2.0) * step_years, volatility * sqrt(step_years)
    reach = 10.0 * deviation * sqrt(checks)
    bottom = log(low) if low > 0.0 else min(0.0, shift * checks) - reach
    top = log(high) if high < inf else max(0.0, shift * checks) + reach
    at, weights = _legendre(ceil(8.0 * (top - bottom) / deviation) // 64 * 64 + 84)
    nodes, weights = bottom + (at + 1.0) / 2.0 * (top - bottom), weights * (top - bottom) / 2.0

    def leaves_over(places: Any) -> Any:
        return special.ndtr((places + shift - top) / deviation)

    def leaves_under(places: Any) -> Any:
        return special.ndtr((bottom - places - shift) / deviation)

    def density(moves: Any) -> Any:
        return np.exp(-0.5 * ((moves - shift) / deviation) ** 2) / (deviation * sqrt(2.0 * pi))

    steps = density(nodes[:, None] - nodes[None, :]) * weights[:, None]
    up, down = float(leaves_over(0.0)), float(leaves_under(0.0))
    mass = density(nodes) * weights
    for _ in range(checks - 1):
        up, down = up + float(leaves_over(nodes) @ mass), down + float(leaves_under(nodes) @ mass)
        mass = steps @ mass
    return nodes, mass, up, down


def first_reached_by_quadrature(
    low: float, high: float, drift: float, volatility: float, years: float
) -> tuple[float, float, float]:
    """P(high first), P(low first), P(neither) without a pause, by integrating image densities over time and place.

    Slow and plain: the flux through each level over time, and what is left between them at the end.
    """
    over, under = log(high), -log(low)
    width, slope = over + under, drift - volatility**2 / 2.0
    turns = range(-40, 41)

    def flux(near: float, pull: float) -> Callable[[float], float]:
        def at(time: float) -> float:
            spread = 2.0 * volatility**2 * time
            places = [near + 2.0 * turn * width for turn in turns]
            return sum(p * exp(-p * p / spread + pull * near / volatility**2 - pull**2 * time / 2.0 / volatility**2)
                       for p in places) / (volatility * sqrt(2.0 * pi * time**3))  # fmt: skip

        return at

    def between(place: float) -> float:
        spread = 2.0 * volatility**2 * years
        tilt = slope * place / volatility**2 - slope**2 * years / 2.0 / volatility**2
        starts = [2.0 * turn * width for turn in turns]
        total = sum(exp(tilt - (place - s) ** 2 / spread) - exp(tilt - (place - 2.0 * over - s) ** 2 / spread)
                    for s in starts)  # fmt: skip
        return total / (volatility * sqrt(2.0 * pi * years))

    def integral(of: Callable[[float], float], first: float, last: float) -> float:
        return float(integrate.quad(of, first, last, epsabs=1e-13, epsrel=1e-12, limit=500)[0])

    soon = min(years, (min(over, under) / volatility) ** 2)
    up, down = (
        integral(flux(near, pull), 1e-9 * soon, soon) + integral(flux(near, pull), soon, years)
        for near, pull in ((over, slope), (under, -slope))
    )
    # A narrow bell in a wide corridor would be stepped over: it is integrated by itself.
    ends = [slope * years + 8.0 * side * volatility * sqrt(years) for side in (-1, 1)]
    places = [-under, *(min(max(end, -under), over) for end in ends), over]
    return up, down, sum(integral(between, *piece) for piece in pairwise(places))


def barrier_shift() -> float:
    """-zeta(1/2) / sqrt(2 pi). Source: Broadie, Glasserman and Kou, Mathematical Finance 7 (1997), theorem 1.1."""
    return float(-mpmath.zeta(0.5) / mpmath.sqrt(2 * mpmath.pi))


def down_and_out_call(
    spot: float, strike: float, barrier: float, rate: float, volatility: float, years: float
) -> float:
    """A call that dies at ``barrier``, which is under the strike, watched without a pause.

    Source: Merton, Bell Journal of Economics 4 (1973); the reflected call is subtracted.
    """
    mirrored = (barrier / spot) ** (2.0 * rate / volatility**2 - 1.0)
    alive = _call(spot, strike, rate, volatility, years)
    return float(alive - mirrored * _call(barrier**2 / spot, strike, rate, volatility, years))


def down_and_out_call_watched(
    strike: float, barrier: float, rate: float, volatility: float, years: float, checks: int
) -> float:
    """The same call on a spot of 1, watched ``checks`` times, the last one at the end: exact to about 1e-13.

    The mass that lives after the last check but one holds an ordinary call for the rest, as the strike is higher.
    """
    step = years / checks
    nodes, mass, _, _ = _watched(barrier, inf, rate, volatility, step, checks - 1)
    return exp(-rate * (years - step)) * float(_call(np.exp(nodes), strike, rate, volatility, step) @ mass)


def _call(spot: Any, strike: float, rate: float, volatility: float, years: float) -> Any:
    deviation = volatility * sqrt(years)
    upper = (np.log(spot / strike) + rate * years) / deviation + deviation / 2.0
    return spot * special.ndtr(upper) - strike * exp(-rate * years) * special.ndtr(upper - deviation)


def fund_extinct_in_a_session(leverage: float, deviation: float, freedom: float) -> float:
    """P(one return takes all of a fund), with returns of Student's t scaled to ``deviation``.

    Source: the daily law of a leveraged fund, extinct at a return of -1 / leverage.
    """
    scale = deviation * sqrt((freedom - 2.0) / freedom)
    return float(special.stdtr(freedom, -1.0 / leverage / scale))


def kelly_ever_falls_to(share: float, times_kelly: float) -> float:
    """P(wealth ever falls to ``share`` of the start) where ``times_kelly`` x the growth-optimal fraction is held.

    Source: Thorp, "The Kelly criterion in blackjack, sports betting, and the stock market" (2006), section 3.
    """
    return 1.0 if times_kelly >= 2.0 else float(share ** (2.0 / times_kelly - 1.0))


def bold_play(wealth: Fraction, odds: float) -> float:
    """P(``wealth`` reaches 1) where all that helps is staked each time on a game won with ``odds`` below 1/2.

    Source: Dubins and Savage, "How to Gamble If You Must" (1965), the functional equation of bold play.
    """
    reached, weight = 0.0, 1.0
    while weight > 1e-20 and 0 < wealth < 1:
        if 2 * wealth <= 1:
            weight, wealth = weight * odds, 2 * wealth
        else:
            reached, weight, wealth = reached + weight * odds, weight * (1.0 - odds), 2 * wealth - 1
    return reached + (weight if wealth >= 1 else 0.0)


def timid_play(wealth: int, goal: int, odds: float) -> float:
    """P(``wealth`` reaches ``goal`` before 0) by stakes of 1. Source: gambler's ruin, Feller (1968), chapter XIV."""
    unfair = (1.0 - odds) / odds
    return (unfair**wealth - 1.0) / (unfair**goal - 1.0)


def browne_odds(wealth: float, goal: float, rate: float, drift: float, volatility: float, years: float) -> float:
    """The highest P(goal reached by the deadline) that any strategy without saving can have.

    Borrowing is at ``rate`` and without limit, so that every simulated strategy lies at or under it.

    Source: Browne, "Reaching goals by a deadline", Advances in Applied Probability 31 (1999) 551-577, theorem 3.1.
    """
    share = wealth * exp(rate * years) / goal
    if share >= 1.0:
        return 1.0
    return float(special.ndtr(special.ndtri(share) + (drift - rate) / volatility * sqrt(years)))


def browne_stock(wealth: float, goal: float, rate: float, volatility: float, years: float) -> float:
    """How much stock the strategy of :func:`browne_odds` holds, in the unit of ``wealth``: a digital's hedge."""
    place = float(special.ndtri(wealth * exp(rate * years) / goal))
    return goal * exp(-rate * years) * exp(-place * place / 2.0) / sqrt(2.0 * pi) / (volatility * sqrt(years))


def constant_leverage_odds(
    leverage: Any, wealth: float, goal: float, rate: float, drift: float, volatility: float, years: float
) -> Any:
    """P(goal reached by the deadline) where stock is held at ``leverage`` x wealth throughout. A number of mpmath.

    Source: reflection formula for the highest value of a geometric Brownian motion.
    """
    distance, deviation = mpmath.log(mpmath.mpf(goal) / wealth), leverage * volatility * mpmath.sqrt(years)
    slope = (rate + leverage * (drift - rate) - (leverage * volatility) ** 2 / 2) * years
    tilt = mpmath.exp(2 * slope * distance / deviation**2)
    return mpmath.ncdf((slope - distance) / deviation) + tilt * mpmath.ncdf((-distance - slope) / deviation)


def best_constant_leverage(
    wealth: float, goal: float, rate: float, drift: float, volatility: float, years: float, near: float
) -> tuple[float, float]:
    """The leverage near ``near`` at which :func:`constant_leverage_odds` peaks, and the odds there."""

    def odds(leverage: Any) -> Any:
        return constant_leverage_odds(leverage, wealth, goal, rate, drift, volatility, years)

    with mpmath.workdps(30):
        best = mpmath.findroot(lambda leverage: mpmath.diff(odds, leverage), near)
        return float(best), float(odds(best))
