"""A rebuilt state: how the won of margin loans stand by market, age and collateral ratio.

A cohort is a rectangle of age and ratio in one market with the won of loans in it. A state is a table of cohorts,
``cohorts.csv``, and a document that says of which date it is and what it was made from. One ships with gaemi; others
are what ``gaemi state --out`` writes. Only the shape is used: balances are met by the population itself.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from gaemi.days import EARLIEST_YEAR, LATEST_YEAR, is_session, session_on_or_before
from gaemi.errors import Fault, Refused, closest
from gaemi.people.state import STATE_DATE
from gaemi.records.columns import Board

COLUMNS = ("market", "age_low", "age_high", "ratio_low_bps", "ratio_high_bps", "won")
TABLE, DOCUMENT, PART = "cohorts.csv", "state.json", "cohorts_of"
SHIPPED = "shipped"
MARKETS = (Board.KOSPI, Board.KOSDAQ)
MOST_AGE = 2_500
"""Sessions, about ten years: an age beyond is a slip of the pen."""

MOST_RATIO_BPS = 100_000

_NUMBERS = COLUMNS[1:]
_WHOLE = re.compile(r"-?\d{1,16}")
_BASIS = re.compile(r"daily|monthly|monthly, then daily since \d{4}-\d{2}-\d{2}")
_HERE = Path(__file__).parent
_REBUILD = "write it anew with gaemi state --out"


@dataclass(frozen=True, slots=True, eq=False)
class Cohorts:
    """Margin loans of a date by market, age and ratio; arrays int64 [cohort], ``board`` int8.

    Ages are sessions since the trade and ratios basis points of the pool, both [low, high). ``won`` is the mean over
    the ensemble of states. An infeasible state needs loans that nobody can have made; it may be used, and is named.
    """

    on: date
    name: str
    source: str
    basis: str
    feasible: bool
    board: np.ndarray
    age_low: np.ndarray
    age_high: np.ndarray
    ratio_low_bps: np.ndarray
    ratio_high_bps: np.ndarray
    won: np.ndarray
    recipe: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Hash of the date and of the cohorts, whatever their order: 32 hexadecimal digits."""
        rows = [self.on.isoformat(), *sorted(",".join(row) for row in self._rows())]
        return blake2b("\n".join(rows).encode(), digest_size=16).hexdigest()

    def described(self) -> dict[str, Any]:
        """What a result says of the state that it started from, ready for JSON."""
        return {
            "on": self.on.isoformat(),
            "basis": self.basis,
            "feasible": self.feasible,
            "source": self.source,
            "cohorts_hash": self.hash,
        }

    def _rows(self) -> Iterable[tuple[str, ...]]:
        columns = (getattr(self, name).tolist() for name in _NUMBERS)
        for board, *numbers in zip(self.board.tolist(), *columns, strict=True):
            yield Board(board).name, *(str(number) for number in numbers)

    def in_market(self, board: Board) -> np.ndarray:
        """Whether each cohort is of the market: bool [cohort]."""
        return self.board == board

    def mean_age(self, board: Board) -> float:
        """Mean sessions since the trade of the market's won."""
        here = self.in_market(board)
        middle = (self.age_low[here] + self.age_high[here] - 1) / 2.0
        return float((middle * self.won[here]).sum() / self.won[here].sum())

    def share_under(self, board: Board, ratio_bps: int) -> float:
        """Share of the market's won in pools under the ratio; inside a band won is spread evenly."""
        here = self.in_market(board)
        low, high, won = self.ratio_low_bps[here], self.ratio_high_bps[here], self.won[here]
        return float((np.clip((ratio_bps - low) / (high - low), 0.0, 1.0) * won).sum() / won.sum())


@cache
def shipped_cohorts() -> Cohorts:
    """The rebuilt state that ships with gaemi, of STATE_DATE. Its document holds the recipe that made it.

    Source: the recipe; balances of the Korea Financial Investment Association, prices of the Korea Exchange.
    """
    stem = f"state_{STATE_DATE}"
    found = _read(SHIPPED, _HERE / f"{stem}.csv", _HERE / f"{stem}.json")
    assert found.on == STATE_DATE, "the shipped state is of the date that ships"
    return found


def read_cohorts(folder: str | Path) -> Cohorts:
    """The state that ``gaemi state --out`` wrote into ``folder``. Raises Refused with every fault of its two files."""
    place = Path(folder)
    return _read(place.resolve().name, place / TABLE, place / DOCUMENT)


def write_cohorts(cohorts: Cohorts, folder: Path) -> dict[str, Any]:
    """Write the cohorts into ``folder``, which exists; returns what its ``state.json`` must hold besides its own.

    Raises Refused where the cohorts are such as :func:`read_cohorts` would not take.
    """
    faults = [*_document_faults(cohorts, DOCUMENT), *_cohort_faults(cohorts, TABLE)]
    if faults:
        raise Refused(faults)
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(cohorts._rows())
    return {PART: cohorts.described() | {"recipe": dict(cohorts.recipe)}}


def _read(name: str, table: Path, document: Path) -> Cohorts:
    faults: list[Fault] = []
    told = _told(document, faults)
    columns = _columns(table, faults)
    if faults:
        raise Refused(faults)
    on = date.fromisoformat(told["on"])
    board, age_low, age_high, low, high, won = columns
    recipe, (source, basis, feasible) = told.get("recipe") or {}, (told[key] for key in ("source", "basis", "feasible"))
    found = Cohorts(on, name, source, basis, feasible, board, age_low, age_high, low, high, won, recipe)
    faults += [*_document_faults(found, str(document)), *_cohort_faults(found, str(table))]
    written = told.get("cohorts_hash")
    if not faults and written not in (None, found.hash):
        allowed = f"must be the cohorts that {document.name} was written with ({written})"
        faults.append(Fault(str(table), found.hash, allowed, _REBUILD))
    if faults:
        raise Refused(faults)
    return found


