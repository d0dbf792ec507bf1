"""Contract: a perpetual-like position through one session, closed by its venue at any time of the day.

Only its prices at two closes are drawn. Whether the price touched the level in between is drawn from what a Brownian
bridge between them says, which is exact for normal returns.
"""

import numpy as np

from gaemi.chance import BRIDGE, uniform, word
from gaemi.rules.passage import HIGH, LOW, bridge_reached

FAR = 8.0
"""Deviations from the level, at both closes, beyond which a touch in between is rarer than the smallest draw."""


def contract_price(name: np.void, past: float, levels: tuple[float, float], luck: tuple[int, int, int]) -> float:
    """The latent price of a contract's lot after a session; 0 once the venue has closed it, and for ever after.

    ``name`` is its record, ``past`` its price before; ``levels`` are what moves it at the two closes over the start;
    ``luck`` is seed, path and session.
    """
    if past <= 0.0:
        return 0.0
    then, now = levels
    closed, deviation, times = name["closed_at"], name["deviation"], name["leverage"]
    side = LOW if times > 0.0 else HIGH
    if closed > 0.0:
        if (side == LOW and now <= closed) or (side == HIGH and now >= closed):
            return 0.0
        reach = FAR * deviation * closed
        if abs(now - closed) < reach or abs(then - closed) < reach:
            draw = uniform(word(luck[0], luck[1], BRIDGE, luck[2], name["number"], 0 if side == LOW else 1))
            if draw < bridge_reached(then, now, closed, deviation, side):
                return 0.0
    return float(max(0.0, name["start"] * (1.0 + times * (now - 1.0))))
