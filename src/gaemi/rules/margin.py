"""Margin loans: when a pool is under maintenance, and how many shares the firm sells."""

from gaemi.units import BPS, ceil_div

E8 = BPS * BPS


def is_under_maintenance(value_won: int, loan_won: int, maintenance_bps: int) -> bool:
    """True when collateral value is under maintenance times the loan; compared without division.

    Source: regulation on financial investment business, maintenance of 140 %; brokers' margin terms.
    """
    return BPS * value_won < maintenance_bps * loan_won


def shortfall_e8(loan_won: int, value_won: int, maintenance_bps: int, discount_bps: int, convention: int) -> int:
    """Won missing to maintenance in 1/100,000,000 won; never negative. Convention D discounts the value."""
    worth = value_won * (BPS - discount_bps) if convention == 3 else value_won * BPS
    return max(0, maintenance_bps * loan_won * BPS - worth * BPS)


def relief_e8(
    price_won: int, maintenance_bps: int, discount_bps: int, cost_bps: int, collateral_bps: int, convention: int
) -> int:
    """What the sale of one share takes off the shortfall, in 1/100,000,000 won; 0 or less where it never does.

    A: repaid at the price. B: repaid at the discounted price. C (default): proceeds discounted, the rest at market.
    D: everything discounted.
    """
    if convention == 0:
        return (maintenance_bps - collateral_bps) * BPS * price_won
    if convention == 2:
        proceeds = maintenance_bps * (BPS - discount_bps) * (BPS - cost_bps) // BPS
        return (proceeds - collateral_bps * BPS) * price_won
    return (maintenance_bps - collateral_bps) * (BPS - discount_bps) * price_won


def sale_quantity(shortfall: int, relief: int, held: int) -> int:
    """Shares to sell so that the shortfall is met: all of them where selling cannot meet it."""
    if relief <= 0:
        return held
    return min(held, ceil_div(shortfall, relief))
