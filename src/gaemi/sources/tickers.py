"""One spelling for every name: tickers as the libraries of the trade write them, and the calendar each trades on.

Tickers are text: ``005930`` keeps its zeros. Indices are ``KOSPI`` and ``KOSDAQ``, the exchange rate is ``USDKRW``
(won per dollar), coins quoted in won are ``KRW-BTC``.
"""

import re
from enum import Enum

KOSPI = "KOSPI"
KOSDAQ = "KOSDAQ"
USDKRW = "USDKRW"
INDICES = (KOSPI, KOSDAQ, USDKRW)
"""What a shock or a replay may always name beside single tickers: two indices and one exchange rate."""

KOREAN_CODE = re.compile(r"\d{4}[0-9A-HJ-NP-TV-Z][0-9KLMN]")
"""Short code of a listed issue: digits, since 2024 with letters in the fifth and sixth place."""

_FOREIGN = re.compile(r"[A-Z]{1,5}(?:[.-][A-Z])?")
_COIN = re.compile(r"KRW-[A-Z0-9]{1,10}|[A-Z0-9]{1,10}USDT")
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
    base, _, quote = text.partition("/" if "/" in text else "-")
    if quote == "KRW":
        return f"KRW-{base}"
    if base == "KRW" and quote:
        return f"KRW-{quote}"
    if quote == "USDT":
        return f"{base}USDT"
    return text


def is_ticker(name: str) -> bool:
    """Whether ``name`` reads as a ticker: a Korean code, an index, a foreign ticker in capitals, or a coin."""
    text = canonical(name)
    if text in INDICES or KOREAN_CODE.fullmatch(text) or _COIN.fullmatch(text):
        return True
    return name.strip() == text and _FOREIGN.fullmatch(text) is not None


def calendar_of(ticker: str) -> Calendar:
    """The calendar on which a ticker in canonical spelling trades."""
    if ticker == USDKRW:
        return Calendar.CURRENCY
    if ticker in INDICES or KOREAN_CODE.fullmatch(ticker):
        return Calendar.KOREA
    if _COIN.fullmatch(ticker):
        return Calendar.EVERY_DAY
    return Calendar.US
