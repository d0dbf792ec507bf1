"""Perpetuals of an account: tiers, shared wallets, and what a venue closes at a set of marks."""

from datetime import date
from typing import Any

import pytest
from account.conftest import law
from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi.account.contracts import positions_of
from gaemi.account.perpetuals import (
    Position,
    closed_at,
    closings,
    margin_behind,
    scheduled,
    wallet_equity,
    wallet_need,
    worth_of,
)
from gaemi.account.portfolio import portfolio
from gaemi.account.position_rows import position_rows, wallet_row
from gaemi.account.request import Request
from gaemi.account.standing import standing_of
from gaemi.errors import Refused
from gaemi.sources.account_positions import PositionLine
from gaemi.sources.accounts import read_account

ON = date(2025, 10, 31)
CROSS = {"ticker": "BTCUSDT", "side": "long", "quantity": 0.5, "entry": 110_000, "mode": "cross", "price": 109_500}
SHORT = {"ticker": "ETHUSDT", "side": "short", "quantity": 3, "entry": 3_900, "mode": "cross", "price": 3_850}


def one(name: str, side: int, quantity: float, entry: float, margin: float | None, rate: float) -> Position:
    line = PositionLine(name, side, quantity, entry, margin or 0.0, 100 * rate, cross=margin is None)
    return Position(line, scheduled([0.0], [rate], ""))


def rows(*positions: dict[str, Any], **more: Any) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    at = standing_of(portfolio(Request(file={"positions": list(positions)} | more, on=ON), law()))
    return position_rows(at), wallet_row(at)


def refusal(*positions: dict[str, Any], **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        rows(*positions, **more)
    return str(refused.value)


def test_two_obligations_on_one_wallet_end_at_the_published_price() -> None:
    """5 + (P - 100) = 0.004 P + 4, so P = 99.40: dYdX chain v4, two obligations in one cross account."""
    first, second = one("A", 1, 1.0, 100.0, None, 0.004), one("B", 1, 1.0, 100.0, None, 0.04)
    prices = {first.name: 100.0, second.name: 100.0}
    assert 99.4 == pytest.approx(closed_at(first, margin_behind(first, [first, second], 5.0, prices)), abs=0.005)


def test_at_its_price_the_wallet_just_holds_what_is_needed() -> None:
    (btc, eth), wallet = rows(CROSS, SHORT, wallet=5000)
    found = positions_of(read_account({"positions": [CROSS, SHORT], "wallet": 5000}), law(), ON, [])
    prices = {"BTCUSDT long": btc["liquidation_price"], "ETHUSDT short": 3_850.0}
    assert wallet_need(found, prices) == pytest.approx(wallet_equity(5_000, found, prices), rel=1e-9)
    assert ("cross", "the venue table BTCUSDT", 0.5) == (btc["mode"], btc["schedule"], btc["quantity"])
    assert eth["liquidation_price"] > 3_850 > btc["price"] - 109_500 + 3_000
    assert wallet is not None and 0 < wallet["fall_pct"] < 15 and wallet["rise_pct"] is None


def test_the_parts_of_a_wallet_are_worth_its_equity() -> None:
    (btc, eth), wallet = rows(CROSS, SHORT, wallet=5000)
    rate = law().value("people.won_per_dollar", ON)
    assert wallet is not None
    assert btc["worth_won"] + eth["worth_won"] == pytest.approx(wallet["equity"] * rate, rel=1e-6)


def test_the_tiers_of_the_law_make_a_large_position_ask_more() -> None:
    small, large = ({"ticker": "BTCUSDT", "side": "long", "quantity": q, "entry": 100_000, "leverage": 10,
                     "price": 100_000} for q in (0.1, 50))  # fmt: skip
    (low,), (high,) = rows(small)[0], rows(large)[0]
    assert 0.1 * 100_000 * 0.004 == pytest.approx(low["maintenance"])
    assert 5_000_000 * 0.025 - 16_300 == pytest.approx(high["maintenance"])
    assert high["liquidation_price"] > low["liquidation_price"]


def test_own_tiers_end_at_the_published_price() -> None:
    """Binance's page on liquidation prices (2021): 109.488 BTC from 32,481.98 end at 18,778.73."""
    tiers = [
        {"floor": 0, "rate": "0.4%"}, {"floor": "50k", "rate": "0.5%"}, {"floor": "250k", "rate": "1%"},
        {"floor": "1m", "rate": "2.5%"}, {"floor": "10m", "rate": "5%"},
    ]  # fmt: skip
    told = {"ticker": "BTCUSDT", "side": "long", "quantity": 109.488, "entry": 32_481.98, "margin": 1_535_443.01,
            "tiers": tiers, "price": 32_481.98}  # fmt: skip
    (row,) = rows(told)[0]
    assert 18_778.73 == round(row["liquidation_price"], 2)


def test_funding_is_paid_by_the_long_and_got_by_the_short() -> None:
    (long_row, short_row), _ = rows(CROSS | {"funding": "0.01%"}, SHORT | {"funding": "0.01%"}, wallet=5000)
    rate = law().value("people.won_per_dollar", ON)
    assert round(54_750 * rate * 0.0001 * 3) == long_row["funding_day_won"]
    assert -round(11_550 * rate * 0.0001 * 3) == short_row["funding_day_won"]


def test_exactly_at_maintenance_nothing_is_closed() -> None:
    position = one("A", 1, 0.1, 50_000.0, 500.0, 0.1)
    assert [] == closings([position], 0.0, {position.name: 50_000.0}, 0.0)[0]
    assert ["A long"] == [each.name for each in closings([position], 0.0, {position.name: 49_999.0}, 0.0)[0]]


def test_the_largest_loss_goes_first_and_what_is_left_stays_open() -> None:
    bad, good = one("A", 1, 1.0, 100.0, None, 0.1), one("B", 1, 1.0, 100.0, None, 0.1)
    shut, left, wallet = closings([bad, good], 62.0, {bad.name: 50.0, good.name: 99.0}, 0.01)
    assert (["A long"], ["B long"], 62.0 - 50.0 - 0.5) == ([each.name for each in shut], [e.name for e in left], wallet)


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e3))
@settings(max_examples=50)
def test_a_long_without_leverage_is_never_closed_above_zero(entry: float, quantity: float) -> None:
    position = one("A", 1, quantity, entry, quantity * entry, 0.004)
    for share in (1.0, 0.5, 1e-3, 1e-9):
        assert [] == closings([position], 0.0, {position.name: entry * share}, 0.0)[0]
    assert closed_at(position, position.line.margin) <= 1e-9 * entry


