"""Leveraged and inverse funds: the step of a day, and what they trade at the close."""


def nav_step(nav: float, leverage: float, index_return: float, fee_a_day: float, financing_a_day: float) -> float:
    """Net asset value after one day; 0 once the index moved so far that nothing is left.

    nav x max(0, 1 + leverage x return + (1 - leverage) x financing - fee); no rounding.

    Source: Avellaneda and Zhang, "Path-dependence of leveraged ETF returns", SIAM J. Financial Math. 1 (2010).
    """
    growth = 1.0 + leverage * index_return + (1.0 - leverage) * financing_a_day - fee_a_day
    return nav * max(0.0, growth)


def rebalancing_won(leverage: float, assets_won: float, index_return: float, flow_won: float) -> float:
    """Won of the underlying that a fund buys at the close (negative: sells) to restore its leverage.

    leverage x (leverage - 1) x assets before the day x return + leverage x creations.

    Source: Cheng and Madhavan, "The dynamics of leveraged and inverse exchange-traded funds", J. Investment
    Management 7 (2009).
    """
    return leverage * (leverage - 1.0) * assets_won * index_return + leverage * flow_won
