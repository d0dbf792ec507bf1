"""A day of coins, step by step: coins never close, and neither do the loans against them.

At each step loan accounts are tested at its prices; who is at the ratio is closed there and then, and all that is sold
and bought back in the step moves the prices of its sales once. At the day's end, at 00:00 UTC, every account is valued
once. Money and coins have a ledger of their own, and the audit counts both afresh every day.
"""

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from gaemi.kernels import coins as kernel
from gaemi.law.lawbook import LawBook
from gaemi.market.coin_paths import CoinPath
from gaemi.market.impact import FlowState, ImpactLaw
from gaemi.records.coins import COIN_AGE_BANDS, COIN_SIZE_BANDS, CoinInstruments, CoinPopulation
from gaemi.records.ledger import Count, Currency, Difference, Item, Ledger, Sector, audit
from gaemi.rules.coins import COIN_BITS, coin_unit
from gaemi.rules.impact import displacement, price_multiplier
from gaemi.units import BPS
from gaemi.workers import LocalWorkers, Progress, silent

STEPS = ("price", "test loan accounts", "close them", "mark once at the day's end", "audit and tally")
"""A day of coins is the first three of these at each step, and the others at its end."""


@dataclass(slots=True)
class CoinRecord:
    """What a day did. Arrays by size, age and coin as in the tables of columns; won of rows, not of what they stand
    for."""

    date: date
    price_won: np.ndarray  # float64 [coin]
    held_won: np.ndarray  # int64 [size, age, coin]
    emptied: np.ndarray  # int64 [size, age], since the start
    multiplier: np.ndarray  # float64 [coin] what forced sales leave of a price
    sold_won: np.ndarray  # int64 [coin]
    bought_won: np.ndarray  # int64 [coin]
    closed_by_step: np.ndarray  # int64 [step]
    flows: np.ndarray  # int64 [kernels.coins.FLOWS]
    sums: np.ndarray  # int64 [kernels.coins.SUMS]
    premium: float


@dataclass(slots=True)
class CoinWorld:
    """Coin accounts of one scenario on one path: what the steps of a day read and write."""

    book: LawBook
    instruments: CoinInstruments
    population: CoinPopulation
    path: CoinPath
    workers: LocalWorkers
    seed: int
    feedback: bool
    flow: FlowState
    impact: ImpactLaw
    unit: np.ndarray  # int64 [coin] price of a lot now
    accounts: np.ndarray  # int64 [size, age]
    held_plain: np.ndarray  # int64 [coin] lots of spot accounts, which no step changes
    cash_plain_won: int
    held_now: np.ndarray  # int64 [coin] lots of loan accounts, as sales say
    owed_now: np.ndarray  # int64 [coin] lots owed, as sales say
    rest: np.ndarray  # int64 [coin] lots of everybody else
    emptied: np.ndarray
    sold_won: np.ndarray  # int64 [coin] by force, today
    bought_won: np.ndarray
    tills: dict[Sector, int]
    ledger: Ledger = field(default_factory=Ledger)
    records: list[CoinRecord] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def weight(self) -> int:
        return self.population.weight

    def multiplier(self, extra_won: np.ndarray) -> np.ndarray:
        """What forced sales so far and ``extra_won`` (int64 [coin], sales below 0) leave of each price."""
        if not self.feedback:
            return np.ones(len(self.instruments.ticker))
        pressed = self.flow.pressure(self.impact, extra_won, at_auction=False)
        return np.array(
            [
                price_multiplier(
                    displacement(cumulative, recent, self.impact.coefficient, spread, self.impact.permanent_share)
                )
                for cumulative, recent, spread in zip(
                    pressed.cumulative, pressed.recent, pressed.volatility, strict=True
                )
            ]
        )

    def units_at(self, step: int, multiplier: np.ndarray) -> np.ndarray:
        """Prices of a lot at a step of the path, with what sales leave of them: int64 [coin]."""
        price = self.instruments.price_won * self.path.price[step] * multiplier
        pairs = zip(price, self.instruments.lot_digits, strict=True)
        return np.array([coin_unit(float(won), int(digits)) for won, digits in pairs], dtype=np.int64)


def coin_terms(book: LawBook, today: date) -> kernel.CoinTerms:
    """The terms of loans and trades in force on the day, the fee no higher than its cap."""
    lenders = book.keys("coin_lender")

    def by_lender(name: str) -> np.ndarray:
        return np.array([int(book.value(f"coin_loan.{name}", today, key)) for key in lenders], dtype=np.int64)

    fee = np.minimum(by_lender("fee"), int(book.value("coin_loan.fee_cap", today)))
    trade = int(book.value("coins.fee", today))
    return kernel.CoinTerms(by_lender("forced_sale_ratio"), by_lender("warning_ratio"), fee, trade, today.toordinal())


