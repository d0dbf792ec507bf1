"""Interest on loans: a function of principal and days held, never a running column."""

from typing import Any

from gaemi.units import BPS

Brackets = Any
"""A tuple or an array of whole numbers."""

DAYS_A_YEAR = 365


def interest_won(
    principal: int,
    days_total: int,
    days_charged: int,
    bracket_days: Brackets,
    bracket_bps: Brackets,
    retroactive: int,
) -> int:
    """Simple interest for the last ``days_charged`` of ``days_total`` calendar days, floored to the won.

    ``bracket_days`` are the last days of the brackets, ascending, the last one beyond any loan; ``bracket_bps`` their
    rates in basis points a year. Retroactive (소급): the bracket of all days held sets the rate of every day.
    Stepwise (체차): each day has the rate of its own bracket.

    Source: brokers' published credit terms: retroactive (2026), stepwise (October 2017); actual days over 365.

    >>> interest_won(6_000_000, 90, 90, (10_000,), (900,), 1)
    133150
    """
    if retroactive != 0:
        rate = _rate_of_day(days_total, bracket_days, bracket_bps)
        return principal * rate * days_charged // (DAYS_A_YEAR * BPS)
    first = days_total - days_charged
    weighted_bps = 0
    start = 0
    for bracket in range(len(bracket_days)):
        end = min(days_total, bracket_days[bracket])
        weighted_bps += max(0, end - max(start, first)) * bracket_bps[bracket]
        start = bracket_days[bracket]
    return principal * weighted_bps // (DAYS_A_YEAR * BPS)


def _rate_of_day(day: int, bracket_days: Brackets, bracket_bps: Brackets) -> int:
    last = len(bracket_days) - 1
    for bracket in range(last):
        if day <= bracket_days[bracket]:
            return bracket_bps[bracket]
    return bracket_bps[last]
