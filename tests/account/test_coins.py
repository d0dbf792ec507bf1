"""Coins in the account's answer: to the won, outside every pool, with odds of their own."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from account.conftest import ON, law, mapping, request
from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi.account.coin_sentences import coins_held
from gaemi.account.luck import sessions_a_year
from gaemi.account.portfolio import Portfolio, portfolio
from gaemi.account.standing import holding_rows, pool_rows, standing_of, totals
from gaemi.account.view import _setting, account
from gaemi.account.what_if import after
from gaemi.errors import Refused

TOLD = {"ticker": "KRW-BTC", "quantity": 0.5, "price": "160m", "volatility": "45%"}
SHARES = {"ticker": "005930", "quantity": 1000, "price": 71_000}


def who(*holdings: Any, **others: Any) -> Portfolio:
    return portfolio(request(file=mapping(*holdings, **others)), law())


@given(st.integers(1, 10**12), st.integers(1, 10**9))
@settings(max_examples=50)
def test_a_coin_is_worth_quantity_times_price_to_the_won(parts: int, price: int) -> None:
    quantity = Decimal(parts).scaleb(-8)
    worth = max(1, int((quantity * price).to_integral_value(ROUND_HALF_UP)))
    at = standing_of(who(f"KRW-BTC {quantity:f} @ {price}"))
    assert worth == totals(at)["net_worth_won"] == holding_rows(at, {}, 245.0)[0]["value_won"]


def test_a_coin_in_dollars_is_worth_its_won_at_the_day_s_rate() -> None:
    at = standing_of(who("BTCUSDT 0.1 @ 98000.5"))
    row = holding_rows(at, {}, 245.0)[0]
    assert round(0.1 * 98_000.5 * at.portfolio.won_per_dollar) == pytest.approx(row["value_won"], abs=1)
    assert ("BTCUSDT", 0.1, 98_000.5, "dollar", "elsewhere", None) == tuple(
        row[name] for name in ("ticker", "quantity", "price", "currency", "standing", "pool")
    )


def test_coins_change_no_distance_of_the_pools() -> None:
    loan = {"kind": "margin", "amount": "45m", "on": "005930"}
    without = pool_rows(standing_of(who(SHARES, loans=[loan])))
    assert without == pool_rows(standing_of(who(SHARES, "KRW-BTC 0.5 @ 160m", loans=[loan])))


def test_the_sentence_says_how_much_of_what_is_worth_what() -> None:
    rows = holding_rows(standing_of(who("KRW-BTC 0.05 @ 160m", "KRW-XRP 1234.5 @ 3512.5")), {}, 245.0)
    assert [
        "0.05 BTC at 160,000,000 won and 1,234.5 XRP at 3,512.5 won are worth 12.3 m won: no pool counts them, so no "
        "firm calls or sells them."
    ] == coins_held(rows)


def test_selling_costs_the_fee_of_the_exchange() -> None:
    told = totals(standing_of(who("KRW-BTC 0.5 @ 160m")))
    assert 80_000_000 * 17 // 10_000 == told["net_worth_won"] - told["after_costs_won"]


def test_a_coin_without_a_price_is_refused_in_words() -> None:
    with pytest.raises(Refused) as refused:
        who("KRW-BTC 0.5")
    assert "KRW-BTC must have a price on 2025-10-31, was no price; write 'KRW-BTC 0.5 @ PRICE'" in str(refused.value)


def test_the_closes_of_an_episode_and_of_a_survey_are_shipped_prices() -> None:
    episode = portfolio(request(file={"on": "2022-04-05", "holdings": ["KRW-LUNA 1"]}), law())
    survey = portfolio(request(file={"on": "2021-12-31", "holdings": ["KRW-BTC 1"]}), law())
    assert (143_298, 56_784_000) == (round(episode.lots[0].coin.price), survey.lots[0].coin.price)  # type: ignore[union-attr]


def test_a_coin_moves_with_the_volatility_of_the_law_unless_the_file_tells_one() -> None:
    for holding, expected in (("KRW-BTC 0.5 @ 160m", 3.42 * 365**0.5), (TOLD, 45.0)):
        asked = request(file=mapping(holding))
        setting = _setting(asked, portfolio(asked, law()))
        assert [expected] == pytest.approx((setting.model.deviation * 100 * sessions_a_year(ON) ** 0.5).tolist())


@pytest.mark.slow
def test_an_account_of_coins_alone_has_odds() -> None:
    told = account(request(file=mapping("KRW-BTC 0.5 @ 160m")), book=law()).document
    assert 400 == sum(row["count"] for row in told["odds"][0]["rows"])
    assert "KRW-BTC: the volatility of BTC in the law, 3.42 % a day" in told["notes"]
    assert told["holdings"][0]["volatility_pct"] == pytest.approx(3.42 * 365**0.5)
    assert 0 == next(row["ever_count"] for row in told["odds"][0]["rows"] if row["outcome"] == "force-sold")


def test_a_part_of_a_coin_can_be_sold_for_cash_less_the_fee() -> None:
    before = who("KRW-BTC 0.5 @ 160m")
    after_sale, words = after(before, "sell KRW-BTC 0.2")
    assert 32_000_000 - 32_000_000 * 17 // 10_000 == after_sale.cash_won
    assert 48_000_000 + after_sale.cash_won == totals(standing_of(after_sale))["net_worth_won"]
    assert "0.2 of KRW-BTC sold at today's price for 31.9 m won" == words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sell KRW-BTC 0.6", "at most the 0.5 of KRW-BTC that are held can be sold"),
        ("sell KRW-ETH 1", "must be a coin that is held: KRW-BTC"),
        ("sell KRW-BTC", "a sale of coins must name a coin and how many"),
        ("sell KRW-BTC 0.00001", "must be at least 0.0005 KRW-BTC"),
        ("buy KRW-BTC 1", "coins are sold here and not bought"),
    ],
)
def test_a_sale_of_coins_that_cannot_be_is_refused(text: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        after(who("KRW-BTC 0.5 @ 160m"), text)
    assert told in str(refused.value)
