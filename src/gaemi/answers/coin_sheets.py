"""The tables of coin results as words: a result says of each table its caption, its columns and their kinds.

Tables stand in the document under ``tables``, each ``{name, caption, columns: [[field, heading, kind]], rows}``; pages,
terminal and Parquet files read the same.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.sheets import Sheet, sheet

SCHEMA = "gaemi.coins/"


def is_coins(result: Mapping[str, Any]) -> bool:
    """Whether the result is a replay of coins."""
    return str(result.get("schema", "")).startswith(SCHEMA)


def tables_of(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The tables of a result that have rows: its own, or those of a country's coins and contracts for difference."""
    parts = (result, result.get("cfd") or {}, result.get("coins") or {})
    return [table for part in parts for table in part.get("tables") or [] if table["rows"]]


def sheets_of(result: Mapping[str, Any], names: Iterable[str] | None = None) -> list[Sheet]:
    """The tables as sheets, in order; only those of ``names`` where these are given."""
    wanted = None if names is None else set(names)
    chosen = [table for table in tables_of(result) if wanted is None or table["name"] in wanted]
    return [found for table in chosen if (found := table_sheet(table)) is not None]


def table_sheet(table: Mapping[str, Any], first: int | None = None) -> Sheet | None:
    """One table as a sheet; its first rows only where ``first`` is given."""
    rows = list(table["rows"])[:first]
    return sheet(table["caption"], rows, [_column(*column) for column in table["columns"]])


def _column(field: str, heading: str, kind: str) -> tuple[str, str, Callable[[Mapping[str, Any]], str]]:
    write = KINDS[kind]
    return heading, "text" if kind == "text" else "number", lambda row: write(row.get(field))


def _text(value: Any) -> str:
    return wording.UNKNOWN if value is None else wording.measure(value)


def _plain(value: float | None) -> str:
    """A number of any size with three or four figures that say something."""
    if value is None:
        return wording.UNKNOWN
    size = abs(value)
    if size >= 1e6:
        return wording.won(round(value)).removesuffix(" won") if size < 1e15 else f"{value:.3g}"
    if size >= 100 or value == int(value):
        return wording.whole(round(value))
    return f"{value:.3g}" if size >= 0.001 else f"{value:.2g}"


def _dollars(value: float | None) -> str:
    return wording.UNKNOWN if value is None else f"{_plain(value)} dollars"


def _times(value: float | None) -> str:
    return wording.UNKNOWN if value is None else f"x{_plain(value)}"


KINDS: dict[str, Callable[[Any], str]] = {
    "text": _text,
    "date": _text,
    "won": wording.won,
    "won change": wording.won_change,
    "count": wording.whole,
    "heads": wording.heads,
    "pct": wording.percent,
    "pct 2": lambda value: wording.percent(value, 2),
    "shock": wording.shock,
    "number": _plain,
    "dollars": _dollars,
    "times": _times,
}
"""How a cell of each kind is written."""
