"""The page of ``gaemi book``: the answer, where the book stands, the next morning, its stresses, what was read."""

import shlex
from collections.abc import Mapping
from typing import Any

from gaemi.answers import book_sheets as standing
from gaemi.answers import book_stress_sheets as stress
from gaemi.answers import wording
from gaemi.answers.report.render import frame, present, rendered

KINDS = {"book": "the book as it stands", "shock": "one shock", "replay": "replay of recorded prices"}
SECTIONS = (
    ("bands", "bands", "Where accounts stand"),
    ("morning", "morning", "The next opening"),
    ("call_map", "call-map", "Call map"),
    ("scenario", "scenario", "The scenario"),
    ("groups", "groups", "Groups"),
    ("breaks", "breaks", "Reverse stress"),
    ("risk", "risk", "Risk over paths"),
    ("limits", "limits", "Credit limits"),
    ("concentration", "concentration", "Concentration"),
    ("names", "names", "Single names"),
    ("read", "read", "Rows read"),
    ("notes", "notes", "Notes"),
    ("assumptions", "assumptions", "Assumptions"),
    ("computed", "computed", "How computed"),
)
MANY_NAMES, MANY_GROUPS = 100, 100
"""Rows that the page shows of tables that may have thousands; the run folder has all of them."""

OPTIONS = {"break_share": "--break", "tables": "--table", "queries": "--query"}
"""Options whose name is not that of the request's field."""

OF_PATHS = {"paths", "model", "horizon", "years"}
"""What says nothing where no paths were drawn."""


def render_book(document: Mapping[str, Any]) -> str:
    """The page of a result of ``gaemi book`` (schema ``gaemi.book/1``) as one HTML document."""
    page = frame(document, str(document.get("title") or "Book"), command(document))
    page |= _first_lines(document) | _standing(document) | _stressed(document)
    page["read"] = {
        "tables": present(standing.rows(document), standing.rejects(document)),
        "rejects": bool(document.get("rejects")),
        "rest": standing.rejects_rest(document, len(document.get("rejects") or [])),
        "unused": standing.unused_words(document),
    }
    page["notes"] = list(dict.fromkeys(str(note) for note in document.get("notes") or []))
    page["sections"] = [(anchor, name) for key, anchor, name in SECTIONS if page.get(key)]
    return rendered("book.html", document, page)


def _first_lines(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "on": wording.day_name(document.get("on")),
        "kind": KINDS.get(str(document.get("kind")), str(document.get("kind"))),
        "mechanical": list(document.get("layers") or []) == ["mechanical"],
        "basis": standing.basis(document),
        "figures": standing.figures(document),
        "totals": standing.totals_words(document),
        "rows": standing.rows_words(document),
    }


def _standing(document: Mapping[str, Any]) -> dict[str, Any]:
    largest, words = present(standing.largest_names(document)), standing.concentration_words(document)
    return {
        "bands": present(standing.standing(document), standing.band_falls(document)),
        "morning": present(standing.morning(document)),
        "limits": present(standing.limits(document)),
        "concentration": {"tables": largest, "words": words} if largest or words else None,
        "names": present(standing.names(document, MANY_NAMES, lots=True), standing.locked(document, MANY_NAMES)),
    }


def _stressed(document: Mapping[str, Any]) -> dict[str, Any]:
    scenario, breaks, risk = (document.get(part) for part in ("scenario", "breaks", "risk"))
    days = len((scenario or {}).get("days") or [])
    return {
        "call_map": present(stress.call_map(document)),
        "scenario": {
            "words": stress.scenario_words(document),
            "whole": present(stress.scenario(document)),
            "days": present(stress.days(document, days), stress.auctions(document)),
            "names": present(stress.scenario_names(document, prices=True)),
        }
        if scenario
        else None,
        "groups": stress.groups(document, MANY_GROUPS),
        "breaks": {"words": breaks.get("words"), "tables": present(stress.breaks(document))} if breaks else None,
        "risk": {"words": stress.risk_words(document), "tables": present(stress.risk(document))} if risk else None,
    }


def command(document: Mapping[str, Any]) -> str:
    """The command line that asks for this result again, from the request that the run recorded."""
    asked = (document.get("run") or {}).get("request")
    if not isinstance(asked, Mapping):
        return ""
    left_out = {"feedback", "source"} | (set() if asked.get("paths") else OF_PATHS)
    words = ["gaemi book", *([shlex.quote(str(asked["source"]))] if asked.get("source") is not None else [])]
    for name, value in asked.items():
        option = OPTIONS.get(name, f"--{name.replace('_', '-')}")
        for one in [] if name in left_out else _values(value):
            words.append(option if one is True else f"{option} {shlex.quote(str(one))}")
    return " ".join([*words, *(["--no-feedback"] if asked.get("feedback") is False else [])])


def _values(value: Any) -> list[Any]:
    """What an option is given, one by one: ``name=value`` of a mapping; nothing where it was not asked for."""
    if isinstance(value, Mapping):
        return [f"{name}={one}" for name, one in value.items()]
    many = value if isinstance(value, list | tuple) else [value]
    return [one for one in many if one not in (None, "") and one is not False]
