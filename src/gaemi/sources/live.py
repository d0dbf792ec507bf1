"""Prices asked for from the libraries of the trade, FinanceDataReader and pykrx, as the histories that files give.

The libraries are handed in, or imported by name when a source as ``fdr:005930,KS11`` asks for them: gaemi itself never
needs them. What they answer is read like a saved frame of theirs, so that a halted day (open, high and low 0, and a
close) stays one, and nothing is filled. Both answer with prices adjusted for splits unless they are told otherwise.

Source: FinanceDataReader, ``DataReader(symbol, start, end)``; pykrx, ``stock.get_market_ohlcv(fromdate, todate,
ticker)`` and ``stock.get_index_ohlcv(fromdate, todate, ticker, name_display=False)``.
"""

import importlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from gaemi.errors import Fault, refuse
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.sources.tables import refuse_all
from gaemi.sources.tickers import KOREAN_CODE, KOSDAQ, KOSPI, USDKRW, Calendar, calendar_of, canonical

LIBRARIES = {
    "fdr": ("FinanceDataReader", "finance-datareader"),
    "pykrx": ("pykrx.stock", "pykrx"),
}
"""By prefix of a source: the module to import, and the package to install."""

_FDR_NAMES = {KOSPI: "KS11", KOSDAQ: "KQ11", USDKRW: "USD/KRW"}
_PYKRX_INDICES = {KOSPI: "1001", KOSDAQ: "2001"}
_PYKRX_CODES = {code: name for name, code in _PYKRX_INDICES.items()}


def is_live(source: Any) -> bool:
    """Whether ``source`` asks a library: ``fdr:...`` or ``pykrx:...``."""
    return isinstance(source, str) and source.partition(":")[0] in LIBRARIES and ":" in source


def ask(source: str, first: date | None, last: date | None) -> PriceHistory:
    """The prices that a source as ``fdr:005930,KS11`` or ``pykrx:005930,1001`` asks for, from ``first`` to ``last``.

    Raises :class:`gaemi.errors.Refused` where no dates or no names are given, where the library is not installed, and
    for names that it does not answer to.
    """
    prefix, _, names = source.partition(":")
    tickers = [name.strip() for name in names.split(",") if name.strip()]
    faults = []
    if not tickers:
        help = f"write {prefix}:005930,KOSPI"
        faults.append(Fault(source, "no name", "must say which prices are wanted", help))
    if first is None or last is None:
        help = "give --from 2024-01-02 --to 2024-12-30"
        faults.append(Fault(source, "no dates", "prices of a library need a first and a last day", help))
    refuse_all(faults)
    assert first is not None and last is not None, "refused above"
    module, package = LIBRARIES[prefix]
    try:
        library = importlib.import_module(module)
    except ImportError:
        help = f"pip install {package}, or give a file"
        raise refuse(source, f"no {package}", "needs a library that is not installed", help) from None
    return (from_financedatareader if prefix == "fdr" else from_pykrx)(library, tickers, first, last)


def from_financedatareader(reader: Any, symbols: Sequence[str], first: date, last: date) -> PriceHistory:
    """Prices of ``symbols`` from ``first`` to ``last``, both included; ``reader`` is the module FinanceDataReader.

    ``KOSPI``, ``KOSDAQ``, ``USDKRW`` and ``KRW-BTC`` are asked for by the names that the library has for them.

    Raises :class:`gaemi.errors.Refused` with every name that gives no rows or an error.
    """

    def answer(ticker: str) -> Any:
        name = _FDR_NAMES.get(ticker, ticker)
        if calendar_of(ticker) is Calendar.EVERY_DAY and name.startswith("KRW-"):
            name = name.removeprefix("KRW-") + "/KRW"
        return reader.DataReader(name, first.isoformat(), last.isoformat())

    return _asked("FinanceDataReader", answer, {canonical(symbol): symbol for symbol in symbols}, first, last)


def from_pykrx(stock_module: Any, tickers: Sequence[str], first: date, last: date) -> PriceHistory:
    """Prices of ``tickers`` from ``first`` to ``last``, both included; ``stock_module`` is ``pykrx.stock``.

    Stocks and funds by their codes; ``KOSPI`` and ``KOSDAQ``, or 1001 and 2001, are the indices.

    Raises :class:`gaemi.errors.Refused` with every name that it does not hold, or that gives no rows or an error.
    """
    wanted = {_PYKRX_CODES.get(ticker.strip(), canonical(ticker)): ticker for ticker in tickers}
    allowed = "pykrx holds Korean stocks and funds by code, KOSPI (1001) and KOSDAQ (2001)"
    refuse_all(
        [
            Fault("pykrx", f"'{told}'", allowed, "ask FinanceDataReader for it, as fdr:USD/KRW")
            for ticker, told in wanted.items()
            if ticker not in _PYKRX_INDICES and not KOREAN_CODE.fullmatch(ticker)
        ]
    )
    start, end = f"{first:%Y%m%d}", f"{last:%Y%m%d}"

    def answer(ticker: str) -> Any:
        if ticker in _PYKRX_INDICES:
            # The name of the index would cost a second question.
            return stock_module.get_index_ohlcv(start, end, _PYKRX_INDICES[ticker], name_display=False)
        return stock_module.get_market_ohlcv(start, end, ticker)

    return _asked("pykrx", answer, wanted, first, last)


def _asked(library: str, answer: Callable[[str], Any], wanted: dict[str, str], first: date, last: date) -> PriceHistory:
    """One question for each name, one after the other: the libraries ask that they be spared."""
    if first > last:
        raise refuse("dates", f"{first} to {last}", "the first day must not be after the last")
    frames: dict[str, Any] = {}
    faults: list[Fault] = []
    for ticker, told in wanted.items():
        try:
            frame = answer(ticker)
        except Exception as problem:  # whatever a library raises, the user is told of which name
            reason = f"{type(problem).__name__}: {problem}".splitlines()[0][:120]
            faults.append(Fault(f"{library}, {told}", reason, "must be answered", "look at the name and the network"))
            continue
        if frame is None or len(frame) == 0:
            found = f"no rows from {first} to {last}"
            faults.append(Fault(f"{library}, {told}", found, "must have prices in the dates asked for"))
        else:
            frames[ticker] = frame
    refuse_all(faults)
    return read_prices(frames)
