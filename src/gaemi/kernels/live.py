"""Live: one account through one session whole, in the order of a day: sales due, money in, terms, mark, call, goal."""

import numpy as np

from gaemi.kernels.journey import (
    BEFORE,
    CHECKPOINT,
    CONTRACT,
    EVER_BITS,
    FUND_GAIN,
    NOT_YET,
    NOW,
    OVERSEAS_GAIN,
    SAVING,
    Paper,
    Results,
    Road,
)
from gaemi.kernels.mark import worth_won
from gaemi.kernels.one import call_one, mark_one
from gaemi.kernels.owed import accrued_won
from gaemi.kernels.sell import fill_orders, order_sales
from gaemi.kernels.tables import LawTable, Quotes
from gaemi.outcomes import Ever
from gaemi.records.columns import NEVER, Borrowing, Standing
from gaemi.rules.interest import DAYS_A_YEAR
from gaemi.rules.market import (
    fee_won,
    filled_quantity,
    is_locked_down,
    lower_limit,
    nearest_tick,
    traded_price,
    transaction_tax_won,
    upper_limit,
)
from gaemi.units import BPS, UNIT_BITS, ceil_div, unit_value, won_value

SESSIONS_A_MONTH = 21

EVERY_BIT = 255
"""Of ``ever``, a byte."""


def quote(names: np.ndarray, traded: np.ndarray, won_per_dollar: float, quotes: Quotes) -> None:
    """Set unit values and prices of ``quotes`` from scaled ``traded`` prices and the dollar's rate."""
    rate = int(won_per_dollar * 100.0 + 0.5)
    for i in range(names.size):
        if names[i]["foreign"] != 0:
            quotes.unit[i] = unit_value(traded[i], names[i]["digits"], rate)
            quotes.price[i] = 0
        else:
            quotes.unit[i] = traded[i] << UNIT_BITS
            quotes.price[i] = traded[i]


def trade_freely(road: Road, latent: np.ndarray, traded: np.ndarray) -> None:
    """Traded prices of latent ones where no limit is near: to the tick."""
    for i in range(road.names.size):
        traded[i] = nearest_tick(latent[i], road.tick_below[i], road.tick_size[i])


def trade_bounded(road: Road, paper: Paper) -> bool:
    """Traded prices of today's latent ones, within the limits of the close before, and what of a sale fills.

    Returns whether a limit keeps some name from its latent price: then the next session begins from the limit.
    """
    held_back = False
    for i in range(road.names.size):
        below, size, limit = road.tick_below[i], road.tick_size[i], road.names[i]["limit_bps"]
        latent = paper.latent[NOW, i]
        price = nearest_tick(latent, below, size)
        paper.now.fill_bps[i] = BPS
        if limit != 0:
            free = price
            lower = lower_limit(paper.traded[BEFORE, i], limit, below, size)
            upper = upper_limit(paper.traded[BEFORE, i], limit, below, size)
            price = traded_price(latent, lower, upper, below, size)
            held_back |= price != free
            if is_locked_down(price, lower):
                paper.now.fill_bps[i] = road.setting[0]["locked_fill_bps"]
        paper.traded[NOW, i] = price
    return held_back


def is_held_back(road: Road, latent: np.ndarray, traded: np.ndarray) -> bool:
    """Whether some name did not trade at its latent price: then the next session begins from where it did."""
    for i in range(road.names.size):
        if traded[i] != nearest_tick(latent[i], road.tick_below[i], road.tick_size[i]):
            return True
    return False


def live_day(
    group: Borrowing, row: int, variant: int, session: int, road: Road, results: Results, law: LawTable, paper: Paper
) -> None:
    """Take ``row`` through ``session``, whose quotes stand on the paper; note what happens for the first time."""
    today = road.days[session]["ordinal"]
    before = group.ever[row]
    note_closed(group, row, road, paper)
    if is_due(group, row, session):
        sell_due(group, row, session, today, results, law, paper)
    event = road.days[session]["event"] & road.variants[variant]["events"]
    if event & SAVING:
        save(group, row, variant, session, road, results, paper.now)
    if is_term(group, row, today):
        keep_terms(group, row, today, road, results, law, paper)
    mark_one(group, row, paper.now, law, today)
    call_one(group, row, paper.now, law, session, road.setting[0]["seed"])
    news = group.ever[row] & ~before
    for bit in range(EVER_BITS):
        if (news >> bit) & 1:
            results.first_day[bit, row] = session
    goal = road.variants[variant]["goal_won"]
    if goal > 0 and group.ever[row] & Ever.WIPED_OUT.value == 0:
        left = after_costs_won(group, row, road, results, law, session, paper.now)
        if left >= goal:
            results.rows[row]["graduated"] = session
            results.rows[row]["end_won"] = left
    if event & CHECKPOINT and results.rows[row]["graduated"] == NOT_YET:
        place = road.days[session]["checkpoint"]
        results.worth_won[place, row] = after_costs_won(group, row, road, results, law, session, paper.now)


