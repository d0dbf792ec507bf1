"""Coin loans: how much is lent on collateral, and when a loan account is closed by force.

A loan account holds coins and won, and owes coins, won or both. It is closed when its debt reaches a share of what it
holds, at any hour of any day: there is no call and no clock.
"""

from gaemi.units import BPS, ceil_div

DAYS_A_YEAR = 365


def largest_loan_won(collateral_won: int, limit_bps: int, customer_limit_won: int) -> int:
    """The most that is lent on ``collateral_won``: the share of the class, and no more than a customer may borrow.

    Source: press on the launch of 2025-07-04 (four times, 1 bn won) and the guideline of 2025-09-05 (no loan above its
    collateral, 30 or 70 m won).

    >>> largest_loan_won(10_000_000, 40_000, 1_000_000_000), largest_loan_won(50_000_000, 10_000, 30_000_000)
    (40000000, 30000000)
    """
    return min(collateral_won * limit_bps // BPS, customer_limit_won)


def debt_ratio_bps(debt_won: int, held_won: int) -> int:
    """Debt in basis points of what the account holds, rounded down; ``held_won`` is above 0. For showing."""
    return debt_won * BPS // held_won


def is_closed(debt_won: int, held_won: int, ratio_bps: int) -> bool:
    """True when a debt reaches ``ratio_bps`` of what the account holds: exactly at it the account is closed.

    Source: the services close a loan "at" their ratio; the ratio itself is not published (coin_loan.forced_sale_ratio).
    """
    return debt_won > 0 and BPS * debt_won >= ratio_bps * held_won


def fee_won(debt_won: int, rate_bps: int, days: int) -> int:
    """Fee of a loan over ``days`` days, floored to the won; a debt in coins is counted at the price of its end."""
    return debt_won * rate_bps * days // (BPS * DAYS_A_YEAR)


def closing_fall_bps(moving_won: int, fixed_won: int, debt_won: int, ratio_bps: int) -> int:
    """The highest level of a held coin, in bps of today's price, at which an account that owes won is closed.

    ``moving_won`` is what the coin is worth today, above 0, ``fixed_won`` what else is held. 0 or less: never.

    >>> closing_fall_bps(50_000_000, 0, 40_000_000, 9_000)
    8888
    """
    return (BPS * debt_won - ratio_bps * fixed_won) * BPS // (ratio_bps * moving_won)


def closing_rise_bps(held_won: int, moving_debt_won: int, ratio_bps: int) -> int:
    """The lowest level of an owed coin, in bps of today's price, at which an account that holds won is closed.

    >>> closing_rise_bps(50_000_000, 40_000_000, 9_000)
    11250
    """
    return ceil_div(ratio_bps * held_won, moving_debt_won)


def after_closing(cash_won: int, proceeds_won: int, cost_won: int, fees_won: int, owed_won: int) -> tuple[int, int]:
    """Won left to the borrower and won still owed once all is sold, bought back and paid; one of the two is 0."""
    left = cash_won + proceeds_won - cost_won - fees_won - owed_won
    return (left, 0) if left >= 0 else (0, -left)
