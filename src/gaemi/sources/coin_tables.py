"""Coins and coin loans of an exchange's own accounts, as its export, Upbit's accounts endpoint or ccxt gives them.

Two tables: ``coin_holdings`` (account, coin, quantity, won on deposit as ``cash_won`` or as rows of KRW) and
``coin_loans`` (account, what is held against the loan, what is owed in a coin or in won, the day it was opened, the
class of the lender). Every row read is accepted or rejected, and all are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from gaemi.errors import Fault, Refused, closest, refuse
from gaemi.sources.book.rejects import Rejects, shown
from gaemi.sources.coin_amounts import CASH, coin_names, quantities, whole_won
from gaemi.sources.reading import Reading, columns_of, first_line, single_table
from gaemi.sources.tables import PARQUET_ENDINGS, Table, read_file

HOLDINGS, LOANS = "coin_holdings", "coin_loans"
TABLES = (HOLDINGS, LOANS)

_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    HOLDINGS: {
        "account": ("account", "account_id", "accountid", "user", "uid", "계좌", "회원"),
        "coin": ("coin", "currency", "symbol", "asset", "market", "ticker", "코인", "종목"),
        "quantity": ("quantity", "qty", "total", "balance", "free", "수량", "보유수량"),
        "locked": ("locked", "used", "in_order"),
        "cash": ("cash_won", "cash", "원화", "예수금"),
        "price": ("price", "price_won", "현재가"),
    },
    LOANS: {
        "account": ("account", "account_id", "accountid", "user", "uid", "계좌", "회원"),
        "held": ("held", "collateral", "담보", "담보코인"),
        "held_quantity": ("held_quantity", "collateral_quantity", "담보수량"),
        "cash": ("cash_won", "cash", "collateral_cash", "담보원화"),
        "owed": ("owed", "borrowed", "대여코인", "빌린코인"),
        "owed_quantity": ("owed_quantity", "borrowed_quantity", "대여수량"),
        "amount": ("amount_won", "amount", "owed_won", "대여금액"),
        "opened": ("opened", "opened_on", "대여일"),
        "lender": ("lender", "service", "대여사"),
        "held_price": ("held_price", "담보가"),
        "owed_price": ("owed_price", "대여가"),
    },
}
_NEEDED = {HOLDINGS: ("account", "coin", "quantity"), LOANS: ("account",)}
_PARTS = ("balance", "free")
"""Headers of what is free alone: coins in orders stand in a column beside them and are added."""

_HOLDING = {"account": pl.String, "coin": pl.String, "whole": pl.Int64, "part": pl.Int64, "price": pl.Float64}
_DAY = r"^(\d{4}-\d{2}-\d{2}|\d{8})(?: 00:00:00(?:\.0+)?)?$"


@dataclass(frozen=True)
class CoinTables:
    """The accepted rows.

    ``holdings`` has account, coin, whole and part (coins and hundred-millionths of one), price (won a coin, null where
    none is given) and row; ``cash`` won on deposit by account, every account of the holdings among them. ``loans`` has
    account, held, owed (coins, null where none), the whole and part of both, cash_won, owed_won, opened (null where
    not given), lender (null likewise), the two prices and row. ``counts`` are rows read and rejected by table.
    """

    holdings: pl.DataFrame
    cash: pl.DataFrame
    loans: pl.DataFrame
    rejects: Rejects
    counts: dict[str, tuple[int, int]]
    files: dict[str, str]
    words: str
    unused: tuple[tuple[str, str], ...] = ()

    def rejected(self, name: str, mask: pl.Series, column: str, allowed: str, help: str = "") -> "CoinTables":
        """The tables without the rows of ``mask``, which prices, the law or the date show to be unfit.

        Raises :class:`gaemi.errors.Refused` where no account is left.
        """
        if not mask.any():
            return self
        frame = self.holdings if name == HOLDINGS else self.loans
        lost = frame.filter(mask)
        header = column.replace("whole", "quantity")
        self.rejects.add((name, self.files[name]), lost["row"].to_numpy(), header, shown(lost[column]), allowed, help)
        read, before = self.counts[name]
        counts = {**self.counts, name: (read, before + lost.height)}
        kept = frame.filter(~mask)
        left = replace(self, loans=kept, counts=counts)
        if name == HOLDINGS:
            # An account of which no row is left and that has nothing on deposit is not an account of the book.
            gone = set(lost["account"]) - set(kept["account"])
            cash = self.cash.filter(~pl.col("account").is_in(list(gone)) | (pl.col("cash_won") > 0))
            left = replace(self, holdings=kept, cash=cash, counts=counts)
        left.check()
        return left

    def check(self) -> None:
        """Refuse tables of which nothing is left, with the first of the reasons."""
        if self.cash.height or self.loans.height:
            return
        told = self.rejects.frame().head(1).to_dicts()
        reason = f"; row {told[0]['row']}: {told[0]['allowed']}, was {told[0]['found']}" if told else ""
        raise refuse(self.words, f"no row that can be taken{reason}", "must hold at least one account")

    @property
    def coins(self) -> list[str]:
        """Every coin that is held or owed, in order of the alphabet."""
        found = {*self.holdings["coin"], *self.loans["held"].drop_nulls(), *self.loans["owed"].drop_nulls()}
        return sorted(found)

    def rows(self) -> list[dict[str, Any]]:
        """Rows read, accepted and rejected, one row a table."""
        return [
            {"table": name, "read": read, "accepted": read - lost, "rejected": lost}
            for name, (read, lost) in self.counts.items()
        ]


def holds_coins(source: Any) -> bool:
    """Whether a source holds coins or coin loans of an exchange, and no holdings of a broker, among its tables."""
    if isinstance(source, Mapping):
        return any(name in source for name in TABLES) and "holdings" not in source
    if isinstance(source, str | Path):
        path = Path(source)
        if path.is_dir():
            stems = {file.stem.lower() for file in path.iterdir()}
            return not stems.isdisjoint(TABLES) and "holdings" not in stems
        if not path.is_file():
            return False
        if path.stem.lower() in TABLES:
            return True
        return path.suffix.lower() not in PARQUET_ENDINGS and _table_of(first_line(path)) is not None
    columns = getattr(source, "columns", None)
    return columns is not None and _table_of([str(name) for name in columns]) is not None


def read_coin_tables(source: Any, lenders: Sequence[str]) -> CoinTables:
    """The coins and coin loans in ``source``: a folder with one or both tables, a file or frame of one, or a mapping.

    ``lenders`` are the classes that a loan may name. Raises :class:`gaemi.errors.Refused` where there is no such table,
    a column is missing or nothing is left; rows that cannot be taken are rejected and counted.
    """
    tables = _tables(source)
    faults = [fault for name, table in tables.items() for fault in _missing(name, table)]
    if faults:
        raise Refused(faults)
    rejects, counts, unused = Rejects(), dict[str, tuple[int, int]](), list[tuple[str, str]]()
    holdings, cash = pl.DataFrame(schema={**_HOLDING, "row": pl.Int64}), _no_cash()
    loans = pl.DataFrame(schema=_LOAN)
    for name, table in tables.items():
        columns = columns_of(table.headers, _WORDS[name])
        reading = Reading(table, (name, table.name), columns, rejects)
        if name == HOLDINGS:
            holdings, cash = _holdings(reading)
        else:
            loans = _loans(reading, lenders)
        counts[name] = (reading.count, int(reading.bad.sum()))
        taken = set(reading.columns.values())
        unused += [(name, header) for at, header in enumerate(table.headers) if at not in taken and header]
    files = {name: table.name for name, table in tables.items()}
    found = CoinTables(holdings, cash, loans, rejects, counts, files, _words_of(source), tuple(unused))
    found.check()
    return found


def _holdings(reading: Reading) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Coins by account, and won on deposit by account: a column ``cash_won``, rows of KRW, or both added up."""
    header = reading.table.headers[reading.columns["quantity"]].strip().lower()
    if header not in _PARTS:
        reading.columns.pop("locked", None)  # the quantity is the whole already
    account = reading.text("account")
    reading.reject(account.is_null().to_numpy(), "account", "must name an account")
    coin = coin_names(reading, "coin", reading.given("coin"), may_be_won=True)
    reading.reject(~reading.given("coin"), "coin", "must name a coin or KRW")
    is_won = (coin == CASH).fill_null(False).to_numpy()
    whole, part = quantities(reading, "quantity", np.ones(reading.count, bool), is_won)
    more, beside = quantities(reading, "locked", reading.given("locked"), is_won)
    whole, part = whole + more + (part + beside) // 10**8, (part + beside) % 10**8
    price = reading.figures("price", "price must be a number of won above 0", 0.0, strict=True, needed=False)
    cash = whole_won(reading, "cash")
    frame = pl.DataFrame(
        {"account": account, "coin": coin, "whole": whole, "part": part, "price": price, "row": reading.table.rows()}
    ).with_columns(pl.col("price").fill_nan(None), pl.Series("cash", cash))
    _reject_twice(reading, frame, ("account", "coin"), "coin", "an account must hold a coin in one row", "add them up")
    _reject_two_deposits(reading, frame)
    good = frame.filter(pl.Series(~reading.bad))
    won = good.group_by("account").agg(
        pl.col("cash").max().fill_null(0).alias("told"),
        pl.col("whole").filter(pl.col("coin") == CASH).sum().alias("rows"),
    )
    deposits = won.select("account", (pl.col("told") + pl.col("rows")).alias("cash_won")).sort("account")
    coins = good.filter((pl.col("coin") != CASH) & ((pl.col("whole") > 0) | (pl.col("part") > 0)))
    return coins.drop("cash"), deposits


