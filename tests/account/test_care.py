"""Care: ruin is said first in plain words, help lines once and never without need, the date of the prices always."""

from io import StringIO

import pytest
from account.conftest import NAMES, ON, WORKED, document, law
from rich.console import Console
from views.conftest import gaemi

from gaemi.answers.report.account import render_account
from gaemi.answers.tables import print_account
from gaemi.units import BPS

LIKELY = {"holding": ("TSLL 500 @ 20.48",), "by": "2030-12-31", "on": ON}
"""A fund that doubles a single share, held for five years: nine tenths are lost on a large part of the paths."""

UNLIKELY = [{"name": "own_money"}, {"name": "borrowed"}, {"holding": ("069500 100",), "on": ON}]


def printed(told: dict) -> str:
    out = StringIO()
    print_account(told, Console(file=out, width=120, no_color=True))
    return out.getvalue()


def ruin(told: dict) -> float:
    """The largest share of paths, over the drifts, that ended wiped out or in debt."""
    return max(
        row["ever_share"]
        for each in told["odds"]
        for row in each["rows"]
        if row["outcome"] in ("wiped out", "residual debt")
    )


@pytest.mark.parametrize("asked", [LIKELY, *UNLIKELY, WORKED, {"name": "mixed"}])
def test_a_warning_stands_exactly_where_ruin_is_likely(asked: dict) -> None:
    told = document(**asked)
    likely = ruin(told) >= law().value("care.ruin_share", ON) / BPS
    assert likely == (told["warning"] is not None) == bool(told["help"])


def test_likely_and_unlikely_are_both_tried() -> None:
    least = law().value("care.ruin_share", ON) / BPS
    assert [True, False, False, False] == [ruin(document(**asked)) >= least for asked in (LIKELY, *UNLIKELY)]


def test_the_warning_is_said_before_anything_else_in_plain_words() -> None:
    told = document(**LIKELY)
    assert "of 100 paths nine tenths of this money are lost before the date" in told["warning"]
    said = " ".join(printed(told).split())
    assert said.index(told["warning"]) < said.index(told["sentences"][0][:40])
    page = " ".join(render_account(told).split())
    assert page.index(told["warning"]) < page.index(told["sentences"][0][:40])


def test_the_warning_gives_the_range_over_the_drifts() -> None:
    told = document(**LIKELY)
    shares = [
        round(100 * row["ever_share"]) for each in told["odds"] for row in each["rows"] if row["outcome"] == "wiped out"
    ]
    assert told["warning"].startswith(f"On {min(shares)} to {max(shares)} of 100 paths")


def test_help_lines_come_once_from_dated_law() -> None:
    told = document(**LIKELY)
    lines = law().value("care.help_lines", ON)
    assert list(lines.values()) == [row["number"] for row in told["help"]]
    said, page = printed(told), render_account(told)
    for row in told["help"]:
        assert [1, 1] == [text.count(f"{row['what']}") for text in (said, page)]
    assert {"gambling problems", "thoughts of suicide", "debt counselling"} == {row["what"] for row in told["help"]}


@pytest.mark.parametrize("asked", UNLIKELY)
def test_no_help_line_where_ruin_is_not_likely(asked: dict) -> None:
    told = document(**asked)
    for text in (printed(told), render_account(told)):
        assert "gambling problems" not in text and "suicide" not in text


@pytest.mark.parametrize("name", NAMES)
def test_the_date_of_the_prices_is_in_the_sentences(name: str) -> None:
    assert ["Prices of 31 October 2025"] == [said[:25] for said in document(name)["sentences"] if "Prices of" in said]


def test_a_firm_that_is_not_named_is_said() -> None:
    told = document("borrowed")
    assert "strictest rule" in told["firm"]["words"]
    assert any("the strictest rule of all firms, because yours is not named" in said for said in told["sentences"])


def test_the_command_says_the_same_as_the_document() -> None:
    answer = gaemi("account", "--holding", "TSLL 500 @ 20.48", "--by", "2030-12-31", "--paths", "400")
    assert document(**LIKELY | {"on": None})["warning"] in " ".join(answer.out.split())
