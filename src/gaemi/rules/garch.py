"""Volatility that remembers: one step of a GJR-GARCH variance, and what it comes to in the long run.

variance' = omega + (alpha + gamma where the shock is below 0) x shock^2 + beta x variance. A shock is the root of its
variance times an innovation of mean 0 and variance 1 whose law is symmetric. With gamma = 0 it is GARCH(1,1).

Source: Glosten, Jagannathan and Runkle, "On the relation between the expected value and the volatility of the nominal
excess return on stocks", Journal of Finance 48 (1993) 1779-1801; Bollerslev, "Generalized autoregressive conditional
heteroskedasticity", Journal of Econometrics 31 (1986) 307-327.
"""

from math import inf


def next_variance(variance: float, shock: float, omega: float, alpha: float, gamma: float, beta: float) -> float:
    """The variance of the next session's shock, in the unit of ``shock`` squared.

    Source: Glosten, Jagannathan and Runkle (1993), the variance equation without seasons.

    >>> next_variance(1.0, 0.5, 0.02, 0.03, 0.10, 0.90)
    0.9275
    """
    weight = alpha + gamma if shock < 0.0 else alpha
    return omega + weight * shock * shock + beta * variance


def persistence(alpha: float, gamma: float, beta: float) -> float:
    """The part of a variance above its long-run value that is left a session later, on average: below 1 if it settles.

    Source: the mean of :func:`next_variance`; half of the shocks are below 0.
    """
    return alpha + gamma / 2.0 + beta


def long_run_variance(omega: float, alpha: float, gamma: float, beta: float) -> float:
    """The variance to which forecasts go; infinite where the persistence is 1 or more.

    Source: Bollerslev (1986), theorem 1, with the mean weight of a shock.
    """
    rest = 1.0 - persistence(alpha, gamma, beta)
    return omega / rest if rest > 0.0 else inf


def kurtosis(alpha: float, gamma: float, beta: float, innovation_kurtosis: float) -> float:
    """Kurtosis of the shocks (3 is normal), from that of the innovations; infinite where they have no fourth moment.

    Source: Bollerslev (1986), section 3, for GARCH(1,1); He and Terasvirta, "Properties of moments of a family of GARCH
    processes", Journal of Econometrics 92 (1999) 173-192, for the asymmetric one.
    """
    return innovation_kurtosis * _fourth_moment(alpha, gamma, beta, innovation_kurtosis)


def autocorrelation_of_squares(alpha: float, gamma: float, beta: float, innovation_kurtosis: float, lag: int) -> float:
    """Correlation of squared shocks ``lag`` sessions apart, 1 or more; needs a finite :func:`kurtosis`.

    It falls by the persistence from lag to lag. Where the fourth moment is infinite there is none: the answer is its
    limit as the moment grows.

    Source: Bollerslev, "On the correlation structure for the generalized autoregressive conditional heteroskedastic
    process", Journal of Time Series Analysis 9 (1988) 121-131; He and Terasvirta (1999) for the asymmetric one.
    """
    stays = persistence(alpha, gamma, beta)
    carried = innovation_kurtosis * (alpha + gamma / 2.0) + beta
    moment = _fourth_moment(alpha, gamma, beta, innovation_kurtosis)
    if moment == inf:
        correlation = carried / innovation_kurtosis
    else:
        correlation = (carried * moment - stays) / (innovation_kurtosis * moment - 1.0)
    for _ in range(lag - 1):
        correlation *= stays
    return correlation


def _fourth_moment(alpha: float, gamma: float, beta: float, innovation_kurtosis: float) -> float:
    """Mean of the squared variance over the square of its mean."""
    stays = persistence(alpha, gamma, beta)
    weight = alpha * alpha + alpha * gamma + gamma * gamma / 2.0
    rest = 1.0 - (beta * beta + beta * (2.0 * alpha + gamma) + innovation_kurtosis * weight)
    if stays >= 1.0 or rest <= 0.0:
        return inf
    return (1.0 - stays * stays) / rest
