"""The page of a replay of coins: the answer, model beside record, the pictures, the tables."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import coin_sheets, wording
from gaemi.answers.report.command import command_line
from gaemi.answers.report.render import frame, rendered


def render_coins(document: Mapping[str, Any]) -> str:
    """The page of a replay of coins (schema ``gaemi.coins/1``) as one HTML document."""
    page = frame(document, str(document.get("title") or "Coins"), command_line("country", document))
    tables = coin_sheets.sheets_of(document)
    page |= {
        "on": wording.day_name(document.get("on")),
        "sentences": list(document.get("sentences") or []),
        "misses": list(document.get("misses") or []),
        "notes": list(document.get("notes") or []),
        "tables": tables,
    }
    sections = [("misses", "What is missed")] if page["misses"] else []
    sections += [("tables", "Model and record")] if tables else []
    page["sections"] = [*sections, ("assumptions", "Assumptions"), ("computed", "How computed")]
    return rendered("coins.html", document, page)
