"""What the handlers of all pages share: the site, the language of a request, the question of a form, the answer."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from gaemi.answers.language import LANGUAGES
from gaemi.errors import Fault
from gaemi.web import pages
from gaemi.web.asks import Asked
from gaemi.web.pages import Shown
from gaemi.web.runs import Run, Runs, State

AT_ONCE = 1.5
"""Seconds that a form waits for its answer before its progress is shown."""

KEPT_LANGUAGE = "gaemi-language"
A_YEAR = 365 * 86_400
FORGOTTEN = Fault("run", "forgotten", "this run is no longer kept", "ask again")
NOT_ASKED = ("lang", "token", "run")
"""What may stand in an address beside the fields of a question."""


def runs_of(request: Request) -> Runs:
    """The runs of the site that was asked."""
    runs: Runs = request.app.state.runs
    return runs


def code_of(request: Request) -> str:
    """The language of a request: what it asks, else what was chosen before, else the first that the browser takes."""
    for code in (request.query_params.get("lang"), request.cookies.get(KEPT_LANGUAGE)):
        if code in LANGUAGES:
            return str(code)
    weighed = []
    for place, part in enumerate(request.headers.get("accept-language", "").split(",")[:20]):
        name, _, quality = part.replace(" ", "").partition(";q=")
        with suppress(ValueError):
            weight = float(quality or 1)
            weighed += [(-weight, place, name.split("-")[0].lower())] if weight > 0 else []
    return next((name for _, _, name in sorted(weighed) if name in LANGUAGES), next(iter(LANGUAGES)))


def standing(runs: Runs, run: Run | None) -> dict[str, Any]:
    """How far a run is, for a page that shows it."""
    if run is None:
        return {}
    return {"progress": runs.progress(run), "ahead": runs.ahead(run)}


async def shown_page(request: Request, shown: Shown, status: int = 200) -> Response:
    """The page as an answer; one of a public run that is done is written once a language."""
    run = shown.run
    kept = run.pages if run is not None and run.state is State.DONE and not run.ask.is_private else {}
    status = 422 if run is not None and run.state is State.REFUSED else status
    html = kept.get(shown.code)
    if html is None:
        html = kept[shown.code] = await asyncio.to_thread(pages.page, shown)
    answer = HTMLResponse(html, status, {"vary": "accept-language, cookie"})
    if request.query_params.get("lang") == shown.code:
        answer.set_cookie(KEPT_LANGUAGE, shown.code, max_age=A_YEAR, samesite="strict", httponly=True)
    return answer


def given_of(request: Request) -> dict[str, str]:
    """The fields of a question in an address."""
    return {name: value for name, value in request.query_params.items() if name not in NOT_ASKED}


def done_run(request: Request, name: str, view: str | None, why: str) -> Run:
    """The run of that name, of a ``view`` or of any, that is done; else nothing is there, and ``why``."""
    run = runs_of(request).get(name)
    if run is None or run.state is not State.DONE or view not in (None, run.ask.view):
        raise HTTPException(404, why)
    return run


async def form_of(request: Request) -> FormData:
    """The fields and files of a form, so many at most."""
    return await request.form(max_files=12, max_fields=40)


def texts_of(form: FormData) -> dict[str, str]:
    """The fields of a form that are no files."""
    return {name: value for name, value in form.items() if isinstance(value, str)}


def asked_by(kind: type[Asked], given: Mapping[str, Any]) -> tuple[Asked | None, tuple[Fault, ...]]:
    """The question of a form or a link, or its faults. Fields that are left empty say nothing."""
    told = {name: value for name, value in given.items() if name in kind.model_fields and value not in ("", [], None)}
    try:
        return kind(**told), ()
    except ValidationError as problem:
        return None, tuple(
            Fault(f"--{each['loc'][0]}" if each["loc"] else "form", str(each.get("input"))[:80], each["msg"])
            for each in problem.errors()
        )
