"""``gaemi calibrate`` from the outside: what it prints and writes, and what it refuses."""

import json
from datetime import date
from pathlib import Path

import pytest
from calibration.invented import planted
from views.conftest import gaemi, refusals

from gaemi.calibration.files import files_of, reform_text
from gaemi.calibration.objective import FIRST
from gaemi.calibration.parameters import MARGIN
from gaemi.calibration.view import Request, adapter_of
from gaemi.law.lawbook import load
from gaemi.law.reform import load_reform


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Prices and balances of an invented stretch, as files."""
    folder, history = tmp_path_factory.mktemp("sources"), planted(0.5)
    prices = ["date,kospi_close,kosdaq_close"]
    prices += [f"{day},{a:.6f},{b:.6f}" for day, (a, b) in zip(history.days, history.close, strict=True)]
    balances = ["date,margin_loan_kospi,margin_loan_kosdaq,misu_receivable,forced_sale_amount"]
    balances += [
        f"{day},{a},{b},{owed},{sold}"
        for day, (a, b), owed, sold in zip(
            history.days, history.settled_won, history.unsettled_won, history.forced_won, strict=True
        )
    ]
    (folder / "prices.csv").write_text("\n".join(prices), encoding="utf-8")
    (folder / "balances.csv").write_text("\n".join(balances), encoding="utf-8")
    return str(folder / "prices.csv"), str(folder / "balances.csv")


def command(sources: tuple[str, str], *more: str) -> tuple[str, ...]:
    last = str(planted(0.5).days[-1])
    return (
        "calibrate",
        "--prices",
        sources[0],
        "--balances",
        sources[1],
        "--to",
        last,
        "--quick",
        "--seeds",
        "0",
        *more,
    )


@pytest.fixture(scope="module")
def answered(sources: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    out = tmp_path_factory.mktemp("out") / "calibration"
    answer = gaemi(*command(sources, "--json", "--out", str(out)))
    assert (0, f"run folder: {out}\n") == (answer.code, answer.err)
    return json.loads(answer.out), out


def test_a_fit_is_no_worse_than_the_law_and_within_its_ranges(answered: tuple[dict, Path]) -> None:
    document = answered[0]
    assert "gaemi.calibration/1" == document["schema"]
    margin = document["loss"][0]
    assert margin["fitted"] < margin["before"]
    assert ["margin loans", "unsettled purchases"] == [one["term"] for one in document["loss"]]
    assert all(row["low"] <= row["fitted"] <= row["high"] for row in document["parameters"])
    assert {"yes", "one side", "no"} >= {row["identified"] for row in document["parameters"]}
    chase = next(row for row in document["parameters"] if row["path"] == "behaviour.chase_a_day")
    assert chase["fitted"] > 0.2


@pytest.mark.slow
def test_the_same_command_gives_the_same_answer(sources: tuple[str, str], answered: tuple[dict, Path]) -> None:
    again = json.loads(gaemi(*command(sources, "--json", "--threads", "1")).out)
    left = {"run", "timing"}
    assert {k: v for k, v in answered[0].items() if k not in left} == {k: v for k, v in again.items() if k not in left}


def test_the_folder_holds_what_its_manifest_says(answered: tuple[dict, Path]) -> None:
    document, out = answered
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert sorted([*manifest["written"], "manifest.json"]) == sorted(path.name for path in out.iterdir())
    assert files_of(document).keys() == {path.name for path in out.iterdir()}
    rows = (out / "parameters.csv").read_text(encoding="utf-8").splitlines()
    assert len(document["parameters"]) + 1 == len(rows)


def test_the_fit_is_a_reform_that_the_law_takes(answered: tuple[dict, Path], tmp_path: Path) -> None:
    """Every other parameter is kept at an end of its range; the others stand at the law's value and are not named."""
    book, rows = load(), [dict(row) for row in answered[0]["parameters"]]
    for place, row in enumerate(rows):
        end = row["high"] if row["start"] != row["high"] else row["low"]
        row["kept"] = row["start"] if place % 2 else end
    file = tmp_path / "calibrated.yaml"
    file.write_text(files_of(answered[0] | {"parameters": rows})[file.name], encoding="utf-8")
    reform = load_reform(file, book)
    assert [row["path"] for row in rows[::2]] == list(reform.changes)
    patched = book.patched(reform)
    assert [row["kept"] for row in rows] == [patched.value(row["path"], FIRST) for row in rows]


def test_a_fit_that_tells_nothing_writes_no_reform(answered: tuple[dict, Path]) -> None:
    rows = [row | {"kept": row["start"]} for row in answered[0]["parameters"]]
    document = answered[0] | {"parameters": rows}
    assert "" == reform_text(document)
    assert "calibrated.yaml" not in files_of(document)


def test_the_screen_says_what_the_data_tell(sources: tuple[str, str]) -> None:
    answer = gaemi(*command(sources))
    words = " ".join(answer.out.split())
    assert 0 == answer.code
    for said in ("1 stretch,", "Error of margin loans over that of no change:", "told by the data", "KOSDAQ"):
        assert said in words, words


def test_years_that_are_kept_for_testing_are_refused(sources: tuple[str, str]) -> None:
    said = refusals("calibrate", "--prices", sources[0], "--balances", sources[1], "--to", "2020-01-02")
    assert ["--to: must be a day after 2005-01-03 and not after 2019-12-31, was 2020-01-02; "
            "what came after is kept for testing"] == said  # fmt: skip


def test_every_fault_of_the_request_is_told_at_once() -> None:
    said = refusals("calibrate", "--to", "2021-12-31", "--seeds", "1,1")
    assert ["--prices", "--balances", "--to", "--seeds"] == [line.partition(":")[0] for line in said]
    assert "--seeds: must be whole numbers" in refusals("calibrate", "--seeds", "1,x")[0]


def test_prices_that_end_before_the_day_are_refused(sources: tuple[str, str]) -> None:
    said = refusals("calibrate", "--prices", sources[0], "--balances", sources[1])
    assert "must reach 2019-12-31" in said[0]


def test_a_sensitivity_run_without_its_episode_is_refused_before_the_fit(sources: tuple[str, str]) -> None:
    assert "must reach 2020-03-31" in refusals(*command(sources, "--sensitivity"))[0]


def test_the_adapter_of_a_request(sources: tuple[str, str]) -> None:
    request = Request(*sources, to=date.fromisoformat(str(planted(0.5).days[-1])), quick=True, seeds=(0,))
    adapter = adapter_of(request)
    assert [*MARGIN] == adapter.problem()["names"]
    assert len(MARGIN) == adapter.problem()["num_vars"] == adapter.parameters_precision().size
    assert (adapter.real_data().shape[0], 2) == adapter.real_data().shape
