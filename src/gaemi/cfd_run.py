"""Replays of contracts for difference: their holders alone on the recorded prices of a few names.

The names are instruments of these runs only, so that the accounts of the country and their prices stay as they are.
Prices are as recorded, at the opening auction and at the close; they contain the sales already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import sqrt
from typing import Any

import numpy as np

from gaemi.kernels.sell import RESIDUAL_WON
from gaemi.law.lawbook import LawBook
from gaemi.law.parameter import Entry
from gaemi.law.reform import with_values
from gaemi.market.paths import Path
from gaemi.people.cfd_accounts import Contracts, contracts_on, holders
from gaemi.records.columns import Board, Instruments, Kind, Population
from gaemi.rules.market import is_locked_down, lower_limit
from gaemi.run import Start, begin, run, start
from gaemi.sources.prices import PriceHistory
from gaemi.units import BPS
from gaemi.workers import LocalWorkers
from gaemi.world import DayLaw, DayRecord, Settings, World

RANGED = (
    "cfd.outstanding", "cfd.names_share", "cfd.opening_margin", "cfd.maintenance_share", "cfd.holding",
    "market.locked_fill",
)  # fmt: skip
"""Parameters whose ranges a replay explores."""

RANGED_BY_DAY = ("cfd.maintenance_share", "market.locked_fill")
"""Those of them that a day of a run reads; the others say who holds what at its beginning."""

CENTRAL, LOW, HIGH = "central", "low", "high"
UNKNOWN_TURNOVER = 1


@dataclass(frozen=True, slots=True)
class NamedPrices:
    """Recorded prices of ``n`` names on ``t`` sessions, the state's date first; won and shares, int64 [t, n]."""

    dates: tuple[date, ...]
    tickers: tuple[str, ...]
    open: np.ndarray
    close: np.ndarray
    volume: np.ndarray


@dataclass(frozen=True, slots=True)
class Replayed:
    """One run of the holders: which end of which parameter it took, what stood at its beginning, and its world."""

    setting: str
    parameter: str | None
    value: Any
    contracts: Contracts
    world: World


def named_prices(history: PriceHistory, tickers: tuple[str, ...], first: date, end: date) -> NamedPrices:
    """The checked prices of ``tickers``; Refused where one has a gap. A session without an opening price has its close.

    A halted session has its close at both.
    """
    window = history.view(list(tickers), first, end)
    opens = np.where((window.open > 0) & ~window.halted, window.open, window.close)
    columns = (opens, window.close, np.nan_to_num(window.volume))
    return NamedPrices(window.days, tickers, *(np.rint(values).astype(np.int64) for values in columns))


def names_of(prices: NamedPrices, issued: np.ndarray) -> Instruments:
    """The names as instruments of a run of their own; none counts in an index."""
    count = len(prices.tickers)
    return Instruments(
        ticker=prices.tickers,
        name=prices.tickers,
        kind=np.full(count, Kind.STOCK),
        board=np.full(count, Board.KOSPI),
        group=np.zeros(count),
        currency=np.zeros(count),
        price_digits=np.zeros(count),
        price=prices.close[0],
        issued=issued,
        turnover_won=np.full(count, UNKNOWN_TURNOVER),
        volatility=np.zeros(count),
        underlying_row=np.full(count, -1),
        underlying_board=np.full(count, -1),
        halted=np.zeros(count),
        indexed=np.zeros(count),
    )


def path_of(prices: NamedPrices) -> Path:
    """The recorded path: the opening auction at opening prices, the close at closes."""
    shape = prices.close.shape
    return Path(
        dates=prices.dates,
        factor_open=prices.open / prices.close[0],
        factor_close=prices.close / prices.close[0],
        won_per_dollar=np.ones(shape[0]),
        halted=np.zeros(shape, np.uint8),
        forced_fill_bps=np.full(shape, -1, np.int64),
        note="a history of opening prices and closes",
    )


