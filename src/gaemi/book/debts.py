"""Debts: which loans of a book stand, what each rests on, and how many shares of an account secure which loan.

A loan's shares are a part of what the account holds of its ticker; what no loan claims is other collateral. Every loan
that cannot stand is rejected with its row.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

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
SECURES = {
    LoanKind.MARGIN: Standing.FINANCED,
    LoanKind.PLEDGED: Standing.PLEDGED,
    LoanKind.STOCK_LOAN: Standing.STOCK_LOAN,
    LoanKind.UNSETTLED: Standing.UNSETTLED,
}
KIND_OF = {standing: kind for kind, standing in SECURES.items()}
NAMES = 1 << 16
"""Rows that the table of instruments may have."""

UNSAID = 255
"""Standing of shares of which the table does not say what they are to the loans."""

MOST_POOL_WON = 50_000_000_000
"""Loans of a pool up to which the sums of :mod:`gaemi.rules.margin` stay below 2 ** 63."""

NO_COLLATERAL = "a loan must have collateral: its account must hold what it is on"
WHOLE_ACCOUNT = (int(LoanKind.PLEDGED), int(LoanKind.STOCK_LOAN))
"""Kinds of loans that, without a ticker, are secured by all that no other loan claims."""


@dataclass(slots=True)
class Debts:
    """Loans that stand and holdings of borrowers by standing, both in order of account.

    ``loans``: account, kind, row, principal, opened, due, and the table and the row in it (``place``) of each;
    ``shares``: account, row, standing, quantity.
    """

    loans: pl.DataFrame
    shares: pl.DataFrame


def debts_of(read: BookTables, owners: Owners, names: Names, book: LawBook, on: date) -> Debts:
    """Check every loan against dates, law and what its account holds."""
    loans = _Loans(read, pl.concat([_of_loans(read, owners, names), _of_holdings(read, owners, names)]))
    _check_dates(loans, on)
    _check_pools(loans)
    _check_names(loans, names)
    _check_sizes(loans)
    given, holdings = list(_SCHEMA), read.tables["holdings"]
    while True:
        held = _held(read, owners, names, loans)
        before = holdings.rejected
        _find_tickers(loans, held, names)
        _check_claims(loans, held, names)
        _check_whole(loans, held, names)
        if holdings.rejected == before:
            break
        # A holding whose own loan cannot stand is rejected with its shares: others may have rested on them.
        silent = pl.when(pl.col("code") < 0).then(-1).otherwise(pl.col("row")).cast(pl.Int32).alias("row")
        loans.standing = loans.standing.select(given).with_columns(silent)
    standing = _dated(loans.standing, book, on)
    shares = _shares(standing, held.filter(pl.col("account").is_in(standing["account"].unique().implode())))
    columns = ["account", "kind", "row", "principal", "opened", "due", "table", "place"]
    return Debts(standing.sort("account", "opened", "row", "principal", "kind", "due").select(columns), shares)


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
    funds = np.flatnonzero((names.instruments.kind == Kind.FUND) & (names.instruments.group == NO_GROUP)).astype(
        np.int32
    )
    wrong = pl.col("row").is_in(pl.Series(funds).implode()) & (pl.col("kind") == int(LoanKind.MARGIN))
    help = "where your firm lends on it, give its group in the table of instruments"
    loans.reject(wrong, "ticker", word, "firms make no margin loan on a fund that has no margin group", help)


def _check_sizes(loans: _Loans) -> None:
    """The loans of a pool must be of a size for which every sum of the rules is exact."""
    kind = pl.col("kind")
    pool = pl.when(kind.is_in([int(LoanKind.STOCK_LOAN), int(LoanKind.UNSETTLED)])).then(kind).otherwise(0)
    whole = pl.col("principal").sum().over("account", pool)
    allowed = f"the loans of an account must be at most {MOST_POOL_WON:,} won a pool"
    help = "larger sums would not be exact to the won: give it as several accounts"
    loans.reject(whole > MOST_POOL_WON, "principal", pl.format("{} won", whole), allowed, help)


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


def _at_home(names: Names) -> pl.Expr:
    """Whether shares are of an instrument that the firm can sell here."""
    home = np.flatnonzero(names.instruments.board != Board.US).astype(np.int32)
    return pl.col("row").is_in(pl.Series(home).implode())


def _find_tickers(loans: _Loans, held: pl.DataFrame, names: Names) -> None:
    """Mark loans that are on all that is left of their account; other loans that name no ticker are on the one holding
    that can be: the one that stands as theirs, else the one of which nothing is said.
    """
    silent = (pl.col("code") < 0) & ~pl.col("whole")
    whole = (pl.col("code") < 0) & pl.col("kind").is_in(list(WHOLE_ACCOUNT))
    secures = pl.col("kind").replace_strict({int(k): int(s) for k, s in SECURES.items()}, return_dtype=pl.UInt8)
    loans.standing = loans.standing.with_columns(whole.alias("whole"), secures.alias("secures"))
    if loans.standing.filter(silent).height == 0:
        return
    can = held.filter(_at_home(names)).group_by("account", "standing").agg(pl.col("row").first(), pl.len())
    said = can.rename({"standing": "secures", "row": "said_row", "len": "said_count"})
    unsaid = can.filter(pl.col("standing") == UNSAID).select("account", left_row="row", left_count="len")
    frame = loans.standing.join(said, on=["account", "secures"], how="left", maintain_order="left")
    frame = frame.join(unsaid, on="account", how="left", maintain_order="left")
    count = pl.coalesce("said_count", "left_count", 0)
    only = pl.when(silent & (count == 1)).then(pl.coalesce("said_row", "left_row")).otherwise(pl.col("row"))
    loans.standing = frame.with_columns(only.alias("row"), count.alias("count"))
    lost = silent & (pl.col("row") < 0)
    loans.reject(lost & (pl.col("count") == 0), "ticker", pl.lit("no holding that it can be on"), NO_COLLATERAL)
    allowed = "a loan must name its ticker where the account does not hold exactly one that it can be on"
    loans.reject(lost, "ticker", pl.format("{} holdings that can be", "count"), allowed)
    loans.standing = loans.standing.drop("said_row", "said_count", "left_row", "left_count", "count")


def _check_claims(loans: _Loans, held: pl.DataFrame, names: Names) -> None:
    """A loan must rest on shares that the account holds, and all loans on a ticker on no more than there are."""
    key = ["account", "row"]
    said = held.filter(pl.col("standing") != UNSAID).rename({"standing": "secures", "quantity": "said"})
    left = held.filter(pl.col("standing") == UNSAID).select(*key, pl.col("quantity").alias("left"))
    frame = loans.standing
    if said.height:
        frame = frame.join(said, on=[*key, "secures"], how="left", maintain_order="left")
    else:
        frame = frame.with_columns(pl.lit(0, pl.Int64).alias("said"))
    frame = frame.join(left, on=key, how="left", maintain_order="left")
    loans.standing = frame.with_columns(pl.col("said", "left").fill_null(0))
    words = dict(enumerate(names.instruments.ticker))
    word = pl.col("row").replace_strict(words, default="", return_dtype=pl.String)
    named = ~pl.col("whole")
    nothing = named & (pl.col("said") == 0) & (pl.col("left") == 0)
    loans.reject(nothing, "ticker", pl.format("no accepted holding of {}", word), NO_COLLATERAL)
    free = named & (pl.col("said") == 0)
    claim = pl.when(named).then(pl.col("quantity")).otherwise(0)
    open_kinds = pl.when(free & (pl.col("quantity") == 0)).then(pl.col("secures").cast(pl.Int32))
    ours, others = pl.when(free).then(claim).otherwise(0), pl.when(free).then(0).otherwise(claim)
    # Most loans are alone on their ticker in their account: only the others are added up.
    alone = ~(pl.col("account").cast(pl.Int64) * NAMES + pl.col("row")).is_duplicated()
    lone, shared = (loans.standing.filter(alone == is_alone) for is_alone in (True, False))
    columns = ("claimed", "claimed_said", "taker", "other_taker")
    single = (ours, others, open_kinds.fill_null(-1), open_kinds.fill_null(-1))
    summed = (
        ours.sum().over(key),
        others.sum().over([*key, "secures"]),
        open_kinds.max().over(key).fill_null(-1),
        open_kinds.min().over(key).fill_null(-1),
    )
    loans.standing = pl.concat(
        part.with_columns(each.alias(name) for each, name in zip(how, columns, strict=True))
        for part, how in ((lone, single), (shared, summed))
    )
    allowed, help = "loans must be on shares that the account holds", "see the account's holdings"
    found = pl.format("loans on {} of {} shares of {}", "claimed_said", "said", word)
    loans.reject(named & ~free & (pl.col("claimed_said") > pl.col("said")), "quantity", found, allowed, help)
    found = pl.format("loans on {} of {} shares of {}", "claimed", "left", word)
    loans.reject(free & (pl.col("claimed") > pl.col("left")), "quantity", found, allowed, help)
    nothing = free & (pl.col("taker") >= 0) & (pl.col("claimed") == pl.col("left"))
    found = pl.format("{}, and a loan without a quantity", found)
    loans.reject(nothing, "quantity", found, "every loan must have shares of its own", help)
    mixed = free & (pl.col("taker") != pl.col("other_taker"))
    allowed = "where loans of several kinds are on one ticker, each must say on how many shares"
    loans.reject(mixed, "quantity", pl.format("no quantity for {}", word), allowed)


def _check_whole(loans: _Loans, held: pl.DataFrame, names: Names) -> None:
    """Loans on all that is left of an account: something must be left, and all of them be of one kind."""
    whole = pl.col("whole")
    who = loans.standing.filter(whole)["account"].unique()
    if who.len() == 0:
        return
    here = held.filter(pl.col("account").is_in(who.implode()) & _at_home(names))
    said = _chief(here.filter(pl.col("standing") != UNSAID), ["account", "standing"], names)
    said = said.select("account", secures="standing", said_row="row", said_all="quantity")
    left = _left(loans.standing, here).filter(pl.col("taker").is_null())
    left = _chief(left, ["account"], names).select("account", left_row="row")
    frame = loans.standing.join(said, on=["account", "secures"], how="left", maintain_order="left")
    frame = frame.join(left, on="account", how="left", maintain_order="left")
    loans.standing = frame.with_columns(
        pl.when(whole).then(pl.coalesce("said_row", "left_row", -1)).otherwise("row").alias("row"),
        pl.when(whole).then(pl.col("said_all").fill_null(0)).otherwise("said").alias("said"),
    ).drop("said_row", "said_all", "left_row")
    help = "say on how many shares the other loans are, or what this one is on"
    loans.reject(whole & (pl.col("row") < 0), "ticker", pl.lit("no share that is left for it"), NO_COLLATERAL, help)
    rest = whole & (pl.col("said") == 0)
    kinds = pl.when(rest).then(pl.col("kind")).n_unique().over("account", rest)
    allowed = "loans that name no ticker must be of one kind, for they rest on all that is left of the account"
    loans.reject(rest & (kinds > 1), "ticker", pl.lit("loans of two kinds without a ticker"), allowed)


def _chief(shares: pl.DataFrame, key: list[str], names: Names) -> pl.DataFrame:
    """Of shares by ``key`` the row of the largest value, and the quantity of all."""
    price = pl.DataFrame(
        {"row": np.arange(names.instruments.price.size, dtype=np.int32), "price": names.instruments.price}
    )
    worth = (pl.col("price").cast(pl.Float64) * pl.col("quantity")).alias("worth")
    ordered = shares.join(price, on="row").with_columns(worth).sort("worth", "row", descending=[True, False])
    return ordered.group_by(key, maintain_order=True).agg(pl.col("row").first(), pl.col("quantity").sum())


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


def _left(loans: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Shares of which nothing is said and that no quantity of a loan claims: account, row, quantity above 0, and
    ``taker``, what they are to the loan on their ticker that takes all of them; null where there is none.
    """
    key = ["account", "row"]
    free = loans.filter((pl.col("said") == 0) & ~pl.col("whole"))
    claimed = free.group_by(key).agg(pl.col("quantity").sum().alias("claimed"))
    takers = free.filter(pl.col("quantity") == 0).group_by(key).agg(pl.col("secures").first().alias("taker"))
    rest = held.filter(pl.col("standing") == UNSAID).select(*key, "quantity")
    rest = rest.join(claimed, on=key, how="left").join(takers, on=key, how="left")
    left = pl.col("quantity") - pl.col("claimed").fill_null(0)
    return rest.with_columns(left.alias("quantity")).filter(pl.col("quantity") > 0).drop("claimed")


def _shares(loans: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """What every share of the borrowers is to their loans: account, row, standing, quantity."""
    unsaid = pl.col("said") == 0
    fixed = loans.filter(unsaid & ~pl.col("whole") & (pl.col("quantity") > 0))
    everything = loans.filter(unsaid & pl.col("whole")).group_by("account").agg(pl.col("secures").first().alias("all"))
    rest = _left(loans, held).join(everything, on="account", how="left")
    standing = pl.coalesce("taker", "all", pl.lit(int(Standing.OTHER))).cast(pl.UInt8).alias("standing")
    columns = ["account", "row", "standing", "quantity"]
    parts = [
        held.filter(pl.col("standing") != UNSAID).select(columns),
        fixed.select("account", "row", pl.col("secures").alias("standing"), "quantity"),
        rest.with_columns(standing).select(columns),
    ]
    whole = pl.concat(parts)
    return _summed(*(whole[name].to_numpy() for name in columns))
