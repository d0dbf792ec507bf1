"""Marks of plain accounts that are put off: every number is that of a run that marks them at each close."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toytown import FIRST_LAW, QUIET, instruments, one_thread, path_of, started

from gaemi.day import mark, raise_peaks
from gaemi.kernels.mark import keeps_a_tenth
from gaemi.kernels.tally import TAILS, plain_worth_won, sum_plain
from gaemi.records.columns import Plain, Population, plain_group
from gaemi.run import begin, copied
from gaemi.units import won_value
from gaemi.world import World

NAMES = 4
IN_DOLLARS = np.array([0, 0, 0, 1])
CLOSES = 5
UNITS = st.one_of(
    st.sampled_from([n << 10 for n in (1, 2, 9, 10, 11, 99, 100, 101, 110, 1_000, 1_001, 10_000, 100_000)]),
    st.integers(1, 60_000),
)
ROWS = st.tuples(st.sampled_from([0, 1, 2, 3]), st.sampled_from([0, 1, 2, 3, 511, 512, 1_023, 1_024, 40_000]))


@st.composite
def accounts(draw: st.DrawFn) -> Plain:
    """Up to five accounts of two slots, some of them poor or empty."""
    people = draw(st.lists(st.tuples(ROWS, ROWS, st.sampled_from([0, 0, 1, 5, 100_000])), min_size=1, max_size=5))
    group = plain_group(len(people), 2)
    for j, (first, second, cash_won) in enumerate(people):
        group.instrument[:, j], group.quantity[:, j] = zip(first, second, strict=True)
        group.cash_won[j], group.age[j], group.investor[j] = cash_won, j, j
    return group


@st.composite
def closes(draw: st.DrawFn) -> list[np.ndarray]:
    """Units at the state's close and after: names in won trade at whole won, those in dollars at anything."""
    drawn = np.array([[draw(UNITS) for _ in range(NAMES)] for _ in range(CLOSES + 1)])
    return [np.where(IN_DOLLARS == 1, row, np.maximum(row >> 10, 1) << 10) for row in drawn]


def worth_won(group: Plain, j: int, unit: np.ndarray) -> int:
    held = zip(group.quantity[:, j].tolist(), group.instrument[:, j].tolist(), strict=True)
    return int(group.cash_won[j]) + sum(won_value(quantity, int(unit[row])) for quantity, row in held)


def marked(group: Plain, units: list[np.ndarray], put_off: bool) -> World:
    """A scenario of marks alone; without ``put_off`` every account is marked at every close."""
    start = started(Population([group], []), table=instruments(currency=IN_DOLLARS))
    world = begin(start, path_of(FIRST_LAW, len(units) - 1), one_thread(), replace(QUIET, marks=False))
    world.settings, world.population = QUIET, copied(world.population, one_thread())
    world.plain_is_sure = put_off and start.plain_is_sure(world.now._replace(unit=units[0]), one_thread())
    world.records.clear()
    for day, unit in enumerate(units):
        world.enter(day)
        world.now = world.now._replace(unit=unit)
        mark(world)
    return world


def said(world: World) -> list[tuple[int, int]]:
    return [(record.net_worth_won, record.wiped_plain) for record in world.records]


@given(group=accounts(), units=closes(), above=st.lists(st.sampled_from([0, 0, 0, 0, 1, 50]), min_size=5, max_size=5))
def test_marks_put_off_tell_what_marks_at_every_close_tell(
    group: Plain, units: list[np.ndarray], above: list[int]
) -> None:
    for j in range(group.investor.size):
        group.peak_won[j] = worth_won(group, j, units[0]) + above[j]
    late, prompt = marked(group, units, True), marked(group, units, False)
    assert said(prompt) == said(late)
    assert prompt.wiped_by_age.tolist() == late.wiped_by_age.tolist()
    raise_peaks(late)
    for one, other in zip(prompt.population.plain[0], late.population.plain[0], strict=True):
        assert one.tolist() == other.tolist()


@given(
    unit=st.integers(1, 10**6), more=st.integers(-6_000, 6_000), quantity=st.sampled_from([1, 2, 3, 7, 1_023, 10**6])
)
def test_a_holding_of_which_a_tenth_is_kept_is_no_loss(unit: int, more: int, quantity: int) -> None:
    highest = max(unit, 10 * unit + more)
    if keeps_a_tenth(unit, highest):
        assert 10 * won_value(quantity, unit) > won_value(quantity, highest)


def test_the_bound_cannot_be_closer() -> None:
    """One unit of one 1024th of a won less, and one share has lost nine tenths to the won."""
    unit, highest = 1_535, 9_728
    assert (1, 10) == (won_value(1, unit), won_value(1, highest))
    assert not keeps_a_tenth(unit, highest)
    assert keeps_a_tenth(unit, highest - 1)


@given(group=accounts(), units=closes())
def test_the_worth_of_all_is_the_sum_of_what_each_holding_is_worth(group: Plain, units: list[np.ndarray]) -> None:
    held, cash, tails = np.zeros(NAMES, np.int64), np.zeros(1, np.int64), np.zeros((NAMES, TAILS), np.int64)
    one_thread().each(sum_plain, [group], IN_DOLLARS.astype(np.uint8), out=[held, cash, tails])
    expected = sum(worth_won(group, j, units[-1]) for j in range(group.investor.size))
    assert expected == plain_worth_won(int(cash[0]), held, tails, units[-1])


@pytest.mark.parametrize(("price", "put_off", "wiped"), [(1_001, 2, 0), (1_000, 0, 1)])
def test_marks_are_put_off_to_a_tenth_of_the_price_and_no_further(price: int, put_off: int, wiped: int) -> None:
    group = plain_group(1, 1)
    group.quantity[0, 0], group.peak_won[0] = 3, 30_000
    world = marked(group, [np.full(NAMES, 10_000 << 10), np.array([price << 10, *[10_000 << 10] * 3])], True)
    assert (put_off, wiped) == (len(world.put_off), world.record.wiped_plain)


@pytest.mark.parametrize("what", ["a peak above the worth", "nothing owned", "cash owed"])
def test_no_mark_is_put_off_where_an_account_is_not_sure(what: str) -> None:
    group = plain_group(2, 1)
    group.quantity[0], group.peak_won[:] = 3, 30_000
    if what == "a peak above the worth":
        group.peak_won[1] += 1
    else:
        group.quantity[0, 1], group.cash_won[1] = (0, 0) if what == "nothing owned" else (3, -1)
        group.peak_won[1] = 0
    world = marked(group, [np.full(NAMES, 10_000 << 10)] * 2, True)
    assert 0 == len(world.put_off)
