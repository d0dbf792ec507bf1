"""Behaviour: how fast borrowers repay of their own accord, and how new loans answer prices.

These are not law: each share has a published source or is calibrated, and stands with its range in the law's topic of
the same name. Everything here can be switched off, and then only the rules of margin loans are left.
"""

from math import sqrt

from gaemi.chance import exp, log

LOG_TEN = 2.302585092994046


def sale_share(first_day: float, tenth_day: float, age: int, pace: float) -> float:
    """Share of a loan repaid in the session ``age`` sessions after it was opened, because its holding is sold.

    The published shares of positions sold on the first and on the tenth day after purchase are joined by a power of
    the age, and all are multiplied by ``pace``: margin borrowers are not the sample that was published. ``age`` is 1
    or more; the result is between 0 and 1.

    Source: Korea Capital Market Institute, Focus 2021-17 and report 22-02: new investors, March to October 2020.

    >>> round(sale_share(0.41, 0.11, 10, 1.0), 6)
    0.11
    """
    falling = log(tenth_day / first_day) / LOG_TEN
    return min(1.0, pace * first_day * exp(falling * log(float(age))))


def distance_to_call(value_won: int, loan_won: int, maintenance_bps: int, deviation: float) -> float:
    """Standard deviations of a session by which a pool may fall before it is called; below 0 under maintenance.

    Source: Bian, He, Shue and Zhou, "Leverage-Induced Fire Sales and Stock Market Crashes", NBER working paper 25040
    (2018): (1 - m D / A) / sigma.
    """
    return (1.0 - maintenance_bps * loan_won / (10000.0 * value_won)) / deviation


def sell_first_share(distance: float, near: float, at_call: float) -> float:
    """Share of a loan repaid in a falling session because its call is near: ``at_call`` there, none from ``near`` on.

    Source: as :func:`distance_to_call`: selling rises as accounts come within about three standard deviations of
    their limit, and more on days on which the market falls; the straight line is ours.

    >>> sell_first_share(1.5, 3.0, 0.1)
    0.05
    """
    if distance >= near:
        return 0.0
    return at_call * min(1.0, 1.0 - distance / near)


def net_new_share(
    chase_a_day: float,
    day: float,
    chase_a_week: float,
    week: float,
    flee_the_fall: float,
    buy_the_dip: float,
    index: float,
) -> float:
    """What prices add to the new loans of a session, as a share of the balance; may be negative.

    Borrowers chase what they hold: ``day`` is the log return of that in the session and ``week`` the faded sum of the
    sessions before. They flee a fall of it, the more the deeper: by its square. And they buy the fall of the market's
    index, whose log return of the session is ``index``.

    Source: the signs: Korea Capital Market Institute, report 22-02 (buying after rises); Bian, He, Shue and Zhou, NBER
    working paper 25040 (selling on days on which the market falls); what individuals buy on days of 2025 on which the
    index falls (about 0.5 tn won for each per cent). The sizes are calibrated.
    """
    fall = min(day, 0.0)
    return chase_a_day * day + chase_a_week * week - flee_the_fall * fall * fall - buy_the_dip * index


def sold_share_of_unsettled(normal: float, answer: float, since_purchase: float) -> float:
    """Share of the unsettled purchases of an evening that is sold by force the next session, between 0 and 1.

    ``normal`` is the share of late and ``since_purchase`` the log return of the sessions since the purchases were made:
    a buyer whose shares are worth less pays less often.

    Source: assumption; the size is calibrated.
    """
    return min(1.0, normal * exp(-answer * since_purchase))


def deviation_of(own: float, index: float) -> float:
    """Standard deviation of a session of a name with an own deviation beside that of its index."""
    return sqrt(own * own + index * index)
