"""Portfolio: of what an investor says, prices and law make an account of the engine, or every reason why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from gaemi.account.cfd import contract_for_difference, holders_note
from gaemi.account.coin_loans import CoinLoan
from gaemi.account.coins import coin_tickers, shipped_marks
from gaemi.account.lots import Debt, Lot
from gaemi.account.never import never_closing
from gaemi.account.request import Request
from gaemi.days import session_on_or_before
from gaemi.errors import Fault, Refused, closest, refuse
from gaemi.kernels.tables import FIRM_CLASSES, STRICTEST_FIRM
from gaemi.law.firms import STRICTEST, firm_class
from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import NO_GROUP, SHIPPED_ON, Row, shipped_rows
from gaemi.records.columns import Board, Kind, LoanKind, Standing
from gaemi.sources.accounts import (
    AccountFile,
    CoinLine,
    HoldingLine,
    LoanLine,
    account_of_options,
    read_account,
    with_options,
)
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.sources.tickers import KOREAN_CODE, USDKRW

STANDINGS = {
    "financed": Standing.FINANCED,
    "pledged": Standing.PLEDGED,
    "other": Standing.OTHER,
    "stock_loan": Standing.STOCK_LOAN,
    "elsewhere": Standing.ELSEWHERE,
}
LOAN_KINDS = {"margin": LoanKind.MARGIN, "pledged": LoanKind.PLEDGED, "stock_loan": LoanKind.STOCK_LOAN}
SECURES = {"margin": Standing.FINANCED, "pledged": Standing.PLEDGED, "stock_loan": Standing.STOCK_LOAN}

LAST_YEAR = 2200
DAYS_BACK = 7
"""A close this old is still today's: holidays of two countries differ."""

STRICT_GROUP = 2
"""A Korean share that no table knows is taken for one of the group with the highest deposit."""

Marks = Mapping[str, float]

WON_NOTE, DOLLAR_NOTE = "WON", "USD"
LARGEST_LOT = 2_000_000_000
WON_A_LARGE_NOTE = 1_000_000
CENTS_OF_NOTES = (10_000, 100, 1)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """An investor's account on a date, checked against prices and law."""

    file: AccountFile
    book: LawBook
    on: date
    firm: str
    lots: tuple[Lot, ...]
    debts: tuple[Debt, ...]
    cash_won: int
    won_per_dollar: float
    history: PriceHistory | None
    prices_words: str
    notes: tuple[str, ...] = ()
    coin_loans: tuple[CoinLoan, ...] = ()

    @property
    def firm_row(self) -> int:
        return STRICTEST_FIRM if self.firm == STRICTEST else FIRM_CLASSES.index(self.firm)

    @property
    def things(self) -> tuple[Lot, ...]:
        """The lots that are no money."""
        return tuple(lot for lot in self.lots if not lot.is_money)

    def name_of(self, ticker: str) -> str:
        return next((lot.name for lot in self.lots if lot.ticker == ticker), ticker)


