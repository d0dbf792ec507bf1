"""Paths: what every price would do without anybody's forced sales.

A path holds, for each session, the factor on the starting price at the open and at the close. A shock moves each
board's index by exactly what was asked: names are dispersed around it and re-centred. A recorded history moves named
instruments as recorded and every other name so that the board's index is the recorded one.

Draws are functions of the ticker, so that a name has the same luck in every run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log

import numpy as np

from gaemi.chance import DISPERSION, name_id, normal, word
from gaemi.errors import Fault, Refused
from gaemi.market.shocks import Move, Shock
from gaemi.records.columns import Board, Instruments, Kind
from gaemi.units import BPS

INDICES = {"KOSPI": Board.KOSPI, "KOSDAQ": Board.KOSDAQ}
CURRENCY = "USDKRW"


@dataclass(slots=True)
class Path:
    """``t`` sessions after the state's close (row 0), ``n`` instruments.

    ``factor_open`` and ``factor_close`` are NaN for a fund whose value the engine works out from its index.
    ``note`` says what is not known of the path: a history of closes alone puts the whole return at the open.
    """

    dates: tuple[date, ...]
    factor_open: np.ndarray  # float64 [t + 1, n]
    factor_close: np.ndarray  # float64 [t + 1, n]
    won_per_dollar: np.ndarray  # float64 [t + 1]
    halted: np.ndarray  # uint8 [t + 1, n]
    forced_fill_bps: np.ndarray  # int64 [t + 1, n], -1 where the law's fill holds
    note: str

    @property
    def sessions(self) -> int:
        return len(self.dates) - 1


def dispersed(
    levels: Mapping[Board, np.ndarray],
    instruments: Instruments,
    dispersion: float,
    seed: int,
    given: Mapping[int, np.ndarray],
) -> np.ndarray:
    """Factors [t, n] of all names such that each board's index has exactly the level asked.

    A name's log factor is the index's plus ``dispersion`` times the size of the index's log move times the name's own
    normal draw; then all names that are not ``given`` are scaled by one number a session. Funds stay NaN.
    """
    sessions = len(next(iter(levels.values())))
    factors = np.ones((sessions, len(instruments.ticker)))
    factors[:, instruments.kind == Kind.FUND] = np.nan
    luck = np.array([normal(word(seed, 0, DISPERSION, 0, name_id(ticker), 0)) for ticker in instruments.ticker])
    capital = instruments.issued.astype(np.float64) * instruments.price
    for board, level in levels.items():
        names = np.flatnonzero((instruments.board == board) & (instruments.kind == Kind.STOCK))
        free = np.array([int(row) for row in names if int(row) not in given], dtype=np.int64)
        if free.size == 0:
            continue
        counted = instruments.indexed[free] != 0
        fixed = [int(row) for row in names if int(row) in given and instruments.indexed[row]]
        whole = float(capital[free[counted]].sum() + sum(capital[row] for row in fixed))
        for t in range(sessions):
            move = log(level[t])
            raw = np.array([exp(move + dispersion * abs(move) * luck[row]) for row in free])
            held = float(sum(capital[row] * given[row][t] for row in fixed))
            target = level[t] * whole - held
            factors[t, free] = raw * (target / float((capital[free[counted]] * raw[counted]).sum()))
    for row, values in given.items():
        factors[:, row] = values
    return factors


def together(
    levels: Mapping[Board, np.ndarray], instruments: Instruments, given: Mapping[int, np.ndarray]
) -> np.ndarray:
    """Factors [t, n] where each stock moves as its board's index and those ``given`` as given. Funds stay NaN."""
    sessions = len(next(iter(levels.values())))
    factors = np.ones((sessions, len(instruments.ticker)))
    for board, level in levels.items():
        factors[:, instruments.board == board] = level[:, None]
    factors[:, instruments.kind == Kind.FUND] = np.nan
    for row, values in given.items():
        factors[:, row] = values
    return factors


