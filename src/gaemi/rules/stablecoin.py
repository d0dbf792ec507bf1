"""Coins that promise a dollar: a module that mints one coin against another, holders who run, a reserve that pays.

The module keeps two virtual pools whose product is constant: ``base`` + ``delta`` of stablecoins and base squared over
that of the other coin, both as values in SDR. The other coin's price does not enter the pools, only what a value is
paid in. ``delta`` is above 0 when more stablecoins came in than went out. Spreads and shares are of one.

Source: classic-core, module ``x/market``, keeper and specification (2019 to 2022).
"""

from math import sqrt

from gaemi.chance import exp, log


def ask_for_stable(base: float, delta: float, offer: float) -> float:
    """SDR of the other coin that the constant product gives for ``offer`` SDR of stablecoins, before any least spread.

    Two swaps one after the other in a block give what one swap of their sum gives.

    >>> round(ask_for_stable(1000.0, 0.0, 100.0), 10)
    90.9090909091
    """
    product = base * base
    pool = base + delta
    return product / pool - product / (pool + offer)


def ask_for_other(base: float, delta: float, offer: float) -> float:
    """SDR of stablecoins that the constant product gives for ``offer`` SDR of the other coin.

    Source: as the module; the pools change places.
    """
    product = base * base
    pool = base + delta
    return pool - product / (product / pool + offer)


def spread_charged(offer: float, ask: float, least: float) -> float:
    """The part of an ``offer`` above 0 that is kept: what the pools give too little, never below ``least``.

    A swap that brings the pools back to balance would get more than it offers; it pays the least spread all the same.

    >>> spread_charged(100_000.0, ask_for_stable(50_000_000.0, 0.0, 100_000.0), 0.005)
    0.005
    """
    spread = (offer - ask) / offer
    return max(spread, least)


def received(offer: float, spread: float) -> float:
    """What is left of an offer's value after the spread, in the unit of the offer.

    >>> received(100_000.0, 0.005)
    99500.0
    """
    return offer * (1.0 - spread)


def coins_for(dollars: float, price: float) -> float:
    """Coins that a value in dollars is paid in at the price of the oracle, in dollars of a coin.

    Burned dollars less the spread are the minted coins at their price: nothing else enters the supply.
    """
    return dollars / price


def delta_after_stable(delta: float, offer: float) -> float:
    """The gap after a swap of ``offer`` SDR of stablecoins: all of it came in, whatever was paid for it."""
    return delta + offer


def delta_after_other(delta: float, paid: float) -> float:
    """The gap after a swap that paid out ``paid`` SDR of stablecoins, the spread taken off."""
    return delta - paid


def delta_after_block(delta: float, recovery_blocks: int) -> float:
    """The gap at the end of a block: one part in ``recovery_blocks`` of it closes.

    >>> delta_after_block(1_000_000.0, 36)
    972222.2222222222
    """
    return delta - delta / recovery_blocks


def half_life_blocks(recovery_blocks: int) -> float:
    """Blocks after which half of a gap has closed; ``recovery_blocks`` must be above 1."""
    return log(0.5) / log(1.0 - 1.0 / recovery_blocks)


def marginal_spread(base: float, delta: float) -> float:
    """The spread of the next, smallest swap of stablecoins; below 0 when the other coin is short.

    The module's price of a stablecoin is a dollar less this.
    """
    share = base / (base + delta)
    return 1.0 - share * share


def delta_at_spread(base: float, spread: float) -> float:
    """The gap at which the marginal spread is ``spread``, below 1: :func:`marginal_spread` solved for the gap."""
    return base * (1.0 / sqrt(1.0 - spread) - 1.0)


def standing_delta(inflow: float, recovery_blocks: int) -> float:
    """The gap that an even ``inflow`` of SDR a block comes to rest at, at the end of a block, before the next swap.

    Right after the swap it is ``inflow`` x ``recovery_blocks``.
    """
    return inflow * (recovery_blocks - 1)


def capacity_a_block(base: float, recovery_blocks: int, spread: float) -> float:
    """SDR a block that can flow in for ever at a marginal spread of ``spread`` after the swap.

    Goes with base over recovery: twice the pool at half the period is four times as much.

    Source: derived from the module; agora.terra.money (May 2022) publishes "$293M" a day for 50M SDR and 36 blocks,
    which is this at 2 %, 14,400 blocks and 1.443 dollars an SDR, and about four times as much for 100M and 18.
    """
    return delta_at_spread(base, spread) / recovery_blocks


def tobin_tax_bps(offered_bps: int, asked_bps: int) -> int:
    """Tax on a swap between two stablecoins, in basis points: the higher of their two rates; the pools do not move."""
    return max(offered_bps, asked_bps)


def price_at_supply(price: float, supply: float, grown: float, elasticity: float) -> float:
    """The price once ``supply`` coins have become ``grown``, both above 0, when it falls with supply to a power.

    At an elasticity of 1 the market value stays as it is; above 1 it falls.

    Source: the power is an assumption; 1.46 between two press figures of 12 May 2022.
    """
    if elasticity == 1.0:
        return price * supply / grown
    return price * exp(elasticity * log(supply / grown))


def run_share(deviation: float, attention: float, hazard: float, first: float) -> float:
    """Share of a holding that leaves in a day when a coin stands ``deviation`` under its peg; at most all of it.

    Nobody but the ``first`` share leaves before the deviation is beyond ``attention``; from there on it is ``hazard``
    for each unit of deviation more.

    Source: that the rich and informed leave first and at small deviations: Liu, Makarov and Schoar, "Anatomy of a Run",
    NBER working paper 31160 (2023); the straight line is an assumption.
    """
    beyond = max(deviation - attention, 0.0)
    return min(first + hazard * beyond, 1.0)


def reserve_left(reserve: float, liquid_share: float, discount: float, redeemed: float) -> float:
    """Value of a reserve after ``redeemed`` was paid out at par: liquid assets first, the rest at a ``discount``.

    The rest is counted at its full value unless some of it must be sold; nothing is left where it does not suffice.
    """
    rest = reserve * (1.0 - liquid_share)
    short = max(redeemed - reserve * liquid_share, 0.0)
    sold = short / (1.0 - discount) if discount < 1.0 else rest
    if sold >= rest:
        return 0.0
    return reserve - (redeemed - short) - sold


def redemption_price(reserve: float, outstanding: float, haircut: float) -> float:
    """What a coin is worth that is redeemed at par while the reserve lasts: 1, or its share of what can be had.

    ``haircut`` is the part of the reserve that is lost when all of it is sold at once.

    Source: pro-rata claim on a reserve, capped by the promise of redemption at par.

    >>> redemption_price(100.0, 100.0, 0.05)
    0.95
    """
    return min(1.0, reserve * (1.0 - haircut) / outstanding)


def arbitrage_floor(redemption: float, fee: float) -> float:
    """The price under which buying a coin and redeeming it gains; a market whose buyers may not redeem can go lower."""
    return redemption - fee
