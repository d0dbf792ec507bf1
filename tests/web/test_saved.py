"""A report that is saved, opened from the disk in a real Chromium: its language, its switch, its print, its silence."""

import re

import pytest
from web.visits import LANGUAGES, NARROW, WIDE, gaemi, must_speak, visitor

pytest_plugins = ["web.browser"]
pytestmark = pytest.mark.slow

MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    gaemi("country", "--scale", "1/1000", "--shock", "-20%", "--out", str(folder / "run"))
    return folder / "run" / "report.html"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_saved_report_shows_the_language_of_its_reader_first_and_the_other_on_a_click(
    chromium, report, pictures, language
):
    other = "ko" if language == "en" else "en"
    with visitor(chromium, "file://", pictures, language) as visit:
        visit.go(report.as_uri())
        must_speak(language, visit.text(f"#{language} .answer"))
        assert not visit.find(f"#{other}").is_visible()
        visit.look(f"saved-{language}", dark=language == "ko", width=NARROW if language == "ko" else WIDE)
        visit.click(f"#{language} .languages a")
        must_speak(other, visit.text(f"#{other} .answer"))
        assert not visit.find(f"#{language}").is_visible()
        assert {"file"} == {address.partition(":")[0] for address in visit.asked if address}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_saved_report_is_printed_on_some_pages_in_one_language_with_what_is_folded(
    chromium, report, pictures, language
):
    other = "ko" if language == "en" else "en"
    with visitor(chromium, "file://", pictures, language) as visit:
        visit.go(report.as_uri())
        visit.wait(f"#{language} .answer")
        printed = visit.page.pdf(format="A4")
        assert 1 < len(re.findall(rb"/Type */Page\b", printed)) < 60
        visit.page.emulate_media(media="print")
        assert not visit.find(f"#{other}").is_visible()
        assert visit.find(f"#{language} details table").is_visible()


def test_a_saved_report_is_small_enough_to_send(report):
    assert 100_000 < report.stat().st_size < MOST_BYTES
