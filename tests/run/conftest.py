"""A crowd that lives through a crash across a change of law, computed once for all tests."""

from dataclasses import dataclass
from datetime import date

import pytest
from toytown import LOUD, days_after, instruments, live
from toytown.people import crowd

from gaemi.market.paths import Path, shock_path
from gaemi.market.shocks import parse_shock
from gaemi.records.columns import Population
from gaemi.world import World

BEFORE_THE_CHANGE = date(2019, 12, 29)
"""Toytown's second law begins on 2 January 2020, in the fourth session."""


@dataclass(frozen=True)
class Crash:
    people: Population
    path: Path
    world: World


def crash_path(sessions: int = 10) -> Path:
    shock = parse_shock("KOSPI -22%, KOSDAQ -30% over 4d, BETA halt 2d", instruments().ticker)
    return shock_path(shock, instruments(), days_after(BEFORE_THE_CHANGE, sessions), 1000.0, 0.5, 7)


@pytest.fixture(scope="session")
def crash() -> Crash:
    people, path = crowd(BEFORE_THE_CHANGE, 900, plain=300), crash_path()
    return Crash(people, path, live(people, path, LOUD))
