import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.people.fitting import iterative_fit, spread, truncated_geometric, whole_table

SEED = [[40, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120], [20, 30, 40, 50]]
ROWS, COLUMNS = (150, 300, 400, 150), (200, 300, 400, 100)


def test_fitted_table_is_the_one_worked_out_at_high_precision() -> None:
    table = iterative_fit(np.array(SEED, dtype=float), ROWS, COLUMNS)
    assert [64.5585097765, 46.2324597088, 35.3842982643, 3.8247322503] == pytest.approx(list(table[0]), abs=1e-9)
    assert 144.428225566 == pytest.approx(table[2, 1], abs=1e-8) or 144.428225566 == pytest.approx(
        table[2, 2], abs=1e-8
    )


def test_zeros_of_the_seed_stay_zero() -> None:
    table = iterative_fit(np.array([[1.0, 0.0], [1.0, 1.0]]), (1, 3), (2, 2))
    assert 0.0 == table[0, 1]
    assert [2.0, 2.0] == pytest.approx(list(table.sum(axis=0)))


def test_whole_table_meets_both_margins_exactly() -> None:
    table = iterative_fit(np.array(SEED, dtype=float), ROWS, COLUMNS)
    whole = whole_table(table, ROWS, COLUMNS)
    assert list(ROWS) == whole.sum(axis=1).tolist()
    assert list(COLUMNS) == whole.sum(axis=0).tolist()
    assert np.abs(whole - table).max() < 2.0


@given(mean=st.floats(2.5, 7.5))
def test_truncated_geometric_law_has_the_mean_asked_for(mean: float) -> None:
    law = truncated_geometric(mean, 2, 8)
    assert 1.0 == pytest.approx(sum(law))
    assert mean == pytest.approx(sum(n * p for n, p in zip(range(2, 9), law, strict=True)), abs=1e-6)


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(100, 10**7)), min_size=1, max_size=30), st.floats(0, 1))
def test_parts_add_up_and_keep_their_bounds(rows: list[tuple[int, int]], share: float) -> None:
    weights = np.array([weight for weight, _ in rows], dtype=np.int64)
    caps = np.array([cap for _, cap in rows], dtype=np.int64)
    total = int(100 * caps.size + share * (int(caps.sum()) - 100 * caps.size))
    parts = spread(total, weights, 100, caps)
    assert total == int(parts.sum())
    assert (parts >= 100).all()
    assert (parts <= caps).all()


def test_what_a_cap_cuts_off_goes_to_the_others_in_proportion() -> None:
    assert [500, 200, 300] == spread(1_000, np.array([10, 2, 3]), 1, np.array([500, 900, 900])).tolist()
