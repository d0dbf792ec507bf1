"""The run folder: the document, its tables as Parquet, one HTML page and a manifest of hashes. Complete or absent."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaemi.answers.result_tables import tables_of
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


def save(document: dict[str, Any], folder: Path, tables: Mapping[str, "Columns"] | None = None) -> Path:
    """Write the run folder of any document: itself, its tables and its page; returns the folder.

    ``tables`` may be of any length; one takes the place of the document's of the same name, which may be its first rows
    only. Raises Refused where it cannot be written; then nothing of it is left.
    """
    return _write(document, {**tables_of(document), **(tables or {})}, folder)


def save_state(document: dict[str, Any], cohorts: "Cohorts", folder: Path) -> Path:
    """Write the run folder of a state, with the cohorts that ``gaemi country --state`` reads; returns it.

    Raises Refused where it cannot be written; then nothing of it is left.
    """
    from gaemi.people.cohorts import DOCUMENT, write_cohorts

    def beside(made: Path) -> None:
        told = {"schema": f"{document['schema']}/cohorts", **write_cohorts(cohorts, made)}
        (made / DOCUMENT).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")

    return _write(document, tables_of(document), folder, beside)


def _write(
    document: dict[str, Any],
    tables: Mapping[str, "Rows"],
    folder: Path,
    beside: Callable[[Path], None] | None = None,
) -> Path:
    from gaemi.answers.report.pages import file_of

    page = file_of(document)

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
    import pyarrow.parquet as pq

    table: Any = _of_rows(rows) if isinstance(rows, Sequence) else rows
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


def arrow_table(rows: "Rows") -> "pyarrow.Table":
    """Rows, a frame or a table as an Arrow table, as the run folder writes it."""
    if isinstance(rows, Sequence):
        return _of_rows(rows)
    return rows.to_arrow() if hasattr(rows, "to_arrow") else rows


def _of_rows(rows: Sequence[Mapping[str, Any]]) -> "pyarrow.Table":
    import pyarrow as pa

    return _known(pa.Table.from_pylist([_flat(row) for row in rows]))


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
