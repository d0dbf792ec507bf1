"""Runs of a venue's book: what a move liquidates, what the fund pays, who is deleveraged, what stays unpaid.

The book takes every order at the mark of its step, so that nothing is lost but what the mark jumps over between two
steps: a move at once is the worst case of it, the same move in many steps the mildest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gaemi.book import search
from gaemi.book.venue_accounts import VenueBook
from gaemi.book.venue_shock import CoinShock, shocked_marks
from gaemi.kernels.venue import BUY, SELL, VenueTerms
from gaemi.market.marks import Marks
from gaemi.records.positions import MICRO
from gaemi.venue import VenueResult, fills_at, run_venue
from gaemi.workers import LocalWorkers, Progress

STEPS = 30
"""Steps of a move that does not come at once; twice as many changes little."""

FEW_SLOTS = 2_000
"""A book of so few slots runs faster as plain Python than kernels compile."""


@dataclass(slots=True)
class VenueStage:
    """A book under its terms. Runs copy what they write, so that any number of them start from the same moment."""

    made: VenueBook
    terms: VenueTerms
    workers: LocalWorkers
    start: np.datetime64

    def run(self, marks: Marks) -> VenueResult:
        """The book at every one of the marks, without funding payments."""
        return run_venue(self.made.accounts, marks, fills_at(marks), self.terms, self.workers, self.made.house)

    def common(self, move_bps: int) -> tuple[VenueResult, Marks]:
        """All coins moved at once by the same per cent."""
        marks = shocked_marks(self.made, CoinShock({}, move_bps), 1, self.start)
        return self.run(marks), marks


def totals_of(stage: VenueStage, result: VenueResult, marks: Marks) -> dict[str, Any]:
    """What a run did, in USDT: ``liquidated_long`` and ``_short`` are valued at the marks before the move."""
    made = stage.made
    closed = liquidated_now(stage, result, marks)
    both = int(made.values.sum())
    long, short = int(closed[SELL].sum()), int(closed[BUY].sum())
    return {
        "liquidated": (long + short) / MICRO,
        "liquidated_long": long / MICRO,
        "liquidated_short": short / MICRO,
        "share_pct": 100 * (long + short) / both if both else None,
        "long_share_pct": 100 * long / (long + short) if long + short else None,
        "accounts": closed_accounts(stage, result),
        "paid_by_fund": sum(step.deficit_micro for step in result.steps) / MICRO,
        "fund_before": made.house.fund_micro / MICRO,
        "fund_after": result.house.fund_micro / MICRO,
        "deleveraged": sum(step.deleveraged_micro for step in result.steps) / MICRO,
        "residual": -result.house.uncovered_micro / MICRO,
    }


def liquidated_now(stage: VenueStage, result: VenueResult, marks: Marks) -> np.ndarray:
    """int64 [side, contract] in micro: all that was closed, valued at the book's own marks and not at those it met."""
    found = np.zeros((2, len(stage.made.tickers)), np.int64)
    for t, step in enumerate(result.steps):
        # A value at the mark is a whole number of lots x that mark.
        found += step.liquidated_micro // marks.micro[t] * stage.made.mark_micro
    return found


def closed_accounts(stage: VenueStage, result: VenueResult) -> int:
    """Accounts whose own positions became fewer, deleveraged ones included."""
    before, after = np.abs(stage.made.accounts.lots).sum(axis=0), np.abs(result.accounts.lots).sum(axis=0)
    return int((after < before).sum())


def scenario_rows(stage: VenueStage, shock: CoinShock) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The shock at once and in steps, and of the one at once a row a contract."""
    rows, contracts = [], list[dict[str, Any]]()
    for what, steps in (("at once", 1), (f"in {STEPS} steps", STEPS)):
        marks = shocked_marks(stage.made, shock, steps, stage.start)
        result = stage.run(marks)
        rows.append({"what": what} | totals_of(stage, result, marks))
        contracts = contracts or contract_rows(stage, result, marks)
    return rows, contracts


def contract_rows(stage: VenueStage, result: VenueResult, marks: Marks) -> list[dict[str, Any]]:
    """A row a contract: its mark before and after, and what was closed of it, in USDT at the marks before."""
    closed = liquidated_now(stage, result, marks)
    made = stage.made
    lowest, highest = marks.micro.min(axis=0), marks.micro.max(axis=0)
    rows = [
        {
            "ticker": ticker,
            "mark": float(made.mark[at]),
            "lowest_pct": 100 * (min(lowest[at] / made.mark_micro[at], 1.0) - 1),
            "highest_pct": 100 * (max(highest[at] / made.mark_micro[at], 1.0) - 1),
            "open_long": int(made.values[SELL, at]) / MICRO,
            "open_short": int(made.values[BUY, at]) / MICRO,
            "liquidated_long": int(closed[SELL, at]) / MICRO,
            "liquidated_short": int(closed[BUY, at]) / MICRO,
        }
        for at, ticker in enumerate(made.tickers)
    ]
    return sorted(rows, key=lambda row: (-row["liquidated_long"] - row["liquidated_short"], row["ticker"]))


def map_rows(stage: VenueStage, progress: Progress) -> list[dict[str, Any]]:
    """What a common move at once closes, by move."""
    return search.map_rows(lambda move_bps: totals_of(stage, *stage.common(move_bps)), progress)


def break_rows(stage: VenueStage, share_bps: int, progress: Progress) -> list[dict[str, Any]]:
    """The smallest fall and rise of all coins at once that liquidates the share, or empties the fund."""
    tests: dict[str, Callable[[dict[str, Any]], bool]] = {
        f"{share_bps / 100:g} % of the open positions liquidated": lambda row: row["share_pct"] * 100 >= share_bps,
        "accounts deleveraged or the venue left with a loss": lambda row: bool(row["deleveraged"] or row["residual"]),
    }
    return search.break_rows(tests, lambda move_bps: totals_of(stage, *stage.common(move_bps)), progress)
