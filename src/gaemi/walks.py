"""Walks: an account in several variants, along many paths, from the close of a date to the end of its horizon.

The rows are those of a borrowing table and the law is that of each session: sessions under one law are walked in one
go. Paths are taken in batches, so that memory does not grow with their number; a path's luck is its own.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

import numpy as np

from gaemi.chance import exp
from gaemi.kernels._compile import compiled
from gaemi.kernels.draw import Drawn, Luck, Sheet
from gaemi.kernels.journey import (
    BOUNDS,
    CHECKPOINT,
    CONTRACT,
    EVER_BITS,
    FOLLOWER,
    NAME,
    NOT_YET,
    ROW,
    SAVING,
    VALUES,
    VARIANT,
    Journey,
    Paper,
    Results,
    Road,
)
from gaemi.kernels.one import call_one, mark_one
from gaemi.kernels.sell import sale_tally
from gaemi.kernels.tables import Quotes
from gaemi.kernels.walk import walk
from gaemi.law.lawbook import LawBook
from gaemi.records.columns import Borrowing, Instruments
from gaemi.records.shards import copy_of
from gaemi.rules.funds import carry_a_session
from gaemi.units import BPS
from gaemi.workers import LocalWorkers
from gaemi.world import DayLaw, day_law, make_quotes

BATCH = 2048
"""Paths whose rows are in memory at one time."""

TASK = 64
"""Paths that a thread takes at a time."""

CALM_BPS = 100
"""A step this close to the daily limit is looked at whole."""

FINE = 400
"""From this many ticks on, half a tick and the ticks of a limit are small shares of a price; below it every day is
looked at whole."""

NO_END = 2**62


@dataclass(frozen=True, slots=True)
class Fund:
    """A fund of the account: leverage a day, fee and financing a year, on a date."""

    leverage: float
    fee_bps: int
    financing_bps: int


@dataclass(frozen=True, slots=True)
class Stage:
    """The instruments of an account and what moves them. ``n`` instruments.

    ``funds`` gives the terms of a row that follows a driver daily, on a date; None for a row that is its driver.
    """

    book: LawBook
    instruments: Instruments
    driver: np.ndarray  # int64 [n], -1: does not move
    funds: Callable[[int, date], Fund | None]
    gain_class: np.ndarray  # int64 [n] kernels.journey
    fee_bps: np.ndarray  # int64 [n]
    dollar: int
    won_per_dollar: float
    contracts: Mapping[int, tuple[float, float, float]] = field(default_factory=dict)  # row: times, level, deviation


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant: its name, log drift a session of each driver, sessions, saving a month and goal.

    ``noted``: its net worth at the checkpoints is asked for.
    """

    name: str
    drift: tuple[float, ...]
    last: int
    saving_won: int = 0
    saving_slot: int = -1
    goal_won: int = 0
    noted: bool = True


@dataclass(frozen=True, slots=True)
class Trip:
    """What is walked: rows of the variants (a column each), what their holdings cost, the luck and the plan."""

    stage: Stage
    rows: Borrowing
    basis_won: np.ndarray  # int64 [s, v]
    luck: Luck
    dates: tuple[date, ...]
    days: np.ndarray  # kernels.journey.DAY [t + 1]
    terms: np.ndarray  # kernels.journey.TERM [loan]
    setting: np.ndarray  # kernels.journey.SETTING [1]; walks fill in what the law of a date says
    variants: tuple[Variant, ...]


@dataclass(slots=True)
class Walked:
    """What became of every path and variant; arrays are [p, v], ``worth_won`` [c, p, v]."""

    ever: np.ndarray  # uint8
    first_day: np.ndarray  # int16 [6, p, v]
    graduated: np.ndarray  # int16, NOT_YET where not
    end_won: np.ndarray  # int64
    put_in_won: np.ndarray  # int64
    worth_won: np.ndarray  # int64


def walk_paths(
    trip: Trip, paths: int, workers: LocalWorkers, progress: Callable[[int, int], None] | None = None
) -> Walked:
    """Walk ``paths`` paths of every variant of the trip."""
    trip = replace(trip, rows=start_rows(trip))
    parts: list[Walked] = []
    for first in range(0, paths, BATCH):
        if progress is not None:
            progress(first, paths)
        parts.append(_batch(trip, np.arange(first, min(first + BATCH, paths)), workers))
    if progress is not None:
        progress(paths, paths)
    return Walked(*(np.concatenate([getattr(part, name) for part in parts], axis=axis) for name, axis in _AXES.items()))


_AXES = {"ever": 0, "first_day": 1, "graduated": 0, "end_won": 0, "put_in_won": 0, "worth_won": 1}


