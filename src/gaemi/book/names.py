"""Names: the instruments of a book, from its own table, a history of prices and the figures that ship."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from gaemi.days import is_session, session_on_or_before
from gaemi.errors import refuse
from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import NO_GROUP, SHIPPED_ON, Row, as_table, shipped_rows
from gaemi.records.book import BOARDS, CURRENCIES, KINDS
from gaemi.records.columns import LAWS_RATE, Board, Instruments, Kind
from gaemi.sources.account_words import is_option
from gaemi.sources.book.reader import BookTables
from gaemi.sources.prices import PriceHistory
from gaemi.sources.tickers import INDICES, USDKRW, canonical

DAYS_BACK = 7
"""A close this old is still today's: holidays of two countries differ, and a halted name keeps its last."""

STRICT_GROUP = 2
SESSIONS_OF_TURNOVER, SESSIONS_OF_VOLATILITY = 20, 60
FEWEST_SESSIONS = 10
MOST_NAMES = 65_535
"""As many rows as a table of instruments may have."""

MOST_TURNOVER_WON = 10**17
DIGITS = 6
FOREIGN = re.compile(r"[A-Z]+(?:[./-][A-Z]{1,2})?")
"""A ticker without a digit, with the letter of its class: BRK.B."""


@dataclass(slots=True)
class Names:
    """The instruments that the book holds, in order of ticker; ``row_of`` maps a code of the reader to a row, -1 none.

    ``issued`` is -1 where nobody said it; ``table_row`` is the row in the table of instruments, -1 where there is none.
    """

    instruments: Instruments
    row_of: np.ndarray
    issued: np.ndarray
    table_row: np.ndarray
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of a ticker: the instrument (0 issued where nobody says it), and what only the table says."""

    row: Row
    substitute_bps: int
    table_row: int


def date_of(asked: date | None, book: LawBook, history: PriceHistory | None, read: BookTables) -> date:
    """The book's date: the one asked for, the last of the prices, or that of the shipped closes. Raises Refused."""
    if asked is None and history is None:
        own = [name for name in ("instruments", "holdings") if read.tables[name].given("price")]
        if own:
            found = f"prices in the table of {own[0]} and no date"
            raise refuse("--on", found, "a book with its own prices needs its date", "give --on 2025-10-31")
        return SHIPPED_ON
    on = asked or session_on_or_before(max(history.dates if history is not None else (SHIPPED_ON,)))
    if on < book.begins:
        raise refuse("--on", str(on), f"the law begins on {book.begins}", "give that day or a later one")
    if not is_session(on):
        near = session_on_or_before(on)
        raise refuse("--on", str(on), "must be a day on which the exchange trades", f"the session before is {near}")
    return on


def names_of(read: BookTables, on: date, history: PriceHistory | None) -> Names:
    """Every instrument that accepted rows name and that has a price. Instruments that stand twice are rejected."""
    table = read.tables["instruments"]
    _reject_twice(read)
    tickers = read.words["ticker"]
    shipped = {row.ticker: row for row in shipped_rows()}
    _reject_currencies(read, shipped)
    place = {int(code): int(row) for row, code in enumerate(_codes(table)) if not table.bad[row]}
    priced = _prices_in_holdings(read)
    told, notes = [], []
    for code in _used(read):
        one = _told(
            tickers[code], place.get(code, -1), read, on, (history, shipped.get(tickers[code]), priced.get(code))
        )
        if one is not None:
            told.append((one, code))
    if len(told) > MOST_NAMES:
        raise refuse(read.source.words, f"{len(told):,} tickers", f"a book must name at most {MOST_NAMES:,}")
    told.sort(key=lambda pair: pair[0].row.ticker)
    row_of = np.full(len(tickers) + 1, -1, dtype=np.int32)  # the last place is that of no ticker
    for row, (_, code) in enumerate(told):
        row_of[code] = row
    listed = [one for one, _ in told]
    notes += _notes(listed)
    table_row = np.array([one.table_row for one in listed], np.int64)
    made = as_table(one.row for one in listed)
    made.substitute_bps = np.array([one.substitute_bps for one in listed], np.int64)
    return Names(made, row_of, np.where(made.issued > 0, made.issued, -1), table_row, notes)


def _codes(table: Any) -> np.ndarray:
    return table.column("ticker", -1)


def _used(read: BookTables) -> list[int]:
    """Codes of the tickers that accepted rows of holdings and loans name, ascending."""
    found = [
        np.unique(_codes(table)[~table.bad]) for table in (read.tables["holdings"], read.tables["loans"]) if table.read
    ]
    return [int(code) for code in np.unique(np.concatenate(found)) if code >= 0]