def note_closed(group: Borrowing, row: int, road: Road, paper: Paper) -> None:
    """A position that its venue closed today was sold by force."""
    for slot in range(group.quantity.shape[0]):
        i = group.instrument[slot, row]
        gone = paper.traded[NOW, i] == 0 and paper.traded[BEFORE, i] > 0
        if road.names[i]["kind"] == CONTRACT and gone and group.quantity[slot, row] > 0:
            group.ever[row] |= Ever.FORCE_SOLD.value


def has_clock(group: Borrowing, row: int) -> bool:
    """Whether a call of the account runs or an order of it stands."""
    return bool(group.sale_day[0, row] != NEVER or group.sale_day[1, row] != NEVER or group.selling[row] != 0)


def is_due(group: Borrowing, row: int, session: int) -> bool:
    """Whether a sale of the account falls due on a session, or an order of it stands."""
    due = group.selling[row] != 0
    for pool in range(group.sale_day.shape[0]):
        due |= (group.sale_day[pool, row] != NEVER) & (group.sale_day[pool, row] <= session)
    return bool(due)


def is_term(group: Borrowing, row: int, today: int) -> bool:
    """Whether a loan of the account has reached its term."""
    reached = False
    for loan in range(group.loan_kind.shape[0]):
        reached |= (group.principal_won[loan, row] != 0) & (group.due[loan, row] <= today)
    return bool(reached)


def sell_due(
    group: Borrowing, row: int, session: int, today: int, results: Results, law: LawTable, paper: Paper
) -> None:
    """Forced sales due at this session's open, and the second stage of firms that have one."""
    slots = group.quantity.shape[0]
    for slot in range(slots):
        paper.held[slot] = group.quantity[slot, row]
    for stage in range(1 + int(law.second_stage[group.firm[row]] != 0)):
        quotes = paper.before if stage == 0 else paper.now
        order_sales(group, quotes, law, session, stage, paper.tally, row, row + 1)
        fill_orders(group, paper.now, law, today, stage, paper.tally, row, row + 1)
    keep_basis(group, row, results, paper)


def keep_basis(group: Borrowing, row: int, results: Results, paper: Paper) -> None:
    """What is left of a holding keeps its share of the cost."""
    for slot in range(group.quantity.shape[0]):
        left = group.quantity[slot, row]
        if left != paper.held[slot]:
            results.basis_won[slot, row] = results.basis_won[slot, row] * left // paper.held[slot]


def save(group: Borrowing, row: int, variant: int, session: int, road: Road, results: Results, quotes: Quotes) -> None:
    """A month begins: cash earns its interest, the month's saving comes in and buys whole units where it is told to."""
    told, setting, mine = road.variants[variant], road.setting[0], results.rows[row]
    if setting["cash_bps"] != 0:
        days = road.days[session]["ordinal"] - road.days[max(0, session - SESSIONS_A_MONTH)]["ordinal"]
        group.cash_won[row] += group.cash_won[row] * setting["cash_bps"] * days // (DAYS_A_YEAR * BPS)
    saving = told["saving_won"]
    if saving == 0:
        return
    group.cash_won[row] += saving
    group.peak_account_won[row] += saving
    group.peak_investor_won[row] += saving
    mine["put_in_won"] += saving
    slot = told["saving_slot"]
    if slot < 0:
        return
    purse = mine["purse_won"] + saving
    instrument = group.instrument[slot, row]
    fee_bps = road.names[instrument]["fee_bps"]
    one = max(1, ceil_div(quotes.unit[instrument] * (BPS + fee_bps), BPS << UNIT_BITS))
    quantity = purse // one
    paid = won_value(quantity, quotes.unit[instrument])
    paid += fee_won(paid, fee_bps)
    group.quantity[slot, row] += quantity
    group.cash_won[row] -= paid
    results.basis_won[slot, row] += paid
    mine["purse_won"] = purse - paid


