"""Workers: who runs kernels over all accounts. Totals are sums of whole numbers, so their order does not matter.

Accounts are handed over once (``hold``), copied for each scenario (``copied``), run over (``each``), and brought home
where somebody wants to look at them (``gathered``). There are two kinds: threads of this process, here, and actors of a
Ray cluster, in :mod:`gaemi.cluster`. Whoever asks does not know which.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

from gaemi.kernels._compile import compiled
from gaemi.records.shards import Dealt, Group, copy_of, joined, part_of, picked, replaced

ROWS_A_TASK = 131_072
CELLS_FOR_ONE = 50_000
"""Below this many holding slots one thread is faster than two that wait for each other."""

Range = tuple[Group, int, int]
Where = Callable[[Group], bool]
T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""What a view tells whoever waits: what it is at, how much of it is done, and of how much."""


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def silent(label: str, done: int, total: int) -> None:
    """Progress for nobody."""


def told(progress: Progress, label: str, total: int, before: int = 0) -> Callable[[int], None]:
    """Progress of one part of the work: ``total`` pieces are to be done in all, ``before`` of them before this part."""
    return lambda done: progress(label, before + done, total)


Tally = np.ndarray | tuple[np.ndarray, ...]
"""Whole numbers that a kernel adds to: an array, or a record (NamedTuple) of arrays."""


def nothing_like(tally: Tally) -> Tally:
    """A tally of the same shape, of nothing yet."""
    if isinstance(tally, np.ndarray):
        return np.zeros_like(tally)
    return type(tally)(*(np.zeros_like(array) for array in tally))


def add(total: Tally, part: Tally) -> None:
    """Add a part to a total, in place."""
    if isinstance(total, np.ndarray):
        total += part
    else:
        for array, addend in zip(total, part, strict=True):
            array += addend