def _reject_twice(read: BookTables) -> None:
    """An instrument that stands in several rows is rejected in all of them, also where one has another fault."""
    table = read.tables["instruments"]
    codes = _codes(table)
    named = np.flatnonzero(codes >= 0)
    twice = named[pl.Series(codes[named]).is_duplicated().to_numpy()] if named.size else named
    found = [f"'{read.words['ticker'][int(code)]}'" for code in codes[twice]] if twice.size else ""
    table.reject(read.rejects, twice, "ticker", found, "an instrument must stand in one row of the table")


def _reject_currencies(read: BookTables, shipped: dict[str, Row]) -> None:
    """Rows whose currency is not that in which their ticker trades: what they say of its price would be misread."""
    table = read.tables["instruments"]
    words = np.where(table.bad, -1, table.column("board", -1))
    said = {int(code): BOARDS[word] for code, word in zip(_codes(table), words, strict=True) if word >= 0}
    boards = [_board(word, said.get(code, ""), shipped.get(word)) for code, word in enumerate(read.words["ticker"])]
    abroad = np.array([board == Board.US for board in (*boards, Board.KOSPI)])
    fit = np.array([unfit(word) is None for word in read.words["ticker"]] + [False])
    dollars = CURRENCIES.index("USD")
    for each in (table, read.tables["holdings"]):
        if not each.given("currency"):
            continue
        currency = each.values["currency"]
        codes = _codes(each)
        wrong = np.flatnonzero((currency >= 0) & ((currency == dollars) != abroad[codes]) & fit[codes] & ~each.bad)
        found = [f"'{CURRENCIES[code]}'" for code in currency[wrong]]
        allowed = "currency must be that in which the ticker trades: USD on the board US, else KRW"
        each.reject(read.rejects, wrong, "currency", found, allowed, "give the board in the table of instruments")


def _prices_in_holdings(read: BookTables) -> dict[int, float]:
    """The price that most rows of holdings give for a ticker. Rows that differ are rejected: all of them where no
    price stands in more rows than every other.
    """
    table = read.tables["holdings"]
    if not table.given("price"):
        return {}
    price = table.values["price"]
    frame = pl.DataFrame({"code": _codes(table), "price": price, "row": np.arange(price.size)})
    frame = frame.filter(pl.Series(~table.bad) & pl.col("price").is_finite())
    counts = frame.group_by("code", "price").len()
    most = pl.col("len") == pl.col("len").max().over("code")
    chosen = counts.filter(most).filter(pl.len().over("code") == 1)
    if counts.height > chosen.height:
        both = frame.join(chosen.rename({"price": "usual"}), on="code", how="left", maintain_order="left")
        wrong = both.filter(pl.col("price").ne_missing(pl.col("usual")))
        pairs = wrong.select("price", "usual").iter_rows()
        found = [f"{_plain(a)}, and {'others' if b is None else _plain(b)} in other rows" for a, b in pairs]
        allowed = "all rows of a ticker must give the same price"
        table.reject(read.rejects, wrong["row"].to_numpy(), "price", found, allowed)
    return dict(chosen.select("code", "price").iter_rows())


def _plain(price: float) -> str:
    return f"{price:,.4f}".rstrip("0").rstrip(".")


def unfit(ticker: str) -> tuple[str, str] | None:
    """What is allowed, and what to do, where a ticker names nothing that a book may hold; else None."""
    if ticker.isdigit() and len(ticker) < DIGITS:
        help = f"write it as text with its zeros: {ticker.zfill(DIGITS)}?"
        return f"the ticker of a Korean share must have {DIGITS} characters", help
    if ticker in INDICES or ticker.startswith("KRW-") or ticker.endswith("USDT") or is_option(ticker):
        return "a ticker must be of a share or a fund", "an index, a coin and an option are not held in this book"
    return None


