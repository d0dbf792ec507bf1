"""The call map, the fragility curve, who is hit, and collateral ratios before and after."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from gaemi.answers import wording
from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import style
from gaemi.answers.plots.style import Rows

CALL_MAP_SERIES = {
    "kospi_won": ("margin loans, KOSPI", "kospi"),
    "kosdaq_won": ("margin loans, KOSDAQ", "kosdaq"),
    "pledged_won": ("pledged-securities loans", "pledged"),
    "stock_loan_won": ("stock loans of other lenders", "residual"),
}


def call_map(result: Mapping[str, Any], narrow: bool) -> Any:
    """Won of loans at or under maintenance at each fall, stacked by kind of loan."""
    rows: Rows = result["call_map"]
    divisor, word = style.won_unit(row["reached_won"] for row in rows)
    kinds = {field: shown for field, shown in CALL_MAP_SERIES.items() if any(row.get(field) for row in rows)}
    stacked = [
        {"fall": row["fall_pct"], "series": name, "order": order, "won": row.get(field, 0) / divisor}
        for row in rows
        for order, (field, (name, _)) in enumerate(kinds.items())
    ]
    marked = [
        {
            "fall": row["fall_pct"],
            "won": row["reached_won"] / divisor,
            "label": style.short(row["reached_won"], divisor, word),
        }
        for row in rows
        if row["fall_pct"] % (20 if narrow else 10) == 0 and row["fall_pct"] > 0
    ]
    ticks = [row["fall_pct"] for row in rows if row["fall_pct"] % (20 if narrow else 10) == 0]
    labels = {
        row["fall_pct"]: (wording.shock(-row["fall_pct"]), f"{row['index_level']:,.0f}")
        for row in rows
        if row["fall_pct"] in ticks
    }
    labels = {fall: ("now" if fall == 0 else label[0], label[1]) for fall, label in labels.items()}
    x = alt.X(
        "fall:Q", axis=dict(values=ticks, labelExpr=style.lookup(labels), grid=False, title=None, labelFlush=False)
    )
    y = alt.Y("won:Q", axis=style.left_axis(), stack="zero")
    series = {name: role for name, role in kinds.values()}
    area = (
        alt.Chart(style.data(stacked))
        .mark_area(line=False)
        .encode(
            x=x,
            y=y,
            order=alt.Order("order:Q"),
            color=alt.Color("series:N", scale=style.colours(series), legend=dict(columns=1 if narrow else 3)),
        )
    )
    points = alt.Chart(style.data(marked)).encode(x=alt.X("fall:Q"), y=alt.Y("won:Q"))
    dots = points.mark_point(filled=True, size=28, color=LIGHT["ink"], opacity=1)
    texts = points.mark_text(align="right", baseline="bottom", dx=-5, dy=-3, fontSize=12, color=LIGHT["ink"]).encode(
        text=alt.Text("label:N")
    )
    top = f"Loans reached, {word}"
    below = "fall of every name, and the KOSPI level it means"
    panel = (area + dots + texts).properties(
        width=style.plot_width(narrow), height=230 if narrow else 260, title=style.heading(narrow, top)
    )
    return style.finish(_with_foot(panel, below))


def _with_foot(panel: Any, words: str) -> Any:
    """The panel with a sentence under its horizontal axis."""
    foot = alt.Chart(style.data([{}])).mark_text(
        align="left", baseline="top", fontSize=12, color=LIGHT["muted"], text=words
    )
    foot = foot.encode(x=alt.value(0), y=alt.value(4)).properties(width=10, height=14)
    return alt.vconcat(panel, foot, spacing=2)


def curve(result: Mapping[str, Any], narrow: bool) -> Any:
    """Largest fall with and without feedback against the shock, and below it the won sold by force."""
    rows: Rows = [row for row in result["curve"]]
    ticks = [row["shock_pct"] for row in rows if row["shock_pct"] % (10 if narrow else 5) == 0]
    axis = dict(
        values=ticks,
        labelExpr=style.lookup({t: wording.shock(t) for t in ticks}),
        grid=False,
        title=None,
        labelFlush=False,
    )
    x = alt.X("shock:Q", axis=axis, scale=dict(reverse=True, nice=False, padding=0, domain=_shock_domain(rows)))
    width = style.plot_width(narrow)
    falls = _falls(result, x, narrow).properties(
        width=width, height=240, title=style.heading(narrow, "Largest fall of KOSPI, points of the starting index")
    )
    divisor, word = style.won_unit(row["sold_won"] for row in rows)
    bars = [
        {
            "shock": row["shock_pct"],
            "won": row["sold_won"] / divisor,
            "alone": style.scaled(row["sold_no_feedback_won"], divisor),
            "label": style.short(row["sold_won"], divisor, word).split()[0],
        }
        for row in rows
    ]
    base = alt.Chart(style.data(bars)).encode(x=x)
    sold = base.mark_bar(size=16 if narrow else 34, color=LIGHT["sold"]).encode(
        y=alt.Y("won:Q", axis=style.left_axis())
    )
    alone = base.mark_tick(orient="horizontal", size=22 if narrow else 44, thickness=2.5, color=LIGHT["ink"]).encode(
        y=alt.Y("alone:Q")
    )
    texts = base.mark_text(dy=-7, fontSize=11 if narrow else 12, color=LIGHT["ink"]).encode(
        y=alt.Y("won:Q"), text=alt.Text("label:N")
    )
    lower = (sold + alone + texts).properties(
        width=width,
        height=130,
        title=style.heading(narrow, f"Sold by force, {word}", "bar: with feedback; line across: without"),
    )
    return style.finish(_with_foot(alt.vconcat(falls, lower), "shock to KOSPI"))


def _shock_domain(rows: Rows) -> list[float]:
    shocks = [row["shock_pct"] for row in rows]
    room = max(2.0, (max(shocks) - min(shocks)) / 20)
    return [min(shocks) - room, max(shocks) + room]


def _falls(result: Mapping[str, Any], x: Any, narrow: bool) -> Any:
    rows: Rows = result["curve"]
    names = {"with feedback of the sales": "with", "the shock alone": "without"}
    wide = [
        {
            "shock": row["shock_pct"],
            "with": row["fall_points"],
            "without": row["fall_no_feedback_points"],
            "label": f"+{wording.decimal(row['extra_fall_points'])}",
        }
        for row in rows
    ]
    long = [
        {"shock": row["shock_pct"], "series": name, "fall": row[field]}
        for row in rows
        for name, field in zip(names, ("fall_points", "fall_no_feedback_points"), strict=True)
    ]
    legend = dict(columns=1 if narrow else 2, symbolType="stroke")
    colour = alt.Color("series:N", scale=style.colours(names), legend=legend)
    dash = alt.StrokeDash("series:N", scale=dict(domain=list(names), range=[[1, 0], [5, 4]]), legend=legend)
    y = alt.Y("fall:Q", axis=style.left_axis())
    lines = alt.Chart(style.data(long)).mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash)
    base = alt.Chart(style.data(wide)).encode(x=x)
    between = base.mark_area(color=LIGHT["extra"], opacity=1).encode(y=alt.Y("with:Q"), y2=alt.Y2("without:Q"))
    labelled = base.transform_filter(f"datum.shock != 0 && datum.shock % {10 if narrow else 5} == 0")
    dots = base.mark_point(filled=True, size=36, color=LIGHT["with"], opacity=1).encode(y=alt.Y("with:Q"))
    texts = labelled.mark_text(align="right", dx=-6, dy=-9, fontSize=12, fontWeight=600, color=LIGHT["with"]).encode(
        y=alt.Y("with:Q"), text=alt.Text("label:N")
    )
    layers = [between, lines, dots, texts]
    return alt.layer(*(_tipping_band(result.get("tipping_point") or {}, x) + layers))


def _tipping_band(tipping: Mapping[str, Any], x: Any) -> list[Any]:
    """A shaded band where the tipping point may lie; nothing where there is none."""
    known = [tipping[name] for name in ("low_pct", "central_pct", "high_pct") if tipping.get(name) is not None]
    if not known:
        return []
    low, high = min(known), max(known)
    source = style.data([{"shock": low - 0.5, "to": high + 0.5, "label": "tipping point"}])
    band = alt.Chart(source).mark_rect(color=LIGHT["grid"], opacity=1).encode(x=x, x2=alt.X2("to:Q"))
    text = alt.Chart(source).mark_text(align="right", baseline="bottom", dx=-4, fontSize=11, color=LIGHT["muted"])
    return [band, text.encode(x=x, y=alt.value(234), text=alt.Text("label:N"))]


WHO = {"age": "By age of the borrower", "market": "By market", "size": "By net worth at the start, won"}


def who(result: Mapping[str, Any], narrow: bool) -> Any:
    """Bars of won sold by group, with the share of the group's loans that this is."""
    rows: Rows = result["who"]
    divisor, word = style.won_unit(row["sold_won"] for row in rows)
    most = max((row["sold_won"] for row in rows), default=0) / divisor
    panels = []
    for dimension in dict.fromkeys(row["dimension"] for row in rows):
        bars = [
            {
                "band": row["band"],
                "won": row["sold_won"] / divisor,
                "left": (row["loans_won"] - row["sold_won"]) / divisor,
                "label": _sold_label(row, divisor, word),
            }
            for row in rows
            if row["dimension"] == dimension
        ]
        axis = dict(title=None, minExtent=104, maxExtent=104, labelLimit=100)
        y = alt.Y("band:N", sort=None, axis=axis, scale=dict(paddingInner=0.35))
        base = alt.Chart(style.data(bars)).encode(y=y)
        x = alt.X("won:Q", axis=None, scale=dict(domain=[0, (most or 1) * (1.9 if narrow else 1.45)]))
        bar = base.mark_bar(color=LIGHT["sold"], height=15).encode(x=x)
        text = base.mark_text(align="left", dx=6, fontSize=12, color=LIGHT["ink"]).encode(x=x, text=alt.Text("label:N"))
        panels.append(
            (bar + text).properties(
                width=style.plot_width(narrow) - 60,
                height=24 * len(bars),
                title=style.heading(narrow, WHO.get(dimension, dimension)),
            )
        )
    return style.finish(alt.vconcat(*panels, spacing=16))


