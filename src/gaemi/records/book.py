"""The tables of a book: what a firm may hand over about its accounts, column by column.

``docs/reference/book.md`` is generated from here, the reader checks by it and ``gaemi book --template`` writes it.
"""

from dataclasses import dataclass
from enum import Enum


class Cell(Enum):
    """What may stand in a cell."""

    ID = "text that names one account"
    TEXT = "any text"
    TICKER = "ticker: 005930, TQQQ"
    UNITS = "whole number of 0 or more"
    SHARES = "whole number above 0"
    WON = "whole won of 0 or more"
    DEBT = "whole won above 0"
    PRICE = "number above 0"
    SHARE = "per cent from 0 to 100"
    DATE = "date as 2025-10-31 or 20251031"
    WORD = "one of a few words"
    FLAG = "0 or 1, true or false, Y or N"


@dataclass(frozen=True, slots=True)
class BookColumn:
    """One column of a table: its name, what may stand in it, its unit, and what it means where it is left out."""

    name: str
    cell: Cell
    unit: str
    meaning: str
    required: bool = False
    words: tuple[str, ...] = ()
    largest: int = 10**15


CURRENCIES = ("KRW", "USD")
LOAN_KINDS = ("margin", "pledged", "stock_loan", "unsettled", "cfd")
POOLS = ("broker", "stock_loan", "cfd")
STANDINGS = ("financed", "pledged", "other", "stock_loan", "unsettled", "elsewhere", "cfd")
BOARDS = ("KOSPI", "KOSDAQ", "US")
KINDS = ("stock", "fund")
GROUPS = ("1", "2", "3")
MOST_SHARES = 2_000_000_000
MOST_ISSUED = 10**13

_ACCOUNT = BookColumn("account", Cell.ID, "text", "the account; the same text in every table", required=True)

