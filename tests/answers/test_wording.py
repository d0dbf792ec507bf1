"""How figures are written."""

import pytest

from gaemi.answers import wording


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ({"central": 123_000, "low": 62_000, "high": 185_000}, "123 k (62–185 k)"),
        ({"central": 900_000, "low": 479_000, "high": 1_437_000}, "900 k (479 k–1.4 m)"),
        ({"central": 742, "low": 371, "high": 1_113}, "742 (371–1.1 k)"),
        ({"central": 0, "low": 0, "high": 0}, "0"),
        (5_343, "5.3 k"),
        (None, "–"),
    ],
)
def test_head_counts_are_written_as_the_range_they_are_known_in(count, expected):
    assert expected == wording.heads(count)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(9_949, "9.9 k"), (9_950, "10 k"), (999_499, "999 k"), (999_500, "1.0 m"), (-1_500, "−1.5 k")],
)
def test_head_counts_round_up_into_the_next_unit(count, expected):
    assert expected == wording.head(count)


def test_money_keeps_its_sign_and_says_what_is_not_known():
    assert ["−1.2 tn won", "+24.6 bn won", "0 won", "–"] == [
        wording.won(-1_200_000_000_000),
        wording.won_change(24_600_000_000),
        wording.won_change(0),
        wording.won(None),
    ]


def test_a_fall_of_nothing_has_no_sign():
    assert ["0 %", "0.0", "−5 %"] == [wording.shock(-0.0), wording.decimal(-0.04), wording.shock(-5.0)]


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (14_000, "bps", "140 %"),
        ({"g1": 4500, "g2": 5000}, "bps", "g1: 45 %, g2: 50 %"),
        (910, "bps_a_year", "9.1 % a year"),
        ([[7, 540], [None, 910]], "table", "7, 540; –, 910"),
        (True, "flag", "yes"),
        (180, "days", "180 days"),
        (1.0, "times", "1"),
        (None, "won", "–"),
    ],
)
def test_a_value_of_the_law_is_written_with_its_unit(value, unit, expected):
    assert expected == wording.measure(value, unit)


def test_a_long_list_of_figures_is_told_by_its_span():
    fees = {f"d{number}": number for number in range(1, 11)}
    assert "10 values, 0.01 % to 0.1 %" == wording.brief(fees, "bps")
    assert "30 % for each of 8" == wording.brief(dict.fromkeys("abcdefgh", 3000), "bps")


@pytest.mark.parametrize(
    ("low", "high", "unit", "expected"),
    [
        (400_000, 1_200_000, "people", "400,000 to 1,200,000 people"),
        ({"a": 4000, "b": 5000}, {"a": 5000, "b": 10_000}, "bps", "40 % to 100 %"),
        (["TQQQ", "SOXL"], ["TQQQ", "SOXL"], "text", "one of TQQQ, SOXL"),
        (None, None, "bps", "–"),
    ],
)
def test_a_range_says_its_unit_once(low, high, unit, expected):
    assert expected == wording.span(low, high, unit)
