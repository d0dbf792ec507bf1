"""Positions that a venue closes within the day: the bridged walk against first-passage probabilities."""

from dataclasses import replace
from datetime import date, timedelta
from math import sqrt

import numpy as np
import pytest

from gaemi.account.luck import Drift, movers_of
from gaemi.account.portfolio import Portfolio, portfolio
from gaemi.account.request import Request
from gaemi.account.rows import instruments_of
from gaemi.account.trip import Case, trip_of
from gaemi.kernels.journey import NOT_YET
from gaemi.law.lawbook import load
from gaemi.market.models import assumed
from gaemi.outcomes import Ever
from gaemi.rules.passage import first_reached, low_reached
from gaemi.walks import walk_paths
from gaemi.workers import LocalWorkers

ON = date(2025, 10, 31)
PATHS = 20_000
CLOSED = Ever.FORCE_SOLD.value.bit_length() - 1

PUBLISHED = [
    # low, high, drift, volatility, days, P(low first), P(high first): QuantLib 1.44, double-barrier binary engine
    (84, 120, 0.0, 0.25, 90, 0.174537, 0.129378),
    (84, 120, 0.0, 0.25, 365, 0.494772, 0.393591),
    (84, 120, 0.0, 0.25, 1095, 0.555087, 0.444052),
    (84, 150, 0.06, 0.30, 90, 0.234872, 0.006944),
    (84, 150, 0.06, 0.30, 365, 0.543821, 0.175951),
    (84, 150, 0.06, 0.30, 1095, 0.669252, 0.310833),
    (50, 200, 0.0, 0.80, 90, 0.112981, 0.056491),
    (50, 200, 0.0, 0.80, 365, 0.513454, 0.256727),
    (50, 200, 0.0, 0.80, 1095, 0.661787, 0.330894),
    # O25 and O26 of the known answers
    (84, 150, 0.05, 0.30, 365, 0.554679955626089, 0.168314238913956),
    (50, 200, 0.08, 0.40, 730, 0.220216718341266, 0.220216718341266),
]


def holder(low: float, high: float) -> Portfolio:
    """Who is long with the venue closing at ``low`` and short with it closing at ``high``, from 100."""
    common = {"ticker": "BTCUSDT", "quantity": 1, "entry": 100, "price": 100, "maintenance": "0%", "volatility": "50%"}
    told = {
        "cash": "1m",
        "positions": [common | {"side": "long", "margin": 100 - low}, common | {"side": "short", "margin": high - 100}],
    }
    return portfolio(Request(file=told, on=ON), load())


def closings(low: float, high: float, drift: float, volatility: float, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Sessions on which the venue closes the long and the short position, int [path]; NOT_YET where it never does."""
    who = holder(low, high)
    sides = [
        replace(who, lots=tuple(lot for lot in who.lots if lot.ticker.endswith(side))) for side in ("long", "short")
    ]
    movers = movers_of(who, instruments_of(who))
    until = ON + timedelta(days=days)
    sessions = (
        len(
            trip_of(
                [Case((), who, Drift("", "", (0.0,) * 2, (), None), until, 0, 0)], movers, still(movers, 0.1), 0
            ).dates
        )
        - 1
    )
    step = days / 365 / sessions
    deviation = volatility * sqrt(step)
    a_session = tuple(
        (drift - volatility**2 / 2) * step if driver.name == "BTCUSDT" else 0.0 for driver in movers.drivers
    )
    told = Drift("test", "", a_session, (), None)
    both = replace(who, lots=who.lots)
    cases = [
        Case(("both",), both, told, until, 0, 0),
        *(Case((i,), side, told, until, 0, 0) for i, side in enumerate(sides)),
    ]
    with LocalWorkers(2) as workers:
        walked = walk_paths(trip_of(cases, movers, still(movers, deviation), 7), PATHS, workers)
    return walked.first_day[CLOSED, :, 1], walked.first_day[CLOSED, :, 2]


def still(movers, deviation: float):  # type: ignore[no-untyped-def]
    """A gbm in which only the coin moves."""
    each = np.array([deviation if driver.name == "BTCUSDT" else 1e-9 for driver in movers.drivers])
    nothing = np.zeros(each.size)
    return assumed([driver.name for driver in movers.drivers], each, np.eye(each.size), 250.0, nothing, nothing)


# Three years of paths take seconds each: CI runs them, and `make test` the shorter ones.
@pytest.mark.parametrize(
    ("low", "high", "drift", "volatility", "days", "first_low", "first_high"),
    [pytest.param(*row, marks=pytest.mark.slow) if row[4] > 365 else row for row in PUBLISHED],
)
def test_which_level_is_touched_first_agrees_with_published_odds(
    low: float, high: float, drift: float, volatility: float, days: int, first_low: float, first_high: float
) -> None:
    downs, ups = closings(low, high, drift, volatility, days)
    never = 10**6
    down, up = np.where(downs == NOT_YET, never, downs), np.where(ups == NOT_YET, never, ups)
    for found, expected in (((down < up).mean(), first_low), ((up < down).mean(), first_high)):
        assert abs(found - expected) <= 4 * sqrt(expected * (1 - expected) / PATHS), (
            f"{found} against {expected}, seed 7"
        )


def test_a_low_touched_within_the_day_agrees_with_the_reflection_formula() -> None:
    """O24: a price that is only looked at at closes would find a fifth of a step less."""
    downs, _ = closings(84, 10_000, 0.08, 0.30, 91)
    expected = low_reached(0.84, 0.08, 0.30, 91 / 365)
    assert abs((downs != NOT_YET).mean() - expected) <= 4 * sqrt(expected * (1 - expected) / PATHS)


def test_the_closed_form_used_here_is_the_published_one() -> None:
    up, down, _ = first_reached(0.84, 1.2, 0.0, 0.25, 90 / 365)
    assert (0.174537, 0.129378) == (round(down, 6), round(up, 6))


def test_a_closed_position_is_worth_nothing_for_ever_and_costs_no_more_than_its_margin() -> None:
    who = holder(84, 10_000)
    assert 1_000_000 + round(16 * who.won_per_dollar) + round(9_900 * who.won_per_dollar) >= 0
    downs, _ = closings(84, 10_000, -2.0, 0.30, 365)
    assert (downs != NOT_YET).mean() > 0.9
