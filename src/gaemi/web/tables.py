"""Tables of a run, which are kept as Arrow files in memory: some of their rows, or all of them as CSV or Parquet."""

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl
else:
    from gaemi.sources.late import pl

_FORMULA = r"^[=+\-@\t\r]"


def frame_of(content: bytes) -> "pl.DataFrame":
    """The rows of an Arrow file in memory."""
    return pl.read_ipc(io.BytesIO(content))


def csv_of(content: bytes) -> bytes:
    """The table as CSV in UTF-8 with a byte order mark, which Korean spreadsheets ask for.

    A text that a spreadsheet would run as a formula gets an apostrophe, since accounts and names come from elsewhere.
    """
    frame = frame_of(content)
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    harmless = [
        pl.when(pl.col(name).str.contains(_FORMULA)).then("'" + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name in texts
    ]
    nested = [
        pl.col(name).map_elements(lambda value: str(list(value)), return_dtype=pl.String)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.List)
    ]
    return frame.with_columns(*harmless, *nested).write_csv(include_bom=True).encode()


def parquet_of(content: bytes) -> bytes:
    """The table as Parquet."""
    sink = io.BytesIO()
    frame_of(content).write_parquet(sink)
    return sink.getvalue()


def rows_of(frame: "pl.DataFrame", first: int, count: int) -> list[dict[str, Any]]:
    """Some rows as records."""
    return frame.slice(first, count).to_dicts()
