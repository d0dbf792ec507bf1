"""The charts of coins: which ones a result has, and what each shows in words."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.coin_sheets import is_coins as is_coins
from gaemi.answers.pictures import Picture
from gaemi.answers.plots import coins as coin_plots
from gaemi.answers.plots.style import Spec

NAMES = ("coin-liquidations", "coin-bands")


def pictures(result: Mapping[str, Any]) -> list[Picture]:
    """The charts of a replay of coins, or of the coins of a country's result; one without data is left out."""
    part = result if is_coins(result) else result.get("coins") or {}
    found = [_liquidations(part), _bands(part)]
    return [picture for picture in found if picture is not None]


def _liquidations(part: Mapping[str, Any]) -> Picture | None:
    rows = part.get("liquidations") or []
    if not any(row["long_dollars"] or row["short_dollars"] for row in rows):
        return None

    def draw(narrow: bool) -> Spec:
        return coin_plots.liquidations(rows, narrow)

    most = max(rows, key=lambda row: row["long_dollars"] + row["short_dollars"])
    long, short = (sum(row[field] for row in rows) for field in ("long_dollars", "short_dollars"))
    words = (
        f"Positions closed by venues from {rows[0]['time']} to {rows[-1]['time']} UTC: "
        f"long {long / 1e9:.1f} bn dollars, short {short / 1e9:.1f} bn; most at {most['time']}."
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
