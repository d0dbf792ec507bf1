"""The whole site: its addresses, what is asked before anybody comes, and how faults are told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from gaemi.errors import Fault, Refused
from gaemi.web import account_pages, api, book_pages, country_pages, other_pages
from gaemi.web.answering import code_of, shown_page
from gaemi.web.asks import Ask, BookAsk, CountryAsk
from gaemi.web.guard import LOOPBACK, Guard
from gaemi.web.pages import Shown
from gaemi.web.runs import Busy, Runs
from gaemi.web.weather import shipped_weather, weather_ask

OURS = "please tell us what you asked: an issue with the address of this page, without figures of yours, is enough"
BUSY = Fault("questions", "too many that wait", "a site answers a few long questions at a time", "ask again later")


def make_site(
    book: str | None = None, hosts: tuple[str, ...] = (), token: str | None = None, on: date | None = None
) -> Guard:
    """The site as an ASGI application, behind its guard.

    ``book`` is a source as ``gaemi book`` takes it and ``on`` its date, ``hosts`` are names beside the loopback's under
    which the site may be asked, ``token`` what every visitor must show.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.runs = Runs(book, on)
        _begin(app.state.runs)
        yield
        await asyncio.to_thread(app.state.runs.close)

    app = FastAPI(
        title="gaemi", version=version("gaemi"), lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json", description="A weather service for leverage: three questions, one engine.",
        license_info={"name": "MIT"},
    )  # fmt: skip
    for each in (api, country_pages, account_pages, book_pages, other_pages):
        app.include_router(each.router)
    handlers = {
        RequestValidationError: _invalid,
        Refused: _refused,
        Busy: _busy,
        HTTPException: _missing,
        Exception: _ours,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    return Guard(app, (*LOOPBACK, *hosts), token)


def _begin(runs: Runs) -> None:
    """The weather, or a sample of it where none ships that holds, and the book as it stands."""
    made = shipped_weather()
    if made is None:
        runs.start(Ask("country", CountryAsk()))
    else:
        runs.adopt(Ask("country", weather_ask()), made)
    if runs.source is not None:
        runs.start(Ask("book", BookAsk()))


async def _told(request: Request, status: int, faults: list[Fault], headers: dict[str, str] | None = None) -> Response:
    """What is amiss, as a page to people and as JSON to programs."""
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
    if not wants_page:
        return api.refused(status, *faults, headers=headers)
    shown = Shown("none", "/", "This is not here", code_of(request), faults=tuple(faults))
    answer = await shown_page(request, shown, status)
    answer.headers.update(headers or {})
    return answer


async def _invalid(request: Request, problem: Any) -> Response:
    faults = [
        Fault(".".join(str(part) for part in each["loc"]), repr(each.get("input"))[:80], each["msg"])
        for each in problem.errors()
    ]
    return await _told(request, 422, faults)


async def _refused(request: Request, problem: Any) -> Response:
    return await _told(request, 422, list(problem.faults))


async def _busy(request: Request, _: Any) -> Response:
    return await _told(request, 429, [BUSY], {"retry-after": "10"})


async def _ours(request: Request, _: Any) -> Response:
    return await _told(request, 500, [Fault("gaemi", "an error of ours", "this page should have been shown", OURS)])


async def _missing(request: Request, problem: Any) -> Response:
    fault = Fault(request.url.path[:120], "nothing of that kind", str(problem.detail))
    return await _told(request, problem.status_code, [fault], dict(problem.headers or {}))
