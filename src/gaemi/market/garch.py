"""Volatility that clusters and drivers that crash together: GJR(1,1,1) with t innovations, and a t copula.

Each driver's variance follows omega + (alpha + gamma if it fell) * shock^2 + beta * variance; its standardised
innovation is a t of its own degrees; the innovations of a day hang together by one t copula. What a simulation needs
of these comes as two tables for linear interpolation, so that no quantile is worked out while paths are made.

Everything here is a function of the returns alone: fixed starting values, no random numbers.

Source: Glosten, Jagannathan and Runkle (1993), Journal of Finance 48, equation of the variance; Demarta and McNeil
(2005), The t copula and related copulas, sections 2 and 4 (Kendall's tau, likelihood on ranks); fitting: arch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gaemi.errors import Fault, Refused, refuse
from gaemi.rules.garch import long_run_variance, next_variance, persistence

PER_CENT = 100.0
HIGHEST_PERSISTENCE = 0.9999
"""Above this a shock takes more than 27 years to halve: the sample cannot tell it from one that never dies out."""
LOWEST_DEGREES = 2.06
"""At the fitting's own bound, 2.05 degrees, the variance of the innovation is not determined."""
DEGREES_OF_COPULA = (2.1, 100.0)
DEGREES_ALONE = 30.0
"""One driver has nobody to hang together with. At 30 degrees nothing of the variate lies outside the table."""
RAREST = 1e-6
"""Each tail of the innovation is cut where one session in a million lies beyond, about once in 4,000 years."""
SMALLEST_EIGENVALUE = 1e-6

VARIATES = np.linspace(-12.0, 12.0, 2049)
"""float64 [2049]: t-copula variates at which ``innovation_table`` stands."""
QUANTILES = np.linspace(-6.0, 6.0, 1025)
"""float64 [1025]: standard normal quantiles at which ``chi_table`` stands."""


@dataclass(frozen=True, slots=True)
class Gjr:
    """The fit of one driver, returns as fractions. ``next_variance`` is that of the session after the last one.

    ``log_likelihood`` is of returns in per cent, as the literature gives it; ``innovations`` is float64 [n],
    standardised residuals.
    """

    omega: float
    alpha: float
    gamma: float
    beta: float
    degrees: float
    next_variance: float
    log_likelihood: float
    innovations: np.ndarray

    @property
    def persistence(self) -> float:
        return persistence(self.alpha, self.gamma, self.beta)

    @property
    def long_run_variance(self) -> float:
        return long_run_variance(self.omega, self.alpha, self.gamma, self.beta)

    @property
    def row(self) -> list[float]:
        return [self.omega, self.alpha, self.gamma, self.beta, self.next_variance]


@dataclass(frozen=True, slots=True)
class Dependence:
    """A t copula: ``correlation`` float64 [d, d] positive definite, ``degrees`` of freedom."""

    correlation: np.ndarray
    degrees: float


def fit_gjr(name: str, returns: np.ndarray, innovations: Literal["t", "normal"] = "t") -> Gjr:
    """GJR(1,1,1) with a constant mean by maximum likelihood; ``innovations`` may be normal to compare likelihoods.

    Raises :class:`gaemi.errors.Refused` where the fit does not converge, its variance is not stationary, or the tails
    are so heavy that no variance exists: another model is never put in its place.
    """
    from arch.univariate import arch_model

    model = arch_model(PER_CENT * returns, mean="Constant", vol="GARCH", p=1, o=1, q=1, dist=innovations, rescale=False)
    result = model.fit(disp="off", show_warning=False)
    mean, omega, alpha, gamma, beta = (float(value) for value in np.asarray(result.params)[:5])
    degrees = float(np.asarray(result.params)[5]) if innovations == "t" else float("inf")
    _refuse_bad_fit(name, int(result.convergence_flag), persistence(alpha, gamma, beta), degrees)
    shock, variance = float(PER_CENT * returns[-1] - mean), float(np.asarray(result.conditional_volatility)[-1]) ** 2
    following = next_variance(variance, shock, omega, alpha, gamma, beta)
    return Gjr(
        omega / PER_CENT**2,
        alpha,
        gamma,
        beta,
        degrees,
        following / PER_CENT**2,
        float(result.loglikelihood),
        np.asarray(result.std_resid, dtype=np.float64),
    )


def _refuse_bad_fit(name: str, flag: int, stays: float, degrees: float) -> None:
    faults = []
    help = "use fewer years of the history, or --model history or gbm"
    if flag != 0:
        allowed = "the fit of a garch must converge"
        faults.append(Fault("--model", f"{name}: the search stopped with code {flag}", allowed, help))
    if not stays < HIGHEST_PERSISTENCE:
        allowed = "the variance of a garch must return to a long-run value: alpha + gamma / 2 + beta under 0.9999"
        faults.append(Fault("--model", f"{name}: {stays:.6f}", allowed, help))
    if not degrees > LOWEST_DEGREES:
        allowed = "the tails of a garch must leave it a variance: more than 2.06 degrees of freedom"
        faults.append(Fault("--model", f"{name}: {degrees:.3f} degrees", allowed, help))
    if faults:
        raise Refused(faults)


