"""The written procedure of calibration, and its loss.

1. Data are published balances of margin loans by market and closes of the two indices, up to ``to``, which may not be
   after 2019-12-31: later years are for testing. Each stretch between gaps is spun up anew.
2. From every ``every``-th session of a stretch the change of each balance over 1, 3, 5 and 10 sessions is forecast from
   what was known then and the recorded prices; the first start lies some months into the stretch. New loans carry no
   noise, so that a point of the search has one answer.
   To these starts come all triggers of the scoreboard, the sessions after which hindcasts are judged.
3. An error is the distance of the forecast change to what then happened, as a share of the balance at the start. Its
   mean over the regular starts of a stretch, market and horizon is divided by that of "no change"; so is its mean over
   the triggers, episode by episode; half of each counts. The loss is the mean of these ratios over horizons, markets,
   stretches and seeds: 1 is as good as saying that nothing changes.
4. The search looks at the first seed alone, which saves two thirds of its time; what it finds, what the data tell of it
   and every loss that is told are means over all seeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from gaemi.behaviour.habits import Behaviour, behaviour_of
from gaemi.errors import refuse
from gaemi.forecasts import forecasts
from gaemi.hindcast.triggers import episodes, triggers
from gaemi.law.lawbook import LawBook
from gaemi.sources.history import CreditHistory
from gaemi.spin import setting_of
from gaemi.workers import LocalWorkers

FIRST, LAST = date(2005, 1, 3), date(2019, 12, 31)
"""Data of calibration: from the law's first day to the day after which everything is for testing."""

LONG = 500
"""Sessions from which on a stretch is long."""

WAIT, SHORT_WAIT = 150, 60
"""Sessions of a long and of a short stretch before the first start: the book must have filled itself."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """How much of everything: ``names`` a board, starts every so many sessions, seeds whose loss is averaged."""

    names: int = 20
    every: int = 8
    every_short: int = 4
    seeds: tuple[int, ...] = (0, 1, 2)
    horizons: tuple[int, ...] = (1, 3, 5, 10)
    wait: int = WAIT
    short_wait: int = SHORT_WAIT


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch, its starts and what followed. ``s`` starts, ``h`` horizons, 2 markets."""

    history: CreditHistory
    starts: np.ndarray  # int64 [s] places
    change: np.ndarray  # float64 [s, h, 2] won, as it happened
    balance: np.ndarray  # float64 [s, 2] won at the start
    still: np.ndarray  # float64 [h, 2] mean error of "no change" at the regular starts, share of the balance
    scale: np.ndarray  # float64 [s, h, 2] what an error of a start counts: the mean over starts is a cell of the loss

    @property
    def label(self) -> str:
        return f"{self.history.days[0]} to {self.history.days[-1]}"


@dataclass(frozen=True, slots=True)
class Loss:
    """Loss of one point: ``value`` is the mean over ``by_seed``; ``misses`` its parts by start, averaged over seeds."""

    value: float
    by_seed: tuple[float, ...]
    cells: np.ndarray  # float64 [stretch, horizon, market], mean over seeds
    misses: tuple[np.ndarray, ...]  # a stretch: float64 [s]; the mean of their means is ``value``


def start_places(history: CreditHistory, procedure: Procedure) -> tuple[np.ndarray, np.ndarray]:
    """Places from which the procedure forecasts, int64 [s] each: regular ones, and triggers.

    Only those count whose balances were published throughout.
    """
    size, ahead = len(history.days), max(procedure.horizons)
    long = size >= LONG
    first = procedure.wait if long else procedure.short_wait
    regular = np.arange(first, size - ahead, procedure.every if long else procedure.every_short)
    falls = triggers(history.days, history.close)
    falls = falls[(falls >= first) & (falls < size - ahead)]

    def published(places: np.ndarray) -> np.ndarray:
        needed = places[:, None] + np.array([0, *procedure.horizons])
        return places[(history.settled_won[needed] > 0).all(axis=(1, 2))]

    return published(regular), published(falls)


def parts_of(histories: Sequence[CreditHistory], procedure: Procedure) -> tuple[Part, ...]:
    """The stretches long enough to forecast in. Raises Refused where none is, or where a balance never moves."""
    found = []
    for history in histories:
        regular, falls = start_places(history, procedure)
        if regular.size:
            found.append(_part(history, regular, falls, procedure))
    if not found:
        longest = max((len(history.days) for history in histories), default=0)
        allowed = f"must hold a stretch of daily balances of more than {SHORT_WAIT} sessions up to {LAST}"
        raise refuse("--balances", f"{longest} sessions in the longest stretch", allowed)
    return tuple(found)


