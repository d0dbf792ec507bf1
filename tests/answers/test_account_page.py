"""The page and the run folder of an account."""

import json
import re
from functools import cache
from html import unescape

import pytest
from answers import test_page
from answers.account_fixture import account_result, replay_result
from answers.fixture import hostile
from answers.test_page import Outline

from gaemi.answers.folder import save
from gaemi.answers.report.account import command, render_account

RESULTS = {
    "goal": account_result,
    "no-goal": lambda: account_result(goal=None, warning=None, help=[]),
    "no-loan": lambda: account_result(pools=[], alone=[], loans=[], sale=None, how_often=None, what_if=[]),
    "replay": replay_result,
}


@cache
def rendered(name: str) -> str:
    return render_account(RESULTS[name]())


@pytest.fixture(params=RESULTS)
def page(request):
    return rendered(request.param)


def said(page: str) -> str:
    return " ".join(" ".join(Outline(page).said).split())


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
    anchors = [attrs["id"] for tag, attrs in Outline(rendered("goal")).tags if tag == "h2"]
    order = ["stand", "odds", "thousand", "leverage", "what-if", "closed-forms", "notes", "assumptions", "computed"]
    assert order == anchors


def test_the_warning_stands_before_the_answer_and_the_answer_before_any_picture():
    result, page = account_result(), rendered("goal")
    places = [page.index(result["warning"]), page.index(result["sentences"][0]), page.index("<svg")]
    assert sorted(places) == places


def test_where_ruin_is_not_likely_nothing_warns_and_no_help_line_is_named():
    page = said(rendered("no-goal"))
    assert "Somebody to talk to" not in page and "1336" not in page


def test_help_lines_are_named_once():
    assert 1 == said(rendered("goal")).count("1336")


def test_every_drift_is_shown_and_the_reader_is_told_why():
    page = said(rendered("goal"))
    assert "The drift matters most and is known least." in page
    for drift in account_result()["drifts"]:
        assert f"Drift: {drift['drift']}; of 20,000 paths" in page


def test_no_leverage_is_marked_as_best():
    page = said(rendered("goal"))
    assert "No leverage is marked as best." in page
    assert [] == re.findall(r"\b(?:optimal|recommend\w*|you should|best leverage|buy|sell now)\b", page)


def test_each_change_stands_with_its_distances_and_its_odds():
    page = said(rendered("goal"))
    assert "10.0 m won more cash: Distances" in page and "157.8 % 180.0 %" in page
    assert "300 shares of Samsung Electronics sold" in page


def test_a_figure_that_changes_in_the_result_changes_on_the_page():
    result = account_result()
    result["odds"][2]["rows"][1] |= {"count": 7_777, "share": 0.38885, "error": 0.0034}
    result["pools"][0]["collateral_won"] = 77_700_000
    page = said(render_account(result))
    for figure in ("7,777", "38.9 % ± 0.3", "77.7 m"):
        assert figure in page and figure not in said(rendered("goal"))


def test_without_a_goal_nobody_graduates():
    page = said(rendered("no-goal"))
    assert "No goal was set" in page
    assert "reached the goal" not in page


def test_a_replay_has_days_and_no_odds():
    page = said(rendered("replay"))
    assert "On the days of covid-2020" in page and "Every day (40)" in page
    assert "Your odds" not in page and "A thousand of you" not in page


def test_an_account_without_a_loan_has_odds_and_no_sale():
    page = said(rendered("no-loan"))
    assert "Your odds until 31 December 2030" in page
    assert "The sale that would come" not in page


def test_hostile_text_is_shown_and_not_obeyed():
    text = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7 * 7 }} a & b'
    for result in (account_result(), replay_result()):
        outline = Outline(render_account(hostile(result, text)))
        assert set() == {tag for tag, _ in outline.tags} & {"script", "img"}
        assert text in "".join(outline.said)
        assert [] == outline.open


def test_the_command_of_a_run_is_written_from_its_request():
    asked = {
        "file": "my account.yaml",
        "holding": ["005930 1000 @ 71000"],
        "goal": "600m",
        "by": "2030-12-31",
        "what_if": ["add 10m", "loan -20m"],
        "model": "gbm",
        "paths": 20_000,
        "replay": None,
        "seed": 0,
    }
    expected = (
        "gaemi account 'my account.yaml' --holding '005930 1000 @ 71000' --goal 600m --by 2030-12-31 "
        "--what-if 'add 10m' --what-if 'loan -20m' --model gbm --paths 20000 --seed 0"
    )
    result = account_result(run={"request": asked, "versions": {"gaemi": "0.1.0"}})
    assert expected == command(result)
    assert f"<code>{expected}</code>" in unescape(render_account(result))


def test_a_run_folder_holds_every_table_as_parquet(tmp_path):
    import polars

    folder = save(account_result(), tmp_path / "run")
    rows = {path.stem: polars.read_parquet(path).height for path in folder.glob("*.parquet")}
    assert {
        "holdings": 1, "loans": 1, "pools": 1, "odds": 32, "fan": 88, "leverage": 20,
        "what_if": 32, "what_if_distances": 10,
    } == rows  # fmt: skip
    levels = polars.read_parquet(folder / "leverage.parquet")
    assert ["3 more years and no loan"] * 2 == levels["what"].to_list()[16:18]
    assert account_result() == json.loads((folder / "result.json").read_text(encoding="utf-8"))


def test_the_folder_of_a_replay_holds_its_days_and_its_sales(tmp_path):
    import polars

    folder = save(replay_result(), tmp_path / "run")
    days, sold = (polars.read_parquet(folder / f"{name}.parquet") for name in ("replay_days", "replay_sold"))
    assert (40, 71_000.0) == (days.height, days["prices_005930"][0])
    assert [282, 282] == sold["quantity"].to_list()
    assert not (folder / "odds.parquet").exists()
