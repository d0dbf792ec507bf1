"""Pieces of work beside each other. Results never depend on how many threads there are."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gaemi.kernels._compile import compiler_is_on

CHUNK = 1 << 17
"""Accounts of one piece of work."""


def in_threads(work: Callable[..., Any], jobs: Iterator[tuple[Any, ...]]) -> list[Any]:
    """Results of ``work(*job)`` in the order of the jobs; compiled kernels run beside each other."""
    if not compiler_is_on():
        return [work(*job) for job in jobs]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return list(pool.map(lambda job: work(*job), jobs))


def spans(size: int, chunk: int = CHUNK) -> Iterator[tuple[int, int]]:
    for low in range(0, size, chunk):
        yield low, min(size, low + chunk)
