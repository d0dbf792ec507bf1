"""A run: one population, one law, one path, from the state's close to the last session."""

from collections.abc import Callable
from dataclasses import astuple, dataclass, field, replace
from datetime import date
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import numpy as np

from gaemi.checkpoints import RunFolder, Saved, restore, saved, scenario_key
from gaemi.coin_day import CoinWorld
from gaemi.day import one_day, state_close
from gaemi.errors import refuse
from gaemi.kernels.mark import count_unsure
from gaemi.kernels.tables import Quotes
from gaemi.kernels.tally import CASH_WON, PRINCIPAL_WON, SUMS, TAILS, sum_borrowing, sum_plain
from gaemi.law.lawbook import LawBook
from gaemi.market.funds import Funds
from gaemi.market.impact import FlowState
from gaemi.market.paths import Path
from gaemi.records.columns import MARKED, Borrowing, Instruments, Kind, Population, has_contracts
from gaemi.records.ledger import Item, Ledger, Sector
from gaemi.workers import Workers
from gaemi.world import DayLaw, Settings, World, day_law, index_weights, make_quotes

T = TypeVar("T")

RESULTS_VERSION = 2
"""Raised when a change changes numbers; the changelog says why."""


class AuditFailed(AssertionError):
    """A won or a share is not accounted for: our mistake, never the user's."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where scenarios start: the population at the state's close and what its plain accounts hold, summed once.

    Plain holdings are set read-only: no scenario can write them, so their sums stay true. ``name`` says which accounts
    of a population these are.
    """

    book: LawBook
    instruments: Instruments
    population: Population
    held_plain: np.ndarray
    cash_plain_won: int
    tails_plain: np.ndarray = field(default_factory=lambda: np.zeros((0, TAILS), np.int64))
    unsure: dict[bytes, int] = field(default_factory=dict)
    laws: dict[tuple[str, date], DayLaw] = field(default_factory=dict)
    name: str = "all"

    def law(self, on: date) -> DayLaw:
        """The law of a date laid out by instrument, worked out once."""
        key = (self.book.version, on)
        if key not in self.laws:
            self.laws[key] = day_law(self.book, on, self.instruments)
        return self.laws[key]

    def plain_is_sure(self, quotes: Quotes, workers: Workers) -> bool:
        """Whether all plain accounts are worth their peak or more at ``quotes``, looked up once: see count_unsure."""
        key = quotes.unit.tobytes()
        if key not in self.unsure:
            count = np.zeros(1, np.int64)
            workers.each(count_unsure, self.population.plain, quotes, out=[count])
            self.unsure[key] = int(count[0])
        return self.unsure[key] == 0

    def under(self, book: LawBook) -> "Start":
        """The same start under another law."""
        return replace(self, book=book)


def start(book: LawBook, instruments: Instruments, population: Population, workers: Workers) -> Start:
    """Sum what plain accounts hold and lock their columns."""
    names = len(instruments.ticker)
    held, cash, tails = np.zeros(names, np.int64), np.zeros(1, np.int64), np.zeros((names, TAILS), np.int64)
    for group in population.plain:
        for array in (group.instrument, group.quantity, group.cash_won, group.age, group.investor):
            array.flags.writeable = False
    workers.each(sum_plain, population.plain, instruments.currency, out=[held, cash, tails])
    return Start(book, instruments, population, held, int(cash[0]), tails)


def quotes_at_start(start: Start, path: Path) -> Quotes:
    """Quotes of the state's close, at which nothing trades."""
    instruments = start.instruments
    nothing = np.zeros(instruments.price.size, np.int64)
    law = start.law(path.dates[0])
    return make_quotes(instruments, instruments.price, float(path.won_per_dollar[0]), path.halted[0], law, nothing)


def begin(start: Start, path: Path, workers: Workers, settings: Settings) -> World:
    """A world at the state's close, its ledger opened from fresh sums, its first clocks set."""
    instruments = start.instruments
    marked = settings.marks and settings.plain and bool(start.population.plain)
    population = copied(start.population, workers, marked)
    laws = [start.law(on) for on in path.dates]
    nothing = np.zeros(instruments.price.size, np.int64)
    quotes = quotes_at_start(start, path)
    held, sums = np.zeros_like(nothing), np.zeros(SUMS, np.int64)
    workers.each(sum_borrowing, population.borrowing, quotes, out=[held, sums])
    ledger = Ledger()
    ledger.open(Sector.INVESTORS, Item.CASH, start.cash_plain_won + int(sums[CASH_WON]))
    ledger.lend(int(sums[PRINCIPAL_WON]))
    rest = instruments.issued - start.held_plain - held
    assert (rest >= 0).all(), "nobody can hold more than is issued"
    rows = np.flatnonzero(instruments.kind == Kind.FUND)
    leverage = {int(row): terms.leverage for row, terms in zip(rows, laws[0].funds, strict=True)}
    world = World(
        book=start.book,
        path=path,
        instruments=instruments,
        population=population,
        workers=workers,
        settings=settings,
        flow=FlowState(
            np.maximum(instruments.turnover_won, 1),
            np.where(instruments.kind == Kind.FUND, 0.0, instruments.volatility),
        ),
        funds=Funds.at_start(instruments, leverage, quotes.unit),
        ledger=ledger,
        rest=rest,
        held_plain=start.held_plain,
        cash_plain_won=start.cash_plain_won,
        price=instruments.price.copy(),
        weights=index_weights(instruments),
        laws=laws,
        contracts=any(has_contracts(group) for group in start.population.borrowing),
        tails_plain=start.tails_plain,
        plain_is_sure=marked and start.plain_is_sure(quotes, workers),
    )
    state_close(world)
    return world


