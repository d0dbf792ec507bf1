"""Accounts in YAML and JSON, and in options of the command: what is read, and what is refused."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.errors import Refused
from gaemi.sources.accounts import (
    AccountFile,
    HoldingLine,
    LoanLine,
    account_of_options,
    read_account,
    with_options,
)

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "accounts"
Saved = Callable[..., Path]
ONE_SHARE = "holdings: ['005930 1 @ 100']\n"


def faults(source: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        read_account(source)
    return [str(fault) for fault in refused.value.faults]


def option_faults(**options: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        account_of_options(**options)  # type: ignore[arg-type]
    return [str(fault) for fault in refused.value.faults]


def test_own_money_of_the_examples_is_worth_140_million_exactly() -> None:
    account = read_account(EXAMPLES / "own_money.yaml")
    assert 140_000_000 == account.cash_won + sum(lot.quantity * int(lot.price or 0) for lot in account.holdings)
    assert (600_000_000, date(2030, 12, 31), ()) == (account.goal_won, account.by, account.loans)


def test_the_borrower_of_the_examples_owes_60_per_cent_down_to_ten_thousand_won() -> None:
    account = read_account(EXAMPLES / "borrowed.yaml")
    (lot,), (loan,) = account.holdings, account.loans
    assert loan.won == lot.quantity * int(lot.price or 0) * 60 // 100 // 10_000 * 10_000
    assert ("financed", "margin", "005930") == (lot.standing, loan.kind, loan.ticker)


def test_the_mixed_example_holds_a_loan_of_each_kind_a_fund_cash_and_saving() -> None:
    account = read_account(EXAMPLES / "mixed.yaml")
    assert ["005930", "000660", "TSLL"] == [lot.ticker for lot in account.holdings]
    assert [("margin", "005930"), ("pledged", "000660")] == [(loan.kind, loan.ticker) for loan in account.loans]
    assert (5_000_000, 500_000, 20.48) == (account.cash_won, account.saving_won, account.holdings[2].price)


EVERY_KEY = """\
name: all of it
on: 20251031
firm: banded
cash: 5_000_000
dollars: $1,234.50
holdings:
  - ticker: 000660            # without quotes: YAML alone would read it as an octal number
    quantity: 1,000주
    price: 55만9천원
    cost: 210,333.33
    standing: other
    volatility: 45%
    board: KOSPI
  - {ticker: TSLL, quantity: 300, price: 20.48, leverage: 2x, underlying: TSLA, volatility_pct: 80}
loans:
  - {kind: margin, amount: 45m, on: 000660, opened: 2025-09-01, due: 2025-11-28, rolls: no}
goal: 6억
by: 2030-12-31
saving: 500k a month
saving_into: TSLL
drift: -2.5%
elsewhere: 1천만
"""


def test_every_key_is_read(saved: Saved) -> None:
    fund = HoldingLine(
        "TSLL", 300, 20.48, volatility_pct=80.0, leverage=2.0, underlying="TSLA", where="all.yaml line 14"
    )
    stock = HoldingLine("000660", 1000, 559_000.0, 210_333.33, "other", 45.0, "KOSPI", where="all.yaml line 7")
    loan = LoanLine("margin", 45_000_000, "000660", date(2025, 9, 1), date(2025, 11, 28), False, "all.yaml line 16")
    expected = AccountFile(
        "all of it", date(2025, 10, 31), "banded", 5_000_000, 123_450, (stock, fund), (loan,), (), 600_000_000,
        date(2030, 12, 31), 500_000, "TSLL", -2.5, 10_000_000, "all.yaml",
    )  # fmt: skip
    assert expected == read_account(saved(EVERY_KEY, "all.yaml"))


KOREAN = """\
기준일: 2025-10-31
예수금: 5백만원
보유:
  - {종목: "005930", 수량: 1천주, 현재가: 7만1천원, 매입가: 65000, 구분: 신용}
신용:
  - {금액: 4천5백만, 종목: "005930", 대출일: 20250901}
목표: 1억 4천만
기한: 2030-12-31
월저축: 월 50만원
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_korean_keys_are_read_in_every_encoding_of_korean_offices(saved: Saved, encoding: str) -> None:
    account = read_account(saved(KOREAN, "my.yaml", encoding))
    assert (HoldingLine("005930", 1000, 71_000.0, 65_000.0, "financed", where="my.yaml line 4"),) == account.holdings
    assert (LoanLine("margin", 45_000_000, "005930", date(2025, 9, 1), where="my.yaml line 6"),) == account.loans
    assert (5_000_000, 140_000_000, 500_000) == (account.cash_won, account.goal_won, account.saving_won)


