"""The state: margin accounts through their history, hindcasts, and shocks on an ensemble of states."""

from collections.abc import Callable, Iterator
from datetime import date
from math import ceil

import numpy as np

from bench.figures import Figure, Target, seconds
from gaemi import days
from gaemi.forecasts import forecasts, shocked
from gaemi.kernels.revolve import BALANCE
from gaemi.law.lawbook import load
from gaemi.sources.history import CreditHistory
from gaemi.spin import WARM, Member, Setting, advance, setting_of, settled_of, spin_up
from gaemi.workers import LocalWorkers

THREADS = 2
SESSIONS, FIRST = 270, date(2024, 9, 2)
NAMES, MEMBERS = 40, 50
"""Of the plain command: invented stocks a board, and members of the ensemble."""

WIDE = 200
ACCOUNTS = 780_000
"""Rows of margin loans that a spin-up holds at its end: as many as people who borrow on margin."""

HORIZON, STATES = 20, 200
SHOCKS_PCT = (0.0, -5.0, -10.0, -15.0, -20.0, -25.0, -30.0, -35.0, -40.0)
SPIN_SECONDS, HINDCAST_SECONDS = 20.0, 180.0
BEGUN = 0


class NotMet(AssertionError):
    """A balance was not met to the won: no time is believed."""


def invented_history(sessions: int) -> CreditHistory:
    """Indices that move 1 and 1.5 % a session, and 20 tn won of margin loans that follow them, published daily."""
    luck = np.random.Generator(np.random.PCG64(1)).normal(size=(sessions, 2))
    moves = luck * (0.010, 0.015)
    close = (2_500.0, 800.0) * np.exp(np.cumsum(moves, axis=0))
    settled = (11e12, 9e12) * np.exp(np.cumsum(0.2 * moves, axis=0))
    nothing = np.full(sessions, -1, np.int64)
    dates = days.sessions(FIRST, sessions)
    return CreditHistory(
        days=dates,
        close=close,
        settled_won=settled.astype(np.int64),
        unsettled_won=nothing,
        forced_won=nothing,
        capital_won=np.full((sessions, 2), np.nan),
        closed=(),
        gaps=(),
        origin="invented for the bench",
    )


class Spin:
    """Members spun up through all sessions, each balance met."""

    def __init__(self, setting: Setting, members: int, workers: LocalWorkers) -> None:
        self.setting, self.members, self.workers = setting, members, workers
        self.found: list[Member] = []

    def __call__(self) -> None:
        self.found = spin_up(self.setting, len(self.setting.history.days) - 1, self.members, self.workers)

    @property
    def rows(self) -> int:
        """Rows of loans that stand at the end, of all members."""
        return sum(int(member.lent.count[0]) for member in self.found)

    def check(self) -> None:
        """Every balance from the fourth session on is that of every member, to the won."""
        wanted = self.setting.history.settled_won[BEGUN:]
        for member in self.found:
            if not (settled_of(member)[WARM + BEGUN :] == wanted).all():
                raise NotMet(f"member {member.number}: a settled balance is not the published one")

    def to_the_close(self) -> list[Member]:
        """The members at the last close."""
        for member in self.found:
            advance(self.setting, member, self.setting.sessions)
        return self.found


def figures(quick: bool, repeats: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """Time spin-ups as wide as the country and as the plain command asks, hindcasts, and shocks on many states."""
    history = invented_history(SESSIONS // 9 if quick else SESSIONS)
    book = load()
    narrow, wide = (setting_of(book, history, names, 0, lag=0) for names in (NAMES, WIDE))
    with LocalWorkers(THREADS) as workers:
        say("state: compiling what is not compiled yet")
        one = Spin(wide, 1, workers)
        one()
        one.check()
        members = 1 if quick else ceil(ACCOUNTS / one.rows)
        say(f"state: {members} members of {WIDE} names a board, {len(history.days)} sessions")
        yield _spin(Spin(wide, members, workers), repeats, None if quick else Target(SPIN_SECONDS))
        members = 2 if quick else MEMBERS
        say(f"state: the plain command's {members} members of {NAMES} names a board")
        yield _spin(Spin(narrow, members, workers), repeats, None)
        say(f"state: {members} hindcasts over {HORIZON} sessions")
        start = np.array([len(history.days) - HORIZON - 1])
        timed = tuple(
            seconds(lambda: forecasts(narrow, start, HORIZON, members, workers) and None) for _ in range(repeats)
        )
        name = f"{members} hindcasts over {HORIZON} sessions, spin-up included"
        yield Figure(name, "s", timed, None if quick else Target(HINDCAST_SECONDS))
        yield from shocks(Spin(narrow, 2 if quick else STATES, workers), repeats, say)


def _spin(spin: Spin, repeats: int, target: Target | None) -> Figure:
    """Seconds of a spin-up of all sessions; each is checked after its time was taken."""
    timed = []
    for _ in range(repeats):
        timed.append(seconds(spin))
        spin.check()
    names, sessions = spin.setting.names, len(spin.setting.history.days)
    name = f"spin-up over {sessions} sessions, {spin.members} x {names} names a board"
    return Figure(name, "s", tuple(timed), target, f"{spin.rows:,} rows of loans at the end")


def shocks(spin: Spin, repeats: int, say: Callable[[str], None], target: Target | None = None) -> Iterator[Figure]:
    """Seconds of all shocks on all states, borrowers alone, and what one state under one shock costs."""
    setting = spin.setting
    say(f"state: {spin.members} states x {len(SHOCKS_PCT)} shocks x {HORIZON} sessions")
    spin()
    members = spin.to_the_close()
    on, dates = setting.sessions - 1, days.sessions(setting.history.days[-1], HORIZON)
    balance = sum(int(member.flow.done_won[on, :, BALANCE].sum()) for member in members)

    def shock() -> None:
        found = shocked(setting, members, on, SHOCKS_PCT, dates, spin.workers)
        if not 0 < found.sold_won[:, -1].sum() <= balance:
            raise NotMet("the deepest shock sells something and no more than is owed")

    timed = tuple(seconds(shock) for _ in range(repeats))
    count = spin.members * len(SHOCKS_PCT)
    name = f"{spin.members} states x {len(SHOCKS_PCT)} shocks x {HORIZON} sessions"
    yield Figure(name, "s", timed, target, f"borrowers only, {spin.rows:,} rows of loans in all states")
    yield Figure("one state under one shock", "ms", tuple(1_000 * each / count for each in timed))
