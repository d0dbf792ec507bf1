"""Reverse stress: the smallest common fall that calls, sells or leaves unpaid a given share of the loan book."""

from collections.abc import Callable
from typing import Any

from gaemi.book.request import DAYS
from gaemi.book.search import MOST_BPS, smallest
from gaemi.book.stage import Ran, Stage, called_ones, common_fall, flagged, unpaid_won
from gaemi.book.standing import FALL_SESSIONS, Standing
from gaemi.outcomes import Ever

MEASURES = ("called", "sold", "unpaid")


def break_rows(stage: Stage, standing: Standing, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """For each measure the smallest fall, to 0.1 %, at which the share of the request is reached.

    Called and sold are loans of accounts that were called, or of which shares were sold; unpaid is won. A fall is
    spread over FALL_SESSIONS and the book runs on as long as a scenario does. Falls are tried as
    :func:`gaemi.book.search.smallest` does.
    """
    share, falls = stage.request.break_bps, _Falls(stage, standing)
    rows = []
    for done, measure in enumerate(MEASURES):
        progress(done, len(MEASURES))
        fed, unfed = (_smallest(falls, measure, feedback, share) for feedback in (True, False))
        rows.append(
            {
                "measure": measure,
                "fall_pct": None if fed is None else fed / 100,
                "fall_no_feedback_pct": None if unfed is None else unfed / 100,
                "share_reached_pct": None if fed is None else falls.share_pct(fed, True)[measure],
                "most_pct": MOST_BPS / 100,
            }
        )
    progress(len(MEASURES), len(MEASURES))
    return {"share_pct": share / 100, "words": _words(rows, share), "rows": rows}


class _Falls:
    """Shares of the loan book by fall, each worked out once."""

    def __init__(self, stage: Stage, standing: Standing) -> None:
        self.stage, self.standing = stage, standing
        self.known: dict[tuple[int, bool], dict[str, float]] = {}

    def share_pct(self, fall_bps: int, feedback: bool) -> dict[str, float]:
        key = (fall_bps, feedback)
        if key not in self.known:
            days = self.stage.request.days or DAYS
            path = self.stage.shock_path(common_fall(fall_bps, FALL_SESSIONS), days)
            self.known[key] = shares_pct(self.stage.run(path, feedback), self.standing)
        return self.known[key]


def shares_pct(left: Ran, standing: Standing) -> dict[str, float]:
    """Per cent of all loans in pools tonight: of accounts called, of accounts sold, and won unpaid."""
    loans = max(1, int(standing.debt_won.sum()))
    called = called_ones(left, standing.under)
    return {
        "called": 100 * int(standing.debt_won[called].sum()) / loans,
        "sold": 100 * int(standing.debt_won[flagged(left, Ever.FORCE_SOLD)].sum()) / loans,
        "unpaid": 100 * unpaid_won(left) / loans,
    }


def _smallest(falls: _Falls, measure: str, feedback: bool, share_bps: int) -> int | None:
    """The smallest fall in bps at which the share is reached; None where no fall up to MOST_BPS reaches it."""

    def reached(fall: int) -> bool:
        return falls.share_pct(fall, feedback)[measure] * 100 >= share_bps

    return smallest(reached)


def _words(rows: list[dict[str, Any]], share_bps: int) -> str:
    told = []
    for row in rows:
        fall = row["fall_pct"]
        where = "at no fall up to 95 %" if fall is None else f"at a fall of {fall:g} %" if fall else "already tonight"
        told.append(f"{row['measure']} {where}")
    return f"{share_bps / 100:g} % of the loans are " + ", ".join(told) + "."