def _reject_two_deposits(reading: Reading, frame: pl.DataFrame) -> None:
    """A column of cash says one amount an account, in one of its rows or in all."""
    if "cash" not in reading.columns:
        return
    given = frame.with_row_index("at").filter(pl.Series(~reading.bad) & pl.col("cash").is_not_null())
    first = given.with_columns(pl.col("cash").first().over("account").alias("first"))
    mask = np.zeros(reading.count, dtype=bool)
    mask[first.filter(pl.col("cash") != pl.col("first"))["at"].to_numpy()] = True
    reading.reject(mask, "cash", "cash must be the same in every row of an account", "give one figure an account")


_LOAN = {
    **{"account": pl.String, "held": pl.String, "held_whole": pl.Int64, "held_part": pl.Int64, "cash_won": pl.Int64},
    **{"owed": pl.String, "owed_whole": pl.Int64, "owed_part": pl.Int64, "owed_won": pl.Int64, "opened": pl.Date},
    **{"lender": pl.String, "held_price": pl.Float64, "owed_price": pl.Float64, "row": pl.Int64},
}


def _loans(reading: Reading, lenders: Sequence[str]) -> pl.DataFrame:
    """Loan accounts: what each holds, what it owes, since when and to which class of lender."""
    account = reading.text("account")
    reading.reject(account.is_null().to_numpy(), "account", "must name an account")
    sides: dict[str, Any] = {}
    for side in ("held", "owed"):
        given = reading.given(side)
        sides[side] = coin_names(reading, side, given, may_be_won=False)
        whole, part = quantities(reading, f"{side}_quantity", given, np.zeros(reading.count, bool))
        none = given & ~reading.bad & (whole == 0) & (part == 0)
        reading.reject(none, f"{side}_quantity", "quantity must be above 0")
        stray = ~given & reading.given(f"{side}_quantity")
        reading.reject(stray, side, f"must name the coin of {side}_quantity")
        price = reading.figures(f"{side}_price", "price must be a number of won above 0", 0.0, True, needed=False)
        sides |= {f"{side}_whole": whole, f"{side}_part": part, f"{side}_price": price}
    cash, won = whole_won(reading, "cash"), whole_won(reading, "amount", least=1)
    bare = ~reading.bad & ~reading.given("held") & ~(cash.fill_null(0) > 0).to_numpy()
    reading.reject(bare, "held", "a loan must hold collateral", "name held and held_quantity, or cash_won")
    both = ~reading.bad & (reading.given("owed") == won.is_not_null().to_numpy())
    reading.reject(
        both, "owed", "a loan must owe coins or won, one of the two", "name owed and owed_quantity, or amount"
    )
    lender = reading.text("lender").str.to_lowercase()
    unknown = (lender.is_not_null() & ~lender.is_in(list(lenders))).to_numpy()
    reading.reject(unknown, "lender", f"lenders are {', '.join(lenders)}", "leave it empty for the strictest")
    frame = pl.DataFrame(
        {"account": account, **sides, "cash_won": cash.fill_null(0), "owed_won": won.fill_null(0)}
    ).with_columns(
        pl.Series("opened", _days(reading)),
        lender.alias("lender"),
        pl.Series("row", reading.table.rows()),
        pl.col("held_price", "owed_price").fill_nan(None),
    )
    keys = ("account", "held", "owed", "opened", "lender")
    help = "add up what is one loan, or tell two apart by the day on which they were opened"
    _reject_twice(reading, frame, keys, "account", "a loan must stand in one row", help)
    return frame.filter(pl.Series(~reading.bad)).select(list(_LOAN)).cast(_LOAN)  # type: ignore[arg-type]


