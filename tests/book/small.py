"""Small books made by hand: frames in, a result out."""

from typing import Any

import polars as pl

import gaemi
from gaemi.book.view import BookResult

ON = "2025-10-31"
SAMSUNG, HYNIX, HALTED = "005930", "000660", "111111"


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows with different keys as one frame; what a row lacks is null."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame([{name: row.get(name) for name in names} for row in rows], infer_schema_length=None)


def instruments(*rows: dict[str, Any]) -> pl.DataFrame:
    """Instruments on KOSPI, of group 1, traded enough that small sales move nothing."""
    plain = {"board": "KOSPI", "group": "1", "volume": 10**9, "volatility": 2.0}
    return frame([plain | row for row in rows])


def run(
    holdings: list[dict[str, Any]],
    loans: list[dict[str, Any]],
    accounts: list[dict[str, Any]] | None = None,
    names: pl.DataFrame | None = None,
    **options: Any,
) -> BookResult:
    """The result of a book of these rows at the shipped closes, or at the prices of ``names``."""
    source = {"holdings": frame(holdings), "loans": frame(loans)}
    if accounts is not None:
        source["accounts"] = frame(accounts)
    if names is not None:
        source["instruments"] = names
    return gaemi.book(source, on=ON, **({"firm": "standard"} | options))


def account(result: BookResult, name: str) -> dict[str, Any]:
    """The row of one account."""
    (row,) = result.frame.filter(pl.col("account") == name).to_dicts()
    return row


def mixed(count: int = 60) -> dict[str, list[dict[str, Any]]]:
    """Accounts whose ratios run from 105 to 220 %, with margin, pledged, stock loans and unsettled purchases."""
    accounts, holdings, loans = [], [], []
    tickers = (SAMSUNG, HYNIX, "035720", "247540")
    kinds = ("margin", "margin", "pledged", "stock_loan", "margin", "unsettled")
    prices = {SAMSUNG: 107_500, HYNIX: 559_000, "035720": 65_100, "247540": 158_000}
    for i in range(count):
        name, ticker, kind = f"M{i:03d}", tickers[i % 4], kinds[i % 6]
        shares = 100 + 37 * i
        ratio = 105 + (i * 29) % 115
        worth = shares * prices[ticker]
        accounts.append({"account": name, "cash": (i % 3) * 100_000, "segment": f"branch {i % 5}", "firm": "standard"})
        holdings.append({"account": name, "ticker": ticker, "quantity": shares})
        if i % 2:
            holdings.append({"account": name, "ticker": tickers[(i + 1) % 4], "quantity": 5 + i})
        loans.append(
            {
                "account": name, "ticker": ticker, "kind": kind, "principal": worth * 100 // ratio,
                "opened": "2025-09-01", "due": "2025-11-03" if kind == "unsettled" else None,
            }
        )  # fmt: skip
    return {"accounts": accounts, "holdings": holdings, "loans": loans}


def run_mixed(**options: Any) -> BookResult:
    """The result of the mixed book."""
    rows = mixed()
    return run(rows["holdings"], rows["loans"], rows["accounts"], **options)
