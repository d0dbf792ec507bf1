"""The run folder of a book: complete or absent, tables of any length, hashes that are those of the files."""

import json
from hashlib import sha256

import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from answers.book_fixture import book_result, quiet_result

from gaemi.answers import folder as folders
from gaemi.answers.folder import save
from gaemi.errors import Refused


def accounts(rows: int) -> polars.DataFrame:
    """A table of accounts, one row an account; an outcome of few words, a date that nobody has."""
    return polars.DataFrame(
        {
            "account": [f"a-{row:06}" for row in range(rows)],
            "segment": polars.Series([("Gangnam", "mobile")[row % 2] for row in range(rows)], dtype=polars.Categorical),
            "loans_won": [row * 1_000 for row in range(rows)],
            "called": polars.Series([None] * rows, dtype=polars.Date),
            "outcome": ["none"] * rows,
        }
    )


def days(rows: int) -> pa.Table:
    return pa.table({"date": ["2025-11-03"] * rows, "ticker": [f"{row:06}" for row in range(rows)]})


def parquet(folder) -> dict[str, int]:
    return {path.stem: pq.read_metadata(path).num_rows for path in folder.glob("*.parquet")}


def test_a_folder_holds_the_tables_given_and_those_of_the_document(tmp_path):
    folder = save(book_result(), tmp_path / "run", {"accounts": accounts(2_000), "days": days(500)})
    assert {
        "accounts": 2_000, "days": 500, "rows": 4, "unused": 2, "rejects": 6, "bands": 8, "morning": 10, "limits": 3,
        "groups": 8, "call_map": 61, "names": 10, "concentration": 10, "scenario_names": 10, "breaks": 3, "risk": 2,
        "risk_curve": 99,
    } == parquet(folder)  # fmt: skip
    assert book_result() == json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert "<h1>Book of invented</h1>" in (folder / "report.html").read_text(encoding="utf-8")


def test_what_is_written_is_what_was_given(tmp_path):
    given = accounts(3_000)
    folder = save(book_result(), tmp_path / "run", {"accounts": given, "days": days(7)})
    assert given.equals(polars.read_parquet(folder / "accounts.parquet").cast({"segment": polars.Categorical}))
    assert days(7).equals(pq.read_table(folder / "days.parquet").replace_schema_metadata(None))


def test_a_table_in_several_pieces_is_written_whole_and_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "ROW_GROUP", 700)
    given = accounts(3_001)
    folder = save(book_result(), tmp_path / "run", {"accounts": given, "days": days(2_100)})
    groups = {name: pq.read_metadata(folder / f"{name}.parquet").num_row_groups for name in ("accounts", "days")}
    assert {"accounts": 5, "days": 3} == groups
    assert given["account"].to_list() == pq.read_table(folder / "accounts.parquet")["account"].to_pylist()


@pytest.mark.parametrize("empty", [accounts(0), days(0)], ids=["polars", "pyarrow"])
def test_a_table_without_rows_has_its_columns(tmp_path, empty):
    folder = save(quiet_result(), tmp_path / "run", {"accounts": empty})
    read = pq.read_table(folder / "accounts.parquet")
    columns = empty.columns if isinstance(empty, polars.DataFrame) else empty.column_names
    assert (0, list(columns)) == (read.num_rows, read.column_names)


def test_every_table_is_compressed_and_says_its_schema(tmp_path):
    folder = save(book_result(), tmp_path / "run", {"accounts": accounts(20), "days": days(20)})
    for path in folder.glob("*.parquet"):
        told = {b"gaemi_schema": f"gaemi.book/1/{path.stem}".encode(), b"gaemi_schema_version": b"1"}
        assert told.items() <= pq.read_metadata(path).metadata.items()
        assert "ZSTD" == pq.read_metadata(path).row_group(0).column(0).compression


def test_a_column_that_is_unknown_everywhere_has_the_type_of_its_unit(tmp_path):
    rows = [row | {"used_pct": None, "limit_won": None} for row in book_result()["limits"]]
    folder = save(book_result(limits=rows), tmp_path / "run", {})
    schema = pq.read_schema(folder / "limits.parquet")
    assert (pa.float64(), pa.int64()) == (schema.field("used_pct").type, schema.field("limit_won").type)


def test_unpaid_after_each_locked_close_is_a_column_of_its_own(tmp_path):
    read = polars.read_parquet(save(book_result(), tmp_path / "run", {}) / "names.parquet")
    first = book_result()["names"][0]["unpaid_locked_won"]
    assert first == [read[f"unpaid_locked_{closes}_won"][0] for closes in (1, 2, 3, 4)]


def test_the_manifest_has_the_hash_of_every_other_file(tmp_path):
    folder = save(book_result(), tmp_path / "run", {"accounts": accounts(50)})
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found = {
        path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.name != "manifest.json"
    }
    assert found == manifest["run"]["sha256"]
    assert ("gaemi.book/1/folder", 1, 0) == tuple(manifest[name] for name in ("schema", "results_version", "seed"))


def test_the_same_result_has_the_same_hashes(tmp_path):
    manifests = [
        json.loads((save(book_result(), tmp_path / name, {"accounts": accounts(500)}) / "manifest.json").read_text())
        for name in ("one", "two")
    ]
    assert manifests[0] == manifests[1]


class Breaks(list):
    """A table that fails when it is half written."""

    def __iter__(self):
        yield from [{"a": 1}]
        raise OSError(28, "No space left on device")


def test_a_folder_that_fails_half_way_is_absent_and_an_earlier_one_stays(tmp_path):
    with pytest.raises(Refused, match="room to write"):
        save(book_result(), tmp_path / "run", {"zeta": Breaks([1])})
    assert [] == list(tmp_path.iterdir())
    save(quiet_result(), tmp_path / "run", {})
    before = (tmp_path / "run" / "result.json").read_bytes()
    with pytest.raises(Refused):
        save(book_result(), tmp_path / "run", {"zeta": Breaks([1])})
    assert (["run"], before) == (
        [path.name for path in tmp_path.iterdir()],
        (tmp_path / "run/result.json").read_bytes(),
    )


def test_a_folder_of_the_user_is_not_taken(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "letter.txt").write_text("mine")
    with pytest.raises(Refused, match="earlier run folder"):
        save(book_result(), tmp_path / "run", {})
    assert ["letter.txt"] == [path.name for path in (tmp_path / "run").iterdir()]