def _told(path: Path, faults: list[Fault]) -> dict[str, Any]:
    """The part of the document that concerns the cohorts; its faults of form are added to ``faults``."""
    if not path.is_file():
        faults.append(Fault(str(path), "no such file", "a state has this file beside its cohorts", _REBUILD))
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        faults.append(Fault(str(path), f"'{fault}'", "must be a JSON document", _REBUILD))
        return {}
    told = document.get(PART, document) if isinstance(document, dict) else None
    if not isinstance(told, dict):
        faults.append(Fault(str(path), type(document).__name__, f"must hold an object '{PART}'", _REBUILD))
        return {}
    for key, kind in (("on", str), ("basis", str), ("source", str), ("feasible", bool)):
        if not isinstance(told.get(key), kind):
            words = "true or false" if kind is bool else "a text"
            faults.append(Fault(f"{path} {key}", repr(told.get(key)), f"must be {words}", _REBUILD))
    try:
        date.fromisoformat(str(told.get("on")))
    except ValueError:
        faults.append(Fault(f"{path} on", f"'{told.get('on')}'", "must be a date as 2025-10-31", _REBUILD))
    return told


def _columns(path: Path, faults: list[Fault]) -> tuple[np.ndarray, ...]:
    """Columns of the table in the order of COLUMNS; cells that are no figures are added to ``faults``."""
    if not path.is_file():
        faults.append(Fault(str(path), "no such file", "a rebuilt state has a table of cohorts", _REBUILD))
        return ()
    markets: list[int] = []
    numbers: list[list[int]] = [[] for _ in _NUMBERS]
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            found = ", ".join(reader.fieldnames or ()) or "an empty file"
            faults.append(Fault(f"{path} row 1", found, f"must have the columns {', '.join(COLUMNS)}", _REBUILD))
            return ()
        for place, row in enumerate(reader, 2):
            where = f"{path} row {place}"
            market = (row["market"] or "").strip()
            if market not in [board.name for board in MARKETS]:
                names = [board.name for board in MARKETS]
                help = closest(market.upper(), names)
                faults.append(Fault(f"{where} market", f"'{market}'", f"must be {' or '.join(names)}", help))
            markets.append(next((int(board) for board in MARKETS if board.name == market), -1))
            for name, column in zip(_NUMBERS, numbers, strict=True):
                text = (row[name] or "").strip()
                if not _WHOLE.fullmatch(text):
                    faults.append(Fault(f"{where} {name}", f"'{text}'", "must be a whole number"))
                column.append(int(text) if _WHOLE.fullmatch(text) else 0)
    return np.array(markets, dtype=np.int8), *(np.array(column, dtype=np.int64) for column in numbers)


def _document_faults(cohorts: Cohorts, where: str) -> Iterable[Fault]:
    on = cohorts.on
    if not EARLIEST_YEAR <= on.year <= LATEST_YEAR:
        yield Fault(f"{where} on", str(on), f"must be from {EARLIEST_YEAR} to {LATEST_YEAR}")
    elif not is_session(on):
        near = f"the session before is {session_on_or_before(on)}"
        yield Fault(f"{where} on", str(on), "must be a day on which the exchange trades", near)
    if not _BASIS.fullmatch(cohorts.basis):
        allowed = "must be 'daily', 'monthly' or 'monthly, then daily since DATE'"
        yield Fault(f"{where} basis", f"'{cohorts.basis}'", allowed)


def _cohort_faults(cohorts: Cohorts, where: str) -> Iterable[Fault]:
    """What is wrong with the figures; rows are counted as in the file, its header being row 1."""
    bounds = (
        ("age", cohorts.age_low, cohorts.age_high, MOST_AGE, "sessions"),
        ("ratio", cohorts.ratio_low_bps, cohorts.ratio_high_bps, MOST_RATIO_BPS, "basis points"),
    )
    for place in range(cohorts.won.size):
        row = f"{where} row {place + 2}"
        for name, lows, highs, most, unit in bounds:
            low, high = int(lows[place]), int(highs[place])
            if not 0 <= low < high <= most:
                allowed = f"a band must rise, from 0 to at most {most:,} {unit}"
                yield Fault(f"{row} {name}", f"{low} to {high}", allowed)
        if cohorts.won[place] < 0:
            yield Fault(f"{row} won", f"{cohorts.won[place]}", "must be 0 or more")
    for board in MARKETS:
        here = np.flatnonzero(cohorts.in_market(board))
        if not (cohorts.won[here] > 0).any():
            yield Fault(where, f"none of {board.name}", "must have won of loans in both markets", _REBUILD)
        yield from _overlaps(cohorts, here, where)


def _overlaps(cohorts: Cohorts, here: np.ndarray, where: str) -> Iterable[Fault]:
    """Pairs of the market's cohorts that share an age and a ratio: the won of one loan would be counted twice."""
    age, ratio = (
        np.stack((low[here], high[here]))
        for low, high in ((cohorts.age_low, cohorts.age_high), (cohorts.ratio_low_bps, cohorts.ratio_high_bps))
    )
    for i in range(here.size):
        shared = np.ones(here.size - i - 1, dtype=bool)
        for low, high in (age, ratio):
            shared &= (low[i + 1 :] < high[i]) & (low[i] < high[i + 1 :])
        for j in np.flatnonzero(shared):
            first, second = here[i] + 2, here[i + 1 + j] + 2
            yield Fault(f"{where} row {second}", f"a part of row {first}", "bands of one market must not overlap")
