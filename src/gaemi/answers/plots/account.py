"""Where an account stands, what becomes of it by drift, and what a change moves."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import common, style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured, named

MARKS = (
    ("fall_to_call_pct", "call", "forced"),
    ("fall_to_next_morning_pct", "sale on the next morning", "called"),
    ("fall_to_all_sold_pct", "all sold", "sold"),
    ("fall_to_zero_pct", "zero", "residual"),
)
"""The falls of a pool: the field, the word at its mark, and the role of the stretch that begins there."""

LEAST_SCALE_PCT = 60
LEVEL, BAR, NAME_ROOM = 18, 18, 132


def distances(result: Mapping[str, Any], narrow: bool) -> Spec:
    """For each pool with a loan a scale of the common fall, its stretches between today, call, sale and zero."""
    pools = [pool for pool in result["pools"] if falls(pool)]
    furthest = max(place for pool in pools for _, place, _ in falls(pool))
    end = max(LEAST_SCALE_PCT, -(-furthest // 20) * 20)
    width = min(_width(pool, end, narrow) for pool in pools)
    panels = [_scale(pool, end, width, narrow) for pool in pools]
    foot = "all names of the pool down by the same per cent"
    return style.finish(style.below(panels, spacing=22, foot=foot))


def falls(pool: Mapping[str, Any]) -> list[tuple[str, float, str]]:
    """The marks of a pool that can be reached, nearest first: word, fall in per cent (0 when passed already), role."""
    found = [(word, max(0.0, float(pool[field])), role) for field, word, role in MARKS if pool.get(field) is not None]
    return sorted(found, key=lambda row: row[1])


def _width(pool: Mapping[str, Any], end: float, narrow: bool) -> int:
    """The width of the scale at which the words at every mark still fit into the chart."""
    room = style.plot_width(narrow)
    fitting = (
        (room - len(_told(word, place)) * common.LETTER) * end / place for word, place, _ in falls(pool) if place
    )
    return int(min(room - 10, *fitting))


def _told(word: str, place: float) -> str:
    return f"{word} {wording.shock(round(-place, 1))}"


def _scale(pool: Mapping[str, Any], end: float, width: int, narrow: bool) -> Spec:
    marks = [("today", 0.0, "none"), *falls(pool)]
    words = [word if word == "today" else _told(word, place) for word, place, _ in marks]
    places = [place for _, place, _ in marks]
    levels = stairs([place / end * width for place in places], words)
    top = (max(levels) + 1) * LEVEL + 4
    ends = [*places[1:], max(end, places[-1])]
    rows = [
        {"fall": place, "to": to, "series": word, "label": text, "y": top - 10 - level * LEVEL}
        | {"stem": top - 2 - level * LEVEL, "high": top, "low": top + BAR}
        for (word, place, _), to, text, level in zip(marks, ends, words, levels, strict=True)
    ]
    x = measured("fall", axis=_fall_axis(end, narrow), scale={"domain": [0, end], "nice": False})
    pixels: Spec = {"scale": None, "axis": None}
    low: Spec = {"field": "low"}
    y = measured("high", **pixels)
    colour = style.colours({word: role for word, _, role in marks}, None)
    bar = mark("rect", {"opacity": 1}, x=x, x2={"field": "to"}, y=y, y2=low, color=colour)
    stem = mark("rule", {"color": LIGHT["ink"], "strokeWidth": 1.2}, x=x, y=measured("stem", **pixels), y2=low)
    text = mark("text", label(align="left", baseline="middle", dx=4), x=x, y=measured("y", **pixels), text=LABEL)
    ratio = f"ratio {wording.percent(pool['ratio_pct'])}, maintenance {wording.percent(pool['maintenance_pct'])}"
    title = style.heading(narrow, *([pool["pool"], ratio] if narrow else [f"{pool['pool']}: {ratio}"]))
    return style.panel([bar, stem, text], rows, width, top + BAR, title)


def stairs(places: list[float], words: list[str]) -> list[int]:
    """The level of each label over marks in rising order, so that no label meets another or another's stem.

    A label begins at its mark and goes right; it stands above every mark that it reaches over.
    """
    levels = [0] * len(places)
    for number in range(len(places) - 2, -1, -1):
        reach = places[number] + len(words[number]) * common.LETTER + 8
        under = [levels[other] for other in range(number + 1, len(places)) if places[other] < reach]
        levels[number] = max(under) + 1 if under else 0
    return levels


def _fall_axis(end: float, narrow: bool) -> Spec:
    step = 20 if narrow or end > LEAST_SCALE_PCT else 10
    return style.ticks({fall: wording.shock(-fall) for fall in range(0, round(end) + 1, step)})


def outcomes(result: Mapping[str, Any], narrow: bool) -> Spec:
    """A bar of one hundred per cent for each drift, cut by outcome, worst first, with the larger shares over it."""
    odds: Rows = result["odds"]
    roles = common.outcome_roles(odds[0]["rows"], result.get("goal") is not None)
    panels = [_cut_bar(result, case, roles, number == 0, narrow) for number, case in enumerate(odds)]
    return style.finish(style.below(panels, spacing=16))


def _cut_bar(
    result: Mapping[str, Any], case: Mapping[str, Any], roles: Mapping[str, str], first: bool, narrow: bool
) -> Spec:
    least = 0.09 if narrow else 0.04
    cuts: list[dict[str, Any]] = []
    before = 0.0
    for row in case["rows"]:
        if row["outcome"] in roles:
            told = wording.percent(row["share"] * 100, 0) if row["share"] >= least else ""
            middle, to = before + row["share"] / 2, before + row["share"]
            cuts.append({"series": row["outcome"], "share": before, "to": to, "middle": middle, "label": told})
            before = to
    scale = {"domain": [0, 1], "nice": False}
    legend = {"columns": 2 if narrow else 4, "symbolType": "square"} if first else None
    place: dict[str, Spec] = {"x2": {"field": "to"}, "y": {"value": 16}, "y2": {"value": 38}}
    place |= {"x": measured("share", axis=None, scale=scale), "color": style.colours(roles, legend)}
    bar = mark("rect", {"opacity": 1}, **place)
    middle = measured("middle", axis=None, scale=scale)
    text = mark("text", label(11.5, baseline="middle"), x=middle, y={"value": 7}, text=LABEL)
    title = style.heading(narrow, common.drift_words(result, case["drift"]))
    return style.panel([bar, text], cuts, style.plot_width(narrow), 38, title)


def what_if(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Shares before and after each change, a pair of dots an outcome, with the paired difference and its error."""
    cases = [case for case in result["what_if"] if case["odds"]]
    drift = common.usual_drift([row["drift"] for case in cases for row in case["odds"]])
    chosen = [[row for row in case["odds"] if row["drift"] == drift] for case in cases]
    most = max(max(row["before"], row["after"]) for rows in chosen for row in rows) * 100
    has_goal = result.get("goal") is not None
    measure = f"% of paths, {common.drift_words(result, drift)}; change ± 2 standard errors"
    panels = []
    for number, (case, rows) in enumerate(zip(cases, chosen, strict=True)):
        title = style.heading(narrow, case["words"], *([measure] if number == 0 else []))
        panels.append(_pairs(rows, has_goal, most, number == 0, narrow) | {"title": title})
    return style.finish(style.below(panels, spacing=20))


