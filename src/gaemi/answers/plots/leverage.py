"""What leverage does: small panels over leverage, and at their left edge the same goal without a loan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import common, style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured

SHARES = {
    "graduate": "Goal reached, %",
    "force_sold": "Force-sold, %",
    "wiped_out": "Wiped out, %",
    "below_start": "Below the start, %",
}
ROLES = ("riskfree", "longrun")
LETTERS = "ABCDEF"
HEIGHT, GAP = 116, 18
HEADROOM = 1.2
"""Room over the highest point for the word at today's line."""

ERRORS = 2
"""Standard errors that an error bar reaches each way."""


def leverage(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Four shares with two standard errors each way and the median end, against leverage, by drift.

    Nothing is marked as best: today's leverage has a quiet line, and the rows without a loan stand apart at the left.
    """
    frame = _frame(result, narrow)
    panels = [_share(frame, field, number == 0) for number, field in enumerate(frame.fields)]
    panels.append(_median(frame))
    lines = [style.beside(panels[i : i + frame.columns], GAP) for i in range(0, len(panels), frame.columns)]
    return style.finish(style.below([*lines, _words(frame)], spacing=12))


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the panels share: the rows with their place, the letter and words of each row without a loan, the axis."""

    rows: list[dict[str, Any]]
    letters: dict[str, str]
    roles: dict[str, str]
    x: Spec
    now: list[float]
    narrow: bool

    @property
    def width(self) -> int:
        """Of one panel: the room of the chart less that of the axes and gaps between the panels of a line."""
        if self.narrow:
            return style.NARROW
        return (style.WIDE - (self.columns - 1) * (style.AXIS_ROOM + GAP)) // self.columns

    @property
    def fields(self) -> list[str]:
        """The shares that are known: without a goal nobody reaches it."""
        return [field for field in SHARES if any(row.get(field) is not None for row in self.rows)]

    @property
    def columns(self) -> int:
        """Panels in a line, with the median among them."""
        return 1 if self.narrow else 2 if len(self.fields) == 3 else 3


def _frame(result: Mapping[str, Any], narrow: bool) -> _Frame:
    levels = sorted({row["leverage"] for row in result["leverage"]})
    span = max(levels[-1] - levels[0], 0.5)
    letters = dict(zip(dict.fromkeys(row["what"] for row in result["instead"]), LETTERS, strict=False))
    last = len(letters)  # places are rounded, because a tick finds its words by its value
    places = {what: round(levels[0] - span * (0.14 * (last - i) + 0.08), 3) for i, what in enumerate(letters)}
    rows = [row | {"at": row["leverage"], "line": True} for row in result["leverage"]]
    rows += [row | {"at": places[row["what"]], "line": False} for row in result["instead"] if row["what"] in places]
    names = list(dict.fromkeys(row["drift"] for row in result["leverage"]))[: len(ROLES)]
    series = {drift: common.drift_words(result, drift) for drift in names}
    step = next(step for step in (0.25, 0.5, 1, 2, 5, 10) if span / step <= 4)
    ticks = [number * step for number in range(1, 200) if levels[0] <= number * step <= levels[-1]]
    told = {place: letters[what] for what, place in places.items()} | {tick: f"{tick:g}" for tick in ticks}
    domain = [min([*places.values(), levels[0]]) - 0.06 * span, levels[-1] + 0.05 * span]
    x = measured("at", axis=style.ticks(told), scale={"domain": domain, "nice": False, "zero": False})
    now = sorted({row["leverage"] for row in result["leverage"] if row["now"]})
    shown = [row | {"series": series[row["drift"]]} for row in rows if row["drift"] in series]
    return _Frame(shown, letters, dict(zip(series.values(), ROLES, strict=False)), x, now, narrow)


def _share(frame: _Frame, field: str, first: bool) -> Spec:
    rows = [
        _place(row)
        | {"value": row[field] * 100}
        | {
            "low": max(0.0, row[field] - ERRORS * row[f"{field}_error"]) * 100,
            "high": min(1.0, row[field] + ERRORS * row[f"{field}_error"]) * 100,
        }
        for row in frame.rows
        if row.get(field) is not None
    ]
    return _panel(frame, rows, "high", SHARES[field], first)


def _median(frame: _Frame) -> Spec:
    divisor, word = style.won_unit(row["median_won"] for row in frame.rows)
    rows = [_place(row) | {"value": row["median_won"] / divisor} for row in frame.rows]
    return _panel(frame, rows, "value", f"Median end, {word}", False)


def _place(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": row["at"], "series": row["series"], "line": row["line"]}


def _panel(frame: _Frame, rows: Rows, highest: str, words: str, first: bool) -> Spec:
    """One small panel: today's rule, error bars where there are any, a line a drift over the leverages, dots."""
    top = max(row[highest] for row in rows) or 1
    domain = [min(0.0, *(row["value"] for row in rows)), top * HEADROOM]
    y = measured("value", axis=style.left_axis(tickCount=4), scale={"domain": domain, "nice": False})
    legend = {"columns": 1 if frame.narrow else 2, "symbolType": "stroke"} if first else None
    colour, dash = style.colours(frame.roles, legend), style.dashes(frame.roles, legend)
    only = [{"filter": "datum.line"}]
    line = {"transform": only} | mark("line", {"strokeWidth": 2}, x=frame.x, y=y, color=colour, strokeDash=dash)
    layers = [*_now(frame), line]
    for name, role in frame.roles.items():
        own: Spec = {"data": style.data(row for row in rows if row["series"] == name)}
        looks = {"color": LIGHT[role], "opacity": 1}
        layers.append(own | mark("point", looks | {"filled": True, "size": 26}, x=frame.x, y=y))
        if highest == "high":
            ends: dict[str, Spec] = {"y": y | {"field": "low"}, "y2": {"field": "high"}}
            layers.append(own | mark("rule", looks | {"strokeWidth": 1.6}, x=frame.x, **ends))
    return style.panel(layers, rows, frame.width, HEIGHT, style.heading(False, words))


def _now(frame: _Frame) -> list[Spec]:
    """A quiet upright line at today's leverage, with the word over it."""
    if not frame.now:
        return []
    left, right = frame.x["scale"]["domain"]
    early = frame.now[0] < (left + right) / 2  # the word stands where there is room for it
    rows = style.data([{"at": place, "label": "now"} for place in frame.now])
    rule = mark("rule", {"color": LIGHT["grid"], "strokeWidth": 3}, x=frame.x)
    looks = label(10.5, align="left" if early else "right", baseline="top", dx=4 if early else -4)
    looks |= {"color": LIGHT["muted"]}
    return [{"data": rows} | rule, {"data": rows} | mark("text", looks, x=frame.x, y={"value": 0}, text=LABEL)]


def _words(frame: _Frame) -> Spec:
    """Under the panels: what the horizontal axis is, and the rows that the letters stand for."""
    told = ["Across: leverage, what is held over net worth; bars: two standard errors each way"]
    told += [f"{letter}: {what}" for what, letter in frame.letters.items()]
    lines = [part for words in told for part in common.lines(words, 44 if frame.narrow else 96)]
    looks = label(align="left", baseline="top", lineHeight=16) | {"color": LIGHT["muted"], "text": lines}
    drawn = mark("text", looks, x={"value": 0}, y={"value": 0})
    return {"data": {"values": [{}]}, "width": 10, "height": 16 * len(lines), **drawn}
