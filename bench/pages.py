"""The pages of ``gaemi serve``, asked over the loopback as a browser asks: first view, an account, the slider."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from bench.figures import Figure, Target, seconds

FIRST_SECONDS, ACCOUNT_SECONDS, STEP_SECONDS = 1.0, 1.0, 0.4
WARM_SECONDS = 90.0
THREE_HOLDINGS = {
    "holding": "005930 1000 @ 71000\n000660 50 @ 500000\n069500 300 @ 50000",
    "loan": "45m on 005930",
    "goal": "200m",
}
"""A margin loan on one of three holdings, over a year: 10,000 paths under each drift."""

LONG = {"shock": "KOSPI -30%", "scale": "1"}
Say = Callable[[str], None]


@contextmanager
def site() -> Iterator[str]:
    """A site on a free port, warm; its address."""
    command = [str(Path(sys.executable).parent / "gaemi"), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as serving:
        try:
            assert serving.stdout is not None
            told = re.search(r"http://\S+", serving.stdout.readline())
            assert told, "the site says where it is"
            yield told.group().rstrip("/")
        finally:
            serving.terminate()


def page(address: str, form: dict[str, str] | None = None) -> tuple[str, str]:
    """A page, after whatever redirect, and the address at which it stands."""
    body = None if form is None else urlencode(form).encode()
    with urlopen(Request(address, body), timeout=WARM_SECONDS) as answer:
        return answer.read().decode(), answer.url


def asked(address: str, question: dict[str, object]) -> dict[str, object]:
    """An answer of the JSON API."""
    body = json.dumps(question).encode()
    with urlopen(Request(address, body, {"content-type": "application/json"}), timeout=WARM_SECONDS) as answer:
        told: dict[str, object] = json.loads(answer.read())
    return told


def first_view(at: str) -> None:
    """The country's page with its style, its script and the pictures of the first screen."""
    html, _ = page(f"{at}/country")
    pictures = re.findall(r'<img class="chart" src="([^"]+)"', html)
    for part in ("/static/style.css", "/static/gaemi.js", pictures[0].replace("&amp;", "&")):
        page(f"{at}{part}")


def warm(at: str) -> None:
    """One question to each worker, so that all of them have begun: they begin in turn after the site."""
    asked(f"{at}/api/country?wait=30", {"shock": "-10%", "scale": 1000})
    asked(f"{at}/api/account?wait=30", {"holding": ["005930 10"], "loan": ["300,000"], "paths": 100})


def account(at: str, place: int) -> str:
    """An account that nobody asked before, to its page; the run that answered."""
    html, where = page(f"{at}/account", THREE_HOLDINGS | {"cash": str(1_000_000 + place)})
    while 'section class="answer' not in html:
        time.sleep(0.02)
        html, where = page(where)
    return where.partition("run=")[2]


def figures(quick: bool, repeats: int, say: Say) -> Iterator[Figure]:
    """Each figure as the median of several; the slider's of ten steps each time."""
    say("pages")
    with site() as at:
        began = time.perf_counter()
        first_view(at)
        cold = time.perf_counter() - began
        yield Figure("the country's page, first visitor of a new site", "s", (cold,), note="its start included")
        views = tuple(seconds(lambda: first_view(at)) for _ in range(repeats + 1))[1:]
        yield Figure("the country's page", "s", views, Target(FIRST_SECONDS))
        warm(at)
        account(at, 0)
        accounts = tuple(seconds(lambda place=place: account(at, place)) for place in range(1, repeats + 1))
        yield Figure("an account of 3 holdings, 10,000 paths, to its page", "s", accounts, Target(ACCOUNT_SECONDS))
        run = account(at, repeats + 1)
        loans = [45_000_000 + step * 500_000 for step in range(1, 2 if quick else 11)]
        steps = tuple(
            seconds(lambda loan=loan: asked(f"{at}/account/step", {"run": run, "loan": loan})) for loan in loans
        )
        yield Figure("a step of the slider", "s", steps, Target(STEP_SECONDS))
        if not quick:
            asked(f"{at}/api/country?wait=0", {"shock": LONG["shock"], "scale": 1})
            time.sleep(3)
            beside = tuple(seconds(lambda place=place: account(at, place)) for place in range(100, 100 + repeats))
            yield Figure("the same account while the whole country runs", "s", beside)
