"""What a common move of all coins closes at a venue: long positions above the line, short ones below it."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.plots import style
from gaemi.answers.plots.style import Rows, Spec, mark, measured

SIDES = {"long positions": "sold", "short positions": "other"}
_FIELDS = (("long positions", "liquidated_long", 1), ("short positions", "liquidated_short", -1))


def moves(result: Mapping[str, Any], narrow: bool) -> Spec:
    """A bar for each common move: liquidated positions in per cent of all open ones."""
    rows: Rows = result["map"]
    whole = result["totals"]["open_long"] + result["totals"]["open_short"]
    step = 3 if narrow else 2
    told = {float(at): wording.shock(row["move_pct"]) for at, row in enumerate(rows) if at % step == 0}
    bars = [
        {"number": at, "series": side, "level": sign * 100 * row[field] / whole}
        for at, row in enumerate(rows)
        for side, field, sign in _FIELDS
        if row[field]
    ]
    scale = {"domain": [-0.7, len(rows) - 0.3], "nice": False}
    x = measured("number", axis=style.ticks(told, grid=True), scale=scale)
    y = measured("level", axis=style.left_axis(), scale={"zero": True}, stack=None)
    width = style.plot_width(narrow)
    colour = style.colours(SIDES, {"columns": 1 if narrow else 2})
    bar = mark("bar", {"size": max(1.5, width / len(rows) * 0.6)}, x=x, y=y, color=colour)
    title = style.heading(
        narrow, "Liquidated by a move of all coins at once", "% of open positions; short below the line"
    )
    return style.finish({"data": style.data(bars), "width": width, "height": 200, "title": title} | bar)
