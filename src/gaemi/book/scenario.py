"""Scenario: a shock or a recorded history over the book, with the price effect of its own sales and without."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

import numpy as np

from gaemi.book.request import DAYS
from gaemi.book.stage import Ran, Stage, called_ones, flagged, total
from gaemi.book.standing import Standing
from gaemi.days import sessions_between
from gaemi.errors import Fault, Refused, refuse
from gaemi.kernels import sell as selling
from gaemi.market.episodes import episode, episode_prices
from gaemi.market.paths import Path, recorded_path
from gaemi.market.shocks import Shock, parse_shock
from gaemi.outcomes import Ever
from gaemi.records.columns import Board
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.workers import Progress, silent, told

SHOWN = 20


@dataclass(slots=True)
class Scenario:
    """What was assumed in words, the names that it names, and what its runs left."""

    words: str
    named: tuple[str, ...]
    fed: Ran
    unfed: Ran | None


def asked_shock(stage: Stage) -> Shock:
    """The shock of the request, with the names of the book. Raises Refused."""
    return parse_shock(stage.request.shock or "", stage.start.instruments.ticker)


def run_shock(stage: Stage, shock: Shock, progress: Progress = silent) -> Scenario:
    """Run a shock with the price effect of the book's sales, unless it was asked to be left out, and without."""
    days = stage.request.days or max(DAYS, shock.days)
    path = stage.shock_path(shock, days)
    targets = [move.target for move in shock.moves] + [halt.target for halt in shock.halts]
    named = tuple(target for target in targets if target in stage.start.instruments.ticker)
    fed, unfed = _both(stage, path, stage.request.feedback is not False, progress)
    return Scenario(f"{shock}", named, fed, unfed)


def run_replay(stage: Stage, progress: Progress = silent) -> Scenario:
    """Run recorded prices, which contain the impact of sales already: without feedback unless it is asked for."""
    source = str(stage.request.replay)
    path, words = replay_path(stage, source)
    fed, unfed = _both(stage, path, bool(stage.request.feedback), progress)
    return Scenario(words, (), fed, unfed)


def _both(stage: Stage, path: Path, feedback: bool, progress: Progress) -> tuple[Ran, Ran | None]:
    """The run that is told, and beside one with feedback the one without."""
    total = path.sessions * (2 if feedback else 1)
    unfed = stage.run(path, False, True, told(progress, "scenario", total))
    if not feedback:
        return unfed, None
    return stage.run(path, True, True, told(progress, "scenario", total, path.sessions)), unfed


def replay_path(stage: Stage, source: str) -> tuple[Path, str]:
    """The path of a named episode, or of a user's own prices, from the book's date on; and it in words."""
    request = stage.request
    if File(source).exists():
        history = read_prices(source)
        wanted = request.days or DAYS
        after = [day for day in history.dates if day > stage.on][:wanted]
        if not after:
            help = "give --on, the evening from which the replay starts"
            last = max(history.dates)
            raise refuse("--replay", f"{source}, whose last day is {last}", f"prices must go on after {stage.on}", help)
        days = (stage.on, *after)
        words = f"recorded prices of {File(source).name}, {after[0]} to {after[-1]}"
        return _recorded(stage, (history,), days, source), words
    chosen = episode(source)
    if not chosen.start <= stage.on < chosen.end:
        allowed = f"{chosen.name} is recorded from {chosen.start} to {chosen.end}: the book must be of an evening in it"
        raise refuse("--on", str(stage.on), allowed, f"give --on {chosen.start}, and prices of that day")
    history = episode_prices(chosen.name)
    days = history.sessions(stage.on, chosen.end)
    if request.days:
        days = days[: request.days + 1]
    own = (stage.history,) if stage.history is not None else ()
    return _recorded(stage, (*own, history), days, source), f"replay of {chosen.name}, {days[1]} to {days[-1]}"


