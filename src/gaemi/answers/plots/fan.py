"""Net worth over time: the fan of the paths, and an account on the days of an episode."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gaemi.answers import wording
from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import common, style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured

QUANTILES = ("p5", "p25", "p50", "p75", "p95")
MEDIAN = "median"
BANDS = {"5 to 95 in 100 paths": ("p5", "p95", "outer"), "25 to 75 in 100 paths": ("p25", "p75", "inner")}
LOG_FROM = 20
"""The axis is logarithmic where the upper end of the fan is more than so many times the lower end."""

CALLED, SOLD = "called at the close", "sold by force"
DRIFTS = ("risk-free", "long-run")
END_ROOM = 64
HIGHEST_RATIO = 3
"""Ratios of more than so many times maintenance are not drawn: a loan nearly repaid has a ratio without bound."""


@dataclass(frozen=True, slots=True)
class WonAxis:
    """A vertical axis of won: its ends in won, its scale, its unit, and its height in pixels."""

    low: float
    top: float
    logarithmic: bool
    divisor: int
    word: str
    height: int

    def encoding(self, name: str) -> Spec:
        """The encoding of an amount in the unit of the axis."""
        scale: Spec = {"domain": [self.low / self.divisor, self.top / self.divisor], "nice": False, "zero": False}
        axis = style.left_axis(tickCount=5)
        if self.logarithmic:
            scale |= {"type": "log"}
            axis |= {"values": self._steps()}
        return measured(name, scale=scale, axis=axis)

    def pixel(self, amount: float) -> float:
        """How far under the top the amount stands."""
        ends = (self.low, self.top, amount)
        low, top, at = (math.log(end) for end in ends) if self.logarithmic else ends
        return (top - at) / (top - low) * self.height

    def _steps(self) -> list[float]:
        low, top = self.low / self.divisor, self.top / self.divisor
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(top)) + 1)
        few = (1,) if len(powers) > 4 else (1, 3) if len(powers) > 3 else (1, 2, 5)
        return [float(f"{digit}e{power}") for power in powers for digit in few if low <= digit * 10.0**power <= top]


def fan(result: Mapping[str, Any], narrow: bool) -> Spec:
    """Bands and median of net worth at the risk-free and at the long-run drift, on one axis, with the goal."""
    cases = shown_cases(result)
    goal = (result.get("goal") or {}).get("won")
    amounts = [row[name] for case in cases for row in case["fan"] for name in QUANTILES]
    divisor, word = style.won_unit([*amounts, goal])
    logarithmic = is_logarithmic(cases)
    low = min(amounts) * 0.9 if logarithmic else min(0, *amounts) * 1.08
    top = max([*amounts, goal or 0])
    axis = WonAxis(low, top * (1.25 if logarithmic else 1.08), logarithmic, divisor, word, 190 if narrow else 240)
    panels = []
    for number, case in enumerate(cases):
        drift = common.drift_words(result, case["drift"])
        title = style.heading(narrow, drift, f"net worth, {word}{', log scale' if logarithmic else ''}")
        panels.append(_fan(case, axis, goal, number == 0, narrow) | {"title": title})
    return style.finish(style.below(panels, spacing=18) if narrow else style.beside(panels, spacing=10))


def shown_cases(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The odds whose fans are drawn: risk-free and long-run, else the first two."""
    odds = list(result["odds"])
    return [case for case in odds if case["drift"] in DRIFTS] or odds[:2]


def is_logarithmic(cases: Rows) -> bool:
    """Whether the ends of a fan lie more than :data:`LOG_FROM` times apart, and no amount is 0 or under."""
    least = min(row[name] for case in cases for row in case["fan"] for name in QUANTILES)
    return bool(least > 0 and any(case["end"]["p95"] > LOG_FROM * case["end"]["p5"] for case in cases))


def _fan(case: Mapping[str, Any], axis: WonAxis, goal: int | None, first: bool, narrow: bool) -> Spec:
    rows: Rows = case["fan"]
    width = style.plot_width(narrow) - END_ROOM if narrow else (style.WIDE - style.AXIS_ROOM) // 2 - END_ROOM
    days = common.day_numbers(rows)
    x = common.date_axis(rows, 4 if narrow else 5)
    bands = [
        {"day": day, "series": name, "low": row[low] / axis.divisor, "high": row[high] / axis.divisor}
        for name, (low, high, _) in BANDS.items()
        for day, row in zip(days, rows, strict=True)
    ]
    medians = [
        {"day": day, "series": MEDIAN, "high": row["p50"] / axis.divisor} for day, row in zip(days, rows, strict=True)
    ]
    legend = {"columns": 1 if narrow else 3, "symbolType": "square"} if first else None
    roles = {name: role for name, (_, _, role) in BANDS.items()} | {MEDIAN: "riskfree"}
    colour = style.colours(roles, legend)
    y = axis.encoding("high")
    area = mark("area", {"opacity": 1}, x=x, y=y, y2={"field": "low"}, color=colour)
    line = {"data": style.data(medians)} | mark("line", {"strokeWidth": 2.2}, x=x, y=y, color=colour)
    layers = [area, line, *_ends(case, axis, width), *_goal(axis, goal)]
    return style.panel(layers, bands, width, axis.height, {})


def _ends(case: Mapping[str, Any], axis: WonAxis, width: int) -> list[Spec]:
    """The quantiles at the end in words, at the right of the panel, highest first; equal ones are told once."""
    amounts = {case["end"][name]: name == "p50" for name in reversed(QUANTILES)}
    heights = common.apart([axis.pixel(amount) for amount in amounts], 14, 0, axis.height)
    rows = [
        {"height": height, "median": median, "label": wording.won_short(amount)}
        for (amount, median), height in zip(amounts.items(), heights, strict=True)
    ]
    y = measured("height", scale=None, axis=None)
    texts = []
    for median, weight in ((True, 600), (False, 400)):
        looks = label(11.5, align="left", baseline="middle", dx=6, fontWeight=weight)
        text = mark("text", looks, x={"value": width}, y=y, text=LABEL)
        texts.append({"data": style.data(row for row in rows if row["median"] is median)} | text)
    return texts


