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
        ({"leverage": 7}, "margin must be value over leverage: 0.5 x 110,000 / 7 = 7,857.14"),
        ({"leverage": 0}, "leverage must be above 0"),
        ({"mode": "hedge"}, "mode must be one of isolated, cross"),
        ({"mode": "cross"}, "a position in cross mode has no margin of its own"),
        ({"price": 0}, "mark of BTCUSDT must be a number above 0"),
        ({"entry": 0}, "entry of BTCUSDT must be a number above 0"),
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


def tiered(*rows: dict[str, Any]) -> dict[str, Any]:
    bare = {key: value for key, value in LONG.items() if key != "maintenance"}
    return bare | {"tiers": list(rows)}


def test_leverage_stands_for_the_margin_and_may_agree_with_it() -> None:
    bare = {key: value for key, value in LONG.items() if key not in ("margin", "maintenance")}
    (without,), (both,) = positions(bare | {"leverage": "5x"}), positions(LONG | {"leverage": 5})
    assert 11_000.0 == without.margin == both.margin
    assert without.maintenance_pct is None


def test_tiers_are_read_as_floors_and_rates() -> None:
    (line,) = positions(
        tiered({"floor": 0, "cap": "50k", "rate": "0.4%"}, {"floor": "50k", "rate": "0.5%"}) | {"funding": "0.01%"}
    )
    assert ((0.0, 0.4), (50_000.0, 0.5)) == line.tiers
    assert 0.01 == line.funding_pct


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            [{"floor": 0, "cap": "50k", "rate": "0.4%"}, {"floor": "60k", "rate": "0.5%"}],
            "tiers must not leave a gap: the one before ends at 50,000, was floor 60,000",
        ),
        ([{"floor": 0, "cap": "50k", "rate": "1%"}, {"floor": "40k", "rate": "2%"}], "tiers must not overlap"),
        ([{"floor": 0, "rate": "1%"}, {"floor": 0, "rate": "2%"}], "floors of tiers must rise"),
        ([{"floor": 0, "rate": "1%"}, {"floor": "1k", "rate": "0.5%"}], "rates of tiers must not fall"),
        ([{"floor": "1k", "rate": "1%"}], "the first tier must begin at 0, was 1,000"),
        ([{"floor": 0, "rate": "0%"}], "rate of a tier must be above 0% and below 100%"),
        ([{"floor": "-5", "rate": "1%"}], "floor must be an amount of 0 or more"),
    ],
)
def test_a_broken_schedule_of_tiers_is_refused(rows: list[dict[str, Any]], told: str) -> None:
    assert told in refusal(tiered(*rows))


def test_maintenance_and_tiers_together_are_refused() -> None:
    assert "maintenance or tiers, not both" in refusal(LONG | {"tiers": "BTCUSDT"})
