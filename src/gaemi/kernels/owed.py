"""Interest on a loan of an account by the law of the day: a function of principal and dates, not a column."""

from gaemi.kernels.tables import LawTable
from gaemi.records.columns import Borrowing, LoanKind
from gaemi.rules.cfd import financing_won
from gaemi.rules.interest import interest_won


def accrued_won(group: Borrowing, loan: int, j: int, law: LawTable, today: int) -> int:
    """Interest from the date to which it is paid until ``today`` (ordinal), floored to the won."""
    principal = group.principal_won[loan, j]
    if principal == 0:
        return 0
    days_total = today - group.opened[loan, j]
    days_charged = today - group.interest_from[loan, j]
    if days_charged <= 0:
        return 0
    kind = group.loan_kind[loan, j]
    if kind == LoanKind.MARGIN:
        return int(
            interest_won(
                principal, days_total, days_charged, law.interest_days, law.interest_bps, law.interest_retroactive
            )
        )
    if kind == LoanKind.PLEDGED:
        return int(interest_won(principal, days_total, days_charged, law.pledged_days, law.pledged_bps, 1))
    if kind == LoanKind.STOCK_LOAN:
        return int(interest_won(principal, days_total, days_charged, law.stock_loan_days, law.stock_loan_bps, 1))
    if kind == LoanKind.CFD:
        return int(financing_won(principal, days_charged, law.cfd_rate_bps))
    return int(interest_won(principal, days_total, days_charged, law.overdue_days, law.overdue_bps, 1))
