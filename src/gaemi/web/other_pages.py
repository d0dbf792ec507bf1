"""Words, the API for people, pictures, saved pages, the files of the site, and the end of a run."""

import asyncio
import re
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pebble import ProcessExpired
from starlette.exceptions import HTTPException

from gaemi.answers.report.render import style_sheet
from gaemi.web.answering import code_of, done_run, runs_of, shown_page
from gaemi.web.api import Name, RunId
from gaemi.web.pages import Shown, glossary
from gaemi.web.runs import Run

router = APIRouter(include_in_schema=False)
STATIC = Path(__file__).with_name("static")
PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
DRAWN_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A picture brings its own colours as a style; nothing else in it is followed."""


@router.get("/")
async def home() -> Response:
    """The weather comes first."""
    return RedirectResponse("/country", 303)


@router.get("/glossary")
async def glossary_page(request: Request) -> Response:
    """The words of the field in both languages."""
    shown = Shown("glossary", "/glossary", "Words", code_of(request), "glossary.html", more={"words": glossary()})
    return await shown_page(request, shown)


@router.get("/api")
async def api_page(request: Request) -> Response:
    """Every address of the API with what it answers."""
    paths = [
        (method.upper(), path, about.get("description", "").replace("``", ""))
        for path, methods in request.app.openapi()["paths"].items()
        for method, about in methods.items()
    ]
    more = {"paths": paths, "at": str(request.base_url).rstrip("/")}
    return await shown_page(request, Shown("api", "/api", "JSON API", code_of(request), "api.html", more=more))


@router.get("/runs/{run_id}/charts/{name}.{kind}")
async def chart(
    request: Request, run_id: RunId, name: Name, kind: str, narrow: bool = False, file: bool = False
) -> Response:
    """A chart of a run: ``svg`` for the page, or with ``file`` to keep, or ``png``."""
    run = _done(request, run_id)
    if kind not in PICTURES:
        raise HTTPException(404, f"pictures are {', '.join(PICTURES)}")
    how = "file" if file and kind == "svg" else kind
    drawing = runs_of(request).drawing(run, name, how, code_of(request), narrow, False)
    try:
        content = await _drawn(drawing)
    except KeyError:
        raise HTTPException(404, f"no picture '{name}'") from None
    headers = {"cache-control": "private, max-age=600", "vary": "cookie", "content-security-policy": DRAWN_POLICY}
    return Response(content, media_type=PICTURES[kind], headers=headers)


@router.get("/runs/{run_id}/report.html")
async def report(request: Request, run_id: RunId) -> Response:
    """The page of a run as one file, in every language."""
    content = await _drawn(runs_of(request).page_file(_done(request, run_id)))
    headers = {"content-disposition": 'attachment; filename="report.html"'}
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


@router.post("/runs/{run_id}/cancel")
async def cancel(request: Request, run_id: RunId, back: Annotated[str, Form(max_length=60_000)] = "/") -> Response:
    """End a run, and go back to a page of this site, never to another."""
    runs = runs_of(request)
    run = runs.get(run_id)
    if run is not None:
        runs.cancel(run)
    return RedirectResponse(back if re.match(r"/(country|account|book)\b", back) else "/", 303)


async def _drawn(drawing: Future[bytes]) -> bytes:
    """What the process that draws gives; where it was ended on the way, that it may be asked again."""
    try:
        return await asyncio.wrap_future(drawing)
    except (TimeoutError, ProcessExpired, asyncio.CancelledError):
        if not drawing.done():
            raise  # the visitor left
        raise HTTPException(503, "this was not drawn in time; ask again") from None


def _done(request: Request, run_id: str) -> Run:
    return done_run(request, run_id, None, "no such answer: it is forgotten or not there yet")


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    style = style_sheet() + (STATIC / "site.css").read_text(encoding="utf-8")
    return {
        "style.css": (style.encode(), "text/css; charset=utf-8"),
        "gaemi.js": ((STATIC / "gaemi.js").read_bytes(), "text/javascript; charset=utf-8"),
        "icon.svg": ((STATIC / "icon.svg").read_bytes(), "image/svg+xml"),
    }


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """One of three files, held in memory: no name from outside is looked up anywhere else."""
    if name not in _files():
        raise HTTPException(404, f"files are {', '.join(_files())}")
    content, media = _files()[name]
    return Response(content, media_type=media, headers={"cache-control": "max-age=300"})
