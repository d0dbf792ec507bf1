"""Impact acts on the flow so far, in won of each name, and part of it fades from one session to the next.

Flow within a session is added up as whole won before the square root is taken, so that cutting the session finer
does not change the result. At the opening auction the recent flow is measured on the auction's own volume.
"""

from dataclasses import dataclass, field

import numpy as np

from gaemi.kernels.price import Pressure
from gaemi.units import BPS


@dataclass(frozen=True, slots=True)
class ImpactLaw:
    """Impact parameters of a date: ``auction_share_bps`` is int64[instrument]."""

    coefficient: float
    permanent_share: float
    decay_a_session: float
    auction_share_bps: np.ndarray


@dataclass(slots=True)
class FlowState:
    """Signed flow of every name, sales negative; ``today_won`` int64, ``recent`` in sessions of turnover."""

    turnover_won: np.ndarray
    volatility: np.ndarray
    before_won: np.ndarray = field(init=False)
    today_won: np.ndarray = field(init=False)
    recent: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.before_won = np.zeros_like(self.turnover_won)
        self.today_won = np.zeros_like(self.turnover_won)
        self.recent = np.zeros(self.turnover_won.size)

    def pressure(self, law: ImpactLaw, extra_won: np.ndarray, at_auction: bool) -> Pressure:
        """Pressure when ``extra_won`` (int64[n]) trades beside what traded today."""
        today = self.today_won + extra_won
        volume = self.turnover_won * law.auction_share_bps / BPS if at_auction else self.turnover_won.astype(float)
        return Pressure(
            volatility=self.volatility,
            cumulative=(self.before_won + today) / self.turnover_won,
            recent=self.recent + today / volume,
            coefficient=law.coefficient,
            permanent_share=law.permanent_share,
        )

    def add(self, won: np.ndarray) -> None:
        self.today_won += won

    def next_session(self, law: ImpactLaw) -> None:
        """Close the session: its flow joins the past, and what is recent fades."""
        self.recent = law.decay_a_session * (self.recent + self.today_won / self.turnover_won)
        self.before_won = self.before_won + self.today_won
        self.today_won = np.zeros_like(self.today_won)
