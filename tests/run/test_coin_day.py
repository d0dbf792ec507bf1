"""Days of coins: every won and lot accounted for, the same bits by any number of threads, halts, and coins at zero."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi.answers.coin_measures import coin_rows
from gaemi.coin_day import CoinWorld, begin_coins, coin_day
from gaemi.law.lawbook import load
from gaemi.law.reform import load_reform
from gaemi.market.coin_paths import coin_shock_path, parse_coin_shock
from gaemi.people.coin_accounts import coin_accounts
from gaemi.people.coin_borrowers import coin_borrowers
from gaemi.people.coin_instruments import coin_instruments
from gaemi.records.coins import CoinBorrowing, CoinPopulation, coin_loans
from gaemi.records.ledger import Item, Sector
from gaemi.rules.coins import lots_of
from gaemi.workers import LocalWorkers

ON = date(2025, 7, 4)
BOOK = load()
TABLE = coin_instruments(BOOK, ON)
BTC, USDT = TABLE.row("KRW-BTC"), TABLE.row("KRW-USDT")


@cache
def people() -> CoinPopulation:
    found = coin_accounts(BOOK, ON, TABLE, accounts=20_000)
    found.borrowing = coin_borrowers(BOOK, ON, TABLE, borrowers={"four_times": 3_000, "eighty_ltv": 500})
    return found


def ran(
    population: CoinPopulation, text: str, steps: int = 24, days: int = 2, feedback: bool = True, threads: int = 1
) -> tuple[CoinWorld, dict[str, Any]]:
    path = coin_shock_path(parse_coin_shock(text, TABLE), TABLE, ON, days, 1_360.0, steps)
    with LocalWorkers(threads) as workers:
        world = begin_coins(BOOK, ON, TABLE, population, path, workers, feedback=feedback)
        for day in range(1, days + 1):
            coin_day(world, day)
        rows = coin_rows(world)
    return world, rows


def loans(rows: list[tuple[bool, int, int]]) -> CoinPopulation:
    """Loan accounts of (has it bought, collateral, times borrowed) in BTC: who has not bought owes BTC."""
    group = coin_loans(len(rows))
    unit = int(TABLE.price[BTC])
    for j, (bought, collateral, times) in enumerate(rows):
        group.investor[j], group.instrument[0, j], group.opened[j] = j, BTC, ON.toordinal()
        if bought:
            group.quantity[0, j] = lots_of(collateral * (1 + times), unit)
            group.owed_won[j] = collateral * times
        else:
            group.cash_won[j] = collateral * (1 + times)
            group.owed[j], group.owed_lots[j] = BTC, lots_of(collateral * times, unit)
    return CoinPopulation([], [group])


def columns(world: CoinWorld) -> list[list[int]]:
    return [column.ravel().tolist() for group in world.population.borrowing for column in group]


def test_a_fall_of_30_percent_leaves_no_won_and_no_lot_unaccounted_for() -> None:
    world, rows = ran(people(), "BTC -30% over 2d")
    assert [] == world.differences
    assert 0 < rows["loans"]["closed"] < 3_500
    assert rows["loans"]["closed"] == sum(day["closed"] for day in rows["days"])
    assert rows["lost_won"] == rows["held_before_won"] - rows["held_won"] > 0


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 10**10), st.integers(1, 4)), min_size=1, max_size=30),
    st.sampled_from(["BTC -90% over 1d", "BTC +100% over 1d", "BTC -15%, premium -9% over 1d", "BTC 0%"]),
)
def test_random_loan_accounts_are_audited_to_the_unit(rows: list[tuple[bool, int, int]], text: str) -> None:
    world, found = ran(loans(rows), text, days=1)
    group = world.population.borrowing[0]
    assert [] == world.differences
    assert (group.cash_won >= 0).all() and (group.residual_won >= 0).all()
    assert 0 == int((group.residual_won * (group.quantity[0] + group.owed_lots + group.owed_won)).sum())
    assert len(rows) == sum(found["outcomes"].values())


def test_a_wrong_posting_is_found() -> None:
    path = coin_shock_path(parse_coin_shock("BTC -10%", TABLE), TABLE, ON, 1, 1_360.0)
    with LocalWorkers(1) as workers:
        world = begin_coins(BOOK, ON, TABLE, people(), path, workers)
        world.ledger.post(Item.CASH, Sector.INVESTORS, Sector.MARKET, 1)
        world.rest[BTC] += 1
        coin_day(world, 1)
    assert {"investors KRW cash", "rest of market KRW cash", "lots of KRW-BTC"} == {d.place for d in world.differences}


def test_any_number_of_threads_gives_the_same_bits() -> None:
    (one, first), (two, second) = (ran(people(), "BTC -30% over 2d", threads=threads) for threads in (1, 2))
    assert first == second
    assert columns(one) == columns(two)


def test_rows_in_another_order_give_the_same_days() -> None:
    order = np.random.Generator(np.random.PCG64(3)).permutation(3_500)
    turned = CoinPopulation(people().plain, [CoinBorrowing(*(c[..., order] for c in people().borrowing[0]))])
    assert ran(people(), "BTC -30% over 2d")[1] == ran(turned, "BTC -30% over 2d")[1]


def test_the_compiler_off_gives_the_same_days(monkeypatch: pytest.MonkeyPatch) -> None:
    some = CoinPopulation([], [CoinBorrowing(*(column[..., :300] for column in people().borrowing[0]))])
    compiled = ran(some, "BTC -20% over 1d", days=1)[1]
    monkeypatch.setenv("GAEMI_COMPILE", "0")
    assert compiled == ran(some, "BTC -20% over 1d", days=1)[1]


def test_a_finer_cut_closes_the_same_accounts() -> None:
    coarse, fine = (ran(people(), "BTC -30% over 2d", steps=steps)[1] for steps in (24, 96))
    assert coarse["loans"]["closed"] == pytest.approx(fine["loans"]["closed"], rel=0.01)
    assert coarse["held_won"] == pytest.approx(fine["held_won"], rel=1e-4)


def test_a_flow_sold_in_parts_moves_a_price_as_if_sold_at_once() -> None:
    path = coin_shock_path(parse_coin_shock("BTC 0%", TABLE), TABLE, ON, 1, 1_360.0)
    with LocalWorkers(1) as workers:
        whole, parts = (begin_coins(BOOK, ON, TABLE, people(), path, workers) for _ in range(2))
    sold = np.full(len(TABLE.ticker), -(10**10), np.int64)
    whole.flow.add(sold)
    for _ in range(10):
        parts.flow.add(sold // 10)
    nothing = np.zeros_like(sold)
    assert whole.multiplier(nothing).tolist() == parts.multiplier(nothing).tolist()
    assert (whole.multiplier(nothing) < 1.0).all()


def test_sales_push_the_price_and_without_feedback_they_do_not() -> None:
    many = loans([(True, 10**10, 4)] * 20)
    pushed, still = (ran(many, "BTC -15% over 1d", days=1, feedback=feedback)[1] for feedback in (True, False))
    assert pushed["coins"][BTC]["extra_move_pct"] < -1.0 < still["coins"][BTC]["extra_move_pct"] == 0.0
    assert pushed["coins"][BTC]["price_won"] < still["coins"][BTC]["price_won"]


def test_an_account_that_waits_for_a_halted_coin_is_closed_when_it_trades_again() -> None:
    path = coin_shock_path(parse_coin_shock("BTC -30% over 1d", TABLE), TABLE, ON, 2, 1_360.0)
    path.halted[1:25, BTC] = 1
    with LocalWorkers(1) as workers:
        world = begin_coins(BOOK, ON, TABLE, loans([(True, 10**7, 4)]), path, workers)
        first, second = coin_day(world, 1), coin_day(world, 2)
    assert [(0, 1), (1, 0)] == [(int(r.closed_by_step.sum()), int(r.sums[5])) for r in (first, second)]
    assert 0 < int(world.population.borrowing[0].residual_won[0])


def test_a_coin_at_zero_empties_who_held_nothing_else_and_leaves_the_whole_loan() -> None:
    path = coin_shock_path(parse_coin_shock("BTC 0%", TABLE), TABLE, ON, 1, 1_360.0)
    path.price[12:, :] = 0.0
    with LocalWorkers(1) as workers:
        population = CoinPopulation(people().plain, loans([(True, 10**7, 4)]).borrowing)
        world = begin_coins(BOOK, ON, TABLE, population, path, workers)
        coin_day(world, 1)
        rows = coin_rows(world)
    assert (0, 1) == (rows["held_won"], rows["outcomes"]["residual debt"])
    assert 4 * 10**7 < rows["loans"]["residual_won"] < 4.1 * 10**7
    assert [] == world.differences
    assert 15_000 < rows["emptied"] <= 20_000


def test_minted_coins_are_counted_beside_the_rest() -> None:
    path = coin_shock_path(parse_coin_shock("BTC 0%", TABLE), TABLE, ON, 1, 1_360.0)
    path.minted[:, USDT] = 1_000_000.0
    with LocalWorkers(1) as workers:
        world = begin_coins(BOOK, ON, TABLE, people(), path, workers)
        coin_day(world, 1)
    assert [] == world.differences


def test_leverage_that_comes_back_is_closed_by_force_in_a_fall_of_20_percent() -> None:
    """The pinned result of the reform coin_loans_again: nobody borrows today, and under it this many are closed."""
    day, found = date(2025, 10, 31), []
    table = coin_instruments(BOOK, day, {"BTC": 164_275_000.0})
    path = coin_shock_path(parse_coin_shock("BTC -20% over 3d", table), table, day, 3, 1_428.0)
    with LocalWorkers(2) as workers:
        for law in (BOOK, BOOK.patched(load_reform(Path("coin_loans_again"), BOOK))):
            population = CoinPopulation([], coin_borrowers(law, day, table, scale=10), 10)
            world = begin_coins(law, day, table, population, path, workers)
            for number in (1, 2, 3):
                coin_day(world, number)
            assert [] == world.differences
            found.append(coin_rows(world)["loans"])
    assert [(0, 0), (27_600, 11_010)] == [(each["borrowers"], each["closed"]) for each in found]
