"""Interest on loans: a function of principal and dates."""

from gaemi.units import BPS

DAYS_A_YEAR = 365


def interest_won(
    principal: int,
    days_total: int,
    days_charged: int,
    bracket_days: "tuple[int, ...]",
    bracket_bps: "tuple[int, ...]",
    retroactive: int,
) -> int:
    """Simple interest for the last ``days_charged`` of ``days_total`` days, floored to the won.

    Retroactive: the bracket of all days applies to every day; stepwise: each day has its own bracket.
    """
    if retroactive != 0:
        rate = bracket_bps[len(bracket_bps) - 1]
        for i in range(len(bracket_days) - 1, -1, -1):
            if days_total <= bracket_days[i]:
                rate = bracket_bps[i]
        return principal * rate * days_charged // (DAYS_A_YEAR * BPS)
    weighted = 0
    before = 0
    first = days_total - days_charged
    for i in range(len(bracket_days)):
        end = min(days_total, bracket_days[i])
        days = max(0, end - max(before, first))
        weighted += days * bracket_bps[i]
        before = max(before, bracket_days[i])
    return principal * weighted // (DAYS_A_YEAR * BPS)
