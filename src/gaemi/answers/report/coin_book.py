"""The page of the book of an exchange: the answer, the tables, what was read."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import book_sheets, coin_sheets, wording
from gaemi.answers.coin_book_sheets import IF_NOBODY
from gaemi.answers.report.book import command
from gaemi.answers.report.render import frame, rendered


def render_coin_book(document: Mapping[str, Any]) -> str:
    """The page of a result of ``gaemi book`` on coins (schema ``gaemi.coin-book/1``) as one HTML document."""
    page = frame(document, str(document.get("title") or "Coins"), command(document))
    read = [book_sheets.rows(document), book_sheets.rejects(document)]
    page |= {
        "on": wording.day_name(document.get("on")),
        "sentences": [*(document.get("sentences") or []), IF_NOBODY],
        "misses": [],
        "notes": list(document.get("notes") or []),
        "tables": [*coin_sheets.sheets_of(document), *(shown for shown in read if shown is not None)],
        "sections": [("tables", "Tables"), ("assumptions", "Assumptions"), ("computed", "How computed")],
    }
    return rendered("coin_book.html", document, page)