def _told(
    ticker: str, row: int, read: BookTables, on: date, known: tuple[PriceHistory | None, Row | None, float | None]
) -> _Told | None:
    """What the table, the history, the shipped figures and the holdings say of a ticker; None without a price."""
    history, shipped, held_price = known
    if unfit(ticker) is not None:
        return None
    cell = _Cells(read, row)
    board = _board(ticker, cell.word("board", BOARDS), shipped)
    digits = 2 if board == Board.US else 0
    close, turnover, deviation, halted = _recorded(history, ticker, on)
    price = cell.number("price")
    for other in (close, held_price, shipped.price / 10**digits if shipped and on == SHIPPED_ON else None):
        price = other if price is None else price
    if price is None or not price > 0:
        return None
    shares = cell.whole("volume")
    if shares > 0:
        turnover = int(min(shares * price, MOST_TURNOVER_WON))
    if turnover <= 0 and shipped is not None:
        turnover = shipped.turnover_won
    percent = cell.number("volatility")
    deviation = percent / 100 if percent is not None else deviation
    if deviation <= 0 and shipped is not None:
        deviation = shipped.volatility
    kind = cell.word("kind", KINDS)
    group = cell.code("group")
    fallback = shipped.group if shipped else NO_GROUP if board == Board.US or kind == "fund" else STRICT_GROUP
    issued = cell.whole("issued")
    share = cell.number("substitute")
    flag = cell.code("halted")
    known_halt = halted or (shipped is not None and shipped.halted and on == SHIPPED_ON)
    instrument = Row(
        ticker=ticker,
        name=cell.text("name") or (shipped.name if shipped else ticker),
        board=board,
        kind=Kind[kind.upper()] if kind else shipped.kind if shipped else Kind.STOCK,
        group=fallback if group < 0 else group,
        price=max(1, round(price * 10**digits)),
        issued=issued if issued > 0 else shipped.issued if shipped else 0,
        turnover_won=max(1, turnover),
        volatility=deviation if turnover > 0 else 0.0,
        underlying=cell.underlying() or (shipped.underlying if shipped else ""),
        halted=bool(flag) if flag >= 0 else known_halt,
        retail_units=-1,
        retail_share_bps=0,
    )
    return _Told(instrument, LAWS_RATE if share is None else round(share * 100), row)


class _Cells:
    """The cells of one row of the table of instruments; nothing where there is no such row."""

    def __init__(self, read: BookTables, row: int) -> None:
        self.values, self.row, self.words = read.tables["instruments"].values, row, read.words

    def _cell(self, name: str) -> Any:
        return None if self.row < 0 or name not in self.values else self.values[name][self.row]

    def number(self, name: str) -> float | None:
        cell = self._cell(name)
        return None if cell is None or np.isnan(cell) else float(cell)

    def whole(self, name: str) -> int:
        cell = self._cell(name)
        return 0 if cell is None else int(cell)

    def code(self, name: str) -> int:
        cell = self._cell(name)
        return -1 if cell is None else int(cell)

    def word(self, name: str, words: tuple[str, ...]) -> str:
        code = self.code(name)
        return words[code] if code >= 0 else ""

    def text(self, name: str) -> str:
        return str(self._cell(name) or "")

    def underlying(self) -> str:
        code = self.code("underlying")
        return self.words["underlying"][code] if code >= 0 else ""


def _board(ticker: str, said: str, shipped: Row | None) -> Board:
    if said:
        return Board[said]
    if shipped is not None:
        return shipped.board
    return Board.US if FOREIGN.fullmatch(ticker) else Board.KOSPI


def _recorded(history: PriceHistory | None, ticker: str, on: date) -> tuple[float | None, int, float, bool]:
    """Close, mean won traded a session, deviation of daily log returns and whether it was halted, by the history."""
    name = canonical(ticker)
    if history is None or name not in history.tickers:
        return None, 0, 0.0, False
    close = None
    for back in range(DAYS_BACK + 1):
        close = history.close_on(name, on - timedelta(days=back))
        if close is not None:
            break
    column = history.tickers.index(name)
    until = int(np.searchsorted(np.array(history.dates, dtype="datetime64[D]"), np.datetime64(on, "D"), side="right"))
    closes, volumes = history.close[:until, column], history.volume[:until, column]
    there = np.flatnonzero(closes > 0)
    halted = bool(there.size and history.halted[there[-1], column])
    recent = there[-SESSIONS_OF_TURNOVER:]
    traded = closes[recent] * volumes[recent]
    turnover = int(np.nanmean(traded)) if recent.size >= FEWEST_SESSIONS and np.isfinite(traded).any() else 0
    moves = np.diff(np.log(closes[there[-SESSIONS_OF_VOLATILITY - 1 :]]))
    return close, turnover, float(moves.std()) if moves.size >= FEWEST_SESSIONS else 0.0, halted


def _notes(told: list[_Told]) -> list[str]:
    """What is not known of names, each kind once."""
    notes = []
    silent = [one.row.ticker for one in told if one.row.volatility <= 0 and one.row.board != Board.US]
    if silent:
        notes.append(f"no volume or no volatility is known of {_listed(silent)}: their sales move no price")
    strict = [one.row.ticker for one in told if one.table_row < 0 and one.row.group == STRICT_GROUP]
    if strict:
        notes.append(f"the margin group of {_listed(strict)} is not given: the strictest, or the shipped one, is used")
    return notes


def _listed(tickers: list[str]) -> str:
    shown = ", ".join(tickers[:5])
    return shown if len(tickers) <= 5 else f"{shown} and {len(tickers) - 5:,} more"


def won_per_dollar(book: LawBook, on: date, history: PriceHistory | None) -> float:
    """Won for one dollar on the date: recorded, else that of the law's table."""
    rate = history.close_on(USDKRW, on) if history is not None and USDKRW in history.tickers else None
    return float(book.value("people.won_per_dollar", on)) if rate is None else rate
