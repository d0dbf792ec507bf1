"""Funds that promise a multiple of an index's return each day: their value, and what they trade at the close.

Returns are simple returns of one session; leverage is any number, in practice -3 to 3.
"""

from gaemi.chance import exp, log
from gaemi.units import BPS

SESSIONS_A_YEAR = 252


def carry_a_session(leverage: float, financing_bps: int, fee_bps: int, borrowing_bps: int) -> float:
    """What a fund earns in a session while the index does not move: financing, the cost of short positions, the fee.

    Rates are basis points a year. A fund of leverage 2 pays the financing rate once, one of -1 earns it twice.

    Source: Avellaneda and Zhang, "Path-dependence of leveraged ETF returns", SIAM J. Financial Math. 1 (2010) 586-603,
    equations of section 2 for one day.
    """
    short = min(leverage, 0.0)
    a_year = (1.0 - leverage) * financing_bps + short * borrowing_bps - fee_bps
    return a_year / (BPS * SESSIONS_A_YEAR)


def value_step(value: float, index_return: float, leverage: float, carry: float) -> float:
    """The fund's value after a session in which its index returned ``index_return``; 0 where the session takes all.

    A fund at 0 is extinct: it stays there.

    Source: as :func:`carry_a_session`.
    """
    return value * max(0, 1 + leverage * index_return + carry)


def rebalancing_order(leverage: float, assets: float, index_return: float, flow: float) -> float:
    """What a fund must trade of its index at the close to hold its leverage again; above 0 buys. In the unit of assets.

    leverage (leverage - 1) assets return + leverage flow, with ``assets`` before the session and ``flow`` the money
    that came in at the closing value. Without flows every fund but those from 0 to 1 trades with the move.

    Source: Cheng and Madhavan, "The Dynamics of Leveraged and Inverse Exchange-Traded Funds", Journal of Investment
    Management 7 (2009), equation for the daily rebalancing demand.

    >>> rebalancing_order(2, 1000, -0.05, 0)
    -100.0
    """
    return leverage * (leverage - 1) * assets * index_return + leverage * flow


def rebalancing_pressure(leverage: float, assets: float, turnover: float, impact: float) -> float:
    """How much of a return one fund's rebalancing adds to it when a day's turnover moves the price by ``impact``.

    Add it up over the funds on an index and give the sum to :func:`return_with_rebalancing`.
    """
    return impact * leverage * (leverage - 1.0) * assets / turnover


def return_with_rebalancing(first_return: float, pressure: float) -> tuple[float, bool]:
    """The session's return once funds have traded on it, and whether there is one.

    r = first + pressure r has the solution first / (1 - pressure) for a pressure below 1. From 1 on each trade calls
    for a larger one: the answer is ``first_return`` and False, and the price limit decides.

    Source: fixed point of linear impact and the rebalancing order of Cheng and Madhavan (2009).
    """
    if pressure >= 1.0:
        return first_return, False
    return first_return / (1.0 - pressure), True


def value_after(index_ratio: float, variance: float, leverage: float, carry_a_year: float, years: float) -> float:
    """Value of one unit of a continuously rebalanced fund after its index went to ``index_ratio`` of the start.

    ``variance`` is the sum of squared log returns, ``carry_a_year`` as a fraction: what :func:`carry_a_session` gives
    times the sessions of a year. Daily funds come within 0.05 % of it in a year of ordinary volatility.

    Source: Avellaneda and Zhang (2010), equation for L / L0.
    """
    drag = (leverage - leverage * leverage) / 2.0 * variance
    return exp(leverage * log(index_ratio) + drag + carry_a_year * years)
