"""What the terminal shows."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from answers import fixture
from answers.comparison_fixture import compare_result
from rich.console import Console

from gaemi.answers import tables


def printed(printer: Callable[[Any, Console], None], document: Any) -> str:
    """The text as a pipe gets it: 100 wide, no colour."""
    stream = io.StringIO()
    printer(document, Console(file=stream, width=100, no_color=True, highlight=False))
    return stream.getvalue()


COUNTRY = pytest.mark.parametrize(
    "result",
    [fixture.country_result(), fixture.shock_result(), fixture.replay_result()],
    ids=["curve", "shock", "replay"],
)


@COUNTRY
def test_the_answer_in_words_comes_first(result):
    text = printed(tables.print_country, result)
    assert text.index(result["sentences"][0][:40]) < text.index("Loans that reach maintenance")


@COUNTRY
def test_what_is_piped_is_plain_and_100_wide(result):
    text = printed(tables.print_country, result)
    assert "\x1b" not in text
    assert 100 >= max(len(line) for line in text.splitlines())


def test_the_curve_stands_on_one_line_a_shock():
    lines = printed(tables.print_country, fixture.country_result()).splitlines()
    row = next(line for line in lines if line.startswith("−30 %") and "160 k (80–240 k)" in line)
    assert ["−30", "%", "7.7", "tn", "5.1", "tn", "1.35", "%", "64.1", "bn", "1.62"] == row.split()[:11]


def test_what_is_covered_and_what_is_not_is_told_in_won():
    text = " ".join(printed(tables.print_country, fixture.country_result()).split())
    assert "Covered: 51.3 tn won (margin loans, KOSPI, margin loans, KOSDAQ, pledged-securities loans)" in text
    assert "Not covered: 1.4 tn won (contracts for difference); stock loans of other lenders (won unknown)" in text


def test_a_replay_is_set_beside_the_published_channel_alone():
    text = printed(tables.print_country, fixture.replay_result())
    line = next(line for line in text.splitlines() if line.startswith("unsettled purchases sold by force"))
    assert ["431.0", "bn", "won", "360.0", "bn", "won"] == line.split()[-6:]
    assert "not published" in next(line for line in text.splitlines() if line.startswith("margin loans sold by force"))


def test_the_tipping_point_is_not_told_twice():
    result = fixture.country_result()
    result["sentences"].append("Tipping point: none up to -40 %.")
    assert 1 == printed(tables.print_country, result).count("Tipping point")


def test_all_displacements_stand_side_by_side():
    text = printed(tables.print_compare, compare_result())
    line = next(line for line in text.splitlines() if line.startswith("sold by force"))
    assert ["5.1", "tn", "won", "3.9", "tn", "won", "4.4", "tn", "won", "4.9", "tn", "won"] == line.split()[3:]
    assert 100 >= max(len(line) for line in text.splitlines())


def test_markup_in_a_text_is_printed_and_not_obeyed():
    result = fixture.hostile(fixture.country_result(), "[bold]x[/bold][/red]")
    assert "[bold]x[/bold][/red]" in printed(tables.print_country, result)


def test_a_parameter_of_the_law_by_class_shows_each_value_with_its_meaning():
    document = {
        "kind": "parameter", "path": "toy.maintenance", "label": "Maintenance", "on": "2024-08-05",
        "value": {"soft": 13_000, "hard": 15_000}, "unit": "bps", "unit_meaning": "basis points", "by": "firm_class",
        "keys": {"soft": "sells late", "hard": "sells at once"}, "range": [12_000, 17_000], "source": "toy law",
        "confidence": "H", "since": "2020-01-01", "next_change": None, "note": "",
    }  # fmt: skip
    lines = [line.split() for line in printed(tables.print_law, document).splitlines()]
    assert ["soft", "130", "%", "sells", "late"] in lines
    assert ["range", "120", "%", "to", "170", "%"] in lines
    assert ["next", "change", "none", "known"] in lines


def test_changes_of_the_law_show_only_the_values_that_change():
    change = {
        "date": "2026-01-01",
        "path": "toy.tax",
        "before": {"a": 15, "b": 0},
        "after": {"a": 20, "b": 0},
        "source": "s",
    }
    text = printed(tables.print_law, {"kind": "changes", "changes": [change]})
    assert "a: 15 to 20 " in text and "b:" not in text


def test_a_failed_check_says_so():
    document = {"passed": False, "checks": [{"name": "audit", "passed": True}, {"name": "canary", "passed": False}]}
    text = printed(tables.print_check, document)
    assert ["canary", "FAILED"] in [line.split() for line in text.splitlines()]
    assert "A check FAILED." in text
