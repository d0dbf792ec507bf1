"""A Ray cluster of this machine beside its threads: the same sessions, and what crosses in a step."""

from collections.abc import Callable, Iterator, Sequence
from statistics import median
from time import perf_counter

from bench.figures import Figure, Target
from bench.taken_apart import FALL_BPS
from gaemi.cluster import RayWorkers
from gaemi.errors import Refused
from gaemi.market.shocks import with_default
from gaemi.run import begin, run
from gaemi.scene import Scene
from gaemi.workers import LocalWorkers, Workers
from gaemi.world import Settings, World

SHARDS, SESSIONS = 2, 20
LONGER = 1.15
RATIO_NAME, SECONDS_NAME = "Ray with 2 workers / 2 threads", f"Ray with 2 workers, {SESSIONS} sessions"
THREADS_NAME = f"2 threads, {SESSIONS} sessions"
TRAFFIC_FEW, TRAFFIC_MANY = "Ray: traffic a step, few accounts", "Ray: traffic a step, many accounts"
STEP_NAME = "Ray: a step with next to no accounts"


class Parted(AssertionError):
    """The cluster found something else than threads: no time is believed."""


def sessions_of(scene: Scene, workers: Workers) -> tuple[float, World]:
    """Seconds of a scenario with feedback from the state's close, all accounts valued, and the world at its end."""
    path = scene.shock_path(with_default(FALL_BPS), SESSIONS)
    began = perf_counter()
    world = run(begin(scene.start, path, workers, Settings(True, True, scene.request.seed)))
    return perf_counter() - began, world


def cluster(scenes: Sequence[Scene], repeats: int, judged: bool, say: Callable[[str], None]) -> Iterator[Figure]:
    """``scenes`` rise in accounts: the first tells what a step costs by itself, the last is run beside threads."""
    try:
        ray = RayWorkers(SHARDS)
    except Refused as why:
        say(f"no cluster, so nothing of Ray is measured: {why}")
        return
    with ray, LocalWorkers(SHARDS) as threads:
        few, many = scenes[0], scenes[1]
        yield from _steps(ray, few, many, say)
        yield from _beside(ray, threads, (scenes[-1], repeats, judged), say)


def _steps(ray: RayWorkers, few: Scene, many: Scene, say: Callable[[str], None]) -> Iterator[Figure]:
    """Bytes a step with few and with many accounts, and the seconds of a step where accounts cost next to nothing."""
    for name, scene in ((TRAFFIC_FEW, few), (TRAFFIC_MANY, many)):
        accounts = scene.start.population.accounts()
        say(f"Ray, {accounts:,} accounts")
        sessions_of(scene, ray)
        before = ray.traffic_bytes
        spent, world = sessions_of(scene, ray)
        size = (ray.traffic_bytes - before) / SESSIONS
        selling = sum(int(record.names.get("ordered_at_close_lots", world.price[:0]).any()) for record in world.records)
        note = f"{accounts:,} accounts; a second sale in {selling} sessions, which is a kernel more"
        details = {"bytes": size, "shards": ray.shards, "accounts": accounts, "names": world.price.size}
        yield Figure(name, "kB", (size / 1e3,), None, note, details)
        if scene is few:
            note = f"{accounts:,} accounts on {ray.shards} workers, one of {SESSIONS} sessions"
            details = {"shards": ray.shards, "accounts": accounts}
            yield Figure(STEP_NAME, "ms", (1e3 * spent / SESSIONS,), None, note, details)


def _beside(
    ray: RayWorkers, threads: LocalWorkers, terms: tuple[Scene, int, bool], say: Callable[[str], None]
) -> Iterator[Figure]:
    """Threads and cluster in turns. ``terms``: the scene, how often, and whether targets count."""
    scene, repeats, judged = terms
    accounts = scene.start.population.accounts()
    say(f"Ray beside threads, {accounts:,} accounts")
    wanted, found = (_end(sessions_of(scene, workers)[1]) for workers in (threads, ray))
    if wanted != found:
        raise Parted("threads and the cluster end at other prices, shares or sums")
    timed = [(sessions_of(scene, threads)[0], sessions_of(scene, ray)[0]) for _ in range(repeats)]
    note = f"{accounts:,} accounts, second runs: accounts were handed over before"
    yield Figure(THREADS_NAME, "s", tuple(a for a, _ in timed), None, note)
    yield Figure(SECONDS_NAME, "s", tuple(b for _, b in timed))
    ratios = tuple(b / a for a, b in timed)
    note = f"{1e3 * median(b - a for a, b in timed) / SESSIONS:.0f} ms a session more"
    yield Figure(RATIO_NAME, "times", ratios, Target(LONGER) if judged else None, note)


def _end(world: World) -> tuple[bytes, bytes, bytes]:
    """Prices, shares of the rest of the market and all sums of accounts: what a won astray would change."""
    sums = b"".join(record.sums.tobytes() + record.flows.tobytes() for record in world.records)
    return world.price.tobytes(), world.rest.tobytes(), sums
