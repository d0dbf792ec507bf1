"""The words of an account file: its keys in English, Korean and broker interfaces, and what may stand there.

Every way in (a file, a mapping, a table, an option of the command) becomes the same nodes, so that one reader serves
all; a node's ``line`` is the number by which :class:`Places` finds the words for the place where it stands. A word
that cannot be read adds a fault and comes back as None.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gaemi.days import parse_date
from gaemi.errors import Refused, closest
from gaemi.law.lines import Faults, Node, pairs
from gaemi.sources.tickers import INDICES, KOREAN_CODE, Calendar, calendar_of, canonical
from gaemi.units import parse_won

MOST_WON = 10**15
MOST_UNITS = 10**10

ACCOUNT_KEYS: dict[str, tuple[str, ...]] = {
    "name": ("이름", "계좌명"),
    "on": ("date", "기준일", "기준일자", "날짜", "일자"),
    "firm": ("broker", "증권사", "회사"),
    "cash": ("예수금", "현금", "원화예수금", "dnca_tot_amt"),
    "dollars": ("usd", "달러", "외화예수금", "달러예수금"),
    "holdings": ("보유", "보유종목", "보유내역"),
    "loans": ("대출", "대출내역"),
    "positions": ("포지션", "선물"),
    "wallet": ("지갑", "교차증거금"),
    "cfd": ("차액결제거래",),
    "coin_loans": ("코인대출", "코인대여"),
    "sell_at": ("매도시각",),
    "margin": ("신용", "신용융자", "신용거래융자"),
    "goal": ("목표", "목표금액", "목표액"),
    "by": ("기한", "목표일", "목표일자"),
    "saving": ("저축", "월저축", "적립", "월적립"),
    "saving_into": ("적립종목", "저축종목"),
    "drift": ("drift_pct", "기대수익률"),
    "elsewhere": ("다른자산", "기타자산"),
}
HOLDING_KEYS: dict[str, tuple[str, ...]] = {
    "ticker": ("symbol", "code", "종목", "종목코드", "종목번호", "단축코드", "pdno"),
    "quantity": ("shares", "수량", "보유수량", "잔고수량", "hldg_qty"),
    "price": ("close", "현재가", "종가", "prpr"),
    "cost": ("매입가", "매입단가", "평균단가", "매입평균가", "평단가", "평단", "pchs_avg_pric"),
    "standing": ("구분", "담보구분"),
    "volatility": ("volatility_pct", "변동성"),
    "board": ("market", "시장"),
    "leverage": ("배수", "레버리지"),
    "underlying": ("기초자산", "기초지수"),
    "loan": ("신용", "신용금액", "대출", "대출금액", "대출금", "loan_amt"),
    "opened": ("since", "대출일", "대출일자", "신용일자", "loan_dt"),
    "due": ("만기", "만기일", "만기일자", "expd_dt"),
}
LOAN_KEYS: dict[str, tuple[str, ...]] = {
    "kind": ("종류", "대출종류"),
    "amount": ("won", "금액", "대출금액", "대출금", "loan_amt"),
    "on": ("ticker", "종목", "종목코드", "pdno"),
    "opened": ("since", "대출일", "대출일자", "loan_dt"),
    "due": ("만기", "만기일", "만기일자", "expd_dt"),
    "rolls": ("연장", "만기연장"),
}
KINDS = {
    "margin": ("credit", "신용", "신용융자", "신용거래융자"),
    "pledged": ("담보", "담보대출", "주식담보대출", "예탁증권담보융자"),
    "stock_loan": ("stockloan", "스탁론"),
}
STANDINGS = {
    "financed": ("margin", "신용", "융자"),
    "pledged": ("담보", "담보대출"),
    "other": ("own", "cash", "현금", "일반"),
    "stock_loan": ("stockloan", "스탁론"),
    "elsewhere": ("다른계좌", "타계좌", "타사"),
}
BOARDS = {
    "KOSPI": ("코스피", "유가증권"),
    "KOSDAQ": ("코스닥",),
    "US": ("nasdaq", "nyse", "나스닥", "뉴욕", "미국"),
}
FLAGS = {"true": ("yes", "예"), "false": ("no", "아니오", "아니요")}
NOT_TAKEN = {"unsettled", "미수", "cfd", "perpetual", "coin"}
"""Kinds of debt that exist and that an account file cannot hold yet."""

_PLAIN = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+")
_WON_MARKS = re.compile(r"₩|원|\bwon\b|krw", re.IGNORECASE)
_DOLLAR_MARKS = re.compile(r"\$|\busd\b|달러|불$", re.IGNORECASE)
_UNITS_OF_HOLDINGS = re.compile(r"\s*(?:주|좌|개|shares?|units?)$", re.IGNORECASE)
_NUMERALS = re.compile(r"[천백십만억조원주]+")
_MONEY_WORDS = {
    "k", "m", "mn", "b", "bn", "t", "tn", "thousand", "million", "billion", "trillion", "won", "krw", "usd", "달러",
    "share", "shares", "unit", "units",
}  # fmt: skip
_OPTIONS = (
    re.compile(r"[A-Z]{1,6}\s*\d{6}[CP]\d{2,8}"),  # the 21 characters of the Options Clearing Corporation, or fewer
    re.compile(r"(?<![0-9A-Z])[23][0-9A-Z]{2}[A-Z][1-9A-C]\d{3}(?![0-9A-Z])"),  # call 2, put 3, year, month, strike
    re.compile(r"(?<![0-9A-Z])5\d[A-Z]\d{3}(?![0-9A-Z])"),  # equity-linked warrant
    re.compile(r"-\d+-[CP](?![0-9A-Z])"),  # coin options
    re.compile(r"(?<![A-Z])(?:CALLS?|PUTS?|OPTIONS?|ELWS?)(?![A-Z])"),
    re.compile(r"(?<!커버드)콜|풋|옵션"),
)
_WRITE_PRICE = "write it as 71,000 or 7만1천원, in dollars as 20.48"


class Places(Faults):
    """Faults with the place of each in words: a line or row of a file by number, else the name that ``names`` gives."""

    def __init__(self, file: str, noun: str = "line", names: Sequence[str] = ()) -> None:
        super().__init__(file)
        self.noun, self.names = noun, list(names)
        self.order: list[int] = []

    def where(self, line: int) -> str:
        return self.names[line] if self.names else f"{self.file} {self.noun} {line}"

    def add(self, node: Node, allowed: str, found: str | None = None, help: str = "") -> None:
        super().add(node, allowed, found, help)
        self.order.append(node.line)

    def take(self, node: Node, problem: Refused, what: str, instead_of: str = "") -> None:
        """The faults of a reader of single words, with ``what`` the word is."""
        for fault in problem.faults:
            allowed = f"{what} {fault.allowed.removeprefix(instead_of).strip()}"
            self.add(node, allowed, fault.found, fault.help)

    def refuse(self) -> None:
        """Raise everything that was found, in the order of the input."""
        if self.found:
            by_line = sorted(zip(self.order, self.found, strict=True), key=lambda pair: pair[0])
            raise Refused(fault for _, fault in by_line)


def plain(key: str) -> str:
    """A key without what people write differently: capitals, spaces, hyphens, underscores."""
    return re.sub(r"[\s_-]", "", key).lower()


def aliases(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Every plain spelling, with the name that it stands for."""
    return {plain(word): name for name, others in words.items() for word in (name, *others)}


