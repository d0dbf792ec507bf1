"""Accounts: from the tables of a book to the columns of the engine, every share and won of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from gaemi.book.debts import Debts, debts_of
from gaemi.book.names import Names, names_of, unfit
from gaemi.chance import name_bytes
from gaemi.days import sessions
from gaemi.errors import Refused, refuse
from gaemi.kernels.tables import FIRM_CLASSES, STRICTEST_FIRM
from gaemi.law.firms import STRICTEST, firm_class
from gaemi.law.lawbook import LawBook
from gaemi.records.columns import (
    CAPACITIES,
    POOLS_WITHOUT_CONTRACTS,
    Board,
    Borrowing,
    LoanKind,
    Pool,
    Population,
    borrowing_group,
)
from gaemi.sources.book.joins import NOBODY, Owners, owners_of
from gaemi.sources.book.reader import BookTables
from gaemi.sources.prices import PriceHistory
from gaemi.units import UNIT_BITS

CHUNK = 4_000_000
MOST_HOLDING_WON = 10**14
"""Worth of one holding up to which the sums of an account are exact in 64 bits."""

CENT_WON = 20
"""More won than a cent of a dollar is worth."""

LONGEST_CLOCK = 60
"""Sessions ahead that a sale may stand in the calendar of an account."""


@dataclass(slots=True)
class Book:
    """A book as the engine takes it: borrowers in ``population``, everything else summed.

    ``member`` holds, group by group, the index of each borrower among the accounts; arrays are one entry an account
    unless they say otherwise.
    """

    read: BookTables
    owners: Owners
    names: Names
    on: date
    population: Population
    member: list[np.ndarray]
    firm: np.ndarray  # int8
    cash_won: np.ndarray  # int64
    loans: pl.DataFrame  # of the borrowers, in order of account: Debts.loans
    held_plain: np.ndarray  # int64 [instrument]
    quantity: np.ndarray  # int32 [holding]: of accepted rows, else 0
    called: np.ndarray  # int32: ordinal of the running call, 0 for none

    @property
    def borrowers(self) -> np.ndarray:
        """Indices of the accounts that owe, in the order of the groups."""
        return np.concatenate(self.member) if self.member else np.zeros(0, np.int64)

    def holdings_won(self, unit: np.ndarray) -> np.ndarray:
        """int64 [account]: value of all that is held at 1024ths of a won a unit, each holding rounded by itself."""
        table = self.read.tables["holdings"]
        row = self.names.row_of[table.column("ticker", -1)]
        worth = np.zeros(self.owners.count + 1)
        half = 1 << (UNIT_BITS - 1)
        for start in range(0, row.size, CHUNK):
            part = slice(start, start + CHUNK)
            won = (self.quantity[part] * unit[row[part]] + half) >> UNIT_BITS
            # Sums of whole won below 2 ** 53 are exact in float64.
            worth += np.bincount(self.owners.of_holding[part] % worth.size, won, worth.size)
        return worth[:-1].astype(np.int64)


def book_of(read: BookTables, book: LawBook, on: date, history: PriceHistory | None, firm: str | None = None) -> Book:
    """Check what needs more than one table, and lay the accepted rows out. Raises Refused where nothing is left."""
    known = _firm_rows(read, book, on, firm)
    owners = owners_of(read)
    names = names_of(read, on, history)
    _reject_unpriced(read, owners, names, on)
    firms = _firms(read, owners, known)
    debts = debts_of(read, owners, names, book, on)
    table = read.tables["holdings"]
    quantity = np.where(table.bad, 0, table.column("quantity", 0)).astype(np.int32)
    owners.of_holding[table.bad] = NOBODY
    if not (quantity > 0).any():
        first = next(read.rejects.frame().iter_rows(named=True), None)
        help = f"the first reject: row {first['row']}, {first['found']}: {first['allowed']}" if first else ""
        raise refuse(read.source.words, "no accepted holding", "a book must hold at least one accepted holding", help)
    cash = _of_accounts(read, owners, "cash")
    population, member = _grouped(debts, owners, firms, cash)
    _set_clocks(read, owners, population, member, on)
    made = Book(
        read=read,
        owners=owners,
        names=names,
        on=on,
        population=population,
        member=member,
        firm=firms,
        cash_won=cash,
        loans=debts.loans,
        held_plain=np.zeros(names.instruments.price.size, np.int64),
        quantity=quantity,
        called=_of_accounts(read, owners, "called").astype(np.int32),
    )
    _sum_held(made)
    return made


def _reject_unpriced(read: BookTables, owners: Owners, names: Names, on: date) -> None:
    """Holdings whose ticker has no price on the date, or whose value no sum would hold."""
    table = read.tables["holdings"]
    code = table.column("ticker", -1)
    lost = np.flatnonzero((names.row_of[code] < 0) & ~table.bad)
    unpriced = (
        f"a holding's ticker must have a price on {on}",
        "give --prices, or a price in the table of instruments or in the row",
    )
    reasons: dict[tuple[str, str], list[int]] = {}
    for one in np.unique(code[lost]).tolist():
        reasons.setdefault(unfit(read.words["ticker"][one]) or unpriced, []).append(one)
    for (allowed, help), codes in reasons.items():
        rows = lost[np.isin(code[lost], codes)]
        found = [f"'{read.words['ticker'][one]}'" for one in code[rows]]
        table.reject(read.rejects, rows, "ticker", found, allowed, help)
    price = names.instruments.price * np.where(names.instruments.board == Board.US, CENT_WON, 1)
    quantity = table.column("quantity", 0)
    if int(quantity.max(initial=0)) * int(price.max(initial=0)) > MOST_HOLDING_WON:
        most = np.append(MOST_HOLDING_WON // price, MOST_HOLDING_WON)
        rows = np.flatnonzero((quantity > most[names.row_of[code]]) & ~table.bad)
        found = [f"{count:,} shares" for count in quantity[rows]]
        allowed = f"a holding must be worth at most {MOST_HOLDING_WON:,} won"
        table.reject(read.rejects, rows, "quantity", found, allowed, "see its price and its quantity")
    owners.of_holding[table.bad] = NOBODY


def _of_accounts(read: BookTables, owners: Owners, name: str) -> np.ndarray:
    """int64 [account]: a column of the table of accounts, 0 where there is none."""
    table = read.tables["accounts"]
    if owners.rows is None or not table.given(name):
        return np.zeros(owners.count, np.int64)
    return np.maximum(0, table.values[name][owners.rows]).astype(np.int64)


def _firm_rows(read: BookTables, book: LawBook, on: date, asked: str | None) -> np.ndarray:
    """int8 [word + 1]: class of firm of each word of the tables, last that of no word: the one asked for, else the
    strictest. Rows whose firm is no class and no broker are rejected.
    """
    default = _firm_row(firm_class(book, asked, on))
    table = read.tables["accounts"]
    found = np.full(len(read.words["firm"]) + 1, default, np.int8)
    codes = table.column("firm", -1)
    for code, word in enumerate(read.words["firm"]):
        try:
            found[code] = _firm_row(firm_class(book, word, on))
        except Refused as problem:
            fault = problem.faults[0]
            wrong = np.flatnonzero(codes == code)
            table.reject(read.rejects, wrong, "firm", fault.found, f"firm {fault.allowed}", fault.help)
    return found


def _firms(read: BookTables, owners: Owners, known: np.ndarray) -> np.ndarray:
    """int8 [account]: class of firm of each account, by :func:`_firm_rows`."""
    if owners.rows is None:
        return np.full(owners.count, known[-1], np.int8)
    result: np.ndarray = known[read.tables["accounts"].column("firm", -1)[owners.rows]]
    return result


def _firm_row(name: str) -> int:
    return STRICTEST_FIRM if name == STRICTEST else FIRM_CLASSES.index(name)


def capacity(count: int) -> int:
    """The smallest capacity of account groups that holds ``count``; beyond the table of capacities a power of two."""
    return next((each for each in CAPACITIES if each >= count), 1 << (count - 1).bit_length())


def _grouped(debts: Debts, owners: Owners, firms: np.ndarray, cash: np.ndarray) -> tuple[Population, list[np.ndarray]]:
    """Borrowers in groups by slots and loans, and the accounts that stand in each group."""
    slots = np.bincount(debts.shares["account"].to_numpy(), minlength=owners.count)
    loans = np.bincount(debts.loans["account"].to_numpy(), minlength=owners.count)
    who = np.flatnonzero(loans)
    most = int(max(slots.max(initial=0), loans.max(initial=0)))
    room = np.array([capacity(max(1, count)) for count in range(most + 1)], np.int64)
    wide, deep = room[slots[who]], room[loans[who]]
    kinds = np.unique(wide * (1 << 20) + deep)
    of_group = np.full(owners.count, len(kinds), np.int64)
    at = np.zeros(owners.count, np.int64)
    contracts = bool((debts.loans["kind"] == int(LoanKind.CFD)).any())
    pools = len(Pool) if contracts else POOLS_WITHOUT_CONTRACTS
    groups, member = [], []
    for number, kind in enumerate(kinds.tolist()):
        slot_count, loan_count = kind >> 20, kind & ((1 << 20) - 1)
        here = who[(wide == slot_count) & (deep == loan_count)]
        group = borrowing_group(here.size, slot_count, loan_count, pools)
        of_group[here], at[here] = number, np.arange(here.size)
        group.investor[:] = _numbers(owners.account.gather(here))
        group.firm[:], group.cash_won[:] = firms[here], cash[here]
        groups.append(group)
        member.append(here)
    _place(groups, debts.shares, of_group, at, _place_shares)
    _place(groups, debts.loans, of_group, at, _place_loans)
    return Population([], groups), member


def _numbers(accounts: pl.Series) -> np.ndarray:
    """int64 [n]: :func:`gaemi.chance.name_id` of each account's id, the key of its draws."""
    found: np.ndarray = np.frombuffer(name_bytes(accounts.to_list()), "<u8") & np.uint64(np.iinfo(np.int64).max)
    return found.astype(np.int64)


