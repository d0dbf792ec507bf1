"""The dated law of a country: every number that a regulator, broker or venue sets, and every assumption.

``load()`` reads the folder of the country once a process. Values are asked for by path and day::

    book = load()
    book.value("margin.maintenance", date(2024, 8, 5), "standard")   # 14000
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any

from gaemi.errors import Refused, closest, refuse
from gaemi.law.checks import Keys, read_law
from gaemi.law.parameter import UNITS, Change, Entry, Parameter
from gaemi.law.patch import Reform, laid_over

# From this session on published balances of margin loans by market can be compared, so that a state can be rebuilt.
BEGINS = date(2005, 1, 3)
_HERE = Path(__file__).resolve().parent


class LawBook:
    """The parameters of a law by path, and the reform that lies over them, if any."""

    def __init__(
        self, parameters: Mapping[str, Parameter], keys: Keys, begins: date, reforms: tuple[str, ...] = ()
    ) -> None:
        self._parameters = dict(sorted(parameters.items()))
        self._keys = keys
        self.begins = begins
        self.reforms = reforms
        self.version = _version(self._parameters)
        self._days = {path: [entry.since for entry in each.entries] for path, each in self._parameters.items()}

    def value(self, path: str, on: date, key: str | None = None) -> Any:
        """The value in force on the day: of one key, or whole (a map over the keys where the parameter has some).

        Raises Refused for an unknown path or key, and for a day before the law begins.
        """
        value = self.entry(path, on).value
        if key is None:
            return value
        try:
            return value[key]
        except (KeyError, TypeError):
            keys = self._parameters[path].keys
            allowed = f"keys are {', '.join(keys)}" if keys else "it has no keys"
            raise refuse(path, f"'{key}'", allowed, closest(key, keys)) from None

    def entry(self, path: str, on: date) -> Entry:
        """The entry in force on the day: value, source, confidence, range and since when. Raises Refused."""
        days = self._days.get(path)
        if days is None:
            self.parameter(path)
        assert days is not None
        place = bisect_right(days, on)
        if place == 0:
            raise refuse("--on", str(on), f"the law begins on {self.begins}", "give that day or a later one")
        return self._parameters[path].entries[place - 1]

    def parameter(self, path: str) -> Parameter:
        """The parameter with all its dated entries. Raises Refused, naming the closest path."""
        found = self._parameters.get(path)
        if found is None:
            raise refuse("law", f"'{path}'", "must be a path of the law", closest(path, self._parameters))
        return found

    def paths(self) -> tuple[str, ...]:
        """Every path, in order of the alphabet."""
        return tuple(self._parameters)

    def keys(self, kind: str) -> tuple[str, ...]:
        """The keys of a kind (firm_class, stock_group, board ...) in their fixed order. Raises Refused."""
        if kind not in self._keys:
            raise refuse("law", f"'{kind}'", f"kinds of keys are {', '.join(self._keys)}", closest(kind, self._keys))
        return tuple(self._keys[kind])

    def meaning(self, kind: str, key: str) -> str:
        """What a key stands for, in words; empty where keys.yaml does not say."""
        return self._keys.get(kind, {}).get(key, "")

    def changes(self) -> list[Change]:
        """Every change after the law begins, by day, then by path; a new source of the same value is none."""
        found = []
        for path, parameter in self._parameters.items():
            for before, after in pairwise(parameter.entries):
                if before.value != after.value:
                    found.append(Change(after.since, path, before.value, after.value, after.source))
        return sorted(found, key=lambda change: (change.date, change.path))

    def next_change(self, path: str, on: date) -> Change | None:
        """The first change of the path after the day, or None."""
        before = self.entry(path, on)
        entries = self._parameters[path].entries
        for after in entries[bisect_right(self._days[path], on) :]:
            if after.value != before.value:
                return Change(after.since, path, before.value, after.value, after.source)
        return None

    def patched(self, reform: Reform) -> LawBook:
        """This law under the reform; this book stays as it is. Raises Refused for an unknown path."""
        parameters = dict(self._parameters)
        for path, spans in reform.changes.items():
            parameters[path] = laid_over(self.parameter(path), spans, reform.name)
        return LawBook(parameters, self._keys, self.begins, (*self.reforms, reform.name))


def load(country: str = "korea", *, folder: Path | None = None) -> LawBook:
    """The law of a country that ships with gaemi, or of a folder of one's own; read once a process.

    Raises Refused with every fault of the folder, each with its file and line.
    """
    if folder is None:
        shipped = sorted(path.name for path in _HERE.iterdir() if path.is_dir() and any(path.glob("*.yaml")))
        if country not in shipped:
            raise refuse("country", f"'{country}'", f"must be one of {', '.join(shipped)}", closest(country, shipped))
        folder = _HERE / country
    return _load(Path(folder).resolve())


@lru_cache(maxsize=8)
def _load(folder: Path) -> LawBook:
    parameters, keys, faults = read_law(folder, BEGINS)
    if faults:
        raise Refused(faults)
    return LawBook(parameters, keys, BEGINS)


def _version(parameters: Mapping[str, Parameter]) -> str:
    """A hash of what the law says; labels, notes and the place in a file are wording and stay out."""
    content = [
        [
            path,
            each.unit,
            each.by,
            list(each.keys),
            [[str(e.since), e.value, e.source, e.confidence, e.low, e.high, list(e.options)] for e in each.entries],
        ]
        for path, each in sorted(parameters.items())
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def describe(book: LawBook, path: str, on: date) -> dict[str, Any]:
    """What the law says about a path on a day, ready for JSON: value, unit, source, range, since, next change."""
    parameter, entry, change = book.parameter(path), book.entry(path, on), book.next_change(path, on)
    after = (
        None if change is None else {"date": str(change.date), "value": plain(change.after), "source": change.source}
    )
    return {
        "path": path,
        "label": parameter.label,
        "on": str(on),
        "value": plain(entry.value),
        "unit": parameter.unit,
        "unit_meaning": UNITS[parameter.unit].meaning,
        "by": parameter.by,
        "keys": {key: book.meaning(parameter.by or "", key) for key in parameter.keys},
        "columns": list(parameter.columns),
        "choices": list(parameter.choices),
        "source": entry.source,
        "confidence": entry.confidence,
        "range": _range(entry),
        "since": str(entry.since),
        "next_change": after,
        "note": entry.note,
        "law_version": book.version,
    }


def plain(value: Any) -> Any:
    """A value as JSON has it: maps and lists of its own."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, tuple) else value


def _range(entry: Entry) -> Any:
    if entry.options:
        return list(entry.options)
    if isinstance(entry.low, Mapping):
        return {key: [entry.low[key], entry.high[key]] for key in entry.low}
    return None if entry.low is None else [entry.low, entry.high]
