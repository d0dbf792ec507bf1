"""An exchange's book as the engine has it: accepted rows become accounts in lots, loans become loan accounts."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from gaemi import chance
from gaemi.book.coin_names import CoinPrices, book_instruments, priced
from gaemi.law.lawbook import LawBook
from gaemi.records.coins import (
    COIN_CAPACITIES,
    COIN_SIZE_EDGES_WON,
    CoinBorrowing,
    CoinInstruments,
    CoinPlain,
    CoinPopulation,
    coin_group,
    coin_loans,
)
from gaemi.rules.coins import COIN_BITS, LARGEST_HOLDING_WON
from gaemi.sources.coin_amounts import PARTS
from gaemi.sources.coin_tables import HOLDINGS, LOANS, CoinTables

HALF = 1 << (COIN_BITS - 1)


@dataclass(frozen=True)
class CoinBook:
    """An exchange's accounts at one moment.

    ``names`` are accounts that hold coins or won, in order of the alphabet; ``coins`` has their holdings with ``at``
    (account), ``slot``, ``row`` of the table of coins, ``lots``; ``cash_won`` int64 [account]. ``loans`` has the
    accepted loans in the order of ``borrowing``; ``lender_words`` are the classes that its lenders number.
    """

    read: CoinTables
    instruments: CoinInstruments
    names: list[str]
    coins: pl.DataFrame
    cash_won: np.ndarray
    loans: pl.DataFrame
    borrowing: CoinBorrowing
    lender_words: tuple[str, ...]
    population: CoinPopulation
    notes: tuple[str, ...]

    @cached_property
    def accounts(self) -> int:
        """Accounts that hold something or owe something, each counted once."""
        return len({*self.names, *self.loans["account"]})

    def coins_won(self, unit: np.ndarray) -> np.ndarray:
        """int64 [account]: won of coins at the prices of a lot, each holding rounded by itself."""
        found = np.zeros(len(self.names), np.int64)
        won = lots_won(self.coins["lots"].to_numpy(), unit[self.coins["coin_row"].to_numpy()])
        np.add.at(found, self.coins["at"].to_numpy(), won)
        return found


def lots_won(lots: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """:func:`gaemi.rules.coins.coin_won` over columns: int64."""
    found: np.ndarray = (lots * unit + HALF) >> COIN_BITS
    return found


def coin_book(read: CoinTables, prices: CoinPrices, law: LawBook, on: date) -> CoinBook:
    """The accounts of accepted rows; what has no price, is too large or was opened later is rejected.

    Raises Refused where nothing is left, and as :func:`gaemi.book.coin_names.book_instruments` does.
    """
    read = priced(read, prices)
    later = (read.loans["opened"] > on).fill_null(False)
    read = read.rejected(LOANS, later, "opened", f"must be on or before the day of the book, {on}", "--on says the day")
    read = _without_large(read, prices)
    table, notes = book_instruments(read, prices, law, on)
    place = {coin: at for at, coin in enumerate(table.symbols)}
    coins, finer_won = _lots(read, table, place)
    names = read.cash["account"].to_list()
    cash = read.cash["cash_won"].to_numpy()
    borrowing = _borrowing(read.loans, table, place, law, on)
    population = CoinPopulation(_groups(coins, cash, table), [borrowing] if borrowing.investor.size else [])
    if finer_won:
        finer = f"what is finer, {finer_won:,} won in all, is left out"
        notes = (*notes, f"holdings are counted in lots worth less than 100 won each; {finer}")
    lenders = tuple(law.keys("coin_lender"))
    return CoinBook(read, table, names, coins, cash, read.loans, borrowing, lenders, population, notes)


def _without_large(read: CoinTables, prices: CoinPrices) -> CoinTables:
    """The tables without rows of which the engine could not count the won."""
    allowed = f"a row must be worth less than {LARGEST_HOLDING_WON:,} won"

    def large(coin: pl.Series, whole: pl.Series) -> pl.Series:
        price = coin.replace_strict(prices.won, default=None, return_dtype=pl.Float64)
        return ((whole.cast(pl.Float64) + 1.0) * price >= LARGEST_HOLDING_WON).fill_null(False)

    read = read.rejected(HOLDINGS, large(read.holdings["coin"], read.holdings["whole"]), "whole", allowed)
    for side in ("held", "owed"):
        mask = large(read.loans[side], read.loans[f"{side}_whole"])
        read = read.rejected(LOANS, mask, f"{side}_whole", allowed)
    return read


def _lots(read: CoinTables, table: CoinInstruments, place: dict[str, int]) -> tuple[pl.DataFrame, int]:
    """Holdings with account, slot, coin and lots, and the won of what is finer than a lot."""
    at = {name: number for number, name in enumerate(read.cash["account"])}
    frame = read.holdings.sort("account", "coin").with_columns(
        pl.col("account").replace_strict(at, default=None, return_dtype=pl.Int64).cast(pl.Int64).alias("at"),
        pl.int_range(pl.len(), dtype=pl.Int64).over("account").alias("slot"),
        pl.col("coin").replace_strict(place, default=None, return_dtype=pl.Int64).cast(pl.Int64).alias("coin_row"),
    )
    row = frame["coin_row"].to_numpy()
    scale, fine = _scales(table)
    part = frame["part"].to_numpy()
    lots = frame["whole"].to_numpy() * scale[row] + part // fine[row]
    left = float(((part % fine[row]) / PARTS * table.price_won[row]).sum())
    return frame.with_columns(pl.Series("lots", lots)), round(left)


def _scales(table: CoinInstruments) -> tuple[np.ndarray, np.ndarray]:
    """Lots of a coin, and hundred-millionths of a lot: int64 [coin]. A lot has at most eight decimals."""
    scale = 10 ** table.lot_digits.astype(np.int64)
    assert (scale <= PARTS).all(), "a lot is a hundred-millionth of a coin or more"
    return scale, PARTS // scale


def _groups(coins: pl.DataFrame, cash: np.ndarray, table: CoinInstruments) -> list[CoinPlain]:
    """Accounts by slot capacity, what each is worth as its peak and its band."""
    at, slot, row, lots = (coins[name].to_numpy() for name in ("at", "slot", "coin_row", "lots"))
    many = np.bincount(at, minlength=cash.size)
    worth = np.zeros(cash.size, np.int64)
    np.add.at(worth, at, lots_won(lots, table.price[row]))
    size = np.searchsorted(np.array(COIN_SIZE_EDGES_WON), worth, side="right")
    most = int(many.max(initial=0))
    capacities = [*COIN_CAPACITIES, *([most] if most > COIN_CAPACITIES[-1] else [])]
    fits = np.searchsorted(np.array(capacities), many)
    groups = []
    for number, slots in enumerate(capacities):
        accounts = np.flatnonzero(fits == number)
        if not accounts.size:
            continue
        group, column = coin_group(accounts.size, slots), np.zeros(cash.size, np.int64)
        column[accounts] = np.arange(accounts.size)
        mine = fits[at] == number
        group.instrument[slot[mine], column[at[mine]]] = row[mine]
        group.quantity[slot[mine], column[at[mine]]] = lots[mine]
        group.investor[:] = accounts
        group.size[:] = size[accounts]
        group.cash_won[:] = cash[accounts]
        group.peak_won[:] = worth[accounts] + cash[accounts]
        groups.append(group)
    return groups


def _borrowing(
    loans: pl.DataFrame, table: CoinInstruments, place: dict[str, int], law: LawBook, on: date
) -> CoinBorrowing:
    """Loan accounts in the order of the rows. Collateral is rounded down to a lot, a debt up; a loan without a lender
    is the strictest's, one without a day is of today."""
    group = coin_loans(loans.height)
    scale, fine = _scales(table)
    for side, row, lots, up in (
        ("held", group.instrument[0], group.quantity[0], 0), ("owed", group.owed, group.owed_lots, 1),
    ):  # fmt: skip
        known = loans[side].is_not_null().to_numpy()
        coin = loans[side].replace_strict(place, default=0, return_dtype=pl.Int64).fill_null(0).to_numpy()
        whole, part = loans[f"{side}_whole"].to_numpy(), loans[f"{side}_part"].to_numpy()
        found = whole * scale[coin] + (part + up * (fine[coin] - 1)) // fine[coin]
        row[known], lots[known] = coin[known], found[known]
    lenders = law.keys("coin_lender")
    strict = strictest_lender(law, on)
    number = {name: at for at, name in enumerate(lenders)}
    group.lender[:] = loans["lender"].fill_null(strict).replace_strict(number, return_dtype=pl.Int64).to_numpy()
    group.owed_won[:], group.cash_won[:] = loans["owed_won"].to_numpy(), loans["cash_won"].to_numpy()
    since = loans["opened"].fill_null(on).to_list()
    group.opened[:] = [day.toordinal() for day in since]
    group.investor[:] = [chance.name_id(name) for name in loans["account"].to_list()]
    held = loan_held_won(group, table.price)
    group.peak_won[:] = np.maximum(held - loan_debt_won(group, table.price), 0)
    group.size[:] = np.searchsorted(np.array(COIN_SIZE_EDGES_WON), held, side="right")
    return group


def strictest_lender(law: LawBook, on: date) -> str:
    """The class of lender that closes a loan first on the date; of equal ones the first in the law."""
    ratios = law.value("coin_loan.forced_sale_ratio", on)
    return min(law.keys("coin_lender"), key=lambda each: int(ratios[each]))


def loan_held_won(group: CoinBorrowing, unit: np.ndarray) -> np.ndarray:
    """int64 [loan]: what each loan account holds at the prices of a lot."""
    return group.cash_won + lots_won(group.quantity[0], unit[group.instrument[0]])


def loan_debt_won(group: CoinBorrowing, unit: np.ndarray) -> np.ndarray:
    """int64 [loan]: what each owes at the prices, without its fee."""
    coin = np.where(group.owed_lots > 0, group.owed, 0)
    return group.owed_won + np.where(group.owed_lots > 0, lots_won(group.owed_lots, unit[coin]), 0)
