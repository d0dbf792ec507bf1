"""Positions with their own margin: read from a map, refused with every fault."""

from typing import Any

import pytest

from gaemi.errors import Refused
from gaemi.sources.accounts import PositionLine, read_account

LONG = {
    "ticker": "BTCUSDT", "side": "long", "quantity": 0.5, "entry": 110_000, "margin": 11_000, "maintenance": "0.5%",
}  # fmt: skip


def positions(*maps: dict[str, Any]) -> tuple[PositionLine, ...]:
    return read_account({"positions": list(maps)}).positions


def refusal(*maps: dict[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        positions(*maps)
    return str(refused.value)


def test_a_position_is_read_with_its_side_margin_and_maintenance() -> None:
    (line,) = positions(LONG | {"price": 109_500, "volatility": "45%"})
    assert ("BTCUSDT", 1, 0.5, 110_000.0, 11_000.0) == (
        line.ticker, line.side, line.quantity, line.entry, line.margin,
    )  # fmt: skip
    assert (0.5, 109_500.0, 45.0) == (line.maintenance_pct, line.price, line.volatility_pct)


def test_korean_words_and_spellings_of_a_coin_are_taken() -> None:
    (line,) = positions(
        {"종목": "BTC/KRW", "방향": "숏", "수량": "0.01", "진입가": "1억 5천만", "증거금": "30만", "유지증거금률": "1%"}
    )
    assert ("KRW-BTC", -1, 0.01, 150_000_000.0, 300_000.0) == (
        line.ticker, line.side, line.quantity, line.entry, line.margin,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"quantity": 0}, "quantity of BTCUSDT must be a number above 0"),
        ({"quantity": -1}, "quantity of BTCUSDT must be a number above 0"),
        ({"margin": "x"}, "margin of BTCUSDT must be a number above 0"),
        ({"side": "up"}, "side must be one of long, short"),
        ({"maintenance": "0.5"}, "maintenance must be per cent"),
        ({"maintenance": "80%"}, "maintenance must be from 0% to 50%"),
        ({"leverage": 5}, "leverage"),
    ],
)
def test_what_is_wrong_with_a_position_is_told(change: dict[str, Any], told: str) -> None:
    assert told in refusal(LONG | change)


def test_every_fault_of_every_position_is_told_at_once() -> None:
    said = refusal(LONG | {"side": "up"}, LONG | {"margin": 0})
    assert "side must be" in said and "margin of BTCUSDT" in said


def test_a_position_without_its_margin_is_refused() -> None:
    bare = {key: value for key, value in LONG.items() if key != "margin"}
    assert "margin" in refusal(bare)
