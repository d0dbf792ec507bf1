"""One day, in order. ``gaemi law --day`` prints these steps; a run does nothing else.

Each step reads and writes the :class:`~gaemi.world.World`. Rules decide, kernels write columns, the ledger posts.
"""

from datetime import date

import numpy as np

from gaemi.coin_day import coin_day
from gaemi.kernels import call as calling
from gaemi.kernels import sell as selling
from gaemi.kernels import tally as tallying
from gaemi.kernels.cfd import call_contracts
from gaemi.kernels.close import Hour, mark_and_call
from gaemi.kernels.mark import keeps_a_tenth, mark_plain
from gaemi.kernels.peaks import follow_payments
from gaemi.kernels.price import LOCKED_DOWN
from gaemi.kernels.settle import settle_loans
from gaemi.kernels.tables import Quotes
from gaemi.market.clearing import fixed_point
from gaemi.people.purchases import dated, unsettled_purchases
from gaemi.records.columns import has_contracts
from gaemi.records.ledger import Count, Currency, Item, Sector, audit
from gaemi.units import BPS
from gaemi.world import World

ABOVE_ALL_PRICES = 1e12
SETTLEMENT_SESSIONS = 2
SETTLING = [selling.REPAID_WON, selling.RESIDUAL_WON]
"""Flows that leave a loan by a trade, and its settled balance when that settles."""


def overnight(world: World) -> None:
    """The path's return since yesterday's close moves every price to its open; last night's close abroad is in it."""
    world.before = world.quotes(world.price, world.all_filled())
    world.record.flows = np.zeros(selling.FLOWS, np.int64)


def opening_auction(world: World) -> None:
    """Sales due today, their quantities fixed from yesterday's close by law, meet the opening auction once."""
    law, group = world.law.table, world.population.borrowing
    tally, unpaid = selling.sale_tally(world.price.size), world.records[-2].sums[tallying.UNSETTLED_WON] > 0
    world.workers.post(selling.order_sales, group, world.before, law, world.day, 0, out=[tally])
    arguments = (world.before, law, world.today.toordinal(), world.settings.seed)
    if unpaid:
        world.workers.post(follow_payments, group, *arguments, out=[])
        world.workers.post(selling.order_unpaid, group, *arguments, out=[tally])
    world.workers.join()
    if unpaid:
        _book(world, tally)
    ordered = tally.ordered
    world.record.by_name("ordered_lots", ordered)
    world.record.by_name("ordered_won", ordered * world.before.price)
    latent = world.latent(world.path.factor_open[world.day], world.funds.nav)
    price, locked = world.traded(latent, _flow_of_sales(world, ordered), at_auction=True)
    price = _with_funds(world, price, world.path.factor_open[world.day])
    world.record.index_open = world.index_level(price)
    world.auction = world.quotes(price, _fills(world, locked))
    _fill(world, world.auction, second_stage=0)


def session(world: World) -> None:
    """The rest of the day; at the auction's prices second stages compute again, contracts for difference are tested."""
    tally, law = selling.sale_tally(world.price.size), world.law.table
    if world.contracts and law.cfd_within_day:
        called = calling.call_tally(world.price.size)
        group, arguments = world.population.borrowing, (world.auction, law, world.day)
        world.workers.each(call_contracts, group, *arguments, out=[called], where=has_contracts)
        _count_calls(world, called)
    if world.contracts or law.second_stage.any():
        group, stage = world.population.borrowing, (world.auction, law, world.day, 1)
        world.workers.each(selling.order_sales, group, *stage, out=[tally])
    world.ordered = tally.ordered
    world.record.by_name("ordered_at_close_lots", tally.ordered)


def never_close(world: World) -> None:
    """Coins, which never close, run their own steps over their own tables for every day since the last session."""
    coins = world.coins
    if coins is None:
        return
    while (day := len(coins.records)) <= coins.path.days and coins.path.date_of(day) <= world.today:
        coin_day(coins, day)
    world.differences += coins.differences


