"""`gaemi state`: where margin loans stand on a date, rebuilt from recorded prices and published balances."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from views.conftest import gaemi, refusals

from gaemi.errors import Refused
from gaemi.people.cohorts import read_cohorts
from gaemi.records.columns import Board
from gaemi.state import tables
from gaemi.state.request import StateRequest
from gaemi.state.view import StateResult, state
from gaemi.units import format_won

ON = date(2020, 1, 31)
PRICES, BALANCES = "kr_index_daily.csv", "kofia_margin_deposits_forced_sales_daily.csv"
MARKETS = ("KOSPI", "KOSDAQ")
PARTS = {
    "schema", "results_version", "on", "title", "law_version", "seed", "members", "names", "layers", "basis", "since",
    "sessions", "gaps", "closed_days", "known_until", "young", "markets", "ratios", "ages", "distances", "call_map",
    "stocks", "days", "assumptions", "run", "feasible", "infeasible", "curve", "timing", "sentences",
}  # fmt: skip


def request_of(folder: Path, **changes: Any) -> StateRequest:
    asked = StateRequest(
        on=ON, prices=str(folder / PRICES), balances=str(folder / BALANCES), members=4, names=8, curve=True
    )
    return replace(asked, **changes)


@pytest.fixture(scope="module")
def rebuilt(shared_data: Path) -> StateResult:
    return state(request_of(shared_data))


@pytest.fixture(scope="module")
def document(rebuilt: StateResult) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(rebuilt.document))
    return found


def steady(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in ("run", "timing")}


def of_market(rows: list[dict[str, Any]], market: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["market"] == market]


def test_the_document_has_all_its_parts(document: dict[str, Any]) -> None:
    assert PARTS <= set(document)
    assert ("gaemi.state/1", "2020-01-31", "2019-01-02", "daily") == tuple(
        document[name] for name in ("schema", "on", "since", "basis")
    )
    assert "no prices from 2018-10-01 to 2018-12-28" in document["gaps"]
    assert ["2019-12-31"] == document["closed_days"]
    assert ["mechanical", "behaviour"] == document["layers"]
    assert not document["young"]


@pytest.mark.parametrize("table", ["ratios", "ages", "distances"])
def test_bands_hold_every_won_of_a_market_once(document: dict[str, Any], table: str) -> None:
    for row in document["markets"]:
        bands = of_market(document[table], row["market"])
        assert 100.0 == pytest.approx(sum(band["share_pct"] for band in bands), abs=1e-9)
        rounded = len(bands)
        assert abs(row["trade_won"]["mean"] - sum(band["won"] for band in bands)) <= rounded
        assert all(
            band["share_low_pct"] <= band["share_pct"] <= band["share_high_pct"] for band in bands if band["won"]
        )


def test_won_by_ratio_are_won_by_age_and_by_distance(document: dict[str, Any]) -> None:
    for market in MARKETS:
        sums = [sum(row["won"] for row in of_market(document[t], market)) for t in ("ratios", "ages", "distances")]
        assert max(sums) - min(sums) <= len(document["ratios"])


def test_every_published_balance_is_met(document: dict[str, Any]) -> None:
    """From the first session of the stretch on, whose balance speaks of trades before it."""
    for market in MARKETS:
        rows = of_market(document["days"], market)
        told = [(row["settled_won"], row["model_won"], row["low_won"], row["high_won"]) for row in rows]
        assert 266 == len(rows)
        assert all(len(set(each)) == 1 for each in told)


def test_what_flowed_makes_the_balances_of_the_days(document: dict[str, Any]) -> None:
    """Means of whole won are rounded one by one, and balances are settled two sessions after the trades."""
    names = ("repaid_won", "extra_won", "sold_won", "topped_won", "unpaid_won")
    for market in MARKETS:
        rows = of_market(document["days"], market)
        for before, trade, row in zip(rows[1:], rows, rows[2:], strict=False):
            gone = sum(trade[name] for name in names)
            assert abs(before["model_won"] + trade["opened_won"] - gone - row["model_won"]) <= 10


def test_a_further_fall_reaches_more_loans(document: dict[str, Any]) -> None:
    rows = document["call_map"]
    assert list(tables.FALLS_PCT) == [row["fall_pct"] for row in rows]
    assert sorted(row["reached_won"] for row in rows) == [row["reached_won"] for row in rows]
    assert all(row["low_won"] <= row["reached_won"] <= row["high_won"] for row in rows)
    under = sum(row["under_maintenance_won"]["mean"] for row in document["markets"])
    assert abs(rows[0]["reached_won"] - under) <= 2
    first = [row["won"] for row in document["distances"] if row["fall_high_pct"] == 0]
    assert abs(sum(first) - under) <= 2


def test_a_deeper_shock_calls_and_sells_more(document: dict[str, Any]) -> None:
    rows = document["curve"]
    assert [0, -5, -10, -15, -20, -25, -30, -35, -40] == [row["shock_pct"] for row in rows]
    for measure in ("called_won", "sold_won"):
        assert sorted(row[measure] for row in rows[:7]) == [row[measure] for row in rows[:7]]
    assert all(0.0 <= row["sold_share_pct"] <= 100.0 for row in rows)


def test_infeasible_days_are_named_and_late_ones_mark_the_state(document: dict[str, Any]) -> None:
    late = {row["date"] for row in document["days"][-2 * tables.LATE :]}
    assert document["feasible"] == (not any(row["date"] in late for row in document["infeasible"]))
    assert all(row["members_pct"] >= 50.0 and row["won"] > 0 for row in document["infeasible"])


def test_the_sentences_say_what_the_tables_say(document: dict[str, Any]) -> None:
    won = sum(row["trade_won"]["mean"] for row in document["markets"])
    assert document["sentences"][0].startswith(f"At the close of 2020-01-31 margin loans of {format_won(won)} stood")
    assert all(line.endswith(".") for line in document["sentences"])


def test_the_same_request_is_the_same_document_with_any_threads(shared_data: Path, document: dict[str, Any]) -> None:
    for threads in (1, 2):
        again = json.loads(json.dumps(state(request_of(shared_data, threads=threads)).document))
        assert steady(document) == steady(again)


def test_another_seed_is_another_state_of_the_same_balances(shared_data: Path, document: dict[str, Any]) -> None:
    other = state(request_of(shared_data, seed=1)).document
    assert other["ratios"] != document["ratios"]
    known = [[row["settled_won"] for row in one["days"]] for one in (other, document)]
    assert known[0] == known[1]


def test_nothing_after_the_date_is_read(shared_data: Path, tmp_path: Path, document: dict[str, Any]) -> None:
    """Files that end with the state's date give the same answer."""
    cut = []
    for name in (PRICES, BALANCES):
        head, *rows = (shared_data / name).read_text(encoding="utf-8-sig").splitlines()
        cut.append(tmp_path / name)
        kept = [row for row in rows if row[:10] <= str(ON)]
        assert len(kept) < len(rows)
        cut[-1].write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    found = state(request_of(shared_data, prices=str(cut[0]), balances=str(cut[1]))).document
    assert steady(document) == steady(json.loads(json.dumps(found)))