@given(st.lists(st.tuples(st.sampled_from([1, -1]), st.floats(0.1, 10), st.floats(50, 150)), min_size=1, max_size=4),
       st.floats(1, 1000))  # fmt: skip
@settings(max_examples=50)
def test_a_wallet_is_never_worth_less_than_nothing_and_closing_ends_when_it_suffices(
    told: list[tuple[int, float, float]], wallet: float
) -> None:
    positions = [one(str(n), side, quantity, 100.0, None, 0.05) for n, (side, quantity, _) in enumerate(told)]
    prices = {each.name: price for each, (_, _, price) in zip(positions, told, strict=True)}
    _, left, after = closings(positions, wallet, prices, 0.01)
    assert after >= 0 and worth_of(left, after, prices) >= 0
    assert not left or wallet_need(left, prices) <= wallet_equity(after, left, prices)


@pytest.mark.parametrize(
    ("positions", "more", "told"),
    [
        ([CROSS], {}, "positions in cross mode share a wallet"),
        ([CROSS | {"mode": "isolated", "leverage": 5}], {"wallet": 500}, "no position stands on the wallet"),
        ([CROSS | {"tiers": "BTCUSD"}], {"wallet": 5000}, "tables of tiers are BTCUSDT, ETHUSDT, other"),
        ([CROSS, CROSS], {"wallet": 5000}, "a position must be named once"),
        ([CROSS], {"wallet": 300}, "the wallet must carry its positions"),
        ([{"ticker": "KRW-BTC", "side": "long", "quantity": 1, "entry": "160m", "leverage": 2, "price": "160m"}], {},
         "no venue's table is known for positions in won"),
    ],
)  # fmt: skip
def test_positions_that_cannot_stand_are_refused(
    positions: list[dict[str, Any]], more: dict[str, Any], told: str
) -> None:
    assert told in refusal(*positions, **more)
