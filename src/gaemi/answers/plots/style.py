"""What all charts share: sizes, axes, legends, units."""

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from gaemi.answers.palette import LIGHT

FONT = "system-ui, 'Noto Sans KR', sans-serif"
WIDE, NARROW = (
    600,
    280,
)  # width of the plot itself in pixels; the phone gets a drawing of its own, so that text stays readable
AXIS_ROOM = 44
Rows = Sequence[Mapping[str, Any]]


def plot_width(narrow: bool) -> int:
    """Width of one full panel in pixels."""
    return NARROW if narrow else WIDE


def finish(chart: Any) -> Any:
    """The chart with the house theme: no frame, quiet grid, headings at the left, legend above."""
    ink, muted, grid = LIGHT["ink"], LIGHT["muted"], LIGHT["grid"]
    axis = {
        "labelColor": muted,
        "titleColor": muted,
        "gridColor": grid,
        "domain": False,
        "ticks": False,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelPadding": 6,
        "labelLimit": 200,
    }
    legend = {
        "orient": "top",
        "title": None,
        "labelFontSize": 12,
        "labelColor": ink,
        "symbolStrokeWidth": 3,
        "symbolSize": 140,
        "labelLimit": 260,
        "offset": 6,
        "columnPadding": 28,
    }
    title = {"anchor": "start", "fontSize": 12.5, "fontWeight": 600, "color": ink, "frame": "bounds", "offset": 8}
    return chart.properties(
        background="transparent", padding={"left": 4, "right": 16, "top": 6, "bottom": 6}
    ).configure(
        aria=False, font=FONT, axis=axis, legend=legend, title=title, view={"stroke": None}, concat={"spacing": 26}
    )


def won_unit(amounts: Iterable[int | None]) -> tuple[int, str]:
    """The divisor and the word under which the largest of the amounts is a small number."""
    largest = max((abs(amount) for amount in amounts if amount is not None), default=0)
    return next(
        ((size, word) for size, word in ((10**12, "tn won"), (10**9, "bn won")) if largest >= size), (10**6, "m won")
    )


def scaled(amount: float | None, divisor: float) -> float | None:
    """The amount in a unit; unknown stays unknown and is not drawn."""
    return None if amount is None else amount / divisor


def short(amount: int, divisor: int, word: str) -> str:
    """A label on a mark: ``5.1 tn``; the sum of nothing is a plain 0."""
    return "0" if amount == 0 else f"{amount / divisor:,.1f} {word.split()[0]}"


def data(rows: Iterable[Mapping[str, Any]]) -> Any:
    """Rows as inline data of a chart, as one text: the chart library copies its data deeply at every step."""
    return alt.InlineData(values=json.dumps([dict(row) for row in rows]), format=alt.JsonDataFormat(type="json"))


def colours(names_to_roles: Mapping[str, str]) -> Any:
    """A colour scale from series names to roles of the palette, in the order given."""
    return dict(domain=list(names_to_roles), range=[LIGHT[role] for role in names_to_roles.values()])


def lookup(labels: Mapping[Any, Any]) -> str:
    """An axis expression that replaces each value by a prepared label, a list of lines, or nothing."""
    pairs = ",".join(f"{_quoted(key)}:{_quoted(value)}" for key, value in labels.items())
    return f"({{{pairs}}})[datum.value]"


def _quoted(value: Any) -> str:
    if isinstance(value, float):
        return f"'{value:g}'"  # the chart compares keys as text, and writes -5.0 as -5
    if isinstance(value, list | tuple):
        return "[" + ",".join(_quoted(item) for item in value) + "]"
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ") + "'"


def left_axis(**options: Any) -> Any:
    """A vertical axis without a title; its room is fixed so that stacked panels line up."""
    return dict(
        **{"title": None, "tickCount": 4, "minExtent": AXIS_ROOM, "maxExtent": AXIS_ROOM, "format": ",.12~g"} | options
    )


def heading(narrow: bool, *lines: str) -> Any:
    """The heading of a panel, which says what its vertical axis measures; broken into short lines on a phone."""
    return {"text": [part for line in lines for part in (textwrap.wrap(line, 38 if narrow else 90) or [""])]}
