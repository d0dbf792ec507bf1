"""Fixtures of tests that see the site with a real Chromium, for modules that say ``pytest_plugins = ["web.browser"]``.

The site is started once for all of them, by the command, as anybody starts it.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from web.visits import COMMAND, PATIENCE_SECONDS, Visit, gaemi, skip_without_parts_of_the_site, visitor

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
BOOK_ACCOUNTS = 2000

Visiting = Callable[..., AbstractContextManager[Visit]]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser, for one module: while it is driven, no other test of this process could run an event loop."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install 'gaemi[browser]'")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"no browser here: none of {', '.join(PROGRAMS)} is on the path")
    as_root = () if os.geteuid() else ("--no-sandbox",)
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=[*QUIET, *as_root])
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
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with an invented book."""
    skip_without_parts_of_the_site()
    book = tmp_path_factory.mktemp("served") / "book"
    gaemi("book", "--example", str(BOOK_ACCOUNTS), "--out", str(book))
    words = [*COMMAND, "serve", "--port", "0", "--book", str(book)]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("gaemi is at http://127.0.0.1:"), said
            address = said.split()[-1].rstrip("/")
            _until_answered(address)
            yield address
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def visiting(chromium: Any, served: str, pictures: Path) -> Visiting:
    """``with visiting("ko") as visit:`` is a new visitor of the site."""
    return partial(visitor, chromium, served, pictures)


def _until_answered(address: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            httpx.get(f"{address}/static/icon.svg").raise_for_status()
            return
        except httpx.TransportError:
            assert time.monotonic() < end, f"no answer from {address} within {PATIENCE_SECONDS} s"
            time.sleep(0.1)
