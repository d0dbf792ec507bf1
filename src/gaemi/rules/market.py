"""The trading venue: ticks, daily price limits with the rest of a move carried, fills, tax and fee.

Tick tables are two rows of equal length: ``below[i]`` is the price under which ``ticks[i]`` holds, and the last row
holds for every higher price.
"""

from gaemi.units import BPS


def tick_size(price: float, below: "tuple[int, ...]", ticks: "tuple[int, ...]") -> int:
    """The tick at ``price``, in the units of the price.

    Source: the exchange's business regulation, tables in force from 2015-06-15 and from 2023-01-25.
    """
    last = len(below) - 1
    for row in range(last):
        if price < below[row]:
            return ticks[row]
    return ticks[last]


def upper_limit(base: int, limit_bps: int, below: "tuple[int, ...]", ticks: "tuple[int, ...]") -> int:
    """The highest price of a session whose base (previous close) is ``base``.

    Three steps: the limit in won, cut to a tick of the base; added to the base; cut to a tick of the result.

    Source: the exchange's business regulation on the price limit, 30 % from 2015-06-15.

    >>> upper_limit(9_990, 3_000, (10_000, 50_000), (10, 50))
    12950
    """
    high = base + _limit_width(base, limit_bps, below, ticks)
    tick = tick_size(high, below, ticks)
    return high // tick * tick


def lower_limit(base: int, limit_bps: int, below: "tuple[int, ...]", ticks: "tuple[int, ...]") -> int:
    """The lowest price of a session whose base (previous close) is ``base``, by the same three steps.

    Source: as :func:`upper_limit`.
    """
    low = base - _limit_width(base, limit_bps, below, ticks)
    tick = tick_size(low, below, ticks)
    return low // tick * tick


def _limit_width(base: int, limit_bps: int, below: "tuple[int, ...]", ticks: "tuple[int, ...]") -> int:
    tick = tick_size(base, below, ticks)
    return base * limit_bps // BPS // tick * tick


def floor_to_tick(price: float, below: "tuple[int, ...]", ticks: "tuple[int, ...]") -> int:
    """The highest tick at or below ``price``, which is 0 or more."""
    tick = tick_size(price, below, ticks)
    return int(price / tick) * tick


def nearest_tick(price: float, below: "tuple[int, ...]", ticks: "tuple[int, ...]") -> int:
    """The tick nearest to ``price``, which is 0 or more; halves up."""
    tick = tick_size(price, below, ticks)
    return int(price / tick + 0.5) * tick


def traded_price(latent: float, lower: int, upper: int, below: "tuple[int, ...]", ticks: "tuple[int, ...]") -> int:
    """The price at which a name trades when its unlimited price is ``latent``: to the tick, within the day's limits.

    The caller keeps ``latent``, so that what the limit does not let through moves the price on the days after; it is
    carried, never cut off.

    Source: the meaning of a price limit; Kim and Rhee, "Price Limit Performance: Evidence from the Tokyo Stock
    Exchange", Journal of Finance 52 (1997), on delayed price discovery.
    """
    return min(max(nearest_tick(latent, below, ticks), lower), upper)


def is_locked_down(price: int, lower: int) -> bool:
    """True when a name trades at its lower limit, where sellers wait and few buyers come."""
    return price <= lower


def filled_quantity(order: int, fill_bps: int) -> int:
    """The part of an order that an auction fills, rounded down to whole lots; what is left waits."""
    return order * fill_bps // BPS


def transaction_tax_won(gross_won: int, tax_bps: int) -> int:
    """Tax on a sale, floored to the won.

    Source: securities transaction tax act, enforcement decree; paid by the seller on the value of the sale.
    """
    return gross_won * tax_bps // BPS


def fee_won(gross_won: int, fee_bps: int) -> int:
    """The broker's fee on a trade, floored to the won."""
    return gross_won * fee_bps // BPS


def net_proceeds_won(gross_won: int, tax_bps: int, fee_bps: int) -> int:
    """What a sale leaves after tax and fee, each floored to the won by itself."""
    return gross_won - transaction_tax_won(gross_won, tax_bps) - fee_won(gross_won, fee_bps)
