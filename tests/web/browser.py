"""A real Chromium, the site that it visits, and what must hold of every page that it is shown.

A test module takes the fixtures by ``pytest_plugins = ["web.browser"]``; they are made once for all modules.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

COMMAND = (sys.executable, "-c", "from gaemi.cli import main; main()")
LOCALES = {"en": "en-GB", "ko": "ko-KR"}
WIDE, NARROW = 1100, 390
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
PATIENCE_SECONDS = 60
BOOK_ACCOUNTS = 2000


@dataclass
class Visit:
    """One visitor in a browser of its own: nothing is kept from another, and every request is written down.

    ``allowed`` are the statuses that this visitor means to be given, beside those of a page that is shown.
    """

    site: str
    page: Any
    pictures: Path
    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    allowed: set[int] = field(default_factory=set)

    def watch(self) -> None:
        """Write down from now on what the page asks for, and whatever goes wrong."""
        page, home = self.page, urlsplit(self.site).netloc

        def asked(request: Any) -> None:
            self.requests.append(request.url)
            if urlsplit(request.url).scheme in ("http", "https", "ws", "wss") and urlsplit(request.url).netloc != home:
                self.troubles.append(f"another host was asked: {request.url}")

        def failed(request: Any) -> None:
            # A page that is left while something of it is on its way, and a file that is kept, end as aborted.
            if request.failure != "net::ERR_ABORTED":
                self.troubles.append(f"{request.failure}: {request.url}")

        def answered(response: Any) -> None:
            if response.status >= 400 and response.status not in self.allowed:
                self.troubles.append(f"{response.status}: {response.url}")

        def said(message: Any) -> None:
            is_of_status = "Failed to load resource" in message.text
            if message.type in ("error", "warning") and not is_of_status:
                self.troubles.append(f"console: {message.text}")

        page.on("request", asked)
        page.on("requestfailed", failed)
        page.on("response", answered)
        page.on("console", said)
        page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))

    def go(self, address: str) -> None:
        """Open a page of the site by its path."""
        self.page.goto(self.site + address)

    def find(self, selector: str) -> Any:
        return self.page.locator(selector)

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())

    def wait(self, selector: str, seconds: float = PATIENCE_SECONDS) -> Any:
        """The first element of that kind, once it is to be seen."""
        found = self.page.locator(selector).first
        found.wait_for(timeout=seconds * 1000)
        return found

    def text(self, selector: str = "main") -> str:
        return str(self.page.locator(selector).first.inner_text())

    def settle(self) -> None:
        """Let every picture of the page arrive, those below the fold too."""
        self.page.evaluate("document.querySelectorAll('img[loading=lazy]').forEach((each) => { each.loading = 'eager' })")
        self.page.evaluate("Promise.all([...document.images].map((each) => each.decode().catch(() => null)))")

    def look(self, name: str) -> None:
        """Keep a picture of the whole page; it must be no wider than the window."""
        self.settle()
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)
        assert 0 >= self.spare(), f"{name}: the page is wider than its window"

    def spare(self) -> int:
        """How many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


Visiting = Callable[..., AbstractContextManager[Visit]]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser; the test is skipped where there is none, or nothing that drives it."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"no browser here: none of {', '.join(PROGRAMS)} is on the path")
    boxed = () if os.geteuid() else ("--no-sandbox",)
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=[*QUIET, *boxed])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of pages are kept: the folder of ``GAEMI_SCREENSHOTS``, else one of pytest's own."""
    named = os.environ.get("GAEMI_SCREENSHOTS")
    folder = Path(named).resolve() if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def book_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An invented book of some accounts."""
    folder = tmp_path_factory.mktemp("book") / "book"
    gaemi("book", "--example", str(BOOK_ACCOUNTS), "--out", str(folder))
    return folder


@pytest.fixture(scope="session")
def served(book_folder: Path) -> Iterator[str]:
    """The address of the site, served by the command as anybody starts it, with a book."""
    pytest.importorskip("uvicorn", reason="the site's own parts are not installed: pip install 'gaemi[serve]'")
    words = [*COMMAND, "serve", "--port", "0", "--book", str(book_folder)]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("gaemi is at http://127.0.0.1:"), said
            address = said.split()[-1].rstrip("/")
            until_answered(address)
            yield address
        finally:
            process.terminate()
            assert 0 == process.wait(timeout=30) or process.returncode < 0


@pytest.fixture(scope="session")
def visiting(chromium: Any, served: str, pictures: Path) -> Visiting:
    """``with visiting("ko") as visit:`` a new visitor; at the end nothing may have gone wrong on its pages."""

    @contextmanager
    def visit(language: str = "en", width: int = WIDE, dark: bool = False, **more: Any) -> Iterator[Visit]:
        context = chromium.new_context(
            locale=LOCALES[language], viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light", **more,
        )  # fmt: skip
        try:
            context.set_default_timeout(PATIENCE_SECONDS * 1000)
            begun = Visit(served, context.new_page(), pictures)
            begun.watch()
            yield begun
            assert [] == begun.troubles
        finally:
            context.close()

    return visit


def until_answered(address: str) -> None:
    """Wait until the site answers at all."""
    for _ in range(PATIENCE_SECONDS * 10):
        try:
            httpx.get(f"{address}/static/icon.svg").raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {address} within {PATIENCE_SECONDS} s")


def gaemi(*words: str) -> str:
    """What the command prints."""
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True)
    assert 0 == done.returncode, done.stderr
    return done.stdout
