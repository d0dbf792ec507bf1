"""Where borrowers stand with the spread of the ensemble, the days that led there, and what shocks would do."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from gaemi.answers import wording
from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import common, style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured, named
from gaemi.answers.spread import band_words, mean_of, part_of
from gaemi.answers.state_sheets import CURVE, curve_figure, market_name

ROLES = {"KOSPI": "kospi", "KOSDAQ": "kosdaq"}
OTHER_ROLES = ("pledged", "residual", "with")
BAND_ROOM, BAR = 124, 12
MOST_BINS = {False: 110, True: 56}
"""Bars of flows that fit into a wide and into a narrow panel."""

RECORD, MODEL = "published", "model"
UP, DOWN = "new loans", "repaid"


def roles(rows: Rows) -> dict[str, str]:
    """The markets among the rows with their role in the palette; another name takes the next free role."""
    names = list(dict.fromkeys(market_name(row.get("market")) for row in rows))
    free = [role for role in (*ROLES.values(), *OTHER_ROLES) if role not in {ROLES.get(name) for name in names}]
    return {name: ROLES.get(name) or free.pop(0) for name in names if name in ROLES or free}


def bands(rows: Rows, ends: tuple[str, str], words: str, narrow: bool) -> Spec:
    """For each band a bar a market: its share of the market's loans, and a whisker over 90 % of the ensemble."""
    series = roles(rows)
    bars = [
        {"band": band_words(row, *ends), "series": market_name(row.get("market")), "share": row["share_pct"]}
        | {
            "low": _or(row.get("share_low_pct"), row["share_pct"]),
            "high": _or(row.get("share_high_pct"), row["share_pct"]),
        }
        | {"label": _bar_label(row, narrow)}
        for row in rows
        if row.get("share_pct") is not None and market_name(row.get("market")) in series
    ]
    most = max((row["high"] for row in bars), default=0) or 1
    scale = {"domain": [0, most * (1.3 if narrow else 1.24)], "nice": False}
    axis = {"title": None, "tickCount": 3 if narrow else 6, "grid": True, "labelFlush": False}
    names = list(dict.fromkeys(row["band"] for row in bars))
    place = {"y": named("band", sort=names, axis=style.bands(BAND_ROOM), scale={"paddingInner": 0.3})}
    place |= {"yOffset": named("series", sort=list(series))}
    x = measured("share", axis=axis, scale=scale)
    legend = {"columns": 2, "symbolType": "square"}
    bar = mark("bar", {"height": BAR}, x=x, **place, color=style.colours(series, legend))
    ink = {"color": LIGHT["ink"], "strokeWidth": 1.4}
    whisker = mark("rule", ink, x=x | {"field": "low"}, x2={"field": "high"}, **place)
    caps = [
        mark("tick", {"color": LIGHT["ink"], "thickness": 1.4, "size": 7}, x=x | {"field": end}, **place)
        for end in ("low", "high")
    ]
    text = mark("text", label(11, align="left", baseline="middle", dx=6), x=x | {"field": "high"}, **place, text=LABEL)
    width = style.plot_width(narrow) + style.AXIS_ROOM - BAND_ROOM
    height = max(1, len(names)) * (BAR + 3) * max(1, len(series)) * 10 // 8
    told = ["share of the market's loans, %", "bar: mean; line: 90 % of the ensemble"]
    title = style.heading(narrow, words, *(told if narrow else ["; ".join(told)]))
    return style.finish(style.panel([bar, whisker, *caps, text], bars, width, height, title))


def _bar_label(row: Mapping[str, Any], narrow: bool) -> str:
    share, amount = wording.percent(row["share_pct"]), mean_of(row.get("won"))
    return share if narrow or amount is None else f"{share} · {wording.won_short(amount)}"


def _or(value: Any, other: Any) -> Any:
    return other if value is None else value


