"""The pages of a book: its answer, its accounts by segment, and one account of it."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException as Missing

from gaemi.answers import wording
from gaemi.errors import Fault
from gaemi.sources.late import pl
from gaemi.web.answering import (
    AT_ONCE,
    FORGOTTEN,
    asked_by,
    code_of,
    done_run,
    form_of,
    given_of,
    runs_of,
    shown_page,
    standing,
    texts_of,
)
from gaemi.web.api import ended
from gaemi.web.asks import Ask, BookAsk
from gaemi.web.pages import Shown, choices, link
from gaemi.web.runs import ENDED_EARLY, Run, State
from gaemi.web.tables import frame_of, rows_of
from gaemi.web.uploads import book_files

router = APIRouter(include_in_schema=False)
NO_TABLE = "no such book: it is forgotten, or holds no accounts"
ABOUT = "Which accounts break under a shock, what is sold at the next opening, what stays unpaid?"

AskedRun = Annotated[str, Query(max_length=64, description="The id of a run of a book.")]
FILTERS = (("segment", "Segment"), ("firm", "Firm class"), ("outcome", "Outcome"))
SORTS = (("rank", "nearest to a call"), ("loans_won", "loans"), ("shortfall_won", "shortfall"), ("account", "account"))
SAID = {
    "account": "account", "segment": "segment", "firm": "firm class", "loans_won": "loans",
    "collateral_won": "collateral", "holdings_won": "holdings", "ratio_pct": "ratio, %", "shortfall_won": "shortfall",
    "trigger_fall_pct": "fall to a call, %", "called": "called", "due": "due", "due_won": "sold then",
    "sold_won": "sold by force", "residual_won": "residual debt", "outcome": "outcome", "rank": "rank",
    "unsettled_won": "unsettled purchases", "kind": "kind", "ticker": "ticker", "won": "won", "opened": "opened",
}  # fmt: skip
TABLE = (
    *("account", "segment", "loans_won", "ratio_pct", "trigger_fall_pct", "shortfall_won", "due", "due_won"),
    *("sold_won", "residual_won", "outcome"),
)
MOST_VALUES, ROWS = 300, 50


@router.get("/book")
async def book_page(request: Request, run: Annotated[str | None, Query(max_length=64)] = None) -> Response:
    """The book that the site was started with, or one that was sent."""
    runs, given = runs_of(request), given_of(request)
    if run:
        found = runs.get(run)
        found = found if found is not None and found.ask.view == "book" else None
        return await _shown(request, found, () if found else (FORGOTTEN,))
    if runs_of(request).source is None:
        return await _shown(request, None)
    fields, faults = asked_by(BookAsk, given)
    if fields is None:
        return await _shown(request, None, faults, given)
    found = runs.find(Ask("book", fields))
    is_asked = found is not None and found.state not in ENDED_EARLY
    return await _shown(request, found, (), given, start=None if is_asked else given)


@router.post("/book")
async def ask_book(request: Request) -> Response:
    """A question about the site's book, or files of a book of one's own."""
    runs, form = runs_of(request), await form_of(request)
    given = texts_of(form)
    fields, faults = asked_by(BookAsk, given)
    before = runs.get(given.get("run", ""))
    if before is not None and before.ask.files:
        files = dict(before.ask.files)
    elif "files" in form:
        files, more = await book_files(form)
        faults = (*faults, *more)
    elif runs_of(request).source is None:
        files, faults = {}, (*faults, Fault("files", "none", "a book needs at least its holdings"))
    else:
        files = {}
    if fields is None or faults:
        return await _shown(request, before, faults, given)
    started = runs.start(Ask("book", fields, files))
    await ended(started, AT_ONCE)
    if started.state is State.REFUSED and files:
        return await _shown(request, started, started.made.faults, given)
    return RedirectResponse(f"/book?run={started.id}" if files else link("/book", given), 303)


async def _shown(
    request: Request,
    run: Run | None,
    faults: tuple[Fault, ...] = (),
    values: Mapping[str, Any] | None = None,
    start: Mapping[str, Any] | None = None,
) -> Response:
    runs = runs_of(request)
    has_files = run is not None and bool(run.ask.files)
    told = values if values is not None else _told(run)
    tables = (run.made.tables or {}) if run is not None else {}
    more = {
        "choices": choices(), "has_book": runs_of(request).source is not None or has_files,
        "uploaded": run.id if run is not None and has_files else "", "accounts": "accounts" in tables,
        "about": ABOUT, "segments": _segments(run),
    }  # fmt: skip
    address = f"/book?run={run.id}" if run is not None and has_files else link("/book", told)
    shown = Shown(
        "book", address, "Book", code_of(request), asked=told, run=run, faults=faults, start=start, more=more,
        **standing(runs, run),
    )  # fmt: skip
    return await shown_page(request, shown, 422 if faults else 200)


def _told(run: Run | None) -> dict[str, Any]:
    """The fields of a book's question that are not the usual ones."""
    if run is None:
        return {}
    usual = BookAsk().model_dump(mode="json")
    return {name: value for name, value in run.ask.fields.model_dump(mode="json").items() if value != usual[name]}


def _segments(run: Run | None) -> list[tuple[str, str]]:
    """The segments of a book that is done, each with the address of its accounts."""
    if run is None or run.state is not State.DONE or "accounts" not in (run.made.tables or {}):
        return []
    rows = run.answer().get("groups") or []
    names = [str(row["group"]) for row in rows if row["dimension"] == "segment"][:MOST_VALUES]
    return [(name, link("/book/accounts", {"run": run.id, "segment": name})) for name in names]


