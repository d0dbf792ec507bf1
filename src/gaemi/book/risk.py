"""Risk over paths: how much is sold and stays unpaid on many simulated paths, with the errors of what is said of it."""

from collections.abc import Callable, Sequence
from datetime import date
from math import sqrt
from typing import Any

import numpy as np

from gaemi.account.luck import luck_of, sessions_a_year
from gaemi.book.exposure import financed_won
from gaemi.book.stage import Stage
from gaemi.chance import name_id
from gaemi.errors import Refused, refuse
from gaemi.kernels._compile import compiled
from gaemi.kernels.draw import Drawn, Sheet
from gaemi.kernels.spread import Ties, spread_path
from gaemi.market.joint import joint_returns
from gaemi.market.models import FEWEST_RETURNS, Model, assumed, fit
from gaemi.market.paths import Path
from gaemi.people.instruments import shipped_rows
from gaemi.records.columns import Board, Kind
from gaemi.sources.prices import PriceHistory

HORIZON = 10
MOST_DRIVERS = 30
LONG_ENOUGH = 0.9
"""A name drives paths of its own if it was recorded on this share of the days of the boards."""

BOARDS = (Board.KOSPI, Board.KOSDAQ)
PATHS = "paths"
"""Name of what a folder keeps of finished paths."""

INDEX_FUND = "069500"
"""The fund whose shipped volatility stands for the boards' where no history is given."""

SHARES = tuple(k / 100 for k in range(1, 100))
TAILS = (95, 99)