def call_map(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Won that reach maintenance at each fall: the mean as a line in the range of the ensemble."""
    rows: Rows = [row for row in result["call_map"] if row.get("reached_won") is not None]
    divisor, word = style.won_unit([*(row["reached_won"] for row in rows), *(row.get("high_won") for row in rows)])
    step = 20 if narrow else 10
    points = [
        {"fall": row["fall_pct"], "won": row["reached_won"] / divisor}
        | {"low": _or(row.get("low_won"), row["reached_won"]) / divisor}
        | {"high": _or(row.get("high_won"), row["reached_won"]) / divisor}
        | {"label": style.short(row["reached_won"], divisor, word)}
        for row in rows
    ]
    told = [row for row in points if row["fall"] % step == 0 and row["fall"] > 0]
    falls = {row["fall"]: wording.shock(-row["fall"]) if row["fall"] else "now" for row in points}
    shown = {fall: words for fall, words in falls.items() if fall % step == 0}
    x = measured("fall", axis=style.ticks(shown), scale={"nice": False})
    top = max((row["high"] for row in points), default=0) or 1
    y = measured("won", axis=style.left_axis(), scale={"domain": [0, top * 1.1], "nice": False})
    area = mark("area", {"color": LIGHT["extra"], "opacity": 1}, x=x, y=y | {"field": "low"}, y2={"field": "high"})
    line = mark("line", {"color": LIGHT["with"], "strokeWidth": 2.2}, x=x, y=y)
    own: Spec = {"data": style.data(told)}
    dots = own | mark("point", {"filled": True, "size": 28, "color": LIGHT["ink"], "opacity": 1}, x=x, y=y)
    looks = label(align="right", baseline="bottom", dx=-5, dy=-3)
    text = own | mark("text", looks, x=x, y=y, text=LABEL)
    title = style.heading(narrow, f"Margin loans that reach maintenance, {word}", "line: mean; shaded: 90 % range")
    drawn = style.panel([area, line, dots, text], points, style.plot_width(narrow), 220, title)
    return style.finish(style.below([drawn], foot="fall of every name, without impact of sales"))


def curve(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Called, sold by force and unpaid at each shock: bars of the mean with a whisker over 90 % of the ensemble."""
    rows: Rows = [row | {"shock_pct": row["shock_pct"] + 0.0} for row in result["curve"]]  # no shock is 0, never -0
    shocks = [row["shock_pct"] for row in rows]
    gap = min(
        (abs(after - before) for before, after in zip(sorted(shocks), sorted(shocks)[1:], strict=False)), default=5
    )
    room = max(1.0, gap * 0.75)
    kept = [shock for place, shock in enumerate(shocks) if not narrow or len(shocks) < 7 or place % 2 == 0]
    scale = {"reverse": True, "nice": False, "padding": 0, "domain": [min(shocks) - room, max(shocks) + room]}
    x = measured("shock", axis=style.ticks({shock: wording.shock(shock) for shock in kept}), scale=scale)
    size = style.plot_width(narrow) / ((max(shocks) - min(shocks) + 2 * room) / (gap or 1)) * 0.5
    panels = [
        _curve_panel(rows, name, role, words, x, (size, narrow))
        for (words, name), role in zip(CURVE, ("called", "sold", "residual"), strict=True)
        if any(row.get(f"{name}_won") is not None for row in rows)
    ]
    foot = "shock; bar: mean; line: 90 % range" if narrow else "shock to both indices; bar: mean; line: 90 % range"
    return style.finish(style.below(panels, foot=foot))


def _curve_panel(rows: Rows, name: str, role: str, words: str, x: Spec, look: tuple[float, bool]) -> Spec:
    size, narrow = look
    known = [(row["shock_pct"], curve_figure(row, name)) for row in rows if row.get(f"{name}_won") is not None]
    divisor, word = style.won_unit(found[part] for _, found in known for part in ("mean", "high"))
    bars = [
        {"shock": shock, "won": found["mean"] / divisor}
        | {end: _or(found[end], found["mean"]) / divisor for end in ("low", "high")}
        | {"label": style.short(found["mean"], divisor, word).split()[0]}
        for shock, found in known
    ]
    top = max(row["high"] for row in bars) or 1
    y = measured("won", axis=style.left_axis(tickCount=3), scale={"domain": [0, top * 1.2], "nice": False})
    bar = mark("bar", {"size": max(3.0, size), "color": LIGHT[role]}, x=x, y=y)
    ends: dict[str, Spec] = {"y": y | {"field": "low"}, "y2": {"field": "high"}}
    whisker = mark("rule", {"color": LIGHT["ink"], "strokeWidth": 1.4}, x=x, **ends)
    text = mark("text", label(10 if narrow else 11, dy=-7), x=x, y=y | {"field": "high"}, text=LABEL)
    title = style.heading(narrow, f"{words[:1].upper()}{words[1:]}, {word}")
    return style.panel([bar, whisker, text], bars, style.plot_width(narrow), 104, title)


def days(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Each market's balance, published and of the model, over new loans, repayments and forced sales of both."""
    rows = sorted(result["days"], key=lambda row: str(row["date"]))
    dates = sorted({str(row["date"]) for row in rows})
    every: Rows = [{"date": day} for day in dates]
    x = common.date_axis(every, 4 if narrow else 7)
    places = dict(zip(dates, common.day_numbers(every), strict=True))
    panels: list[Spec] = []
    for market in roles(rows):
        own = [row for row in rows if market_name(row.get("market")) == market]
        drawn = _balance(own, market, x, places, (not panels, narrow))
        panels += [drawn] if drawn else []
    panels += _flows(rows, x, places, narrow)
    apart = {"scale": {"color": "independent", "strokeDash": "independent"}}
    return style.finish(style.below(panels, spacing=12) | {"resolve": apart})


def _balance(rows: Rows, market: str, x: Spec, places: Mapping[str, int], look: tuple[bool, bool]) -> Spec | None:
    """A market's balance: the model as a line in its band, the published figures as dots, or a line where many."""
    first, narrow = look
    fields = ("settled_won", "model_won", "low_won", "high_won")
    amounts = [mean_of(row.get(field)) for row in rows for field in fields]
    if all(amount is None for amount in amounts):
        return None
    divisor, word = style.won_unit(amounts)
    points = [
        {"day": places[str(row["date"])]} | {field: style.scaled(mean_of(row.get(field)), divisor) for field in fields}
        for row in rows
    ]
    lines = [
        {"day": row["day"], "series": name, "level": row[field]}
        for name, field in ((RECORD, "settled_won"), (MODEL, "model_won"))
        for row in points
    ]
    y = measured("level", axis=style.left_axis(), scale={"zero": False, "nice": False, "padding": 6})
    legend = {"columns": 2, "symbolType": "stroke"} if first else None
    series = {RECORD: "published", MODEL: "model"}
    own: Spec = {
        "data": style.data(row for row in points if row["low_won"] is not None and row["high_won"] is not None)
    }
    area = own | mark(
        "area", {"color": LIGHT["extra"], "opacity": 1}, x=x, y=y | {"field": "low_won"}, y2={"field": "high_won"}
    )
    line = {"data": style.data(lines)} | mark(
        "line",
        {"strokeWidth": 2},
        x=x,
        y=y,
        color=style.colours(series, legend),
        strokeDash=style.dashes(series, legend),
    )
    layers = [area, line]
    told = [{"day": row["day"], "level": row["settled_won"]} for row in points if row["settled_won"] is not None]
    if len(told) <= MOST_BINS[narrow] // 2:  # few figures stand apart, so that a line alone would not show them
        looks = {"filled": True, "size": 22, "color": LIGHT["published"], "opacity": 1}
        layers.append({"data": style.data(told)} | mark("point", looks, x=x, y=y))
    title = style.heading(
        narrow, f"Settled margin balance, {market}, {word}", *(["shaded: 90 % range"] if first else [])
    )
    return {"layer": layers, "width": style.plot_width(narrow), "height": 120, "title": title}


def _flows(rows: Rows, x: Spec, places: Mapping[str, int], narrow: bool) -> list[Spec]:
    """New loans over what is repaid, and under them forced sales: both markets, the mean session of each stretch."""
    bins = _bins(rows, places, MOST_BINS[narrow])
    length = max((row["sessions"] for row in bins), default=1)
    of = "a session" if length == 1 else f"a session, means of {length}"
    panels: list[Spec] = []
    if any(row[field] for row in bins for field in ("opened", "repaid")):
        divisor, word = style.won_unit(row[field] for row in bins for field in ("opened", "repaid"))
        bars = [
            {"day": row["day"], "to": row["to"], "series": name, "won": sign * (row[field] or 0) / divisor, "none": 0}
            for row in bins
            for name, field, sign in ((UP, "opened", 1), (DOWN, "repaid", -1))
        ]
        colour = style.colours({UP: "after", DOWN: "before"}, {"columns": 2, "symbolType": "square"})
        title = style.heading(narrow, f"New loans (up) and repaid (down), both markets, {word} {of}")
        panels.append(style.panel([_boxes(x, 4, color=colour)], bars, style.plot_width(narrow), 110, title))
    for field, role, words in (("sold", "sold", "Sold by force"), ("unpaid", "residual", "Left unpaid by sales")):
        if any(row[field] for row in bins):
            divisor, word = style.won_unit(row[field] for row in bins)
            bars = [row | {"won": (row[field] or 0) / divisor, "none": 0} for row in bins]
            boxes = _boxes(x, 3, color={"value": LIGHT[role]})
            title = style.heading(narrow, f"{words}, both markets, {word} {of}")
            panels.append(style.panel([boxes], bars, style.plot_width(narrow), 72, title))
    return panels


def _boxes(x: Spec, ticks: int, color: Spec) -> Spec:
    """A box over the sessions of each bin, from nothing to its won."""
    y = measured("won", axis=style.left_axis(tickCount=ticks), scale={"zero": True})
    return mark("rect", {"opacity": 1}, x=x, x2={"field": "to"}, y=y, y2={"field": "none"}, color=color)


def _bins(rows: Rows, places: Mapping[str, int], most: int) -> list[dict[str, Any]]:
    """Sums of both markets, averaged over as many sessions as it takes for at most ``most`` bars."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        day = found.setdefault(str(row["date"]), {"opened": 0, "repaid": 0, "sold": 0, "unpaid": 0})
        for name in ("opened", "sold", "unpaid"):
            day[name] += mean_of(row.get(f"{name}_won")) or 0
        day["repaid"] += sum(part_of(row, f"{name}_won", "mean") or 0 for name in ("repaid", "extra", "topped"))
    dates = sorted(found)
    length = max(1, -(-len(dates) // most))
    bins = []
    for start in range(0, len(dates), length):
        days = dates[start : start + length]
        after = dates[start + length] if start + length < len(dates) else None
        end = places[after] if after else places[days[-1]] + 1
        gap = (end - places[days[0]]) * 0.12
        means = {
            name: sum(found[day][name] for day in days) / len(days) for name in ("opened", "repaid", "sold", "unpaid")
        }
        bins.append({"day": places[days[0]], "to": end - gap, "sessions": len(days)} | means)
    return bins


def span_words(rows: Rows) -> str:
    """``2 January 2020 to 31 March 2020`` of the rows' dates."""
    dates = sorted(date.fromisoformat(str(row["date"])) for row in rows)
    return f"{wording.day_name(dates[0].isoformat())} to {wording.day_name(dates[-1].isoformat())}"
