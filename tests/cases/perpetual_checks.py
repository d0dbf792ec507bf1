"""What the known answers about perpetuals are asked of."""

from fractions import Fraction
from typing import Any

from gaemi.rules import perpetual

SIDES = {"long": perpetual.LONG, "short": perpetual.SHORT}


def liquidated_at(
    side: str,
    quantity: float,
    entry: float,
    maintenance: float,
    margin: float = 0.0,
    leverage: float = 0.0,
    amount: float = 0.0,
    taker: float = 0.0,
) -> float:
    """The price at which a position with ``margin``, or opened with ``leverage``, is closed."""
    backed = quantity * entry / leverage if leverage else margin
    return perpetual.liquidation_price(backed, SIDES[side], quantity, entry, maintenance + taker, amount)


def liquidated_by_entry(sides: list[list[Any]], entry: float, maintenance: float) -> list[float]:
    """Maintenance on the value at entry, one unit, for each side and leverage."""
    return [
        perpetual.liquidation_price_by_entry(SIDES[side], 1, entry, entry / leverage, entry * maintenance)
        for side, leverage in sides
    ]


def liquidated_in_two_ways(entry: float, leverage: float, maintenance: float) -> list[float]:
    by_mark = liquidated_at("long", 1.0, entry, maintenance, leverage=leverage)
    return [by_mark, *liquidated_by_entry([["long", leverage]], entry, maintenance)]


def amounts_of_tiers(floors: list[int], rates_bps: list[int]) -> list[Any]:
    amounts: list[Any] = [Fraction(0)]
    rates = [Fraction(rate, 10_000) for rate in rates_bps]
    for tier in range(1, len(floors)):
        amounts.append(perpetual.next_amount(amounts[-1], floors[tier], rates[tier - 1], rates[tier]))  # type: ignore[arg-type]
    return amounts


def liquidatable(price: Fraction, quantity: Fraction, debts: list[int], maintenance: Fraction) -> list[bool]:
    """Whether a position bought on a debt of each size is closed."""
    value = price * quantity
    return [perpetual.is_liquidatable(maintenance * value, value - debt) for debt in debts]  # type: ignore[arg-type]


def bankruptcy_values(rows: list[list[Any]]) -> list[Any]:
    """Rows of the part's signed value, net collateral, and maintenance of the part and of all."""
    return [perpetual.bankruptcy_value(*row) for row in rows]


def shared_margin_price(
    wallet: float, other_maintenance: float, other_profit: float, entry: float, rate: float
) -> float:
    backed = perpetual.backing(wallet, other_maintenance, other_profit)
    return round(perpetual.liquidation_price(backed, perpetual.LONG, 1.0, entry, rate), 2)


PERPETUAL_CHECKS: dict[str, Any] = {
    "amounts_of_tiers": amounts_of_tiers,
    "bankruptcy_values": bankruptcy_values,
    "liquidatable": liquidatable,
    "liquidated_at": liquidated_at,
    "liquidated_by_entry": liquidated_by_entry,
    "liquidated_in_two_ways": liquidated_in_two_ways,
    "shared_margin_price": shared_margin_price,
}
