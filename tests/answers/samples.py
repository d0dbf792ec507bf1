"""Sample results of every view, by name, and what the words of a language lack of one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from answers import account_fixture, book_fixture, fixture
from answers import past_fixture as past
from answers.comparison_fixture import compare_result

from gaemi.answers import charts
from gaemi.answers.language import language
from gaemi.answers.report.pages import page_of
from gaemi.answers.report.render import Look, dressed
from gaemi.answers.translated import spec_in

SAMPLES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "country": fixture.country_result,
    "shock": fixture.shock_result,
    "replay": fixture.replay_result,
    "compare": compare_result,
    "account": account_fixture.account_result,
    "account-replay": account_fixture.replay_result,
    "book": book_fixture.book_result,
    "quiet book": book_fixture.quiet_result,
    "state": past.state_result,
    "bare state": past.bare_state,
    "hindcast": past.hindcast_result,
    "simulated hindcast": past.simulated_result,
    "bare hindcast": past.bare_hindcast,
    "score": past.score_result,
    "bare score": past.bare_score,
}
UNDRAWN = Look(address=lambda name: f"/{name}.svg")
"""Pages whose charts are fetched and not drawn, which is much quicker."""


def page(document: Mapping[str, Any], code: str) -> str:
    """The page of a document in a language, without its drawings."""
    with dressed(UNDRAWN, code):
        return page_of(document)


def unknown(document: Mapping[str, Any]) -> list[str]:
    """Every text of a page and of its charts that Korean has no words for."""
    korean = language("ko")
    korean.missing.clear()
    page(document, "ko")
    with dressed(UNDRAWN, "ko"):
        for shown in charts.pictures(document):
            charts.told(shown)
            for narrow in (False, True):
                spec_in(korean, shown.draw(narrow))
    return sorted(korean.missing)


def invented(part: Any) -> Iterator[str]:
    """Texts that stand in a sample itself and that Korean has no words for: what a fixture says and no code of ours."""
    if isinstance(part, str):
        if part and not language("ko").knows(part):
            yield part
    elif isinstance(part, Mapping):
        for each in part.values():
            yield from invented(each)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from invented(each)