@router.get("/book/accounts")
async def accounts_page(
    request: Request,
    run: AskedRun,
    segment: str = "",
    firm: str = "",
    outcome: str = "",
    account: str = "",
    sort: str = "rank",
    at: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """The accounts of a book, by segment, class of firm or outcome, nearest to a call first."""
    found, content = _table(request, run, "accounts")
    chosen = {"segment": segment, "firm": firm, "outcome": outcome}
    more = await asyncio.to_thread(_accounts, content, found, chosen, account, sort, at)
    here = _here(found, chosen, account, sort, at)
    shown = Shown("book", here, "Accounts", code_of(request), "accounts.html", more=more)
    return await shown_page(request, shown)


def _here(run: Run, chosen: Mapping[str, str], account: str, sort: str, at: int) -> str:
    return link("/book/accounts", {"run": run.id, **chosen, "account": account, "sort": sort, "at": at or ""})


def _accounts(content: bytes, run: Run, chosen: Mapping[str, str], account: str, sort: str, at: int) -> dict[str, Any]:
    frame = frame_of(content)
    filters = []
    for name, words in FILTERS:
        if name not in frame.columns or frame[name].null_count() == frame.height:
            continue
        values = frame[name].drop_nulls().unique().sort().to_list()
        if 1 < len(values) <= MOST_VALUES:
            filters.append((name, words, values, chosen[name]))
    for name, value in chosen.items():
        if value and name in frame.columns:
            frame = frame.filter(pl.col(name) == value)
    if account:
        frame = frame.filter(pl.col("account").str.contains(account, literal=True))
    sorts = [(name, words) for name, words in SORTS if name in frame.columns]
    sort = sort if sort in dict(sorts) else sorts[0][0]
    descending = sort in ("loans_won", "shortfall_won")
    frame = frame.sort(sort, "account", descending=[descending, False], nulls_last=True)
    names = [name for name in TABLE if name in frame.columns and frame[name].null_count() < frame.height]
    rows = [
        (link("/book/account", {"run": run.id, "account": row["account"]}), [_cell(name, row[name]) for name in names])
        for row in rows_of(frame.select(names), at, ROWS)
    ]
    return {
        "run": run.id, "back": f"/book?run={run.id}", "filters": filters, "sorts": sorts, "sort": sort,
        "account": account, "rows": rows, "columns": [(SAID[name], _kind(name), name == "segment") for name in names],
        "count": f"{at + 1 if frame.height else 0:,}–{min(at + ROWS, frame.height):,} of {frame.height:,} accounts",
        "before": _here(run, chosen, account, sort, max(0, at - ROWS)) if at else "",
        "after": _here(run, chosen, account, sort, at + ROWS) if at + ROWS < frame.height else "",
    }  # fmt: skip


def _kind(name: str) -> str:
    return "number" if name.endswith(("_won", "_pct")) or name in ("won", "rank") else "text"


def _cell(name: str, value: Any) -> str:
    if value is None:
        return wording.UNKNOWN
    if name.endswith("_won") or name == "won":
        return wording.won(int(value))
    if name.endswith("_pct"):
        return wording.percent(float(value))
    return str(value)


@router.get("/book/account")
async def one_account(request: Request, run: AskedRun, account: Annotated[str, Query(max_length=200)]) -> Response:
    """One account of a book: everything the run knows of it, and its loans."""
    found, content = _table(request, run, "accounts")
    more = await asyncio.to_thread(_account, found, content, account)
    if more is None:
        raise Missing(404, "no such account in this book")
    address = link("/book/account", {"run": run, "account": account})
    shown = Shown("book", address, f"Account {account}", code_of(request), "one_account.html", more=more)
    return await shown_page(request, shown)


def _account(run: Run, content: bytes, account: str) -> dict[str, Any] | None:
    rows = rows_of(frame_of(content).filter(pl.col("account") == account), 0, 1)
    if not rows:
        return None
    pairs = [
        (SAID.get(name, name), _cell(name, value), name not in SAID or name in ("account", "segment"))
        for name, value in rows[0].items()
    ]
    loans = (run.made.tables or {}).get("loans")
    shown = None if loans is None else _loans(loans, account)
    return {"pairs": pairs, "loans": shown, "back": link("/book/accounts", {"run": run.id})}


def _loans(content: bytes, account: str) -> dict[str, Any] | None:
    """The loans of one account as a table; None where it has none."""
    frame = frame_of(content)
    frame = frame.filter(pl.col("account") == account) if "account" in frame.columns else frame.head(0)
    if not frame.height:
        return None
    names = [name for name in frame.columns if name != "account" and frame[name].null_count() < frame.height]
    columns = tuple((SAID.get(name, name.replace("_", " ")), _kind(name)) for name in names)
    rows = rows_of(frame.select(names), 0, ROWS)
    return {"columns": columns, "rows": tuple(tuple(_cell(name, row[name]) for name in names) for row in rows)}


def _table(request: Request, run_id: str, name: str) -> tuple[Run, bytes]:
    run = done_run(request, run_id, None, NO_TABLE)
    content = (run.made.tables or {}).get(name)
    if content is None:
        raise Missing(404, NO_TABLE)
    return run, content