def close(world: World) -> None:
    """Funds restore their leverage and second-stage orders trade; the clearing price is the greatest fixed point."""
    world.workers.join()
    latent = world.latent(world.path.factor_close[world.day], world.funds.nav)
    waiting = _flow_of_sales(world, world.ordered)

    def cleared(price: np.ndarray) -> np.ndarray:
        return world.traded(latent, waiting + _fund_flow(world, price), at_auction=False)[0]

    price = fixed_point(cleared, world.bound(ABOVE_ALL_PRICES))
    if world.settings.feedback and world.settings.gap:
        least = fixed_point(cleared, world.bound(0.0))
        world.record.clearing_gap = _gap(world, price, least)
    price = _stopped(world, latent, price)
    locked = np.where(price <= world.bound(0.0), LOCKED_DOWN, 0)
    world.flow.add(_fund_flow(world, price))
    _rebalance(world, price)
    world.now = world.quotes(price, _fills(world, locked))
    if world.ordered.any():
        _fill(world, world.now, second_stage=1)
        world.workers.join()
    world.price = price
    world.record.locked_down = int((locked == LOCKED_DOWN).sum())
    world.record.index = world.index_level(price)
    world.flow.next_session(world.law.impact)


def purchases(world: World) -> None:
    """In a replay: purchases that stay unsettled, each session as many won as stood unpaid before it began."""
    if world.settings.unsettled_won == 0 or world.day + SETTLEMENT_SESSIONS >= len(world.path.dates):
        return
    deposit = int(world.book.value("unsettled.deposit", world.today))
    due = world.path.dates[world.day + SETTLEMENT_SESSIONS]
    _buy(world, world.settings.unsettled_won, deposit, due)


def mark(world: World) -> None:
    """Value every account; peaks rise; who lost nine tenths of the peak is noted. Interest is counted to today.

    Borrowers are weighed once for this step and the next.
    """
    if not world.settings.marks:
        return
    total = np.zeros(1, np.int64)
    if world.settings.plain:
        total[0] = _mark_plain(world)
        world.record.wiped_plain = int(world.wiped_by_age.sum())
    world.tested = calling.call_tally(world.price.size)
    arguments = (world.now, world.law.table, Hour(world.day, world.today.toordinal(), world.settings.seed))

    def valued() -> None:
        world.record.net_worth_won = int(total[0])

    world.workers.post(mark_and_call, world.population.borrowing, *arguments, out=[total, world.tested])
    world.workers.after(valued)


def call(world: World) -> None:
    """Test every pool against maintenance: start, keep, shorten or clear its clock."""
    tally = world.tested
    if not world.settings.marks:
        tally = calling.call_tally(world.price.size)
        arguments = (world.now, world.law.table, world.day, world.settings.seed)
        world.workers.post(calling.call_pools, world.population.borrowing, *arguments, out=[tally])
    world.workers.after(lambda: _note_tests(world, tally))


def settle(world: World) -> None:
    """Trades of two sessions ago settle; published balances are settled ones.

    Where no loan was repaid for so long nothing is left to settle; what came with the state is after as many days.
    """
    repaid = sum(int(record.flows[SETTLING].sum()) for record in world.records[-SETTLEMENT_SESSIONS - 1 :])
    if repaid == 0 and world.day > SETTLEMENT_SESSIONS + 1:
        return
    world.workers.post(settle_loans, world.population.borrowing, out=[])


def audit_and_tally(world: World) -> None:
    """Count every won and every share afresh and set the sums beside the ledger."""
    held = np.zeros(world.price.size, np.int64)
    world.workers.each(tallying.sum_borrowing, world.population.borrowing, world.now, out=[held, world.record.sums])
    world.differences += audit(world.ledger, count(world, held, world.record.sums), world.instruments.ticker)


STEPS = (overnight, opening_auction, session, never_close, close, purchases, mark, call, settle, audit_and_tally)
"""A day is these steps, in this order."""