def begin_coins(
    book: LawBook, on: date, instruments: CoinInstruments, population: CoinPopulation, path: CoinPath,
    workers: LocalWorkers, seed: int = 0, feedback: bool = True,
) -> CoinWorld:  # fmt: skip
    """The world before its first day: a copy of what a scenario writes, its ledger opened, all valued at the start.

    With ``feedback`` forced sales move prices; on recorded prices, in which they are already, leave it out. The record
    of the start is ``records[0]``.
    """
    coins, shape = len(instruments.ticker), (len(COIN_SIZE_BANDS), len(COIN_AGE_BANDS))
    own = population.copy_for_scenario()
    accounts, lots, cash = np.zeros(shape, np.int64), np.zeros(coins, np.int64), np.zeros(1, np.int64)
    workers.each(kernel.count_coins, own.plain, out=[accounts, lots, cash])
    impact = ImpactLaw(
        float(book.value("coins.impact_coefficient", on)), int(book.value("coins.permanent_share", on)) / BPS,
        int(book.value("coins.decay_a_day", on)) / BPS, np.full(coins, BPS, np.int64),
    )  # fmt: skip
    world = CoinWorld(
        book, instruments, own, path, workers, seed, feedback,
        FlowState(instruments.turnover_won.astype(np.int64), instruments.volatility), impact,
        instruments.price.copy(), accounts, lots, int(cash[0]), np.zeros(coins, np.int64), np.zeros(coins, np.int64),
        np.zeros(coins, np.int64), np.zeros(shape, np.int64), np.zeros(coins, np.int64), np.zeros(coins, np.int64),
        {Sector.LENDERS: 0, Sector.MARKET: 0, Sector.OUTSIDE: 0, Sector.GOVERNMENT: 0},
    )  # fmt: skip
    sums, world.owed_now, world.held_now = _mark_loans(world, coin_terms(book, on))
    world.rest = instruments.issued - world.held_plain - world.held_now
    assert (instruments.issued >= (world.held_plain + world.held_now) * world.weight).all(), (
        "no more coins are held than were issued"
    )
    world.ledger.open(Sector.INVESTORS, Item.CASH, world.cash_plain_won + int(sums[kernel.CASH_WON]))
    world.ledger.lend(int(sums[kernel.OWED_WON]))
    world.ledger.post(Item.RESIDUAL, Sector.INVESTORS, Sector.LENDERS, int(sums[kernel.RESIDUAL_SUM_WON]))
    _tally(world, on, sums, kernel.coin_tally(coins), np.zeros(0, np.int64), 0)
    return world


def coin_day(world: CoinWorld, day: int) -> CoinRecord:
    """Run day ``day`` (1 to ``path.days``) of the world: its steps, the mark at its end, audit and record."""
    today = world.path.date_of(day)
    terms = coin_terms(world.book, today)
    whole = kernel.coin_tally(len(world.instruments.ticker))
    world.sold_won, world.bought_won = np.zeros_like(whole.sold), np.zeros_like(whole.bought)
    closed = np.zeros(world.path.steps_a_day, np.int64)
    for place, step in enumerate(world.path.steps_of(day)):
        tally = _step(world, step, terms)
        if tally is None:
            continue
        for total, part in zip(whole, tally, strict=True):
            total += part
        closed[place] = tally.flows[kernel.CLOSED]
    last = world.path.steps_of(day)[-1]
    world.unit = world.units_at(last, world.multiplier(np.zeros_like(whole.sold)))
    sums, owed, lots = _mark_loans(world, terms)
    record = _tally(world, today, sums, whole, closed, last)
    record.sold_won, record.bought_won = world.sold_won, world.bought_won
    _audit(world, sums, owed, lots, last)
    world.flow.next_session(world.impact)
    return record


def run_coins(world: CoinWorld, progress: Progress = silent, label: str = "exchange accounts") -> CoinWorld:
    """Run the days of the world's path that it has not run; an audit that fails is our mistake."""
    for day in range(len(world.records), world.path.days + 1):
        progress(label, day - 1, world.path.days)
        coin_day(world, day)
        assert not world.differences, f"every won and coin is accounted for, was {world.differences[:3]}"
    progress(label, world.path.days, world.path.days)
    return world


def _step(world: CoinWorld, step: int, terms: kernel.CoinTerms) -> kernel.CoinTally | None:
    """Test loan accounts at the prices of a step and close those that reach the ratio, again until none does.

    Each round sells into the prices that the rounds before left, so that a cascade ends in the step in which it
    began, however long that step is. None where nobody is closed.
    """
    if not world.population.borrowing:
        return None
    whole = kernel.coin_tally(len(world.instruments.ticker))
    trades = (1 - world.path.halted[step]).astype(np.uint8)
    loans, run = world.population.borrowing, world.workers.each
    while True:
        orders, tally = kernel.coin_tally(whole.sold.size), kernel.coin_tally(whole.sold.size)
        unit = world.units_at(step, world.multiplier(np.zeros_like(whole.sold)))
        run(kernel.order_closing, loans, unit, trades, terms, out=[orders])
        if not orders.flows[kernel.CLOSED]:
            return whole if whole.flows[kernel.CLOSED] else None
        flow = (_won(orders.bought, unit) - _won(orders.sold, unit)) * world.weight
        unit = world.units_at(step, world.multiplier(flow))
        run(kernel.close_accounts, loans, unit, trades, terms, out=[tally])
        world.flow.add((_won(tally.bought, unit) - _won(tally.sold, unit)) * world.weight)
        world.sold_won += _won(tally.sold, unit)
        world.bought_won += _won(tally.bought, unit)
        world.held_now = world.held_now - tally.sold
        world.owed_now = world.owed_now - tally.bought
        world.rest = world.rest + tally.sold
        _post(world, tally.flows)
        for total, part in zip(whole, tally, strict=True):
            total += part


