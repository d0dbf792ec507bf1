"""The holdings and loans of an account while they are read: maps of a file, rows of a table, or lines of text.

A line of text is what the options of the command take: ``005930 1000 @ 71000 cost 65000``, ``TSLL 300 elsewhere``,
``pledged 20m on 000660 since 2025-09-01``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from gaemi.law.lines import Node
from gaemi.sources import account_words as words
from gaemi.sources.account_coins import BARE, CoinLine, coin, coin_of
from gaemi.sources.account_words import Places
from gaemi.sources.tickers import canonical

_KIND_OF_STANDING = {"financed": "margin", "pledged": "pledged", "stock_loan": "stock_loan"}
_HOLDING_MARKS = words.aliases({"price": ("@",), "cost": ("매입가", "매입단가", "평균단가", "평단가", "평단")})
_LOAN_MARKS = words.aliases({"on": (), "opened": ("since", "대출일"), "due": ("만기", "만기일")})
_WRITE_HOLDING = "write it as '005930 1000 @ 71000 cost 65000'"
_WRITE_LOAN = "write it as '45m on 005930 since 2025-09-01' or 'pledged 20m on 000660'"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class HoldingLine:
    """One lot that the investor holds. ``price`` is of one unit today, ``cost`` what one unit cost, own currency.

    ``standing`` is "financed", "pledged", "other", "stock_loan" or "elsewhere"; ``board`` is "KOSPI", "KOSDAQ" or
    "US". None stands for what was not said: prices and standing are worked out later.
    """

    ticker: str
    quantity: int
    price: float | None = None
    cost: float | None = None
    standing: str | None = None
    volatility_pct: float | None = None
    board: str | None = None
    leverage: float | None = None
    underlying: str | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class LoanLine:
    """One loan: "margin", "pledged" or "stock_loan", its principal, and what it financed or what secures it."""

    kind: str
    won: int
    ticker: str | None = None
    opened: date | None = None
    due: date | None = None
    rolls: bool = True
    where: str = ""


class Lots:
    """The holdings and loans of one source. ``held`` are tickers that the account holds already.

    Faults are collected; a lot or loan with a fault is left out, and its ticker still counts as held, so that one
    mistake is not told twice.
    """

    def __init__(self, faults: Places, held: set[str]) -> None:
        self.faults, self.held = faults, held
        self.holdings: tuple[HoldingLine, ...] = ()
        self.coins: tuple[CoinLine, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.loans: tuple[LoanLine, ...] = ()
        self._named: list[tuple[Node, str]] = []
        self._opened: list[tuple[Node, date]] = []

    def holding(self, node: Node) -> None:
        """Take one holding, and the loan that stands in it if one does."""
        faults, where = self.faults, self.faults.where(node.line)
        found = _holding_of_text(node, faults) if node.kind == "word" else _holding_of_map(node, faults)
        if self._is_coin(found, where):
            return
        ticker = _read(found, "ticker", lambda word: words.ticker(word, faults))
        if ticker is not None:
            self.held.add(ticker)
        quantity = _read(found, "quantity", lambda word: words.quantity(word, faults))
        board = _read(found, "board", lambda word: words.choice(word, faults, "board", words.BOARDS))
        standing = _read(found, "standing", lambda word: words.choice(word, faults, "standing", words.STANDINGS))
        price = _read(found, "price", lambda word: words.price(word, faults, "price", ticker or "a holding", board))
        cost = _read(found, "cost", lambda word: words.price(word, faults, "cost", ticker or "a holding", board))
        volatility = _read(found, "volatility", lambda word: words.factor(word, faults, "volatility", "%", (0, 1000)))
        leverage = _read(found, "leverage", lambda word: words.factor(word, faults, "leverage", "", (-3, 3)))
        underlying = _read(found, "underlying", lambda word: words.text(word, faults, "underlying"))
        standing = self._loan_of_row(found, ticker, standing, where)
        if ticker is None or quantity is None:
            return
        name = None if underlying is None else canonical(underlying)
        self.holdings += (
            HoldingLine(ticker, quantity, price, cost, standing, volatility, board, leverage, name, where),
        )

    def _is_coin(self, found: Mapping[str, Node], where: str) -> bool:
        """Take the holding if it is of a coin."""
        named = found.get("ticker")
        name = coin_of(named.raw, "board" in found) if named is not None and named.kind == "word" else None
        if named is None or name is None:
            return False
        if any(line.ticker == name for line in self.coins):
            self.faults.add(named, "a coin must be named once", f"'{named.raw}'", "add the quantities up")
        if canonical(named.raw) in BARE:
            note = f"{named.raw} is taken for the coin {name}; for the fund of these letters say board: US"
            self.notes += (note,)
        self.held.add(name)
        line = coin(found, name, self.faults, where)
        self.coins += () if line is None else (line,)
        return True

    def _loan_of_row(self, found: dict[str, Node], ticker: str | None, standing: str | None, where: str) -> str | None:
        """Take the loan of a row of holdings, of the kind that its standing says. Returns the standing of the row."""
        if "loan" not in found:
            for key in ("opened", "due"):
                if key in found:
                    self.faults.add(found[key], f"{key} is a day of a loan", help="the holding names no loan")
            return standing
        kind = _KIND_OF_STANDING.get(standing or "financed")
        if kind is None:
            self.faults.add(found["loan"], f"a holding that is {standing} must have no loan")
            return standing
        won, opened, due = self._terms(found, "loan")
        if won is not None:
            self.loans += (LoanLine(kind, won, ticker, opened, due, where=where),)
        return standing or "financed"

    def loan(self, node: Node, is_margin: bool) -> None:
        """Take one loan; in a map the kind must be said, unless the list is that of margin loans."""
        faults = self.faults
        if node.kind == "word":
            found = _loan_of_text(node, faults)
        else:
            needed = ("amount",) if is_margin else ("kind", "amount")
            found = words.named(node, faults, "a loan", words.LOAN_KEYS, needed)
        kind = _read(found, "kind", lambda word: words.choice(word, faults, "kind", words.KINDS))
        if is_margin and kind not in ("margin", None):
            faults.add(found["kind"], "a loan under margin must be a margin loan", help="move it under loans")
        ticker = _read(found, "on", lambda word: words.ticker(word, faults, "on"))
        if ticker is not None:
            self._named.append((found["on"], ticker))
        rolls = _read(found, "rolls", lambda word: words.choice(word, faults, "rolls", words.FLAGS))
        won, opened, due = self._terms(found, "amount")
        if won is not None:
            where = faults.where(node.line)
            self.loans += (LoanLine(kind or "margin", won, ticker, opened, due, rolls != "false", where),)

    def _terms(self, found: dict[str, Node], amount: str) -> tuple[int | None, date | None, date | None]:
        """Principal, first day and last day of a loan."""
        won = _read(found, amount, lambda word: words.money(word, self.faults, "a loan", least=1))
        opened = _read(found, "opened", lambda word: words.day(word, self.faults, "opened"))
        due = _read(found, "due", lambda word: words.day(word, self.faults, "due"))
        if opened is not None:
            self._opened.append((found["opened"], opened))
            if due is not None and due <= opened:
                self.faults.add(found["due"], f"due must be after {opened}, when the loan was opened", str(due))
        return won, opened, due

    def check(self, on: date | None) -> None:
        """What can be said once the whole source is read: loans name what is held, and none begins after ``on``."""
        for node, ticker in self._named:
            if ticker not in self.held:
                held = ", ".join(sorted(self.held)) or "nothing"
                self.faults.add(node, "a loan must be on something that is held", f"'{ticker}'", f"held: {held}")
        for node, opened in self._opened:
            if on is not None and opened > on:
                self.faults.add(node, f"opened must not be after {on}, the day of the account", str(opened))


def _read(found: Mapping[str, Node], key: str, reader: Callable[[Node], Value | None]) -> Value | None:
    return reader(found[key]) if key in found else None


def _holding_of_map(node: Node, faults: Places) -> dict[str, Node]:
    return words.named(node, faults, "a holding", words.HOLDING_KEYS, ("ticker", "quantity"))


def _holding_of_text(node: Node, faults: Places) -> dict[str, Node]:
    """The fields of ``TICKER QUANTITY [@ PRICE] [cost PRICE] [STANDING]``."""
    if words.is_option(node.raw):
        faults.add(node, "a holding must be a share, a fund or a coin", f"'{node.raw}'", "options are not modelled")
        return {}
    tokens = node.raw.replace("@", " @ ").split()
    last = tokens[-1] if len(tokens) > 2 and words.is_word(tokens[-1]) else None
    found = _phrases(tokens[1:-1] if last else tokens[1:], "quantity", _HOLDING_MARKS)
    if found is None or "quantity" not in found:
        faults.add(node, "a holding must be a ticker and a quantity", f"'{node.raw}'", _WRITE_HOLDING)
        return {}
    found = {"ticker": tokens[0], **found, **({"standing": last} if last else {})}
    return {key: Node("word", node.line, text, text) for key, text in found.items()}


def _loan_of_text(node: Node, faults: Places) -> dict[str, Node]:
    """The fields of ``[KIND] AMOUNT [on TICKER] [since DATE] [due DATE]``."""
    tokens = node.raw.split()
    has_kind = tokens and words.is_word(tokens[0]) and words.plain(tokens[0]) not in _LOAN_MARKS
    kind = {"kind": tokens[0]} if has_kind else {}
    found = _phrases(tokens[len(kind) :], "amount", _LOAN_MARKS)
    if found is None or "amount" not in found:
        faults.add(node, "a loan must be an amount of won", f"'{node.raw}'", _WRITE_LOAN)
        return {}
    return {key: Node("word", node.line, text, text) for key, text in {**kind, **found}.items()}


def _phrases(tokens: Sequence[str], first: str, marks: Mapping[str, str]) -> dict[str, str] | None:
    """The tokens after each mark, joined, and those before any mark as ``first``; None where a mark stands twice or
    before nothing. The token after a mark is never a mark itself: ``45m on ON`` is a loan on ON Semiconductor."""
    found: dict[str, list[str]] = {first: []}
    current = found[first]
    for token in tokens:
        name = marks.get(words.plain(token))
        if name is None or (current is not found[first] and not current):
            current.append(token)
        elif name in found:
            return None
        else:
            current = found[name] = []
    if not found[first]:
        del found[first]
    return {name: " ".join(said) for name, said in found.items()} if all(found.values()) else None