def _pairs(rows: Rows, has_goal: bool, most: float, first: bool, narrow: bool) -> Spec:
    times = {"before": "before", "after": "after"}
    roles = common.outcome_roles(rows, has_goal)
    shown = [row for row in rows if row["outcome"] in roles]
    pairs = [
        {"band": row["outcome"], "before": row["before"] * 100, "after": row["after"] * 100, "label": _moved(row)}
        for row in shown
    ]
    dots = [{"band": row["outcome"], "series": when, "share": row[when] * 100} for when in times for row in shown]
    width = style.plot_width(narrow) - (NAME_ROOM - style.AXIS_ROOM) - (66 if narrow else 90)
    y = named("band", sort=None, axis=style.bands(NAME_ROOM), scale={"padding": 0.5})
    scale = {"domain": [0, most * 1.04], "nice": False}
    axis = {"title": None, "tickCount": 3 if narrow else 6, "grid": True, "labelFlush": False}
    legend = {"columns": 2, "symbolType": "circle"} if first else None
    line = mark("rule", {"color": LIGHT["before"], "strokeWidth": 2}, x=measured("before", scale=scale, axis=axis), y=y)
    line["encoding"]["x2"] = {"field": "after"}
    looks = {"filled": True, "size": 70, "opacity": 1}
    x = measured("share", scale=scale, axis=axis)
    dot = {"data": style.data(dots)} | mark("point", looks, x=x, y=y, color=style.colours(times, legend))
    text = mark("text", label(11.5, align="left", dx=8), x={"value": width}, y=y, text=LABEL)
    return style.panel([line, dot, text], pairs, width, 22 * len(shown), {})


def _moved(row: Mapping[str, Any]) -> str:
    """``−8.7 ± 0.4``: the paired difference in points and two standard errors."""
    change = row["difference"] * 100
    sign = "+" if round(change, 1) > 0 else ""
    return f"{sign}{wording.decimal(change)} ± {wording.decimal(row['error'] * 200)}"
