"""Unsettled purchases (미수): bought, not paid by the settlement date, sold the next morning."""

from gaemi.units import BPS, ceil_div


def unsettled_sale_quantity(owed_won: int, price_won: int, held: int, discount_bps: int) -> int:
    """Shares whose value at the discounted previous close covers what is owed; at most those held."""
    if price_won <= 0:
        return held
    return min(held, ceil_div(owed_won * BPS, price_won * (BPS - discount_bps)))
