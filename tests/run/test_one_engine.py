"""One engine: the same loans, as accounts of a country's day and as rows of a book over history, meet the same fate.

Toytown trades in ticks of a won here and never stops a session, as the names of a history do. Firms with a second
stage and waivers are the day's alone and stay out; nobody reacts and nothing is opened, so only the rules are left.
"""

from dataclasses import dataclass
from datetime import date
from random import Random

import numpy as np
import pytest
from kernels.revolve_cases import empty_rows
from toytown import FIRST_LAW, PRICES, QUIET, SECOND_LAW, TICKERS, law_with, one_thread, path_of, started
from toytown.people import Borrower, Debt, Lot, borrowers

from gaemi.day import one_day
from gaemi.kernels import sell
from gaemi.kernels._compile import compiled
from gaemi.kernels.revolve import CALLED, MEASURES, SOLD, UNDER, UNPAID, Flow, Habits, Lent, revolve
from gaemi.kernels.tables import law_table
from gaemi.kernels.wander import Named, Tape
from gaemi.law.lawbook import LawBook
from gaemi.records.columns import Population
from gaemi.rules.margin import NO_CLOCK
from gaemi.rules.market import is_locked_down, lower_limit
from gaemi.run import begin
from gaemi.world import World

NAMES, SESSIONS, LOANS, OLD = 3, 14, 300, 40
"""Sessions run after the state's close, and those before it on which a loan may have been opened."""

TICKS = {board: [[None, 1]] for board in ("KOSPI", "KOSDAQ", "ETF", "US")}
FALLS = (-0.3, -0.3, -0.18, -0.12, -0.06, -0.03, -0.01, 0.0, 0.02, 0.08)


def town_law(**values: object) -> LawBook:
    """Toytown's law with ticks of a won and no stop of a session."""
    return law_with(market__ticks=TICKS, market__circuit_breaker_3=10_000, **values)


@dataclass
class Twins:
    """The same loans twice."""

    world: World
    lent: Lent
    tape: Tape
    named: Named
    flow: Flow
    habits: Habits
    book: LawBook

    def session(self, day: int) -> None:
        """One session of both; the state's close, of which ``begin`` has taken care in the world, is session 0."""
        if day:
            one_day(self.world, day)
        t = OLD + day
        law = law_table(self.book, self.world.path.dates[day])
        compiled(revolve)(self.lent, self.named, self.tape, law, self.habits, self.flow, (7, 0, 0), (t, t + 1))

    def standing(self) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
        """Won, lots, day to which interest is paid and clock of every loan that is still owed, by day and by book."""
        group = self.world.population.borrowing[0]
        owed = group.principal_won[0] > 0
        first = self.tape.ordinal[0]
        days = (group.principal_won[0], group.quantity[0], group.interest_from[0] - first)
        clocks = (
            np.where(column[0] == NO_CLOCK, NO_CLOCK, column[0] + OLD) for column in (group.called_day, group.sale_day)
        )
        rows, lent = slice(0, int(self.lent.count[0])), self.lent
        books = (lent.principal_won, lent.lots, lent.interest_from, lent.called, lent.sale)
        return (
            list(zip(*(column[owed].tolist() for column in (*days, *clocks)), strict=True)),
            list(zip(*(column[rows].tolist() for column in books), strict=True)),
        )

    def flowed(self, day: int) -> tuple[list[int], list[int]]:
        """Won paid by sales, left unpaid, newly called and under maintenance in the session, by day and by book.

        Paid is what sales repay less the interest for which they left no money: that joins the principal.
        """
        record = self.world.records[day]
        repaid, joined, unpaid = (
            int(record.flows[flow]) for flow in (sell.REPAID_WON, sell.CAPITALISED_WON, sell.RESIDUAL_WON)
        )
        sold = repaid - joined
        done = self.flow.done_won[OLD + day].sum(axis=0)
        return [sold, unpaid, record.called_won, record.under_won], done[[SOLD, UNPAID, CALLED, UNDER]].tolist()


def closes_of(random: Random, limit_bps: int) -> np.ndarray:
    """Closes of three names that often fall, some of them by the whole limit."""
    close = np.tile(np.array(PRICES[:NAMES]), (SESSIONS + 1, 1))
    for day in range(1, SESSIONS + 1):
        for name in range(NAMES):
            before = int(close[day - 1, name])
            lowest = before - before * limit_bps // 10_000
            close[day, name] = max(lowest, int(before * (1.0 + random.choice(FALLS))))
    return close


