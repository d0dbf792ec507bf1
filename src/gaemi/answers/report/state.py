"""The page of ``gaemi state``: the answer, where the borrowers stand, what shocks would do, how they came there."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import state_sheets as standing
from gaemi.answers import wording
from gaemi.answers.report.command import command_line
from gaemi.answers.report.render import frame, present, rendered

SECTIONS = (
    ("markets", "markets", "The markets"),
    ("ratios", "ratios", "Ratios"),
    ("ages", "ages", "Ages"),
    ("distances", "distances", "Distance to the call"),
    ("call_map", "call-map", "Call map"),
    ("curve", "curve", "Shock by shock"),
    ("stocks", "stocks", "Stocks"),
    ("days", "days", "The days that led here"),
    ("infeasible", "infeasible", "Infeasible days"),
    ("assumptions", "assumptions", "Assumptions"),
    ("computed", "computed", "How computed"),
)
MANY_STOCKS, LAST_DAYS = 100, 20
"""Stocks and sessions that the page shows; the run folder has all of them."""

FACTS = ("basis", "since", "sessions", "known_until", "members", "names", "feasible", "young")


def render_state(document: Mapping[str, Any]) -> str:
    """The page of a result of ``gaemi state`` (schema ``gaemi.state/1``) as one HTML document."""
    page = frame(document, str(document.get("title") or "State"), command_line("state", document))
    told = {name: document[name] for name in FACTS if document.get(name) is not None}
    page["computed"]["pairs"] = [*wording.flat(told), *page["computed"]["pairs"]]
    page |= {
        "on": wording.day_name(document.get("on")),
        "sentences": list(document.get("sentences") or []),
        "layers": standing.layers_words(document),
        "ensemble": standing.ensemble_words(document),
        "basis": standing.basis_words(document),
        "doubts": standing.doubts(document),
        "figures": standing.figures(document),
        "markets": present(standing.markets(document), standing.near(document), standing.rates(document)),
        "ratios": present(standing.ratios(document)),
        "ages": present(standing.ages(document)),
        "distances": present(standing.distances(document)),
        "call_map": present(standing.call_map(document)),
        "curve": present(standing.curve(document)),
        "stocks": present(standing.stocks(document, MANY_STOCKS)),
        "days": present(standing.months(document), standing.last_days(document, LAST_DAYS)),
        "infeasible": present(standing.infeasible(document)),
    }
    page["sections"] = [(anchor, name) for key, anchor, name in SECTIONS if page.get(key)]
    return rendered("state.html", document, page)
