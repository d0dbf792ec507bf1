"""Sell: what firms order before an auction, fixed from earlier prices by law, and what its fill does to an account."""

import numpy as np

from gaemi.chance import UNPAID, uniform, word
from gaemi.kernels.call import AGE_ROWS, WHO_RESIDUAL_WON, WHO_ROWS, WHO_SOLD_WON
from gaemi.kernels.owed import accrued_won
from gaemi.kernels.pools import (
    collateral_rate_bps,
    maintenance_of,
    pool_collateral_won,
    pool_debt_won,
    pool_of_holding,
    pool_of_loan,
)
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.outcomes import Ever
from gaemi.records.columns import NEVER, Borrowing, LoanKind, Pool, Standing
from gaemi.rules.margin import relief_e8, sale_quantity, shortfall_e8
from gaemi.rules.market import fee_won, filled_quantity, transaction_tax_won
from gaemi.rules.unsettled import unsettled_sale_quantity
from gaemi.units import BPS, won_value

(
    GROSS_WON,
    TAX_WON,
    FEE_WON,
    INTEREST_WON,
    CAPITALISED_WON,
    REPAID_WON,
    MONEY_IN_WON,
    RESIDUAL_WON,
    UNSETTLED_SOLD_WON,
    MARGIN_SOLD_WON,
    PLEDGED_SOLD_WON,
    STOCK_LOAN_SOLD_WON,
    KOSPI_SOLD_WON,
    KOSDAQ_SOLD_WON,
) = range(14)
FLOWS = 14
"""Won that move in a sale. CAPITALISED is interest that no money was there for: it joins the principal."""

TILL_LENDERS, TILL_GOVERNMENT, TILL_OUTSIDE = range(3)
TILLS = 3
"""Money of the other sectors, counted where it arrives and not where it is said to have gone."""


def order_sales(
    group: Borrowing,
    quotes: Quotes,
    law: LawTable,
    day: int,
    second_stage: int,
    ordered: np.ndarray,
    start: int,
    stop: int,
) -> None:
    """Write the orders of pools whose sale day has come; add them to ``ordered`` (int64[instrument], lots).

    With ``second_stage`` 1: only firms that compute again after the opening, at their second discount.
    """
    for j in range(start, stop):
        for pool in (Pool.BROKER.value, Pool.STOCK_LOAN.value):
            sale_day = group.sale_day[pool, j]
            if sale_day == NEVER or sale_day > day:
                continue
            if second_stage != 0 and (pool != Pool.BROKER or law.second_stage[group.firm[j]] == 0):
                continue
            _order_pool(group, j, pool, quotes, law, second_stage)
        for slot in range(group.order.shape[0]):
            ordered[group.instrument[slot, j]] += group.order[slot, j]


def _order_pool(group: Borrowing, j: int, pool: int, quotes: Quotes, law: LawTable, second_stage: int) -> None:
    """Orders of one pool until its shortfall is met: financed lot first, then largest value, ties by ticker."""
    firm = group.firm[j]
    maintenance = maintenance_of(group, j, pool, law)
    convention = law.convention[firm] if pool == Pool.BROKER else 2
    cost = law.cost_bps[firm] if pool == Pool.BROKER else 0
    value = pool_collateral_won(group, j, pool, quotes, law)
    debt = pool_debt_won(group, j, pool)
    if BPS * value >= maintenance * debt:
        return
    missing = -1
    visited = 0
    for _ in range(group.instrument.shape[0]):
        slot = _next_to_sell(group, j, pool, quotes, visited)
        if slot < 0:
            return
        visited |= 1 << slot
        instrument = group.instrument[slot, j]
        discount = _discount_bps(pool, firm, quotes.group[instrument], law, second_stage)
        if missing < 0:
            missing = shortfall_e8(debt, value, maintenance, discount, convention)
        rate = collateral_rate_bps(group.standing[slot, j], instrument, quotes, law)
        relief = relief_e8(quotes.price[instrument], maintenance, discount, cost, rate, convention)
        held = group.quantity[slot, j]
        quantity = sale_quantity(missing, relief, held)
        group.order[slot, j] = quantity
        if quantity < held:
            return
        if relief > 0:
            missing -= relief * quantity
            if missing <= 0:
                return


