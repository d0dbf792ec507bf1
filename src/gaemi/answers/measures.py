"""Measures: what a scenario comes to, as plain numbers with names.

A :class:`Result` keeps what a scenario leaves behind when its accounts are dropped; the functions below turn results
into rows that the terminal, the page, JSON and Parquet share. Won and head counts are weighted here, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gaemi.kernels import sell as selling
from gaemi.kernels import tally as tallying
from gaemi.kernels.call import (
    AGE_ROWS,
    WHO_CALLED_WON,
    WHO_RESIDUAL_WON,
    WHO_ROWS,
    WHO_SOLD_WON,
)
from gaemi.outcomes import Ever, Outcome
from gaemi.people.purchases import FIRST_BUYER
from gaemi.records.columns import AGE_BANDS, SIZE_BANDS, Board, Borrowing
from gaemi.run import fingerprint
from gaemi.world import DayRecord, World

POINTS = 100.0
LEAST_SHOCK_FOR_RATIO_PCT = 5.0


@dataclass(frozen=True, slots=True)
class HeadRange:
    """Low and high number of persons for one row counted at the central number of borrowers."""

    low: float
    high: float

    def of(self, count: int) -> dict[str, int]:
        return {"central": count, "low": round(count * self.low), "high": round(count * self.high)}


@dataclass(frozen=True, slots=True)
class Result:
    """What is left of a scenario: its days, and who was hit."""

    records: list[DayRecord]
    who: np.ndarray
    groups: np.ndarray
    outcomes: np.ndarray
    ever: np.ndarray
    ratios: np.ndarray
    wiped_plain: int
    weight: int
    turnover_won: int
    fingerprint: str

    def fall_points(self, board: Board = Board.KOSPI) -> float:
        """Largest fall of the index below its start, in percentage points of the start."""
        return POINTS * max(0.0, 1.0 - min(record.index.get(board, 1.0) for record in self.records))

    def won(self, flow: int) -> int:
        return sum(int(record.flows[flow]) for record in self.records) * self.weight

    def count(self, flag: Ever) -> int:
        return int(self.ever[flag.value.bit_length() - 1]) * self.weight


def result_of(world: World, hashed: bool = False) -> Result:
    """Take from a finished world what is reported; who only bought during a replay is not counted as a borrower."""
    workers, borrowing = world.workers, world.population.borrowing
    groups = np.zeros((WHO_ROWS, tallying.GROUP_MEASURES), np.int64)
    outcomes, ever = np.zeros(len(Outcome), np.int64), np.zeros(len(Ever), np.int64)
    workers.each(tallying.count_groups, borrowing, world.now, out=[groups], where=_stood_before)
    workers.each(tallying.count_outcomes, borrowing, out=[outcomes, ever], where=_stood_before)
    domestic = world.instruments.indexed != 0
    return Result(
        records=world.records,
        who=world.who,
        groups=groups,
        outcomes=outcomes,
        ever=ever,
        ratios=ratio_bands(world),
        wiped_plain=int(world.wiped_by_age.sum()),
        weight=world.population.weight,
        turnover_won=int(world.instruments.turnover_won[domestic].sum()),
        fingerprint=fingerprint(world) if hashed else "",
    )


def _stood_before(group: Borrowing) -> bool:
    """Whether a group's accounts were there at the start of the run."""
    return not (group.investor.size and group.investor[0] >= FIRST_BUYER)


def ratio_bands(world: World) -> np.ndarray:
    """Won of pooled loans by band of the collateral ratio, now."""
    bands = np.zeros(len(tallying.RATIO_BANDS), np.int64)
    world.workers.each(tallying.band_ratios, world.population.borrowing, world.now, world.law.table, out=[bands])
    return bands


def call_map(world: World, level: float) -> list[dict[str, Any]]:
    """Won of loans that reach maintenance by each whole per cent of a common fall, without impact."""
    reached = np.zeros((tallying.FALL_STEPS + 1, tallying.MAP_KINDS), np.int64)
    world.workers.each(tallying.map_calls, world.population.borrowing, world.now, world.law.table, out=[reached])
    reached *= world.population.weight
    running, total = np.cumsum(reached, axis=0), max(1, int(reached.sum()))
    return [
        {
            "fall_pct": fall,
            "index_level": level * (100 - fall) / 100,
            "reached_won": int(running[fall].sum()),
            "kospi_won": int(running[fall, tallying.MAP_KOSPI]),
            "kosdaq_won": int(running[fall, tallying.MAP_KOSDAQ]),
            "pledged_won": int(running[fall, tallying.MAP_PLEDGED]),
            "stock_loan_won": int(running[fall, tallying.MAP_STOCK_LOAN]),
            "share_of_loans_pct": POINTS * int(running[fall].sum()) / total,
        }
        for fall in range(tallying.FALL_STEPS)
    ]


