"""The table of columns: every column of every table, with its type, unit and meaning.

Accounts come in two families. **Plain** accounts own what they hold; **borrowing** accounts owe. One row is one
person. Both are struct-of-arrays, *slot-major*: holdings are ``[slot, account]`` and accounts stand in groups by
slot capacity, so that a kernel reads each column once, in order. The mechanical layer writes borrowing tables and
peaks only.

Source: docs/design.md, the data.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import NamedTuple

import numpy as np

CAPACITIES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Slot capacities of account groups: an account stands in the smallest group that holds it."""

NEVER = -1
"""Day number of a clock that does not run."""

LAWS_RATE = -1
"""Stands for the law's substitute rate where a name has none of its own."""


class Column(NamedTuple):
    name: str
    dtype: str
    unit: str
    meaning: str


class Standing(IntEnum):
    """What a holding is to the loans of its account: the pool it secures, and at which collateral value."""

    ELSEWHERE = 0  # the person's own, in no pool: neither collateral nor sold by a firm
    FINANCED = 1  # bought on margin (신용), broker's pool, at the close
    PLEDGED = 2  # pledged (담보), broker's pool, at the close
    OTHER = 3  # other listed shares in the same account, broker's pool, at the substitute rate
    STOCK_LOAN = 4  # secures a stock loan of another lender (스탁론)
    UNSETTLED = 5  # bought and not yet paid for (미수)
    CFD = 6  # stands behind a contract for difference (차액결제거래)


class LoanKind(IntEnum):
    NONE = 0
    MARGIN = 1  # 신용거래융자
    PLEDGED = 2  # 예탁증권담보융자
    STOCK_LOAN = 3  # 스탁론
    UNSETTLED = 4  # 미수
    CFD = 5  # 차액결제거래: the part of the contract that is not margin


class Pool(IntEnum):
    """Loans that are tested together against the same collateral."""

    BROKER = 0
    STOCK_LOAN = 1
    CFD = 2


POOLS_WITHOUT_CONTRACTS = 2
"""Pools of a group in which nobody has a contract for difference: its accounts carry no clock for one."""


class Board(IntEnum):
    """Where an instrument trades."""

    KOSPI = 0
    KOSDAQ = 1
    US = 2


class Kind(IntEnum):
    STOCK = 0
    FUND = 1


AGE_BANDS = ("under 20", "20s", "30s", "40s", "50s", "60s", "70 and over")
SIZE_BANDS = ("under 1m", "1m-10m", "10m-30m", "30m-100m", "100m-300m", "300m-1bn", "1bn and over")
SIZE_EDGES_WON = (1_000_000, 10_000_000, 30_000_000, 100_000_000, 300_000_000, 1_000_000_000)

