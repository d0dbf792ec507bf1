"""Watching a day: how long each kernel takes, and which columns it goes through from end to end.

The engine's own day is run, so that what is measured is what a run does. Which columns a kernel goes through is found
by running the same day uncompiled on a small country, with columns that note which of their places are touched.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from gaemi.workers import LocalWorkers, Tally, Where

LINE_BYTES = 64
"""What memory hands over at once, on every processor that we know."""

FROM_END_TO_END = 0.9
"""A kernel that touches so many of a column's lines has gone through the column."""


class Watched(LocalWorkers):
    """Threads that add up the seconds of each kernel, by its name."""

    def __init__(self, threads: int | None = None) -> None:
        super().__init__(threads)
        self.spent: dict[str, float] = defaultdict(float)

    def post(
        self, kernel: Callable[..., None], tables: Any, *args: Any, out: Sequence[Tally], where: Where | None = None
    ) -> None:
        began = perf_counter()
        super().post(kernel, tables, *args, out=out, where=where)
        self.spent[kernel.__name__] += perf_counter() - began

    @property
    def ran(self) -> set[str]:
        """Names of the kernels that ran since all was forgotten."""
        return set(self.spent)

    def forget(self) -> None:
        self.spent.clear()

    def __enter__(self) -> "Watched":
        return self


class Noting:
    """A column, or a part of one, that notes in ``touched`` which of its places are read or written."""

    def __init__(self, values: np.ndarray, touched: np.ndarray) -> None:
        self.values, self.touched = values, touched
        self.shape, self.size, self.dtype = values.shape, values.size, values.dtype

    def __getitem__(self, key: Any) -> Any:
        found = self.values[key]
        if isinstance(found, np.ndarray):
            return Noting(found, self.touched[key])
        self.touched[key] = True
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        self.values[key] = value
        self.touched[key] = True

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        self.touched[...] = True
        return self.values

    def __len__(self) -> int:
        return len(self.values)

    def lines(self) -> tuple[int, int]:
        """Lines of which a place was touched, and all lines."""
        a_line = max(1, LINE_BYTES // self.values.itemsize)
        rows = self.touched.reshape(-1, self.touched.shape[-1])
        padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % a_line)))
        lines = padded.reshape(rows.shape[0], -1, a_line).any(axis=2)
        return int(lines.sum()), lines.size


Place = tuple[str, str]
"""A family of tables and a column of it."""

Lines = dict[Place, np.ndarray]
"""Lines touched and all lines, int64[2]."""


class Spying(LocalWorkers):
    """One thread that runs kernels uncompiled and notes what each touches: for a small country."""

    def __init__(self) -> None:
        super().__init__(1, plain=True)
        self.lines: dict[str, list[Lines]] = {}

    def post(
        self, kernel: Callable[..., None], tables: Any, *args: Any, out: Sequence[Tally], where: Where | None = None
    ) -> None:
        noting = [
            type(group)(*(Noting(column, np.zeros(column.shape, bool)) for column in group))
            for group in tables
            if where is None or where(group)
        ]
        super().post(kernel, noting, *args, out=out)
        lines: Lines = {}
        for group in noting:
            for name, column in zip(group._fields, group, strict=True):
                place = (type(group).__name__, name)
                lines[place] = lines.get(place, np.zeros(2, np.int64)) + column.lines()
        self.lines.setdefault(kernel.__name__, []).append(lines)

    @property
    def ran(self) -> set[str]:
        """Names of the kernels that ran since all was forgotten."""
        return set(self.lines)

    def forget(self) -> None:
        self.lines.clear()

    def gone_through(self) -> dict[str, list[Place]]:
        """By kernel the columns of which it touched FROM_END_TO_END of the lines or more, once for each time it ran."""
        return {
            kernel: [place for lines in runs for place, (touched, every) in lines.items() if _whole(touched, every)]
            for kernel, runs in self.lines.items()
        }

    def __enter__(self) -> "Spying":
        return self


def _whole(touched: int, every: int) -> bool:
    return every > 0 and touched >= FROM_END_TO_END * every
