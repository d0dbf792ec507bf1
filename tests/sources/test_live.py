"""The libraries are asked by their own names, and what they answer is read as a saved frame of theirs."""

import sys
from datetime import date
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from gaemi.errors import Refused
from gaemi.sources.live import ask, from_financedatareader, from_pykrx, is_live

pandas = pytest.importorskip("pandas")

FIRST, LAST = date(2024, 1, 2), date(2024, 1, 4)
DAYS = ["2024-01-02", "2024-01-03", "2024-01-04"]
# The second day is a halted one as both libraries write it: no open, high and low, no volume, the close carried.
BARS = {
    "open": [78200, 0, 76100],
    "high": [79800, 0, 77300],
    "low": [78200, 0, 76100],
    "close": [79600, 79600, 76600],
    "volume": [17142847, 0, 15324439],
}
CLOSES = [79600.0, 79600.0, 76600.0]


def frame(names: dict[str, str], index: str, **more: Any) -> Any:
    columns = {names[name]: values for name, values in BARS.items()} | more
    return pandas.DataFrame(columns, index=pandas.DatetimeIndex(DAYS, name=index))


class FinanceDataReader:
    """The one function of the library that is used, with its arguments."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    def DataReader(
        self, symbol: str, start: str, end: str, exchange: str | None = None, data_source: str | None = None
    ) -> Any:
        self.asked.append((symbol, start, end))
        if symbol == "999999":
            raise ValueError(f'"{symbol}" is not found')
        names = {name: name.title() for name in BARS}
        found = frame(names, "Date", Change=[0.014, 0.0, -0.0052])
        return found.iloc[:0] if symbol == "000000" else found


class Stock:
    """Two functions of ``pykrx.stock``: with two dates they look a ticker up day by day."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.names = {"open": "시가", "high": "고가", "low": "저가", "close": "종가", "volume": "거래량"}

    def get_market_ohlcv(self, *args: str, **kwargs: Any) -> Any:
        self.asked.append(args)
        assert not kwargs
        return pandas.DataFrame() if args[2] == "000000" else frame(self.names, "날짜", 등락률=[1.4, 0.0, -3.77])

    def get_index_ohlcv(self, *args: str, **kwargs: Any) -> Any:
        self.asked.append(args)
        assert {"name_display": False} == kwargs
        return frame(self.names, "날짜", 거래대금=[1, 1, 1], 상장시가총액=[1, 1, 1])


def test_finance_data_reader_is_asked_by_its_own_names() -> None:
    reader = FinanceDataReader()
    history = from_financedatareader(reader, ["005930", "KOSPI", "KQ11", "USDKRW", "KRW-BTC", "TQQQ"], FIRST, LAST)
    assert [
        (name, "2024-01-02", "2024-01-04") for name in ("005930", "KS11", "KQ11", "USD/KRW", "BTC/KRW", "TQQQ")
    ] == (reader.asked)
    assert ("005930", "KOSDAQ", "KOSPI", "KRW-BTC", "TQQQ", "USDKRW") == history.tickers
    assert CLOSES == history.window(["005930"], FIRST, LAST)[:, 0].tolist()


def test_pykrx_is_asked_for_stocks_and_for_indices() -> None:
    stock = Stock()
    history = from_pykrx(stock, ["005930", "1001", "KOSDAQ"], FIRST, LAST)
    assert [("20240102", "20240104", name) for name in ("005930", "1001", "2001")] == stock.asked
    assert ("005930", "KOSDAQ", "KOSPI") == history.tickers
    assert CLOSES == history.window(["KOSPI"], FIRST, LAST)[:, 0].tolist()


@pytest.mark.parametrize("library", ["fdr", "pykrx"])
def test_a_halted_day_stays_one(library: str) -> None:
    if library == "fdr":
        history = from_financedatareader(FinanceDataReader(), ["005930"], FIRST, LAST)
    else:
        history = from_pykrx(Stock(), ["005930"], FIRST, LAST)
    view = history.view(["005930"], FIRST, LAST)
    assert [False, True, False] == view.halted[:, 0].tolist()
    assert CLOSES == view.close[:, 0].tolist()


def test_every_name_that_is_not_answered_is_told() -> None:
    with pytest.raises(Refused) as refusal:
        from_financedatareader(FinanceDataReader(), ["999999", "005930", "000000"], FIRST, LAST)
    assert [
        'FinanceDataReader, 999999: must be answered, was ValueError: "999999" is not found; '
        "look at the name and the network",
        "FinanceDataReader, 000000: must have prices in the dates asked for, was no rows from 2024-01-02 to 2024-01-04",
    ] == [str(fault) for fault in refusal.value.faults]
    with pytest.raises(Refused, match="no rows from 2024-01-02"):
        from_pykrx(Stock(), ["000000"], FIRST, LAST)


def test_what_pykrx_does_not_hold_is_not_asked() -> None:
    stock = Stock()
    with pytest.raises(Refused) as refusal:
        from_pykrx(stock, ["005930", "USD/KRW", "TQQQ"], FIRST, LAST)
    assert ([], 2) == (stock.asked, len(refusal.value.faults))


def test_dates_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(Refused, match="the first day must not be after the last"):
        from_pykrx(Stock(), ["005930"], LAST, FIRST)


def test_a_source_names_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, stock = FinanceDataReader(), Stock()
    monkeypatch.setitem(sys.modules, "FinanceDataReader", reader)
    monkeypatch.setitem(sys.modules, "pykrx", ModuleType("pykrx"))
    monkeypatch.setitem(sys.modules, "pykrx.stock", stock)
    assert ("005930", "KOSPI") == ask("fdr:005930,KS11", FIRST, LAST).tickers
    assert ("005930", "KOSPI") == ask("pykrx:005930, 1001", FIRST, LAST).tickers
    assert (True, False, False) == (is_live("fdr:KS11"), is_live("prices.csv"), is_live(SimpleNamespace()))


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "FinanceDataReader", None)
    with pytest.raises(Refused) as refusal:
        ask("fdr:005930", FIRST, LAST)
    assert str(refusal.value) == (
        "fdr:005930: needs a library that is not installed, was no finance-datareader; "
        "pip install finance-datareader, or give a file"
    )


def test_a_question_without_names_and_dates_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        ask("fdr:", None, LAST)
    assert ["must say which prices are wanted", "prices of a library need a first and a last day"] == [
        fault.allowed for fault in refusal.value.faults
    ]
