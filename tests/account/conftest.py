"""Accounts asked about inside this process, each answer worked out once; few paths, for errors are told beside."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from gaemi.account.portfolio import Portfolio, portfolio
from gaemi.account.request import Request
from gaemi.account.standing import Standing, standing_of
from gaemi.account.start import start_won
from gaemi.account.trip import Case, trip_of
from gaemi.account.view import _cases, _setting
from gaemi.account.view import account as run
from gaemi.law.lawbook import LawBook, load
from gaemi.walks import Trip, Walked, walk_paths
from gaemi.workers import LocalWorkers

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "accounts"
NAMES = ("own_money", "borrowed", "mixed")
ON = date(2025, 10, 31)
PATHS = 400
WORKED = {"holding": ("005930 1000 @ 71000",), "loan": ("45m",), "firm": "standard", "on": ON}
"""The account of the first sentence: 1,000 shares at 71,000 won, 45 million of them borrowed."""


@cache
def law() -> LawBook:
    return load()


def request(name: str | None = None, **options: Any) -> Request:
    """What is asked: an example by its name, a ``file`` or options of the command."""
    if name is not None:
        options["file"] = EXAMPLES / f"{name}.yaml"
    return Request(**{"paths": PATHS} | options)


def who(name: str | None = None, **options: Any) -> Portfolio:
    return portfolio(request(name, **options), law())


def standing(name: str | None = None, **options: Any) -> Standing:
    return standing_of(who(name, **options))


def mapping(*holdings: Mapping[str, Any], loans: tuple[Mapping[str, Any], ...] = (), **others: Any) -> dict[str, Any]:
    """An account as a mapping, on the day of the shipped prices."""
    return {"on": str(ON), "holdings": list(holdings), "loans": list(loans)} | others


@cache
def _document(asked: Request) -> dict[str, Any]:
    return run(asked, book=law()).document


def document(name: str | None = None, **options: Any) -> dict[str, Any]:
    """The document; the same question is worked out once."""
    asked = request(name, **options)
    return _document(asked) if not isinstance(asked.file, Mapping) else run(asked, book=law()).document


def plain(told: Mapping[str, Any]) -> dict[str, Any]:
    """A document without what may differ between runs, as JSON has it."""
    read: dict[str, Any] = json.loads(json.dumps(told))
    return {name: value for name, value in read.items() if name not in ("run", "timing")}


@dataclass(frozen=True)
class Walk:
    """Every case of an account walked along its paths, with what each was worth at the start."""

    cases: list[Case]
    trip: Trip
    walked: Walked
    starts: list[int]


@cache
def walk(name: str | None = None, **options: Any) -> Walk:
    """The paths below the document of the same question."""
    from gaemi.account.leverage import steps_of

    asked = request(name, **options)
    setting = _setting(asked, portfolio(asked, law()))
    cases = _cases(setting, steps_of(setting.portfolio))
    trip = trip_of(cases, setting.movers, setting.model, asked.seed)
    with LocalWorkers(2) as workers:
        walked = walk_paths(trip, asked.paths, workers)
    return Walk(cases, trip, walked, [start_won(trip, v) for v in range(len(cases))])
