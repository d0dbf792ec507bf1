"""Terra by the hour: the coin's supply, model beside record; and the module's price of UST beside the traded one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import style
from gaemi.answers.plots.style import Rows, Spec, mark, measured, named

SERIES = {"model": "model", "record, end of day": "published", "press, within the day": "other"}
SHAPES = ("circle", "circle", "diamond")
PEG = {"module: one dollar less the spread": "model", "UST, traded": "published"}
POWERS = {
    10**power: words for power, words in ((9, "1 bn"), (10, "10 bn"), (11, "100 bn"), (12, "1 tn"), (13, "10 tn"))
}
"""Marks of the axis of coins, as a chart writes them out."""


def supply(document: Mapping[str, Any], narrow: bool) -> Spec:
    """Coins of LUNA: a line for the model's hours, dots for what was published, on a scale of powers of ten."""
    hours: Rows = document["hours"]
    start = _time(hours[0]["time"])
    line = [{"hour": _since(row["time"], start) + 1.0, "coins": row["supply_model"]} for row in hours]
    dots = [
        {"hour": _since(row["until"], start), "coins": row["supply_record"], "series": "record, end of day"}
        for row in document["rows"][:-1]
    ]
    dots += [
        {"hour": _since(row["time"], start), "coins": row["supply_record"], "series": "press, within the day"}
        for row in document["moments"]
    ]
    x = _hours(hours, start, narrow)
    y = measured("coins", axis=_powers(), scale={"type": "log", "domain": [3e8, 1e13], "nice": False})
    legend = {"columns": 1 if narrow else 3, "symbolOpacity": 1}
    colour = style.colours(SERIES, legend)
    shape = named("series", scale={"domain": list(SERIES), "range": list(SHAPES)}, legend=legend)
    model = [row | {"series": "model"} for row in line]
    drawn = {"data": style.data(model)} | mark("line", {"strokeWidth": 2.2}, x=x, y=y, color=colour)
    point = {"data": style.data(dots)} | mark(
        "point",
        {"filled": True, "size": 80, "opacity": 1, "stroke": LIGHT["ink"], "strokeWidth": 0.6},
        x=x,
        y=y,
        color=colour,
        shape=shape,
    )
    title = style.heading(narrow, "Coins of LUNA, each line ten times the one below")
    size = {"width": style.plot_width(narrow), "height": 260, "title": title}
    return style.finish({"layer": [drawn, point], **size})


def peg(document: Mapping[str, Any], narrow: bool) -> Spec:
    """The price at which the module takes a dollar coin, beside that at which it traded, and under them the spread."""
    hours: Rows = document["hours"]
    start = _time(hours[0]["time"])
    x = _hours(hours, start, narrow)
    rows = [
        {"hour": _since(row["time"], start) + 1.0, "series": name, "price": row[field]}
        for row in hours
        for name, field in zip(PEG, ("module_price_usd", "ust_close_usd"), strict=True)
    ]
    if not any(row["ust_close_usd"] is not None for row in hours):
        rows = [row for row in rows if row["series"] == next(iter(PEG))] + [
            {"hour": _since(row["until"], start), "series": list(PEG)[1], "price": row["ust_close_usd"]}
            for row in document["rows"][:-1]
        ]
    legend = {"columns": 1 if narrow else 2, "symbolType": "stroke"}
    y = measured("price", axis=style.left_axis(), scale={"domain": [0, 1.05], "nice": False})
    lines = {"data": style.data(rows)} | mark(
        "line", {"strokeWidth": 2.2}, x=x, y=y, color=style.colours(PEG, legend), strokeDash=style.dashes(PEG, legend)
    )
    width = style.plot_width(narrow)
    upper = lines | {"width": width, "height": 170, "title": style.heading(narrow, "Dollars for one UST")}
    spread = [{"hour": _since(row["time"], start) + 1.0, "spread": row["spread_pct"]} for row in hours]
    mark_at = {"level": document["peg"]["spread_over_pct"]}
    bars = mark("area", {"color": LIGHT["called"], "opacity": 0.8}, x=x, y=measured("spread", axis=style.left_axis()))
    rule = {"data": style.data([mark_at])} | mark(
        "rule", {"color": LIGHT["ink"], "strokeDash": [4, 3]}, y=measured("level")
    )
    words = f"Spread of the module, %; line: {mark_at['level']:g} %, from which it counts as unable to hold the peg"
    lower = style.panel([bars, rule], spread, width, 100, style.heading(narrow, words))
    apart = {"scale": {"color": "independent", "strokeDash": "independent"}}
    return style.finish(style.below([upper, lower], spacing=12) | {"resolve": apart})


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _since(text: str, start: datetime) -> float:
    """Hours from the start of the run."""
    return (_time(text) - start).total_seconds() / 3600.0


def _hours(rows: Rows, start: datetime, narrow: bool) -> Spec:
    """Hours from the start, with a label at each midnight of UTC."""
    last = _since(rows[-1]["time"], start) + 1.0
    told: dict[float, str] = {}
    for day in range(int(last // 24) + 1):
        on = start.toordinal() + day
        date = datetime.fromordinal(on)
        told[24.0 * day] = f"{date.day}" if narrow and day else f"{date.day} {date:%b}"
    return measured("hour", axis=style.ticks(told, grid=True), scale={"domain": [0, last + 2.0], "nice": False})


def _powers() -> Spec:
    labels = ",".join(f"'{power}':'{words}'" for power, words in POWERS.items())
    axis = style.ticks(POWERS, grid=True, labelExpr=f"({{{labels}}})[datum.value]")
    return axis | {"minExtent": style.AXIS_ROOM, "maxExtent": style.AXIS_ROOM}
