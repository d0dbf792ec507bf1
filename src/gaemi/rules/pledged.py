"""Loans on pledged securities (예탁증권담보융자): lent against shares already owned, tested in the broker's pool.

Call, shortfall and sale are those of :mod:`gaemi.rules.margin`; only the opening differs.
"""

from gaemi.units import BPS


def largest_loan_won(pledged_won: int, loan_to_value_bps: int, customer_limit_won: int) -> int:
    """The most that is lent against shares worth ``pledged_won`` at the close, within the customer's limit.

    Source: brokers' published credit terms (2026): 70 % of the value.
    """
    return min(pledged_won * loan_to_value_bps // BPS, customer_limit_won)
