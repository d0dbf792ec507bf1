"""The replay of contracts for difference on April 2023, cut to the sessions around the fall."""

from datetime import date

import numpy as np
import pytest

from gaemi.answers.cfd_measures import (
    SMALL,
    contract_sentences,
    day_rows,
    episode_contracts,
    setting_row,
    shown_names,
)
from gaemi.cfd_run import CENTRAL, HIGH, LOW, RANGED, NamedPrices, Replayed, locked_closes, named_prices, replays
from gaemi.law.lawbook import load
from gaemi.market.episodes import episode, episode_balances, episode_names, episode_published
from gaemi.workers import LocalWorkers

CFD = episode("cfd-2023")


@pytest.fixture(scope="module")
def prices() -> NamedPrices:
    history = episode_names(CFD.name)
    assert history is not None
    return named_prices(history, CFD.tickers, date(2023, 4, 20), date(2023, 5, 3))


@pytest.fixture(scope="module")
def runs(prices: NamedPrices) -> list[Replayed]:
    with LocalWorkers(1) as workers:
        return replays(load(), prices, len(CFD.tickers) + len(CFD.absent), workers, 0)


def test_the_record_locks_five_four_three_and_two_names(runs: list[Replayed], prices: NamedPrices) -> None:
    locked = locked_closes(runs[0].world, prices).sum(axis=1)
    days = {day.day: int(count) for day, count in zip(prices.dates, locked, strict=True)}
    assert {24: 5, 25: 4, 26: 3, 27: 2, 28: 0} == {day: days[day] for day in (24, 25, 26, 27, 28)}


def test_four_locked_days_leave_debts(runs: list[Replayed]) -> None:
    central = setting_row(runs[0])
    assert (CENTRAL, None) == (central["setting"], central["parameter"])
    assert 0 < central["unpaid_won"] < central["contracts_won"]
    assert 0 < central["unpaid_accounts"] <= central["called_accounts"] == central["accounts"]


def test_every_won_is_accounted_for_on_every_end_of_every_range(runs: list[Replayed]) -> None:
    assert [[]] * len(runs) == [each.world.differences for each in runs]
    named = [(each.setting, each.parameter) for each in runs]
    assert [(CENTRAL, None), *((s, p) for p in RANGED for s in (LOW, HIGH)), (LOW, None), (HIGH, None)] == named


def test_all_ends_together_bound_what_stays_unpaid(runs: list[Replayed]) -> None:
    unpaid = [setting_row(each)["unpaid_won"] for each in runs]
    assert unpaid[-2] <= min(unpaid) and max(unpaid) <= unpaid[-1]


def test_no_more_is_filled_at_the_limit_than_was_traded(runs: list[Replayed], prices: NamedPrices) -> None:
    locked = locked_closes(runs[0].world, prices)
    for each in runs:
        sold = np.array([record.names["sold_lots"] for record in each.world.records[1:]])
        assert (sold <= prices.volume[1:])[locked[1:]].all()


def test_what_is_ordered_is_filled_or_waits(runs: list[Replayed], prices: NamedPrices) -> None:
    shown = {ticker: [row] for row, ticker in enumerate(prices.tickers)}
    rows = day_rows(runs[0].world, prices, shown)
    for row in rows:
        assert row["ordered_lots"] == row["filled_lots"] + row["waiting_lots"]
    assert setting_row(runs[0])["unpaid_won"] == sum(row["unpaid_won"] for row in rows)


def test_small_names_are_not_named() -> None:
    capital = {ticker: won for (what, ticker), won in episode_published(CFD.name).items() if what == "capitalisation"}
    shown = shown_names(CFD.tickers, capital)
    assert {"004690": [0], "016710": [1], "017390": [2], SMALL: [3, 4]} == shown


def test_no_balance_no_replay(prices: NamedPrices) -> None:
    early = NamedPrices(
        tuple(day.replace(year=2018) for day in prices.dates), prices.tickers, prices.open, prices.close, prices.volume
    )
    with LocalWorkers(1) as workers:
        assert [] == replays(load(), early, 8, workers, 0)


@pytest.mark.slow
def test_the_document_sets_the_model_beside_the_record() -> None:
    with LocalWorkers(1) as workers:
        document = episode_contracts(load(), CFD, None, episode_balances(CFD.name), workers, 0)
    assert document is not None
    record = document["record"]
    assert (14, 252_190_000_000) == (record["locked_closes_in_all"], record["published_unpaid_won"])
    assert 271 == record["unsettled_rise_won"] // 10**9
    assert "2023-04-24" == document["first_called"]
    assert document["unpaid_low_won"] <= document["totals"]["unpaid_won"] <= document["unpaid_high_won"]
    assert record["published_unpaid_won"] <= document["unpaid_high_won"]
    said = " ".join(contract_sentences(document))
    assert "5 whose prices are on record (3 have none)" in said
    assert ["cfd_days", "cfd_settings", "cfd_record"] == [table["name"] for table in document["tables"]]
    for table in document["tables"]:
        assert all(column[0] in row for column in table["columns"] for row in table["rows"])


def test_an_episode_without_names_has_no_contracts() -> None:
    with LocalWorkers(1) as workers:
        assert episode_contracts(load(), episode("june-2022"), None, None, workers, 0) is None
