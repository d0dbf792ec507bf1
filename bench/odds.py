"""Odds of one account: paths walked by us and by NumPy with its own normals, in one run; and whole answers."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from math import sqrt
from pathlib import Path

import numpy as np

from bench.figures import Figure, Target, pairs, ratio, seconds
from gaemi.account.luck import Drift, drifts_of, model_of, movers_of
from gaemi.account.odds import tally_of
from gaemi.account.portfolio import Portfolio, portfolio
from gaemi.account.request import Request
from gaemi.account.rows import instruments_of
from gaemi.account.start import start_won
from gaemi.account.trip import Case, trip_of
from gaemi.account.view import account
from gaemi.law.lawbook import load
from gaemi.outcomes import PathOutcome
from gaemi.walks import Trip, walk_paths
from gaemi.workers import LocalWorkers

ROOT = Path(__file__).resolve().parents[1]
THREADS = 2
PATHS, YEARS = 100_000, 3
SLIDER_PATHS = 10_000
PAGE_PATHS = 20_000
PATHS_SECONDS, NUMPY_TIMES, SLIDER_SECONDS, PAGE_SECONDS = 3.0, 2.5, 0.4, 10.0
MAINTENANCE, DISCOUNT, RATE = 1.4, 0.15, 0.091
FOUR_ERRORS = 4.0

THREE_NAMES = {
    "cash": "2m",
    "firm": "standard",
    "holdings": [
        {"ticker": "005930", "quantity": 1000, "price": 71_000},
        {"ticker": "000660", "quantity": 100, "price": 250_000, "standing": "other"},
        {"ticker": "035420", "quantity": 80, "price": 200_000, "standing": "other"},
    ],
    "loans": [{"kind": "margin", "amount": "45m", "on": "005930"}],
}
"""A margin loan on one share beside two others of the account: no saving, no goal."""


class Disagree(AssertionError):
    """The two routes are further apart than chance allows: no time is believed."""


def walked_trip(years: int) -> tuple[Trip, Portfolio, Drift]:
    """The account of three names as one gbm variant under the risk-free drift."""
    who = portfolio(Request(file=THREE_NAMES, on=date(2025, 10, 31)), load())
    movers = movers_of(who, instruments_of(who))
    model = model_of(who, movers, "gbm", 10)
    drift = drifts_of(who, movers, model, None)[0]
    until = who.on + timedelta(days=365 * years)
    return trip_of([Case(("now",), who, drift, until, 0, 0)], movers, model, 0), who, drift


class Ours:
    """Every day of every path by the engine's rules, to the won."""

    def __init__(self, trip: Trip, paths: int, workers: LocalWorkers) -> None:
        self.trip, self.paths, self.workers = trip, paths, workers
        self.called = self.wiped = 0.0

    def __call__(self) -> None:
        tally = tally_of(walk_paths(self.trip, self.paths, self.workers), 0, start_won(self.trip, 0))
        self.called, self.wiped = float(tally.called.mean()), tally.ever_share(PathOutcome.WIPED_OUT)


