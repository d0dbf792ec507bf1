"""A replay of coins in the terminal: the answer, model beside record, then its tables."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gaemi.answers import book_sheets, coin_sheets
from gaemi.answers.terminal import assumed, fact, head, print_sheet, quiet, say

if TYPE_CHECKING:
    from rich.console import Console

MANY_ROWS = 15
"""Rows of a table that the terminal shows; the page and the files have all."""

NOT_HERE = ("targets", "hours")
"""Tables that the terminal leaves to the page and the files."""


def print_coins(result: Mapping[str, Any], console: "Console") -> None:
    """Print a replay of coins (schema ``gaemi.coins/1``): sentences, what is missed, then a table a question."""
    head(result, str(result.get("title") or "Coins"), console)
    say(console, result["sentences"])
    for line in result.get("misses") or []:
        console.print(f"Missed: {line}", style="bold", markup=False)
    for line in result.get("notes") or []:
        quiet(console, line)
    print_tables(result, console)
    if result.get("assumptions"):
        console.print()
    assumed(result, console)


def print_told_book(document: Mapping[str, Any], console: "Console", foot: str, rejects: int) -> None:
    """Print a book whose document tells its own tables: sentences, ``foot``, rows read, rejects, tables, notes."""
    head(document, str(document["title"]), console)
    say(console, document["sentences"])
    quiet(console, foot)
    console.print()
    fact(console, "Rows read = accepted + rejected", book_sheets.rows_words(document))
    if document["unused"]:
        fact(console, "Columns that no rule reads", book_sheets.unused_words(document))
    lines = book_sheets.reject_lines(document, rejects)
    if lines:
        fact(console, "Rejects", book_sheets.rejects_rest(document, len(lines)))
    say(console, [f"  {line}" for line in lines])
    print_tables(document, console)
    for note in dict.fromkeys(document["notes"]):
        quiet(console, f"Note: {note}")
    if document["assumptions"]:
        console.print()
    assumed(document, console)


def print_tables(result: Mapping[str, Any], console: "Console") -> None:
    """The tables of the result, a long one by its first rows."""
    for table in coin_sheets.tables_of(result):
        if table["name"] in NOT_HERE:
            continue
        print_sheet(console, coin_sheets.table_sheet(table, MANY_ROWS), fitted=True)
        if len(table["rows"]) > MANY_ROWS:
            console.print()
            fact(console, table["caption"], f"the first {MANY_ROWS} of {len(table['rows'])} rows; --json has all.")
