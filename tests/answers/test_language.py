"""The Korean of pages: its files are sound, nothing lacks, a page stays the page that it is."""

import re
import string
import threading
from collections import Counter
from html import escape

import pytest
import yaml
from answers import account_fixture, book_fixture, fixture, samples, written_texts
from answers.samples import SAMPLES
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gaemi.answers import charts
from gaemi.answers import language as languages
from gaemi.answers.language import LANGUAGES, WORDS, Pattern, language, speaking, spoken
from gaemi.answers.translated import lines_in, page_in, spec_in
from gaemi.web.asks import ASKS

KOREAN = language("ko")
FILES = sorted((WORDS / "ko").glob("*.yaml"))
BLANK = re.compile(r"\{(\w*)\}")
HOSTILE = '<script>alert("&1")</script><img src=x onerror=alert(2)>'
GLUED = {
    "Sold by force as all names fall together, in won; 7": "unpaid: residual debt, still owed when all is sold",
    "7; days to sell: at 20 % of a mean day's volume": "Loans by name",
    "7, nothing sold, in won": "Unpaid after closes at the lower limit",
    "Over 7; in won, ± one standard error": "7 paths of 7 sessions, model history",
    "If 7": "half moves elsewhere",
    "Ever happened, 7± one standard error; a path can be in several rows": "per cent of paths, ",
}
"""Texts that are no figure, of which one stands in the place of each ``7``; the real ones are few."""


def pairs(file) -> list[tuple[str, str]]:
    """The entries of a file as they stand there, so that a key that stands twice is seen twice."""
    found = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [(" ".join(key.value.split()), value.value) for key, value in found.value]


# The files.


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_blank_of_the_english_stands_in_the_korean_and_no_other(file) -> None:
    assert [] == [
        english
        for english, korean in pairs(file)
        if set(BLANK.findall(english)) != set(BLANK.findall(korean))
        or len(set(BLANK.findall(english))) != len(BLANK.findall(english))
        or not korean.strip()
        or set("{}") & set(BLANK.sub("", english + korean))
    ]


def test_no_english_text_stands_twice_whatever_its_blanks_are_called() -> None:
    counts = Counter(BLANK.sub("{}", english).removesuffix(".") for file in FILES for english, _ in pairs(file))
    assert [] == [english for english, count in counts.items() if count > 1]


def test_no_name_stands_twice() -> None:
    assert [] == [name for name, count in Counter(languages.names()).items() if count > 1]


def test_a_blank_never_touches_another() -> None:
    assert [] == [english for english in KOREAN.known if re.search(r"\}\{", english)]


def test_the_words_of_the_field_are_told_in_both_languages() -> None:
    words = yaml.safe_load((WORDS / "glossary.yaml").read_text(encoding="utf-8"))
    assert len(words) >= 40
    for term, told in words.items():
        assert {"ko", "means", "뜻"} == set(told), term
        assert re.search("[가-힣]", told["ko"] + told["뜻"]) and not re.search("[가-힣]", term + told["means"]), term
        assert told["means"].endswith(".") and told["뜻"].endswith("."), term
        assert told["means"].count(". ") <= 1 and told["뜻"].count(". ") <= 2, term


# Nothing is missing.


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_and_its_charts_lack_no_word(name: str) -> None:
    document = SAMPLES[name]()
    own = set(samples.invented(document))
    assert [] == [text for text in samples.unknown(document) if not any(part in text for part in own)]


@pytest.mark.parametrize("file", written_texts.templates(), ids=lambda file: file.name)
def test_every_text_of_a_template_is_known(file) -> None:
    ways = [{text, text.removeprefix(f"{written_texts.STANDS} ")} for text in written_texts.texts_of_template(file)]
    assert [] == [texts for texts in ways if not any(map(KOREAN.knows, texts))]