STATE_STEPS = (purchases, mark, call, audit_and_tally)
"""What is done once at the state's close, before the first day."""


def one_day(world: World, day: int) -> None:
    """Run session ``day`` of the world's path."""
    world.enter(day)
    for step in STEPS:
        step(world)


def state_close(world: World) -> None:
    """Value and test all accounts at the state's own close: this sets the first clocks."""
    world.enter(0)
    world.record.flows = np.zeros(selling.FLOWS, np.int64)
    world.now = world.quotes(world.price, world.all_filled())
    world.record.index = world.index_level(world.price)
    for step in STATE_STEPS:
        step(world)


def count(world: World, held: np.ndarray, sums: np.ndarray) -> Count:
    """Fresh sums over the columns of every sector, currency and item, for the audit."""
    principal, residual = int(sums[tallying.PRINCIPAL_WON]), int(sums[tallying.RESIDUAL_SUM_WON])
    won = {(sector, item): 0 for sector in Sector for item in Item}
    won[Sector.INVESTORS, Item.CASH] = world.cash_plain_won + int(sums[tallying.CASH_WON])
    won[Sector.INVESTORS, Item.LOANS], won[Sector.LENDERS, Item.LOANS] = -principal, principal
    won[Sector.INVESTORS, Item.RESIDUAL], won[Sector.LENDERS, Item.RESIDUAL] = -residual, residual
    won[Sector.MARKET, Item.CASH] = world.market_cash_won
    for sector, till in TILLS.items():
        won[sector, Item.CASH] = int(world.tills[till])
    money = {(sector, Currency.WON, item): amount for (sector, item), amount in won.items()}
    money |= {(sector, Currency.DOLLAR, item): 0 for sector in Sector for item in Item}  # no foreign cash is held yet
    created = np.zeros_like(held)
    return Count(money, world.held_plain + held, world.rest, created, world.instruments.issued)


def _mark_plain(world: World) -> int:
    """Mark plain accounts and return what all are worth; where none can have lost nine tenths, marks are put off.

    They do not trade: their worth is a sum over names, and a peak is asked for by nothing but a later loss.
    """
    unit = world.now.unit
    world.highest_unit = np.maximum(world.highest_unit, unit)
    if world.plain_is_sure and keeps_a_tenth(unit, world.highest_unit).all():
        world.put_off = np.vstack((*world.put_off, unit))
        return tallying.plain_worth_won(world.cash_plain_won, world.held_plain, world.tails_plain, unit)
    raise_peaks(world)
    world.plain_marked = True
    wiped, total = np.zeros_like(world.wiped_by_age), np.zeros(1, np.int64)
    world.workers.each(mark_plain, world.population.plain, world.now, out=[wiped, total])
    world.wiped_by_age += wiped
    return int(total[0])


def raise_peaks(world: World) -> None:
    """Make up for the marks of plain accounts that were put off; none of them can bring a loss."""
    for unit in world.put_off:
        world.plain_marked = True
        wiped, total = np.zeros_like(world.wiped_by_age), np.zeros(1, np.int64)
        world.workers.each(mark_plain, world.population.plain, world.now._replace(unit=unit), out=[wiped, total])
        assert not wiped.any(), "a mark is put off only where nobody can have lost nine tenths"
    world.put_off = world.put_off[:0]


def _note_tests(world: World, tally: calling.CallTally) -> None:
    """What a close's tests found, in the day's record."""
    world.record.under_won = int(tally.totals[calling.UNDER_WON])
    world.record.shortfall_won = int(tally.totals[calling.SHORTFALL_WON])
    _count_calls(world, tally)


def _count_calls(world: World, tally: calling.CallTally) -> None:
    """Add new calls to the day's record and to who was hit."""
    world.who += tally.who
    world.record.by_name("called_won", tally.called_won)
    world.record.called_won += int(tally.totals[calling.NEWLY_CALLED_WON])
    world.record.called += int(tally.totals[calling.NEWLY_CALLED])


