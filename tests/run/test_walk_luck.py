"""Luck of a path is its own: whoever walks beside it. And what more leverage does on one and the same path."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from run.walk_fixture import ALPHA, DRIVERS, FAR, PRICES, given, normal_steps, random_accounts, stage, trip_of, walked
from toytown import FIRST_LAW, days_after, law, law_with, one_thread
from toytown.people import Borrower, Debt, Lot, borrowers

from gaemi import walks
from gaemi.kernels.journey import NOT_YET
from gaemi.law.lawbook import LawBook
from gaemi.records.columns import Standing
from gaemi.walks import Trip, Variant, Walked, walk_paths
from gaemi.workers import LocalWorkers

CALLED, ZEROED = 0, 3
"""Bits of ``ever``, which are rows of ``first_day``."""

LEVERAGES = [100 + 10 * step for step in range(13)]
"""Percent of own money: from none borrowed to 2.2 times."""

OWN_SHARES = 100


def crowd_trip(sessions: int = 40, drift: float = 0.0) -> Trip:
    rows = borrowers(FIRST_LAW, *random_accounts(1, 3), slots=5, loans=3)
    variants = [Variant(str(v), (drift * v,) * DRIVERS, sessions) for v in range(3)]
    return trip_of(rows, normal_steps(0.03), days_after(FIRST_LAW, sessions), stage(stepped=True), variants)


def same(one: Walked, other: Walked) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("ever", "first_day", "end_won"))


def test_a_trip_can_be_walked_again() -> None:
    """Its first walk leaves no clock or flag behind: a call at the start's own close is told each time."""
    rows = borrowers(FIRST_LAW, Borrower([Lot(ALPHA, 100)], [Debt(8_000_000)]), slots=1, loans=1)
    trip = trip_of(rows, normal_steps(0.01), days_after(FIRST_LAW, 5), stage())
    first, again = walk_paths(trip, 3, one_thread()), walk_paths(trip, 3, one_thread())
    assert [0, 0, 0] == first.first_day[CALLED, :, 0].tolist()
    assert same(first, again)


