"""Odds: what became of each path, counted once, with standard errors; and what all variants are compared by."""

from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

import numpy as np

from gaemi.account.trip import Case
from gaemi.kernels.journey import NOT_YET
from gaemi.outcomes import Ever, PathOutcome
from gaemi.units import largest_remainder
from gaemi.walks import Trip, Walked

PERCENTILES = (5, 25, 50, 75, 95)
EVENTS = {
    PathOutcome.RESIDUAL_DEBT: Ever.RESIDUAL_DEBT,
    PathOutcome.ZEROED: Ever.ZEROED,
    PathOutcome.WIPED_OUT: Ever.WIPED_OUT,
    PathOutcome.FORCE_SOLD: Ever.FORCE_SOLD,
}
PEOPLE = 1000


@dataclass(frozen=True, slots=True)
class Tally:
    """One variant's paths: the outcome each is counted under, masks of what ever happened, and where it ended."""

    outcome: np.ndarray  # uint8 [p]
    ever: dict[PathOutcome, np.ndarray]  # bool [p]
    called: np.ndarray  # bool [p]
    end_won: np.ndarray  # int64 [p]
    first_session: dict[PathOutcome, np.ndarray]  # int [p], NOT_YET where never
    called_session: np.ndarray
    start_won: int

    @property
    def paths(self) -> int:
        return int(self.outcome.size)

    def share(self, outcome: PathOutcome) -> float:
        return float((self.outcome == outcome).mean())

    def ever_share(self, outcome: PathOutcome) -> float:
        return float(self.ever[outcome].mean())


def tally_of(walked: Walked, variant: int, start_won: int) -> Tally:
    """Count every path of a variant once, under the first outcome that applies."""
    bits, graduated = walked.ever[:, variant], walked.graduated[:, variant] != NOT_YET
    end, put_in = walked.end_won[:, variant], start_won + walked.put_in_won[:, variant]
    ever = {outcome: (bits & flag.value) != 0 for outcome, flag in EVENTS.items()}
    ever[PathOutcome.GRADUATE] = graduated
    ever[PathOutcome.BELOW_HALF] = ~graduated & (2 * end < put_in)
    ever[PathOutcome.BELOW_START] = ~graduated & (end < put_in)
    outcome = np.full(bits.size, PathOutcome.NONE.value, np.uint8)
    for each in sorted(ever, reverse=True):
        outcome[ever[each]] = each.value
    ever[PathOutcome.NONE] = outcome == PathOutcome.NONE
    days = {each: walked.first_day[flag.value.bit_length() - 1, :, variant] for each, flag in EVENTS.items()}
    days[PathOutcome.GRADUATE] = walked.graduated[:, variant]
    called_bit = Ever.CALLED.value.bit_length() - 1
    called = (bits & Ever.CALLED.value) != 0
    return Tally(outcome, ever, called, end, days, walked.first_day[called_bit, :, variant], start_won)


def error_of(share: float, paths: int) -> float:
    """Standard error of a share of independent paths."""
    return sqrt(share * (1.0 - share) / paths)


def odds_rows(tally: Tally, a_year: float) -> list[dict[str, Any]]:
    """The outcomes, worst first: counted once, and on how many paths each ever happened, with mean time till then."""
    rows = []
    for outcome in PathOutcome:
        count, ever = int((tally.outcome == outcome).sum()), int(tally.ever[outcome].sum())
        rows.append(
            {
                "outcome": outcome.label,
                "count": count,
                "share": count / tally.paths,
                "error": error_of(count / tally.paths, tally.paths),
                "ever_count": ever,
                "ever_share": ever / tally.paths,
                "ever_error": error_of(ever / tally.paths, tally.paths),
                "mean_years": _mean_years(tally.first_session.get(outcome), a_year),
            }
        )
    return rows


def called_row(tally: Tally, a_year: float) -> dict[str, Any]:
    """How often a call ever came."""
    count = int(tally.called.sum())
    share = count / tally.paths
    years = _mean_years(tally.called_session, a_year)
    return {"ever_count": count, "ever_share": share, "ever_error": error_of(share, tally.paths), "mean_years": years}


def _mean_years(days: np.ndarray | None, a_year: float) -> float | None:
    """Mean time until an event on the paths on which it ever came."""
    if days is None or not (days != NOT_YET).any():
        return None
    return float(days[days != NOT_YET].mean()) / a_year


def percentiles(amounts: np.ndarray) -> dict[str, int]:
    """Whole won at the 5, 25, 50, 75 and 95 % points, each an amount that a path had."""
    ordered = np.sort(amounts)
    return {f"p{p}": int(ordered[min(ordered.size - 1, ordered.size * p // 100)]) for p in PERCENTILES}


def fan_rows(trip: Trip, walked: Walked, variant: int, start_won: int) -> list[dict[str, Any]]:
    """Net worth after costs at the start and at each checkpoint; who graduated keeps what there was then."""
    marks = np.flatnonzero(trip.days["checkpoint"] >= 0)
    rows: list[dict[str, Any]] = [{"date": str(trip.dates[0])} | {f"p{p}": start_won for p in PERCENTILES}]
    done, end = walked.graduated[:, variant], walked.end_won[:, variant]
    for place, session in enumerate(marks.tolist()):
        worth = np.where((done != NOT_YET) & (done <= session), end, walked.worth_won[place, :, variant])
        rows.append({"date": str(trip.dates[session])} | percentiles(worth))
    return rows


def thousand_of(tally: Tally) -> list[dict[str, Any]]:
    """A thousand people in proportion to the outcomes, worst first; they add up to a thousand exactly."""
    counts = [int((tally.outcome == outcome).sum()) for outcome in PathOutcome]
    people = largest_remainder(PEOPLE, counts)
    return [{"outcome": outcome.label, "people": each} for outcome, each in zip(PathOutcome, people, strict=True)]


def comparison_row(case: Case, tally: Tally) -> dict[str, Any]:
    """What variants are compared by: on what share of paths each ever happened, with its error, and the median end."""
    row: dict[str, Any] = {"drift": case.drift.name}
    for name, outcome in (
        ("graduate", PathOutcome.GRADUATE),
        ("force_sold", PathOutcome.FORCE_SOLD),
        ("wiped_out", PathOutcome.WIPED_OUT),
        ("below_start", PathOutcome.BELOW_START),
    ):
        share = tally.ever_share(outcome)
        if outcome == PathOutcome.GRADUATE and case.goal_won == 0:
            row |= {name: None, f"{name}_error": None}
        else:
            row |= {name: share, f"{name}_error": error_of(share, tally.paths)}
    return row | {"median_won": percentiles(tally.end_won)["p50"]}


def paired_rows(drift: str, before: Tally, after: Tally, has_goal: bool) -> list[dict[str, Any]]:
    """Before and after on the same paths: the error is that of the difference path by path."""
    rows = []
    for outcome in PathOutcome:
        if outcome in (PathOutcome.NONE,) or (outcome == PathOutcome.GRADUATE and not has_goal):
            continue
        change = after.ever[outcome].astype(np.int8) - before.ever[outcome].astype(np.int8)
        rows.append(
            {
                "drift": drift,
                "outcome": outcome.label,
                "before": before.ever_share(outcome),
                "after": after.ever_share(outcome),
                "difference": float(change.mean()),
                "error": float(change.std()) / sqrt(change.size),
            }
        )
    return rows


def years_between(first: date, last: date) -> float:
    """Years of 365.25 days."""
    return (last - first).days / 365.25