def replays(book: LawBook, prices: NamedPrices, names: int, workers: LocalWorkers, seed: int) -> list[Replayed]:
    """The central run, each range's two ends alone, then all ends that leave least unpaid together, and all that leave
    most. Nothing where no balance was published.

    ``names`` is how many names share what stood on them: more than ``prices`` has, where some have no record.
    """
    on = prices.dates[0]
    if contracts_on(book, on, names) is None:
        return []
    laws: dict[tuple[str, date], DayLaw] = {}

    def one(setting: str, parameter: str | None, values: dict[str, Any]) -> Replayed:
        whole, day = (_with(book, setting, values, only) for only in (RANGED, RANGED_BY_DAY))
        contracts = contracts_on(whole, on, names)
        assert contracts is not None
        group = holders(contracts, prices.close[0].tolist(), names, on)
        held = np.zeros(len(prices.tickers), np.int64)
        np.add.at(held, group.instrument, group.quantity)
        origin = start(day, names_of(prices, held), Population([], [group]), workers)
        world = _within_volume(replace(origin, laws=laws), prices, workers, seed)
        return Replayed(setting, parameter, values.get(parameter) if parameter else None, contracts, world)

    central = one(CENTRAL, None, {})

    def alone(setting: str, path: str, end: Any) -> Replayed:
        if end == book.value(path, on):
            return replace(central, setting=setting, parameter=path, value=end)
        return one(setting, path, {path: end})

    pairs = {}
    for path in RANGED:
        ends = _ends(book.entry(path, on))
        pairs[path] = [alone(setting, path, end) for setting, end in zip((LOW, HIGH), ends, strict=True)]
    by_debt = {path: sorted(pair, key=unpaid_won) for path, pair in pairs.items()}
    least, most = ({path: pair[end].value for path, pair in by_debt.items()} for end in (0, 1))
    together = [one(LOW, None, least), one(HIGH, None, most)]
    return [central, *(each for pair in pairs.values() for each in pair), *together]


def _with(book: LawBook, name: str, values: dict[str, Any], only: Sequence[str]) -> LawBook:
    """The law with those of the values that are ``only`` of these parameters; the law itself where none is."""
    chosen = {path: value for path, value in values.items() if path in only}
    return with_values(book, name, chosen) if chosen else book


def unpaid_won(replayed: Replayed) -> int:
    """What stays unpaid over all sessions of a run."""
    return sum(int(record.flows[RESIDUAL_WON]) for record in replayed.world.records)


def _within_volume(origin: Start, prices: NamedPrices, workers: LocalWorkers, seed: int) -> World:
    """The run in which no more is filled of a locked name than was traded of it in the session.

    The law's fill is a share of the order, whatever its size. Where it comes to more than the recorded volume, the
    share is cut, one session after the other, and the run is made again.
    """
    path = path_of(prices)
    while True:
        world = run(begin(origin, path, workers, Settings(False, False, seed, gap=False)))
        locked = locked_closes(world, prices)
        for record in world.records[1:]:
            sold, day = record.names["sold_lots"], record.day
            over = np.flatnonzero((sold > prices.volume[day]) & locked[day])
            for row in over.tolist():
                before = int(path.forced_fill_bps[day, row])
                path.forced_fill_bps[day, row] = _fill_within(record, row, int(prices.volume[day, row]), before)
            if over.size:
                break
        else:
            return world


def _fill_within(record: DayRecord, row: int, volume: int, before_bps: int) -> int:
    """Share of an order that both auctions of a session may fill, so that they come to the volume; in bps.

    ``before_bps`` is a share that still was too much, below 0 where none was tried.
    """
    if before_bps >= 0:
        return max(0, before_bps * volume // int(record.names["sold_lots"][row]) - 1)
    morning, close = (int(record.names[name][row]) for name in ("ordered_lots", "ordered_at_close_lots"))
    if morning == 0:
        return BPS * volume // close
    return int(BPS * (1 - sqrt(1 - volume / max(morning, close, volume))))


def _ends(entry: Entry) -> tuple[Any, Any]:
    """The ends of a range; of a choice the first and the last of what it may be."""
    return (entry.options[0], entry.options[-1]) if entry.options else entry.range_of()


def locked_closes(world: World, prices: NamedPrices) -> np.ndarray:
    """bool [t, n]: whether a recorded close stood at the lower limit of its session; none does on the first."""
    locked = np.zeros(prices.close.shape, dtype=bool)
    for t in range(1, len(prices.dates)):
        law = world.laws[t]
        for i in range(len(prices.tickers)):
            below, size = law.tick_below[i].tolist(), law.tick_size[i].tolist()
            lower = lower_limit(int(prices.close[t - 1, i]), int(law.limit_bps[i]), tuple(below), tuple(size))
            locked[t, i] = is_locked_down(int(prices.close[t, i]), lower)
    return locked
