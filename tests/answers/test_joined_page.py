"""The page of a run folder: one file in two languages, each whole, with names of its own, and nothing let in."""

import base64
import hashlib
import re
from collections import Counter
from functools import cache

import pytest
from answers.samples import SAMPLES

from gaemi.answers.language import LANGUAGES
from gaemi.answers.report import pages

NAMES = ("account", "quiet book")
MOST_BYTES = 3_000_000


@cache
def file(name: str) -> str:
    return pages.file_of(SAMPLES[name]())


@pytest.fixture(params=NAMES)
def page(request) -> str:
    return file(request.param)


def part(page: str, code: str) -> str:
    """What one language says, from the mark of its beginning to that of the next."""
    begun = page.split(f'<div class="language" id="{code}" lang="{code}">')[1]
    return begun.split('<div class="language"')[0]


def test_both_languages_are_there(page: str) -> None:
    assert list(LANGUAGES) == re.findall(r'<div class="language" id="(\w+)"', page)
    english, korean = part(page, "en"), part(page, "ko")
    assert len(re.findall("[가-힣]", korean)) > 1000 > 100 > len(re.findall("[가-힣]", english))
    assert len(re.findall("<section", english)) == len(re.findall("<section", korean)) > 2
    assert len(re.findall("<svg", english)) == len(re.findall("<svg", korean)) > 1


def test_each_language_leads_to_the_other(page: str) -> None:
    assert '<a href="#ko" lang="ko" hreflang="ko" translate="no">한국어</a>' in part(page, "en")
    assert '<a href="#en" lang="en" hreflang="en" translate="no">English</a>' in part(page, "ko")


def test_every_name_stands_once_and_every_link_finds_its_place(page: str) -> None:
    names = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert [] == [name for name, count in names.items() if count > 1]
    asked = re.findall(r'\bhref="#([^"]+)"', page) + re.findall(r"url\(#([^)]+)\)", page)
    for listed in re.findall(r'aria-labelledby="([^"]+)"', page):
        asked += listed.split()
    assert len(asked) > 20
    assert set() == set(asked) - set(names)


def test_a_language_points_to_itself_alone(page: str) -> None:
    korean = part(page, "ko")
    inside = set(re.findall(r'\bid="([^"]+)"', korean))
    assert {"en"} == {name for name in re.findall(r'href="#([^"]+)"', korean) if name not in inside}


def test_nothing_but_its_own_style_and_script_may_run(page: str) -> None:
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    styles, scripts = (re.findall(f"<{name}>(.*?)</{name}>", page, re.DOTALL) for name in ("style", "script"))
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if " " in rule.strip())
    assert "'none'" == rules["default-src"]
    assert {hashed(text) for text in styles} == set(rules["style-src"].split()) and len(styles) == 2
    assert [hashed(text) for text in scripts] == rules["script-src"].split() and len(scripts) == 1
    assert not re.search(r"<(script|style|link|iframe|object|img)[^>]+(src|href)=", page)
    assert not re.search(r"\son\w+=|javascript:|\sstyle=", page)


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_first_language_is_shown_until_another_is_asked_for(page: str) -> None:
    shown = re.findall("<style>(.*?)</style>", page, re.DOTALL)[-1]
    assert "#ko{display:none}" in shown
    assert "body:has(#ko:target,#ko :target) #en{display:none}" in shown
    assert "body:has(#ko:target,#ko :target) #ko{display:block}" in shown
    assert '<html lang="en"' in page


def test_the_file_is_no_larger_than_it_must_be(page: str) -> None:
    assert len(page.encode()) < MOST_BYTES


def test_one_document_gives_one_file() -> None:
    assert file("quiet book") == pages.file_of(SAMPLES["quiet book"]())


def test_an_unknown_document_has_no_page() -> None:
    with pytest.raises(KeyError):
        pages.renderer_of({"schema": "gaemi.nothing/1"})
