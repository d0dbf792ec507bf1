from datetime import date
from pathlib import Path

import numpy as np
import pytest

from gaemi.days import is_session, session_on_or_before, sessions_between
from gaemi.errors import Refused
from gaemi.market.episodes import (
    EPISODES,
    Episode,
    episode,
    episode_balances,
    episode_names,
    episode_prices,
    episode_published,
)
from gaemi.sources.balances import FIGURES, read_balances
from gaemi.sources.prices import read_prices

BY_NAME = pytest.mark.parametrize("one", EPISODES, ids=lambda one: one.name)
DAY = date.resolution


@BY_NAME
def test_an_episode_starts_from_the_session_before_it(one: Episode) -> None:
    assert session_on_or_before(one.first - DAY) == one.start
    assert is_session(one.first)
    assert is_session(one.end)


@BY_NAME
def test_the_tables_are_whole(one: Episode) -> None:
    expected = sessions_between(one.start, one.end)
    prices = episode_prices(one.name).view(["KOSPI", "KOSDAQ", "USDKRW"], one.start, one.end)
    balances = episode_balances(one.name).between(one.start, one.end)
    assert expected == prices.days
    assert expected == balances.dates
    assert all(row.margin_won for row in balances)


@BY_NAME
def test_the_tables_say_where_their_figures_come_from(one: Episode) -> None:
    assert one.file.read_text().startswith("# Source: ")
    assert one.file.stat().st_size < 10_000


@BY_NAME
def test_the_tables_equal_the_recorded_histories(shared_data: Path, one: Episode) -> None:
    recorded = read_prices(shared_data / "kr_index_daily.csv")
    shipped = episode_prices(one.name)
    names = ["KOSPI", "KOSDAQ"]
    assert np.array_equal(recorded.window(names, one.start, one.end), shipped.window(names, one.start, one.end))
    for market in names:
        assert recorded.capitalisation(market, one.start) == pytest.approx(
            shipped.capitalisation(market, one.start), abs=10**9
        )
    official = read_balances(shared_data / "kofia_margin_deposits_forced_sales_daily.csv")
    for name in FIGURES:
        if name != "margin_total_won":
            expected = official.between(one.start, one.end).column(name)
            assert np.array_equal(expected, episode_balances(one.name).column(name)), name


def test_the_balances_before_the_fall_of_2020() -> None:
    row = episode_balances("covid-2020").on_or_before(date(2020, 3, 25))
    assert row.date == date(2020, 3, 25)
    assert row.margin_won is not None
    assert round(row.margin_won / 10**9) == 6408


def test_named_days_of_the_indices() -> None:
    covid = episode_prices("covid-2020")
    assert covid.close_on("KOSPI", date(2020, 3, 19)) == 1457.64
    june = episode_prices("june-2022").window(["KOSPI", "KOSDAQ"], date(2022, 6, 10), date(2022, 6, 13))
    assert [-3.52, -4.72] == np.round((june[1] / june[0] - 1) * 100, 2).tolist()


def test_the_names_of_april_2023_fell_by_their_limit(shared_data: Path) -> None:
    one = episode("cfd-2023")
    window = read_prices(shared_data).view(one.tickers, one.start, one.end)
    days = [window.days.index(date(2023, 4, day)) for day in (21, 24, 25, 26, 27)]
    samchully = window.close[days, window.tickers.index("004690")]
    assert [497_500, 348_500, 244_000, 171_000, 124_500] == samchully.tolist()


def test_the_shipped_names_equal_the_recorded_histories(shared_data: Path) -> None:
    one = episode("cfd-2023")
    shipped = episode_names(one.name)
    assert shipped is not None
    recorded = read_prices(shared_data / "kr_cfd_crash_2023_04_ohlcv.csv")
    theirs, ours = (history.view(one.tickers, one.start, one.end) for history in (recorded, shipped))
    assert theirs.days == ours.days
    for name in ("open", "close", "volume"):
        assert np.array_equal(getattr(theirs, name), getattr(ours, name)), name


def test_only_an_episode_with_single_names_ships_their_prices_and_what_was_published() -> None:
    assert [one.name for one in EPISODES if episode_names(one.name) is not None] == ["cfd-2023"]
    assert [one.name for one in EPISODES if episode_published(one.name)] == ["cfd-2023"]
    for file in (episode("cfd-2023").names_file, episode("cfd-2023").published_file):
        assert file.read_text().startswith("# ")
        assert file.stat().st_size < 10_000


def test_an_unknown_episode_names_the_closest() -> None:
    with pytest.raises(Refused, match="did you mean 'covid-2020'"):
        episode("covid2020")
    with pytest.raises(Refused, match="must be one of covid-2020, june-2022, cfd-2023"):
        episode("")
