"""A day taken apart: what each pass over the accounts takes beside a plain read of the columns it goes through.

The day is a session of a fall of 20 % in three, with feedback, run by the engine itself: accounts are valued, loans
called, shares ordered and sold, all in one session. It is made ready anew before every repeat.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

import numpy as np

from bench.figures import Figure, Target, pairs, seconds
from bench.ours import ReadingColumns
from bench.report import percent
from bench.watched import Place, Spying, Watched
from gaemi.day import one_day
from gaemi.kernels.mark import mark_plain
from gaemi.kernels.sell import GROSS_WON
from gaemi.market.shocks import with_default
from gaemi.records.columns import AGE_BANDS, Population
from gaemi.run import begin
from gaemi.scene import Scene
from gaemi.world import Settings, World

FALL_BPS, DAY = -2_000, 3
"""The session that is timed: the last of the fall, when loans called before are sold and others are called."""

DAY_READS, GROWTH, TIMES = 2.5, 10.5, 10
READ_ONE, READ_ALL = "memory's limit: a plain read, 1 thread", "memory's limit: a plain read, all threads"
DAY_NAME, READ_NAME, RATIO_NAME = "a falling day, every account", "reading its columns once", "a falling day / reading"
GROWTH_NAME = "a falling day, ten times as many accounts"
OF_THE_DAY = "of that day: "

PARTS = {
    "mark_plain": "plain accounts marked",
    "mark_borrowing": "borrowers marked",
    "mark_and_call": "borrowers marked and called",
    "call_pools": "calls",
    "order_sales": "sales looked for and ordered",
    "order_unpaid": "unpaid purchases ordered",
    "follow_payments": "peaks follow payments",
    "fill_orders": "sales filled",
    "settle_loans": "settlement",
    "sum_borrowing": "tally",
}
"""What kernels do, in words; one that is not here stands under its own name."""

PRICES = "prices, clearing, ledger"
"""The rest of a day: it reads no account."""

Columns = Mapping[str, Sequence[Place]]


class NothingHappened(AssertionError):
    """Nobody was called, or nothing was sold: it is not the day that was to be timed."""


class FallingDay:
    """A session with calls and sales; ``ready`` begins anew and runs the sessions before it."""

    def __init__(self, scene: Scene, workers: Watched | Spying, day: int = DAY) -> None:
        self.scene, self.workers, self.day = scene, workers, day
        self.path = scene.shock_path(with_default(FALL_BPS), day)
        self.world: World

    def ready(self) -> None:
        if hasattr(self, "world"):
            del self.world  # its copies make room for the next ones
        settings = Settings(True, True, self.scene.request.seed)
        self.world = begin(self.scene.start, self.path, self.scene.workers, settings)
        for day in range(1, self.day):
            one_day(self.world, day)
        self.world.workers = self.workers
        self.workers.forget()

    def __call__(self) -> None:
        """Run the session; plain accounts are valued in it also where a run would put that off."""
        world = self.world
        one_day(world, self.day)
        if mark_plain.__name__ not in self.workers.ran:
            out = [np.zeros(len(AGE_BANDS), np.int64), np.zeros(1, np.int64)]
            self.workers.each(mark_plain, world.population.plain, world.now, out=out)
        if world.differences:
            raise AssertionError(f"a won is not accounted for: {world.differences[0]}")
        if world.record.called == 0 or world.record.flows[GROSS_WON] == 0:
            raise NothingHappened(f"{world.record.called} calls, {world.record.flows[GROSS_WON]} won sold")


def columns_gone_through(scene: Scene) -> Columns:
    """By kernel the columns that it goes through from end to end on the day that is timed, seen on a small country."""
    with Spying() as spy:
        day = FallingDay(scene, spy)
        day.ready()
        day()
        return spy.gone_through()


def columns_of(population: Population, places: Sequence[Place]) -> list[np.ndarray]:
    """The columns (family, name) of a population, those of each group."""
    groups = [*population.plain, *population.borrowing]
    return [getattr(g, name) for family, name in places for g in groups if type(g).__name__ == family]


@dataclass(frozen=True, slots=True)
class Taken:
    """Of each repeat: seconds of the day, of reading its columns, and by part of the part and of reading its own."""

    day: list[float]
    reading: list[float]
    parts: dict[str, list[tuple[float, float]]]
    bytes: dict[str, int]
    whole_bytes: int


def take_apart(day: FallingDay, columns: Columns, repeats: int, each: Callable[..., object]) -> Taken:
    """Time the day and the reading of its columns in turns, then the reading of each part's own."""
    workers = day.workers
    assert isinstance(workers, Watched)
    population, threads = day.scene.start.population, workers.threads
    places = sorted({place for every in columns.values() for place in every})
    whole = ReadingColumns(columns_of(population, places), threads, each)
    readings = {name: ReadingColumns(columns_of(population, every), threads, each) for name, every in columns.items()}
    day.ready()
    day()
    whole()
    taken = Taken([], [], {}, {name: reading.bytes for name, reading in readings.items()}, whole.bytes)
    for _ in range(repeats):
        ((a, b),) = pairs(day, whole, 1, day.ready)
        taken.day.append(a)
        taken.reading.append(b)
        for name, spent in workers.spent.items():
            read = seconds(readings[name]) if name in readings else 0.0
            taken.parts.setdefault(name, []).append((spent, read))
        rest = a - sum(workers.spent.values())
        taken.parts.setdefault(PRICES, []).append((rest, 0.0))
    return taken


