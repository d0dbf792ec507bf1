"""What a known answer is asked of: each check lays out inputs for the rule itself and holds no formula of its own."""

from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
from cases.account_checks import ACCOUNT_CHECKS
from cases.cfd_checks import CFD_CHECKS
from cases.coin_checks import COIN_CHECKS
from cases.perpetual_checks import PERPETUAL_CHECKS
from cases.stablecoin_checks import STABLECOIN_CHECKS

from gaemi import chance, units
from gaemi.market import clearing
from gaemi.people import fitting
from gaemi.rules import funds, impact, interest, margin, market

FOREVER = 10**15
CONVENTIONS = {
    "A": margin.CONVENTION_A, "B": margin.CONVENTION_B, "C": margin.CONVENTION_C, "D": margin.CONVENTION_D
}  # fmt: skip


def fund_values(returns: list[Any], leverages: list[int]) -> list[Any]:
    values = []
    for leverage in leverages:
        value: Any = Fraction(1)
        for index_return in returns:
            value = funds.value_step(value, index_return, leverage, Fraction(0))  # type: ignore[arg-type]
        values.append(value)
    return values


def fund_value_with_costs(returns: list[float], leverage: float, financing_bps: int, fee_bps: int) -> float:
    carry = funds.carry_a_session(leverage, financing_bps, fee_bps, 0)
    value = 1.0
    for index_return in returns:
        value = funds.value_step(value, index_return, leverage, carry)
    return value


def fund_after(
    index_ratio: float, variance: float, leverage: float, financing_bps: int, fee_bps: int, years: float
) -> float:
    carry = funds.carry_a_session(leverage, financing_bps, fee_bps, 0) * funds.SESSIONS_A_YEAR
    return funds.value_after(index_ratio, variance, leverage, carry, years)


def rebalancing_orders(assets: int, index_return: Fraction, leverages: list[int]) -> list[Any]:
    return [funds.rebalancing_order(leverage, assets, index_return, 0) for leverage in leverages]  # type: ignore[arg-type]


def drawn_fund_path(sessions: int, deviation_a_year: float, leverage: float, key: list[int]) -> list[float]:
    index = fund = 1.0
    variance = 0.0
    for day in range(sessions):
        word = chance.philox(day, 0, 0, 0, *key)[0]
        index_return = deviation_a_year / sqrt(sessions) * chance.normal(word)
        index *= 1.0 + index_return
        fund = funds.value_step(fund, index_return, leverage, 0.0)
        variance += chance.log(1.0 + index_return) ** 2
    return [index, fund, funds.value_after(index, variance, leverage, 0.0, 1.0)]


def drawn_fund_gap(**inputs: Any) -> float:
    _, fund, closed_form = drawn_fund_path(**inputs)
    return closed_form / fund - 1.0


def at_entry(own_won: int, loan_won: int, maintenance_bps: int, quantity: int) -> dict[str, Any]:
    value = own_won + loan_won
    price = value // quantity
    return {
        "ratio_bps": margin.collateral_ratio_bps(value, loan_won),
        "call": Fraction(margin.call_price(loan_won, quantity, 0, maintenance_bps, units.BPS), price),
        "zero": Fraction(margin.zero_price(loan_won, quantity, 0, units.BPS), price),
    }


def falls_at_entry(own_bps: list[int], maintenance_bps: int) -> list[Any]:
    answers = [at_entry(own, units.BPS - own, maintenance_bps, 1) for own in own_bps]
    return [[answer["call"] - 1, answer["zero"] - 1] for answer in answers]


def ratios(values_won: list[int], loan_won: int, maintenance_bps: int) -> list[Any]:
    return [
        [
            margin.collateral_ratio_bps(value, loan_won),
            margin.is_under_maintenance(value, loan_won, maintenance_bps),
        ]
        for value in values_won
    ]


def factor_shocks(
    values_won: list[int], betas: list[float], cash_won: int, loan_won: int, maintenance_bps: int
) -> list[Any]:
    value = sum(values_won) + cash_won
    exposed = sum(v * beta for v, beta in zip(values_won, betas, strict=True))
    shocks = [margin.factor_shock(value, exposed, loan_won, at) for at in (maintenance_bps, units.BPS)]
    return [margin.collateral_ratio_bps(value, loan_won), *shocks]