def _buy(world: World, owed_won: int, deposit_bps: int, due: date) -> None:
    """New buyers take shares from the rest of the market with their own money and what they owe."""
    seed, day = world.settings.seed, world.day
    group = unsettled_purchases(world.instruments, world.now.price, owed_won, deposit_bps, seed, day)
    dated(group, world.today, due)
    lots = np.zeros_like(world.price)
    np.add.at(lots, group.instrument[0], group.quantity[0])
    cost, owed = int((lots * world.now.price).sum()), int(group.principal_won.sum())
    world.workers.append(world.population.borrowing, group)
    world.rest = world.rest - lots
    world.market_cash_won += cost
    world.tills[selling.TILL_OUTSIDE] -= cost - owed
    world.tills[selling.TILL_LENDERS] -= owed
    post = world.ledger.post
    post(Item.CASH, Sector.OUTSIDE, Sector.INVESTORS, cost - owed)
    post(Item.CASH, Sector.LENDERS, Sector.INVESTORS, owed)
    post(Item.LOANS, Sector.INVESTORS, Sector.LENDERS, owed)
    post(Item.CASH, Sector.INVESTORS, Sector.MARKET, cost)


TILLS = {
    Sector.LENDERS: selling.TILL_LENDERS,
    Sector.GOVERNMENT: selling.TILL_GOVERNMENT,
    Sector.OUTSIDE: selling.TILL_OUTSIDE,
}


def _fills(world: World, locked: np.ndarray) -> np.ndarray:
    """Share of a sale order that trades: the law's share where the name is locked at its lower limit, else all."""
    fill = np.where(locked == LOCKED_DOWN, world.law.locked_fill_bps, BPS)
    asked = world.path.forced_fill_bps[world.day]
    fill = np.where((locked == LOCKED_DOWN) & (asked >= 0), asked, fill)
    fill = np.where(world.path.halted[world.day] != 0, 0, fill)
    fill = np.where(np.isin(world.instruments.board, list(world.closed_early)), 0, fill)
    return fill.astype(np.int64)


def _fill(world: World, quotes: Quotes, second_stage: int) -> None:
    """Execute orders; what traded is noted when it is known."""
    tally = selling.sale_tally(world.price.size)
    arguments = (quotes, world.law.table, world.today.toordinal(), second_stage)
    world.workers.post(selling.fill_orders, world.population.borrowing, *arguments, out=[tally])
    world.workers.after(lambda: _note_fills(world, tally, quotes, second_stage))


def _note_fills(world: World, tally: selling.SaleTally, quotes: Quotes, second_stage: int) -> None:
    """Post what moved and give the shares to the rest of the market."""
    sold_won = tally.filled * quotes.price
    world.record.by_name("sold_lots", tally.filled)
    world.record.by_name("sold_won", sold_won)
    world.record.by_name("sold_at_close_won" if second_stage else "sold_at_open_won", sold_won)
    if not second_stage:
        world.record.by_name("unfilled_lots", world.record.names["ordered_lots"] - tally.filled)
    world.record.by_name("unpaid_won", tally.residual_won)
    world.rest += tally.filled
    world.market_cash_won -= int(sold_won.sum())
    world.flow.add(_flow_of_sales(world, tally.filled))
    _book(world, tally)


def _book(world: World, tally: selling.SaleTally) -> None:
    """Add flows to the day's record, to the sectors' tills and to who was hit, and post them to the ledger."""
    world.record.flows += tally.flows
    world.tills += tally.tills
    world.who += tally.who
    post, won = world.ledger.post, [int(amount) for amount in tally.flows]
    post(Item.CASH, Sector.OUTSIDE, Sector.INVESTORS, won[selling.MONEY_IN_WON])
    post(Item.CASH, Sector.MARKET, Sector.INVESTORS, won[selling.GROSS_WON])
    post(Item.CASH, Sector.INVESTORS, Sector.GOVERNMENT, won[selling.TAX_WON])
    post(Item.CASH, Sector.INVESTORS, Sector.LENDERS, won[selling.FEE_WON] + won[selling.INTEREST_WON])
    post(Item.LOANS, Sector.INVESTORS, Sector.LENDERS, won[selling.CAPITALISED_WON])
    post(Item.CASH, Sector.INVESTORS, Sector.LENDERS, won[selling.REPAID_WON])
    post(Item.LOANS, Sector.LENDERS, Sector.INVESTORS, won[selling.REPAID_WON] + won[selling.RESIDUAL_WON])
    post(Item.RESIDUAL, Sector.INVESTORS, Sector.LENDERS, won[selling.RESIDUAL_WON])


