"""Paths of coins: two prices, moves as written, recorded bars, halts and the end of a listing."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from gaemi.errors import Refused
from gaemi.law.lawbook import load
from gaemi.market.coin_episodes import Event
from gaemi.market.coin_paths import CoinPath, coin_bar_path, coin_shock_path, parse_coin_shock, prices_at
from gaemi.people.coin_instruments import coin_instruments
from gaemi.sources.intraday import BarHistory, Bars

ON = date(2025, 6, 30)
TABLE = coin_instruments(load(), ON)


def shocked(text: str, days: int = 2, steps: int = 24) -> CoinPath:
    return coin_shock_path(parse_coin_shock(text, TABLE), TABLE, ON, days, 1_400.0, steps)


def end(path: CoinPath, coin: str, what: str = "price") -> float:
    return float(getattr(path, what)[-1, TABLE.row(f"KRW-{coin}")])


def bars(ticker: str, closes: list[float], first: datetime, minutes: int) -> Bars:
    close, begin = np.array(closes), np.datetime64(first.replace(tzinfo=None), "s")
    start = begin + np.arange(close.size) * np.timedelta64(60 * minutes, "s")
    return Bars(ticker, "test", start, minutes, close, close, close, close, close, np.arange(close.size) + 2)


def test_a_fall_of_btc_moves_unnamed_coins_by_their_beta() -> None:
    path = shocked("BTC -30% over 2d")
    assert 0.70 == pytest.approx(end(path, "BTC"))
    assert 0.70**1.07 == pytest.approx(end(path, "ETH"))
    assert 1.0 == end(path, "USDT")


def test_a_fall_in_won_is_of_one_coin_and_not_abroad() -> None:
    path = shocked("KRW-BTC -30% over 1d")
    assert (0.70, 1.0) == pytest.approx((end(path, "BTC"), end(path, "BTC", "world")))
    assert 1.0 == end(path, "ETH")


def test_the_premium_lifts_every_won_price_and_no_price_abroad() -> None:
    path = shocked("premium +5% over 1d")
    assert (1.05, 1.0) == pytest.approx((end(path, "XRP"), end(path, "XRP", "world")))
    assert 0.05 == pytest.approx(float(path.premium[-1]))


def test_won_price_is_world_price_times_the_rate_times_the_premium() -> None:
    path = shocked("BTC -20%, USDKRW +10%, premium -2%, USDT -10% over 2d")
    assert 0.8 * 1.1 * 0.98 == pytest.approx(end(path, "BTC"))
    assert 0.9 * 1.1 * 0.98 == pytest.approx(end(path, "USDT"))


def test_a_day_begins_at_9_in_korea_and_a_finer_cut_passes_through_the_same_prices() -> None:
    coarse, fine = shocked("BTC -30% over 2d", steps=24), shocked("BTC -30% over 2d", steps=1440)
    assert "2025-07-01T00:00:00" == str(coarse.times[0])
    assert [date(2025, 7, 1), date(2025, 7, 2)] == [coarse.date_of(day) for day in (1, 2)]
    assert fine.price[::60] == pytest.approx(coarse.price)


def test_a_halted_coin_is_halted_for_as_long_as_written() -> None:
    path = shocked("KRW-ADA halt 1d")
    assert [1, 0] == [int(path.halted[t, TABLE.row("KRW-ADA")]) for t in (24, 25)]


def test_a_locked_coin_and_an_unknown_one_are_refused() -> None:
    with pytest.raises(Refused, match="cannot be locked"):
        parse_coin_shock("KRW-BTC -30% locked fill 2%", TABLE)
    with pytest.raises(Refused, match="did you mean 'KRW-BTC'"):
        parse_coin_shock("KRW-BTV -30%", TABLE)


def test_recorded_bars_give_both_prices_and_others_follow_btc() -> None:
    first = datetime(2025, 6, 30, 23, tzinfo=UTC)
    recorded = BarHistory((bars("BTCUSDT", [100.0, *np.linspace(100, 80, 24)], first, 60),))
    path = coin_bar_path(recorded, TABLE, ON, 1, {ON: 1_400.0, date(2025, 7, 1): 1_470.0}, {ON: 0.0})
    assert (0.8, 0.8 * 1.05) == pytest.approx((end(path, "BTC", "world"), end(path, "BTC")))
    assert 0.8**1.07 * 1.05 == pytest.approx(end(path, "ETH"))


def test_daily_bars_are_joined_by_a_line_in_logs_and_a_coin_stands_still_behind_its_last() -> None:
    day = datetime(2025, 6, 30, tzinfo=UTC)
    recorded = BarHistory((bars("BTCUSDT", [100.0, 100.0, 100.0], day, 1440), bars("XRPUSDT", [4.0, 1.0], day, 1440)))
    path = coin_bar_path(recorded, TABLE, ON, 2, {ON: 1_400.0}, {ON: 0.0})
    assert [1.0, 0.5, 0.25, 0.25] == pytest.approx(path.price[[0, 12, 24, 48], TABLE.row("KRW-XRP")])


def test_missing_bars_are_refused() -> None:
    first = datetime(2025, 6, 30, 23, tzinfo=UTC)
    whole = bars("BTCUSDT", [100.0] * 25, first, 60)
    keep = np.arange(25) != 7
    cut = Bars("BTCUSDT", "test", whole.start[keep], 60, *(whole.close[keep] for _ in range(5)), whole.rows[keep])
    with pytest.raises(Refused, match="missing"):
        coin_bar_path(BarHistory((cut,)), TABLE, ON, 1, {ON: 1_400.0}, {ON: 0.0})


def test_without_bars_of_btc_a_path_is_refused() -> None:
    day = datetime(2025, 6, 30, tzinfo=UTC)
    with pytest.raises(Refused, match="BTCUSDT or KRW-BTC"):
        coin_bar_path(BarHistory((bars("XRPUSDT", [1.0, 1.0], day, 1440),)), TABLE, ON, 1, {ON: 1_400.0}, {ON: 0.0})


def test_a_coin_that_is_delisted_is_worth_nothing_from_then_on() -> None:
    day = datetime(2025, 6, 30, tzinfo=UTC)
    gone = Event(datetime(2025, 7, 1, 12, tzinfo=UTC), "KRW-ADA", "delisted", "venue", "test")
    recorded = BarHistory((bars("BTCUSDT", [100.0, 100.0], day, 1440),))
    path = coin_bar_path(recorded, TABLE, ON, 1, {ON: 1_400.0}, {ON: 0.0}, events=[gone])
    row = TABLE.row("KRW-ADA")
    assert ([1.0, 0.0], [0, 1]) == (path.price[[11, 12], row].tolist(), path.halted[[11, 12], row].tolist())


def test_won_prices_at_a_close_are_recorded_ones_or_those_abroad_at_rate_and_premium() -> None:
    day = datetime(2025, 6, 30, tzinfo=UTC)
    recorded = BarHistory(
        (bars("BTCUSDT", [100.0], day, 1440), bars("ETHUSDT", [10.0], day, 1440), bars("KRW-BTC", [7.0], day, 1440))
    )
    assert {"BTC": 7.0, "ETH": 15_400.0} == pytest.approx(prices_at(recorded, ON, 1_400.0, 0.1))
