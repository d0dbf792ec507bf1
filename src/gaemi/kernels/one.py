"""One: a single account valued and tested at a close, where a few of many rows are asked on a day.

The rules and the order are those of :mod:`gaemi.kernels.mark` and :mod:`gaemi.kernels.call`, which take accounts in
blocks; a test holds the two routes against each other.
"""

from gaemi.kernels.call import order_waits, waived
from gaemi.kernels.mark import NEARLY_ALL, worth_won
from gaemi.kernels.pools import maintenance_of, pool_collateral_won, pool_debt_won
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.outcomes import Ever
from gaemi.records.columns import NEVER, Borrowing, Pool
from gaemi.rules.margin import is_under_maintenance, next_clock, sessions_to_sale


def mark_one(group: Borrowing, j: int, quotes: Quotes, law: LawTable, today: int) -> int:
    """Value account ``j``, raise its peaks and set EMPTIED, ZEROED and WIPED_OUT; returns the person's net worth."""
    account, person = worth_won(group, j, quotes, law, today)
    ever = 0
    if account > group.peak_account_won[j]:
        group.peak_account_won[j] = account
    elif group.peak_account_won[j] > 0 and NEARLY_ALL * account <= group.peak_account_won[j]:
        ever |= Ever.EMPTIED.value
    if person > group.peak_investor_won[j]:
        group.peak_investor_won[j] = person
    elif group.peak_investor_won[j] > 0 and NEARLY_ALL * person <= group.peak_investor_won[j]:
        ever |= Ever.WIPED_OUT.value
    for pool in range(group.called_day.shape[0]):
        debt = pool_debt_won(group, j, pool)
        if debt > 0 and pool_collateral_won(group, j, pool, quotes, law) < debt:
            ever |= Ever.ZEROED.value
    group.ever[j] |= ever
    return int(person)


def call_one(group: Borrowing, j: int, quotes: Quotes, law: LawTable, day: int, seed: int) -> None:
    """Test the pools of account ``j`` at the close of session ``day``: start, keep, shorten or clear their clocks."""
    for pool in range(group.called_day.shape[0]):
        called, sale = group.called_day[pool, j], group.sale_day[pool, j]
        debt = pool_debt_won(group, j, pool)
        done = sale != NEVER and (debt == 0 or (sale <= day and not order_waits(group, j, pool, quotes)))
        if debt == 0:
            if done:
                group.called_day[pool, j], group.sale_day[pool, j] = NEVER, NEVER
            continue
        value = pool_collateral_won(group, j, pool, quotes, law)
        under = is_under_maintenance(value, debt, maintenance_of(group, j, pool, law))
        due = day + (law.cfd_sessions if pool == Pool.CFD else law.stock_loan_sessions)
        if under and pool == Pool.BROKER:
            if waived(group.investor[j], seed, law.waiver_share_bps):
                group.called_day[pool, j], group.sale_day[pool, j] = NEVER, NEVER
                continue
            firm = group.firm[j]
            due = day + sessions_to_sale(value, debt, law.clock_under_bps[firm], law.clock_sessions[firm])
        if under and (sale == NEVER or done):
            group.ever[j] |= Ever.CALLED.value
        called, sale = next_clock(called, sale, day, due, under, done, law.cleared_on_recovery != 0)
        group.called_day[pool, j], group.sale_day[pool, j] = called, sale
