"""A result of ``gaemi state`` in the terminal: the answer, what it rests on, where the borrowers stand."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gaemi.answers import state_sheets as standing
from gaemi.answers.terminal import assumed, fact, head, print_sheet, quiet, say

if TYPE_CHECKING:
    from rich.console import Console

FEW_STOCKS, FEW_DAYS, FEW_FAULTS = 20, 5, 10
"""Stocks, sessions and infeasible days that the terminal shows; the page and the files have more."""


def print_state(document: Mapping[str, Any], console: "Console") -> None:
    """Print a result of ``gaemi state`` (schema ``gaemi.state/1``): sentences, basis, doubts, then a table a question.

    What the document does not hold is left out.
    """
    head(document, str(document.get("title") or "State"), console)
    say(console, document.get("sentences") or [])
    for line in standing.doubts(document):
        console.print(line, style="bold red", markup=False)
    for line in (standing.layers_words(document), standing.ensemble_words(document)):
        if line:
            quiet(console, line)
    lines = standing.basis_words(document)
    if lines:
        console.print()
    for line in lines:
        quiet(console, line)
    for shown in (
        standing.markets(document),
        standing.near(document),
        standing.rates(document),
        standing.ratios(document),
        standing.ages(document),
        standing.distances(document),
        standing.call_map(document, step=10),
        standing.curve(document),
        standing.stocks(document, FEW_STOCKS),
        standing.last_days(document, FEW_DAYS),
    ):
        print_sheet(console, shown, fitted=True)
    _faults(document, console)
    if document.get("assumptions"):
        console.print()
    assumed(document, console)


def _faults(document: Mapping[str, Any], console: "Console") -> None:
    """The first infeasible days, and how many there are."""
    days = list(document.get("infeasible") or [])
    print_sheet(console, standing.infeasible({"infeasible": days[:FEW_FAULTS]}), fitted=True)
    if len(days) > FEW_FAULTS:
        console.print()
        fact(console, "Infeasible days", f"the first {FEW_FAULTS} of {len(days)}; --json and --out DIR have all.")
