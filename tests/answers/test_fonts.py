"""Pictures are drawn with Korean letters, wherever they are drawn, and English ones stay as they were."""

import re

import pytest
from answers import fixture

from gaemi.answers import charts
from gaemi.answers.language import LANGUAGES, WORDS, speaking
from gaemi.answers.pictures import Picture
from gaemi.answers.plots import style

MOST_BYTES = 1_200_000


def sign(text: str) -> Picture:
    """A chart of one heading."""
    row = {"x": 1}
    spec = style.panel([style.mark("point", {}, x=style.measured("x"))], [row], 300, 20, style.heading(False, text))
    return Picture("sign", "Call map", "Call map", lambda narrow: style.finish(spec))


@pytest.mark.parametrize("code", LANGUAGES)
def test_two_korean_words_are_two_pictures(code: str) -> None:
    """Where letters are missing, each is the same box."""
    with speaking(code):
        assert charts.png(sign("삼성전자")) != charts.png(sign("현대차주"))
        assert charts.png(sign("삼성전자")) == charts.png(sign("삼성전자"))


def test_korean_is_drawn_in_the_letters_that_we_bring() -> None:
    with speaking("ko"):
        spec = charts._spec(sign("융자"), False)
        drawn = charts.png(sign("융자"))
        assert "'Noto Sans KR'" in spec["config"]["font"]
    ours = spec | {"config": spec["config"] | {"font": "Noto Sans KR"}, "background": "#ffffff"}
    assert bytes(charts._compiler().vegalite_to_png(ours, scale=2)) == drawn


def test_english_does_not_ask_for_korean_letters() -> None:
    assert "Noto" not in charts.file_svg(sign("Loans"))


def test_the_fonts_hold_every_letter_of_the_words() -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    written = "".join(file.read_text(encoding="utf-8") for file in (WORDS / "ko").glob("*.yaml"))
    asked = set(re.findall(r"[^\s\x00-\x1f]", written))
    for file in charts.LETTERS.glob("*.ttf"):
        font = ttlib.TTFont(file)
        assert "Noto Sans KR" in (font["name"].getDebugName(16), font["name"].getDebugName(1))
        held = {chr(code) for code in font.getBestCmap()}
        assert set() == {letter for letter in asked - held if "가" <= letter <= "힣" or letter.isascii()}, file.name


def test_the_fonts_are_small_and_come_with_their_licence() -> None:
    files = sorted(charts.LETTERS.glob("*.ttf"))
    assert ["NotoSansKR-Regular.ttf", "NotoSansKR-SemiBold.ttf"] == [file.name for file in files]
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
    assert "SIL OPEN FONT LICENSE Version 1.1" in (charts.LETTERS / "OFL.txt").read_text(encoding="utf-8")


def test_a_drawing_does_not_depend_on_an_earlier_one() -> None:
    shown = next(each for each in charts.pictures(fixture.country_result()) if each.name == "curve")
    with speaking("ko"):
        first = charts.page_svg(shown)
        charts.png(shown)
        assert first == charts.page_svg(shown)
