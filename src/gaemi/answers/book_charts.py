"""The charts of ``gaemi book``: which ones a result has, and what each shows in words."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.account_sheets import called
from gaemi.answers.book_sheets import band
from gaemi.answers.book_stress_sheets import with_error
from gaemi.answers.pictures import Picture
from gaemi.answers.plots import book as book_plots
from gaemi.answers.plots.style import Spec

SCHEMA = "gaemi.book/"


def is_book(result: Mapping[str, Any]) -> bool:
    """Whether the result is one of ``gaemi book``."""
    return str(result.get("schema", "")).startswith(SCHEMA)


def pictures(result: Mapping[str, Any]) -> list[Picture]:
    """The charts of a result of ``gaemi book``, in the order of the page; one without data is left out.

    The first, loans by band, leads: every book has it.
    """
    makers = (_bands, _morning, _call_map, _days, _risk)
    return [picture for picture in (make(result) for make in makers) if picture is not None]


def _bands(result: Mapping[str, Any]) -> Picture | None:
    rows = book_plots.shown_bands(result)
    if not rows:
        return None

    def draw(narrow: bool) -> Spec:
        return book_plots.bands(result, narrow)

    told = [
        f"{band(row['band'])}: {wording.won(row['loans_won'])} of {wording.whole(row['accounts'])} accounts"
        + (f", {wording.won(row['short_won'])} short of maintenance" if row.get("short_won") else "")
        for row in rows
    ]
    return Picture("bands", "Loans by collateral ratio", "Loans by collateral ratio. " + "; ".join(told) + ".", draw)


def _morning(result: Mapping[str, Any]) -> Picture | None:
    rows = result.get("morning") or []
    if not any(row["won"] for row in rows):
        return None

    def draw(narrow: bool) -> Spec:
        return book_plots.morning(result, narrow)

    told = []
    for row in rows:
        share = row.get("opening_volume_pct")
        volume = "opening volume unknown" if share is None else f"{wording.percent(share)} of opening volume"
        told.append(f"{called(row)}: {wording.won(row['won'])}, {volume}")
    words = "Sales of the next opening by name, if nobody pays. " + "; ".join(told) + "."
    return Picture("morning", "The next opening", words, draw)


def _call_map(result: Mapping[str, Any]) -> Picture | None:
    rows = result.get("call_map") or []
    if len(rows) < 2:
        return None

    def draw(narrow: bool) -> Spec:
        return book_plots.call_map(result, narrow)

    told = [
        f"{wording.percent(row['share_of_loans_pct'])} ({wording.won(row['reached_won'])}) at a fall of "
        f"{row['fall_pct']:g} %"
        for row in rows
        if row["fall_pct"] % 10 == 0
    ]
    words = "Share of the loans that reaches maintenance as every name falls by the same per cent: "
    return Picture("call-map", "Call map", words + "; ".join(told) + ".", draw)


def _days(result: Mapping[str, Any]) -> Picture | None:
    found = result.get("scenario") or {}
    rows = found.get("days") or []
    if len(rows) < 2:
        return None

    def draw(narrow: bool) -> Spec:
        return book_plots.days(result, narrow)

    told = [
        f"{what} in all {wording.won(found.get(field))}{_most(rows, field)}"
        for field, what in (("called_won", "called"), ("sold_won", "sold by force"), ("residual_won", "unpaid"))
    ]
    span = f"{wording.day_name(rows[0]['date'])} to {wording.day_name(rows[-1]['date'])}"
    return Picture("days", "The days", f"The scenario from {span}: {'; '.join(told)}.", draw)


def _most(rows: list[dict[str, Any]], field: str) -> str:
    """``, most on 6 November 2025: 142.0 bn won``; nothing where there is none."""
    worst = max(rows, key=lambda row: row.get(field) or 0)
    return f", most on {wording.day_name(worst['date'])}: {wording.won(worst[field])}" if worst.get(field) else ""


def _risk(result: Mapping[str, Any]) -> Picture | None:
    found = result.get("risk") or {}
    if len(found.get("curve") or []) < 2:
        return None

    def draw(narrow: bool) -> Spec:
        return book_plots.risk(result, narrow)

    told = [
        f"{row['measure']} at most {with_error(row['p95_won'], row.get('p95_error_won'))} on 95 % of paths, "
        f"{with_error(row['p99_won'], row.get('p99_error_won'))} on 99 %"
        for row in found.get("rows") or []
    ]
    words = f"Won sold and unpaid over {wording.whole(found['paths'])} paths of {found['sessions']} sessions, ± one "
    return Picture("risk", "Risk over paths", f"{words}standard error: {'; '.join(told)}.", draw)