def _part(history: CreditHistory, regular: np.ndarray, falls: np.ndarray, procedure: Procedure) -> Part:
    starts = np.union1d(regular, falls)
    settled = history.settled_won.astype(np.float64)
    change = settled[starts[:, None] + np.array(procedure.horizons)] - settled[starts][:, None]
    moved = np.abs(change) / settled[starts][:, None]
    weights = [_weights(starts, regular, np.arange(regular.size))]
    if falls.size:
        weights.append(_weights(starts, falls, episodes(falls)))
    stills = [(moved * weight[:, None, None]).sum(axis=0) for weight in weights]
    if (stills[0] == 0).any() or (stills[-1] == 0).any():
        what = f"a balance that never changes from {history.days[starts[0]]} to {history.days[-1]}"
        raise refuse("--balances", what, "must hold balances that move, to be compared with no change")
    each = [weight[:, None, None] / still for weight, still in zip(weights, stills, strict=True)]
    scale = starts.size * sum(each, np.zeros_like(change)) / len(each)
    return Part(history, starts, change, settled[starts], stills[0], scale)


def _weights(starts: np.ndarray, places: np.ndarray, group: np.ndarray) -> np.ndarray:
    """What each start counts in the mean over groups of the means over their places; adds up to 1."""
    counts = np.bincount(group)
    found = np.zeros(starts.size)
    found[np.searchsorted(starts, places)] = 1.0 / (counts[group] * counts.size)
    return found


@dataclass(frozen=True, slots=True)
class Task:
    """What is calibrated, and on what."""

    book: LawBook
    parts: tuple[Part, ...]
    procedure: Procedure
    workers: LocalWorkers

    @property
    def on(self) -> date:
        return self.parts[0].history.days[0]

    def behaviour(self, values: dict[str, float], book: LawBook | None = None) -> Behaviour:
        return behaviour_of(book or self.book, self.on).with_values(values)

    def loss(self, values: dict[str, float], book: LawBook | None = None) -> Loss:
        """The loss at values of :class:`Behaviour`, under the law of the task or another ``book``.

        The same values give the same bits on any number of threads: each stretch and seed has its own place.
        """
        behaviour = self.behaviour(values, book)
        jobs = [(part, seed) for part in range(len(self.parts)) for seed in range(len(self.procedure.seeds))]
        jobs.sort(key=lambda job: -len(self.parts[job[0]].history.days))
        found: dict[tuple[int, int], np.ndarray] = {}

        def work(first: int, stop: int) -> None:
            for job in jobs[first:stop]:
                found[job] = self._errors(
                    self.parts[job[0]], self.procedure.seeds[job[1]], behaviour, book or self.book
                )

        self.workers.over(len(jobs), 1, work)
        return self._loss_of([[found[part, seed] for seed in range(len(self.procedure.seeds))]
                              for part in range(len(self.parts))])  # fmt: skip

    def _errors(self, part: Part, seed: int, behaviour: Behaviour, book: LawBook) -> np.ndarray:
        """Errors over those of no change, float64 [s, h, 2]."""
        setting = setting_of(book, part.history, self.procedure.names, seed, behaviour, noisy=False)
        ahead = max(self.procedure.horizons)
        told = forecasts(setting, part.starts, ahead, 1, self.workers).settled_won[:, 0].astype(np.float64)
        change = told[:, list(self.procedure.horizons)] - told[:, :1]
        return np.abs(change - part.change) / part.balance[:, None] * part.scale

    def _loss_of(self, errors: list[list[np.ndarray]]) -> Loss:
        by_part = [np.stack(each) for each in errors]  # [seed, s, h, 2]
        by_seed = np.mean([each.mean(axis=(1, 2, 3)) for each in by_part], axis=0)
        cells = np.stack([each.mean(axis=(0, 1)) for each in by_part])
        misses = tuple(each.mean(axis=(0, 2, 3)) for each in by_part)
        return Loss(float(np.mean(by_seed)), tuple(float(one) for one in by_seed), cells, misses)


def cell_rows(task: Task, before: Loss, after: Loss) -> list[dict[str, Any]]:
    """One row for each stretch, market and horizon: its error over that of no change, before and after."""
    rows = []
    for place, part in enumerate(task.parts):
        for market, name in enumerate(("KOSPI", "KOSDAQ")):
            for at, horizon in enumerate(task.procedure.horizons):
                row: dict[str, Any] = {"stretch": part.label, "market": name, "horizon": horizon}
                row["starts"] = int(part.starts.size)
                row["before"] = round(float(before.cells[place, at, market]), 6)
                row["after"] = round(float(after.cells[place, at, market]), 6)
                rows.append(row | {"no_change_bps": round(float(part.still[at, market]) * 1e4, 4)})
    return rows
