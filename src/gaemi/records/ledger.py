"""The ledger: every won that moves, posted twice; and the audit, which believes nobody.

The ledger carries a balance for every sector, currency and item. The audit sets beside it a fresh sum over the
columns, and for every instrument shares held + rest of market + fund creations = issued. Both agree to the unit.
"""

from dataclasses import dataclass, field
from enum import Enum

import numpy as np


class Sector(Enum):
    INVESTORS = "investors"
    LENDERS = "lenders"  # brokers and other lenders
    MARKET = "rest of market"
    GOVERNMENT = "government"
    OUTSIDE = "money from outside"


class Item(Enum):
    CASH = "cash"
    LOANS = "loans"
    RESIDUAL = "residual debt"


class Currency(Enum):
    WON = "KRW"
    DOLLAR = "USD"


Account = tuple[Sector, Currency, Item]


@dataclass(slots=True)
class Ledger:
    """Balances in whole minor units; what one sector owes another is negative for the debtor."""

    balances: dict[Account, int] = field(
        default_factory=lambda: {(s, c, i): 0 for s in Sector for c in Currency for i in Item}
    )
    postings: int = 0

    def post(self, item: Item, payer: Sector, payee: Sector, amount: int, currency: Currency = Currency.WON) -> None:
        """Move ``amount`` of ``item`` from payer to payee; what one loses the other gains."""
        self.balances[payer, currency, item] -= amount
        self.balances[payee, currency, item] += amount
        self.postings += 1

    def open(self, sector: Sector, item: Item, amount: int, currency: Currency = Currency.WON) -> None:
        """A balance that stands at the start."""
        self.balances[sector, currency, item] += amount

    def lend(self, amount: int) -> None:
        """Loans that stand at the start: a claim of lenders on investors."""
        self.post(Item.LOANS, Sector.INVESTORS, Sector.LENDERS, amount)

    def balance(self, sector: Sector, item: Item, currency: Currency = Currency.WON) -> int:
        return self.balances[sector, currency, item]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the two numbers of the audit part."""

    place: str
    carried: int
    counted: int

    def __str__(self) -> str:
        return f"{self.place}: ledger carries {self.carried:,}, columns hold {self.counted:,}"


@dataclass(slots=True)
class Count:
    """Fresh sums: money by account of the ledger, and lots of every instrument."""

    money: dict[Account, int]
    held: np.ndarray
    rest: np.ndarray
    created: np.ndarray
    issued: np.ndarray


def audit(ledger: Ledger, count: Count, tickers: tuple[str, ...]) -> list[Difference]:
    """Every place where ledger and columns differ; empty when every won and every share is accounted for."""
    found = [
        Difference(" ".join(part.value for part in account), ledger.balances[account], counted)
        for account, counted in count.money.items()
        if ledger.balances[account] != counted
    ]
    placed = count.held + count.rest + count.created
    for row in np.flatnonzero(placed != count.issued):
        found.append(Difference(f"lots of {tickers[row]}", int(count.issued[row]), int(placed[row])))
    for currency in Currency:
        for item in Item:
            total = sum(ledger.balances[sector, currency, item] for sector in Sector)
            if item is not Item.CASH and total != 0:
                found.append(Difference(f"all sectors {currency.value} {item.value}", total, 0))
    return found
