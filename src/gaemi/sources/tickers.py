"""One spelling for every name: tickers as the libraries of the trade write them, and the calendar each trades on.

Tickers are text: ``005930`` keeps its zeros. Indices are ``KOSPI`` and ``KOSDAQ``, the exchange rate is ``USDKRW``
(won per dollar), coins quoted in won are ``KRW-BTC``.
"""

import re
from enum import Enum

KOSPI = "KOSPI"
KOSDAQ = "KOSDAQ"
USDKRW = "USDKRW"
BITCOIN = "BTC"
"""The coin that others move with."""

DOLLAR_COINS = ("USDT", "USDC")
"""Coins that are redeemed at a dollar: they do not move with bitcoin."""

INDICES = (KOSPI, KOSDAQ, USDKRW)
"""What a shock or a replay may always name beside single tickers: two indices and one exchange rate."""

KOREAN_CODE = re.compile(r"\d{4}[0-9A-HJ-NP-TV-Z][0-9KLMN]")
"""Short code of a listed issue: digits, since 2024 with letters in the fifth and sixth place."""

_FOREIGN = re.compile(r"[A-Z]{1,5}(?:[.-][A-Z])?")
_WON_COIN = re.compile(r"KRW-[A-Z0-9]{1,10}")
_DOLLAR_COIN = re.compile(r"[A-Z0-9]{1,10}USDT")
_COIN = re.compile(f"{_WON_COIN.pattern}|{_DOLLAR_COIN.pattern}")
_SETTLED = re.compile(r":[A-Z0-9]+$")
_KOREAN_COINS = {
    "비트코인": "BTC",
    "이더리움": "ETH",
    "리플": "XRP",
    "엑스알피": "XRP",
    "솔라나": "SOL",
    "도지코인": "DOGE",
    "에이다": "ADA",
    "테더": "USDT",
    "루나": "LUNA",
    "테라": "LUNA",
}
"""Coins as Korean venues name them; the Korean word alone means the price in won."""
_ALIASES = {
    "KS11": KOSPI,
    "^KS11": KOSPI,
    "코스피": KOSPI,
    "코스피지수": KOSPI,
    "KQ11": KOSDAQ,
    "^KQ11": KOSDAQ,
    "코스닥": KOSDAQ,
    "코스닥지수": KOSDAQ,
    "USD/KRW": USDKRW,
    "KRW/USD": USDKRW,
    "USD-KRW": USDKRW,
    "KRW=X": USDKRW,
    "USDKRW=X": USDKRW,
    "원달러": USDKRW,
    "환율": USDKRW,
}


class Calendar(Enum):
    """On which days a name has a price."""

    KOREA = "sessions of the Korean exchange"
    CURRENCY = "business days of the Seoul foreign exchange market"
    US = "sessions of the US exchanges"
    EVERY_DAY = "every day"


def canonical(name: str) -> str:
    """The one spelling of ``name``; a name that is not known comes back trimmed and in capitals.

    >>> canonical("005930.KS"), canonical("^KS11"), canonical("BTC/KRW")
    ('005930', 'KOSPI', 'KRW-BTC')
    """
    text = name.strip().upper()
    if text in _ALIASES:
        return _ALIASES[text]
    head, _, market = text.partition(".")
    if market in ("KS", "KQ") and KOREAN_CODE.fullmatch(head):
        return head
    if text.startswith("A") and KOREAN_CODE.fullmatch(text[1:]):
        return text[1:]
    if text in _KOREAN_COINS:
        return f"KRW-{_KOREAN_COINS[text]}"
    # ccxt names a perpetual after its settlement coin: BTC/USDT:USDT.
    pair = _SETTLED.sub("", text)
    base, _, quote = pair.partition(next((sign for sign in "/-_" if sign in pair), "-"))
    base, quote = _KOREAN_COINS.get(base, base), _KOREAN_COINS.get(quote, quote)
    if quote == "KRW":
        return f"KRW-{base}"
    if base == "KRW" and quote:
        return f"KRW-{quote}"
    if quote == "USDT":
        return f"{base}USDT"
    if base == "USDT" and quote:
        return f"{quote}USDT"
    return text


def is_ticker(name: str) -> bool:
    """Whether ``name`` reads as a ticker: a Korean code, an index, a foreign ticker in capitals, or a coin."""
    text = canonical(name)
    if text in INDICES or KOREAN_CODE.fullmatch(text) or _COIN.fullmatch(text):
        return True
    return name.strip() == text and _FOREIGN.fullmatch(text) is not None


def is_won_coin(ticker: str) -> bool:
    """Whether a ticker in canonical spelling is a coin quoted in won."""
    return _WON_COIN.fullmatch(ticker) is not None


def is_dollar_coin(ticker: str) -> bool:
    """Whether a ticker in canonical spelling is a coin quoted in USDT."""
    return _DOLLAR_COIN.fullmatch(ticker) is not None


def coin_of(name: str) -> str:
    """The coin behind any spelling of a price of it; a name that is no price of a coin comes back in capitals.

    >>> coin_of("KRW-BTC"), coin_of("btc/usdt"), coin_of("비트코인"), coin_of("BTC")
    ('BTC', 'BTC', 'BTC', 'BTC')
    """
    text = canonical(name)
    if is_won_coin(text):
        return text.removeprefix("KRW-")
    return text.removesuffix("USDT") if is_dollar_coin(text) else text


def calendar_of(ticker: str) -> Calendar:
    """The calendar on which a ticker in canonical spelling trades."""
    if ticker == USDKRW:
        return Calendar.CURRENCY
    if ticker in INDICES or KOREAN_CODE.fullmatch(ticker):
        return Calendar.KOREA
    if _COIN.fullmatch(ticker):
        return Calendar.EVERY_DAY
    return Calendar.US