def curve_row(shock_pct: float, fed: Result, unfed: Result, heads: HeadRange) -> dict[str, Any]:
    """One shock of the fragility curve: with feedback (``fed``) and without."""
    fall, plain_fall = fed.fall_points(), unfed.fall_points()
    sold = [int(record.flows[selling.GROSS_WON]) * fed.weight for record in fed.records]
    peak = int(np.argmax(sold))
    wiped = heads.of(fed.count(Ever.WIPED_OUT))
    plain = fed.wiped_plain * fed.weight
    return {
        "shock_pct": shock_pct,
        "fall_no_feedback_points": plain_fall,
        "fall_points": fall,
        "extra_fall_points": fall - plain_fall,
        "amplification": fall / plain_fall if abs(shock_pct) >= LEAST_SHOCK_FOR_RATIO_PCT and plain_fall > 0 else None,
        "under_won": max(record.under_won for record in fed.records) * fed.weight,
        "called_won": sum(record.called_won for record in fed.records) * fed.weight,
        "sold_won": sum(sold),
        "sold_no_feedback_won": unfed.won(selling.GROSS_WON) if unfed.outcomes.sum() else None,
        "sold_share_of_turnover_pct": POINTS * sum(sold) / (fed.turnover_won * max(1, len(fed.records) - 1)),
        "peak_day_sold_won": sold[peak],
        "peak_day": peak,
        "peak_day_share_of_turnover_pct": POINTS * sold[peak] / fed.turnover_won,
        "residual_won": fed.won(selling.RESIDUAL_WON),
        "called_borrowers": heads.of(fed.count(Ever.CALLED)),
        "sold_borrowers": heads.of(fed.count(Ever.FORCE_SOLD)),
        "residual_borrowers": heads.of(fed.count(Ever.RESIDUAL_DEBT)),
        "emptied_accounts": heads.of(fed.count(Ever.EMPTIED)),
        "wiped_out_investors": {name: count + plain for name, count in wiped.items()},
        "wiped_out_without_loans": plain,
        "clearing_gap_points": POINTS * max(record.clearing_gap for record in fed.records),
    }


def day_rows(fed: Result, unfed: Result, levels: dict[Board, float]) -> list[dict[str, Any]]:
    """The days of a scenario, with and without feedback."""
    rows = []
    for record, other in zip(fed.records, unfed.records, strict=True):
        flows, sums, weight = record.flows, record.sums, fed.weight
        margin = sums[[tallying.MARGIN_KOSPI_WON, tallying.MARGIN_KOSDAQ_WON]].sum()
        settled = sums[[tallying.SETTLED_KOSPI_WON, tallying.SETTLED_KOSDAQ_WON]].sum()
        row: dict[str, Any] = {"day": record.day, "date": str(record.date)}
        for board, level in levels.items():
            name = board.name.lower()
            row[name] = level * record.index.get(board, 1.0)
            row[f"{name}_no_feedback"] = level * other.index.get(board, 1.0)
        rows.append(
            row
            | {
                "under_won": record.under_won * weight,
                "called_won": record.called_won * weight,
                "sold_won": int(flows[selling.GROSS_WON]) * weight,
                "sold_margin_won": int(flows[selling.MARGIN_SOLD_WON]) * weight,
                "sold_pledged_won": int(flows[selling.PLEDGED_SOLD_WON]) * weight,
                "sold_unsettled_won": int(flows[selling.UNSETTLED_SOLD_WON]) * weight,
                "sold_stock_loan_won": int(flows[selling.STOCK_LOAN_SOLD_WON]) * weight,
                "sold_turnover_pct": POINTS * int(flows[selling.GROSS_WON]) * weight / fed.turnover_won,
                "residual_won": int(flows[selling.RESIDUAL_WON]) * weight,
                "margin_won": int(margin) * weight,
                "margin_settled_won": int(settled) * weight,
                "locked_down": record.locked_down,
            }
        )
    return rows


def who_rows(before: Result, after: Result) -> list[dict[str, Any]]:
    """Who is hit, by age band, market and size of net worth: won of loans at the start, called, sold, unpaid."""
    names = [("age", band) for band in AGE_BANDS] + [("size", band) for band in SIZE_BANDS]
    names += [("market", board.name) for board in (Board.KOSPI, Board.KOSDAQ)]
    rows = []
    for row, (dimension, band) in enumerate(names):
        groups, who = after.groups[row] * after.weight, after.who[row] * after.weight
        rows.append(
            {
                "dimension": dimension,
                "band": band,
                "loans_won": int(before.groups[row, tallying.LOANS_WON]) * before.weight,
                "called_won": int(who[WHO_CALLED_WON]),
                "sold_won": int(who[WHO_SOLD_WON]),
                "residual_won": int(who[WHO_RESIDUAL_WON]),
                "borrowers": int(groups[tallying.BORROWERS]),
                "called_borrowers": int(groups[tallying.CALLED]),
                "sold_borrowers": int(groups[tallying.SOLD]),
                "residual_borrowers": int(groups[tallying.RESIDUAL]),
                "wiped_out": int(groups[tallying.WIPED_OUT]),
            }
        )
    assert len(rows) == WHO_ROWS and AGE_ROWS == len(AGE_BANDS)
    return rows


def outcome_rows(result: Result, heads: HeadRange) -> list[dict[str, Any]]:
    """Borrowers by their one outcome, worst first, and beside it how many it ever happened to."""
    rows = []
    for outcome in Outcome:
        ever = None if outcome is Outcome.NONE else heads.of(result.count(Ever[outcome.name]))
        exclusive = heads.of(int(result.outcomes[outcome]) * result.weight)
        rows.append({"outcome": outcome.label, "borrowers": exclusive, "ever": ever})
    return rows


def ratio_rows(before: Result, after: Result) -> list[dict[str, Any]]:
    """Won of loans by band of the collateral ratio, before and after."""
    return [
        {"band": band, "before_won": int(b) * before.weight, "after_won": int(a) * after.weight}
        for band, b, a in zip(tallying.RATIO_BANDS, before.ratios, after.ratios, strict=True)
    ]


def tipping(shocks: Sequence[float], falls: Sequence[float], gaps: Sequence[float], cost: float) -> float | None:
    """Smallest shock (per cent, negative) at which a point more of shock costs ``cost`` points of fall or more.

    Also the smallest at which the highest and the lowest clearing prices part. ``shocks`` run from 0 downwards.
    """
    for i in range(1, len(shocks)):
        slope = (falls[i] - falls[i - 1]) / abs(shocks[i] - shocks[i - 1])
        if slope >= cost or gaps[i] > 0.0:
            return shocks[i]
    return None
