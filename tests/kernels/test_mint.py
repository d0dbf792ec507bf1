"""The module through its blocks: against a plain count of one's own, compiled as plain, and what stops it."""

import numpy as np
import pytest

from gaemi.kernels._compile import compiled
from gaemi.kernels.mint import Chain, Minted, Runners, Tape, blocks_before, mint, minute_seen

NOTHING = np.zeros(0)
NOBODY = Runners(NOTHING, NOTHING, NOTHING, NOTHING, 1.0)


def chain(minutes, base=1_000.0, recovery=10, least=0.01, blocks_a_day=14_400):
    return Chain(
        np.full(minutes, base),
        np.full(minutes, recovery),
        np.full(minutes, least),
        np.ones(minutes, np.int64),
        blocks_a_day,
        5,
        1.0,
    )


def tape(burn, price, lead=0, elasticity=0.0, peg=None):
    held = np.zeros(len(burn)) if peg is None else np.asarray(peg)
    return Tape(np.asarray(burn, float), np.asarray(price, float), held, lead, 100.0, elasticity)


def run(kernel, chain, tape, runners=NOBODY):
    minutes = tape.burn.size
    out = Minted(*np.zeros((6, minutes)), np.zeros((minutes, runners.held.size)))
    kernel(chain, tape, runners._replace(held=runners.held.copy()), out)
    return out


def test_blocks_add_up_to_those_of_a_day():
    assert [0, 10, 14_400, 12_758] == [
        blocks_before(0, 14_400),
        blocks_before(1, 14_400),
        blocks_before(1_440, 14_400),
        blocks_before(1_440, 12_758),
    ]


def test_the_price_in_force_is_a_vote_period_older_than_the_last_vote():
    seen = [minute_seen(block, 14_400, 5) for block in (100, 104, 105, 109, 110)]
    assert [8, 8, 9, 9, 9] == seen  # blocks 100 to 109 are those of minute 10


def test_a_minute_is_ten_swaps_and_ten_recoveries():
    found = run(mint, chain(1), tape([100.0], [2.0]))
    base, delta, supply, spreads = 1_000.0, 0.0, 100.0, []
    for _ in range(10):
        ask = base * base / (base + delta) - base * base / (base + delta + 10.0)
        spread = max((10.0 - ask) / 10.0, 0.01)
        supply += 10.0 * (1.0 - spread) / 2.0
        delta = (delta + 10.0) * 0.9
        spreads.append(spread)
    assert pytest.approx([supply, spreads[-1], delta, 100.0]) == [
        found.supply[0],
        found.spread[0],
        found.delta[0],
        found.burned[0],
    ]
    assert pytest.approx(50.0) == found.supply[0] - 100.0 + found.pool_coins[0]


def test_recorded_prices_count_once_they_are_old_enough():
    found = run(mint, chain(3, least=0.0, base=1e12), tape([10.0] * 3, [1.0, 1.0, 0.1, 0.1, 0.1], lead=2))
    assert pytest.approx([110.0, 165.0, 265.0], rel=1e-6) == found.supply.tolist()


@pytest.mark.parametrize("elasticity", [0.0, 1.0, 1.46])
def test_the_compiled_kernel_gives_the_same_bits(elasticity):
    burn, price = np.linspace(0.0, 4.0, 40), np.linspace(2.0, 0.1, 40)
    runners = Runners(np.array([500.0, 90.0]), np.array([0.0, 0.05]), np.array([3.0, 1.0]), np.array([0.1, 0.0]), 0.5)
    given = chain(40, blocks_a_day=12_758), tape(burn, price, elasticity=elasticity)
    for who in (NOBODY, runners):
        plain, fast = (run(kernel, *given, who) for kernel in (mint, compiled(mint)))
        assert all((a == b).all() for a, b in zip(plain, fast, strict=True))


def test_nothing_is_minted_while_the_chain_stands_or_swaps_are_off():
    standing, off = chain(3), chain(3)
    standing.running[1] = 0
    off.least[1:] = 1.0
    for stopped, last in ((standing, 3), (off, 1)):
        found = run(mint, stopped, tape([10.0] * 3, [1.0] * 3))
        assert found.supply[0] == found.supply[1]
        assert pytest.approx(10.0 * (2 if last == 3 else 1)) == found.burned[2]


def test_with_no_price_the_market_value_stays_at_an_elasticity_of_one():
    found = run(mint, chain(60, base=1e12, least=0.0), tape([1.0] * 60, [2.0], elasticity=1.0))
    assert pytest.approx(100.0 * np.exp(60.0 / 200.0), rel=1e-3) == found.supply[-1]


def test_holders_leave_as_the_peg_slips_and_burn_what_is_missing():
    runners = Runners(np.array([500.0, 500.0]), np.array([0.0, 0.5]), np.array([5.0, 5.0]), np.zeros(2), 1.0)
    found = run(mint, chain(1_440, base=1e12), tape(np.zeros(1_440), [1.0] * 1_440, peg=np.full(1_440, 0.8)), runners)
    assert 500.0 == found.left[-1, 1]
    assert pytest.approx(500.0 / np.e, rel=1e-3) == found.left[-1, 0]
    assert pytest.approx(500.0 - found.left[-1, 0]) == found.burned[-1]


def test_holders_who_see_the_module_start_from_its_own_spread():
    runners = Runners(np.array([1_000.0]), np.array([0.0]), np.array([50.0]), np.array([0.5]), 1.0)
    found = run(mint, chain(60, base=100.0), tape(np.zeros(60), [1.0] * 60), runners)
    hasty = 1_000.0 - found.left[:, 0]
    assert hasty[-1] - hasty[-2] > hasty[0]