def copied(population: Population, workers: Workers, marked: bool = True) -> Population:
    """The population in the hands of the workers: borrowing tables are copies, and of plain ones what a mark writes.

    Plain accounts that nobody will mark are shared. Raises Refused where there are fewer accounts than shards.
    """
    accounts = population.accounts()
    if 0 < accounts < workers.shards:
        help = f"give --shards {accounts} or fewer"
        raise refuse("--shards", str(workers.shards), f"there are {accounts} accounts to be dealt", help)
    plain, borrowing = workers.hold(population.plain), workers.hold(population.borrowing)
    plain = workers.copied(plain, MARKED) if marked else plain
    return Population(plain, workers.copied(borrowing), population.weight)


@dataclass(frozen=True)
class Scenario(Generic[T]):
    """A run and what is kept of it: ``take`` makes a ``kind`` of its end; nothing else of it is needed afterwards.

    ``name`` says from which start, until when and for what, so far as the other parts do not.
    """

    name: str
    start: Start
    path: Path
    settings: Settings
    take: Callable[[World], T]
    kind: type[T]
    until: Callable[[World], bool] | None = None

    @property
    def key(self) -> str:
        """The same for the same scenario, another for another."""
        path = self.path
        arrays = (path.factor_open, path.factor_close, path.won_per_dollar, path.halted, path.forced_fill_bps)
        return scenario_key(self.name, self.start.book.version, astuple(self.settings), path.dates, *arrays)


def outcome(
    scenario: Scenario[T], workers: Workers, folder: RunFolder | None = None, coins: "CoinWorld | None" = None,
    progress: Callable[[int], None] | None = None,
) -> T:  # fmt: skip
    """Run a scenario and take what is kept of it, from where ``folder`` says that it stood; ``coins`` run beside it.

    Where a worker is lost on the way, it is replaced and the scenario is run again from there. ``progress`` is told of
    each session that is run, and nothing of a scenario that was finished before: a pace is that of work.
    """
    key = "" if folder is None else scenario.key
    found = None if folder is None else folder.finished(key, scenario.kind)
    if found is not None:
        return found
    report = progress or (lambda day: None)
    report(0)
    taken = workers.lasting(lambda: scenario.take(_ended(scenario, workers, (key, folder), coins, report)))
    if folder is not None:
        folder.finish(key, taken)
    report(scenario.path.sessions)
    return taken


def _ended(
    scenario: Scenario[Any], workers: Workers, kept: tuple[str, RunFolder | None], coins: "CoinWorld | None",
    progress: Callable[[int], None],
) -> World:  # fmt: skip
    """The world at the end of a scenario, run from its last checkpoint where there is one."""
    key, folder = kept
    world = begin(scenario.start, scenario.path, workers, scenario.settings)
    world.coins = coins
    stood = None if folder is None else folder.checkpoint(key, Saved)
    if stood is not None:
        restore(world, scenario.start.population, stood)

    def told(day: int) -> None:
        if folder is not None and day < world.path.sessions:
            folder.keep(key, day, lambda: saved(world))
        progress(day)

    return run(world, told, scenario.until)


def run(
    world: World, progress: Callable[[int], None] | None = None, until: Callable[[World], bool] | None = None
) -> World:
    """Run the sessions of the world's path that it has not run, or those ``until`` a condition holds at a close.

    ``progress`` is told of each session after which more is to come. Raises AuditFailed where the audit finds a
    difference.
    """
    for day in range(world.day + 1, world.path.sessions + 1):
        one_day(world, day)
        if world.differences:
            found = "\n".join(str(difference) for difference in world.differences[:10])
            raise AuditFailed(f"day {day} (seed {world.settings.seed}):\n{found}")
        if until is not None and until(world):
            break
        if progress is not None:
            progress(day)
    return world


def fingerprint(world: World) -> str:
    """Hash of everything a scenario computed: day records and every borrowing account, in order of investors."""
    digest = blake2b(digest_size=16)
    for record in world.records:
        words = (record.under_won, record.shortfall_won, record.called_won, record.net_worth_won, record.wiped_plain)
        digest.update(repr((record.day, record.date, words, sorted(record.index.items()))).encode())
        digest.update(record.flows.tobytes() + record.sums.tobytes())
    digest.update(world.price.tobytes() + world.rest.tobytes() + world.who.tobytes())
    rows: list[tuple[int, bytes]] = []
    for group in world.workers.gathered(world.population.borrowing):
        rows.extend(_rows(group))
    for _, row in sorted(rows):
        digest.update(row)
    return digest.hexdigest()


def _rows(group: Borrowing) -> list[tuple[int, bytes]]:
    columns = [np.ascontiguousarray(a.T if a.ndim == 2 else a) for a in group]
    return [(int(group.investor[j]), b"".join(c[j].tobytes() for c in columns)) for j in range(group.investor.size)]
