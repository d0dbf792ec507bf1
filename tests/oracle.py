"""A slow, plain, exact day of one borrowing account, written from the day's rules and from nothing else.

Whole numbers and fractions only; lists of small records instead of columns; no rule or kernel of gaemi is called, only
the draws of :mod:`gaemi.chance`, which have published vectors of their own. Kernels must agree with it to the won.
"""

from fractions import Fraction
from math import ceil, floor

from oracle_records import (
    BROKER,
    CALLED,
    ELSEWHERE,
    EMPTIED,
    FINANCED,
    FORCE_SOLD,
    LENDER,
    LOAN_MARGIN,
    LOAN_PLEDGED,
    LOAN_STOCK,
    LOAN_UNSETTLED,
    LOANS,
    NEVER,
    OTHER,
    PURCHASES,
    RESIDUAL_DEBT,
    STANDINGS,
    STOCK_LOAN,
    UNSETTLED,
    WIPED_OUT,
    ZEROED,
    Account,
    Flows,
    Holding,
    Law,
    Loan,
    Market,
    Names,
)

from gaemi.chance import UNPAID, WAIVER, word


def run_day(account: Account, law: Law, market: Market, session: int, today: int, seed: int) -> Flows:
    """Move ``account`` through session ``session`` on the date with ordinal ``today``; returns what flowed."""
    flows = Flows()
    names = market.names
    due = [pool for pool in (BROKER, LENDER) if NEVER != account.sale_day[pool] <= session]
    for holding in account.holdings:
        holding.order = 0  # an order is of one morning; what waited since yesterday is computed anew
    for pool in due:
        order_pool(account, pool, law, names, market.before, second=False)
    order_unpaid(account, law, names, market.before, today, seed, flows)
    flows.ordered = sum(holding.order for holding in account.holdings)
    fill(account, law, names, market.auction, market.fill, today, flows)
    if BROKER in due and law.second_stage[account.firm]:
        order_pool(account, BROKER, law, names, market.auction, second=True)
        fill(account, law, names, market.close, market.fill_at_close, today, flows, only=BROKER)
    mark(account, law, names, market.close, today)
    call(account, law, market, session, due, seed, flows)
    settle(account)
    return flows


def value_of(quantity: int, unit: int) -> int:
    """Whole won, halves up."""
    return floor(Fraction(quantity * unit, 1024) + Fraction(1, 2))


def rate_of(holding: Holding, law: Law, names: Names) -> int:
    if not names.domestic[holding.instrument]:
        return law.overseas_rate
    if names.halted[holding.instrument]:
        return law.halted_rate
    return law.substitute_rate if holding.standing == OTHER else law.financed_rate


def in_pool(account: Account, pool: int) -> list[Holding]:
    return [holding for holding in account.holdings if holding.standing in STANDINGS[pool]]


def debt_of(account: Account, pool: int) -> int:
    return sum(loan.principal for loan in account.loans if loan.kind in LOANS[pool])


def collateral_of(account: Account, pool: int, law: Law, names: Names, unit: list[int]) -> int:
    total = 0
    for holding in in_pool(account, pool):
        rate = Fraction(rate_of(holding, law, names), 10_000)
        total += floor(value_of(holding.quantity, unit[holding.instrument]) * rate)
    if pool == BROKER:
        total += floor(account.cash * Fraction(law.cash_rate, 10_000))
    return total


def maintenance_of(account: Account, pool: int, law: Law) -> Fraction:
    return Fraction(law.maintenance[account.firm] if pool == BROKER else law.stock_loan_maintenance, 10_000)


