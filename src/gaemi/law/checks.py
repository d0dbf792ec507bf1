"""Read a folder of law into parameters and collect every fault of it, each with its file and line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from gaemi.errors import Fault, Refused, closest
from gaemi.law.lines import Faults, Node, fields, pairs, read, text
from gaemi.law.parameter import CONFIDENCE, UNITS, Entry, Parameter
from gaemi.law.values import SHAPES, Reading, outside, value_faults, value_of

KEYS_FILE = "keys.yaml"
_PARAMETER = ("label", "unit", "by", "choices", "columns", "shape", "sums_to", "nullable", "values")
_ENTRY = ("value", "source", "confidence", "range", "note")

# A range written so has both ends at the value: it is published and leaves no doubt.
EXACT = "exact"

Keys = dict[str, dict[str, str]]


def check_law(folder: Path, begins: date) -> list[Fault]:
    """Every fault of the law in a folder; an empty list when it holds."""
    return read_law(folder, begins)[2]


def read_law(folder: Path, begins: date) -> tuple[dict[str, Parameter], Keys, list[Fault]]:
    """The parameters by path, the kinds of keys with their meanings, and every fault that was found."""
    found: list[Fault] = []
    parameters: dict[str, Parameter] = {}
    topics = sorted(path for path in folder.glob("*.yaml") if path.name != KEYS_FILE)
    if not topics:
        return {}, {}, [Fault(str(folder), "no topic", "a law is a folder of YAML files, one a topic")]
    keys = _keys(folder / KEYS_FILE, found)
    for path in topics:
        faults = Faults(path.name)
        try:
            root = read(path)
        except Refused as refused:
            found += refused.faults
            continue
        for name, node in [] if root is None else pairs(root, faults, "a topic"):
            parameter = _parameter(f"{path.stem}.{name.raw}", node, keys, begins, faults)
            if parameter is not None:
                parameters[parameter.path] = parameter
        found += faults.found
    return parameters, keys, found


def _keys(path: Path, found: list[Fault]) -> Keys:
    """The kinds of keys that parameters are mapped over (firm class, board ...), each key with its meaning."""
    if not path.exists():
        return {}
    faults = Faults(path.name)
    kinds: Keys = {}
    try:
        root = read(path)
    except Refused as refused:
        found += refused.faults
        return {}
    for kind, node in [] if root is None else pairs(root, faults, "the keys"):
        kinds[kind.raw] = {key.raw: text(word, faults, key.raw) for key, word in pairs(node, faults, kind.raw)}
    found += faults.found
    return kinds


def _parameter(path: str, node: Node, keys: Keys, begins: date, faults: Faults) -> Parameter | None:
    """One parameter with its entries; None where so much is wrong that its entries cannot be read."""
    found = fields(node, faults, path, _PARAMETER, ("label", "unit", "values"))
    unit = text(found.get("unit"), faults, f"{path} unit")
    if "unit" in found and unit not in UNITS:
        faults.add(found["unit"], f"unit must be one of {', '.join(UNITS)}", help=closest(unit, UNITS))
    if unit not in UNITS or "values" not in found:
        return None
    by = text(found.get("by"), faults, f"{path} by") or None
    parameter = Parameter(
        path,
        text(found.get("label"), faults, f"{path} label"),
        unit,
        (),
        by=by,
        keys=_keys_of(by, found["values"], keys),
        choices=_words(found.get("choices"), faults, f"{path} choices"),
        columns=_words(found.get("columns"), faults, f"{path} columns"),
        shape=text(found.get("shape"), faults, f"{path} shape") or "free",
        sums_to=found["sums_to"].value if "sums_to" in found else None,
        nullable="nullable" in found and found["nullable"].value is True,
        file=faults.file,
        line=node.line,
    )
    if unit == "choice" and not parameter.choices:
        faults.add(node, f"{path} must list its choices", found="no choices")
    if parameter.shape not in SHAPES:
        faults.add(found["shape"], f"shape must be one of {', '.join(SHAPES)}", help=closest(parameter.shape, SHAPES))
        return None
    if parameter.sums_to is not None and type(parameter.sums_to) is not int:
        faults.add(found["sums_to"], f"{path} sums_to must be a whole number")
        return None
    entries = _entries(parameter, found["values"], begins, faults)
    return replace(parameter, entries=entries) if entries else None


def _keys_of(by: str | None, values: Node, keys: Keys) -> tuple[str, ...]:
    """The keys of the kind: those that keys.yaml lists, else those of the parameter's first entry."""
    if by is None:
        return ()
    if by in keys:
        return tuple(keys[by])
    first = values.value[0][1] if values.kind == "map" and values.value else None
    for name, node in first.value if first is not None and first.kind == "map" else ():
        if name.raw == "value" and node.kind == "map":
            return tuple(key.raw for key, _ in node.value)
    return ()


def _words(node: Node | None, faults: Faults, what: str) -> tuple[str, ...]:
    if node is None:
        return ()
    if node.kind != "list" or any(word.kind != "word" for word in node.value):
        faults.add(node, f"{what} must be a list of words")
        return ()
    return tuple(word.raw for word in node.value)


