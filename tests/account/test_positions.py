"""Perpetual-like positions in the account's answer: where the venue closes them, and what is refused."""

from datetime import date
from typing import Any

import pytest

from gaemi.account.portfolio import portfolio
from gaemi.account.position_rows import position_rows
from gaemi.account.request import Request
from gaemi.account.standing import standing_of, totals
from gaemi.account.view import account
from gaemi.errors import Refused
from gaemi.law.lawbook import load
from gaemi.rules.perpetual import LONG, SHORT, equity, liquidation_price

ON = date(2025, 10, 31)
TOLD = {
    "ticker": "BTCUSDT", "side": "long", "quantity": 0.5, "entry": 110_000, "margin": 11_000, "maintenance": "0.5%",
    "price": 109_500, "volatility": "45%",
}  # fmt: skip


def asked(*positions: dict[str, Any], **more: Any) -> Request:
    return Request(file={"cash": "1m", "positions": list(positions)}, on=ON, paths=200, **more)


def refusal(request: Request) -> str:
    with pytest.raises(Refused) as refused:
        account(request)
    return str(refused.value)


def test_a_position_is_worth_its_margin_and_profit_and_moves_by_its_times() -> None:
    who = portfolio(asked(TOLD), load())
    (row,) = position_rows(standing_of(who))
    worth = equity(11_000, LONG, 0.5, 110_000, 109_500)
    assert round(worth * who.won_per_dollar, -4) == round(row["worth_won"], -4)
    assert row["times"] == pytest.approx(0.5 * 109_500 / worth, rel=1e-12)
    assert row["liquidation_price"] == liquidation_price(11_000, LONG, 0.5, 110_000, 0.005)


def test_the_venue_closes_where_maintenance_is_all_that_is_left() -> None:
    for side in (LONG, SHORT):
        price = liquidation_price(11_000, side, 0.5, 110_000, 0.005)
        assert equity(11_000, side, 0.5, 110_000, price) == pytest.approx(0.005 * 0.5 * price, rel=1e-9)


def test_the_first_sentences_say_at_which_price_and_that_the_day_does_not_matter() -> None:
    said = " ".join(account(asked(TOLD)).summary)
    assert "is closed by the venue when the price falls" in said and "at any time of the day" in said


def test_a_long_position_without_leverage_is_closed_at_no_price_above_zero() -> None:
    whole = TOLD | {"margin": 55_000, "entry": 110_000, "maintenance": "0%"}
    assert "at no price above 0" in " ".join(account(asked(whole)).summary)


def test_exposure_counts_the_whole_value_of_a_position() -> None:
    at = standing_of(portfolio(asked(TOLD), load()))
    assert totals(at)["exposure_won"] == pytest.approx(0.5 * 109_500 * at.portfolio.won_per_dollar, rel=1e-3)


def test_a_position_that_the_venue_has_closed_already_is_refused() -> None:
    assert "the venue has closed this one" in refusal(asked(TOLD | {"price": 80_000}))


def test_a_position_without_a_price_is_refused() -> None:
    bare = {key: value for key, value in TOLD.items() if key != "price"}
    assert "BTCUSDT must have a price on 2025-10-31" in refusal(asked(bare))


def test_a_replay_that_holds_no_prices_of_a_position_is_refused_in_words() -> None:
    said = refusal(asked(TOLD, replay="covid-2020"))
    assert "a position must have a mark price on every day, was no prices of BTCUSDT" in said and "oct-2025" in said
