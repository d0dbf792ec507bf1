"""A result of ``gaemi hindcast`` and of its score in the terminal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gaemi.answers import hindcast_sheets as past
from gaemi.answers import score_sheets as score
from gaemi.answers.spread import days_words
from gaemi.answers.state_sheets import ensemble_words, layers_words
from gaemi.answers.terminal import assumed, fact, head, print_sheet, quiet, say

if TYPE_CHECKING:
    from rich.console import Console


def print_hindcast(document: Mapping[str, Any], console: "Console") -> None:
    """Print a result of ``gaemi hindcast`` (schema ``gaemi.hindcast/1``): sentences, then each target by date.

    What the document does not hold is left out.
    """
    head(document, str(document.get("title") or "Hindcast"), console)
    say(console, document.get("sentences") or [])
    for line in (past.mode_words(document), past.known_words(document), layers_words(document)):
        if line:
            quiet(console, line)
    for prefix in past.TARGETS:
        print_sheet(console, past.target(document, prefix), fitted=True)
    print_sheet(console, past.margin_sold(document), fitted=True)
    if any(past.has(document.get("days") or [], prefix) for prefix in past.TARGETS):
        console.print()
        quiet(console, "The best baseline is the one nearest to the record, known only afterwards.")
    for shown in past.errors(document):
        print_sheet(console, shown, fitted=True)
    print_sheet(console, past.breaks(document), fitted=True)
    if document.get("assumptions"):
        console.print()
    assumed(document, console)


def print_score(document: Mapping[str, Any], console: "Console") -> None:
    """Print a result of ``gaemi hindcast --score`` (schema ``gaemi.hindcast.score/1``): its periods and boards.

    What the document does not hold is left out.
    """
    head(document, str(document.get("title") or "Score of the hindcasts"), console)
    say(console, document.get("sentences") or [])
    for line in (ensemble_words(document), layers_words(document)):
        if line:
            quiet(console, line)
    print_sheet(console, score.periods(document), fitted=True)
    for case in score.cases(document):
        if case[1] == score.TRIGGERS:
            for board in score.boards(document, case):
                print_sheet(console, board, fitted=True)
        print_sheet(console, score.methods(document, case), fitted=True)
    print_sheet(console, score.worst(document), fitted=True)
    print_sheet(console, score.lag_split(document), fitted=True)
    for name, words, shown in score.experiments(document):
        console.print()
        fact(console, name, words)
        print_sheet(console, shown, fitted=True)
    unobserved(document, console)
    print_sheet(console, score.breaks(document), fitted=True)
    if document.get("assumptions"):
        console.print()
    assumed(document, console)


def unobserved(document: Mapping[str, Any], console: "Console") -> None:
    """Print the starts of each period whose target was not observed, where they are named."""
    for each in document.get("periods") or []:
        if isinstance(each.get("unobserved"), list | tuple) and each["unobserved"]:
            console.print()
            fact(console, f"Not observed, {each.get('name') or 'a period'}", days_words(each["unobserved"]))