def start_rows(trip: Trip) -> Borrowing:
    """The variants valued and tested at the start's own close, which sets their peaks and first clocks.

    The trip's own rows stay as they are, so that it can be walked again.
    """
    stage, on = trip.stage, trip.dates[0]
    law = day_law(stage.book, on, stage.instruments)
    quotes = quotes_of(stage, law)
    rows = copy_of(trip.rows)
    rows.ever[:] = 0
    for row in range(rows.investor.size):  # a row for each variant: too few to be worth a compiler
        mark_one(rows, row, quotes, law.table, on.toordinal())
        call_one(rows, row, quotes, law.table, 0, int(trip.setting["seed"][0]))
    return rows


def quotes_of(stage: Stage, law: DayLaw) -> Quotes:
    """Quotes of the start's close, everything filled."""
    instruments = stage.instruments
    full = np.full(instruments.price.size, BPS, np.int64)
    halted = np.zeros(instruments.price.size, np.uint8)
    return make_quotes(instruments, instruments.price, stage.won_per_dollar, halted, law, full)


def _batch(trip: Trip, numbers: np.ndarray, workers: LocalWorkers) -> Walked:
    """Walk one batch of paths and lay out what became of them by path and variant."""
    group, results = walk_rows(trip, numbers, workers)
    shape = (numbers.size, len(trip.variants))
    return Walked(
        group.ever.reshape(shape),
        results.first_day.reshape(-1, *shape),
        results.rows["graduated"].reshape(shape),
        results.rows["end_won"].reshape(shape),
        results.rows["put_in_won"].reshape(shape),
        results.worth_won.reshape(-1, *shape),
    )


def walk_rows(trip: Trip, numbers: np.ndarray, workers: LocalWorkers) -> tuple[Borrowing, Results]:
    """Walk the paths ``numbers`` through all sessions, law by law, from rows that :func:`start_rows` made.

    Returns the accounts as they end, row ``path * variants + variant``, and their results.
    """
    count = numbers.size
    group = Borrowing(*(_repeated(column, count) for column in trip.rows))
    results, drawn = _results(trip, numbers), _drawn(trip, numbers)
    _note_start(group, results)
    variants, grown = variants_of(trip), grown_of(trip)
    run = compiled(walk)
    for first, stop in spans(trip.stage.book, trip.dates):
        law = day_law(trip.stage.book, trip.dates[first], trip.stage.instruments)
        road = road_of(trip, law, trip.dates[first], variants, grown)

        def work(start: int, end: int, law: DayLaw = law, road: Road = road, span: tuple = (first, stop)) -> None:
            journey = Journey(trip.luck, drawn, _sheet(trip, span[1] - span[0]), road, results)
            run(group, journey, law.table, _paper(trip, law), span, start, end)

        workers.over(count, TASK, work)
    return group, results


def _repeated(column: np.ndarray, paths: int) -> np.ndarray:
    """The variants' columns once for each path: row ``path * variants + variant``."""
    return np.ascontiguousarray(np.tile(column, (1,) * (column.ndim - 1) + (paths,)))


def _results(trip: Trip, numbers: np.ndarray) -> Results:
    rows = numbers.size * len(trip.variants)
    price = np.tile(trip.stage.instruments.price[:, None], (1, rows))
    told = np.zeros(rows, ROW)
    told["graduated"] = NOT_YET
    return Results(
        rows=told,
        first_day=np.full((EVER_BITS, rows), NOT_YET, np.int16),
        worth_won=np.zeros((int(trip.days["checkpoint"].max(initial=-1)) + 1, rows), np.int64),
        basis_won=_repeated(trip.basis_won, numbers.size),
        latent=price.astype(np.float64),
        traded=price.astype(np.int64),
    )


def _drawn(trip: Trip, numbers: np.ndarray) -> Drawn:
    count, drivers = numbers.size, trip.luck.number.size
    variance = np.tile(trip.luck.garch[:, 4] if trip.luck.garch.size else np.zeros(drivers), (count, 1))
    return Drawn(numbers.astype(np.int64), np.ones((count, drivers)), variance, np.full(count, -1, np.int64))


def _note_start(group: Borrowing, results: Results) -> None:
    """What happened at the start's own close happened on session 0."""
    for bit in range(EVER_BITS):
        results.first_day[bit][(group.ever >> bit) & 1 == 1] = 0


def variants_of(trip: Trip) -> np.ndarray:
    """The variants as the kernel reads them, VARIANT [v]."""
    earns = int(trip.setting["cash_bps"][0]) > 0
    told = []
    for each in trip.variants:
        events = (SAVING if each.saving_won or earns else 0) | (CHECKPOINT if each.noted else 0)
        told.append((each.last, each.saving_won, each.saving_slot, each.goal_won, events))
    return np.array(told, VARIANT)


