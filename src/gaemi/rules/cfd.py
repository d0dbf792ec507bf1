"""Contracts for difference (CFD, 차액결제거래): a holding carried by the firm against a margin, and closed whole.

The buyer puts down a margin; what the contract is worth at entry beyond it is owed. Equity is the value of the day
less what is owed. When it falls under the maintenance margin the firm closes the whole position, so that no quantity
is reckoned. The ratio, the call and the fall of all equity are those of :mod:`gaemi.rules.margin`, in a pool of their
own.
"""

from gaemi.units import BPS, ceil_div

DAYS_A_YEAR = 365


def initial_margin_won(entry_won: int, initial_bps: int) -> int:
    """The least margin for a contract worth ``entry_won`` at entry, rounded up to the won.

    Source: administrative guidance of the Financial Supervisory Service from 2021-10-01 (40 %, before it 10 % at the
    lowest), permanent from 2023-09-01 (Financial Services Commission, 2023-08-31).

    >>> initial_margin_won(10_000_000, 4_000)
    4000000
    """
    return ceil_div(entry_won * initial_bps, BPS)


def maintenance_margin_won(entry_won: int, owed_won: int, initial_bps: int, share_bps: int) -> int:
    """The equity under which the firm closes: a share of the initial margin, rounded up to the won; never negative.

    The initial margin is the least that the law asks for the entry value, or what was put down where that is less: a
    contract from before the law asked for more keeps its own.

    Source: terms of CFD firms as reported in 2022 (80 % of the initial margin on the value at entry).
    """
    put_down = max(0, entry_won - owed_won)
    return ceil_div(min(initial_margin_won(entry_won, initial_bps), put_down) * share_bps, BPS)


def maintenance_bps(entry_won: int, owed_won: int, initial_bps: int, share_bps: int) -> int:
    """The maintenance margin as a ratio of value to what is owed, as every pool has one; ``owed_won`` is above 0.

    In whole basis points, rounded up: against the holder by less than a ten-thousandth of what is owed.

    >>> maintenance_bps(10_000_000, 6_000_000, 4_000, 8_000)
    15334
    """
    needed = owed_won + maintenance_margin_won(entry_won, owed_won, initial_bps, share_bps)
    return ceil_div(BPS * needed, owed_won)


def entry_left_won(entry_won: int, held: int, left: int) -> int:
    """The value at entry of the ``left`` of ``held`` shares of a contract, floored to the won.

    The price and its rest are multiplied apart, so that no product leaves 64 bits.
    """
    return entry_won // held * left + entry_won % held * left // held


def financing_won(owed_won: int, days: int, rate_bps: int) -> int:
    """What carrying ``owed_won`` costs for calendar days at a rate a year, floored to the won."""
    return owed_won * rate_bps * max(0, days) // (DAYS_A_YEAR * BPS)


def may_hold(is_professional: bool, month_end_mean_won: int, least_won: int) -> bool:
    """Whether a person may open a contract: a professional investor with the balance that the law asks.

    Source: Financial Services Commission, improvements to the rules on CFDs in force from 2023-09-01.
    """
    return is_professional and month_end_mean_won >= least_won