def figures_of(taken: Taken, accounts: int, judged: bool) -> Iterator[Figure]:
    """The day, its reading, their ratio, and the parts with the share of the limit that each reaches."""
    note = "valued, called, ordered, sold, settled, summed; with feedback"
    yield Figure(DAY_NAME, "ms", _ms(taken.day), None, note, {"accounts": accounts})
    note = f"{taken.whole_bytes / 1e9:.2f} GB, each column that the day goes through once"
    yield Figure(READ_NAME, "ms", _ms(taken.reading), None, note, {"bytes": taken.whole_bytes})
    ratios = tuple(a / b for a, b in zip(taken.day, taken.reading, strict=True))
    yield Figure(RATIO_NAME, "times", ratios, Target(DAY_READS) if judged else None)
    for name, timed in taken.parts.items():
        spent, size = [a for a, _ in timed], taken.bytes.get(name, 0)
        said = OF_THE_DAY + PARTS.get(name, name.replace("_", " "))
        if size == 0:
            yield Figure(said, "ms", _ms(spent), None, "goes through no column")
            continue
        share, speed = median(b / a for a, b in timed), size / median(spent) / 1e9
        note = f"{size / 1e9:.3f} GB, {speed:.1f} GB/s, {percent(share)} of the limit"
        yield Figure(said, "ms", _ms(spent), None, note, {"bytes": size, "gb_s": speed, "limit_share": share})


def limits(population: Population, repeats: int, threads: Mapping[str, int]) -> Iterator[Figure]:
    """GB/s of reading what plain accounts hold, by the name of the figure and its threads."""
    columns = [column for g in population.plain for column in (g.instrument, g.quantity)]
    for name, number in threads.items():
        with ThreadPoolExecutor(number) as pool:
            reading = ReadingColumns(columns, number, pool.map)
            reading()
            speeds = tuple(reading.bytes / seconds(reading) / 1e9 for _ in range(3 * repeats))
        yield Figure(name, "GB/s", speeds, None, f"{reading.bytes / 1e9:.2f} GB", {"threads": number})


def growth(small: FallingDay, large: FallingDay, repeats: int, judged: bool) -> Figure:
    """How many times as long the day takes where there are ten times as many accounts, in turns."""

    def ready() -> None:
        small.ready()
        large.ready()

    ready()
    small()
    large()
    timed = pairs(small, large, repeats, ready)
    few, many = (each.scene.start.population.accounts() for each in (small, large))
    note = f"{few:,} and {many:,} accounts"
    return Figure(GROWTH_NAME, "times", tuple(b / a for a, b in timed), Target(GROWTH) if judged else None, note)


def _ms(spent: Sequence[float]) -> tuple[float, ...]:
    return tuple(1e3 * each for each in spent)
