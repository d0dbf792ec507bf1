"""The call map, the fragility curve, who is hit, and collateral ratios before and after."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured, named

CALL_MAP_SERIES = {
    "kospi_won": ("margin loans, KOSPI", "kospi"),
    "kosdaq_won": ("margin loans, KOSDAQ", "kosdaq"),
    "pledged_won": ("pledged-securities loans", "pledged"),
    "stock_loan_won": ("stock loans of other lenders", "residual"),
}
WHO = {"age": "By age of the borrower", "market": "By market", "size": "By net worth at the start, won"}


def call_map(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Won of loans at or under maintenance at each fall, stacked by kind of loan."""
    rows: Rows = result["call_map"]
    divisor, word = style.won_unit(row["reached_won"] for row in rows)
    kinds = {field: shown for field, shown in CALL_MAP_SERIES.items() if any(row.get(field) for row in rows)}
    stacked = [
        {"fall": row["fall_pct"], "series": name, "order": order, "won": row.get(field, 0) / divisor}
        for row in rows
        for order, (field, (name, _)) in enumerate(kinds.items())
    ]
    told = [row for row in rows if row["fall_pct"] % (20 if narrow else 10) == 0]
    marked = [
        {"fall": row["fall_pct"], "won": row["reached_won"] / divisor} | {"label": _reached(row, divisor, word)}
        for row in told
        if row["fall_pct"] > 0
    ]
    legend = {"columns": 1 if narrow else 2 if len(kinds) > 3 else 3}
    x = measured("fall", axis=style.ticks({row["fall_pct"]: _level(row) for row in told}))
    y = measured("won", axis=style.left_axis(), stack="zero")
    series = {name: role for name, role in kinds.values()}
    area = mark("area", {}, x=x, y=y, order=measured("order"), color=style.colours(series, legend))
    top = {"x": measured("fall"), "y": measured("won")}
    dots = mark("point", {"filled": True, "size": 28, "color": LIGHT["ink"], "opacity": 1}, **top)
    texts = mark("text", label(align="right", baseline="bottom", dx=-5, dy=-3), **top, text=LABEL)
    marks = [area, *({"data": style.data(marked), **layer} for layer in (dots, texts))]
    title = style.heading(narrow, f"Loans reached, {word}")
    drawn = style.panel(marks, stacked, style.plot_width(narrow), 230 if narrow else 260, title)
    return style.finish(style.below([drawn], foot="fall of every name, and the KOSPI level it means"))


def _reached(row: Mapping[str, Any], divisor: int, word: str) -> str:
    return style.short(row["reached_won"], divisor, word)


def _level(row: Mapping[str, Any]) -> tuple[str, str]:
    fall = "now" if row["fall_pct"] == 0 else wording.shock(-row["fall_pct"])
    return fall, wording.decimal(row["index_level"], 0)


