"""A second route to a day of coins: small random exchanges, closed and valued by hand, agree to the won and the lot."""

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from coin_oracle import BPS, Day, Exchange, Impact, LoanAccount, Spot, Terms, Till, mark, run_day, worst
from hypothesis import given, settings
from hypothesis import strategies as st

import gaemi.workers
from gaemi.answers.coin_measures import coin_outcomes
from gaemi.coin_day import CoinRecord, CoinWorld, begin_coins, coin_day
from gaemi.kernels import coins as kernel
from gaemi.law.lawbook import load
from gaemi.market.coin_paths import CoinPath, coin_shock_path
from gaemi.market.impact import FlowState, ImpactLaw
from gaemi.market.shocks import Shock
from gaemi.outcomes import Outcome, outcome_of
from gaemi.people.coin_instruments import coin_instruments
from gaemi.records.coins import OWES_NONE, CoinPopulation, coin_group, coin_loans
from gaemi.records.ledger import Item, Sector
from gaemi.rules.coins import lots_of
from gaemi.workers import LocalWorkers

ON, LATER = date(2025, 7, 4), date(2025, 7, 21)
BOOK = load()
TABLE = coin_instruments(BOOK, ON)
COINS = len(TABLE.ticker)
LENDERS = BOOK.keys("coin_lender")
FLOWS = ("gross", "spent", "trade_fees", "loan_fees", "repaid", "unpaid", "closed")


@dataclass(frozen=True)
class Case:
    """A population, factors of prices by step and coin, coins that do not trade, and how many stand behind a row."""

    spot: list[Spot]
    loans: list[LoanAccount]
    factors: list[list[float]]
    halted: list[list[bool]]
    weight: int
    feedback: bool


@cache
def law() -> tuple[Terms, Impact]:
    """Terms of the day and the law of impact, read from the law itself."""

    def by_lender(name: str) -> list[int]:
        return [int(BOOK.value(f"coin_loan.{name}", LATER, lender)) for lender in LENDERS]

    cap = int(BOOK.value("coin_loan.fee_cap", LATER))
    fees = [min(cap, fee) for fee in by_lender("fee")]
    terms = Terms(by_lender("forced_sale_ratio"), by_lender("warning_ratio"), fees, int(BOOK.value("coins.fee", LATER)))
    share, decay = (int(BOOK.value(f"coins.{name}", LATER)) / BPS for name in ("permanent_share", "decay_a_day"))
    coefficient = float(BOOK.value("coins.impact_coefficient", LATER))
    turnover, volatility = TABLE.turnover_won.tolist(), TABLE.volatility.tolist()
    nothing = [0] * COINS, [0] * COINS, [0.0] * COINS
    return terms, Impact(coefficient, share, decay, turnover, volatility, *nothing)


@st.composite
def spots(draw: st.DrawFn) -> Spot:
    held = [(coin, draw(st.integers(1, 10**8))) for coin in draw(st.sets(st.integers(0, COINS - 1), max_size=3))]
    return Spot(draw(st.integers(0, 5)), draw(st.integers(0, 4)), draw(st.integers(0, 10**6)), 0, held)


@st.composite
def loan_accounts(draw: st.DrawFn) -> LoanAccount:
    coin, lender, kind = (
        draw(st.integers(0, COINS - 1)),
        draw(st.integers(0, len(LENDERS) - 1)),
        draw(st.integers(0, 3)),
    )
    collateral, times = draw(st.integers(1, 4 * 10**8)), draw(st.integers(1, 9))
    loan, unit = collateral * times, TABLE.price.tolist()
    opened = ON.toordinal() + draw(st.integers(0, 20))
    held, dollar = collateral + loan, TABLE.row("KRW-USDT")
    if kind == 0:  # has bought, owes won
        return LoanAccount(lender, coin, lots_of(held, unit[coin]), draw(st.integers(0, 99)), loan, None, 0, opened)
    if kind == 1:  # has bought, owes dollar coins
        return LoanAccount(lender, coin, lots_of(held, unit[coin]), 0, 0, dollar, lots_of(loan, unit[dollar]), opened)
    if kind == 2:  # has sold what it owes
        return LoanAccount(lender, coin, 0, held, 0, coin, lots_of(loan, unit[coin]), opened)
    return LoanAccount(lender, coin, 0, collateral, loan, None, 0, opened)  # holds won alone, less than it owes