def named(
    node: Node, faults: Places, what: str, keys: Mapping[str, Sequence[str]], needed: Sequence[str] = ()
) -> dict[str, Node]:
    """The values of a map by their English keys; those left empty are not there.

    Unknown keys, two keys that mean the same, and missing ones are faults.
    """
    known = aliases(keys)
    found: dict[str, Node] = {}
    seen: dict[str, Node] = {}
    for key, value in pairs(node, faults, what):
        name = known.get(plain(key.raw))
        if name is None:
            near = closest(key.raw, [*keys, *(alias for others in keys.values() for alias in others)])
            faults.add(key, f"{what} has the keys {', '.join(keys)}", f"'{key.raw}'", near)
        elif name in seen:
            faults.add(key, f"{what} must name {name} once", f"'{key.raw}'", f"'{seen[name].raw}' says it already")
        else:
            seen[name] = key
            if value.kind != "word" or value.value is not None:
                # The name of the key gives the unit that the number then need not repeat.
                in_name = plain(key.raw).endswith("pct") and value.kind == "word" and "%" not in value.raw
                found[name] = replace(value, raw=f"{value.raw}%", value=f"{value.raw}%") if in_name else value
    for name in needed if node.kind == "map" else ():
        if name not in found:
            faults.add(node, f"{what} must have {name}", f"no {name}")
    return found


