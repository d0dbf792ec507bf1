"""The run folder: the document, its tables as Parquet, one HTML page and a manifest of hashes. Complete or absent."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaemi.answers.spread import plain_rows
from gaemi.errors import refuse

if TYPE_CHECKING:
    from typing import TypeAlias

    import polars
    import pyarrow

    from gaemi.people.cohorts import Cohorts

    Columns: TypeAlias = pyarrow.Table | polars.DataFrame
    Rows: TypeAlias = Sequence[dict[str, Any]] | Columns

SCHEMA_VERSION = 1
ROW_GROUP, SAMPLE = 1 << 20, 10_000
"""Rows that are written at a time, so that a table of millions is never held twice; rows looked at to choose how."""

TABLES = ("call_map", "curve", "who", "outcomes", "ratios", "record", "cover", "targets")
STATE_TABLES = ("markets", "ratios", "ages", "distances", "call_map", "curve", "stocks", "days", "infeasible")
SCORE_TABLES = ("rows", "periods", "worst", "lag_split", "experiments", "breaks")


def save_country(document: dict[str, Any], folder: Path) -> Path:
    """Write the run folder of a country document; returns it. Raises Refused where it cannot be written."""
    from gaemi.answers.report.render import render_country

    tables = {name: document[name] for name in TABLES if document.get(name)}
    tables["days"] = [{"shock": shock} | row for shock, rows in document["days"].items() for row in rows]
    tables |= _coin_tables(document)
    return _write(document, tables, render_country(document), folder)


def save_coins(document: dict[str, Any], folder: Path) -> Path:
    """Write the run folder of a replay of coins; returns it. Raises Refused where it cannot be written."""
    from gaemi.answers.report.coins import render_coins

    return _write(document, _coin_tables(document), render_coins(document), folder)


def save_venue(document: dict[str, Any], tables: Mapping[str, "Columns"], folder: Path) -> Path:
    """Write the run folder of a venue's book, with ``tables`` of any length by name; returns it.

    Raises Refused where it cannot be written.
    """
    from gaemi.answers.coin_sheets import tables_of
    from gaemi.answers.report.told import render_told_book
    from gaemi.answers.venue_sheets import IF_NOBODY

    own = {table["name"]: list(table["rows"]) for table in tables_of(document)}
    return _write(document, {**own, **tables}, render_told_book(document, "venue.html", IF_NOBODY), folder)


def save_coin_book(document: dict[str, Any], tables: Mapping[str, "Columns"], folder: Path) -> Path:
    """Write the run folder of an exchange's book, with ``tables`` of any length by name; returns it.

    Raises Refused where it cannot be written.
    """
    from gaemi.answers.coin_book_sheets import IF_NOBODY
    from gaemi.answers.coin_sheets import tables_of
    from gaemi.answers.report.told import render_told_book

    own = {table["name"]: _of_one_type(table["rows"]) for table in tables_of(document)}
    return _write(document, {**own, **tables}, render_told_book(document, "coin_book.html", IF_NOBODY), folder)


def _coin_tables(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The tables that a replay of coins, or the coins and contracts of a country's result, name themselves."""
    from gaemi.answers.coin_sheets import tables_of

    found = {}
    for table in tables_of(document):
        name = table["name"] if table["name"].startswith("cfd") else f"coins_{table['name']}"
        found[name] = _of_one_type(table["rows"])
    return found


