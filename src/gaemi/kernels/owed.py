"""Interest on loans of an account by the law of the day: a function of principal and dates, not a column."""

import numpy as np

from gaemi.kernels.tables import LawTable
from gaemi.records.columns import Borrowing, LoanKind
from gaemi.rules.cfd import financing_won
from gaemi.rules.interest import DAYS_A_YEAR, interest_won
from gaemi.units import BPS

WHOLE_DAYS = 256
"""Loans younger than this, all of whose interest is owed, are charged by a table."""

YEAR = DAYS_A_YEAR * BPS
"""Interest is principal times a weight over this; on so many won it is the weight itself."""

_LOAN_KINDS = len(LoanKind)


def charge_won(kind: int, principal: int, days_total: int, days_charged: int, law: LawTable) -> int:
    """Interest on a loan for the last ``days_charged`` of ``days_total`` days, by the law of its kind."""
    if kind == LoanKind.MARGIN:
        days, bps, retroactive = law.interest_days, law.interest_bps, law.interest_retroactive
        return int(interest_won(principal, days_total, days_charged, days, bps, retroactive))
    if kind == LoanKind.PLEDGED:
        return int(interest_won(principal, days_total, days_charged, law.pledged_days, law.pledged_bps, 1))
    if kind == LoanKind.STOCK_LOAN:
        return int(interest_won(principal, days_total, days_charged, law.stock_loan_days, law.stock_loan_bps, 1))
    if kind == LoanKind.CFD:
        return int(financing_won(principal, days_charged, law.cfd_rate_bps))
    return int(interest_won(principal, days_total, days_charged, law.overdue_days, law.overdue_bps, 1))


def accrued_won(group: Borrowing, loan: int, j: int, law: LawTable, today: int) -> int:
    """Interest from the date to which it is paid until ``today`` (ordinal), floored to the won."""
    principal = group.principal_won[loan, j]
    days_charged = today - group.interest_from[loan, j]
    if principal == 0 or days_charged <= 0:
        return 0
    return charge_won(group.loan_kind[loan, j], principal, today - group.opened[loan, j], days_charged, law)


def account_owes_won(group: Borrowing, j: int, law: LawTable, today: int) -> int:
    """What account ``j`` owes: residual debt, principal, and interest to ``today``."""
    owed = int(group.residual_won[j])
    for loan in range(group.loan_kind.shape[0]):
        owed += group.principal_won[loan, j] + accrued_won(group, loan, j, law, today)
    return owed


def weights_of(law: LawTable) -> np.ndarray:
    """Interest on YEAR won from the first day on: int64 [kind, days held]."""
    weights = np.zeros((_LOAN_KINDS, WHOLE_DAYS), np.int64)
    for kind in range(1, _LOAN_KINDS):
        for days in range(1, WHOLE_DAYS):
            weights[kind, days] = charge_won(kind, YEAR, days, days, law)
    return weights


def owed_won(
    group: Borrowing, law: LawTable, weights: np.ndarray, today: int, owed: np.ndarray, first: int, count: int
) -> None:
    """Set ``owed`` to what each of ``count`` accounts from ``first`` on owes, as :func:`account_owes_won`.

    Every interest is the floor of principal times a weight over YEAR, where the weight knows the kind and the days
    alone: those of ``weights`` (:func:`weights_of`) where nothing was paid yet.
    """
    for i in range(count):
        owed[i] = group.residual_won[first + i]
    for loan in range(group.loan_kind.shape[0]):
        kind = group.loan_kind[loan, first : first + count]
        principal = group.principal_won[loan, first : first + count]
        opened = group.opened[loan, first : first + count]
        interest_from = group.interest_from[loan, first : first + count]
        for i in range(count):
            days = today - opened[i]
            if opened[i] == interest_from[i] and 0 <= days < WHOLE_DAYS:
                owed[i] += principal[i] + principal[i] * weights[kind[i], days] // YEAR
            else:
                owed[i] += principal[i] + accrued_won(group, loan, first + i, law, today)