@pytest.mark.parametrize("file", written_texts.modules(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_head_and_caption_of_the_code_is_known(file) -> None:
    stands = written_texts.STANDS
    texts = {text.replace(stands, GLUED.get(text, stands)) for text in written_texts.texts_of_module(file)}
    assert [] == [text for text in texts if not KOREAN.knows(text)]


@pytest.mark.parametrize("file", written_texts.site(), ids=lambda file: file.name)
def test_everything_that_the_site_says_is_known(file) -> None:
    assert [] == [text for text in written_texts.texts_of_site(file) if not KOREAN.knows(text)]


def test_every_label_of_progress_is_known() -> None:
    assert [] == [text for text in written_texts.labels() if not KOREAN.knows(text)]


@pytest.mark.parametrize("kind", ASKS.values())
def test_what_is_wrong_with_a_field_is_told_in_korean(kind) -> None:
    told = set()
    for name in kind.model_fields:
        for value in (None, "x" * 30_000, [[]] * 90, {"x": {}}, -5, 10**12, 1.5, "2025-13-01", "2025-1", "2025-02-31x"):
            try:
                kind(**{"nothing": value, name: value})
            except ValidationError as problem:
                told |= {each["msg"] for each in problem.errors()}
    assert len(told) > 5
    assert [] == [text for text in sorted(told) if not KOREAN.knows(text)]


# A page stays what it is.


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_keeps_its_elements_and_its_codes(name: str) -> None:
    document = SAMPLES[name]()
    english, korean = (samples.page(document, code) for code in LANGUAGES)
    assert elements(english) == elements(korean)
    assert left_alone(english) == left_alone(korean)
    assert '<html lang="ko"' in korean and '<html lang="en"' not in korean


def elements(html: str) -> list[str]:
    """Every tag of a page without what is read aloud of it."""
    tags = re.findall(r"<[^<>]*>", html)
    return [re.sub(r' (aria-label|alt|title|placeholder|lang)="[^"]*"', "", tag) for tag in tags]


def left_alone(html: str) -> list[str]:
    """What stands in code, in styles and under ``translate="no"``."""
    found = re.findall(r"<(style|script|code|pre)\b[^>]*>(.*?)</\1>", html, re.DOTALL)
    marked = re.findall(r'<(\w+)[^>]*translate="no"[^>]*>([^<]*)<', html)
    return [text for _, text in (*found, *marked)]


@pytest.mark.parametrize("of", [account_fixture.account_result, book_fixture.book_result, fixture.country_result])
def test_hostile_texts_stay_escaped(of) -> None:
    html = samples.page(fixture.hostile(of(), HOSTILE), "ko")
    assert "<script" not in html and "onerror=alert" in html and "<img src=x" not in html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>loans</p>", "<p>융자</p>"),
        ("<p> loans\n</p>", "<p> 융자\n</p>"),
        ('<p translate="no">loans</p><p>loans</p>', '<p translate="no">loans</p><p>융자</p>'),
        ('<div translate="no"><img alt="loans"><br><p>loans</p></div>loans', None),
        ("<pre><code>loans</code> loans</pre>loans", "<pre><code>loans</code> loans</pre>융자"),
        ("<style>a>b{content:'loans'} @media(width<40rem){}</style>loans", None),
        ('<textarea placeholder="loans">loans</textarea>', '<textarea placeholder="융자">loans</textarea>'),
        ('<input placeholder="loans" translate="no">loans', '<input placeholder="loans" translate="no">융자'),
        ('<i data-title="loans" title="loans">&lt;loans&gt;</i>', None),
        ('<img alt="loans" src="loans">', '<img alt="융자" src="loans">'),
        ("<b>5 &lt; 6 &amp; loans</b>", None),
    ],
)
def test_only_what_people_read_is_said(html: str, expected: str | None) -> None:
    said = page_in(KOREAN, html)
    assert elements(html) == elements(said)
    assert expected is None or expected == said
    assert expected is not None or html.replace("loans", "융자") != html
    if html.endswith("loans"):
        assert said.endswith("융자")


# Charts.


@pytest.mark.parametrize("name", SAMPLES)
def test_a_chart_reckons_with_the_texts_of_its_rows(name: str) -> None:
    with speaking("ko"):
        for shown in charts.pictures(SAMPLES[name]()):
            drawn = spec_in(KOREAN, shown.draw(False))
            told = [text for text in texts_under(drawn, "filter") for text in re.findall("'([^']*)'", text)]
            assert set(told) <= set(texts_under(drawn, "series")), shown.name


def texts_under(part, name: str) -> list[str]:
    """Every text that stands under this name somewhere in a document."""
    if isinstance(part, list):
        return [text for each in part for text in texts_under(each, name)]
    if not isinstance(part, dict):
        return []
    own = [part[name]] if isinstance(part.get(name), str) else []
    return own + [text for each in part.values() for text in texts_under(each, name)]


