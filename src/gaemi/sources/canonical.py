"""What was read, written in one form that every command reads back: prices, capitalisations, balances, stock credit.

``prices.parquet`` holds names with whole bars; names of which a source gives only some of the fields are written to a
file of those, as ``prices_close.parquet``, because an empty cell in a column is a fault where an absent column is none.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from gaemi.sources.balances import COLUMNS, FIGURES, BalanceHistory
from gaemi.sources.series import FIELDS, Series
from gaemi.sources.stock_credit import StockCredit
from gaemi.sources.tables import as_date

BALANCES, CREDIT, CAPITALISATIONS = "balances.csv", "stock_credit.csv", "capitalisations.csv"
_HEADERS = {meaning: header for header, meaning in COLUMNS.items()} | {"margin_total_won": "margin_loan_total"}


def write_prices(series: Iterable[Series], folder: Path) -> list[str]:
    """Write one Parquet file for each set of fields that the names have; returns the names of the files.

    Each has the columns date, ticker and those of open, high, low, close and volume that are given.
    """
    by_fields: dict[tuple[str, ...], list[Series]] = {}
    for one in sorted(series, key=lambda one: one.ticker):
        by_fields.setdefault(tuple(name for name in FIELDS if name in one.given), []).append(one)
    names = []
    for given, members in sorted(by_fields.items()):
        name = "prices.parquet" if given == FIELDS else f"prices_{'_'.join(given)}.parquet"
        pl.concat(_frame(one, given) for one in members).write_parquet(folder / name)
        names.append(name)
    return sorted(names)


def _frame(series: Series, given: tuple[str, ...]) -> pl.DataFrame:
    columns = {
        "date": pl.Series(series.days.astype("datetime64[D]")),
        "ticker": pl.repeat(series.ticker, len(series.days), dtype=pl.String, eager=True),
    }
    columns |= {name: pl.Series(getattr(series, name), dtype=pl.Float64).fill_nan(None) for name in given}
    return pl.DataFrame(columns)


def write_capitalisations(values: Mapping[str, Mapping[np.datetime64, int]], folder: Path) -> list[str]:
    """Write the value of all shares of each market in won, by day; returns the name of the file, if any."""
    days = sorted({day for market in values.values() for day in market})
    if not days:
        return []
    columns: dict[str, list[object]] = {"date": [as_date(day) for day in days]}
    columns |= {f"{name.lower()}_mktcap_won": [market.get(day) for day in days] for name, market in values.items()}
    pl.DataFrame(columns).write_csv(folder / CAPITALISATIONS)
    return [CAPITALISATIONS]


def write_balances(history: BalanceHistory, folder: Path) -> list[str]:
    """Write the balances in won under their English headers; returns the name of the file."""
    columns: dict[str, list[object]] = {"date": [row.date for row in history.rows]}
    for name in FIGURES:
        values = [getattr(row, name) for row in history.rows]
        if any(value is not None for value in values):
            columns[_HEADERS[name]] = values
    pl.DataFrame(columns).write_csv(folder / BALANCES)
    return [BALANCES]


def write_credit(credit: StockCredit, folder: Path) -> list[str]:
    """Write the loans on single stocks in won and shares; returns the name of the file."""
    frame = credit.frame
    frame.select(name for name in frame.columns if frame[name].null_count() < frame.height).write_csv(folder / CREDIT)
    return [CREDIT]
