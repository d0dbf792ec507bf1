"""Loans by ratio band, the call map of a book, the next morning by name, a scenario's days, quantiles over paths."""

from collections.abc import Iterable, Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.book_sheets import ALL, band, is_above
from gaemi.answers.book_stress_sheets import with_error
from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import days as day_plots
from gaemi.answers.plots import style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured, named

BAR = 15
STRIPES, COLOUR = 2, 4
"""Pixels of stripe and of colour between stripes in a bar that is marked, so that colour alone tells nothing."""

BAND_ROOM, NAME_ROOM, NARROW_NAME_ROOM = 88, 168, 124
ERRORS = 2
"""Standard errors that an error bar reaches each way."""

MEASURES = (("sold", "sold_won", "Sold by force", "sold"), ("unpaid", "unpaid_won", "Unpaid", "residual"))
TAIL = ((0.95, "p95"), (0.99, "p99"))
RARE = (1, 2, 5, 10, 20, 100)
"""One path in so many: the ticks of the axis of quantiles."""

PANEL = 132


def bands(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Bars of loans by band of the collateral ratio; bands with accounts under maintenance are red and striped."""
    rows = shown_bands(result)
    divisor, word = style.won_unit(row["loans_won"] for row in rows)
    bars = [
        {"band": band(row["band"]), "won": row["loans_won"] / divisor, "label": _band_label(row, narrow)}
        | {"series": _marked(bool(row.get("short_won")))}
        for row in rows
    ]
    title = style.heading(narrow, f"Loans by collateral ratio, {word}", "striped: with accounts under maintenance")
    room = 1.95 if narrow else 1.6
    return style.finish(
        _striped(bars, BAND_ROOM, style.plot_width(narrow) + style.AXIS_ROOM - BAND_ROOM, room) | {"title": title}
    )


def shown_bands(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The bands without their sum."""
    return [row for row in result.get("bands") or [] if row["band"] != ALL]


def _band_label(row: Mapping[str, Any], narrow: bool) -> str:
    told = [wording.won_short(row["loans_won"])]
    told += [] if narrow else [f"{wording.whole(row['accounts'])} accounts"]
    told += [f"shortfall {wording.won_short(row['short_won'])}"] if row.get("short_won") else []
    return " · ".join(told)


def _marked(is_marked: bool) -> str:
    return "marked" if is_marked else "plain"


def _striped(bars: Rows, room: int, width: int, headroom: float, field: str = "won") -> Spec:
    """Bars beside their names with a label at each; those of the series ``marked`` are striped."""
    most = max((row[field] for row in bars if row[field] is not None), default=0) or 1
    y = named("band", sort=None, axis=style.bands(room), scale={"paddingInner": 0.35})
    scale = {"domain": [0, most * headroom], "nice": False}
    x = measured(field, axis=None, scale=scale)
    series = {"plain": "after", "marked": "sold"}
    bar = mark("bar", {"height": BAR}, x=x, y=y, color=style.colours(series, None))
    only = [{"filter": f"datum.series == 'marked' && datum.{field} > 0"}]
    looks = {"color": LIGHT["extra"], "strokeWidth": BAR, "strokeDash": [STRIPES, COLOUR], "opacity": 1}
    looks |= {"strokeDashOffset": STRIPES}  # a bar begins with its colour, so that a short one keeps it
    ends: dict[str, Spec] = {"x": measured("start", axis=None, scale=scale), "x2": {"field": field}}
    stripes: Spec = {"transform": only} | mark("rule", looks, **ends, y=y)
    text = mark("text", label(11.5, align="left", dx=6), x=x, y=y, text=LABEL)
    begun = [{"start": 0} | dict(row) for row in bars]
    return style.panel([bar, stripes, text], begun, width, 24 * len(bars), {})


def call_map(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Share of the loans that reaches maintenance at each fall, with the won at every tenth or twentieth per cent."""
    rows: Rows = result["call_map"]
    divisor, word = style.won_unit(row["reached_won"] for row in rows)
    step = 20 if narrow else 10
    area = [{"fall": row["fall_pct"], "share": row["share_of_loans_pct"]} for row in rows]
    told = [
        {"fall": row["fall_pct"], "share": row["share_of_loans_pct"]}
        | {"label": style.short(row["reached_won"], divisor, word), "first": row["fall_pct"] == 0}
        for row in rows
        if row["fall_pct"] % step == 0
    ]
    falls = {row["fall"]: wording.shock(-row["fall"]) if row["fall"] else "now" for row in told}
    x = measured("fall", axis=style.ticks(falls), scale={"nice": False})
    top = max((row["share"] for row in area), default=0) or 1
    y = measured("share", axis=style.left_axis(), scale={"domain": [0, top * 1.12], "nice": False})
    shape = mark("area", {"color": LIGHT["called"], "opacity": 1, "line": {"color": LIGHT["ink"]}}, x=x, y=y)
    dots = mark("point", {"filled": True, "size": 28, "color": LIGHT["ink"], "opacity": 1}, x=x, y=y)
    now: Spec = {"align": "left", "dx": 2, "dy": -10}  # where the curve begins there is no room at its left
    texts = [
        {"transform": [{"filter": f"{'' if first else '!'}datum.first"}]}
        | mark("text", label(baseline="bottom", **looks), x=x, y=y, text=LABEL)
        for first, looks in ((True, now), (False, {"align": "right", "dx": -5, "dy": -3}))
    ]
    marks = [shape, *({"data": style.data(told), **layer} for layer in (dots, *texts))]
    title = style.heading(narrow, "Loans reached, % of all loans", "labels: won")
    drawn = style.panel(marks, area, style.plot_width(narrow), 200 if narrow else 230, title)
    return style.finish(style.below([drawn], foot="fall of every name, without impact of sales"))


def days(result: Mapping[str, Any], narrow: bool) -> Spec:
    """The boards of the book over what is called, sold and unpaid on each day of the scenario."""
    rows: Rows = result["scenario"]["days"]
    x = day_plots.calendar(rows, narrow)
    boards = {"kospi_pct": ("KOSPI names of the book", "kospi"), "kosdaq_pct": ("KOSDAQ names of the book", "kosdaq")}
    known = {field: shown for field, shown in boards.items() if any(row.get(field) is not None for row in rows)}
    panels: list[Spec] = []
    if known:
        lines = day_plots.lines(rows, x, known, 1, 1 if narrow else 2)
        panels.append(lines | day_plots.size(narrow, 120, "Prices since the start, %"))
    for field, role, words in (
        ("under_won", "called", "Loans under maintenance at the close"),
        ("sold_won", "sold", "Sold by force on the day"),
        ("residual_won", "residual", "Unpaid, booked on the day"),
    ):
        if any(row.get(field) for row in rows):
            panels.append(day_plots.bars(rows, x, field, role, words, narrow))
    return day_plots.stack(panels)


def risk(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Quantiles of won sold and unpaid over paths, with 95 and 99 % and two standard errors of each."""
    found = result["risk"]
    statistics = {row["measure"]: row for row in found["rows"]}
    panels = [
        _quantiles(found["curve"], statistics.get(measure, {}), field, words, role, narrow)
        for measure, field, words, role in MEASURES
        if any(row.get(field) is not None for row in found["curve"])
    ]
    foot = "share of paths with as much or more" + ("" if narrow else "; bars: two standard errors each way")
    return style.finish(style.below(panels, spacing=18, foot=foot))


def _quantiles(curve: Rows, told: Mapping[str, Any], field: str, words: str, role: str, narrow: bool) -> Spec:
    """One measure over how rarely it is reached, one path in so many on a log axis: the tail has most of the room."""
    known = [(share, f"{name}_won", f"{name}_error_won") for share, name in TAIL if told.get(f"{name}_won") is not None]
    divisor, word = style.won_unit([*(row[field] for row in curve), *(told[amount] for _, amount, _ in known)])
    rows = [{"rare": 1 / (1 - row["share"]), "won": style.scaled(row[field], divisor)} for row in curve]
    dots = [
        {"rare": 1 / (1 - share), "won": told[amount] / divisor}
        | {"low": max(0.0, told[amount] - ERRORS * (told.get(error) or 0)) / divisor}
        | {"high": (told[amount] + ERRORS * (told.get(error) or 0)) / divisor}
        for share, amount, error in known
    ]
    axis = style.ticks({rare: f"{100 / rare:g} %" for rare in RARE}, grid=True)
    x = measured("rare", axis=axis, scale={"type": "log", "domain": [1, RARE[-1] * 1.1], "nice": False})
    most = max([*(row["won"] or 0 for row in rows), *(row["high"] for row in dots)]) or 1
    y = measured("won", axis=style.left_axis(), scale={"domain": [0, most * 1.04], "nice": False})
    line = mark("line", {"strokeWidth": 2.5, "color": LIGHT[role]}, x=x, y=y)
    own: Spec = {"data": style.data(dots)}
    bars = mark("rule", {"color": LIGHT["ink"], "strokeWidth": 1.6}, x=x, y=y | {"field": "low"}, y2={"field": "high"})
    points = mark("point", {"filled": True, "size": 44, "color": LIGHT["ink"], "opacity": 1}, x=x, y=y)
    lines = [
        f"{share * 100:g} % of paths: at most {with_error(told[amount], told.get(error))}"
        for share, amount, error in known
    ]
    title = style.heading(narrow, f"{words}, {word}", *(lines if narrow else ["; ".join(lines)] if lines else []))
    layers = [line, own | bars, own | points] if dots else [line]
    return style.panel(layers, rows, style.plot_width(narrow), PANEL, title)


def morning(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Sales of the next opening by name, in won and against the name's opening volume; striped where it is much of it.

    A phone has one panel, of the won, with the share of opening volume in its labels.
    """
    rows: Rows = result["morning"]
    limit = (result.get("totals") or {}).get("above_pct")
    divisor, word = style.won_unit(row["won"] for row in rows)
    names = dict(zip((row["ticker"] for row in rows), unique_names(rows), strict=True))
    striped = "" if limit is None else f"striped: above {limit:g} % of the name's opening volume"
    bars = [
        {"band": names[row["ticker"]], "won": row["won"] / divisor, "share": row.get("opening_volume_pct")}
        | {"label": wording.won_short(row["won"]), "told": _share(row), "series": _marked(is_above(row, limit))}
        for row in rows
    ]
    heading = [f"Sold at the next opening, {word}"]
    if narrow:
        both = [row | {"label": f"{row['label']} · {row['told']}"} for row in bars]
        beside = ["beside it: % of opening volume", *([f"striped: above {limit:g} % of it"] if striped else [])]
        title = style.heading(True, *heading, *beside)
        return style.finish(
            _striped(both, NARROW_NAME_ROOM, style.NARROW + style.AXIS_ROOM - NARROW_NAME_ROOM, 2.4) | {"title": title}
        )
    width = (style.WIDE + style.AXIS_ROOM - NAME_ROOM - 28) // 2
    left = _striped(bars, NAME_ROOM, width, 1.5) | {"title": style.heading(False, *heading)}
    shares = [row | {"label": row["told"], "known": row["share"] or 0} for row in bars]
    right = _striped(shares, NAME_ROOM, width, 1.5, "known")
    for layer in right["layer"]:
        layer["encoding"]["y"] = layer["encoding"]["y"] | {"axis": None}
    right |= {"title": style.heading(False, "% of the name's opening volume")}
    return style.finish(style.below([style.beside([left, right], 28)], foot=striped))


def _share(row: Mapping[str, Any]) -> str:
    share = row.get("opening_volume_pct")
    return "volume unknown" if share is None else wording.percent(share)


def unique_names(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The name of each row; two of one name have their ticker behind it, so that each has a bar of its own."""
    given = [(str(row.get("name") or row["ticker"]), str(row["ticker"])) for row in rows]
    names = [name for name, _ in given]
    return [name if names.count(name) == 1 else f"{name} ({ticker})" for name, ticker in given]
