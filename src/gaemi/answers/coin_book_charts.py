"""The charts of an exchange's book: what a common move closes, what accounts hold, drawn and in words."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.coin_book_sheets import is_coin_book as is_coin_book
from gaemi.answers.pictures import Picture
from gaemi.answers.plots import coin_book as plots
from gaemi.answers.plots.style import Spec

NAMES = ("coin-book-moves", "coin-book-coins")


def pictures(result: Mapping[str, Any]) -> list[Picture]:
    """The charts of an exchange's book; the one of loans only where somebody owes, that of coins always."""
    return [*([_moves(result)] if result["map"] else []), _coins(result)]


def _moves(result: Mapping[str, Any]) -> Picture:
    def draw(narrow: bool) -> Spec:
        return plots.moves(result, narrow)

    told = [f"{wording.shock(row['move_pct'])}: {wording.percent(row['share_pct'])}" for row in result["map"]]
    words = "Share of the loans that a move of all coins but dollar coins closes. " + "; ".join(told) + "."
    return Picture(NAMES[0], "Loans closed by a move of all coins at once", words, draw)


def _coins(result: Mapping[str, Any]) -> Picture:
    def draw(narrow: bool) -> Spec:
        return plots.coins(result, narrow)

    told = [f"{row['coin']}: {wording.won(row['held_won'])}" for row in result["by_coin"][: plots.MOST_COINS]]
    return Picture(NAMES[1], "Held by coin", "Won held by coin. " + "; ".join(told) + ".", draw)
