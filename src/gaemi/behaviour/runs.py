"""Holders who run: by size and information out of a coin whose peg slips, and at par out of one with a reserve.

Off unless asked for: a run of the module on a recorded demand needs no holders. Who runs first is published; how
fast is an assumption with a range.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from gaemi.kernels.mint import Runners
from gaemi.law.lawbook import LawBook
from gaemi.rules.stablecoin import arbitrage_floor, redemption_price, reserve_left
from gaemi.units import BPS


def runners_of(book: LawBook, on: date, coins: float) -> tuple[tuple[str, ...], Runners]:
    """The size classes by name, the largest first, and ``coins`` of a stablecoin in their hands."""
    sizes = book.parameter("stablecoin.holder_share").keys

    def each(name: str, scale: float) -> np.ndarray:
        return np.array([book.value(f"stablecoin.{name}", on, size) / scale for size in sizes])

    runners = Runners(
        held=coins * each("holder_share", BPS),
        attention=each("run_attention", BPS),
        hazard=each("run_hazard", 1.0),
        first=each("run_first", BPS),
        burned_share=book.value("stablecoin.burned_share", on) / BPS,
    )
    return tuple(sizes), runners


@dataclass(frozen=True, slots=True)
class ReserveRun:
    """A run on a coin with a reserve: what was redeemed, and the prices that redemption at par leaves room for.

    ``low`` is where buying and redeeming begins to gain; ``stressed_low`` the same for whoever comes last, if all that
    is left had to be sold at once.
    """

    redeemed_share: float
    reserve_left: float
    low: float
    stressed_low: float


def reserve_run(book: LawBook, on: date, before: float, after: float) -> ReserveRun:
    """Coins outstanding fell from ``before`` to ``after``, and all that went was redeemed at par.

    The reserve is assumed to be worth the coins before the run: that is what the issuer says of it.
    """
    assert 0 < after <= before, "a run leaves coins outstanding and redeems the rest"
    liquid, discount, fee = (
        book.value(f"stablecoin.{name}", on) / BPS for name in ("reserve_liquid", "reserve_discount", "redemption_fee")
    )
    redeemed = before - after
    left = reserve_left(before, liquid, discount, redeemed)
    unsold = min(1.0, before * (1.0 - liquid) / left) if left > 0.0 else 1.0
    return ReserveRun(
        redeemed_share=redeemed / before,
        reserve_left=left,
        low=arbitrage_floor(redemption_price(left, after, 0.0), fee),
        stressed_low=arbitrage_floor(redemption_price(left, after, unsold * discount), fee),
    )
