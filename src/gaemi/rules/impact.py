"""Price impact of forced flow: a square root of participation, part of it permanent."""

from math import sqrt


def signed_root(participation: float) -> float:
    """Square root that keeps the sign."""
    return sqrt(participation) if participation >= 0.0 else -sqrt(-participation)


def displacement(
    volatility: float, coefficient: float, permanent_share: float, cumulative: float, recent: float
) -> float:
    """Relative displacement of the price by flow so far; sales are negative.

    coefficient x daily volatility x (share x root(cumulative) + (1 - share) x root(recent)), where both arguments are
    signed flow over the session's volume. It depends on sums of flow alone: cutting a session finer changes nothing.

    Source: Sato and Kanazawa, "Does the square-root price impact law hold universally?", arXiv 2411.13965 (2024).
    """
    lasting = permanent_share * signed_root(cumulative)
    passing = (1.0 - permanent_share) * signed_root(recent)
    return coefficient * volatility * (lasting + passing)


def price_factor(relative: float) -> float:
    """Factor on the price: 1 + d for net buying, 1 / (1 + d) for net selling of the same size; never 0."""
    return 1.0 + relative if relative >= 0.0 else 1.0 / (1.0 - relative)