def test_a_chart_without_language_is_left_as_it_is() -> None:
    for shown in charts.pictures(fixture.country_result()):
        drawn = shown.draw(False)
        assert drawn == spec_in(language("en"), drawn)


def test_lines_that_were_one_text_are_said_as_one() -> None:
    assert ["융자"] == lines_in(KOREAN, ["loans"])
    lines = ["Loans under maintenance at the", "close"]
    assert [KOREAN.text(" ".join(lines))] == [" ".join(lines_in(KOREAN, lines))]


# Texts.


def test_english_says_everything_as_it_is() -> None:
    for text in ("24.6 bn won", "loans", "  x ", ""):
        assert text == language("en").text(text) and language("en").knows(text)


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("loans", "융자"),
        ("Loans", "융자"),
        ("loans:", "융자:"),
        ("  loans ", "  융자 "),
        ("loans, shortfall and cash", "융자, 담보부족액 및 현금"),
        ("loans: 24.6 bn won", "융자: 246억 원"),
        ("loans (24.6 bn won)", "융자 (246억 원)"),
        ("{n} accounts".format(n="1,204"), "계좌 1,204개"),
        ("KOSPI", "KOSPI"),
        ("KRW-BTC, 005930", "KRW-BTC, 005930"),
        ("31 October 2025", "2025년 10월 31일"),
    ],
)
def test_a_text_is_said_whole_or_in_pieces(english: str, korean: str) -> None:
    assert KOREAN.knows(english)
    assert korean == KOREAN.text(english)


def test_an_unknown_text_stays_and_is_remembered() -> None:
    assert "Nobody ever wrote this, at 30%" == KOREAN.text("Nobody ever wrote this, at 30 %")
    assert "Nobody ever wrote this, at 30 %" in KOREAN.missing


@given(
    st.lists(st.text(string.ascii_letters + " ,:", min_size=1, max_size=12), min_size=2, max_size=5),
    st.lists(st.text(string.ascii_letters + " ,", min_size=1, max_size=8), min_size=4, max_size=4),
)
def test_a_pattern_takes_every_text_that_is_filled_in(literals: list[str], fills: list[str]) -> None:
    names = "abcd"[: len(literals) - 1]
    english = "".join(text + (f"{{{name}}}" if name else "") for text, name in zip(literals, [*names, ""], strict=True))
    text = "".join(text + fill for text, fill in zip(literals, [*fills[: len(names)], ""], strict=True))
    pattern = Pattern.of(english, english)
    found = pattern.fills(text)
    assert found is not None and text == pattern.said(found)
    expected = re.fullmatch("(.+?)".join(map(re.escape, literals)), text, re.DOTALL)
    assert expected is not None and list(expected.groups()) == found
    assert pattern.fills(literals[0]) is None


@pytest.mark.parametrize("text", ["a of " * 4000, "one and two, " * 900, "x (" * 3000, "." * 9000, "A. " * 5000])
def test_nobodys_text_holds_a_page_up(text: str) -> None:
    reading = languages._Reading(KOREAN)
    reading.said(text)
    assert reading.steps <= languages.MOST_STEPS and reading.depth == 0
    assert KOREAN.text(text)


@given(st.text())
def test_any_text_comes_back_escaped(text: str) -> None:
    said = page_in(KOREAN, f"<p>{escape(text)}</p>")
    assert ["<p>", "</p>"] == re.findall("<[^<>]*>", said)


def test_threads_that_ask_at_once_hear_the_same(monkeypatch) -> None:
    monkeypatch.setattr(languages, "REMEMBERED", 40)  # so that one forgets while another asks
    texts = [f"{n:,} accounts; {n} % of loans" for n in range(400)]
    korean = languages.Language("ko", KOREAN.known, KOREAN.patterns, KOREAN.names)
    heard: list[list[str]] = []
    threads = [threading.Thread(target=lambda: heard.append([korean.text(text) for text in texts])) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [[KOREAN.text(text) for text in texts]] * 6 == heard


def test_a_language_is_spoken_inside_alone() -> None:
    assert "en" == spoken()
    with speaking("ko"):
        assert "ko" == spoken()
        with speaking("en"):
            assert "en" == spoken()
        assert "ko" == spoken()
    assert "en" == spoken()