def _of_one_type(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with every column that mixes numbers and words as words: a column of a file has one type."""
    words = {name for row in rows for name, value in row.items() if isinstance(value, str)}
    return [{name: str(v) if name in words and v is not None else v for name, v in row.items()} for row in rows]


def save_compare(document: dict[str, Any], folder: Path) -> Path:
    """Write the run folder of a comparison; returns it. Raises Refused where it cannot be written."""
    from gaemi.answers.report.render import render_compare

    groups = [
        {"displacement": each["displacement"]} | row for each in document["displacements"] for row in each["groups"]
    ]
    return _write(document, {"groups": groups, **_coin_tables(document)}, render_compare(document), folder)


def save_account(document: dict[str, Any], folder: Path) -> Path:
    """Write the run folder of an account; returns it. Raises Refused where it cannot be written."""
    from gaemi.answers.report.account import render_account

    return _write(document, _account_tables(document), render_account(document), folder)


def _account_tables(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The tables of an account that have rows: what it is, its odds, what changes them, the days of a replay."""
    odds, asked = document.get("odds") or [], document.get("what_if") or []
    replay = document.get("replay") or {}
    days, coins = replay.get("days") or [], replay.get("coins") or {}
    levels = [*(document.get("leverage") or []), *(document.get("instead") or [])]
    columns = dict.fromkeys(("what", *(name for row in levels for name in row)))
    tables = {
        "holdings": document.get("holdings") or [],
        "loans": document.get("loans") or [],
        "pools": document.get("pools") or [],
        "positions": document.get("positions") or [],
        "coin_loans": document.get("coin_loans") or [],
        "coin_path": coins.get("path") or [],
        "coin_events": coins.get("events") or [],
        "odds": [{"drift": case["drift"], "paths": case["paths"]} | row for case in odds for row in case["rows"]],
        "fan": [{"drift": case["drift"]} | row for case in odds for row in case["fan"]],
        "leverage": [columns | row for row in levels],
        "what_if": [{"text": each["text"]} | row for each in asked for row in each["odds"]],
        "what_if_distances": [{"text": each["text"]} | row for each in asked for row in each["distances"]],
        "replay_days": [{name: row[name] for name in row if name != "sold"} for row in days],
        "replay_sold": [{"date": row["date"]} | each for row in days for each in row["sold"]],
    }
    return {name: rows for name, rows in tables.items() if rows}


def save_book(document: dict[str, Any], tables: Mapping[str, "Columns"], folder: Path) -> Path:
    """Write the run folder of a book: the document's own tables and ``tables`` by name, which may be of any length.

    A table of ``tables`` takes the place of the document's of the same name, which may be its first rows only. Returns
    the folder. Raises Refused where it cannot be written; then nothing of it is left.
    """
    from gaemi.answers.report.book import render_book

    return _write(document, {**_book_tables(document), **tables}, render_book(document), folder)


def _book_tables(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The small tables of a book that have rows: what it read, where it stands, its stresses."""
    scenario, risk, breaks = (document.get(part) or {} for part in ("scenario", "risk", "breaks"))
    names = [
        {name: value for name, value in row.items() if name != "unpaid_locked_won"}
        | {f"unpaid_locked_{closes}_won": won for closes, won in enumerate(row.get("unpaid_locked_won") or [], 1)}
        for row in document.get("names") or []
    ]
    tables = {name: document.get(name) or [] for name in ("rows", "unused", "rejects", "bands", "morning", "limits")}
    tables |= {name: document.get(name) or [] for name in ("groups", "call_map")} | {"names": names}
    tables |= {"concentration": (document.get("concentration") or {}).get("names") or []}
    tables |= {"days": scenario.get("days") or [], "scenario_names": scenario.get("names") or []}
    tables |= {
        "breaks": breaks.get("rows") or [],
        "risk": risk.get("rows") or [],
        "risk_curve": risk.get("curve") or [],
    }
    return {name: rows for name, rows in tables.items() if rows}


def save_state(document: dict[str, Any], cohorts: "Cohorts", folder: Path) -> Path:
    """Write the run folder of a state, with the cohorts that ``gaemi country --state`` reads; returns it.

    Raises Refused where it cannot be written; then nothing of it is left.
    """
    from gaemi.answers.report.state import render_state
    from gaemi.people.cohorts import DOCUMENT, write_cohorts

    def beside(made: Path) -> None:
        told = {"schema": f"{document['schema']}/cohorts", **write_cohorts(cohorts, made)}
        (made / DOCUMENT).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")

    return _write(document, _plain(document, STATE_TABLES), render_state(document), folder, beside)


def save_hindcast(document: dict[str, Any], folder: Path) -> Path:
    """Write the run folder of a hindcast; returns it. Raises Refused where it cannot be written."""
    from gaemi.answers.report.hindcast import render_hindcast

    return _write(document, _plain(document, ("days", "errors", "breaks")), render_hindcast(document), folder)


def save_score(document: dict[str, Any], folder: Path) -> Path:
    """Write the run folder of a score; returns it. Raises Refused where it cannot be written."""
    from gaemi.answers.report.hindcast import render_score

    experiments = [
        {"name": each.get("name")} | dict(row)
        for each in document.get("experiments") or []
        for row in each.get("rows") or []
    ]
    tables = _plain({**document, "experiments": experiments}, SCORE_TABLES)
    return _write(document, tables, render_score(document), folder)


def _plain(document: Mapping[str, Any], names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The tables of a document that have rows, every figure with a spread in columns of its own."""
    return {name: plain_rows(document[name]) for name in names if document.get(name)}


def _write(
    document: dict[str, Any],
    tables: Mapping[str, "Rows"],
    page: str,
    folder: Path,
    beside: Callable[[Path], None] | None = None,
) -> Path:
    def write(made: Path) -> None:
        """Document, page, tables, what is written ``beside`` them, and the manifest that has the hash of each."""
        if beside:
            beside(made)
        (made / "result.json").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
        (made / "report.html").write_text(page, encoding="utf-8")
        for name, rows in tables.items():
            _parquet(rows, made / f"{name}.parquet", f"{document['schema']}/{name}")
        hashes = {path.name: _sha256(path) for path in sorted(made.iterdir())}
        manifest = {
            "schema": f"{document['schema']}/folder",
            "results_version": document["results_version"],
            "law_version": document.get("law_version"),
            "seed": document.get("seed"),
            "run": document["run"] | {"sha256": hashes},
        }
        (made / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")

    return placed(folder, write)


def placed(folder: Path, write: Callable[[Path], None]) -> Path:
    """Have files written beside ``folder`` and moved into place when they are whole; returns the folder.

    Raises Refused where the folder is in use or cannot be written.
    """
    from polars.exceptions import PolarsError

    check_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as fault:
        raise refuse("--out", str(folder), f"must be a folder that can be written ({fault.strerror})") from None
    before = made.with_name(f"{made.name}-before")
    try:
        write(made)
        made.chmod(0o755)
        check_folder(folder)
        if folder.exists():
            os.replace(folder, before)
        os.replace(made, folder)
    except (OSError, PolarsError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise refuse("--out", str(folder), f"must be a folder with room to write ({reason})") from None
    finally:
        shutil.rmtree(made, ignore_errors=True)
        shutil.rmtree(before, ignore_errors=True)
    return folder


def check_folder(folder: Path) -> None:
    """Refuse a place that a run folder may not take; asked before a run and again before writing."""
    if folder.exists() and not _may_replace(folder):
        allowed = "must be a new or an empty folder, or an earlier run folder"
        raise refuse("--out", str(folder), allowed, "choose another name or remove it")


def _may_replace(folder: Path) -> bool:
    """An empty folder, or one that a run of gaemi wrote, may be written anew; anything else is the user's."""
    if not folder.is_dir():
        return False
    if not any(folder.iterdir()):
        return True
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and str(manifest.get("schema", "")).startswith("gaemi.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:  # read in pieces: a file may be larger than memory
        return file_digest(file, "sha256").hexdigest()


def _parquet(rows: "Rows", path: Path, schema: str) -> None:
    """Rows as Parquet; a range of persons becomes three columns. The schema's name and version stand in the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table: Any = _known(pa.Table.from_pylist([_flat(row) for row in rows])) if isinstance(rows, Sequence) else rows
    said = {"gaemi_schema": schema, "gaemi_schema_version": str(SCHEMA_VERSION)}
    if hasattr(table, "write_parquet"):  # a frame of Polars writes its columns with as many threads as there are
        table.write_parquet(path, compression="zstd", row_group_size=ROW_GROUP, metadata=said)
        return
    first = _arrow(table, 0, SAMPLE)
    words = [name for name in first.column_names if _is_of_few_words(first[name])]
    with pq.ParquetWriter(path, first.schema.with_metadata(said), compression="zstd", use_dictionary=words) as writer:
        for start in range(0, max(1, len(table)), ROW_GROUP):
            part = _arrow(table, start, ROW_GROUP)
            writer.write_table(part.replace_schema_metadata(said), row_group_size=ROW_GROUP)


def _arrow(table: Any, start: int, count: int) -> "pyarrow.Table":
    """Some rows of an Arrow table or a Polars frame, as an Arrow table."""
    part = table.slice(start, count)
    return part.to_arrow() if hasattr(part, "to_arrow") else part


def _known(table: "pyarrow.Table") -> "pyarrow.Table":
    """The table with a type for columns in which every value is unknown, by the unit that ends their name."""
    import pyarrow as pa

    units = {"won": pa.int64(), "accounts": pa.int64(), "pct": pa.float64(), "sell": pa.float64()}
    fields = [
        field.with_type(units.get(field.name.rsplit("_", 1)[-1], field.type)) if pa.types.is_null(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def _is_of_few_words(column: Any) -> bool:
    """Whether a column of text repeats itself, so that a dictionary saves room; one of account ids does not."""
    import pyarrow as pa

    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    return is_text and len(column.unique()) * 4 < len(column)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}_{part}": one for part, one in value.items()}
        else:
            flat[name] = value
    return flat
