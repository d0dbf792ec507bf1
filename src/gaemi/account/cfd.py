"""Contracts for difference of one account: shares that the firm carries, and what is owed for them."""

from datetime import date, timedelta

from gaemi.account.lots import Debt, Lot
from gaemi.errors import Fault
from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import NO_GROUP
from gaemi.records.columns import LoanKind, Standing
from gaemi.rules.cfd import initial_margin_won, maintenance_margin_won, may_hold
from gaemi.sources.account_cfd import CfdLine
from gaemi.units import format_won

NO_TERM_DAYS = 36_500
"""Contracts run until they are closed; the engine's loans have a day, which is put out of reach."""


def holders_note(book: LawBook, on: date) -> list[str]:
    """Who may open a contract under the law of the date: told, because a file does not say who the investor is."""
    least = int(book.value("cfd.professional_balance", on))
    if may_hold(True, 0, least):
        return []
    return [
        f"contracts for difference are for professional investors with a mean balance of {format_won(least)} or more"
    ]


def contract_for_difference(
    line: CfdLine, book: LawBook, on: date, lot: Lot | None, faults: list[Fault]
) -> tuple[Lot, Debt] | None:
    """The shares behind a contract and what it owes; None, with a fault, where it cannot be open.

    ``lot`` is the holding of these shares, None where it was refused already.
    """
    where = line.holding.where
    if lot is None:
        return None
    if lot.is_fund or (lot.group == NO_GROUP and not lot.foreign):
        faults.append(Fault(where, lot.ticker, "a contract for difference must be on a share", "funds are held"))
        return None
    opened = line.opened or on
    if opened > on:
        faults.append(Fault(where, str(opened), f"a contract must be opened on or before {on}"))
        return None
    owed = line.entry_won - line.margin_won
    initial, share = (int(book.value(f"cfd.{name}", opened)) for name in ("initial_margin", "maintenance_share"))
    least = initial_margin_won(line.entry_won, initial)
    if line.margin_won < least and line.opened is not None:
        allowed = f"at least {initial / 100:g} % of the value at entry on {opened}, {least:,} won"
        faults.append(Fault(where, f"margin {line.margin_won:,} won", allowed, "give the day it was opened"))
        return None
    value = lot.quantity * lot.price
    if value - owed < maintenance_margin_won(line.entry_won, owed, initial, share):
        help = "leave it out, the firm closes it"
        allowed = f"a contract must be open: {value - owed:,} won are left of its margin"
        faults.append(Fault(where, f"{lot.ticker} at {lot.price:,}", allowed, help))
        return None
    due = on + timedelta(days=NO_TERM_DAYS)
    debt = Debt(LoanKind.CFD, owed, lot.ticker, opened, due, True, NO_TERM_DAYS, where, line.entry_won)
    held = Lot(
        lot.ticker, lot.name, lot.board, lot.is_fund, lot.group, lot.digits, lot.price, lot.quantity, Standing.CFD,
        line.entry, lot.volatility_pct, lot.leverage, lot.underlying,
    )  # fmt: skip
    return held, debt
