"""Bounds: between which values of its holdings nothing can happen to an account, so that its days may be passed over.

Every sum over holdings rises with every price. Traded prices differ from latent ones by half a tick at the most, and
holdings are rounded to the won one by one: the slack is more than both. Interest is put at the highest rate where it
lowers a bound, and at what had accrued when the bounds were written where it raises one.
"""

import numpy as np

from gaemi.kernels.journey import (
    ACCOUNT_HIGH,
    ACCOUNT_LOW,
    ACCOUNT_VALUE,
    BROKER_VALUE,
    GOAL,
    INTEREST_A_DAY,
    INTEREST_BEFORE,
    NEED_BROKER,
    NEED_STOCK_LOAN,
    NEXT_TERM,
    PERSON_HIGH,
    PERSON_LOW,
    PERSON_VALUE,
    SLACK_WON,
    Paper,
    Road,
)
from gaemi.kernels.mark import NEARLY_ALL
from gaemi.kernels.owed import account_owes_won
from gaemi.kernels.pools import NO_POOL, collateral_rate_bps, pool_debt_won, pool_of_holding, pool_of_loan
from gaemi.kernels.tables import LawTable
from gaemi.outcomes import Ever
from gaemi.records.columns import Borrowing, LoanKind, Pool, Standing
from gaemi.rules.interest import DAYS_A_YEAR
from gaemi.units import BPS, won_value

NO_BOUND = 1e300


def weigh_bounds(group: Borrowing, row: int, variant: int, today: int, road: Road, law: LawTable, paper: Paper) -> None:
    """Write what one unit of each price counts for in the four sums, and the bounds of these sums.

    ``today`` is the ordinal to which interest counts. No day is quiet for an account with a contract for difference.
    """
    weight, bounds, setting = paper.weight, paper.bounds, road.setting[0]
    weight[:] = 0.0
    bounds[SLACK_WON] = 2.0 if pool_debt_won(group, row, Pool.CFD.value) == 0 else NO_BOUND
    for slot in range(group.quantity.shape[0]):
        quantity = group.quantity[slot, row]
        if quantity == 0:
            continue
        instrument, standing = group.instrument[slot, row], group.standing[slot, row]
        name = road.names[instrument]
        tick_won = road.tick_size[instrument, 0] * name["scale"]
        if name["foreign"] != 0:
            tick_won *= 2.0 * setting["won_per_dollar"]
        bounds[SLACK_WON] += 1.0 + 0.5 * quantity * tick_won
        weight[PERSON_VALUE, instrument] += quantity
        if standing != Standing.ELSEWHERE:
            weight[ACCOUNT_VALUE, instrument] += quantity
        pool = pool_of_holding(standing)
        if pool != NO_POOL and pool != Pool.CFD:
            rate = collateral_rate_bps(standing, instrument, paper.now, law)
            weight[BROKER_VALUE + pool, instrument] += quantity * (rate / BPS)
    _need(group, row, law, bounds)
    bound_worth(group, row, today, law, paper)
    goal = road.variants[variant]["goal_won"]
    bounds[GOAL] = NO_BOUND
    if goal > 0 and group.ever[row] & Ever.WIPED_OUT.value == 0:
        bounds[GOAL] = goal - (group.cash_won[row] - paper.owed[0])


def _need(group: Borrowing, row: int, law: LawTable, bounds: np.ndarray) -> None:
    """The collateral value of shares under which each pool is called."""
    broker = stock_loan = 0
    for loan in range(group.loan_kind.shape[0]):
        pool = pool_of_loan(group.loan_kind[loan, row])
        if pool == Pool.BROKER:
            broker += group.principal_won[loan, row]
        elif pool == Pool.STOCK_LOAN:
            stock_loan += group.principal_won[loan, row]
    bounds[NEED_BROKER] = bounds[NEED_STOCK_LOAN] = -NO_BOUND
    if broker > 0:
        cash = group.cash_won[row] * law.cash_rate_bps / BPS
        bounds[NEED_BROKER] = law.maintenance_bps[group.firm[row]] * broker / BPS - cash
    if stock_loan > 0:
        bounds[NEED_STOCK_LOAN] = law.stock_loan_maintenance_bps * stock_loan / BPS