def _days(reading: Reading) -> pl.Series:
    """The day on which a loan was opened, null where it is not given; a time of the day is no day."""
    text = reading.text("opened")
    day = text.str.extract(_DAY, 1)
    found = day.str.to_date("%Y-%m-%d", strict=False).fill_null(day.str.to_date("%Y%m%d", strict=False))
    help = "leave out the time and its zone; a day of UTC begins at 09:00 in Korea"
    wrong = (text.is_not_null() & found.is_null()).to_numpy()
    reading.reject(wrong, "opened", "must be a date as 2025-10-31, without a time or a zone", help)
    return found


def _reject_twice(
    reading: Reading, frame: pl.DataFrame, keys: tuple[str, ...], column: str, allowed: str, help: str
) -> None:
    """Reject rows that say again what an earlier good row says."""
    good = frame.with_row_index("at").filter(pl.Series(~reading.bad))
    mask = np.zeros(reading.count, dtype=bool)
    mask[good.filter(~pl.struct(*keys).is_first_distinct())["at"].to_numpy()] = True
    reading.reject(mask, column, allowed, help)


def _tables(source: Any) -> dict[str, Table]:
    if isinstance(source, Mapping):
        unknown = [name for name in source if name not in TABLES]
        if unknown:
            raise Refused(Fault("source", f"'{name}'", f"the keys are {', '.join(TABLES)}") for name in unknown)
        return {name: single_table(source[name], name) for name in TABLES if source.get(name) is not None}
    if isinstance(source, str | Path):
        path = Path(source)
        if path.is_dir():
            files = sorted(file for file in path.iterdir() if file.stem.lower() in TABLES and file.is_file())
            return {file.stem.lower(): read_file(file) for file in files}
        name = path.stem.lower() if path.stem.lower() in TABLES else _table_of(list(read_file(path).headers))
        return {name or HOLDINGS: read_file(path)}
    name = _table_of([str(each) for each in source.columns]) or HOLDINGS
    return {name: single_table(source, name)}