ACCOUNTS = (
    _ACCOUNT,
    BookColumn("cash", Cell.WON, "won", "deposit, trade-dated; 0 where left out"),
    BookColumn("firm", Cell.TEXT, "class", "firm class of the law, or the broker's name; --firm where left out"),
    BookColumn("segment", Cell.TEXT, "text", "branch, channel, grade: totals are given by it"),
    BookColumn("called", Cell.DATE, "date", "day of the call that runs; none where left out"),
    BookColumn("sale", Cell.DATE, "date", "session at whose opening the firm sells; by the law's clock where left out"),
    BookColumn("currency", Cell.WORD, "code", "of the cash; KRW where left out", words=CURRENCIES[:1]),
)
LOANS = (
    _ACCOUNT,
    BookColumn("principal", Cell.DEBT, "won", "owed, trade-dated, without interest", required=True),
    BookColumn("kind", Cell.WORD, "class", "margin where left out", words=LOAN_KINDS),
    BookColumn("pool", Cell.WORD, "class", "tested together; that of the kind where left out", words=POOLS),
    BookColumn("ticker", Cell.TICKER, "ticker", "what it financed or is on; the one holding that can be, if left out"),
    BookColumn(
        "quantity", Cell.SHARES, "shares", "of the ticker; all that is held where left out", largest=MOST_SHARES
    ),
    BookColumn("entry_price", Cell.PRICE, "won", "of a contract for difference (cfd): price at entry"),
    BookColumn("margin", Cell.WON, "won", "of a cfd: put down at entry; the law's least share where left out"),
    BookColumn("opened", Cell.DATE, "date", "interest runs from it; the book's date where left out"),
    BookColumn("due", Cell.DATE, "date", "end of the term; opening plus the law's term where left out"),
    BookColumn("rate_class", Cell.TEXT, "text", "carried through; interest is the law's for the kind"),
    BookColumn("currency", Cell.WORD, "code", "KRW where left out", words=CURRENCIES[:1]),
)
HOLDINGS = (
    _ACCOUNT,
    BookColumn("ticker", Cell.TICKER, "ticker", "what is held", required=True),
    BookColumn("quantity", Cell.SHARES, "shares", "held, financed ones included", required=True, largest=MOST_SHARES),
    BookColumn("standing", Cell.WORD, "class", "what it is to the loans; from the loans if left out", words=STANDINGS),
    BookColumn("price", Cell.PRICE, "price", "close, where no other table gives one; the same in all rows of a ticker"),
    BookColumn("loan", Cell.WON, "won", "a loan on this row, in place of a row in the table of loans"),
    BookColumn("opened", Cell.DATE, "date", "of that loan"),
    BookColumn("due", Cell.DATE, "date", "of that loan"),
    BookColumn("currency", Cell.WORD, "code", "of the price; the ticker's where left out", words=CURRENCIES),
)
INSTRUMENTS = (
    BookColumn("ticker", Cell.TICKER, "ticker", "the instrument", required=True),
    BookColumn("name", Cell.TEXT, "text", "shown beside the ticker"),
    BookColumn("board", Cell.WORD, "class", "where it trades; KOSPI for a Korean code if unknown", words=BOARDS),
    BookColumn("kind", Cell.WORD, "class", "stock where left out", words=KINDS),
    BookColumn("group", Cell.WORD, "class", "margin group of the firm; the strictest where unknown", words=GROUPS),
    BookColumn("substitute", Cell.SHARE, "per cent", "of its value as other collateral; the law's where left out"),
    BookColumn("price", Cell.PRICE, "price", "close of the book's date; of --prices where left out"),
    BookColumn("volume", Cell.UNITS, "shares a day", "mean traded; no impact where unknown", largest=MOST_ISSUED),
    BookColumn("volatility", Cell.SHARE, "per cent a day", "standard deviation; of --prices where left out"),
    BookColumn("issued", Cell.UNITS, "shares", "listed; needed for the share of float", largest=MOST_ISSUED),
    BookColumn("halted", Cell.FLAG, "flag", "1 where trading is halted; 0 where left out"),
    BookColumn("underlying", Cell.TICKER, "ticker", "what a fund follows: KOSPI, KOSDAQ or a ticker"),
    BookColumn("currency", Cell.WORD, "code", "that of the board where left out", words=CURRENCIES),
)
TABLES = {"accounts": ACCOUNTS, "loans": LOANS, "holdings": HOLDINGS, "instruments": INSTRUMENTS}
"""Only holdings are needed; their account, ticker and quantity are enough."""

ROW = (
    ("account", "text", "text", "the account, as its tables name it"),
    ("segment", "text", "text", "as given"),
    ("firm", "text", "class", "firm class whose rules were used"),
    ("loans_won", "int64", "won", "principal of loans in pools"),
    ("unsettled_won", "int64", "won", "owed for unsettled purchases, in no pool"),
    ("collateral_won", "int64", "won", "collateral value of the pools, cash of the broker's included"),
    ("holdings_won", "int64", "won", "value of all that is held, without cash"),
    ("ratio_pct", "float64", "per cent", "collateral ratio of the pool nearest to its call, rounded down to 0.01"),
    ("shortfall_won", "int64", "won", "missing to maintenance, all pools"),
    ("trigger_fall_pct", "float64", "per cent", "common fall at which it is still safe; below 0: the rise it needs"),
    ("rank", "int64", "number", "1 is nearest to its call; ties by account"),
    ("called", "date", "date", "day of the running call"),
    ("due", "date", "date", "session at whose opening the firm sells if nobody pays"),
    ("due_won", "int64", "won", "sold that morning at yesterday's closes, if nobody pays"),
    ("sold_won", "int64", "won", "sold by force in the scenario"),
    ("residual_won", "int64", "won", "still owed when all is sold, in the scenario"),
    ("outcome", "text", "class", "worst of the scenario: outcomes.Outcome"),
)
"""Columns of the table of accounts that a run writes, one row an account; null where an account owes nothing."""