def order_pool(account: Account, pool: int, law: Law, names: Names, unit: list[int], second: bool) -> None:
    """Quantities by the firm's convention, at the prices in ``unit``: yesterday's close, or the auction's."""
    value = collateral_of(account, pool, law, names, unit)
    debt = debt_of(account, pool)
    m = maintenance_of(account, pool, law)
    for holding in in_pool(account, pool):
        holding.order = 0
    if value >= m * debt:
        return
    convention = law.convention[account.firm] if pool == BROKER else "C"
    cost = law.cost[account.firm] if pool == BROKER else 0

    def discount_of(holding: Holding) -> int:
        if pool == LENDER:
            return law.stock_loan_discount
        return law.second_discount if second else law.discount[account.firm][names.group[holding.instrument]]

    def rank(holding: Holding) -> tuple[int, int, int]:
        first = 0 if holding.standing in (FINANCED, STOCK_LOAN) else 1
        return first, -value_of(holding.quantity, unit[holding.instrument]), holding.instrument

    queue = [
        h for h in in_pool(account, pool)
        if h.quantity > 0 and names.domestic[h.instrument] and not names.halted[h.instrument]
    ]  # fmt: skip
    queue.sort(key=rank)
    if not queue:
        return
    missing = m * debt - value
    if convention == "D":
        # Which discount counts for the account is not said where names differ: that of the first to be sold.
        missing = m * debt - value * (1 - Fraction(discount_of(queue[0]), 10_000))
    for holding in queue:
        price = unit[holding.instrument] // 1024
        d = Fraction(discount_of(holding), 10_000)
        s = Fraction(rate_of(holding, law, names), 10_000)
        if convention == "A":
            relief = m - s
        elif convention == "C":
            proceeds = m * (1 - d) * (1 - Fraction(cost, 10_000))
            relief = Fraction(floor(proceeds * 10**8), 10**8) - s
        else:
            relief = (m - s) * (1 - d)
        relief *= price
        if relief <= 0:
            holding.order = holding.quantity
            continue
        holding.order = min(holding.quantity, ceil(max(missing, Fraction(0)) / relief))
        if holding.order < holding.quantity:
            return
        missing -= holding.order * relief


