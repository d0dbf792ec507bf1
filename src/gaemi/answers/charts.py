"""The door to the charts: which ones a result has, each as SVG for a page, as an SVG file, or as PNG.

The chart libraries are imported by the functions that need them, so that the command line starts at once.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from gaemi.answers import (
    account_charts,
    book_charts,
    coin_book_charts,
    coin_charts,
    hindcast_charts,
    state_charts,
    venue_charts,
    wording,
)
from gaemi.answers.language import language, spoken
from gaemi.answers.palette import LIGHT, colours, css_variables
from gaemi.answers.pictures import Picture
from gaemi.answers.plots import compare as compare_plots
from gaemi.answers.plots import country as country_plots
from gaemi.answers.plots import days as day_plots
from gaemi.answers.plots.style import FONTS, Spec
from gaemi.answers.svg import as_file, as_image, for_page
from gaemi.answers.translated import spec_in

LETTERS = Path(__file__).with_name("fonts")
"""Korean letters for pictures, which are measured and drawn without the reader's: a part of an open font."""

LEADS = ("curve", "record", "helped-hurt", *account_charts.LEADS)


def pictures(result: Mapping[str, Any]) -> list[Picture]:
    """The charts of a result of ``gaemi account``, ``book``, ``country``, ``compare``, ``state`` or ``hindcast``, in
    the order of the page.

    A chart whose data the result does not hold is left out.
    """
    if account_charts.is_account(result):
        return account_charts.pictures(result)
    if book_charts.is_book(result):
        return book_charts.pictures(result)
    if venue_charts.is_venue(result):
        return venue_charts.pictures(result)
    if coin_book_charts.is_coin_book(result):
        return coin_book_charts.pictures(result)
    if state_charts.is_state(result):
        return state_charts.pictures(result)
    if hindcast_charts.is_hindcast(result):
        return hindcast_charts.pictures(result)
    if coin_charts.is_coins(result):
        return coin_charts.pictures(result)
    if result.get("displacements"):
        return [_compare_picture(result)]
    found = [_call_map(result), _curve(result), _days(result), _who(result), _ratios(result), _record(result)]
    return [*(picture for picture in found if picture is not None), *coin_charts.pictures(result)]


def picture(result: Mapping[str, Any], name: str) -> Picture:
    """One chart by name: call-map, curve, days, who, ratios, record, helped-hurt; of an account distances, outcomes,
    thousand, fan, leverage, what-if, account-replay; of a book bands, morning, call-map, days, risk; of a state
    state-ratios, state-ages, state-distances, state-call-map, state-curve, state-days; of a hindcast hindcast-balance,
    hindcast-forced, hindcast-margin-sold; of a score score-errors, score-coverage, score-crps.
    """
    return next(found for found in pictures(result) if found.name == name)


def lead(result: Mapping[str, Any]) -> str:
    """The leading chart of a result as an SVG file: the curve, else the record, else the first that there is.

    Of an account it is the thousand, else the replay, else the distances; of a book loans by collateral ratio.
    """
    shown = pictures(result)
    assert shown, "every result has a chart"
    best = next((found for name in LEADS for found in shown if found.name == name), shown[0])
    return file_svg(best)


def page_svg(shown: Picture, narrow: bool = False) -> str:
    """The chart as an inline SVG element with text alternative and theme colours."""
    name = f"{shown.name}-{'narrow' if narrow else 'wide'}"
    return for_page(_drawn(shown, narrow), name, *told(shown))


def file_svg(shown: Picture, narrow: bool = False) -> str:
    """The chart as an SVG file of its own, in light colours."""
    return as_file(_drawn(shown, narrow), *told(shown))


def themed_svg(shown: Picture, narrow: bool = False) -> str:
    """The chart as an SVG file that is light or dark as the reader's screen is, in the colours of the language."""
    light, dark = (css_variables(colours(spoken(), shade)) for shade in ("light", "dark"))
    style = f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}text{{font-family:{FONTS[spoken()]}}}"
    return as_image(page_svg(shown, narrow), style)


def told(shown: Picture) -> tuple[str, str]:
    """Title and description of a chart, in the language that is spoken."""
    say = language(spoken()).text
    return say(shown.title), say(shown.description)


def png(shown: Picture, narrow: bool = False, dark: bool = False, scale: float = 2) -> bytes:
    """The chart as PNG on a plain ground; ``scale`` 2 suits dense screens."""
    document = json.dumps(_spec(shown, narrow) | {"background": "#14181d" if dark else "#ffffff"})
    for role, value in colours(spoken(), "dark" if dark else "light").items():
        document = document.replace(LIGHT[role], value)
    return bytes(_compiler().vegalite_to_png(document, scale=scale, allowed_base_urls=[]))


def chart(shown: Picture, narrow: bool = False) -> Any:
    """The chart as an Altair object, for notebooks and for those who want to change it."""
    import altair

    return altair.Chart.from_dict(shown.draw(narrow))


