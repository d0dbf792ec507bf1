"""The days of a scenario, and a replay beside the published record, as panels over one calendar."""

from collections.abc import Mapping
from datetime import date

from gaemi.answers.palette import LIGHT
from gaemi.answers.plots import style
from gaemi.answers.plots.style import LABEL, Rows, Spec, label, mark, measured

AMOUNTS = (
    ("under_won", "called", "Loans under maintenance at the close"),
    ("sold_won", "sold", "Sold by force on the day"),
    ("residual_won", "residual", "Residual debt booked"),
)


def days(rows: Rows, narrow: bool) -> Spec:
    """Both indices, with and without feedback where the two differ, over the won under maintenance, sold and unpaid."""
    x = calendar(rows, narrow)
    panels = []
    two_paths = any(row.get("kospi_no_feedback") not in (None, row.get("kospi")) for row in rows)
    for market, name, height in (("kospi", "KOSPI", 150), ("kosdaq", "KOSDAQ", 110)):
        if any(row.get(market) is not None for row in rows):
            series = {market: ("with feedback of the sales", "with")}
            if two_paths:
                series[f"{market}_no_feedback"] = ("the shock alone", "without")
            columns = (1 if narrow else 2) if market == "kospi" and two_paths else 0
            panels.append(lines(rows, x, series, 1, columns) | size(narrow, height, name))
    for field, role, words in AMOUNTS:
        if any(row.get(field) for row in rows):
            panels.append(bars(rows, x, field, role, words, narrow))
    return stack(panels)


def record(rows: Rows, narrow: bool) -> Spec:
    """A replay beside what was published, each channel against the same channel, balances as settled."""
    x = calendar(rows, narrow)
    unsettled = {"published_forced_won": ("published", "published"), "model_unsettled_sold_won": ("model", "model")}
    divisor, word = style.won_unit(row.get(field) for row in rows for field in unsettled)
    words = f"Unsettled purchases sold by force on the day, {word}"
    panels = [lines(rows, x, unsettled, divisor, 2) | size(narrow, 120, words)]
    if any(row.get("model_margin_sold_won") for row in rows):
        words = "Margin loans sold by force, model only"
        panels.append(bars(rows, x, "model_margin_sold_won", "sold", words, narrow))
    for market in ("kospi", "kosdaq"):
        balance = {
            f"published_margin_{market}_won": ("published", "published"),
            f"model_margin_{market}_settled_won": ("model", "model"),
        }
        amounts = [row.get(field) for row in rows for field in balance]
        if any(amount is not None for amount in amounts):
            divisor, word = style.won_unit(amounts)
            words = f"Settled margin balance, {market.upper()}, {word}"
            panels.append(lines(rows, x, balance, divisor, 0) | size(narrow, 130, words))
    return stack(panels)


def stack(panels: list[Spec]) -> Spec:
    apart = {"scale": {"color": "independent", "strokeDash": "independent"}}
    return style.finish(style.below(panels, spacing=12) | {"resolve": apart})


def size(narrow: bool, height: int, words: str) -> Spec:
    return {"width": style.plot_width(narrow), "height": height, "title": style.heading(narrow, words)}


def calendar(rows: Rows, narrow: bool) -> Spec:
    """The shared horizontal axis: sessions in order, a few of them named."""
    wanted = 4 if narrow else 7
    step = max(1, -(-(len(rows) - 1) // (wanted - 1)))
    told: dict[float, str] = {i: _short_day(row["date"]) for i, row in enumerate(rows) if i % step == 0}
    scale = {"domain": [-0.7, len(rows) - 0.3], "nice": False, "padding": 0}
    return measured("number", axis=style.ticks(told, grid=True), scale=scale)


def _short_day(text: str) -> str:
    on = date.fromisoformat(text)
    return f"{on.day} {on:%b}"


def lines(rows: Rows, x: Spec, series: Mapping[str, tuple[str, str]], divisor: float, columns: int) -> Spec:
    """Lines of the fields in ``series`` (field: name, role), the second dashed, with a legend unless ``columns`` is 0.

    A day that is not known breaks its line, so that nothing is drawn where nothing was published.
    """
    names = {name: role for name, role in series.values()}
    levels = [
        {"number": number, "series": name, "level": style.scaled(row.get(field), divisor)}
        for number, row in enumerate(rows)
        for field, (name, _) in series.items()
    ]
    legend = {"columns": columns, "symbolType": "stroke"} if columns else None
    y = measured("level", axis=style.left_axis(), scale={"zero": False})
    colour, dash = style.colours(names, legend), style.dashes(names, legend)
    drawn = mark("line", {"strokeWidth": 2.2}, x=x, y=y, color=colour, strokeDash=dash)
    return {"data": style.data(levels), **drawn}


def bars(rows: Rows, x: Spec, field: str, role: str, words: str, narrow: bool) -> Spec:
    """Bars of one amount a day, the largest of them labelled."""
    amounts = [row.get(field) for row in rows]
    divisor, word = style.won_unit(amounts)
    most = max((amount for amount in amounts if amount is not None), default=0)
    first = amounts.index(most)
    bars = [
        {"number": i, "won": amount / divisor, "label": style.short(amount, divisor, word) if i == first else ""}
        for i, amount in enumerate(amounts)
        if amount is not None
    ]
    width = style.plot_width(narrow)
    y = measured("won", axis=style.left_axis(tickCount=3))
    bar = mark("bar", {"size": max(2.0, width / len(rows) * 0.68), "color": LIGHT[role]}, x=x, y=y)
    text = mark("text", label(11.5, dy=-7), x=x, y=y, text=LABEL)
    return style.panel([bar, text], bars, width, 84, style.heading(narrow, f"{words}, {word}"))