def test_json_set_out_with_tabs_is_read(saved: Saved) -> None:
    text = '{\n\t"cash": 5000000,\n\t"holdings": [\n\t\t{"ticker": "005930", "quantity": 10.0, "price": null}\n\t]\n}'
    account = read_account(saved(text, "a.json"))
    assert (5_000_000, (HoldingLine("005930", 10, where="a.json line 4"),)) == (account.cash_won, account.holdings)


def test_two_lots_of_one_ticker_are_kept_apart(saved: Saved) -> None:
    account = read_account(saved("holdings: ['005930 1', '005930.KS 2']", "a.yaml"))
    assert [("005930", 1), ("005930", 2)] == [(lot.ticker, lot.quantity) for lot in account.holdings]


def test_a_loan_may_stand_in_the_holding_that_it_financed(saved: Saved) -> None:
    account = read_account(saved("보유: [{종목: '005930', 수량: 10, 신용: 40만, 대출일: 2025-09-01}]", "a.yaml"))
    assert (LoanLine("margin", 400_000, "005930", date(2025, 9, 1), where="a.yaml line 1"),) == account.loans
    assert ["financed"] == [lot.standing for lot in account.holdings]


def test_options_add_lots_and_replace_single_values(saved: Saved) -> None:
    account = read_account(saved("on: 2025-10-31\ncash: 5m\ngoal: 9m\n" + ONE_SHARE, "a.yaml"))
    changed = with_options(account, ["TSLL 3"], ["50 on 005930"], cash="6m", by="2026-12-31")
    assert ["005930", "TSLL"] == [lot.ticker for lot in changed.holdings]
    assert [50] == [loan.won for loan in changed.loans]
    assert (6_000_000, 9_000_000, date(2026, 12, 31)) == (changed.cash_won, changed.goal_won, changed.by)


def test_no_options_keep_the_account_as_it_is() -> None:
    account = read_account(EXAMPLES / "mixed.yaml")
    assert account == with_options(account)


def test_a_goal_needs_no_date_and_a_date_no_goal() -> None:
    assert (6, None) == ((a := account_of_options(cash="1", goal="6")).goal_won, a.by)
    assert (None, date(2020, 1, 1)) == ((a := account_of_options(cash="1", by="2020-01-01")).goal_won, a.by)


@pytest.mark.parametrize("by", ["2025-10-31", "2024-12-31"])
def test_a_goal_in_the_past_is_refused_once_the_day_of_the_account_is_known(saved: Saved, by: str) -> None:
    said = f"by must be after 2025-10-31, the day of the account, was {by}; a goal lies in the future"
    assert [f"a.yaml line 2: {said}"] == faults(saved(f"on: 2025-10-31\nby: {by}\n{ONE_SHARE}", "a.yaml"))
    account = read_account(saved(f"on: 2025-10-31\n{ONE_SHARE}", "b.yaml"))
    with pytest.raises(Refused, match=f"^--by: {said}$"):
        with_options(account, by=by)


@given(st.integers(0, 10**15), st.sampled_from(["plain", "commas", "k", "m", "억", "만원", "won"]))
def test_money_is_read_back_from_every_spelling(won: int, spelling: str) -> None:
    eok, man = won // 10**8, won % 10**8
    text = {
        "plain": f"{won}",
        "commas": f"{won:,}",
        "k": f"{won // 1000}.{won % 1000:03d}k",
        "m": f"{won // 10**6:,}.{won % 10**6:06d} m",
        "억": f"{eok}억 {man // 10**4}만 {man % 10**4}",
        "만원": f"{won // 10**4}만 {won % 10**4}원",
        "won": f"₩{won:,}",
    }[spelling]
    assert won == account_of_options(holding=["005930 1"], cash=text).cash_won


@pytest.mark.parametrize("money", ["", "lots", "14,00", "1.5", "4천만 1억", "-5", "5m€", "0x10"])
@pytest.mark.parametrize("option", ["cash", "goal", "saving"])
def test_money_in_a_wrong_spelling_is_told_how_to_write_it(option: str, money: str) -> None:
    (fault,) = option_faults(holding=["005930 1"], **{option: money})
    assert fault.startswith(f"--{option}: {option} must be ")
    assert fault.endswith(f"was '{money}'; write it as 140,000,000 or 140m or 1.2tn or 1억 4천만")


