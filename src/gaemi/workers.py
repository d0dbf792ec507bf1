"""Workers: who runs a kernel over all accounts. Totals are sums of whole numbers, so their order does not matter."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from gaemi.kernels._compile import compiled

ROWS_A_TASK = 262_144


class LocalWorkers:
    """Threads of this process. Kernels run outside Python's lock, each on a range of accounts of one group."""

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or min(os.cpu_count() or 1, 16)
        self._pool = ThreadPoolExecutor(self.threads)

    def each(self, kernel: Callable[..., None], groups: Sequence[Any], *args: Any, out: Sequence[np.ndarray]) -> None:
        """Run ``kernel(group, *args, *out, start, stop)`` over all accounts and add what it tallies to ``out``."""
        run = compiled(kernel)

        def task(group: Any, start: int, stop: int) -> list[np.ndarray]:
            tally = [np.zeros_like(array) for array in out]
            run(group, *args, *tally, start, stop)
            return tally

        ranges = [
            (group, start, min(start + ROWS_A_TASK, group.investor.size))
            for group in groups
            for start in range(0, group.investor.size, ROWS_A_TASK)
        ]
        for tally in self._pool.map(lambda each: task(*each), ranges):
            for total, part in zip(out, tally, strict=True):
                total += part

    def close(self) -> None:
        self._pool.shutdown()

    def __enter__(self) -> "LocalWorkers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
