"""An invented book of a few hundred accounts with all that a book may hold, as four typed frames."""

from datetime import date

import polars as pl

ON = date(2025, 10, 31)
PRICES = {
    "005930": 107_500, "000660": 559_000, "035720": 65_100, "247540": 158_000, "111110": 8_230, "222220": 31_400,
    "122630": 41_365, "TQQQ": 58.04,
}  # fmt: skip
HOME = ("005930", "000660", "035720", "247540", "111110", "222220")
HALTED, FUND, ABROAD = "222220", "122630", "TQQQ"
KINDS = ("margin", "margin", "pledged", "stock_loan", "margin", "unsettled", "pledged")


def instruments() -> pl.DataFrame:
    """Own prices, a halted name, an own substitute rate, a fund that doubles the day of KOSPI, one share abroad."""
    rows = [
        {
            "ticker": ticker,
            "name": f"Name {ticker}",
            "board": "US" if ticker == ABROAD else "KOSDAQ" if ticker in ("247540", "111110") else "KOSPI",
            "kind": "fund" if ticker in (FUND, ABROAD) else "stock",
            "group": None if ticker in (FUND, ABROAD) else str(1 + place % 3),
            "substitute": 55.5 if ticker == "035720" else None,
            "price": float(price),
            "volume": 2_000 if ticker == "111110" else 3_000_000 + 7 * place,
            "volatility": 2.5 + place / 8,
            "issued": 40_000_000 + place,
            "halted": int(ticker == HALTED),
            "underlying": "KOSPI" if ticker == FUND else None,
        }
        for place, (ticker, price) in enumerate(PRICES.items())
    ]
    return pl.DataFrame(rows)


def book(count: int = 350) -> dict[str, pl.DataFrame]:
    """The four tables; no row of them is wrong. Ratios run from deeply under maintenance to far above it."""
    accounts, loans, holdings = [], [], []
    for i in range(count):
        name, ticker, kind = f"{i:05d}", HOME[i % len(HOME)], KINDS[i % len(KINDS)]
        accounts.append(
            {
                "account": name,
                "cash": (i % 4) * 250_000,
                "firm": ("standard", "banded", "two_stage", None)[i % 4],
                "segment": ("강남 지점", "online", "branch 7")[i % 3],
                "called": date(2025, 10, 30) if i % 11 == 0 else None,
                "grade": f"g{i % 5}",
            }
        )
        shares = 20 + (i * 37) % 900
        holdings.append({"account": name, "ticker": ticker, "quantity": shares, "standing": None})
        for other, every in ((ABROAD, 5), (FUND, 4), (HOME[(i + 2) % len(HOME)], 3)):
            if i % every == 0:
                holdings.append({"account": name, "ticker": other, "quantity": 1 + i % 60, "standing": None})
        if i % 9 == 0:
            holdings.append({"account": name, "ticker": ticker, "quantity": 5, "standing": "elsewhere"})
        if i % 8 == 7:
            continue  # owes nothing
        worth = round(shares * PRICES[ticker])
        loans.append(
            {
                "account": name,
                "principal": worth * 100 // (104 + (i * 29) % 130),
                "kind": kind,
                "ticker": None if kind == "pledged" else ticker,
                "quantity": shares if kind == "unsettled" or i % 2 else None,
                "opened": date(2025, 6 + i % 5, 1 + i % 28) if kind != "unsettled" else date(2025, 10, 30),
                "due": date(2026, 2, 27) if i % 10 == 3 else None,
            }
        )
    schema = {"called": pl.Date}
    tables = {"loans": pl.DataFrame(loans, infer_schema_length=None), "holdings": pl.DataFrame(holdings)}
    tables["holdings"] = tables["holdings"].with_columns(pl.col("standing").cast(pl.String))
    accounts_frame = pl.DataFrame(accounts, schema_overrides=schema, infer_schema_length=None)
    return {"accounts": accounts_frame, **tables, "instruments": instruments()}
