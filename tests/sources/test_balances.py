from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from gaemi.errors import Refused
from gaemi.sources.balances import read_balances

FIRST, LAST = date(2024, 1, 2), date(2024, 1, 4)
TEXT = """date,margin_loan_total,margin_loan_kospi,margin_loan_kosdaq,securities_backed_loan,misu_receivable,\
forced_sale_amount,forced_sale_pct_of_misu,investor_deposit
2024-01-02,300,200,100,400,50,5,10.0,900
2024-01-03,310,205,105,410,20,15,30.0,910
2024-01-04,320,210,110,420,60,2,3.3,920
"""


def faults_of(path: Path) -> list[str]:
    with pytest.raises(Refused) as refusal:
        read_balances(path).between(FIRST, LAST)
    return [str(fault) for fault in refusal.value.faults]


def test_balances_are_whole_won(saved: Callable[..., Path]) -> None:
    row = read_balances(saved(TEXT)).on_or_before(date(2024, 1, 6))
    assert row.date == LAST
    assert (210, 110, 320, 420, 60, 2, 3.3, 920) == (
        row.margin_kospi_won,
        row.margin_kosdaq_won,
        row.margin_won,
        row.pledged_won,
        row.unsettled_won,
        row.forced_sale_won,
        row.forced_sale_pct,
        row.deposits_won,
    )


def test_a_stretch_in_order_of_days(saved: Callable[..., Path]) -> None:
    lines = TEXT.splitlines()
    history = read_balances(saved("\n".join([lines[0], *reversed(lines[1:])])))
    assert history.between(FIRST, date(2024, 1, 3)).dates == (FIRST, date(2024, 1, 3))
    assert history.between(FIRST, LAST).column("margin_won").tolist() == [300.0, 310.0, 320.0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
def test_korean_headers_with_their_unit(saved: Callable[..., Path], encoding: str) -> None:
    text = (
        "일자,신용거래융자_유가증권(백만원),신용거래융자 코스닥 (억원),투자자예탁금(원),미수금 대비 반대매매비중(%)\n"
    )
    text += "20240102,9000,2,7,0.8\n"
    row = read_balances(saved(text, encoding=encoding)).on_or_before(FIRST)
    assert (9_000_000_000, 200_000_000, 7, 0.8) == (
        row.margin_kospi_won,
        row.margin_kosdaq_won,
        row.deposits_won,
        row.forced_sale_pct,
    )
    assert row.pledged_won is None
    assert row.margin_won == 9_200_000_000


def test_a_korean_header_without_its_unit_is_refused(saved: Callable[..., Path]) -> None:
    faults = faults_of(saved("일자,신용거래융자\n20240102,9000\n", "balances.csv"))
    assert faults == [
        "balances.csv, column '신용거래융자': a balance must name its unit, was no unit; "
        "write the unit into the header, as 신용거래융자(백만원)"
    ]


def test_a_header_broken_over_two_lines_is_no_balance(saved: Callable[..., Path]) -> None:
    with pytest.raises(Refused, match="must have a date and balances"):
        read_balances(saved('date,"open\nor close"\n2024-01-02,5\n'))


def test_a_frame(saved: Callable[..., Path]) -> None:
    assert len(read_balances(pl.read_csv(saved(TEXT), try_parse_dates=True))) == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2024-01-03,", "2024-01-02,", "row 3 (2024-01-02): a day must have one row, was a second row"),
        ("2024-01-03,", "2024-01-33,", "row 3: must be a date as 2025-10-31 or 20251031, was '2024-01-33'"),
        ("410,20", "-410,20", "row 3 (2024-01-03): pledged_won must be 0 or more, was -410"),
        ("410,20", "820,20", "pledged_won must not change by half or more from one row to the next, was 820 after 400"),
        ("410,20", "200,20", "was 200 after 400"),
        ("410,20", "x,20", "row 3: securities_backed_loan must be a number, was 'x'"),
        ("410,20", ",20", "row 3 (2024-01-03): pledged_won must be given on every day or on none, was empty"),
        ("310,205", "320,205", "margin loans of the two markets must add up to their total, was 205 and 105 of 320"),
        ("2024-01-03,310,205,105,410,20,15,30.0,910\n", "", "must not have a gap, was no row on 2024-01-03"),
    ],
)
def test_a_bad_row_is_refused(saved: Callable[..., Path], old: str, new: str, message: str) -> None:
    faults = faults_of(saved(TEXT.replace(old, new)))
    assert any(message in fault for fault in faults), faults


def test_unsettled_purchases_and_forced_sales_may_jump(saved: Callable[..., Path]) -> None:
    assert len(read_balances(saved(TEXT)).between(FIRST, LAST)) == 3


def test_dates_outside_the_balances_are_refused(saved: Callable[..., Path]) -> None:
    history = read_balances(saved(TEXT))
    with pytest.raises(Refused, match="must not be before the first day of the balances, was 2023-12-28"):
        history.on_or_before(date(2023, 12, 28))
    with pytest.raises(Refused, match="must have a balance of the 10 days up to 2024-03-04"):
        history.on_or_before(date(2024, 3, 4))
    with pytest.raises(Refused, match="no row from 2025-01-02 to 2025-01-03"):
        history.between(date(2025, 1, 2), date(2025, 1, 3))


def test_files_of_balances_in_one_folder_are_merged_by_day(saved: Callable[..., Path], tmp_path: Path) -> None:
    head, *rows = TEXT.splitlines()
    saved("\n".join([head, *rows[:2]]), "a.csv")
    saved("\n".join([head, *rows[1:]]), "b.csv")
    history = read_balances(tmp_path).between(FIRST, LAST)
    assert [300.0, 310.0, 320.0] == history.column("margin_won").tolist()
    assert ["a.csv, row 2", "a.csv, row 3 and b.csv, row 2", "b.csv, row 3"] == [row.where for row in history]


def test_a_day_that_stands_twice_in_one_file_stays_so_beside_another(
    saved: Callable[..., Path], tmp_path: Path
) -> None:
    saved(TEXT.replace("2024-01-03", "2024-01-02"), "a.csv")
    saved(TEXT, "b.csv")
    assert any("a.csv, row 3 (2024-01-02): a day must have one row" in fault for fault in faults_of(tmp_path))


def test_a_file_without_balances_is_refused(saved: Callable[..., Path]) -> None:
    with pytest.raises(Refused, match="must have a date and balances"):
        read_balances(saved("date,close\n2024-01-02,5\n"))


def test_the_recorded_balances(shared_data: Path) -> None:
    history = read_balances(shared_data)
    row = history.on_or_before(date(2020, 3, 25))
    assert row.margin_won is not None
    assert round(row.margin_won / 10**9) == 6408
    year = history.between(date(2022, 1, 3), date(2022, 12, 29))
    assert np.isfinite(year.column("forced_sale_won")).all()
    with pytest.raises(Refused, match="no row from 2018-10-01 to 2018-12-28, 62 sessions"):
        history.between(date(2018, 9, 3), date(2019, 1, 31))
    with pytest.raises(Refused, match="must have a balance of the 10 days"):
        history.on_or_before(date(2025, 10, 31))
