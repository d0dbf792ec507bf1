"""A thousand of you: one small square a person, sorted by outcome."""

from collections.abc import Iterator, Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.plots import common, style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured

PEOPLE = 1_000
FILLED = 0.76
"""The part of a cell that its square fills; the rest is the gap to the next."""


def thousand(result: Mapping[str, Any], narrow: bool) -> Spec:
    """An icon array of 1,000 squares, worst outcome first, row by row; beside it the count of each outcome.

    Neighbours of one outcome in one row are one dashed stroke whose dashes are the squares: a page stays small.
    """
    shown: Rows = [row for row in result["thousand"]["people"] if row["people"]]
    columns, cell, letters = (20, 8.0, 16) if narrow else (40, 10.0, 40)
    height = PEOPLE / columns * cell
    roles = common.outcome_roles(shown, True)
    pixels = {"scale": None, "axis": None}
    x, y = measured("x", **pixels), measured("y", **pixels)
    colour = style.colours(roles, None)
    dashes = {"strokeWidth": cell * FILLED, "strokeDash": [cell * FILLED, cell * (1 - FILLED)]}
    people = mark("rule", dashes, x=x, x2={"field": "to"}, y=y, color=colour)
    legend = list(_legend(shown, columns, cell, letters))
    square = mark("square", {"size": 110, "opacity": 1}, x=x, y=y, color=colour)
    text = mark("text", label(align="left", baseline="middle", dx=12, lineHeight=14), x=x, y=y, text=LABEL)
    beside: Spec = {"data": style.data(legend)}
    drift = common.drift_words(result, result["thousand"]["drift"])
    title = style.heading(narrow, "1,000 paths, sorted by outcome", drift)
    layers = [people, beside | square, beside | text]
    panel = style.panel(layers, list(runs(shown, columns, cell)), round(columns * cell), round(height), title)
    return style.finish(panel)


def runs(shown: Rows, columns: int, cell: float) -> Iterator[dict[str, Any]]:
    """The strokes: neighbours of one outcome in one row, from left edge to right edge in pixels, and their number."""
    gap, place = cell * (1 - FILLED) / 2, 0
    for row in shown:
        end = place + row["people"]
        while place < end:
            line, first = divmod(place, columns)
            number = min(end - place, columns - first)
            edges = {"x": first * cell + gap, "to": (first + number) * cell - gap}
            yield {"series": row["outcome"], "people": number, "y": (line + 0.5) * cell, **edges}
            place += number


def _legend(shown: Rows, columns: int, cell: float, letters: int) -> Iterator[dict[str, Any]]:
    """A square and words for each outcome at the height of its people, moved apart where they would touch."""
    before, middles = 0, []
    for row in shown:
        middles.append((before + row["people"] / 2) / columns * cell)
        before += row["people"]
    words = [common.lines(f"{wording.whole(row['people'])} {row['outcome']}", letters) for row in shown]
    room = 34.0 if max(len(text) for text in words) > 1 else 20.0
    heights = common.apart(middles, room, 8, PEOPLE / columns * cell - 8)
    for row, height, text in zip(shown, heights, words, strict=True):
        yield {"series": row["outcome"], "label": text, "x": columns * cell + 20, "y": height}
