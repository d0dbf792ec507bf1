"""Which sessions start a hindcast, and which are quiet."""

from datetime import date

import numpy as np
from hindcast.invented import drawn_close
from hypothesis import given
from hypothesis import strategies as st

from gaemi import days as calendar
from gaemi.hindcast.triggers import APART, episodes, quiet_days, triggers
from gaemi.sources.history import CreditHistory

FIRST = date(2020, 1, 1)


def closes(*kospi: float, kosdaq: float = 100.0) -> np.ndarray:
    return np.array([[one, kosdaq] for one in kospi])


def found(close: np.ndarray, first: date | None = None) -> list[int]:
    return triggers(calendar.sessions(FIRST, len(close)), close, first).tolist()


def test_a_fall_of_three_per_cent_in_a_day_is_a_trigger_and_its_bound_counts() -> None:
    assert [1] == found(closes(100.0, 97.0, 97.0))
    assert [] == found(closes(100.0, 97.01, 97.01))


def test_either_index_triggers() -> None:
    assert [1] == found(closes(100.0, 97.0)[:, ::-1])


def test_a_fall_of_five_per_cent_over_five_sessions_is_a_trigger() -> None:
    assert [5] == found(closes(100.0, 99.0, 98.0, 97.0, 96.0, 95.0))
    assert [] == found(closes(100.0, 99.0, 98.0, 97.0, 96.0, 95.1))
    assert [] == found(closes(100.0, 99.0, 98.0, 97.0, 96.0, 96.0, 95.0)[1:])


def test_sessions_before_the_first_day_are_compared_with_but_start_nothing() -> None:
    close = closes(100.0, 96.0, 92.0, 92.0)
    assert [1, 2] == found(close)
    assert [2] == found(close, calendar.sessions(FIRST, 4)[2])


def test_starts_ten_sessions_apart_are_one_episode_and_eleven_are_two() -> None:
    assert [0, 0, 0, 1] == episodes(np.array([5, 6, 16, 27])).tolist()
    assert [] == episodes(np.zeros(0, np.int64)).tolist()


@given(seed=st.integers(0, 1000), size=st.integers(60, 900))
def test_quiet_days_lie_far_from_triggers_and_spread_over_the_period(seed: int, size: int) -> None:
    days, close = calendar.sessions(FIRST, size), drawn_close(size, seed)
    starts = triggers(days, close)
    quiet = quiet_days(days, close, starts, seed)
    near = {int(start) + step for start in starts for step in range(-APART, APART + 1)}
    every = [place for place in range(size) if place not in near]
    assert min(len(starts), len(every)) == len(quiet)
    assert set(quiet.tolist()) <= set(every)
    assert (np.diff(quiet) > 0).all()
    order = np.searchsorted(every, quiet)
    assert (np.diff(order) <= 2 * -(-len(every) // max(len(quiet), 1))).all()


def test_quiet_days_are_the_same_for_a_seed_and_others_for_another() -> None:
    days, close = calendar.sessions(FIRST, 900), drawn_close(900, 3)
    starts = triggers(days, close)[:10]
    one, again, other = (quiet_days(days, close, starts, seed).tolist() for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_without_enough_quiet_days_every_one_is_taken() -> None:
    close = closes(*([100.0] * 12), 97.0, *([97.0] * 13))
    days = calendar.sessions(FIRST, len(close))
    assert [0, 1, 23, 24, 25] == quiet_days(days, close, np.array([12] * 9), 7).tolist()


def test_the_recorded_starts_of_2020_to_2023(validation: CreditHistory) -> None:
    """Both bounds included, sessions of 2019 compared with, and no session required to follow."""
    starts = triggers(validation.days, validation.close, FIRST)
    assert 93 == starts.size
    assert 23 == int(episodes(starts).max()) + 1
    quiet = quiet_days(validation.days, validation.close, starts, 7, FIRST)
    assert 93 == quiet.size
    assert validation.days[quiet[0]].year == 2020
    assert validation.days[quiet[-1]].year == 2023
