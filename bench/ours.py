"""Our day: mark and call as ``gaemi.day`` runs them; and the limit, reading the same columns once."""

from collections.abc import Callable, Sequence

import numpy as np

from bench.accounts import Answer, Country
from gaemi.kernels._compile import compiled
from gaemi.kernels.call import NEWLY_CALLED, CallTally, call_pools, call_tally
from gaemi.kernels.mark import mark_borrowing, mark_plain, owed_won
from gaemi.records.columns import AGE_BANDS, NEVER
from gaemi.workers import LocalWorkers

PLAIN_READ = ("instrument", "quantity", "cash_won", "peak_won")
BORROWING_READ = (
    "instrument", "quantity", "standing", "cash_won", "residual_won", "peak_account_won", "peak_investor_won",
    "firm", "loan_kind", "principal_won", "opened", "interest_from", "sale_day",
)  # fmt: skip
"""Columns that a day of marks and calls reads from end to end; others it touches only where something happens."""

DAY = 1


class OurDay:
    """Every account valued, its peak raised, interest counted, every pool tested and its clock set."""

    def __init__(self, these: Country, workers: LocalWorkers) -> None:
        self.these = these
        self.workers = workers
        self.net_won = np.zeros(1, np.int64)
        self.tally = call_tally(these.before.unit.size)
        self.mark(these.before)

    def mark(self, quotes: object) -> None:
        these, wiped = self.these, np.zeros(len(AGE_BANDS), np.int64)
        self.net_won = np.zeros(1, np.int64)
        self.workers.each(mark_plain, these.population.plain, quotes, out=[wiped, self.net_won])
        arguments = (quotes, these.law, these.today)
        self.workers.each(mark_borrowing, these.population.borrowing, *arguments, out=[self.net_won])

    def call(self) -> CallTally:
        tally = call_tally(self.these.before.unit.size)
        arguments = (self.these.after, self.these.law, DAY, 0)
        self.workers.each(call_pools, self.these.population.borrowing, *arguments, out=[tally])
        return tally

    def forget_calls(self) -> None:
        """Stop all clocks, so that every repeat calls anew."""
        for group in self.these.population.borrowing:
            group.called_day[:] = NEVER
            group.sale_day[:] = NEVER

    def __call__(self) -> None:
        self.mark(self.these.after)
        self.tally = self.call()

    def answer(self) -> Answer:
        """Net worth less cash plus what is owed is the value of all holdings; each newly called pool is a borrower."""
        population, run = self.these.population, compiled(owed_won)
        value = int(self.net_won[0]) - sum(int(g.cash_won.sum()) for g in (*population.plain, *population.borrowing))
        for group in population.borrowing:
            owed = np.zeros(group.investor.size, np.int64)
            run(group, self.these.law, self.these.today, owed, 0, owed.size)
            value += int(owed.sum())
        return Answer(value, int(self.tally.totals[NEWLY_CALLED]))


def read_words(words: np.ndarray, found: np.ndarray) -> None:
    """Read int64 words and do next to nothing with them."""
    mixed = 0
    for i in range(words.size):
        mixed ^= words[i]
    found[0] ^= mixed


class ReadingColumns:
    """Read columns once, with as many threads: nothing that goes through these bytes can be faster."""

    def __init__(self, columns: Sequence[np.ndarray], threads: int, each: Callable[..., object]) -> None:
        self.each = each
        self.parts: list[list[np.ndarray]] = [[] for _ in range(threads)]
        self.bytes = sum(column.nbytes for column in columns)
        for column in columns:
            raw = column.reshape(-1).view(np.uint8)
            words = raw[: raw.size // 8 * 8].view(np.int64)
            for thread, part in enumerate(np.array_split(words, threads)):
                self.parts[thread].append(part)

    def __call__(self) -> None:
        list(self.each(self._share, self.parts))  # type: ignore[call-overload]

    def _share(self, parts: list[np.ndarray]) -> None:
        run, found = compiled(read_words), np.zeros(1, np.int64)
        for part in parts:
            run(part, found)


class Reading(ReadingColumns):
    """Read every column of the day once: no day that reads these bytes can be faster."""

    def __init__(self, these: Country, threads: int, each: Callable[..., object]) -> None:
        columns = [getattr(g, name) for g in these.population.plain for name in PLAIN_READ]
        columns += [getattr(g, name) for g in these.population.borrowing for name in BORROWING_READ]
        super().__init__(columns, threads, each)
