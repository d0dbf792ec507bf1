"""A day of margin loans on one stock, and what can be wrong with the days of a stock and with two records of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from gaemi import days as calendar
from gaemi.errors import Fault
from gaemi.sources.money_units import agree
from gaemi.sources.tables import capped

FIGURES = ("new_won", "repaid_won", "outstanding_won", "new_shares", "repaid_shares", "outstanding_shares")


@dataclass(frozen=True, slots=True)
class CreditDay:
    """Margin loans on one stock that the trades of one day changed, whole won; None where the source gives no figure.

    ``unit_won`` is the unit in which the amounts were written and to which they are rounded, ``where`` file and row.
    """

    ticker: str
    trade_date: date
    settle_date: date | None = None
    new_won: int | None = None
    repaid_won: int | None = None
    outstanding_won: int | None = None
    new_shares: int | None = None
    repaid_shares: int | None = None
    outstanding_shares: int | None = None
    unit_won: int = 1
    where: str = ""


def contradictions(one: CreditDay, other: CreditDay) -> list[Fault]:
    """Where two files tell one stock and day differently, but for the rounding of the larger unit."""
    faults = []
    for name in ("settle_date", *FIGURES):
        a, b = getattr(one, name), getattr(other, name)
        units = (one.unit_won, other.unit_won) if name.endswith("_won") else (1, 1)
        same = a == b if name == "settle_date" else a is None or b is None or agree(a, units[0], b, units[1])
        if not same:
            where = f"{one.where} ({one.ticker} on {one.trade_date})"
            found = f"{a} and {b} in {other.where}"
            faults.append(Fault(where, found, f"two files that give {name} must agree", "give one of them"))
    return faults


def faults_of(rows: Sequence[CreditDay]) -> list[Fault]:
    """Every fault of the rows of one stock, in order of trade dates, but the gaps between them."""
    faults: list[Fault] = []
    used = [name for name in FIGURES if any(getattr(row, name) is not None for row in rows)]
    for row in rows:
        where = f"{row.where} ({row.ticker} on {row.trade_date})"
        for name in used:
            value = getattr(row, name)
            if value is None:
                faults.append(Fault(where, "empty", f"{name} must be given on every day or on none"))
            elif value < 0:
                faults.append(Fault(where, f"{value:,}", f"{name} must be 0 or more"))
        if row.settle_date is not None and row.settle_date < row.trade_date:
            faults.append(Fault(where, str(row.settle_date), "a settlement must not be before its trade"))
    for before, after in pairwise(rows):
        where = f"{after.where} ({after.ticker} on {after.trade_date})"
        if before.trade_date == after.trade_date:
            faults.append(Fault(where, f"a second row of that day, after {before.where}", "a day must have one row"))
            continue
        if before.settle_date is not None and after.settle_date is not None and after.settle_date < before.settle_date:
            found = f"{after.settle_date} after {before.settle_date}"
            faults.append(Fault(where, found, "a later trade must not settle before an earlier one"))
        one_day = timedelta(days=1)
        if not calendar.sessions_between(before.trade_date + one_day, after.trade_date - one_day):
            faults += [fault for kind in ("won", "shares") for fault in _flow_faults(before, after, kind, where)]
    return capped(faults)


def _flow_faults(before: CreditDay, after: CreditDay, kind: str, where: str) -> list[Fault]:
    """Whether what is outstanding follows from the session before, in ``won`` or in ``shares``."""
    old, now = getattr(before, f"outstanding_{kind}"), getattr(after, f"outstanding_{kind}")
    new, repaid = getattr(after, f"new_{kind}"), getattr(after, f"repaid_{kind}")
    if None in (old, now, new, repaid):
        return []
    unit = max(before.unit_won, after.unit_won) if kind == "won" else 1
    # Each of the four amounts is rounded to its unit; whole won and shares are not rounded at all.
    rounding = 2 * unit if unit > 1 else 0
    if abs(old + new - repaid - now) <= rounding:
        return []
    found = f"{now:,} after {old:,}, with {new:,} new and {repaid:,} repaid"
    slack = f", to {rounding:,} {kind} of rounding" if rounding else ""
    return [Fault(where, found, f"outstanding_{kind} must be that of the session before + new - repaid{slack}")]
