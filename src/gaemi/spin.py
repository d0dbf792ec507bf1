"""Spin-up and forecast: the engine of margin loans run over history, corrected by each balance that was published.

A balance is settlement-dated: what it says of a day is where trades stood two sessions before. So a session's book is
corrected by the balance of two sessions later, as far as that was known; the sessions after it are the model's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gaemi.behaviour.habits import Behaviour, behaviour_of, habits_of, in_units
from gaemi.chance import FLOW, normal, word
from gaemi.kernels._compile import compiled
from gaemi.kernels.revolve import BALANCE, LARGEST_ROW_WON, MEASURES, Flow, Habits, Lent, revolve
from gaemi.kernels.tables import LawTable, law_table
from gaemi.kernels.wander import Named, Tape, wander
from gaemi.law.lawbook import LawBook
from gaemi.market.names import invented, tape_of, with_stocks
from gaemi.people.stock_pools import StockPool
from gaemi.records.shards import copy_of
from gaemi.rules.margin import NO_CLOCK
from gaemi.sources.history import CreditHistory
from gaemi.workers import LocalWorkers, Progress, Workers, silent, told

WARM = 120
"""Sessions run before the first of a stretch as if the indices had stood still and the balance too."""

SETTLEMENT = 2
"""Sessions from a trade to its settlement."""

FRESH_SPREAD = 1e-4
ROWS_A_NAME = 300
"""Places for rows of a name: one a session for two terms of a loan, and some."""

TURNS = 30
"""How often the largest balance may be lent anew within two terms of a loan, in rows as large as rows may be."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a spin-up is run with. ``names`` are invented names a board; ``lag`` sessions until a balance is known."""

    book: LawBook
    history: CreditHistory
    behaviour: Behaviour
    names: int
    seed: int
    lag: int
    laws: tuple[tuple[int, LawTable, Habits], ...]
    noisy: bool = True
    length: int = 0
    stocks: tuple[StockPool, ...] = ()

    @property
    def sessions(self) -> int:
        """Sessions of the tape."""
        return self.length or WARM + len(self.history.days)

    @property
    def small_companies(self) -> float:
        """Share of KOSPI's margin loans that moves with small companies."""
        return in_units(self.book, "state.small_companies", self.history.days[0])

    def law_on(self, session: int) -> tuple[LawTable, Habits]:
        """The law and the habits of a session of the tape."""
        found = [each for each in self.laws if each[0] <= session]
        return found[-1][1:]


@dataclass(slots=True)
class Member:
    """One member of the ensemble: its names, their prices, its rows of loans and what flowed."""

    number: int
    named: Named
    tape: Tape
    lent: Lent
    flow: Flow
    at: int = 0

    def by_board(self) -> np.ndarray:
        """Flows of both markets, single stocks within their own: int64 [t, 2, MEASURES]."""
        done = self.flow.done_won
        found = done[:, :2].copy()
        for pool in range(2, done.shape[1]):
            found[:, self.flow.board[pool]] += done[:, pool]
        return found

    def copy(self) -> "Member":
        """A member that can run on without changing this one; names and prices are shared."""
        lent = copy_of(self.lent)
        flow = copy_of(self.flow, ("target_won", "left", "normal", "spread", "done_won"))
        return Member(self.number, self.named, self.tape, lent, flow, self.at)


def setting_of(
    book: LawBook,
    history: CreditHistory,
    names: int,
    seed: int,
    behaviour: Behaviour | None = None,
    noisy: bool = True,
    lag: int | None = None,
    stocks: tuple[StockPool, ...] = (),
) -> Setting:
    """A setting with the law of every session; ``behaviour`` is the law's unless given.

    Without noise new loans follow the rule alone, as a calibration wants them. ``lag``: sessions until a balance is
    known, the law's assumption unless given. ``stocks`` are pools of their own, taken out of their market's balance.
    """
    days = history.days
    behaviour = behaviour or behaviour_of(book, days[0])
    changes = sorted({change.date for change in book.changes()})
    starts = [0, *sorted({place for day in changes if (place := _first_on(days, day)) > 0})]
    laws = tuple(
        (
            0 if start == 0 else WARM + start,
            law_table(book, days[start]),
            habits_of(behaviour, book, days[start], len(stocks)),
        )
        for start in starts
    )
    lag = int(book.value("state.publication_lag", days[0])) if lag is None else lag
    return Setting(book, history, behaviour, names, seed, lag, laws, noisy, 0, stocks)


