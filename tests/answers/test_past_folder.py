"""The run folders of a state, a hindcast and a score."""

import json
from datetime import date
from hashlib import sha256

import numpy as np
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from answers import past_fixture as past

from gaemi.answers.folder import save, save_state
from gaemi.errors import Refused
from gaemi.people.cohorts import Cohorts, read_cohorts
from gaemi.records.columns import Board


def cohorts(on: date = date(2019, 12, 30)) -> Cohorts:
    """Two cohorts of each market."""
    board = np.array([Board.KOSPI, Board.KOSPI, Board.KOSDAQ, Board.KOSDAQ], np.int8)
    columns = ([0, 20, 0, 20], [20, 60, 20, 60], [14_000, 16_000] * 2, [16_000, 30_000] * 2, [7, 8, 9, 10])
    return Cohorts(on, "rebuilt", "invented", "daily", True, board, *(np.array(one, np.int64) for one in columns))


SAVERS = {
    "state": lambda document, folder: save_state(document, cohorts(), folder),
    "hindcast": save,
    "score": save,
}
DOCUMENTS = {"state": past.state_result, "hindcast": past.hindcast_result, "score": past.score_result}
ROWS = {
    "state": {"markets": 2, "ratios": 14, "ages": 14, "distances": 14, "call_map": 11, "curve": 9, "stocks": 1}
    | {"days": 520, "infeasible": 1},
    "hindcast": {"days": 11, "errors": 60, "breaks": 1},
    "score": {"rows": 288, "periods": 2, "lag_split": 10, "experiments": 2, "breaks": 1},
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")
    return {name: save(DOCUMENTS[name](), place / name) for name, save in SAVERS.items()}


@pytest.mark.parametrize("name", SAVERS)
def test_a_folder_holds_document_page_and_tables(folders, name):
    folder = folders[name]
    assert DOCUMENTS[name]() == json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert f"<h1>{DOCUMENTS[name]()['title']}</h1>" in (folder / "report.html").read_text(encoding="utf-8")
    assert ROWS[name] == {path.stem: pq.read_metadata(path).num_rows for path in folder.glob("*.parquet")}


@pytest.mark.parametrize("name", SAVERS)
def test_the_manifest_has_the_hash_of_every_other_file(folders, name):
    manifest = json.loads((folders[name] / "manifest.json").read_text(encoding="utf-8"))
    files = [path for path in folders[name].iterdir() if path.name != "manifest.json"]
    assert {path.name: sha256(path.read_bytes()).hexdigest() for path in files} == manifest["run"]["sha256"]
    assert (f"{DOCUMENTS[name]()['schema']}/folder", 0) == (manifest["schema"], manifest["seed"])


def test_a_state_can_be_read_back_by_the_country(folders):
    found = read_cohorts(folders["state"])
    assert (cohorts().hash, date(2019, 12, 30), "daily", True) == (found.hash, found.on, found.basis, found.feasible)


def test_a_figure_with_a_spread_has_three_columns(folders):
    row = polars.read_parquet(folders["state"] / "markets.parquet").row(0, named=True)
    given = past.market_rows()[0]
    assert tuple(given["trade_won"].values()) == tuple(row[f"trade_{part}_won"] for part in ("mean", "low", "high"))
    assert given["mean_age"] == row["mean_age"]


def test_what_is_unknown_everywhere_has_the_type_of_its_unit(tmp_path):
    folder = save(past.simulated_result(), tmp_path / "run")
    schema = pq.read_schema(folder / "days.parquet")
    assert (pa.int64(), pa.float64()) == (schema.field("kospi_record_won").type, schema.field("kospi").type)


def test_figures_and_words_of_an_experiment_are_one_column_of_words(folders):
    read = polars.read_parquet(folders["score"] / "experiments.parquet")
    assert ["-10.1", "met"] == [text.replace("−", "-") for text in read["value"].to_list()]
    assert ["April 2023", "April 2023"] == read["name"].to_list()


def test_lists_of_days_are_words(folders):
    read = polars.read_parquet(folders["score"] / "rows.parquet")
    assert {"2023-12-28"} == set(read["not_observed"].to_list())


@pytest.mark.parametrize(("name", "make"), [("hindcast", past.bare_hindcast), ("score", past.bare_score)])
def test_a_document_without_tables_has_a_folder(tmp_path, name, make):
    folder = SAVERS[name](make(), tmp_path / "run")
    assert ["manifest.json", "report.html", "result.json"] == sorted(path.name for path in folder.iterdir())


def test_a_state_whose_cohorts_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(Refused, match="day on which the exchange trades"):
        save_state(past.bare_state(), cohorts(date(2019, 12, 31)), tmp_path / "run")
    assert [] == list(tmp_path.iterdir())
