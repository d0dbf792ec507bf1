"""Values within a band: the mean of the law agrees with its quantiles, and the total with what was asked."""

import pytest

from gaemi.people.coin_values import exponent_of, mean_won, total_won, truncated_pareto

EDGES = (1_000, 500_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 500_000_000_000)
COUNTS = (7_560_000, 700_000, 1_420_000, 910_000, 171_700, 8_300)


@pytest.mark.parametrize("exponent", [-1.0, 0.0, 0.5, 1.0, 1.7])
def test_the_mean_is_that_of_the_quantiles(exponent: float) -> None:
    points = 20_000
    found = sum(truncated_pareto(1e6, 1e7, exponent, (i + 0.5) / points) for i in range(points)) / points
    assert mean_won(1e6, 1e7, exponent) == pytest.approx(found, rel=1e-5)


def test_values_stay_in_their_band() -> None:
    assert [1e7, 1e6] == pytest.approx([truncated_pareto(1e6, 1e7, 1.3, upper) for upper in (0.0, 1.0)])


def test_the_exponent_meets_the_total() -> None:
    total = 95_100_000_000_000
    assert total == pytest.approx(total_won(EDGES, COUNTS, exponent_of(EDGES, COUNTS, total)), rel=1e-9)