def _first_on(days: tuple[date, ...], day: date) -> int:
    """Place of the first session on or after ``day``; 0 where there is none within."""
    place = int(np.searchsorted(np.array(days, "datetime64[D]"), np.datetime64(day, "D")))
    return place if place < len(days) else 0


def begin(setting: Setting, number: int) -> Member:
    """A member on its first session, before the sessions in which prices stand still."""
    history, book = setting.history, setting.book
    on = history.days[0]
    close = np.concatenate([np.repeat(history.close[:1], WARM, axis=0), history.close])
    before = [date.fromordinal(on.toordinal() - (WARM - i) * 7 // 5) for i in range(WARM)]
    days = [max(day, book.begins) for day in before] + list(history.days)
    count = 2 * setting.names + len(setting.stocks)
    tape = tape_of(close, days, book, count, setting.behaviour.chase_memory)
    tape.ordinal[:WARM] = [day.toordinal() for day in before]
    named = invented(book, on, setting.names)
    compiled(wander)(named, tape, setting.seed, number, 0, close.shape[0])
    named, tape = with_stocks(named, tape, setting.stocks, WARM, setting.behaviour.chase_memory)
    places = count * ROWS_A_NAME + TURNS * int(history.settled_won.max()) // LARGEST_ROW_WON
    columns = {name: np.zeros(places, np.int64) for name in Lent._fields if name != "count"}
    lent = Lent(**columns, count=np.zeros(1, np.int64))
    lent.called[:], lent.sale[:] = NO_CLOCK, NO_CLOCK
    return Member(number, named, tape, lent, _flow_of(setting, number))


def _flow_of(setting: Setting, number: int) -> Flow:
    """Nothing asked yet, luck of new loans drawn by member, date and market."""
    history = setting.history
    t = setting.sessions
    pools = 2 + len(setting.stocks)
    noise = np.zeros((t, pools))
    for i, day in enumerate(history.days if setting.noisy else ()):
        for pool in range(pools):
            noise[WARM + i, pool] = luck_of(setting, number, day.toordinal(), draw_of(pool))
    given = np.full((t, pools), -1, np.int64)
    for i, stock in enumerate(setting.stocks):
        given[WARM:, 2 + i] = stock.opened_won
    return Flow(
        target_won=np.full((t, pools), -1, np.int64),
        left=np.zeros((t, pools), np.int64),
        given_won=given,
        noise=noise,
        answer=answers_of(setting, number, pools),
        normal=np.zeros(pools),
        spread=np.full(pools, FRESH_SPREAD),
        done_won=np.zeros((t, pools, MEASURES), np.int64),
        board=np.array([0, 1, *(int(stock.board) for stock in setting.stocks)], np.int64),
    )


def luck_of(setting: Setting, number: int, day: int, part: int) -> float:
    """A standard normal draw of a member; members come in pairs of opposite luck, so that their middle is steady.

    Source: antithetic variates, Hammersley and Morton, Proceedings of the Cambridge Philosophical Society 52 (1956).
    """
    drawn = normal(word(setting.seed, number // 2, FLOW, day, part, 0))
    return -drawn if number % 2 else drawn


def answers_of(setting: Setting, number: int, pools: int) -> np.ndarray:
    """How strongly the borrowers of each pool answer prices in one member: float64 [p], 1 without noise."""
    if not setting.noisy:
        return np.ones(pools)
    drawn = [luck_of(setting, number, 0, draw_of(pool)) for pool in range(pools)]
    return np.maximum(1.0 + setting.behaviour.answer_spread * np.array(drawn), 0.0)


def draw_of(pool: int) -> int:
    """Part of the counter of a draw that belongs to a pool; 2 is that of unsettled purchases."""
    return pool if pool < 2 else pool + 1


def aimed(setting: Setting, known: int) -> tuple[np.ndarray, np.ndarray, int]:
    """What balances ask of the book, as known when those up to place ``known`` of the history were published.

    Returns the next balance and the sessions until it stands, int64 [t, p] each, and the last session of the tape that
    a balance speaks of; sessions after it are the model's own. What single stocks owe is taken out of their market.
    """
    settled, pools = setting.history.settled_won, 2 + len(setting.stocks)
    target, left = np.full((setting.sessions, pools), -1, np.int64), np.zeros((setting.sessions, pools), np.int64)
    seen = [int(k) for k in setting.history.observed() if k <= known]
    before = WARM - SETTLEMENT
    target[1 : before + 1, :2], left[1 : before + 1] = settled[seen[0]], 1
    for k in seen:
        stands = WARM + k - SETTLEMENT
        if stands > before:
            target[before + 1 : stands + 1, :2] = settled[k]
            left[before + 1 : stands + 1, :2] = np.arange(stands - before, 0, -1)[:, None]
            before = stands
    for i, stock in enumerate(setting.stocks):
        owed = np.concatenate([np.repeat(stock.outstanding_won[:1], WARM), stock.outstanding_won])[: before + 1]
        told = owed >= 0
        target[1 : before + 1, 2 + i] = owed[1:]
        left[1 : before + 1, 2 + i] = told[1:]
        ends = np.minimum(np.arange(before + 1) + np.maximum(left[: before + 1, int(stock.board)] - 1, 0), before)
        target[1 : before + 1, int(stock.board)] -= np.maximum(owed[ends[1:]], 0)
    return target, left, before


def advance(setting: Setting, member: Member, stop: int, react: bool = True) -> None:
    """Run the sessions of the tape before ``stop``, each under its own law."""
    run = compiled(revolve)
    if member.at == 0:
        member.at = 1
    luck = (setting.seed, member.number, int(react))
    for place, (start, law, habits) in enumerate(setting.laws):
        end = setting.laws[place + 1][0] if place + 1 < len(setting.laws) else setting.sessions
        first, last = max(member.at, start), min(stop, end)
        if first < last:
            run(member.lent, member.named, member.tape, law, habits, member.flow, luck, (first, last))
    member.at = max(member.at, stop)
    assert member.lent.count[0] < member.lent.name.size, "every loan has a place"


def spin_up(setting: Setting, on: int, members: int, workers: Workers, progress: Progress = silent) -> list[Member]:
    """Members that have run to the last session of which a balance speaks, as known at place ``on`` of the history."""
    progress("spin-up", 0, members)
    done = told(progress, "spin-up", members)
    return workers.map(_spun, range(members), setting, aimed(setting, on - setting.lag), done=done)


def _spun(number: int, setting: Setting, aim: tuple[np.ndarray, np.ndarray, int]) -> Member:
    target, left, until = aim
    member = begin(setting, number)
    member.flow.target_won[:], member.flow.left[:] = target, left
    advance(setting, member, until + 1)
    return member


def to_session(member: Member, setting: Setting, session: int) -> Member:
    """The member after the sessions that no balance speaks of yet, up to one of the tape."""
    advance(setting, member, session + 1)
    return member


def known_at(setting: Setting, members: Sequence[Member], start: int, workers: LocalWorkers) -> list[Member]:
    """Copies of the members at the close of place ``start``, from what was known then; asked for in rising order.

    The members themselves run to the last session of which a balance spoke, so that the next start costs little.
    """
    target, left, until = aimed(setting, start - setting.lag)
    found: list[Member | None] = [None] * len(members)

    def work(first: int, stop: int) -> None:
        for place in range(first, stop):
            member = members[place]
            member.flow.target_won[:], member.flow.left[:] = target, left
            advance(setting, member, until + 1)
            found[place] = member.copy()
            advance(setting, found[place], WARM + start + 1)  # type: ignore[arg-type]

    workers.over(len(members), 1, work)
    return [member for member in found if member is not None]


def settled_of(member: Member) -> np.ndarray:
    """Settled balances of every session of the tape, int64 [t, 2]: the trade-dated ones of two sessions before."""
    balance = member.by_board()[:, :, BALANCE]
    return np.concatenate([np.repeat(balance[:1], SETTLEMENT, axis=0), balance[:-SETTLEMENT]])
