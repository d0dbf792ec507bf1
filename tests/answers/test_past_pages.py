"""The pages of a state, a hindcast and a score, and the command that each names."""

import re
from functools import cache
from html import unescape

import pytest
from answers import past_fixture as past
from answers import test_page
from answers.fixture import hostile
from answers.test_account_page import said
from answers.test_page import Outline

from gaemi.answers.report.command import command_line
from gaemi.answers.report.hindcast import render_hindcast, render_score
from gaemi.answers.report.state import render_state

PAGES = {
    "state": (render_state, past.state_result),
    "bare-state": (render_state, past.bare_state),
    "hindcast": (render_hindcast, past.hindcast_result),
    "simulated": (render_hindcast, past.simulated_result),
    "bare-hindcast": (render_hindcast, past.bare_hindcast),
    "score": (render_score, past.score_result),
    "bare-score": (render_score, past.bare_score),
}
SECTIONS = {
    "state": [
        *("markets", "ratios", "ages", "distances", "call-map", "curve", "stocks", "days", "infeasible"),
        *("assumptions", "computed"),
    ],
    "bare-state": ["ratios", "computed"],
    "hindcast": ["balances", "forced", "margin-sold", "errors", "breaks", "assumptions", "computed"],
    "simulated": ["balances", "forced", "margin-sold", "computed"],
    "bare-hindcast": ["computed"],
    "score": ["boards", "coverage", "crps", "periods", "lags", "experiments", "breaks", "assumptions", "computed"],
    "bare-score": ["computed"],
}


@cache
def rendered(name: str) -> str:
    render, make = PAGES[name]
    return render(make())


@pytest.fixture(params=PAGES)
def page(request):
    return rendered(request.param)


@pytest.mark.parametrize("check", test_page.EVERY_PAGE, ids=lambda check: check.__name__)
def test_what_holds_of_every_page_holds_of_these(page, check):
    check(page)


def test_nothing_unknown_is_written_as_a_word_of_the_machine(page):
    assert [] == re.findall(r"\b(?:nan|None|inf|null)\b", said(page))


@pytest.mark.parametrize("name", PAGES)
def test_the_sections_stand_in_order_and_none_is_empty(name):
    outline = Outline(rendered(name))
    assert SECTIONS[name] == [attrs["id"] for tag, attrs in outline.tags if tag == "h2"]
    links = [attrs["href"][1:] for tag, attrs in outline.tags if tag == "a" and attrs["href"] != "#main"]
    assert SECTIONS[name] == links


@pytest.mark.parametrize("name", ["state", "hindcast", "score"])
def test_every_chart_is_drawn_once_for_each_width(name):
    from answers.test_past_charts import NAMES

    drawn = re.findall(r'<title id="([a-z-]+)-(wide|narrow)-title">', rendered(name))
    assert [(chart, width) for chart in NAMES[name] for width in ("wide", "narrow")] == drawn


@pytest.mark.parametrize("name", ["state", "hindcast", "score"])
def test_the_answer_stands_before_any_picture_and_any_table(name):
    page = rendered(name)
    first = page.index(PAGES[name][1]()["sentences"][0])
    assert first < page.index("<svg") and first < page.index("<table")


def test_a_doubtful_state_says_so_before_its_figures():
    text = said(rendered("state"))
    assert "The state is infeasible: it needs loans that can hardly have been made (1 day of a market" in text
    assert text.index("The state is infeasible") < text.index("Balance, KOSPI")
    sound = said(render_state(past.state_result(feasible=True, young=True)))
    assert "Earlier balances ask for loans that can hardly have been made" in sound
    assert "The state is young: fewer than 60 sessions since the gap" in sound


def test_what_a_state_rests_on_is_told():
    text = said(rendered("state"))
    for words in (
        "Balances met: monthly, then daily since 2019-06-03.",
        "Loans are followed from 2 January 2019 on, 245 sessions.",
        "Gaps, never bridged: no prices from 2018-09-29 to 2019-01-01.",
        "Balances of days on which the exchange was closed: 31 December 2019.",
        "50 members · 40 invented stocks a market",
    ):
        assert words in text


def test_a_page_of_the_past_does_not_say_that_it_is_no_forecast():
    assert "It is not a forecast" in said(test_page.rendered("curve"))
    assert "It is not a forecast" not in said(rendered("hindcast"))
    assert "says nothing of days to come and is not advice" in said(rendered("hindcast"))


def test_a_figure_that_changes_in_the_result_changes_on_the_page():
    days = past.hindcast_days()
    days[10]["kospi_low_won"] = 1_234 * past.BILLION
    page = said(render_hindcast(past.hindcast_result(days=days)))
    assert "1,234–3,652" in page and "1,234" not in said(rendered("hindcast"))


def test_hostile_text_is_shown_and_not_obeyed():
    text = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7 * 7 }} a & b'
    for render, make in (PAGES["state"], PAGES["hindcast"], PAGES["score"]):
        keep = {"schema": make()["schema"]} | ({"rows": []} if render is render_score else {})
        outline = Outline(render(hostile(make(), text) | keep))
        assert set() == {tag for tag, _ in outline.tags} & {"script", "img"}
        assert text in "".join(outline.said)
        assert [] == outline.open


def test_the_command_of_a_run_is_written_from_its_request():
    asked = {
        "on": "2020-01-31", "prices": "my prices", "balances": None, "kospi": ("123456", "234567"), "kosdaq": (),
        "members": 50, "curve": True, "seed": 0, "threads": None,
    }  # fmt: skip
    expected = "gaemi state --on 2020-01-31 --prices 'my prices' --kospi 123456,234567 --members 50 --curve --seed 0"
    result = past.state_result(run={"request": asked})
    assert expected == command_line("state", result)
    assert f"<code>{expected}</code>" in unescape(render_state(result))
    assert "" == command_line("state", past.bare_state())


def test_a_model_of_paths_is_named_only_where_there_are_paths():
    command = "gaemi hindcast --from 2020-03-09 --to 2020-03-23 --prices p --balances b"
    assert f"<code>{command}</code>" in unescape(rendered("hindcast"))
    asked = past.hindcast_result()["run"]["request"] | {"paths": 2_000}
    drawn = render_hindcast(past.simulated_result(run={"request": asked}))
    assert "--model garch" in drawn and "--paths 2000" in drawn
