"""Stock loans of another lender (스탁론): a savings bank or capital company lends, the account is its collateral.

Call, shortfall and sale are those of :mod:`gaemi.rules.margin`, in a pool of their own.
"""

from gaemi.units import BPS


def largest_loan_won(own_won: int, maximum_bps: int) -> int:
    """The most that is lent on top of ``own_won`` of the borrower's own money.

    Source: terms of stock loans as reported in the press (2018): up to 300 % of own money.
    """
    return own_won * maximum_bps // BPS
