"""Debts: which loans of a book stand, what each rests on, and how many shares of an account secure which loan.

A loan's shares are a part of what the account holds of its ticker; what no loan claims is other collateral. Every loan
that cannot stand is rejected with its row.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from gaemi.book.claims import SECURES, UNSAID, Loans, check_claims, check_whole, find_tickers, left_of
from gaemi.book.contracts import check_contracts, with_entries
from gaemi.book.names import Names
from gaemi.days import sessions
from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import NO_GROUP
from gaemi.records.book import LOAN_KINDS, POOLS, STANDINGS
from gaemi.records.columns import Board, Kind, LoanKind, Standing
from gaemi.sources.book.joins import Owners
from gaemi.sources.book.reader import BookTables

KINDS = tuple(LoanKind[name.upper()] for name in LOAN_KINDS)
STANDING_OF = tuple(Standing[name.upper()] for name in STANDINGS)
KIND_OF = {standing: kind for kind, standing in SECURES.items()}
MOST_POOL_WON = 50_000_000_000
"""Loans of a pool up to which the sums of :mod:`gaemi.rules.margin` stay below 2 ** 63."""


@dataclass(slots=True)
class Debts:
    """Loans that stand and holdings of borrowers by standing, both in order of account.

    ``loans``: account, kind, row, principal, entry (of a contract for difference its value at entry), opened, due, and
    the table and the row in it (``place``) of each;
    ``shares``: account, row, standing, quantity.
    """

    loans: pl.DataFrame
    shares: pl.DataFrame


def debts_of(read: BookTables, owners: Owners, names: Names, book: LawBook, on: date) -> Debts:
    """Check every loan against dates, law and what its account holds."""
    loans = Loans(read, pl.concat([_of_loans(read, owners, names), _of_holdings(read, owners, names)]))
    _check_dates(loans, on)
    check_contracts(loans)
    _check_pools(loans)
    _check_names(loans, names)
    _check_sizes(loans)
    given, holdings = list(_SCHEMA), read.tables["holdings"]
    while True:
        held = _held(read, owners, names, loans)
        before = holdings.rejected
        find_tickers(loans, held, names)
        check_claims(loans, held, names)
        check_whole(loans, held, names)
        if holdings.rejected == before:
            break
        # A holding whose own loan cannot stand is rejected with its shares: others may have rested on them.
        silent = pl.when(pl.col("code") < 0).then(-1).otherwise(pl.col("row")).cast(pl.Int32).alias("row")
        loans.standing = loans.standing.select(given).with_columns(silent)
    standing = with_entries(_dated(loans.standing, book, on), int(book.value("cfd.initial_margin", on)))
    shares = _shares(standing, held.filter(pl.col("account").is_in(standing["account"].unique().implode())))
    columns = ["account", "kind", "row", "principal", "entry", "opened", "due", "table", "place"]
    return Debts(standing.sort("account", "opened", "row", "principal", "kind", "due").select(columns), shares)


_SCHEMA = {
    "account": pl.Int32, "kind": pl.UInt8, "pool": pl.Int8, "code": pl.Int32, "row": pl.Int32, "quantity": pl.Int64,
    "principal": pl.Int64, "entry_price": pl.Float64, "margin": pl.Int64, "opened": pl.Int32, "due": pl.Int32,
    "place": pl.Int64, "table": pl.String,
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
            "entry_price": table.column("entry_price", 0)[good].astype(np.float64),
            "margin": table.column("margin", 0)[good],
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
    standing = table.column("standing", -1)[rows]
    debts = [*(KIND_OF.get(each) for each in STANDING_OF), LoanKind.MARGIN]
    free = np.array([kind is None for kind in debts])[standing]
    listed = ", ".join(name for name, kind in zip(STANDINGS, debts, strict=False) if kind is not None)
    found = [f"'{STANDINGS[each]}'" for each in standing[free]]
    allowed = f"the standing of a row with a loan must be one of {listed}"
    table.reject(read.rejects, rows[free], "standing", found, allowed, "leave it out where the loan is a margin loan")
    rows, standing = rows[~free], standing[~free]
    code = table.column("ticker", -1)[rows]
    kind = np.array([kind or LoanKind.NONE for kind in debts], np.uint8)[standing]
    return pl.DataFrame(
        {
            "account": owners.of_holding[rows],
            "kind": kind,
            "pool": np.full(rows.size, -1),
            "code": code,
            "row": names.row_of[code],
            "quantity": table.column("quantity", 0)[rows],
            "principal": won[rows],
            "entry_price": np.zeros(rows.size),
            "margin": np.zeros(rows.size, np.int64),
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


def _check_dates(loans: Loans, on: date) -> None:
    today, opened, due = on.toordinal(), pl.col("opened"), pl.col("due")
    loans.reject(opened > today, "opened", _day("opened"), f"a loan must be opened on or before {on}")
    loans.reject((due > 0) & (due < opened), "due", _day("due"), "a loan must not be due before it was opened")
    past = (due > 0) & (due <= today) & (pl.col("kind") != int(LoanKind.UNSETTLED))
    help = "give the new term of a loan that was extended, or leave 'due' out"
    loans.reject(past, "due", _day("due"), f"a loan must be due after {on}", help)


def _check_pools(loans: Loans) -> None:
    told, kind = pl.col("pool") >= 0, pl.col("kind")
    found = pl.col("pool").replace_strict(dict(enumerate(POOLS)), default="", return_dtype=pl.String)
    help = "leave 'pool' out: the kind says it"
    for own, name, allowed in (
        (LoanKind.CFD, "cfd", "contracts for difference are in a pool of their own, which no other loan is in"),
        (
            LoanKind.STOCK_LOAN,
            "stock_loan",
            "margin and pledged loans are in the broker's pool, stock loans of another lender in their own",
        ),
    ):
        wrong = told & ((pl.col("pool") == POOLS.index(name)) != (kind == int(own)))
        loans.reject(wrong, "pool", found, allowed, help)


def _check_names(loans: Loans, names: Names) -> None:
    tickers = dict(enumerate(loans.read.words["ticker"]))
    word = pl.col("code").replace_strict(tickers, default="", return_dtype=pl.String)
    allowed = "what a loan is on must be an instrument with a price on the book's date"
    loans.reject((pl.col("code") >= 0) & (pl.col("row") < 0), "ticker", word, allowed, "see the rejects of holdings")
    abroad = np.flatnonzero(names.instruments.board == Board.US).astype(np.int32)
    help = "loans on overseas shares are sold abroad and are not in this book's rules: take them out"
    wrong = pl.col("row").is_in(pl.Series(abroad).implode())
    loans.reject(wrong, "ticker", word, "a loan must be on shares that the firm can sell here", help)
    funds = np.flatnonzero((names.instruments.kind == Kind.FUND) & (names.instruments.group == NO_GROUP)).astype(
        np.int32
    )
    wrong = pl.col("row").is_in(pl.Series(funds).implode()) & (pl.col("kind") == int(LoanKind.MARGIN))
    help = "where your firm lends on it, give its group in the table of instruments"
    loans.reject(wrong, "ticker", word, "firms make no margin loan on a fund that has no margin group", help)


def _check_sizes(loans: Loans) -> None:
    """The loans of a pool must be of a size for which every sum of the rules is exact."""
    kind = pl.col("kind")
    apart = [int(LoanKind.STOCK_LOAN), int(LoanKind.UNSETTLED), int(LoanKind.CFD)]
    pool = pl.when(kind.is_in(apart)).then(kind).otherwise(0)
    whole = pl.col("principal").sum().over("account", pool)
    allowed = f"the loans of an account must be at most {MOST_POOL_WON:,} won a pool"
    help = "larger sums would not be exact to the won: give it as several accounts"
    loans.reject(whole > MOST_POOL_WON, "principal", pl.format("{} won", whole), allowed, help)


def _held(read: BookTables, owners: Owners, names: Names, loans: Loans) -> pl.DataFrame:
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


def _dated(loans: pl.DataFrame, book: LawBook, on: date) -> pl.DataFrame:
    """Opening and term where the table leaves them out: opened tonight, due after the law's term; an unsettled purchase
    is due at its settlement.
    """
    term, wait = int(book.value("margin.term", on)), int(book.value("unsettled.settlement", on))
    unsaid = pl.col("due") <= 0
    unsettled = pl.col("kind") == int(LoanKind.UNSETTLED)
    loans = loans.with_columns(pl.when(pl.col("opened") > 0).then("opened").otherwise(on.toordinal()).cast(pl.Int32))
    bought = loans.filter(unsaid & unsettled)["opened"].unique().to_list()
    settled = {day: sessions(date.fromordinal(day), wait)[-1].toordinal() for day in bought}
    due = pl.when(unsettled).then(pl.col("opened").replace(settled)).otherwise(pl.col("opened") + term)
    return loans.with_columns(pl.when(unsaid).then(due).otherwise("due").cast(pl.Int32).alias("due"))


def _shares(loans: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """What every share of the borrowers is to their loans: account, row, standing, quantity."""
    unsaid = pl.col("said") == 0
    fixed = loans.filter(unsaid & ~pl.col("whole") & (pl.col("quantity") > 0))
    everything = loans.filter(unsaid & pl.col("whole")).group_by("account").agg(pl.col("secures").first().alias("all"))
    rest = left_of(loans, held).join(everything, on="account", how="left")
    standing = pl.coalesce("taker", "all", pl.lit(int(Standing.OTHER))).cast(pl.UInt8).alias("standing")
    columns = ["account", "row", "standing", "quantity"]
    parts = [
        held.filter(pl.col("standing") != UNSAID).select(columns),
        fixed.select("account", "row", pl.col("secures").alias("standing"), "quantity"),
        rest.with_columns(standing).select(columns),
    ]
    whole = pl.concat(parts)
    return _summed(*(whole[name].to_numpy() for name in columns))