def test_cohorts_are_the_state_in_rectangles_of_age_and_ratio(rebuilt: StateResult, document: dict[str, Any]) -> None:
    cohorts = rebuilt.cohorts
    for place, row in enumerate(document["markets"]):
        won = int(cohorts.won[cohorts.board == place].sum())
        assert won == pytest.approx(row["trade_won"]["mean"], rel=1e-9)
        assert cohorts.mean_age(Board(place)) == pytest.approx(row["mean_age"], rel=0.15)
        assert 100 * cohorts.share_under(Board(place), 15_000) == pytest.approx(row["under_150_pct"]["mean"], rel=0.02)
    ages = [int(cohorts.won[cohorts.age_low == low].sum()) for low in tables.AGE_EDGES[:-1]]
    told = [sum(row["won"] for row in document["ages"] if row["age_low"] == low) for low in tables.AGE_EDGES[:-1]]
    assert np.allclose(ages, told, rtol=0, atol=200)


def test_a_folder_is_written_and_read_back(rebuilt: StateResult, tmp_path: Path) -> None:
    place = tmp_path / "run"
    rebuilt.save(place)
    found = read_cohorts(place)
    assert (rebuilt.cohorts.hash, ON, True) == (found.hash, found.on, found.feasible)
    assert rebuilt.cohorts.recipe == found.recipe
    assert {"state.json", "cohorts.csv", "result.json", "report.html", "ratios.parquet"} <= {
        path.name for path in place.iterdir()
    }


