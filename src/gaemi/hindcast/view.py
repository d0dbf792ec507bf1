"""The hindcast view: what could be said at the close of a day, beside what was then published and the baselines."""

from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import Any

import numpy as np

from gaemi.answers.documents import Answer, assumptions, run_record
from gaemi.errors import refuse
from gaemi.hindcast import baselines
from gaemi.hindcast.ensembles import Ensemble, ensemble
from gaemi.hindcast.request import FIT_UNTIL, HindcastRequest, check, too_long
from gaemi.hindcast.simulated import fitted, simulated, simulated_moves
from gaemi.hindcast.truth import FORCED, TARGETS, starts_of
from gaemi.kernels.revolve import SOLD
from gaemi.law.lawbook import LawBook, load
from gaemi.market.episodes import source_of
from gaemi.means import crew
from gaemi.run import RESULTS_VERSION
from gaemi.sources.balances import BalanceHistory, read_balances
from gaemi.sources.breaks import BREAKS
from gaemi.sources.history import CreditHistory, credit_history, stretches
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.spin import WARM, Setting, setting_of, spin_up, to_session
from gaemi.units import format_won
from gaemi.workers import Progress, Workers, silent

SCHEMA = "gaemi.hindcast/1"
MARKETS = ("kospi", "kosdaq")
SHORT = {
    baselines.NO_CHANGE: "no_change",
    baselines.PAST: "regression",
    baselines.PATH: "regression_path",
}
LOW, HIGH = 0.05, 0.95
SCORED = (1, 3, 5, 10)


