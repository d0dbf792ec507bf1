"""What the charts of an account share: the colour of each outcome, the names of drifts, room between labels, dates."""

import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from gaemi.answers import wording
from gaemi.answers.plots import style
from gaemi.answers.plots.style import Rows, Spec, measured

OUTCOME_ROLES = {
    "residual debt": "residual",
    "zeroed": "zeroed",
    "wiped out": "wiped",
    "graduate": "graduate",
    "force-sold": "forced",
    "ended below half": "half",
    "ended below the start": "below",
    "none of these": "none",
}
"""The palette's role of each exclusive outcome, worst first; neighbours differ in lightness."""

LETTER = 6.7
"""Pixels that a letter of a label takes on average, rounded up: room is kept by counting letters."""

SHORT_SPAN_DAYS = 150


def outcome_roles(rows: Rows, has_goal: bool) -> dict[str, str]:
    """The outcomes among these rows, in their order, each with its role; without a goal nobody can graduate."""
    names = (str(row["outcome"]) for row in rows)
    return {name: OUTCOME_ROLES.get(name, "muted") for name in names if has_goal or name != "graduate"}


def drift_words(result: Mapping[str, Any], drift: str) -> str:
    """``risk-free drift, 2.5 % a year``, from the drifts of the result; without the size where it is not told."""
    rate = next((row["pct_a_year"] for row in result.get("drifts") or [] if row["drift"] == drift), None)
    kind, _, rest = drift.partition(" ")
    words = f"{kind} drift {rest}".rstrip()
    return words if rate is None else f"{words}, {wording.percent(rate)} a year"


def usual_drift(drifts: Sequence[str]) -> str:
    """The drift that a chart with room for one shows: the risk-free one, else the first."""
    return "risk-free" if "risk-free" in drifts else drifts[0]


def apart(places: Sequence[float], room: float, low: float, high: float) -> list[float]:
    """Places in rising order, moved as little as a sweep each way needs so that neighbours are ``room`` apart.

    They stay between ``low`` and ``high`` where there is room for all of them.
    """
    moved: list[float] = []
    for number, place in enumerate(places):
        least = low if number == 0 else moved[-1] + room
        moved.append(max(place, least))
    for number in range(len(moved) - 1, -1, -1):
        most = high if number == len(moved) - 1 else moved[number + 1] - room
        moved[number] = min(moved[number], most)
    return moved


def lines(words: str, letters: int) -> list[str]:
    """The words in lines of at most so many letters, for a label of more than one line."""
    return textwrap.wrap(words, letters) or [""]


def day_numbers(rows: Rows) -> list[int]:
    """Days since the first row's date, one a row."""
    first = date.fromisoformat(rows[0]["date"])
    return [(date.fromisoformat(row["date"]) - first).days for row in rows]


def date_axis(rows: Rows, most: int) -> Spec:
    """The encoding of ``day`` over the dates of the rows with at most ``most`` ticks: days, months or years."""
    first, last = (date.fromisoformat(rows[i]["date"]) for i in (0, -1))
    span = max(1, (last - first).days)
    told = _few_days(first, span, most) if span <= SHORT_SPAN_DAYS else _months(first, last, most)
    return measured(
        "day", axis=style.ticks(told, grid=True, labelFlush=True), scale={"domain": [0, span], "nice": False}
    )


def _few_days(first: date, span: int, most: int) -> dict[float, str]:
    step = -(-span // max(1, most - 1))
    days = (first + timedelta(days=number) for number in range(0, span + 1, step))
    return {(on - first).days: f"{on.day} {on:%b}" for on in days}


def _months(first: date, last: date, most: int) -> dict[float, str]:
    """First days of months, as many months apart as it takes."""
    told: dict[float, str] = {}
    for step in (1, 2, 3, 6, 12, 24, 60, 120, 240):
        starts = (date(month // 12, month % 12 + 1, 1) for month in range(0, (last.year + 1) * 12, step) if month >= 12)
        shown = [on for on in starts if first <= on <= last]
        told = {(on - first).days: _month(on, on == shown[0], step) for on in shown}
        if len(told) <= most:
            break
    return told


def _month(on: date, first: bool, step: int) -> str:
    """The year alone where the steps are whole years; else the month, with its year where that is new."""
    if step >= 12:
        return str(on.year)
    return f"{on:%b} {on.year}" if first or on.month <= step else f"{on:%b}"
