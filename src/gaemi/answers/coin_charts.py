"""The charts of coins: which ones a result has, and what each shows in words."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.coin_sheets import is_coins as is_coins
from gaemi.answers.pictures import Picture
from gaemi.answers.plots import coins as coin_plots
from gaemi.answers.plots import terra as terra_plots
from gaemi.answers.plots.style import Spec

NAMES = ("terra-supply", "terra-peg", "coin-liquidations", "coin-bands")


def pictures(result: Mapping[str, Any]) -> list[Picture]:
    """The charts of a replay of coins, or of the coins of a country's result; one without data is left out."""
    part = result if is_coins(result) else result.get("coins") or {}
    found = [_supply(part), _peg(part), _liquidations(part), _bands(part)]
    return [picture for picture in found if picture is not None]


def _supply(part: Mapping[str, Any]) -> Picture | None:
    rows = part.get("rows") or []
    if not rows or "hours" not in part:
        return None

    def draw(narrow: bool) -> Spec:
        return terra_plots.supply(part, narrow)

    told = [f"{row['date']}: model x{row['times_model']:,.3g}, record x{row['times_record']:,.3g}" for row in rows]
    words = "LUNA's supply over that before the run, on a logarithmic axis. " + "; ".join(told) + "."
    return Picture("terra-supply", "LUNA's supply, model and record", words, draw)


def _peg(part: Mapping[str, Any]) -> Picture | None:
    rows = part.get("hours") or []
    if not rows:
        return None

    def draw(narrow: bool) -> Spec:
        return terra_plots.peg(part, narrow)

    most = max(rows, key=lambda row: row["spread_pct"])
    words = (
        f"The module's spread and UST's price by the hour from {rows[0]['time']} to {rows[-1]['time']} UTC; the spread "
        f"is largest, {wording.percent(most['spread_pct'])}, at {most['time']}."
    )
    return Picture("terra-peg", "Spread of the module and price of UST", words, draw)


def _liquidations(part: Mapping[str, Any]) -> Picture | None:
    rows = part.get("liquidations") or []
    if not any(row["long_pct"] or row["short_pct"] for row in rows):
        return None

    def draw(narrow: bool) -> Spec:
        return coin_plots.liquidations(rows, narrow)

    most = max(rows, key=lambda row: row["long_pct"] + row["short_pct"])
    long, short = (sum(row[field] for row in rows) for field in ("long_pct", "short_pct"))
    words = (
        f"Positions closed by venues from {rows[0]['time']} to {rows[-1]['time']} UTC: "
        f"{wording.percent(long)} long and {wording.percent(short)} short; most in the step to {most['time']}."
    )
    return Picture("coin-liquidations", "Positions closed by venues", words, draw)


def _bands(part: Mapping[str, Any]) -> Picture | None:
    rows = part.get("bands") or []
    if not rows:
        return None

    def draw(narrow: bool) -> Spec:
        return coin_plots.bands(rows, narrow)

    told = [f"{row['band']}: {wording.won(row['before_won'])}, then {wording.won(row['after_won'])}" for row in rows]
    return Picture(
        "coin-bands", "Held by size of account", "Won held by size of account: " + "; ".join(told) + ".", draw
    )
