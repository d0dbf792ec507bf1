"""What a common move of all coins closes of the loans against them, and what accounts hold by coin."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.plots import style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured, named

MOST_COINS = 12
NAME_ROOM = 104
USES = {"held": "before", "held against loans": "after"}
_FIELDS = (("held", "held_won"), ("held against loans", "collateral_won"))


def moves(result: Mapping[str, Any], narrow: bool) -> Spec:
    """A bar for each common move: debt of loans that it closes in per cent of all."""
    rows: Rows = result["map"]
    step = 3 if narrow else 2
    told = {float(at): wording.shock(row["move_pct"]) for at, row in enumerate(rows) if at % step == 0}
    bars = [
        {"number": at, "series": "loans", "level": row["share_pct"]} for at, row in enumerate(rows) if row["share_pct"]
    ]
    scale = {"domain": [-0.7, len(rows) - 0.3], "nice": False}
    x = measured("number", axis=style.ticks(told, grid=True), scale=scale)
    y = measured("level", axis=style.left_axis(), scale={"zero": True})
    width = style.plot_width(narrow)
    colour = style.colours({"loans": "sold"}, None)
    bar = mark("bar", {"size": max(1.5, width / len(rows) * 0.6)}, x=x, y=y, color=colour)
    title = style.heading(narrow, "Loans closed by a move of all coins at once except dollar coins", "% of all debt")
    return style.finish({"data": style.data(bars), "width": width, "height": 200, "title": title} | bar)


def coins(result: Mapping[str, Any], narrow: bool) -> Spec:
    """A bar for each of the largest coins: what accounts hold, and what is held against loans."""
    rows = result["by_coin"][:MOST_COINS]
    divisor, word = style.won_unit(row[field] for row in rows for _, field in _FIELDS)
    bars = [
        {"coin": row["coin"], "series": use, "won": row[field] / divisor, "label": wording.won_short(row[field])}
        for row in rows
        for use, field in _FIELDS
    ]
    most = max((row["won"] for row in bars), default=0) or 1
    y = named("coin", sort=None, axis=style.bands(NAME_ROOM), scale={"paddingInner": 0.25})
    x = measured("won", axis=None, scale={"domain": [0, most * (1.9 if narrow else 1.4)], "nice": False})
    offset = {"yOffset": named("series", sort=list(USES))}
    bar = mark("bar", {"height": 11}, x=x, y=y, color=style.colours(USES, {"columns": 2}), **offset)
    text = mark("text", label(11.5, align="left", dx=5), x=x, y=y, text=LABEL, **offset)
    width = style.plot_width(narrow) + style.AXIS_ROOM - NAME_ROOM
    title = style.heading(narrow, f"Held by coin, {word}")
    return style.finish(style.panel([bar, text], bars, width, 30 * len(rows), title))
