"""Credit histories: gaps by name, daily and monthly, and every fault of a stretch refused in words; nothing filled."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from gaemi.days import sessions_between
from gaemi.errors import Refused
from gaemi.people.balances import shipped_history
from gaemi.sources.balances import Balance, BalanceHistory, read_balances
from gaemi.sources.history import NONE, CreditHistory, credit_history, stretches
from gaemi.sources.prices import PriceHistory, read_prices

FIRST, LAST = date(2021, 1, 4), date(2021, 6, 30)
DAYS = sessions_between(FIRST, LAST)
BN = 10**9
FILES = ("kr_index_daily.csv", "kofia_margin_deposits_forced_sales_daily.csv")


def prices_of(days: Any = DAYS) -> PriceHistory:
    """Closes of both indices that rise by a point a session."""
    kospi = [3_000.0 + place for place, _ in enumerate(days)]
    return read_prices(pl.DataFrame({"Date": list(days), "KS11": kospi, "KQ11": [one / 3 for one in kospi]}))


def balance(day: date, place: int, **changes: int | None) -> Balance:
    figures: dict[str, int | None] = {
        "margin_kospi_won": (9_000 + place) * BN, "margin_kosdaq_won": (10_000 + place) * BN,
        "unsettled_won": (200 + place) * BN, "forced_sale_won": (10 + place) * BN,
    }  # fmt: skip
    return Balance(day, row=place + 2, **(figures | changes))  # type: ignore[arg-type]


def balances_of(days: Any = DAYS, changes: Mapping[date, dict[str, int | None]] | None = None) -> BalanceHistory:
    rows = [balance(day, place, **(changes or {}).get(day, {})) for place, day in enumerate(days)]
    return BalanceHistory(tuple(rows), "balances.csv")


def history(prices: Any = DAYS, balances: Any = DAYS, last: date = LAST) -> CreditHistory:
    found = balances if isinstance(balances, BalanceHistory) else balances_of(balances)
    return credit_history(prices_of(prices), found, last)


def faults(make: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refusal:
        make()
    return [str(fault) for fault in refusal.value.faults]


def month_ends(days: Any = DAYS) -> list[date]:
    return [day for day, after in zip(days, [*days[1:], date.max], strict=True) if day.month != after.month]


def without(lost: Any, days: Any = DAYS) -> list[date]:
    return [day for day in days if day not in lost]


def test_a_daily_stretch_lays_closes_and_balances_side_by_side() -> None:
    found = history()
    assert (DAYS, "daily", (), ()) == (found.days, found.basis, found.gaps, found.closed)
    assert found.close[:, 0].tolist() == [3_000.0 + place for place in range(len(DAYS))]
    assert found.settled_won[5].tolist() == [9_005 * BN, 10_005 * BN]
    assert (205 * BN, 15 * BN) == (found.unsettled_won[5], found.forced_won[5])
    assert found.observed().tolist() == list(range(len(DAYS)))


def test_a_history_ends_on_the_day_that_was_asked_for() -> None:
    found = history(last=date(2021, 3, 2))
    assert date(2021, 3, 2) == found.days[-1]
    assert len(found.days) == len(found.settled_won) == len(found.close)


def test_a_place_is_that_of_the_last_session_not_after_a_day() -> None:
    """4 January 2021 is a Monday."""
    found = history()
    assert [0, 4, 4, 5] == [found.place(date(2021, 1, day)) for day in (4, 8, 10, 11)]
    assert -1 == found.place(date(2021, 1, 1))


def test_month_ends_are_a_monthly_basis_and_nothing_is_filled_between() -> None:
    ends = month_ends()
    found = history(balances=ends)
    assert ("monthly", ends[0]) == (found.basis, found.days[0])
    seen = found.observed()
    assert [found.days[place] for place in seen] == ends
    between = np.delete(found.settled_won, seen, axis=0)
    assert {NONE} == set(between.ravel().tolist())


def test_month_ends_and_then_every_session() -> None:
    daily = date(2021, 5, 31)
    found = history(balances=[day for day in DAYS if day in month_ends() or day >= daily])
    assert "monthly, then daily since 2021-05-31" == found.basis
    assert () == found.gaps


@pytest.mark.parametrize("lost", [[date(2021, 3, 9)], [date(2021, 3, 9), date(2021, 3, 10), date(2021, 4, 1)]])
def test_a_session_missing_in_a_daily_stretch_is_a_fault_by_name(lost: list[date]) -> None:
    found = faults(lambda: history(balances=without(lost)))
    assert [
        f"balances.csv: a daily stretch must have a balance on every session, was no balance on {day}; "
        "nothing is filled in"
        for day in lost
    ] == found


def test_the_first_or_last_balance_of_a_stretch_may_be_any_session() -> None:
    """What is missing outside what was published is no hole in it."""
    late = history(balances=DAYS[30:])
    assert DAYS[30] == late.days[0]
    early = history(balances=DAYS[:-4])
    assert {NONE} == set(early.settled_won[-4:].ravel().tolist())


def test_a_gap_of_balances_is_named_and_never_bridged() -> None:
    """More than a month without any balance: the stretch begins after it."""
    lost = [day for day in DAYS if date(2021, 2, 10) <= day < date(2021, 3, 25)]
    found = history(balances=without(lost))
    assert date(2021, 3, 25) == found.days[0]
    assert ("no balance from 2021-02-09 to 2021-03-25",) == found.gaps
    assert 0 == (found.settled_won == NONE).sum()


def test_a_month_without_balances_is_no_gap_but_a_day_more_is() -> None:
    month = [DAYS[0], DAYS[0] + timedelta(days=35)]
    rest = [day for day in DAYS if day > month[1]]
    assert DAYS[0] == history(balances=[*month, *rest]).days[0]
    later = [DAYS[0], DAYS[0] + timedelta(days=36)]
    assert later[1] == history(balances=[*later, *[day for day in rest if day > later[1]]]).days[0]


def test_a_stretch_without_prices_is_a_gap() -> None:
    lost = [day for day in DAYS if date(2021, 2, 15) <= day <= date(2021, 2, 26)]
    found = history(prices=without(lost), balances=without(lost))
    assert date(2021, 3, 2) == found.days[0]
    assert ("no prices from 2021-02-15 to 2021-02-26",) == found.gaps


def test_a_balance_of_a_session_without_a_price_is_a_fault() -> None:
    """Three sessions are no gap: prices have lost them."""
    lost = date(2021, 3, 10)
    found = faults(lambda: history(prices=without([lost])))
    assert any("2021-03-10" in fault for fault in found), found


def test_stretches_between_gaps_in_order() -> None:
    lost = [day for day in DAYS if date(2021, 3, 1) <= day < date(2021, 4, 12)]
    found = stretches(prices_of(without(lost)), balances_of(without(lost)), FIRST, LAST)
    spans = [(one.days[0], one.days[-1]) for one in found]
    assert [(FIRST, date(2021, 2, 26)), (date(2021, 4, 12), LAST)] == spans
    assert [len(one.observed()) for one in found] == [len(one.days) for one in found]


def test_a_day_twice_is_a_fault() -> None:
    day = DAYS[40]
    twice = BalanceHistory((*balances_of(DAYS[:41]).rows, balance(day, 40), *balances_of(DAYS).rows[41:]), "twice.csv")
    found = faults(lambda: history(balances=twice))
    assert [f"twice.csv, row 42 ({day}): a day must have one row, was a second row of that day, after row 42"] == found


def test_a_balance_that_jumps_by_half_is_a_fault() -> None:
    """As after a change of unit that no header tells: a thousandth of the day before, and back."""
    day, place = DAYS[40], 40
    odd = balances_of(changes={day: {"margin_kospi_won": (9_000 + place) * BN // 1_000}})
    found = faults(lambda: history(balances=odd))
    assert 2 == len(found)
    assert all("margin_kospi_won must not change by half or more from one row to the next" in one for one in found)
    assert all("look for a change of unit or a missing figure" in one for one in found)


def test_a_negative_balance_is_a_fault() -> None:
    odd = balances_of(changes={DAYS[40]: {"unsettled_won": -1}})
    assert any("unsettled_won must be 0 or more, was -1" in one for one in faults(lambda: history(balances=odd)))


def test_every_fault_is_told_at_once() -> None:
    odd = balances_of(without([DAYS[20]]), {DAYS[40]: {"unsettled_won": -1}, DAYS[50]: {"forced_sale_won": -5}})
    found = faults(lambda: history(balances=odd))
    assert 3 == len(found), found


def test_faults_outside_the_stretch_do_not_matter() -> None:
    """A fault of January refuses January; what is asked for starts in a gap after it."""
    lost = [day for day in DAYS if date(2021, 2, 10) <= day < date(2021, 3, 25)]
    odd = balances_of(without(lost), {DAYS[3]: {"margin_kospi_won": -1}})
    assert date(2021, 3, 25) == history(balances=odd).days[0]
    assert faults(lambda: history(balances=odd, last=date(2021, 2, 9)))


def test_a_balance_of_the_last_business_day_of_the_year_is_no_fault() -> None:
    """The exchange is closed then and the association publishes; a day of no sessions is noted and not used."""
    days = sessions_between(date(2020, 11, 2), date(2021, 2, 26))
    closed = date(2020, 12, 31)
    found = history(days, sorted([*days, closed]), days[-1])
    assert (closed,) == found.closed
    assert len(days) == len(found.days)
    place = found.place(closed)
    assert date(2020, 12, 30) == found.days[place]
    assert (9_000 + place) * BN == found.settled_won[place, 0]


def test_a_month_end_on_a_closed_day_is_that_of_the_session_before() -> None:
    days = sessions_between(date(2020, 10, 5), date(2021, 3, 31))
    ends = sorted({*month_ends(days), date(2020, 12, 31)} - {date(2020, 12, 30)})
    found = history(days, ends, days[-1])
    assert ("monthly", (date(2020, 12, 31),)) == (found.basis, found.closed)
    place, row = found.place(date(2020, 12, 30)), ends.index(date(2020, 12, 31))
    assert [(9_000 + row) * BN, (10_000 + row) * BN] == found.settled_won[place].tolist()


def test_prices_that_end_before_the_balances_are_refused() -> None:
    assert ["--prices: must reach 2021-06-30: prices end before that date, was 2021-06-25 as the last"] == faults(
        lambda: history(prices=[day for day in DAYS if day <= date(2021, 6, 25)])
    )


def test_balances_that_ended_long_before_are_refused() -> None:
    found = faults(lambda: history(balances=[day for day in DAYS if day <= date(2021, 4, 30)]))
    assert [
        "--balances: must have a balance of the month before the date; a gap is never bridged, "
        "was 2021-04-30 as the last"
    ] == found


def test_without_any_balance_or_price_up_to_the_date_it_is_refused() -> None:
    assert faults(lambda: history(last=date(2020, 12, 1)))[0].startswith(
        "--prices: must reach 2020-12-01, was no closes"
    )
    late = sessions_between(date(2020, 6, 1), LAST)
    assert faults(lambda: history(prices=late, last=date(2020, 12, 1)))[0].startswith(
        "--balances: must hold a balance of margin loans up to 2020-12-01, was none"
    )


def test_one_index_alone_is_refused() -> None:
    kospi = read_prices(pl.DataFrame({"Date": list(DAYS), "KS11": [3_000.0] * len(DAYS)}))
    assert ["--prices: must hold closes of both indices, was no KOSDAQ"] == faults(
        lambda: credit_history(kospi, balances_of(), LAST)
    )


def test_a_unit_is_told_by_name_and_never_guessed(tmp_path: Path) -> None:
    """The same numbers in millions and in hundreds of millions are other balances; without a unit they are none."""

    def saved(unit: str) -> Path:
        path = tmp_path / "balances.csv"
        head = f"일자,신용거래융자_유가증권{unit},신용거래융자_코스닥{unit}\n"
        path.write_text(head + "".join(f"{day},9000000,10000000\n" for day in DAYS), encoding="utf-8")
        return path

    millions, hundreds = (history(balances=read_balances(saved(unit))) for unit in ("(백만원)", "(억원)"))
    assert (9_000 * BN, 900_000 * BN) == (millions.settled_won[0, 0], hundreds.settled_won[0, 0])
    assert all("a balance must name its unit" in one for one in faults(lambda: read_balances(saved(""))))


def test_the_record_for_2020_begins_after_the_gap_of_2018(shared_data: Path) -> None:
    prices, balances = read_prices(shared_data / FILES[0]), read_balances(shared_data / FILES[1])
    found = credit_history(prices, balances, date(2020, 3, 31))
    assert (date(2019, 1, 2), "daily") == (found.days[0], found.basis)
    assert "no prices from 2018-10-01 to 2018-12-28" in found.gaps
    assert "no balance from 2018-09-28 to 2019-01-02" in found.gaps
    assert (date(2019, 12, 31),) == found.closed
    assert 0 == (found.settled_won == NONE).sum()


def test_the_shipped_balances_for_2025_begin_with_the_turn_of_the_year(shared_data: Path) -> None:
    found = credit_history(read_prices(shared_data / FILES[0]), shipped_history(), date(2025, 10, 31))
    assert ((date(2024, 12, 31),), date(2025, 1, 2)) == (found.closed, found.days[0])
    first = shipped_history().on(date(2024, 12, 31))
    assert first is not None
    assert [first.margin_kospi_won, first.margin_kosdaq_won] == found.settled_won[0].tolist()
    assert "monthly, then daily since 2025-09-30" == found.basis
    assert date(2025, 10, 31) == found.days[found.observed()[-1]]


def test_the_fitting_period_has_three_stretches(shared_data: Path) -> None:
    prices, balances = read_prices(shared_data / FILES[0]), read_balances(shared_data / FILES[1])
    found = stretches(prices, balances, date(2005, 1, 3), date(2019, 12, 31))
    assert [(date(2005, 1, 3), date(2011, 6, 30)), (date(2012, 1, 2), date(2018, 9, 28)),
            (date(2019, 1, 2), date(2019, 12, 30))] == [(one.days[0], one.days[-1]) for one in found]  # fmt: skip
    for one in found:
        assert set(one.days) == set(sessions_between(one.days[0], one.days[-1]))
