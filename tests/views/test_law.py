"""gaemi law: one parameter, every change, the steps of a day."""

import json

import pytest
from views.conftest import gaemi

from gaemi.day import STEPS


def test_a_parameter_says_value_unit_source_confidence_range_and_dates() -> None:
    found = json.loads(gaemi("law", "margin.maintenance", "--on", "2024-08-05", "--json").out)
    for name in ("value", "unit", "source", "confidence", "since"):
        assert name in found
    assert "bps" == found["unit"]


def test_the_terminal_says_the_same() -> None:
    answer = gaemi("law", "margin.maintenance", "--on", "2024-08-05")
    assert (0, "") == (answer.code, answer.err)
    assert "140" in answer.out


def test_changes_are_in_order_of_date() -> None:
    rows = json.loads(gaemi("law", "--changes", "--json").out)["changes"]
    assert sorted(row["date"] for row in rows) == [row["date"] for row in rows]
    assert all(row["before"] != row["after"] and row["source"] for row in rows)


def test_a_day_is_the_steps_of_the_code_in_their_order() -> None:
    steps = json.loads(gaemi("law", "--day", "--json").out)["steps"]
    assert [step.__name__ for step in STEPS] == [step["step"] for step in steps]
    assert all(step["what"] for step in steps)


@pytest.mark.parametrize(
    "arguments", [("law",), ("law", "--changes"), ("law", "--day"), ("--help",), ("law", "--help")]
)
def test_what_only_reads_succeeds_without_a_word_on_stderr(arguments: tuple[str, ...]) -> None:
    answer = gaemi(*arguments)
    assert (0, "") == (answer.code, answer.err)
    assert answer.out
