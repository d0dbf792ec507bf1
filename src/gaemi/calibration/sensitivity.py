"""One run that says which assumptions matter: elementary effects over the whole ranges of the law.

Every parameter of behaviour and of the rebuilt state that margin loans depend on is moved through its range, all
together, and three answers are watched. One of them is an episode after the data of calibration: it is looked at, and
never fitted.

Source: Morris, "Factorial Sampling Plans for Preliminary Computational Experiments", Technometrics 33 (1991) 161-174;
Campolongo, Cariboni and Saltelli, Environmental Modelling & Software 22 (2007) 1509-1518 (mean absolute effect). Worked
out by SALib.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np

from gaemi.behaviour.habits import Behaviour
from gaemi.calibration.objective import Procedure, Task, parts_of
from gaemi.calibration.parameters import UNSETTLED
from gaemi.errors import refuse
from gaemi.kernels.revolve import BALANCE, SOLD
from gaemi.law.lawbook import LawBook
from gaemi.law.reform import with_values
from gaemi.sources.balances import BalanceHistory
from gaemi.sources.history import CreditHistory, credit_history, stretch
from gaemi.sources.prices import PriceHistory
from gaemi.spin import WARM, Member, Setting, advance, aimed, begin, setting_of
from gaemi.units import BPS
from gaemi.workers import LocalWorkers, Progress, silent

STATE = ("idiosyncratic", "entry_room", "extension", "publication_lag", "group_share", "small_companies")
"""Parameters of the topic ``state`` that the engine of margin loans reads."""

LEVELS = 4
NEAR_BPS = 15_000
OUTPUTS = {
    "sold_share": "forced sales of margin loans in February and March 2020, per cent of loans at the end of January",
    "error": "error of the change of balances over 5 sessions, 2017 to September 2018, over that of no change",
    "near_share": "loans under a ratio of 150 % on 30 December 2019, per cent",
}


@dataclass(frozen=True, slots=True)
class Windows:
    """What the three answers look at: the state of ``state_on``, an episode, and a piece of the fitting period."""

    state_on: date = date(2019, 12, 30)
    episode: tuple[date, date] = (date(2020, 2, 1), date(2020, 3, 31))
    fitting: tuple[date, date] = (date(2017, 1, 2), date(2018, 9, 28))


@dataclass(frozen=True, slots=True)
class Subject:
    """What is run for each sample: the history around the episode, and the forecasts of the fitting period."""

    windows: Windows
    history: CreditHistory
    task: Task

    def outputs(self, book: LawBook) -> tuple[float, float, float]:
        """The three answers under a law, in the order of OUTPUTS."""
        setting = setting_of(book, self.history, self.task.procedure.names, self.task.procedure.seeds[0], noisy=False)
        member = begin(setting, 0)
        end = len(self.history.days) - 1
        member.flow.target_won[:], member.flow.left[:], _ = aimed(setting, end)
        at = self.history.place(self.windows.state_on)
        advance(setting, member, WARM + at + 1)
        near = near_share(setting, member, at)
        advance(setting, member, WARM + end + 1)
        first, last = self.windows.episode
        before = self.history.place(first)
        before -= int(self.history.days[before] >= first)
        done = member.flow.done_won[WARM:]
        sold = done[before + 1 : self.history.place(last) + 1, :, SOLD].sum() / done[before, :, BALANCE].sum()
        return 100.0 * float(sold), self.task.loss({}, book).value, 100.0 * near


def near_share(setting: Setting, member: Member, at: int) -> float:
    """Share of won of loans whose collateral ratio is under 150 % at the close of place ``at`` of the history."""
    law = setting.law_on(WARM + at)[0]
    count = int(member.lent.count[0])
    loans = member.lent.principal_won[:count]
    price = member.tape.price[WARM + at][member.lent.name[:count]]
    value = member.lent.lots[:count] * price * law.financed_rate_bps // BPS
    total = int(loans.sum())
    return int(loans[value * BPS < NEAR_BPS * loans].sum()) / total if total else 0.0


def subject_of(
    book: LawBook,
    prices: PriceHistory,
    balances: BalanceHistory,
    procedure: Procedure,
    workers: LocalWorkers,
    windows: Windows | None = None,
) -> Subject:
    """What a sensitivity run looks at. Raises Refused where the sources do not hold the windows, with every fault."""
    windows = windows or Windows()
    history = credit_history(prices, balances, windows.episode[1])
    if history.days[0] >= windows.state_on:
        allowed = f"must hold a stretch from before {windows.state_on} to {windows.episode[1]}"
        raise refuse("--balances", f"a stretch that begins on {history.days[0]}", allowed, "leave out --sensitivity")
    one = replace(procedure, horizons=(5,), seeds=procedure.seeds[:1])
    pieces = parts_of([stretch(prices, balances, *windows.fitting)], one)
    return Subject(windows, history, Task(book, pieces, one, workers))


def factor_paths(book: LawBook, on: date) -> tuple[str, ...]:
    """The paths that are moved: those of behaviour and state that margin loans depend on and that have a range."""
    paths = [f"behaviour.{one.name}" for one in fields(Behaviour) if one.name not in UNSETTLED]
    paths += [f"state.{name}" for name in STATE]
    return tuple(path for path in paths if _width(book, path, on))


def _width(book: LawBook, path: str, on: date) -> bool:
    entry = book.entry(path, on)
    return entry.low is not None and entry.low != entry.high


def value_within(book: LawBook, path: str, on: date, place: float) -> Any:
    """The value of a path at a place from 0 to 1 in its range, in the law's unit; a map where it has keys.

    Keys move together. Shares of a whole stay one: the first key moves, the others share the rest as they did.
    """
    parameter, entry = book.parameter(path), book.entry(path, on)

    def of(low: float, high: float) -> int | float:
        value = low + place * (high - low)
        return value if parameter.unit == "times" else round(value)

    if not parameter.keys:
        return of(*entry.range_of())
    if parameter.sums_to is None and path != "state.group_share":
        return {key: of(*entry.range_of(key)) for key in parameter.keys}
    whole, lead = sum(entry.value.values()), parameter.keys[0]
    values = {lead: int(of(*entry.range_of(lead)))}
    rest, shared = whole - values[lead], whole - entry.value[lead]
    for key in parameter.keys[1:-1]:
        values[key] = rest * entry.value[key] // shared
    return values | {parameter.keys[-1]: whole - sum(values.values())}


def sensitivity(
    subject: Subject, book: LawBook, trajectories: int, seed: int, progress: Progress = silent
) -> dict[str, Any]:
    """Mean absolute elementary effects of every parameter on every answer, and their ranks.

    ``trajectories`` are 2 or more, so that effects have a spread. An effect is the change of an answer per whole range
    of the parameter. Returns plain values: ``rows`` ranked by the largest effect relative to the largest on the same
    answer, and what was run. Raises Refused where SALib is lacking.
    """
    assert trajectories >= 2, "effects of one trajectory have no spread"
    sample, analyze = _salib()
    on = subject.task.on
    paths = factor_paths(book, on)
    problem = {"num_vars": len(paths), "names": list(paths), "bounds": [[0.0, 1.0]] * len(paths)}
    places = sample.sample(problem, trajectories, num_levels=LEVELS, seed=seed)
    found = np.zeros((len(places), len(OUTPUTS)))
    done = [0]

    def work(first: int, stop: int) -> None:
        for i in range(first, stop):
            values = {path: value_within(book, path, on, place) for path, place in zip(paths, places[i], strict=True)}
            found[i] = subject.outputs(with_values(book, "sensitivity", values))
            done[0] += 1
            progress("sensitivity", done[0], len(places))

    progress("sensitivity", 0, len(places))
    subject.task.workers.over(len(places), 1, work)
    effects = {
        name: analyze.analyze(problem, places, found[:, at], num_levels=LEVELS, seed=seed)
        for at, name in enumerate(OUTPUTS)
    }
    spread = {name: _spread(found[:, at]) for at, name in enumerate(OUTPUTS)}
    return {
        "method": "Morris, elementary effects over whole ranges",
        "trajectories": trajectories,
        "levels": LEVELS,
        "seed": seed,
        "evaluations": len(places),
        "windows": {
            "state_on": str(subject.windows.state_on),
            "episode": [str(day) for day in subject.windows.episode],
            "fitting": [str(day) for day in subject.windows.fitting],
        },
        "outputs": [{"name": name, "meaning": OUTPUTS[name]} | spread[name] for name in OUTPUTS],
        "rows": _ranked(book, paths, effects),
    }


def _spread(values: np.ndarray) -> dict[str, float]:
    """Where an answer lay over all samples."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95], method="inverted_cdf")
    return {"low": round(float(low), 6), "median": round(float(middle), 6), "high": round(float(high), 6)}