def risk_rows(stage: Stage, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Won sold and unpaid over the horizon on each path: means, quantiles, expected shortfalls, standard errors.

    Prices drift nowhere on average; each path runs the engine's days from the book's evening.
    """
    request = stage.request
    sessions = request.horizon or HORIZON
    model, ties, notes = _market(stage)
    luck = luck_of(model, request.seed)
    drivers = len(model.names)
    dates = stage.dates(sessions)
    instruments = stage.start.instruments
    still = np.full((sessions + 1, instruments.price.size), -1, np.int64)
    halted = np.tile(instruments.halted, (sessions + 1, 1))
    dollar = np.full(sessions + 1, stage.won_per_dollar)
    sheet = Sheet(np.ones((drivers, sessions + 1)), np.zeros((drivers + 2, sessions + 8)), np.zeros(sessions, np.int64))
    variance = model.garch[:, 4] if model.garch.size else np.zeros(drivers)
    spread = compiled(spread_path)
    found = np.zeros((request.paths, 2), np.int64)
    for number in range(_known(stage, found), request.paths):
        if number % 10 == 0:
            progress(number, request.paths)
        drawn = Drawn(np.array([number]), np.ones((1, drivers)), variance[None, :].copy(), np.full(1, -1, np.int64))
        factor = np.ones((sessions + 1, instruments.price.size))
        spread(luck, sheet, drawn, 0, ties, factor)
        factor[:, instruments.kind == Kind.FUND] = np.nan
        path = Path(dates, factor, factor, dollar, halted, still, "drawn")
        found[number] = stage.sums(path, request.feedback is not False)
        done = number + 1
        if stage.folder is not None:
            stage.folder.keep(PATHS, done, lambda done=done: found[:done])  # type: ignore[misc]
    progress(request.paths, request.paths)
    rows = [{"measure": name} | tail_measures(found[:, i]) for i, name in enumerate(("sold", "unpaid"))]
    quantiles = np.quantile(found, SHARES, axis=0, method="inverted_cdf").astype(np.int64)
    return {
        "model": model.kind,
        "paths": request.paths,
        "sessions": sessions,
        "words": _words(model, sessions, request.paths),
        "notes": [*model.notes, *notes],
        "rows": rows,
        "curve": [
            {"share": share, "sold_won": int(sold), "unpaid_won": int(unpaid)}
            for share, (sold, unpaid) in zip(SHARES, quantiles, strict=True)
        ],
    }


def _known(stage: Stage, found: np.ndarray) -> int:
    """How many paths the folder has the results of, set in ``found``."""
    kept = None if stage.folder is None else stage.folder.checkpoint(PATHS, np.ndarray)
    if kept is None:
        return 0
    found[: len(kept)] = kept
    return len(kept)


def tail_measures(values: np.ndarray) -> dict[str, int]:
    """Mean, quantiles and expected shortfalls of won on ``n`` independent paths, int64 [n], each with its error.

    A quantile's error is half the distance between the order statistics one standard deviation of a binomial count to
    either side; expected shortfall is the mean of what lies at or beyond the quantile.

    Source: order statistics as in Conover, Practical Nonparametric Statistics (1999), 3.2; Manistre and Hancock,
    "Variance of the CTE estimator", North American Actuarial Journal 9 (2005), equation of the asymptotic variance.
    """
    ordered = np.sort(values)
    count = ordered.size
    found = {"mean_won": round(float(values.mean())), "mean_error_won": round(float(values.std()) / sqrt(count))}
    for per_cent in TAILS:
        share = per_cent / 100
        place = min(count - 1, int(np.ceil(share * count)) - 1)
        width = sqrt(count * share * (1 - share))
        low, high = max(0, round(place - width)), min(count - 1, round(place + width))
        quantile, tail = int(ordered[place]), ordered[place:].astype(np.float64)
        shortfall = float(tail.mean())
        variance = (tail.var() + share * (shortfall - quantile) ** 2) / tail.size
        found |= {
            f"p{per_cent}_won": quantile,
            f"p{per_cent}_error_won": round((int(ordered[high]) - int(ordered[low])) / 2),
            f"es{per_cent}_won": round(shortfall),
            f"es{per_cent}_error_won": round(sqrt(variance)),
        }
    return found


def _words(model: Model, sessions: int, paths: int) -> str:
    kinds = {
        "gbm": "normal returns of constant deviation",
        "history": "blocks of recorded days",
        "garch": "volatility that clusters, with heavy tails",
    }
    fitted = f", fitted on {model.first} to {model.last}" if model.first else ", on assumed correlations"
    return f"{paths:,} paths of {sessions} sessions; {kinds[model.kind]}{fitted}; no drift"


def _market(stage: Stage) -> tuple[Model, Ties, list[str]]:
    """The model of the drivers, and how every name of the book hangs on them."""
    history, request = stage.history, stage.request
    boards = [board for board in BOARDS if (stage.start.instruments.board == board).any()]
    missing = [board.name for board in boards if history is None or board.name not in history.tickers]
    if not missing and history is not None and not (request.model == "gbm" and _is_short(history, boards)):
        return _fitted(stage, boards)
    if request.model != "gbm":
        found = "no prices" if history is None else f"no closes of {', '.join(missing)} in the prices"
        help = "give --prices with KOSPI and KOSDAQ, as FinanceDataReader or pykrx write them, or --model gbm"
        raise refuse("--model", f"{request.model}; {found}", "needs a history of the boards", help)
    return _one_factor(stage, boards)


def _is_short(history: PriceHistory, boards: Sequence[Board]) -> bool:
    """Whether the boards have too few days to fit even a constant deviation: a gbm then needs no history."""
    shortest = min((one.days.size for one in history.series if one.ticker in [b.name for b in boards]), default=0)
    return shortest <= FEWEST_RETURNS["gbm"]


def _fitted(stage: Stage, boards: Sequence[Board]) -> tuple[Model, Ties, list[str]]:
    """Boards and the largest names with enough history as drivers; other names follow their board with own luck."""
    history, request, instruments = stage.history, stage.request, stage.start.instruments
    assert history is not None
    names = [board.name for board in boards]
    loans = financed_won(stage)
    own = [
        int(i)
        for i in sorted(np.flatnonzero(loans), key=lambda i: (-int(loans[i]), instruments.ticker[i]))
        if instruments.ticker[i] in history.tickers and instruments.board[i] != Board.US
    ]
    notes: list[str] = []
    whole = joint_returns(history, names, stage.on, request.years).dates.size
    long = [i for i in own if _days_of(history, instruments.ticker[i], stage.on, request.years) >= LONG_ENOUGH * whole]
    if len(long) < len(own):
        notes.append(f"{len(own) - len(long)} names of a shorter history than their boards' follow their board")
    wanted = long[:MOST_DRIVERS]
    while True:
        tickers = [*names, *(instruments.ticker[i] for i in wanted)]
        try:
            model = fit(request.model, joint_returns(history, tickers, stage.on, request.years))
            break
        except Refused:
            # Names with a short history, or one that a model cannot be fitted to, follow their board instead.
            if not wanted:
                raise
            notes.append(f"{instruments.ticker[wanted[-1]]} follows its board: no joint fit with it")
            wanted = wanted[:-1]
    driver = _board_drivers(stage, boards)
    load = np.ones(driver.size)
    deviation = np.append(model.deviation, 0.0)
    idle = np.sqrt(np.maximum(0.0, instruments.volatility**2 - deviation[driver] ** 2))
    shift = np.append(model.drift_shift, 0.0)[driver] + idle**2 / 2
    for place, i in enumerate(wanted, start=len(names)):
        driver[i], idle[i], shift[i] = place, 0.0, model.drift_shift[place]
    return model, _ties(stage, driver, load, idle, shift), notes


def _one_factor(stage: Stage, boards: Sequence[Board]) -> tuple[Model, Ties, list[str]]:
    """Without a history: each name has its own deviation, and names hang together by one factor a board.

    The factor's share is the law's median correlation of two names of a board; factors hang together so that names of
    two boards have the law's median too.
    """
    law, on, instruments = stage.law, stage.on, stage.start.instruments
    same = float(law.value("odds.correlation", on, "same_board"))
    across = float(law.value("odds.correlation", on, "korea_boards"))
    index = next(row.volatility for row in shipped_rows() if row.ticker == INDEX_FUND)
    count = len(boards)
    matrix = np.full((count, count), across / same) + np.eye(count) * (1 - across / same)
    zeros = np.zeros(count)
    names = [board.name for board in boards]
    model = assumed(names, np.full(count, index), matrix, sessions_a_year(on), zeros, zeros)
    known = instruments.volatility[instruments.volatility > 0]
    each = np.where(instruments.volatility > 0, instruments.volatility, np.median(known) if known.size else index)
    notes = [f"no history of the boards: correlations {same:g} and {across:g}, as the law assumes them"]
    if (instruments.volatility <= 0).any():
        notes.append("names of unknown volatility have the median of the others")
    load, own = np.sqrt(same) * each / index, np.sqrt(1 - same) * each
    return model, _ties(stage, _board_drivers(stage, boards), load, own, each**2 / 2), notes


def _days_of(history: PriceHistory, ticker: str, until: date, years: int) -> int:
    """Recorded days of a name over the years before a day."""
    last = np.datetime64(until, "D")
    days = np.unique(np.concatenate([one.days for one in history.series if one.ticker == ticker]))
    return int(((days <= last) & (days > last - np.timedelta64(round(365.25 * years), "D"))).sum())


def _board_drivers(stage: Stage, boards: Sequence[Board]) -> np.ndarray:
    """int64 [instrument]: the driver of each name's board; -1 for what trades abroad, which secures nothing here."""
    places = {int(board): place for place, board in enumerate(boards)}
    return np.array([places.get(int(board), -1) for board in stage.start.instruments.board], np.int64)


def _ties(stage: Stage, driver: np.ndarray, load: np.ndarray, own: np.ndarray, shift: np.ndarray) -> Ties:
    number = np.array([name_id(ticker) for ticker in stage.start.instruments.ticker], np.int64)
    return Ties(driver, load.astype(np.float64), own.astype(np.float64), shift.astype(np.float64), number)
