"""A replay of coins as a chart: net worth through the episode on a logarithmic scale, with both endings."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from gaemi.answers import wording
from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured

HEIGHT = 260
DAY_SECONDS = 86_400
LEAST = 1
"""Net worth is drawn from a won on: a logarithm has no 0."""

SOLD, HELD, TOP = "sold", "held to the end", "at the top"


def coin_replay(result: Mapping[str, Any], narrow: bool) -> Spec:
    """The path, the sale and the end; the top stands at the left edge where it was before the start."""
    told = result["replay"]["coins"]
    path: Rows = told["path"]
    first = datetime.fromisoformat(path[0]["time"])
    last = _days(path[-1]["time"], first)
    line = [{"day": _days(row["time"], first), "won": max(LEAST, row["net_worth_won"])} for row in path]
    points = _endings(told["endings"], first, line)
    amounts = [row["won"] for row in (*line, *points)]
    axis = style.left_axis(tickCount=5) | {"labelExpr": style.won_labels()}
    y = measured("won", scale={"type": "log", "domain": [min(amounts) * 0.6, max(amounts) * 1.8]}, axis=axis)
    x = _days_axis(path, first, last, narrow)
    layers = [mark("line", {"color": LIGHT["riskfree"], "strokeWidth": 2}, x=x, y=y)]
    if points:
        roles = {TOP: "muted", SOLD: "sold", HELD: "ink"}
        kept = {name: role for name, role in roles.items() if any(row["series"] == name for row in points)}
        colour = style.colours(kept, {"columns": len(kept), "symbolType": "circle"})
        dots = mark("point", {"filled": True, "size": 80, "opacity": 1}, x=x, y=y, color=colour)
        layers.append({"data": style.data(points)} | dots)
        # A fall leaves room at the upper right of a point, but for the last, above which it may still be falling.
        for at_end in (False, True):
            mine = [row for row in points if (row["day"] > 0.9 * last) == at_end]
            place = {"align": "right", "dx": 4, "dy": -26} if at_end else {"align": "left", "dx": 6, "dy": -5}
            looks = label(11.5, baseline="bottom", fontWeight=600, **place)
            layers.append({"data": style.data(mine)} | mark("text", looks, x=x, y=y, text=LABEL))
    title = style.heading(narrow, "Net worth, won, log scale; Korean time")
    return style.finish(style.below([style.panel(layers, line, style.plot_width(narrow), HEIGHT, title)]))


def _days(text: str, first: datetime) -> float:
    return (datetime.fromisoformat(text) - first).total_seconds() / DAY_SECONDS


def _endings(ends: Mapping[str, Any] | None, first: datetime, line: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if ends is None:
        return []
    found = []
    if ends["top"] is not None and ends["top"]["won"] > ends["start_won"]:
        day = wording.day_name(ends["top"]["date"])
        found.append(_point(TOP, 0.0, ends["top"]["won"], f"{wording.won(ends['top']['won'])} on {day}"))
    if ends["sold"] is not None:
        won = ends["sold"]["won"]
        found.append(_point(SOLD, _days(ends["sold"]["time"], first), won, f"{wording.won(won)} sold"))
    won = ends["held"]["won"]
    found.append(_point(HELD, line[-1]["day"], won, f"{wording.won(won)} held"))
    return found


def _point(series: str, day: float, won: int, words: str) -> dict[str, Any]:
    return {"series": series, "day": day, "won": max(LEAST, won), "label": words}


def _days_axis(path: Rows, first: datetime, last: float, narrow: bool) -> Spec:
    """Midnights of Korean time, at most so many, with their dates."""
    shift = (first - datetime.combine(first.date(), time.min)).total_seconds() / DAY_SECONDS
    midnights = range(1, int(last + shift) + 1)
    step = max(1, -(-len(midnights) // (4 if narrow else 8)))
    told: dict[float, str] = {}
    for number in midnights[::step]:
        on = first.date() + timedelta(days=number)
        told[round(number - shift, 4)] = f"{on.day} {on:%b}"
    return measured("day", axis=style.ticks(told, grid=True), scale={"domain": [0, last], "nice": False})
