"""Sell: what firms order before an auction, fixed from earlier prices by law, and what its fill does to an account."""

from typing import NamedTuple

import numpy as np

from gaemi.chance import UNPAID, uniform, word
from gaemi.kernels.call import AGE_ROWS, WHO_MEASURES, WHO_RESIDUAL_WON, WHO_ROWS, WHO_SOLD_WON
from gaemi.kernels.cfd import close_entry, order_contracts
from gaemi.kernels.hands import HAND, any_due, any_ordered
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
    CFD_SOLD_WON,
) = range(15)
FLOWS = 15
"""Won that move in a sale. CAPITALISED is interest that no money was there for: it joins the principal."""

UNSETTLED_PLACE = len(Pool)
PLACES = UNSETTLED_PLACE + 1
"""Where proceeds go: the pools, and unsettled purchases, which are in none."""

TILL_LENDERS, TILL_GOVERNMENT, TILL_OUTSIDE = range(3)
TILLS = 3
"""Money of the other sectors, counted where it arrives and not where it is said to have gone."""


class SaleTally(NamedTuple):
    """What sales add up to. ``n`` instruments; rows of ``who`` as in kernels.call."""

    ordered: np.ndarray  # int64[n] lots
    filled: np.ndarray  # int64[n] lots
    flows: np.ndarray  # int64[FLOWS] won
    tills: np.ndarray  # int64[TILLS] won
    who: np.ndarray  # int64[WHO_ROWS, WHO_MEASURES] won
    residual_won: np.ndarray  # int64[n] by the name that the loan financed


def sale_tally(instruments: int) -> SaleTally:
    """A tally of nothing yet."""
    by_name = np.zeros((3, instruments), np.int64)
    who = np.zeros((WHO_ROWS, WHO_MEASURES), np.int64)
    return SaleTally(by_name[0], by_name[1], np.zeros(FLOWS, np.int64), np.zeros(TILLS, np.int64), who, by_name[2])


def order_sales(
    group: Borrowing, quotes: Quotes, law: LawTable, day: int, second_stage: int, tally: SaleTally, start: int,
    stop: int,
) -> None:  # fmt: skip
    """Write the orders of pools whose sale day has come and add them to ``tally.ordered``.

    Orders of yesterday are void: each morning the quantity is worked out anew. With ``second_stage`` 1: only the
    broker's pools of firms that compute again after the opening, at their second discount, and contracts for
    difference; what waits at others waits.
    """
    for first in range(start, stop, HAND):
        last = min(first + HAND, stop)
        if not any_ordered(group, first, last) and not any_due(group, day, first, last):
            continue
        for j in range(first, last):
            if second_stage == 0 and group.selling[j] != 0:
                group.selling[j] = 0
                for slot in range(group.order.shape[0]):
                    group.order[slot, j] = 0
            for pool in range(group.called_day.shape[0]):
                sale_day = group.sale_day[pool, j]
                if sale_day == NEVER or sale_day > day:
                    continue
                if second_stage != 0 and not _has_second_stage(group, j, pool, law):
                    continue
                group.selling[j] = 1
                order_pool(group, j, pool, quotes, law, second_stage)
                for slot in range(group.order.shape[0]):
                    if pool_of_holding(group.standing[slot, j]) == pool:
                        tally.ordered[group.instrument[slot, j]] += group.order[slot, j]


def _has_second_stage(group: Borrowing, j: int, pool: int, law: LawTable) -> bool:
    return pool == Pool.CFD or (pool == Pool.BROKER and law.second_stage[group.firm[j]] != 0)


def order_pool(group: Borrowing, j: int, pool: int, quotes: Quotes, law: LawTable, second_stage: int) -> None:
    """Orders of one pool until its shortfall is met: financed lot first, then largest value, ties by ticker.

    Contracts for difference are closed whole.
    """
    for slot in range(group.order.shape[0]):
        if pool_of_holding(group.standing[slot, j]) == pool:
            group.order[slot, j] = 0
    firm = group.firm[j]
    maintenance = maintenance_of(group, j, pool, law)
    convention = law.convention[firm] if pool == Pool.BROKER else 2
    cost = law.cost_bps[firm] if pool == Pool.BROKER else 0
    value = pool_collateral_won(group, j, pool, quotes, law)
    debt = pool_debt_won(group, j, pool)
    if BPS * value >= maintenance * debt:
        return
    if pool == Pool.CFD:
        order_contracts(group, j, quotes)
        return
    missing = -1
    for _ in range(group.instrument.shape[0]):
        slot = _next_to_sell(group, j, pool, quotes)
        if slot < 0:
            return
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


