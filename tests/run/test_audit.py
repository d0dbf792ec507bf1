"""Every won and every share is accounted for after every day, and the checks can fail."""

from collections.abc import Callable

import auditor
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run.conftest import BEFORE_THE_CHANGE, Crash
from toytown import LOUD, QUIET, TICKERS, days_after, instruments, law_with, nobody, one_thread, path_of, started
from toytown.people import crowd

from gaemi.day import one_day
from gaemi.market.paths import shock_path
from gaemi.market.shocks import Halt, Move, Shock
from gaemi.records.ledger import Item, Sector
from gaemi.run import AuditFailed, begin, run
from gaemi.world import World


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Crowds under a random shock, with impact or without, waivers and unpaid purchases."""
    people = crowd(BEFORE_THE_CHANGE, draw(st.integers(1, 120)), draw(st.integers(0, 2**31)), draw(st.integers(0, 20)))
    fall, length = draw(st.integers(-6_000, 1_000)), draw(st.integers(1, 4))
    locked = Move("GAMMA", draw(st.sampled_from([-1_000, -3_000, -4_500])), 1, draw(st.integers(1, 4)), True, 200)
    halts = (Halt("BETA", draw(st.integers(1, 5))),) if draw(st.booleans()) else ()
    shock = Shock((Move("KOSPI", fall, length), locked), halts)
    path = shock_path(shock, instruments(), days_after(BEFORE_THE_CHANGE, 8), 1000.0, 0.4, draw(st.integers(0, 99)))
    unpaid, waiver = draw(st.sampled_from([0, 5_000, 10_000])), draw(st.sampled_from([0, 0, 4_000]))
    book = law_with(unsettled__unpaid_share=unpaid, margin__waiver_share=waiver)
    return begin(started(people, book), path, one_thread(), draw(st.sampled_from([QUIET, LOUD])))


@settings(max_examples=25)
@given(world=worlds())
def test_audit_and_auditor_agree_after_every_day_of_random_books(world: World) -> None:
    opening = auditor.books(world)
    for day in range(1, world.path.sessions + 1):
        one_day(world, day)
        assert [] == world.differences
        assert [] == auditor.faults(world, opening)


def test_a_town_without_people() -> None:
    world = run(begin(started(nobody()), path_of(BEFORE_THE_CHANGE, 3, ALPHA=[9_000]), one_thread(), LOUD))
    assert instruments().issued.tolist() == world.rest.tolist()


def wrong_posting(world: World) -> None:
    world.ledger.post(Item.CASH, Sector.LENDERS, Sector.INVESTORS, 1)


def wrong_loan(world: World) -> None:
    world.ledger.post(Item.LOANS, Sector.INVESTORS, Sector.LENDERS, 1)


def one_sided_posting(world: World) -> None:
    world.ledger.open(Sector.LENDERS, Item.LOANS, 1)


def won_taken_from_a_column(world: World) -> None:
    world.population.borrowing[0].cash_won[3] -= 1


def won_moved_into_the_tax_till(world: World) -> None:
    world.tills[1] += 1


def debt_forgiven(world: World) -> None:
    group = world.population.borrowing[-1]
    row = int(np.flatnonzero(group.principal_won[0])[0])
    group.principal_won[0, row] -= 1


def residual_debt_forgotten(world: World) -> None:
    world.population.borrowing[0].residual_won[0] += 1


def share_lost(world: World) -> None:
    group = world.population.borrowing[0]
    row = int(np.flatnonzero(group.quantity[0])[0])
    group.quantity[0, row] -= 1


def share_of_the_market_lost(world: World) -> None:
    world.rest[2] -= 1


def share_changed_into_another(world: World) -> None:
    group = world.population.borrowing[0]
    row = int(np.flatnonzero((group.quantity[0] > 0) & (group.instrument[0] == 0))[0])
    group.instrument[0, row] = 1


CANARIES = [
    wrong_posting,
    wrong_loan,
    one_sided_posting,
    won_taken_from_a_column,
    won_moved_into_the_tax_till,
    debt_forgiven,
    residual_debt_forgotten,
    share_lost,
    share_of_the_market_lost,
    share_changed_into_another,
]


@pytest.mark.parametrize("wrong", CANARIES)
def test_the_audit_fails_on(wrong: Callable[[World], None], crash: Crash) -> None:
    world = begin(started(crash.people), crash.path, one_thread(), QUIET)

    def after_two_days(day: int) -> None:
        if day == 2:
            wrong(world)

    with pytest.raises(AuditFailed, match=r"day 3 \(seed 7\)"):
        run(world, after_two_days)


@pytest.mark.parametrize("wrong", [won_taken_from_a_column, debt_forgiven, share_lost, won_moved_into_the_tax_till])
def test_the_auditor_fails_too_on(wrong: Callable[[World], None], crash: Crash) -> None:
    world = begin(started(crash.people), crash.path, one_thread(), QUIET)
    opening = auditor.books(world)
    assert [] == auditor.faults(world, opening)
    wrong(world)
    assert [] != auditor.faults(world, opening)


def test_the_audit_says_where_and_what(crash: Crash) -> None:
    world = begin(started(crash.people), crash.path, one_thread(), QUIET)
    share_of_the_market_lost(world)
    with pytest.raises(AuditFailed) as failure:
        run(world)
    issued = int(world.instruments.issued[2])
    assert f"lots of {TICKERS[2]}: ledger carries {issued:,}, columns hold {issued - 1:,}" in str(failure.value)


def test_what_plain_accounts_hold_cannot_be_written(crash: Crash) -> None:
    started(crash.people)
    for column in ("instrument", "quantity", "cash_won"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(crash.people.plain[0], column)[...] = 0
