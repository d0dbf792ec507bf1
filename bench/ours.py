"""Our day: mark, call and tally as ``gaemi.day`` runs them; and the limit, reading the same columns once."""

from collections.abc import Callable, Sequence

import numpy as np

from bench.accounts import Answer, Country
from gaemi.kernels._compile import compiled
from gaemi.kernels.call import NEWLY_CALLED, call_tally
from gaemi.kernels.close import Hour, mark_and_call
from gaemi.kernels.mark import mark_plain
from gaemi.kernels.owed import owed_won, weights_of
from gaemi.kernels.sell import order_sales, sale_tally
from gaemi.kernels.tables import Quotes
from gaemi.kernels.tally import SUMS, sum_borrowing
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
    """Every account valued, its peak raised, interest counted, every pool tested, its clock set, all sums taken."""

    def __init__(self, these: Country, workers: LocalWorkers) -> None:
        self.these = these
        self.workers = workers
        self.net_won = np.zeros(1, np.int64)
        self.tally = call_tally(these.before.unit.size)
        self.mark(these.before)
        self.call(these.before)

    def mark(self, quotes: Quotes) -> None:
        """Value plain accounts, all of them: what a run puts off where nothing can come of it."""
        wiped = np.zeros(len(AGE_BANDS), np.int64)
        self.net_won = np.zeros(1, np.int64)
        self.workers.each(mark_plain, self.these.population.plain, quotes, out=[wiped, self.net_won])

    def call(self, quotes: Quotes) -> None:
        """Value and test borrowers."""
        these, hour = self.these, Hour(DAY, self.these.today, 0)
        self.tally = call_tally(quotes.unit.size)
        arguments, out = (quotes, these.law, hour), [self.net_won, self.tally]
        self.workers.each(mark_and_call, these.population.borrowing, *arguments, out=out)

    def count(self, quotes: Quotes) -> None:
        """Look for sales that are due and sum what the audit counts afresh."""
        names, borrowing = quotes.unit.size, self.these.population.borrowing
        held, sums = np.zeros(names, np.int64), np.zeros(SUMS, np.int64)
        self.workers.each(order_sales, borrowing, quotes, self.these.law, DAY, 0, out=[sale_tally(names)])
        self.workers.each(sum_borrowing, borrowing, quotes, out=[held, sums])

    def forget_calls(self) -> None:
        """Stop all clocks, so that every repeat calls anew."""
        for group in self.these.population.borrowing:
            group.called_day[:] = NEVER
            group.sale_day[:] = NEVER

    def __call__(self) -> None:
        self.mark(self.these.after)
        self.call(self.these.after)
        self.count(self.these.after)

    def answer(self) -> Answer:
        """Net worth less cash plus what is owed is the value of all holdings; each newly called pool is a borrower."""
        population, run = self.these.population, compiled(owed_won)
        value = int(self.net_won[0]) - sum(int(g.cash_won.sum()) for g in (*population.plain, *population.borrowing))
        weights = weights_of(self.these.law)
        for group in population.borrowing:
            owed = np.zeros(group.investor.size, np.int64)
            run(group, self.these.law, weights, self.these.today, owed, 0, owed.size)
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
