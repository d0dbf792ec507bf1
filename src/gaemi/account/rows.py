"""Rows: accounts as columns of the engine, one column a variant; and the instruments that all of them share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np

from gaemi.account.lots import Debt, Lot
from gaemi.account.portfolio import LARGEST_LOT, Portfolio
from gaemi.errors import refuse
from gaemi.kernels.journey import FUND_GAIN, OVERSEAS_GAIN, UNTAXED
from gaemi.kernels.tables import Quotes
from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import NO_GROUP
from gaemi.records.columns import (
    POOLS_WITHOUT_CONTRACTS,
    Borrowing,
    Instruments,
    Kind,
    LoanKind,
    Pool,
    Standing,
    borrowing_group,
)
from gaemi.units import BPS
from gaemi.world import DayLaw, day_law, make_quotes

Key = TypeVar("Key")

PLENTY = 10**12
"""Shares issued and won traded of instruments whose impact is not asked for."""

INVESTOR = 1
"""The one person of the account view: the key of draws that belong to a person."""


def instruments_of(portfolio: Portfolio) -> Instruments:
    """One row for each thing held, in order of ticker; money as instruments that never move."""
    lots = list({lot.ticker: lot for lot in sorted(portfolio.lots, key=lambda lot: lot.ticker)}.values())
    count = len(lots)
    return Instruments(
        ticker=tuple(lot.ticker for lot in lots),
        name=tuple(lot.name for lot in lots),
        kind=np.array([Kind.FUND if lot.is_fund else Kind.STOCK for lot in lots]),
        board=np.array([lot.board for lot in lots]),
        group=np.array([lot.group if lot.group != NO_GROUP else 2 for lot in lots]),
        currency=np.array([1 if lot.foreign else 0 for lot in lots]),
        price_digits=np.array([lot.digits for lot in lots]),
        price=np.array([lot.price for lot in lots]),
        issued=np.full(count, PLENTY),
        turnover_won=np.full(count, PLENTY),
        volatility=np.zeros(count),
        underlying_row=np.full(count, -1),
        underlying_board=np.full(count, -1),
        halted=np.zeros(count),
        indexed=np.zeros(count),
    )


def gain_classes(book: LawBook, on: date, portfolio: Portfolio, instruments: Instruments) -> np.ndarray:
    """int64 [n]: how the gain of each instrument is taxed."""
    taxed = book.value("tax.fund_taxed", on)
    lots = {lot.ticker: lot for lot in portfolio.lots}
    found = []
    for ticker in instruments.ticker:
        lot = lots[ticker]
        if lot.is_money or lot.contract is not None:
            found.append(UNTAXED)
        elif lot.foreign:
            found.append(OVERSEAS_GAIN)
        else:
            by_leverage = lot.is_fund and lot.leverage not in (None, 1.0)
            found.append(FUND_GAIN if taxed.get(ticker, by_leverage) else UNTAXED)
    return np.array(found, np.int64)


def selling_fees(book: LawBook, on: date, portfolio: Portfolio, instruments: Instruments) -> np.ndarray:
    """int64 [n] basis points: what the investor pays the broker for selling."""
    lots = {lot.ticker: lot for lot in portfolio.lots}
    home, abroad = int(book.value("market.broker_fee", on)), int(book.value("market.overseas_fee", on))
    coins = int(book.value("coins.fee", on))
    fees = []
    for ticker in instruments.ticker:
        lot = lots[ticker]
        free = lot.is_money or lot.is_position
        fees.append(0 if free else coins if lot.coin is not None else abroad if lot.foreign else home)
    return np.array(fees, np.int64)


@dataclass(frozen=True, slots=True)
class Columns:
    """Variants of an account as columns: ``rows`` [.., v], what their holdings cost [slot, v], and slots by name."""

    rows: Borrowing
    basis_won: np.ndarray
    slots: tuple[tuple[str, Standing], ...]
    debts: tuple[tuple[int, str], ...]


def columns_of(variants: Sequence[Portfolio], instruments: Instruments) -> Columns:
    """One column a variant. Lots of the same thing and standing are one holding. Raises Refused for too many units."""
    slots = _ordered((lot.ticker, lot.standing) for each in variants for lot in each.lots)
    loans = _ordered((int(debt.kind), debt.ticker) for each in variants for debt in each.debts)
    pools = len(Pool) if any(kind == LoanKind.CFD for kind, _ in loans) else POOLS_WITHOUT_CONTRACTS
    group = borrowing_group(len(variants), max(1, len(slots)), max(1, len(loans)), pools)
    basis = np.zeros((max(1, len(slots)), len(variants)), np.int64)
    for v, each in enumerate(variants):
        group.investor[v], group.firm[v], group.cash_won[v] = INVESTOR, each.firm_row, each.cash_won
        for slot, (ticker, standing) in enumerate(slots):
            group.instrument[slot, v] = instruments.row(ticker)
            group.standing[slot, v] = standing
            for lot in each.lots:
                if (lot.ticker, lot.standing) == (ticker, standing):
                    _add_lot(group, basis, slot, v, lot, each)
        for loan, (kind, ticker) in enumerate(loans):
            group.financed[loan, v] = instruments.row(ticker)
            for debt in each.debts:
                if (int(debt.kind), debt.ticker) == (kind, ticker):
                    _add_debt(group, loan, v, debt)
    return Columns(group, basis, tuple(slots), tuple(loans))


def _ordered(keys: Iterable[Key]) -> list[Key]:
    return list(dict.fromkeys(keys))


def _add_lot(group: Borrowing, basis: np.ndarray, slot: int, v: int, lot: Lot, portfolio: Portfolio) -> None:
    units = int(group.quantity[slot, v]) + lot.quantity
    if units > LARGEST_LOT:
        allowed = f"at most {LARGEST_LOT:,} units of one thing"
        raise refuse(portfolio.file.origin, f"{units:,} of {lot.ticker}", allowed, "the book view takes larger holders")
    group.quantity[slot, v] = units
    rate = portfolio.won_per_dollar if lot.foreign else 1.0
    one = lot.cost if lot.cost is not None else lot.shown_price
    basis[slot, v] += round(lot.quantity * one * rate)


def _add_debt(group: Borrowing, loan: int, v: int, debt: Debt) -> None:
    """Loans of one kind on one thing are one loan: the older date counts, for its interest is the higher."""
    first = group.principal_won[loan, v] == 0
    group.loan_kind[loan, v] = debt.kind
    group.principal_won[loan, v] += debt.won
    group.settled_won[loan, v] += debt.entry_won if debt.kind == LoanKind.CFD else debt.won
    opened = debt.opened.toordinal()
    group.opened[loan, v] = opened if first else min(opened, group.opened[loan, v])
    group.interest_from[loan, v] = group.opened[loan, v]
    due = debt.due.toordinal()
    group.due[loan, v] = due if first else min(due, group.due[loan, v])


def quotes_at(portfolio: Portfolio, instruments: Instruments, price: np.ndarray, law: DayLaw) -> Quotes:
    """Quotes of the account's instruments at scaled prices, everything filled."""
    halted, full = np.zeros(price.size, np.uint8), np.full(price.size, BPS, np.int64)
    return make_quotes(instruments, price, portfolio.won_per_dollar, halted, law, full)


def law_on(portfolio: Portfolio, instruments: Instruments) -> DayLaw:
    """The law of the portfolio's date for the account's instruments."""
    return day_law(portfolio.book, portfolio.on, instruments)
