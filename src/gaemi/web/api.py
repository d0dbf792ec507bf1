"""The JSON API: the same documents as ``--json`` prints, asked for over HTTP; its description is /api/openapi.json."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from gaemi.answers.language import language
from gaemi.errors import Fault
from gaemi.web.answering import runs_of
from gaemi.web.asks import AccountAsk, Ask, BookAsk, CompareAsk, CountryAsk
from gaemi.web.runs import Run, Runs, State
from gaemi.web.tables import csv_of, parquet_of

MOST_WAIT = 30.0
MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}

RunId = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{8,64}$", description="The id of a run.")]
Name = Annotated[str, Path(pattern="^[a-z0-9_-]{1,60}$")]
Wait = Annotated[float, Query(ge=0, le=MOST_WAIT, description="Seconds to wait for the answer before its run is told.")]
Code = Annotated[Literal["en", "ko"], Query(description="The language of what it is at.")]


class FaultSaid(BaseModel):
    """One thing that is wrong with a question: where it stands, what was found, what is allowed, what to do."""

    where: str
    found: str
    allowed: str
    help: str = ""


class Faults(BaseModel):
    """Why a question is refused."""

    faults: list[FaultSaid]


class RunSaid(BaseModel):
    """Where a run is. ``done`` of ``total`` at ``label``; ``ahead`` runs were asked before it and are still to come."""

    id: str
    view: str
    state: State
    label: str = ""
    done: int = 0
    total: int = 0
    ahead: int = 0
    seconds: float = 0.0
    faults: list[FaultSaid] = []
    document: str | None = None
    tables: list[str] = []


RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The answer: the document that `--json` prints, with its own schema and version."},
    202: {"model": RunSaid, "description": "Not answered yet: the run, whose id asks for it again."},
    400: {"model": Faults, "description": "The body is not JSON that can be read."},
    422: {"model": Faults, "description": "The question is refused, with every fault."},
    429: {"model": Faults, "description": "Too many questions wait; ask again later."},
    503: {"model": Faults, "description": "The run was cancelled, took too long or failed."},
}
TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The table.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA.values()},
    }
}
GONE: dict[int | str, dict[str, Any]] = {404: {"model": Faults, "description": "No such run, table or parameter."}}
INVALID: dict[int | str, dict[str, Any]] = {422: {"model": Faults, "description": "The request is refused."}}

router = APIRouter(prefix="/api")


Site = Annotated[Runs, Depends(runs_of)]


def said(fault: Fault) -> FaultSaid:
    return FaultSaid(where=fault.where, found=fault.found, allowed=fault.allowed, help=fault.help)


def refused(status: int, *faults: Fault, headers: dict[str, str] | None = None) -> JSONResponse:
    """An answer that says what is wrong."""
    body = Faults(faults=[said(fault) for fault in faults])
    return JSONResponse(body.model_dump(), status, headers)


async def ended(run: Run, seconds: float) -> bool:
    """Wait for a run, so long at most; whether it is at its end. Nobody who leaves ends it."""
    if run.state.is_open and run.future is not None and seconds > 0:
        waiting = asyncio.wrap_future(run.future)
        waiting.add_done_callback(lambda each: each.cancelled() or each.exception())  # a failure is told by the run
        await asyncio.wait([waiting], timeout=seconds)
        for _ in range(50):  # the run is told of its end by another thread
            if not run.state.is_open or not run.future.done():
                break
            await asyncio.sleep(0.01)
    return not run.state.is_open


def run_said(runs: Runs, run: Run) -> RunSaid:
    """Where a run is, as the API tells it."""
    label, done, total = runs.progress(run)
    is_done = run.state is State.DONE
    return RunSaid(
        id=run.id, view=run.ask.view, state=run.state, label=label, done=done, total=total,
        ahead=runs.ahead(run), seconds=round(run.seconds, 1),
        faults=[said(fault) for fault in run.made.faults],
        document=f"/api/runs/{run.id}/document" if is_done else None,
        tables=sorted(run.made.tables or {}) if is_done else [],
    )  # fmt: skip


async def _answer(runs: Runs, ask: Ask, wait: float) -> Response:
    run = runs.start(ask)
    if not await ended(run, wait):
        return JSONResponse(run_said(runs, run).model_dump(mode="json"), 202, {"location": f"/api/runs/{run.id}"})
    return _document(run)


def _document(run: Run) -> Response:
    if run.state is State.DONE:
        return Response(run.made.document, 200, media_type="application/json", headers={"gaemi-run": run.id})
    if run.state is State.REFUSED:
        return refused(422, *run.made.faults)
    why = run.made.faults or (Fault(f"run {run.id}", str(run.state), "a run must come to its end"),)
    return refused(503, *why)


@router.post("/account", responses=RESPONSES, tags=["questions"])
async def ask_account(asked: AccountAsk, runs: Site, wait: Wait = 10.0) -> Any:
    """How far is one account from a call, a forced sale, zero; on which morning; what are the odds of its goal?"""
    return await _answer(runs, Ask("account", asked), wait)


@router.post("/country", responses=RESPONSES, tags=["questions"])
async def ask_country(asked: CountryAsk, runs: Site, wait: Wait = 10.0) -> Any:
    """If the market falls, how much is called and sold, who is wiped out, how much further does it push the fall?"""
    return await _answer(runs, Ask("country", asked), wait)


@router.post("/compare", responses=RESPONSES, tags=["questions"])
async def ask_compare(asked: CompareAsk, runs: Site, wait: Wait = 10.0) -> Any:
    """Whom would a reform help, and whom would it hurt, with the same luck?"""
    return await _answer(runs, Ask("compare", asked), wait)


@router.post("/book", responses=RESPONSES, tags=["questions"])
async def ask_book(asked: BookAsk, runs: Site, wait: Wait = 10.0) -> Any:
    """Which accounts of the site's book break, what is sold at the next opening, what stays unpaid?"""
    if runs.source is None:
        return refused(422, Fault("book", "none", "this site must be started with a book", "gaemi serve --book SOURCE"))
    return await _answer(runs, Ask("book", asked), wait)


