"""The book of a coin venue as the engine has it: accepted rows become accounts, marks become whole micro a lot."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import floor, log10

import numpy as np
import polars as pl

from gaemi import chance
from gaemi.errors import Fault, Refused
from gaemi.law.lawbook import LawBook
from gaemi.records.positions import MICRO, MOST_LOTS, House, VenueAccounts, empty_accounts, house_of
from gaemi.sources.intraday import BarHistory
from gaemi.sources.positions import PositionTables
from gaemi.units import BPS

LEAST_LOT_MICRO = 10_000
"""A lot is worth at least so much at the mark, so that rounding the mark to whole micro moves it by 0.5 bps at most."""

MOST_LOT_MICRO = 10_000_000
"""And at most so much, so that a fill of part of an order is not cut to coarse pieces."""


@dataclass(frozen=True)
class VenueBook:
    """A venue's accounts at one moment.

    ``names`` are the accounts in the order of the columns; ``frame`` has the accepted positions with ``at`` (account),
    ``slot``, ``contract``. ``mark`` is float64 [contract] in USDT, ``mark_micro`` int64 [contract] a lot.
    """

    read: PositionTables
    frame: pl.DataFrame
    names: list[str]
    tickers: tuple[str, ...]
    coins_a_lot: np.ndarray
    mark: np.ndarray
    mark_micro: np.ndarray
    accounts: VenueAccounts
    house: House
    fund_given: bool
    notes: tuple[str, ...]

    @cached_property
    def values(self) -> np.ndarray:
        """int64 [side, contract]: value of all long and of all short positions at the mark, in micro."""
        found = np.zeros((2, len(self.tickers)), np.int64)
        lots, contract = self.accounts.lots.ravel(), self.accounts.instrument.ravel()
        for side, mask in enumerate((lots > 0, lots < 0)):
            np.add.at(found[side], contract[mask], np.abs(lots[mask]))
        return found * self.mark_micro


def marks_now(read: PositionTables, bars: BarHistory | None) -> tuple[dict[str, float], list[str]]:
    """The mark of each contract: the last close of the bars, else the median of the table's own marks; and notes."""
    told = read.frame.group_by("symbol").agg(pl.col("mark").median()).drop_nulls()
    found = dict(zip(told["symbol"].to_list(), told["mark"].to_list(), strict=True))
    notes = []
    for ticker in read.frame["symbol"].unique().sort().to_list():
        if bars is not None and ticker in bars.tickers:
            found[ticker] = float(bars.of(ticker).close[-1])
        elif bars is not None and ticker in found:
            notes.append(f"{ticker} is not among the bars: the mark of its own rows is used")
    return found, notes


def venue_book(read: PositionTables, marks: Mapping[str, float], law: LawBook, fund_bps: int) -> VenueBook:
    """The accounts of accepted rows; positions without a mark are rejected.

    The fund is the venue's own row of the wallets, else ``fund_bps`` of the larger side of the open positions. Raises
    :class:`gaemi.errors.Refused` where no position is left.
    """
    priceless = ~read.frame["symbol"].is_in(list(marks))
    help = "give a column mark (markPrice), or recorded bars with --prices"
    read = read.rejected(priceless, "symbol", "a contract must have a mark price", help)
    tickers = tuple(read.frame["symbol"].unique().sort().to_list())
    mark = np.array([marks[ticker] for ticker in tickers], np.float64)
    bad = [
        Fault(name, f"{price:g}", "price must be above 0")
        for name, price in zip(tickers, mark, strict=True)
        if not price > 0
    ]
    if bad:
        raise Refused(bad)
    place = {ticker: at for at, ticker in enumerate(tickers)}
    frame = read.frame.sort("account", "symbol", "isolated").with_columns(
        pl.col("account").rle_id().alias("at"),
        pl.int_range(pl.len()).over("account").alias("slot"),
        pl.col("symbol").replace_strict(place, return_dtype=pl.Int64).alias("contract"),
    )
    coins, notes = _lots(frame, tickers, mark)
    mark_micro = np.maximum(np.round(mark * coins * MICRO), 1).astype(np.int64)
    names = frame["account"].unique(maintain_order=True).to_list()
    accounts = _filled(frame, names, read, coins)
    house = house_of(accounts, len(tickers))
    made = VenueBook(
        read, frame, names, tickers, coins, mark, mark_micro, accounts, house, read.fund is not None, tuple(notes)
    )
    open_micro = int(made.values.sum(axis=1).max())
    house.fund_micro = round(read.fund * MICRO) if read.fund is not None else open_micro * fund_bps // BPS
    return made


def _lots(frame: pl.DataFrame, tickers: tuple[str, ...], mark: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Coins in a lot of each contract: the largest power of ten that all sizes are whole numbers of, if it can be.

    A finer one than the engine counts in is made coarser, and the sizes are then rounded to it: a note.
    """
    coins, notes = [], []
    for at, ticker in enumerate(tickers):
        sizes = frame.filter(pl.col("contract") == at)["size"].to_numpy()
        least = -floor(log10(mark[at] * MICRO / LEAST_LOT_MICRO))
        least = max(least, -floor(log10(MOST_LOTS / sizes.max())))
        most = max(least, -floor(log10(mark[at] * MICRO / MOST_LOT_MICRO)))
        exact = next((power for power in range(most, least - 1, -1) if _are_whole(sizes, power)), None)
        if exact is None:
            exact = least
            notes.append(f"sizes of {ticker} are rounded to {10.0**least:g} coins")
        coins.append(float(f"1e{exact}"))
    return np.array(coins), notes


def _are_whole(sizes: np.ndarray, power: int) -> bool:
    lots = sizes / float(f"1e{power}")
    return bool((np.abs(lots - np.round(lots)) <= 1e-9 * np.maximum(lots, 1)).all())


def _filled(frame: pl.DataFrame, names: list[str], read: PositionTables, coins: np.ndarray) -> VenueAccounts:
    slots = int(frame["slot"].max()) + 1  # type: ignore[arg-type]
    accounts = empty_accounts(len(names), slots)
    accounts.investor[:] = [chance.name_id(name) for name in names]
    balance = dict(zip(read.wallets["account"].to_list(), read.wallets["balance"].to_list(), strict=True))
    accounts.wallet_micro[:] = [round(balance.get(name, 0.0) * MICRO) for name in names]
    where = (frame["slot"].to_numpy(), frame["at"].to_numpy())
    contract, side = frame["contract"].to_numpy(), frame["side"].to_numpy()
    size, entry = frame["size"].to_numpy(), frame["entry"].to_numpy()
    isolated = frame["isolated"].to_numpy()
    lots = np.maximum(np.round(size / coins[contract]), 1).astype(np.int64)
    value = np.round(lots * coins[contract] * entry * MICRO).astype(np.int64)
    margin, leverage = frame["margin"].to_numpy(), frame["leverage"].to_numpy()
    own = np.where(np.isnan(margin), value / np.where(np.isnan(leverage), 1.0, leverage), margin * MICRO)
    accounts.instrument[where] = contract
    accounts.isolated[where] = isolated
    accounts.lots[where] = side * lots
    accounts.entry_value_micro[where] = side * value
    accounts.margin_micro[where] = np.where(isolated, np.round(own), 0).astype(np.int64)
    return accounts
