"""A reform is a sparse dated patch of the law: what it holds, and how it is laid over the dated values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from gaemi.law.parameter import Entry, Parameter


@dataclass(frozen=True, slots=True)
class Span:
    """One patched value: from a first to a last day (None: for good), for one key or (None) the whole value."""

    since: date
    until: date | None
    key: str | None
    value: Any
    where: str = ""

    def covers(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Reform:
    """A named patch: ``changes`` maps a path of the law to its spans, which do not overlap within a key."""

    name: str
    note: str
    changes: dict[str, tuple[Span, ...]]


def laid_over(parameter: Parameter, spans: tuple[Span, ...], name: str) -> Parameter:
    """The parameter under the reform. Outside the spans, and for keys without one, the law of the day stands."""
    days = {entry.since for entry in parameter.entries}
    for span in spans:
        days.add(span.since)
        if span.until is not None:
            days.add(span.until + timedelta(days=1))
    entries: list[Entry] = []
    for day in sorted(days):
        entry = _on(parameter, spans, day, name)
        same = bool(entries) and replace(entries[-1], since=day, line=entry.line) == entry
        if not same:
            entries.append(entry)
    return replace(parameter, entries=tuple(entries))


def _on(parameter: Parameter, spans: tuple[Span, ...], day: date, name: str) -> Entry:
    base = parameter.entry(day)
    active = [span for span in spans if span.covers(day)]
    if not active:
        return replace(base, since=day)
    value = dict(base.value) if parameter.by is not None else base.value
    for span in active:
        if span.key is None:
            value = span.value
        else:
            value[span.key] = span.value
    # What a reform sets is chosen, not measured: it has no range.
    return Entry(day, value, f"reform {name}", "reform", note=base.note, line=base.line)
