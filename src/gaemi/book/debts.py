"""Debts: which loans of a book stand, what each rests on, and how many shares of an account secure which loan.

A loan's shares are a part of what the account holds of its ticker; what no loan claims is other collateral. Every loan
that cannot stand is rejected with its row.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from gaemi.book.names import Names
from gaemi.law.lawbook import LawBook
from gaemi.records.book import LOAN_KINDS, POOLS, STANDINGS
from gaemi.records.columns import Board, LoanKind, Standing
from gaemi.sources.book.joins import Owners
from gaemi.sources.book.reader import BookTables

KINDS = tuple(LoanKind[name.upper()] for name in LOAN_KINDS)
STANDING_OF = tuple(Standing[name.upper()] for name in STANDINGS)
SECURES = {
    LoanKind.MARGIN: Standing.FINANCED,
    LoanKind.PLEDGED: Standing.PLEDGED,
    LoanKind.STOCK_LOAN: Standing.STOCK_LOAN,
    LoanKind.UNSETTLED: Standing.UNSETTLED,
}
UNSAID = 255
"""Standing of shares of which the table does not say what they are to the loans."""

WHOLE_ACCOUNT = (int(LoanKind.PLEDGED), int(LoanKind.STOCK_LOAN))
"""Kinds of loans that, without a ticker, are secured by all that no other loan claims."""


@dataclass(slots=True)
class Debts:
    """Loans that stand (``loans``: account, kind, row, principal, opened, due) and holdings of borrowers by standing
    (``shares``: account, row, standing, quantity), both in order of account.
    """

    loans: pl.DataFrame
    shares: pl.DataFrame


def debts_of(read: BookTables, owners: Owners, names: Names, book: LawBook, on: date) -> Debts:
    """Check every loan against dates, law and what its account holds."""
    loans = _Loans(read, pl.concat([_of_loans(read, owners, names), _of_holdings(read, owners, names)]))
    _check_dates(loans, on)
    _check_pools(loans)
    _check_names(loans, names)
    held = _held(read, owners, names, loans)
    _find_tickers(loans, held, names)
    _check_claims(loans, held, names)
    standing = loans.standing.with_columns(_due(book, on))
    shares = _shares(standing, held.filter(pl.col("account").is_in(standing["account"].unique().implode())))
    columns = ["account", "kind", "row", "principal", "opened", "due"]
    return Debts(standing.sort("account", "opened", "row", "principal").select(columns), shares)


class _Loans:
    """All loans with the place of each row; those rejected on the way are dropped."""

    def __init__(self, read: BookTables, frame: pl.DataFrame) -> None:
        self.read = read
        self.standing = frame

    def reject(self, wrong: pl.Expr, column: str, found: pl.Expr, allowed: str, help: str = "") -> None:
        """Drop the loans for which ``wrong`` holds and note why."""
        bad = self.standing.filter(wrong).select("table", "place", found.cast(pl.String).alias("found"))
        if bad.height == 0:
            return
        for name in bad["table"].unique().sort().to_list():
            here = bad.filter(pl.col("table") == name).sort("place")
            rows = here["place"].to_numpy()
            self.read.tables[name].reject(self.read.rejects, rows, column, here["found"], allowed, help)
        self.standing = self.standing.filter(~wrong)


_SCHEMA = {
    "account": pl.Int32, "kind": pl.UInt8, "pool": pl.Int8, "code": pl.Int32, "row": pl.Int32, "quantity": pl.Int64,
    "principal": pl.Int64, "opened": pl.Int32, "due": pl.Int32, "place": pl.Int64, "table": pl.String,
}  # fmt: skip


def _of_loans(read: BookTables, owners: Owners, names: Names) -> pl.DataFrame:
    table = read.tables["loans"]
    good = np.flatnonzero(~table.bad)
    code = table.column("ticker", -1)[good]
    kind = np.maximum(0, table.column("kind", -1)[good])
    return pl.DataFrame(
        {
            "account": owners.of_loan[good],
            "kind": np.array(KINDS, np.uint8)[kind],
            "pool": table.column("pool", -1)[good],
            "code": code,
            "row": names.row_of[code],
            "quantity": np.maximum(0, table.column("quantity", 0)[good]),
            "principal": table.column("principal", 0)[good],
            "opened": table.column("opened", 0)[good],
            "due": table.column("due", 0)[good],
            "place": good,
            "table": ["loans"] * good.size,
        },
        schema_overrides=_SCHEMA,
    )


def _of_holdings(read: BookTables, owners: Owners, names: Names) -> pl.DataFrame:
    """Loans that stand beside a holding in its own row: on the shares of that row."""
    table = read.tables["holdings"]
    won = table.column("loan", 0)
    rows = np.flatnonzero((won > 0) & ~table.bad) if table.given("loan") else np.zeros(0, np.int64)
    code = table.column("ticker", -1)[rows]
    standing = table.column("standing", -1)[rows]
    pledged = standing == STANDINGS.index("pledged")
    lender = standing == STANDINGS.index("stock_loan")
    kind = np.where(pledged, LoanKind.PLEDGED, np.where(lender, LoanKind.STOCK_LOAN, LoanKind.MARGIN))
    return pl.DataFrame(
        {
            "account": owners.of_holding[rows],
            "kind": kind,
            "pool": np.full(rows.size, -1),
            "code": code,
            "row": names.row_of[code],
            "quantity": table.column("quantity", 0)[rows],
            "principal": won[rows],
            "opened": table.column("opened", 0)[rows],
            "due": table.column("due", 0)[rows],
            "place": rows,
            "table": ["holdings"] * rows.size,
        },
        schema_overrides=_SCHEMA,
    )


def _day(column: str) -> pl.Expr:
    """An ordinal as the date it stands for."""
    return (pl.col(column) - date(1970, 1, 1).toordinal()).cast(pl.Date)


def _check_dates(loans: _Loans, on: date) -> None:
    today, opened, due = on.toordinal(), pl.col("opened"), pl.col("due")
    loans.reject(opened > today, "opened", _day("opened"), f"a loan must be opened on or before {on}")
    loans.reject((due > 0) & (due < opened), "due", _day("due"), "a loan must not be due before it was opened")
    past = (due > 0) & (due <= today) & (pl.col("kind") != int(LoanKind.UNSETTLED))
    help = "give the new term of a loan that was extended, or leave 'due' out"
    loans.reject(past, "due", _day("due"), f"a loan must be due after {on}", help)


def _check_pools(loans: _Loans) -> None:
    lender = POOLS.index("stock_loan")
    told, is_lender = pl.col("pool") >= 0, pl.col("kind") == int(LoanKind.STOCK_LOAN)
    wrong = told & ((pl.col("pool") == lender) != is_lender)
    found = pl.col("pool").replace_strict(dict(enumerate(POOLS)), default="", return_dtype=pl.String)
    allowed = "margin and pledged loans are in the broker's pool, stock loans of another lender in their own"
    loans.reject(wrong, "pool", found, allowed, "leave 'pool' out: the kind says it")


def _check_names(loans: _Loans, names: Names) -> None:
    tickers = dict(enumerate(loans.read.words["ticker"]))
    word = pl.col("code").replace_strict(tickers, default="", return_dtype=pl.String)
    allowed = "what a loan is on must be an instrument with a price on the book's date"
    loans.reject((pl.col("code") >= 0) & (pl.col("row") < 0), "ticker", word, allowed, "see the rejects of holdings")
    abroad = np.flatnonzero(names.instruments.board == Board.US).astype(np.int32)
    help = "loans on overseas shares are sold abroad and are not in this book's rules: take them out"
    wrong = pl.col("row").is_in(pl.Series(abroad).implode())
    loans.reject(wrong, "ticker", word, "a loan must be on shares that the firm can sell here", help)


def _held(read: BookTables, owners: Owners, names: Names, loans: _Loans) -> pl.DataFrame:
    """Shares of the accounts that have a loan: account, row, standing (UNSAID where not said), quantity."""
    table = read.tables["holdings"]
    borrows = np.zeros(owners.count + 1, dtype=bool)  # the last place is nobody's
    borrows[loans.standing["account"].to_numpy()] = True
    borrows[-1] = False
    rows = np.flatnonzero(borrows[owners.of_holding] & ~table.bad)
    said = table.column("standing", -1)[rows]
    return _summed(
        owners.of_holding[rows],
        names.row_of[table.column("ticker", -1)[rows]],
        np.array([*STANDING_OF, UNSAID], np.uint8)[said],
        table.column("quantity", 0)[rows],
    )


def _summed(account: np.ndarray, row: np.ndarray, standing: np.ndarray, quantity: np.ndarray) -> pl.DataFrame:
    """Shares by account, row and standing, in that order, lots of the same together."""
    key = (account.astype(np.int64) << 24) | (row.astype(np.int64) << 8) | standing
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if key.size else np.zeros(0, np.int64)
    sums = np.add.reduceat(quantity[order].astype(np.int64), first) if key.size else np.zeros(0, np.int64)
    key = key[first]
    return pl.DataFrame(
        {
            "account": (key >> 24).astype(np.int32),
            "row": ((key >> 8) & 0xFFFF).astype(np.int32),
            "standing": (key & 0xFF).astype(np.uint8),
            "quantity": sums,
        }
    )


def _find_tickers(loans: _Loans, held: pl.DataFrame, names: Names) -> None:
    """Loans that name no ticker: on the one holding that can be, or on all that is left of the account."""
    silent = pl.col("code") < 0
    loans.standing = loans.standing.with_columns((silent & pl.col("kind").is_in(list(WHOLE_ACCOUNT))).alias("whole"))
    if loans.standing.filter(silent).height == 0:
        return
    instruments = names.instruments
    home = np.flatnonzero(instruments.board != Board.US).astype(np.int32)
    worth = pl.DataFrame({"row": np.arange(instruments.price.size, dtype=np.int32), "price": instruments.price})
    can = held.filter(pl.col("row").is_in(pl.Series(home).implode()) & (pl.col("standing") == UNSAID)).join(
        worth, on="row"
    )
    best = (
        can.sort((pl.col("price") * pl.col("quantity")), "row", descending=[True, False])
        .group_by("account", maintain_order=True)
        .agg(pl.col("row").first().alias("only"), pl.len().alias("count"))
    )
    frame = loans.standing.join(best, on="account", how="left", maintain_order="left")
    fits = (pl.col("count") == 1) | (pl.col("whole") & (pl.col("count") > 0))
    frame = frame.with_columns(pl.when(silent & fits).then(pl.col("only")).otherwise(pl.col("row")).alias("row"))
    loans.standing = frame
    found = pl.format("{} holdings that can be", pl.col("count").fill_null(0))
    allowed = "a loan must name its ticker where the account does not hold exactly one that it can be on"
    loans.reject(silent & (pl.col("row") < 0), "ticker", found, allowed)
    loans.standing = loans.standing.drop("only", "count")


def _secures() -> pl.Expr:
    return pl.col("kind").replace_strict({int(k): int(s) for k, s in SECURES.items()}, return_dtype=pl.UInt8)


def _check_claims(loans: _Loans, held: pl.DataFrame, names: Names) -> None:
    """A loan must rest on shares that the account holds, and all loans on a ticker on no more than there are."""
    said = held.filter(pl.col("standing") != UNSAID).rename({"standing": "secures", "quantity": "said"})
    left = held.filter(pl.col("standing") == UNSAID).select("account", "row", pl.col("quantity").alias("left"))
    frame = loans.standing.with_columns(_secures().alias("secures"))
    if said.height:
        frame = frame.join(said, on=["account", "row", "secures"], how="left", maintain_order="left")
    else:
        frame = frame.with_columns(pl.lit(0, pl.Int64).alias("said"))
    frame = frame.join(left, on=["account", "row"], how="left", maintain_order="left")
    loans.standing = frame.with_columns(pl.col("said", "left").fill_null(0))
    words = dict(enumerate(names.instruments.ticker))
    word = pl.col("row").replace_strict(words, default="", return_dtype=pl.String)
    nothing = (pl.col("said") == 0) & (pl.col("left") == 0)
    allowed = "a loan must have collateral: its account must hold what it is on"
    loans.reject(nothing, "ticker", pl.format("no accepted holding of {}", word), allowed)
    free = (pl.col("said") == 0) & ~pl.col("whole")
    key = ["account", "row"]
    claim = pl.when(free).then(pl.col("quantity")).otherwise(0)
    open_kinds = pl.when(free & (pl.col("quantity") == 0)).then(pl.col("secures").cast(pl.Int32)).otherwise(-1)
    loans.standing = loans.standing.with_columns(
        claim.sum().over(key).alias("claimed"),
        open_kinds.max().over(key).alias("taker"),
    )
    over = free & (
        (pl.col("claimed") > pl.col("left")) | ((pl.col("taker") >= 0) & (pl.col("claimed") >= pl.col("left")))
    )
    found = pl.format("loans on {} of {} shares of {}", pl.col("claimed"), pl.col("left"), word)
    loans.reject(
        over, "quantity", found, "loans must be on shares that the account holds", "see the account's holdings"
    )
    least = pl.when(open_kinds >= 0).then(open_kinds).otherwise(None).min().over(key)
    mixed = free & (pl.col("taker") >= 0) & (pl.col("taker") != least)
    allowed = "where loans of several kinds are on one ticker, each must say on how many shares"
    loans.reject(mixed, "quantity", pl.format("no quantity for {}", word), allowed)


def _due(book: LawBook, on: date) -> list[pl.Expr]:
    """Opening and term where the table leaves them out: opened tonight, due after the law's term."""
    today, term = on.toordinal(), int(book.value("margin.term", on))
    opened = pl.when(pl.col("opened") > 0).then(pl.col("opened")).otherwise(today).cast(pl.Int32)
    due = pl.when(pl.col("due") > 0).then(pl.col("due")).otherwise(opened + timedelta(days=term).days).cast(pl.Int32)
    return [opened.alias("opened"), due.alias("due")]


