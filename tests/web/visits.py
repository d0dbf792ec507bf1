"""A visitor in a real Chromium: what it asks for is written down, and nothing may go wrong on its pages."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

COMMAND = (sys.executable, "-c", "from gaemi.cli import main; main()")
LANGUAGES = ("en", "ko")
LOCALES = {"en": "en-GB", "ko": "ko-KR"}
WIDE, NARROW = 1100, 390
PATIENCE_SECONDS = 60

_HANGUL, _LATIN = re.compile(r"[가-힣]"), re.compile(r"[a-z]")
_ENGLISH, _PROSE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}"), re.compile(r"[a-z]{2,}(?: [a-z]{2,}){3,}")
"""Two English words where nothing is Korean, or four in a row anywhere: names and titles are fewer."""

READ = """() => {
  const own = "[translate=no], [lang=en], code, pre, script, style, textarea", found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) if (!texts.currentNode.parentElement.closest(own)) found.push(texts.currentNode.data);
  for (const each of document.querySelectorAll("[alt], [aria-label]")) {
    if (!each.closest(own)) found.push(each.getAttribute("alt") ?? each.getAttribute("aria-label"));
  }
  return [document.title, ...found];
}"""
"""Every text of a page that is said in its language, also where it is folded or only read aloud."""


@dataclass
class Visit:
    """One visitor with a browser of its own: nothing is kept from another.

    ``allowed`` are statuses above 399 that this visitor means to be given. Whoever does not see, asks for no pictures
    and is answered sooner.
    """

    site: str
    page: Any
    pictures: Path
    sees: bool = False
    allowed: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Write down from now on what the page asks for, and whatever goes wrong."""
        home = urlsplit(self.site).netloc

        def requested(request: Any) -> None:
            address = urlsplit(request.url)
            self.asked += [address._replace(fragment="").geturl(), request.headers.get("referer", "")]
            if address.scheme not in ("data", "blob", "about", "file") and address.netloc != home:
                self.troubles.append(f"another host was asked: {request.url}")

        def failed(request: Any) -> None:
            # A page that is left before all of it is there, and an address that is kept as a file, end as aborted.
            if request.failure != "net::ERR_ABORTED":
                self.troubles.append(f"{request.failure}: {request.url}")

        def answered(response: Any) -> None:
            if response.status >= 400 and response.status not in self.allowed:
                self.troubles.append(f"{response.status}: {response.url}")

        def said(message: Any) -> None:
            if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
                self.troubles.append(f"console: {message.text}")

        def pass_by(route: Any) -> None:
            if route.request.resource_type == "image":
                route.fulfill(status=204)
            else:
                route.continue_()

        if not self.sees:
            self.page.route("**/charts/**", pass_by)
        self.page.on("request", requested)
        self.page.on("requestfailed", failed)
        self.page.on("response", answered)
        self.page.on("console", said)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))

    def go(self, address: str) -> None:
        """Open a page of the site by its path, or any other by its whole address."""
        self.page.goto(address if "://" in address else self.site + address)

    def find(self, selector: str) -> Any:
        return self.page.locator(selector).first

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())

    def wait(self, selector: str, state: str = "visible") -> Any:
        """The first element of that kind, once it is to be seen."""
        found = self.find(selector)
        found.wait_for(state=state)
        return found

    def text(self, selector: str = "main") -> str:
        """What is to be read there, once it is there."""
        return str(self.wait(selector).inner_text())

    def click(self, selector: str) -> None:
        self.find(selector).click()

    def open(self, selector: str) -> None:
        """Unfold the details that hold what is looked for."""
        found = self.wait(selector, "attached")
        found.evaluate(
            "(each) => { for (let at = each; at; at = at.parentElement) if (at.open === false) at.open = true }"
        )
        found.wait_for()

    def until(self, holds: Callable[[], Any], what: str) -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < end, f"{what}: not within {PATIENCE_SECONDS} s"
            self.page.wait_for_timeout(50)

    def kept(self, selector: str) -> bytes:
        """The file that a link gives to keep."""
        self.open(selector)
        with self.page.expect_download() as begun:
            self.click(selector)
        return Path(begun.value.path()).read_bytes()

    def wear(self, dark: bool, width: int) -> None:
        """Be a screen of that width, light or dark; every picture arrives, those below the fold too."""
        self.page.emulate_media(color_scheme="dark" if dark else "light")
        self.page.set_viewport_size({"width": width, "height": 900})
        if self.sees:
            self.page.evaluate(
                "() => { for (const each of document.images) each.loading = 'eager';"
                " return Promise.all([...document.images].map((each) => each.decode())) }"
            )

    def look(self, name: str, dark: bool = False, width: int = WIDE) -> None:
        """Keep a picture of the whole page; it must be no wider than the window."""
        self.wear(dark, width)
        self.page.screenshot(path=self.pictures / f"{name}-{'dark' if dark else 'light'}-{width}.png", full_page=True)
        self.must_fit()

    def unfold(self, is_open: bool = True) -> None:
        """Open everything that is folded, or close it; the page must be no wider for it."""
        self.page.locator("details").evaluate_all(
            "(all, is_open) => { for (const each of all) each.open = is_open }", is_open
        )
        self.must_fit()

    def must_fit(self) -> None:
        """The page is no wider than the window."""
        wider = int(self.page.evaluate("() => document.documentElement.scrollWidth - innerWidth"))
        assert 0 >= wider, f"{self.page.url} is {wider} pixels wider than its window"

    def english(self) -> list[str]:
        """What is said in English on this page or in its pictures, and should be said in Korean."""
        texts: list[str] = self.page.evaluate(READ)
        for address in self.page.evaluate("() => [...document.images].map((each) => each.src)"):
            drawn = ElementTree.fromstring(self.page.request.get(address).body())
            texts += [text.text or "" for text in drawn.iter() if not text.tag.endswith("}style")]
        return sorted({text.strip() for text in texts if is_english(text)})


@contextmanager
def visitor(
    browser: Any, site: str, pictures: Path, language: str = "en", sees: bool = False, **more: Any
) -> Iterator[Visit]:
    """A new visitor, who reads that language and may see pictures; when it leaves, nothing may have gone wrong."""
    size = {"width": WIDE, "height": 900}
    context = browser.new_context(locale=LOCALES[language], viewport=size, **more)
    try:
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        visit = Visit(site, context.new_page(), pictures, sees)
        visit.watch()
        yield visit
        assert [] == visit.troubles
    finally:
        context.close()


def must_speak(language: str, text: str) -> None:
    """A text of a page is in its language, but for names and what somebody wrote."""
    assert ("ko" == language) == (len(_HANGUL.findall(text)) > len(_LATIN.findall(text))), text


def is_english(text: str) -> bool:
    return bool(_PROSE.search(text) or (_ENGLISH.search(text) and not _HANGUL.search(text)))


def gaemi(*words: str) -> str:
    """What the command prints."""
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True)
    assert 0 == done.returncode, done.stderr
    return done.stdout


def skip_without_parts_of_the_site() -> None:
    for name in ("fastapi", "pebble", "python_multipart", "uvicorn"):
        pytest.importorskip(name, reason=f"{name} is not installed: pip install 'gaemi[serve]'")
