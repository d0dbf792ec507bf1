"""Read a reform from a small YAML file and check it against the law that it patches.

A reform names what it changes, and nothing else::

    name: maintenance_150
    note: Calls at 150 % instead of 140 %.
    changes:
      margin.maintenance: 15000                                   # all keys, from the law's first day
      margin.deposit: {2025-10-31: {g1: 60%, g2: 60%}}            # from a day on, two keys
      margin.waiver_share: {unit: share_bps, from: 2025-11-03, until: 2025-12-30, value: 5000}

``until`` is the last day; after it the law of the day stands again. Percents may stand for basis points, money may
be written as people write it (500m, 5억).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from gaemi.errors import Fault, Refused, closest, refuse
from gaemi.law.lawbook import LawBook
from gaemi.law.lines import Faults, Node, fields, pairs, read, text
from gaemi.law.parameter import Parameter
from gaemi.law.patch import Reform, Span
from gaemi.law.values import Reading, value_faults, value_of

__all__ = ["Reform", "Span", "load_reform", "shipped_reforms", "with_values"]

_PERIOD = ("unit", "from", "until", "value")
_SHIPPED = Path(__file__).resolve().parent / "korea" / "reforms"


def shipped_reforms() -> tuple[str, ...]:
    """The names of the reforms that ship with gaemi; each can be given where a file is asked for."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.yaml")))


def load_reform(path: Path, book: LawBook) -> Reform:
    """The reform in the file, or the shipped one of that name, checked against the law.

    Raises Refused with every fault: unknown paths and keys, wrong units and types, days before the law begins,
    days that stand twice or overlap, and values that would break the law's order (totals, tables).
    """
    path = Path(path)
    if not path.exists() and path.name in shipped_reforms():
        path = _SHIPPED / f"{path.name}.yaml"
    if not path.is_file():
        help = closest(path.stem, shipped_reforms()) or f"shipped reforms are {', '.join(shipped_reforms())}"
        raise refuse("--reform", f"'{path}'", "must be a reform file that exists", help)
    root = read(path)
    if root is None:
        raise refuse(path.name, "an empty file", "a reform has name, note and changes")
    faults = Faults(path.name)
    found = fields(root, faults, "a reform", ("name", "note", "changes"), ("name", "note", "changes"))
    name = text(found.get("name"), faults, "name") or path.stem
    changes: dict[str, tuple[Span, ...]] = {}
    if "changes" in found:
        for key, node in pairs(found["changes"], faults, "changes"):
            spans = _spans(key, node, book, faults)
            if spans:
                changes[key.raw] = spans
    if not faults.found and not changes:
        faults.add(root, "a reform must change something", found="no changes")
    reform = Reform(name, text(found.get("note"), faults, "note"), changes)
    faults.found += law_faults(book, reform)
    if faults.found:
        raise Refused(sorted(faults.found, key=lambda fault: int(fault.where.rpartition(" ")[2])))
    return reform


def with_values(book: LawBook, name: str, values: dict[str, Any]) -> LawBook:
    """The law with these values from its first day on: how ranges are explored. A map patches its keys only.

    Raises Refused where a value would break the order of the law; units are the caller's to keep.
    """
    changes = {}
    for path, value in values.items():
        keys = book.parameter(path).keys
        over = value if isinstance(value, dict) else dict.fromkeys(keys, value) if keys else {None: value}
        changes[path] = tuple(Span(book.begins, None, key, one, path) for key, one in over.items())
    reform = Reform(name, "", changes)
    faults = law_faults(book, reform)
    if faults:
        raise Refused(faults)
    return book.patched(reform)


def law_faults(book: LawBook, reform: Reform) -> list[Fault]:
    """What the law would be at odds with under the reform: totals that do not add up, tables out of order."""
    found: list[Fault] = []
    after = book.patched(reform)
    for path, spans in reform.changes.items():
        parameter = after.parameter(path)
        for entry in parameter.entries:
            if entry.confidence == "reform":
                where = next(span.where for span in spans if span.covers(entry.since))
                found += [fault for fault in value_faults(parameter, entry.value, where) if fault not in found]
    return found


