"""The charts of ``gaemi state``: which ones a result has, and what each shows in words."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.pictures import Picture
from gaemi.answers.plots import state as state_plots
from gaemi.answers.plots.style import Spec
from gaemi.answers.spread import band_words, mean_of, ranged, until
from gaemi.answers.state_sheets import by_market, curve_figure

SCHEMA = "gaemi.state/"
BANDS = (
    ("state-ratios", "ratios", ("low_pct", "high_pct"), "Loans by collateral ratio, %"),
    ("state-ages", "ages", ("age_low", "age_high"), "Loans by age, sessions"),
    (
        "state-distances",
        "distances",
        ("fall_low_pct", "fall_high_pct"),
        "Loans by the fall of their stock at which they are called, %",
    ),
)
"""Charts of shares by band: name, field, ends of a band, and the heading, in which the unit of a band stands last."""


def is_state(result: Mapping[str, Any]) -> bool:
    """Whether the result is one of ``gaemi state``."""
    return str(result.get("schema", "")).startswith(SCHEMA)


def pictures(result: Mapping[str, Any]) -> list[Picture]:
    """The charts of a result of ``gaemi state``, in the order of the page; one without data is left out."""
    found = [_bands(result, *each) for each in BANDS]
    found += [_call_map(result), _curve(result), _days(result)]
    return [picture for picture in found if picture is not None]


def _bands(result: Mapping[str, Any], name: str, field: str, ends: tuple[str, str], heading: str) -> Picture | None:
    rows = [row for row in result.get(field) or [] if row.get("share_pct") is not None]
    if not rows:
        return None

    def draw(narrow: bool) -> Spec:
        return state_plots.bands(rows, ends, heading, narrow)

    told = []
    for market, group in by_market(rows).items():
        shares = [f"{band_words(row, *ends)}: {_share(row)}" for row in group]
        told.append(f"{market} {', '.join(shares)}")
    title = heading.rsplit(",", 1)[0]
    words = f"{heading}: share of each market's loans, with 90 % of the ensemble in brackets. "
    return Picture(name, title, words + "; ".join(told) + ".", draw)


def _share(row: Mapping[str, Any]) -> str:
    found = {"mean": row["share_pct"], "low": row.get("share_low_pct"), "high": row.get("share_high_pct")}
    return ranged(found, wording.percent)


def _call_map(result: Mapping[str, Any]) -> Picture | None:
    rows = [row for row in result.get("call_map") or [] if row.get("reached_won") is not None]
    if len(rows) < 2:
        return None

    def draw(narrow: bool) -> Spec:
        return state_plots.call_map(result, narrow)

    told = [
        f"{wording.won(row['reached_won'])} ({until(row.get('low_won'), row.get('high_won'), wording.won_short)}) "
        f"at a fall of {row['fall_pct']:g} %"
        for row in rows
        if row["fall_pct"] % 10 == 0
    ]
    words = "Margin loans that reach maintenance as every name falls by the same per cent, mean and 90 % range: "
    return Picture("state-call-map", "Call map", words + "; ".join(told) + ".", draw)


def _curve(result: Mapping[str, Any]) -> Picture | None:
    rows = result.get("curve") or []
    if len(rows) < 2 or not any(row.get("sold_won") is not None for row in rows):
        return None

    def draw(narrow: bool) -> Spec:
        return state_plots.curve(result, narrow)

    told = [
        f"shock {wording.shock(row['shock_pct'])}: {ranged(curve_figure(row, 'sold'), wording.won)} sold"
        for row in rows
    ]
    words = "Called, sold by force and unpaid by size of the shock, mean and 90 % of the ensemble. "
    return Picture("state-curve", "Shock by shock", words + "; ".join(told) + ".", draw)


def _days(result: Mapping[str, Any]) -> Picture | None:
    rows = [row for row in result.get("days") or [] if row.get("date")]
    if len({row["date"] for row in rows}) < 2:
        return None

    def draw(narrow: bool) -> Spec:
        return state_plots.days(result, narrow)

    told = []
    for market, group in by_market(rows).items():
        known = [(row["date"], row["settled_won"]) for row in group if row.get("settled_won") is not None]
        ends = "; ".join(f"{wording.won(amount)} on {wording.day_name(day)}" for day, amount in _ends(known))
        sold = sum(mean_of(row.get("sold_won")) or 0 for row in group)
        published = f"published {ends}" if ends else "no balance published"
        told.append(f"{market}: {published}; in all {wording.won(sold)} sold by force in the model")
    words = f"Balances, new loans, repayments and forced sales from {state_plots.span_words(rows)}. "
    return Picture("state-days", "The days that led here", words + ". ".join(told) + ".", draw)


def _ends(known: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return [known[0], known[-1]] if len(known) > 1 else known
