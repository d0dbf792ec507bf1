"""The page of a book."""

import re
from functools import cache
from html import unescape

import pytest
from answers import test_page
from answers.book_fixture import BILLION, book_result, quiet_result
from answers.fixture import hostile
from answers.test_account_page import said
from answers.test_page import Outline

from gaemi.answers.report.book import command, render_book

RESULTS = {
    "every-part": book_result,
    "quiet": quiet_result,
    "replay-without-feedback": lambda: book_result(kind="replay", feedback=False, breaks=None, risk=None),
}


@cache
def rendered(name: str) -> str:
    return render_book(RESULTS[name]())


@pytest.fixture(params=RESULTS)
def page(request):
    return rendered(request.param)


@pytest.mark.parametrize("check", test_page.EVERY_PAGE, ids=lambda check: check.__name__)
def test_what_holds_of_every_page_holds_of_this_one(page, check):
    check(page)


def test_every_table_can_be_reached_and_has_a_name(page):
    labels = [attrs["aria-label"] for _, attrs in Outline(page).tags if attrs.get("role") == "region"]
    assert labels
    assert [] == [label for label in labels if not label]


def test_nothing_unknown_is_written_as_a_word_of_the_machine(page):
    assert [] == re.findall(r"\b(?:nan|None|inf|null)\b", said(page))


def test_the_sections_stand_in_order():
    anchors = [attrs["id"] for tag, attrs in Outline(rendered("every-part")).tags if tag == "h2"]
    assert [
        "bands", "morning", "call-map", "scenario", "groups", "breaks", "risk", "limits", "concentration", "names",
        "read", "notes", "assumptions", "computed",
    ] == anchors  # fmt: skip


def test_a_quiet_book_has_no_empty_sections():
    anchors = [attrs["id"] for tag, attrs in Outline(rendered("quiet")).tags if tag == "h2"]
    assert ["bands", "read", "computed"] == anchors


def test_the_answer_stands_before_any_picture_and_the_picture_before_any_table():
    page = rendered("every-part")
    places = [page.index(book_result()["sentences"][0]), page.index("<svg"), page.index("<table")]
    assert sorted(places) == places


def test_every_chart_is_drawn_once_for_each_width():
    drawn = re.findall(r'<title id="([a-z-]+)-(wide|narrow)-title">', rendered("every-part"))
    assert [
        (name, width) for name in ("bands", "morning", "call-map", "days", "risk") for width in ("wide", "narrow")
    ] == drawn


def test_rows_read_stand_under_the_answer_of_every_page(page):
    text = said(page)
    assert "Rows read = accepted + rejected: " in text
    assert text.index("Rows read = accepted + rejected: ") < text.index("Where accounts stand")


def test_rejects_are_in_a_table_and_the_place_of_the_rest_is_told():
    page = said(rendered("every-part"))
    assert "Rejects: the first 6 of 7" in page
    assert "holdings.csv row 18, quantity -40 must be a whole number above 0 a short is a CFD" in page
    assert "Rejects: the first 6 of 7; --rejects FILE writes all of them" in page


def test_the_layer_is_said_to_be_a_bound_and_no_forecast(page):
    assert "an upper bound on forced sales, never a forecast" in said(page)


def test_a_figure_that_changes_in_the_result_changes_on_the_page():
    result = book_result()
    result["bands"][2]["unpaid_20_won"] = 7_777 * BILLION
    result["risk"]["rows"][0] |= {"es99_won": 888 * BILLION, "es99_error_won": 44 * BILLION}
    page = said(render_book(result))
    for figure in ("7.8 tn", "888.0 bn ± 44.0"):
        assert figure in page and figure not in said(rendered("every-part"))


def test_a_page_of_thousands_of_names_shows_a_hundred_and_says_so():
    row = book_result()["names"][0]
    page = said(render_book(book_result(names=[row | {"ticker": f"{place:06}"} for place in range(2_600)])))
    assert "Loans by name: the first 100 of 2,600" in page
    assert "000099" in page and "000100" not in page


def test_hostile_text_is_shown_and_not_obeyed():
    text = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7 * 7 }} a & b'
    outline = Outline(render_book(hostile(book_result(), text)))
    assert set() == {tag for tag, _ in outline.tags} & {"script", "img"}
    assert text in "".join(outline.said)
    assert [] == outline.open


def test_the_command_of_a_run_is_written_from_its_request():
    asked = {
        "source": "my book", "on": None, "shock": "KOSPI -20% over 3d", "replay": None, "break_share": "5%", "paths": 0,
        "model": "gbm", "horizon": None, "years": 10, "feedback": False, "tables": {"accounts": "a.csv"}, "queries": {},
        "rejects": None, "validate": False, "seed": 0,
    }  # fmt: skip
    expected = (
        "gaemi book 'my book' --shock 'KOSPI -20% over 3d' --break 5% --table accounts=a.csv --seed 0 --no-feedback"
    )
    result = book_result(run={"request": asked})
    assert expected == command(result)
    assert f"<code>{expected}</code>" in unescape(render_book(result))
    drawn = book_result(run={"request": asked | {"paths": 1_000, "model": "history", "feedback": None}})
    assert "--paths 1000 --model history --years 10" in command(drawn)
    assert "feedback" not in command(drawn)
