"""The country view on a small sample: what its numbers must keep to, whatever they are."""

import json
from collections import Counter
from typing import Any

import pytest
from views.conftest import Answer, gaemi

from gaemi.country import country
from gaemi.scene import Request

COMMAND = ("country", "--state", "simple", "--scale", "1/4000", "--shock", "-30%", "--days", "8", "--json")


@pytest.fixture(scope="module")
def answer() -> Answer:
    return gaemi(*COMMAND)


@pytest.fixture(scope="module")
def document(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.out)
    return found


def steady(text: str) -> dict[str, Any]:
    """A document without what may differ between identical runs."""
    return {key: value for key, value in json.loads(text).items() if key not in ("run", "timing")}


def test_the_answer_is_json_and_nothing_else(answer: Answer) -> None:
    assert (0, "") == (answer.code, answer.err)
    assert "gaemi.country/1" == json.loads(answer.out)["schema"]


def test_an_identical_run_gives_an_identical_answer_on_any_threads(answer: Answer) -> None:
    again = gaemi(*COMMAND, "--threads", "1")
    assert steady(answer.out) == steady(again.out)


def test_the_library_gives_the_documents_of_the_command(document: dict[str, Any]) -> None:
    ours = country(Request(scale=4000, state="simple", shock="-30%", days=8)).document
    assert steady(json.dumps(document)) == steady(json.dumps(ours))


def test_another_seed_is_another_population(document: dict[str, Any]) -> None:
    other = country(Request(scale=4000, state="simple", shock="-30%", days=8, seed=1)).document
    assert document["curve"] != other["curve"]


def test_without_feedback_the_index_falls_by_the_shock(document: dict[str, Any]) -> None:
    """Prices are whole ticks, so nearly so; a fall of 30 % over three days passes no breaker."""
    (row,) = document["curve"]
    assert 30.0 == pytest.approx(row["fall_no_feedback_points"], abs=0.02)
    assert row["fall_points"] >= row["fall_no_feedback_points"]
    assert row["extra_fall_points"] == row["fall_points"] - row["fall_no_feedback_points"]


def test_the_days_add_up_to_the_row(document: dict[str, Any]) -> None:
    (row,), (days,) = document["curve"], document["days"].values()
    assert 9 == len(days)
    for name in ("called_won", "sold_won", "residual_won"):
        assert row[name] == sum(day[name] for day in days)
    assert row["peak_day_sold_won"] == max(day["sold_won"] for day in days) == days[row["peak_day"]]["sold_won"]
    kinds = ("sold_margin_won", "sold_pledged_won", "sold_unsettled_won", "sold_stock_loan_won")
    assert all(day["sold_won"] == sum(day[kind] for kind in kinds) for day in days)


def test_who_is_hit_adds_up_by_age_by_market_and_by_size(document: dict[str, Any]) -> None:
    (row,) = document["curve"]
    for name in ("called_won", "sold_won", "residual_won"):
        sums: Counter[str] = Counter()
        for group in document["who"]:
            sums[group["dimension"]] += group[name]
        assert {"age": row[name], "size": row[name], "market": row[name]} == dict(sums)


def test_every_borrower_has_one_outcome(document: dict[str, Any]) -> None:
    by_age = sum(group["borrowers"] for group in document["who"] if group["dimension"] == "age")
    assert by_age == sum(outcome["borrowers"]["central"] for outcome in document["outcomes"])
    for outcome in document["outcomes"]:
        heads = outcome["borrowers"]
        assert heads["low"] <= heads["central"] <= heads["high"]
        assert outcome["ever"] is None or heads["central"] <= outcome["ever"]["central"]


def test_the_call_map_only_rises_and_ends_at_its_share(document: dict[str, Any]) -> None:
    reached = [row["reached_won"] for row in document["call_map"]]
    assert sorted(reached) == reached
    kinds = ("kospi_won", "kosdaq_won", "pledged_won", "stock_loan_won")
    assert all(row["reached_won"] == sum(row[kind] for kind in kinds) for row in document["call_map"])


def test_every_assumption_has_its_range(document: dict[str, Any]) -> None:
    assert document["assumptions"]
    assert ["mechanical"] == document["layers"]


def test_who_pays_for_a_purchase_is_not_counted_as_emptied() -> None:
    """Nothing falls: purchases come due, most are paid, and nobody has lost anything."""
    quiet = country(Request(scale=4000, state="simple", shock="KOSPI 0%", days=4)).document
    assert 0 == quiet["curve"][0]["emptied_accounts"]["central"]


def test_no_feedback_is_the_path() -> None:
    answer = gaemi(*COMMAND, "--no-feedback")
    (row,) = json.loads(answer.out)["curve"]
    assert 0.0 == row["extra_fall_points"]


def test_the_terminal_says_it_in_words() -> None:
    answer = gaemi(*COMMAND[:-1])
    assert (0, "") == (answer.code, answer.err)
    assert "nobody added money or sold first" in " ".join(answer.out.split())


def test_a_run_folder_is_whole(tmp_path: Any) -> None:
    place = tmp_path / "runs"
    answer = gaemi(*COMMAND[:-1], "--out", str(place))
    assert 0 == answer.code
    assert {"result.json", "report.html", "manifest.json"} <= {path.name for path in place.iterdir()}
    assert ["runs"] == [path.name for path in tmp_path.iterdir()]
    manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["run"]["sha256"]) == {path.name for path in place.iterdir()} - {"manifest.json"}