def twins_of(seed: int, on: date, book: LawBook, oldest: int = OLD) -> Twins:
    """Loans of a seed, opened up to ``oldest`` days before the state; toytown trades every day."""
    random, lent, people = Random(seed), empty_rows(LOANS), []
    for j in range(LOANS):
        name, firm, age = random.randrange(NAMES), random.randrange(3), random.randint(0, oldest)
        lots = random.randint(1, random.choice([5, 400, 6_000]))
        owed = max(1, lots * PRICES[name] * 10_000 // random.randint(12_500, 24_000))
        people.append(Borrower([Lot(name, lots)], [Debt(owed, financed=name, days_old=age)], 0, firm, j + 1))
        lent.name[j], lent.firm[j], lent.principal_won[j], lent.lots[j] = name, firm, owed, lots
        lent.opened[j] = lent.interest_from[j] = OLD - age
    lent.count[0] = LOANS
    limit = int(book.value("market.price_limit", on))
    close = closes_of(random, limit)
    path = path_of(on, SESSIONS, **{TICKERS[name]: close[1:, name].tolist() for name in range(NAMES)})
    population = Population([], [borrowers(on, *people, slots=1, loans=1)])
    world = begin(started(population, book), path, one_thread(), QUIET)
    board, group, zero = np.array([0, 0, 1]), np.array([0, 1, 2]), np.zeros(NAMES, np.int64)
    named = Named(board, group, zero, board, board, np.zeros(NAMES))
    tape = tape_of(np.concatenate([np.tile(close[:1], (OLD, 1)), close]), on, limit)
    return Twins(world, lent, tape, named, flow_of(), habits_of(book, on), book)


def tape_of(price: np.ndarray, on: date, limit: int) -> Tape:
    length = len(price)
    none = np.zeros((length, 2))
    locked = np.zeros(price.shape, np.int8)
    for t in range(1, length):
        for i in range(NAMES):
            locked[t, i] = is_locked_down(int(price[t, i]), lower_limit(int(price[t - 1, i]), limit, (2**62,), (1,)))
    ordinal = on.toordinal() - OLD + np.arange(length)
    return Tape(
        price, locked, price.astype(np.float64), ordinal, none, none, none, none + 0.01, np.full(length, limit),
        np.array([2**62]), np.array([1]),
    )  # fmt: skip


def habits_of(book: LawBook, on: date) -> Habits:
    none = np.zeros(2)
    floats = dict.fromkeys(("near", "at_call", "top_up", "chase_day", "chase_week", "flee", "persistence",
                            "extension", "room"), 0.0)  # fmt: skip
    fill, fee = (int(book.value(path, on)) for path in ("market.locked_fill", "market.broker_fee"))
    tax = book.value("market.transaction_tax", on)
    return Habits(
        gain_share=none,
        loss_share=none,
        dip=none,
        memory=10.0,
        term_days=90,
        fill_bps=fill,
        fee_bps=fee,
        tax_bps=np.array([tax["KOSPI"], tax["KOSDAQ"]]),
        deposit_bps=np.array([5_000, 5_000, 6_000]),
        firm_upper_bps=np.array([10_000]),
        **floats,
    )


def flow_of() -> Flow:
    """Nothing is asked of the book."""
    shape = (OLD + SESSIONS + 1, 2)
    nothing = np.full(shape, -1, np.int64)
    return Flow(
        target_won=nothing,
        left=np.zeros(shape, np.int64),
        given_won=nothing,
        noise=np.zeros(shape),
        answer=np.zeros(2),
        normal=np.zeros(2),
        spread=np.zeros(2),
        done_won=np.zeros((*shape, MEASURES), np.int64),
        board=np.arange(2),
    )


def agree(twins: Twins) -> np.ndarray:
    """Both agree on every loan after every session, and on what flowed; returns that in sum."""
    total = np.zeros(4, np.int64)
    for day in range(SESSIONS + 1):
        twins.session(day)
        by_day, by_book = twins.standing()
        assert by_day == by_book, f"session {day}"
        flowed = twins.flowed(day)
        assert flowed[0] == flowed[1], f"session {day}"
        total += flowed[0]
    return total


@pytest.mark.parametrize("on", [FIRST_LAW, SECOND_LAW])
@pytest.mark.parametrize("seed", range(5))
def test_loans_without_interest_meet_the_same_fate(seed: int, on: date) -> None:
    total = agree(twins_of(seed, on, town_law(margin__interest=[[None, 0]])))
    assert (total > 0).all(), "some are sold, some left unpaid, some called"


@pytest.mark.parametrize("on", [FIRST_LAW, SECOND_LAW])
@pytest.mark.parametrize("seed", range(5))
def test_loans_with_interest_meet_the_same_fate(seed: int, on: date) -> None:
    twins = twins_of(seed, on, town_law())
    total = agree(twins)
    assert (total > 0).all()
    assert in_all(twins.world, sell.INTEREST_WON) > 0


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_interest_that_a_sale_does_not_cover_joins_the_loan_in_both(seed: int) -> None:
    """Locked names sell one lot in a hundred here, so that some sales do not bring the interest of their loans."""
    twins = twins_of(seed, FIRST_LAW, town_law(market__locked_fill=100))
    agree(twins)
    assert in_all(twins.world, sell.CAPITALISED_WON) > 0


def in_all(world: World, flow: int) -> int:
    """Won of one flow of sales over all sessions."""
    return sum(int(record.flows[flow]) for record in world.records)


def test_a_clock_that_a_recovery_does_not_stop_runs_in_both() -> None:
    agree(twins_of(11, FIRST_LAW, town_law(margin__cleared_on_recovery=False, margin__interest=[[None, 0]])))
