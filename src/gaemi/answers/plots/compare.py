"""Two laws side by side: who is helped and who is hurt, at each displacement."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from gaemi.answers import wording
from gaemi.answers.comparison import displacement_words
from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import style

DIMENSIONS = {"age": "by age", "size": "by net worth, won", "borrower": "by borrower"}


def helped_and_hurt(result: Mapping[str, Any], narrow: bool) -> Any:
    """People helped (right) and hurt (left) in each group; one panel a displacement, one scale for all."""
    cases = result["displacements"]
    most = max((max(group["helped"], group["hurt"]) for case in cases for group in case["groups"]), default=0) or 1
    dimensions = list(dict.fromkeys(group["dimension"] for case in cases for group in case["groups"]))
    panels = [_column(case, dimensions, most, narrow or number == 0, narrow) for number, case in enumerate(cases)]
    joined = alt.vconcat(*panels, spacing=24) if narrow else alt.hconcat(*panels, spacing=14)
    return style.finish(joined)


def _column(case: Mapping[str, Any], dimensions: list[str], most: int, named: bool, narrow: bool) -> Any:
    parts = []
    for position, dimension in enumerate(dimensions):
        rows = [group for group in case["groups"] if group["dimension"] == dimension]
        words = [f"If {displacement_words(case['displacement'])}"] if position == 0 else [""]
        parts.append(
            _bars(rows, most, named, narrow).properties(
                width=170 if narrow else 165,
                height=22 * len(rows),
                title=style.heading(narrow, *words, DIMENSIONS.get(dimension, dimension) if named else ""),
            )
        )
    return alt.vconcat(*parts, spacing=8)


def _bars(rows: list[Mapping[str, Any]], most: int, named: bool, narrow: bool) -> Any:
    long = []
    for row in rows:
        for effect, sign in (("helped", 1), ("hurt", -1)):
            long.append(
                {
                    "band": row["band"],
                    "effect": effect,
                    "people": sign * row[effect],
                    "label": wording.head(row[effect]),
                }
            )
    axis = dict(title=None, minExtent=104, maxExtent=104, labelLimit=100) if named else None
    base = alt.Chart(style.data(long)).encode(y=alt.Y("band:N", sort=None, axis=axis, scale=dict(paddingInner=0.3)))
    x = alt.X("people:Q", axis=None, scale=dict(domain=[-most * 1.6, most * 1.6]))
    names = {"hurt": "hurt", "helped": "helped"}
    legend = dict(columns=2, symbolType="square") if named else None
    bar = base.mark_bar(height=13).encode(x=x, color=alt.Color("effect:N", scale=style.colours(names), legend=legend))
    zero = alt.Chart(style.data([{"people": 0}])).mark_rule(color=LIGHT["muted"]).encode(x=x)
    right = base.transform_filter("datum.effect == 'helped'").mark_text(
        align="left", dx=4, fontSize=11, color=LIGHT["ink"]
    )
    left = base.transform_filter("datum.effect == 'hurt'").mark_text(
        align="right", dx=-4, fontSize=11, color=LIGHT["ink"]
    )
    return alt.layer(bar, zero, right.encode(x=x, text=alt.Text("label:N")), left.encode(x=x, text=alt.Text("label:N")))