@st.composite
def cases(draw: st.DrawFn, steps: int = 6) -> Case:
    fall = draw(st.sampled_from([0.97, 0.9, 0.7, 1.05, 1.3]))
    wobble = draw(st.lists(st.floats(0.9, 1.1), min_size=COINS, max_size=COINS))
    # However many steps a day has, prices move as far in two days: a holding must not leave 63 bits.
    done = [6 * step / steps for step in range(2 * steps)]
    factors = [[fall ** ((at + 1) / 2) * each**at for each in wobble] for at in done]
    if draw(st.booleans()):
        dead = draw(st.integers(0, COINS - 1))
        factors = [
            [0.0 if coin == dead and step > 2 else f for coin, f in enumerate(row)] for step, row in enumerate(factors)
        ]
    stopped = draw(st.sets(st.integers(0, COINS - 1), max_size=2))
    halted = [[coin in stopped and step < steps for coin in range(COINS)] for step in range(2 * steps)]
    people = draw(st.lists(spots(), max_size=5)), draw(st.lists(loan_accounts(), min_size=1, max_size=8))
    return Case(*people, factors, halted, draw(st.sampled_from([1, 100])), draw(st.booleans()))


def columns_of(case: Case) -> CoinPopulation:
    """The population of a case as columns: one group of spot accounts and one of loan accounts."""
    plain, group = coin_group(len(case.spot), 3), coin_loans(len(case.loans))
    for j, spot in enumerate(case.spot):
        plain.investor[j], plain.size[j], plain.age[j], plain.cash_won[j] = j, spot.size, spot.age, spot.cash
        for slot, (coin, lots) in enumerate(spot.holdings):
            plain.instrument[slot, j], plain.quantity[slot, j] = coin, lots
    for j, each in enumerate(case.loans):
        group.investor[j], group.lender[j], group.opened[j] = j, each.lender, each.opened
        group.instrument[0, j], group.quantity[0, j], group.cash_won[j] = each.coin, each.lots, each.cash
        group.owed_won[j], group.owed_lots[j] = each.owed_won, each.owed_lots
        group.owed[j] = OWES_NONE if each.owed_coin is None else each.owed_coin
    return CoinPopulation([plain], [group], case.weight)


def path_of(case: Case) -> CoinPath:
    steps, days = len(case.factors) // 2, 2
    still = coin_shock_path(Shock(), TABLE, LATER, days, 1_360.0, steps)
    price, halted = np.ones_like(still.price), np.zeros_like(still.halted)
    price[1:], halted[1:] = case.factors, case.halted
    return replace(still, price=price, halted=halted)


def ran(case: Case, threads: int = 1, plain: bool = False) -> CoinWorld:
    with LocalWorkers(threads, plain) as workers:
        world = begin_coins(BOOK, LATER, TABLE, columns_of(case), path_of(case), workers, feedback=case.feedback)
        for day in (1, 2):
            coin_day(world, day)
        found = coin_outcomes(world)
    assert sum(found.values()) == len(case.loans) * case.weight
    return world


def by_hand(case: Case) -> tuple[Exchange, list[Day]]:
    """The case through the oracle: peaks are taken once at the start, and then two days are run."""
    terms, impact = law()
    exchange = Exchange(
        deepcopy(case.spot), deepcopy(case.loans), TABLE.price_won.tolist(), TABLE.lot_digits.tolist(), terms,
        deepcopy(impact), case.weight, case.feedback,
    )  # fmt: skip
    start = Day([], [], [], [], [], Till(), TABLE.price.tolist(), {})
    mark(exchange, start)
    steps, today = len(case.factors) // 2, LATER.toordinal()
    halves = slice(None, steps), slice(steps, None)
    days = [
        run_day(exchange, case.factors[half], case.halted[half], today + number)
        for number, half in enumerate(halves, 1)
    ]
    return exchange, [start, *days]


