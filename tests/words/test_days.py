import csv
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from gaemi.days import is_session, parse_date, session_on_or_before, sessions, sessions_between
from gaemi.errors import Refused

MISSING_MONTHS = {(2018, 10), (2018, 11), (2018, 12)}  # The recorded index has no rows for these.


def recorded_sessions(folder: Path) -> dict[int, set[date]]:
    by_year: dict[int, set[date]] = {}
    with (folder / "kr_index_daily.csv").open() as file:
        for row in csv.DictReader(file):
            if row["kospi_close"]:
                day = date.fromisoformat(row["date"])
                by_year.setdefault(day.year, set()).add(day)
    return by_year


@pytest.mark.parametrize("year", range(2015, 2026))
def test_sessions_equal_those_recorded(shared_data: Path, year: int) -> None:
    recorded = recorded_sessions(shared_data)[year]
    calendar = {
        day
        for day in sessions_between(date(year, 1, 1), date(year, 12, 31))
        if (day.year, day.month) not in MISSING_MONTHS
    }
    assert recorded == calendar


def test_iso_and_compact_dates_are_the_same_day() -> None:
    assert date(2025, 10, 31) == parse_date("2025-10-31") == parse_date("20251031") == parse_date(" 2025-10-31 ")


@pytest.mark.parametrize(
    "text",
    ["", "2025", "2025-10", "31-10-2025", "2025/10/31", "25-10-31", "2025-10-31T00:00", "today", "２０２５１０３１"],
)
def test_other_forms_of_a_date_are_refused(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_date(text, "--on")
    assert refusal.value.faults[0].where == "--on"
    assert "2025-10-31 or 20251031" in refusal.value.faults[0].allowed


@pytest.mark.parametrize("text", ["2025-02-29", "20251301", "2025-00-10", "00000101"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="must be a day of the calendar"):
        parse_date(text)


def test_the_first_session_after_a_long_holiday() -> None:
    assert (date(2025, 10, 10), date(2025, 10, 13)) == sessions(date(2025, 10, 2), 2)


def test_sessions_start_strictly_after_the_date() -> None:
    assert date(2025, 11, 3) == sessions(date(2025, 10, 31), 1)[0]
    assert len(sessions(date(2025, 10, 31), 0)) == 0


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2024, 4, 10), "election"),
        (date(2025, 6, 3), "early election"),
        (date(2020, 8, 17), "temporary holiday"),
        (date(2024, 10, 1), "temporary holiday"),
        (date(2025, 1, 27), "temporary holiday"),
        (date(2023, 5, 29), "substitute holiday"),
        (date(2024, 5, 1), "Labour Day"),
        (date(2024, 12, 31), "year-end closing day"),
        (date(2023, 12, 29), "year-end closing day before a weekend"),
        (date(2025, 10, 4), "Saturday"),
    ],
)
def test_the_exchange_is_closed(day: date, why: str) -> None:
    assert not is_session(day), why


def test_session_on_or_before_walks_back_over_a_holiday() -> None:
    assert date(2025, 10, 2) == session_on_or_before(date(2025, 10, 9))
    assert date(2025, 10, 31) == session_on_or_before(date(2025, 10, 31))


def test_sessions_agree_with_one_another() -> None:
    start = date(2022, 12, 20)
    counted = sessions(start, 30)
    assert counted == sessions_between(start + timedelta(days=1), counted[-1])


def test_a_year_outside_the_calendar_is_refused() -> None:
    with pytest.raises(Refused, match="1990 to 2099"):
        is_session(date(1985, 6, 3))


def test_the_package_of_holidays_is_loaded_only_when_asked() -> None:
    code = "import sys, gaemi.days; sys.exit('holidays' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=False)
    assert run.returncode == 0