def grown_of(trip: Trip) -> np.ndarray:
    """What drift alone makes of each driver, float64 [v, d, t + 1], 1 at the start."""
    sessions, drivers = len(trip.dates), trip.luck.number.size
    grown = np.ones((len(trip.variants), drivers, sessions))
    for v, variant in enumerate(trip.variants):
        for d, drift in enumerate(variant.drift):
            grown[v, d, 1:] = np.cumprod(np.full(sessions - 1, exp(drift)))
    return grown


def spans(book: LawBook, dates: Sequence[date]) -> Iterator[tuple[int, int]]:
    """Stretches of sessions, from 1 on, within which no law changes: (first, one past the last)."""
    changed = {bisect_left(dates, change.date) for change in book.changes()}
    yield from pairwise([1, *sorted(t for t in changed if 2 <= t < len(dates)), len(dates)])


def road_of(trip: Trip, law: DayLaw, on: date, variants: np.ndarray, grown: np.ndarray) -> Road:
    """What lies before every path under the law of a date."""
    setting = trip.setting.copy()
    setting["tick_slack"] = 0.5 / FINE
    setting["locked_fill_bps"] = law.locked_fill_bps
    names = names_of(trip.stage, law, on, trip.luck.number)
    below, size = law.tick_below.copy(), law.tick_size.copy()
    for row in trip.stage.contracts:
        below[row], size[row] = NO_END, 1
    return Road(names, below, size, trip.days, trip.terms, variants, grown, setting)


def names_of(stage: Stage, law: DayLaw, on: date, number: np.ndarray) -> np.ndarray:
    """The instruments under the law of a date, NAME [n]. A contract knows no limit, no tick of a board and no tax.

    ``number`` is that of each driver.
    """
    instruments = stage.instruments
    names = np.zeros(instruments.price.size, NAME)
    for row in range(names.size):
        fund = stage.funds(row, on)
        if fund is not None:
            names["kind"][row] = FOLLOWER
            names["leverage"][row] = fund.leverage
            names["carry"][row] = carry_a_session(fund.leverage, fund.financing_bps, fund.fee_bps, 0)
    calm = np.maximum(0, law.limit_bps - CALM_BPS) / BPS
    names["driver"], names["gain_class"], names["fee_bps"] = stage.driver, stage.gain_class, stage.fee_bps
    names["start"], names["digits"] = instruments.price, instruments.price_digits
    names["scale"] = 10.0 ** -instruments.price_digits.astype(np.float64)
    names["foreign"] = instruments.currency != 0
    names["limit_bps"], names["tax_bps"] = law.limit_bps, law.tax_bps
    names["calm_low"] = np.where(law.limit_bps != 0, 1.0 - calm, 0.0)
    names["calm_high"] = np.where(law.limit_bps != 0, 1.0 + calm, np.inf)
    names["least"] = np.where(stage.driver >= 0, _least(law), 0)
    for row, (times, closed_at, deviation) in stage.contracts.items():
        free = {"kind": CONTRACT, "leverage": times, "closed_at": closed_at, "deviation": deviation}
        free |= {"limit_bps": 0, "tax_bps": 0, "calm_low": 0.0, "calm_high": np.inf, "least": 0.0}
        for key, value in free.items():
            names[key][row] = value
        names["number"][row] = number[stage.driver[row]]
    return names


def _least(law: DayLaw) -> np.ndarray:
    """The scaled price under which every day is looked at whole, int64 [n]: from it on a price is FINE ticks or more.

    A name without a limit, whose tick is the same at every price, needs none: its half tick is in the slack in won.
    """
    least = np.zeros(law.tick_size.shape[0], np.int64)
    start = least
    for below, size in zip(law.tick_below.T, law.tick_size.T, strict=True):
        coarse = np.minimum(below, FINE * size)
        least = np.where(coarse > start, coarse, least)
        start = below
    even = (law.tick_size == law.tick_size[:, :1]).all(axis=1) & (law.limit_bps == 0)
    return np.where(even, 0, least)


def _sheet(trip: Trip, sessions: int) -> Sheet:
    drivers = trip.luck.number.size
    level = np.ones((drivers, sessions + 1))
    return Sheet(level, np.zeros((drivers + 2, sessions + 8)), np.zeros(sessions, np.int64))


def _paper(trip: Trip, law: DayLaw) -> Paper:
    names, slots = trip.stage.instruments.price.size, trip.rows.quantity.shape[0]
    return Paper(
        latent=np.zeros((2, names)),
        traded=np.zeros((2, names), np.int64),
        held=np.zeros(slots, np.int64),
        owed=np.zeros(1, np.int64),
        weight=np.zeros((VALUES, names)),
        bounds=np.zeros(BOUNDS),
        before=quotes_of(trip.stage, law),
        now=quotes_of(trip.stage, law),
        tally=sale_tally(names),
    )