def _shares(loans: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """What every share of the borrowers is to their loans: account, row, standing, quantity."""
    key = ["account", "row"]
    free = loans.filter((pl.col("said") == 0) & ~pl.col("whole"))
    fixed = free.filter(pl.col("quantity") > 0).group_by(*key, "secures").agg(pl.col("quantity").sum().alias("claim"))
    claimed = fixed.group_by(key).agg(pl.col("claim").sum().alias("claimed"))
    silent = free.filter(pl.col("quantity") == 0)
    takers = silent.group_by(key).agg(pl.col("secures").first().alias("taker"))
    everything = loans.filter(pl.col("whole")).group_by("account").agg(pl.col("secures").first().alias("whole"))
    rest = held.filter(pl.col("standing") == UNSAID).join(claimed, on=key, how="left")
    for found, on in ((takers, key), (everything, ["account"])):
        empty = pl.lit(None, pl.UInt8).alias(found.columns[-1])
        rest = rest.join(found, on=on, how="left") if found.height else rest.with_columns(empty)
    rest = rest.with_columns(
        (pl.col("quantity") - pl.col("claimed").fill_null(0)).alias("quantity"),
        pl.coalesce("taker", "whole", pl.lit(int(Standing.OTHER))).cast(pl.UInt8).alias("standing"),
    )
    columns = ["account", "row", "standing", "quantity"]
    parts = [
        held.filter(pl.col("standing") != UNSAID).select(columns),
        fixed.select("account", "row", pl.col("secures").alias("standing"), pl.col("claim").alias("quantity")),
        rest.filter(pl.col("quantity") > 0).select(columns),
    ]
    whole = pl.concat(parts)
    return _summed(*(whole[name].to_numpy() for name in columns))
