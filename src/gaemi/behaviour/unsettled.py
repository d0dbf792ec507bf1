"""Unsettled purchases (미수): what part of those that stand unpaid at the end of a session is sold the next.

A channel of its own beside margin loans, and the only forced sales that are published daily. Bought on a deposit, due
two sessions later, sold on the third if not paid: what is sold on a day answers the prices of the three sessions
before it, all of which are known that morning.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from gaemi.behaviour.habits import Behaviour
from gaemi.rules.behaviour import sold_share_of_unsettled
from gaemi.sources.history import NONE, CreditHistory

SINCE_PURCHASE = 3
"""Sessions from the purchase to the sale."""

MEMORY = 20.0
"""Mean age in sessions of the days that tell what is normal: a month."""

KOSDAQ = 1
_WIDE = 0.15


@dataclass(frozen=True, slots=True)
class UnsettledState:
    """What is known of unsettled purchases on a session: logs of won and of shares, and how far a day strays."""

    known: int
    usual_log: float
    now_log: float
    share_log: float
    stray: float


def unsettled_states(history: CreditHistory, behaviour: Behaviour) -> list[UnsettledState | None]:
    """For each session of the history the state as of the figures up to it; None before any was published.

    A session's figures are read once, in order; the state of a session never depends on a later one.
    """
    found: list[UnsettledState | None] = []
    level = np.log(history.close[:, KOSDAQ])
    usual, share, variance = None, None, _WIDE * _WIDE
    state: UnsettledState | None = None
    for t in range(len(history.days)):
        owed, sold = int(history.unsettled_won[t]), int(history.forced_won[t])
        before = int(history.unsettled_won[t - 1]) if t else NONE
        if owed > 0 and sold > 0 and before > 0:
            answered = log(sold / before) + behaviour.unsettled_answer * since_purchase(level, t)
            usual = log(owed) if usual is None else usual + (log(owed) - usual) / MEMORY
            if share is None:
                share = answered
            variance += ((answered - share) ** 2 - variance) / (3 * MEMORY)
            share += (answered - share) / MEMORY
            state = UnsettledState(t, usual, log(owed), share, sqrt(variance))
        found.append(state)
    return found


def since_purchase(level: np.ndarray, t: int) -> float:
    """Log return of the sessions from the purchase to the close before the sale on session ``t``."""
    return float(level[t - 1] - level[max(t - 1 - SINCE_PURCHASE, 0)]) if t else 0.0


def unsettled_forecast(
    state: UnsettledState, level: np.ndarray, until: int, behaviour: Behaviour, noise: np.ndarray
) -> np.ndarray:
    """Forced sales in won, float64 [m, k], of the ``k`` sessions from ``state.known + 1`` to ``until``.

    ``level`` is the log of the index, float64 [t], recorded or assumed; ``noise`` standard normal draws [m, k].
    """
    count = until - state.known
    sold = np.zeros((noise.shape[0], count))
    away = state.now_log - state.usual_log
    for i in range(count):
        owed = exp(state.usual_log + away * behaviour.unsettled_persistence**i)
        share = sold_share_of_unsettled(
            exp(state.share_log), behaviour.unsettled_answer, since_purchase(level, state.known + 1 + i)
        )
        sold[:, i] = owed * share * np.exp(state.stray * noise[:, i])
    return sold
