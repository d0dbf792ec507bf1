"""Dates and trading sessions of the Korean market.

A session is a weekday on which the exchange trades: no public holiday (substitute holidays, election days and
temporary holidays included), not the first of May, and not the last business day of the year, when the exchange
stays closed. The public holidays come from the ``holidays`` package; the tests hold the result against every
session recorded from 2015 to 2025.

Source: business regulations of the exchange, market holidays (public holidays, Saturdays, Labour Day, year-end
closing day); Regulations on Holidays of Public Offices (관공서의 공휴일에 관한 규정).
"""

import re
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from gaemi.errors import refuse

ONE_DAY = timedelta(days=1)
SATURDAY = 5
EARLIEST_YEAR = 1990  # Before this the package's list of Korean holidays has not been compared with anything.
LATEST_YEAR = 2099

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


def parse_date(text: str, where: str = "date") -> date:
    """The date that ``text`` writes as ``2025-10-31`` or ``20251031``.

    Raises :class:`gaemi.errors.Refused`, naming ``where``, for any other form and for a day that does not exist.

    >>> parse_date("20251031")
    datetime.date(2025, 10, 31)
    """
    found = text.strip()
    match = (_ISO.fullmatch(found) or _COMPACT.fullmatch(found)) if found.isascii() else None
    if match is not None:
        try:
            return date(*(int(part) for part in match.groups()))
        except ValueError:
            raise refuse(where, f"'{found}'", "must be a day of the calendar") from None
    raise refuse(where, f"'{found}'", "must be a date as 2025-10-31 or 20251031")


def is_session(day: date) -> bool:
    """Whether the exchange trades on ``day``."""
    return day.weekday() < SATURDAY and day not in _closed_days(day.year)


def sessions(start: date, count: int) -> tuple[date, ...]:
    """The first ``count`` sessions strictly after ``start``, in order.

    >>> [str(day) for day in sessions(date(2025, 10, 2), 2)]
    ['2025-10-10', '2025-10-13']
    """
    assert count >= 0, f"count of sessions must be 0 or more, was {count}"
    found: list[date] = []
    day = start
    while len(found) < count:
        day += ONE_DAY
        if is_session(day):
            found.append(day)
    return tuple(found)


def sessions_between(first: date, last: date) -> tuple[date, ...]:
    """The sessions from ``first`` to ``last``, both included."""
    count = (last - first).days + 1
    days = (first + timedelta(days=offset) for offset in range(count))
    return tuple(day for day in days if is_session(day))


def session_on_or_before(day: date) -> date:
    """``day`` if the exchange trades on it, else the last session before it."""
    while not is_session(day):
        day -= ONE_DAY
    return day


@lru_cache(maxsize=128)
def _closed_days(year: int) -> frozenset[date]:
    """Weekdays and weekends of ``year`` on which the exchange is closed, apart from plain weekends."""
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise refuse("date", str(year), f"the trading calendar runs from {EARLIEST_YEAR} to {LATEST_YEAR}")
    closed = set(_korea()(years=[year]))
    closed.add(date(year, 5, 1))
    year_end = date(year, 12, 31)
    while year_end.weekday() >= SATURDAY or year_end in closed:
        year_end -= ONE_DAY
    closed.add(year_end)
    return frozenset(closed)


@cache
def _korea() -> Any:
    """The package's class of Korean holidays, loaded from its file: the package's front door loads 250 countries,
    and `gaemi --help` must not pay for any."""
    import holidays

    file = Path(holidays.__file__).parent / "countries" / "south_korea.py"
    spec = spec_from_file_location("gaemi.holidays_of_korea", file)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SouthKorea
