"""Is this word of a law or reform file a value that the parameter may have? One check for both files."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from gaemi.errors import Fault, Refused, closest
from gaemi.law.lines import Faults, Node, pairs
from gaemi.law.parameter import UNITS, Parameter
from gaemi.units import parse_won

SHAPES = ("falling", "rising", "row", "free")
_PERCENTS = ("bps", "share_bps", "bps_a_year")


@dataclass(frozen=True, slots=True)
class Reading:
    """How values are read: into which faults, and what a reform may do that a law may not.

    ``words``: 150% and 500m may stand for numbers. ``sparse``: keys may be left out.
    """

    faults: Faults
    words: bool = False
    sparse: bool = False


def value_of(parameter: Parameter, node: Node, reading: Reading) -> Any:
    """The value that stands at the node: one value, or a map over the parameter's keys. Faults are collected."""
    if parameter.by is None:
        return single(parameter, node, reading)
    if node.kind != "map":
        if reading.sparse:
            value = single(parameter, node, reading)
            return dict.fromkeys(parameter.keys, value)
        reading.faults.add(node, f"{parameter.path} must be a map over {parameter.by}: {', '.join(parameter.keys)}")
        return {}
    found: dict[str, Any] = {}
    for key, value in pairs(node, reading.faults, parameter.path):
        if key.raw in parameter.keys:
            found[key.raw] = single(parameter, value, reading)
        else:
            help = closest(key.raw, parameter.keys)
            reading.faults.add(key, f"keys of {parameter.path} are {', '.join(parameter.keys)}", help=help)
    missing = [key for key in parameter.keys if key not in found]
    if missing and not reading.sparse:
        reading.faults.add(
            node, f"{parameter.path} must have a value for each {parameter.by}", "no " + ", ".join(missing)
        )
    return {key: found[key] for key in parameter.keys if key in found}


def single(parameter: Parameter, node: Node, reading: Reading) -> Any:
    """One value of the parameter's unit; what is not one is a fault, and None is returned."""
    unit = UNITS[parameter.unit]
    allowed = f"{parameter.path} must be {unit.meaning}"
    if node.kind == "word" and node.value is None:
        if not parameter.nullable:
            reading.faults.add(node, allowed)
        return None
    if unit.kind == "table":
        return _table(parameter, node, reading)
    value: Any = node.value if node.kind == "word" else None
    if reading.words and isinstance(value, str):
        value = _number_in_words(parameter.unit, value)
    fits = {
        "whole": type(value) is int,
        "number": type(value) in (int, float),
        "flag": type(value) is bool,
        "choice": isinstance(value, str) and value in parameter.choices,
        "text": node.kind == "word",
    }[unit.kind]
    if not fits:
        if unit.kind == "choice":
            allowed = f"{parameter.path} must be one of {', '.join(parameter.choices)}"
        reading.faults.add(node, allowed, help=closest(node.raw, parameter.choices) if unit.kind == "choice" else "")
        return None
    if unit.kind == "whole" and not _inside(value, unit.low, unit.high):
        reading.faults.add(node, f"{allowed}, from {unit.low} to {unit.high}")
        return None
    if unit.kind == "number":
        return float(value)
    return " ".join(node.raw.split()) if unit.kind == "text" else value


def _inside(value: int, low: int | None, high: int | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _number_in_words(unit: str, word: str) -> int | str:
    """150% as 15000 and 500m as 500,000,000 where the unit is one of shares or of won; else the word itself."""
    try:
        if unit in _PERCENTS and word.endswith("%"):
            bps = Decimal(word.rstrip("%").strip()) * 100
            return int(bps) if bps == bps.to_integral_value() else word
        return parse_won(word) if unit == "won" else word
    except (ArithmeticError, Refused):
        return word


def _table(parameter: Parameter, node: Node, reading: Reading) -> Any:
    """The table as a tuple of rows, or as one tuple for the shape row. Cells are words; null is allowed."""
    path, faults = parameter.path, reading.faults
    if node.kind != "list" or not node.value:
        faults.add(node, f"{path} must be {UNITS['table'].meaning}")
        return None
    rows = [node] if parameter.shape == "row" else node.value
    width = len(parameter.columns) or (len(rows[0].value) if rows[0].kind == "list" else 0)
    for row in rows:
        if row.kind != "list" or len(row.value) != width:
            names = f" ({', '.join(parameter.columns)})" if parameter.columns else ""
            faults.add(row, f"each row of {path} must have {width} cells{names}")
            return None
    for cell in (cell for row in rows for cell in row.value):
        if cell.kind != "word" or (parameter.shape != "free" and type(cell.value) not in (int, float, type(None))):
            faults.add(cell, f"cells of {path} must be numbers")
            return None
    table = tuple(tuple(cell.value for cell in row.value) for row in rows)
    return table[0] if parameter.shape == "row" else table


def value_faults(parameter: Parameter, value: Any, where: str) -> list[Fault]:
    """What is wrong with a value as a whole: totals that do not add up, tables that are not in order."""
    if value is None:
        return []
    found: list[Fault] = []
    over_keys = isinstance(value, dict)
    for one in value.values() if over_keys else [value]:
        if one is not None and parameter.unit == "table":
            found += _table_faults(parameter, one, where)
    if parameter.sums_to is not None and parameter.unit != "table" and over_keys and None not in value.values():
        total = sum(value.values())
        if total != parameter.sums_to:
            found.append(Fault(where, str(total), f"values of {parameter.path} must add up to {parameter.sums_to}"))
    return found


def _table_faults(parameter: Parameter, table: tuple[Any, ...], where: str) -> list[Fault]:
    path, found = parameter.path, []
    rows = (table,) if parameter.shape == "row" else table
    if parameter.sums_to is not None:
        cells = table if parameter.shape == "row" else [row[-1] for row in rows]
        total = sum(cell for cell in cells if isinstance(cell, int))
        if total != parameter.sums_to:
            found.append(Fault(where, str(total), f"the table {path} must add up to {parameter.sums_to}"))
    if parameter.shape not in ("falling", "rising"):
        return found
    falling = parameter.shape == "falling"
    # The last row of a rising table has no upper end; it is written null and stands for "all the rest".
    steps = [row[0] for row in rows] if falling else [row[0] for row in rows[:-1]]
    ends = [row[-1] for row in rows]
    if not falling and rows[-1][0] is not None:
        found.append(Fault(where, str(rows[-1][0]), f"the last row of {path} must begin with null: all the rest"))
    if None in steps or None in ends:
        found.append(Fault(where, "null", f"rows of {path} must hold numbers"))
        return found
    sign = -1 if falling else 1
    if any(sign * later <= sign * step for step, later in pairwise(steps)):
        found.append(Fault(where, _shown(steps), f"first column of {path} must be {parameter.shape}"))
    if any(sign * later < sign * end for end, later in pairwise(ends)):
        found.append(Fault(where, _shown(ends), f"last column of {path} must be {parameter.shape} or equal"))
    return found


def _shown(column: list[Any]) -> str:
    return ", ".join(str(cell) for cell in column)


def outside(parameter: Parameter, value: Any, low: Any, high: Any) -> list[Any]:
    """The numbers of the value that leave the range: the value itself, or cells of a table's last column."""
    if value is None or low is None or high is None:
        return []
    numbers = [value]
    if parameter.unit == "table":
        numbers = list(value) if parameter.shape == "row" else [row[-1] for row in value]
    return [number for number in numbers if type(number) in (int, float) and not low <= number <= high]
