"""Unsettled purchases (미수): bought on a deposit, due at settlement, sold at the next auction if not paid."""

from gaemi.units import BPS, ceil_div


def is_overdue(due: int, today: int) -> bool:
    """True from the first session after the due date; both are day numbers of the same calendar.

    Source: brokers' published terms (2026): pay by the second session, sale at the auction of the morning after.
    """
    return due < today


def largest_purchase_won(own_won: int, deposit_bps: int) -> int:
    """The largest purchase on a deposit of ``deposit_bps``, above 0, when the buyer has ``own_won``."""
    return own_won * BPS // deposit_bps


def unsettled_sale_quantity(owed_won: int, price_won: int, held: int, discount_bps: int) -> int:
    """Shares whose value at the discounted previous close covers what is owed, rounded up; at most those held.

    The discount is the day's price limit, so that the sale covers the debt even at the lower limit. Without a price
    (0) all that is held.

    Source: brokers' published terms (2026): the amount owed over the lower-limit price.

    >>> unsettled_sale_quantity(600_000, 10_000, 100, 3_000)
    86
    """
    if price_won <= 0:
        return held
    return min(held, ceil_div(owed_won * BPS, price_won * (BPS - discount_bps)))