class InNumpy:
    """The same account as one would write it: all paths at once, day by day, in floating point.

    No ticks, no limits, no law that changes, no whole won: less than ours does. Calls, the two sessions' wait, the sale
    by the same formula, interest when the term ends, peaks and ruin are there.
    """

    def __init__(self, trip: Trip, paths: int, seed: int) -> None:
        self.paths, self.seed = paths, seed
        self.sessions = trip.variants[0].last
        self.root = trip.luck.mixing * trip.luck.deviation[:, None]
        self.drift = np.array(trip.variants[0].drift)
        order = {int(row): slot for slot, row in enumerate(trip.rows.instrument[:, 0])}
        self.price = trip.stage.instruments.price.astype(np.float64)
        names = range(self.price.size)
        self.units = np.array([trip.rows.quantity[order[i], 0] for i in names], np.float64)
        self.rate = np.array([1.0 if trip.rows.standing[order[i], 0] == 1 else 0.7 for i in names])
        self.financed = int(np.argmax(self.rate))
        self.loan, self.cash = float(trip.rows.principal_won[0, 0]), float(trip.rows.cash_won[0])
        self.called = self.wiped = 0.0
        first, days = int(trip.rows.opened[0, 0]), int(trip.terms["days"][0])
        passed = (trip.days["ordinal"] - first) // days
        self.term_ends = np.flatnonzero(np.diff(passed, prepend=0) > 0)
        self.term_interest = RATE * days / 365

    def __call__(self) -> None:
        rng = np.random.default_rng(self.seed)
        n, k = self.paths, self.financed
        level = np.tile(self.price, (n, 1))
        units = np.tile(self.units, (n, 1))
        loan, cash = np.full(n, self.loan), np.full(n, self.cash)
        wait = np.zeros(n, np.int64)
        called, wiped = np.zeros(n, bool), np.zeros(n, bool)
        peak = (units * level).sum(axis=1) + cash - loan
        ends = set(self.term_ends.tolist())
        for session in range(1, self.sessions + 1):
            before = (units * level * self.rate).sum(axis=1) + cash
            close = level[:, k].copy()
            level *= np.exp(rng.standard_normal(level.shape) @ self.root.T + self.drift)
            due = wait == 1
            if due.any():
                missing = np.maximum(0.0, MAINTENANCE * loan - before)
                relief = (MAINTENANCE * (1 - DISCOUNT) - 1.0) * close
                sold = np.where(due, np.minimum(units[:, k], np.ceil(missing / relief)), 0.0)
                units[:, k] -= sold
                money = sold * level[:, k]
                paid = np.minimum(money, loan)
                loan -= paid
                cash += money - paid
            if session in ends:
                interest = loan * self.term_interest
                from_cash = np.minimum(interest, cash)
                cash -= from_cash
                loan += interest - from_cash
            held = (units * level * self.rate).sum(axis=1) + cash
            under = held < MAINTENANCE * loan
            called |= under
            wait = np.where(under, np.where(wait > 1, wait - 1, 2), 0)
            worth = (units * level).sum(axis=1) + cash - loan
            np.maximum(peak, worth, out=peak)
            wiped |= worth <= peak / 10
        self.called, self.wiped = float(called.mean()), float(wiped.mean())


def figures(quick: bool, repeats: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """Time a walk of many paths beside NumPy, a slider's step, and the whole answer of the shipped example."""
    paths = PATHS // 50 if quick else PATHS
    with LocalWorkers(THREADS) as workers:
        trip, _, _ = walked_trip(YEARS)
        say("odds: compiling what is not compiled yet")
        walk_paths(trip, 64, workers)
        ours, other = Ours(trip, paths, workers), InNumpy(trip, paths, 1)
        say(f"odds: {paths:,} paths, {trip.variants[0].last} sessions, beside NumPy")
        ours()
        other()
        _compare(ours, other, paths)
        timed = pairs(ours, other, repeats, lambda: None)
        name = f"{paths:,} paths, {YEARS} years, 3 names"
        judged = None if quick else Target(PATHS_SECONDS)
        yield Figure(name, "s", tuple(a for a, _ in timed), judged)
        yield Figure(f"NumPy: {name}", "s", tuple(b for _, b in timed))
        yield Figure("NumPy / ours, paths", "times", ratio(timed), None if quick else Target(NUMPY_TIMES, least=True))
        slider, _, _ = walked_trip(1)
        step = Ours(slider, SLIDER_PATHS, workers)
        step()
        say("odds: a slider's step")
        times = tuple(seconds(step) for _ in range(repeats))
        yield Figure(
            f"one variant, {SLIDER_PATHS:,} paths, 1 year", "s", times, None if quick else Target(SLIDER_SECONDS)
        )
    yield from _page(quick, repeats, say)


def _compare(ours: Ours, other: InNumpy, paths: int) -> None:
    """Both find the same odds but for chance and for what NumPy leaves out (ticks, taxes, running interest)."""
    for a, b in ((ours.called, other.called), (ours.wiped, other.wiped)):
        bound = FOUR_ERRORS * sqrt(2 * max(a * (1 - a), 1e-4) / paths) + 0.03
        if abs(a - b) > bound:
            raise Disagree(f"ours {a:.4f}, NumPy {b:.4f}, allowed {bound:.4f}")


def _page(quick: bool, repeats: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """The whole answer of an example, with its page, as a user gets it from a warm process."""
    from gaemi.answers.report.account import render_account

    paths = PAGE_PATHS // 50 if quick else PAGE_PATHS
    request = Request(file=ROOT / "examples" / "accounts" / "borrowed.yaml", paths=paths, what_if=("add 10m",))
    say(f"odds: the whole answer at {paths:,} paths")

    def answer() -> None:
        render_account(account(request).document)

    answer()
    times = tuple(seconds(answer) for _ in range(1 if quick else min(3, repeats)))
    yield Figure(f"full page, {paths:,} paths", "s", times, None if quick else Target(PAGE_SECONDS))
