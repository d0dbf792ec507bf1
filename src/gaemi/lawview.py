"""The law view: one parameter, all of them, every change, or the steps of a day."""

from datetime import date
from typing import Any

from gaemi.errors import refuse
from gaemi.law.lawbook import LawBook, describe, load, plain
from gaemi.people.state import STATE_DATE

SCHEMA = "gaemi.law/1"
FACTS = ("credit", "people")
"""Topics that hold published figures: they change without anybody changing the law."""


def law_document(path: str | None, on: date | None, changes: bool, day: bool) -> dict[str, Any]:
    """JSON-ready answer of ``gaemi law``. Without a date: the state's date as shipped. Raises Refused."""
    if sum((path is not None, changes, day)) > 1:
        raise refuse("gaemi law", "more than one question", "ask for one of PATH, --changes, --day")
    if day:
        return {"schema": SCHEMA, "kind": "day", "steps": steps_of_a_day()}
    book = load()
    if changes:
        return {"schema": SCHEMA, "kind": "changes", "law_version": book.version, "changes": change_rows(book)}
    when = on or STATE_DATE
    if path is None:
        known = [each for each in book.paths() if book.parameter(each).entries[0].since <= when]
        rows = [describe(book, each, when) for each in known]
        return {"schema": SCHEMA, "kind": "all", "law_version": book.version, "on": str(when), "parameters": rows}
    return {"schema": SCHEMA, "kind": "parameter", **describe(book, path, when)}


def change_rows(book: LawBook) -> list[dict[str, Any]]:
    """Every change of law proper, by day, with the value before and after; balances and other data stay out."""
    return [
        {"date": str(c.date), "path": c.path, "before": plain(c.before), "after": plain(c.after), "source": c.source}
        for c in book.changes()
        if c.path.partition(".")[0] not in FACTS
    ]


def steps_of_a_day() -> list[dict[str, str]]:
    """The steps of a day in order, read from the code that runs them."""
    from gaemi.day import STEPS

    return [{"step": step.__name__, "what": (step.__doc__ or "").strip().split("\n\n")[0]} for step in STEPS]
