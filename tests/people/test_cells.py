import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.people.cells import BOTH_BOARDS, KOSDAQ_ONLY, cells, counts_by_boards, counts_by_names, leader_counts


def test_counts_of_2024_meet_every_published_total() -> None:
    by_names = counts_by_names(14_100_000, 81_639_000, 2_171_400, 17.0, 27)
    assert 14_100_000 == sum(by_names)
    assert 81_639_000 == sum(n * count for n, count in enumerate(by_names, start=1))
    assert 2_171_400 == sum(by_names[9:])
    by_boards = counts_by_boards(by_names, 12_480_000, 8_090_000)
    assert [6_010_000, 6_470_000, 1_620_000] == by_boards.sum(axis=0).tolist()
    assert by_names == by_boards.sum(axis=1).tolist()
    assert 5_670_000 == int(leader_counts(by_boards, 5_670_000, 0.25, 0.55).sum())


def test_who_holds_one_name_holds_one_board() -> None:
    by_boards = counts_by_boards([100, 50, 30], 150, 80)
    assert 0 == by_boards[0, BOTH_BOARDS]


@given(
    persons=st.integers(60, 3_000),
    mean=st.floats(4.2, 6.5),
    kospi=st.floats(0.8, 0.95),
    kosdaq=st.floats(0.5, 0.65),
    leader=st.floats(0.05, 0.45),
)
def test_counts_of_any_small_country_are_exact(
    persons: int, mean: float, kospi: float, kosdaq: float, leader: float
) -> None:
    holdings = round(persons * mean)
    by_names = counts_by_names(persons, holdings, persons * 15 // 100, 17.0, 27)
    assert (persons, holdings) == (sum(by_names), sum(n * count for n, count in enumerate(by_names, start=1)))
    by_boards = counts_by_boards(by_names, round(persons * kospi), round(persons * kosdaq))
    assert by_names == by_boards.sum(axis=1).tolist()
    assert round(persons * kospi) == persons - int(by_boards[:, KOSDAQ_ONLY].sum())
    leaders = leader_counts(by_boards, round(persons * leader), 0.25, 0.55)
    assert round(persons * leader) == int(leaders.sum())
    assert (leaders <= by_boards).all() and (leaders >= 0).all()
    assert 0 == int(leaders[:, KOSDAQ_ONLY].sum())


def test_cells_number_every_person_once_in_order() -> None:
    by_boards = np.array([[5, 0, 2], [3, 4, 1]])
    found = cells(by_boards, np.array([[2, 0, 0], [1, 1, 0]]))
    assert 15 == found[-1, 0]
    assert [0, 3, 5, 7, 9, 10, 13, 14, 15] == found[:, 0].tolist()
    assert sorted(found[:-1, 1].tolist()) == found[:-1, 1].tolist()


def test_a_mean_outside_the_law_is_our_mistake() -> None:
    with pytest.raises(AssertionError):
        counts_by_names(100, 1_500, 10, 17.0, 27)
