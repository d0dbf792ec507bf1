"""The page: one file, nothing from outside, every figure from the result."""

import base64
import hashlib
import re
from functools import cache
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from answers import fixture
from answers.comparison_fixture import compare_result

from gaemi.answers import wording
from gaemi.answers.report.render import render_compare, render_country

RESULTS = {
    "curve": fixture.country_result,
    "shock": fixture.shock_result,
    "replay": fixture.replay_result,
    "compare": compare_result,
}


@cache
def rendered(name: str) -> str:
    return (render_compare if name == "compare" else render_country)(RESULTS[name]())


@pytest.fixture(params=RESULTS)
def page(request):
    return rendered(request.param)


class Outline(HTMLParser):
    """Tags with their attributes, checked for balance, and the text outside of style and drawings."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop(), f"{tag} closes what it opened"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and "svg" not in self.open:
            self.said.append(data)


def test_nothing_on_a_page_comes_from_outside_or_runs(page):
    outline = Outline(page)
    names = {tag for tag, _ in outline.tags}
    assert set() == names & {"script", "link", "img", "iframe", "object", "embed", "form", "image", "base"}
    links = [attrs["href"] for _, attrs in outline.tags if attrs.get("href")]
    assert [] == [link for link in links if not link.startswith("#")]
    assert "http://" not in page and "https://" not in page and "url(http" not in page
    assert [] == [name for _, attrs in outline.tags for name in attrs if name.startswith("on") or name == "style"]


def test_a_page_is_one_small_well_formed_file(page):
    outline = Outline(page)
    assert [] == outline.open
    assert 3_000_000 > len(page.encode())
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(set(ids)) == len(ids)
    targets = [attrs["href"][1:] for _, attrs in outline.tags if attrs.get("href")]
    assert set() == set(targets) - set(ids)


def test_the_policy_of_a_page_allows_its_own_style_and_nothing_else(page):
    style = page.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    outline = Outline(page)
    policy = next(attrs["content"] for _, attrs in outline.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'" == policy


def test_a_page_can_be_read_by_a_screen_reader(page):
    outline = Outline(page)
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch(r"h[1-6]", tag)]
    assert 1 == levels[0] and 1 == levels.count(1)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert ("html", {"lang": "en"}) in outline.tags
    assert all(attrs.get("scope") for tag, attrs in outline.tags if tag == "th")
    assert all("aria-labelledby" in attrs for tag, attrs in outline.tags if tag == "svg")


def test_the_answer_in_words_stands_before_any_picture():
    page = rendered("curve")
    assert page.index(fixture.country_result()["sentences"][0]) < page.index("<svg")


def test_hostile_text_is_shown_and_not_obeyed():
    text = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7 * 7 }} a & b'
    for page in (
        render_country(fixture.hostile(fixture.country_result(), text)),
        render_compare(fixture.hostile(compare_result(), text)),
    ):
        outline = Outline(page)
        assert set() == {tag for tag, _ in outline.tags} & {"script", "img"}
        assert text in "".join(outline.said)
        assert [] == outline.open


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d(?:[\d,]*\d)?(?:\.\d+)?", text))


def written(value: object) -> set[str]:
    """Every way in which a page may write a value of the result."""
    if isinstance(value, dict):
        own = {wording.heads(value)} if {"central", "low", "high"} <= value.keys() else set()
        return own.union(*(written(inner) for inner in value.values()), map(str, value))
    if isinstance(value, list | tuple):
        return set().union(*(written(inner) for inner in value))
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, int | float):
        said = {wording.decimal(value, digits) for digits in (0, 1, 2, 3)} | {
            f"{value:,}",
            f"{value:g}",
            f"{value:,.6g}",
        }
        return (
            said
            | {f"{value / 100:g}"}
            | ({wording.won(value), wording.head(value)} if isinstance(value, int) else set())
        )
    return {str(value), wording.day_name(str(value))}


def test_every_figure_of_the_page_is_a_figure_of_the_result():
    result = fixture.country_result()
    known = set().union(*(numbers(text) for text in written(result)))
    shares = {numbers(wording.percent(row["sold_won"] / row["loans_won"] * 100)).pop() for row in result["who"]}
    covered = sum(row["won"] for row in result["cover"] if row["covered"])
    counted = {str(len(result["assumptions"])), str(len(result["targets"]))}
    assert set() == numbers(unescape(" ".join(Outline(rendered("curve")).said))) - known - shares - counted - numbers(
        wording.won(covered)
    )


def test_a_figure_that_changes_in_the_result_changes_on_the_page():
    result = fixture.country_result()
    result["curve"][6]["sold_won"] = 7_777 * fixture.BILLION
    result["assumptions"] *= 10
    page = render_country(result)
    assert "<summary>All assumptions (30)</summary>" in page  # a long table is folded
    assert "7.8 tn won" in page and "7.8 tn won" not in rendered("curve")


def test_a_quiet_shock_has_a_page_without_a_curve_or_groups():
    said = " ".join(Outline(rendered("shock")).said)
    assert "Fragility curve" not in said
    assert "0 won" in said and not re.search(r"\b(nan|None|inf)\b", said)


def test_a_replay_sets_the_record_beside_the_model():
    said = " ".join(Outline(rendered("replay")).said)
    assert "Beside the published record" in said and "Tipping point" not in said


def test_a_comparison_shows_all_displacements_and_both_laws():
    said = " ".join(Outline(rendered("compare")).said)
    for words in ("none moves elsewhere", "half moves elsewhere", "all moves elsewhere", "today's law"):
        assert words in said


def test_the_command_of_a_run_is_written_from_its_request():
    result = fixture.country_result()
    asked = {
        "on": None,
        "state": "simple",
        "shock": "KOSPI -20%, KOSDAQ -25%",
        "scale": 100,
        "feedback": False,
        "seed": 7,
    }
    result["run"] = {"request": asked, "versions": {"gaemi": "0.1.0"}}
    command = (
        "gaemi country --no-feedback --on 2025-10-31 --state simple "
        "--shock 'KOSPI -20%, KOSDAQ -25%' --scale 1/100 --seed 7"
    )
    assert f"<code>{command}</code>" in unescape(render_country(result))


EVERY_PAGE = (
    test_nothing_on_a_page_comes_from_outside_or_runs,
    test_a_page_is_one_small_well_formed_file,
    test_the_policy_of_a_page_allows_its_own_style_and_nothing_else,
    test_a_page_can_be_read_by_a_screen_reader,
)
"""What must hold of the page of any view; the tests of the others ask it of theirs."""
