"""Read a YAML file and keep the line of every word, so that a fault can say where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from gaemi.errors import Fault, closest, refuse

# The C reader is about ten times as fast; both read the same language.
_Reader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Node:
    """One place of a YAML file: what stands there, as written and as read, and its line (from 1).

    ``kind`` is "map", "list" or "word". A map keeps its pairs in order and keeps double keys, which plain
    YAML readers lose; ``value`` is a list of pairs, a list of nodes, or a scalar.
    """

    kind: str
    line: int
    value: Any
    raw: str = ""

    @property
    def shown(self) -> str:
        """What was found, short enough for a message."""
        if self.kind == "map":
            return "{" + ", ".join(str(key.raw) for key, _ in self.value[:4]) + "}"
        if self.kind == "list":
            return "[" + ", ".join(item.shown for item in self.value[:6]) + "]"
        if self.value is None:
            return "nothing" if not self.raw else self.raw
        return f"'{self.raw}'" if isinstance(self.value, str) else self.raw


class Faults:
    """The faults of one file, collected while it is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Fault] = []

    def where(self, line: int) -> str:
        return f"{self.file} line {line}"

    def add(self, node: Node, allowed: str, found: str | None = None, help: str = "") -> None:
        self.found.append(Fault(self.where(node.line), node.shown if found is None else found, allowed, help))


def read(path: Path) -> Node | None:
    """The root of the file, or None when it is empty.

    Raises Refused when the file cannot be opened or is no YAML; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise refuse(
            path.name, getattr(error, "strerror", None) or "other bytes", "must be a readable UTF-8 file"
        ) from None
    reader = None
    try:
        reader = _Reader(text)
        root = reader.get_single_node()
        return None if root is None else _node(root, path.name, set())
    except RecursionError:
        raise refuse(path.name, "brackets in brackets without end", "must be YAML of a few levels") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path.name} line {mark.line + 1}" if mark is not None else path.name
        raise refuse(where, str(getattr(error, "problem", None) or "text out of order"), "must be YAML") from None
    finally:
        if reader is not None:
            reader.dispose()


def _node(found: Any, file: str, seen: set[int]) -> Node:
    line = found.start_mark.line + 1
    # An alias (*name) gives the same node again; a few of them can stand for billions of words, or for themselves.
    if id(found) in seen:
        raise refuse(f"{file} line {line}", "a value with an alias", "each value must be written out")
    seen.add(id(found))
    if isinstance(found, yaml.MappingNode):
        return Node("map", line, [(_node(key, file, seen), _node(value, file, seen)) for key, value in found.value])
    if isinstance(found, yaml.SequenceNode):
        return Node("list", line, [_node(item, file, seen) for item in found.value])
    return Node("word", line, _scalar(found.tag.removeprefix(_TAG), found.value), found.value)


def _scalar(tag: str, raw: str) -> object:
    """The word as a bool, whole number, number, date or nothing where it plainly is one, else as text.

    YAML 1.1 also reads 08:45 as a number in base 60 and 010 as eight; here such words stay text.
    """
    try:
        if tag == "bool":
            return {"true": True, "false": False}.get(raw.lower(), raw)
        if tag == "int":
            return raw if raw.lstrip("+-0") != raw.lstrip("+-") and raw.strip("+-0") else int(raw.replace("_", ""))
        if tag == "float":
            return float(raw.replace("_", ""))
        if tag == "timestamp":
            return date.fromisoformat(raw)
    except ValueError:
        return raw
    return None if tag == "null" else raw


def pairs(node: Node, faults: Faults, what: str) -> list[tuple[Node, Node]]:
    """The pairs of a map, each key once; anything else, and a key that stands twice, is a fault."""
    if node.kind != "map":
        faults.add(node, f"{what} must be a map")
        return []
    seen: dict[str, int] = {}
    kept = []
    for key, value in node.value:
        if key.raw in seen:
            faults.add(key, f"{what} must name each key once", help=f"it also stands in line {seen[key.raw]}")
            continue
        seen[key.raw] = key.line
        kept.append((key, value))
    return kept


def fields(node: Node, faults: Faults, what: str, known: tuple[str, ...], needed: tuple[str, ...]) -> dict[str, Node]:
    """The named fields of a map; unknown names and missing ones are faults."""
    found: dict[str, Node] = {}
    for key, value in pairs(node, faults, what):
        if key.raw in known:
            found[key.raw] = value
        else:
            faults.add(key, f"{what} has the fields {', '.join(known)}", help=closest(key.raw, known))
    for name in needed if node.kind == "map" else ():
        if name not in found or (found[name].kind == "word" and found[name].raw == ""):
            faults.add(node, f"{what} must have {name}", found=f"no {name}")
    return found


def text(node: Node | None, faults: Faults, what: str) -> str:
    """A line of text; a map or list is a fault."""
    if node is None:
        return ""
    if node.kind != "word":
        faults.add(node, f"{what} must be text")
        return ""
    return " ".join(node.raw.split())
