"""Parameters on the grid of the law."""

import pytest
from calibration.invented import law

from gaemi.behaviour.habits import behaviour_of, bounds_of
from gaemi.calibration.objective import FIRST
from gaemi.calibration.parameters import MARGIN, UNSETTLED, knobs_of, law_values, values_at
from gaemi.law.reform import with_values

NAMES = MARGIN + UNSETTLED


def test_a_search_starts_at_the_laws_values_and_keeps_to_its_ranges() -> None:
    book = law()
    knobs = knobs_of(book, FIRST, NAMES)
    start = values_at(knobs, tuple(knob.start for knob in knobs))
    assert {name: getattr(behaviour_of(book, FIRST), name) for name in NAMES} == pytest.approx(start)
    ends = [(knob.value(knob.low), knob.value(knob.high)) for knob in knobs]
    assert [pytest.approx(pair) for pair in bounds_of(book, FIRST, NAMES)] == ends


def test_a_point_patched_into_the_law_is_the_point() -> None:
    book = law()
    knobs = knobs_of(book, FIRST, NAMES)
    point = tuple((knob.low + 2 * knob.high) // 3 for knob in knobs)
    patched = behaviour_of(with_values(book, "fit", dict(law_values(knobs, point))), FIRST)
    assert patched == behaviour_of(book, FIRST).with_values(values_at(knobs, point))
