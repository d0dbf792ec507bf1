"""The account view is the country's engine: a walk along given prices is a run, and skipped days change nothing."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from run.walk_fixture import (
    ALPHA,
    CHEAP,
    DRIVERS,
    FAR,
    GAMMA,
    PRICES,
    given,
    in_the_country,
    lived_whole,
    random_accounts,
    random_levels,
    stage,
    trip_of,
    unlike,
    walked,
)
from toytown import FIRST_LAW, days_after, law_with
from toytown.people import Borrower, Debt, Lot, borrowers

from gaemi.kernels.journey import SAVING, TERM
from gaemi.outcomes import Ever
from gaemi.records.columns import Borrowing, Standing
from gaemi.walks import Trip, Variant

BEFORE_THE_CHANGE = date(2019, 12, 1)
"""Toytown's second law begins on the thirty-second session after it."""

NOT_SETTLED = ("settled_won", "repaid_today_won", "repaid_yesterday_won", "repaid_before_won")
"""Columns that only published balances are compared with: an account alone has none."""

LAWS = {
    "the law": {},
    "foreign shares count and half the calls are waived": {
        "margin__collateral_overseas": 5_000, "margin__waiver_share": 5_000,
    },
    "a call outlives a recovery": {"margin__cleared_on_recovery": False},
    "convention D, second stage everywhere": {"margin__convention": "D", "margin__second_stage": True},
}  # fmt: skip


def random_trip(seed: int, count: int = 60, stepped: bool = False, **changes: Any) -> Trip:
    """Sixty sessions of random accounts on a random path; cheap names where the seed is odd."""
    price = CHEAP if seed % 2 else PRICES
    rows = borrowers(BEFORE_THE_CHANGE, *random_accounts(seed, count, FAR, price), slots=5, loans=3)
    place = stage(law_with(**changes), stepped, price)
    return trip_of(rows, given(random_levels(seed, 60)), days_after(BEFORE_THE_CHANGE, 60), place)


@pytest.mark.parametrize("changes", LAWS.values(), ids=LAWS)
@pytest.mark.parametrize("seed", range(6))
def test_accounts_walk_as_the_country_takes_them(seed: int, changes: dict[str, Any]) -> None:
    trip = random_trip(seed, **changes)
    assert {} == unlike(in_the_country(trip), walked(trip)[0], NOT_SETTLED)


@pytest.mark.parametrize("seed", range(6, 12))
def test_a_fund_that_is_stepped_daily_is_a_fund_with_that_path(seed: int) -> None:
    trip = random_trip(seed, stepped=True)
    assert {} == unlike(in_the_country(trip), walked(trip)[0], NOT_SETTLED)


def test_one_account_alone_walks_as_a_country_of_one() -> None:
    for seed in range(100, 112):
        trip = random_trip(seed, count=1)
        assert {} == unlike(in_the_country(trip), walked(trip)[0], NOT_SETTLED), f"seed {seed}"


def test_drift_moves_the_country_and_the_walk_alike() -> None:
    trip = random_trip(12)
    drift = tuple(0.001 * (1 + driver) for driver in range(DRIVERS))
    trip = replace(trip, variants=tuple(replace(each, drift=drift) for each in trip.variants))
    assert {} == unlike(in_the_country(trip), walked(trip)[0], NOT_SETTLED)


def test_random_accounts_meet_every_outcome() -> None:
    """A comparison proves nothing about what never happens."""
    rows = [walked(random_trip(seed))[0] for seed in range(12)]
    assert sum(Ever) == np.bitwise_or.reduce([group.ever for group in rows], axis=None)
    assert any((group.sale_day != -1).any() for group in rows)
    assert any(group.selling.any() for group in rows)


def with_plans(trip: Trip, seed: int) -> Trip:
    """The trip with months, savings into a holding, goals, and loans that are rolled over or repaid."""
    random = np.random.default_rng(seed)
    count, sessions = len(trip.variants), len(trip.dates) - 1
    days, terms = trip.days.copy(), np.array([(20, 1), (30, 0), (25, seed % 2)], TERM)
    days["event"][5::10] |= SAVING
    worth = trip.basis_won.sum(axis=0)
    variants = tuple(
        Variant(
            str(v), trip.variants[v].drift, sessions - int(random.integers(0, 20)),
            saving_won=int(random.choice([0, 100_000, 1_000_000])), saving_slot=int(random.choice([-1, 0])),
            goal_won=int(random.choice([0, 1, 2]) * worth[v]),
        )
        for v in range(count)
    )  # fmt: skip
    return replace(trip, days=days, terms=terms, variants=variants)


def told(trip: Trip) -> dict[str, object]:
    """All that a walk tells and leaves behind."""
    group, results = walked(trip)
    columns = {name: column.tolist() for name, column in zip(Borrowing._fields, group, strict=True)}
    return columns | {name: getattr(results, name).tolist() for name in results._fields if name != "worth_won"}


def differences(one: dict[str, object], other: dict[str, object]) -> list[str]:
    return [name for name in one if one[name] != other[name]]