def bound_worth(group: Borrowing, row: int, today: int, law: LawTable, paper: Paper) -> None:
    """The values of holdings at which a peak is passed or nine tenths of it are lost, and the day of the next term.

    ``paper.owed`` takes what the account owes today.
    """
    bounds = paper.bounds
    paper.owed[0] = account_owes_won(group, row, law, today)
    fixed = group.cash_won[row] - paper.owed[0]
    bounds[ACCOUNT_HIGH] = group.peak_account_won[row] - fixed
    bounds[PERSON_HIGH] = group.peak_investor_won[row] - fixed
    bounds[INTEREST_A_DAY] = bounds[INTEREST_BEFORE] = 0.0
    bounds[NEXT_TERM] = NO_BOUND
    without = float(group.cash_won[row] - group.residual_won[row])
    for loan in range(group.loan_kind.shape[0]):
        principal = group.principal_won[loan, row]
        if principal > 0:
            a_day = principal * _highest_bps(group.loan_kind[loan, row], law) / (BPS * DAYS_A_YEAR)
            without -= principal
            bounds[INTEREST_A_DAY] += a_day
            bounds[INTEREST_BEFORE] += a_day * group.interest_from[loan, row]
            bounds[NEXT_TERM] = min(bounds[NEXT_TERM], float(group.due[loan, row]))
    bounds[ACCOUNT_LOW] = bounds[PERSON_LOW] = -NO_BOUND
    if group.ever[row] & Ever.EMPTIED.value == 0 and group.peak_account_won[row] > 0:
        bounds[ACCOUNT_LOW] = group.peak_account_won[row] / NEARLY_ALL - without
    if group.ever[row] & Ever.WIPED_OUT.value == 0 and group.peak_investor_won[row] > 0:
        bounds[PERSON_LOW] = group.peak_investor_won[row] / NEARLY_ALL - without


def _highest_bps(kind: int, law: LawTable) -> int:
    """The highest rate of a kind of loan: rates rise with the days held."""
    if kind == LoanKind.MARGIN:
        return int(law.interest_bps[law.interest_bps.size - 1])
    if kind == LoanKind.PLEDGED:
        return int(law.pledged_bps[law.pledged_bps.size - 1])
    if kind == LoanKind.STOCK_LOAN:
        return int(law.stock_loan_bps[law.stock_loan_bps.size - 1])
    if kind == LoanKind.CFD:
        return int(law.cfd_rate_bps)
    return int(law.overdue_bps[law.overdue_bps.size - 1])


def raise_peaks(group: Borrowing, row: int, today: int, law: LawTable, paper: Paper) -> None:
    """Raise the peaks of a row to its net worth at the quotes of ``paper.now``, and the bounds with them."""
    paper.owed[0] = account_owes_won(group, row, law, today)
    account = person = fixed = group.cash_won[row] - paper.owed[0]
    for slot in range(group.quantity.shape[0]):
        value = won_value(group.quantity[slot, row], paper.now.unit[group.instrument[slot, row]])
        person += value
        if group.standing[slot, row] != Standing.ELSEWHERE:
            account += value
    peak_account, peak_person = group.peak_account_won[row], group.peak_investor_won[row]
    group.peak_account_won[row] = max(group.peak_account_won[row], account)
    group.peak_investor_won[row] = max(group.peak_investor_won[row], person)
    paper.bounds[ACCOUNT_HIGH] = group.peak_account_won[row] - fixed
    paper.bounds[PERSON_HIGH] = group.peak_investor_won[row] - fixed
    paper.bounds[ACCOUNT_LOW] += (group.peak_account_won[row] - peak_account) / NEARLY_ALL
    paper.bounds[PERSON_LOW] += (group.peak_investor_won[row] - peak_person) / NEARLY_ALL
