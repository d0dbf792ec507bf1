"""Stretches of sessions that a history lacks: they are told and never filled."""

from collections.abc import Collection, Iterable
from datetime import date
from itertools import groupby
from typing import NamedTuple


class Gap(NamedTuple):
    """An unbroken run of sessions without a row."""

    first: date
    last: date
    sessions: int

    def __str__(self) -> str:
        if self.sessions == 1:
            return f"no row on {self.first}"
        return f"no row from {self.first} to {self.last}, {self.sessions} sessions"


def gaps_in(given: Collection[date], sessions: Iterable[date]) -> list[Gap]:
    """The runs of ``sessions`` (in order) that are not among the days ``given``."""
    found = []
    for lost, run in groupby(sessions, key=lambda day: day not in given):
        if lost:
            span = list(run)
            found.append(Gap(span[0], span[-1], len(span)))
    return found
