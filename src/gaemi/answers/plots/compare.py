"""Two laws side by side: who is helped and who is hurt, at each displacement."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.comparison import displacement_words
from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured, named

DIMENSIONS = {"age": "by age", "size": "by net worth, won", "borrower": "by borrower"}
EFFECTS = {"hurt": "hurt", "helped": "helped"}


def helped_and_hurt(result: Mapping[str, Any], narrow: bool) -> Spec:
    """People helped (right) and hurt (left) in each group; one panel a displacement, one scale for all."""
    cases = result["displacements"]
    most = max((max(group["helped"], group["hurt"]) for case in cases for group in case["groups"]), default=0) or 1
    dimensions = list(dict.fromkeys(group["dimension"] for case in cases for group in case["groups"]))
    panels = [_column(case, dimensions, most, narrow or number == 0, narrow) for number, case in enumerate(cases)]
    return style.finish(style.below(panels, spacing=24) if narrow else style.beside(panels))


def _column(case: Mapping[str, Any], dimensions: list[str], most: int, with_names: bool, narrow: bool) -> Spec:
    """All groups at one displacement; only the first of several columns names them."""
    parts = []
    for position, dimension in enumerate(dimensions):
        rows = [group for group in case["groups"] if group["dimension"] == dimension]
        words = f"If {displacement_words(case['displacement'])}" if position == 0 else ""
        title = style.heading(narrow, words, DIMENSIONS.get(dimension, dimension) if with_names else "")
        parts.append(_bars(rows, most, with_names, title))
    return style.below(parts, spacing=8)


def _bars(rows: Rows, most: int, with_names: bool, title: Spec) -> Spec:
    people = [
        {"band": row["band"], "series": effect, "people": sign * row[effect], "label": wording.head(row[effect])}
        for row in rows
        for effect, sign in (("helped", 1), ("hurt", -1))
    ]
    y = named("band", sort=None, axis=style.bands() if with_names else None, scale={"paddingInner": 0.3})
    x = measured("people", axis=None, scale={"domain": [-most * 2.2, most * 2.2]})
    legend = {"columns": 2, "symbolType": "square"} if with_names else None
    bar = mark("bar", {"height": 13}, x=x, y=y, color=style.colours(EFFECTS, legend))
    zero = {"data": style.data([{"people": 0}]), **mark("rule", {"color": LIGHT["muted"]}, x=x)}
    texts = [
        {"transform": [{"filter": f"datum.series == '{effect}'"}]}
        | mark("text", label(11, align=align, dx=4 if align == "left" else -4), x=x, y=y, text=LABEL)
        for effect, align in (("helped", "left"), ("hurt", "right"))
    ]
    return style.panel([bar, zero, *texts], people, 165, 22 * len(rows), title)