def _entries(parameter: Parameter, node: Node, begins: date, faults: Faults) -> tuple[Entry, ...]:
    """The dated entries; dates must be real, in order, and not before the law begins; the first is that day."""
    entries: list[Entry] = []
    last: date | None = None
    for key, body in pairs(node, faults, f"{parameter.path} values"):
        since = key.value
        if type(since) is not date:
            faults.add(key, f"{parameter.path} values must stand under dates as 2005-01-03")
            continue
        if since < begins:
            faults.add(key, f"dates must not be before {begins}, when the law begins")
        if last is not None and since <= last:
            faults.add(key, f"dates of {parameter.path} must be in order, after {last}")
        if last is None and since > begins:
            faults.add(key, f"the first value of {parameter.path} must hold from {begins}, when the law begins")
        last = since if last is None else max(last, since)
        entry = _entry(parameter, since, body, key.line, faults)
        if entry is not None:
            entries.append(entry)
    return tuple(entries)


def _entry(parameter: Parameter, since: date, node: Node, line: int, faults: Faults) -> Entry | None:
    what = f"{parameter.path} of {since}"
    before = len(faults.found)
    found = fields(node, faults, what, _ENTRY, ("source", "confidence"))
    if node.kind == "map" and "value" not in found:
        faults.add(node, f"{what} must have value", found="no value")
    confidence = text(found.get("confidence"), faults, f"{what} confidence")
    if "confidence" in found and confidence not in CONFIDENCE:
        faults.add(found["confidence"], f"confidence must be one of {', '.join(CONFIDENCE)}")
    source = text(found.get("source"), faults, f"{what} source")
    if (source == "assumption") != (confidence == "assumption") and source and confidence:
        faults.add(
            found["source"], "source and confidence must both say assumption, or neither", f"{source} with {confidence}"
        )
    if "value" not in found:
        return None
    value = value_of(parameter, found["value"], Reading(faults))
    low, high, options = _range(parameter, found.get("range"), node, confidence, faults)
    if low == EXACT:
        low = high = value
    if len(faults.found) > before:
        return None
    faults.found += value_faults(parameter, value, faults.where(found["value"].line))
    _inside_range(parameter, value, (low, high, options), found.get("range", node), faults)
    note = text(found.get("note"), faults, f"{what} note")
    return Entry(since, value, source, confidence, low, high, note, options, line)


def _range(
    parameter: Parameter, node: Node | None, entry: Node, confidence: str, faults: Faults
) -> tuple[Any, Any, tuple[Any, ...]]:
    """(low, high, options) of the entry. A number must have a range; words and free tables when assumed."""
    kind = UNITS[parameter.unit].kind
    worded = kind in ("flag", "choice", "text") or (kind == "table" and parameter.shape == "free")
    if node is None:
        if confidence == "assumption":
            faults.add(entry, f"{parameter.path} is an assumption and must have a range", found="no range")
        elif not worded:
            faults.add(entry, f"{parameter.path} must have a range", found="no range")
        return None, None, ()
    if kind in ("flag", "choice", "text"):
        if node.kind != "list" or any(word.kind != "word" for word in node.value):
            faults.add(node, f"range of {parameter.path} must be a list of the values that it may have")
            return None, None, ()
        return None, None, tuple(word.raw if kind != "flag" else word.value for word in node.value)
    if node.kind == "map" and parameter.by is not None:
        ends = {
            key.raw: _pair(parameter, pair, faults) for key, pair in pairs(node, faults, f"range of {parameter.path}")
        }
        if set(ends) != set(parameter.keys):
            faults.add(node, f"range of {parameter.path} must have the keys {', '.join(parameter.keys)}")
            return None, None, ()
        return {key: ends[key][0] for key in parameter.keys}, {key: ends[key][1] for key in parameter.keys}, ()
    if node.raw == EXACT and confidence != "assumption" and kind != "table":
        return EXACT, EXACT, ()
    return *_pair(parameter, node, faults), ()


def _pair(parameter: Parameter, node: Node, faults: Faults) -> tuple[Any, Any]:
    numbers = [word.value for word in node.value] if node.kind == "list" else []
    if parameter.nullable and node.kind == "word" and node.value is None:
        return None, None
    if len(numbers) != 2 or any(type(number) not in (int, float) for number in numbers) or numbers[0] > numbers[1]:
        faults.add(node, f"range of {parameter.path} must be two numbers, the lower first")
        return None, None
    return numbers[0], numbers[1]


def _inside_range(
    parameter: Parameter, value: Any, ends: tuple[Any, Any, tuple[Any, ...]], node: Node, faults: Faults
) -> None:
    low, high, options = ends
    if options:
        found = value.values() if isinstance(value, dict) else [value]
        for one in found:
            if one not in options:
                faults.add(node, f"{parameter.path} must be inside its range {list(options)}", str(one))
        return
    for key in parameter.keys or (None,):
        one = value[key] if key is not None else value
        bottom = low[key] if isinstance(low, dict) else low
        top = high[key] if isinstance(high, dict) else high
        for number in outside(parameter, one, bottom, top):
            faults.add(node, f"{parameter.path} must be inside its range {bottom} to {top}", str(number))
