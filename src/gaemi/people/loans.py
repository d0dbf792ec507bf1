"""Amounts of loans: published balances split over borrowers, to the won."""

from typing import NamedTuple

import numpy as np

from gaemi.people.fitting import iterative_fit, spread, whole_table
from gaemi.people.plan import Setting, live_unsettled_won
from gaemi.people.threads import in_threads
from gaemi.records.columns import AGE_BANDS, Board, Borrowing, LoanKind
from gaemi.units import BPS, largest_remainder

LEADER_CELL, KOSPI_CELL, KOSDAQ_CELL = range(3)
_LOT_SHARE_OF_NAME = 0.05
_VALUE_OF_LOAN = 4.0


class Loans(NamedTuple):
    """All loans of a population, in order of group, slot and account."""

    kind: np.ndarray
    row: np.ndarray
    age: np.ndarray
    weight: np.ndarray
    cap: np.ndarray


def gather(setting: Setting, groups: list[Borrowing]) -> Loans:
    """Loans of the groups with their weights and caps.

    A customer's limit is shared by the loans of one kind; and no lot may be more than a twentieth of its name, which
    binds only in samples, where one row stands for many.
    """
    margin_limit = int(setting.book.value("margin.customer_limit", setting.on))
    pledged_limit = int(setting.book.value("pledged.customer_limit", setting.on))
    name_won = setting.unit_values() / 1024.0 * setting.table.issued / setting.scale * _LOT_SHARE_OF_NAME
    columns: list[list[np.ndarray]] = [[] for _ in Loans._fields]
    for group in groups:
        for k in range(group.loan_kind.shape[0]):
            on = group.loan_kind[k] != LoanKind.NONE
            kind, row = group.loan_kind[k][on], group.financed[k][on]
            same = (group.loan_kind == LoanKind.MARGIN).sum(axis=0)[on]
            limit = np.where(kind == LoanKind.MARGIN, margin_limit // np.maximum(1, same), pledged_limit)
            cap = np.minimum(limit, (name_won[row] / _VALUE_OF_LOAN)).astype(np.int64)
            found = (kind, row, group.age[on], group.principal_won[k][on], cap)
            for column, values in zip(columns, found, strict=True):
                column.append(values)
    return Loans(*(np.concatenate(parts) for parts in columns))


def scatter(groups: list[Borrowing], principal: np.ndarray) -> None:
    """Write principals back in the order of :func:`gather`."""
    at = 0
    for group in groups:
        for k in range(group.loan_kind.shape[0]):
            on = group.loan_kind[k] != LoanKind.NONE
            count = int(on.sum())
            group.principal_won[k][on] = principal[at : at + count]
            at += count
    assert at == principal.size


def margin_cells(setting: Setting, loans: Loans) -> np.ndarray:
    """0 for the most held KOSPI name, 1 for other KOSPI names, 2 for KOSDAQ names, 3 for what is no margin loan."""
    cell = np.where(setting.table.board[loans.row] == Board.KOSDAQ, KOSDAQ_CELL, KOSPI_CELL)
    cell = np.where(loans.row == setting.leader_row, LEADER_CELL, cell)
    return np.where(loans.kind == LoanKind.MARGIN, cell, KOSDAQ_CELL + 1)


def margin_totals(setting: Setting, counts: np.ndarray) -> np.ndarray:
    """Won of margin loans by cell (rows) and age band: int64 [3, age]. Row sums are the published balances.

    ``counts`` are the loans of each cell; a cell without loans gets nothing.
    """
    balances, scale = setting.balances, setting.scale
    kospi, kosdaq = balances.margin_kospi_won // scale, balances.margin_kosdaq_won // scale
    leader = kospi * int(setting.share("leader_margin_share")) // BPS if counts[LEADER_CELL].any() else 0
    rows = [leader, kospi - leader, kosdaq]
    columns = largest_remainder(sum(rows), setting.by_age("margin_balance_share"))
    table = iterative_fit((counts > 0).astype(np.float64), rows, columns)
    return whole_table(table, rows, columns)


def set_principals(setting: Setting, groups: list[Borrowing]) -> Loans:
    """Replace weights by principals in won, for every loan of the groups; the loans with principals as weights.

    Margin loans meet the balance of each board and as nearly as cells allow the share of each age band; loans on
    pledged shares and unsettled purchases meet their totals.
    """
    loans = gather(setting, groups)
    principal = np.zeros(loans.kind.size, dtype=np.int64)
    lowest = int(setting.share("minimum_loan"))
    cell = margin_cells(setting, loans)
    ages = len(AGE_BANDS)
    place = cell * ages + loans.age
    counts = np.bincount(place[cell <= KOSDAQ_CELL], minlength=3 * ages).reshape(3, ages)
    totals = margin_totals(setting, counts).ravel()
    jobs = [(int(total), np.flatnonzero(place == c)) for c, total in enumerate(totals) if total]
    for kind, total in (
        (LoanKind.PLEDGED, setting.balances.pledged_won // setting.scale),
        (LoanKind.UNSETTLED, live_unsettled_won(setting) // setting.scale),
    ):
        jobs.append((total, np.flatnonzero(loans.kind == kind)))

    def work(total: int, chosen: np.ndarray) -> None:
        principal[chosen] = spread(total, loans.weight[chosen], lowest, loans.cap[chosen])

    in_threads(work, ((total, chosen) for total, chosen in jobs if chosen.size))
    scatter(groups, principal)
    return loans._replace(weight=principal)