def _goal(axis: WonAxis, goal: int | None) -> list[Spec]:
    """A dashed line at the goal with its words over it at the left; nothing without a goal."""
    if goal is None:
        return []
    rows = style.data([{"high": goal / axis.divisor, "label": f"goal {wording.won_short(goal)}"}])
    y = axis.encoding("high")
    line = mark("rule", {"color": LIGHT["ink"], "strokeDash": [5, 4], "strokeWidth": 1.3}, y=y)
    text = mark("text", label(11.5, align="left", baseline="bottom", dx=4, dy=-3), x={"value": 0}, y=y, text=LABEL)
    return [{"data": rows} | line, {"data": rows} | text]


def account_replay(result: Mapping[str, Any], narrow: bool) -> Spec:
    """The ratio of each pool by day against maintenance, with days of calls and sales, over net worth."""
    rows: Rows = result["replay"]["days"]
    panels = [_ratios(result, rows, pool, narrow) for pool in replay_pools(rows)]
    amounts = [row["net_worth_won"] for row in rows]
    divisor, word = style.won_unit(amounts)
    worth = [
        {"day": day, "won": amount / divisor} for day, amount in zip(common.day_numbers(rows), amounts, strict=True)
    ]
    x = common.date_axis(rows, 4 if narrow else 7)
    y = measured("won", axis=style.left_axis(), scale={"domainMin": min(0, *amounts) / divisor})
    line = mark("line", {"color": LIGHT["riskfree"], "strokeWidth": 2.2}, x=x, y=y)
    title = style.heading(narrow, f"Net worth, {word}")
    panels.append(style.panel([*_sale_days(rows, x), line], worth, style.plot_width(narrow), 120, title))
    return style.finish(style.below(panels, spacing=14))


def replay_pools(rows: Rows) -> list[str]:
    """The pools that have a ratio on any day, in the order of the document."""
    names = dict.fromkeys(name for row in rows for name in row["pools"])
    return [name for name in names if any(row["pools"].get(name) is not None for row in rows)]


def _ratios(result: Mapping[str, Any], rows: Rows, pool: str, narrow: bool) -> Spec:
    maintenance = maintenance_pct(result, pool)
    days = common.day_numbers(rows)
    highest = maintenance * HIGHEST_RATIO
    ratios = [row["pools"].get(pool) for row in rows]
    levels = [
        {"day": day, "ratio": None if ratio is None or ratio > highest else ratio}
        for day, ratio in zip(days, ratios, strict=True)
    ]
    x = common.date_axis(rows, 4 if narrow else 7)
    y = measured("ratio", axis=style.left_axis(), scale={"zero": False, "padding": 8})
    line = mark("line", {"color": LIGHT["riskfree"], "strokeWidth": 2.2}, x=x, y=y)
    limit = style.data([{"ratio": maintenance}])
    rule = mark("rule", {"color": LIGHT["ink"], "strokeDash": [5, 4], "strokeWidth": 1.3}, y=y)
    words = [f"Ratio of the pool {pool}, %; dashed: maintenance, {maintenance:g} %"]
    if any(ratio is not None and ratio > highest for ratio in ratios):
        words.append(f"ratios over {highest:g} % are not drawn")
    mine = [bool(row["sold"]) and pool in sold_pools(result, row["sold"]) for row in rows]
    dots = _events(rows, levels, mine, maintenance, {"x": x, "y": y})
    layers = [*_sale_days(rows, x), line, {"data": limit} | rule, *dots]
    return style.panel(layers, levels, style.plot_width(narrow), 170, style.heading(narrow, *words))


def _events(rows: Rows, levels: Rows, sold: list[bool], maintenance: float, place: dict[str, Spec]) -> list[Spec]:
    """Dots on the days on which the pool was under maintenance at a call, and on those on which it was sold from."""
    happened = []
    for row, point, was_sold in zip(rows, levels, sold, strict=True):
        if point["ratio"] is not None and row["called"] and point["ratio"] < maintenance:
            happened.append({**point, "series": CALLED})
        if point["ratio"] is not None and was_sold:
            happened.append({**point, "series": SOLD})
    if not happened:
        return []
    colour = style.colours({CALLED: "called", SOLD: "sold"}, {"columns": 2, "symbolType": "circle"})
    dots = mark("point", {"filled": True, "size": 64, "opacity": 1}, **place, color=colour)
    return [{"data": style.data(happened)} | dots]


def sold_pools(result: Mapping[str, Any], sold: Rows) -> set[str]:
    """The pools that hold any of the names sold."""
    tickers = {row["ticker"] for row in sold}
    return {row["pool"] for row in result["holdings"] if row["ticker"] in tickers}


def maintenance_pct(result: Mapping[str, Any], pool: str) -> float:
    """Maintenance of the pool, or of the firm where the pool is not listed."""
    found = [row["maintenance_pct"] for row in result.get("pools") or [] if row["pool"] == pool]
    return float(found[0] if found else result["firm"]["maintenance_pct"])


def _sale_days(rows: Rows, x: Spec) -> list[Spec]:
    """A quiet upright line on each day of a sale."""
    sold = [{"day": day} for day, row in zip(common.day_numbers(rows), rows, strict=True) if row["sold"]]
    return [{"data": style.data(sold)} | mark("rule", {"color": LIGHT["grid"], "strokeWidth": 2}, x=x)] if sold else []