@pytest.mark.parametrize("seed", range(12))
def test_days_that_are_passed_over_change_nothing(seed: int) -> None:
    price = CHEAP if seed % 4 == 3 else PRICES
    rows = borrowers(BEFORE_THE_CHANGE, *random_accounts(seed, 60, 60, price), slots=5, loans=3)
    way, place = given(random_levels(1_000 + seed, 60)), stage(stepped=seed % 2 == 0, price=price)
    trip = with_plans(trip_of(rows, way, days_after(BEFORE_THE_CHANGE, 60), place), seed)
    assert [] == differences(told(lived_whole(trip)), told(trip))


def test_days_of_quiet_prices_that_are_passed_over_change_nothing() -> None:
    """Small steps for two years, in which nearly all days are passed over."""
    rows = borrowers(BEFORE_THE_CHANGE, *random_accounts(50, 60), slots=5, loans=3)
    levels = np.exp(np.cumsum(np.random.default_rng(50).standard_normal((501, DRIVERS)) * 0.01, axis=0))
    trip = trip_of(rows, given(levels / levels[0]), days_after(BEFORE_THE_CHANGE, 500), stage(stepped=True))
    assert [] == differences(told(lived_whole(trip)), told(trip))


def test_steps_close_to_a_limit_are_looked_at_whole_where_a_tick_is_coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 60 to 600 ticks a limit is cut to the tick: steps of 28 to 30 % meet it or do not by a tick."""
    monkeypatch.setenv("GAEMI_COMPILE", "0")
    random = np.random.default_rng(5)
    rows = borrowers(FIRST_LAW, Borrower([Lot(row, 100, Standing.OTHER) for row in range(5)], []), slots=5, loans=1)
    for _ in range(200):
        price = tuple(
            int(each) for each in (*random.integers(60, 100, 3), *(5 * random.integers(60, 600, 2)), 20_000, 12_345)
        )
        levels = np.ones((2, DRIVERS))
        levels[1] = random.choice([0.71, 1.29], DRIVERS) + random.uniform(-0.01, 0.01, DRIVERS)
        trip = trip_of(rows, given(levels), days_after(FIRST_LAW, 1), stage(price=price))
        assert walked(lived_whole(trip))[1].traded.tolist() == walked(trip)[1].traded.tolist(), f"{price} {levels[1]}"


def test_a_price_that_a_limit_holds_back_is_held_back_into_the_next_law() -> None:
    """A fall to 0.2 on the eve of the second law, whose limit is 20 %: 100,000, 70,000, 56,000."""
    rows = borrowers(date(2019, 12, 31), Borrower([Lot(ALPHA, 100, Standing.ELSEWHERE)], []), slots=1, loans=1)
    levels = np.ones((3, DRIVERS))
    levels[1:, ALPHA] = 0.2
    trip = trip_of(rows, given(levels), days_after(date(2019, 12, 31), 2), stage())
    assert 56_000 == walked(lived_whole(trip))[1].traded[ALPHA, 0]
    assert 56_000 == walked(trip)[1].traded[ALPHA, 0]


def test_plans_are_kept_alike_with_the_compiler_off(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = borrowers(BEFORE_THE_CHANGE, *random_accounts(70, 20, 60), slots=5, loans=3)
    way = given(random_levels(70, 60))
    trip = with_plans(trip_of(rows, way, days_after(BEFORE_THE_CHANGE, 60), stage(stepped=True)), 70)
    compiled = told(trip)
    monkeypatch.setenv("GAEMI_COMPILE", "0")
    assert [] == differences(compiled, told(trip))


def repaid(*debts: Debt) -> Borrowing:
    """Three days of a hundred Alpha and two hundred Gamma, bought on the debts; each is repaid when it falls due."""
    people = Borrower([Lot(ALPHA, 100), Lot(GAMMA, 200)], debts)
    rows = borrowers(FIRST_LAW, people, slots=2, loans=2)
    trip = trip_of(rows, given(np.ones((4, DRIVERS))), days_after(FIRST_LAW, 3), stage())
    return walked(replace(trip, terms=np.array([(30, 0), (30, 0)], TERM)))[0]


def test_a_loan_is_repaid_at_its_term_by_selling_what_it_financed() -> None:
    """2 m and 400 of interest at 1 % and 0.1 %: 41 Gamma at 50,000. The investor sold; the firm did not."""
    group = repaid(Debt(2_000_000, financed=GAMMA, due_in_days=2))
    assert [100, 159] == group.quantity[:, 0].tolist()
    assert (0, 2_050_000 - 20_500 - 2_050 - 2_000_400) == (group.principal_won[0, 0], group.cash_won[0])
    assert 0 == group.ever[0]


def test_a_loan_at_its_term_leaves_the_others_alone() -> None:
    group = repaid(Debt(1_000_000, due_in_days=FAR), Debt(2_000_000, financed=GAMMA, due_in_days=2))
    assert [1_000_000, 0] == group.principal_won[:, 0].tolist()
    assert [100, 159] == group.quantity[:, 0].tolist()