def keep_terms(
    group: Borrowing, row: int, today: int, road: Road, results: Results, law: LawTable, paper: Paper
) -> None:
    """Loans that reach their term: interest is paid from cash, or joins the loan; the loan is extended or repaid."""
    for loan in range(group.loan_kind.shape[0]):
        if group.principal_won[loan, row] == 0 or group.due[loan, row] > today:
            continue
        if road.terms[loan]["rolls"] == 0:
            repay_at_term(group, row, loan, today, results, law, paper)
            continue
        interest = accrued_won(group, loan, row, law, today)
        paid = min(interest, max(0, int(group.cash_won[row])))
        group.cash_won[row] -= paid
        group.principal_won[loan, row] += interest - paid
        group.settled_won[loan, row] += interest - paid
        group.interest_from[loan, row] = today
        while group.due[loan, row] <= today:
            group.due[loan, row] += road.terms[loan]["days"]


def repay_at_term(
    group: Borrowing, row: int, loan: int, today: int, results: Results, law: LawTable, paper: Paper
) -> None:
    """The investor repays from cash and sells what the loan financed for the rest: no forced sale, though sold.

    Other loans of the pool are left alone. What an auction does not fill, or the sale does not bring, stays owed and is
    tried again on the next session.
    """
    interest = accrued_won(group, loan, row, law, today)
    owed = group.principal_won[loan, row] + interest
    paid = min(owed, max(0, int(group.cash_won[row])))
    group.cash_won[row] -= paid
    group.principal_won[loan, row] = owed - paid
    group.interest_from[loan, row] = today
    slot = slot_of(group, row, group.financed[loan, row])
    if owed == paid or slot < 0:
        return
    instrument, held = group.instrument[slot, row], group.quantity[slot, row]
    price, tax_bps = int(paper.now.price[instrument]), paper.now.tax_bps[instrument]
    if price == 0:
        return
    wanted = min(held, ceil_div((owed - paid) * BPS, price * (BPS - tax_bps - law.fee_bps)))
    sold = filled_quantity(wanted, paper.now.fill_bps[instrument])
    gross = sold * price
    net = gross - transaction_tax_won(gross, tax_bps) - fee_won(gross, law.fee_bps)
    back = min(net, owed - paid)
    group.quantity[slot, row] = held - sold
    group.principal_won[loan, row] -= back
    group.cash_won[row] += net - back
    results.basis_won[slot, row] = results.basis_won[slot, row] * (held - sold) // held


def slot_of(group: Borrowing, row: int, instrument: int) -> int:
    """Slot of the largest holding of ``instrument`` in the account that a sale can reach, -1 where there is none."""
    best = -1
    for slot in range(group.quantity.shape[0]):
        inside = group.instrument[slot, row] == instrument and group.standing[slot, row] != Standing.ELSEWHERE
        if inside and group.quantity[slot, row] > (0 if best < 0 else group.quantity[best, row]):
            best = slot
    return best


def after_costs_won(
    group: Borrowing, row: int, road: Road, results: Results, law: LawTable, session: int, quotes: Quotes
) -> int:
    """What would be left of the person's wealth after selling everything today: fees, taxes and loans paid.

    Source: the securities transaction tax and the taxes on gains of the law of the day (market.yaml, tax.yaml).
    """
    setting = road.setting[0]
    left = worth_won(group, row, quotes, law, road.days[session]["ordinal"])[1]
    abroad = 0
    for slot in range(group.quantity.shape[0]):
        quantity = group.quantity[slot, row]
        if quantity == 0:
            continue
        name = road.names[group.instrument[slot, row]]
        value = won_value(quantity, quotes.unit[group.instrument[slot, row]])
        left -= fee_won(value, name["fee_bps"]) + transaction_tax_won(value, name["tax_bps"])
        gain = value - results.basis_won[slot, row]
        if name["gain_class"] == FUND_GAIN:
            left -= max(0, gain) * setting["fund_gain_bps"] // BPS
        elif name["gain_class"] == OVERSEAS_GAIN:
            abroad += gain
    left -= max(0, abroad - setting["overseas_free_won"]) * setting["overseas_gain_bps"] // BPS
    return int(left)
