"""Margin loans: what a pool is worth to its lender, when it is called, and how many shares the firm sells.

A pool is a set of loans and the holdings and cash that secure them. Ratios are whole basis points of the loan and are
compared by multiplying, never by dividing, so that 140 % is exactly 140 %. Sums stay below 2 ** 63 for pools of up to
50 bn won of loans and maintenance of up to 180 %.
"""

from gaemi.units import BPS, ceil_div

E8 = BPS * BPS
"""The shortfall and the relief of a sale are counted in won / E8, in which both are whole."""

CONVENTION_A, CONVENTION_B, CONVENTION_C, CONVENTION_D = range(4)
"""How a firm reckons the quantity of a forced sale; C is what most brokers print."""


def largest_loan_won(purchase_won: int, deposit_bps: int) -> int:
    """The most that may be borrowed for a purchase when ``deposit_bps`` of it must be the buyer's own money.

    Source: brokers' published credit terms (2026): deposits of 45, 50 and 60 % by group of stock.
    """
    return purchase_won * (BPS - deposit_bps) // BPS


def collateral_won(value_won: int, rate_bps: int) -> int:
    """What a holding worth ``value_won`` counts for in its pool: the dated rate of its class, floored to the won.

    Source: brokers' published credit terms (2026): financed and pledged shares at the close, other listed shares of
    the account at the substitute rate.
    """
    return value_won * rate_bps // BPS


def collateral_ratio_bps(value_won: int, loan_won: int) -> int:
    """The collateral ratio (담보유지비율) in basis points, rounded down; ``loan_won`` is above 0.

    For showing; :func:`is_under_maintenance` decides.
    """
    return value_won * BPS // loan_won


def is_under_maintenance(value_won: int, loan_won: int, maintenance_bps: int) -> bool:
    """True when collateral of ``value_won`` is less than ``maintenance_bps`` of the loan; a pool exactly at it is safe.

    Source: detailed regulation on the business of financial investment (duty to hold 140 %); brokers' margin terms
    of 2024 to 2026.
    """
    return BPS * value_won < maintenance_bps * loan_won


def shortfall_won(value_won: int, loan_won: int, maintenance_bps: int) -> int:
    """Whole won that would lift the pool to maintenance if paid in, rounded up; never negative."""
    return max(0, ceil_div(maintenance_bps * loan_won - BPS * value_won, BPS))


def sessions_to_sale(value_won: int, loan_won: int, under_bps: "tuple[int, ...]", sessions: "tuple[int, ...]") -> int:
    """Sessions from the close of the call to the auction of the sale, by the firm's table of ratio bands.

    Bands go from the highest ratio to the lowest; of those that the ratio is under, the last counts, and the first
    where it is under none. A band of 0 never counts, so that tables can be padded.

    Source: brokers' key-facts documents of 2024 to 2026 (for instance 2 sessions under 140 %, 1 under 120 and 105 %).
    """
    lag = sessions[0]
    for band in range(1, len(under_bps)):
        if is_under_maintenance(value_won, loan_won, under_bps[band]):
            lag = sessions[band]
    return lag


NO_CLOCK = -1
"""Session of a clock that does not run."""


def next_clock(
    called: int, sale: int, session: int, due: int, is_under: bool, is_done: bool, stops: bool
) -> tuple[int, int]:
    """Sessions of a pool's call and of its sale after the close of ``session``: started, kept, shortened or cleared.

    ``called`` and ``sale`` are those before the close, NO_CLOCK if none; ``due`` is the sale's session by today's
    ratio. A clock whose sale is done is over. ``stops``: a ratio at or over maintenance again ends the call.

    Source: broker documents of 2024 to 2026; that a recovery ends the call is assumed (margin.cleared_on_recovery).
    """
    if sale != NO_CLOCK and is_done:
        called, sale = NO_CLOCK, NO_CLOCK
    if not is_under:
        return (NO_CLOCK, NO_CLOCK) if stops else (called, sale)
    if sale == NO_CLOCK:
        return session, due
    return called, min(sale, due)


def shortfall_e8(loan_won: int, value_won: int, maintenance_bps: int, discount_bps: int, convention: int) -> int:
    """The shortfall from which a sale is reckoned, in won / E8; never negative. Convention D discounts the value too.

    Source: as :func:`relief_e8`.
    """
    worth = value_won * (BPS - discount_bps) if convention == CONVENTION_D else value_won * BPS
    return max(0, maintenance_bps * loan_won - worth) * BPS