class HindcastResult(Answer):
    """Result of a hindcast."""

    @property
    def frame(self) -> Any:
        """One row a session, as a polars data frame."""
        import polars

        return polars.DataFrame(self.document["days"], infer_schema_length=None)


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of each session from the start on: float64 [m, h + 1, 3] changes, int64 [m, h + 1] margin sales."""

    change_won: np.ndarray
    sold_won: np.ndarray


def hindcast(request: HindcastRequest, progress: Progress = silent, book: LawBook | None = None) -> HindcastResult:
    """Forecast the sessions after ``request.first`` from what was known at its close, beside record and baselines.

    Raises Refused for anything in the request or in its sources that cannot be taken.
    """
    check(request)
    began = perf_counter()
    assert request.first is not None and request.last is not None
    book = book or load()
    progress("prices and balances", 0, 2)
    prices, balances = read_prices(source_of(request.prices)), read_balances(source_of(request.balances))
    history = credit_history(prices, balances, request.last)
    start = history.place(request.first)
    if history.days[start] != request.first:
        near = f"the session before is {history.days[start]}"
        raise refuse("--from", str(request.first), "must be a session of the prices", near)
    horizon = len(history.days) - 1 - start
    if horizon > baselines.LONGEST:
        raise too_long(horizon, request.last)
    setting = setting_of(book, history, request.names, request.seed)
    if not (history.observed() <= start - setting.lag).any():
        allowed = f"must lie {setting.lag} sessions or more after the first balance of its stretch, {history.days[0]}"
        raise refuse("--from", str(request.first), allowed, "balances are published a session later")
    progress("prices and balances", 1, 2)
    others = _baselines(prices, balances, history, start, horizon, setting.lag)
    progress("prices and balances", 2, 2)
    with crew(request) as workers:
        central, upper = _told(setting, request, start, horizon, prices, workers, progress)
        timing = {"seconds": round(perf_counter() - began, 2), "threads": workers.threads}
    days = _day_rows(history, start, central, upper, others, request.paths is not None)
    document = {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "on": str(request.first),
        "title": f"Hindcast from the close of {request.first} to {history.days[-1]}",
        "mode": "A: given path" if request.paths is None else "B: simulated paths",
        "horizon": horizon,
        "members": request.members,
        "paths": request.paths,
        "law_version": book.version,
        "seed": request.seed,
        "layers": ["mechanical", "behaviour"],
        "known": {"prices_until": str(request.first), "balances_until": str(history.days[start - setting.lag])},
        "days": days,
        "errors": _errors(days, horizon),
        "breaks": [
            one.told()
            for one in BREAKS
            if one.first <= history.days[-1] and (one.last is None or one.last >= request.first)
        ],
        "assumptions": assumptions(book, request.first, reacts=True),
        "run": run_record(request),
        "timing": timing,
    }  # fmt: skip
    document["sentences"] = _sentences(document)
    return HindcastResult(document)


def _baselines(
    prices: PriceHistory, balances: BalanceHistory, history: CreditHistory, start: int, horizon: int, lag: int
) -> dict[str, np.ndarray]:
    """Point forecasts of the baselines by session: float64 [h, 3] each.

    Fitted on the stretches up to the end of 2019 that do not hold the start; without any, no change is all there is.
    """
    known = [row.date for row in balances if row.margin_won is not None]
    first = max(known[0], prices.dates[0], date(2005, 1, 3))
    fitting = [
        one
        for one in stretches(prices, balances, first, min(FIT_UNTIL, known[-1]))
        if not (one.days[0] <= history.days[start] <= one.days[-1]) and one.basis == "daily"
    ]
    if not fitting or start < baselines.MONTH + lag + 1:
        still = np.zeros((horizon, len(TARGETS)))
        still[:, FORCED] = max(int(history.forced_won[max(start - lag, 0)]), 0)
        return {baselines.NO_CHANGE: still}
    horizons = tuple(range(1, horizon + 1))
    told = baselines.predict(baselines.fit(fitting, horizons, lag), history, np.array([start]))
    return {name: values[0] for name, values in told.items()}


def _told(
    setting: Setting,
    request: HindcastRequest,
    start: int,
    horizon: int,
    prices: PriceHistory,
    workers: Workers,
    progress: Progress,
) -> tuple[Told, Told]:
    """With behaviour, and if nobody adds money or sells first; along the recorded path, or along simulated ones."""
    if request.paths is None:
        place = np.array([start])
        both = [ensemble(setting, place, horizon, request.members, workers, react, progress) for react in (True, False)]
        return _of(both[0]), _of(both[1])
    assert request.first is not None
    moves = simulated_moves(fitted(prices, request.model, request.first), request.paths, horizon, request.seed)
    spun = spin_up(setting, start, request.members, workers, progress)
    members = workers.map(to_session, spun, setting, WARM + start)
    dates = setting.history.days[start + 1 :]
    central, upper = (
        Told(*simulated(setting, members, start, dates, moves, workers, react, progress)) for react in (True, False)
    )
    return central, upper


def _of(found: Ensemble) -> Told:
    return Told(found.change_won[0], found.forecasts.done_won[0, :, :, :, SOLD].sum(axis=2))


def _day_rows(
    history: CreditHistory, start: int, central: Told, upper: Told, others: dict[str, np.ndarray], simulated: bool
) -> list[dict[str, Any]]:
    """One row a session from the start on."""
    base = history.settled_won[start].astype(np.float64)
    horizon = len(history.days) - 1 - start
    truth = starts_of(history, np.array([start]), range(1, horizon + 1), "hindcast").truth_won[0]
    rows = []
    for h in range(horizon + 1):
        at = start + h
        row: dict[str, Any] = {"date": str(history.days[at]), "session": h}
        for place, market in enumerate(MARKETS):
            shown = not simulated or h == 0
            row[market] = float(history.close[at, place]) if shown else None
        for place, market in enumerate(MARKETS):
            said = central.change_won[:, h, place] + base[place]
            row |= _range(f"{market}_", said)
            row[f"{market}_record_won"] = _whole(base[place] + (truth[h - 1, place] if h else 0.0))
            row[f"{market}_mechanical_won"] = _whole(base[place] + upper.change_won[:, h, place].mean())
            for name, short in SHORT.items():
                told = others.get(name)
                change = np.nan if told is None else 0.0 if h == 0 else told[h - 1, place]
                row[f"{market}_{short}_won"] = _whole(base[place] + change)
        row |= _range("forced_", central.change_won[:, h, FORCED])
        row["forced_record_won"] = _whole(float(truth[h - 1, FORCED]) if h else float(history.forced_won[at]))
        row["forced_mechanical_won"] = _whole(float(history.unsettled_won[start])) if h == 1 else None
        for name, short in SHORT.items():
            told = others.get(name)
            row[f"forced_{short}_won"] = None if h == 0 or told is None else _whole(told[h - 1, FORCED])
        row |= _range("margin_sold_", central.sold_won[:, h].astype(np.float64))
        row["margin_sold_mechanical_won"] = _whole(float(upper.sold_won[:, h].mean()))
        rows.append(row)
    return rows


def _range(prefix: str, values: np.ndarray) -> dict[str, int | None]:
    """Median and 90 % band of the members."""
    if not np.isfinite(values).all():
        return {f"{prefix}{name}_won": None for name in ("central", "low", "high")}
    low, middle, high = np.quantile(values, (LOW, 0.5, HIGH))
    return {f"{prefix}central_won": round(middle), f"{prefix}low_won": round(low), f"{prefix}high_won": round(high)}


def _whole(value: float) -> int | None:
    return round(value) if np.isfinite(value) else None


def _errors(days: list[dict[str, Any]], horizon: int) -> list[dict[str, Any]]:
    """Absolute errors of the central estimate and of the baselines at the horizons that are scored."""
    rows = []
    for target, prefix in (
        ("balance on KOSPI", "kospi_"),
        ("balance on KOSDAQ", "kosdaq_"),
        ("forced sales", "forced_"),
    ):
        for h in (one for one in SCORED if one <= horizon):
            record = days[h][f"{prefix}record_won"]
            for method in ("central", *SHORT.values()):
                said = days[h][f"{prefix}{method}_won"]
                if record is not None and said is not None:
                    rows.append({"target": target, "session": h, "method": method, "error_won": abs(said - record)})
    return rows


def _sentences(document: dict[str, Any]) -> list[str]:
    """The answer in words."""
    days = document["days"]
    first, last = days[0], days[-1]
    now, then, low, high, record = (
        sum(row[f"{market}_{name}_won"] or 0 for market in MARKETS)
        for row, name in ((first, "central"), (last, "central"), (last, "low"), (last, "high"), (last, "record"))
    )
    sold = sum(row["margin_sold_central_won"] or 0 for row in days[1:])
    most = sum(row["margin_sold_mechanical_won"] or 0 for row in days[1:])
    path = "given the recorded prices" if document["paths"] is None else f"on {document['paths']:,} simulated paths"
    said = [
        f"At the close of {document['on']}, with balances known up to {document['known']['balances_until']} and "
        f"{path}: margin loans of {format_won(now)} would stand at {format_won(then)} on {last['date']} "
        f"(90 %: {format_won(low)} to {format_won(high)}).",
    ]
    if all(last[f"{market}_record_won"] is not None for market in MARKETS):
        said.append(f"Published for that day: {format_won(record)}.")
    said.append(
        f"Margin loans sold by force over these sessions: {format_won(sold)}; if nobody added money or sold first, "
        f"{format_won(most)}. Neither is published."
    )
    return said
