"""From which state the country starts: the shipped one, the simple one, or a folder; every answer names it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from views.conftest import SMALL, gaemi, refusals

import gaemi as library
from gaemi.compare import compare_country
from gaemi.people.cohorts import Cohorts, shipped_cohorts, write_cohorts
from gaemi.scene import Request

COMMAND = ("country", "--scale", "1/4000", "--shock", "-30%", "--days", "4", "--json")
ASKED: dict[str, Any] = {"scale": 4000, "shock": "-30%", "days": 4}


def folder_of(place: Path, cohorts: Cohorts) -> str:
    place.mkdir()
    (place / "state.json").write_text(json.dumps(write_cohorts(cohorts, place)), encoding="utf-8")
    return str(place)


def answered(*arguments: str) -> dict[str, Any]:
    answer = gaemi(*arguments)
    assert 0 == answer.code, answer.err
    document: dict[str, Any] = json.loads(answer.out)
    return document


def steady(document: dict[str, Any], *without: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in ("run", "timing", *without)}


@pytest.fixture(scope="module")
def default() -> dict[str, Any]:
    return answered(*COMMAND)


def test_the_default_is_the_shipped_state_and_the_answer_says_so(default: dict[str, Any]) -> None:
    shipped = shipped_cohorts()
    assert ("shipped", 2) == (default["state"], default["results_version"])
    assert shipped.described() == default["state_of"]
    assert {"on", "basis", "feasible", "source", "cohorts_hash"} == set(default["state_of"])
    assert steady(default) == steady(answered(*COMMAND, "--state", "shipped"))


def test_the_library_has_the_same_door(default: dict[str, Any]) -> None:
    assert steady(default) == steady(library.country(**ASKED, state="shipped").document)


def test_the_simple_state_is_named_and_is_another_state(default: dict[str, Any]) -> None:
    simple = answered(*COMMAND, "--state", "simple")
    assert ("simple", "rule", None) == (
        simple["state"],
        simple["state_of"]["basis"],
        simple["state_of"]["cohorts_hash"],
    )
    assert simple["call_map"] != default["call_map"]
    kept = [row for row in default["targets"] if "in pools under" not in row["name"] and "mean age" not in row["name"]]
    assert [row["name"] for row in simple["targets"]] == [row["name"] for row in kept]
    assert 4 == len(default["targets"]) - len(kept)


def test_a_folder_with_the_shipped_cohorts_gives_the_shipped_answer(default: dict[str, Any], tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", replace(shipped_cohorts(), name="mine"))
    found = answered(*COMMAND, "--state", folder)
    assert folder == found["state"]
    assert steady(default, "state") == steady(found, "state")


def test_one_and_two_threads_give_the_same_answer(default: dict[str, Any]) -> None:
    assert steady(default) == steady(answered(*COMMAND, "--threads", "1"))
    assert steady(default) == steady(answered(*COMMAND, "--threads", "2"))


def test_the_first_screen_names_the_state_in_one_line() -> None:
    lines = gaemi(*COMMAND[:-1]).out.splitlines()
    (said,) = [line for line in lines[:6] if line.startswith("State ")]
    assert said.startswith("State shipped: margin loans rebuilt from balances (")
    simple = gaemi(*COMMAND[:-1], "--state", "simple").out.splitlines()
    assert "State simple: ages and ratios of margin loans by a rule, not rebuilt from history." in simple[:6]


def test_an_infeasible_state_is_taken_and_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "odd", replace(shipped_cohorts(), feasible=False))
    place = tmp_path / "run"
    answer = gaemi(*COMMAND[:-1], "--state", folder, "--out", str(place))
    assert 0 == answer.code
    assert "It is marked infeasible" in " ".join(answer.out.split())
    assert "It is marked infeasible" in (place / "report.html").read_text(encoding="utf-8")
    assert json.loads((place / "result.json").read_text(encoding="utf-8"))["state_of"]["feasible"] is False


def test_a_comparison_names_its_state(tmp_path: Path) -> None:
    reform = tmp_path / "reform.yaml"
    reform.write_text("name: test\nnote: a test\nchanges:\n  margin.maintenance: {unit: bps, 2025-10-31: 15500}\n")
    document = compare_country(Request(**ASKED), reform).document
    assert "shipped" == document["state"]
    assert shipped_cohorts().described() == document["state_of"]


def test_an_episode_starts_from_the_simple_state() -> None:
    document = answered("country", "--replay", "june-2022", "--scale", "1/20000", "--json")
    assert ("simple", "2022-05-31") == (document["state"], document["on"])


def test_a_folder_brings_its_date(history: Callable[..., str], tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "may", replace(shipped_cohorts(), on=date(2022, 5, 31)))
    asked = ("country", "--shock", "-5%", *SMALL, "--state", folder)
    document = answered(*asked, "--prices", history(), "--json")
    assert ("2022-05-31", folder) == (document["on"], document["state"])
    assert refusals(*asked) == [
        "--on: prices ship for 2025-10-31 only, was 2022-05-31; give --prices and --balances of that date"
    ]


def test_a_folder_needs_the_balances_of_its_date(history: Callable[..., str], tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "june", replace(shipped_cohorts(), on=date(2022, 6, 15)))
    (said,) = refusals("country", "--shock", "-5%", *SMALL, "--state", folder, "--prices", history())
    assert said.startswith("--balances: a state of 2022-06-15 needs the balances of 2022-06-15, was none given")


def test_a_folder_of_another_date_than_asked_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", shipped_cohorts())
    (said,) = refusals("country", "--state", folder, "--on", "2025-10-30", *SMALL)
    assert said.startswith(f"--on: the state in {folder} is of 2025-10-31, was 2025-10-30")
    (said,) = refusals("country", "--state", folder, "--replay", "covid-2020", *SMALL)
    assert said.startswith("--state: the episode starts from 2020-01-31")


def test_a_folder_that_is_no_state_is_refused(tmp_path: Path) -> None:
    found = refusals("country", "--state", str(tmp_path), *SMALL)
    assert ["state.json", "cohorts.csv"] == [line.split(":")[0].rpartition("/")[2] for line in found]
