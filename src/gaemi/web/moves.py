"""The loan of an account moves: the same account with another loan, on the same paths, while the slider is held."""

import asyncio
from html import escape
from typing import Any

from gaemi.answers import odds_sheets, wording
from gaemi.answers.language import language
from gaemi.answers.report.render import present
from gaemi.units import format_won
from gaemi.web import pages
from gaemi.web.api import ended
from gaemi.web.asks import AccountAsk, Ask
from gaemi.web.runs import Run, Runs, State

MOVING_SESSIONS, PRECISE_SESSIONS = 200_000, 2_500_000
"""Sessions of all paths together: as few while the slider moves, so many when it rests."""

FEWEST_PATHS, MOST_PATHS = 200, 10_000
STEPS = 200
PATIENCE = 15.0


def margin_won(run: Run) -> int:
    """Won of margin loans that an account owes."""
    return sum(row["principal_won"] for row in run.answer()["loans"] if row["kind"] == "margin")


def slider_of(run: Run, code: str) -> dict[str, Any] | None:
    """The slider of an account's margin loan, from none to once more what is owed or owned; None where none is lent."""
    document = run.answer()
    lent_on = [row for row in document["holdings"] if row["currency"] == "won" and row["leverage"] in (None, 1.0)]
    if document["kind"] == "replay" or not lent_on:
        return None
    now = margin_won(run)
    worth = int(document["totals"]["net_worth_won"])
    most = now + max(worth, now, 1_000_000)
    step = max(10_000, int(round(most // STEPS, -(len(str(most // STEPS)) - 1))))
    return {"now": now, "most": most // step * step, "step": step, "words": language(code).text(format_won(now))}


async def moved(runs: Runs, run: Run, loan_won: int, precise: bool, code: str) -> dict[str, str]:
    """What changes with another loan, as a part of the page, and the loan in words."""
    fields = run.ask.fields
    assert isinstance(fields, AccountAsk)
    change = loan_won - margin_won(run)
    words = language(code).text(format_won(loan_won))
    if abs(change) < 1000:
        return {"html": "", "words": words}
    sessions = int((run.answer().get("horizon") or {}).get("sessions") or 250)
    budget = PRECISE_SESSIONS if precise else MOVING_SESSIONS
    paths = max(FEWEST_PATHS, min(MOST_PATHS, budget // sessions // 100 * 100))
    asked = fields.model_copy(
        update={"quick": True, "paths": paths, "what_if": [f"loan {'+' if change > 0 else '-'}{abs(change)}"]}
    )
    step = runs.start(Ask("account", asked, run.ask.files))
    await ended(step, PATIENCE)
    if step.state is State.REFUSED:
        told = "".join(f"<p>{escape(language(code).text(fault.allowed))}</p>" for fault in step.made.faults)
        runs.drop(step)
        return {"html": told, "words": words}
    if step.state is not State.DONE:
        runs.cancel(step)
        return {"html": "", "words": words}
    document = step.answer()
    shown = [
        {"words": each["words"], "tables": present(odds_sheets.distances(each), odds_sheets.paired(document, each))}
        for each in document["what_if"]
    ]
    html = await asyncio.to_thread(
        pages.fragment, step, "moved.html", code, {"what_if": shown, "paths": wording.whole(paths)}
    )
    runs.drop(step)
    return {"html": html, "words": words}
