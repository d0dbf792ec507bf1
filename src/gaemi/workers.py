"""Workers: who runs a kernel over all accounts. Totals are sums of whole numbers, so their order does not matter."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from gaemi.kernels._compile import compiled

ROWS_A_TASK = 131_072
CELLS_FOR_ONE = 50_000
"""Below this many holding slots one thread is faster than two that wait for each other."""

Range = tuple[Any, int, int]

Progress = Callable[[str, int, int], None]
"""What a view tells whoever waits: what it is at, how much of it is done, and of how much."""


def silent(label: str, done: int, total: int) -> None:
    """Progress for nobody."""


Tally = np.ndarray | tuple[np.ndarray, ...]
"""Whole numbers that a kernel adds to: an array, or a record (NamedTuple) of arrays."""


def _nothing_like(tally: Tally) -> Tally:
    if isinstance(tally, np.ndarray):
        return np.zeros_like(tally)
    return type(tally)(*(np.zeros_like(array) for array in tally))


def _add(total: Tally, part: Tally) -> None:
    if isinstance(total, np.ndarray):
        total += part
    else:
        for array, addend in zip(total, part, strict=True):
            array += addend


class LocalWorkers:
    """Threads of this process. Kernels run outside Python's lock, each on a range of accounts of one group."""

    def __init__(self, threads: int | None = None, plain: bool = False) -> None:
        """``plain``: kernels run as they are written, for a few accounts that are not worth compiling for."""
        self.threads = threads or min(os.cpu_count() or 1, 16)
        self._plain = plain
        self._pool = ThreadPoolExecutor(self.threads)

    def each(self, kernel: Callable[..., None], groups: Sequence[Any], *args: Any, out: Sequence[Tally]) -> None:
        """Run ``kernel(group, *args, *out, start, stop)`` over all accounts and add what it tallies to ``out``."""
        run = self.ready(kernel)

        def share(ranges: list[Range]) -> list[Tally]:
            tally = [_nothing_like(each) for each in out]
            for group, start, stop in ranges:
                run(group, *args, *tally, start, stop)
            return tally

        shares = self._shares(groups)
        tallies = [share(shares[0])] if len(shares) == 1 else self._pool.map(share, shares)
        for tally in tallies:
            for total, part in zip(out, tally, strict=True):
                _add(total, part)

    def ready(self, kernel: Callable[..., Any]) -> Callable[..., Any]:
        """``kernel`` as these workers run it, compiled or plain."""
        return kernel if self._plain else compiled(kernel)

    def over(self, count: int, size: int, work: Callable[[int, int], None]) -> None:
        """Run ``work(start, stop)`` over 0 to ``count``, ``size`` at a time; each writes places of its own."""
        ranges = [(start, min(start + size, count)) for start in range(0, count, size)]
        if self.threads == 1 or len(ranges) == 1:
            for start, stop in ranges:
                work(start, stop)
            return
        for _ in self._pool.map(lambda each: work(*each), ranges):
            pass

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

    def __enter__(self) -> "LocalWorkers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
