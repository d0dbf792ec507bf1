"""The library and the command: the same document, frames, a chart, a folder of tables that can be read again."""

import json
from hashlib import sha256
from pathlib import Path

import polars
import pytest
from account.conftest import EXAMPLES, NAMES, PATHS, document, mapping, plain
from answers.samples import unknown
from views.conftest import gaemi

import gaemi as library
from gaemi.account.view import AccountResult

TOLD = mapping(
    {"ticker": "005930", "quantity": 930, "price": 107_500, "standing": "financed"},
    loans=({"kind": "margin", "amount": 59_980_000, "on": "005930", "opened": "2025-10-13"},),
    name="60 % borrowed",
    goal="80m",
    by="2027-12-31",
)


@pytest.fixture(scope="module")
def result() -> AccountResult:
    return library.account(TOLD, paths=PATHS, what_if="add 10m")


def test_a_mapping_is_the_file_it_spells_out(result: AccountResult) -> None:
    assert plain(document("borrowed", what_if=("add 10m",))) == plain(result.document)


def test_a_frame_of_holdings_is_an_account() -> None:
    frame = polars.DataFrame({"ticker": ["005930", "000660"], "quantity": [10, 2], "price": [107_500, 559_000]})
    told = library.account(frame, on="2025-10-31", paths=100).document
    assert 10 * 107_500 + 2 * 559_000 == told["totals"]["assets_won"]


def test_options_alone_are_an_account() -> None:
    told = library.account(holding="005930 1000 @ 71000", loan="45m", firm="standard", on="2025-10-31", paths=100)
    assert "Samsung Electronics can fall 11.3 % to 63,000 before a call." in told.summary


def test_the_summary_is_the_sentences_and_the_frame_one_row_an_outcome_and_drift(result: AccountResult) -> None:
    assert result.document["sentences"] == result.summary
    frame = result.frame
    assert 8 * 3 == frame.height
    assert [3 * PATHS] == [frame["count"].sum()]
    assert {"drift", "outcome", "count", "share", "error", "ever_share", "ever_error"} <= set(frame.columns)


def test_the_frame_of_a_replay_is_one_row_a_day() -> None:
    told = library.account(TOLD, replay="june-2022")
    assert [row["date"] for row in told.document["replay"]["days"]] == told.frame["date"].to_list()


def test_the_chart_is_a_picture(result: AccountResult) -> None:
    assert result.chart().lstrip().startswith("<svg")


def test_a_saved_run_can_be_read_again(result: AccountResult, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "run")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    told = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert told == json.loads(json.dumps(result.document))
    assert "gaemi.account/1/folder" == manifest["schema"]
    assert (told["law_version"], told["seed"]) == (manifest["law_version"], manifest["seed"])
    for name, digest in manifest["run"]["sha256"].items():
        assert sha256((folder / name).read_bytes()).hexdigest() == digest
    tables = {path.stem: polars.read_parquet(path) for path in folder.glob("*.parquet")}
    assert {"holdings", "loans", "pools", "odds", "fan", "leverage", "what_if", "what_if_distances"} == set(tables)
    assert [3 * PATHS, 930] == [tables["odds"]["count"].sum(), tables["holdings"]["quantity"].sum()]
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!")
    assert [] == unknown(told)


def test_an_earlier_run_is_written_over_and_nothing_is_left_behind(result: AccountResult, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "run")
    result.save(folder)
    assert ["run"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("name", NAMES)
def test_the_document_is_json_and_nothing_is_lost_on_the_way(name: str) -> None:
    told = document(name)
    json.dumps(told, allow_nan=False)
    assert {part: told[part] for part in told if part not in ("run", "timing")} == plain(told)


def test_with_json_only_json_is_printed() -> None:
    answer = gaemi("account", str(EXAMPLES / "borrowed.yaml"), "--paths", str(PATHS), "--json")
    assert (0, "") == (answer.code, answer.err)
    assert plain(document("borrowed")) == plain(json.loads(answer.out))


def test_out_writes_the_folder_and_says_where_on_stderr(tmp_path: Path) -> None:
    place = tmp_path / "run"
    answer = gaemi("account", str(EXAMPLES / "own_money.yaml"), "--paths", "100", "--out", str(place))
    assert 0 == answer.code
    assert f"run folder: {place}" in answer.err.replace("\n", "")
    assert {"result.json", "report.html", "manifest.json"} <= {path.name for path in place.iterdir()}


def test_the_request_in_the_document_repeats_the_run(result: AccountResult) -> None:
    asked = document("borrowed", seed=3)["run"]["request"]
    again = library.account(**{name: value for name, value in asked.items() if value is not None})
    assert plain(document("borrowed", seed=3)) == plain(again.document)


@pytest.mark.parametrize("name", NAMES)
def test_each_example_prints_its_parts(name: str) -> None:
    answer = gaemi("account", str(EXAMPLES / f"{name}.yaml"), "--paths", "100")
    assert 0 == answer.code
    said = " ".join(answer.out.split()).lower()
    for part in ("where you stand", "your odds", "a thousand of you", "what leverage does"):
        assert part in said, part
