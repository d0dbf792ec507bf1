"""Bad input: one clear message each, exit 2, no traceback, nothing half-written."""

from collections.abc import Callable
from pathlib import Path

import pytest
from views.conftest import SMALL, gaemi, refusals

QUICK = [
    (("country", "--on", "yesterday"), "--on: must be a date as 2025-10-31 or 20251031, was 'yesterday'"),
    (("country", "--on", "2025-02-30"), "--on: must be a day of the calendar, was '2025-02-30'"),
    (
        ("country", "--state", "sample"),
        "--state: states are: shipped, simple, or a folder that gaemi state --out wrote",
    ),
    (("country", "--state", "simpel"), "did you mean 'simple'?"),
    (("country", "--state", "shipped", "--on", "2025-09-30"), "--on: the shipped state is of 2025-10-31"),
    (("country", "--state", "shipped", "--replay", "covid-2020"), "--state: the episode starts from 2020-01-31"),
    (("country", "--scale", "0"), "--scale: must be 1 or 1/k with a whole k of 1 or more, was '0'"),
    (("country", "--scale", "1/0"), "--scale: must be 1 or 1/k"),
    (("country", "--scale", "2/3"), "--scale: must be 1 or 1/k"),
    (("country", "--days", "0"), "--days: must be from 1 to 250 sessions, was 0"),
    (("country", "--days", "-4"), "--days: must be from 1 to 250 sessions, was -4"),
    (("country", "--days", "251"), "--days: must be from 1 to 250 sessions, was 251"),
    (("country", "--seed", "-1"), "--seed: must be from 0 to 4,294,967,295, was -1"),
    (("country", "--replay", "covid-2021"), "did you mean 'covid-2020'?"),
    (("country", "--replay", "covid-2020", "--shock", "-5%"), "--replay: cannot stand beside --shock"),
    (("country", "--replay", "covid-2020", "--on", "2020-02-03"), "--on: cannot stand beside an episode"),
    (("country", "--replay", "june-2022", "--prices", "nowhere.csv"), "nowhere.csv: must be a file or a folder"),
    (("country", "--replay", "june-2022", "--balances", "nowhere.csv"), "nowhere.csv: must be a file or a folder"),
    (("compare", "country", "--reform", "nowhere.yaml"), "--reform: must be a reform file that exists"),
    (("law", "margin.maintenence"), "did you mean 'margin.maintenance'?"),
    (("law", "margin.maintenance", "--on", "2005-01-02"), "--on: the law begins on 2005-01-03"),
    (("law", "margin.maintenance", "--day"), "ask for one of PATH, --changes, --day"),
]


@pytest.mark.parametrize(("arguments", "said"), QUICK, ids=lambda value: " ".join(value) if len(value) < 9 else "")
def test_what_can_be_refused_before_any_work(arguments: tuple[str, ...], said: str) -> None:
    (found,) = refusals(*arguments)
    assert said in found


def test_faults_of_a_request_are_told_together() -> None:
    found = refusals("country", "--days", "0", "--seed", "-1", "--state", "x")
    assert ["--state", "--days", "--seed"] == [line.split(":")[0] for line in found]


def test_a_date_before_the_law_begins() -> None:
    (found,) = refusals("country", "--on", "2004-01-02")
    assert found.startswith("--on: ")


@pytest.mark.parametrize(("shock", "said"), [
    ("banana", "must be written as"),
    ("KOSPI -120%", "above -100%"),
    ("999999 -30%", "must be KOSPI, KOSDAQ, USDKRW or the ticker of an instrument of this run, was '999999'"),
])  # fmt: skip
def test_a_shock_that_cannot_be_taken(shock: str, said: str) -> None:
    found = refusals("country", "--shock", shock, *SMALL)
    assert said in found[0]


def test_every_fault_of_a_shock_is_told() -> None:
    found = refusals("country", "--shock", "banana, KOSDAQ -120%, 999999 -3%", *SMALL)
    assert ["1", "9", "23"] == [line.split(":")[0].split()[-1] for line in found]


@pytest.mark.parametrize(("cells", "said"), [
    ({"row": 7, "KQ11": ""}, "must not have a gap"),
    ({"row": 7, "KQ11": "nan"}, "close"),
    ({"row": 7, "KQ11": "0"}, "close"),
    ({"row": 7, "KS11": "-2500"}, "close"),
    ({"without": 7}, "must not have a gap"),
])  # fmt: skip
def test_a_history_that_is_unfit_inside_the_dates(
    history: Callable[..., str], cells: dict[str, str], said: str
) -> None:
    found = refusals("country", "--replay", "june-2022", "--prices", history(**cells), *SMALL)
    assert all("june.csv" in line for line in found)
    assert any(said in line for line in found), found
    assert any("2022-06-0" in line or "2022-06-1" in line for line in found), found


def reform(folder: Path, change: str) -> str:
    path = folder / "reform.yaml"
    path.write_text(f"name: test\nnote: a test\nchanges:\n  {change}\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(("change", "said"), [
    ("margin.maintenance: {unit: won, 2020-01-02: 15000}", "reform.yaml line 4: unit of margin.maintenance is bps"),
    ("margin.maintenance: [{until: 2020-06-30, value: 14500}, {from: 2020-06-01, value: 15000}]", "must not overlap"),
    ("margin.maintenence: 15000", "did you mean 'margin.maintenance'?"),
    ("margin.maintenance: a lot", "reform.yaml line 4"),
    ("margin.maintenance: {2004-01-02: 15000}", "must not be before 2005-01-03"),
])  # fmt: skip
def test_a_reform_that_cannot_be_taken(tmp_path: Path, change: str, said: str) -> None:
    found = refusals("compare", "country", "--reform", reform(tmp_path, change), *SMALL)
    assert any(said in line for line in found), found


def test_a_folder_with_something_in_it_stays_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    (found,) = refusals("country", "--shock", "-5%", *SMALL, "--out", str(folder))
    assert found.startswith("--out: must be a new or an empty folder")
    assert ["mine.txt"] == [path.name for path in folder.iterdir()]
    assert ["runs"] == [path.name for path in tmp_path.iterdir()]


def test_a_refused_run_leaves_no_folder(tmp_path: Path, history: Callable[..., str]) -> None:
    place = tmp_path / "inside" / "runs"
    refusals("country", "--replay", "june-2022", "--prices", history(row=7, KS11="0"), *SMALL, "--out", str(place))
    assert ["june.csv"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("arguments", [("country", "--bogus"), ("country", "--days", "ten"), ("fortune",)])
def test_what_the_command_line_itself_refuses(arguments: tuple[str, ...]) -> None:
    answer = gaemi(*arguments)
    assert (2, "") == (answer.code, answer.out)
    assert "Error: " in answer.err
