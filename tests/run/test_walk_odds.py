"""Odds of walks against closed forms and bounds: one share, luck of a geometric Brownian motion, loans that cost 0.

The share costs a million and its tick is one won, so that half a tick moves a level by a two-millionth and not by a
share of a standard error. Taxes, fees and interest are 0 where a closed form knows none.
"""

from math import ceil, exp, sqrt

import numpy as np
import pytest
import theory
from run.walk_fixture import ALPHA, FAR, PRICES, luck, stage, trip_of
from toytown import FIRST_LAW, days_after, law_with, one_thread
from toytown.people import Borrower, Debt, Lot, borrowers

from gaemi.kernels.draw import GBM
from gaemi.kernels.journey import NOT_YET
from gaemi.records.columns import Standing
from gaemi.walks import Stage, Trip, Variant, Walked, walk_paths

PRICE = 1_000_000
SHARES = 1_000
SESSIONS_A_YEAR = 252
PATHS = 60_000
CALLED = 0


def place(interest_bps: int = 0) -> Stage:
    """Only Alpha moves; one won a tick, no taxes, no fees, maintenance of 140 %, one rate of interest."""
    book = law_with(
        market__ticks=((None, 1),), market__transaction_tax=0, market__broker_fee=0, margin__maintenance=14_000,
        margin__interest=((None, interest_bps),), margin__clock=((14_000, 2),),
    )  # fmt: skip
    made = stage(book, price=(PRICE, *PRICES[1:]))
    driver = np.full(len(PRICES), -1)
    driver[ALPHA] = 0
    return Stage(book, made.instruments, driver, made.funds, made.gain_class, np.zeros_like(driver), -1, 1_000.0)


def walk_of(people: list[Borrower], model: tuple[float, float, int], goals: list[int], interest_bps: int = 0) -> Trip:
    """``model`` is an arithmetic drift and a volatility a year, and the sessions, of 1/252 of a year each."""
    drift, volatility, sessions = model
    deviation = volatility / sqrt(SESSIONS_A_YEAR)
    step = drift / SESSIONS_A_YEAR - deviation**2 / 2
    variants = [Variant(str(v), (step,), sessions, goal_won=goal) for v, goal in enumerate(goals)]
    rows = borrowers(FIRST_LAW, *people, slots=1, loans=1)
    return trip_of(
        rows, luck(GBM, np.array([deviation])), days_after(FIRST_LAW, sessions), place(interest_bps), variants
    )


def levered(percent: int) -> Borrower:
    """A thousand shares of own money; the rest of ``percent`` of that is borrowed."""
    owned, borrowed = SHARES * percent // 100, SHARES * (percent - 100) // 100
    return Borrower([Lot(ALPHA, owned)], [Debt(borrowed * PRICE, due_in_days=FAR)] if borrowed else [])


SIXTY_PERCENT = Borrower([Lot(ALPHA, SHARES)], [Debt(SHARES * PRICE * 6 // 10, due_in_days=FAR)])
"""Called at 1.4 x 0.6 = 0.84 of the start."""


def walked(trip: Trip, paths: int = PATHS) -> Walked:
    return walk_paths(trip, paths, one_thread())


def agrees(expected: float, happened: np.ndarray) -> bool:
    """Whether a share of paths lies within four standard errors of its odds."""
    error = sqrt(expected * (1 - expected) / happened.size)
    return abs(float(happened.mean()) - expected) <= 4 * error


def test_a_call_at_84_percent_within_a_quarter_is_as_likely_as_63_checks_of_one_level() -> None:
    """O29: drift 8 %, volatility 30 %."""
    told = walked(walk_of([SIXTY_PERCENT], (0.08, 0.30, 63), [0]))
    assert agrees(0.2021381233587, told.first_day[CALLED, :, 0] != NOT_YET)


def test_graduate_called_or_neither_within_a_year_are_as_likely_as_252_checks_of_two_levels() -> None:
    """O30: drift 5 %; the goal is what is left when the price stands at 1.5, a call comes at 0.84."""
    goal = SHARES * PRICE * 3 // 2 - SHARES * PRICE * 6 // 10
    told = walked(walk_of([SIXTY_PERCENT], (0.05, 0.30, 252), [goal]))
    called, graduated = told.first_day[CALLED, :, 0] != NOT_YET, told.graduated[:, 0] != NOT_YET
    assert agrees(0.1601968209508, graduated & ~called)
    assert agrees(0.5306468136280, called)
    assert agrees(0.3091563654212, ~graduated & ~called)


def test_shares_without_a_loan_end_log_normal() -> None:
    drift, volatility, sessions = 0.07, 0.35, 504
    own = Borrower([Lot(ALPHA, SHARES, Standing.OTHER)], [])
    end = walked(walk_of([own], (drift, volatility, sessions), [0])).end_won[:, 0] / (SHARES * PRICE)
    years = sessions / SESSIONS_A_YEAR
    for share, normal in ((0.05, -1.6448536269514722), (0.5, 0.0), (0.95, 1.6448536269514722)):
        quantile = exp((drift - volatility**2 / 2) * years + normal * volatility * sqrt(years))
        assert agrees(share, end <= quantile), f"{share}"
    logs = np.log(end)
    assert abs(logs.std() - volatility * sqrt(years)) <= 4 * volatility * sqrt(years / 2 / PATHS)


RATE, LOAN_BPS = 0.03, 442
"""The risk-free rate in the time of prices, and what loans cost: a session is a day here, so that 252 of 365 days at
4.42 % come to 3.05 %, which is over exp(0.03) - 1. Cash at the broker earns nothing."""

TIMES = (1.05, 1.1, 1.5, 3.0)
"""Goals, in times of own money."""


@pytest.mark.parametrize(("drift", "volatility"), [(0.08, 0.30), (0.03, 0.30), (0.12, 0.45)])
def test_no_leverage_beats_the_bound_of_browne(drift: float, volatility: float) -> None:
    """Browne's bound is the highest P(wealth >= goal at T) over all strategies that follow prices.

    Who reaches the goal at a close before T could put all into the risk-free asset and would still have it at T, so
    that reaching it at any close counts no more. A loan at the risk-free rate or above, idle cash, forced sales and
    being looked at only at closes take away from that.
    """
    own, paths = SHARES * PRICE, 10_000
    people = [levered(percent) for percent in range(100, 221, 20)]
    goals = [ceil(times * own) for times in TIMES for _ in people]
    trip = walk_of(people * len(TIMES), (drift, volatility, SESSIONS_A_YEAR), goals, LOAN_BPS)
    reached = (walked(trip, paths).graduated != NOT_YET).mean(axis=0).reshape(len(TIMES), len(people))
    assert (reached > 0).all()
    for times, row in zip(TIMES, reached, strict=True):
        bound = theory.browne_odds(1.0, times, RATE, drift, volatility, 1.0)
        assert (row <= bound + 4 * sqrt(bound * (1 - bound) / paths)).all(), f"goal {times}: {row} over {bound}"
