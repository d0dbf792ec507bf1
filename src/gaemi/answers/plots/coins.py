"""What venues closed by the hour, and what exchange accounts of each size held before and after."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.plots import style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured, named

BAND_ROOM = 104
BEFORE_AFTER = {"before": "before", "after": "after"}


def liquidations(rows: Rows, narrow: bool) -> Spec:
    """Each step's part of all that was closed: long positions above the line, short ones below it."""
    wanted = 3 if narrow else 6
    step = max(1, -(-len(rows) // wanted))
    told = {float(i): _hour(row["time"], narrow) for i, row in enumerate(rows) if i % step == 0}
    x = measured(
        "number",
        axis=style.ticks(told, grid=True),
        scale={"domain": [-0.7, len(rows) - 0.3], "nice": False},
    )
    bars = [
        {"number": i, "series": side, "level": sign * row[field]}
        for i, row in enumerate(rows)
        for side, field, sign in (("long positions", "long_pct", 1), ("short positions", "short_pct", -1))
        if row[field]
    ]
    width = style.plot_width(narrow)
    y = measured("level", axis=style.left_axis(), scale={"zero": True}, stack=None)
    sides = {"long positions": "sold", "short positions": "other"}
    colour = style.colours(sides, {"columns": 1 if narrow else 2})
    bar = mark("bar", {"size": max(1.5, width / len(rows) * 0.75)}, x=x, y=y, color=colour)
    title = style.heading(
        narrow, "Closed by venues at each step, % of all that was closed", "short positions below the line"
    )
    return style.finish({"data": style.data(bars), "width": width, "height": 200, "title": title} | bar)


def _hour(text: str, narrow: bool) -> str:
    """``10 21:00`` of a time in UTC: the day of the month and the hour."""
    return f"{text[8:10]} {text[11:13]}h" if narrow else f"{text[8:10]} {text[11:16]}"


def bands(rows: Rows, narrow: bool) -> Spec:
    """Two bars for each band of size: won held before and after."""
    divisor, word = style.won_unit(row[field] for row in rows for field in ("before_won", "after_won"))
    bars = [
        {"band": row["band"], "series": when, "won": row[f"{when}_won"] / divisor, "label": _label(row, when)}
        for row in rows
        for when in BEFORE_AFTER
    ]
    most = max((row["won"] for row in bars), default=0) or 1
    y = named("band", sort=None, axis=style.bands(BAND_ROOM), scale={"paddingInner": 0.25})
    x = measured("won", axis=None, scale={"domain": [0, most * (1.9 if narrow else 1.4)], "nice": False})
    offset = {"yOffset": named("series", sort=list(BEFORE_AFTER))}
    colour = style.colours(BEFORE_AFTER, {"columns": 2})
    bar = mark("bar", {"height": 11}, x=x, y=y, color=colour, **offset)
    text = mark("text", label(11.5, align="left", dx=5), x=x, y=y, text=LABEL, **offset)
    width = style.plot_width(narrow) + style.AXIS_ROOM - BAND_ROOM
    title = style.heading(narrow, f"Held in exchange accounts by size, {word}")
    return style.finish(style.panel([bar, text], bars, width, 30 * len(rows), title))


def _label(row: Mapping[str, Any], when: str) -> str:
    told: str = wording.won_short(row[f"{when}_won"])
    if when == "after" and row["before_won"]:
        told += f" ({wording.shock(round(100 * (row['after_won'] / row['before_won'] - 1), 1))})"
    return told
