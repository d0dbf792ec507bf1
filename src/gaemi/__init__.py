"""gaemi: a weather service for leverage.

>>> import gaemi
>>> gaemi.law(on="2024-08-05").value("margin.maintenance", "standard")
14000
"""

from __future__ import annotations

import sys
from datetime import date
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gaemi.account.view import AccountResult
    from gaemi.book.coins import CoinBookResult
    from gaemi.book.venue import VenueBookResult
    from gaemi.book.view import BookResult
    from gaemi.calibration.view import CalibrationResult
    from gaemi.coins.view import CoinResult
    from gaemi.compare import CompareResult
    from gaemi.country import CountryResult
    from gaemi.hindcast.view import HindcastResult
    from gaemi.state.view import StateResult

__version__ = "0.1.0"
__all__ = ["DatedLaw", "__version__", "account", "book", "calibrate", "compare", "country", "hindcast", "law", "state"]


class DatedLaw:
    """The law of one date. ``value(path, key)`` is a number or a map; ``describe(path)`` says where it comes from."""

    def __init__(self, on: date) -> None:
        from gaemi.law.lawbook import load

        self.book = load()
        self.on = on

    def value(self, path: str, key: str | None = None) -> Any:
        """The value in force. Raises gaemi.errors.Refused for an unknown path, naming the closest."""
        return self.book.value(path, self.on, key)

    def describe(self, path: str) -> dict[str, Any]:
        """Value, unit, source, confidence, range, since when, next change."""
        from gaemi.law.lawbook import describe

        return describe(self.book, path, self.on)


def _day(day: str | date | None) -> date | None:
    from gaemi.days import parse_date

    return parse_date(day, "on") if isinstance(day, str) else day


def law(on: str | date) -> DatedLaw:
    """The law of a date, as ``2024-08-05`` or a date. Raises gaemi.errors.Refused."""
    day = _day(on)
    assert day is not None
    return DatedLaw(day)


def account(file: Any = None, on: str | date | None = None, **options: Any) -> AccountResult:
    """Where one investor's account stands, and the odds of the goal, of calls, of forced sales, of ruin.

    ``file`` is a path (YAML, JSON, CSV), a mapping with the same keys, or a frame of holdings. Options are the fields
    of gaemi.account.request.Request: holding, loan, cash, goal, by, saving, firm, what_if, model, paths, prices,
    replay, seed, threads ... The result has ``.summary``, ``.frame``, ``.chart()`` and ``.save(dir)``. Raises
    gaemi.errors.Refused for input that is not taken.
    """
    from gaemi.account.request import Request
    from gaemi.account.view import account as run

    for name in ("holding", "loan", "what_if"):
        if isinstance(options.get(name), str):
            options[name] = (options[name],)
        elif name in options:
            options[name] = tuple(options[name])
    return run(Request(file=file, on=_day(on), **options))


def book(source: Any, on: str | date | None = None, **options: Any) -> BookResult | VenueBookResult | CoinBookResult:
    """Which accounts of a firm's book break: tonight, tomorrow, under a ``shock``, a ``replay``, over ``paths``.

    ``source`` is a path, a URL of an object store or of PostgreSQL, a frame of holdings, or a mapping from accounts,
    loans, holdings, instruments and prices to paths or frames; positions of a coin venue, and coins and coin loans of
    an exchange, are books of their own.
    Options are the fields of gaemi.book.request.Request: shock, replay, break_share, paths, model, horizon, days,
    feedback, firm, capital, prices, rejects, validate, seed ..., and those of gaemi.means.Means: threads, workers,
    shards, resume ... The result has ``.summary``, ``.frame`` (one row an account), ``.tables``, ``.chart()`` and
    ``.save(dir)``. Raises gaemi.errors.Refused for input that is not taken; rows that are not are rejected and counted.
    """
    from gaemi.book.request import Request
    from gaemi.book.view import book as run

    return run(Request(source=source, on=_day(on), **options))


def country(on: str | date | None = None, **options: Any) -> CountryResult | CoinResult:
    """Stress Korea's stock investors: the fragility curve, one ``shock``, or a ``replay``, also one of coins.

    Options are the fields of gaemi.scene.Request: state (shipped, simple, or a folder that gaemi state --out wrote),
    shock, replay, scale (k for 1/k), days, feedback, seed, prices, balances, coins; and those of gaemi.means.Means:
    threads, workers, address, shards, resume, checkpoint. The result has ``.summary``, ``.frame``, ``.chart()`` and
    ``.save(dir)``. Raises gaemi.errors.Refused for input that is not taken.
    """
    from gaemi.country import country as run
    from gaemi.scene import Request

    return run(Request(on=_day(on), **options))


def compare(reform: str, on: str | date | None = None, **options: Any) -> CompareResult:
    """The country under the law and under a reform file, with the same luck. Options as for :func:`country`."""
    from gaemi.compare import compare_country
    from gaemi.scene import Request

    return compare_country(Request(on=_day(on), **options), reform)


def state(on: str | date, **options: Any) -> StateResult:
    """Where margin loans stand at the close of a date, rebuilt from ``prices`` and published ``balances``.

    Options are the fields of gaemi.state.request.StateRequest: prices, balances, stocks, members, names, curve, seed,
    threads, workers, address, shards. The result has ``.summary``, ``.frame``, ``.cohorts``, ``.chart()`` and
    ``.save(dir)``; gaemi.country takes the folder as its state. Raises gaemi.errors.Refused for input that is not
    taken.
    """
    from gaemi.state.request import StateRequest
    from gaemi.state.view import state as run

    return run(StateRequest(on=_day(on), **options))


def hindcast(first: str | date, last: str | date, **options: Any) -> HindcastResult:
    """What could be said at the close of ``first`` of the sessions to ``last``, beside the record and baselines.

    Options are the fields of gaemi.hindcast.request.HindcastRequest: prices, balances, paths, model, members, names,
    seed, threads, workers, address, shards. The result has ``.summary``, ``.frame``, ``.chart()`` and ``.save(dir)``.
    Raises gaemi.errors.Refused for input that is not taken.
    """
    from gaemi.hindcast.request import HindcastRequest
    from gaemi.hindcast.view import hindcast as run

    return run(HindcastRequest(first=_day(first), last=_day(last), **options))


def calibrate(prices: Any, balances: Any, **options: Any) -> CalibrationResult:
    """Fit the parameters of behaviour on data up to the end of 2019, and say which of them the data tell.

    Options are the fields of gaemi.calibration.view.Request: to, sensitivity, quick, seeds, threads, leave_out. The
    result has ``.summary``, ``.frame`` and ``.save(dir)``. Raises gaemi.errors.Refused for input that is not taken.
    """
    from gaemi.calibration.view import Request
    from gaemi.calibration.view import calibrate as run

    return run(Request(prices, balances, **options))


class _FrontDoor(ModuleType):
    """The package itself. Importing a module of the same name must not put it in the place of a function."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (
            name in ("account", "book", "compare", "country", "hindcast", "law", "state")
            and isinstance(value, ModuleType)
        ):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _FrontDoor
