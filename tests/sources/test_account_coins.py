"""Coins in account files: exact quantities, spellings, and what is refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi.errors import Refused
from gaemi.sources.account_coins import CoinLine, written
from gaemi.sources.accounts import account_of_options, read_account


def coins(*holdings: Any) -> tuple[CoinLine, ...]:
    return read_account({"holdings": list(holdings)}).coins


def refusal(*holdings: Any, **others: Any) -> str:
    with pytest.raises(Refused) as refused:
        read_account({"holdings": list(holdings)} | others)
    return str(refused.value)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("KRW-BTC 0.5", ("KRW-BTC", "0.5", None, None)),
        ("BTC 0.50", ("KRW-BTC", "0.50", None, None)),
        ("비트코인 0.5개", ("KRW-BTC", "0.5", None, None)),
        ("KRW-BTC 0.05 @ 160m", ("KRW-BTC", "0.05", 160_000_000.0, None)),
        ("KRW-XRP 500 @ 3,512.5 cost 1,020.25", ("KRW-XRP", "500", 3512.5, 1020.25)),
        ("LUNAUSDT 4,605.8 @ 0.0001", ("LUNAUSDT", "4605.8", 0.0001, None)),
        ("BTC/USDT 0.00000001 @ $98,000.5", ("BTCUSDT", "0.00000001", 98_000.5, None)),
    ],
)
def test_a_coin_on_one_line(line: str, expected: tuple[object, ...]) -> None:
    (coin,) = account_of_options(holding=[line]).coins
    ticker, quantity, price, cost = expected
    assert (ticker, Decimal(str(quantity)), price, cost) == (coin.ticker, coin.quantity, coin.price, coin.cost)
    assert f"--holding '{line}'" == coin.where


def test_coins_and_shares_stand_side_by_side() -> None:
    account = read_account({"holdings": ["005930 10", {"ticker": "KRW-BTC", "quantity": 0.5, "volatility": "45%"}]})
    assert ["005930"] == [line.ticker for line in account.holdings]
    assert [("KRW-BTC", 45.0)] == [(line.ticker, line.volatility_pct) for line in account.coins]


def test_a_bare_symbol_is_a_coin_and_says_so_and_with_a_board_a_fund() -> None:
    account = read_account({"holdings": ["BTC 0.5", {"ticker": "ETH", "quantity": 3, "price": 20.5, "board": "US"}]})
    assert ["KRW-BTC"] == [line.ticker for line in account.coins]
    assert ["ETH"] == [line.ticker for line in account.holdings]
    assert ("BTC is taken for the coin KRW-BTC; for the fund of these letters say board: US",) == account.notes


@pytest.mark.parametrize(
    ("holding", "told"),
    [
        ("KRW-BTC -0.5", "quantity of KRW-BTC must be above 0, was -0.5; a short position in a coin stands under"),
        ("KRW-BTC 0", "quantity of KRW-BTC must be above 0, was 0"),
        ("KRW-BTC 0.123456789", "quantity of KRW-BTC must have at most 8 decimals, was 0.123456789; 0.12345679?"),
        ("KRW-BTC x", "quantity of KRW-BTC must be a number of coins"),
        ("KRW-BTC 1 @ 0", "price of KRW-BTC must be a number above 0"),
        ("KRW-BTC 1 @ $98,000", "price of KRW-BTC must be in won"),
        ("KRW-BTC 1 financed", "a coin has no standing: no firm's pool counts it"),
        ({"ticker": "KRW-BTC", "quantity": 1, "loan": "5m"}, "a coin has no loan"),
    ],
)
def test_what_is_wrong_with_a_coin_is_told(holding: Any, told: str) -> None:
    assert told in refusal(holding)


def test_a_coin_named_twice_is_refused() -> None:
    assert "a coin must be named once" in refusal("BTC 0.5", "KRW-BTC 0.25")


def test_every_fault_is_told_at_once() -> None:
    said = refusal("KRW-BTC -1", "KRW-ETH 1 @ 0")
    assert "KRW-BTC must be above 0" in said and "KRW-ETH must be a number above 0" in said


@given(st.integers(1, 10**15))
@settings(max_examples=50)
def test_a_quantity_is_kept_to_the_last_digit(hundred_millionths: int) -> None:
    told = Decimal(hundred_millionths).scaleb(-8)
    (coin,) = coins(f"KRW-BTC {told:f}")
    assert told == coin.quantity
    assert told == Decimal(written(coin.quantity).replace(",", ""))


@pytest.mark.parametrize(
    ("loan", "told"),
    [
        ({"amount": "5m"}, "a coin loan must hold something"),
        ({"held": "KRW-BTC", "held_quantity": 1}, "a coin loan must owe coins or won, was neither"),
        (
            {"held": "KRW-BTC", "held_quantity": 1, "amount": "5m", "owed": "KRW-XRP", "owed_quantity": 5},
            "a coin loan must owe coins or won, was both",
        ),
        ({"held": "BTCUSDT", "held_quantity": 1, "amount": "5m"}, "what is held must be a coin in won"),
        ({"held": "KRW-BTC", "amount": "5m"}, "a coin loan must have held_quantity"),
        ({"held": "KRW-BTC", "held_quantity": -1, "amount": "5m"}, "quantity of KRW-BTC must be above 0"),
        ({"held": "KRW-BTC", "held_quantity": 1, "amount": "5m", "held_price": 0}, "price of KRW-BTC must be a number"),
    ],
)
def test_what_is_wrong_with_a_coin_loan_is_told(loan: dict[str, Any], told: str) -> None:
    assert told in refusal(coin_loans=[loan])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"quantity": -5}, "quantity must be above 0, was -5"),
        ({"price": 0}, "price of 005930 must be a number above 0"),
        ({"entry": 0}, "entry of 005930 must be a number above 0"),
        ({"margin": "200m"}, "margin must be at most the value at entry, 100,000,000 won"),
        ({"ticker": "TSLA"}, "a contract for difference must be on a Korean share"),
    ],
)
def test_what_is_wrong_with_a_contract_for_difference_is_told(change: dict[str, Any], told: str) -> None:
    line = {"ticker": "005930", "quantity": 1000, "entry": 100_000, "margin": "40m"}
    assert told in refusal(cfd=[line | change])
