"""Exports of the statistics portal are read by their headers, in the unit that they name."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sources.exports import CREDIT, FLOWS, MILLION, old_workbook, workbook

from gaemi.errors import Refused
from gaemi.sources.balances import BalanceHistory, read_balances
from gaemi.sources.portal import export_tables, read_table_file

FIRST, LAST = date(2024, 1, 2), date(2024, 1, 4)


def millions(history: BalanceHistory, *names: str) -> list[tuple[float, ...]]:
    return [tuple(getattr(row, name) / MILLION for name in names) for row in history.between(FIRST, LAST)]


def faults_of(source: object) -> list[str]:
    with pytest.raises(Refused) as refusal:
        read_balances(source)
    return [str(fault) for fault in refusal.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_two_header_rows_and_a_unit_line(saved: Callable[..., Path], encoding: str, ending: str) -> None:
    history = read_balances(saved(CREDIT.replace("\n", ending), "credit.csv", encoding))
    names = ("margin_total_won", "margin_kospi_won", "margin_kosdaq_won", "pledged_won")
    assert [(3000, 2000, 1000, 4000), (3100, 2050, 1050, 4100), (3200, 2100, 1100, 4200)] == millions(history, *names)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
def test_one_header_row_with_line_breaks_and_a_note_below(saved: Callable[..., Path], encoding: str) -> None:
    history = read_balances(saved(FLOWS, "flows.csv", encoding))
    assert [(9000, 50, 5), (9100, 20, 15), (9200, 60, 2)] == millions(
        history, "deposits_won", "unsettled_won", "forced_sale_won"
    )
    assert [10.0, 30.0, 3.3] == [row.forced_sale_pct for row in history]


def test_faults_name_the_line_of_the_file(saved: Callable[..., Path]) -> None:
    path = saved(FLOWS.replace('"9,100"', "many"), "flows.csv")
    (fault,) = faults_of(path)
    line = path.read_text(encoding="utf-8").splitlines().index("20240103,many,70,80,20,15,30.0") + 1
    assert fault.startswith(f"flows.csv, row {line}: ") and fault.endswith("must be a number, was 'many'")


def test_a_row_of_figures_without_a_day_is_no_note(saved: Callable[..., Path]) -> None:
    assert ["flows.csv, row 9: must be a date as 2025-10-31 or 20251031, was '합계'"] == faults_of(
        saved(FLOWS.replace("주) 위탁매매 미수금은 결제일 기준,", '합계,"27,300"'), "flows.csv")
    )


def test_a_spreadsheet_with_merged_cells(tmp_path: Path) -> None:
    history = read_balances(workbook(tmp_path / "credit.xlsx"))
    assert (date(2024, 1, 3), LAST) == history.dates
    row = history.rows[1]
    assert (3200 * MILLION, 2100 * MILLION, 1100 * MILLION, 4200 * MILLION) == (
        row.margin_total_won,
        row.margin_kospi_won,
        row.margin_kosdaq_won,
        row.pledged_won,
    )
    assert "credit.xlsx, row 6" == row.where


def test_a_spreadsheet_of_the_old_form(tmp_path: Path) -> None:
    history = read_balances(old_workbook(tmp_path / "credit.xls"))
    figures = [(row.date, row.margin_total_won, row.margin_kospi_won, row.margin_kosdaq_won) for row in history]
    assert figures == [
        (FIRST, 300 * MILLION, 200 * MILLION, 100 * MILLION),
        (date(2024, 1, 3), 330 * MILLION, 220 * MILLION, 110 * MILLION),
    ]


def test_two_exports_in_one_folder_are_one_history(saved: Callable[..., Path], tmp_path: Path) -> None:
    saved(FLOWS, "flows.csv", "cp949")
    saved(CREDIT, "credit.csv")
    history = read_balances(tmp_path)
    assert (9000, 3000, 50) == millions(history, "deposits_won", "margin_won", "unsettled_won")[0]
    assert "credit.csv and flows.csv" == history.origin
    assert "credit.csv, row 7 and flows.csv, row 8" == history.rows[0].where


def test_a_figure_that_two_files_give_must_agree(saved: Callable[..., Path], tmp_path: Path) -> None:
    saved(CREDIT, "a.csv")
    saved(CREDIT.replace('"4,100"', '"4,101"'), "b.csv")
    assert faults_of(tmp_path) == [
        "a.csv, row 6 (2024-01-03): two files that give pledged_won must agree, "
        "was 4,100,000,000 and 4,101,000,000 in b.csv, row 6; give one of them"
    ]


@pytest.mark.parametrize(("figure", "agrees"), [("41", True), ("40", False), ("42", True), ("43", False)])
def test_another_unit_by_name_is_converted_and_may_round(
    saved: Callable[..., Path], tmp_path: Path, figure: str, agrees: bool
) -> None:
    # 4,155 million won are 41 or 42 hundred million, as they are cut off or rounded.
    saved(CREDIT.replace('"4,100"', '"4,155"'), "fine.csv")
    saved(f"일자,예탁증권담보융자(억원)\n20240103,{figure}\n", "coarse.csv")
    if agrees:
        row = read_balances(tmp_path).rows[1]
        assert 4155 * MILLION == row.pledged_won
    else:
        assert "two files that give pledged_won must agree" in faults_of(tmp_path)[0]


@pytest.mark.parametrize("line", ["", '"(단위: 백만원, 억원)"', "기준: 일별"])
def test_a_table_whose_unit_is_not_named_is_refused(saved: Callable[..., Path], line: str) -> None:
    faults = faults_of(saved(CREDIT.replace('"(단위: 백만원)"', line), "credit.csv"))
    assert "credit.csv, column '신용거래융자_전체': a balance must name its unit, was no unit" in faults[0]
    assert 4 == len(faults)


@pytest.mark.parametrize(("unit", "won"), [("천원", 10**3), ("억원", 10**8), ("백만", 10**6), ("원", 1)])
def test_units_are_told_by_name_and_not_by_size(saved: Callable[..., Path], unit: str, won: int) -> None:
    history = read_balances(saved(CREDIT.replace("단위: 백만원", f"단위: {unit}"), "credit.csv"))
    assert 3200 * won == history.rows[-1].margin_total_won


def test_a_plain_file_beside_a_spreadsheet_is_read_as_before(saved: Callable[..., Path], tmp_path: Path) -> None:
    saved("date,margin_loan_kospi\n2024-01-02,200\n", "a.csv")
    book = workbook(tmp_path / "b.xlsx")
    assert [("date", "margin_loan_kospi")] == [table.headers for table in read_table_file(tmp_path / "a.csv")]
    assert ["a.csv", "b.xlsx"] == [table.name for table in export_tables(tmp_path)]
    assert 3 == len(read_balances({"a": tmp_path / "a.csv", "b": book}))


def test_what_is_no_spreadsheet_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "page.xls").write_text("<html><table></table></html>", encoding="utf-8")
    (fault,) = faults_of(tmp_path / "page.xls")
    assert "must be a spreadsheet of Excel" in fault and "save it as .xlsx or CSV" in fault


def test_without_the_library_a_spreadsheet_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "credit.xlsx")
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    (fault,) = faults_of(path)
    assert fault == (
        f"{path}: reading a spreadsheet needs fastexcel, was no fastexcel; "
        "pip install 'gaemi[import]', or save the sheet as CSV"
    )