def _sold_label(row: Mapping[str, Any], divisor: int, word: str) -> str:
    share = f" · {wording.percent(row['sold_won'] / row['loans_won'] * 100)} of loans" if row["loans_won"] else ""
    return style.short(row["sold_won"], divisor, word) + share


def ratios(result: Mapping[str, Any], narrow: bool) -> Any:
    """Won of loans in each band of the collateral ratio, before and after the scenario."""
    rows: Rows = result["ratios"]
    divisor, word = style.won_unit(amount for row in rows for amount in (row["before_won"], row["after_won"]))
    names = {"before": "before", "after": "after"}
    bars = [
        {
            "band": row["band"],
            "when": when,
            "won": row[f"{when}_won"] / divisor,
            "label": style.short(row[f"{when}_won"], divisor, word).split()[0],
        }
        for row in rows
        for when in names
    ]
    base = alt.Chart(style.data(bars)).encode(
        x=alt.X(
            "band:N", sort=None, axis=dict(title=None, labelAngle=-45 if narrow else 0), scale=dict(paddingInner=0.25)
        ),
        xOffset=alt.XOffset("when:N", sort=list(names)),
    )
    y = alt.Y("won:Q", axis=style.left_axis())
    legend = dict(columns=2, symbolType="square")
    bar = base.mark_bar().encode(y=y, color=alt.Color("when:N", scale=style.colours(names), legend=legend))
    text = base.mark_text(dy=-7, fontSize=9.5 if narrow else 11, color=LIGHT["ink"]).encode(
        y=y, text=alt.Text("label:N")
    )
    title = style.heading(narrow, f"Loans by collateral ratio in per cent, {word}")
    return style.finish((bar + text).properties(width=style.plot_width(narrow), height=210, title=title))
