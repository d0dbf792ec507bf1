"""Keys found by walking along a list of the same order; what is not found so is left to a join."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.kernels._compile import compiled
from gaemi.kernels.follow import AHEAD, MOST_LOST, NOT_FOUND, follow


def walk(keys, wanted, kernel=follow):
    found = np.empty(len(wanted), np.int32)
    lost = kernel(np.array(keys, np.uint64), np.array(wanted, np.uint64), found)
    return found.tolist(), lost


@pytest.mark.parametrize("kernel", [follow, compiled(follow)], ids=["plain", "compiled"])
def test_keys_in_the_same_order_are_all_found(kernel):
    keys = [7, 3, 9, 1, 4]
    assert ([0, 2, 2, 4], 0) == walk(keys, [7, 9, 9, 4], kernel)


def test_a_key_that_went_by_is_not_found_and_the_walk_goes_on():
    assert ([1, NOT_FOUND, 3], 1) == walk([7, 3, 9, 1], [3, 7, 1])


def test_an_unknown_key_does_not_stop_the_walk():
    assert ([0, NOT_FOUND, 2], 1) == walk([7, 3, 9], [7, 1_000, 9])


def test_a_key_too_far_ahead_is_left_to_the_join():
    keys = list(range(AHEAD + 10))
    assert ([NOT_FOUND, 0], 1) == walk(keys, [AHEAD + 5, 0])


def test_lists_in_no_common_order_end_the_walk_soon():
    wanted = [5] * (MOST_LOST + 10)
    found, lost = walk([1, 2, 3], wanted)
    assert len(wanted) == lost and {NOT_FOUND} == set(found)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=40, unique=True), st.lists(st.integers(0, 50), max_size=60))
def test_what_is_found_is_right_and_the_rest_is_said_to_be_lost(keys, picks):
    wanted = [keys[i % len(keys)] if keys and i % 7 else i for i in picks]
    found, lost = walk(keys, wanted)
    assert lost == found.count(NOT_FOUND)
    assert all(place == NOT_FOUND or keys[place] == key for place, key in zip(found, wanted, strict=True))
