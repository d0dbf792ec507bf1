"""The table of columns of a venue for perpetuals: who holds which position, and what else the venue holds.

One row is one account; positions are slot-major, ``[slot, account]``, as holdings are in :mod:`gaemi.records.columns`.
Money is whole millionths of the quote currency (``micro``) and a lot is chosen so that its value is a whole number of
them: profit is then exactly lots x mark - entry value, and nothing is ever rounded but maintenance and fees.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from gaemi.records.columns import Column
from gaemi.records.shards import copy_of

MICRO = 1_000_000
"""Millionths in one unit of the quote currency."""

MOST_LOTS = 2**31 - 1
"""The largest position, so that no product of a kernel leaves 63 bits."""

MOST_MICRO = 2**62
"""The largest value of a position or a wallet: 4.6 tn dollars."""

ACCOUNT = (
    Column("investor", "int64", "number", "the account; key of its draws, and what ties are decided by"),
    Column("wallet_micro", "int64", "micro", "money that all positions on shared margin stand on; may be below 0"),
)
POSITION = (
    Column("instrument", "uint16", "row", "row of the contract; [slot, account]"),
    Column("isolated", "uint8", "flag", "1 where the position has a margin of its own; [slot, account]"),
    Column("lots", "int64", "lots", "above 0 long, below 0 short, 0 in a free slot; [slot, account]"),
    Column("entry_value_micro", "int64", "micro", "signed lots x the price paid; [slot, account]"),
    Column("margin_micro", "int64", "micro", "what backs an isolated position, else 0; [slot, account]"),
    Column("order", "int64", "lots", "lots of the position that the venue is closing, 0 or more; [slot, account]"),
    Column("deficit_micro", "int64", "micro", "what the book would leave unpaid of this step's order; [slot, account]"),
)


class VenueAccounts(NamedTuple):
    """All accounts of a venue: ``n`` accounts, ``s`` slots. No account holds a contract in two slots of one kind."""

    investor: np.ndarray
    wallet_micro: np.ndarray
    instrument: np.ndarray
    isolated: np.ndarray
    lots: np.ndarray
    entry_value_micro: np.ndarray
    margin_micro: np.ndarray
    order: np.ndarray
    deficit_micro: np.ndarray


def empty_accounts(accounts: int, slots: int) -> VenueAccounts:
    """Accounts without money or positions, each column of its type and shape."""
    single = [np.zeros(accounts, column.dtype) for column in ACCOUNT]
    slotted = [np.zeros((slots, accounts), column.dtype) for column in POSITION]
    return VenueAccounts(*single, *slotted)


def copied(accounts: VenueAccounts) -> VenueAccounts:
    """The same accounts in columns of their own, so that a run leaves the given ones as they are."""
    return copy_of(accounts)


@dataclass(slots=True)
class House:
    """What is not in accounts, in micro: the other side of all trades, the insurance fund, fees, and what nobody paid.

    ``rest_lots`` int64 [contract] are the signed lots of the rest of the market, minus those of all accounts;
    ``rest_micro`` is what it took in for them so far. ``uncovered_micro`` is the venue's own loss, 0 or less but for
    odd micros, where neither the fund nor deleveraging could help.
    """

    rest_lots: np.ndarray
    rest_micro: int = 0
    fund_micro: int = 0
    fees_micro: int = 0
    uncovered_micro: int = 0


def house_of(accounts: VenueAccounts, contracts: int, fund_micro: int = 0) -> House:
    """A house whose rest of the market is the other side of all that accounts hold, at the prices they paid."""
    house = House(-open_lots(accounts, contracts), fund_micro=fund_micro)
    house.rest_micro = int(accounts.entry_value_micro.sum())
    return house


def open_lots(accounts: VenueAccounts, contracts: int) -> np.ndarray:
    """Signed lots of all accounts, int64 [contract]."""
    total = np.zeros(contracts, np.int64)
    np.add.at(total, accounts.instrument.ravel(), accounts.lots.ravel())
    return total


def total_micro(accounts: VenueAccounts, house: House, mark_micro: np.ndarray) -> int:
    """All money there is, by a fresh sum: wallets, margins and profit of all accounts, the rest, fund, fees.

    No step may change it by a single micro, whatever the mark: profit over all who hold a contract is nothing.
    """
    lots = open_lots(accounts, mark_micro.size)
    marks = [int(mark) for mark in mark_micro]
    profit = sum(int(count) * mark for count, mark in zip(lots, marks, strict=True))
    profit -= int(accounts.entry_value_micro.sum())
    rest = house.rest_micro + sum(int(count) * mark for count, mark in zip(house.rest_lots, marks, strict=True))
    money = int(accounts.wallet_micro.sum()) + int(accounts.margin_micro.sum())
    return money + profit + rest + house.fund_micro + house.fees_micro + house.uncovered_micro


@dataclass(frozen=True, slots=True)
class Schedule:
    """The tiers of one contract: ``floors_micro`` rise from 0, ``rates_e6`` never fall, ``amounts_micro`` follow."""

    contract: str
    floors_micro: tuple[int, ...]
    rates_e6: tuple[int, ...]
    amounts_micro: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        assert self.floors_micro[0] == 0 and len(self.floors_micro) == len(self.rates_e6), "a floor for each rate"
        amounts = [0]
        for tier in range(1, len(self.floors_micro)):
            step = self.rates_e6[tier] - self.rates_e6[tier - 1]
            # Rounded down, so that an odd floor never makes maintenance smaller.
            amounts.append(amounts[-1] + self.floors_micro[tier] * step // MICRO)
        object.__setattr__(self, "amounts_micro", tuple(amounts))
