"""Names spread around drivers: the same compiled and plain, the same name in any book, no drift on average."""

from math import exp, sqrt

import numpy as np
import pytest

from gaemi.chance import name_id
from gaemi.kernels._compile import compiled
from gaemi.kernels.draw import GBM, Drawn, Luck, Sheet
from gaemi.kernels.spread import Ties, spread_path

SESSIONS = 10
DEVIATION = 0.02


def luck_of(drivers: int, seed: int = 7) -> Luck:
    nothing = np.zeros(0)
    return Luck(
        kind=GBM, seed=seed, number=np.array([name_id(f"driver {d}") for d in range(drivers)], np.int64),
        mixing=np.eye(drivers), deviation=np.full(drivers, DEVIATION), given=np.zeros((0, drivers)),
        rows=np.zeros((0, drivers)), run_end=np.zeros(0, np.int64), run_start=np.zeros(0, np.int64), block_bits=0,
        garch=np.zeros((0, 5)), innovation=np.zeros((0, 0)), tail=nothing,
    )  # fmt: skip


def ties_of(names: list[str], own: float = 0.03, load: float = 1.5) -> Ties:
    count = len(names)
    shift = ((load * DEVIATION) ** 2 + own**2) / 2
    return Ties(
        driver=np.array([0] * count, np.int64), load=np.full(count, load), own=np.full(count, own),
        shift=np.full(count, shift), number=np.array([name_id(name) for name in names], np.int64),
    )  # fmt: skip


def factors(kernel, ties: Ties, path: int, drivers: int = 1) -> np.ndarray:
    sheet = Sheet(np.ones((drivers, SESSIONS + 1)), np.zeros((drivers + 2, SESSIONS + 8)), np.zeros(SESSIONS, np.int64))
    drawn = Drawn(np.array([path]), np.ones((1, drivers)), np.zeros((1, drivers)), np.full(1, -1, np.int64))
    factor = np.ones((SESSIONS + 1, ties.driver.size))
    kernel(luck_of(drivers), sheet, drawn, 0, ties, factor)
    return factor


@pytest.mark.slow
def test_the_compiled_and_the_plain_kernel_give_the_same_bits():
    ties = ties_of(["A", "B", "C"])
    for path in (0, 1, 12_345):
        np.testing.assert_array_equal(factors(spread_path, ties, path), factors(compiled(spread_path), ties, path))


def test_a_name_has_the_same_luck_in_any_book():
    few, many = factors(spread_path, ties_of(["B"]), 3), factors(spread_path, ties_of(["A", "B", "C"]), 3)
    np.testing.assert_array_equal(few[:, 0], many[:, 1])


def test_a_name_without_own_luck_follows_its_driver():
    ties = ties_of(["A", "B"], own=0.0, load=1.0)
    factor = factors(spread_path, ties, 5)
    np.testing.assert_array_equal(factor[:, 0], factor[:, 1])
    assert (factor[1:, 0] != 1.0).all() and (factor[0] == 1.0).all()


def test_what_hangs_on_no_driver_stands_still():
    ties = ties_of(["A"])._replace(driver=np.array([-1], np.int64))
    assert (factors(spread_path, ties, 1) == 1.0).all()


@pytest.mark.parametrize("load", [0.0, 1.5])
def test_prices_drift_nowhere_and_spread_as_told(load):
    kernel, ties = compiled(spread_path), ties_of(["A"], load=load)
    last = np.array([factors(kernel, ties, path)[-1, 0] for path in range(4_000)])
    variance = SESSIONS * ((load * DEVIATION) ** 2 + 0.03**2)
    spread = sqrt(exp(variance) - 1)
    assert abs(last.mean() - 1.0) < 4 * spread / sqrt(last.size)
    assert abs(np.log(last).std() / sqrt(variance) - 1) < 4 / sqrt(2 * last.size)