PLAIN = (
    Column("investor", "uint32", "number", "the person; key of every draw that concerns the person"),
    Column("age", "uint8", "band", "index into AGE_BANDS"),
    Column("cash_won", "int64", "won", "deposit at the broker"),
    Column("peak_won", "int64", "won", "highest net worth so far, adjusted for money in and out"),
    Column("wiped", "uint8", "flag", "1 once net worth fell to a tenth of its peak"),
)
HOLDINGS = (
    Column("instrument", "uint16", "row", "row in the instruments table; [slot, account]"),
    Column("quantity", "int32", "lots", "units held, 0 in a free slot; [slot, account]"),
)
BORROWING = (
    Column("investor", "int64", "number", "the person or the hash of an account id; key of the draws of the person"),
    Column("age", "uint8", "band", "index into AGE_BANDS"),
    Column("size", "uint8", "band", "index into SIZE_BANDS of net worth at the start"),
    Column("firm", "uint8", "class", "index into the law's firm classes"),
    Column("cash_won", "int64", "won", "cash in the account, trade-dated, collateral of the broker's pool"),
    Column("peak_account_won", "int64", "won", "highest net worth of the account so far"),
    Column("peak_investor_won", "int64", "won", "highest net worth of the person so far"),
    Column("residual_won", "int64", "won", "still owed after all was sold"),
    Column("sold_won", "int64", "won", "sold by force so far"),
    Column("ever", "uint8", "flags", "bits of outcomes.Ever"),
    Column("selling", "uint8", "flag", "1 where an order of the account stands"),
    Column("called_day", "int16", "day", "session of the running call, NEVER if none; [pool, account]"),
    Column("sale_day", "int16", "day", "session at whose open the firm sells, NEVER if none; [pool, account]"),
)
BORROWED_HOLDINGS = (
    *HOLDINGS,
    Column("standing", "uint8", "class", "records.columns.Standing; [slot, account]"),
    Column("order", "int32", "lots", "quantity the firm sells at the coming auction; [slot, account]"),
)
LOANS = (
    Column("loan_kind", "uint8", "class", "records.columns.LoanKind; [loan, account]"),
    Column("principal_won", "int64", "won", "owed, trade-dated: calls use it; [loan, account]"),
    Column(
        "settled_won",
        "int64",
        "won",
        "owed, settled: published balances are compared with it; of a CFD the value at entry; [loan, account]",
    ),
    Column("repaid_today_won", "int64", "won", "repaid by trades of this session, not settled; [loan, account]"),
    Column("repaid_yesterday_won", "int64", "won", "repaid by trades of the session before; [loan, account]"),
    Column("repaid_before_won", "int64", "won", "repaid by trades of two sessions ago, settles now; [loan, account]"),
    Column("opened", "int32", "date", "proleptic ordinal of the opening date; [loan, account]"),
    Column("interest_from", "int32", "date", "ordinal of the date to which interest is paid; [loan, account]"),
    Column("due", "int32", "date", "ordinal of the date it falls due; [loan, account]"),
    Column("financed", "uint16", "row", "instrument that the loan financed or chiefly secures; [loan, account]"),
)


MARKED = ("peak_won", "wiped")
"""Columns of plain accounts that a scenario writes."""


class Plain(NamedTuple):
    """One capacity group of plain accounts: ``n`` accounts, ``s`` slots."""

    investor: np.ndarray
    age: np.ndarray
    cash_won: np.ndarray
    peak_won: np.ndarray
    wiped: np.ndarray
    instrument: np.ndarray
    quantity: np.ndarray


class Borrowing(NamedTuple):
    """One capacity group of borrowing accounts: ``n`` accounts, ``s`` slots, ``k`` loans."""

    investor: np.ndarray
    age: np.ndarray
    size: np.ndarray
    firm: np.ndarray
    cash_won: np.ndarray
    peak_account_won: np.ndarray
    peak_investor_won: np.ndarray
    residual_won: np.ndarray
    sold_won: np.ndarray
    ever: np.ndarray
    selling: np.ndarray
    called_day: np.ndarray
    sale_day: np.ndarray
    instrument: np.ndarray
    quantity: np.ndarray
    standing: np.ndarray
    order: np.ndarray
    loan_kind: np.ndarray
    principal_won: np.ndarray
    settled_won: np.ndarray
    repaid_today_won: np.ndarray
    repaid_yesterday_won: np.ndarray
    repaid_before_won: np.ndarray
    opened: np.ndarray
    interest_from: np.ndarray
    due: np.ndarray
    financed: np.ndarray


_BORROWED = {c.name: np.dtype(c.dtype) for c in (*BORROWING, *BORROWED_HOLDINGS, *LOANS)}
_OWNED = {c.name: np.dtype(c.dtype) for c in (*PLAIN, *HOLDINGS)}
_SLOTTED = {c.name for c in BORROWED_HOLDINGS}
_LOANED = {c.name for c in LOANS}
_POOLED = {"called_day", "sale_day"}


def _allocate(
    dtypes: Mapping[str, np.dtype], accounts: int, slots: int, loans: int, pools: int
) -> Iterator[np.ndarray]:
    for name, dtype in dtypes.items():
        rows = slots if name in _SLOTTED else loans if name in _LOANED else pools if name in _POOLED else 0
        shape = (rows, accounts) if rows else (accounts,)
        # Zeros are given out by the system only where they are first written: by every thread its own, not here by one.
        yield np.full(shape, NEVER, dtype=dtype) if name in _POOLED else np.zeros(shape, dtype=dtype)


