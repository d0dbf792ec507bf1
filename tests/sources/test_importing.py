"""Files told apart by header, and written so that every reader finds what was read."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sources.bars import FINANCE_DATA_READER, LONG, PYKRX, WIDE, YFINANCE
from sources.exports import CREDIT, FLOWS, workbook
from sources.test_stock_credit import API, OURS

from gaemi.errors import Refused
from gaemi.sources.balances import FIGURES, read_balances
from gaemi.sources.importing import Imported, import_files
from gaemi.sources.prices import PriceHistory, read_prices
from gaemi.sources.series import FIELDS
from gaemi.sources.stock_credit import read_stock_credit

KINDS = {
    "fdr/005930.csv": (FINANCE_DATA_READER, "prices", 3, "as quoted"),
    "pykrx/005930.csv": (PYKRX, "prices", 3, "as quoted"),
    "yfinance.csv": (YFINANCE, "prices", 3, "as quoted"),
    "long.csv": (LONG, "prices", 6, "as quoted"),
    "flows.csv": (FLOWS, "balances", 3, "million won"),
    "credit.csv": (CREDIT, "balances", 3, "million won"),
    "stocks.csv": (OURS, "stock credit", 6, "won"),
    "005930.json": (json.dumps({"output": API}), "stock credit", 3, "10 thousand won"),
}


def faults_of(*paths: Path) -> list[str]:
    with pytest.raises(Refused) as refusal:
        import_files(paths)
    return [str(fault) for fault in refusal.value.faults]


def written(imported: Imported, folder: Path) -> Path:
    folder.mkdir()
    names = imported.write(folder)
    assert sorted(names) == sorted(path.name for path in folder.iterdir())
    return folder


def same_prices(one: PriceHistory, other: PriceHistory) -> None:
    assert [series.ticker for series in one.series] == [series.ticker for series in other.series]
    for a, b in zip(one.series, other.series, strict=True):
        assert a.given == b.given
        np.testing.assert_array_equal(a.days, b.days)
        for name in FIELDS:
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert one.capitalisations == other.capitalisations


def figures(history: object) -> list[tuple[object, ...]]:
    return [(row.date, *(getattr(row, name) for name in FIGURES)) for row in history]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_file_is_told_by_its_header(tmp_path: Path, name: str, encoding: str) -> None:
    text, kind, rows, unit = KINDS[name]
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode("utf-8" if name.endswith("json") else encoding))
    (told,) = import_files([path]).files
    assert (path.name, kind, rows, (unit,)) == (told.name, told.kind, told.rows, told.units)
    assert (date(2024, 1, 2), date(2024, 1, 4)) == (told.first, told.last)


def test_what_is_written_is_read_back_the_same(saved: Callable[..., Path], tmp_path: Path) -> None:
    names = {"long.csv": LONG, "wide.csv": WIDE, "flows.csv": FLOWS, "credit.csv": CREDIT, "stocks.csv": OURS}
    names["index.csv"] = "date,kospi_close,kospi_mktcap_trn_krw\n2024-01-02,2669.81,2147.223714\n2024-01-03,2607.31,\n"
    imported = import_files([saved(text, name) for name, text in names.items()])
    folder = written(imported, tmp_path / "out")
    assert {"prices.parquet", "prices_close.parquet", "capitalisations.csv", "balances.csv", "stock_credit.csv"} == {
        path.name for path in folder.iterdir()
    }
    assert imported.prices and imported.balances and imported.credit
    again = read_prices(folder)
    same_prices(PriceHistory(tuple(sorted(again.series, key=lambda one: one.ticker)), again.capitalisations),
                imported.prices)  # fmt: skip
    assert figures(imported.balances) == figures(read_balances(folder))
    assert imported.credit.frame.equals(read_stock_credit(folder).frame)
    second = import_files([folder])
    assert imported.document["series"] == second.document["series"]
    assert ((), ()) == (second.faults, second.skipped)


@pytest.mark.parametrize("name", [
    "kofia_margin_deposits_forced_sales_daily.csv", "kr_stocks_ohlcv_2020_2025.csv", "kr_index_daily.csv",
    "us_stock_letf_ohlc_2010_2025.csv", "kr_rates_fx_daily.csv",
])  # fmt: skip
def test_recorded_histories_are_read_back_the_same(shared_data: Path, tmp_path: Path, name: str) -> None:
    imported = import_files([shared_data / name])
    folder = written(imported, tmp_path / "out")
    if imported.balances is not None:
        assert figures(read_balances(shared_data / name)) == figures(read_balances(folder))
    else:
        assert imported.prices is not None
        read = read_prices(shared_data / name)
        same_prices(PriceHistory(tuple(sorted(read.series, key=lambda one: one.ticker)), read.capitalisations),
                    read_prices(folder))  # fmt: skip


def test_gaps_of_the_record_are_told_and_not_filled(shared_data: Path) -> None:
    imported = import_files([shared_data / "kofia_margin_deposits_forced_sales_daily.csv"])
    lines = {line.name: line for line in imported.lines}
    assert [
        "no row from 2011-07-01 to 2011-12-29, 126 sessions",
        "no row from 2018-10-01 to 2018-12-28, 62 sessions",
    ] == [str(gap) for gap in lines["margin_kospi_won"].gaps if gap.sessions > 1]
    assert imported.balances is not None
    assert imported.balances.rows == read_balances(shared_data / "kofia_margin_deposits_forced_sales_daily.csv").rows


def test_gaps_of_each_kind(saved: Callable[..., Path]) -> None:
    third = "2024-01-03"
    prices = "".join(line for line in LONG.splitlines(True) if not line.startswith("20240103,005930"))
    balances = (
        "date,margin_loan_kospi,securities_backed_loan\n2024-01-02,200,\n2024-01-04,200,400\n2024-01-05,200,400\n"
    )
    credit = "".join(line for line in OURS.splitlines(True) if not line.startswith("2024-01-03,2024-01-05,000660"))
    coins = "date,ticker,close\n2024-01-05,KRW-BTC,5\n2024-01-08,KRW-BTC,5\n"
    texts = {"prices.csv": prices, "balances.csv": balances, "credit.csv": credit, "coins.csv": coins}
    imported = import_files([saved(text, name) for name, text in texts.items()])
    found = {line.name: [str(gap) for gap in line.gaps] for line in imported.lines if line.gaps}
    assert found == {
        "005930": [f"no row on {third}"],
        "margin_kospi_won": [f"no row on {third}"],
        "000660": [f"no row on {third}"],
        "KRW-BTC": ["no row from 2024-01-06 to 2024-01-07, 2 sessions"],
    }


def test_sessions_are_those_of_the_index_and_a_hole_in_it_is_a_gap(saved: Callable[..., Path]) -> None:
    days = ["2024-01-02", "2024-01-03", "2024-01-22"]
    rows = "".join(f"{day},KS11,2600\n" for day in days) + "".join(f"{day},TQQQ,50\n" for day in days)
    imported = import_files(
        [saved("date,ticker,close\n" + rows + "2024-01-02,005930,5\n2024-01-22,005930,5\n", "p.csv")]
    )
    found = {line.name: [(gap.first.day, gap.last.day, gap.sessions) for gap in line.gaps] for line in imported.lines}
    assert {"KOSPI": [(4, 19, 12)], "TQQQ": [(4, 19, 12)], "005930": [(3, 19, 13)]} == found


def test_jumps_and_empty_prices_are_told_and_kept(saved: Callable[..., Path]) -> None:
    balances = saved(CREDIT.replace('"4,100"', '"9,100"'), "credit.csv")
    prices = saved(LONG.replace("77000,77000", "77000,"), "long.csv")
    imported = import_files([balances, prices])
    told = [str(fault) for fault in imported.faults]
    assert any("pledged_won must not change by half or more" in fault for fault in told)
    assert any("close must be a number above 0, was empty" in fault for fault in told)
    assert len(told) == len(imported.document["faults"])


@pytest.mark.parametrize(("name", "text", "message"), [
    ("long.csv", LONG.replace("20240103,005930", "20240102,005930"),
     "row 4 (005930 on 2024-01-02): a day must have one row"),
    ("long.csv", LONG.replace("77000,77000", "77000,n/a"), "row 4 (005930): close must be a number, was 'n/a'"),
    ("credit.csv", CREDIT.replace("2024/01/03", "2024/01/04"), "(2024-01-04): a day must have one row"),
    ("credit.csv", CREDIT.replace("(단위: 백만원)", ""), "a balance must name its unit"),
    ("stocks.csv", OURS.replace("2024-01-03,2024-01-05,005930", "2024-01-02,2024-01-05,005930"),
     "a day must have one row"),
    ("other.csv", "date,rain\n2024-01-02,5\n", "other.csv: must hold prices (date, ticker, close ...)"),
    ("other.txt", "", "other.txt: must hold a header and rows, was an empty file"),
    ("other.docx", "x", "a table file ends in .csv"),
    ("rows.json", "[]", "must hold a list of rows under 'output', was no rows"),
    ("rows.json", "{", "must be JSON"),
])  # fmt: skip
def test_what_cannot_be_written_is_refused(saved: Callable[..., Path], name: str, text: str, message: str) -> None:
    faults = faults_of(saved(text, name))
    assert any(message in fault for fault in faults), faults


def test_faults_of_all_files_are_told_together(saved: Callable[..., Path], tmp_path: Path) -> None:
    rain = saved("date,rain\n2024-01-02,5\n", "a.csv")
    faults = faults_of(rain, tmp_path / "nowhere.csv", saved(FLOWS.replace("60,2", "x,2"), "b.csv"))
    assert ["nowhere.csv", "a.csv", "b.csv, row 6"] == [fault.split(":")[0].rpartition("/")[2] for fault in faults]


def test_two_files_that_contradict_one_another_are_refused(saved: Callable[..., Path]) -> None:
    one = saved(LONG, "one.csv")
    (fault,) = faults_of(one, saved(LONG.replace("77000,77000", "77000,70000"), "other.csv"))
    assert "two files that hold one name must agree to 1%" in fault
    caps = "date,kospi_close,kospi_mktcap_won\n2024-01-02,2669.81,{}\n"
    faults = faults_of(saved(caps.format(5), "a.csv"), saved(caps.format(6), "b.csv"))
    assert any("two files that give the value of KOSPI must agree, was 5 and 6" in fault for fault in faults)


def test_files_of_a_folder_that_hold_something_else_are_passed_over(saved: Callable[..., Path], tmp_path: Path) -> None:
    saved("date,rain\n2024-01-02,5\n", "rain.csv")
    saved('{"a": 1}', "notes.json")
    saved(LONG, "long.csv")
    workbook(tmp_path / "credit.xlsx")
    imported = import_files([tmp_path])
    assert ["credit.xlsx", "long.csv"] == [one.name for one in imported.files]
    assert ["notes.json", "rain.csv"] == [one.name for one in imported.skipped]


def test_a_folder_that_holds_nothing_is_refused(saved: Callable[..., Path], tmp_path: Path) -> None:
    saved("date,rain\n2024-01-02,5\n", "rain.csv")
    assert ["gaemi import: must hold prices"] == [fault[:30] for fault in faults_of(tmp_path)]


def test_progress_counts_the_files(saved: Callable[..., Path]) -> None:
    told: list[tuple[str, int, int]] = []
    import_files([saved(LONG, "long.csv"), saved(FLOWS, "flows.csv")], progress=lambda *one: told.append(one))
    assert [("reading", count, 2) for count in range(3)] == told