@dataclass(slots=True)
class Found:
    """Faults and notes on the way."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def told_account(request: Request) -> AccountFile:
    """The account of the file with the options laid over it. Raises Refused."""
    asked = (request.holding, request.loan, request.cash, request.goal, request.by, request.saving, request.firm)
    if request.file is None:
        return account_of_options(*asked)
    return with_options(read_account(request.file), *asked)


def portfolio(
    request: Request, book: LawBook, told: AccountFile | None = None, marks: Marks | None = None
) -> Portfolio:
    """The account that the request tells, or ``told``, on its date. Raises Refused with every fault.

    ``marks`` are prices of coins by ticker, and of the dollar, where neither the account nor a history tells them.
    """
    file = told_account(request) if told is None else told
    source = request.prices if request.prices is not None else request.replay if is_source(request.replay) else None
    history = read_prices(source) if source is not None else None
    on = _date_of(request, file, history)
    if on.year >= LAST_YEAR:
        raise refuse("--on", str(on), f"must be before {LAST_YEAR}")
    if on < book.begins:
        raise refuse("--on", str(on), f"the law begins on {book.begins}", "give that day or a later one")
    if file.by is not None and file.by <= on:
        raise refuse("--by", str(file.by), f"must come after the prices' date {on}", "a goal in the past cannot be met")
    found = Found(notes=list(file.notes))
    shipped = {row.ticker: row for row in shipped_rows()}
    if marks is None:
        marks = shipped_marks(file, book, on) if history is None else {}
    rate = _rate(book, on, history, marks)
    lots = [_lot(line, book, on, history, shipped, found) for line in file.holdings]
    if found.faults:
        raise Refused(found.faults)
    known = [lot for lot in lots if lot is not None]

    def named(line: HoldingLine) -> Lot | None:
        return _lot(line, book, on, history, shipped, found)

    bought = _bought(file, known, book, on, history, shipped, found)
    debts = [debt for line in file.loans if (debt := _debt(line, book, on, known, found)) is not None]
    placed = _standings(known, file.holdings, debts)
    _check_debts(debts, placed, book, on, found)
    pairs = [contract_for_difference(line, book, on, named(line.holding), found.faults) for line in file.cfds]
    found.notes += holders_note(book, on) if pairs else []
    if found.faults:
        raise Refused(found.faults)
    firm = firm_class(book, file.firm, on)
    behind, owed = [pair[0] for pair in pairs if pair is not None], [pair[1] for pair in pairs if pair is not None]
    closes = {ticker: close for ticker in coin_tickers(file) if (close := _close(history, ticker, on)) is not None}
    known_to = history.tickers if history is not None else ()
    never, lent = never_closing(file, dict(marks) | closes, known_to, book, on, found.faults, found.notes)
    money = [*never, *_money(file.dollars_cents, DOLLAR_NOTE), *_money(file.elsewhere_won, WON_NOTE)]
    if not (placed or behind or bought or money):
        # The engine needs an instrument even where all is cash: a note of which there is none.
        money = [no_holding()]
    return Portfolio(
        file, book, on, firm, (*placed, *behind, *bought, *money), (*debts, *owed), file.cash_won, rate, history,
        _prices_words(file, history, on), tuple(found.notes), lent,
    )  # fmt: skip


def no_holding() -> Lot:
    """A note of which there is none."""
    return Lot(WON_NOTE, "won", Board.KOSPI, False, NO_GROUP, 0, 1, 0, Standing.ELSEWHERE, is_money=True)


def is_source(replay: Any) -> bool:
    """Whether ``--replay`` names prices and not an episode."""
    from pathlib import Path

    return replay is not None and (not isinstance(replay, str) or Path(replay).exists())


def _date_of(request: Request, file: AccountFile, history: PriceHistory | None) -> date:
    """The date asked for, the file's, the last on which the history prices every holding, or the shipped prices'."""
    if request.on is not None and file.on is not None and request.on != file.on and request.replay is None:
        found = f"{request.on}, and {file.on} in {file.origin}"
        raise refuse("--on", found, "the file says another date", "change one of the two")
    asked = request.on or file.on
    if asked is not None:
        return asked
    if history is None:
        return SHIPPED_ON
    held: tuple[HoldingLine | CoinLine, ...] = (*file.holdings, *file.coins)
    last = [history.last_day(line.ticker) for line in held if line.ticker in history.tickers]
    return session_on_or_before(min(last)) if last else session_on_or_before(max(history.dates))


def _prices_words(file: AccountFile, history: PriceHistory | None, on: date) -> str:
    held: tuple[HoldingLine | CoinLine, ...] = (*file.holdings, *file.coins)
    given = [line for line in held if line.price is not None]
    if held and len(given) == len(held):
        return "prices as given"
    source = "closes of the given history" if history is not None else "closes that ship with gaemi"
    return f"{source}, and prices as given" if given else source


def _rate(book: LawBook, on: date, history: PriceHistory | None, marks: Marks) -> float:
    recorded = _close(history, USDKRW, on) or marks.get(USDKRW)
    if recorded is not None:
        return recorded
    return float(book.value("people.won_per_dollar", on))


def _close(history: PriceHistory | None, ticker: str, on: date) -> float | None:
    """The last close on or shortly before the date."""
    if history is None or ticker not in history.tickers:
        return None
    for back in range(DAYS_BACK + 1):
        close = history.close_on(ticker, on - timedelta(days=back))
        if close is not None:
            return close
    return None


def close_before(history: PriceHistory, ticker: str, day: date) -> float | None:
    """Of a name that trades abroad the last close before a Korean session; of the won's rate that of the day."""
    return _close(history, ticker, day if ticker == USDKRW else day - timedelta(days=1))