def _place(
    groups: list[Borrowing],
    rows: pl.DataFrame,
    of_group: np.ndarray,
    at: np.ndarray,
    write: Callable[[Borrowing, pl.DataFrame, np.ndarray, np.ndarray], None],
) -> None:
    """Write rows in order of account into the groups of their accounts: their number within the account, its place."""
    account = rows["account"].to_numpy()
    number, group_of = _places(account), of_group[account]
    order = np.argsort(group_of, kind="stable")
    edges = np.searchsorted(group_of[order], np.arange(len(groups) + 1))
    for group, first, stop in zip(groups, edges, edges[1:], strict=False):
        here = order[first:stop]
        write(group, rows[here], number[here], at[account[here]])


def _places(accounts: np.ndarray) -> np.ndarray:
    """Number of each row among those of its account, for rows in order of account."""
    starts = np.flatnonzero(np.concatenate(([True], accounts[1:] != accounts[:-1])))
    counts = np.diff(np.append(starts, accounts.size))
    return np.arange(accounts.size) - np.repeat(starts, counts)


def _place_shares(group: Borrowing, shares: pl.DataFrame, slot: np.ndarray, j: np.ndarray) -> None:
    group.instrument[slot, j] = shares["row"].to_numpy()
    group.quantity[slot, j] = shares["quantity"].to_numpy()
    group.standing[slot, j] = shares["standing"].to_numpy()


