"""The chart of a venue's book: what a common move closes, drawn and in words."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.pictures import Picture
from gaemi.answers.plots import venue as venue_plots
from gaemi.answers.plots.style import Spec
from gaemi.answers.venue_sheets import is_venue as is_venue

NAMES = ("venue-moves",)


def pictures(result: Mapping[str, Any]) -> list[Picture]:
    """The one chart of a venue's book, which every one has."""

    def draw(narrow: bool) -> Spec:
        return venue_plots.moves(result, narrow)

    told = [f"{wording.shock(row['move_pct'])}: {wording.percent(row['share_pct'])}" for row in result["map"]]
    words = "Share of the open positions that a move of all coins at once liquidates. " + "; ".join(told) + "."
    return [Picture(NAMES[0], "Liquidated by a move of all coins at once", words, draw)]