def _factors(
    levels: Mapping[Board, np.ndarray],
    instruments: Instruments,
    dispersion: float | None,
    seed: int,
    given: Mapping[int, np.ndarray],
) -> np.ndarray:
    """Factors [t, n] of all names: :func:`together` without a dispersion, else :func:`dispersed`."""
    if dispersion is None:
        return together(levels, instruments, given)
    return dispersed(levels, instruments, dispersion, seed, given)


def _equal_steps(move: Move, horizon: int) -> np.ndarray:
    """Levels 0..horizon of a move in equal log steps a session, as often as it is repeated, then flat."""
    step = log(1.0 + move.change_bps / BPS) / move.sessions
    return np.array([exp(step * min(t, move.days)) for t in range(horizon + 1)])


def shock_path(
    shock: Shock,
    instruments: Instruments,
    dates: Sequence[date],
    won_per_dollar: float,
    dispersion: float | None,
    seed: int,
) -> Path:
    """Path of an assumed move over ``dates`` (the state's date first). Raises Refused where an index would vanish.

    With a ``dispersion`` of None every name moves as its board's index does, and what is said of one name changes no
    other: the few names of a book need not carry an index.
    """
    horizon = len(dates) - 1
    flat = np.ones(horizon + 1)
    levels = {board: flat for board in INDICES.values()}
    dollar = np.full(horizon + 1, won_per_dollar)
    given: dict[int, np.ndarray] = {}
    fill = np.full((horizon + 1, len(instruments.ticker)), -1, dtype=np.int64)
    for move in shock.moves:
        if move.target in INDICES:
            levels[INDICES[move.target]] = _equal_steps(move, horizon)
        elif move.target == CURRENCY:
            dollar = won_per_dollar * _equal_steps(move, horizon)
        else:
            row = instruments.row(move.target)
            given[row] = _equal_steps(move, horizon)
            if move.fill_bps is not None:
                fill[1 : move.days + 1, row] = move.fill_bps
    halted = np.zeros((horizon + 1, len(instruments.ticker)), dtype=np.uint8)
    halted[:] = instruments.halted
    for stopped in np.flatnonzero(instruments.halted):
        given.setdefault(int(stopped), flat)  # it stands still, and the others carry the index
    for halt in shock.halts:
        halted[1 : halt.sessions + 1, instruments.row(halt.target)] = 1
    factors = _factors(levels, instruments, dispersion, seed, given)
    if not (np.nan_to_num(factors, nan=1.0) > 0).all():
        fault = Fault("--shock", "moves of names that outweigh the index", "an index that its names can reach")
        raise Refused([fault])
    return Path(tuple(dates), factors, factors, dollar, halted, fill, "each session's return comes at its open")


def recorded_path(
    closes: Mapping[str, np.ndarray],
    halted: Mapping[str, np.ndarray],
    dates: Sequence[date],
    instruments: Instruments,
    dispersion: float | None,
    seed: int,
) -> Path:
    """Path of a history: ``closes`` of KOSPI, KOSDAQ, USDKRW and tickers on ``dates``, the state's date first.

    ``dispersion`` as in :func:`shock_path`.
    """
    levels = {board: closes[name] / closes[name][0] for name, board in INDICES.items()}
    given = {
        row: closes[ticker] / closes[ticker][0] for row, ticker in enumerate(instruments.ticker) if ticker in closes
    }
    stopped = np.zeros((len(dates), len(instruments.ticker)), dtype=np.uint8)
    for row, ticker in enumerate(instruments.ticker):
        if ticker in halted:
            stopped[:, row] = halted[ticker]
    factors = _factors(levels, instruments, dispersion, seed, given)
    return Path(
        dates=tuple(dates),
        factor_open=factors,
        factor_close=factors,
        won_per_dollar=np.asarray(closes[CURRENCY], dtype=np.float64),
        halted=stopped,
        forced_fill_bps=np.full((len(dates), len(instruments.ticker)), -1, dtype=np.int64),
        note="a history of closes: each session's return comes at its open",
    )
