"""The loan book that everybody revalues under common falls: our columns, the four tables for the others; and ours."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from gaemi.book.accounts import Book, book_of
from gaemi.book.names import date_of, won_per_dollar
from gaemi.kernels.pools import collateral_rate_bps
from gaemi.kernels.stand import revalue
from gaemi.kernels.tables import LawTable
from gaemi.law.lawbook import LawBook, load
from gaemi.records.columns import Borrowing, Instruments, LoanKind, Standing
from gaemi.sources.book.reader import read_tables
from gaemi.sources.prices import read_prices
from gaemi.units import BPS
from gaemi.workers import LocalWorkers
from gaemi.world import day_law, make_quotes

FALLS_BPS = tuple(range(0, 6_000, 300))
"""The common shocks: all prices down by 0 to 57 %, in steps of 3."""

Answer = tuple[tuple[int, int], ...]
"""What everybody must find: for each shock the accounts under maintenance, and the won that they lack."""

Columns = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Tables:
    """Loans and what stands in their accounts, as a database or a data frame holds them.

    The others are spared what reading costs us: accounts are numbers from 0 in place of text, only those stand in the
    tables that owe, and every holding says what it is to the loans.
    """

    accounts: Columns  # account int32, cash int64 won, firm uint8
    loans: Columns  # account int32, kind uint8, principal int64 won
    holdings: Columns  # account int32, instrument uint16, standing uint8, quantity int32
    instruments: Columns  # instrument uint16, price int64 won (0 abroad), domestic, halted uint8, substitute int64 bps
    firms: Columns  # firm uint8, maintenance int64 bps
    shocks: Columns  # shock int32, left_bps int64: what is left of a price
    cash_rate_bps: int
    financed_rate_bps: int
    overseas_rate_bps: int
    halted_rate_bps: int


class LoanBook:
    """The borrowers of a book as the engine holds them, and the prices of its evening."""

    def __init__(self, groups: list[Borrowing], instruments: Instruments, law: LawBook, on: date, won: float) -> None:
        """``won`` is won for a dollar."""
        self.groups = groups
        self.instruments = instruments
        self.day = day_law(law, on, instruments)
        self.law: LawTable = self.day.table
        self.won_per_dollar = won

    @property
    def accounts(self) -> int:
        return sum(group.investor.size for group in self.groups)

    @property
    def holdings(self) -> int:
        return sum(int(np.count_nonzero(group.quantity)) for group in self.groups)

    def shocked(self, left_bps: int) -> np.ndarray:
        """int64 [instrument]: price of each at what is left of it, floored to its smallest unit."""
        price: np.ndarray = self.instruments.price * left_bps // BPS
        return price


def loan_book(folder: Path) -> LoanBook:
    """Read the book in ``folder`` as ``gaemi book`` does, and keep its borrowers."""
    law = load()
    read = read_tables(folder)
    history = read_prices(read.source.prices) if read.source.prices is not None else None
    on = date_of(None, law, history, read)
    made: Book = book_of(read, law, on, history)
    return LoanBook(made.population.borrowing, made.names.instruments, law, on, won_per_dollar(law, on, history))


class Revalued:
    """Ours: every broker's pool of the book under all shocks, as the kernel does it."""

    def __init__(self, book: LoanBook, workers: LocalWorkers) -> None:
        self.book, self.workers = book, workers
        self.found = np.zeros((len(FALLS_BPS), 2), np.int64)

    def __call__(self) -> None:
        book, instruments = self.book, self.book.instruments
        nothing = np.zeros(instruments.price.size, np.int64)
        quotes = [
            make_quotes(
                instruments, book.shocked(BPS - fall), book.won_per_dollar, instruments.halted, book.day, nothing
            )
            for fall in FALLS_BPS
        ]
        units = np.stack([each.unit for each in quotes], axis=1)
        rates = np.zeros((len(Standing), nothing.size), np.int64)
        for standing in Standing:
            for name in range(nothing.size):
                rates[standing, name] = collateral_rate_bps(standing, name, quotes[0], book.law)
        self.found = np.zeros((len(FALLS_BPS), 2), np.int64)
        self.workers.each(revalue, book.groups, units, rates, book.law, out=[self.found])

    def answer(self) -> Answer:
        return tuple((int(accounts), int(won)) for accounts, won in self.found)


def tables_of(book: LoanBook) -> Tables:
    """Lay the borrowers out as tables, in order of account: the first account of the first group is 0."""
    accounts, loans, holdings = [], [], []
    first = 0
    for group in book.groups:
        number = np.arange(first, first + group.investor.size, dtype=np.int32)
        first += number.size
        accounts.append((number, group.cash_won, group.firm))
        owed, held = (group.loan_kind != LoanKind.NONE).T, (group.quantity > 0).T
        loans.append((np.broadcast_to(number[:, None], owed.shape)[owed], *_rows(group, owed, LOANS)))
        holdings.append((np.broadcast_to(number[:, None], held.shape)[held], *_rows(group, held, HOLDINGS)))
    of_account, of_loan, of_holding = (
        [np.concatenate(part) for part in zip(*rows, strict=True)] for rows in (accounts, loans, holdings)
    )
    law, table = book.law, book.instruments
    return Tables(
        accounts=dict(zip(("account", "cash", "firm"), of_account, strict=True)),
        loans=dict(zip(("account", "kind", "principal"), of_loan, strict=True)),
        holdings=dict(zip(("account", *HOLDINGS), of_holding, strict=True)),
        instruments={
            "instrument": np.arange(table.price.size, dtype=np.uint16),
            "price": np.where(table.currency == 0, table.price, 0),
            "domestic": (table.currency == 0).astype(np.uint8),
            "halted": table.halted,
            "substitute": book.day.substitute_bps,
        },
        firms={
            "firm": np.arange(law.maintenance_bps.size, dtype=np.uint8),
            "maintenance": law.maintenance_bps,
        },
        shocks={
            "shock": np.arange(len(FALLS_BPS), dtype=np.int32),
            "left_bps": np.array([BPS - fall for fall in FALLS_BPS], np.int64),
        },
        cash_rate_bps=int(law.cash_rate_bps),
        financed_rate_bps=int(law.financed_rate_bps),
        overseas_rate_bps=int(law.overseas_rate_bps),
        halted_rate_bps=int(law.halted_rate_bps),
    )


LOANS = {"kind": "loan_kind", "principal": "principal_won"}
HOLDINGS = {"instrument": "instrument", "standing": "standing", "quantity": "quantity"}
"""Columns of the tables, and what they are called in a group of accounts."""


def _rows(group: Borrowing, there: np.ndarray, names: dict[str, str]) -> list[np.ndarray]:
    """The cells of a group that are ``there`` (bool [account, slot]), column by column, in order of account."""
    return [getattr(group, name).T[there] for name in names.values()]
