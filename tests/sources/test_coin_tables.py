"""Tables of coins and coin loans: spellings of exchanges, exact quantities, and rows that cannot be taken."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from gaemi.errors import Refused
from gaemi.sources.coin_tables import CoinTables, holds_coins, read_coin_tables

LENDERS = ("four_times", "eighty_ltv")


def read(tables: Any) -> CoinTables:
    return read_coin_tables(tables, LENDERS)


def holdings(*rows: dict[str, Any]) -> CoinTables:
    return read({"coin_holdings": pl.DataFrame(list(rows), infer_schema_length=None)})


def loans(**cells: Any) -> CoinTables:
    good = {"account": "G", "held": "BTC", "held_quantity": "1", "amount": "1000"}
    bad = {"account": "A", "held": "BTC", "held_quantity": "1", "amount": "1000"} | cells
    columns = ("cash_won", "owed", "owed_quantity", "lender", "opened", "held_price")
    empty = dict.fromkeys(columns)
    return read({"coin_loans": pl.DataFrame([empty | good, empty | bad], infer_schema_length=None)})


def test_upbits_accounts_add_what_is_locked_in_orders() -> None:
    upbit = {"account": "A", "balance": "0.5", "locked": "0.25", "avg_buy_price": "1", "unit_currency": "KRW"}
    found = holdings(upbit | {"currency": "BTC"}, upbit | {"currency": "KRW", "balance": "1000.75", "locked": "250.5"})
    assert [("BTC", 0, 75_000_000)] == found.holdings.select("coin", "whole", "part").rows()
    assert [("A", 1_250)] == found.cash.rows()
    assert {"avg_buy_price", "unit_currency"} == {name for _, name in found.unused}


def test_ccxts_total_is_not_added_to_what_is_free() -> None:
    found = holdings({"account": "A", "currency": "ETH", "free": 1.0, "used": 0.5, "total": 1.5})
    assert [(1, 50_000_000)] == found.holdings.select("whole", "part").rows()
    parts = holdings({"account": "A", "currency": "ETH", "free": 0.1, "used": 0.2})
    assert [(0, 30_000_000)] == parts.holdings.select("whole", "part").rows()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.12345678", (0, 12_345_678)),
        ("1,234.5", (1_234, 50_000_000)),
        ("1e-05", (0, 1_000)),
        ("2.5E+3", (2_500, 0)),
        ("0.100000000000", (0, 10_000_000)),
        ("987654321012345", (987_654_321_012_345, 0)),
    ],
)
def test_quantities_are_exact(text: str, expected: tuple[int, int]) -> None:
    found = holdings({"account": "A", "coin": "BTC", "quantity": text})
    assert [expected] == found.holdings.select("whole", "part").rows()


@pytest.mark.parametrize("name", ["BTC", "KRW-BTC", "btc/krw", "비트코인"])
def test_a_coin_has_many_spellings(name: str) -> None:
    assert ["BTC"] == holdings({"account": "A", "coin": name, "quantity": "1"}).holdings["coin"].to_list()


@pytest.mark.parametrize(
    ("cells", "column", "allowed"),
    [
        ({"quantity": "-1"}, "quantity", "0 or more"),
        ({"quantity": "much"}, "quantity", "number of coins"),
        ({"quantity": None}, "quantity", "number of coins"),
        ({"quantity": "nan"}, "quantity", "number of coins"),
        ({"quantity": "1" + "0" * 17}, "quantity", "number of coins"),
        ({"quantity": "0.123456789"}, "quantity", "at most 8 decimals"),
        ({"price": "0"}, "price", "above 0"),
        ({"price": "-3"}, "price", "above 0"),
        ({"coin": "BTCUSDT"}, "coin", "must be a coin"),
        ({"coin": "005930"}, "coin", "must be a coin"),
        ({"coin": None}, "coin", "must name a coin"),
        ({"account": None}, "account", "must name an account"),
        ({"account": "G"}, "coin", "in one row"),
        ({"cash_won": "10.5"}, "cash_won", "whole won"),
    ],
)
def test_a_holding_that_cannot_stand_is_rejected_by_name(cells: dict[str, Any], column: str, allowed: str) -> None:
    good = {"account": "G", "coin": "BTC", "quantity": "1", "price": "1000", "cash_won": "10"}
    found = holdings(good, good | {"account": "A"} | cells)
    told = found.rejects.frame().to_dicts()
    assert (2, column) == (told[0]["row"], told[0]["column"]) and allowed in told[0]["allowed"]
    assert [{"table": "coin_holdings", "read": 2, "accepted": 1, "rejected": 1}] == found.rows()
    assert ["G"] == found.holdings["account"].to_list()


@pytest.mark.parametrize(
    ("cells", "column", "allowed"),
    [
        ({"held": None, "held_quantity": None}, "held", "must hold collateral"),
        ({"held_quantity": "0"}, "held_quantity", "above 0"),
        ({"amount": None}, "owed", "coins or won"),
        ({"owed": "ETH", "owed_quantity": "1"}, "owed", "coins or won"),
        ({"amount": "0"}, "amount", "1 or more"),
        ({"lender": "someone"}, "lender", "lenders are four_times, eighty_ltv"),
        ({"opened": "2025-10-01T09:00:00+09:00"}, "opened", "without a time or a zone"),
        ({"opened": "2025-10-01 12:30"}, "opened", "without a time or a zone"),
        ({"opened": "yesterday"}, "opened", "must be a date"),
        ({"owed": "KRW", "owed_quantity": "5", "amount": None}, "owed", "must be a coin"),
        ({"held": None, "cash_won": "5"}, "held", "must name the coin"),
        ({"account": "G"}, "account", "in one row"),
        ({"held_price": "0"}, "held_price", "above 0"),
    ],
)
def test_a_loan_that_cannot_stand_is_rejected_by_name(cells: dict[str, Any], column: str, allowed: str) -> None:
    found = loans(**cells)
    told = found.rejects.frame().to_dicts()
    assert (2, column) == (told[0]["row"], told[0]["column"]) and allowed in told[0]["allowed"]
    assert ["G"] == found.loans["account"].to_list()


def test_two_deposits_of_one_account_are_rejected() -> None:
    row = {"account": "A", "quantity": "1"}
    found = holdings(row | {"coin": "BTC", "cash_won": "5"}, row | {"coin": "ETH", "cash_won": "6"})
    assert "same in every row" in found.rejects.frame()["allowed"][0]
    assert [("A", 5)] == found.cash.rows()


def test_a_coin_of_nothing_is_accepted_and_counts_nothing() -> None:
    found = holdings({"account": "A", "coin": "BTC", "quantity": "0"}, {"account": "A", "coin": "ETH", "quantity": "1"})
    assert (["ETH"], 2) == (found.holdings["coin"].to_list(), found.rows()[0]["accepted"])


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(Refused, match="must have a column 'account'"):
        holdings({"coin": "BTC", "quantity": "1"})
    with pytest.raises(Refused, match="must have a column 'owed'"):
        read({"coin_loans": pl.DataFrame({"account": ["A"], "held": ["BTC"], "held_quantity": ["1"]})})


def test_a_table_of_bad_rows_alone_is_refused_with_the_first_reason() -> None:
    with pytest.raises(Refused, match="row 1: quantity must be 0 or more"):
        holdings({"account": "A", "coin": "BTC", "quantity": "-1"})


def test_what_is_the_book_of_an_exchange(tmp_path: Path) -> None:
    (tmp_path / "coin_loans.csv").write_text("account,held,held_quantity,amount\nA,BTC,1,5\n")
    (tmp_path / "mine.csv").write_text("account,currency,balance\nA,BTC,1\n")
    (tmp_path / "shares.csv").write_text("account,ticker,quantity\nA,005930,1\n")
    found = [holds_coins(tmp_path / name) for name in ("coin_loans.csv", "mine.csv", "shares.csv", "none.csv")]
    assert [True, True, False, False] == found
    assert holds_coins(tmp_path) and not holds_coins({"coin_holdings": None, "holdings": None})
    assert ["A"] == read(tmp_path / "mine.csv").holdings["account"].to_list()
    (tmp_path / "holdings.csv").write_text("account,ticker,quantity\nA,005930,1\n")
    assert not holds_coins(tmp_path)
