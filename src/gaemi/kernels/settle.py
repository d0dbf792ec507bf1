"""Settle: trades of two sessions ago reach the settled balance, with which published balances are compared."""

from gaemi.records.columns import Borrowing


def settle_loans(group: Borrowing, start: int, stop: int) -> None:
    """Move repayments one session on; those of two sessions ago leave the settled balance."""
    for loan in range(group.loan_kind.shape[0]):
        for j in range(start, stop):
            group.settled_won[loan, j] -= group.repaid_before_won[loan, j]
            group.repaid_before_won[loan, j] = group.repaid_yesterday_won[loan, j]
            group.repaid_yesterday_won[loan, j] = group.repaid_today_won[loan, j]
            group.repaid_today_won[loan, j] = 0