def order_unpaid(
    account: Account, law: Law, names: Names, unit: list[int], today: int, seed: int, flows: Flows
) -> None:
    """Purchases past their settlement date are paid from outside or sold."""
    for slot, loan in enumerate(account.loans):
        if loan.kind != LOAN_UNSETTLED or loan.principal == 0 or loan.due >= today:
            continue
        bought = [
            h for h in account.holdings if (h.standing, h.instrument) == (UNSETTLED, loan.financed) and h.quantity
        ]
        if not bought:
            continue
        luck = Fraction(2 * word(seed, 0, UNPAID, 0, account.investor, slot) + 1, 2**33)
        if luck >= Fraction(law.unpaid_share, 10_000):
            flows.money_in += loan.principal
            flows.repaid += loan.principal
            loan.repaid_today += loan.principal
            loan.principal = 0
            bought[0].standing = ELSEWHERE
        elif not names.halted[loan.financed]:
            at = (unit[loan.financed] // 1024) * (1 - Fraction(law.unsettled_discount, 10_000))
            bought[0].order = min(bought[0].quantity, ceil(loan.principal / at))


def fill(
    account: Account,
    law: Law,
    names: Names,
    unit: list[int],
    share: list[int],
    today: int,
    flows: Flows,
    only: int | None = None,
) -> None:
    """An auction fills a part of each order; proceeds pay tax, fee, interest, principal, in that order."""
    for pool, kinds, standings in (
        (BROKER, LOANS[BROKER], STANDINGS[BROKER]),
        (LENDER, LOANS[LENDER], STANDINGS[LENDER]),
        (PURCHASES, (LOAN_UNSETTLED,), (UNSETTLED,)),
    ):
        if only is not None and pool != only:
            continue
        money, traded = 0, False
        members = [holding for holding in account.holdings if holding.standing in standings]
        for holding in members:
            filled = floor(holding.order * Fraction(share[holding.instrument], 10_000))
            if filled == 0:
                continue
            gross = filled * (unit[holding.instrument] // 1024)
            tax = floor(gross * Fraction(names.tax[holding.instrument], 10_000))
            fee = floor(gross * Fraction(law.unsettled_fee if pool == PURCHASES else law.fee, 10_000))
            holding.quantity -= filled
            holding.order -= filled
            account.ever |= FORCE_SOLD
            flows.gross += gross
            flows.tax += tax
            flows.fee += fee
            money += gross - tax - fee
            traded = True
        if not traded:
            continue
        loans = [loan for loan in account.loans if loan.kind in kinds]
        account.cash += pay(loans, money, law, today, flows)
        left = any(holding.quantity > 0 and names.domestic[holding.instrument] for holding in members)
        if not left:
            close_pool(account, loans, pool == BROKER, flows)


def pay(loans: list[Loan], money: int, law: Law, today: int, flows: Flows) -> int:
    """Interest of every loan, then principal of every loan; returns what is left over."""
    for loan in loans:
        if loan.principal == 0:
            continue
        interest = accrued(loan, law, today)
        paid = min(interest, money)
        money -= paid
        flows.interest += paid
        flows.capitalised += interest - paid
        loan.principal += interest - paid
        loan.settled += interest - paid
        loan.interest_from = max(loan.interest_from, today)
    for loan in loans:
        money -= repay(loan, money, flows)
    return money


def repay(loan: Loan, money: int, flows: Flows) -> int:
    part = min(money, loan.principal)
    loan.principal -= part
    loan.repaid_today += part
    flows.repaid += part
    return part


def close_pool(account: Account, loans: list[Loan], with_cash: bool, flows: Flows) -> None:
    """Nothing is left to sell: cash repays a broker's loans, and what is still owed is residual debt."""
    for loan in loans:
        if with_cash:
            account.cash -= repay(loan, account.cash, flows)
        if loan.principal > 0:
            account.residual += loan.principal
            flows.residual += loan.principal
            loan.repaid_today += loan.principal
            loan.principal = 0
            account.ever |= RESIDUAL_DEBT


def accrued(loan: Loan, law: Law, today: int) -> int:
    """Interest from the date to which it is paid, day by day, floored once."""
    if loan.principal == 0:
        return 0
    held = today - loan.opened

    def bracket(day: int) -> int:
        return next(rate for last, rate in law.interest if day <= last)

    total = 0
    for day in range(loan.interest_from - loan.opened + 1, held + 1):
        if loan.kind == LOAN_MARGIN:
            total += bracket(held if law.retroactive else day)
        else:
            total += {LOAN_PLEDGED: law.pledged_rate, LOAN_STOCK: law.stock_loan_rate}.get(loan.kind, law.overdue_rate)
    return floor(Fraction(loan.principal * total, 365 * 10_000))


def mark(account: Account, law: Law, names: Names, unit: list[int], today: int) -> None:
    """Net worth at the close, peaks, and the flags of those who lost nearly all."""
    inside = outside = 0
    for holding in account.holdings:
        value = value_of(holding.quantity, unit[holding.instrument])
        if holding.standing == ELSEWHERE:
            outside += value
        else:
            inside += value
    owed = sum(loan.principal + accrued(loan, law, today) for loan in account.loans)
    net = account.cash + inside - owed - account.residual
    account.peak_account = max(account.peak_account, net)
    account.peak_investor = max(account.peak_investor, net + outside)
    if account.peak_account > 0 and 10 * net <= account.peak_account:
        account.ever |= EMPTIED
    if account.peak_investor > 0 and 10 * (net + outside) <= account.peak_investor:
        account.ever |= WIPED_OUT
    for pool in (BROKER, LENDER):
        if collateral_of(account, pool, law, names, unit) < debt_of(account, pool):
            account.ever |= ZEROED


def call(account: Account, law: Law, market: Market, session: int, due: list[int], seed: int, flows: Flows) -> None:
    """Test both pools at the close; start, keep, shorten or clear their clocks."""
    luck = Fraction(2 * word(seed, 0, WAIVER, 0, account.investor, 0) + 1, 2**33)
    waived = luck < Fraction(law.waiver_share, 10_000)
    for pool in (BROKER, LENDER):
        debt = debt_of(account, pool)
        if debt == 0:
            clear(account, pool)
            continue
        if pool in due and not any(waits(holding, market.names) for holding in in_pool(account, pool)):
            clear(account, pool)
        value = collateral_of(account, pool, law, market.names, market.close)
        needed = maintenance_of(account, pool, law) * debt
        if value >= needed:
            if law.cleared_on_recovery:
                clear(account, pool)
            continue
        flows.under += debt
        flows.shortfall += ceil(needed - value)
        if pool == BROKER and waived:
            clear(account, pool)
            continue
        sale = session + lag(value, debt, account.firm, pool, law)
        if account.sale_day[pool] == NEVER:
            account.called_day[pool] = session
            account.sale_day[pool] = sale
            account.ever |= CALLED
            flows.called_won += debt
            flows.called += 1
        else:
            account.sale_day[pool] = min(account.sale_day[pool], sale)


def waits(holding: Holding, names: Names) -> bool:
    """An order was not filled, or the name is halted: the sale of its pool is not done."""
    halted = names.domestic[holding.instrument] and names.halted[holding.instrument] and holding.quantity > 0
    return bool(holding.order or halted)


def clear(account: Account, pool: int) -> None:
    account.called_day[pool] = account.sale_day[pool] = NEVER


def lag(value: int, debt: int, firm: int, pool: int, law: Law) -> int:
    """Sessions from call to sale: the last band of the firm's table that the ratio is under."""
    if pool == LENDER:
        return law.stock_loan_lag
    bands = law.clock[firm]
    under = [sessions for band, sessions in bands if Fraction(value, debt) < Fraction(band, 10_000)]
    return under[-1] if under else bands[0][1]


def settle(account: Account) -> None:
    """Trades settle on the second session after the trade."""
    for loan in account.loans:
        loan.settled -= loan.repaid_before
        loan.repaid_before, loan.repaid_yesterday, loan.repaid_today = loan.repaid_yesterday, loan.repaid_today, 0