def _drawn(shown: Picture, narrow: bool) -> str:
    return str(_compiler().vegalite_to_svg(_spec(shown, narrow), allowed_base_urls=[]))


@cache
def _compiler() -> Any:
    """The compiler of charts. It has its letters before it draws anything, so that no drawing depends on an earlier."""
    import vl_convert

    vl_convert.register_font_directory(str(LETTERS))
    return vl_convert


def _spec(shown: Picture, narrow: bool) -> Spec:
    """The chart's document in the language that is spoken."""
    drawn = shown.draw(narrow)
    return dict(spec_in(language(spoken()), drawn))


def _call_map(result: Mapping[str, Any]) -> Picture | None:
    rows = result.get("call_map") or []
    if len(rows) < 2:
        return None

    def draw(narrow: bool) -> Spec:
        return country_plots.call_map(result, narrow)

    told = [
        f"{wording.won(row['reached_won'])} at a fall of {row['fall_pct']:g} %"
        for row in rows
        if row["fall_pct"] in (10, 20, 30, 40, 50)
    ]
    words = "Loans that reach maintenance as every name falls by the same per cent: " + "; ".join(told) + "."
    return Picture("call-map", "Call map", words, draw)


def _curve(result: Mapping[str, Any]) -> Picture | None:
    rows = result.get("curve") or []
    if len(rows) < 3:
        return None

    def draw(narrow: bool) -> Spec:
        return country_plots.curve(result, narrow)

    told = [
        f"shock {wording.shock(row['shock_pct'])}: fall {wording.decimal(row['fall_points'])} points, "
        f"{wording.won(row['sold_won'])} sold"
        for row in rows
        if row["shock_pct"] % 10 == 0
    ]
    words = (
        "Largest fall of KOSPI with and without the feedback of forced sales, by size of the shock. "
        + "; ".join(told)
        + "."
    )
    return Picture("curve", "Fragility curve", words, draw)


def reference_days(result: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """The days that the page shows, with their key: the reference shock's, the replay's, or the only ones."""
    days: Mapping[str, list[dict[str, Any]]] = result.get("days") or {}
    reference = result.get("reference_shock_pct")
    keys = ["replay"] if reference is None else [f"{reference:g}", str(reference), "replay"]
    key = next((key for key in keys if key in days), next(iter(days), ""))
    return key, list(days.get(key, []))


def _days(result: Mapping[str, Any]) -> Picture | None:
    _, rows = reference_days(result)
    if len(rows) < 2:
        return None

    def draw(narrow: bool) -> Spec:
        return day_plots.days(rows, narrow)

    worst = max(rows, key=lambda row: row.get("sold_won") or 0)
    sold = worst.get("sold_won") or 0
    peak = (
        f"Most is sold by force on {wording.day_name(worst['date'])}: {wording.won(sold)}."
        if sold
        else "Nothing is sold by force."
    )
    return Picture(
        "days", "The days", f"Index and forced sales from {wording.day_name(rows[0]['date'])} on. {peak}", draw
    )


def _who(result: Mapping[str, Any]) -> Picture | None:
    rows = result.get("who") or []
    if not any(row["sold_won"] for row in rows):
        return None

    def draw(narrow: bool) -> Spec:
        return country_plots.who(result, narrow)

    told = [f"{row['band']}: {wording.won(row['sold_won'])}" for row in rows]
    return Picture("who", "Who is hit", "Won sold by force by group. " + "; ".join(told) + ".", draw)


def _ratios(result: Mapping[str, Any]) -> Picture | None:
    rows = result.get("ratios") or []
    if not rows:
        return None

    def draw(narrow: bool) -> Spec:
        return country_plots.ratios(result, narrow)

    told = [
        f"{row['band']} %: {wording.won(row['before_won'])} before, {wording.won(row['after_won'])} after"
        for row in rows
    ]
    return Picture("ratios", "Collateral ratios", "Loans by collateral ratio. " + "; ".join(told) + ".", draw)


def _record(result: Mapping[str, Any]) -> Picture | None:
    rows = result.get("record") or []
    if len(rows) < 2:
        return None

    def draw(narrow: bool) -> Spec:
        return day_plots.record(rows, narrow)

    known = [row["published_forced_won"] for row in rows if row.get("published_forced_won") is not None]
    ours = [row["model_unsettled_sold_won"] for row in rows if row.get("model_unsettled_sold_won") is not None]
    sums = f"published in all {wording.won(sum(known))}, model {wording.won(sum(ours))}"
    words = f"Unsettled purchases sold by force: {sums}."
    return Picture("record", "Beside the published record", words, draw)


def _compare_picture(result: Mapping[str, Any]) -> Picture:
    def draw(narrow: bool) -> Spec:
        return compare_plots.helped_and_hurt(result, narrow)

    words = (
        "People helped and hurt by the reform in each group, for each share of barred borrowing that moves elsewhere."
    )
    return Picture("helped-hurt", "Helped and hurt", words, draw)
