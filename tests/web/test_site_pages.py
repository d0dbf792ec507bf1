"""Pages over HTTP: their languages, their links, what they never tell, and how they look at what they are given."""

from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import httpx
import pytest
from web.markup import Page, read
from web.site import BOOK_ON, HELD, QUICK, SHOCK, Here

from gaemi.web.answering import KEPT_LANGUAGE

pytestmark = pytest.mark.slow

HTML = {"accept": "text/html,application/xhtml+xml"}
PLAIN = ("/country", "/account", f"/book?on={BOOK_ON}&shock=-33%25", "/glossary", "/api")
SHOCKED = "/country?" + urlencode(SHOCK)
REFORM = "name: x\nnote: y\nchanges: {margin.maintenance: {unit: bps, value: 150%}}"


def page_at(here: Here, path: str, status: int = 200, **headers: str) -> Page:
    answer = here.get(path, headers=HTML | {name.replace("_", "-"): value for name, value in headers.items()})
    assert status == answer.status_code, (path, answer.status_code)
    assert "text/html; charset=utf-8" == answer.headers["content-type"]
    if status == 200:
        assert {"accept-language", "cookie"} <= set(answer.headers["vary"].split(", "))
    return read(answer.text)


@pytest.fixture(scope="module")
def answered(site: Here) -> dict[str, str]:
    """Addresses of pages that hold an answer."""
    account = site.run("account", QUICK)
    book = site.run("book", {"on": BOOK_ON, "shock": "-20%"})
    site.run("country", SHOCK)
    site.run("compare", {"reform": REFORM, "shock": "-30%", "scale": 5_000, "days": 2})
    compared = {"reform": REFORM, "shock": "-30%", "scale": 5_000, "days": 2}
    rows = site.get(f"/book/accounts?run={book}", headers=HTML).text
    one = rows.partition('href="/book/account?')[2].partition('"')[0].replace("&amp;", "&")
    return {
        "account": f"/account?run={account}",
        "country": SHOCKED,
        "compare": f"/country?{urlencode(compared)}",
        "book": f"/book?on={BOOK_ON}&shock=-20%25",
        "accounts": f"/book/accounts?run={book}",
        "one account": f"/book/account?{one}",
    }


@pytest.mark.parametrize("code", ["en", "ko"])
def test_every_page_speaks_both_languages(site: Here, answered: dict[str, str], code: str) -> None:
    for path in (*PLAIN, *answered.values()):
        page = page_at(site, path, accept_language=code)
        assert code == page.language, path
        other = "ko" if code == "en" else "en"
        (link,) = [each["href"] for each in page.all("a") if each.get("hreflang")]
        assert other == dict(parse_qsl(urlsplit(link).query))["lang"]
        assert other == page_at(site, str(link), accept_language=code).language
        assert ("내 계좌" in page.text) == (code == "ko"), path
    assert code == page_at(site, "/nothing", 404, accept_language=code).language


