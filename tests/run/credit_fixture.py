"""Toytown's borrowers over history: invented closes and balances, few names, and the law of both of its times."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from hindcast.invented import following
from toytown import law, law_with

from gaemi import days
from gaemi.behaviour.habits import Behaviour, behaviour_of
from gaemi.law.lawbook import LawBook, load
from gaemi.sources.history import NONE, CreditHistory
from gaemi.spin import Member, Setting, setting_of, spin_up
from gaemi.workers import LocalWorkers

FIRST = date(2019, 8, 1)
"""Toytown's second law begins on 2 January 2020, about a hundred sessions on."""

SIZE, NAMES, SEED = 150, 5, 3
CRASH = 80


def behaviour(**changes: float) -> Behaviour:
    """The behaviour of the law's file, whose sizes these tests leave open, with some parameters replaced."""
    return behaviour_of(load(), FIRST).with_values(changes)


def daily(seed: int = 1, size: int = SIZE) -> CreditHistory:
    """Balances of some ten billion won that follow prices; both indices lose a third in four sessions from CRASH on."""
    found, fall = following(size, seed, noise=0.01), np.ones(size)
    fall[CRASH : CRASH + 4] = 0.9
    return replace(
        found,
        days=(FIRST, *days.sessions(FIRST, size - 1)),
        close=found.close * np.cumprod(fall)[:, None],
        settled_won=found.settled_won // 1_000,
    )


def monthly(seed: int = 1, size: int = SIZE) -> CreditHistory:
    """The same with a balance on every twentieth session only."""
    found = daily(seed, size)
    settled = np.full_like(found.settled_won, NONE)
    settled[::20] = found.settled_won[::20]
    return replace(found, settled_won=settled)


CALM_WON = 10**12


def calm(size: int = SIZE) -> CreditHistory:
    """Indices and balances that never move; balances so large that whole lots round off next to nothing."""
    found = daily(1, size)
    return replace(found, close=np.full((size, 2), 500.0), settled_won=np.full((size, 2), CALM_WON))


def without_own_luck() -> LawBook:
    """Toytown's law where every name is its index."""
    return law_with(state__idiosyncratic={"KOSPI": 0, "KOSDAQ": 0})


def setting(history: CreditHistory, book: LawBook | None = None, **how: Any) -> Setting:
    """A setting of few names; ``how`` is as in ``setting_of``."""
    given: dict[str, Any] = {"behaviour": behaviour(), "lag": 1} | how
    return setting_of(book or law(), history, NAMES, SEED, **given)


def spun(one: Setting, on: int, members: int = 3, threads: int = 1) -> list[Member]:
    """Members spun up to place ``on`` of the history."""
    with LocalWorkers(threads) as workers:
        return spin_up(one, on, members, workers)


def rows_of(member: Member) -> list[tuple[int, ...]]:
    """The rows of a member's book."""
    count = int(member.lent.count[0])
    return list(zip(*(column[:count].tolist() for column in member.lent[:-1]), strict=True))


def book_of(member: Member) -> tuple[Any, ...]:
    """All that a member has become: its rows, what flowed, and what is normal now."""
    flow = member.flow
    until = flow.done_won[: member.at]
    return member.at, rows_of(member), until.tolist(), flow.normal.tolist(), flow.spread.tolist()