def _recorded(stage: Stage, histories: Sequence[PriceHistory], days: Sequence[Any], source: str) -> Path:
    """Closes of every name that a history has on each day; names without one move as their board's index does."""
    lost = [day for day in sessions_between(days[0], days[-1]) if day not in set(days)]
    if lost:
        allowed = "a replay needs every session: the history must not have a gap"
        raise Refused([Fault(source, f"no close on {day}", allowed) for day in lost])
    closes: dict[str, np.ndarray] = {}
    halted: dict[str, np.ndarray] = {}
    flat = np.ones(len(days))
    instruments = stage.start.instruments
    home = [t for t, board in zip(instruments.ticker, instruments.board, strict=True) if board != Board.US]
    for history in histories:
        for name in ("KOSPI", "KOSDAQ", *home):
            if name in history.tickers and name not in closes:
                window = history.view([name], days[0], days[-1], days)
                closes[name], halted[name] = window.close[:, 0], window.halted[:, 0].astype(np.uint8)
    recorded = [name for name in home if name in closes]
    indices = [name for name in ("KOSPI", "KOSDAQ") if name in closes]
    if not recorded and not indices:
        allowed = "must have closes of KOSPI and KOSDAQ, or of names of the book, on the days of the replay"
        raise refuse(source, "none of them", allowed)
    for name in ("KOSPI", "KOSDAQ"):
        closes.setdefault(name, flat)
    closes["USDKRW"] = np.full(len(days), stage.won_per_dollar)
    return recorded_path(closes, halted, days, instruments, None, stage.request.seed)


def scenario_rows(stage: Stage, scenario: Scenario, standing: Standing) -> dict[str, Any]:
    """The scenario as the document has it."""
    fed, unfed = scenario.fed, scenario.unfed
    return {
        "words": scenario.words,
        "days": _days(fed),
        **_totals(fed, standing),
        "no_feedback": _totals(unfed, standing) if unfed is not None else None,
        "names": name_rows(stage, fed)[:SHOWN],
    }


def _totals(left: Ran, standing: Standing) -> dict[str, int]:
    called = called_ones(left, standing.under)
    counts = {"called_accounts": int(called.sum())}
    for name, flag in (("sold", Ever.FORCE_SOLD), ("residual", Ever.RESIDUAL_DEBT)):
        counts[f"{name}_accounts"] = int(flagged(left, flag).sum())
    return {
        "called_won": int(standing.debt_won[called].sum()),
        "sold_won": total(left, selling.GROSS_WON),
        "residual_won": total(left, selling.RESIDUAL_WON),
        **counts,
    }


def _days(left: Ran) -> list[dict[str, Any]]:
    rows = []
    for record in left.records:
        names = record.names
        change = {
            f"{board.name.lower()}_pct": 100 * (record.index[board] - 1) if board in record.index else None
            for board in (Board.KOSPI, Board.KOSDAQ)
        }
        rows.append(
            {
                "day": record.day,
                "date": str(record.date),
                **change,
                "under_won": record.under_won,
                "called_won": record.called_won,
                "called_accounts": record.called,
                "ordered_won": int(names["ordered_won"].sum()) if record.day else 0,
                "unfilled_lots": int(names["unfilled_lots"].sum()) if record.day else 0,
                "sold_won": int(record.flows[selling.GROSS_WON]),
                "sold_open_won": int(names["sold_at_open_won"].sum()) if record.day else 0,
                "sold_close_won": int(names["sold_at_close_won"].sum()) if "sold_at_close_won" in names else 0,
                "residual_won": int(record.flows[selling.RESIDUAL_WON]),
                # A halted name stands at the lowest price that it may have today, but nobody waits at a limit there.
                "locked_down": record.locked_down - int((left.halted[record.day] != 0).sum()) if record.day else 0,
            }
        )
    return rows


def name_rows(stage: Stage, left: Ran) -> list[dict[str, Any]]:
    """What happened in each name over the scenario, largest sale first; names in which nothing did are left out."""
    instruments = stage.start.instruments
    sums = {name: _summed(left, name) for name in ("called_won", "sold_lots", "sold_won", "unpaid_won")}
    happened = np.flatnonzero(sum(np.abs(values) for values in sums.values()) + left.waiting_lots)
    rows = []
    for i in sorted(
        happened, key=lambda i: (-int(sums["sold_won"][i]), -int(sums["called_won"][i]), instruments.ticker[i])
    ):
        rows.append(
            {
                "ticker": instruments.ticker[i],
                "name": instruments.name[i],
                "called_won": int(sums["called_won"][i]),
                "sold_lots": int(sums["sold_lots"][i]),
                "sold_won": int(sums["sold_won"][i]),
                "residual_won": int(sums["unpaid_won"][i]),
                "waiting_lots": int(left.waiting_lots[i]),
                "last_price": int(left.price[i]) / 10 ** int(instruments.price_digits[i]),
                "change_pct": 100 * (float(left.price[i]) / float(instruments.price[i]) - 1),
            }
        )
    return rows


def _summed(left: Ran, measure: str) -> np.ndarray:
    found = np.zeros(left.price.size, np.int64)
    for record in left.records:
        found += record.names.get(measure, 0)
    return found
