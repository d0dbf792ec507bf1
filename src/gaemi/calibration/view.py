"""``gaemi calibrate``: the fit, what the data do not tell, and the files that carry it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from gaemi.answers.documents import run_record
from gaemi.calibration.adapters import Adapter
from gaemi.calibration.bands import MEMBERS, MEMBERS_QUICK, band_rows, nearest_band
from gaemi.calibration.objective import FIRST, LAST, Loss, Procedure, Task, cell_rows, parts_of
from gaemi.calibration.parameters import MARGIN, UNSETTLED, Knob, Point, knobs_of, values_at
from gaemi.calibration.search import Search, Told, fit, profile, settled
from gaemi.calibration.sensitivity import sensitivity, subject_of
from gaemi.calibration.unsettled import sales_of, unsettled_loss
from gaemi.errors import Fault, Refused, refuse
from gaemi.law.lawbook import load
from gaemi.run import RESULTS_VERSION
from gaemi.sources.balances import BalanceHistory, read_balances
from gaemi.sources.history import stretches
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.workers import LocalWorkers, Progress, silent

SCHEMA = "gaemi.calibration/1"
MOST, MOST_QUICK = 180, 24
"""Evaluations of a search; what is best then holds, and the result says so."""

MOST_SALES = 400
TRAJECTORIES, TRAJECTORIES_QUICK = 10, 2
QUICK = Procedure(names=8, every=48, every_short=24)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. ``prices`` and ``balances`` are sources as other commands take them, or what was read of them.

    ``leave_out`` is a day of the stretch that is not fitted on, for cross-validation.
    """

    prices: Any
    balances: Any
    to: date = LAST
    sensitivity: bool = False
    quick: bool = False
    seeds: tuple[int, ...] = (0, 1, 2)
    threads: int | None = None
    leave_out: date | None = None


@dataclass(slots=True)
class CalibrationResult:
    """Result of a calibration: ``document`` is JSON-ready, ``summary`` its first sentences."""

    document: dict[str, Any]

    @property
    def summary(self) -> list[str]:
        return self.document["sentences"]

    @property
    def frame(self) -> Any:
        """The parameters, one row each, as a polars data frame."""
        import polars

        rows = self.document["parameters"]
        return polars.DataFrame([{name: value for name, value in row.items() if name != "profile"} for row in rows])

    def save(self, folder: str | Path) -> Path:
        """Write result.json, tables as CSV and the fit as a reform; returns the folder. Raises Refused."""
        from gaemi.calibration.files import save_calibration

        return save_calibration(self.document, Path(folder))


def read(request: Request) -> tuple[PriceHistory, BalanceHistory]:
    """Prices and balances of a request, read unless it holds them already."""
    prices = request.prices if isinstance(request.prices, PriceHistory) else read_prices(request.prices)
    held = isinstance(request.balances, BalanceHistory)
    return prices, request.balances if held else read_balances(request.balances)


def check(request: Request) -> None:
    """Raises Refused, with every fault, for a request that cannot be run."""
    faults = []
    if request.prices is None:
        faults.append(Fault("--prices", "none", "must name recorded closes of both indices"))
    if request.balances is None:
        faults.append(Fault("--balances", "none", "must name published balances of margin loans"))
    if not FIRST < request.to <= LAST:
        allowed = f"must be a day after {FIRST} and not after {LAST}"
        faults.append(Fault("--to", str(request.to), allowed, "what came after is kept for testing"))
    if not request.seeds or len(set(request.seeds)) < len(request.seeds) or min(request.seeds) < 0:
        faults.append(Fault("--seeds", f"{list(request.seeds)}", "must be different whole numbers, 0 or more"))
    if faults:
        raise Refused(faults)


def task_of(request: Request, workers: LocalWorkers) -> Task:
    """What a request calibrates, and on what. Raises Refused."""
    check(request)
    prices, balances = read(request)
    procedure = replace(QUICK if request.quick else Procedure(), seeds=request.seeds)
    every = stretches(prices, balances, FIRST, request.to)
    out = request.leave_out
    kept = [one for one in every if out is None or not one.days[0] <= out <= one.days[-1]]
    if out is not None and len(kept) == len(every):
        found = ", ".join(f"{one.days[0]} to {one.days[-1]}" for one in every)
        raise refuse("--leave-out", str(out), f"must be a day of one of the stretches: {found}")
    return Task(load(), parts_of(kept, procedure), procedure, workers)


