from datetime import date

import pytest

from gaemi.errors import Refused
from gaemi.people.investors import investors_at


@pytest.mark.parametrize(
    ("on", "year", "persons"),
    [
        (date(2025, 10, 31), 2024, 14_100_000),
        (date(2020, 2, 14), 2019, 6_120_000),
        (date(2022, 6, 1), 2021, 13_740_000),
        (date(2023, 4, 3), 2022, 14_240_000),
    ],
)
def test_a_date_has_the_investors_of_the_year_end_before(on: date, year: int, persons: int) -> None:
    facts = investors_at(on)
    assert (year, persons) == (facts.year, facts.persons)


def test_a_year_end_is_not_yet_known_on_its_own_day() -> None:
    assert 2023 == investors_at(date(2024, 12, 31)).year


def test_holdings_are_the_mean_times_persons() -> None:
    assert 81_639_000 == investors_at(date(2025, 10, 31)).holdings


def test_a_date_without_facts_is_refused() -> None:
    with pytest.raises(Refused, match=r"--on: .*known from 2019-12-31 on, was 2019-06-03; give a day after it"):
        investors_at(date(2019, 6, 3))


def test_a_figure_that_was_not_published_is_named_an_assumption() -> None:
    assert "assumption" == investors_at(date(2020, 2, 14)).source("kospi_holders")