def run_of(run_id: RunId, runs: Site) -> Run:
    run = runs.get(run_id)
    if run is None:
        raise HTTPException(404, f"no run '{run_id}': it was never asked, or it is forgotten; ask the question again")
    return run


Asked = Annotated[Run, Depends(run_of)]


@router.get("/runs/{run_id}", responses=GONE | INVALID, tags=["runs"])
async def tell_run(run: Asked, runs: Site, wait: Wait = 0.0, lang: Code = "en") -> RunSaid:
    """Where a run is."""
    await ended(run, wait)
    told = run_said(runs, run)
    return told.model_copy(update={"label": language(lang).text(told.label)})


@router.delete("/runs/{run_id}", responses=GONE | INVALID, tags=["runs"])
async def cancel_run(run: Asked, runs: Site) -> RunSaid:
    """End a run that is not at its end; one that is stays as it is."""
    runs.cancel(run)
    return run_said(runs, run)


@router.get("/runs/{run_id}/document", responses=RESPONSES | GONE, tags=["runs"])
async def tell_document(run: Asked, runs: Site) -> Any:
    """The document of a run: what ``--json`` prints."""
    if run.state.is_open:
        return JSONResponse(run_said(runs, run).model_dump(mode="json"), 202)
    return _document(run)


@router.get(
    "/runs/{run_id}/tables/{table}.{kind}", responses=TABLE | GONE | INVALID, response_class=Response, tags=["runs"]
)
async def tell_table(
    run: Asked, table: Name, kind: Annotated[str, Path(pattern="^(csv|parquet)$")], runs: Site
) -> Response:
    """A table of a run as CSV or Parquet, whole."""
    content = (run.made.tables or {}).get(table)
    if content is None:
        raise HTTPException(404, f"no table '{table}': there are {', '.join(sorted(run.made.tables or {})) or 'none'}")
    write = csv_of if kind == "csv" else parquet_of
    said_as = {"content-disposition": f'attachment; filename="{table}.{kind}"'}
    return Response(await asyncio.to_thread(write, content), media_type=MEDIA[kind], headers=said_as)


@router.get("/law", responses=INVALID | GONE, tags=["law"])
async def tell_law(
    path: Annotated[str, Query(max_length=80, pattern="^[a-z_.0-9]+$", description="As margin.maintenance.")],
    on: Annotated[str | None, Query(max_length=10, description="A date; the shipped state's unless said.")] = None,
) -> dict[str, Any]:
    """A parameter of the law in force on a date: value, unit, source, confidence, range, since when."""
    return await asyncio.to_thread(_law, path, on)


def _law(path: str, on: str | None) -> dict[str, Any]:
    from gaemi.days import parse_date
    from gaemi.law.lawbook import describe, load
    from gaemi.people.state import STATE_DATE

    told: dict[str, Any] = describe(load(), path, parse_date(on, "on") if on else STATE_DATE)
    return told
