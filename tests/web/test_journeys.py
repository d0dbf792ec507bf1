"""The three journeys through the site in a real Chromium, in both languages, and every kind of page as it looks."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from web.visits import LANGUAGES, NARROW, WIDE, must_speak, visitor

pytest_plugins = ["web.browser", "web.tour"]

ROOT = Path(__file__).resolve().parents[2]
EVENING = ROOT / "examples" / "books" / "evening"
FIGURES = ("005930", "107500", "59980000", "59,980,000", "2027-12-31", "80m")
"""What the example of an account holds, and no address may."""

HOLDINGS = "종목코드,수량,현재가\n005930,120,107500\n000660,10,559000\n"

slow = pytest.mark.slow
both = pytest.mark.parametrize("language", LANGUAGES)


def test_the_country_answers_at_once_and_its_questions_unfold(chromium, site, tmp_path):
    """The one journey that is short enough for every day."""
    for language in LANGUAGES:
        with visitor(chromium, f"http://127.0.0.1:{site.port}", tmp_path, language) as visit:
            visit.go("/")
            must_speak(language, visit.text("section.answer"))
            visit.click("section.asks summary")
            visit.find("#fall").press("ArrowRight")
            assert "KOSPI -21%" == visit.find("#shock").input_value()


@dataclass(frozen=True)
class Example:
    """The example of an account as a visitor came to its answer: what it read first, then, and after a reload."""

    language: str
    first: str
    said: str
    reloaded: str
    address: str
    asked: list[str]


@pytest.fixture(scope="module", params=LANGUAGES)
def example(visiting, request) -> Example:
    """Fill the form by its example, send it, read the first answer, wait for the fuller one."""
    with visiting(request.param, sees=True) as visit:
        visit.go("/account")
        visit.click("[data-example]")
        visit.click("form#account button.main")
        visit.wait("[data-fuller]", "attached")
        first, before = visit.text("section.answer"), visit.page.url
        visit.wait("#leverage")
        assert 0 == visit.count("[data-fuller]")
        visit.until(lambda: before != visit.page.url, "an address of its own")
        said, address = visit.text("main"), visit.page.url
        visit.page.reload()
        assert address == visit.page.url
        return Example(request.param, first, said, visit.text("main"), address, visit.asked)


@slow
def test_an_account_is_answered_at_once_and_more_fully_by_itself_and_a_reload_keeps_it(example):
    must_speak(example.language, example.first)
    assert example.first.splitlines()[0] in example.said
    assert example.said == example.reloaded
    must_hold_nothing_of(FIGURES, example.asked)


@slow
def test_the_loan_of_an_account_moves_and_what_changes_stands_in_a_table(visiting, example):
    with visiting(example.language) as visit:
        visit.go(example.address)
        said = [visit.text("output[data-what=amount]")]
        told = [visit.text("#moved")]
        for steps in (5, 30):
            for _ in range(steps):
                visit.find("#amount").press("ArrowLeft")
            visit.until(lambda: visit.text("output[data-what=amount]") not in said, "another loan")
            visit.until(lambda: visit.text("#moved") not in told, "another table")
            said.append(visit.text("output[data-what=amount]"))
            told.append(visit.text("#moved"))
        assert 0 < visit.count("#moved table")
        must_speak(example.language, visit.text("#moved"))
        must_hold_nothing_of(FIGURES, visit.asked)
        visit.find(".slider").screenshot(path=visit.pictures / f"slider-{example.language}.png")


@slow
def test_an_account_is_kept_as_tables_pictures_and_one_file(visiting, example):
    with visiting(example.language) as visit:
        visit.go(example.address)
        table = pl.read_csv(visit.kept(".downloads a[href$='/odds.csv']"))
        assert table.equals(pl.read_parquet(visit.kept(".downloads a[href$='/odds.parquet']")))
        assert 0 < table.height
        assert visit.kept(".downloads a[href*='/thousand.png']").startswith(b"\x89PNG\r\n")
        drawn = ElementTree.fromstring(visit.kept(".downloads a[href*='/thousand.svg']"))
        assert drawn.tag.endswith("}svg")
        must_speak(example.language, " ".join(drawn.itertext()))
        assert "gaemi.account/" == json.loads(visit.kept("a[href$='/document']"))["schema"][:14]
        page = visit.kept("a[href$='/report.html']").decode()
        assert all(f'<div class="language" id="{code}" lang="{code}">' in page for code in LANGUAGES)


@slow
def test_a_link_holds_an_account_behind_its_sign_and_no_request_ever_carries_it(visiting, example):
    with visiting(example.language) as visit:
        visit.go(example.address)
        visit.open("[data-link]")
        visit.click("[data-link]")
        visit.until(lambda: visit.find("#link").inner_text(), "a link")
        link = visit.text("#link")
        assert link.startswith(f"{visit.site}/account#")
    with visiting(example.language) as other:
        other.go(link)
        other.wait("#leverage")
        assert example.said.splitlines()[:10] == other.text("main").splitlines()[:10]
        assert "005930 930 @ 107500" == other.find("#holding").input_value()
        must_hold_nothing_of((*FIGURES, link.partition("#")[2]), [*visit.asked, *other.asked])


def must_hold_nothing_of(figures: tuple[str, ...], asked: list[str]) -> None:
    """No address that was asked, and none that was told as where a visitor came from, holds one of these."""
    assert [] == [address for address in asked if any(each in address for each in figures)]
    assert 0 < len(asked)


@slow
@both
def test_a_file_of_an_account_is_dropped_on_the_form(visiting, language):
    make = """(text) => {
      const carried = new DataTransfer();
      carried.items.add(new File([text], "내 계좌.csv", { type: "text/csv" }));
      return carried;
    }"""
    with visiting(language) as visit:
        visit.go("/account")
        carried = visit.page.evaluate_handle(make, HOLDINGS)
        visit.find("form#account").dispatch_event("dragover", {"dataTransfer": carried})
        visit.find("form#account label[for=file]").dispatch_event("drop", {"dataTransfer": carried})
        must_speak(language, visit.text("section.answer"))
        assert "000660" in visit.text("main")


@slow
@both
def test_a_file_of_an_account_is_chosen_and_stands_beside_what_is_written(visiting, language, tmp_path):
    (tmp_path / "held.csv").write_text(HOLDINGS, encoding="cp949")
    with visiting(language) as visit:
        visit.go("/account")
        visit.find("#file").set_input_files(tmp_path / "held.csv")
        visit.find("#loan").fill("5m on 005930")
        visit.click("form#account button.main")
        must_speak(language, visit.text("section.answer"))
        assert "000660" in visit.text("main")


@slow
@both
def test_an_account_that_is_not_taken_is_told_why_and_stays_in_the_form(visiting, language):
    with visiting(language) as visit:
        visit.allowed = {422}
        visit.go("/account")
        visit.find("#holding").fill("005930 -40 @ 71000\nnonsense")
        visit.find("#by").fill("yesterday")
        visit.click("form#account button.main")
        told = visit.text("section.warning")
        must_speak(language, told)
        assert "-40" in told
        assert "005930 -40 @ 71000\nnonsense" == visit.find("#holding").input_value()
        assert [] == (visit.english() if language == "ko" else [])
        visit.look(f"account-refused-{language}", width=NARROW)


@slow
@both
def test_a_book_is_walked_from_totals_over_a_shock_to_a_segment_and_one_account(visiting, language):
    with visiting(language) as visit:
        visit.go("/book")
        before = visit.text("section.answer")
        visit.open("#shock")
        visit.find("#shock").fill("KOSPI -23%")
        visit.click("form:has(#shock) button.main")
        visit.wait("#scenario")
        assert before != visit.text("section.answer")
        visit.click(".drill a")
        visit.wait("h1")
        segments = set(visit.page.locator("tbody td:nth-child(2)").all_inner_texts())
        assert [visit.find("#segment").input_value()] == list(segments)
        rows = pl.read_csv(visit.kept("a[href$='/accounts.csv']"))
        assert rows.equals(pl.read_parquet(visit.kept("a[href$='/accounts.parquet']")))
        account = visit.text("tbody th a")
        assert account in rows["account"].to_list()
        visit.click("tbody th a")
        visit.wait("dl.pairs")
        assert account in visit.text("h1")
        must_speak(language, visit.text("main"))


@slow
@both
def test_small_files_of_a_book_are_read_checked_and_shocked(visiting, language):
    with visiting(language) as visit:
        visit.go("/book")
        visit.open("#files")
        visit.find("#files").set_input_files(sorted(EVENING.glob("*.csv")))
        visit.find("#of").fill("2025-10-31")
        visit.click("form:has(#files) button.main")
        first = visit.text("section.answer")
        must_speak(language, first)
        assert "run=" in visit.page.url
        visit.open("#shock")
        visit.find("#shock").fill("KOSPI -20%")
        visit.click("form:has(#shock) button.main")
        visit.wait("#scenario")
        assert first != visit.text("section.answer")


@slow
@both
@pytest.mark.parametrize(
    "name, content", [("holdings.xlsx", "PK"), ("holdings.csv", "account,ticker,quantity\nA1,005930,-1\n")]
)
def test_files_that_are_no_book_are_refused_in_words(visiting, language, name, content, tmp_path):
    (tmp_path / name).write_text(content)
    with visiting(language) as visit:
        visit.allowed = {422}
        visit.go("/book")
        visit.open("#files")
        visit.find("#files").set_input_files(tmp_path / name)
        visit.click("form:has(#files) button.main")
        must_speak(language, visit.text("section.warning"))
        assert str(tmp_path) not in visit.page.content() and "/shm" not in visit.page.content()
        visit.look(f"book-refused-{Path(name).suffix[1:]}-{language}", width=NARROW)


@slow
@both
def test_a_shock_is_set_by_the_slider_and_its_link_gives_the_same_answer_to_another(visiting, language):
    with visiting(language) as visit:
        visit.go("/country")
        visit.open("#fall")
        for _ in range(4):
            visit.find("#fall").press("ArrowRight")
        visit.find("form:has(#shock) select[name=scale]").select_option("1000")
        visit.click("form:has(#shock) button.main")
        visit.wait("#curve")
        assert "24" in visit.text("h1")
        said, link = visit.text("main"), visit.find("section[aria-labelledby=downloads] p a >> nth=-1")
        address = link.get_attribute("href")
        assert "shock=KOSPI+-24%25" in address
    with visiting(language) as other:
        other.go(address)
        assert said == other.text("main")


@slow
@both
def test_an_episode_is_told_day_by_day(visiting, language):
    with visiting(language) as visit:
        visit.go("/country")
        visit.open("#replay")
        visit.find("#replay").select_option("covid-2020")
        visit.find("form:has(#replay) select[name=scale]").select_option("1000")
        visit.click("form:has(#replay) button.main")
        visit.open("section[aria-labelledby=days] table")
        assert 50 < visit.count("section[aria-labelledby=days] table >> nth=0 >> tbody tr")
        assert 1 == visit.count("section[aria-labelledby=record]")
        must_speak(language, visit.text("section.answer"))


@slow
@both
def test_two_laws_stand_side_by_side_with_helped_and_hurt(visiting, language):
    with visiting(language) as visit:
        visit.go("/country")
        visit.open("#reform")
        before = visit.find("#reform").input_value()
        visit.click(".presets button >> nth=1")
        assert before != visit.find("#reform").input_value()
        visit.find("form:has(#reform) select[name=scale]").select_option("1000")
        visit.click("form:has(#reform) button.main")
        must_speak(language, visit.text("section.answer"))
        visit.open("section[aria-labelledby=groups] table")
        assert 10 < visit.count("section[aria-labelledby=groups] tbody tr")
        assert 1 == visit.count("section[aria-labelledby=groups] img.chart")


@slow
@both
def test_a_long_run_shows_its_progress_survives_a_reload_leaves_others_free_and_is_cancelled(visiting, language):
    fall = {"en": 31, "ko": 32}[language]
    with visiting(language) as visit:
        visit.go(f"/country?shock=KOSPI+-{fall}%25&scale=1")
        run = visit.wait(".progress[data-run] progress").evaluate("(each) => each.closest('[data-run]').dataset.run")
        must_speak(language, visit.text(".progress"))
        visit.until(lambda: visit.count("progress[max]"), "how far the run is")
        visit.look(f"running-{language}", width=NARROW)
        visit.page.reload()
        assert run == visit.wait(".progress[data-run]").get_attribute("data-run")

        with visiting(language) as other:
            begun = time.monotonic()
            other.go("/account")
            other.click("[data-example]")
            other.click("form#account button.main")
            other.wait("section.answer")
            assert 15 > time.monotonic() - begun
        assert 1 == visit.count(".progress progress")

        visit.click(".progress form[action$='/cancel'] button")
        visit.wait(".progress [role=alert]")
        must_speak(language, visit.text(".progress"))
        visit.look(f"cancelled-{language}", width=NARROW)
        visit.open("#shock")
        visit.find("#shock").fill(f"KOSPI -{fall}.5%")
        visit.find("form:has(#shock) select[name=scale]").select_option("1000")
        visit.click("form:has(#shock) button.main")
        must_speak(language, visit.text("section.answer"))


@slow
def test_what_was_cancelled_can_be_asked_again(visiting):
    with visiting() as visit:
        visit.go("/country?replay=june-2022&scale=1000")
        visit.wait(".progress progress")
        visit.click(".progress form[action$='/cancel'] button")
        visit.wait(".progress [role=alert]")
        visit.open("#replay")
        visit.click("form:has(#replay) button.main")
        visit.wait(".progress form[action='/country'] button, section.answer")
        if visit.count(".progress form[action='/country'] button"):
            visit.click(".progress form[action='/country'] button")
        visit.wait("section.answer")


@slow
def test_the_language_is_chosen_on_the_page_and_stays_chosen(visiting):
    with visiting("ko") as visit:
        visit.go("/country?shock=KOSPI+-20%25&scale=1000")
        korean = visit.text("section.answer")
        visit.click("nav a[hreflang=en]")
        visit.until(lambda: korean != visit.text("section.answer"), "the page in English")
        must_speak("en", visit.text("section.answer"))
        assert "en" == visit.find("html").get_attribute("lang")
        visit.click("nav a[href='/book']")
        must_speak("en", visit.text("section.answer"))
        visit.click("nav a[hreflang=ko]")
        visit.until(lambda: "ko" == visit.find("html").get_attribute("lang"), "the page in Korean")
        must_speak("ko", visit.text("section.answer"))


@slow
@both
def test_without_scripts_a_form_is_answered_and_a_link_needs_one_button(visiting, language):
    with visiting(language, java_script_enabled=False) as visit:
        visit.go("/account")
        visit.find("#holding").fill("005930 930 @ 107500")
        visit.find("#loan").fill("59,980,000 on 005930")
        visit.click("form#account button.main")
        must_speak(language, visit.text("section.answer"))
        visit.go({"en": "/country?replay=june-2022&scale=1900", "ko": "/country?shock=-27%25&scale=1000"}[language])
        visit.click(".progress[data-start] button.main")
        must_speak(language, visit.text("section.answer"))


@slow
@both
def test_every_page_fits_a_phone_and_a_screen_by_day_and_by_night(visiting, tour, kind, language):
    with visiting(language, sees=True) as visit:
        visit.allowed = {tour[kind].status}
        visit.go(tour[kind].address)
        assert language == visit.find("html").get_attribute("lang")
        for dark in (False, True):
            for width in (WIDE, NARROW):
                visit.look(f"{kind}-{language}", dark, width)
        visit.unfold()
        assert [] == (visit.english() if language == "ko" else [])
