"""Every kind of page that the site has, each with an answer on it, as an address to open."""

from dataclasses import dataclass
from pathlib import Path
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
STILL = {"account-form": "/account", "words": "/glossary", "api": "/api", "missing": "/nowhere"}
EXPECTED = {"missing": 404}
"""The status of a page that is not 200."""

KINDS = (*QUESTIONS, "accounts", "one-account", *STILL)


@dataclass(frozen=True)
class Tour:
    """The address of each kind of page, at a site that has answered every question of them."""

    site: str
    at: dict[str, str]


@pytest.fixture(scope="session")
def tour(served: str) -> Tour:
    """Ask every question once, as a program does, so that its page is there to be looked at."""
    at = dict(STILL)
    with httpx.Client(base_url=served, timeout=120) as client:
        for kind, (view, asked) in QUESTIONS.items():
            at[kind] = _address(view, asked, _run_of(client, view, asked))
        run = _run_of(client, "book", {})
        at["accounts"] = f"/book/accounts?run={run}"
        first = client.get(f"/api/runs/{run}/tables/accounts.csv").text.splitlines()[1].split(",")[0]
        at["one-account"] = f"/book/account?{urlencode({'run': run, 'account': first})}"
    return Tour(served, at)


def _run_of(client: httpx.Client, view: str, asked: dict[str, Any]) -> str:
    """The run that answers a question, once it is done."""
    answer = client.post(f"/api/{view}", params={"wait": 30}, json=asked)
    run = answer.headers["gaemi-run"] if answer.status_code == 200 else answer.json()["id"]
    while answer.status_code == 202:
        answer = client.get(f"/api/runs/{run}/document", params={"wait": 30})
    assert 200 == answer.status_code, answer.text
    return str(run)


def _address(view: str, asked: dict[str, Any], run: str) -> str:
    if view == "account":
        return f"/account?run={run}"
    place = "book" if view == "book" else "country"
    told = {name: "1" if value is True else value for name, value in asked.items()}
    return f"/{place}?{urlencode(told)}" if told else f"/{place}"


