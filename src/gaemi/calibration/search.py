"""The search for the smallest loss, and what the data do not tell.

Hooke and Jeeves: try a step up and a step down in each parameter, keep what is better, go on in the direction that
helped, halve the steps where nothing does. It needs additions and comparisons alone, keeps to the values that the law
can hold, and gives the same answer on every machine.

Source: Hooke and Jeeves, ""Direct Search" Solution of Numerical and Statistical Problems", Journal of the ACM 8 (1961)
212-229.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf, sqrt

import numpy as np

from gaemi.calibration.objective import Loss
from gaemi.calibration.parameters import Knob, Point
from gaemi.workers import Progress, silent

LEAST = 1e-4
"""A smaller gain is none: a ten-thousandth of the error of no change."""

FIRST_STEP, LAST_STEP = 8, 64
"""The first and the last steps of a search: a range over these."""

BLOCKS = 8
"""Pieces of a stretch whose means are taken as independent of each other."""

SURE = 2.0
"""Standard errors by which a loss must rise for the data to tell a parameter."""


@dataclass(slots=True)
class Search:
    """A loss on a grid, with what was already asked. After ``most`` evaluations what is best so far holds."""

    knobs: tuple[Knob, ...]
    ask: Callable[[Point], Loss]
    most: int
    progress: Progress = silent
    label: str = "calibration"
    known: dict[Point, Loss] = field(default_factory=dict)
    directions: list[int] = field(default_factory=list)

    def at(self, point: Point) -> Loss:
        """The loss of a point, asked once."""
        if point not in self.known:
            self.known[point] = self.ask(point)
            self.progress(self.label, min(len(self.known), self.most), self.most)
        return self.known[point]

    @property
    def spent(self) -> bool:
        return len(self.known) >= self.most

    def moved(self, point: Point, place: int, by: int) -> Point:
        """The point with one parameter moved, kept within its range."""
        return (*point[:place], self.knobs[place].within(point[place] + by), *point[place + 1 :])


def fit(search: Search) -> Point:
    """The best point found from the law's values on."""
    search.directions[:] = [1] * len(search.knobs)
    base = tuple(knob.start for knob in search.knobs)
    search.at(base)
    parts = FIRST_STEP
    while parts <= LAST_STEP and not search.spent:
        steps = [max(1, (knob.high - knob.low) // parts) for knob in search.knobs]
        better = _explored(search, base, steps)
        if better == base:
            parts *= 2
            continue
        while better != base and not search.spent:
            ahead = tuple(knob.within(2 * new - old) for knob, new, old in zip(search.knobs, better, base, strict=True))
            base = better
            tried = _explored(search, ahead, steps)
            if search.at(tried).value < search.at(base).value - LEAST:
                better = tried
    return min(search.known, key=lambda point: search.known[point].value) if search.spent else base


def _explored(search: Search, base: Point, steps: Sequence[int]) -> Point:
    """The point after a step of each parameter that helps, the direction that helped last tried first."""
    best = base
    for place, step in enumerate(steps):
        for _ in range(2):
            tried = search.moved(best, place, step * search.directions[place])
            if search.spent and tried not in search.known:
                return best
            if search.at(tried).value < search.at(best).value - LEAST:
                best = tried
                break
            search.directions[place] = -search.directions[place]
    return best


@dataclass(frozen=True, slots=True)
class Told:
    """What the data tell of one parameter: ``rises`` are (step, rise of the loss, its standard error)."""

    rises: tuple[tuple[int, float, float], ...]
    below: bool | None  # a quarter of the range less raises the loss surely; None at the end of the range
    above: bool | None

    @property
    def identified(self) -> str:
        """``yes``, ``one side`` or ``no``."""
        sides = [side for side in (self.below, self.above) if side is not None]
        return "yes" if sides and all(sides) else "one side" if any(sides) else "no"


def rise(search: Search, point: Point, base: Point) -> tuple[float, float]:
    """How much the loss rises from ``base`` to ``point``, and its standard error: same starts, in blocks of time."""
    there, here = search.at(point), search.at(base)
    variance = 0.0
    for a, b in zip(there.misses, here.misses, strict=True):
        blocks = [block.mean() for block in np.array_split(a - b, min(BLOCKS, a.size))]
        if len(blocks) < 2:
            return there.value - here.value, inf
        variance += float(np.var(blocks, ddof=1)) / len(blocks) / len(here.misses) ** 2
    return there.value - here.value, sqrt(variance)


def is_sure(found: tuple[float, float]) -> bool:
    """Whether a rise is more than a trifle and more than twice its standard error."""
    return found[0] > LEAST and found[0] > SURE * found[1]


def profile(search: Search, base: Point) -> tuple[Told, ...]:
    """Each parameter moved alone by a quarter of its range, down and up, as far as the range goes."""
    found = []
    for place, knob in enumerate(search.knobs):
        quarter = max(1, (knob.high - knob.low) // 4)
        rises: list[tuple[int, float, float]] = []
        sides: list[bool | None] = []
        for by in (-quarter, quarter):
            point = search.moved(base, place, by)
            up, error = rise(search, point, base)
            sides.append(None if point == base else is_sure((up, error)))
            if point != base:
                rises.append((point[place], up, error))
        found.append(Told(tuple(rises), *sides))
    return tuple(found)


def settled(search: Search, base: Point, told: Sequence[Told]) -> Point:
    """The fit with every parameter that the data do not tell back at its sourced value, the flattest first.

    One that together with those put back before would raise the loss surely stays as it was fitted.
    """
    point = base
    flat = [place for place, one in enumerate(told) if one.identified == "no"]
    flat.sort(key=lambda place: max((each[1] for each in told[place].rises), default=0.0))
    for place in flat:
        back = (*point[:place], search.knobs[place].start, *point[place + 1 :])
        if back != point and not is_sure(rise(search, back, base)):
            point = back
    return point
