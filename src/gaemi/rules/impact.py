"""Impact: how far net selling or buying moves a price.

Participation is net volume over the market's volume of the auction or session, above 0 for net buying and below 0 for
net selling. Only + - x / and the square root are used, because impact decides who is called.
"""

from math import sqrt


def signed_root(participation: float) -> float:
    """The square root of the size of ``participation``, with its sign."""
    if participation < 0.0:
        return -sqrt(-participation)
    return sqrt(participation)


def displacement(
    cumulative: float, recent: float, coefficient: float, volatility: float, permanent_share: float
) -> float:
    """How far flow has pushed the price, as a fraction: above 0 up, below 0 down.

    coefficient x volatility x (share x root of the ``cumulative`` flow + (1 - share) x root of the ``recent`` flow),
    with signs. The cumulative flow is summed from the start, the recent one fades from session to session, so that the
    result does not depend on how finely a day is cut. ``volatility`` is that of daily returns.

    Source: the square-root law: Sato and Kanazawa, "Does the square-root price impact law hold universally?", arXiv
    2411.13965 (2024), exponents of 0.489 and 0.493 on the Tokyo exchange; coefficient about 1 (0.5 to 1.5); the
    permanent share is an assumption with a range.
    """
    lasting = permanent_share * signed_root(cumulative)
    fading = (1.0 - permanent_share) * signed_root(recent)
    return coefficient * volatility * (lasting + fading)


def price_multiplier(moved: float) -> float:
    """What a displacement of ``moved`` multiplies the price by: 1 + d when bought, 1 / (1 + d) when sold.

    Selling can never take a price to 0 or below, and buying and selling by the same d undo each other.
    """
    if moved < 0.0:
        return 1.0 / (1.0 - moved)
    return 1.0 + moved


def remembered(recent: float, decay_bps: int) -> float:
    """The part of recent flow that still counts a session later; ``decay_bps`` is the share that is remembered."""
    return recent * decay_bps / 10_000


def kyle_lambda(value_deviation: float, noise_deviation: float) -> float:
    """Price change per unit of net order flow when one informed trader hides among noise traders.

    Both are standard deviations, of the value and of the noise traders' order flow.

    Source: Kyle, "Continuous Auctions and Insider Trading", Econometrica 53 (1985), one-period equilibrium.
    """
    return value_deviation / (2.0 * noise_deviation)
