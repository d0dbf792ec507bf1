"""A result of ``gaemi book`` in the terminal: the answer, the rows read, where the book stands, its stresses."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gaemi.answers import book_sheets as standing
from gaemi.answers import book_stress_sheets as stress
from gaemi.answers import coin_book_sheets, venue_sheets
from gaemi.answers.sheets import Sheet
from gaemi.answers.terminal import assumed, fact, head, print_sheet, quiet, say

if TYPE_CHECKING:
    from rich.console import Console

IF_NOBODY = "If nobody adds money or sells first (mechanical layer): an upper bound, never a forecast."
FEW_REJECTS, FEW_ROWS, FEW_DAYS = 5, 20, 25
"""Rejects, rows of a long table and days of a scenario that the terminal shows; the page and the files have more."""


def print_book(document: Mapping[str, Any], console: "Console") -> None:
    """Print a result of ``gaemi book`` (schema ``gaemi.book/1``): sentences, rows read, then a table a question.

    The books of a coin venue (schema ``gaemi.venue/1``) and of an exchange (``gaemi.coin-book/1``) have their own.
    """
    if venue_sheets.is_venue(document):
        venue_sheets.print_venue(document, console)
        return
    if coin_book_sheets.is_coin_book(document):
        coin_book_sheets.print_coin_book(document, console)
        return
    head(document, str(document.get("title") or "Book"), console)
    say(console, document["sentences"])
    if list(document.get("layers") or []) == ["mechanical"]:
        quiet(console, IF_NOBODY)
    if standing.basis(document):
        quiet(console, standing.basis(document))
    _rows(document, console)
    _standing(document, console)
    _scenario(document, console)
    for shown in stress.groups(document, FEW_ROWS):
        _sheet(console, shown)
    _breaks(document, console)
    _risk(document, console)
    _notes(document, console)
    assumed(document, console)


def print_validation(document: Mapping[str, Any], console: "Console") -> None:
    """Print a result of ``gaemi book --validate`` (schema ``gaemi.book-validation/1``): rows, rejects, the verdict."""
    head(document, str(document.get("title") or "Book"), console)
    say(console, document["sentences"])
    _sheet(console, standing.rows(document))
    _unused(document, console)
    _rejects(document, console, len(document.get("rejects") or []))
    _notes(document, console)
    console.print()
    passed = bool(document.get("passed"))
    console.print(
        "The book passed." if passed else "The book did NOT pass.", style="bold green" if passed else "bold red"
    )


def _sheet(console: "Console", shown: Sheet | None) -> None:
    print_sheet(console, shown, fitted=True)


def _title(console: "Console", words: str) -> None:
    console.print()
    console.print(words, style="bold underline", markup=False)


def _rows(document: Mapping[str, Any], console: "Console") -> None:
    console.print()
    if document.get("rows"):
        fact(console, "Rows read = accepted + rejected", standing.rows_words(document))
    _unused(document, console)
    _rejects(document, console, FEW_REJECTS)


def _unused(document: Mapping[str, Any], console: "Console") -> None:
    if document.get("unused"):
        fact(console, "Columns that no rule reads", standing.unused_words(document))


def _rejects(document: Mapping[str, Any], console: "Console", count: int) -> None:
    lines = standing.reject_lines(document, count)
    if lines:
        fact(console, "Rejects", standing.rejects_rest(document, len(lines)))
    say(console, [f"  {line}" for line in lines])


def _standing(document: Mapping[str, Any], console: "Console") -> None:
    if document.get("totals"):
        console.print()
        fact(console, "The whole book", standing.totals_words(document))
    for shown in (standing.standing(document), standing.band_falls(document), standing.morning(document)):
        _sheet(console, shown)
    _sheet(console, standing.limits(document))
    _sheet(console, standing.largest_names(document))
    if standing.concentration_words(document):
        say(console, [standing.concentration_words(document)])
    _sheet(console, standing.names(document, FEW_ROWS))
    _sheet(console, standing.locked(document, FEW_ROWS))


def _scenario(document: Mapping[str, Any], console: "Console") -> None:
    if not document.get("scenario"):
        return
    _title(console, f"Scenario: {stress.scenario_words(document)}")
    days, auctions = stress.days(document, FEW_DAYS), stress.auctions(document)
    for shown in (stress.scenario(document), days, auctions, stress.scenario_names(document)):
        _sheet(console, shown)


def _breaks(document: Mapping[str, Any], console: "Console") -> None:
    found = document.get("breaks")
    if not found:
        return
    _title(console, "Reverse stress")
    say(console, [str(found["words"])] if found.get("words") else [])
    _sheet(console, stress.breaks(document))


def _risk(document: Mapping[str, Any], console: "Console") -> None:
    if not document.get("risk"):
        return
    _title(console, "Risk over paths")
    say(console, stress.risk_words(document))
    _sheet(console, stress.risk(document))


def _notes(document: Mapping[str, Any], console: "Console") -> None:
    said = list(dict.fromkeys(str(note) for note in document.get("notes") or []))
    if said:
        console.print()
    for note in said:
        quiet(console, f"Note: {note}")
