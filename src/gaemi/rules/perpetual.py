"""Perpetual-like positions: a linear contract with its own margin, closed by the venue within the day.

Prices are those of one unit in the contract's currency; ``side`` is 1 for long and -1 for short. Tiers, funding and
margin shared between positions are not here.
"""

LONG, SHORT = 1, -1


def equity(margin: float, side: int, quantity: float, entry: float, price: float) -> float:
    """What the margin and the profit so far come to; below 0 the venue has lost money on the position.

    Source: linear contracts in the documents of the venues, for instance Binance's page on liquidation (2024).
    """
    return margin + side * quantity * (price - entry)


def liquidation_price(margin: float, side: int, quantity: float, entry: float, maintenance: float) -> float:
    """The price at which equity is the share ``maintenance`` of the position's value: there the venue closes it.

    0 or less of a long position: no price closes it.

    Source: margin + s q (p - e) = m q p, solved for p; Binance's page on liquidation prices, isolated margin without
    the amounts of tiers.

    >>> round(liquidation_price(0.1, 1, 1.0, 1.0, 0.005), 15)
    0.904522613065327
    """
    return (margin - side * quantity * entry) / (quantity * (maintenance - side))
