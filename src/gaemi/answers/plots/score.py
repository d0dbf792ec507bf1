"""The score of hindcasts: errors of every method by horizon with their interval, and how often the band holds."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import style
from gaemi.answers.plots.style import Spec, mark, measured, named
from gaemi.answers.score_sheets import AIM, AIM_COVERAGE_PCT, BASELINES, order

Panels = Mapping[tuple[str, str], list[dict[str, Any]]]

BASELINE_LOOKS = (("before", "square"), ("longrun", "diamond"), ("other", "triangle-up"), ("riskfree", "triangle-down"))
OWN_LOOKS = (("model", "circle"), ("residual", "cross"), ("helped", "triangle-right"), ("called", "stroke"))
TARGET_LOOKS = (("kospi", "circle"), ("kosdaq", "square"), ("residual", "triangle-up"), ("muted", "diamond"))
GAP = 22
LEAST_COVERAGE_PCT = 60
"""Where the axis of coverage begins, or lower where a coverage is."""

ONE, ALL = "1 session", "{} sessions"


def errors(panels: Panels, field: str, words: str, narrow: bool) -> Spec:
    """A panel a target and a column a period: a mark a method at each horizon, over its 90 % interval.

    A tick marks the aim, half the error of the best baseline, where errors are shown.
    """
    methods = sorted(dict.fromkeys(str(row["method"]) for rows in panels.values() for row in rows), key=order)
    looks = _method_looks(methods)
    columns = _columns(panels, narrow)
    drawn: list[Spec] = []
    for number, (key, rows) in enumerate(_in_order(panels, columns).items()):
        drawn.append(_error_panel(key, rows, field, looks, (number == 0, narrow, columns)))
    more = "bars: 90 % interval; line across: half the error of the best baseline"
    foot = f"{words}, bn won; {more if field == 'error_bn' else 'of a single figure the absolute error'}"
    return _laid(drawn, columns, foot, narrow)


def _columns(panels: Panels, narrow: bool) -> int:
    return 1 if narrow else min(2, len({period for period, _ in panels}))


def _in_order(panels: Panels, columns: int) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """By target and then by period where periods stand side by side, so that a line of panels is one target."""
    if columns == 1:
        return dict(panels)
    periods = list(dict.fromkeys(period for period, _ in panels))
    seconds = list(dict.fromkeys(second for _, second in panels))
    keys = [(period, second) for second in seconds for period in periods if (period, second) in panels]
    return {key: panels[key] for key in keys}


def _method_looks(methods: list[str]) -> dict[str, tuple[str, str]]:
    """Colour and shape of each method, so that colour alone tells nothing."""
    own = [name for name in methods if name not in BASELINES]
    looks = {name: OWN_LOOKS[place % len(OWN_LOOKS)] for place, name in enumerate(own)}
    return looks | {name: look for name, look in zip(BASELINES, BASELINE_LOOKS, strict=True) if name in methods}


def _width(columns: int, narrow: bool) -> int:
    room = style.plot_width(narrow)
    return room if columns == 1 else (room - (columns - 1) * (GAP + style.AXIS_ROOM)) // columns


def _error_panel(
    key: tuple[str, str],
    rows: list[dict[str, Any]],
    field: str,
    looks: Mapping[str, tuple[str, str]],
    place: tuple[bool, bool, int],
) -> Spec:
    first, narrow, columns = place
    points = [
        {"horizon": _horizon(row["horizon"]), "series": str(row["method"]), "value": row[field]}
        | (
            {"low": row.get("low_bn"), "high": row.get("high_bn")}
            if field == "error_bn"
            else {"low": None, "high": None}
        )
        for row in rows
    ]
    horizons = [_horizon(horizon) for horizon in sorted({row["horizon"] for row in rows})]
    x = named("horizon", sort=horizons, axis=_words_axis(), scale={"paddingInner": 0.15})
    beside = {"xOffset": named("series", sort=list(looks), scale={"domain": list(looks), "paddingOuter": 0.6})}
    ends = [float(row[end] or 0) for row in points for end in ("value", "high")]
    top = max(ends, default=0) or 1
    y = measured("value", axis=style.left_axis(tickCount=4), scale={"domain": [0, top * 1.05], "nice": False})
    colour, shape = _scales(looks, _legend(narrow) if first else None)
    spans = [row for row in points if row["low"] is not None and row["high"] is not None]
    bar = {"data": style.data(spans)} | mark(
        "rule", {"strokeWidth": 1.6}, x=x, **beside, y=y | {"field": "low"}, y2={"field": "high"}, color=colour
    )
    looks_of_point = {"filled": True, "size": 58, "opacity": 1, "stroke": LIGHT["ink"], "strokeWidth": 0.6}
    point = mark("point", looks_of_point, x=x, **beside, y=y, color=colour, shape=shape)
    layers = [bar, point]
    aims = _aims(rows) if field == "error_bn" else []
    if aims:
        tick = {"color": LIGHT["ink"], "thickness": 1.6, "size": max(18, _width(columns, narrow) // len(horizons) - 18)}
        layers.append({"data": style.data(aims)} | mark("tick", {"orient": "horizontal", **tick}, x=x, y=y))
    title = style.heading(narrow or columns > 1, f"{key[1][:1].upper()}{key[1][1:]}", *([key[0]] if key[0] else []))
    return style.panel(layers, points, _width(columns, narrow), 150, title)


def _aims(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Half the error of the best baseline at each horizon."""
    best: dict[int, float] = {}
    for row in rows:
        if row["method"] in BASELINES:
            best[row["horizon"]] = min(best.get(row["horizon"], row["error_bn"]), row["error_bn"])
    return [{"horizon": _horizon(horizon), "value": AIM * error} for horizon, error in best.items()]


