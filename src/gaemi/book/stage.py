"""Stage: a book under its law, ready to be run along any path; and what a run leaves behind by account."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import numpy as np

from gaemi.book.accounts import Book
from gaemi.book.request import Request
from gaemi.checkpoints import RunFolder
from gaemi.days import sessions, sessions_between
from gaemi.kernels import sell as selling
from gaemi.kernels._compile import compiled
from gaemi.kernels.stand import Stood, nobody_stands, stand
from gaemi.kernels.tables import Quotes
from gaemi.law.lawbook import LawBook
from gaemi.market.paths import Path, shock_path
from gaemi.market.shocks import Move, Shock
from gaemi.outcomes import Ever
from gaemi.records.columns import NEVER, Pool
from gaemi.run import Scenario, Start, begin, outcome, quotes_at_start
from gaemi.sources.prices import PriceHistory
from gaemi.workers import ROWS_A_TASK, Workers
from gaemi.world import DayRecord, Settings, World

T = TypeVar("T")

KOSPI, KOSDAQ = "KOSPI", "KOSDAQ"


def common_fall(fall_bps: int, over: int) -> Shock:
    """All boards down by the same per cent, in equal log steps ``over`` so many sessions."""
    return Shock((Move(KOSPI, -fall_bps, over), Move(KOSDAQ, -fall_bps, over)))


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of a book leaves: its days, and what became of each borrower, in the order of the groups.

    ``waiting_lots`` is int64 [instrument], what the firm has ordered to be sold and nobody has bought.
    """

    records: list[DayRecord]
    price: np.ndarray
    halted: np.ndarray
    ever: np.ndarray
    sold_won: np.ndarray
    residual_won: np.ndarray
    waiting_lots: np.ndarray


def ran(world: World) -> Ran:
    """Take from a finished world what is asked of it."""
    names = ("ever", "sold_won", "residual_won", "instrument", "order")
    waiting = np.zeros(world.price.size, np.int64)
    columns: list[list[np.ndarray]] = [[] for _ in range(3)]
    for *own, instrument, order in world.workers.gathered(world.population.borrowing, names):
        np.add.at(waiting, instrument.ravel(), order.ravel().astype(np.int64))
        for column, part in zip(columns, own, strict=True):
            column.append(part)
    ever, sold, residual = (np.concatenate(parts) if parts else np.zeros(0, np.int64) for parts in columns)
    return Ran(world.records, world.price, world.path.halted, ever, sold, residual, waiting)


@dataclass(slots=True)
class Stage:
    """A book under its law. Runs copy what they write, so that any number of them start from the same evening.

    ``folder`` keeps what runs leave.
    """

    request: Request
    law: LawBook
    made: Book
    start: Start
    won_per_dollar: float
    workers: Workers
    history: PriceHistory | None
    folder: RunFolder | None = None
    _holdings_won: np.ndarray | None = None

    @property
    def holdings_won(self) -> np.ndarray:
        """int64 [account]: value of all that each account holds tonight, worked out once."""
        if self._holdings_won is None:
            self._holdings_won = self.made.holdings_won(quotes_at_start(self.start, self.shock_path(Shock(), 1)).unit)
        return self._holdings_won

    @property
    def on(self) -> date:
        return self.made.on

    def dates(self, days: int) -> tuple[date, ...]:
        return (self.on, *sessions(self.on, days))

    def shock_path(self, shock: Shock, days: int) -> Path:
        spread = self.request.dispersion_share or None
        return shock_path(
            shock, self.start.instruments, self.dates(days), self.won_per_dollar, spread, self.request.seed
        )

    def run(
        self,
        path: Path,
        feedback: bool = True,
        marks: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Ran:
        """What all sessions of the path leave; ``progress`` is told of each."""
        kept = self._scenario("book", path, feedback, marks, ran, Ran)
        return outcome(kept, self.workers, self.folder, None, progress)

    def sums(self, path: Path, feedback: bool) -> tuple[int, int]:
        """Won sold and won unpaid over all sessions of the path; not kept, for runs of which there are many."""
        kept = self._scenario("sums", path, feedback, False, sums_of, tuple[int, int])
        return outcome(kept, self.workers)

    def _scenario(
        self, name: str, path: Path, feedback: bool, marks: bool, take: Callable[[World], T], kind: type[T]
    ) -> Scenario[T]:
        settings = Settings(feedback, False, self.request.seed, marks=marks, gap=False)
        return Scenario(name, self.start, path, settings, take, kind)

    def evening(self) -> World:
        """The world at the close of the book's date: its first clocks set, nothing sold."""
        return self.still(1)

    def still(self, sessions: int) -> World:
        """A world in which prices will stand still for so many sessions, at the close of the book's date; it is here,
        not in the hands of a cluster."""
        settings = Settings(False, False, self.request.seed, marks=False, gap=False)
        return begin(self.start, self.shock_path(Shock(), sessions), self.workers.here, settings)

    def stood(self, world: World, quotes: Quotes) -> Stood:
        """Where every borrower stands at the quotes, in the order of the groups."""
        kernel, found = compiled(stand), []
        for group in world.population.borrowing:
            here = nobody_stands(group.investor.size)

            def work(first: int, stop: int, group: Any = group, here: Stood = here) -> None:
                kernel(group, quotes, world.law.table, here, first, stop)

            self.workers.here.over(group.investor.size, ROWS_A_TASK, work)
            found.append(here)
        if not found:
            return nobody_stands(0)
        return Stood(*(np.concatenate(columns, axis=1) for columns in zip(*found, strict=True)))


def keep_calls(stage: Stage) -> None:
    """Calls that ran before tonight and whose sale the book does not say: the law's clock from the day of the call."""
    made, called = stage.made, stage.made.called
    if not called.any():
        return
    closed = stage.evening()
    days = np.unique(called[called > 0]).tolist()
    gone = {day: max(0, len(sessions_between(date.fromordinal(day), stage.on)) - 1) for day in days}
    for group, after, here in zip(made.population.borrowing, closed.population.borrowing, made.member, strict=True):
        told = called[here] > 0
        runs = told & (after.sale_day[Pool.BROKER] != NEVER) & (group.sale_day[Pool.BROKER] == NEVER)
        for j in np.flatnonzero(runs):
            left = int(after.sale_day[Pool.BROKER, j]) - gone[int(called[here[j]])]
            group.sale_day[Pool.BROKER, j] = max(1, left)
            group.called_day[Pool.BROKER, j] = 0


def by_account(world: World, name: str) -> np.ndarray:
    """A column of all borrowers in the order of the groups; of a column by pool or loan the first axis is kept."""
    columns = [getattr(group, name) for group in world.population.borrowing]
    return np.concatenate(columns, axis=-1) if columns else np.zeros(0, np.int64)


def won(record: DayRecord, flow: int) -> int:
    return int(record.flows[flow])


def total(run: Ran | World, flow: int) -> int:
    """Won of a flow over all days of a run."""
    return sum(won(record, flow) for record in run.records)


def unpaid_won(run: Ran | World) -> int:
    return total(run, selling.RESIDUAL_WON)


def sums_of(world: World) -> tuple[int, int]:
    """Won sold and won unpaid over all days of a run."""
    return total(world, selling.GROSS_WON), unpaid_won(world)


def flagged(run: Ran, flag: Ever) -> np.ndarray:
    """bool [borrower]: whether something ever happened to each."""
    return (run.ever & flag.value) != 0


def called_ones(run: Ran, under: np.ndarray) -> np.ndarray:
    """bool [borrower]: called in a run or before it; ``under`` says who is under maintenance at its start."""
    return flagged(run, Ever.CALLED) | under
