"""The same answer everywhere: any number of threads or shards, any order, any chunk, compiler on or off."""

import numpy as np
import pytest
from run.conftest import BEFORE_THE_CHANGE, Crash, crash_path
from toytown import LOUD, live
from toytown.people import crowd, reordered, sharded

from gaemi import workers
from gaemi.errors import Refused
from gaemi.kernels.sell import GROSS_WON, RESIDUAL_WON
from gaemi.records.columns import Population
from gaemi.run import fingerprint
from gaemi.workers import LocalWorkers


def again(crash: Crash, people: Population, threads: int = 1) -> str:
    with LocalWorkers(threads) as some:
        return fingerprint(live(people, crash.path, LOUD, workers=some))


@pytest.fixture
def many_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few accounts are dealt to threads too."""
    monkeypatch.setattr(workers, "CELLS_FOR_ONE", 0)
    monkeypatch.setattr(workers, "ROWS_A_TASK", 50)


def test_the_crash_sells_leaves_debts_and_halts(crash: Crash) -> None:
    """Equal hashes of nothing would prove nothing."""
    flows = sum(record.flows for record in crash.world.records)
    assert flows[GROSS_WON] > 10**9
    assert flows[RESIDUAL_WON] > 0
    assert crash.path.halted.any()


def test_two_runs_of_the_same(crash: Crash) -> None:
    assert fingerprint(crash.world) == again(crash, crash.people)


@pytest.mark.usefixtures("many_tasks")
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads(crash: Crash, threads: int) -> None:
    assert fingerprint(crash.world) == again(crash, crash.people, threads)


@pytest.mark.usefixtures("many_tasks")
@pytest.mark.parametrize("shards", [1, 3, 7])
def test_shards_by_hash_of_the_investor(crash: Crash, shards: int) -> None:
    parts = sharded(crash.people, shards)
    assert crash.people.accounts() == parts.accounts()
    assert fingerprint(crash.world) == again(crash, parts, threads=2)


@pytest.mark.usefixtures("many_tasks")
@pytest.mark.parametrize("shards", [1, 3, 7, 16, (1, 5, 2), (1, 1000)])
@pytest.mark.parametrize("threads", [1, 2])
def test_shards_of_the_workers(crash: Crash, shards: int | tuple[int, ...], threads: int) -> None:
    """Even and uneven ones, and one that may have nobody."""
    with LocalWorkers(threads, shards=shards) as some:
        assert fingerprint(crash.world) == fingerprint(live(crash.people, crash.path, LOUD, workers=some))


def test_more_shards_than_accounts_are_refused(crash: Crash) -> None:
    with LocalWorkers(1, shards=1201) as some, pytest.raises(Refused, match="there are 1200 accounts to be dealt"):
        live(crash.people, crash.path, LOUD, workers=some)


@pytest.mark.parametrize("seed", [1, 2])
def test_accounts_in_any_order(crash: Crash, seed: int) -> None:
    assert fingerprint(crash.world) == again(crash, reordered(crash.people, seed))


@pytest.mark.parametrize("rows", [1, 64, 1_000_000])
def test_rows_a_task(crash: Crash, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "ROWS_A_TASK", rows)
    assert fingerprint(crash.world) == again(crash, crash.people)


def test_without_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    people, path = crowd(BEFORE_THE_CHANGE, 40, plain=5), crash_path(7)
    compiled = fingerprint(live(people, path, LOUD))
    monkeypatch.setenv("GAEMI_COMPILE", "0")
    assert compiled == fingerprint(live(people, path, LOUD))


def test_another_seed_is_another_answer(crash: Crash) -> None:
    """The hash sees luck: with a waiver and unpaid purchases, the seed decides about persons."""
    other = live(crash.people, crash.path, type(LOUD)(feedback=True, seed=8))
    assert fingerprint(crash.world) != fingerprint(other)


def test_a_run_leaves_its_start_alone(crash: Crash) -> None:
    people = crowd(BEFORE_THE_CHANGE, 900, plain=300)
    for group, untouched in zip(crash.people.borrowing, people.borrowing, strict=True):
        for column, same in zip(group, untouched, strict=True):
            np.testing.assert_array_equal(same, column)
