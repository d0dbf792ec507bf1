"""Joint returns: never across a gap, on common dates, each over its own last session; and how often a fall came."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import log
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from gaemi.days import sessions_between
from gaemi.errors import Refused
from gaemi.market.joint import Joint, how_often, joint_returns
from gaemi.sources.prices import PriceHistory, read_prices

UNTIL = date(2025, 10, 31)
KOREA = sessions_between(date(2025, 9, 22), date(2025, 10, 31))


def history(closes: Mapping[str, Mapping[date, float | None]]) -> PriceHistory:
    frames = {name: pl.DataFrame({"date": list(rows), "close": list(rows.values())}) for name, rows in closes.items()}
    return read_prices(frames)


def rising(days: Sequence[date], step: float = 0.01) -> dict[date, float | None]:
    """Closes whose log moves up by another amount each day, so that no return can be taken for another."""
    return {day: float(np.exp(4 + step * place**1.5)) for place, day in enumerate(days)}


def returns_of(joint: Joint, column: int = 0) -> dict[date, float]:
    return dict(zip(joint.dates.astype(object).tolist(), joint.returns[:, column].tolist(), strict=True))


def test_a_return_is_over_the_last_session_and_holidays_are_no_gap() -> None:
    closes = rising(KOREA)
    found = returns_of(joint_returns(history({"005930": closes}), ["005930"], UNTIL))
    before, after = date(2025, 10, 2), date(2025, 10, 10)
    assert KOREA[1:] == tuple(found)
    assert log(closes[after] / closes[before]) == pytest.approx(found[after], abs=1e-15)


def test_a_missing_session_gives_no_return_across_it_and_ends_a_stretch() -> None:
    closes = rising(KOREA)
    hole = KOREA[10]
    del closes[hole]
    joint = joint_returns(history({"005930": closes}), ["005930"], UNTIL)
    assert [day for day in KOREA[1:] if day not in (hole, KOREA[11])] == joint.dates.astype(object).tolist()
    assert [9] * 9 + [len(KOREA) - 3] * (len(KOREA) - 12) == joint.run_end.tolist()


def test_a_session_that_only_the_index_recorded_is_missing_too() -> None:
    """In the 1990s the exchange traded on Saturdays, which the calendar does not know."""
    days = [date(1996, 3, 7), date(1996, 3, 8), date(1996, 3, 9), date(1996, 3, 11), date(1996, 3, 12)]
    share = rising([day for day in days if day.weekday() < 5])
    alone = joint_returns(history({"005930": share}), ["005930"], UNTIL)
    beside = joint_returns(history({"005930": share, "KOSPI": rising(days)}), ["005930"], UNTIL)
    assert [days[1], days[3], days[4]] == alone.dates.astype(object).tolist()
    assert [days[1], days[4]] == beside.dates.astype(object).tolist()


def test_a_us_name_may_pause_five_days_and_not_six() -> None:
    days = [date(2012, 10, 26), date(2012, 10, 31), date(2012, 11, 1), date(2012, 11, 7), date(2012, 11, 8)]
    joint = joint_returns(history({"TSLA": rising(days)}), ["TSLA"], UNTIL)
    assert [days[1], days[2], days[4]] == joint.dates.astype(object).tolist()
    assert [2, 2, 3] == joint.run_end.tolist()


def test_a_coin_trades_every_day() -> None:
    days = [date(2025, 1, 3) + timedelta(days=offset) for offset in range(6)]
    joint = joint_returns(history({"KRW-BTC": rising([day for day in days if day != days[3]])}), ["KRW-BTC"], UNTIL)
    assert [days[1], days[2], days[5]] == joint.dates.astype(object).tolist()
    assert 365.2425 == joint.sessions_a_year


def test_the_won_without_its_fridays_has_no_return_on_mondays() -> None:
    days = [day for day in sessions_between(date(2025, 7, 14), date(2025, 7, 25)) if day.weekday() != 4]
    joint = joint_returns(history({"USDKRW": rising(days)}), ["USDKRW"], UNTIL)
    assert [1, 2, 3, 1, 2, 3] == [day.weekday() for day in joint.dates.astype(object).tolist()]


def test_on_common_dates_each_name_moves_over_its_own_last_session() -> None:
    """Korea rests on 5 and 6 May 2025; New York trades on them, and its return of the 7th is over the 6th."""
    weekdays = [date(2025, 4, 28) + timedelta(days=offset) for offset in range(14)]
    korea = rising([day for day in weekdays if sessions_between(day, day)])
    us = rising([day for day in weekdays if day.weekday() < 5 and day != date(2025, 5, 8)], 0.02)
    joint = joint_returns(history({"005930": korea, "TSLA": us}), ["005930", "TSLA"], UNTIL)
    seventh = date(2025, 5, 7)
    assert set(joint.dates.astype(object).tolist()) == (set(korea) & set(us)) - {date(2025, 4, 28)}
    assert log(korea[seventh] / korea[date(2025, 5, 2)]) == pytest.approx(returns_of(joint, 0)[seventh], abs=1e-15)
    assert log(us[seventh] / us[date(2025, 5, 6)]) == pytest.approx(returns_of(joint, 1)[seventh], abs=1e-15)
    assert [len(joint.dates)] * len(joint.dates) == joint.run_end.tolist()
    assert any("days not common to all are left out: 17% of 005930" in note for note in joint.notes), joint.notes


def test_a_gap_ends_a_stretch_though_the_day_after_it_is_not_common() -> None:
    weekdays = [KOREA[0] + timedelta(days=offset) for offset in range(40)]
    us = rising([day for day in weekdays if day.weekday() < 5 and day != KOREA[8]])
    korea = rising([day for day in KOREA if day != KOREA[7]], 0.02)
    joint = joint_returns(history({"005930": korea, "TSLA": us}), ["005930", "TSLA"], UNTIL)
    assert KOREA[8] not in joint.dates.astype(object).tolist()
    assert [6] * 6 + [len(KOREA) - 3] * (len(KOREA) - 9) == joint.run_end.tolist()


def test_until_and_years_bound_the_dates() -> None:
    days = sessions_between(date(2020, 1, 2), date(2025, 10, 31))
    joint = joint_returns(history({"005930": rising(days, 1e-5)}), ["005930"], date(2024, 2, 29), 3)
    assert [date(2021, 3, 2), date(2024, 2, 29)] == [joint.dates[0].astype(object), joint.dates[-1].astype(object)]


def test_sessions_a_year_are_those_of_the_name_that_trades_least_often() -> None:
    days = [date(2023, 1, 2) + timedelta(days=offset) for offset in range(365)]
    korea = rising([day for day in days if sessions_between(day, day)], 1e-4)
    coin = rising(days, 1e-4)
    both = joint_returns(history({"005930": korea, "KRW-BTC": coin}), ["KRW-BTC", "005930"], UNTIL)
    assert len(sessions_between(date(2023, 1, 1), date(2023, 12, 31))) == both.sessions_a_year
    assert any("32% of KRW-BTC" in note for note in both.notes), both.notes


def test_a_halted_day_returns_nothing_and_is_noted(tmp_path: Path) -> None:
    lines = ["date,code,open,high,low,close,volume"]
    for place, day in enumerate(KOREA):
        close = 100 + min(place, 5) if place <= 6 else 100 + place
        lines.append(
            f"{day},005930,0,0,0,{close},0" if place == 6 else f"{day},005930,{close},{close},{close},{close},9"
        )
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    joint = joint_returns(read_prices(path), ["005930"], UNTIL)
    assert 0.0 == returns_of(joint)[KOREA[6]]
    assert ("005930: 1 halted days, on which the close is carried and the return is 0",) == joint.notes


def test_closes_that_are_no_price_are_refused_together() -> None:
    closes = rising(KOREA)
    closes[KOREA[3]], closes[KOREA[5]] = 0.0, -4.0
    frame = pl.DataFrame({"date": [*closes, KOREA[-1]], "close": [*closes.values(), 1.0]})
    with pytest.raises(Refused) as refused:
        joint_returns(read_prices({"005930": frame}), ["005930"], UNTIL)
    assert ["a second row of that day", "0", "-4"] == [fault.found.split(",")[0] for fault in refused.value.faults]


def test_an_empty_close_is_a_day_without_a_row() -> None:
    closes = rising(KOREA)
    closes[KOREA[10]] = None
    joint = joint_returns(history({"005930": closes}), ["005930"], UNTIL)
    assert [9] * 9 == joint.run_end[:9].tolist()
    assert len(KOREA) - 3 == len(joint.dates)


def _two_files(folder: Path, second: dict[date, float | None]) -> PriceHistory:
    for name, closes in (("a.csv", rising(KOREA)), ("b.csv", second)):
        lines = ["date,code,close", *(f"{day},005930,{close!r}" for day, close in closes.items())]
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return read_prices(folder)


def test_files_that_agree_are_joined(tmp_path: Path) -> None:
    days = sessions_between(KOREA[0], date(2025, 11, 14))
    later = {day: close for day, close in rising(days).items() if day > date(2025, 10, 20)}
    joint = joint_returns(_two_files(tmp_path, later), ["005930"], date(2025, 11, 14))
    assert days[1:] == tuple(joint.dates.astype(object).tolist())
    assert ("a.csv with b.csv",) == joint.origins


def test_of_files_that_contradict_the_longest_is_used_and_noted(tmp_path: Path) -> None:
    other = {day: close * (1.5 if day.day % 2 else 1.0) for day, close in rising(KOREA[5:]).items() if close}
    joint = joint_returns(_two_files(tmp_path, other), ["005930"], UNTIL)
    assert ("a.csv",) == joint.origins
    assert KOREA[1:] == tuple(joint.dates.astype(object).tolist())
    assert any("a.csv is used alone" in note for note in joint.notes), joint.notes


def test_what_cannot_be_joined_is_refused() -> None:
    prices = history(
        {"005930": rising(KOREA), "TSLA": rising([date(2024, 1, 2), date(2024, 1, 3)]), "NVDA": rising(KOREA)}
    )
    with pytest.raises(Refused, match="must be a name of the history, was '005390'; did you mean '005930'"):
        joint_returns(prices, ["005390"], UNTIL)
    with pytest.raises(Refused, match="a model must have each name once"):
        joint_returns(prices, ["005930", "005930.KS"], UNTIL)
    with pytest.raises(Refused, match="a model needs at least one name"):
        joint_returns(prices, [], UNTIL)
    with pytest.raises(Refused, match="the names must have days in common"):
        joint_returns(prices, ["005930", "TSLA"], UNTIL)
    with pytest.raises(Refused, match="no price from"):
        joint_returns(prices, ["005930"], date(2020, 1, 1))
    still: dict[date, float | None] = dict.fromkeys(KOREA, 100.0)
    with pytest.raises(Refused, match="a price must move to be modelled"):
        joint_returns(history({"005930": still}), ["005930"], UNTIL)


def test_an_old_history_is_said_to_be_old() -> None:
    joint = joint_returns(history({"005930": rising(KOREA)}), ["005930"], date(2026, 1, 30))
    assert ("005930: the last common return is of 2025-10-31, 91 days before 2026-01-30",) == joint.notes


def test_how_often_counts_the_starts_after_which_the_fall_came() -> None:
    days = KOREA[:8]
    closes = [100.0, 95.0, 90.0, 100.0, 99.0, 89.1, 95.0, 100.0]
    prices = history({"005930": dict(zip(days, closes, strict=True))})
    found = how_often(prices, "005930", 0.10, 2, UNTIL)
    # Starts 0 to 5; within two sessions at or below nine tenths: 100 -> 90, 100 -> 89.1, 99 -> 89.1.
    assert (3, 6, 0.5, days[0], days[5]) == (found.times, found.starts, found.share, found.first, found.last)
    alone = joint_returns(prices, ["005930"], UNTIL)
    assert 3 == how_often(alone, "005930", 0.0999999, 2, UNTIL).times


def test_how_often_never_looks_across_a_gap() -> None:
    days = [*KOREA[:4], *KOREA[5:9]]
    closes = [100.0, 100.0, 100.0, 100.0, 50.0, 50.0, 50.0, 50.0]
    prices = history({"005930": dict(zip(days, closes, strict=True))})
    found = how_often(prices, "005930", 0.10, 2, UNTIL)
    assert (0, 4) == (found.times, found.starts)
    with pytest.raises(Refused, match="no 5 sessions in a row of 005930"):
        how_often(prices, "005930", 0.10, 4, UNTIL)


def test_how_often_looks_back_ten_years_and_not_past_the_day() -> None:
    days = sessions_between(date(2014, 1, 2), date(2025, 10, 31))
    found = how_often(history({"005930": rising(days, 1e-5)}), "005930", 0.10, 20, date(2024, 10, 31))
    last = [day for day in days if day <= date(2024, 10, 31)][-21]
    assert (date(2014, 11, 3), last, 0) == (found.first, found.last, found.times)


def test_recorded_names_share_no_return_across_the_known_gaps(shared_data: Path) -> None:
    joint = joint_returns(read_prices(shared_data), ["KOSPI", "KOSDAQ", "005930"], UNTIL, 15)
    lost = ((date(2011, 6, 30), date(2012, 1, 2)), (date(2018, 9, 28), date(2019, 1, 2)))
    for last, first in lost:
        place = int(np.searchsorted(joint.dates, np.datetime64(last)))
        assert [np.datetime64(last), True] == [joint.dates[place], joint.dates[place + 1] > np.datetime64(first)]
        assert place + 1 == joint.run_end[place]
    assert 3 == len(np.unique(joint.run_end))
