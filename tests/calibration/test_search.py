"""The search on losses whose smallest place is known, and what it says of parameters that do not matter."""

from collections.abc import Callable

import numpy as np

from gaemi.calibration.objective import Loss
from gaemi.calibration.parameters import Knob, Point
from gaemi.calibration.search import Search, fit, is_sure, profile, rise, settled

KNOBS = tuple(Knob(name, "times", 1000, start, 0, 1000) for name, start in (("a", 100), ("b", 900), ("c", 500)))


def loss_of(rule: Callable[[Point], float], noise: float = 1e-5) -> Callable[[Point], Loss]:
    """A loss by a rule, spread over 64 starts with a little luck that the point does not change."""
    luck = noise * np.random.Generator(np.random.PCG64(3)).normal(size=64)

    def ask(point: Point) -> Loss:
        misses = rule(point) * (1.0 + luck)
        return Loss(float(misses.mean()), (float(misses.mean()),), np.zeros((1, 1, 2)), (misses,))

    return ask


def bowl(point: Point) -> float:
    """Smallest at 730 and 210, with a valley across; the third does not matter."""
    x, y = (point[0] - 730) / 1000, (point[1] - 210) / 1000
    return 1.0 + x * x + y * y + 1.2 * x * y


def search(rule: Callable[[Point], float] = bowl, most: int = 500) -> Search:
    return Search(KNOBS, loss_of(rule), most)


def test_the_smallest_place_is_found() -> None:
    found = fit(search())
    assert abs(found[0] - 730) <= 20 and abs(found[1] - 210) <= 20


def test_the_same_search_twice_asks_the_same_points() -> None:
    first, second = search(), search()
    assert fit(first) == fit(second)
    assert list(first.known) == list(second.known)


def test_a_search_keeps_to_its_ranges() -> None:
    asked = search(lambda point: 1.0 + (2000 - point[0]) / 1000 + point[1] / 1000)
    assert (1000, 0) == fit(asked)[:2]
    assert all(0 <= step <= 1000 for point in asked.known for step in point)


def test_a_search_that_is_cut_short_gives_the_best_that_it_saw() -> None:
    short = search(most=9)
    found = fit(short)
    assert short.spent and len(short.known) <= 10
    assert min(each.value for each in short.known.values()) == short.at(found).value


def test_what_does_not_matter_is_said_and_goes_back_to_the_law() -> None:
    asked = search()
    best = (730, 210, 800)
    told = profile(asked, best)
    assert ["yes", "yes", "no"] == [one.identified for one in told]
    assert (730, 210, 500) == settled(asked, best, told)


def test_one_side_alone_is_told_as_such() -> None:
    told = profile(search(lambda point: 1.0 + max(0, 600 - point[0]) / 1000), (600, 900, 500))
    assert ("one side", True, False) == (told[0].identified, told[0].below, told[0].above)


def test_at_the_end_of_a_range_the_other_side_decides() -> None:
    told = profile(search(lambda point: 1.0 + point[0] / 1000), (0, 900, 500))
    assert ("yes", None, True) == (told[0].identified, told[0].below, told[0].above)


def test_two_that_only_matter_together_do_not_both_go_back() -> None:
    def either(point: Point) -> float:
        return 1.0 + (0.5 if point[0] < 300 and point[1] > 700 else 0.0)

    asked = search(either)
    told = profile(asked, (600, 400, 500))
    assert ["no", "no", "no"] == [one.identified for one in told]
    back = settled(asked, (600, 400, 500), told)
    assert 1.0 == round(asked.at(back).value, 3)
    assert (100, 900) != back[:2]


def test_a_rise_that_luck_explains_is_not_sure() -> None:
    wild = np.random.Generator(np.random.PCG64(8)).normal(size=64)

    def ask(point: Point) -> Loss:
        misses = 1.0 + point[0] * (0.1 * wild + 0.001)
        return Loss(float(misses.mean()), (), np.zeros((1, 1, 2)), (misses,))

    assert not is_sure(rise(Search(KNOBS, ask, 9), (1, 0, 0), (0, 0, 0)))
    assert is_sure((0.01, 0.004)) and not is_sure((0.01, 0.006)) and not is_sure((0.00005, 0.0))
