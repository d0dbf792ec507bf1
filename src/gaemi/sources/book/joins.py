"""Joins: which account each loan and each holding belongs to, and the rows that belong to none."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from gaemi.kernels._compile import compiled
from gaemi.kernels.follow import follow
from gaemi.sources.book.reader import BookTables, Columns

NOBODY = -1
"""Stands for the account of a row that belongs to none."""


@dataclass(slots=True)
class Owners:
    """The accounts of a book, and of each loan and holding the index of its account (int32, NOBODY if rejected).

    ``rows`` are the accounts' rows in their table, where there is one; else accounts stand as they first appear.
    """

    account: pl.Series  # text [n]
    key: pl.Series  # uint64 [n]
    rows: np.ndarray | None  # int64 [n]
    of_loan: np.ndarray
    of_holding: np.ndarray

    @property
    def count(self) -> int:
        return len(self.account)


def owners_of(read: BookTables) -> Owners:
    """Match loans and holdings with accounts; duplicates and rows without an account are rejected."""
    accounts, loans, holdings = (read.tables[name] for name in ("accounts", "loans", "holdings"))
    if "accounts" in read.source.parts:
        _reject_twice(read, accounts)
        rows = np.flatnonzero(~accounts.bad)
        account, key = accounts.account.gather(rows), accounts.key.gather(rows)
    else:
        rows = None
        key, account = _seen(holdings)
    owners = Owners(account, key, rows, np.zeros(0, np.int32), np.zeros(0, np.int32))
    owners.of_holding = _matched(read, holdings, owners)
    owners.of_loan = _matched(read, loans, owners)
    holdings.account = holdings.account.clear()  # no longer needed, and large
    return owners


def _reject_twice(read: BookTables, accounts: Columns) -> None:
    """An account that stands in several rows is rejected in all of them: which one is right is not known."""
    named = np.flatnonzero(accounts.account.is_not_null().to_numpy())
    keys = accounts.key.gather(named)
    ordered = np.sort(keys.to_numpy())
    if not (ordered[1:] == ordered[:-1]).any():
        return
    twice = keys.is_duplicated().to_numpy()
    rows = named[twice]
    if rows.size:
        found = pl.concat_str(pl.lit("'"), accounts.account.gather(rows), pl.lit("'"))
        texts = pl.select(found).to_series()
        allowed = "an account must stand in one row of the table of accounts"
        accounts.reject(read.rejects, rows, "account", texts, allowed, "its holdings and loans are rejected with it")


def _seen(holdings: Columns) -> tuple[pl.Series, pl.Series]:
    """Keys and ids of the accounts that hold something, in order of first appearance."""
    good = np.flatnonzero(~holdings.bad)
    frame = pl.DataFrame({"key": holdings.key.gather(good), "row": good})
    first = frame.unique("key", keep="first", maintain_order=True)
    return first["key"], holdings.account.gather(first["row"])


def _matched(read: BookTables, table: Columns, owners: Owners) -> np.ndarray:
    """int32 [row]: index of the account of each row; rows that match none are rejected."""
    if table.bad.size == 0:
        return np.zeros(0, np.int32)
    # Rows of one account mostly stand together: one look for each run of them.
    begins = (table.key != table.key.shift(1)).fill_null(True)
    index = _places(owners.key, table.key.filter(begins))[np.cumsum(begins.to_numpy(), dtype=np.int32) - 1]
    lost = np.flatnonzero((index == NOBODY) & ~table.bad)
    if lost.size:
        _reject_lost(read, table, lost)
    index[table.bad] = NOBODY
    return index


def _places(keys: pl.Series, wanted: pl.Series) -> np.ndarray:
    """int32 [wanted]: place of each key among ``keys``, NOBODY where it is not there.

    Tables mostly come in the same order: then one walks along the other. What is not found so is joined.
    """
    found = np.empty(len(wanted), np.int32)
    lost = compiled(follow)(keys.to_numpy(), wanted.to_numpy(), found)
    if lost:
        left = np.flatnonzero(found == NOBODY)
        right = pl.DataFrame({"key": keys, "index": np.arange(len(keys), dtype=np.int32)}).lazy()
        rest = (
            pl.DataFrame({"key": wanted.gather(left)}).lazy().join(right, on="key", how="left", maintain_order="left")
        )
        found[left] = rest.select("index").collect()["index"].fill_null(NOBODY).to_numpy()
    return found


def _reject_lost(read: BookTables, table: Columns, lost: np.ndarray) -> None:
    accounts = read.tables["accounts"]
    found = pl.select(pl.concat_str(pl.lit("'"), table.account.gather(lost), pl.lit("'"))).to_series()
    if "accounts" not in read.source.parts:
        allowed = "a loan must have collateral: its account holds nothing"
        table.reject(read.rejects, lost, "account", found, allowed, "give the account's holdings")
        return
    refused = table.key.gather(lost).is_in(accounts.key.filter(accounts.bad).implode()).to_numpy()
    allowed = "its account must be accepted, and the account's own row was rejected"
    table.reject(read.rejects, lost[refused], "account", found.filter(refused), allowed)
    allowed = "its account must stand in the table of accounts"
    table.reject(read.rejects, lost[~refused], "account", found.filter(~refused), allowed)
