"""One stock's three sessions as the libraries of the trade write them."""

from datetime import date

from gaemi.errors import Refused
from gaemi.sources.prices import PriceHistory, read_prices

FIRST, LAST = date(2024, 1, 2), date(2024, 1, 4)

FINANCE_DATA_READER = """Date,Open,High,Low,Close,Volume,Change
2024-01-02,78200,79800,78200,79600,17142847,0.0140
2024-01-03,78500,78800,77000,77000,21753644,-0.0327
2024-01-04,76100,77300,76100,76600,15324439,-0.0052
"""
PYKRX = """날짜,시가,고가,저가,종가,거래량,등락률
2024-01-02,78200,79800,78200,79600,17142847,1.40
2024-01-03,78500,78800,77000,77000,21753644,-3.27
2024-01-04,76100,77300,76100,76600,15324439,-0.52
"""
YFINANCE = """Price,Close,High,Low,Open,Volume
Ticker,005930.KS,005930.KS,005930.KS,005930.KS,005930.KS
Date,,,,,
2024-01-02,79600,79800,78200,78200,17142847
2024-01-03,77000,78800,77000,78500,21753644
2024-01-04,76600,77300,76100,76100,15324439
"""
PYUPBIT = """,open,high,low,close,volume,value
2024-01-02 09:00:00,78200,79800,78200,79600,17142847,1
2024-01-03 09:00:00,78500,78800,77000,77000,21753644,1
2024-01-04 09:00:00,76100,77300,76100,76600,15324439,1
"""
LONG = """date,code,open,high,low,close,volume
20240102,005930,78200,79800,78200,79600,17142847
20240102,000660,141500,143800,139000,142400,2147458
20240103,005930,78500,78800,77000,77000,21753644
20240103,000660,139000,139400,135400,136400,3257820
20240104,005930,76100,77300,76100,76600,15324439
20240104,000660,134300,136900,133800,136100,2762107
"""
WIDE = """Date,005930,KS11,USD/KRW
2024-01-02,79600,2669.81,1299.0
2024-01-03,77000,2607.31,1308.9
2024-01-04,76600,2587.02,1309.5
"""
CLOSES = [79600.0, 77000.0, 76600.0]


def closes(history: PriceHistory, ticker: str = "005930") -> list[float]:
    return history.window([ticker], FIRST, LAST)[:, 0].tolist()


def faults_of(source: object, tickers: tuple[str, ...] = ("005930",)) -> list[str]:
    try:
        read_prices(source).view(tickers, FIRST, LAST)
    except Refused as refusal:
        return [str(fault) for fault in refusal.faults]
    raise AssertionError("this source was to be refused")