def _next_to_sell(group: Borrowing, j: int, pool: int, quotes: Quotes, visited: int) -> int:
    """Slot of the pool's next holding to be sold, or -1: rows of instruments are in the order of tickers."""
    best = -1
    best_first = False
    best_value = 0
    for slot in range(group.instrument.shape[0]):
        quantity = group.quantity[slot, j]
        standing = group.standing[slot, j]
        instrument = group.instrument[slot, j]
        if quantity == 0 or (visited >> slot) & 1 or pool_of_holding(standing) != pool:
            continue
        if quotes.domestic[instrument] == 0 or quotes.halted[instrument] != 0:
            continue
        first = standing == Standing.FINANCED or standing == Standing.STOCK_LOAN
        value = won_value(quantity, quotes.unit[instrument])
        better = best < 0 or (first and not best_first)
        if not better and first == best_first:
            better = value > best_value or (value == best_value and instrument < group.instrument[best, j])
        if better:
            best = slot
            best_first = first
            best_value = value
    return best


def _discount_bps(pool: int, firm: int, stock_group: int, law: LawTable, second_stage: int) -> int:
    if pool == Pool.STOCK_LOAN:
        return int(law.stock_loan_discount_bps)
    if second_stage != 0:
        return int(law.second_discount_bps)
    return int(law.discount_bps[firm, stock_group])


def order_unpaid(
    group: Borrowing,
    quotes: Quotes,
    law: LawTable,
    today: int,
    seed: int,
    ordered: np.ndarray,
    flows: np.ndarray,
    tills: np.ndarray,
    start: int,
    stop: int,
) -> None:
    """Purchases past their settlement date: who pays owns the shares, who does not is sold at this auction."""
    for j in range(start, stop):
        for loan in range(group.loan_kind.shape[0]):
            owed = group.principal_won[loan, j]
            if group.loan_kind[loan, j] != LoanKind.UNSETTLED or owed == 0 or group.due[loan, j] >= today:
                continue
            slot = _slot_of(group, j, group.financed[loan, j], Standing.UNSETTLED)
            if slot < 0:
                continue
            luck = uniform(word(seed, 0, UNPAID, 0, int(group.investor[j]), loan))
            if luck * BPS >= law.unpaid_share_bps:
                group.principal_won[loan, j] = 0
                group.repaid_today_won[loan, j] += owed
                group.standing[slot, j] = Standing.ELSEWHERE.value
                tills[TILL_OUTSIDE] -= owed
                tills[TILL_LENDERS] += owed
                flows[MONEY_IN_WON] += owed
                flows[REPAID_WON] += owed
                continue
            instrument = group.instrument[slot, j]
            if quotes.halted[instrument] != 0:
                continue
            quantity = unsettled_sale_quantity(
                owed, quotes.price[instrument], group.quantity[slot, j], law.unsettled_discount_bps
            )
            group.order[slot, j] = quantity
            ordered[instrument] += quantity


def _slot_of(group: Borrowing, j: int, instrument: int, standing: int) -> int:
    for slot in range(group.instrument.shape[0]):
        if (
            group.instrument[slot, j] == instrument
            and group.standing[slot, j] == standing
            and group.quantity[slot, j] > 0
        ):
            return slot
    return -1


def fill_orders(
    group: Borrowing,
    quotes: Quotes,
    law: LawTable,
    today: int,
    filled: np.ndarray,
    flows: np.ndarray,
    tills: np.ndarray,
    who: np.ndarray,
    start: int,
    stop: int,
) -> None:
    """Execute orders at the quotes' prices and fills; pay fee, tax, interest, principal; book what stays owed.

    ``filled`` int64[instrument] lots, ``flows`` int64[FLOWS] won, ``who`` int64[WHO_ROWS, WHO_MEASURES]: added to.
    """
    proceeds = np.zeros(3, np.int64)  # broker's pool, stock loan's pool, unsettled purchases
    touched = np.zeros(3, np.int64)
    for j in range(start, stop):
        busy = False
        for slot in range(group.order.shape[0]):
            if group.order[slot, j] != 0:
                busy = True
        if not busy:
            continue
        proceeds[:] = 0
        touched[:] = 0
        for slot in range(group.order.shape[0]):
            _fill_one(group, j, slot, quotes, law, filled, flows, tills, who, proceeds, touched)
        for pool in range(3):
            if touched[pool] != 0:
                left = _pay(group, j, pool, proceeds[pool], law, today, flows)
                tills[TILL_LENDERS] += proceeds[pool] - left
                group.cash_won[j] += left
                cash = group.cash_won[j]
                _book_residual(group, j, pool, flows, who, quotes)
                tills[TILL_LENDERS] += cash - group.cash_won[j]


