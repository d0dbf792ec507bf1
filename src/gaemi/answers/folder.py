"""The run folder: the document, its tables as Parquet, one HTML page and a manifest of hashes. Complete or absent."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from gaemi.errors import refuse

SCHEMA_VERSION = 1
TABLES = ("call_map", "curve", "who", "outcomes", "ratios", "record", "cover", "targets")


def save_country(document: dict[str, Any], folder: Path) -> Path:
    """Write the run folder of a country document; returns it. Raises Refused where it cannot be written."""
    from gaemi.answers.report.render import render_country

    tables = {name: document[name] for name in TABLES if document.get(name)}
    tables["days"] = [{"shock": shock} | row for shock, rows in document["days"].items() for row in rows]
    return _write(document, tables, render_country(document), folder)


def save_compare(document: dict[str, Any], folder: Path) -> Path:
    """Write the run folder of a comparison; returns it. Raises Refused where it cannot be written."""
    from gaemi.answers.report.render import render_compare

    groups = [
        {"displacement": each["displacement"]} | row for each in document["displacements"] for row in each["groups"]
    ]
    return _write(document, {"groups": groups}, render_compare(document), folder)


def save_account(document: dict[str, Any], folder: Path) -> Path:
    """Write the run folder of an account; returns it. Raises Refused where it cannot be written."""
    from gaemi.answers.report.account import render_account

    return _write(document, _account_tables(document), render_account(document), folder)


def _account_tables(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The tables of an account that have rows: what it is, its odds, what changes them, the days of a replay."""
    odds, asked = document.get("odds") or [], document.get("what_if") or []
    days = (document.get("replay") or {}).get("days") or []
    levels = [*(document.get("leverage") or []), *(document.get("instead") or [])]
    columns = dict.fromkeys(("what", *(name for row in levels for name in row)))
    tables = {
        "holdings": document.get("holdings") or [],
        "loans": document.get("loans") or [],
        "pools": document.get("pools") or [],
        "odds": [{"drift": case["drift"], "paths": case["paths"]} | row for case in odds for row in case["rows"]],
        "fan": [{"drift": case["drift"]} | row for case in odds for row in case["fan"]],
        "leverage": [columns | row for row in levels],
        "what_if": [{"text": each["text"]} | row for each in asked for row in each["odds"]],
        "what_if_distances": [{"text": each["text"]} | row for each in asked for row in each["distances"]],
        "replay_days": [{name: row[name] for name in row if name != "sold"} for row in days],
        "replay_sold": [{"date": row["date"]} | each for row in days for each in row["sold"]],
    }
    return {name: rows for name, rows in tables.items() if rows}


def _write(document: dict[str, Any], tables: Mapping[str, Sequence[dict[str, Any]]], page: str, folder: Path) -> Path:
    check_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as fault:
        raise refuse("--out", str(folder), f"must be a folder that can be written ({fault.strerror})") from None
    try:
        (made / "result.json").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
        (made / "report.html").write_text(page, encoding="utf-8")
        for name, rows in tables.items():
            _parquet(rows, made / f"{name}.parquet", f"{document['schema']}/{name}")
        hashes = {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(made.iterdir())}
        manifest = {
            "schema": f"{document['schema']}/folder",
            "results_version": document["results_version"],
            "law_version": document["law_version"],
            "seed": document["seed"],
            "run": document["run"] | {"sha256": hashes},
        }
        (made / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        made.chmod(0o755)
        if folder.exists():
            os.replace(folder, made.with_name(f"{made.name}-before"))
        os.replace(made, folder)
    except OSError as fault:
        raise refuse("--out", str(folder), f"must be a folder with room to write ({fault.strerror})") from None
    finally:
        shutil.rmtree(made, ignore_errors=True)
        shutil.rmtree(made.with_name(f"{made.name}-before"), ignore_errors=True)
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


def _parquet(rows: Sequence[dict[str, Any]], path: Path, schema: str) -> None:
    """Rows as Parquet; a range of persons becomes three columns. The schema's name and version stand in the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist([_flat(row) for row in rows])
    table = table.replace_schema_metadata({"gaemi_schema": schema, "gaemi_schema_version": str(SCHEMA_VERSION)})
    pq.write_table(table, path)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}_{part}": one for part, one in value.items()}
        else:
            flat[name] = value
    return flat