@pytest.mark.parametrize("kind", ["path", "frame"])
def test_sources_may_be_paths_or_frames(shared_data: Path, tmp_path: Path, document: dict[str, Any], kind: str) -> None:
    """The same answer as from names of files, in a folder whose document says in words what was given."""
    files = [shared_data / name for name in (PRICES, BALANCES)]
    given = files if kind == "path" else [polars.read_csv(file, infer_schema_length=None) for file in files]
    asked = request_of(shared_data, prices=given[0], balances=given[1])
    place = state(asked).save(tmp_path / "run")
    found = json.loads((place / "result.json").read_text(encoding="utf-8"))
    told = [str(file) for file in files] if kind == "path" else ["a DataFrame"] * 2
    assert told == [found["run"]["request"][name] for name in ("prices", "balances")]
    assert steady(document) == steady(found)
    assert read_cohorts(place).on == ON


def test_the_country_starts_from_the_folder_that_the_command_wrote(shared_data: Path, tmp_path: Path) -> None:
    prices, balances, place = shared_data / PRICES, shared_data / BALANCES, tmp_path / "state"
    sources = ("--prices", str(prices), "--balances", str(balances))
    ensemble = ("--members", "2", "--names", "6")
    answer = gaemi("state", "--on", str(ON), *sources, *ensemble, "--out", str(place))
    assert 0 == answer.code, answer.err
    told = gaemi(
        "country", "--state", str(place), *sources, "--shock=-30%", "--scale", "1/4000", "--days", "4", "--json"
    )
    assert 0 == told.code, told.err
    document = json.loads(told.out)
    assert (str(ON), str(place)) == (document["on"], document["state"])
    assert read_cohorts(place).described() == document["state_of"]
    under = [row for row in document["targets"] if row["name"] == "margin loans of KOSPI in pools under 150 %"]
    assert [round(read_cohorts(place).share_under(Board.KOSPI, 15_000) * 10_000)] == [row["target"] for row in under]


def test_the_shipped_balances_serve_where_none_are_given(shared_data: Path) -> None:
    asked = request_of(shared_data, on=date(2025, 10, 31), balances=None, members=2, names=6, curve=False)
    found = state(asked).document
    assert ("2025-01-02", "monthly, then daily since 2025-09-30") == (found["since"], found["basis"])
    assert [] == found["curve"]
    assert any("between them the path is the model's own" in line for line in found["sentences"])
    apart = [row["high_won"] - row["low_won"] for row in found["days"] if row["settled_won"] is None]
    assert max(apart) > 0


def test_a_state_soon_after_a_gap_says_that_it_is_young(shared_data: Path) -> None:
    found = state(request_of(shared_data, on=date(2019, 2, 15), members=2, curve=False)).document
    assert found["young"]
    assert any("its first loans still weigh" in line for line in found["sentences"])


def test_every_fault_of_a_request_is_told_at_once() -> None:
    asked = StateRequest(on=date(2020, 2, 1), members=0, names=1, seed=-1, threads=0)
    with pytest.raises(Refused) as refusal:
        state(asked)
    assert [
        "--on: must be a day on which the exchange trades, was 2020-02-01; the session before is 2020-01-31",
        "--prices: a state is rebuilt along recorded prices, was nothing; "
        "give a file or folder with closes of KOSPI and KOSDAQ",
        "--members: must be from 1 to 1,000, was 0",
        "--names: must be from 2 to 200 invented stocks a board, was 1",
        "--seed: must be from 0 to 4,294,967,295, was -1",
        "--threads: must be 1 or more, was 0",
    ] == [str(fault) for fault in refusal.value.faults]


def test_a_command_without_a_date_is_refused() -> None:
    assert any(line.startswith("--on: a state needs the date at whose close it stands") for line in refusals("state"))


def test_a_date_before_the_law_is_refused(shared_data: Path) -> None:
    with pytest.raises(Refused, match="the law begins on 2005-01-03"):
        state(request_of(shared_data, on=date(2004, 12, 30)))


def test_a_date_inside_a_gap_is_refused(shared_data: Path) -> None:
    """No prices and no balances from October to December 2018."""
    with pytest.raises(Refused) as refusal:
        state(request_of(shared_data, on=date(2018, 11, 15)))
    assert "prices end before that date" in str(refusal.value)


def test_prices_that_end_before_the_date_are_refused(shared_data: Path, tmp_path: Path) -> None:
    head, *rows = (shared_data / PRICES).read_text(encoding="utf-8-sig").splitlines()
    short = tmp_path / PRICES
    short.write_text("\n".join([head, *[row for row in rows if row[:10] < str(ON)]]) + "\n", encoding="utf-8")
    said = refusals("state", "--on", str(ON), "--prices", str(short), "--balances", str(shared_data / BALANCES))
    assert ["--prices: must reach 2020-01-31: prices end before that date, was 2020-01-30 as the last"] == said