def same_day(case: Case, record: CoinRecord, day: Day) -> None:
    coins = range(COINS)
    assert day.sold_won == record.sold_won.tolist()
    assert day.bought_won == record.bought_won.tolist()
    assert day.closed == record.closed_by_step.tolist()
    assert [getattr(day.till, name) for name in FLOWS] == record.flows[: len(FLOWS)].tolist()
    held = [[[day.held.get((s, a, c), 0) for c in coins] for a in range(5)] for s in range(6)]
    assert held == record.held_won.tolist()


def same_accounts(world: CoinWorld, exchange: Exchange) -> None:
    plain, group = world.population.plain[0], world.population.borrowing[0]
    assert [spot.peak for spot in exchange.spot] == plain.peak_won.tolist()
    assert [spot.emptied for spot in exchange.spot] == (plain.emptied == 1).tolist()
    for name, column in (
        ("lots", group.quantity[0]), ("cash", group.cash_won), ("owed_won", group.owed_won),
        ("owed_lots", group.owed_lots), ("residual", group.residual_won), ("sold", group.sold_won),
        ("peak", group.peak_won), ("closing", group.closing),
    ):  # fmt: skip
        assert (name, [int(getattr(each, name)) for each in exchange.loans]) == (name, column.tolist())
    assert [worst(each) for each in exchange.loans] == [Outcome(outcome_of(int(e))).label for e in group.ever]


def same_ledger(world: CoinWorld, exchange: Exchange, days: list[Day]) -> None:
    tills = [day.till for day in days]
    balance = world.ledger.balance
    cash = sum(spot.cash for spot in exchange.spot) + sum(each.cash for each in exchange.loans)
    assert cash == balance(Sector.INVESTORS, Item.CASH)
    assert sum(till.market for till in tills) == balance(Sector.MARKET, Item.CASH)
    assert sum(till.lenders for till in tills) == balance(Sector.LENDERS, Item.CASH)
    assert sum(each.owed_won for each in exchange.loans) == balance(Sector.LENDERS, Item.LOANS)
    assert sum(each.residual for each in exchange.loans) == balance(Sector.LENDERS, Item.RESIDUAL)
    assert [] == world.differences


def agrees(case: Case, world: CoinWorld) -> None:
    exchange, days = by_hand(case)
    for record, day in zip(world.records[1:], days[1:], strict=True):
        same_day(case, record, day)
    same_accounts(world, exchange)
    same_ledger(world, exchange, days)


@settings(max_examples=40)
@given(cases())
def test_random_exchanges_agree_with_the_plain_day_to_the_won_and_the_lot(case: Case) -> None:
    agrees(case, ran(case))


@settings(max_examples=8)
@given(cases(steps=24))
def test_days_of_24_steps_agree_with_the_plain_day(case: Case) -> None:
    agrees(case, ran(case))


@settings(max_examples=8)
@given(cases(steps=1))
def test_a_day_of_one_step_agrees_with_the_plain_day(case: Case) -> None:
    agrees(case, ran(case))


@settings(max_examples=6)
@given(cases(steps=3))
def test_the_compiler_off_agrees_with_the_plain_day(case: Case) -> None:
    agrees(case, ran(case, plain=True))


@settings(max_examples=6)
@given(cases(steps=3))
def test_two_threads_that_really_share_the_accounts_agree_with_the_plain_day(case: Case) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gaemi.workers, "CELLS_FOR_ONE", 0)
        patch.setattr(gaemi.workers, "ROWS_A_TASK", 2)
        agrees(case, ran(case, threads=2))


