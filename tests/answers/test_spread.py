"""Figures with a spread, bands and plain tables, as words and as columns."""

import pytest

from gaemi.answers import spread
from gaemi.answers.wording import percent, won, won_short

BILLION = 10**9


@pytest.mark.parametrize(
    ("found", "write", "written"),
    [
        ({"mean": 21.3, "low": 19.8, "high": 22.9}, percent, "21.3 % (19.8–22.9)"),
        ({"mean": 12 * 10**11, "low": 11 * 10**11, "high": 13 * 10**11}, won, "1.2 tn won (1.1–1.3)"),
        ({"mean": 12 * 10**11, "low": 11 * 10**11, "high": 13 * 10**11}, won_short, "1.2 tn (1.1–1.3)"),
        ({"mean": 10**12, "low": 809 * BILLION, "high": 12 * 10**11}, won_short, "1.0 tn (809.0 bn–1.2 tn)"),
        ({"mean": -5.0, "low": -7.5, "high": 2.5}, percent, "−5.0 % (−7.5 to 2.5)"),
        ({"mean": 0.1, "low": 0.08, "high": 0.12}, percent, "0.1 %"),
        ({"mean": 7.0, "low": None, "high": None}, percent, "7.0 %"),
        ({"mean": None, "low": None, "high": None}, percent, "–"),
        (7.0, percent, "7.0 %"),
        (None, percent, "–"),
    ],
)
def test_a_mean_stands_before_its_range_and_the_unit_is_said_once(found, write, written):
    assert written == spread.ranged(found, write)


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [
        (11 * BILLION, 13 * BILLION, "11.0–13.0 bn"),
        (900 * 10**6, 13 * BILLION, "900.0 m–13.0 bn"),
        (0, 13 * BILLION, "0–13.0 bn"),
        (BILLION, BILLION, "1.0 bn"),
        (None, BILLION, "–"),
    ],
)
def test_two_ends_have_their_unit_once_where_they_share_it(low, high, written):
    assert written == spread.until(low, high, won_short)


@pytest.mark.parametrize(
    ("row", "written"),
    [
        ({"band": "120 to 140 %"}, "120–140"),
        ({"band": "120-140"}, "120–140"),
        ({"band": "7.5 to 10"}, "7.5–10"),
        ({"band": "<105"}, "under 105"),
        ({"band": ">= 300 %"}, "over 300"),
        ({"band": "300 % and more"}, "300 and more"),
        ({"band": "under maintenance"}, "under maintenance"),
        ({"low_pct": 120, "high_pct": 140}, "120–140"),
        ({"band": None, "low_pct": None, "high_pct": 100}, "under 100"),
        ({"low_pct": 300, "high_pct": None}, "over 300"),
        ({}, "all"),
    ],
)
def test_a_band_is_named_in_one_way_whatever_way_it_is_given(row, written):
    assert written == spread.band_words(row, "low_pct", "high_pct")


def test_few_days_are_named_and_many_are_counted():
    assert "31 December 2019, 2 January 2020" == spread.days_words(["2019-12-31", "2020-01-02"])
    many = [f"2020-01-{day:02}" for day in range(2, 9)]
    assert "7 days from 2 January 2020 to 8 January 2020" == spread.days_words(many)


def test_rows_of_a_file_have_the_same_columns_and_a_spread_has_three_with_the_unit_last():
    rows = [
        {"market": "KOSPI", "trade_won": {"mean": 3, "low": 2, "high": 4}, "days": ["a", "b"], "value": 1},
        {"market": "KOSDAQ", "trade_won": 5, "more": True, "value": "met"},
    ]
    assert [
        {"market": "KOSPI", "trade_mean_won": 3, "trade_low_won": 2, "trade_high_won": 4}
        | {"days": "a, b", "value": "1", "more": None},
        {"market": "KOSDAQ", "trade_mean_won": 5, "trade_low_won": None, "trade_high_won": None}
        | {"days": None, "value": "met", "more": True},
    ] == spread.plain_rows(rows)


def test_billions_keep_the_digits_that_are_asked_for():
    assert ["15,612", "15,612.3", "−0.1", "0.0", "–"] == [
        spread.billions(15_612_340_000_000),
        spread.billions(15_612_340_000_000, 1),
        spread.billions(-60_000_000, 1),
        spread.billions(-10_000_000, 1),
        spread.billions(None),
    ]