class Workers(ABC):
    """What a run asks of its workers. ``tables`` are what ``hold`` and ``copied`` gave; only workers look into them."""

    threads: int
    shards: int

    @property
    @abstractmethod
    def here(self) -> "LocalWorkers":
        """Threads of this process, for what is small or of one place."""

    @abstractmethod
    def hold(self, groups: Sequence[Group]) -> Any:
        """Hand groups of accounts over, dealt to shards by a hash of the investor; what was held stays held."""

    @abstractmethod
    def copied(self, tables: Any, columns: Sequence[str] | None = None, values: Sequence[Group] | None = None) -> Any:
        """Tables whose named ``columns`` (all, unless named) are copies for a scenario to write; others are shared.

        With ``values``, as :meth:`gathered` gave them, these columns hold them instead.
        """

    @abstractmethod
    def append(self, tables: Any, group: Group) -> None:
        """A group more, its accounts dealt as ``hold`` deals them."""

    @abstractmethod
    def post(
        self, kernel: Callable[..., None], tables: Any, *args: Any, out: Sequence[Tally], where: Where | None = None
    ) -> None:
        """As :meth:`each`; what is tallied stands in ``out`` only after :meth:`join`, so that waits are shared."""

    @abstractmethod
    def after(self, work: Callable[[], None]) -> None:
        """Do ``work`` once all that was posted before it is there: now, or at the next :meth:`join`."""

    @abstractmethod
    def join(self) -> None:
        """Wait for all that was posted, and do what waits for it, in order."""

    def each(
        self, kernel: Callable[..., None], tables: Any, *args: Any, out: Sequence[Tally], where: Where | None = None
    ) -> None:
        """Run ``kernel(group, *args, *out, start, stop)`` over all accounts and add what it tallies to ``out``.

        With ``where`` only over groups of which it holds.
        """
        self.post(kernel, tables, *args, out=out, where=where)
        self.join()

    @abstractmethod
    def gathered(self, tables: Any, columns: Sequence[str] | None = None) -> list[Group]:
        """The groups as they were handed over, row by row, with what their columns hold now; they are not to be
        written. With ``columns`` a tuple of these columns stands for each group."""

    @abstractmethod
    def map(
        self, work: Callable[..., T], items: Sequence[Any], *common: Any, done: Callable[[int], None] | None = None
    ) -> list[T]:
        """``work(item, *common)`` for each item, results in the order of items; ``done`` is told how many there are.

        ``work`` is a function of a module. It may change its item; who asked sees that only in what it returns.
        """

    @abstractmethod
    def lasting(self, work: Callable[[], T]) -> T:
        """What ``work`` gives. Where a worker is lost on the way it is replaced and the work done again from what was
        held: so it must begin with ``copied`` and leave nothing half done elsewhere."""

    @abstractmethod
    def close(self) -> None:
        """Let the workers go."""

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class LocalWorkers(Workers):
    """Threads of this process. Kernels run outside Python's lock, each on a range of accounts of one group."""

    def __init__(self, threads: int | None = None, plain: bool = False, shards: int | Sequence[int] = 1) -> None:
        """``plain``: kernels run as they are written, for a few accounts that are not worth compiling for.

        ``shards``: their number, or the share that each takes, as ``(1, 5, 2)``.
        """
        self.threads = threads or cores()
        self.shares = (1,) * shards if isinstance(shards, int) else tuple(shards)
        self.shards = len(self.shares)
        self._plain = plain
        self._pool = ThreadPoolExecutor(self.threads)
        self._here = self if self.shards == 1 else LocalWorkers(threads, plain)
        self._whole: dict[int, tuple[Sequence[Group], Dealt]] = {}

    @property
    def here(self) -> "LocalWorkers":
        """These threads, with accounts in the order in which they were given."""
        return self._here

    def hold(self, groups: Sequence[Group]) -> list[Group]:
        """The groups themselves where there is one shard; else parts, dealt once."""
        if self.shards == 1:
            return list(groups)
        if id(groups) not in self._whole:
            self._whole[id(groups)] = (groups, Dealt.of(groups, self.shares))
        return self._whole[id(groups)][1]

    def copied(
        self, tables: list[Group], columns: Sequence[str] | None = None, values: Sequence[Group] | None = None
    ) -> list[Group]:
        if isinstance(tables, Dealt):
            given = None if values is None else [part_of(values[number], rows) for number, rows in tables.rows]
            return Dealt(self._copies(tables, columns, given), tables.rows)
        return self._copies(tables, columns, values)

    def _copies(
        self, tables: Sequence[Group], columns: Sequence[str] | None, values: Sequence[Group] | None
    ) -> list[Group]:
        if values is None:
            return [copy_of(group, columns) for group in tables]
        return [replaced(group, columns, given) for group, given in zip(tables, values, strict=True)]

    def append(self, tables: list[Group], group: Group) -> None:
        if isinstance(tables, Dealt):
            tables.add(group, self.shares)
        else:
            tables.append(group)

    def post(
        self, kernel: Callable[..., None], tables: Any, *args: Any, out: Sequence[Tally], where: Where | None = None
    ) -> None:
        """Done at once: threads of this process wait for nothing but each other."""
        run = self.ready(kernel)

        def share(ranges: list[Range]) -> list[Tally]:
            tally = [nothing_like(each) for each in out]
            for group, start, stop in ranges:
                run(group, *args, *tally, start, stop)
            return tally

        groups = tables if where is None else [group for group in tables if where(group)]
        shares = self._shares(groups)
        tallies = [share(shares[0])] if len(shares) == 1 else self._pool.map(share, shares)
        for tally in tallies:
            for total, part in zip(out, tally, strict=True):
                add(total, part)

    def after(self, work: Callable[[], None]) -> None:
        work()

    def join(self) -> None:
        pass

    def gathered(self, tables: list[Group], columns: Sequence[str] | None = None) -> list[Group]:
        whole = joined(tables) if isinstance(tables, Dealt) else tables
        return [picked(group, columns) for group in whole]

    def ready(self, kernel: Callable[..., Any]) -> Callable[..., Any]:
        """``kernel`` as these workers run it, compiled or plain."""
        return kernel if self._plain else compiled(kernel)

    def map(
        self, work: Callable[..., T], items: Sequence[Any], *common: Any, done: Callable[[int], None] | None = None
    ) -> list[T]:
        """Threads beside each other, which helps as far as ``work`` is compiled code or waits."""
        found: list[T] = []
        one_by_one = self.threads == 1 or len(items) == 1
        results = map if one_by_one else self._pool.map
        for result in results(lambda item: work(item, *common), items):
            found.append(result)
            if done is not None:
                done(len(found))
        return found

    def over(self, count: int, size: int, work: Callable[[int, int], None]) -> None:
        """Run ``work(start, stop)`` over 0 to ``count``, ``size`` at a time; each writes places of its own."""
        ranges = [(start, min(start + size, count)) for start in range(0, count, size)]
        if self.threads == 1 or len(ranges) == 1:
            for start, stop in ranges:
                work(start, stop)
            return
        for _ in self._pool.map(lambda each: work(*each), ranges):
            pass

    def lasting(self, work: Callable[[], T]) -> T:
        return work()

    def _shares(self, groups: Sequence[Any]) -> list[list[Range]]:
        """Ranges of accounts dealt to the threads, the largest first to whoever has least; few accounts to one."""
        ranges = [
            (group, start, min(start + ROWS_A_TASK, group.investor.size))
            for group in groups
            for start in range(0, group.investor.size, ROWS_A_TASK)
        ]
        cost = [(stop - start) * group.instrument.shape[0] for group, start, stop in ranges]
        threads = self.threads if sum(cost) > CELLS_FOR_ONE else 1
        shares: list[list[Range]] = [[] for _ in range(threads)]
        load = [0] * threads
        for i in sorted(range(len(ranges)), key=lambda i: -cost[i]):
            least = load.index(min(load))
            shares[least].append(ranges[i])
            load[least] += cost[i]
        return [share for share in shares if share] or [[]]

    def close(self) -> None:
        self._pool.shutdown()
        if self._here is not self:
            self._here.close()

    def __enter__(self) -> "LocalWorkers":
        return self
