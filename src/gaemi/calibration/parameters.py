"""What is fitted: parameters of behaviour on the grid of values that the law's file can hold.

A point of the search is a tuple of whole steps, so that a fit can be written down, patched into the law and run again
without a rounding between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gaemi.law.lawbook import LawBook
from gaemi.units import BPS

MARGIN = (
    "flow_memory",
    "flow_persistence",
    "chase_a_day",
    "chase_a_week",
    "chase_memory",
    "buy_the_dip",
    "flee_the_fall",
    "sell_first",
    "top_up",
    "repayment_pace",
)
"""Fitted on balances of margin loans."""

UNSETTLED = ("unsettled_answer", "unsettled_persistence")
"""Fitted on forced sales of unsettled purchases."""

Point = tuple[int, ...]

_STEPS = {"share_bps": BPS, "times": 1000, "sessions": 1}
"""Steps in a unit of :class:`gaemi.behaviour.habits.Behaviour`, by unit of the law."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One parameter that is fitted. ``start``, ``low`` and ``high`` are whole steps; ``steps`` make a whole unit."""

    name: str
    unit: str
    steps: int
    start: int
    low: int
    high: int

    @property
    def path(self) -> str:
        return f"behaviour.{self.name}"

    def value(self, step: int) -> float:
        """The value as :class:`gaemi.behaviour.habits.Behaviour` has it."""
        return step / self.steps

    def in_law(self, step: int) -> int | float:
        """The value in the unit of the law's file."""
        return step / self.steps if self.unit == "times" else step

    def within(self, step: int) -> int:
        return min(max(step, self.low), self.high)


def knobs_of(book: LawBook, on: date, names: Sequence[str]) -> tuple[Knob, ...]:
    """The parameters of behaviour of these names, at the law's values and within its ranges on a date."""
    found = []
    for name in names:
        unit = book.parameter(f"behaviour.{name}").unit
        entry = book.entry(f"behaviour.{name}", on)
        a_unit = 1 if unit == "share_bps" else _STEPS[unit]  # the law keeps a share in steps already
        start, low, high = (round(end * a_unit) for end in (entry.value, *entry.range_of()))
        found.append(Knob(name, unit, _STEPS[unit], start, low, high))
    return tuple(found)


def values_at(knobs: Sequence[Knob], point: Point) -> dict[str, float]:
    """A point in the units of :class:`gaemi.behaviour.habits.Behaviour`."""
    return {knob.name: knob.value(step) for knob, step in zip(knobs, point, strict=True)}


def law_values(knobs: Sequence[Knob], point: Point) -> Mapping[str, int | float]:
    """A point by path of the law, in the law's units: what a reform or :func:`gaemi.law.reform.with_values` takes."""
    return {knob.path: knob.in_law(step) for knob, step in zip(knobs, point, strict=True)}
