"""Whoever sees little, no colours, or uses no mouse: axe-core on every kind of page, and the site by keyboard alone."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from web.visits import LANGUAGES, NARROW, WIDE, Visit

pytest_plugins = ["web.browser", "web.tour"]
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
AXE = Path("node_modules", "axe-core", "axe.min.js")
FOLDERS = (os.environ.get("GAEMI_AXE", ""), ROOT / ".venv" / "axe")

ALL, COLOURS = "{}", "{ runOnly: ['color-contrast'] }"
SHAPES = "{ rules: { 'color-contrast': { enabled: false } } }"
"""Rules: all of them, the one that night changes, all but that one, which takes long on thousands of cells."""

FOCUS = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const is_ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const is_inside = box.width > 0 && box.right > 0 && box.bottom > 0 && box.top < innerHeight && box.left < innerWidth;
  return { name: at.id || at.name || at.getAttribute("href") || at.tagName.toLowerCase(), is_ringed, is_inside };
}"""
"""What has the focus, whether a ring says so, and whether it is to be seen in the window."""

both = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core as a script; the test is skipped where it is not installed."""
    found = next((file for folder in FOLDERS if folder and (file := Path(folder) / AXE).is_file()), None)
    if found is None:
        pytest.skip("axe-core is not installed: npm install --prefix .venv/axe axe-core@4, or set GAEMI_AXE")
    return found.read_text(encoding="utf-8")


def faults(visit: Visit, rules: str) -> list[str]:
    """What axe-core finds serious or critical on the page as it is."""
    found = visit.page.evaluate(f"() => axe.run(document, {{ resultTypes: ['violations'], ...{rules} }})")
    assert found["testEngine"]["name"] == "axe-core"
    return [
        f"{each['id']}: {node['html'][:160]} at {node['target']}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:5]
    ]


@both
def test_nothing_on_any_page_is_a_serious_fault_to_axe(visiting, tour, kind, language, axe):
    """With everything unfolded, and as it comes: on a phone by day, on a screen by night."""
    with visiting(language, bypass_csp=True) as visit:
        visit.allowed = {tour[kind].status}
        visit.go(tour[kind].address)
        visit.page.add_script_tag(content=axe)
        visit.unfold()
        found = faults(visit, SHAPES)
        visit.unfold(False)
        for width, dark, rules in ((NARROW, False, ALL), (WIDE, True, COLOURS)):
            visit.wear(dark, width)
            found += [f"{width} {'dark' if dark else 'light'} {fault}" for fault in faults(visit, rules)]
        assert [] == found


def test_axe_sees_a_serious_fault_where_one_is(visiting, axe):
    """The canary: grey on grey, and a picture that nobody describes."""
    with visiting(bypass_csp=True) as visit:
        visit.go("/account")
        visit.page.add_script_tag(content=axe)
        visit.page.evaluate(
            "() => { document.querySelector('h1').style.color = '#eee';"
            " document.querySelector('main').append(document.createElement('img')) }"
        )
        assert {"color-contrast", "image-alt"} == {fault.partition(":")[0] for fault in faults(visit, ALL)}


def test_headings_are_in_order_and_every_picture_is_described(visiting, tour, kind):
    with visiting("ko") as visit:
        visit.allowed = {tour[kind].status}
        visit.go(tour[kind].address)
        levels = visit.page.locator("h1, h2, h3, h4").evaluate_all("(all) => all.map((each) => +each.tagName[1])")
        assert [1] == [level for level in levels if level == 1] == levels[:1]
        assert [] == [(before, after) for before, after in pairwise(levels) if after > before + 1]
        described = visit.page.locator("img").evaluate_all("(all) => all.map((each) => each.alt)")
        assert all(len(words) > 20 for words in described)
        assert described or kind in ("accounts", "one-account", "account-form", "words", "api", "missing")


def tab_to(visit: Visit, name: str, most: int = 60) -> list[str]:
    """Press Tab until something of that name has the focus: every name on the way, each in sight and with its ring."""
    names: list[str] = []
    while name not in names:
        assert len(names) < most, f"no {name} after {names}"
        visit.page.keyboard.press("Tab")
        at = visit.page.evaluate(FOCUS)
        assert at["is_ringed"] and at["is_inside"], at
        names.append(at["name"])
    return names


@both
def test_the_keyboard_goes_past_the_head_into_the_form_and_sends_it(visiting, language):
    with visiting(language) as visit:
        visit.go("/account")
        names = tab_to(visit, "holding")
        assert ["#main", "/", "/country", "/account", "/book", "/glossary"] == names[:6]
        visit.page.keyboard.type("005930 930 @ 107500")
        tab_to(visit, "loan")
        visit.page.keyboard.type("59980000 on 005930")
        assert ["cash", "goal", "by", "saving", "firm", "on-replay", "file"] == tab_to(visit, "file")
        tab_to(visit, "button")
        visit.page.keyboard.press("Enter")
        visit.wait("section.answer")


@both
def test_the_first_link_skips_to_the_answer(visiting, language):
    with visiting(language) as visit:
        visit.go("/country")
        assert ["#main"] == tab_to(visit, "#main")
        visit.page.keyboard.press("Enter")
        visit.until(lambda: visit.page.url.endswith("#main"), "the place on the page")
        assert ["summary"] == tab_to(visit, "summary")
        assert visit.page.evaluate("() => document.querySelector('main').contains(document.activeElement)")


@both
def test_the_slider_of_an_account_moves_by_arrows(visiting, tour, language):
    with visiting(language) as visit:
        visit.go(tour["account"].address)
        tab_to(visit, "amount")
        before = visit.text("output[data-what=amount]")
        for _ in range(5):
            visit.page.keyboard.press("ArrowRight")
        visit.wait("#moved table")
        visit.until(lambda: before != visit.text("output[data-what=amount]"), "another loan")
        assert "amount" == visit.page.evaluate(FOCUS)["name"]


@both
def test_what_is_folded_opens_by_enter(visiting, tour, language):
    with visiting(language) as visit:
        visit.go(tour["weather"].address)
        tab_to(visit, "summary")
        assert 0 == visit.count("section.asks details[open]")
        visit.page.keyboard.press("Enter")
        assert 1 == visit.count("section.asks details[open]")
        tab_to(visit, "fall")
        visit.page.keyboard.press("ArrowRight")
        assert "KOSPI -21%" == visit.find("#shock").input_value()
