"""The shipped tables of coin episodes are whole and say what was published."""

from datetime import date, datetime, timedelta

import pytest

from gaemi.errors import Refused
from gaemi.market.coin_episodes import (
    COIN_EPISODES,
    coin_episode,
    episode_bars,
    episode_events,
    episode_supply,
    is_coin_episode,
    premium_bps,
    usdt_premium_bps,
    won_per_dollar,
)

NAMES = [one.name for one in COIN_EPISODES]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_an_episode_has_each_of_its_days(name: str) -> None:
    episode = coin_episode(name)
    begin = datetime(episode.start.year, episode.start.month, episode.start.day)
    count = (episode.end - episode.start).days + 1
    history = episode_bars(name)
    assert set(episode.tickers) <= set(history.tickers)
    for ticker in history.tickers:
        bars = history.window(ticker, begin, begin + timedelta(days=count), 1440)
        assert (count, 1440) == (len(bars.close), bars.minutes)


@pytest.mark.parametrize("name", NAMES)
def test_every_day_has_a_rate_and_a_premium(name: str) -> None:
    episode = coin_episode(name)
    days = [episode.start + timedelta(days=place) for place in range((episode.end - episode.start).days + 1)]
    assert [day for day in days if day not in won_per_dollar(name) or day not in premium_bps(name)] == []


def test_the_top_of_luna_stands_in_the_table() -> None:
    bars = episode_bars("terra-2022").of("LUNAUSDT")
    assert ("2022-04-05", 119.18) == (str(bars.start[bars.high.argmax()])[:10], round(float(bars.high.max()), 2))


def test_the_supply_of_luna_as_it_was_published() -> None:
    supply = episode_supply("terra-2022")
    assert ["LUNA", "UST", "USDT"] == list(dict.fromkeys(sorted(supply, key=["LUNA", "UST", "USDT"].index)))
    assert 378 == round(supply["LUNA"][date(2022, 5, 12)] / supply["LUNA"][date(2022, 5, 8)])
    assert {} == episode_supply("oct-2025")


def test_the_premium_of_october_2025() -> None:
    assert (728, 802) == (premium_bps("oct-2025")[date(2025, 10, 10)], usdt_premium_bps("oct-2025")[date(2025, 10, 10)])


def test_events_are_in_order_and_name_their_source() -> None:
    events = episode_events("terra-2022")
    assert list(events) == sorted(events, key=lambda one: one.time)
    assert all(one.source and one.time.tzinfo is not None for one in events)
    assert () == episode_events("oct-2025")


def test_an_unknown_episode_is_answered_with_the_closest() -> None:
    assert not is_coin_episode("terra")
    with pytest.raises(Refused, match="did you mean 'terra-2022'"):
        coin_episode("terra-2021")