def plain_group(accounts: int, slots: int) -> Plain:
    """An empty group of plain accounts with ``slots`` slots each."""
    return Plain(*_allocate({name: _OWNED[name] for name in Plain._fields}, accounts, slots, 0, 0))


def borrowing_group(accounts: int, slots: int, loans: int, pools: int = POOLS_WITHOUT_CONTRACTS) -> Borrowing:
    """An empty group of borrowing accounts; clocks do not run, all else is zero.

    A group with contracts for difference has clocks for ``len(Pool)`` pools; kernels ask each group how many it has.
    """
    return Borrowing(*_allocate({name: _BORROWED[name] for name in Borrowing._fields}, accounts, slots, loans, pools))


def has_contracts(group: Borrowing) -> bool:
    """Whether accounts of the group can have contracts for difference."""
    return group.called_day.shape[0] > Pool.CFD.value


@dataclass(slots=True)
class Population:
    """All accounts of a country or a book. ``weight`` persons stand behind each row (``--scale 1/weight``)."""

    plain: list[Plain]
    borrowing: list[Borrowing]
    weight: int = 1

    def nbytes(self) -> int:
        return sum(a.nbytes for g in (*self.plain, *self.borrowing) for a in g)

    def accounts(self) -> int:
        return sum(g.investor.size for g in self.plain) + sum(g.investor.size for g in self.borrowing)


@dataclass(slots=True)
class Instruments:
    """The instruments table: one row each, at the state's date. Arrays are of length ``n``.

    ``price`` is an integer in 10 ** -price_digits of the currency (won: 0 digits, US dollar: 2). ``underlying_row``
    and ``underlying_board`` name what a fund follows: an instrument, or the index of a board; -1 where neither.
    """

    ticker: tuple[str, ...]
    name: tuple[str, ...]
    kind: np.ndarray = field(metadata={"column": Column("kind", "uint8", "class", "records.columns.Kind")})
    board: np.ndarray = field(metadata={"column": Column("board", "uint8", "class", "records.columns.Board")})
    group: np.ndarray = field(
        metadata={"column": Column("group", "uint8", "class", "margin stock group 0-2; 255 cannot be margined")}
    )
    currency: np.ndarray = field(metadata={"column": Column("currency", "uint8", "class", "0 won, 1 US dollar")})
    price_digits: np.ndarray = field(
        metadata={"column": Column("price_digits", "uint8", "digits", "decimals of price")}
    )
    price: np.ndarray = field(
        metadata={"column": Column("price", "int64", "scaled price", "close at the state's date")}
    )
    issued: np.ndarray = field(metadata={"column": Column("issued", "int64", "lots", "shares or fund units issued")})
    turnover_won: np.ndarray = field(
        metadata={"column": Column("turnover_won", "int64", "won a day", "mean value traded in a session")}
    )
    volatility: np.ndarray = field(
        metadata={"column": Column("volatility", "float64", "a day", "standard deviation of daily returns")}
    )
    underlying_row: np.ndarray = field(
        metadata={"column": Column("underlying_row", "int32", "row", "instrument that a fund follows, else -1")}
    )
    underlying_board: np.ndarray = field(
        metadata={"column": Column("underlying_board", "int8", "class", "board whose index a fund follows, else -1")}
    )
    halted: np.ndarray = field(metadata={"column": Column("halted", "uint8", "flag", "1 where trading is halted")})
    indexed: np.ndarray = field(
        metadata={"column": Column("indexed", "uint8", "flag", "1 where the name counts in its board's index")}
    )
    substitute_bps: np.ndarray = field(
        default_factory=lambda: np.zeros(0),
        metadata={"column": Column("substitute_bps", "int64", "bps", "substitute rate of the name; -1 for the law's")},
    )

    def __post_init__(self) -> None:
        if self.substitute_bps.size == 0:
            self.substitute_bps = np.full(len(self.ticker), LAWS_RATE)
        for f in fields(self):
            if column := f.metadata.get("column"):
                values = np.ascontiguousarray(getattr(self, f.name), dtype=column.dtype)
                assert values.shape == (len(self.ticker),), f"{f.name} has one value an instrument"
                setattr(self, f.name, values)

    def row(self, ticker: str) -> int:
        return self.ticker.index(ticker)
