"""What the known answers of coins that promise a dollar are asked of: the rules of the mint-and-burn module."""

from gaemi.rules import stablecoin


def minted_value(base: float, offer: float) -> list[float]:
    """SDR that the pools give for an offer from balance, and the spread that this is."""
    ask = stablecoin.ask_for_stable(base, 0.0, offer)
    return [ask, stablecoin.spread_charged(offer, ask, 0.0)]


def minted_in_parts(base: float, offers: list[float]) -> float:
    """The same for an offer in parts within one block."""
    delta, total = 0.0, 0.0
    for offer in offers:
        total += stablecoin.ask_for_stable(base, delta, offer)
        delta = stablecoin.delta_after_stable(delta, offer)
    return total


def received_value(base: float, offer: float, least_bps: int) -> float:
    ask = stablecoin.ask_for_stable(base, 0.0, offer)
    return stablecoin.received(offer, stablecoin.spread_charged(offer, ask, least_bps / 10_000))


def pool_recovery(delta: float, recovery_blocks: int, blocks: int) -> list[float]:
    left = delta
    for _ in range(blocks):
        left = stablecoin.delta_after_block(left, recovery_blocks)
    return [left, stablecoin.half_life_blocks(recovery_blocks)]


def module_capacity(pools: list[list[int]], spread_bps: int, blocks_a_day: int, dollars: float) -> list[float]:
    """SDR a day and dollars a day of each pair of base pool and recovery period, one after the other."""
    found: list[float] = []
    for base, recovery in pools:
        a_day = stablecoin.capacity_a_block(float(base), recovery, spread_bps / 10_000) * blocks_a_day
        found += [a_day, a_day * dollars]
    return found


def capacity_times(pools: list[list[int]]) -> list[float]:
    """Capacity of each pair over that of the first."""
    found = [stablecoin.capacity_a_block(float(base), recovery, 0.02) for base, recovery in pools]
    return [one / found[0] for one in found[1:]]


STABLECOIN_CHECKS = {
    "capacity_times": capacity_times,
    "minted_in_parts": minted_in_parts,
    "minted_value": minted_value,
    "module_capacity": module_capacity,
    "pool_recovery": pool_recovery,
    "received_value": received_value,
}