def positive_definite(matrix: np.ndarray) -> tuple[np.ndarray, bool]:
    """The correlation matrix with eigenvalues raised to a small positive floor, and whether that was needed."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    if not values.size or values[0] >= SMALLEST_EIGENVALUE:
        return matrix, False
    raised = (vectors * np.maximum(values, 2 * SMALLEST_EIGENVALUE)) @ vectors.T
    scale = np.sqrt(np.diag(raised))
    result = raised / np.outer(scale, scale)
    result = (result + result.T) / 2
    np.fill_diagonal(result, 1.0)
    return result, True


def fit_copula(innovations: np.ndarray) -> Dependence:
    """The t copula of innovations, float64 [n, d]: correlation from Kendall's tau, degrees by likelihood on the ranks.

    One driver alone has correlation 1 and 30 degrees. Raises :class:`gaemi.errors.Refused` where the search fails.
    """
    from scipy.optimize import minimize_scalar
    from scipy.stats import kendalltau, rankdata

    count, drivers = innovations.shape
    if drivers == 1:
        return Dependence(np.ones((1, 1)), DEGREES_ALONE)
    raw = np.eye(drivers)
    for i in range(drivers):
        for j in range(i):
            tau = float(kendalltau(innovations[:, i], innovations[:, j]).statistic)
            raw[i, j] = raw[j, i] = np.sin(np.pi / 2 * tau)
    correlation, _ = positive_definite(raw)
    ranks = rankdata(innovations, axis=0) / (count + 1)
    low, high = np.log(DEGREES_OF_COPULA)
    options = {"xatol": 1e-6, "maxiter": 200}
    found = minimize_scalar(
        lambda x: -copula_log_likelihood(ranks, correlation, float(np.exp(x))),
        bounds=(low, high),
        method="bounded",
        options=options,
    )
    if not found.success:
        raise refuse("--model", str(found.message), "the fit of the t copula must converge", "use --model history")
    return Dependence(correlation, float(np.exp(found.x)))


def copula_log_likelihood(ranks: np.ndarray, correlation: np.ndarray, degrees: float) -> float:
    """Log density of the t copula, summed over rows of ``ranks``, float64 [n, d] in (0, 1)."""
    from scipy.special import gammaln, stdtrit

    count, drivers = ranks.shape
    x = stdtrit(degrees, ranks)
    factor = np.linalg.cholesky(correlation)
    distance = (np.linalg.solve(factor, x.T) ** 2).sum(axis=0)
    joint = -(degrees + drivers) / 2 * np.log1p(distance / degrees).sum()
    alone = -(degrees + 1) / 2 * np.log1p(x**2 / degrees).sum()
    whole = gammaln((degrees + drivers) / 2) + (drivers - 1) * gammaln(degrees / 2)
    whole -= drivers * gammaln((degrees + 1) / 2) + np.log(np.diag(factor)).sum()
    return float(count * whole + joint - alone)


def innovation_table(degrees: Sequence[float], copula_degrees: float) -> np.ndarray:
    """float64 [d, 2049]: standardised innovation of each driver at the t-copula variates ``VARIATES``.

    Rows never fall, and have mean 0 and variance 1 under linear interpolation with the ends held. The tails are cut
    at ``RAREST``: a t has no mean of its exponential, and a cut one has.
    """
    from scipy.special import stdtr, stdtrit

    half = VARIATES[VARIATES <= 0]
    # Probabilities of the lower half keep their digits; the upper half is its mirror.
    chance = np.maximum(stdtr(copula_degrees, half), RAREST)
    fine = np.linspace(VARIATES[0], VARIATES[-1], 16 * (len(VARIATES) - 1) + 1)
    middle = (fine[1:] + fine[:-1]) / 2
    weight = np.diff(stdtr(copula_degrees, fine))
    beyond = 2 * float(stdtr(copula_degrees, VARIATES[0]))
    rows = []
    for own in degrees:
        lower = stdtrit(own, chance)
        row = np.concatenate((lower[:-1], [0.0], -lower[:-1][::-1]))
        variance = float((np.interp(middle, VARIATES, row) ** 2 * weight).sum()) + beyond * row[0] ** 2
        rows.append(row / np.sqrt(variance))
    return np.array(rows)


def chi_table(degrees: float) -> np.ndarray:
    """float64 [1025]: sqrt(degrees / chi-squared quantile) at the normal quantiles ``QUANTILES``.

    A normal draw times this, at one quantile that all drivers of a session share, is a t variate of that session.
    """
    from scipy.special import gammainccinv, gammaincinv, ndtr

    # Each half is taken from its own tail, where the probability is small and keeps its digits.
    low = 2 * gammaincinv(degrees / 2, ndtr(QUANTILES[QUANTILES <= 0]))
    high = 2 * gammainccinv(degrees / 2, ndtr(-QUANTILES[QUANTILES > 0]))
    result: np.ndarray = np.sqrt(degrees / np.concatenate((low, high)))
    return result
