"""Speed and scale: how near a day comes to the memory's own limit, and what grows with accounts and what does not."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from bench import clusters, state
from bench.figures import Figure, Target
from bench.long_runs import days_of, long_runs, processes
from bench.taken_apart import (
    FALL_BPS,
    READ_ALL,
    READ_ONE,
    TIMES,
    FallingDay,
    columns_gone_through,
    figures_of,
    growth,
    limits,
    take_apart,
)
from bench.watched import Watched
from bench.widths import checkpoint, kept_of_a_day, widths
from gaemi.law.lawbook import load
from gaemi.market.shocks import with_default
from gaemi.scene import Request, Scene, prepare
from gaemi.workers import LocalWorkers, cores

SMALL, QUICK = 1_000, 100
"""The small country is every thousandth investor; ``--quick`` takes every hundredth for the whole."""

ENSEMBLE_SECONDS = 60.0
BUILD_NAME = "population built, laws and prices read"
KEPT_DAYS = 5


def figures(quick: bool, repeats: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """Everything of this part; with ``quick`` on a hundredth of the country, and nothing is judged but bytes."""
    whole = QUICK if quick else 1
    with Watched(cores()) as workers:
        say("scale: population")
        began = perf_counter()
        scene = prepare(Request(scale=whole), workers)
        spent = perf_counter() - began
        accounts = scene.start.population.accounts()
        yield Figure(BUILD_NAME, "s", (spent,), None, f"{accounts:,} accounts", {"accounts": accounts})
        tenth, small = (prepare(Request(scale=scale), workers) for scale in (TIMES * whole, SMALL))
        yield from _days(scene, tenth, small, (repeats, not quick), say)
        yield from _kept(scene, small, repeats, say)
        yield from long_runs(scene, max(1, repeats // 3), quick, say)
        scenes = (small, scene if quick else tenth, scene)
        yield from clusters.cluster(scenes, max(1, repeats // 2), not quick, say)
        del scene, tenth, small, scenes, workers  # processes have the memory to themselves
    yield from processes(quick, max(1, repeats // 3), say)
    yield from _ensemble(quick, say)


def _days(
    scene: Scene, tenth: Scene, small: Scene, terms: tuple[int, bool], say: Callable[[str], None]
) -> Iterator[Figure]:
    """The memory's limit, a day taken apart beside it, and a day of ten times as many accounts."""
    repeats, judged = terms
    workers, population = scene.workers, scene.start.population
    assert isinstance(workers, Watched)
    threads = workers.threads
    say("scale: reading")
    yield from limits(population, repeats, {READ_ONE: 1, READ_ALL: threads})
    say("scale: which columns a day goes through, seen on a small country")
    columns = columns_gone_through(small)
    say("scale: a day taken apart")
    day = FallingDay(scene, workers)
    with ThreadPoolExecutor(threads) as pool:
        taken = take_apart(day, columns, repeats, pool.map)
    yield from figures_of(taken, population.accounts(), judged)
    say("scale: ten times as many accounts")
    yield growth(FallingDay(tenth, workers), day, repeats, judged)


def _kept(scene: Scene, small: Scene, repeats: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """Bytes by column, of a day's record and of a checkpoint."""
    say("scale: bytes")
    yield from widths(scene.start.population)
    few, many = (days_of(each, each.shock_path(with_default(FALL_BPS), KEPT_DAYS)) for each in (small, scene))
    yield kept_of_a_day(few, many)
    yield from checkpoint(many, repeats)


def _ensemble(quick: bool, say: Callable[[str], None]) -> Iterator[Figure]:
    """Shocks on an ensemble of states, as bench/state.py times them."""
    history = state.invented_history(state.SESSIONS // 9 if quick else state.SESSIONS)
    setting = state.setting_of(load(), history, state.NAMES, 0, lag=0)
    with LocalWorkers(cores()) as workers:
        spin = state.Spin(setting, 2 if quick else state.STATES, workers)
        yield from state.shocks(spin, 1, say, None if quick else Target(ENSEMBLE_SECONDS))
