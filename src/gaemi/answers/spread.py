"""Figures that an ensemble knows with a spread, and bands of them, as words: ``21.3 % (19.8–22.9)``."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gaemi.answers.wording import MINUS, UNKNOWN, day_name, decimal, measure

PARTS = ("mean", "low", "high")
BILLION = 10**9


def ranged(found: Any, write: Callable[[Any], str]) -> str:
    """The mean of an ensemble with its 90 % range, the unit said once; a plain figure has no range."""
    if not isinstance(found, Mapping):
        return write(found)
    central = write(found.get("mean"))
    if found.get("low") is None or found.get("high") is None or found["low"] == found["high"]:
        return central
    ends, unit = [write(found[end]) for end in ("low", "high")], central.partition(" ")[2]
    if ends[0] == ends[1] == central:
        return central
    shared = unit and all(end.endswith(f" {unit}") for end in ends)
    return f"{central} ({_joined(*((end.removesuffix(f' {unit}') if shared else end) for end in ends))})"


def until(low: Any, high: Any, write: Callable[[Any], str]) -> str:
    """``12.1–14.9 bn``: two ends with their unit once where both have the same; a dash where an end is not known."""
    if low is None or high is None:
        return UNKNOWN
    return _joined(write(low), write(high))


def _joined(first: str, last: str) -> str:
    """Two ends as written; a minus takes the place of a dash, so that words stand between them then."""
    if first == last:
        return first
    before, unit = first.partition(" ")[::2]
    shown = before if unit and last.endswith(f" {unit}") else first
    return f"{shown} to {last}" if MINUS in first + last else f"{shown}–{last}"


def mean_of(found: Any) -> Any:
    """The mean of a figure with a spread; a plain figure as it is."""
    return found.get("mean") if isinstance(found, Mapping) else found


def part_of(row: Mapping[str, Any], field: str, part: str) -> Any:
    """One part (mean, low, high) of a field of a record; of a plain figure only the mean is known."""
    found = row.get(field)
    if isinstance(found, Mapping):
        return found.get(part)
    return found if part == "mean" else None


def billions(amount: float | None, digits: int = 0) -> str:
    """``15,612`` of an amount in won, for columns whose caption says that they are bn won."""
    return UNKNOWN if amount is None else decimal(amount / BILLION, digits)


def band_words(row: Mapping[str, Any], low: str, high: str) -> str:
    """A band without its unit: ``120–140``, ``under 100``, ``over 300``; from its ends where it has no name."""
    said = row.get("band")
    if said is None:
        first, last = row.get(low), row.get(high)
        if first is not None and last is not None:
            return f"{first:g}–{last:g}"
        if first is None and last is None:
            return "all"
        return f"under {last:g}" if first is None else f"over {first:g}"
    text = str(said).replace(" %", "").strip()
    if text.startswith(("<", ">")):
        return f"{'under' if text[0] == '<' else 'over'} {text.lstrip('<>= ')}"
    ends = re.fullmatch(r"(\d+(?:\.\d+)?)(?: to |-)(\d+(?:\.\d+)?)", text)
    return f"{ends[1]}–{ends[2]}" if ends else text


def days_words(days: Sequence[Any]) -> str:
    """Dates in a row of words: ``31 December 2019, 2 January 2020``; a long row by its number and its ends."""
    told = [day_name(str(day)) for day in days]
    return ", ".join(told) if len(told) <= 4 else f"{len(told)} days from {told[0]} to {told[-1]}"


def plain_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Records for a table of a file: a figure with a spread becomes three columns, and all have the same columns.

    ``trade_won`` with a spread gives ``trade_mean_won``, ``trade_low_won`` and ``trade_high_won``: the unit stays last.
    A column that holds words somewhere holds words throughout.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    spread = {name for name in names if any(isinstance(row.get(name), Mapping) for row in rows)}
    found: list[dict[str, Any]] = []
    for row in rows:
        flat: dict[str, Any] = {}
        for name in names:
            if name in spread:
                flat |= {_part_name(name, part): part_of(row, name, part) for part in PARTS}
            else:
                flat[name] = _plain(row.get(name))
        found.append(flat)
    for name in {name for row in found for name, value in row.items() if isinstance(value, str)}:
        for row in found:
            row[name] = row[name] if row[name] is None or isinstance(row[name], str) else measure(row[name])
    return found


def _plain(value: Any) -> Any:
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else value


def _part_name(name: str, part: str) -> str:
    stem, _, unit = name.rpartition("_")
    return f"{stem}_{part}_{unit}" if stem else f"{name}_{part}"
