"""Loans on single stocks: two dates that are not mixed up, units by name, and flows that must add up."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from gaemi.errors import Refused
from gaemi.sources.stock_credit import StockCredit, read_stock_credit

FIRST, LAST = date(2024, 1, 2), date(2024, 1, 4)
OURS = """trade_date,settle_date,ticker,new_won,repaid_won,outstanding_won
2024-01-02,2024-01-04,005930,50,20,1000
2024-01-03,2024-01-05,005930,70,40,1030
2024-01-04,2024-01-08,005930,0,130,900
2024-01-02,2024-01-04,000660,5,5,200
2024-01-03,2024-01-05,000660,5,5,200
2024-01-04,2024-01-08,000660,1,5,196
"""
API = [
    {
        "deal_date": deal, "stck_prpr": "79600", "prdy_ctrt": "1.40", "acml_vol": "17142847", "stlm_date": settle,
        "whol_loan_new_stcn": new, "whol_loan_rdmp_stcn": repaid, "whol_loan_rmnd_stcn": left,
        "whol_loan_new_amt": new_amount, "whol_loan_rdmp_amt": repaid_amount, "whol_loan_rmnd_amt": left_amount,
        "whol_loan_rmnd_rate": "0.10", "whol_loan_gvrt": "5.75", "whol_stln_rmnd_stcn": "7", "whol_stln_rmnd_amt": "9",
    }
    for deal, settle, new, repaid, left, new_amount, repaid_amount, left_amount in [
        ("20240104", "20240108", "0", "100", "900", "0", "702", "6310"),
        ("20240103", "20240105", "50", "30", "1000", "351", "211", "7012"),
        ("20240102", "20240104", "20", "10", "980", "140", "70", "6873"),
    ]
]  # fmt: skip
PADDING = {name: "" if name.endswith("date") else "0" for name in API[0]}


def faults_of(source: object) -> list[str]:
    with pytest.raises(Refused) as refusal:
        read_stock_credit(source).between(FIRST, LAST)
    return [str(fault) for fault in refusal.value.faults]


def outstanding(credit: StockCredit, ticker: str = "005930") -> list[int | None]:
    return [row.outstanding_won for row in credit.between(FIRST, LAST, [ticker])]


@pytest.fixture
def answer(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: object, name: str = "005930.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        return path

    return write


def test_rows_in_order_of_ticker_and_trade_date(saved: Callable[..., Path]) -> None:
    credit = read_stock_credit(saved(OURS, "credit.csv"))
    assert (("000660", "005930"), [1000, 1030, 900]) == (credit.tickers, outstanding(credit))
    row = credit.by_ticker["005930"][1]
    assert (date(2024, 1, 3), date(2024, 1, 5), 70, 40, None) == (
        row.trade_date,
        row.settle_date,
        row.new_won,
        row.repaid_won,
        row.new_shares,
    )
    assert 2 == len(credit.between(FIRST, date(2024, 1, 3), ["A005930"]))


@pytest.mark.parametrize("form", ["answer", "rows", "by ticker", "pages"])
def test_an_answer_of_the_interface(answer: Callable[..., Path], form: str) -> None:
    whole = {"rt_cd": "0", "msg1": "정상처리 되었습니다.", "output": API}
    pages = [{"output": API[:2]}, {"output": API[2:]}]
    path = answer({"answer": whole, "rows": API, "by ticker": {"005930": whole}, "pages": pages}[form])
    credit = read_stock_credit(path)
    # Amounts of the interface are in 10,000 won, counts in shares.
    assert [68_730_000, 70_120_000, 63_100_000] == outstanding(credit)
    assert [980, 1000, 900] == [row.outstanding_shares for row in credit]
    assert (date(2024, 1, 3), date(2024, 1, 5), 3_510_000, 2_110_000, 50, 30) == (
        credit.rows[1].trade_date,
        credit.rows[1].settle_date,
        credit.rows[1].new_won,
        credit.rows[1].repaid_won,
        credit.rows[1].new_shares,
        credit.rows[1].repaid_shares,
    )


def test_frames_csv_and_parquet_of_the_interface(tmp_path: Path) -> None:
    frame = pl.DataFrame(API)
    frame.write_csv(tmp_path / "005930.csv")
    frame.write_parquet(tmp_path / "000660.parquet")
    both = read_stock_credit(tmp_path)
    assert (
        outstanding(both, "005930") == outstanding(both, "000660") == outstanding(read_stock_credit({"005930": frame}))
    )
    capitals = frame.rename(str.upper).with_columns(pl.lit("005930").alias("code"))
    assert outstanding(both) == outstanding(read_stock_credit(capitals))


def test_padding_at_the_end_of_a_page_is_no_row(answer: Callable[..., Path]) -> None:
    assert 3 == len(read_stock_credit(answer({"output": [*API, PADDING, PADDING]})))


def test_korean_headers_carry_their_unit(saved: Callable[..., Path]) -> None:
    text = "매매일자,결제일자,종목코드,전체 융자 신규 금액(만원),융자상환금액(백만원),융자잔고금액(천원),융자잔고수량\n"
    (row,) = read_stock_credit(saved(text + "2024-01-02,2024-01-04,005930,3,2,5,7\n", "credit.csv", "cp949"))
    assert (30_000, 2_000_000, 5_000, 7) == (
        row.new_won,
        row.repaid_won,
        row.outstanding_won,
        row.outstanding_shares,
    )
    faults = faults_of(saved(text.replace("(만원)", "") + "2024-01-02,2024-01-04,005930,3,2,5,7\n", "credit.csv"))
    assert faults == [
        "credit.csv, column '전체 융자 신규 금액': an amount must name its unit, was no unit; "
        "write the unit into the header, as 전체 융자 신규 금액(만원)"
    ]


@pytest.mark.parametrize(("old", "new", "message"), [
    ("trade_date,", "date,", "credit.csv: must have a column of trade dates, was none"),
    ("outstanding_won", "left_won", "must have a column of the loans outstanding"),
    ("2024-01-03,2024-01-05,005930", "2024-01-03,2024-01-05,5930", "row 3: must be a ticker, was '5930'"),
    ("2024-01-03,2024-01-05,005930", "2024-01-33,2024-01-05,005930", "row 3: must be a date as"),
    ("1030", "many", "row 3: outstanding_won must be a number, was 'many'"),
    ("2024-01-03,2024-01-05,005930", "2024-01-02,2024-01-05,005930",
     "row 3 (005930 on 2024-01-02): a day must have one row, was a second row of that day, after credit.csv, row 2"),
    ("2024-01-03,2024-01-05,005930", "2024-01-03,2024-01-02,005930", "must not be before its trade, was 2024-01-02"),
    ("2024-01-03,2024-01-05,005930", "2024-01-03,2024-01-09,005930",
     "row 4 (005930 on 2024-01-04): a later trade must not settle before an earlier one, was 2024-01-08 after 2024"),
    ("1030", "1031", "outstanding_won must be that of the session before + new - repaid, was 1,031 after 1,000"),
    ("70,40", "-70,40", "new_won must be 0 or more, was -70"),
    ("70,40", ",40", "row 3 (005930 on 2024-01-03): new_won must be given on every day or on none, was empty"),
    ("2024-01-03,2024-01-05,005930,70,40,1030\n", "", "credit.csv, 005930: a history must not have a gap, was no row"),
])  # fmt: skip
def test_a_bad_row_is_refused(saved: Callable[..., Path], old: str, new: str, message: str) -> None:
    faults = faults_of(saved(OURS.replace(old, new), "credit.csv"))
    assert any(message in fault for fault in faults), faults


def test_amounts_may_be_off_by_their_rounding_and_shares_may_not(answer: Callable[..., Path]) -> None:
    def with_amount(amount: str, shares: str = "1000") -> Path:
        return answer([API[0], API[1] | {"whol_loan_rmnd_amt": amount, "whol_loan_rmnd_stcn": shares}, API[2]])

    assert 3 == len(read_stock_credit(with_amount("7014")).between(FIRST, LAST))
    (fault,) = faults_of(with_amount("7010"))
    assert "was 70,100,000 after 68,730,000" in fault and "to 20,000 won of rounding" in fault
    assert any("outstanding_shares" in one for one in faults_of(with_amount("7012", "1001")))


def test_no_flow_is_judged_across_a_gap(saved: Callable[..., Path]) -> None:
    path = saved(OURS.replace("2024-01-03,2024-01-05,005930,70,40,1030\n", ""), "credit.csv")
    assert [] == read_stock_credit(path).faults()
    assert 1 == len(faults_of(path))


def test_pages_that_overlap_must_agree(answer: Callable[..., Path]) -> None:
    pages = [answer({"output": API[:2]}, "005930.json"), answer({"005930": API[1:]}, "page.json")]
    assert 3 == len(read_stock_credit(pages).between(FIRST, LAST))
    pages[1] = answer({"005930": [API[1] | {"whol_loan_rmnd_amt": "7013"}, API[2]]}, "page.json")
    (fault,) = faults_of(pages)
    assert "005930.json, row 2 (005930 on 2024-01-03): two files that give outstanding_won must agree" in fault


def test_dates_and_stocks_that_are_not_there(saved: Callable[..., Path]) -> None:
    credit = read_stock_credit(saved(OURS, "credit.csv"))
    with pytest.raises(Refused, match="no row of 035720 from 2024-01-02 to 2024-01-04"):
        credit.between(FIRST, LAST, ["035720"])
    with pytest.raises(Refused, match="no row from 2024-01-05 to 2024-01-08, 2 sessions"):
        credit.between(FIRST, date(2024, 1, 8))


def test_what_holds_no_loans_is_refused(saved: Callable[..., Path], answer: Callable[..., Path]) -> None:
    assert "must have a ticker, a trade date and loans" in faults_of(saved("date,close\n2024-01-02,5\n"))[0]
    assert "must say of which stock it is" in faults_of(answer(API, "answer.json"))[0]
    assert "was '조회할 자료가 없습니다.'" in faults_of(answer({"rt_cd": "1", "msg1": "조회할 자료가 없습니다."}))[0]


def test_the_frame_has_a_row_a_day(saved: Callable[..., Path]) -> None:
    frame = read_stock_credit(saved(OURS, "credit.csv")).frame
    assert (6, pl.Date, pl.Int64) == (frame.height, frame.schema["trade_date"], frame.schema["new_won"])
    assert frame["new_shares"].null_count() == 6


def test_other_json_of_a_folder_is_passed_over(answer: Callable[..., Path], tmp_path: Path) -> None:
    answer(API)
    answer({"schema": "of something else"}, "manifest.json")
    assert 3 == len(read_stock_credit(tmp_path))
    assert "must hold a list of rows under 'output'" in faults_of(tmp_path / "manifest.json")[0]
