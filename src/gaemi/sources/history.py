"""A credit history: closes of the two indices and published balances on one row of sessions, with its gaps by name.

A gap is a stretch without prices, or of more than a month without any balance; nothing is carried across one. Between
gaps a history is daily, or monthly where only month-ends were published. A day that a daily stretch lacks is a fault,
as are the faults of prices and balances themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from gaemi import days as calendar
from gaemi.errors import Fault, Refused, refuse
from gaemi.sources.balances import Balance, BalanceHistory
from gaemi.sources.prices import LONGEST_HOLE, PriceHistory
from gaemi.sources.tables import capped

LONGEST_MONTH = timedelta(days=35)
"""Month-ends lie at most this far apart; balances further apart leave a gap."""

DAILY = timedelta(days=11)
"""Balances this close belong to a daily stretch: holidays close the exchange for up to ten days."""

NONE = -1
"""Stands where no figure was published."""


@dataclass(frozen=True, slots=True)
class CreditHistory:
    """One stretch without a gap. ``t`` sessions; won are whole, NONE where there is no figure.

    ``settled_won`` are published balances of margin loans by market, on the day they were published for. ``closed``
    are balances of days on which the exchange was closed; ``monthly`` says that some lie a month apart.
    """

    days: tuple[date, ...]
    close: np.ndarray  # float64 [t, 2]
    settled_won: np.ndarray  # int64 [t, 2]
    unsettled_won: np.ndarray  # int64 [t]
    forced_won: np.ndarray  # int64 [t]
    capital_won: np.ndarray  # float64 [t, 2], NaN where it is not given
    closed: tuple[date, ...]
    gaps: tuple[str, ...]
    origin: str

    def place(self, day: date) -> int:
        """Place of the last session not after ``day``."""
        return int(np.searchsorted(np.array(self.days, "datetime64[D]"), np.datetime64(day, "D"), side="right")) - 1

    def observed(self) -> np.ndarray:
        """Places of the sessions that have a balance: int64 [k]."""
        return np.flatnonzero((self.settled_won >= 0).all(axis=1))

    @property
    def basis(self) -> str:
        """``daily``, ``monthly``, or ``monthly, then daily since`` a date."""
        seen = self.observed()
        sparse = np.flatnonzero(np.diff(seen) > 15)
        if sparse.size == 0:
            return "daily"
        if sparse[-1] == seen.size - 2:
            return "monthly"
        return f"monthly, then daily since {self.days[seen[sparse[-1] + 1]]}"


def credit_history(
    prices: PriceHistory, balances: BalanceHistory, last: date, first: date | None = None
) -> CreditHistory:
    """The stretch that holds the last session up to ``last``, from its gap (or ``first``) on.

    Raises Refused, with every fault of the stretch: no balance near ``last``, a session of a daily stretch without
    balance, faults of prices and balances, and prices that end before balances.
    """
    begins, gaps = _after_the_last_gap(prices, balances, last)
    begins = max(begins, first) if first else begins
    found = stretch(prices, balances, begins, last)
    return replace(found, gaps=tuple(gaps))


def stretches(prices: PriceHistory, balances: BalanceHistory, first: date, last: date) -> list[CreditHistory]:
    """Every stretch between gaps from ``first`` to ``last``, in order."""
    found: list[CreditHistory] = []
    until = last
    while until >= first:
        begins, _ = _after_the_last_gap(prices, balances, until)
        one = stretch(prices, balances, max(begins, first), until)
        found.append(one)
        before = [row.date for row in balances if row.date < one.days[0] and row.date >= first]
        if not before or one.days[0] <= first:
            break
        until = _priced_until(prices, before[-1])
        if until < first:
            break
    return found[::-1]


def stretch(prices: PriceHistory, balances: BalanceHistory, first: date, last: date) -> CreditHistory:
    """The sessions from ``first`` to ``last`` laid side by side, checked. Raises Refused with every fault."""
    recorded = prices.view(["KOSPI", "KOSDAQ"], first, last)
    days = recorded.days
    rows = [row for row in balances if first <= row.date <= last]
    place = {day: at for at, day in enumerate(days)}
    faults = balances.faults_of(rows)
    faults += _lost(rows, days, balances.origin)
    stray = [row for row in rows if row.date not in place]
    allowed = "a balance must be of a day that prices have, or of a business day on which the exchange was closed"
    faults += capped(
        [
            Fault(f"{balances.origin}, row {row.row}", str(row.date), allowed)
            for row in stray
            if calendar.is_session(row.date)
        ]
    )
    if faults:
        raise Refused(faults)
    t = len(days)
    settled, unsettled, forced = np.full((t, 2), NONE, np.int64), np.full(t, NONE, np.int64), np.full(t, NONE, np.int64)
    for row in rows:
        at = place.get(row.date)
        if at is None:
            continue
        if row.margin_kospi_won is not None and row.margin_kosdaq_won is not None:
            settled[at] = row.margin_kospi_won, row.margin_kosdaq_won
        unsettled[at] = NONE if row.unsettled_won is None else row.unsettled_won
        forced[at] = NONE if row.forced_sale_won is None else row.forced_sale_won
    _month_end_on_a_closed_day(stray, days, settled)
    capital = np.array([[prices.capitalisation(name, day) or np.nan for name in ("KOSPI", "KOSDAQ")] for day in days])
    closed = tuple(row.date for row in stray)
    return CreditHistory(days, recorded.close, settled, unsettled, forced, capital, closed, (), balances.origin)


def _month_end_on_a_closed_day(stray: Sequence[Balance], days: Sequence[date], settled: np.ndarray) -> None:
    """A month's only balance may be of the year's last business day: it is then that of the session before."""
    for row in stray:
        before = [at for at, day in enumerate(days) if day < row.date]
        at = before[-1] if before else 0
        near = settled[max(at - 10, 0) : at + 1]
        if (near < 0).all() and row.margin_kospi_won is not None and row.margin_kosdaq_won is not None:
            settled[at] = row.margin_kospi_won, row.margin_kosdaq_won


def _lost(rows: Sequence[Balance], days: Sequence[date], origin: str) -> list[Fault]:
    """Sessions without a balance inside a daily stretch: the row before them has one close before it, too."""
    faults = []
    for earlier, before, after in zip(rows, rows[1:], rows[2:], strict=False):
        if after.date - before.date > DAILY or before.date - earlier.date > DAILY:
            continue
        missing = [day for day in days if before.date < day < after.date]
        allowed = "a daily stretch must have a balance on every session"
        faults += [Fault(origin, f"no balance on {day}", allowed, "nothing is filled in") for day in missing]
    return capped(faults)


def _priced_until(prices: PriceHistory, last: date) -> date:
    """The last day up to ``last`` on which both indices have a close."""
    days = _priced(prices)
    return max((day for day in days if day <= last), default=date.min)


def _priced(prices: PriceHistory) -> list[date]:
    """Days on which both indices are recorded."""
    missing = [name for name in ("KOSPI", "KOSDAQ") if name not in prices.tickers]
    if missing:
        raise refuse("--prices", f"no {' and '.join(missing)}", "must hold closes of both indices")
    both = [np.isfinite(prices.close[:, prices.tickers.index(name)]) for name in ("KOSPI", "KOSDAQ")]
    return [day for day, a, b in zip(prices.dates, *both, strict=True) if a and b]


def _after_the_last_gap(prices: PriceHistory, balances: BalanceHistory, last: date) -> tuple[date, list[str]]:
    """The first day of the stretch that reaches ``last``, and the gaps before it in words."""
    days = [day for day in _priced(prices) if day <= last]
    rows = [row.date for row in balances if row.date <= last and row.margin_won is not None]
    if not days:
        raise refuse("--prices", "no closes", f"must reach {last}")
    if not rows:
        raise refuse("--balances", "none", f"must hold a balance of margin loans up to {last}")
    lost = calendar.sessions_between(days[-1] + timedelta(days=1), last)
    if lost:
        raise refuse("--prices", f"{days[-1]} as the last", f"must reach {last}: prices end before that date")
    if last - rows[-1] > LONGEST_MONTH:
        allowed = "must have a balance of the month before the date; a gap is never bridged"
        raise refuse("--balances", f"{rows[-1]} as the last", allowed)
    gaps: list[tuple[date, str]] = []
    for before, after in pairwise(days):
        between = calendar.sessions_between(before + timedelta(days=1), after - timedelta(days=1))
        if between and after - before > LONGEST_HOLE:
            gaps.append((after, f"no prices from {between[0]} to {between[-1]}"))
    for before, after in pairwise(rows):
        if after - before > LONGEST_MONTH:
            gaps.append((after, f"no balance from {before} to {after}"))
    begins = max([rows[0], days[0], *(day for day, _ in gaps)])
    return begins, [words for _, words in sorted(gaps)]