def relief_e8(
    price_won: int, maintenance_bps: int, discount_bps: int, cost_bps: int, collateral_bps: int, convention: int
) -> int:
    """What selling one share takes off the shortfall, in won / E8; 0 or less where selling never meets it.

    With m maintenance, s the share of its value for which the share counts as collateral, d the discount from the
    previous close and c the cost of a sale, per won of the previous close:

    - A: m - s, the price is not discounted;
    - B: (m - s)(1 - d), proceeds and remaining shares both discounted, the shortfall not;
    - C: m (1 - d)(1 - c) - s, proceeds discounted, the rest at market, which reproduces the brokers' printed examples;
    - D: as B, with the shortfall discounted too.

    The factor of C is rounded down to a hundred-millionth: against the borrower by less than a share in all but
    constructed cases.

    Source: forced-sale clauses and worked examples of brokers' key-facts documents of 2024 to 2026 (C); brokers'
    notices of March 2020 on the change of the discount from 30 to 15 % (A, B and D as bounds).

    >>> sale_quantity(shortfall_e8(6_000_000, 8_100_000, 14_000, 1_500, CONVENTION_C),
    ...               relief_e8(8_100, 14_000, 1_500, 0, 10_000, CONVENTION_C), 1_000)
    195
    """
    if convention == CONVENTION_A:
        return (maintenance_bps - collateral_bps) * BPS * price_won
    if convention == CONVENTION_C:
        proceeds = maintenance_bps * (BPS - discount_bps) * (BPS - cost_bps) // BPS
        return (proceeds - collateral_bps * BPS) * price_won
    return (maintenance_bps - collateral_bps) * (BPS - discount_bps) * price_won


def sale_quantity(shortfall: int, relief: int, held: int) -> int:
    """Shares to sell so that the shortfall is met, rounded up; all that is held where selling cannot meet it.

    ``shortfall`` is :func:`shortfall_e8`, less what earlier sales of the same pool bring; ``relief`` is
    :func:`relief_e8`.
    """
    if relief <= 0:
        return held
    return min(held, ceil_div(shortfall, relief))


def call_price(loan_won: int, quantity: int, other_won: int, maintenance_bps: int, collateral_bps: int) -> int:
    """The lowest price at which a pool of one name is not called: one won less and it is. 0 where it never is.

    ``other_won`` is what else counts for the pool (cash). In the units of the price, for any scale of won.

    Source: the ratio q p s + C = m L solved for p, as in brokers' explanations of the collateral ratio.
    """
    needed = ceil_div(maintenance_bps * loan_won, BPS) - other_won
    if needed <= 0:
        return 0
    return ceil_div(needed * BPS, quantity * collateral_bps)


def zero_price(loan_won: int, quantity: int, other_won: int, collateral_bps: int) -> int:
    """The lowest price at which collateral still covers the loan: one won less and the pool is zeroed (깡통)."""
    return call_price(loan_won, quantity, other_won, BPS, collateral_bps)


def call_level_bps(exposed_won: int, fixed_won: int, loan_won: int, maintenance_bps: int) -> int:
    """The lowest level of prices, in bps of today's, at which a pool is not called when all its names move together.

    ``exposed_won`` is the collateral value of its shares, above 0, ``fixed_won`` of its cash. Above 10 000 the pool is
    under maintenance now; 0 or less, and no fall calls it.

    >>> call_level_bps(10_000_000, 0, 6_000_000, 14_000)
    8400
    """
    return ceil_div(maintenance_bps * loan_won - BPS * fixed_won, exposed_won)


def factor_shock(value_won: int, exposed_won: float, loan_won: int, maintenance_bps: int) -> float:
    """The return of a common factor that brings a pool exactly to maintenance; below 0 where there is room to fall.

    ``exposed_won`` is the sum of each holding's collateral value times its sensitivity to the factor. With a
    maintenance of 10 000 it is the return that takes all equity.

    Source: first-order distance to the margin call, (m L - V) / sum of V b; compare Bian, He, Shue and Zhou,
    "Leverage-Induced Fire Sales and Stock Market Crashes", NBER working paper 25040 (2018), which measures the same
    distance in standard deviations.
    """
    return (maintenance_bps * loan_won - BPS * value_won) / (BPS * exposed_won)