def spelled(value: Any) -> str:
    """A Python value as it would stand in a file; nothing is an empty text.

    >>> spelled(1.4e8), spelled(date(2025, 10, 31)), spelled(float("nan"))
    ('140000000', '2025-10-31', '')
    """
    if hasattr(value, "item"):  # a numpy number
        value = value.item()
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value == int(value) else format(Decimal(repr(value)), "f")
    return str(value).strip()


def is_word(token: str) -> bool:
    """Whether a token of an option is a word, not part of a number: ``elsewhere``, but neither ``won`` nor ``천만``."""
    letters = token.replace("_", "").replace("-", "")
    return letters.isalpha() and token.lower() not in _MONEY_WORDS and not _NUMERALS.fullmatch(token)


def text(node: Node, faults: Places, what: str) -> str | None:
    """The trimmed word, with the digits of a number as YAML reads it (``5_000`` is 5000)."""
    if node.kind != "word":
        faults.add(node, f"{what} must be one word or number")
        return None
    return str(node.value) if type(node.value) is int else " ".join(node.raw.split())


def money(node: Node, faults: Places, what: str, least: int = 0) -> int | None:
    """Whole won from ``least`` to :data:`MOST_WON`."""
    word = text(node, faults, what)
    if word is None:
        return None
    if _DOLLAR_MARKS.search(word):
        faults.add(node, f"{what} must be in won", f"'{word}'", "cash in dollars has a key of its own: dollars")
        return None
    try:
        won = parse_won(word)
    except Refused as problem:
        faults.take(node, problem, what, "money")
        return None
    if not least <= won <= MOST_WON:
        allowed = "must be above 0 won" if won < least else f"must be at most {MOST_WON:,} won"
        faults.add(node, f"{what} {allowed}")
        return None
    return won


def cents(node: Node, faults: Places, what: str) -> int | None:
    """Dollars as whole cents."""
    word = text(node, faults, what)
    dollars = None if word is None else number_of(_DOLLAR_MARKS.sub("", word).strip())
    if word is None:
        return None
    if dollars is None or dollars > MOST_WON or dollars * 100 != int(dollars * 100):
        faults.add(node, f"{what} must be dollars of 0 or more with at most two decimals", None, "write it as 1,234.50")
        return None
    return int(dollars * 100)


def quantity(node: Node, faults: Places) -> int | None:
    """Whole units above 0."""
    word = text(node, faults, "quantity")
    if word is None:
        return None
    body = _UNITS_OF_HOLDINGS.sub("", word).strip()
    number = None if _WON_MARKS.search(body) else number_of(body)
    if body.startswith(("-", "−")):
        faults.add(node, "quantity must be above 0", word, "short positions are not taken here")
    elif number is None:
        faults.add(node, "quantity must be a whole number of shares", f"'{word}'", "write it as 1000 or 1,000주")
    elif number > MOST_UNITS:
        faults.add(node, f"quantity must be at most {MOST_UNITS:,}", word)
    elif number != int(number):
        faults.add(node, "quantity must be whole shares", word, f"fractions of a share are not taken: {int(number)}?")
    elif number == 0:
        faults.add(node, "quantity must be above 0", word, "leave out what is not held any more")
    else:
        return int(number)
    return None


def number_of(body: str) -> Decimal | None:
    """A number of 0 or more with decimals, or with a word for its size: ``1,234.5``, ``2k``, ``3천``."""
    if body.isascii() and _PLAIN.fullmatch(body):
        return Decimal(body.replace(",", ""))
    try:
        return Decimal(parse_won(body))
    except Refused:
        return None


def in_won(ticker: str, board: str | None) -> bool:
    """Whether the price of a ticker is in won: what trades in Korea, coins against the won, and Korean names."""
    if board is not None:
        return board != "US"
    return bool(KOREAN_CODE.fullmatch(ticker)) or ticker.startswith("KRW-") or not ticker.isascii()