def _ranked(book: LawBook, paths: tuple[str, ...], effects: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row a parameter, the most important first; ties in order of the paths."""
    size = {name: np.asarray(effects[name]["mu_star"], np.float64) for name in OUTPUTS}
    relative = np.max([each / each.max() if each.max() > 0 else each for each in size.values()], axis=0)
    rows = []
    for rank, at in enumerate(np.argsort(-relative, kind="stable").tolist(), 1):
        row: dict[str, Any] = {"rank": rank, "path": paths[at], "label": book.parameter(paths[at]).label}
        row["relative"] = round(float(relative[at]), 6)
        for name in OUTPUTS:
            row[f"{name}_effect"] = round(float(size[name][at]), 6)
            row[f"{name}_mean"] = round(float(effects[name]["mu"][at]), 6)
            row[f"{name}_sigma"] = round(float(effects[name]["sigma"][at]), 6)
            row[f"{name}_rank"] = int((size[name] > size[name][at]).sum()) + 1
        rows.append(row)
    return rows


def _salib() -> tuple[Any, Any]:
    try:
        return importlib.import_module("SALib.sample.morris"), importlib.import_module("SALib.analyze.morris")
    except ImportError:
        raise refuse(
            "--sensitivity", "no SALib here", "needs the package SALib", "pip install 'gaemi[calibrate]'"
        ) from None