def _next_to_sell(group: Borrowing, j: int, pool: int, quotes: Quotes) -> int:
    """Slot of the pool's next holding without an order, or -1: rows of instruments are in the order of tickers."""
    best = -1
    best_first = False
    best_value = 0
    for slot in range(group.instrument.shape[0]):
        quantity = group.quantity[slot, j]
        standing = group.standing[slot, j]
        instrument = group.instrument[slot, j]
        if quantity == 0 or group.order[slot, j] != 0 or pool_of_holding(standing) != pool:
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
    group: Borrowing, quotes: Quotes, law: LawTable, today: int, seed: int, tally: SaleTally, start: int, stop: int
) -> None:
    """Purchases past their settlement date: who pays owns the shares, who does not is sold at this auction."""
    for j in range(start, stop):
        for loan in range(group.loan_kind.shape[0]):
            slot = overdue_purchase(group, loan, j, today)
            if slot < 0:
                continue
            owed = group.principal_won[loan, j]
            if pays_overdue(group.investor[j], loan, seed, law):
                group.principal_won[loan, j] = 0
                group.repaid_today_won[loan, j] += owed
                group.standing[slot, j] = Standing.ELSEWHERE.value
                tally.tills[TILL_OUTSIDE] -= owed
                tally.tills[TILL_LENDERS] += owed
                tally.flows[MONEY_IN_WON] += owed
                tally.flows[REPAID_WON] += owed
                continue
            instrument = group.instrument[slot, j]
            if quotes.halted[instrument] != 0:
                continue
            quantity = unsettled_sale_quantity(
                owed, quotes.price[instrument], group.quantity[slot, j], law.unsettled_discount_bps
            )
            group.order[slot, j] = quantity
            group.selling[j] = 1
            tally.ordered[instrument] += quantity


def overdue_purchase(group: Borrowing, loan: int, j: int, today: int) -> int:
    """Slot of the shares whose purchase is past its settlement date and not paid; -1 where the loan is no such."""
    if group.loan_kind[loan, j] != LoanKind.UNSETTLED or group.principal_won[loan, j] == 0:
        return -1
    if group.due[loan, j] >= today:
        return -1
    return _slot_of(group, j, group.financed[loan, j], Standing.UNSETTLED)


def pays_overdue(investor: int, loan: int, seed: int, law: LawTable) -> bool:
    """Whether the person finds the money: luck of the person and the loan."""
    return uniform(word(seed, 0, UNPAID, 0, int(investor), loan)) * BPS >= law.unpaid_share_bps


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
    group: Borrowing, quotes: Quotes, law: LawTable, today: int, second_stage: int, tally: SaleTally, start: int,
    stop: int,
) -> None:  # fmt: skip
    """Execute orders at the quotes' prices and fills; pay fee, tax, interest, principal; book what stays owed.

    With ``second_stage`` 1 only the orders of that stage trade; everything is added to ``tally``.
    """
    proceeds = np.zeros((PLACES, 2), np.int64)  # by place: money, and 1 where something was sold
    for first in range(start, stop, HAND):
        last = min(first + HAND, stop)
        if not any_ordered(group, first, last):
            continue
        for j in range(first, last):
            if group.selling[j] == 0:
                continue
            proceeds[:] = 0
            for slot in range(group.order.shape[0]):
                if group.order[slot, j] == 0:
                    continue
                place = _place_of(group.standing[slot, j])
                if second_stage == 0 or _has_second_stage(group, j, place, law):
                    _fill_one(group, j, slot, quotes, law, tally, proceeds[place])
            for place in range(PLACES):
                if proceeds[place, 1] != 0:
                    left = _pay(group, j, place, proceeds[place, 0], law, today, tally.flows)
                    tally.tills[TILL_LENDERS] += proceeds[place, 0] - left
                    group.cash_won[j] += left
                    cash = group.cash_won[j]
                    _book_residual(group, j, place, quotes, tally)
                    tally.tills[TILL_LENDERS] += cash - group.cash_won[j]


def _place_of(standing: int) -> int:
    """Which loans a holding's proceeds pay: those of its pool, or unsettled purchases."""
    return UNSETTLED_PLACE if standing == Standing.UNSETTLED else pool_of_holding(standing)


