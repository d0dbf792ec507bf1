"""What all charts share: the grammar's few words, sizes, axes, legends, units.

Charts are written as Vega-Lite documents in plain records: building them through a chart library costs more time than
drawing them. :func:`gaemi.answers.charts.chart` gives each as an object of that library.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gaemi.answers.language import spoken
from gaemi.answers.palette import LIGHT

FONTS = {"en": "system-ui, sans-serif", "ko": "system-ui, 'Noto Sans KR', sans-serif"}
"""The families of each language. Where no reader has one, Korean is drawn in the part of a font that we bring."""

WIDE, NARROW = 600, 280
"""Width of a plot in pixels; the phone has a drawing of its own, so that its text stays readable."""

AXIS_ROOM = 44
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
SOLID_AND_DASHED = [[1, 0], [5, 4]]

WON_UNITS = {
    "en": ((10**12, "tn won"), (10**9, "bn won"), (10**6, "m won")),
    "ko": ((10**12, "조 원"), (10**8, "억 원"), (10**4, "만 원")),
}
"""The units in which each language counts won, largest first."""

UNIT_SPACE = {"en": " ", "ko": ""}
"""What stands between a figure and the unit of its size."""

Rows = Sequence[Mapping[str, Any]]
Spec = dict[str, Any]


def plot_width(narrow: bool) -> int:
    """Width of one full panel in pixels."""
    return NARROW if narrow else WIDE


def measured(name: str, **options: Any) -> Spec:
    """An encoding of a number."""
    return {"field": name, "type": "quantitative", **options}


def named(name: str, **options: Any) -> Spec:
    """An encoding of a name."""
    return {"field": name, "type": "nominal", **options}


def mark(kind: str, options: Spec, **encoding: Spec) -> Spec:
    """One layer: a kind of mark, how it looks, and what it encodes."""
    return {"mark": {"type": kind, **options}, "encoding": encoding}


def label(size: float = 12, **options: Any) -> Spec:
    """The looks of a text beside a mark."""
    return {"fontSize": size, "color": LIGHT["ink"], **options}


LABEL = named("label")


def panel(layers: Sequence[Spec], rows: Rows, width: int, height: int, title: Spec) -> Spec:
    """Layers over one another; a layer without rows of its own draws the panel's."""
    return {"data": data(rows), "layer": list(layers), "width": width, "height": height, "title": title}


def data(rows: Iterable[Mapping[str, Any]]) -> Spec:
    """Rows as inline data."""
    return {"values": [dict(row) for row in rows]}


def below(panels: Sequence[Spec], spacing: int = 14, foot: str = "") -> Spec:
    """Panels under one another, and under the last a line of words."""
    stacked: list[Spec] = [*panels, _foot(foot)] if foot else list(panels)
    return {"vconcat": stacked, "spacing": 4 if foot and len(panels) == 1 else spacing}


def beside(panels: Sequence[Spec], spacing: int = 14) -> Spec:
    """Panels side by side."""
    return {"hconcat": list(panels), "spacing": spacing}


def _foot(words: str) -> Spec:
    looks = label(align="left", baseline="top") | {"color": LIGHT["muted"], "text": words}
    drawn = mark("text", looks, x={"value": 0}, y={"value": 0})
    return {"data": {"values": [{}]}, "width": 10, "height": 14, **drawn}


def finish(spec: Spec) -> Spec:
    """The document with the house theme: no frame, quiet grid, headings at the left, legend above."""
    ink, muted = LIGHT["ink"], LIGHT["muted"]
    axis = {"labelColor": muted, "gridColor": LIGHT["grid"], "domain": False, "ticks": False, "labelFontSize": 12}
    legend = {"orient": "top", "title": None, "labelFontSize": 12, "labelColor": ink, "labelLimit": 260, "offset": 6}
    title = {"anchor": "start", "fontSize": 12.5, "fontWeight": 600, "color": ink, "frame": "bounds", "offset": 8}
    config = {
        "aria": False,
        "font": FONTS[spoken()],
        "axis": axis | {"labelPadding": 6, "labelLimit": 200},
        "legend": legend | {"symbolStrokeWidth": 3, "symbolSize": 140, "columnPadding": 28},
        "title": title,
        "view": {"stroke": None},
    }
    padding = {"left": 4, "right": 16, "top": 6, "bottom": 6}
    return {"$schema": SCHEMA, "background": "transparent", "padding": padding, "config": config, **spec}


def won_unit(amounts: Iterable[int | None]) -> tuple[int, str]:
    """The divisor and the word under which the largest of the amounts is a small number, as the language counts."""
    largest = max((abs(amount) for amount in amounts if amount is not None), default=0)
    *units, least = WON_UNITS[spoken()]
    return next(((size, word) for size, word in units if largest >= size), least)


def scaled(amount: float | None, divisor: float) -> float | None:
    """The amount in a unit; unknown stays unknown and is not drawn."""
    return None if amount is None else amount / divisor


def won_labels() -> str:
    """How an axis of won writes its amounts, as the language counts: ``1.5 bn``, 15억."""
    written = "format(datum.value, ',.12~g')"
    for size, word in reversed(WON_UNITS[spoken()]):
        unit = UNIT_SPACE[spoken()] + word.split()[0]
        written = f"datum.value >= {size} ? format(datum.value / {size}, ',.12~g') + '{unit}' : {written}"
    return written


def short(amount: int, divisor: int, word: str) -> str:
    """A label on a mark: ``5.1 tn``; nothing is a plain 0, and next to nothing is not."""
    size = amount / divisor
    figure = "<0.1" if 0 < size < 0.05 else f"{size:,.1f}"
    return "0" if amount == 0 else figure + UNIT_SPACE[spoken()] + word.split()[0]


def colours(series: Mapping[str, str], legend: Spec | None) -> Spec:
    """The colour of each series from its role in the palette, in the order given."""
    scale = {"domain": list(series), "range": [LIGHT[role] for role in series.values()]}
    return named("series", scale=scale, legend=legend)


def dashes(series: Mapping[str, str], legend: Spec | None) -> Spec:
    """A line drawn through and a dashed one, so that colour alone tells nothing."""
    return named("series", scale={"domain": list(series), "range": SOLID_AND_DASHED}, legend=legend)


def ticks(labels: Mapping[float, Any], **options: Any) -> Spec:
    """A horizontal axis with these labels (a text or a list of lines) at these places and nothing else."""
    axis = {"values": list(labels), "labelExpr": _lookup(labels), "grid": False, "title": None, "labelFlush": False}
    return axis | options


def _lookup(labels: Mapping[float, Any]) -> str:
    pairs = ",".join(f"'{key:g}':{_quoted(value)}" for key, value in labels.items())
    return f"({{{pairs}}})[datum.value]"


def _quoted(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ",".join(_quoted(item) for item in value) + "]"
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ") + "'"


def left_axis(**options: Any) -> Spec:
    """A vertical axis without a title; its room is fixed so that stacked panels line up."""
    axis = {"title": None, "tickCount": 4, "minExtent": AXIS_ROOM, "maxExtent": AXIS_ROOM, "format": ",.12~g"}
    return axis | options


def bands(room: int = 104) -> Spec:
    """A vertical axis of names."""
    return {"title": None, "minExtent": room, "maxExtent": room, "labelLimit": room - 4}


def heading(narrow: bool, *lines: str) -> Spec:
    """The heading of a panel, which says what its vertical axis measures; broken into short lines on a phone."""
    return {"text": [part for line in lines for part in (textwrap.wrap(line, 38 if narrow else 90) or [""])]}
