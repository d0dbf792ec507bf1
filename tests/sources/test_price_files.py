"""Histories as the libraries of the trade write them give one and the same bars."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sources.bars import (
    CLOSES,
    FINANCE_DATA_READER,
    FIRST,
    LAST,
    LONG,
    PYKRX,
    PYUPBIT,
    WIDE,
    YFINANCE,
    closes,
)

from gaemi.sources.prices import read_prices


@pytest.mark.parametrize("text", [FINANCE_DATA_READER, PYKRX, YFINANCE, PYUPBIT, LONG, WIDE])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_every_library_s_file_gives_the_same_closes(saved: Callable[..., Path], text: str, encoding: str) -> None:
    assert closes(read_prices(saved(text, encoding=encoding))) == CLOSES


@pytest.mark.parametrize("text", [FINANCE_DATA_READER, PYKRX, YFINANCE, PYUPBIT, LONG])
def test_every_library_s_file_gives_the_whole_bar(saved: Callable[..., Path], text: str) -> None:
    window = read_prices(saved(text)).view(["005930"], FIRST, LAST)
    assert [78200.0, 78500.0, 76100.0] == window.open[:, 0].tolist()
    assert [79800.0, 78800.0, 77300.0] == window.high[:, 0].tolist()
    assert [78200.0, 77000.0, 76100.0] == window.low[:, 0].tolist()
    assert [17142847.0, 21753644.0, 15324439.0] == window.volume[:, 0].tolist()
    assert not window.halted.any()


def test_parquet_and_tab_separated_files(saved: Callable[..., Path], tmp_path: Path) -> None:
    pl.read_csv(saved(LONG), schema_overrides={"code": pl.String}).write_parquet(tmp_path / "prices.parquet")
    assert closes(read_prices(tmp_path / "prices.parquet")) == CLOSES
    assert closes(read_prices(saved(LONG.replace(",", "\t"), "prices.tsv"))) == CLOSES


def test_frames_of_polars_and_pandas(saved: Callable[..., Path]) -> None:
    pandas = pytest.importorskip("pandas")
    long = pl.read_csv(saved(LONG), schema_overrides={"code": pl.String, "date": pl.String})
    assert closes(read_prices(long)) == CLOSES
    dated = pandas.read_csv(saved(FINANCE_DATA_READER), index_col="Date", parse_dates=True)
    assert closes(read_prices({"005930": dated})) == CLOSES
    assert closes(read_prices({"005930": dated.reset_index()})) == CLOSES
    wide = pandas.read_csv(saved(WIDE), index_col="Date", parse_dates=True)
    assert closes(read_prices(wide)) == CLOSES
    pairs = pandas.read_csv(saved(YFINANCE), header=[0, 1], index_col=0, parse_dates=True)
    assert closes(read_prices(pairs)) == CLOSES


def test_a_saved_frame_of_pairs_with_the_ticker_on_top(saved: Callable[..., Path]) -> None:
    lines = YFINANCE.splitlines()
    text = "\n".join([lines[1], lines[0], *lines[2:]]) + "\n"
    assert closes(read_prices(saved(text, "downloaded.csv"))) == CLOSES


def test_row_numbers_of_a_saved_frame_are_no_dates(saved: Callable[..., Path]) -> None:
    lines = LONG.splitlines()
    text = "\n".join(["," + lines[0], *(f"{row},{line}" for row, line in enumerate(lines[1:]))])
    assert closes(read_prices(saved(text))) == CLOSES


def test_tickers_are_text_and_one_name_has_one_spelling(saved: Callable[..., Path]) -> None:
    history = read_prices(saved(WIDE))
    assert history.tickers == ("005930", "KOSPI", "USDKRW")
    assert history.close_on("^KS11", FIRST) == 2669.81
    assert history.close_on("005930.KS", LAST) == 76600.0


def test_arrays_have_nan_where_there_is_no_row(saved: Callable[..., Path]) -> None:
    history = read_prices(saved(LONG.replace("20240103,000660,139000,139400,135400,136400,3257820\n", "")))
    assert history.tickers == ("000660", "005930")
    assert np.isnan(history.close).tolist() == [[False, False], [True, False], [False, False]]
    assert history.close_on("000660", date(2024, 1, 3)) is None


def test_thousands_are_written_with_commas(saved: Callable[..., Path]) -> None:
    text = 'Date,Close\n2024-01-02,"79,600"\n2024-01-03,"77,000"\n2024-01-04,"76,600"\n'
    assert closes(read_prices(saved(text))) == CLOSES


def test_capitalisations_are_whole_won(saved: Callable[..., Path]) -> None:
    text = "date,kospi_close,kospi_mktcap_trn_krw\n2024-01-02,2669.81,2147.223714\n2024-01-03,2607.31,\n"
    history = read_prices(saved(text, "index.csv"))
    assert history.capitalisation("KOSPI", FIRST) == 2_147_223_714_000_000
    assert history.capitalisation("KOSPI", date(2024, 1, 3)) is None
    assert history.capitalisation("KOSDAQ", FIRST) is None


def test_lines_of_source_above_the_header_are_passed_over(saved: Callable[..., Path]) -> None:
    assert closes(read_prices(saved("# Source: an exchange\n\n" + LONG))) == CLOSES


def test_a_halted_day_is_no_fault(saved: Callable[..., Path]) -> None:
    text = LONG.replace("20240103,005930,78500,78800,77000,77000,21753644", "20240103,005930,0,0,0,79600,0")
    window = read_prices(saved(text)).view(["005930"], FIRST, LAST)
    assert [False, True, False] == window.halted[:, 0].tolist()
    assert [79600.0, 79600.0, 76600.0] == window.close[:, 0].tolist()
    assert np.isnan(window.open[:, 0]).tolist() == [False, True, False]