def call_price_by_equity(loan: int, quantity: int, equity_bps: int) -> int:
    """Equity of a share e of the value is a ratio of 1 / (1 - e), rounded to the basis point."""
    ratio = units.floor_div_half_up(units.BPS * units.BPS, units.BPS - equity_bps)
    return margin.call_price(loan, quantity, 0, ratio, units.BPS)


def sale_quantities(held: int, price_won: int, loan_won: int, terms: list[list[Any]]) -> list[int]:
    answers = []
    for name, discount in terms:
        convention = CONVENTIONS[name]
        missing = margin.shortfall_e8(loan_won, held * price_won, 14_000, discount, convention)
        relief = margin.relief_e8(price_won, 14_000, discount, 0, units.BPS, convention)
        answers.append(margin.sale_quantity(missing, relief, held))
    return answers


def interest_of(principal_won: int, days: int, rate_bps: int) -> int:
    return interest.interest_won(principal_won, days, days, (FOREVER,), (rate_bps,), 1)


def price_limits(bases: list[int], limit_bps: int, ticks: list[list[Any]]) -> list[list[int]]:
    below, sizes = tuple(row[0] or FOREVER for row in ticks), tuple(row[1] for row in ticks)
    return [
        [
            market.upper_limit(base, limit_bps, below, sizes),
            market.lower_limit(base, limit_bps, below, sizes),
        ]
        for base in bases
    ]


def limited_fall(base: int, latent: float, limit_bps: int) -> list[Any]:
    table = ((FOREVER,), (1,))
    days, last = 0, 0.0
    while base != latent:
        lower, upper = market.lower_limit(base, limit_bps, *table), market.upper_limit(base, limit_bps, *table)
        price = market.traded_price(latent, lower, upper, *table)
        days, last, base = days + 1, price / base - 1, price
    return [days, last]


def square_root_impact(participation: float, coefficient: float, volatility: float) -> float:
    return impact.displacement(participation, 0.0, coefficient, volatility, 1.0)


def clearing_prices(
    outside: Fraction, impact: Fraction, thresholds: list[Fraction], quantities: list[int]
) -> list[Fraction]:
    def step(prices: np.ndarray) -> np.ndarray:
        sold = sum(q for q, threshold in zip(quantities, thresholds, strict=True) if prices[0] < threshold)
        return np.array([outside - impact * sold], dtype=object)

    highest, lowest = (clearing.fixed_point(step, np.array([Fraction(start)], dtype=object)) for start in (1, 0))
    return [highest[0], lowest[0]]


def fitted_table(table: list[list[int]], rows: list[int], columns: list[int], cell: list[int]) -> list[float]:
    """The first row and one cell. Stricter than its default, because the answer is known to ten digits."""
    fitted = fitting.iterative_fit(np.array(table), rows, columns, tolerance=1e-15)
    return [*fitted[0].tolist(), float(fitted[cell[0], cell[1]])]


def philox_words(counter: str, key: str) -> str:
    inputs = [int(word, 16) for word in (counter + " " + key).split()]
    return " ".join(f"{word:08x}" for word in chance.philox(*inputs))


CHECKS = {
    **ACCOUNT_CHECKS,
    **CFD_CHECKS,
    **COIN_CHECKS,
    **PERPETUAL_CHECKS,
    **STABLECOIN_CHECKS,
    "at_entry": at_entry,
    "call_price_by_equity": call_price_by_equity,
    "clearing_prices": clearing_prices,
    "drawn_fund_gap": drawn_fund_gap,
    "drawn_fund_path": drawn_fund_path,
    "factor_shocks": factor_shocks,
    "falls_at_entry": falls_at_entry,
    "fitted_table": fitted_table,
    "fund_after": fund_after,
    "fund_value_with_costs": fund_value_with_costs,
    "fund_values": fund_values,
    "interest": interest_of,
    "kyle": impact.kyle_lambda,
    "limited_fall": limited_fall,
    "philox_words": philox_words,
    "price_limits": price_limits,
    "ratios": ratios,
    "rebalancing_orders": rebalancing_orders,
    "sale_quantities": sale_quantities,
    "split": units.largest_remainder,
    "square_root_impact": square_root_impact,
}
