"""A forecast of a past episode beside the record: lines that differ in stroke as well as in colour, in a band."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers.hindcast_sheets import CENTRAL, MARGIN_SOLD, MECHANICAL, TARGETS, has, won_of
from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import days as day_plots
from gaemi.answers.plots import style
from gaemi.answers.plots.style import Rows, Spec, mark, measured

RECORD, GIVEN_PATH = "published record", "regression given the path"
LINES = {
    "record": (RECORD, "published", [1, 0], 2.4),
    "central": (CENTRAL, "model", [1, 0], 2.4),
    "mechanical": (MECHANICAL, "residual", [6, 4], 1.8),
    "regression_path": (GIVEN_PATH, "other", [2, 3], 1.3),
}
"""Parts that are drawn: their words, their role, dashes and width of their stroke."""

MARKETS = ("kospi", "kosdaq")


def balance(result: Mapping[str, Any], narrow: bool) -> Spec:
    """The given path of both indices, and each market's balance: record, central in its band, mechanical, baseline."""
    rows: Rows = result["days"]
    x = day_plots.calendar(rows, narrow)
    panels = _path(rows, x, narrow)
    for market in (market for market in MARKETS if has(rows, market)):
        first = not any("area" in str(panel) for panel in panels)
        panels.append(_panel(rows, market, x, (TARGETS[market], 150), first, narrow))
    return day_plots.stack(panels)


def forced(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Forced sales of unsettled purchases by day, beside the record."""
    rows: Rows = result["days"]
    x = day_plots.calendar(rows, narrow)
    return day_plots.stack([_panel(rows, "forced", x, (TARGETS["forced"], 180), True, narrow)])


def margin_sold(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Margin loans sold by force by day, which nobody publishes."""
    rows: Rows = result["days"]
    x = day_plots.calendar(rows, narrow)
    return day_plots.stack([_panel(rows, "margin_sold", x, (MARGIN_SOLD, 180), True, narrow)])


def _path(rows: Rows, x: Spec, narrow: bool) -> list[Spec]:
    """Both indices in per cent since the start; nothing where no path was given."""
    moves = []
    for row in rows:
        moved: dict[str, float | None] = {}
        for market in MARKETS:
            start, level = rows[0].get(market), row.get(market)
            moved[market] = (level / start - 1) * 100 if start and level is not None else None
        moves.append(moved)
    known = {
        market: (market.upper(), market) for market in MARKETS if sum(moved[market] is not None for moved in moves) > 1
    }
    if not known:
        return []
    lines = day_plots.lines(moves, x, known, 1, 2)
    return [lines | day_plots.size(narrow, 84, "The path given, % since the start")]


def _panel(rows: Rows, prefix: str, x: Spec, named: tuple[str, int], first: bool, narrow: bool) -> Spec:
    """One target over the sessions: a band, and a line for each part that is known."""
    words, height = named
    known_days = {part: sum(won_of(row, prefix, part) is not None for row in rows) for part in LINES}
    shown = {part: look for part, look in LINES.items() if known_days[part] > (0 if part == "record" else 1)}
    amounts = [won_of(row, prefix, part) for row in rows for part in (*shown, "low", "high")]
    divisor, word = style.won_unit(amounts)
    points = [
        {"number": number}
        | {part: style.scaled(won_of(row, prefix, part), divisor) for part in (*shown, "low", "high")}
        for number, row in enumerate(rows)
    ]
    y = measured("level", axis=style.left_axis(), scale={"zero": False, "nice": False, "padding": 8})
    band = [row for row in points if row["low"] is not None and row["high"] is not None]
    looks = {"color": LIGHT["extra"], "opacity": 1}
    layers = [{"data": style.data(band)} | mark("area", looks, x=x, y=y | {"field": "low"}, y2={"field": "high"})]
    layers += _lines(points, shown, x, y, _legend(narrow) if first else None)
    if "record" in shown:
        known = [{"number": row["number"], "level": row["record"]} for row in points if row["record"] is not None]
        dot = {"filled": True, "size": 26, "color": LIGHT["published"], "opacity": 1}
        layers.append({"data": style.data(known)} | mark("point", dot, x=x, y=y))
    told = ["shaded: 90 % range"] if first else []
    title = style.heading(narrow, f"{words}, {word}", *told)
    return {"layer": layers, "width": style.plot_width(narrow), "height": height, "title": title}


def _legend(narrow: bool) -> Spec:
    return {"columns": 1 if narrow else 2, "symbolType": "stroke", "symbolStrokeWidth": 2.4}


def _lines(
    points: Rows, shown: Mapping[str, tuple[str, str, list[int], float]], x: Spec, y: Spec, legend: Any
) -> list[Spec]:
    """A line a part, thin ones under thick ones; a day that is not known breaks its line."""
    scale = {name: role for name, role, _, _ in shown.values()}
    colour = style.colours(scale, legend)
    dashes = style.named(
        "series", scale={"domain": list(scale), "range": [dash for _, _, dash, _ in shown.values()]}, legend=legend
    )
    layers = []
    for part, (name, _, _, width) in sorted(shown.items(), key=lambda item: item[1][3]):
        levels = [{"number": row["number"], "series": name, "level": row[part]} for row in points]
        line = mark("line", {"strokeWidth": width}, x=x, y=y, color=colour, strokeDash=dashes)
        layers.append({"data": style.data(levels)} | line)
    return layers