def test_a_goal_of_nothing_is_refused() -> None:
    assert ["--goal: goal must be above 0 won, was '0'"] == option_faults(cash="5m", goal="0")


def test_options_that_name_nothing_are_refused() -> None:
    assert ["--holding: an account must name holdings or cash, was neither"] == option_faults(goal="5m")


def test_every_fault_of_a_file_is_told_in_one_pass_in_the_order_of_its_lines(saved: Saved) -> None:
    text = """\
on: 2025-10-31
hodlings: []
cash: plenty
cash: 5m
dollars: 1.234
holdings:
  - {ticker: 5930, quantity: -3}
  - {ticker: "005930", quantity: 2, standing: pledgd, qty: 2}
  - {ticker: TSLL, board: MOON, leverage: 5, volatility: 45}
  - ticker: 201V3350
    quantity: [1]
loans:
  - {amount: 5m, rolls: maybe}
  - {kind: margin, amount: 0, on: "000660", opened: 2025-11-03}
drift: lots
"""
    found = faults(saved(text, "a.yaml"))
    assert [int(fault.split(":")[0].removeprefix("a.yaml line ")) for fault in found] == sorted(
        [2, 3, 4, 5, 7, 7, 8, 8, 9, 9, 9, 9, 10, 11, 13, 13, 14, 14, 14, 15]
    )
    assert "a.yaml line 2: an account has the keys" in found[0]
    assert found[0].endswith("was 'hodlings'; did you mean 'holdings'?")
    assert "a.yaml line 8: a holding has the keys" in found[6]
    assert "volatility must be per cent a year, was '45'; write it as 45%" in "\n".join(found)
    assert "a.yaml line 9: a holding must have quantity, was no quantity" in found
    assert "a.yaml line 14: opened must not be after 2025-10-31, the day of the account, was 2025-11-03" in found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ": an account must name holdings or cash, was an empty file"),
        ("# nothing\n", ": an account must name holdings or cash, was an empty file"),
        ("name: x\n", " line 1: an account must name holdings or cash, was neither"),
        ("cash: 0\nholdings:\n", " line 1: an account must name holdings or cash, was neither"),
        ("- 005930 1\n", " line 1: an account must be a map, was ['005930 1']"),
        ("005930\n", " line 1: an account must be a map, was '005930'"),
        ("cash: 1\n현금: 2\n", " line 2: an account must name cash once, was '현금'; 'cash' says it already"),
        ("cash: 1\ncash: 2\n", " line 2: an account must name each key once, was 'cash'; it also stands in line 1"),
        ("cash: [1]\n", " line 1: cash must be one word or number, was [1]"),
        (
            "holdings: {ticker: '005930'}\n",
            " line 1: holdings must be a list, was {ticker}; begin each item with a hyphen",
        ),
        ("cash: 1\nloans: [{amount: 5}]\n", " line 2: a loan must have kind, was no kind"),
        (
            "cash: 1\nmargin: [{kind: pledged, amount: 5}]\n",
            " line 2: a loan under margin must be a margin loan, was 'pledged'; move it under loans",
        ),
        (
            "holdings: [{ticker: A, quantity: 1, due: 2025-01-01}]\n",
            " line 1: due is a day of a loan, was 2025-01-01; the holding names no loan",
        ),
        (
            "holdings: [{ticker: A, quantity: 1, loan: 5, standing: elsewhere}]\n",
            " line 1: a holding that is elsewhere must have no loan, was 5",
        ),
        ("cash: [1\n", " line 2: must be YAML, was did not find expected ',' or ']'"),
        ("cash: &a [*a]\n", " line 1: each value must be written out, was a value with an alias"),
    ],
)
def test_a_file_that_is_no_account_is_refused(saved: Saved, text: str, fault: str) -> None:
    assert [f"a.yaml{fault}"] == faults(saved(text, "a.yaml"))


def test_a_file_that_is_not_there_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    endings = ".yaml, .yml, .json, .csv, .tsv, .txt, .parquet, .pq"
    gone, folder, other = tmp_path / "no.yaml", tmp_path, tmp_path / "a.xlsx"
    other.write_bytes(b"PK")
    assert [f"{gone}: must be a file that can be read, was No such file or directory"] == faults(gone)
    assert [f"{folder}: an account must be a file that ends in {endings}, was a folder"] == faults(str(folder))
    assert [f"{other}: an account must be a file that ends in {endings}, was '.xlsx'"] == faults(other)
