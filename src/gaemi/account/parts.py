"""Parts that every document of the account view carries: its schema, what is assumed, and what was asked."""

from dataclasses import replace
from datetime import date
from pathlib import Path as File
from typing import Any

from gaemi.account.portfolio import Portfolio
from gaemi.account.request import Request
from gaemi.answers.documents import assumptions
from gaemi.law.lawbook import LawBook
from gaemi.run import RESULTS_VERSION

SCHEMA = "gaemi.account/1"
NO_ODDS: dict[str, Any] = {
    "how_often": None, "drifts": [], "odds": [], "thousand": None, "leverage": [], "instead": [], "what_if": [],
    "closed_forms": [],
}  # fmt: skip
"""Parts of the document that rest on many paths: a replay is one."""


def replay_head(who: Portfolio, episode: str, seed: int) -> dict[str, Any]:
    """The head of the document of a replay."""
    return {
        "schema": SCHEMA,
        "results_version": RESULTS_VERSION,
        "on": str(who.on),
        "kind": "replay",
        "title": f"{who.file.name}: replay of {episode}",
        "law_version": who.book.version,
        "seed": seed,
        "layers": ["mechanical"],
        "model": None,
        "paths": 0,
        "warning": None,
        "help": [],
        "goal": None,
    }


def assumed(book: LawBook, on: date) -> list[dict[str, Any]]:
    """What is assumed, without the help lines: these are named once, and only where ruin is likely."""
    return [row for row in assumptions(book, on) if row["path"] != "care.help_lines"]


def recorded(request: Request) -> Request:
    """The request with paths as text and without frames, which only this process knows."""
    texts: dict[str, Any] = {}
    for name in ("file", "prices", "replay"):
        told = getattr(request, name)
        texts[name] = str(told) if isinstance(told, str | File) else None
    return replace(request, **texts)