def _fill_one(
    group: Borrowing,
    j: int,
    slot: int,
    quotes: Quotes,
    law: LawTable,
    filled: np.ndarray,
    flows: np.ndarray,
    tills: np.ndarray,
    who: np.ndarray,
    proceeds: np.ndarray,
    touched: np.ndarray,
) -> None:
    if group.order[slot, j] == 0:
        return
    instrument = group.instrument[slot, j]
    standing = group.standing[slot, j]
    quantity = filled_quantity(group.order[slot, j], quotes.fill_bps[instrument])
    place = pool_of_holding(standing) if standing != Standing.UNSETTLED else 2
    touched[place] = 1
    if quantity == 0:
        return
    gross = quantity * quotes.price[instrument]
    fee_bps = law.unsettled_fee_bps if standing == Standing.UNSETTLED else law.fee_bps
    tax = transaction_tax_won(gross, quotes.tax_bps[instrument])
    fee = fee_won(gross, fee_bps)
    group.quantity[slot, j] -= quantity
    group.order[slot, j] -= quantity
    group.ever[j] |= Ever.FORCE_SOLD.value
    proceeds[place] += gross - tax - fee
    filled[instrument] += quantity
    flows[GROSS_WON] += gross
    flows[TAX_WON] += tax
    flows[FEE_WON] += fee
    tills[TILL_GOVERNMENT] += tax
    tills[TILL_LENDERS] += fee
    board = min(int(quotes.board[instrument]), 1)
    flows[KOSPI_SOLD_WON + board] += gross
    if standing == Standing.UNSETTLED:
        flows[UNSETTLED_SOLD_WON] += gross
    elif standing == Standing.STOCK_LOAN:
        flows[STOCK_LOAN_SOLD_WON] += gross
    elif standing == Standing.PLEDGED:
        flows[PLEDGED_SOLD_WON] += gross
    else:
        flows[MARGIN_SOLD_WON] += gross
    who[group.age[j], WHO_SOLD_WON] += gross
    who[AGE_ROWS + group.size[j], WHO_SOLD_WON] += gross
    who[WHO_ROWS - 2 + board, WHO_SOLD_WON] += gross


def _pays_for(kind: int, place: int) -> bool:
    if place == 2:
        return kind == LoanKind.UNSETTLED
    return pool_of_loan(kind) == place


def _pay(group: Borrowing, j: int, place: int, money: int, law: LawTable, today: int, flows: np.ndarray) -> int:
    """Pay interest, then principal, of a pool's loans in their order; returns the money that is left."""
    loans = group.loan_kind.shape[0]
    for loan in range(loans):
        if not _pays_for(group.loan_kind[loan, j], place) or group.principal_won[loan, j] == 0:
            continue
        interest = accrued_won(group, loan, j, law, today)
        paid = min(interest, money)
        money -= paid
        flows[INTEREST_WON] += paid
        flows[CAPITALISED_WON] += interest - paid
        group.principal_won[loan, j] += interest - paid
        group.settled_won[loan, j] += interest - paid
        group.interest_from[loan, j] = max(today, int(group.interest_from[loan, j]))
    for loan in range(loans):
        if not _pays_for(group.loan_kind[loan, j], place):
            continue
        money -= _repay(group, j, loan, money, flows)
    return money


def _repay(group: Borrowing, j: int, loan: int, money: int, flows: np.ndarray) -> int:
    repaid = min(money, int(group.principal_won[loan, j]))
    group.principal_won[loan, j] -= repaid
    group.repaid_today_won[loan, j] += repaid
    flows[REPAID_WON] += repaid
    return repaid


def _book_residual(group: Borrowing, j: int, place: int, flows: np.ndarray, who: np.ndarray, quotes: Quotes) -> None:
    """When nothing of the pool is left to sell: cash repays the broker's loans, the rest becomes residual debt."""
    for slot in range(group.instrument.shape[0]):
        standing = group.standing[slot, j]
        inside = standing == Standing.UNSETTLED if place == 2 else pool_of_holding(standing) == place
        if inside and group.quantity[slot, j] > 0 and quotes.domestic[group.instrument[slot, j]] != 0:
            return
    for loan in range(group.loan_kind.shape[0]):
        if not _pays_for(group.loan_kind[loan, j], place):
            continue
        if place == Pool.BROKER:
            group.cash_won[j] -= _repay(group, j, loan, int(group.cash_won[j]), flows)
        owed = group.principal_won[loan, j]
        if owed > 0:
            group.principal_won[loan, j] = 0
            group.repaid_today_won[loan, j] += owed
            group.residual_won[j] += owed
            group.ever[j] |= Ever.RESIDUAL_DEBT.value
            flows[RESIDUAL_WON] += owed
            who[group.age[j], WHO_RESIDUAL_WON] += owed
            who[AGE_ROWS + group.size[j], WHO_RESIDUAL_WON] += owed
            board = min(int(quotes.board[group.financed[loan, j]]), 1)
            who[WHO_ROWS - 2 + board, WHO_RESIDUAL_WON] += owed
