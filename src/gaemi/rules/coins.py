"""Coins: what a lot is, and what lots are worth in won.

A lot is a decimal part of a coin, small enough that one is worth less than 100 won at the table's price. One lot is
worth ``coin_unit`` 2 ** -COIN_BITS of a won, so that a coin that falls to a millionth still has a price.
"""

from gaemi.units import floor_div_half_up

COIN_BITS = 22
"""Unit values of coins are in won / 2 ** COIN_BITS."""

_HALF_UNIT = 2_097_152  # half of 2 ** COIN_BITS

LARGEST_HOLDING_WON = 1 << 40
"""A holding of this many won, 1.1 tn, still has room to double below 2 ** 63."""


def lot_digits(price_won: int) -> int:
    """Decimals of a lot: one lot is worth 10 to 100 won at ``price_won`` for a coin, or is one coin where it is less.

    >>> lot_digits(145_759_000), lot_digits(3_041), lot_digits(7)
    (7, 2, 0)
    """
    digits = 0
    while price_won >= 100:
        price_won //= 10
        digits += 1
    return digits


def coin_unit(price_won: float, digits: int) -> int:
    """2 ** -COIN_BITS of a won that one lot of ``digits`` decimals is worth: the nearest integer, halves up.

    ``price_won`` is for one coin and may be a fraction of a won. Every power of two is exact in a float, so the price
    is taken as it stands and rounded once.

    >>> coin_unit(145_759_000.0, 7) / 2**22
    14.575900077819824
    """
    scaled = int(price_won * 4_194_304.0)
    rest = 0 if price_won * 4_194_304.0 - scaled < 0.5 else 1
    scale = 1
    for _ in range(digits):
        scale *= 10
    return scaled + rest if scale == 1 else floor_div_half_up(scaled, scale)


def coin_won(lots: int, unit: int) -> int:
    """Whole won of ``lots`` worth ``unit`` 2 ** -COIN_BITS of a won each, halves up.

    This is the one place where coins become won.

    >>> coin_won(1_000, coin_unit(3_041.0, 2))
    30410
    """
    return (lots * unit + _HALF_UNIT) >> COIN_BITS


def lots_of(won: int, unit: int) -> int:
    """Most lots that ``won`` pay for at ``unit`` each, rounded down; 0 where a lot is worth nothing."""
    if unit <= 0:
        return 0
    return (won << COIN_BITS) // unit


def won_price(world_dollars: float, won_per_dollar: float, premium: float) -> float:
    """The won price of a coin: world price x won per dollar x (1 + premium).

    Source: Choi, Lehar and Stauffer, "Bitcoin Microstructure and the Kimchi Premium" (2018), which measures the premium
    as what the two prices leave.
    """
    return world_dollars * won_per_dollar * (1.0 + premium)


def premium_after(premium: float, level: float, persistence: float, surprise: float) -> float:
    """Tomorrow's premium: what is left of today's distance from its level, and a surprise (AR(1))."""
    return level + persistence * (premium - level) + surprise