def _fill_one(
    group: Borrowing, j: int, slot: int, quotes: Quotes, law: LawTable, tally: SaleTally, proceeds: np.ndarray
) -> None:
    """Sell what the auction fills of one order; ``proceeds`` takes the net money and the mark that something sold."""
    instrument = group.instrument[slot, j]
    standing = group.standing[slot, j]
    quantity = filled_quantity(group.order[slot, j], quotes.fill_bps[instrument])
    if quantity == 0:
        return
    gross = quantity * quotes.price[instrument]
    fee_bps = law.unsettled_fee_bps if standing == Standing.UNSETTLED else law.fee_bps
    tax = transaction_tax_won(gross, quotes.tax_bps[instrument])
    fee = fee_won(gross, fee_bps)
    if standing == Standing.CFD:
        close_entry(group, j, instrument, quantity, group.quantity[slot, j])
    group.quantity[slot, j] -= quantity
    group.order[slot, j] -= quantity
    group.ever[j] |= Ever.FORCE_SOLD.value
    proceeds[0] += gross - tax - fee
    proceeds[1] = 1
    tally.filled[instrument] += quantity
    tally.tills[TILL_GOVERNMENT] += tax
    tally.tills[TILL_LENDERS] += fee
    _count_sale(group, j, standing, min(int(quotes.board[instrument]), 1), (gross, tax, fee), tally)


def _count_sale(
    group: Borrowing, j: int, standing: int, board: int, won: tuple[int, int, int], tally: SaleTally
) -> None:
    """Book a sale's gross, tax and fee under their flows, and its gross under who was hit."""
    flows = tally.flows
    gross = won[0]
    flows[GROSS_WON] += gross
    flows[TAX_WON] += won[1]
    flows[FEE_WON] += won[2]
    flows[KOSPI_SOLD_WON + board] += gross
    group.sold_won[j] += gross
    if standing == Standing.UNSETTLED:
        flows[UNSETTLED_SOLD_WON] += gross
    elif standing == Standing.STOCK_LOAN:
        flows[STOCK_LOAN_SOLD_WON] += gross
    elif standing == Standing.PLEDGED:
        flows[PLEDGED_SOLD_WON] += gross
    elif standing == Standing.CFD:
        flows[CFD_SOLD_WON] += gross
    else:
        flows[MARGIN_SOLD_WON] += gross
    tally.who[group.age[j], WHO_SOLD_WON] += gross
    tally.who[AGE_ROWS + group.size[j], WHO_SOLD_WON] += gross
    tally.who[WHO_ROWS - 2 + board, WHO_SOLD_WON] += gross


def _pays_for(kind: int, place: int) -> bool:
    if place == UNSETTLED_PLACE:
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
        if group.loan_kind[loan, j] != LoanKind.CFD:
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
    if group.loan_kind[loan, j] != LoanKind.CFD:
        group.repaid_today_won[loan, j] += repaid
    flows[REPAID_WON] += repaid
    return repaid


def _book_residual(group: Borrowing, j: int, place: int, quotes: Quotes, tally: SaleTally) -> None:
    """When nothing of the place is left to sell: cash repays the broker's loans, the rest becomes residual debt."""
    for slot in range(group.instrument.shape[0]):
        inside = _place_of(group.standing[slot, j]) == place
        if inside and group.quantity[slot, j] > 0 and quotes.domestic[group.instrument[slot, j]] != 0:
            return
    for loan in range(group.loan_kind.shape[0]):
        if not _pays_for(group.loan_kind[loan, j], place):
            continue
        if place == Pool.BROKER:
            group.cash_won[j] -= _repay(group, j, loan, int(group.cash_won[j]), tally.flows)
        owed = group.principal_won[loan, j]
        if owed > 0:
            group.principal_won[loan, j] = 0
            if group.loan_kind[loan, j] != LoanKind.CFD:
                group.repaid_today_won[loan, j] += owed
            group.residual_won[j] += owed
            group.ever[j] |= Ever.RESIDUAL_DEBT.value
            tally.flows[RESIDUAL_WON] += owed
            tally.residual_won[group.financed[loan, j]] += owed
            tally.who[group.age[j], WHO_RESIDUAL_WON] += owed
            tally.who[AGE_ROWS + group.size[j], WHO_RESIDUAL_WON] += owed
            board = min(int(quotes.board[group.financed[loan, j]]), 1)
            tally.who[WHO_ROWS - 2 + board, WHO_RESIDUAL_WON] += owed
