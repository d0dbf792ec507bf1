"""Figures: what was timed, how often, against which target. Medians and ratios; nothing is believed unchecked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from time import perf_counter
from typing import Any

Timed = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on the median: ``least`` is True where more is better."""

    bound: float
    least: bool = False

    def reached(self, value: float) -> bool:
        return value >= self.bound if self.least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity: all its values, in ``unit``; with the target, where there is one, that its median has.

    ``details`` are numbers behind the figure that programs ask for; ``part`` is the part of the benches it is of.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    target: Target | None = None
    note: str = ""
    details: Mapping[str, float] = field(default_factory=dict)
    part: str = ""

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return "reached" if self.target.reached(self.median) else "missed"

    def document(self) -> dict[str, Any]:
        """The figure as JSON takes it."""
        spread = {"min": min(self.values), "median": self.median, "max": max(self.values)}
        target = None if self.target is None else asdict(self.target)
        row = {"name": self.name, "unit": self.unit, **spread, "repeats": len(self.values)}
        told = {"target": target, "verdict": self.verdict or None, "note": self.note, "part": self.part}
        return {**row, **told, "details": dict(self.details)}


def seconds(work: Timed) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def pairs(ours: Timed, other: Timed, repeats: int, before_ours: Timed) -> list[tuple[float, float]]:
    """Seconds of ours and of the other, in turns, so that a noisy minute falls on both: A B A B."""
    timed = []
    for _ in range(repeats):
        before_ours()
        timed.append((seconds(ours), seconds(other)))
    return timed


def ratio(timed: Sequence[tuple[float, float]], times: float = 1.0) -> tuple[float, ...]:
    """How many times as long as ours the other took in each pair, its time scaled by ``times``."""
    return tuple(times * other / ours for ours, other in timed)