def _spans(key: Node, node: Node, book: LawBook, faults: Faults) -> tuple[Span, ...]:
    """The spans of one path of the file, in order of their first days."""
    if key.raw not in book.paths():
        faults.add(key, "must be a path of the law", found=f"'{key.raw}'", help=closest(key.raw, book.paths()))
        return ()
    parameter = book.parameter(key.raw)
    before = len(faults.found)
    if node.kind == "list" and node.value and all(item.kind == "map" for item in node.value):
        spans = [span for item in node.value for span in _period(parameter, item, book, faults)]
    elif node.kind == "map" and any(name.raw in _PERIOD and name.raw != "unit" for name, _ in node.value):
        spans = _period(parameter, node, book, faults)
    elif node.kind == "map":
        spans = _dated(parameter, node, book, faults)
    else:
        spans = _set(parameter, node, (book.begins, None), faults)
    if len(faults.found) == before:
        _refuse_overlaps(parameter, spans, faults)
    if len(faults.found) > before:
        return ()
    return tuple(sorted(spans, key=lambda span: (span.since, span.key or "")))


def _set(parameter: Parameter, node: Node, days: tuple[date, date | None], faults: Faults) -> list[Span]:
    """One span for each key that the value names, or one for a value without keys."""
    value = value_of(parameter, node, Reading(faults, words=True, sparse=True))
    where = faults.where(node.line)
    if parameter.by is None:
        return [Span(*days, None, value, where)]
    return [Span(*days, key, one, where) for key, one in value.items()]


def _period(parameter: Parameter, node: Node, book: LawBook, faults: Faults) -> list[Span]:
    """A value with from and until: it holds on both days and between them."""
    found = fields(node, faults, parameter.path, _PERIOD, ("value",))
    _check_unit(parameter, found.get("unit"), faults)
    since, until = book.begins, None
    if "from" in found:
        since = _day(found["from"], book, faults) or since
    if "until" in found:
        until = _day(found["until"], book, faults)
        if until is not None and until < since:
            faults.add(found["until"], f"until must not be before {since}")
    return _set(parameter, found["value"], (since, until), faults) if "value" in found else []


def _dated(parameter: Parameter, node: Node, book: LawBook, faults: Faults) -> list[Span]:
    """A map of days, or a map of keys that holds from the law's first day; either may state the unit."""
    entries = pairs(node, faults, parameter.path)
    for key, value in entries:
        if key.raw == "unit":
            _check_unit(parameter, value, faults)
    entries = [(key, value) for key, value in entries if key.raw != "unit"]
    if not any(type(key.value) is date or (key.raw[:1].isdigit() and "-" in key.raw) for key, _ in entries):
        return _set(parameter, Node("map", node.line, entries), (book.begins, None), faults)
    spans: list[Span] = []
    last: date | None = None
    for key, value in entries:
        since = _day(key, book, faults)
        if since is None:
            continue
        if last is not None and since <= last:
            faults.add(key, f"days of {parameter.path} must be in order, each once, after {last}")
            continue
        last = since
        spans = _until_next(spans, _set(parameter, value, (since, None), faults))
    return spans


def _until_next(earlier: list[Span], later: list[Span]) -> list[Span]:
    """A later value of a key ends the earlier one on the day before."""
    day_before = {span.key: date.fromordinal(span.since.toordinal() - 1) for span in later}
    ended = [
        Span(s.since, day_before[s.key], s.key, s.value, s.where) if s.until is None and s.key in day_before else s
        for s in earlier
    ]
    return ended + later


def _day(node: Node, book: LawBook, faults: Faults) -> date | None:
    day = node.value
    if type(day) is not date:
        faults.add(node, "must be a day as 2025-10-31")
        return None
    if day < book.begins:
        faults.add(node, f"must not be before {book.begins}, when the law begins")
        return None
    return day


def _check_unit(parameter: Parameter, node: Node | None, faults: Faults) -> None:
    if node is not None and node.raw != parameter.unit:
        faults.add(node, f"unit of {parameter.path} is {parameter.unit}")


def _refuse_overlaps(parameter: Parameter, spans: list[Span], faults: Faults) -> None:
    """Two values of a key must not hold on one day."""
    for place, span in enumerate(spans):
        for other in spans[:place]:
            first, second = sorted((span, other), key=lambda each: each.since)
            if span.key == other.key and (first.until is None or second.since <= first.until):
                key = f" ({span.key})" if span.key else ""
                found = f"{first.since} to {first.until or 'good'} and {second.since} to {second.until or 'good'}"
                faults.found.append(Fault(span.where, found, f"days of {parameter.path}{key} must not overlap"))
                return