def _lot(
    line: HoldingLine, book: LawBook, on: date, history: PriceHistory | None, shipped: dict[str, Row], found: Found
) -> Lot | None:
    """The holding with what is known of its ticker; a fault where nothing is, or where it has no price."""
    row = shipped.get(line.ticker)
    recorded = history is not None and line.ticker in history.tickers
    told = line.price is not None and line.volatility_pct is not None
    if row is None and not recorded and not told:
        known = [*shipped, *(history.tickers if history is not None else ())]
        allowed = "must be a ticker of the shipped prices or of --prices"
        help = closest(line.ticker, known) or "for another name give its price and volatility, or --prices"
        found.faults.append(Fault(line.where, f"'{line.ticker}'", allowed, help))
        return None
    board = Board[line.board] if line.board else row.board if row else _board(line.ticker)
    price = line.price
    if price is None:
        price = _close(history, line.ticker, on)
    if price is None and row is not None and on == SHIPPED_ON:
        price = row.price / (100 if board == Board.US else 1)
    if price is None or price <= 0:
        allowed = f"{line.ticker} must have a price on {on}"
        help = f"write it after an @, give --prices with that day, or use the shipped prices of {SHIPPED_ON}"
        found.faults.append(Fault(line.where, "no price", allowed, help))
        return None
    leverage, underlying = _fund(line, book, on, row)
    is_fund = leverage is not None or (row is not None and row.kind == Kind.FUND)
    group = row.group if row is not None else NO_GROUP if is_fund or board == Board.US else STRICT_GROUP
    if row is None and group == STRICT_GROUP:
        found.notes.append(
            f"{line.ticker}: its stock group is not known; the strictest, with a deposit of 60 %, is used"
        )
    digits = 2 if board == Board.US else 0
    return Lot(
        line.ticker, row.name if row else line.ticker, board, is_fund, group, digits, max(1, round(price * 10**digits)),
        line.quantity, Standing.OTHER, line.cost, line.volatility_pct, leverage, underlying,
    )  # fmt: skip


def _bought(
    file: AccountFile,
    lots: Sequence[Lot],
    book: LawBook,
    on: date,
    history: PriceHistory | None,
    shipped: dict[str, Row],
    found: Found,
) -> tuple[Lot, ...]:
    """An empty lot for what savings buy: own shares of the account, in no loan."""
    if file.saving_into is None:
        return ()
    held = next((lot for lot in lots if lot.ticker == file.saving_into), None)
    if held is None:
        line = HoldingLine(ticker=file.saving_into, quantity=0, where=f"{file.origin}, saving_into")
        held = _lot(line, book, on, history, shipped, found)
    return () if held is None else (replace(held, quantity=0, standing=Standing.OTHER, cost=None),)


def _board(ticker: str) -> Board:
    return Board.KOSPI if KOREAN_CODE.fullmatch(ticker) else Board.US


def _fund(line: HoldingLine, book: LawBook, on: date, row: Row | None) -> tuple[float | None, str]:
    """Daily leverage and what is followed: as the holding says, else by law; None for what is no such fund."""
    if line.leverage is not None:
        return line.leverage, line.underlying or (row.underlying if row else "")
    by_law = book.value("funds.leverage", on).get(line.ticker)
    if by_law is None:
        return None, ""
    return float(by_law), str(book.value("funds.underlying", on).get(line.ticker) or "")


