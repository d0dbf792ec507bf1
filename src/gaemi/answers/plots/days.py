"""The days of a scenario, and a replay beside the published record, as panels over one calendar."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import altair as alt

from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import style
from gaemi.answers.plots.style import Rows


def _short_day(text: str) -> str:
    on = date.fromisoformat(text)
    return f"{on.day} {on:%b}"


def _calendar(rows: Rows, narrow: bool) -> Any:
    """The shared horizontal axis: sessions in order, a few of them named."""
    wanted = 4 if narrow else 7
    step = max(1, -(-(len(rows) - 1) // (wanted - 1)))
    named = {number: _short_day(row["date"]) for number, row in enumerate(rows) if number % step == 0}
    axis = dict(values=list(named), labelExpr=style.lookup(named), grid=True, title=None, labelFlush=False)
    return alt.X("number:Q", axis=axis, scale=dict(domain=[-0.7, len(rows) - 0.3], nice=False, padding=0))


def _lines(rows: Rows, x: Any, series: Mapping[str, tuple[str, str]], divisor: float, columns: int) -> Any:
    """Lines of the fields in ``series`` (field: name, role), the second dashed, with a legend unless ``columns`` is 0.

    A day that is not known breaks its line, so that nothing is drawn where nothing was published.
    """
    names = {name: role for name, role in series.values()}
    long = [
        {"number": number, "series": name, "level": style.scaled(row.get(field), divisor)}
        for number, row in enumerate(rows)
        for field, (name, _) in series.items()
    ]
    legend = dict(columns=columns, symbolType="stroke") if columns else None
    dashes = [[1, 0], [5, 4]]
    return (
        alt.Chart(style.data(long))
        .mark_line(strokeWidth=2.2)
        .encode(
            x=x,
            y=alt.Y("level:Q", axis=style.left_axis(), scale=dict(zero=False)),
            color=alt.Color("series:N", scale=style.colours(names), legend=legend),
            strokeDash=alt.StrokeDash("series:N", scale=dict(domain=list(names), range=dashes), legend=legend),
        )
    )


def _bars(rows: Rows, x: Any, field: str, role: str, narrow: bool) -> tuple[Any, str]:
    """Bars of one amount a day, the largest of them labelled, and the word of their unit."""
    amounts = [row.get(field) for row in rows]
    divisor, word = style.won_unit(amounts)
    most = max((amount for amount in amounts if amount is not None), default=0)
    bars = [
        {
            "number": number,
            "won": amount / divisor,
            "label": style.short(amount, divisor, word) if amount and amount == most else "",
        }
        for number, amount in enumerate(amounts)
        if amount is not None
    ]
    base = alt.Chart(style.data(bars)).encode(x=x, y=alt.Y("won:Q", axis=style.left_axis(tickCount=3)))
    size = max(2.0, style.plot_width(narrow) / max(1, len(rows)) * 0.68)
    bar = base.mark_bar(size=size, color=LIGHT[role])
    text = base.mark_text(dy=-7, fontSize=11.5, color=LIGHT["ink"]).encode(text=alt.Text("label:N"))
    return bar + text, word


def _stack(panels: list[tuple[Any, str, int]], narrow: bool) -> Any:
    width = style.plot_width(narrow)
    drawn = [
        panel.properties(width=width, height=height, title=style.heading(narrow, words))
        for panel, words, height in panels
    ]
    return style.finish(alt.vconcat(*drawn, spacing=12).resolve_scale(color="independent", strokeDash="independent"))


def days(rows: Rows, narrow: bool) -> Any:
    """Both indices, with and without feedback where the two differ, over the won under maintenance, sold and unpaid."""
    x = _calendar(rows, narrow)
    panels = []
    two_paths = any(row.get("kospi_no_feedback") not in (None, row.get("kospi")) for row in rows)
    for market, name in (("kospi", "KOSPI"), ("kosdaq", "KOSDAQ")):
        if any(row.get(market) is not None for row in rows):
            series = {market: ("with feedback of the sales", "with")}
            if two_paths:
                series[f"{market}_no_feedback"] = ("the shock alone", "without")
            columns = (1 if narrow else 2) if market == "kospi" and two_paths else 0
            panels.append((_lines(rows, x, series, 1, columns), name, 150 if market == "kospi" else 110))
    for field, role, words in (
        ("under_won", "called", "Loans under maintenance at the close"),
        ("sold_won", "sold", "Sold by force on the day"),
        ("residual_won", "residual", "Residual debt booked"),
    ):
        if any(row.get(field) for row in rows):
            panel, word = _bars(rows, x, field, role, narrow)
            panels.append((panel, f"{words}, {word}", 84))
    return _stack(panels, narrow)


def record(rows: Rows, narrow: bool) -> Any:
    """A replay beside what was published, each channel against the same channel, balances as settled."""
    x = _calendar(rows, narrow)
    panels = []
    unsettled = {
        "published_forced_won": ("published", "published"),
        "model_unsettled_sold_won": ("model", "model"),
    }
    divisor, word = style.won_unit(row.get(field) for row in rows for field in unsettled)
    panels.append(
        (_lines(rows, x, unsettled, divisor, 2), f"Unsettled purchases sold by force on the day, {word}", 120)
    )
    if any(row.get("model_margin_sold_won") for row in rows):
        panel, word = _bars(rows, x, "model_margin_sold_won", "sold", narrow)
        panels.append((panel, f"Margin loans sold by force, model only, {word}", 90))
    for market, name in (("kospi", "KOSPI"), ("kosdaq", "KOSDAQ")):
        balance = {
            f"published_margin_{market}_won": ("published", "published"),
            f"model_margin_{market}_settled_won": ("model", "model"),
        }
        amounts = [row.get(field) for row in rows for field in balance]
        if any(amount is not None for amount in amounts):
            divisor, word = style.won_unit(amounts)
            panels.append((_lines(rows, x, balance, divisor, 0), f"Settled margin balance, {name}, {word}", 130))
    return _stack(panels, narrow)
