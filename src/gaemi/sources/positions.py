"""Positions and wallets of a coin venue, as ccxt's ``fetch_positions`` or a venue's own export gives them.

Two tables: ``positions`` (account, symbol, side, size, entry, mode, margin or leverage) and, for positions on shared
margin, ``wallets`` (account, balance). Short is told by the side, never by a negative size. Every row read is accepted
or rejected, and all are counted; nothing is filled in that a row does not say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from gaemi.errors import Fault, Refused, closest, refuse
from gaemi.records.positions import MICRO, MOST_MICRO
from gaemi.sources.book.rejects import Rejects, shown
from gaemi.sources.reading import Reading, columns_of, first_line, single_table
from gaemi.sources.tables import PARQUET_ENDINGS, Table, read_file
from gaemi.sources.tickers import canonical, is_dollar_coin

POSITIONS, WALLETS = "positions", "wallets"
TABLES = (POSITIONS, WALLETS)
CROSS, ISOLATED = "cross", "isolated"
FUND = "insurance_fund"
"""The row of ``wallets`` that is no account but what the venue has put by."""

_WORDS = {
    "account": ("account", "account_id", "accountid", "user", "uid", "subaccount", "계좌"),
    "symbol": ("symbol", "market", "contract", "instrument", "ticker", "종목"),
    "side": ("side", "positionside", "position_side", "direction"),
    "size": ("size", "contracts", "quantity", "qty", "amount", "positionamt"),
    "contract_size": ("contractsize", "contract_size"),
    "entry": ("entry", "entryprice", "entry_price", "avgprice", "avg_price"),
    "mode": ("mode", "marginmode", "margin_mode", "margintype", "margin_type"),
    "margin": ("margin", "isolatedmargin", "isolated_margin", "initialmargin", "initial_margin", "collateral"),
    "leverage": ("leverage",),
    "mark": ("mark", "markprice", "mark_price"),
    "balance": ("balance", "wallet", "walletbalance", "wallet_balance", "total"),
}
_NEEDED = {POSITIONS: ("account", "symbol", "side", "size", "entry"), WALLETS: ("account", "balance")}
_TAKEN = {
    POSITIONS: ("account", "symbol", "side", "size", "contract_size", "entry", "mode", "margin", "leverage", "mark"),
    WALLETS: ("account", "balance"),
}
_SIDES = {"long": 1, "buy": 1, "l": 1, "short": -1, "sell": -1, "s": -1}
_MODES = {"cross": CROSS, "crossed": CROSS, "isolated": ISOLATED, "fixed": ISOLATED}
_MOST_LEVERAGE = 1_000
SHORT_HELP = "a short position is told by its side, see docs/book.md"


@dataclass(frozen=True)
class PositionTables:
    """The accepted rows.

    ``frame`` has account, symbol, side (1 or -1), size, entry, isolated, margin, leverage, mark and row. Figures
    are Float64, null where a row has none; ``wallets`` are balances by account; ``fund`` is the row of the insurance
    fund, None where there is none. ``counts`` are rows read and rejected by table.
    """

    frame: pl.DataFrame
    wallets: pl.DataFrame
    fund: float | None
    rejects: Rejects
    counts: dict[str, tuple[int, int]]
    file: str
    words: str
    unused: tuple[tuple[str, str], ...] = ()

    def rejected(self, mask: pl.Series, column: str, allowed: str, help: str = "") -> "PositionTables":
        """The tables without the rows of ``mask``, which another table or the prices show to be unfit.

        Raises :class:`gaemi.errors.Refused` where nothing is left.
        """
        if not mask.any():
            return self
        lost = self.frame.filter(mask)
        self.rejects.add((POSITIONS, self.file), lost["row"].to_numpy(), column, shown(lost[column]), allowed, help)
        read, before = self.counts[POSITIONS]
        counts = {**self.counts, POSITIONS: (read, before + lost.height)}
        kept = self.frame.filter(~mask)
        if kept.is_empty():
            raise nothing_left(self.file, self.rejects)
        return replace(self, frame=kept, counts=counts)

    def rows(self) -> list[dict[str, Any]]:
        """Rows read, accepted and rejected, one row a table."""
        return [
            {"table": name, "read": read, "accepted": read - lost, "rejected": lost}
            for name, (read, lost) in self.counts.items()
        ]


def holds_positions(source: Any) -> bool:
    """Whether a source is the book of a coin venue: a table of positions, and none of holdings, among its files."""
    if isinstance(source, Mapping):
        return POSITIONS in source and "holdings" not in source
    if isinstance(source, str | Path):
        path = Path(source)
        if path.is_dir():
            stems = {file.stem.lower() for file in path.iterdir()}
            return POSITIONS in stems and "holdings" not in stems
        if not path.is_file():
            return False
        if path.stem.lower() == POSITIONS:
            return True
        return path.suffix.lower() not in PARQUET_ENDINGS and _reads_as_positions(first_line(path))
    columns = getattr(source, "columns", None)
    return columns is not None and _reads_as_positions([str(name) for name in columns])


def read_positions(source: Any) -> PositionTables:
    """The positions and wallets in ``source``: a folder with both tables, a file or frame of positions, or a mapping.

    Raises :class:`gaemi.errors.Refused` where there is no such table or a column is missing; rows that cannot be taken
    are rejected and counted.
    """
    tables = _tables(source)
    faults = [fault for name, table in tables.items() for fault in _missing(name, table)]
    if faults:
        raise Refused(faults)
    rejects, counts, unused = Rejects(), dict[str, tuple[int, int]](), list[tuple[str, str]]()
    wallets, fund = pl.DataFrame(schema={"account": pl.String, "balance": pl.Float64}), None
    if WALLETS in tables:
        reading = _reading(WALLETS, tables[WALLETS], rejects)
        wallets, fund = _wallets(reading)
        counts[WALLETS] = (len(reading.bad), int(reading.bad.sum()))
        unused += _unused(WALLETS, tables[WALLETS])
    reading = _reading(POSITIONS, tables[POSITIONS], rejects)
    frame = _positions(reading, set(wallets["account"].to_list()))
    counts = {POSITIONS: (len(reading.bad), int(reading.bad.sum())), **counts}
    unused = [*_unused(POSITIONS, tables[POSITIONS]), *unused]
    if frame.is_empty():
        raise nothing_left(reading.table.name, rejects)
    return PositionTables(frame, wallets, fund, rejects, counts, reading.table.name, _words(source), tuple(unused))


def nothing_left(file: str, rejects: Rejects) -> Refused:
    """The refusal of a table of which every row was rejected, with the first of the reasons."""
    told = rejects.frame().filter(pl.col("table") == POSITIONS).head(1).to_dicts()
    reason = f"; row {told[0]['row']}: {told[0]['allowed']}, was {told[0]['found']}" if told else ""
    return refuse(file, f"no row that can be taken{reason}", "must hold at least one position")


def column_of(headers: tuple[str, ...]) -> dict[str, int]:
    """Where each meaning stands; of several headers with one meaning the one named first in our list."""
    return columns_of(headers, _WORDS)


def _tables(source: Any) -> dict[str, Table]:
    if isinstance(source, Mapping):
        unknown = [name for name in source if name not in (*TABLES, "prices")]
        if unknown:
            raise Refused(Fault("source", f"'{name}'", f"the keys are {', '.join(TABLES)}, prices") for name in unknown)
        return {name: single_table(source[name], name) for name in TABLES if source.get(name) is not None}
    if isinstance(source, str | Path) and Path(source).is_dir():
        files = sorted(file for file in Path(source).iterdir() if file.stem.lower() in TABLES and file.is_file())
        return {file.stem.lower(): read_file(file) for file in files}
    return {POSITIONS: single_table(source, POSITIONS)}


def _missing(name: str, table: Table) -> list[Fault]:
    columns = column_of(table.headers)
    return [
        Fault(
            table.name,
            f"columns {', '.join(table.headers)}",
            f"must have a column '{needed}'",
            closest(needed, table.headers) or f"headers taken: {', '.join(_WORDS[needed])}",
        )
        for needed in _NEEDED[name]
        if needed not in columns
    ]


def _reading(name: str, table: Table, rejects: Rejects) -> Reading:
    columns = {meaning: at for meaning, at in column_of(table.headers).items() if meaning in _TAKEN[name]}
    return Reading(table, (name, table.name), columns, rejects)


def _unused(name: str, table: Table) -> list[tuple[str, str]]:
    taken = {at for meaning, at in column_of(table.headers).items() if meaning in _TAKEN[name]}
    return [(name, header) for at, header in enumerate(table.headers) if at not in taken and header]


def _wallets(reading: Reading) -> tuple[pl.DataFrame, float | None]:
    balance = reading.figures("balance", "balance must be a number, 0 or more", 0.0, strict=False, needed=True)
    account = reading.text("account")
    reading.reject(account.is_null().to_numpy(), "account", "must name an account")
    twice = ~account.is_first_distinct().to_numpy() & account.is_not_null().to_numpy()
    reading.reject(twice, "account", "an account must have one balance", "add its balances up")
    reading.reject(~reading.bad & (balance * MICRO >= MOST_MICRO), "balance", f"must be below {MOST_MICRO // MICRO:,}")
    kept = pl.DataFrame({"account": account, "balance": balance}).filter(pl.Series(~reading.bad))
    fund = kept.filter(pl.col("account").str.to_lowercase() == FUND)["balance"]
    return kept.filter(pl.col("account").str.to_lowercase() != FUND), float(fund[0]) if len(fund) else None


def _positions(reading: Reading, wallets: set[str]) -> pl.DataFrame:
    account = reading.text("account")
    reading.reject(account.is_null().to_numpy(), "account", "must name an account")
    symbol = reading.text("symbol")
    names = {name: canonical(name) for name in symbol.drop_nulls().unique().to_list()}
    unknown = [name for name, found in names.items() if not is_dollar_coin(found)]
    help = "write BTCUSDT, BTC/USDT or BTC/USDT:USDT; contracts in other currencies are not taken"
    not_known = symbol.is_in(unknown).fill_null(True).to_numpy()
    reading.reject(not_known, "symbol", "must be a contract in USDT", help)
    side, isolated = _sides(reading), _modes(reading)
    size = reading.figures("size", "size must be a number above 0", 0.0, strict=True, needed=True, help=SHORT_HELP)
    many = reading.figures("contract_size", "must be a number above 0", 0.0, strict=True, needed=False)
    size = size * np.where(np.isnan(many), 1.0, many)
    entry = reading.figures("entry", "entry price must be a number above 0", 0.0, strict=True, needed=True)
    margin = reading.figures("margin", "margin must be a number, 0 or more", 0.0, strict=False, needed=False)
    leverage = reading.figures("leverage", "leverage must be a number above 0", 0.0, strict=True, needed=False)
    mark = reading.figures("mark", "mark price must be a number above 0", 0.0, strict=True, needed=False)
    high = ~reading.bad & (leverage > _MOST_LEVERAGE)
    reading.reject(high, "leverage", f"must be at most {_MOST_LEVERAGE:,}")
    bare = ~reading.bad & isolated & ~(margin > 0) & np.isnan(leverage)
    reading.reject(bare, "margin", "an isolated position needs its margin or its leverage")
    homeless = ~reading.bad & ~isolated & ~account.is_in(list(wallets)).fill_null(False).to_numpy()
    help = "give wallets.csv with account and balance"
    reading.reject(
        homeless, "account", "an account with positions on shared margin must have a balance in wallets", help
    )
    large = ~reading.bad & (size * entry * MICRO >= MOST_MICRO)
    reading.reject(large, "size", f"a position must be worth less than {MOST_MICRO // MICRO:,}")
    frame = pl.DataFrame(
        {
            "account": account,
            "symbol": symbol.replace_strict(names, default=None, return_dtype=pl.String),
            "side": side,
            "size": size,
            "entry": entry,
            "isolated": isolated,
            "margin": np.where(margin > 0, margin, np.nan),
            "leverage": leverage,
            "mark": mark,
            "row": reading.table.rows(),
        }
    ).with_columns(pl.col("margin", "leverage", "mark").fill_nan(None))
    _reject_seconds(reading, frame)
    return frame.filter(pl.Series(~reading.bad))


def _sides(reading: Reading) -> np.ndarray:
    """int64 [row]: 1 long, -1 short, 0 where it is neither."""
    side = reading.text("side").str.to_lowercase().replace_strict(_SIDES, default=0, return_dtype=pl.Int64)
    found: np.ndarray = side.fill_null(0).to_numpy()
    reading.reject(found == 0, "side", "must be long or short")
    return found


def _modes(reading: Reading) -> np.ndarray:
    """bool [row]: True for a margin of its own; a table without a column of modes holds isolated positions."""
    if "mode" not in reading.columns:
        return np.ones(reading.table.cells.height, dtype=bool)
    text = reading.text("mode").str.to_lowercase()
    mode = text.replace_strict(_MODES, default=None, return_dtype=pl.String)
    reading.reject(mode.is_null().to_numpy(), "mode", "must be cross or isolated")
    return (mode == ISOLATED).fill_null(True).to_numpy()


def _reject_seconds(reading: Reading, frame: pl.DataFrame) -> None:
    """One position by account, contract and mode: accounts that hold both sides of one are not modelled."""
    good = frame.with_row_index("at").filter(pl.Series(~reading.bad))
    again = good.filter(~pl.struct("account", "symbol", "isolated").is_first_distinct())["at"].to_numpy()
    mask = np.zeros(len(reading.bad), dtype=bool)
    mask[again] = True
    help = "add the two up, long less short: both sides of one contract in one account are not modelled"
    reading.reject(mask, "symbol", "an account must hold one position of a contract in each mode", help)


def _reads_as_positions(headers: list[str]) -> bool:
    found = column_of(tuple(headers))
    return all(name in found for name in _NEEDED[POSITIONS])


def _words(source: Any) -> str:
    if isinstance(source, str | Path):
        path = Path(source)
        return f"{'folder' if path.is_dir() else 'file'} {path.name}"
    return "frames" if isinstance(source, Mapping) else "frame of positions"