@pytest.mark.parametrize(("batch", "task"), [(2048, 64), (7, 3), (1, 1), (50, 1_000)])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_and_batches_change_nothing(
    threads: int, batch: int, task: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = walk_paths(crowd_trip(), 50, one_thread())
    monkeypatch.setattr(walks, "BATCH", batch)
    monkeypatch.setattr(walks, "TASK", task)
    with LocalWorkers(threads) as some:
        assert same(plain, walk_paths(crowd_trip(), 50, some))


def test_a_path_does_not_know_how_many_there_are() -> None:
    few, many = walk_paths(crowd_trip(), 5, one_thread()), walk_paths(crowd_trip(), 80, one_thread())
    assert few.end_won.tolist() == many.end_won[:5].tolist()
    assert len(np.unique(many.end_won[:, 0])) > 70


def test_variants_share_the_luck_of_their_path_and_only_drift_parts_them() -> None:
    variants = 3
    latent = walked(crowd_trip(), 20)[1].latent.reshape(len(PRICES), 20, variants)
    assert latent[:, :, 0].tolist() == latent[:, :, 1].tolist() == latent[:, :, 2].tolist()
    assert len(np.unique(latent[ALPHA, :, 0])) == 20
    drifted = walked(crowd_trip(drift=0.001), 20)[1].latent.reshape(len(PRICES), 20, variants)
    grown = drifted[ALPHA] / latent[ALPHA]
    np.testing.assert_allclose(grown, np.tile(np.exp(0.04 * np.arange(variants)), (20, 1)), rtol=1e-12)


def test_a_variant_walks_alone_as_beside_others() -> None:
    trip = crowd_trip()
    together = walk_paths(trip, 30, one_thread())
    for v in range(3):
        rows = borrowers(FIRST_LAW, random_accounts(1, 3)[v], slots=5, loans=3)
        alone = trip_of(rows, trip.luck, trip.dates, trip.stage, trip.variants[v : v + 1])
        assert together.end_won[:, v].tolist() == walk_paths(alone, 30, one_thread()).end_won[:, 0].tolist()


def test_an_account_is_the_same_with_the_compiler_off(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = walk_paths(crowd_trip(), 10, one_thread())
    monkeypatch.setenv("GAEMI_COMPILE", "0")
    assert same(compiled, walk_paths(crowd_trip(), 10, one_thread()))


@pytest.mark.parametrize("stepped", [False, True])
def test_nearly_all_days_of_a_calm_account_are_passed_over(stepped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is skipped must be most of it, or the tests of skipping say nothing."""
    from gaemi.kernels import walk as kernel

    lived: list[int] = []
    day = kernel.live_day

    def counted(*told: Any) -> None:
        lived.append(1)
        day(*told)

    monkeypatch.setattr(kernel, "live_day", counted)
    monkeypatch.setenv("GAEMI_COMPILE", "0")
    lots = [Lot(row, 10, Standing.FINANCED) for row in range(len(PRICES))]
    rows = borrowers(FIRST_LAW, Borrower(lots, [Debt(300_000, due_in_days=FAR)]), slots=len(lots), loans=1)
    trip = trip_of(rows, normal_steps(0.01), days_after(FIRST_LAW, 250), stage(stepped=stepped))
    walked(trip, 4)
    assert len(lived) < 10


def levered(firm: int, place_law: LawBook, told: object, sessions: int, leverages: Sequence[int] = LEVERAGES) -> Trip:
    """A hundred shares of own money in one name; each variant borrows for more of the same share."""
    price = PRICES[ALPHA]
    people = [
        Borrower(
            [Lot(ALPHA, OWN_SHARES * each // 100)],
            [Debt(price * OWN_SHARES * (each - 100) // 100, due_in_days=FAR)],
            firm=firm,
        )
        for each in leverages
    ]
    rows = borrowers(FIRST_LAW, *people, slots=1, loans=1)
    return trip_of(rows, told, days_after(FIRST_LAW, sessions), stage(place_law))  # type: ignore[arg-type]


def first_days(trip: Trip, paths: int, bit: int) -> np.ndarray:
    days = walk_paths(trip, paths, one_thread()).first_day[bit].astype(np.int64)
    return np.where(days == NOT_YET, 1_000_000, days)


@pytest.mark.parametrize("firm", range(5))
def test_the_first_call_is_never_later_with_more_leverage(firm: int) -> None:
    days = first_days(levered(firm, law(), normal_steps(0.05), 60), 300, CALLED)
    assert (np.diff(days, axis=1) <= 0).all()
    assert len(np.unique(days)) > 30


def test_with_forced_sales_off_the_first_zeroed_day_is_never_later_with_more_leverage() -> None:
    """A clock of a thousand sessions never runs out."""
    days = first_days(levered(0, law_with(margin__clock=((15_000, 1_000),)), normal_steps(0.05), 60), 300, ZEROED)
    assert (np.diff(days, axis=1) <= 0).all()
    assert len(np.unique(days)) > 30


def test_with_forced_sales_on_more_leverage_can_be_spared_what_less_meets() -> None:
    """At 78 % the borrower of 2.2 is under 150 % and sold down in time; who borrowed to 2.0 stands at 156 %.

    Two sessions after that sale the price is at half, and the loan of 2.0 is worth more than its shares.
    """
    levels = np.ones((6, DRIVERS))
    levels[1:, ALPHA] = [0.78, 0.78, 0.78, 0.60, 0.49]
    days = first_days(levered(1, law(), given(levels), 5, [200, 220]), 1, ZEROED)
    assert [5, 1_000_000] == days[0].tolist()
    unsold = law_with(margin__clock=((15_000, 1_000),))
    assert [5, 5] == first_days(levered(1, unsold, given(levels), 5, [200, 220]), 1, ZEROED)[0].tolist()
