"""Mint: a mint-and-burn module through its blocks, minute by minute, in the order of the chain.

Within a block the demand of stablecoins is swapped at the price that the oracle last voted on; at its end the pools
recover. A price is at least one vote period old. Where no price is recorded it follows from the supply.
"""

from typing import NamedTuple

import numpy as np

from gaemi.rules.stablecoin import (
    ask_for_stable,
    coins_for,
    delta_after_block,
    delta_after_stable,
    marginal_spread,
    price_at_supply,
    run_share,
    spread_charged,
)

MINUTES_A_DAY = 1440
DISABLED = 1.0
"""Least spread at which swaps are off."""


class Chain(NamedTuple):
    """The module's parameters in each minute, and what holds throughout. ``m`` minutes."""

    base: np.ndarray  # float64 [m] SDR
    recovery: np.ndarray  # int64 [m] blocks
    least: np.ndarray  # float64 [m] least spread, 1 where swaps are off
    running: np.ndarray  # int64 [m] 1 where the chain makes blocks
    blocks_a_day: int
    vote_blocks: int
    sdr_dollars: float


class Tape(NamedTuple):
    """What meets the chain. ``m`` minutes, ``lead`` of prices before the first."""

    burn: np.ndarray  # float64 [m] stablecoins offered within the minute
    price: np.ndarray  # float64 [lead + m] dollars of a coin at each minute's close
    peg: np.ndarray  # float64 [m] dollars of a stablecoin that holders see; 0 where they see the module's own price
    lead: int
    supply: float  # coins at the start
    elasticity: float  # 0: the recorded price is taken; else the first price falls with the supply to this power


class Runners(NamedTuple):
    """Holders of the stablecoin by size. ``c`` classes."""

    held: np.ndarray  # float64 [c] coins at the start; counted down
    attention: np.ndarray  # float64 [c]
    hazard: np.ndarray  # float64 [c] a day
    first: np.ndarray  # float64 [c] a day
    burned_share: float


class Minted(NamedTuple):
    """State at the end of each minute, to be written. ``m`` minutes."""

    supply: np.ndarray  # float64 [m] coins in hands, the oracle pool's left out
    pool_coins: np.ndarray  # float64 [m] coins minted as fees for the oracle pool so far
    spread: np.ndarray  # float64 [m] of the minute's last swap; without one the marginal spread
    delta: np.ndarray  # float64 [m] SDR at the end of the minute's last block
    burned: np.ndarray  # float64 [m] stablecoins burned so far
    price: np.ndarray  # float64 [m] price of the minute's last swap
    left: np.ndarray  # float64 [m, c] stablecoins that each class still has; no columns without classes


def blocks_before(minute: int, blocks_a_day: int) -> int:
    """Blocks made before a minute that is counted from the start, if the chain never stopped."""
    return minute * blocks_a_day // MINUTES_A_DAY


def minute_seen(block: int, blocks_a_day: int, vote_blocks: int) -> int:
    """The minute whose close the price in force at ``block`` is: the last that was over one vote period before the
    last vote. Below 0 before the start."""
    voted_on = (block // vote_blocks - 1) * vote_blocks
    return voted_on * MINUTES_A_DAY // blocks_a_day - 1


def price_in_force(tape: Tape, seen: int, supply: float) -> float:
    """Dollars of a coin as the oracle has it."""
    if tape.elasticity > 0.0:
        return price_at_supply(tape.price[0], tape.supply, supply, tape.elasticity)
    return float(tape.price[max(seen + tape.lead, 0)])


def leaving(runners: Runners, deviation: float, blocks_a_day: int) -> float:
    """Stablecoins that the holders burn in one block at a ``deviation``; their holdings are counted down."""
    total = 0.0
    for c in range(runners.held.size):
        share = run_share(deviation, runners.attention[c], runners.hazard[c], runners.first[c])
        burned = runners.held[c] * share * runners.burned_share / blocks_a_day
        runners.held[c] -= burned
        total += burned
    return total


def mint(chain: Chain, tape: Tape, runners: Runners, out: Minted) -> None:
    """Run the chain through all minutes and write ``out``. The demand is the tape's, and the runners' beside it.

    Of what is offered in a block all is burned; coins worth it less the spread go to whoever offered, coins worth the
    spread to the oracle pool. While swaps are off or the chain stands nothing is burned and nothing waits.
    """
    supply, pool_coins, delta, burned = tape.supply, 0.0, 0.0, 0.0
    spread, price = 0.0, float(tape.price[0])
    for i in range(tape.burn.size):
        begin = blocks_before(i, chain.blocks_a_day)
        count = blocks_before(i + 1, chain.blocks_a_day) - begin
        base, least = chain.base[i], chain.least[i]
        if chain.running[i] == 1:
            spread = max(marginal_spread(base, delta), least)
            for j in range(count):
                if (begin + j) % chain.vote_blocks == 0 or j == 0:
                    seen = minute_seen(begin + j, chain.blocks_a_day, chain.vote_blocks)
                    price = price_in_force(tape, seen, supply)
                offer = 0.0
                if least < DISABLED:
                    offer = tape.burn[i] / count
                    if runners.held.size > 0:
                        deviation = 1.0 - tape.peg[i] if tape.peg[i] > 0.0 else marginal_spread(base, delta)
                        offer += leaving(runners, deviation, chain.blocks_a_day)
                if offer > 0.0:
                    value = offer / chain.sdr_dollars
                    spread = spread_charged(value, ask_for_stable(base, delta, value), least)
                    supply += coins_for(offer * (1.0 - spread), price)
                    pool_coins += coins_for(offer * spread, price)
                    burned += offer
                    delta = delta_after_stable(delta, value)
                delta = delta_after_block(delta, chain.recovery[i])
        out.supply[i], out.pool_coins[i], out.spread[i] = supply, pool_coins, spread
        out.delta[i], out.burned[i], out.price[i] = delta, burned, price
        for c in range(runners.held.size):
            out.left[i, c] = runners.held[c]
