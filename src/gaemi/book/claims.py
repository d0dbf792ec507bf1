"""Claims: which shares of an account each loan rests on, and the loans that rest on none.

A loan claims shares of its ticker, by its quantity or all that others leave; a loan without a ticker is on the one
holding that can be, or, where it is on pledged shares, on all that is left of the account.
"""

import numpy as np
import polars as pl

from gaemi.book.names import Names
from gaemi.records.columns import Board, LoanKind, Standing
from gaemi.sources.book.reader import BookTables

SECURES = {
    LoanKind.MARGIN: Standing.FINANCED,
    LoanKind.PLEDGED: Standing.PLEDGED,
    LoanKind.STOCK_LOAN: Standing.STOCK_LOAN,
    LoanKind.UNSETTLED: Standing.UNSETTLED,
    LoanKind.CFD: Standing.CFD,
}
NAMES = 1 << 16
"""Rows that the table of instruments may have."""

UNSAID = 255
"""Standing of shares of which the table does not say what they are to the loans."""

NO_COLLATERAL = "a loan must have collateral: its account must hold what it is on"
WHOLE_ACCOUNT = (int(LoanKind.PLEDGED), int(LoanKind.STOCK_LOAN))
"""Kinds of loans that, without a ticker, are secured by all that no other loan claims."""


class Loans:
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


def _at_home(names: Names) -> pl.Expr:
    """Whether shares are of an instrument that the firm can sell here."""
    home = np.flatnonzero(names.instruments.board != Board.US).astype(np.int32)
    return pl.col("row").is_in(pl.Series(home).implode())


def find_tickers(loans: Loans, held: pl.DataFrame, names: Names) -> None:
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


def check_claims(loans: Loans, held: pl.DataFrame, names: Names) -> None:
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


def check_whole(loans: Loans, held: pl.DataFrame, names: Names) -> None:
    """Loans on all that is left of an account: something must be left, and all of them be of one kind."""
    whole = pl.col("whole")
    who = loans.standing.filter(whole)["account"].unique()
    if who.len() == 0:
        return
    here = held.filter(pl.col("account").is_in(who.implode()) & _at_home(names))
    said = _chief(here.filter(pl.col("standing") != UNSAID), ["account", "standing"], names)
    said = said.select("account", secures="standing", said_row="row", said_all="quantity")
    left = left_of(loans.standing, here).filter(pl.col("taker").is_null())
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


def left_of(loans: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
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
