"""The exchange's rules for prices: ticks, daily limits, the transaction tax."""

from gaemi.units import BPS


def tick_of(price: int, tick_below: "tuple[int, ...]", tick_size: "tuple[int, ...]") -> int:
    """Tick of a price: the size of the first row whose bound is above it; the last row is open.

    Source: exchange's business regulation on price units, tables of 2015 and of 25 January 2023.
    """
    for i in range(len(tick_below) - 1):
        if price < tick_below[i]:
            return int(tick_size[i])
    return int(tick_size[len(tick_size) - 1])


def to_tick(price: float, tick_below: "tuple[int, ...]", tick_size: "tuple[int, ...]") -> int:
    """The highest traded price that is not above ``price``; at least one tick."""
    whole = int(price)
    tick = tick_of(whole, tick_below, tick_size)
    return max(tick, whole // tick * tick)


def limit_up(base: int, limit_bps: int, tick_below: "tuple[int, ...]", tick_size: "tuple[int, ...]") -> int:
    """Highest price of a session: base plus the limit, the width floored to the base's tick, the sum to its own."""
    tick = tick_of(base, tick_below, tick_size)
    upper = base + base * limit_bps // BPS // tick * tick
    own = tick_of(upper, tick_below, tick_size)
    return upper // own * own


def limit_down(base: int, limit_bps: int, tick_below: "tuple[int, ...]", tick_size: "tuple[int, ...]") -> int:
    """Lowest price of a session, by the same three steps; at least one tick."""
    tick = tick_of(base, tick_below, tick_size)
    lower = base - base * limit_bps // BPS // tick * tick
    own = tick_of(lower, tick_below, tick_size)
    return max(own, lower // own * own)


def transaction_tax_won(gross_won: int, tax_bps: int) -> int:
    """Tax on a sale, floored to the won."""
    return gross_won * tax_bps // BPS
