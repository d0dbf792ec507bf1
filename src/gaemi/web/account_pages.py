"""The page of one account: a form or a file, its answer, the loan that moves."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field

from gaemi.errors import Fault
from gaemi.web import moves
from gaemi.web.answering import (
    AT_ONCE,
    FORGOTTEN,
    asked_by,
    code_of,
    done_run,
    form_of,
    runs_of,
    shown_page,
    standing,
    texts_of,
)
from gaemi.web.api import ended, run_said
from gaemi.web.asks import AccountAsk, Ask
from gaemi.web.pages import Shown, choices, lines
from gaemi.web.runs import Run, State
from gaemi.web.uploads import account_file

router = APIRouter(include_in_schema=False)
ABOUT = "How far am I from a call, a forced sale, zero, and on which morning? What are my odds?"
LISTS = ("holding", "loan")


class Step(BaseModel):
    """Where the slider of an account stands: won of margin loan, and whether it rests there."""

    run: Annotated[str, Field(max_length=64)]
    loan: Annotated[int, Field(ge=0, le=10**15)]
    precise: bool = False


@router.get("/account")
async def account_page(request: Request, run: Annotated[str | None, Query(max_length=64)] = None) -> Response:
    """The form, and the answer of a run that this process still remembers."""
    found = runs_of(request).get(run) if run else None
    found = found if found is not None and found.ask.view == "account" else None
    return await _shown(request, found, (FORGOTTEN,) if run and found is None else ())


@router.post("/account")
async def ask_account(request: Request) -> Response:
    """Begin with the quick answer; what takes longer is asked for from its page."""
    runs, form = runs_of(request), await form_of(request)
    given = texts_of(form)
    asked = {name: lines(text) if name in LISTS else text for name, text in given.items()}
    fields, faults = asked_by(AccountAsk, asked | {"quick": True})
    files, more = await account_file(form)
    before = runs.get(given.get("run", ""))
    if not files and before is not None and before.ask.view == "account":
        files = dict(before.ask.files)
    if fields is None or more:
        return await _shown(request, None, (*faults, *more), asked)
    run = runs.start(Ask("account", fields, files))
    await ended(run, AT_ONCE)
    if run.state is State.REFUSED:
        return await _shown(request, run, run.made.faults)
    return RedirectResponse(f"/account?run={run.id}", 303)


@router.post("/account/more")
async def fuller(request: Request, run: Annotated[str, Form()], script: Annotated[str, Form()] = "") -> Response:
    """The same account with what stands beside it: other leverage, more time, more saving."""
    runs = runs_of(request)
    found = _account_run(request, run)
    assert isinstance(found.ask.fields, AccountAsk)
    begun = runs.start(Ask("account", found.ask.fields.model_copy(update={"quick": False}), found.ask.files))
    if script:
        return JSONResponse(run_said(runs, begun).model_dump(mode="json"))
    return RedirectResponse(f"/account?run={begun.id}", 303)


@router.post("/account/step")
async def step(request: Request, asked: Step) -> Response:
    """What changes where the loan is another, as a part of the page."""
    found = _account_run(request, asked.run)
    runs, code = runs_of(request), code_of(request)
    return JSONResponse(await moves.moved(runs, found, asked.loan, asked.precise, code))


def _account_run(request: Request, name: str) -> Run:
    return done_run(request, name, "account", "this account is no longer kept; ask again")


async def _shown(
    request: Request, run: Run | None, faults: tuple[Fault, ...] = (), asked: Mapping[str, Any] | None = None
) -> Response:
    runs = runs_of(request)
    fields = run.ask.fields if run is not None else AccountAsk()
    more: dict[str, Any] = {"choices": choices(), "about": ABOUT, "slider": None, "fuller": False}
    if run is not None and run.state is State.DONE:
        more["slider"] = moves.slider_of(run, code_of(request))
        more["fuller"] = getattr(fields, "quick", False) and getattr(fields, "replay", None) is None
    told = {name: [] for name in LISTS} | dict(asked if asked is not None else fields.model_dump(mode="json"))
    shown = Shown(
        "account", f"/account?run={run.id}" if run is not None else "/account", "My account", code_of(request),
        asked=told, run=run, faults=faults, more=more, **standing(runs, run),
    )  # fmt: skip
    return await shown_page(request, shown, 422 if faults else 200)
