"""What is taken along from a page: pictures in both languages, and the page as one file."""

import base64
import hashlib
import re
from concurrent.futures import Future
from typing import Any
from unittest.mock import patch

import pytest
from web.markup import read
from web.site import QUICK, SHOCK, Here

from gaemi.web.other_pages import DRAWN_POLICY

HTML = {"accept": "text/html", "accept-language": "en"}
ELSEWHERE = re.compile(r"""(?:href|src|action|url\(|@import)[\s="'(]+(?:https?:)?//""")


@pytest.fixture(scope="module")
def run(site: Here) -> str:
    return site.run("country", SHOCK)


def hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.mark.parametrize(
    ("view", "fields"), [pytest.param("country", SHOCK, marks=pytest.mark.slow), ("account", QUICK)]
)
def test_a_saved_page_stands_alone_under_a_policy_of_its_own(site: Here, view: str, fields: dict[str, Any]) -> None:
    answer = site.get(f"/runs/{site.run(view, fields)}/report.html")
    assert 'attachment; filename="report.html"' == answer.headers["content-disposition"]
    page = answer.text
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    allowed = {found for found in re.findall(r"'sha256-([^']+)'", policy)}
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy
    pieces = re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", page, re.DOTALL)
    assert allowed == {hashed(piece) for piece in pieces if hashed(piece) in allowed} and len(allowed) >= 3
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert hashed(script) in allowed and "<script " not in page
    assert None is ELSEWHERE.search(page)
    assert ' lang="en"' in page and ' lang="ko"' in page, "every language in one file"
    assert [] == re.findall(r'(?:href|src)="/[^"]*"', page), "nothing leads back to a site that may be gone"


def test_a_picture_is_drawn_in_the_language_that_is_asked_for(site: Here, run: str) -> None:
    drawn = {}
    for code in ("en", "ko"):
        for narrow in (0, 1):
            answer = site.get(f"/runs/{run}/charts/call-map.svg?lang={code}&narrow={narrow}")
            assert (200, "image/svg+xml") == (answer.status_code, answer.headers["content-type"])
            assert DRAWN_POLICY == answer.headers["content-security-policy"] and "script" not in answer.text
            assert "private, max-age=600" == answer.headers["cache-control"]
            drawn[code, narrow] = answer.text
    assert 4 == len(set(drawn.values())) and all(each.startswith("<svg ") for each in drawn.values())
    assert re.search("[가-힣]", drawn["ko", 0]) and not re.search("[가-힣]", drawn["en", 0])
    again = site.get(f"/runs/{run}/charts/call-map.svg?lang=ko").text
    assert drawn["ko", 0] == again
    by_cookie = site.get(f"/runs/{run}/charts/call-map.svg", headers={"cookie": "gaemi-language=ko"})
    assert again == by_cookie.text


def test_a_picture_is_kept_as_svg_or_png(site: Here, run: str) -> None:
    png = site.get(f"/runs/{run}/charts/call-map.png?lang=ko")
    assert png.content.startswith(b"\x89PNG\r\n") and "image/png" == png.headers["content-type"]
    kept = site.get(f"/runs/{run}/charts/call-map.svg?lang=ko&file=1").text
    assert kept.startswith("<svg ") and ELSEWHERE.search(kept) is None and "<script" not in kept


@pytest.mark.slow
def test_every_picture_and_table_that_a_page_names_is_there(site: Here, run: str) -> None:
    for path in (f"/account?run={site.run('account', QUICK)}", "/country?shock=KOSPI+-20%25&scale=5000&days=2"):
        page = read(site.get(path, headers=HTML).text)
        addresses = {each for each in page.addresses if each.startswith(("/runs/", "/api/runs/", "/static/"))}
        assert len(addresses) > 10
        for address in sorted(addresses):
            if ".png" not in address:
                assert 200 == site.get(address).status_code, address


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("charts/nothing.svg", 404), ("charts/call-map.gif", 404), ("charts/call-map", 404), ("charts/", 404)),
        *(("charts/Call.svg", 422), ("charts/call-map.svg?narrow=perhaps", 422), ("charts/..%2fx.svg", 404)),
        *(("charts/call-map.svg?lang=xx", 200), ("report.pdf", 404), ("report.html/x", 404)),
    ],
)
def test_other_pictures_are_not_found(site: Here, run: str, path: str, status: int) -> None:
    assert status == site.get(f"/runs/{run}/{path}").status_code


def test_a_picture_of_a_run_that_is_not_done_is_not_there(site: Here) -> None:
    for path in ("charts/call-map.svg", "report.html", "charts/call-map.png"):
        assert 404 == site.get(f"/runs/abcdefghijkl/{path}").status_code


def test_a_page_tells_where_its_run_is(site: Here) -> None:
    """A run that is not at its end: its page says how far it is, and lets it be ended; then it says how it ended."""
    future: Future[Any] = Future()
    with patch.object(site.runs, "_schedule", return_value=future):
        run = site.post("/api/account?wait=0", json=QUICK).json()["id"]
    path = f"/account?run={run}"
    page = read((answer := site.get(path, headers=HTML)).text)
    assert 200 == answer.status_code and "Waiting for its turn" in page.text
    assert [{"http-equiv": "refresh", "content": "2"}] == [each for each in page.all("meta") if "http-equiv" in each]
    assert f"/runs/{run}/cancel" in page.addresses and path == page.value("back")
    assert run in [each.get("data-run") for each in page.all("section")]
    assert 404 == site.get(f"/runs/{run}/report.html").status_code
    future.set_running_or_notify_cancel()
    assert "Working it out" in read(site.get(path, headers=HTML).text).text
    future.set_exception(TimeoutError())
    assert "took too long and was ended" in read(site.get(path, headers=HTML).text).text
    assert 503 == site.get(f"/api/runs/{run}/document").status_code


def test_a_run_is_cancelled_from_its_page(site: Here) -> None:
    future: Future[Any] = Future()
    with patch.object(site.runs, "_schedule", return_value=future):
        run = site.post("/api/account?wait=0", json=QUICK).json()["id"]
    sent = site.post(f"/runs/{run}/cancel", data={"back": f"/account?run={run}"})
    assert (303, f"/account?run={run}") == (sent.status_code, sent.headers["location"])
    assert future.cancelled()
    assert "This run was cancelled" in read(site.get(sent.headers["location"], headers=HTML).text).text
    assert 503 == site.get(f"/api/runs/{run}/document").status_code


def test_a_run_that_failed_says_whose_mistake_it_is(site: Here) -> None:
    future: Future[Any] = Future()
    future.set_exception(KeyError("a figure of somebody"))
    with patch.object(site.runs, "_schedule", return_value=future):
        sent = site.post("/account", data={"holding": "005930 5 @ 71000"})
    page = site.get(sent.headers["location"], headers=HTML).text
    assert "it is our mistake" in page and "a figure of somebody" not in page
