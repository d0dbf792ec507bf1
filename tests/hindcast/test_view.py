"""The hindcast view on the episode that ships: what it says, what it refuses, and that it is the same every time."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gaemi.errors import Refused
from gaemi.hindcast.request import HindcastRequest
from gaemi.hindcast.view import hindcast
from gaemi.market.episodes import episode_balances

EPISODE = "covid-2020"
START, END = date(2020, 3, 9), date(2020, 3, 18)


def asked(**changes: Any) -> HindcastRequest:
    small = {"first": START, "last": END, "prices": EPISODE, "balances": EPISODE, "members": 4, "names": 4}
    return HindcastRequest(**(small | changes))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return hindcast(asked()).document


def test_the_record_is_what_was_published(document: dict[str, Any]) -> None:
    published = {str(row.date): row for row in episode_balances(EPISODE)}
    for row in document["days"]:
        assert published[row["date"]].margin_kospi_won == row["kospi_record_won"]
        assert published[row["date"]].margin_kosdaq_won == row["kosdaq_record_won"]
        assert published[row["date"]].forced_sale_won == row["forced_record_won"]


def test_every_figure_lies_in_its_band(document: dict[str, Any]) -> None:
    for row in document["days"]:
        for what in ("kospi", "kosdaq", "margin_sold", "forced"):
            if row[f"{what}_central_won"] is not None:
                assert row[f"{what}_low_won"] <= row[f"{what}_central_won"] <= row[f"{what}_high_won"]


def test_it_begins_at_the_record_and_says_what_was_known(document: dict[str, Any]) -> None:
    first = document["days"][0]
    assert first["kospi_record_won"] == first["kospi_central_won"] == first["kospi_low_won"]
    assert {"prices_until": "2020-03-09", "balances_until": "2020-03-06"} == document["known"]
    assert ["mechanical", "behaviour"] == document["layers"]
    assert 7 == document["horizon"] == len(document["days"]) - 1


def test_without_history_to_fit_on_no_change_is_the_baseline(document: dict[str, Any]) -> None:
    last = document["days"][-1]
    assert document["days"][0]["kospi_record_won"] == last["kospi_no_change_won"]
    assert last["kospi_regression_path_won"] is None


def test_the_same_on_any_threads_and_from_the_saved_folder(document: dict[str, Any], tmp_path: Path) -> None:
    again = hindcast(asked(threads=1))
    assert document["days"] == again.document["days"]
    folder = again.save(tmp_path / "run")
    assert again.document["days"] == json.loads((folder / "result.json").read_text(encoding="utf-8"))["days"]


@pytest.mark.parametrize("model", ["gbm", "history", "garch"])
def test_paths_are_not_simulated_from_a_handful_of_returns(model: str) -> None:
    with pytest.raises(Refused) as found:
        hindcast(asked(paths=6, model=model))
    assert any("returns" in str(fault) or "days" in str(fault) for fault in found.value.faults)


def test_simulated_paths_know_no_price_after_the_start(shared_data: Path) -> None:
    """Mode A is given the fall of March 2020; mode B does not guess it, and begins where mode A begins."""
    prices = str(shared_data / "kr_index_daily.csv")
    balances = str(shared_data / "kofia_margin_deposits_forced_sales_daily.csv")
    given, told = (
        hindcast(asked(prices=prices, balances=balances, paths=paths, model="gbm")).document for paths in (None, 6)
    )
    assert "B: simulated paths" == told["mode"] and 6 == told["paths"]
    assert [True] + [False] * told["horizon"] == [row["kospi"] is not None for row in told["days"]]
    assert given["days"][0]["kospi_central_won"] == told["days"][0]["kospi_central_won"]
    assert told["days"][-1]["kospi_central_won"] > given["days"][-1]["kospi_central_won"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"first": None}, "needs the session at whose close"),
        ({"last": date(2020, 3, 1)}, "must be after --from"),
        ({"first": date(2020, 3, 8)}, "must be a session of the prices"),
        ({"first": date(2020, 1, 31), "last": date(2020, 2, 10)}, "after the first balance"),
        ({"last": date(2020, 4, 29)}, "at most 20 sessions"),
        ({"last": date(2020, 6, 1)}, "prices end before"),
        ({"members": 0}, "--members"),
        ({"paths": 1}, "--paths"),
        ({"model": "arima"}, "must be one of"),
        ({"balances": None}, "needs recorded prices and published balances"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        hindcast(asked(**changes))