def _debt(line: LoanLine, book: LawBook, on: date, lots: Sequence[Lot], found: Found) -> Debt | None:
    """The loan and what it rests on: the ticker it names, else the only holding that can be."""
    kind = LOAN_KINDS[line.kind]
    ticker = line.ticker
    if ticker is None:
        fits = [lot for lot in lots if _can_secure(lot, line.kind)]
        if len(fits) != 1:
            had = ", ".join(lot.ticker for lot in fits) or "none"
            allowed = f"a {line.kind} loan must say which holding it is on where there is not exactly one that can be"
            found.faults.append(Fault(line.where, f"holdings that can be: {had}", allowed, 'write "45m on 005930"'))
            return None
        ticker = fits[0].ticker
    opened = line.opened or on
    if opened > on:
        found.faults.append(Fault(line.where, str(opened), f"a loan must be opened on or before {on}"))
        return None
    days = int(book.value("margin.term", on))
    due = line.due or opened + timedelta(days=days)
    if line.due is not None and line.due <= on:
        allowed = f"a loan must be due after {on}"
        found.faults.append(Fault(line.where, str(line.due), allowed, "leave 'due' out where it was extended"))
        return None
    while due <= on:
        due += timedelta(days=days)
    return Debt(kind, line.won, ticker, opened, due, line.rolls, days, line.where)


def _can_secure(lot: Lot, kind: str) -> bool:
    if lot.foreign or lot.quantity == 0:
        return False
    return lot.group != NO_GROUP if kind == "margin" else True


def _standings(lots: Sequence[Lot], lines: Sequence[HoldingLine], debts: Sequence[Debt]) -> tuple[Lot, ...]:
    """What each holding is to the loans: as said, else financed or pledged where a loan is on it, else other."""
    names = {kind: name for name, kind in LOAN_KINDS.items()}
    placed = []
    for lot, line in zip(lots, lines, strict=True):
        standing = STANDINGS[line.standing] if line.standing else None
        if standing is None:
            on_it = [SECURES[names[debt.kind]] for debt in debts if debt.ticker == lot.ticker]
            standing = on_it[0] if on_it else Standing.OTHER
        placed.append(replace(lot, standing=standing))
    return tuple(placed)


def _check_debts(debts: Sequence[Debt], lots: Sequence[Lot], book: LawBook, on: date, found: Found) -> None:
    """A loan must rest on something that firms lend on."""
    names = {kind: name for name, kind in LOAN_KINDS.items()}
    for debt in debts:
        kind = names[debt.kind]
        held = [lot for lot in lots if lot.ticker == debt.ticker]
        bad = next((lot for lot in held if not _can_secure(lot, kind)), None)
        if bad is not None:
            why = "overseas shares" if bad.foreign else "leveraged and other funds"
            allowed = f"firms make no {kind} loan on {why}"
            help = "say what the money was borrowed against, or leave the loan out and count it as cash owed elsewhere"
            found.faults.append(Fault(debt.where, debt.ticker, allowed, help))
        elif held and not any(lot.standing == SECURES[kind] for lot in held):
            allowed = f"what a {kind} loan is on must stand as {SECURES[kind].name.lower()}"
            help = "leave 'standing' out and it will"
            found.faults.append(Fault(debt.where, f"{debt.ticker} as {held[0].standing.name.lower()}", allowed, help))
    margin = sum(debt.won for debt in debts if debt.kind == LoanKind.MARGIN)
    most = int(book.value("margin.customer_limit", on))
    if margin > most:
        found.notes.append(f"margin loans of {margin:,} won are more than the {most:,} won that one customer may owe")


def _money(units: int, ticker: str) -> tuple[Lot, ...]:
    """Money outside the pool as holdings whose price never moves: dollars in cents, won elsewhere, both in notes.

    The unit value of a cent is rounded to 1024ths of a won; large notes keep that from adding up.
    """
    abroad = ticker == DOLLAR_NOTE
    name, board, digits = ("US dollars", Board.US, 2) if abroad else ("won elsewhere", Board.KOSPI, 0)
    standing = Standing.OTHER if abroad else Standing.ELSEWHERE
    found, left = [], units
    for size in CENTS_OF_NOTES if abroad else (WON_A_LARGE_NOTE, 1):
        count, left = divmod(left, size)
        if count:
            note = f"{ticker}-{size}"
            found.append(Lot(note, name, board, False, NO_GROUP, digits, size, count, standing, is_money=True))
    return tuple(found)