def _won(lots: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Won of lots by coin, for flows: int64 [coin]; sums may be larger than 63 bits hold."""
    return np.array(
        [(int(each) * int(price)) >> COIN_BITS for each, price in zip(lots, unit, strict=True)], dtype=np.int64
    )


def _post(world: CoinWorld, flows: np.ndarray) -> None:
    """Post what closing moved, and carry the tills of those who are no investors."""
    won = [int(amount) for amount in flows]
    gross, spent, repaid, unpaid = (
        won[at] for at in (kernel.GROSS_WON, kernel.SPENT_WON, kernel.REPAID_WON, kernel.RESIDUAL_WON)
    )
    fees = won[kernel.TRADE_FEE_WON] + won[kernel.LOAN_FEE_WON]
    post = world.ledger.post
    post(Item.CASH, Sector.MARKET, Sector.INVESTORS, gross)
    post(Item.CASH, Sector.INVESTORS, Sector.MARKET, spent)
    post(Item.CASH, Sector.INVESTORS, Sector.LENDERS, fees + repaid)
    post(Item.CASH, Sector.LENDERS, Sector.INVESTORS, unpaid)
    post(Item.LOANS, Sector.LENDERS, Sector.INVESTORS, repaid)
    post(Item.RESIDUAL, Sector.INVESTORS, Sector.LENDERS, unpaid)
    world.tills[Sector.MARKET] += spent - gross
    world.tills[Sector.LENDERS] += fees + repaid - unpaid


def _mark_loans(world: CoinWorld, terms: kernel.CoinTerms) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums over loan accounts at the prices, lots owed and lots held by coin."""
    coins = len(world.instruments.ticker)
    sums, owed, lots = np.zeros(kernel.SUMS, np.int64), np.zeros(coins, np.int64), np.zeros(coins, np.int64)
    world.workers.each(kernel.mark_loans, world.population.borrowing, world.unit, terms, out=[sums, owed, lots])
    return sums, owed, lots


def _tally(
    world: CoinWorld, today: date, sums: np.ndarray, tally: kernel.CoinTally, closed: np.ndarray, step: int
) -> CoinRecord:
    """Value all spot accounts once, and put the day on record."""
    coins = len(world.instruments.ticker)
    held = np.zeros((*world.accounts.shape, coins), np.int64)
    emptied = np.zeros_like(world.emptied)
    world.workers.each(kernel.mark_coins, world.population.plain, world.unit, out=[held, emptied])
    world.emptied += emptied
    nothing = np.zeros(coins, np.int64)
    multiplier = world.multiplier(nothing)
    price = world.instruments.price_won * world.path.price[step] * multiplier
    record = CoinRecord(
        today, price, held, world.emptied.copy(), multiplier, nothing, nothing, closed, tally.flows, sums,
        float(world.path.premium[step]),
    )  # fmt: skip
    world.records.append(record)
    return record


def _audit(world: CoinWorld, sums: np.ndarray, owed: np.ndarray, lots: np.ndarray, step: int) -> None:
    """Count every won and every lot afresh and set the sums beside the ledger."""
    won = {(sector, item): 0 for sector in Sector for item in Item}
    spot, cash = np.zeros_like(lots), np.zeros(1, np.int64)
    world.workers.each(kernel.count_coins, world.population.plain, out=[np.zeros_like(world.accounts), spot, cash])
    won[Sector.INVESTORS, Item.CASH] = int(cash[0]) + int(sums[kernel.CASH_WON])
    for item, at in ((Item.LOANS, kernel.OWED_WON), (Item.RESIDUAL, kernel.RESIDUAL_SUM_WON)):
        won[Sector.INVESTORS, item], won[Sector.LENDERS, item] = -int(sums[at]), int(sums[at])
    for sector, till in world.tills.items():
        won[sector, Item.CASH] = till
    money = {(sector, Currency.WON, item): amount for (sector, item), amount in won.items()}
    money |= {(sector, Currency.DOLLAR, item): 0 for sector in Sector for item in Item}
    minted = np.floor(world.path.minted[step]).astype(np.int64) * 10 ** world.instruments.lot_digits.astype(np.int64)
    issued = world.instruments.issued + minted
    count = Count(money, spot + lots, world.rest, minted, issued)
    world.differences += audit(world.ledger, count, world.instruments.ticker)
    for row in np.flatnonzero(owed != world.owed_now):
        place = f"lots of {world.instruments.ticker[row]} owed"
        world.differences.append(Difference(place, int(world.owed_now[row]), int(owed[row])))
