"""A parameter of the law: one named value with a unit, and the dated entries that it had over time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

CONFIDENCE = ("H", "M", "L", "assumption")


class Unit(NamedTuple):
    """What a unit allows: the kind of word that stands for it, and the bounds that no value may leave."""

    kind: str
    meaning: str
    low: int | None = None
    high: int | None = None


UNITS: dict[str, Unit] = {
    "bps": Unit("whole", "whole basis points (1 % = 100)", 0, 1_000_000),
    "share_bps": Unit("whole", "a share in whole basis points (0 to 10000)", 0, 10_000),
    "bps_a_year": Unit("whole", "whole basis points a year", -10_000, 100_000),
    "won": Unit("whole", "whole won, 0 or more", 0, 10**17),
    "sessions": Unit("whole", "whole trading sessions, 0 or more", 0, 1_000),
    "days": Unit("whole", "whole calendar days, 0 or more", 0, 100_000),
    "persons": Unit("whole", "whole persons, 0 or more", 0, 10**9),
    "count": Unit("whole", "a whole count, 0 or more", 0, 10**15),
    "times": Unit("number", "a number"),
    "flag": Unit("flag", "true or false"),
    "choice": Unit("choice", "one of the parameter's choices"),
    "text": Unit("text", "text"),
    "table": Unit("table", "a table: rows in brackets"),
}

# A single value: whole number, number, flag, text, a table (tuple of rows) or one row, or None where the
# parameter says that nothing is known or nothing exists.
Value = int | float | bool | str | tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class Entry:
    """The value of a parameter from a date on: ``value`` is one value, or a map over the parameter's keys.

    ``low`` and ``high`` are the ends of the range, or maps of them where each key has its own; both are None
    for flags, choices and text, whose range is the tuple ``options``. For a table they bound its last column.
    """

    since: date
    value: Any
    source: str
    confidence: str
    low: Any = None
    high: Any = None
    note: str = ""
    options: tuple[Any, ...] = ()
    line: int = field(default=0, compare=False)

    def range_of(self, key: str | None = None) -> tuple[Any, Any]:
        """(low, high) of one key, or of the whole value."""
        pick = isinstance(self.low, Mapping) and key is not None
        return (self.low[key], self.high[key]) if pick else (self.low, self.high)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One named value of the law. ``path`` is topic.name; ``entries`` are in order of date.

    ``by`` names the kind of key that its values are mapped over, ``keys`` the keys in their fixed order.
    ``choices`` belong to unit choice; ``columns``, ``shape`` (falling, rising, row or free) to unit table;
    ``sums_to`` is the total that the values over the keys, or the last column of the table, must have.
    """

    path: str
    label: str
    unit: str
    entries: tuple[Entry, ...]
    by: str | None = None
    keys: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    shape: str = "free"
    sums_to: int | None = None
    nullable: bool = False
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def topic(self) -> str:
        return self.path.partition(".")[0]

    @property
    def name(self) -> str:
        return self.path.partition(".")[2]

    def entry(self, on: date) -> Entry:
        """The entry in force on a date that is not before the first."""
        place = bisect_right(self.entries, on, key=lambda entry: entry.since)
        assert place > 0, f"{self.path} has no value before {self.entries[0].since}, was {on}"
        return self.entries[place - 1]


@dataclass(frozen=True, slots=True)
class Change:
    """A day on which a parameter changes: its values before and after, and who says so."""

    date: date
    path: str
    before: Any
    after: Any
    source: str