@pytest.mark.parametrize(
    ("said", "code"),
    [
        *(("ko", "ko"), ("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("en-US,en;q=0.9,ko;q=0.8", "en"), ("KO-kr", "ko")),
        *(("fr, de;q=0.9, ko;q=0.1", "ko"), ("en;q=0.1, ko;q=0.9", "ko"), ("en ; q=0.1 , ko ; q=0.9", "ko")),
        *(("ko;q=0, en", "en"), ("ko;q=0", "en"), ("*", "en"), ("fr", "en"), ("", "en"), ("ko;q=nan", "en")),
        *((";;;q=x,,=,ko;q=y", "en"), ("ko;q=-1", "en"), ("en;q=1;q=2,ko", "ko"), ("xx," * 5_000 + "ko", "en")),
    ],
)
def test_the_browser_chooses_the_language(site: Here, said: str, code: str) -> None:
    assert code == page_at(site, "/glossary", accept_language=said).language


def test_a_language_that_was_chosen_stays_chosen(site: Here) -> None:
    with httpx.Client(base_url=site.client.base_url, headers=HTML | {"accept-language": "en"}) as browser:
        chosen = browser.get("/glossary?lang=ko").headers["set-cookie"]
        assert chosen.startswith(f"{KEPT_LANGUAGE}=ko;")
        assert {"HttpOnly", "Path=/", "SameSite=strict"} < set(chosen.split("; "))
        kept = browser.get("/account")
        assert "ko" == read(kept.text).language and "set-cookie" not in kept.headers
        for odd in ("xx", "../..", "<script>", "ko\x00", ""):
            answer = browser.get("/account", params={"lang": odd})
            assert "ko" == read(answer.text).language and "set-cookie" not in answer.headers
        assert "en" == read(browser.get("/account?lang=en").text).language == read(browser.get("/book").text).language
        browser.cookies.set(KEPT_LANGUAGE, "<script>")
        assert "en" == read(browser.get("/account").text).language


def count(here: Here) -> int:
    return len(here.runs._runs)


def test_to_look_at_a_page_starts_nothing(site: Here, answered: dict[str, str]) -> None:
    before = count(site)
    new = ("/country?shock=KOSPI+-7%25&scale=9999", "/country?replay=june-2022", f"/book?on={BOOK_ON}&shock=-7%25")
    for path in (*PLAIN, *answered.values(), *new, "/country?reform=x", "/account?holding=x&quick=1"):
        assert site.get(path, headers=HTML).status_code < 500
        assert site.client.head(path, headers=HTML).status_code < 500
    for path in new:
        page = page_at(site, path)
        hidden = {each["name"]: each["value"] for each in page.all("input") if each.get("type") == "hidden"}
        assert dict(parse_qsl(urlsplit(path).query)) == hidden, "the question stands there, ready to be asked"
    assert before == count(site)


def test_a_permanent_link_holds_its_question_and_shows_its_answer(site: Here) -> None:
    asked = {"shock": "KOSPI -15%, KOSDAQ -25% over 2d", "scale": "9000", "days": "2", "feedback": "0", "seed": "4"}
    address = f"/country?{urlencode(asked)}"
    assert "not been worked out yet" in page_at(site, address).text
    sent = site.post("/country", data=asked)
    assert (303, address) == (sent.status_code, sent.headers["location"])
    site.run("country", asked | {"scale": 9000, "days": 2, "feedback": False, "seed": 4})
    page = page_at(site, address)
    (permanent,) = {each for each in page.addresses if each.startswith("/country?") and "lang=" not in each}
    assert asked == dict(parse_qsl(urlsplit(permanent).query))
    shown = [site.get(path, headers=HTML).text for path in (address, permanent)]
    swapped = "/country?" + urlencode(dict(reversed(asked.items())))
    with httpx.Client(base_url=site.client.base_url, headers=HTML) as visitor:
        shown.append(visitor.get(swapped).text)
    assert 1 == len(set(shown)), "everybody sees the same, whoever asked"
    assert asked["shock"] == page.value("shock")


def test_two_laws_have_a_permanent_link_too(site: Here, answered: dict[str, str]) -> None:
    page = page_at(site, answered["compare"])
    links = [dict(parse_qsl(urlsplit(each).query)) for each in page.addresses if each.startswith("/country?")]
    assert links and all(each["reform"] == REFORM for each in links)
    assert any(REFORM in text for text in page.texts), "the text stands in its field"


FIGURES = {"holding": "005930 1234 @ 71717", "loan": "45,678,901 on 005930", "cash": "3,456,789", "goal": "987,654,321"}
TOLD = ("1234", "71717", "45678901", "45,678,901", "45%2C678", "3,456,789", "3456789", "987", "005930")


def test_the_figures_of_an_account_are_in_no_address(site: Here) -> None:
    sent = site.post("/account", data=FIGURES | {"paths": "100"}, headers=HTML)
    location = sent.headers["location"]
    run = location.removeprefix("/account?run=")
    assert 303 == sent.status_code and 24 <= len(run) and "set-cookie" not in sent.headers
    for path in (location, f"{location}&lang=ko"):
        page = page_at(site, path)
        known = [each.replace(run, "") for each in page.addresses]
        assert [] == [each for each in known for figure in TOLD if figure in each]
        headers = site.get(path, headers=HTML).headers
        assert [] == [value for value in headers.values() for figure in TOLD if figure in value.replace(run, "")]
    more = site.post("/account/more", data={"run": run})
    step = site.post("/account/step", json={"run": run, "loan": 40_000_000})
    assert 303 == more.status_code and step.json()["html"]
    for answer in (more, step):
        assert [] == [value for value in answer.headers.values() for figure in TOLD if figure in value]
    others = ("/account", "/country", "/book", "/api")
    assert [] == [path for path in others for figure in TOLD[:4] if figure in site.get(path, headers=HTML).text]


HOSTILE = "</textarea><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}{% raw %}&lt;"


def harmless(answer: httpx.Response) -> Page:
    """A page that shows what was given as text alone."""
    assert answer.status_code in (200, 303, 404, 422), answer.status_code
    page = read(answer.text)
    assert [] == page.all("img") or all(str(each["src"]).startswith("/runs/") for each in page.all("img"))
    assert "49" not in [text.strip() for text in page.texts] and "7*749" not in answer.text
    return page


def shown(answer: httpx.Response) -> Page:
    assert "alert(1)" in answer.text
    return harmless(answer)


@pytest.mark.parametrize("code", ["en", "ko"])
def test_hostile_words_are_words(site: Here, code: str) -> None:
    language = {"lang": code}
    names = ("shock", "reform", "replay", "state", "on", "scale", "days", "seed", HOSTILE)
    for name in names:
        shown(site.get("/country", params=language | {name: HOSTILE}, headers=HTML))
    for name in ("shock", "replay", "break_share", "paths", "capital", "firm", "on"):
        shown(site.get("/book", params=language | {name: HOSTILE}, headers=HTML))
    harmless(site.get("/book", params=language | {HOSTILE: HOSTILE}, headers=HTML))
    for name in ("holding", "loan", "cash", "goal", "by", "saving", "firm", "replay", "drift", "on", "paths"):
        given = {"holding": HELD} | {name: HOSTILE}
        shown(site.post(f"/account?lang={code}", data=given, headers=HTML))
    harmless(site.post(f"/account?lang={code}", data={}, files={"file": (f"x.{HOSTILE}", b"x")}, headers=HTML))
    files = [("files", (f"{HOSTILE}.csv", b"x")), ("files", ("holdings.csv", b"x"))]
    harmless(site.post(f"/book?lang={code}", files=files, headers=HTML))
    harmless(site.get(f"/{quote(HOSTILE, safe='')}", params=language, headers=HTML))


def test_a_hostile_account_is_shown_as_its_words(site: Here) -> None:
    name = {"name": HOSTILE, "holdings": [HELD], "loans": ["45m on 005930"]}
    run = site.run("account", {"account": name, "quick": True, "paths": 100})
    for code in ("en", "ko"):
        page = harmless(site.get(f"/account?run={run}&lang={code}", headers=HTML))
        assert HOSTILE in page.text


@pytest.mark.slow
def test_a_hostile_account_is_saved_as_its_words(site: Here) -> None:
    name = {"name": HOSTILE, "holdings": [HELD]}
    run = site.run("account", {"account": name, "quick": True, "paths": 100})
    saved = site.get(f"/runs/{run}/report.html").text
    assert "alert(1)" in saved and "<script>alert" not in saved and "<img" not in saved


def test_a_hostile_book_is_shown_as_its_words(site: Here) -> None:
    cell = '"' + HOSTILE.replace('"', '""') + '"'
    holdings = f"account,ticker,quantity\n{cell},005930,100\nB,005930,10\n".encode()
    accounts = f"account,segment,cash\n{cell},{cell},5\nB,=cmd,6\n".encode()
    loans = f"account,kind,amount,opened\n{cell},margin,5000000,2025-09-01\n".encode()
    files = [("files", (f"{name}.csv", body)) for name, body in (("holdings", holdings), ("accounts", accounts))]
    sent = site.post("/book", data={"on": BOOK_ON}, files=[*files, ("files", ("loans.csv", loans))], headers=HTML)
    assert 303 == sent.status_code, read(sent.text).text
    run = sent.headers["location"].partition("run=")[2]
    assert "done" == site.ended(run)["state"]
    for code in ("en", "ko"):
        for path in ("/book?", "/book/accounts?sort=account&", f"/book/account?account={quote(HOSTILE, safe='')}&"):
            page = harmless(site.get(f"{path}run={run}&lang={code}", headers=HTML))
            assert HOSTILE in page.text, path
    params = {"run": run, "segment": HOSTILE, "account": HOSTILE, "sort": HOSTILE, "firm": HOSTILE, "outcome": "x"}
    harmless(site.get("/book/accounts", params=params, headers=HTML))
    harmless(site.get("/book/accounts", params={"run": HOSTILE}, headers=HTML))
    assert "'=cmd" in site.get(f"/api/runs/{run}/tables/accounts.csv").text


def test_what_is_refused_is_said_where_it_was_asked(site: Here) -> None:
    page = page_at(site, "/country?scale=0&days=x&shock=-20%25", 422)
    assert "--scale" in page.text and "--days" in page.text and "-20%" == page.value("shock")
    asked = {"shock": "everything falls", "scale": "9000"}
    sent = site.post("/country", data=asked)
    page = page_at(site, sent.headers["location"], 422)
    assert "--shock, character 1" in page.text and "'everything falls'" in page.text
    page = page_at(site, f"{sent.headers['location']}&lang=ko", 422)
    assert "ko" == page.language and "'everything falls'" in page.text
    given = {"holding": "999999 5\n" + HELD, "loan": "much", "cash": "5m"}
    page = read((answer := site.post("/account", data=given, headers=HTML)).text)
    assert 422 == answer.status_code and "--loan 'much'" in page.text and "5m" == page.value("cash")
    assert any("999999 5" in text for text in page.texts), "what was written is not lost"
    page = page_at(site, "/book?paths=-5&on=never", 422)
    assert "--paths" in page.text and "--on" in page.text


@pytest.mark.parametrize("place", ["account", "book"])
def test_a_run_that_is_forgotten_or_of_another_page_says_so(site: Here, answered: dict[str, str], place: str) -> None:
    other = site.run("country", SHOCK)
    for run in ("abcdefghijklmnop", "../..", "x", other):
        assert "no longer kept" in page_at(site, f"/{place}?run={run}", 422).text
    assert 404 == site.post("/account/more", data={"run": other}).status_code
    assert 404 == site.post("/account/step", json={"run": "abcdefgh", "loan": 5}).status_code
    assert 404 == site.get(f"/book/accounts?run={other}").status_code
    assert 303 == site.post("/runs/abcdefghijkl/cancel", data={"back": "/account"}).status_code


@pytest.mark.parametrize(
    ("back", "to"),
    [
        *(("/country?shock=-20%25", "/country?shock=-20%25"), ("/account?run=x", "/account?run=x"), ("/book", "/book")),
        *(
            ("//evil.com", "/"),
            ("https://evil.com", "/"),
            ("/\\evil.com", "/"),
            ("javascript:alert(1)", "/"),
            ("", "/"),
        ),
        *(("/countryx", "/"), ("/api/runs", "/"), ("\n/country", "/"), ("/country\r\nset-cookie: a=b", None)),
        *(("/account@evil.com", None), ("/book//evil.com", None), ("/country?x=" + "가" * 4_000, None)),
    ],
)
def test_to_cancel_leads_back_to_this_site(site: Here, back: str, to: str | None) -> None:
    answer = site.post("/runs/abcdefghijkl/cancel", data={"back": back})
    location = answer.headers["location"]
    assert 303 == answer.status_code and to in (None, location)
    assert site.client.base_url.host == httpx.URL(site.client.base_url).join(location).host
    assert "set-cookie" not in answer.headers and "\n" not in location


def test_home_is_the_weather(site: Here) -> None:
    assert "/country" == site.get("/").headers["location"]
    weather: Any = page_at(site, "/country")
    assert "20000" in weather.text or "1/20000" in weather.text, "of the sample that the test knows"


def test_a_page_that_fails_says_whose_mistake_it_is(site: Here) -> None:
    with patch("gaemi.web.other_pages.glossary", side_effect=KeyError("secret")):
        answer = httpx.get(site.client.base_url.join("/glossary"), headers=HTML)  # its connection is closed after it
    assert 500 == answer.status_code and "secret" not in answer.text and "an error of ours" in answer.text
    assert "content-security-policy" in answer.headers
