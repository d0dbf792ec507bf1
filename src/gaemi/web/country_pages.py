"""The country's page: the weather, a shock, an episode day by day, two laws side by side."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gaemi.errors import Fault
from gaemi.web.answering import AT_ONCE, asked_by, code_of, form_of, given_of, runs_of, shown_page, standing, texts_of
from gaemi.web.api import ended
from gaemi.web.asks import ASKS, Ask, CompareAsk, CountryAsk
from gaemi.web.pages import Shown, choices, link, presets
from gaemi.web.runs import ENDED_EARLY
from gaemi.web.weather import weather_ask

router = APIRouter(include_in_schema=False)
MOST_REFORM = 4000
ABOUT = "If the market falls, how much is called and sold, and how much further does that push the fall?"


@router.get("/country")
async def country_page(request: Request) -> Response:
    """The answer of the question in the address, its progress, or the question, ready to be asked."""
    runs, given = runs_of(request), given_of(request)
    ask, faults = question(given)
    run = runs.find(ask) if ask is not None else None
    if run is None and not given:
        run = runs.find(Ask("country", CountryAsk()))
    values: Mapping[str, Any] = given if ask is None or not given else told(ask)
    is_asked = run is not None and run.state not in ENDED_EARLY
    start = (given or {"scale": "100"}) if not is_asked and not faults else None
    more = {"choices": choices(), "reforms": presets(), "about": ABOUT}
    shown = Shown(
        "country", link("/country", values), "Country", code_of(request), asked=values, run=run, faults=faults,
        start=start, more=more, **standing(runs, run),
    )  # fmt: skip
    return await shown_page(request, shown, 422 if faults else 200)


@router.post("/country")
async def ask_country(request: Request) -> Response:
    """Begin a run, and go to the address that holds its question."""
    given = texts_of(await form_of(request))
    ask, faults = question(given)
    if ask is None:
        shown = Shown("none", "/", "This is not here", code_of(request), faults=faults)
        return await shown_page(request, shown, 422)
    await ended(runs_of(request).start(ask), AT_ONCE)
    return RedirectResponse(link("/country", given), 303)


def question(given: Mapping[str, Any]) -> tuple[Ask | None, tuple[Fault, ...]]:
    """The question that an address or a form holds: of nothing the weather, with a reform two laws."""
    if not given:
        return Ask("country", weather_ask()), ()
    if len(str(given.get("reform", ""))) > MOST_REFORM:
        allowed = f"a reform in a link has {MOST_REFORM:,} letters at most"
        return None, (Fault("--reform", "more", allowed, "ask longer ones of the JSON API"),)
    view = "compare" if given.get("reform") else "country"
    fields, faults = asked_by(ASKS[view], given)
    return (Ask(view, fields) if fields is not None else None), faults


def told(ask: Ask) -> dict[str, Any]:
    """What a link to a question holds: every field that is not as usual, and the size of the sample."""
    usual = CompareAsk(reform="-") if ask.view == "compare" else CountryAsk()
    fields = ask.fields.model_dump(mode="json")
    return {name: value for name, value in fields.items() if name == "scale" or value != getattr(usual, name)}
