"""Holders of contracts for difference when a replay begins: how much they carry, of what, and with how much equity.

Published is what was outstanding; nobody publishes on which names, at which prices it was entered, or who held it. Each
of the names has the same won, and all contracts have the same equity.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gaemi.law.lawbook import LawBook
from gaemi.records.columns import Borrowing, LoanKind, Pool, Standing, borrowing_group
from gaemi.units import BPS, ceil_div, largest_remainder

FIRST_HOLDER = 3_900_000_000
"""Numbers of holders begin here, apart from those of investors."""

WORKING_AGE = 4

NEVER_DUE = 100_000
"""Days: a contract has no term."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """What stands on some names when a replay begins: won of contracts in all, on each name, equity, and accounts.

    ``one_name`` says that an account holds one of the names, else each holds all.
    """

    outstanding_won: int
    a_name_won: int
    margin_bps: int
    accounts: int
    one_name: bool


def contracts_on(book: LawBook, on: date, names: int) -> Contracts | None:
    """The contracts on each of ``names`` names by the law of ``on``; None where no balance was published.

    Source: cfd.yaml: outstanding (Financial Supervisory Service), names_share, opening_margin and accounts.
    """
    outstanding = book.value("cfd.outstanding", on)
    if outstanding is None:
        return None
    share = int(book.value("cfd.names_share", on))
    accounts = int(book.value("cfd.accounts", on)) * share // BPS
    margin = int(book.value("cfd.opening_margin", on))
    one_name = book.value("cfd.holding", on) == "one_name"
    return Contracts(int(outstanding), outstanding * share // BPS // names, margin, max(names, accounts), one_name)


def holders(contracts: Contracts, price: Sequence[int], names: int, opened: date) -> Borrowing:
    """The accounts that hold contracts of the names at ``price`` won a share, in one group, all opened on one day.

    The accounts are those of all ``names``: where each holds one, those of names without a price are left out. Shares
    go to them in equal parts, one more or less; the value at entry is that of the opening day.
    """
    a_name = contracts.accounts // names
    count, slots = (a_name * len(price), 1) if contracts.one_name else (contracts.accounts, len(price))
    group = borrowing_group(count, slots, slots, len(Pool))
    group.investor[:] = FIRST_HOLDER + np.arange(count)
    group.age[:] = WORKING_AGE
    for row, won in enumerate(price):
        here = slice(row * a_name, (row + 1) * a_name) if contracts.one_name else slice(0, count)
        slot = 0 if contracts.one_name else row
        people = a_name if contracts.one_name else count
        shares = np.array(largest_remainder(contracts.a_name_won // won, [1] * people), np.int64)
        entry = shares * won
        owed = np.array([whole - ceil_div(whole * contracts.margin_bps, BPS) for whole in entry.tolist()], np.int64)
        group.instrument[slot, here], group.quantity[slot, here] = row, shares
        group.standing[slot, here], group.loan_kind[slot, here] = Standing.CFD, LoanKind.CFD
        group.financed[slot, here] = row
        group.principal_won[slot, here], group.settled_won[slot, here] = owed, entry
        group.peak_account_won[here] += entry - owed
    group.opened[:], group.interest_from[:] = opened.toordinal(), opened.toordinal()
    group.due[:] = opened.toordinal() + NEVER_DUE
    group.peak_investor_won[:] = group.peak_account_won
    return group