def _table_of(headers: list[str]) -> str | None:
    """Which of the two tables headers tell, None where they may be those of a broker or of positions."""
    lower = {header.strip().lower() for header in headers}
    loans = columns_of(tuple(headers), _WORDS[LOANS])
    if "account" in loans and "held" in loans and ("owed" in loans or "amount" in loans):
        return LOANS
    found = columns_of(tuple(headers), _WORDS[HOLDINGS])
    if "account" in found and "quantity" in found and not lower.isdisjoint({"coin", "currency", "코인"}):
        return HOLDINGS
    return None


def _missing(name: str, table: Table) -> list[Fault]:
    columns = columns_of(table.headers, _WORDS[name])
    needed = [each for each in _NEEDED[name] if each not in columns]
    if name == LOANS and "owed" not in columns and "amount" not in columns:
        needed.append("owed")
    return [
        Fault(
            table.name,
            f"columns {', '.join(table.headers)}",
            f"must have a column '{each}'",
            closest(each, table.headers) or f"headers taken: {', '.join(_WORDS[name][each])}",
        )
        for each in needed
    ]


def _no_cash() -> pl.DataFrame:
    return pl.DataFrame(schema={"account": pl.String, "cash_won": pl.Int64})


def _words_of(source: Any) -> str:
    if isinstance(source, str | Path):
        path = Path(source)
        return f"{'folder' if path.is_dir() else 'file'} {path.name}"
    return "frames" if isinstance(source, Mapping) else "frame of coins"
