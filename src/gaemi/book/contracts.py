"""Contracts for difference of a book: what a row must say of one, and its value at entry."""

import polars as pl

from gaemi.book.claims import Loans
from gaemi.records.columns import LoanKind
from gaemi.units import BPS

IS_CONTRACT = pl.col("kind") == int(LoanKind.CFD)
PRICED = pl.col("entry_price").is_not_nan() & (pl.col("entry_price") > 0)


def value_at_entry() -> pl.Expr:
    """Won of the shares at the price of entry, to the won."""
    return (pl.col("quantity") * pl.col("entry_price")).round(0).cast(pl.Int64, strict=False)


def check_contracts(loans: Loans) -> None:
    """What is said of contracts must fit: their margin and what is owed are at most the value at entry.

    A short contract never comes here: the reader refuses quantities below 0 in words.
    """
    help = "leave it out, or let 'kind' be cfd"
    only = "only a contract for difference (kind cfd) has one"
    loans.reject(~IS_CONTRACT & PRICED, "entry_price", pl.col("entry_price"), only, help)
    loans.reject(~IS_CONTRACT & (pl.col("margin") > 0), "margin", pl.format("{} won", "margin"), only, help)
    priced, value = IS_CONTRACT & PRICED, value_at_entry()
    allowed = "a contract with a price at entry must say its quantity"
    loans.reject(priced & (pl.col("quantity") == 0), "quantity", pl.lit("no quantity"), allowed)
    found = pl.format("{} won of margin on {} won at entry", "margin", value)
    help = "a margin is a part of the value: see quantity and entry_price"
    loans.reject(
        priced & (pl.col("margin") > value), "margin", found, "a margin must be at most the value at entry", help
    )
    found = pl.format("{} won owed on {} won at entry", "principal", value)
    allowed = "what is owed must be at most the value at entry"
    loans.reject(priced & (pl.col("principal") > value), "principal", found, allowed)


def with_entries(loans: pl.DataFrame, initial_bps: int) -> pl.DataFrame:
    """The loans with ``entry``: won of a contract at entry, 0 of other loans.

    Quantity at the price of entry; else what is owed and the margin together; else what is owed when the least margin
    of the law was put down, rounded up to the won.
    """
    owed = pl.col("principal")
    least = (owed * BPS + (BPS - initial_bps) - 1) // (BPS - initial_bps)
    entry = pl.when(PRICED).then(value_at_entry()).when(pl.col("margin") > 0).then(owed + pl.col("margin"))
    return loans.with_columns(pl.when(IS_CONTRACT).then(entry.otherwise(least)).otherwise(0).alias("entry"))
