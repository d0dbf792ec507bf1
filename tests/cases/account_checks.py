"""What the known answers of the account view are asked of: rules of first passage and of volatility, and theory."""

from fractions import Fraction
from math import inf, sqrt
from typing import Any

import theory

from gaemi.rules import garch, passage

DAYS_A_YEAR = 365
SIDES = {"low": passage.LOW, "high": passage.HIGH}


def printed_passages(low: float, high: float, drift: float, volatility: float, days: list[int]) -> list[list[float]]:
    """P(low first) and P(high first) within each number of days, cut to the six digits that are printed."""
    answers = [passage.first_reached(low, high, drift, volatility, count / DAYS_A_YEAR) for count in days]
    return [[round(down, 6), round(up, 6)] for up, down, _ in answers]


def first_reached(**inputs: float) -> list[float]:
    return list(passage.first_reached(**inputs))


def bridge_reached(start: float, end: float, level: float, deviation: float, side: str) -> float:
    return passage.bridge_reached(start, end, level, deviation, SIDES[side])


def barrier_shifts() -> list[float]:
    """The package's constant, and the same from the zeta function."""
    return [passage.BARRIER_SHIFT, theory.barrier_shift()]


def variances(variance: float, shocks: list[float], **coefficients: float) -> list[float]:
    answers = []
    for shock in shocks:
        variance = garch.next_variance(variance, shock, **coefficients)
        answers.append(variance)
    return answers


def squares(alpha: float, gamma: float, beta: float, innovation_kurtosis: float, lags: list[int]) -> list[float]:
    terms = (alpha, gamma, beta, innovation_kurtosis)
    return [garch.kurtosis(*terms), *(garch.autocorrelation_of_squares(*terms, lag) for lag in lags)]


def watched_exactly(checks: int, **price: float) -> list[float]:
    return list(theory.watched_exactly(**price, checks=checks))


def low_watched_exactly(checks: int, low: float, **price: float) -> float:
    return theory.watched_exactly(low, inf, **price, checks=checks)[1]


def printed_calls(
    spot: float, barrier: float, rate: float, volatility: float, years: float, checks: int
) -> list[float]:
    """A call at the money that dies at the barrier: without a pause, at the shifted barrier, watched; as printed."""
    deviation = volatility * sqrt(years / checks)
    shifted = passage.watched_daily(barrier, deviation, passage.LOW)
    level = barrier / spot
    return [
        round(theory.down_and_out_call(spot, spot, barrier, rate, volatility, years), 5),
        round(theory.down_and_out_call(spot, spot, shifted, rate, volatility, years), 5),
        round(spot * theory.down_and_out_call_watched(1.0, level, rate, volatility, years, checks), 8),
    ]


def kelly(share: float, times: list[float]) -> list[float]:
    return [theory.kelly_ever_falls_to(share, each) for each in times]


def bold_play(wealth: list[Fraction], wins: int, of: int) -> list[float]:
    return [theory.bold_play(each, wins / of) for each in wealth]


def timid_play(wealth: int, goal: int, wins: int, of: int) -> float:
    return theory.timid_play(wealth, goal, wins / of)


def browne(wealth: float, goal: float, rate: float, drift: float, volatility: float, years: float) -> list[float]:
    return [
        theory.browne_odds(wealth, goal, rate, drift, volatility, years),
        theory.browne_stock(wealth, goal, rate, volatility, years),
    ]


def constant_leverages(near: float, **terms: float) -> list[float]:
    """The odds without a loan, the best constant leverage, and the odds there."""
    return [float(theory.constant_leverage_odds(1, **terms)), *theory.best_constant_leverage(**terms, near=near)]


def unlevered_odds(wealth: float, goal: float, rate: float, drift: float, volatility: float, years: float) -> float:
    """All wealth in stock is the stock itself: the package's formula, whatever a loan would cost."""
    return passage.high_reached(goal / wealth, drift, volatility, years)


ACCOUNT_CHECKS: dict[str, Any] = {
    "barrier_shifts": barrier_shifts,
    "bold_play": bold_play,
    "bridge_low": passage.bridge_low,
    "bridge_reached": bridge_reached,
    "browne": browne,
    "constant_leverages": constant_leverages,
    "expected_exit_years": passage.expected_exit_years,
    "first_reached": first_reached,
    "first_reached_ever": passage.first_reached_ever,
    "fund_extinct": theory.fund_extinct_in_a_session,
    "kelly": kelly,
    "low_reached": passage.low_reached,
    "low_reached_daily": passage.low_reached_daily,
    "low_watched_exactly": low_watched_exactly,
    "printed_calls": printed_calls,
    "printed_passages": printed_passages,
    "residual_debt_odds": passage.residual_debt_odds,
    "squares": squares,
    "timid_play": timid_play,
    "unlevered_odds": unlevered_odds,
    "variances": variances,
    "watched_exactly": watched_exactly,
}