def adapter_of(request: Request, workers: LocalWorkers | None = None) -> Adapter:
    """The same task in the shapes of other tools: see :mod:`gaemi.calibration.adapters`. Raises Refused."""
    task = task_of(request, workers or LocalWorkers(request.threads))
    return Adapter(task, knobs_of(task.book, task.on, MARGIN))


def calibrate(request: Request, progress: Progress = silent) -> CalibrationResult:
    """Fit the parameters of behaviour on data up to ``request.to``, and say which of them the data tell.

    Raises Refused for data after 2019, sources that do not hold a stretch, and faults of the sources.
    """
    began = perf_counter()
    check(request)
    prices, balances = read(request)
    with LocalWorkers(request.threads) as workers:
        task = task_of(request, workers)
        subject = None
        if request.sensitivity:  # refused at once rather than after the fit
            subject = subject_of(task.book, prices, balances, task.procedure, workers)
        most = MOST_QUICK if request.quick else MOST
        knobs = knobs_of(task.book, task.on, MARGIN)
        first = replace(task, procedure=replace(task.procedure, seeds=request.seeds[:1]))
        alone = Search(knobs, lambda point: first.loss(values_at(knobs, point)), most, progress)
        margin = run_search(alone, _judged(alone, lambda point: task.loss(values_at(knobs, point))))
        sales = sales_of(task)
        second = knobs_of(task.book, task.on, UNSETTLED)
        unsettled = None
        if sales:
            ask = Search(second, lambda point: unsettled_loss(task, sales, values_at(second, point)), MOST_SALES)
            unsettled = run_search(ask, ask)
        bands = band_rows(task, values_at(knobs, margin.kept), MEMBERS_QUICK if request.quick else MEMBERS)
        found = None
        if subject is not None:
            trajectories = TRAJECTORIES_QUICK if request.quick else TRAJECTORIES
            found = sensitivity(subject, task.book, trajectories, request.seeds[0], progress)
    document = document_of(request, task, margin, unsettled) | {"sensitivity": found, "bands": bands}
    if bands:
        near = nearest_band(bands)
        document["sentences"].append(
            f"Spread of answers by which the 90 % band covers {near['coverage_pct']:.0f} % after falls: "
            f"{near['answer_spread']:g} (law: {task.behaviour({}).answer_spread:g})."
        )
    document["timing"] = {"seconds": round(perf_counter() - began, 2), "threads": workers.threads}
    return CalibrationResult(document)


def _judged(search: Search, ask: Callable[[Point], Loss]) -> Search:
    """The same parameters with another loss: two points of a profile each, the start and the fit."""
    return Search(search.knobs, ask, 2 * len(search.knobs) + 2, search.progress, "profile")


@dataclass(frozen=True, slots=True)
class Fit:
    """One search that has ended: where it began, its best point, and that point without what the data do not tell."""

    knobs: tuple[Knob, ...]
    best: Point
    kept: Point
    told: tuple[Told, ...]
    before: Loss
    fitted: Loss
    after: Loss
    evaluations: int
    ended: bool


def run_search(search: Search, judged: Search) -> Fit:
    """Search, then by the loss ``judged`` profile around the best point and put back what the data do not tell."""
    best = fit(search)
    ended, evaluations = not search.spent, len(search.known)
    told = profile(judged, best)
    kept = settled(judged, best, told)
    start = tuple(knob.start for knob in search.knobs)
    losses = (judged.at(start), judged.at(best), judged.at(kept))
    return Fit(search.knobs, best, kept, told, *losses, evaluations, ended)


