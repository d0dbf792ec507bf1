"""Peaks: the best that an account and a person were worth, adjusted for money put in and shares taken out."""

from gaemi.kernels.mark import worth_won
from gaemi.kernels.sell import overdue_purchase, pays_overdue
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.records.columns import Borrowing
from gaemi.units import BPS, won_value


def follow_payments(
    group: Borrowing, quotes: Quotes, law: LawTable, today: int, seed: int, start: int, stop: int
) -> None:
    """Before overdue purchases are paid: the money raises both peaks, and shares that then leave lower the account's.

    What leaves takes the same share of the peak as of the worth, so that it is no loss: who pays for a purchase has an
    empty account and has lost nothing.
    """
    for j in range(start, stop):
        moved = 0
        for loan in range(group.loan_kind.shape[0]):
            slot = overdue_purchase(group, loan, j, today)
            if slot < 0 or not pays_overdue(group.investor[j], loan, seed, law):
                continue
            owed = group.principal_won[loan, j]
            group.peak_account_won[j] += owed
            group.peak_investor_won[j] += owed
            moved += owed
            worth = worth_won(group, j, quotes, law, today)[0] + moved
            leaving = won_value(group.quantity[slot, j], quotes.unit[group.instrument[slot, j]])
            if worth > 0:
                kept_bps = max(0, BPS * (worth - leaving) // worth)
                group.peak_account_won[j] = group.peak_account_won[j] * kept_bps // BPS
            moved -= leaving
