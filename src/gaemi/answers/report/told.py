"""The page of a book whose document tells its own tables: the answer, the tables, what was read."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import book_sheets, coin_book_sheets, coin_sheets, venue_sheets, wording
from gaemi.answers.report.book import command
from gaemi.answers.report.render import frame, rendered


def render_told_book(document: Mapping[str, Any], template: str, foot: str) -> str:
    """The page of a book of positions or of coins as one HTML document; ``foot`` ends its answer in words."""
    page = frame(document, str(document["title"]), command(document))
    read = [book_sheets.rows(document), book_sheets.rejects(document)]
    page |= {
        "on": wording.day_name(document.get("on")),
        "sentences": [*(document.get("sentences") or []), foot],
        "notes": list(document.get("notes") or []),
        "tables": [*coin_sheets.sheets_of(document), *(shown for shown in read if shown is not None)],
        "sections": [("tables", "Tables"), ("assumptions", "Assumptions"), ("computed", "How computed")],
    }
    return rendered(template, document, page)


def render_venue(document: Mapping[str, Any]) -> str:
    """The page of a venue's book as one HTML document."""
    return render_told_book(document, "venue.html", venue_sheets.IF_NOBODY)


def render_coin_book(document: Mapping[str, Any]) -> str:
    """The page of an exchange's book as one HTML document."""
    return render_told_book(document, "coin_book.html", coin_book_sheets.IF_NOBODY)
