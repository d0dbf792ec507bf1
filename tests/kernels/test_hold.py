"""Holders minute by minute: against a plain count, compiled as plain, in any cut."""

import numpy as np
import pytest

from gaemi.chance import ORDER, WEALTH, exp, log, uniform, word
from gaemi.kernels._compile import compiled
from gaemi.kernels.hold import NEVER, SCALE, Crowd, Held, come, hold

PRICE = np.array([5_000_000, 9_000_000, 1_000_000, 850_000, 2_000_000], np.int64)  # 5, 9, 1, 0.85 and 2 won


def held(entry, coins):
    number = len(entry)
    return Held(
        np.array(entry, np.int32),
        np.array(coins, np.int64) * 1_000,
        np.zeros(number, np.int64),
        np.zeros(number, np.int64),
        np.zeros(number, np.int32),
    )


@pytest.mark.parametrize("kernel", [hold, compiled(hold)], ids=["plain", "compiled"])
def test_peak_end_and_the_minute_at_which_nine_tenths_are_gone(kernel):
    people = held([0, 2, 4], [1_000, 50, 7])
    kernel(people, PRICE, 0, 3)
    assert [9_000, 100, 14] == people.peak_won.tolist()
    assert [2_000, 100, 14] == people.end_won.tolist()
    assert [3, NEVER, NEVER] == people.emptied.tolist()


def test_a_crowd_in_two_parts_is_the_whole():
    whole, parts = held([0, 1, 2, 3], [3, 5, 8, 13]), held([0, 1, 2, 3], [3, 5, 8, 13])
    compiled(hold)(whole, PRICE, 0, 4)
    for start, stop in ((2, 4), (0, 2)):
        compiled(hold)(parts, PRICE, start, stop)
    assert all((a == b).all() for a, b in zip(whole, parts, strict=True))


@pytest.mark.parametrize(
    "kernel", [come, pytest.param(compiled(come), marks=pytest.mark.slow)], ids=["plain", "compiled"]
)
def test_who_comes_is_a_function_of_seed_day_and_number(kernel):
    crowd = Crowd(np.array([0.7, 1.0]), np.array([log(1e5), log(1e6)]), np.array([log(10.0), log(50.0)]), 0.5)
    window = np.array([[10, 40]] * 50, np.int64)
    entry, won = np.zeros(50, np.int32), np.zeros(50, np.int64)
    kernel(crowd, 738_000, window, 7, entry, won)
    first = uniform(word(7, 0, WEALTH, 738_000, 3, 0)), uniform(word(7, 0, WEALTH, 738_000, 3, 1))
    low, times = (1e5, 10.0) if first[0] <= 0.7 else (1e6, 50.0)
    assert int(0.5 * exp(log(low) + first[1] * log(times))) == won[3]
    assert 10 + int(uniform(word(7, 0, ORDER, 738_000, 3, 0)) * 30) == entry[3]
    assert 10 <= entry.min() and entry.max() < 40
    assert 25_000 < won.min() and won.max() < 25_000_000


def test_the_scale_is_thousandths_times_millionths():
    assert 1_000 * 1_000_000 == SCALE
