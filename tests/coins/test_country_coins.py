"""Exchange accounts beside the country's stock accounts: what is asked of coins moves coins, and nothing of stocks."""

from datetime import date
from functools import cache
from typing import Any

import pytest
from coins.documents import is_saved, is_sound, plain, rows_of

from gaemi.coins.exchange import CoinStart
from gaemi.country import CountryResult, country
from gaemi.errors import Refused
from gaemi.law.lawbook import load
from gaemi.market.coin_paths import coin_shock_path
from gaemi.market.shocks import Shock
from gaemi.people.coin_instruments import coin_instruments
from gaemi.people.targets import Targets
from gaemi.records.coins import CoinPopulation, coin_group
from gaemi.rules.coins import lots_of
from gaemi.scene import Request
from gaemi.units import format_won
from gaemi.workers import LocalWorkers

SCALE = 20_000


@cache
def ran(shock: str | None, coins: bool = False, threads: int = 1) -> CountryResult:
    found = country(Request(scale=SCALE, shock=shock, coins=coins, days=3, threads=threads))
    assert isinstance(found, CountryResult)
    return found


def coins_of(shock: str) -> dict[str, Any]:
    return dict(ran(shock).document["coins"])


def priced(shock: str) -> dict[str, float]:
    """What is left of each coin's won price."""
    return {
        row["coin"].removeprefix("KRW-"): row["price_won"] / row["price_before_won"]
        for row in rows_of(ran(shock).document, "coins")
    }


def stocks_are_alike(without: dict[str, Any], beside: dict[str, Any]) -> None:
    """All that is said of stocks is equal, bit by bit; of assumptions and sentences the coins' come on top."""
    assert without["coins"] is None and beside["coins"] is not None
    first, second = plain(without), plain(beside)
    for name in first:
        if name not in ("coins", "sentences", "assumptions"):
            assert first[name] == second[name], name
    assert first["sentences"] == second["sentences"][: len(first["sentences"])]
    paths = [{row["path"] for row in document["assumptions"]} for document in (first, second)]
    assert paths[0] < paths[1] and all(path.startswith(("coins.", "coin_loan.")) for path in paths[1] - paths[0])


def test_coins_beside_a_shock_change_nothing_of_the_stocks() -> None:
    stocks_are_alike(ran("-20%").document, ran("-20%", coins=True).document)


@pytest.mark.slow
def test_coins_beside_a_shock_change_nothing_of_the_stocks_at_a_thousandth() -> None:
    runs = [country(Request(scale=1_000, shock="-20%", coins=coins)).document for coins in (False, True)]
    stocks_are_alike(*runs)


def test_a_shock_of_stocks_alone_moves_no_coin() -> None:
    coins = ran("-20%", coins=True).document["coins"]
    assert 0 == coins["lost_won"]
    assert coins["sentences"][0].endswith("the shock moves no coin.")


def test_bitcoin_and_the_premium_move_every_coin_and_no_stock() -> None:
    document = ran("BTC -30%, premium +5%").document
    is_sound(document)
    left = priced("BTC -30%, premium +5%")
    assert pytest.approx(0.7 * 1.05) == left["BTC"]
    assert pytest.approx(1.05) == left["USDT"]
    assert left["ETH"] < left["BTC"] < 1.0
    assert [(0.0, pytest.approx(5.0))] * 2 == [
        (row["before_pct"], row["added_pct"]) for row in rows_of(document, "premium")
    ]
    assert document["sentences"] == document["coins"]["sentences"]


def test_a_won_price_that_is_named_moves_alone_beside_the_stocks() -> None:
    document, left = ran("KRW-XRP -50%, KOSPI -10%").document, priced("KRW-XRP -50%, KOSPI -10%")
    assert pytest.approx(0.5) == left.pop("XRP")
    assert {1.0} == set(left.values())
    assert document["curve"][0]["shock_pct"] == -10.0
    assert "KRW-XRP -50%" in document["coins"]["shock"] and "KOSPI" not in document["coins"]["shock"]


def test_a_broken_dollar_coin_is_a_negative_premium_over_the_dollar() -> None:
    left = priced("USDT -10%")
    assert (pytest.approx(0.9), 1.0) == (left["USDT"], left["BTC"])
    premiums = {row["of"]: row["added_pct"] for row in rows_of(ran("USDT -10%").document, "premium")}
    assert {"BTC (kimchi premium)": 0.0, "USDT, over a dollar": pytest.approx(-10.0)} == premiums


@pytest.mark.parametrize("shock", ["BTC -30%, premium +5%", "KRW-XRP -50%, KOSPI -10%", "USDT -10%"])
def test_sentences_hold_the_numbers_of_the_tables(shock: str) -> None:
    coins = coins_of(shock)
    for name in ("bands", "ages", "coins"):
        rows = rows_of(ran(shock).document, name)
        assert coins["lost_won"] == sum(row["lost_won"] for row in rows)
        assert coins["held_before_won"] == sum(row["held_before_won"] for row in rows)
    told = coins["sentences"][0]
    assert told.startswith("10,770,000 accounts") and "at the prices of 2025-06-30" in told
    assert format_won(coins["held_before_won"]) in told and format_won(coins["lost_won"]) in told


def test_the_days_end_where_the_bands_do() -> None:
    days = rows_of(ran("BTC -30%, premium +5%").document, "days")
    assert coins_of("BTC -30%, premium +5%")["held_won"] == days[-1]["held_won"]
    assert days[-1]["date"] > "2025-11-03"


@pytest.mark.slow
def test_threads_and_a_second_run_change_nothing() -> None:
    first, second = (ran("BTC -30%, premium +5%", threads=threads).document for threads in (1, 2))
    assert plain(first) == plain(second)


@pytest.mark.slow
def test_the_folder_reads_back_and_the_page_says_the_sentences(tmp_path) -> None:
    found = ran("BTC -30%, premium +5%")
    is_saved(found.document, found.save(tmp_path / "run"))


@pytest.mark.slow
def test_a_rise_is_a_gain() -> None:
    told = ran("BTC +20%").document["sentences"][0]
    assert "they gain" in told and "-" not in told.split("they gain")[1]


def test_prices_at_which_a_holding_is_too_large_to_count_are_refused() -> None:
    table = coin_instruments(load(), date(2025, 10, 31))
    btc = table.row("KRW-BTC")
    path = coin_shock_path(Shock(), table, date(2025, 10, 31), 1, 1_400.0)
    path.price[5:, btc] = 16.0
    group = coin_group(1, 1)
    group.instrument[0, 0], group.quantity[0, 0] = btc, lots_of(300 * 10**9, int(table.price[btc]))
    start = CoinStart(load(), date(2025, 10, 31), date(2025, 6, 30), table, CoinPopulation([group], []), Targets([]), 0)
    with LocalWorkers(1) as workers, pytest.raises(Refused, match="the price of KRW-BTC must stay under 3 times"):
        start.begin(path, workers, feedback=False)