def document_of(request: Request, task: Task, margin: Fit, unsettled: Fit | None) -> dict[str, Any]:
    """The whole answer, ready for JSON."""
    procedure = task.procedure
    fits = [("margin loans", margin)] + ([("unsettled purchases", unsettled)] if unsettled else [])
    rows = [row for term, one in fits for row in parameter_rows(task, term, one)]
    return {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "law_version": task.book.version,
        "seeds": list(procedure.seeds),
        "to": str(request.to),
        "sentences": sentences(task, fits, rows),
        "parameters": rows,
        "loss": [loss_row(term, one) for term, one in fits],
        "cells": cell_rows(task, margin.before, margin.after),
        "procedure": {
            "names": procedure.names,
            "every": procedure.every,
            "every_short": procedure.every_short,
            "horizons": list(procedure.horizons),
            "wait": procedure.wait,
            "short_wait": procedure.short_wait,
            "quick": request.quick,
        },
        "stretches": [{"stretch": part.label, "starts": int(part.starts.size)} for part in task.parts],
        "run": run_record(_recorded(request)),
    }


def _recorded(request: Request) -> Request:
    """The request as it is written down: a source that was handed in as a table is told as such."""
    prices = request.prices if isinstance(request.prices, str | Path) else "a table"
    balances = request.balances if isinstance(request.balances, str | Path) else "a table"
    return replace(request, prices=str(prices), balances=str(balances))


def parameter_rows(task: Task, term: str, one: Fit) -> list[dict[str, Any]]:
    """One row for each parameter, in the law's units: value by law, fitted, kept, range, and what the data tell."""
    rows = []
    for knob, best, kept, told in zip(one.knobs, one.best, one.kept, one.told, strict=True):
        rows.append(
            {
                "term": term,
                "path": knob.path,
                "label": task.book.parameter(knob.path).label,
                "unit": knob.unit,
                "start": knob.in_law(knob.start),
                "fitted": knob.in_law(best),
                "kept": knob.in_law(kept),
                "low": knob.in_law(knob.low),
                "high": knob.in_law(knob.high),
                "identified": told.identified,
                "at_bound": best in (knob.low, knob.high),
                "profile": [
                    {"value": knob.in_law(step), "rise": round(up, 6), "standard_error": _finite(error)}
                    for step, up, error in told.rises
                ],
            }
        )
    return rows


def _finite(error: float) -> float | None:
    return round(error, 6) if error < float("inf") else None


def loss_row(term: str, one: Fit) -> dict[str, Any]:
    """Losses of one term: by the law's values, at the best point, with what is kept; by seed, and how it was found."""
    return {
        "term": term,
        "before": round(one.before.value, 6),
        "fitted": round(one.fitted.value, 6),
        "after": round(one.after.value, 6),
        "before_by_seed": [round(each, 6) for each in one.before.by_seed],
        "after_by_seed": [round(each, 6) for each in one.after.by_seed],
        "evaluations": one.evaluations,
        "ended": one.ended,
    }


def sentences(task: Task, fits: list[tuple[str, Fit]], rows: list[dict[str, Any]]) -> list[str]:
    """What a reader should know first."""
    first, last = task.parts[0].history.days[0], task.parts[-1].history.days[-1]
    starts = sum(int(part.starts.size) for part in task.parts)
    pieces = f"{len(task.parts)} stretch{'es' if len(task.parts) > 1 else ''}"
    told = [f"Fitted on {first} to {last}, {pieces}, {starts} starts; nothing after {LAST} was read for the fit."]
    for term, one in fits:
        said = (
            f"Error of {term} over that of no change: {one.before.value:.3f} by the law, {one.after.value:.3f} fitted"
        )
        if len(one.after.by_seed) > 1:
            said += f" ({min(one.after.by_seed):.3f} to {max(one.after.by_seed):.3f} over seeds)"
        told.append(said + ("." if one.ended else "; the search stopped at its last evaluation."))
    flat = [row["path"] for row in rows if row["identified"] == "no"]
    back = [row["path"] for row in rows if row["identified"] == "no" and row["kept"] == row["start"]]
    if back:
        told.append(f"The data do not tell {', '.join(back)}: kept at the law's value.")
    if stay := [path for path in flat if path not in back]:
        told.append(f"The data do not tell {', '.join(stay)} alone, but need it beside the others: kept as fitted.")
    return told
