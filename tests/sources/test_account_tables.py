"""Accounts as tables, mappings and frames: the rows of brokers, and the values of Python."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from gaemi.errors import Refused
from gaemi.sources.accounts import HoldingLine, LoanLine, read_account

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "accounts"
Saved = Callable[..., Path]


def faults(source: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        read_account(source)
    return [str(fault) for fault in refused.value.faults]


def test_a_table_with_english_headers_is_read(saved: Saved) -> None:
    text = (
        "# my account\nticker,quantity,price,cost,standing,loan,opened,due,cash,remark\n"
        '005930,"1,000",71000,65000,,45m,2025-09-01,2025-11-28,5m,first\n'
        "TSLL,300,20.48,,elsewhere,,,,,\n"
        "000660,10,,,pledged,2m,,,,\n"
    )
    account = read_account(saved(text, "accounts.csv"))
    assert (
        HoldingLine("005930", 1000, 71_000.0, 65_000.0, "financed", where="accounts.csv row 3"),
        HoldingLine("TSLL", 300, 20.48, standing="elsewhere", where="accounts.csv row 4"),
        HoldingLine("000660", 10, standing="pledged", where="accounts.csv row 5"),
    ) == account.holdings
    assert (
        LoanLine("margin", 45_000_000, "005930", date(2025, 9, 1), date(2025, 11, 28), where="accounts.csv row 3"),
        LoanLine("pledged", 2_000_000, "000660", where="accounts.csv row 5"),
    ) == account.loans
    assert ("accounts", 5_000_000) == (account.name, account.cash_won)
    assert ("accounts.csv: column 'remark' is not used",) == account.notes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_table_with_korean_headers_is_read_in_every_encoding_of_korean_offices(saved: Saved, encoding: str) -> None:
    text = (
        "종목코드,종목명,보유수량,현재가(원),평균단가,대출금액,대출일,만기일,예수금\n"
        "005930,삼성전자,1000,71000,65123.4,45000000,20250901,20251128,5000000\n"
        "000660,SK하이닉스,10,559000,,,,,5000000\n"
    )
    account = read_account(saved(text, "잔고.csv", encoding))
    assert [("005930", 1000, 65_123.4, "financed"), ("000660", 10, None, None)] == [
        (lot.ticker, lot.quantity, lot.cost, lot.standing) for lot in account.holdings
    ]
    assert [("005930", 45_000_000, date(2025, 11, 28))] == [(loan.ticker, loan.won, loan.due) for loan in account.loans]
    assert (5_000_000, ("잔고.csv: column '종목명' is not used",)) == (account.cash_won, account.notes)


def test_the_rows_of_a_broker_s_interface_are_read_and_their_zeros_mean_no_loan(saved: Saved) -> None:
    text = (
        "pdno,hldg_qty,pchs_avg_pric,prpr,loan_dt,loan_amt,expd_dt,evlu_amt\n"
        "005930,100,65000.0000,71000,20250901,4500000,20251128,7100000\n"
        "000660,10,210333.3333,559000,00000000,0,00000000,5590000\n"
    )
    account = read_account(saved(text, "balance.csv"))
    assert [71_000.0, 559_000.0] == [lot.price for lot in account.holdings]
    assert [65_000.0, 210_333.3333] == [lot.cost for lot in account.holdings]
    assert [("005930", 4_500_000, date(2025, 9, 1))] == [(loan.ticker, loan.won, loan.opened) for loan in account.loans]


def test_a_frame_of_holdings_is_an_account(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"ticker": ["005930", "TSLL"], "quantity": [1000.0, 300.0], "price": [71_000.0, 20.48], "loan": [1.4e8, None]}
    )
    frame.write_parquet(tmp_path / "account.parquet")
    expected = [("005930", 1000, 71_000.0, "financed"), ("TSLL", 300, 20.48, None)]
    for source in (frame, tmp_path / "account.parquet", {"cash": 1, "holdings": frame}):
        account = read_account(source)
        assert expected == [(lot.ticker, lot.quantity, lot.price, lot.standing) for lot in account.holdings]
        assert [140_000_000] == [loan.won for loan in account.loans]


def test_a_frame_of_pandas_is_an_account() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed: it comes with the extra 'bench'")
    frame = pandas.DataFrame(
        {"종목코드": ["005930", "000660"], "수량": [3, 4], "대출일": [pandas.NaT] * 2, "비고": "x"}
    )
    account = read_account({"보유": frame})
    assert [("005930", 3), ("000660", 4)] == [(lot.ticker, lot.quantity) for lot in account.holdings]
    assert ["account 보유 row 1", "account 보유 row 2"] == [lot.where for lot in account.holdings]
    assert ("account 보유: column '비고' is not used",) == account.notes


def test_a_mapping_takes_the_values_of_python() -> None:
    account = read_account(
        {
            "on": datetime(2025, 10, 31, 15, 30),
            "cash": np.int64(5_000_000),
            "goal": 6e8,
            "by": date(2030, 12, 31),
            "firm": None,
            "holdings": [{"ticker": "005930", "quantity": 10, "price": 71_000.0}, "TSLL 3"],
            "loans": ({"kind": "margin", "amount": 400_000, "on": "005930", "rolls": False},),
        }
    )
    assert (date(2025, 10, 31), 5_000_000, 600_000_000) == (account.on, account.cash_won, account.goal_won)
    assert ["account holdings[0]", "account holdings[1]"] == [lot.where for lot in account.holdings]
    assert (LoanLine("margin", 400_000, "005930", rolls=False, where="account loans[0]"),) == account.loans


@pytest.mark.parametrize("name", ["own_money", "borrowed", "mixed"])
def test_an_example_read_by_a_plain_yaml_reader_is_the_same_account(name: str) -> None:
    """That reader turns the bare key ``on`` into True."""
    path = EXAMPLES / f"{name}.yaml"
    by_file, by_mapping = read_account(path), read_account(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert (by_file.on, by_file.cash_won, by_file.goal_won, by_file.by) == (
        by_mapping.on, by_mapping.cash_won, by_mapping.goal_won, by_mapping.by,
    )  # fmt: skip
    assert [(lot.ticker, lot.quantity, lot.price) for lot in by_file.holdings] == [
        (lot.ticker, lot.quantity, lot.price) for lot in by_mapping.holdings
    ]
    assert [(loan.kind, loan.won, loan.ticker) for loan in by_file.loans] == [
        (loan.kind, loan.won, loan.ticker) for loan in by_mapping.loans
    ]


def test_the_faults_of_a_mapping_say_where_in_it_they_stand() -> None:
    source = {"cash": -5, "holdings": [{"ticker": 5930, "quantity": 1.5}], "gaol": 3}
    assert [
        "account cash: cash must be 0 or more, without a sign, was '-5'; "
        "write it as 140,000,000 or 140m or 1.2tn or 1억 4천만",
        "account holdings[0].ticker: ticker of a Korean share must have six characters, was 5930; "
        "write it in quotes, zeros included: '005930'?",
        "account holdings[0].quantity: quantity must be whole shares, was 1.5; fractions of a share are not taken: 1?",
    ] == faults(source)[:3]
    assert faults(source)[3].endswith("was 'gaol'; did you mean 'goal'?")


def test_every_fault_of_a_table_is_told_with_its_row(saved: Saved) -> None:
    text = "ticker,quantity,price,loan,cash\n5930,-3,,,5\n005930,2,x,-1,6\n201V3350,1,,,\n,4,,,\nTSLL,,,,\n"
    found = faults(saved(text, "a.csv"))
    assert ["a.csv row 2"] * 2 + ["a.csv row 3"] * 3 + ["a.csv row 4", "a.csv row 5", "a.csv row 6"] == [
        fault.split(":")[0] for fault in found
    ]
    assert "a.csv row 3: cash must be the same in every row, was '6'; row 2 says '5'" in found
    assert "a.csv row 5: a holding must have ticker, was no ticker" in found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "a.csv: must hold a header and rows, was an empty file"),
        ("ticker,quantity\n", "a.csv row 2: an account must name holdings or cash, was neither"),
        (
            "ticker,price\nA,1\n",
            "a.csv row 1: a table must have a column of quantity, was 'ticker', 'price'; "
            "name it one of quantity, shares, 수량, 보유수량, 잔고수량, hldg_qty",
        ),
        (
            "ticker,quantity,price,prpr\nA,1,2,3\n",
            "a.csv row 1: a table must have one column of price, was 'prpr'; 'price' says it already",
        ),
        (
            "ticker,quantity,대출금액(천원)\nA,1,2\n",
            "a.csv row 1: loan must be in whole units, won or dollars, was '대출금액(천원)'",
        ),
    ],
)
def test_a_table_that_is_no_account_is_refused(saved: Saved, text: str, fault: str) -> None:
    assert [fault] == faults(saved(text, "a.csv"))


def test_a_source_of_no_known_kind_is_refused() -> None:
    assert ["source: must be a path, or a frame of pandas or polars, was int"] == faults(5)


def test_empty_lines_of_a_table_do_not_move_the_numbers_of_its_rows(saved: Saved) -> None:
    account = read_account(saved("ticker,quantity\n\n005930,1\n,\nTSLL,2\n", "a.csv"))
    assert ["a.csv row 3", "a.csv row 5"] == [lot.where for lot in account.holdings]
