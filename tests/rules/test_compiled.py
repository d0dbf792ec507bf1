"""Every rule gives the same answer compiled as plain, and no rule lacks a test of it."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gaemi import rules
from gaemi.kernels._compile import compiled

DAYS, BPS = np.array([7, 15, 90, 10**6]), np.array([540, 770, 850, 910])
BELOW, TICKS = np.array([2_000, 5_000, 20_000, 50_000, 10**15]), np.array([1, 5, 10, 50, 100])
BANDS, SESSIONS = np.array([14_000, 12_000, 0]), np.array([2, 1, 0])
LARGE = 50_000_000_000
FLOORS, RATES, AMOUNTS = np.array([0, 10**7]), np.array([4_000, 5_000]), np.array([0, 10_000])

CALLS: dict[str, list[tuple[Any, ...]]] = {
    "behaviour.deviation_of": [(0.02, 0.012)],
    "behaviour.distance_to_call": [(8_500_000, 6_000_000, 14_000, 0.03), (8_300_000, 6_000_000, 14_000, 0.03)],
    "behaviour.net_new_share": [(0.1, -0.03, 0.2, 0.05, 5.0, 0.3, -0.02), (0.1, 0.03, 0.2, -0.05, 5.0, 0.3, 0.02)],
    "behaviour.sale_share": [(0.41, 0.11, 10, 1.0), (0.22, 0.05, 7, 0.3), (0.41, 0.11, 1, 3.0)],
    "behaviour.sell_first_share": [(1.5, 3.0, 0.1), (-1.0, 3.0, 0.1), (3.0, 3.0, 0.1)],
    "behaviour.sold_share_of_unsettled": [(0.07, 5.0, -0.1), (0.5, 5.0, -1.0)],
    "cfd.entry_left_won": [(10**14, 2 * 10**9, 2 * 10**9 - 1), (10_000_001, 3, 2), (10_000_001, 3, 0)],
    "cfd.financing_won": [(LARGE, 30, 450), (LARGE, -1, 450)],
    "cfd.initial_margin_won": [(10**14, 4_000), (10_000_001, 1_000)],
    "cfd.maintenance_bps": [(10_000_001, 6_000_001, 4_000, 8_000), (10**14, 1, 4_000, 8_000)],
    "cfd.maintenance_margin_won": [(10_000_001, 6_000_001, 4_000, 8_000), (10**7, 9 * 10**6, 4_000, 8_000)],
    "cfd.may_hold": [(True, 3 * 10**8, 3 * 10**8), (True, 3 * 10**8 - 1, 3 * 10**8), (False, 10**9, 3 * 10**8)],
    "coin_loan.after_closing": [(10**9, 4 * 10**9, 0, 10**6, 6 * 10**9), (10**9, 0, 9 * 10**8, 0, 0), (0, 7, 0, 0, 7)],
    "coin_loan.closing_fall_bps": [(50_000_000, 0, 40_000_000, 9_000), (50_000_000, 60_000_000, 40_000_000, 9_000)],
    "coin_loan.closing_rise_bps": [(50_000_000, 40_000_000, 9_000), (10**12, 7, 9_500)],
    "coin_loan.debt_ratio_bps": [(40_000_001, 50_000_000), (0, 1)],
    "coin_loan.fee_won": [(LARGE, 5, 30), (LARGE, 2_000, 0)],
    "coin_loan.is_closed": [(9_000, 10_000, 9_000), (8_999, 10_000, 9_000), (0, 0, 9_000), (10**14, 10**14, 9_000)],
    "coin_loan.largest_loan_won": [(10**7, 40_000, 10**9), (5 * 10**7, 10_000, 3 * 10**7)],
    "coins.coin_unit": [(145_759_000.0, 7), (3_041.5, 2), (0.000_123, 0), (0.0, 0)],
    "coins.coin_won": [(1_000, 127_548_784), (2**40, 2**22), (1, 2**21 - 1), (1, 2**21)],
    "coins.lot_digits": [(145_759_000,), (3_041,), (99,), (0,)],
    "coins.lots_of": [(10**12, 61_136_175), (10**12, 0), (1, 2**22)],
    "coins.premium_after": [(0.05, 0.01, 0.9, 0.002), (-0.02, 0.0, 1.0, 0.0)],
    "coins.won_price": [(113_000.5, 1_428.0, 0.025), (0.5, 1_428.0, -0.01)],
    "funds.carry_a_session": [(2.0, 350, 95, 0), (-1.0, 350, 95, 100)],
    "funds.rebalancing_order": [(2.0, 1e12, -0.05, 0.0), (-2.0, 1e12, -0.05, 3e9)],
    "funds.rebalancing_pressure": [(2.0, 1e12, 1e13, 0.1)],
    "funds.return_with_rebalancing": [(-0.05, 0.3), (-0.05, 1.0)],
    "funds.value_after": [(1.1, 0.04, 2.0, -0.0445, 1.0)],
    "funds.value_step": [(100.0, -0.05, 2.0, -0.0001), (100.0, -0.6, 2.0, 0.0)],
    "garch.autocorrelation_of_squares": [(0.05, 0.1, 0.8, 3.0, 10), (0.3, 0.0, 0.65, 3.0, 1)],
    "garch.kurtosis": [(0.05, 0.1, 0.8, 3.0), (0.3, 0.0, 0.65, 3.0)],
    "garch.long_run_variance": [(0.02, 0.03, 0.1, 0.9), (0.02, 0.1, 0.0, 0.9)],
    "garch.next_variance": [(1.0, -1.2, 0.02, 0.03, 0.1, 0.9), (1.0, 1.2, 0.02, 0.03, 0.1, 0.9)],
    "garch.persistence": [(0.03, 0.1, 0.9)],
    "impact.displacement": [(-0.3, -0.2, 1.0, 0.02, 0.5), (0.3, -0.2, 1.5, 0.03, 0.3)],
    "impact.kyle_lambda": [(0.02, 0.5)],
    "impact.price_multiplier": [(-0.1,), (0.1,)],
    "impact.remembered": [(-0.3, 2_500)],
    "impact.signed_root": [(-0.3,), (0.3,)],
    "interest.interest_won": [(LARGE, 400, 100, DAYS, BPS, 1), (LARGE, 400, 390, DAYS, BPS, 0)],
    "margin.call_level_bps": [(10**10, 10**8, 7 * 10**9, 14_000)],
    "margin.call_price": [(LARGE, 12_345, 10**6, 14_000, 7_000), (5, 10, 10**6, 14_000, 10_000)],
    "margin.collateral_ratio_bps": [(70_000_000_000, LARGE)],
    "margin.collateral_won": [(70_000_000_001, 7_000)],
    "margin.factor_shock": [(22_500_000, 26_150_000.0, 13_000_000, 14_000)],
    "margin.is_under_maintenance": [(70_000_000_000, LARGE, 14_000), (69_999_999_999, LARGE, 14_000)],
    "margin.largest_loan_won": [(10**11, 4_500)],
    "margin.next_clock": [
        (-1, -1, 4, 6, True, False, True),
        (2, 4, 4, 6, True, True, True),
        (2, 4, 3, 4, False, False, False),
    ],
    "margin.relief_e8": [(10**7, 18_000, 1_500, 80, 10_000, c) for c in range(4)],
    "margin.sale_quantity": [(6 * 10**18, 10**15, 10**6), (1, -5, 10**6)],
    "margin.sessions_to_sale": [(59_000_000_000, LARGE, BANDS, SESSIONS), (65_000_000_000, LARGE, BANDS, SESSIONS)],
    "margin.shortfall_e8": [(LARGE, 0, 18_000, 1_500, 2), (LARGE, 10**12, 14_000, 1_500, 3)],
    "margin.shortfall_won": [(60_000_000_001, LARGE, 14_000), (10**12, LARGE, 14_000)],
    "margin.zero_price": [(LARGE, 12_345, 0, 10_000)],
    "market.fee_won": [(LARGE, 30)],
    "market.filled_quantity": [(1_234_567, 1_000)],
    "market.floor_to_tick": [(12_345.6, BELOW, TICKS)],
    "market.is_locked_down": [(700, 700)],
    "market.lower_limit": [(9_990, 3_000, BELOW, TICKS)],
    "market.nearest_tick": [(12_345.6, BELOW, TICKS)],
    "market.net_proceeds_won": [(LARGE, 15, 30)],
    "market.tick_size": [(12_345.6, BELOW, TICKS), (12_345, BELOW, TICKS)],
    "market.traded_price": [(12_345.6, 10_000, 12_000, BELOW, TICKS), (11_111.1, 10_000, 12_000, BELOW, TICKS)],
    "market.transaction_tax_won": [(LARGE, 15)],
    "market.upper_limit": [(9_990, 3_000, BELOW, TICKS)],
    "passage.bridge_high": [(100.0, 101.0, 0.02, 0.3), (101.0, 100.0, 0.0, 0.3)],
    "passage.bridge_low": [(100.0, 101.0, 0.02, 0.3), (101.0, 100.0, 0.0, 0.3)],
    "passage.bridge_reached": [(100.0, 101.0, 98.0, 0.02, -1), (100.0, 101.0, 103.0, 0.02, 1)],
    "passage.expected_exit_years": [(0.5, 2.0, 0.08, 0.4), (0.84, 1.5, 0.05, 0.3)],
    "passage.first_reached": [(0.84, 1.5, 0.05, 0.3, 1.0), (0.84, 1.5, 0.05, 0.3, 0.1), (0.0, 1.5, 0.05, 0.3, 1.0)],
    "passage.first_reached_ever": [(0.5, 6.0, 0.08, 0.25), (0.5, 6.0, -0.08, 0.25)],
    "passage.high_reached": [(1.5, 0.08, 0.3, 0.25), (1.5, 0.5, 0.0, 1.0)],
    "passage.low_reached": [(0.84, 0.08, 0.3, 0.25), (0.84, -0.5, 0.01, 0.25)],
    "passage.low_reached_and_end_above": [(0.84, 1.0, 0.08, 0.3, 0.25), (0.84, 0.7, 0.08, 0.3, 0.25)],
    "passage.low_reached_daily": [(0.84, 0.08, 0.3, 0.25, 63)],
    "passage.normal_cdf": [(-1.5,), (-30.0,), (2.0,)],
    "passage.residual_debt_odds": [(1.25, 0.04, 2.0), (1.25, 0.0, 2.0)],
    "passage.residual_debt_share": [(1.25, 0.04, 2.0), (0.75, 0.0, 2.0)],
    "passage.watched_daily": [(0.84, 0.02, -1), (1.5, 0.02, 1)],
    "perpetual.backing": [(5.0, 4.0, 1.0)],
    "perpetual.bankruptcy_price": [(2_000.0, 1, 1.0, 20_000.0), (2_000.0, -1, 1.0, 20_000.0)],
    "perpetual.bankruptcy_value": [(5_000.0, 499.0, 250.0, 500.0)],
    "perpetual.deleveraging_score": [(20.0, 100.0, 120.0, 60.0), (-20.0, 100.0, 80.0, 40.0)],
    "perpetual.equity": [(11_000.0, 1, 0.5, 110_000.0, 109_500.0), (11_000.0, -1, 0.5, 110_000.0, 109_500.0)],
    "perpetual.funding_micro": [(1_234_567_891, 10_000), (1_234_567_891, -9_999)],
    "perpetual.is_liquidatable": [(500, 500), (500, 499), (0, -1)],
    "perpetual.liquidation_price": [(0.1, 1, 1.0, 1.0, 0.005, 0.0), (0.1, -1, 1.0, 1.0, 0.005, 0.1)],
    "perpetual.liquidation_price_by_entry": [(1, 1.0, 20_000.0, 400.0, 100.0, 5.0)],
    "perpetual.liquidation_price_from_here": [(1.0, 1, 1.0, 0.095, 0.005)],
    "perpetual.liquidation_price_of_inverse": [(-1, 20_000.0, 20_000.0, 0.3, 0.05)],
    "perpetual.maintenance_micro": [(v, FLOORS, RATES, AMOUNTS) for v in (0, 7, 10**7 + 1, 9 * 10**18)],
    "perpetual.next_amount": [(50.0, 250_000.0, 0.005, 0.01)],
    "perpetual.part_micro": [(-9 * 10**18, 7, 2**31 - 1), (9 * 10**18, 2**31 - 1, 2**31 - 1)],
    "perpetual.share_rounded_up": [(9 * 10**18, 500_000), (1, 1)],
    "perpetual.tier_of": [(10**7, FLOORS), (0, FLOORS)],
    "perpetual.tiered_liquidation_price": [(1_535_443.01, 1, 109.488, 32_481.98, (0.01, 0.025), (1_300.0, 16_300.0))],
    "pledged.largest_loan_won": [(LARGE, 7_000, 10**9)],
    "stablecoin.arbitrage_floor": [(1.0, 0.001)],
    "stablecoin.ask_for_other": [(5e7, 1e6, 1e5), (1e3, 0.0, 1e2)],
    "stablecoin.ask_for_stable": [(5e7, 1e6, 1e5), (1e3, 0.0, 1e2)],
    "stablecoin.capacity_a_block": [(5e7, 36, 0.02)],
    "stablecoin.coins_for": [(99_500.0, 0.00005)],
    "stablecoin.delta_after_block": [(1e6, 36)],
    "stablecoin.delta_after_other": [(1e6, 3e5)],
    "stablecoin.delta_after_stable": [(1e6, 3e5)],
    "stablecoin.delta_at_spread": [(5e7, 0.4)],
    "stablecoin.half_life_blocks": [(36,)],
    "stablecoin.marginal_spread": [(5e7, 1e6), (5e7, -1e6)],
    "stablecoin.price_at_supply": [(64.0, 3.4e8, 1.5e9, 1.0), (64.0, 3.4e8, 1.5e9, 1.46)],
    "stablecoin.received": [(1e5, 0.005)],
    "stablecoin.redemption_price": [(100.0, 100.0, 0.05), (110.0, 100.0, 0.0)],
    "stablecoin.reserve_left": [(100.0, 0.5, 0.1, 20.0), (100.0, 0.5, 0.1, 70.0), (100.0, 0.0, 1.0, 70.0)],
    "stablecoin.run_share": [(0.2, 0.05, 4.0, 0.01), (0.01, 0.05, 4.0, 0.01), (0.9, 0.05, 4.0, 0.01)],
    "stablecoin.spread_charged": [(1e5, 9e4, 0.005), (1e5, 1.1e5, 0.005)],
    "stablecoin.standing_delta": [(2e5, 36)],
    "stablecoin.tobin_tax_bps": [(25, 200)],
    "stock_loan.largest_loan_won": [(LARGE, 30_000)],
    "unsettled.is_overdue": [(738_000, 738_001)],
    "unsettled.largest_purchase_won": [(LARGE, 4_000)],
    "unsettled.unsettled_sale_quantity": [(LARGE, 10_000, 10**9, 3_000), (LARGE, 0, 10**9, 3_000)],
}


def public_rules() -> dict[str, Callable[..., Any]]:
    found = {}
    for module in pkgutil.iter_modules(rules.__path__):
        functions = vars(importlib.import_module(f"gaemi.rules.{module.name}")).items()
        for name, function in functions:
            own = inspect.isfunction(function) and function.__module__ == f"gaemi.rules.{module.name}"
            if own and not name.startswith("_"):
                found[f"{module.name}.{name}"] = function
    return found


RULES = public_rules()


def test_every_rule_is_compared() -> None:
    assert sorted(CALLS) == sorted(RULES)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_gives_the_same_compiled_and_plain(name: str) -> None:
    for arguments in CALLS[name]:
        plain = RULES[name](*[[int(v) for v in a] if isinstance(a, np.ndarray) else a for a in arguments])
        assert compiled(RULES[name])(*arguments) == plain


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_names_its_source_or_stands_on_one_that_does(name: str) -> None:
    module = importlib.import_module(RULES[name].__module__)
    assert RULES[name].__doc__
    assert "Source:" in inspect.getsource(module)


def test_the_widest_rule_stays_within_eight_arguments() -> None:
    widths = {name: len(inspect.signature(rule).parameters) for name, rule in RULES.items()}
    assert max(widths.values()) <= 8