@cache
def example() -> Case:
    """A fall of a fifth within a day: of two that borrowed four times, one has bought and one has sold the coin."""
    btc = TABLE.row("KRW-BTC")
    unit = int(TABLE.price[btc])
    bought = LoanAccount(0, btc, lots_of(5 * 10**7, unit), 0, 4 * 10**7, None, 0, ON.toordinal())
    sold = LoanAccount(0, btc, 0, 5 * 10**7, 0, btc, lots_of(4 * 10**7, unit), ON.toordinal())
    spot = Spot(2, 1, 1_000, 0, [(btc, 10**6)])
    factors = [[1.0 - 0.1 * min(step, 2)] * COINS for step in range(1, 9)]
    return Case([spot], [bought, sold], factors, [[False] * COINS] * 8, 1, True)


def test_who_holds_won_alone_and_owes_won_alone_is_closed_though_nothing_is_sold() -> None:
    under_water = LoanAccount(0, TABLE.row("KRW-ETH"), 0, 900, 1_000, None, 0, ON.toordinal())
    case = replace(example(), loans=[under_water])
    world = ran(case)
    assert [1, 0] == [int(record.flows[kernel.CLOSED]) for record in world.records[1:]]
    agrees(case, world)


def test_the_example_closes_who_bought_and_leaves_who_sold_alone() -> None:
    exchange, days = by_hand(example())
    assert [1, 0] == [day.till.closed for day in days[1:]]
    assert ["residual debt", "none"] == [worst(each) for each in exchange.loans]
    agrees(example(), ran(example()))


TAMPERED = {
    "a won of a spot account's cash": lambda world: world.population.plain[0].cash_won.__iadd__(1),
    "a lot of a spot account": lambda world: world.population.plain[0].quantity.__iadd__(1),
    "a won of a loan account's cash": lambda world: world.population.borrowing[0].cash_won.__iadd__(1),
    "a lot of a loan account": lambda world: world.population.borrowing[0].quantity.__iadd__(1),
    "a won that is owed": lambda world: world.population.borrowing[0].owed_won.__iadd__(1),
    "a lot that is owed": lambda world: world.population.borrowing[0].owed_lots.__iadd__(1),
    "a won of residual debt": lambda world: world.population.borrowing[0].residual_won.__iadd__(1),
    "a lot of everybody else": lambda world: world.rest.__iadd__(1),
    "a won of the lenders' till": lambda world: world.tills.update({Sector.LENDERS: world.tills[Sector.LENDERS] + 1}),
    "a lot that was issued": lambda world: world.instruments.issued.__iadd__(1),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_the_audit_fails_when_something_is_changed_by_hand(what: str) -> None:
    table = coin_instruments(BOOK, ON)
    with LocalWorkers(1, plain=True) as workers:
        world = begin_coins(BOOK, LATER, table, columns_of(example()), path_of(example()), workers)
        coin_day(world, 1)
        assert [] == world.differences
        TAMPERED[what](world)
        coin_day(world, 2)
    assert [] != world.differences


@settings(max_examples=30)
@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=24), st.integers(0, 24), st.integers(1, 3))
def test_cutting_the_days_finer_does_not_change_what_a_flow_does(sold: list[int], cut: int, days: int) -> None:
    """On flow alone: the same won in one step of each day or in many, in any parts, move the price alike."""
    _, plain = law()
    zeros = np.zeros(COINS, np.int64)
    coarse, fine = (FlowState(TABLE.turnover_won.copy(), TABLE.volatility) for _ in range(2))
    impact = ImpactLaw(plain.coefficient, plain.lasting, plain.decay, np.full(COINS, BPS, np.int64))
    for _ in range(days):
        coarse.add(np.full(COINS, sum(sold), np.int64))
        for part in (sum(sold[:cut]), *sold[cut:]):
            fine.add(np.full(COINS, part, np.int64))
        pressures = [state.pressure(impact, zeros, False) for state in (coarse, fine)]
        for name in ("cumulative", "recent"):
            assert getattr(pressures[0], name).tolist() == getattr(pressures[1], name).tolist()
        coarse.next_session(impact)
        fine.next_session(impact)