def _flow_of_sales(world: World, lots: np.ndarray) -> np.ndarray:
    """Won that sales of ``lots`` bring to market at yesterday's prices, below 0: every row stands for its weight."""
    return -lots * world.before.price * world.population.weight


def _fund_flow(world: World, price: np.ndarray) -> np.ndarray:
    """Won of each name that funds buy (negative: sell) at the close, whole won, by weight in the index."""
    orders = world.funds.orders_won(world.fund_returns(price), world.law.funds)
    flow = np.zeros(price.size)
    for board, weights in world.weights.items():
        if board not in world.closed_early:
            flow += weights * float(orders[world.funds.board == board].sum())
    return np.floor(flow).astype(np.int64)


def _gap(world: World, price: np.ndarray, least: np.ndarray) -> float:
    """How far the greatest and the least clearing prices part, in index, beyond one tick of every name.

    Within a tick there is always more than one fixed point: the square root is steep at 0 and prices are whole ticks.
    """
    tick = (world.law.tick_below <= least[:, None]).argmin(axis=1)
    size = np.take_along_axis(world.law.tick_size, tick[:, None], axis=1)[:, 0]
    upper, lower = world.index_level(price), world.index_level(least + size)
    return max((max(0.0, upper[board] - lower[board]) for board in upper), default=0.0)


def _rebalance(world: World, price: np.ndarray) -> None:
    """Step the funds by what their index did and restore their leverage, except where the market closed early."""
    factor = world.path.factor_close[world.day]
    stepped = world.funds.stepped(world.fund_returns(price), world.law.funds)
    given = world.instruments.price[world.funds.rows] * factor[world.funds.rows]
    for i in np.flatnonzero(~np.isnan(given)):
        stepped.assets_won[i] *= given[i] / stepped.nav[i]
        stepped.nav[i] = given[i]
    after = stepped.rebalanced(world.law.funds)
    stopped = np.isin(world.funds.board, list(world.closed_early))
    after.exposure_won[stopped] = stepped.exposure_won[stopped]
    world.funds = after
    latent = world.latent(factor, world.funds.nav)
    price[world.funds.rows] = world.traded(latent, np.zeros_like(price), False)[0][world.funds.rows]


def _with_funds(world: World, price: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Prices in which funds stand at what their index has done since the last close."""
    stepped = world.funds.stepped(world.fund_returns(price), world.law.funds)
    latent = world.latent(factor, stepped.nav)
    price = price.copy()
    price[world.funds.rows] = world.traded(latent, np.zeros_like(price), False)[0][world.funds.rows]
    return price


def _stopped(world: World, latent: np.ndarray, price: np.ndarray) -> np.ndarray:
    """The circuit breaker's third stage: a board that falls so far closes there, and the rest waits for tomorrow."""
    level, base = world.index_level(price), world.level
    opened = world.record.index_open
    for board in world.weights:
        bound = base[board] * (BPS - world.law.breaker_bps) / BPS
        if level[board] >= bound:
            continue
        here = world.instruments.board == board
        if opened[board] <= bound:
            price = np.where(here, world.auction.price, price)
        else:
            raised = np.where(here, latent * (bound / level[board]), latent)
            flow = _fund_flow(world, price) + _flow_of_sales(world, world.ordered)
            stopped = world.traded(raised, flow, False)[0]
            price = np.where(here, stopped, price)
        world.closed_early.add(board)
    return price
