"""What every answer of a book tells of what it was given: rows taken and rejected, the request, a validation."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from time import perf_counter
from typing import Any

import polars as pl

from gaemi.answers.documents import run_record
from gaemi.book.request import Request
from gaemi.errors import Fault, Refused
from gaemi.sources.book.rejects import SHOWN
from gaemi.sources.book.source import shown_source

VALIDATION_SCHEMA = "gaemi.book-validation/1"

UNREAD_OF_COINS = {
    "paths": "--paths",
    "horizon": "--horizon",
    "days": "--days",
    "feedback": "--feedback",
    "firm": "--firm",
    "capital": "--capital",
    "tables": "--table",
    "queries": "--query",
}
"""Options that no book of coins reads; the exchange's reads ``feedback``."""


def refuse_unread(request: Request, unread: Mapping[str, str], what: str) -> None:
    """Refuse options that ``what``, as "a book of coins", does not read. Raises Refused with every one."""
    faults = [
        Fault(option, str(getattr(request, name)), f"does not go with {what}", "leave it out")
        for name, option in unread.items()
        if getattr(request, name) not in (None, 0, {})
    ]
    if faults:
        raise Refused(faults)


def taken_rows(
    rows: list[dict[str, Any]],
    unused: Sequence[tuple[str, str]],
    rejects: pl.DataFrame,
    carried: Collection[str] = (),
) -> dict[str, Any]:
    """Rows read by table, columns that no rule reads (the tables ``carried`` keep theirs) and the first rejects."""
    return {
        "rows": rows,
        "unused": [{"table": table, "column": name, "carried": table in carried} for table, name in unused],
        "rejects": list(rejects.head(SHOWN).iter_rows(named=True)),
        "rejects_total": rejects.height,
    }


def recorded(request: Request) -> Request:
    """The request as a run folder keeps it: a frame is told by its kind, a password of a URL not at all."""
    rejects = None if request.rejects is None else str(request.rejects)
    return replace(request, source=shown_source(request.source), prices=shown_source(request.prices), rejects=rejects)


def validation(
    request: Request,
    words: str,
    on: date,
    who: str,
    taken: Mapping[str, Any],
    notes: Sequence[str],
    began: float,
) -> dict[str, Any]:
    """The document of a validation: what was read and rejected, and nothing run. ``who`` says whose rows they are."""
    count, refused = (sum(row[name] for row in taken["rows"]) for name in ("read", "rejected"))
    return {
        "schema": VALIDATION_SCHEMA,
        "on": str(on),
        "title": f"Validation of {words}",
        "sentences": [f"{count:,} rows read: {count - refused:,} accepted, {refused:,} rejected.", who],
        **taken,
        "notes": list(notes),
        "passed": refused == 0,
        "run": run_record(recorded(request)),
        "timing": {"seconds": round(perf_counter() - began, 2)},
    }