def _place_loans(group: Borrowing, loans: pl.DataFrame, loan: np.ndarray, j: np.ndarray) -> None:
    kind, opened, due = (loans[name].to_numpy() for name in ("kind", "opened", "due"))
    group.loan_kind[loan, j] = kind
    group.principal_won[loan, j] = loans["principal"].to_numpy()
    group.settled_won[loan, j] = np.where(
        kind == LoanKind.CFD, loans["entry"].to_numpy(), loans["principal"].to_numpy()
    )
    group.opened[loan, j] = opened
    # An unsettled purchase costs nothing until it is due.
    group.interest_from[loan, j] = np.where(kind == LoanKind.UNSETTLED, due, opened)
    group.due[loan, j] = due
    group.financed[loan, j] = loans["row"].to_numpy()


def _set_clocks(read: BookTables, owners: Owners, population: Population, member: list[np.ndarray], on: date) -> None:
    """Sales that the firm has in its calendar: the session of each, 1 for tomorrow and for what is overdue."""
    sale = _of_accounts(read, owners, "sale")
    if not sale.any():
        return
    ahead = np.array([on.toordinal(), *(day.toordinal() for day in sessions(on, LONGEST_CLOCK))])
    for group, here in zip(population.borrowing, member, strict=True):
        told = sale[here]
        session = np.clip(np.searchsorted(ahead, told), 1, LONGEST_CLOCK)
        runs = told > 0
        group.sale_day[Pool.BROKER, runs] = session[runs]
        group.called_day[Pool.BROKER, runs] = 0


def _sum_held(book: Book) -> None:
    """Lots of every instrument that accounts without loans hold; issued shares are at least what is held."""
    table = book.read.tables["holdings"]
    row = book.names.row_of[table.column("ticker", -1)]
    count = book.names.instruments.price.size
    whole = np.zeros(count + 1)
    for start in range(0, row.size, CHUNK):
        part = slice(start, start + CHUNK)
        whole += np.bincount(row[part] % (count + 1), book.quantity[part], count + 1)
    held = whole[:-1].astype(np.int64)
    owed = np.zeros(count, np.int64)
    for group in book.population.borrowing:
        owed += np.bincount(group.instrument.ravel(), group.quantity.ravel(), count).astype(np.int64)
    book.held_plain = held - owed
    instruments, known = book.names.instruments, book.names.issued
    short = [instruments.ticker[i] for i in np.flatnonzero((known >= 0) & (known < held))]
    if short:
        told = ", ".join(short[:5])
        book.names.notes.append(f"more is held of {told} than is said to be listed: what is held is taken")
    instruments.issued = np.maximum(instruments.issued, held)
