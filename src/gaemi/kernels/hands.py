"""Hands: a few accounts looked over together by one small column, where nothing is to be done for most."""

from gaemi.records.columns import NEVER, Borrowing

HAND = 64
"""Accounts of a hand: where none has an order or a sale due, nothing more of them is read."""


def any_ordered(group: Borrowing, first: int, last: int) -> bool:
    """Whether an order stands in any account of a hand."""
    selling = group.selling[first:last]
    found = 0
    for i in range(selling.size):
        found |= selling[i]
    return found != 0


def any_due(group: Borrowing, day: int, first: int, last: int) -> bool:
    """Whether the sale day of any pool of a hand has come."""
    found = 0
    for pool in range(group.sale_day.shape[0]):
        sale_day = group.sale_day[pool, first:last]
        for i in range(sale_day.size):
            found |= int(sale_day[i] != NEVER) & int(sale_day[i] <= day)
    return found != 0
