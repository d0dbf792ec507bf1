"""Contracts for difference in a book: tonight's position, an evening at the limit, and rows that cannot stand."""

from pathlib import Path
from typing import Any

import pytest
from book.small import HYNIX, SAMSUNG, account, run

import gaemi

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "books" / "april_2023_cfd"
OWED, MARGIN = 64_500_000, 43_000_000


def contract(**other: Any) -> dict[str, Any]:
    """1,000 Samsung at 107,500 won, 40 % put down."""
    row = {"account": "C1", "kind": "cfd", "ticker": SAMSUNG, "quantity": 1_000, "principal": OWED, "margin": MARGIN}
    return row | other


def holding(**other: Any) -> dict[str, Any]:
    return {"account": "C1", "ticker": SAMSUNG, "quantity": 1_000} | other


def book(*loans: dict[str, Any], holdings: list[dict[str, Any]] | None = None, **options: Any) -> Any:
    return run(holdings or [holding()], list(loans), **({"shock": "005930 -10%"} | options))


def rejected(result: Any, table: str = "loans") -> list[tuple[str, str, str]]:
    rows = result.tables["rejects"].filter(result.tables["rejects"]["table"] == table).to_dicts()
    return [(row["column"], row["found"], row["allowed"]) for row in rows]


@pytest.fixture(scope="module")
def tonight() -> Any:
    return book(contract())


def test_a_contract_is_in_a_pool_of_its_own_and_eight_percent_from_its_closing(tonight: Any) -> None:
    row = account(tonight, "C1")
    assert (OWED, 107_500_000, 0) == (row["loans_won"], row["collateral_won"], row["shortfall_won"])
    assert 166.66 == row["ratio_pct"]
    assert 7.99 == pytest.approx(row["trigger_fall_pct"], abs=0.011)


def test_a_fall_of_ten_percent_closes_the_whole_position(tonight: Any) -> None:
    row = account(tonight, "C1")
    assert 1_000 * 96_700 == pytest.approx(row["sold_won"], abs=200_000)
    assert (0, "force sold") == (row["residual_won"], row["outcome"])


def test_locked_for_four_days_leaves_a_debt() -> None:
    result = book(contract(), shock="005930 -30% x4 locked fill 0%")
    row = account(result, "C1")
    assert "residual debt" == row["outcome"]
    assert 30_000_000 < row["residual_won"] < 45_000_000


def test_the_margin_says_what_the_contract_was_worth_at_entry() -> None:
    """Entered at 150,000 with 60 %: 80 % of 40 % of 150 m are needed, 48 m; equity is 107.5 - 60 = 47.5 m."""
    result = book(contract(principal=60_000_000, margin=90_000_000))
    assert account(result, "C1")["shortfall_won"] > 0
    same = book(contract(principal=60_000_000, margin=None, entry_price=150_000))
    assert account(result, "C1")["shortfall_won"] == account(same, "C1")["shortfall_won"]


def test_without_a_margin_the_least_of_the_law_was_put_down(tonight: Any) -> None:
    assert account(tonight, "C1")["trigger_fall_pct"] == account(book(contract(margin=None)), "C1")["trigger_fall_pct"]


def test_a_contract_stands_beside_a_margin_loan_of_the_same_name() -> None:
    loan = {"account": "C1", "kind": "신용", "ticker": SAMSUNG, "quantity": 500, "principal": 30_000_000}
    result = book(contract(kind="차액결제거래"), loan, holdings=[holding(quantity=1_500)])
    assert OWED + 30_000_000 == account(result, "C1")["loans_won"]
    assert all(row["rejected"] == 0 for row in result.document["rows"])


WRONG = {
    "a short contract": (
        contract(quantity=-40), ("quantity", "'-40'", "quantity must be above 0"),
    ),
    "a price of zero": (
        contract(entry_price=0.0),
        ("entry_price", "'0'", "entry_price must be a number above 0, up to 1,000,000,000,000,000"),
    ),
    "a margin above the value": (
        contract(entry_price=100_000, margin=120_000_000),
        ("margin", "120000000 won of margin on 100000000 won at entry", "a margin must be at most the value at entry"),
    ),
    "more owed than it was worth": (
        contract(entry_price=50_000, margin=1_000),
        ("principal", "64500000 won owed on 50000000 won at entry", "what is owed must be at most the value at entry"),
    ),
    "a price without a quantity": (
        contract(entry_price=100_000, quantity=None),
        ("quantity", "no quantity", "a contract with a price at entry must say its quantity"),
    ),
    "a margin of a margin loan": (
        contract(kind="margin"), ("margin", "43000000 won", "only a contract for difference (kind cfd) has one"),
    ),
    "the broker's pool": (
        contract(pool="broker"),
        ("pool", "broker", "contracts for difference are in a pool of their own, which no other loan is in"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_row_that_cannot_stand_is_rejected_in_words(case: str) -> None:
    row, fault = WRONG[case]
    result = book(
        row,
        {"account": "C2", "ticker": HYNIX, "quantity": 10, "principal": 3_000_000},
        holdings=[holding(), {"account": "C2", "ticker": HYNIX, "quantity": 10}],
    )
    assert [fault] == rejected(result)


def test_a_short_position_among_holdings_is_refused_in_words() -> None:
    result = book(contract(), holdings=[holding(), holding(account="C2", quantity=-40)])
    assert [("quantity", "'-40'", "quantity must be above 0")] == rejected(result, "holdings")
    help = result.tables["rejects"].filter(result.tables["rejects"]["table"] == "holdings")["help"].to_list()
    assert ["short positions and overdrafts are not taken, see docs/book.md#short"] == help


def test_the_example_of_april_2023_leaves_debts(shared_data: Path) -> None:
    prices = shared_data / "kr_cfd_crash_2023_04_ohlcv.csv"
    result = gaemi.book(str(EXAMPLE), on="2023-04-21", replay="cfd-2023", prices=str(prices))
    assert all(row["rejected"] == 0 for row in result.document["rows"])
    scenario = result.document["scenario"]
    days = {day["date"]: day for day in scenario["days"]}
    assert 0 < days["2023-04-25"]["sold_won"] < days["2023-04-25"]["ordered_won"]
    assert 0 < scenario["residual_won"] == result.frame["residual_won"].sum()
