"""Every kind of page that the site has, each with an answer on it, as an address to open."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

SAMPLE = 1000
ACCOUNT = {
    "holding": ["005930 930 @ 107500"],
    "loan": ["59,980,000 on 005930"],
    "goal": "80m",
    "by": "2027-12-31",
    "paths": 2000,
}
"""One that has something of everything: a loan near its call, a goal, odds, other leverage beside it."""

QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "weather": ("country", {}),
    "shock": ("country", {"shock": "KOSPI -20%", "scale": SAMPLE}),
    "coins": ("country", {"shock": "BTC -30%", "scale": SAMPLE, "coins": True}),
    "episode": ("country", {"replay": "covid-2020", "scale": SAMPLE}),
    "coin-episode": ("country", {"replay": "terra-2022", "scale": SAMPLE}),
    "two-laws": ("compare", {"reform": "lower_limit_for_all", "shock": "-30%", "scale": SAMPLE}),
    "account": ("account", ACCOUNT),
    "account-episode": ("account", {**ACCOUNT, "replay": "covid-2020"}),
    "book": ("book", {}),
    "book-shock": ("book", {"shock": "KOSPI -20%"}),
}
PLACES = {"country": "/country", "compare": "/country", "account": "/account", "book": "/book"}
STILL = {"account-form": "/account", "words": "/glossary", "api": "/api", "missing": "/nowhere"}
KINDS = (*QUESTIONS, "accounts", "one-account", *STILL)


@dataclass(frozen=True)
class Stop:
    """A page to open, and the status that it comes with."""

    address: str
    status: int


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of page in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def tour(served: str) -> dict[str, Stop]:
    """Each kind of page of a site that has answered every question of them, as a program asks."""
    at = dict(STILL)
    with httpx.Client(base_url=served, timeout=120) as client:
        for name, (view, asked) in QUESTIONS.items():
            run = _run_of(client, view, asked) if asked else ""
            told = {"run": run} if view == "account" else asked
            at[name] = f"{PLACES[view]}?{urlencode({**told, **({'coins': 1} if told.get('coins') else {})})}".rstrip(
                "?"
            )
        run = _run_of(client, "book", {})
        heading, *rows = client.get(f"/api/runs/{run}/tables/accounts.csv").text.lstrip("\ufeff").splitlines()
        place = heading.split(",").index("rank")
        nearest = next(row for row in rows if row.split(",")[place] == "1").split(",")[0]
    at["accounts"] = f"/book/accounts?run={run}"
    at["one-account"] = f"/book/account?{urlencode({'run': run, 'account': nearest})}"
    return {name: Stop(address, 404 if name == "missing" else 200) for name, address in at.items()}


def _run_of(client: httpx.Client, view: str, asked: dict[str, Any]) -> str:
    """The run that answers a question, once it is done."""
    answer = client.post(f"/api/{view}", params={"wait": 30}, json=asked)
    if answer.status_code == 202:
        run = str(answer.json()["id"])
        while answer.status_code == 202:
            client.get(f"/api/runs/{run}", params={"wait": 30})
            answer = client.get(f"/api/runs/{run}/document")
    assert 200 == answer.status_code, answer.text
    return str(answer.headers["gaemi-run"])
