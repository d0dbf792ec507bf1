"""The columns of coin accounts: one place that says what each holds, in which unit, and what it means.

They lie beside those of stocks: accounts in groups by slot capacity, slot-major, ``[slot, account]``. A survey counts
accounts, so a row is an account at one exchange; a person with two has two rows of one number.

Source: docs/design.md, the data.
"""

from dataclasses import dataclass, field, fields
from typing import NamedTuple

import numpy as np

from gaemi.records.columns import Column
from gaemi.records.shards import copy_of

COIN_CAPACITIES = (1, 2, 3, 4, 6, 8)
"""Slot capacities of groups of coin accounts."""

COIN_SIZE_BANDS = ("under 500k", "500k-1m", "1m-10m", "10m-100m", "100m-1bn", "1bn and over")
COIN_SIZE_EDGES_WON = (500_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
COIN_AGE_BANDS = ("20s and under", "30s", "40s", "50s", "60 and over")
COIN_EXCHANGES = ("leading", "second", "small")

OWES_NONE = 255
"""Stands for the coin that is owed where an account owes won alone."""

FIRST_STRANGER = 1 << 31
"""Numbers from here on are persons with a coin account who hold no shares; below it stand stock investors."""

COIN_PLAIN = (
    Column("investor", "uint32", "number", "the person; a stock investor's number below FIRST_STRANGER"),
    Column("age", "uint8", "band", "index into COIN_AGE_BANDS"),
    Column("size", "uint8", "band", "index into COIN_SIZE_BANDS of the coins held at the start"),
    Column("exchange", "uint8", "class", "index into COIN_EXCHANGES"),
    Column("emptied", "uint8", "flag", "1 once the account fell to a tenth of its peak"),
    Column("cash_won", "int64", "won", "deposit at the exchange"),
    Column("peak_won", "int64", "won", "highest value of coins and deposit so far"),
)
COIN_HOLDINGS = (
    Column("instrument", "uint8", "row", "row in the table of coins; [slot, account]"),
    Column("quantity", "int64", "lots", "coins held, in lots of the coin, 0 in a free slot; [slot, account]"),
)
COIN_BORROWING = (
    Column("investor", "int64", "number", "the person; key of the draws of the person"),
    Column("age", "uint8", "band", "index into COIN_AGE_BANDS"),
    Column("size", "uint8", "band", "index into COIN_SIZE_BANDS of the collateral at the start"),
    Column("lender", "uint8", "class", "index into the law's classes of coin lenders"),
    Column("ever", "uint8", "flags", "bits of outcomes.Ever"),
    Column("closing", "uint8", "flag", "1 where the account is to be closed and has not been yet"),
    Column("owed", "uint8", "row", "coin that is owed, OWES_NONE where won alone"),
    Column("owed_lots", "int64", "lots", "coins owed, in lots of the coin"),
    Column("owed_won", "int64", "won", "won owed"),
    Column("cash_won", "int64", "won", "won in the loan account, what borrowed coins were sold for included"),
    Column("peak_won", "int64", "won", "highest net worth of the loan account so far"),
    Column("residual_won", "int64", "won", "still owed after all was sold and bought back"),
    Column("sold_won", "int64", "won", "sold or bought back by force so far"),
    Column("opened", "int32", "date", "proleptic ordinal of the day the loan was made"),
)


class CoinPlain(NamedTuple):
    """One capacity group of coin accounts: ``n`` accounts, ``s`` slots."""

    investor: np.ndarray
    age: np.ndarray
    size: np.ndarray
    exchange: np.ndarray
    emptied: np.ndarray
    cash_won: np.ndarray
    peak_won: np.ndarray
    instrument: np.ndarray
    quantity: np.ndarray


class CoinBorrowing(NamedTuple):
    """Loan accounts: ``n`` of them, one slot for the coin that each holds."""

    investor: np.ndarray
    age: np.ndarray
    size: np.ndarray
    lender: np.ndarray
    ever: np.ndarray
    closing: np.ndarray
    owed: np.ndarray
    owed_lots: np.ndarray
    owed_won: np.ndarray
    cash_won: np.ndarray
    peak_won: np.ndarray
    residual_won: np.ndarray
    sold_won: np.ndarray
    opened: np.ndarray
    instrument: np.ndarray
    quantity: np.ndarray


_DTYPES = {
    CoinPlain: {c.name: c.dtype for c in (*COIN_PLAIN, *COIN_HOLDINGS)},
    CoinBorrowing: {c.name: c.dtype for c in (*COIN_BORROWING, *COIN_HOLDINGS)},
}
_SLOTTED = {c.name for c in COIN_HOLDINGS}


def coin_group(accounts: int, slots: int) -> CoinPlain:
    """An empty group of coin accounts with ``slots`` slots each."""
    dtypes = _DTYPES[CoinPlain]
    return CoinPlain(
        *(np.zeros((slots, accounts) if n in _SLOTTED else accounts, dtypes[n]) for n in CoinPlain._fields)
    )


def coin_loans(accounts: int) -> CoinBorrowing:
    """Empty loan accounts that owe nothing."""
    dtypes = _DTYPES[CoinBorrowing]
    group = CoinBorrowing(
        *(np.zeros((1, accounts) if n in _SLOTTED else accounts, dtypes[n]) for n in CoinBorrowing._fields)
    )
    group.owed[:] = OWES_NONE
    return group


@dataclass(slots=True)
class CoinPopulation:
    """All coin accounts of a country or a book. ``weight`` accounts stand behind each row."""

    plain: list[CoinPlain]
    borrowing: list[CoinBorrowing]
    weight: int = 1

    def copy_for_scenario(self) -> "CoinPopulation":
        """A population whose writable columns are copies: loan accounts, and peaks and flags of the others."""
        plain = [copy_of(group, ("peak_won", "emptied")) for group in self.plain]
        return CoinPopulation(plain, [copy_of(group) for group in self.borrowing], self.weight)

    def nbytes(self) -> int:
        return sum(a.nbytes for g in (*self.plain, *self.borrowing) for a in g)

    def accounts(self) -> int:
        """Rows of coin accounts; loan accounts are kept apart and not counted."""
        return sum(g.investor.size for g in self.plain)

    def holdings(self) -> int:
        """Slots in use."""
        return sum(int((g.quantity > 0).sum()) for g in self.plain)


@dataclass(slots=True)
class CoinInstruments:
    """The table of coins: one row each, on one date. Arrays are of length ``n``.

    ``price`` is 2 ** -22 of a won for a lot; ``price_won`` and ``survey_won`` are for a whole coin.
    """

    ticker: tuple[str, ...]
    name: tuple[str, ...]
    lot_digits: np.ndarray = field(metadata={"column": Column("lot_digits", "uint8", "digits", "decimals of a lot")})
    price: np.ndarray = field(metadata={"column": Column("price", "int64", "scaled price", "won of a lot x 2 ** 22")})
    price_won: np.ndarray = field(
        metadata={"column": Column("price_won", "float64", "won", "won of a coin on the date")}
    )
    survey_won: np.ndarray = field(
        metadata={"column": Column("survey_won", "float64", "won", "won of a coin on the day of the survey")}
    )
    world: np.ndarray = field(
        metadata={"column": Column("world", "float64", "dollars", "price of a coin abroad on the date")}
    )
    issued: np.ndarray = field(metadata={"column": Column("issued", "int64", "lots", "coins issued in the world")})
    turnover_won: np.ndarray = field(
        metadata={"column": Column("turnover_won", "int64", "won a day", "mean turnover of a day at the won exchanges")}
    )
    volatility: np.ndarray = field(
        metadata={"column": Column("volatility", "float64", "a day", "standard deviation of daily returns")}
    )
    beta: np.ndarray = field(
        metadata={"column": Column("beta", "float64", "times", "log move for a log move of BTC that is not said of it")}
    )
    listed: np.ndarray = field(metadata={"column": Column("listed", "uint8", "flag", "1 where it trades in won")})

    def __post_init__(self) -> None:
        for f in fields(self):
            if column := f.metadata.get("column"):
                values = np.ascontiguousarray(getattr(self, f.name), dtype=column.dtype)
                assert values.shape == (len(self.ticker),), f"{f.name} has one value a coin"
                setattr(self, f.name, values)

    def row(self, ticker: str) -> int:
        return self.ticker.index(ticker)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Coins without the currency: ``BTC`` of ``KRW-BTC``."""
        return tuple(ticker.removeprefix("KRW-") for ticker in self.ticker)
