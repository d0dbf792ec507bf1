"""Invented histories whose balances follow a rule that the test knows, and a task small enough to run often."""

from dataclasses import replace
from datetime import date

import numpy as np

from gaemi import days as calendar
from gaemi.calibration.objective import Procedure, Task, parts_of
from gaemi.law.lawbook import LawBook, load
from gaemi.sources.history import CreditHistory
from gaemi.workers import LocalWorkers

SMALL = Procedure(names=2, every=6, every_short=6, seeds=(0,), short_wait=60)
SIZE = 200


def drawn_close(size: int, seed: int) -> np.ndarray:
    """Closes of two indices that move 1 % a day, together in part."""
    luck = np.random.Generator(np.random.PCG64(seed)).normal(size=(size, 2))
    return 1000.0 * np.exp(np.cumsum(0.01 * luck @ np.array([[1.0, 0.6], [0.0, 0.8]]), axis=0))


def planted(weight: float, size: int = SIZE, seed: int = 5) -> CreditHistory:
    """Balances that grow by ``weight`` times what their borrowers' shares did, settled two sessions later.

    Forced sales of unsettled purchases are a twentieth of the purchases, and more by 8 times KOSDAQ's fall in the three
    sessions before: the rule of the engine with an answer of 8.
    """
    close = drawn_close(size, seed)
    day = np.diff(np.log(close), axis=0, prepend=np.log(close[:1]))
    bought = np.stack([0.25 * day[:, 0] + 0.75 * day[:, 1], day[:, 1]], axis=1)
    traded = 1e12 * np.cumprod(1.0 + weight * bought, axis=0)
    settled = np.concatenate([np.repeat(traded[:1], 2, axis=0), traded[:-2]])
    level = np.log(close[:, 1])
    fall = np.array([level[max(t - 4, 0)] - level[t - 1] if t else 0.0 for t in range(size)])
    owed = 2e11 * np.exp(0.2 * np.sin(np.arange(size) / 7.0))
    forced = np.concatenate([owed[:1], owed[:-1]]) * 0.05 * np.exp(8.0 * fall)
    return CreditHistory(
        days=calendar.sessions(date(2012, 1, 2), size),
        close=close,
        settled_won=np.round(settled).astype(np.int64),
        unsettled_won=np.round(owed).astype(np.int64),
        forced_won=np.round(forced).astype(np.int64),
        capital_won=np.full((size, 2), np.nan),
        closed=(),
        gaps=(),
        origin="invented",
    )


def law() -> LawBook:
    return load()


def task_on(history: CreditHistory, threads: int = 1, **changes: object) -> Task:
    """A task on one invented stretch; ``changes`` are those of the procedure."""
    procedure = replace(SMALL, **changes)  # type: ignore[arg-type]
    return Task(law(), parts_of([history], procedure), procedure, LocalWorkers(threads))


QUIET = {
    "sell_first": 0.0,
    "top_up": 0.95,
    "flow_persistence": 0.0,
    "chase_a_week": 0.0,
    "buy_the_dip": 0.0,
    "flee_the_fall": 0.0,
    "repayment_pace": 0.3,
    "flow_memory": 10.0,
    "chase_memory": 3.0,
}
"""Habits under which nothing but the answer to the same session's return is left, whatever the law's file says."""