def _horizon(sessions: int) -> str:
    return ONE if sessions == 1 else ALL.format(sessions)


def _words_axis() -> Spec:
    return {"title": None, "labelAngle": 0, "labelExpr": "split(datum.value, ' ')[0]"}


def _legend(narrow: bool) -> Spec:
    return {"columns": 1 if narrow else 3, "symbolOpacity": 1, "symbolStrokeWidth": 0.6, "symbolSize": 90}


def _scales(looks: Mapping[str, tuple[str, str]], legend: Spec | None) -> tuple[Spec, Spec]:
    colour = style.colours({name: role for name, (role, _) in looks.items()}, legend)
    scale = {"domain": list(looks), "range": [shape for _, shape in looks.values()]}
    return colour, named("series", scale=scale, legend=legend)


def _laid(panels: list[Spec], columns: int, foot: str, narrow: bool) -> Spec:
    lines = [style.beside(panels[at : at + columns], GAP) for at in range(0, len(panels), columns)]
    words = [f"Across: sessions after the start. {foot}"]
    note = _note(words[0], narrow)
    return style.finish(style.below([*(lines if columns > 1 else panels), note], spacing=14))


def _note(words: str, narrow: bool) -> Spec:
    lines = style.heading(narrow, words)["text"]
    looks = style.label(11.5, align="left", baseline="top", lineHeight=15) | {"color": LIGHT["muted"], "text": lines}
    drawn = mark("text", looks, x={"value": 0}, y={"value": 0})
    return {"data": {"values": [{}]}, "width": 10, "height": 15 * len(lines), **drawn}


def coverage(panels: Panels, narrow: bool) -> Spec:
    """A panel a method and a column a period: how often the record lies in the 90 % range, a mark a target."""
    columns = _columns(panels, narrow)
    targets = list(dict.fromkeys(str(row["target"]) for rows in panels.values() for row in rows))
    looks = {name: TARGET_LOOKS[place % len(TARGET_LOOKS)] for place, name in enumerate(targets)}
    lowest = min(row["coverage_pct"] for rows in panels.values() for row in rows)
    least = max(0.0, min(LEAST_COVERAGE_PCT, lowest // 10 * 10 - 10))
    drawn = [
        _coverage_panel(key, rows, looks, (number == 0, narrow, columns, least))
        for number, (key, rows) in enumerate(_in_order(panels, columns).items())
    ]
    low, high = AIM_COVERAGE_PCT
    return _laid(
        drawn, columns, f"Share of records in the 90 % range, %; grey band: the aim, {low} to {high} %", narrow
    )


def _coverage_panel(
    key: tuple[str, str],
    rows: list[dict[str, Any]],
    looks: Mapping[str, tuple[str, str]],
    place: tuple[bool, bool, int, float],
) -> Spec:
    first, narrow, columns, least = place
    points = [
        {"horizon": _horizon(row["horizon"]), "series": str(row["target"]), "value": row["coverage_pct"]}
        for row in rows
    ]
    horizons = [_horizon(horizon) for horizon in sorted({row["horizon"] for row in rows})]
    x = named("horizon", sort=horizons, axis=_words_axis(), scale={"paddingInner": 0.2, "paddingOuter": 0.1})
    beside = {"xOffset": named("series", sort=list(looks), scale={"domain": list(looks), "paddingOuter": 0.8})}
    y = measured("value", axis=style.left_axis(tickCount=5), scale={"domain": [least, 100], "nice": False})
    low, high = AIM_COVERAGE_PCT
    aim: Spec = {"data": style.data([{"value": low, "to": high}])}
    aim |= mark("rect", {"color": LIGHT["grid"], "opacity": 1}, y=y, y2={"field": "to"})
    colour, shape = _scales(looks, _legend(narrow) if first else None)
    look = {"filled": True, "size": 80, "opacity": 1, "stroke": LIGHT["ink"], "strokeWidth": 0.6}
    point = mark("point", look, x=x, **beside, y=y, color=colour, shape=shape)
    title = style.heading(narrow or columns > 1, f"{key[1][:1].upper()}{key[1][1:]}", *([key[0]] if key[0] else []))
    return style.panel([aim, point], points, _width(columns, narrow), 150, title)
