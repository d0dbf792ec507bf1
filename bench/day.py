"""A day of marking and margin tests, ours beside the others, in one run."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import process_time

from bench.accounts import Answer, Country, Long, country, long_tables, sample
from bench.figures import Figure, Target, Timed, pairs, ratio, seconds
from bench.ours import OurDay, Reading
from gaemi.workers import LocalWorkers

THREADS = 2
MESA_AGENTS = 200_000
DAY_MS = 120.0
DAY_READS = 3.0


class Disagree(AssertionError):
    """Somebody found something else: no time is believed."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another way of doing it: how it is made, and how many times as long it should take at least."""

    name: str
    make: Callable[[], object]
    target: float | None = None


def peers(these: Country, tables: Long) -> list[Peer]:
    """Each peer twice: as one would write it, and in our layout."""
    from bench.in_duckdb import DuckdbLong, DuckdbWide
    from bench.in_numpy import NumpyLong, NumpySlots
    from bench.in_polars import PolarsLong, PolarsWide

    return [
        Peer("NumPy", lambda: NumpyLong(tables), 6.0),
        Peer("NumPy, our layout", lambda: NumpySlots(these)),
        Peer("Polars", lambda: PolarsLong(tables), 25.0),
        Peer("Polars, our layout", lambda: PolarsWide(these)),
        Peer("DuckDB", lambda: DuckdbLong(tables, THREADS), 30.0),
        Peer("DuckDB, our layout", lambda: DuckdbWide(these, THREADS)),
    ]


def figures(scale: int, repeats: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """Time the day, the reading of its bytes, and every peer, each in turns with ours."""
    judged = scale == 1
    with LocalWorkers(THREADS) as workers, ThreadPoolExecutor(THREADS) as pool:
        say("population")
        these = country(scale, workers)
        say(f"{these.accounts:,} accounts, {these.holdings:,} holdings")
        day, reading = OurDay(these, workers), Reading(these, THREADS, pool.map)
        reading()
        tables = long_tables(these)
        day.forget_calls()
        day()
        wanted = day.answer()
        say("reading")
        timed = pairs(day, reading, 3 * repeats, day.forget_calls)
        note = (
            f"{reading.bytes / 1e9:.2f} GB read once, {reading.bytes / 1e9 / min(b for _, b in timed):.1f} GB/s at best"
        )
        yield Figure("a day", "ms", tuple(1e3 * a for a, _ in timed), Target(DAY_MS) if judged else None)
        yield Figure("reading its bytes", "ms", tuple(1e3 * b for _, b in timed), None, note)
        reads = tuple(a / b for a, b in timed)
        yield Figure("a day / reading", "times", reads, Target(DAY_READS) if judged else None)
        yield from _steps(day, repeats)
        for peer in peers(these, tables):
            say(peer.name)
            other = peer.make()
            yield from _against(day, other, peer, repeats, (wanted, 1.0, judged))  # type: ignore[arg-type]
            del other
        yield from _mesa(day, these, repeats, judged, say)


def _steps(day: OurDay, repeats: int) -> Iterator[Figure]:
    """The parts of a day, to see where its time goes; processor time tells a busy machine from a slow day."""
    after, marks, calls, counts, busy = day.these.after, [], [], [], []
    for _ in range(repeats):
        day.forget_calls()
        began = process_time()
        marks.append(1e3 * seconds(lambda: day.mark(after)))
        calls.append(1e3 * seconds(lambda: day.call(after)))
        counts.append(1e3 * seconds(lambda: day.count(after)))
        busy.append(1e3 * (process_time() - began))
    yield Figure("of a day: plain accounts", "ms", tuple(marks))
    yield Figure("of a day: borrowers marked and called", "ms", tuple(calls))
    yield Figure("of a day: sales looked for, sums", "ms", tuple(counts))
    yield Figure("of a day: processor time", "ms", tuple(busy), None, f"of {THREADS} threads together")


def _against(
    day: OurDay, other: Timed, peer: Peer, repeats: int, terms: tuple[Answer, float, bool]
) -> Iterator[Figure]:
    """``terms``: the answer to be found, by what the other's time is scaled, and whether targets count."""
    wanted, times, judged = terms
    other()  # the first time is not timed: it warms caches and is checked
    found: Answer = other.answer()  # type: ignore[attr-defined]
    if found != wanted:
        raise Disagree(f"{peer.name} found {found}, expected {wanted}")
    timed = pairs(day, other, repeats, day.forget_calls)
    yield Figure(f"{peer.name}: a day", "ms", tuple(1e3 * times * b for _, b in timed))
    target = Target(peer.target, least=True) if peer.target and judged else None
    yield Figure(f"{peer.name} / ours", "times", ratio(timed, times), target)


def _mesa(day: OurDay, these: Country, repeats: int, judged: bool, say: Callable[[str], None]) -> Iterator[Figure]:
    """Mesa holds a part of the accounts; its time is scaled by their number."""
    from bench.in_mesa import MesaAgents
    from bench.in_numpy import NumpyLong

    part = sample(these, max(1, these.accounts // MESA_AGENTS))
    say(f"Mesa, {part.accounts:,} agents")
    expected = NumpyLong(long_tables(part))
    expected()
    agents, times = MesaAgents(part), these.accounts / part.accounts
    peer = Peer(f"Mesa ({part.accounts:,} agents, scaled)", lambda: agents, 100.0)
    yield from _against(day, agents, peer, repeats, (expected.answer(), times, judged))