def curve(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Largest fall with and without feedback against the shock, and below it the won sold by force."""
    rows: Rows = result["curve"]
    axis = style.ticks({row["shock_pct"]: wording.shock(row["shock_pct"]) for row in rows if _told(row, narrow)})
    scale = {"reverse": True, "nice": False, "padding": 0, "domain": _shock_domain(rows)}
    x = measured("shock", axis=axis, scale=scale)
    panels = [_falls(rows, result.get("tipping_point") or {}, x, narrow), _sold(rows, x, narrow)]
    return style.finish(style.below(panels, foot="shock to KOSPI"))


def _told(row: Mapping[str, Any], narrow: bool) -> bool:
    """Whether there is room to name this shock."""
    return bool(row["shock_pct"] % (10 if narrow else 5) == 0)


def _shock_domain(rows: Rows) -> list[float]:
    shocks = [row["shock_pct"] for row in rows]
    room = max(2.0, (max(shocks) - min(shocks)) / 20)
    return [min(shocks) - room, max(shocks) + room]


def _falls(rows: Rows, tipping: Mapping[str, Any], x: Spec, narrow: bool) -> Spec:
    series = {"with feedback of the sales": "with", "the shock alone": "without"}
    lines = [
        {"shock": row["shock_pct"], "series": name, "fall": row[field]}
        for row in rows
        for name, field in zip(series, ("fall_points", "fall_no_feedback_points"), strict=True)
    ]
    pairs = [
        {
            "shock": row["shock_pct"],
            "with": row["fall_points"],
            "without": row["fall_no_feedback_points"],
            "label": f"+{wording.decimal(row['extra_fall_points'])}" if row["shock_pct"] and _told(row, narrow) else "",
        }
        for row in rows
    ]
    legend = {"columns": 1 if narrow else 2, "symbolType": "stroke"}
    y = measured("fall", axis=style.left_axis())
    colour, dash = style.colours(series, legend), style.dashes(series, legend)
    line = mark("line", {"strokeWidth": 2.5}, x=x, y=y, color=colour, strokeDash=dash) | {"data": style.data(lines)}
    high = measured("with")
    between = mark("area", {"color": LIGHT["extra"], "opacity": 1}, x=x, y=high, y2={"field": "without"})
    dots = mark("point", {"filled": True, "size": 36, "color": LIGHT["with"], "opacity": 1}, x=x, y=high)
    looks = label(align="right", dx=-6, dy=-9, fontWeight=600) | {"color": LIGHT["with"]}
    layers = [*_tipping_band(tipping, x), between, line, dots, mark("text", looks, x=x, y=high, text=LABEL)]
    title = style.heading(narrow, "Largest fall of KOSPI, points of the starting index")
    return style.panel(layers, pairs, style.plot_width(narrow), 240, title)


def _tipping_band(tipping: Mapping[str, Any], x: Spec) -> list[Spec]:
    """A shaded band where the tipping point may lie; nothing where there is none."""
    known = [tipping[name] for name in ("low_pct", "central_pct", "high_pct") if tipping.get(name) is not None]
    if not known:
        return []
    rows = style.data([{"shock": min(known) - 0.5, "to": max(known) + 0.5, "label": "tipping point"}])
    band = mark("rect", {"color": LIGHT["grid"], "opacity": 1}, x=x, x2={"field": "to"})
    ends = x["scale"]["domain"]
    right = max(known) > sum(ends) / 2  # the words stand where there is room for them
    looks = label(11, align="left" if right else "right", baseline="bottom", dx=18 if right else -4)
    looks |= {"color": LIGHT["muted"]}
    text = mark("text", looks, x=x, y={"value": 234}, text=LABEL)
    return [{"data": rows, **band}, {"data": rows, **text}]


def _sold(rows: Rows, x: Spec, narrow: bool) -> Spec:
    divisor, word = style.won_unit(row["sold_won"] for row in rows)
    bars = [
        {
            "shock": row["shock_pct"],
            "won": row["sold_won"] / divisor,
            "alone": style.scaled(row["sold_no_feedback_won"], divisor),
            "top": max(row["sold_won"], row["sold_no_feedback_won"] or 0) / divisor,
            "label": style.short(row["sold_won"], divisor, word).split()[0],
        }
        for row in rows
    ]
    y = measured("won", axis=style.left_axis())
    bar = mark("bar", {"size": 16 if narrow else 34, "color": LIGHT["sold"]}, x=x, y=y)
    looks = {"orient": "horizontal", "size": 22 if narrow else 44, "thickness": 2.5, "color": LIGHT["ink"]}
    alone = mark("tick", looks, x=x, y=measured("alone"))
    texts = mark("text", label(11 if narrow else 12, dy=-7), x=x, y=measured("top"), text=LABEL)
    compared = any(row["sold_no_feedback_won"] is not None for row in rows)
    legend = ("bar: with feedback; line across: without",) if compared else ()
    title = style.heading(narrow, f"Sold by force, {word}", *legend)
    layers = [bar, alone, texts] if compared else [bar, texts]
    return style.panel(layers, bars, style.plot_width(narrow), 130, title)


def who(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Bars of won sold by group, with the share of the group's loans that this is."""
    rows: Rows = result["who"]
    divisor, _ = style.won_unit(row["sold_won"] for row in rows)
    most = max((row["sold_won"] for row in rows), default=0) / divisor or 1
    x = measured("won", axis=None, scale={"domain": [0, most * (1.9 if narrow else 1.45)]})
    y = named("band", sort=None, axis=style.bands(), scale={"paddingInner": 0.35})
    bar = mark("bar", {"color": LIGHT["sold"], "height": 15}, x=x, y=y)
    text = mark("text", label(align="left", dx=6), x=x, y=y, text=LABEL)
    panels = []
    for dimension in dict.fromkeys(row["dimension"] for row in rows):
        bars = [
            {"band": row["band"], "won": row["sold_won"] / divisor, "label": _sold_label(row)}
            for row in rows
            if row["dimension"] == dimension
        ]
        title = style.heading(narrow, WHO.get(dimension, dimension))
        panels.append(style.panel([bar, text], bars, style.plot_width(narrow) - 60, 24 * len(bars), title))
    return style.finish(style.below(panels, spacing=16))


def _sold_label(row: Mapping[str, Any]) -> str:
    share = f" · {wording.percent(row['sold_won'] / row['loans_won'] * 100)} of loans" if row["loans_won"] else ""
    return wording.won_short(row["sold_won"]) + share


def ratios(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Won of loans in each band of the collateral ratio, before and after the scenario."""
    rows: Rows = result["ratios"]
    divisor, word = style.won_unit(amount for row in rows for amount in (row["before_won"], row["after_won"]))
    times = {"before": "before", "after": "after"}
    bars = [
        {"band": row["band"], "series": when, "won": row[f"{when}_won"] / divisor}
        | {"label": style.short(row[f"{when}_won"], divisor, word).split()[0]}
        for row in rows
        for when in times
    ]
    axis = {"title": None, "labelAngle": -45 if narrow else 0}
    place = {
        "x": named("band", sort=None, axis=axis, scale={"paddingInner": 0.25}),
        "xOffset": named("series", sort=list(times)),
        "y": measured("won", axis=style.left_axis()),
    }
    bar = mark("bar", {}, **place, color=style.colours(times, {"columns": 2, "symbolType": "square"}))
    text = mark("text", label(9.5 if narrow else 11, dy=-7), **place, text=LABEL)
    title = style.heading(narrow, f"Loans by collateral ratio in per cent, {word}")
    return style.finish(style.panel([bar, text], bars, style.plot_width(narrow), 210, title))
