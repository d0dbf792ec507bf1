"""Clearing: the greatest and the least price at which what is sold because of the price is sold."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.market.clearing import fixed_point

THRESHOLDS = [Fraction(92, 100), Fraction(88, 100), Fraction(86, 100), Fraction(80, 100)]
QUANTITIES = [1, 2, 3, 10]


def clearing(first: Fraction, impact: Fraction, start: Fraction) -> Fraction:
    """The price at which holders who sell below their thresholds have sold, exact."""

    def cleared(price: np.ndarray) -> np.ndarray:
        sold = sum(q for q, c in zip(QUANTITIES, THRESHOLDS, strict=True) if price[0] < c)
        return np.array([first - impact * sold], dtype=object)

    return fixed_point(cleared, np.array([start], dtype=object))[0]


@pytest.mark.parametrize(("impact", "greatest", "least"), [
    (Fraction(15, 1000), Fraction(885, 1000), Fraction(66, 100)),
    (Fraction(25, 1000), Fraction(1, 2), Fraction(1, 2)),
    (Fraction(0), Fraction(9, 10), Fraction(9, 10)),
])  # fmt: skip
def test_holders_with_thresholds(impact: Fraction, greatest: Fraction, least: Fraction) -> None:
    assert greatest == clearing(Fraction(9, 10), impact, Fraction(1))
    assert least == clearing(Fraction(9, 10), impact, Fraction(0))


class Town:
    """Names in whole ticks whose holders sell below thresholds and press their own and other names."""

    def __init__(self, names: int, seed: int, impact: int) -> None:
        luck = np.random.default_rng(seed)
        self.first = luck.integers(500, 1_000, names)
        self.thresholds = luck.integers(300, 1_000, (names, 6))
        self.quantity = luck.integers(0, 4, (names, 6))
        self.cross = luck.integers(0, 2, (names, names)) + 2 * np.eye(names, dtype=np.int64)
        self.impact = impact
        self.order = np.arange(names)

    def cleared(self, price: np.ndarray) -> np.ndarray:
        sold = (self.quantity[self.order] * (price[:, None] < self.thresholds[self.order])).sum(axis=1)
        pressed = self.cross[np.ix_(self.order, self.order)] @ sold
        return np.clip(self.first[self.order] - self.impact * pressed, 1, 1_300)

    def ends(self, order: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        self.order = np.arange(len(self.first)) if order is None else order
        top, bottom = np.full(len(self.first), 1_300), np.full(len(self.first), 1)
        return fixed_point(self.cleared, top), fixed_point(self.cleared, bottom)


TOWNS = st.builds(Town, st.integers(1, 6), st.integers(0, 2**32 - 1), st.integers(0, 40))


@given(town=TOWNS)
def test_both_ends_are_fixed_and_the_greatest_is_above_the_least(town: Town) -> None:
    greatest, least = town.ends()
    assert greatest.tolist() == town.cleared(greatest).tolist()
    assert least.tolist() == town.cleared(least).tolist()
    assert (greatest >= least).all()


@given(town=TOWNS, seed=st.integers(0, 2**32 - 1))
def test_the_order_of_names_does_not_matter(town: Town, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(town.first))
    for end, other in zip(town.ends(), town.ends(order), strict=True):
        assert end[order].tolist() == other.tolist()


@given(town=TOWNS, more=st.integers(1, 40))
def test_more_impact_never_gives_a_higher_price(town: Town, more: int) -> None:
    before = town.ends()
    town.impact += more
    for end, lower in zip(before, town.ends(), strict=True):
        assert (lower <= end).all()


def test_a_map_without_end_is_our_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gaemi.market.clearing.MOST_STEPS", 50)
    with pytest.raises(AssertionError, match="must end"):
        fixed_point(lambda price: price + 1, np.array([0]))