def price(node: Node, faults: Places, what: str, ticker: str, board: str | None) -> float | None:
    """The price of one unit in the currency of the ticker: whole won, or dollars with two decimals.

    What a unit cost is an average, and the price of a coin may be small: both may have any decimals.
    """
    word = text(node, faults, what)
    if word is None:
        return None
    won = in_won(ticker, board)
    foreign, own = (_DOLLAR_MARKS, _WON_MARKS) if won else (_WON_MARKS, _DOLLAR_MARKS)
    if foreign.search(word):
        faults.add(node, f"{what} of {ticker} must be in {'won' if won else 'dollars'}", f"'{word}'", _WRITE_PRICE)
        return None
    number = number_of(own.sub("", word).strip())
    is_coin = calendar_of(ticker) is Calendar.EVERY_DAY
    digits = None if what != "price" or is_coin else 0 if won else 2
    if number is None or number == 0:
        faults.add(node, f"{what} of {ticker} must be a number above 0", f"'{word}'", _WRITE_PRICE)
    elif number > MOST_WON:
        faults.add(node, f"{what} of {ticker} must be at most {MOST_WON:,}", word)
    elif digits is not None and number != round(number, digits):
        unit = "whole won" if won else "dollars with at most two decimals"
        faults.add(node, f"{what} of {ticker} must be {unit}", word)
    else:
        return float(number)
    return None


def amount(node: Node, faults: Places, what: str) -> float | None:
    """An amount of 0 or more in a currency that something else says."""
    word = text(node, faults, what)
    number = None if word is None else number_of(_DOLLAR_MARKS.sub("", _WON_MARKS.sub("", word)).strip())
    if word is not None and (number is None or number > MOST_WON):
        faults.add(node, f"{what} must be an amount of 0 or more", f"'{word}'", "write it as 5,000 or 5k")
        return None
    return None if number is None else float(number)


def factor(node: Node, faults: Places, what: str, unit: str, bounds: tuple[float, float]) -> float | None:
    """A number with a sign and a unit, between two bounds: ``-12.5%``, where the unit is needed, or ``2x``, not so."""
    word = text(node, faults, what)
    if word is None:
        return None
    body = re.sub(r"\s*(?:%|x|배)$", "", word.lower().replace("−", "-"))
    number = number_of(body.lstrip("+-").strip())
    least, most = bounds
    how = f"write it as 45{unit}" if unit == "%" else "write it as 2 or -1"
    if number is None or (unit == "%" and not word.endswith("%")):
        faults.add(node, f"{what} must be {'per cent a year' if unit == '%' else 'a number'}", f"'{word}'", how)
        return None
    value = float(-number if body.startswith("-") else number)
    if not least <= value <= most:
        faults.add(node, f"{what} must be from {least:g}{unit} to {most:g}{unit}", word)
        return None
    return value


def day(node: Node, faults: Places, what: str) -> date | None:
    """A date as ``2025-10-31`` or ``20251031``."""
    # A number keeps its digits here: 20251031 is one, and a date to us.
    word = text(node, faults, what)
    try:
        return None if word is None else parse_date(word)
    except Refused as problem:
        faults.take(node, problem, what)
        return None


def choice(node: Node, faults: Places, what: str, words: Mapping[str, Sequence[str]]) -> str | None:
    """One of a few words, in English or Korean, by its English name."""
    word = text(node, faults, what)
    if word is None:
        return None
    known = aliases(words)
    name = known.get(plain(word))
    if name is None and what == "kind" and plain(word) in NOT_TAKEN:
        faults.add(node, f"kind must be one of {', '.join(words)}", f"'{word}'", "other debts are not taken here")
    elif name is None:
        near = closest(plain(word), known)
        faults.add(node, f"{what} must be one of {', '.join(words)}", f"'{word}'", near)
    return name


def is_option(word: str) -> bool:
    """Whether a ticker or a line names an option contract or a warrant, by its code or in words."""
    return any(pattern.search(word.upper()) for pattern in _OPTIONS)


def ticker(node: Node, faults: Places, what: str = "ticker") -> str | None:
    """A ticker in its one spelling; whether it exists is not asked here.

    A number that has lost its zeros, an index, and an option contract are faults.
    """
    if node.kind != "word":
        faults.add(node, f"{what} must be one word")
        return None
    # The raw word keeps the zeros that YAML takes from a number.
    word = node.raw.strip().lstrip("'")
    name = canonical(word)
    if is_option(word):
        faults.add(node, f"{what} must be a share, a fund or a coin", f"'{word}'", "options are not modelled")
    elif not name:
        faults.add(node, f"{what} must be the code of what is held", "nothing")
    elif name.isdigit() and len(name) != 6:
        help = "write it in quotes, zeros included" + (f": '{name.zfill(6)}'?" if len(name) < 6 else "")
        faults.add(node, f"{what} of a Korean share must have six characters", word, help)
    elif name in INDICES:
        faults.add(node, f"{what} must be something that can be held", f"'{word}'", "name a fund that follows it")
    else:
        return name
    return None
