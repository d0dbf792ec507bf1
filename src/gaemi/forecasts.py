"""Forecasts from a spun-up state: along the recorded path, along assumed moves, and if nobody reacts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from gaemi.kernels._compile import compiled
from gaemi.kernels.revolve import BALANCE, CALLED, MEASURES, SOLD, UNPAID, Lent
from gaemi.kernels.wander import Tape, wander
from gaemi.market.names import bought_of, chased, faded
from gaemi.rules.margin import NO_CLOCK
from gaemi.spin import SETTLEMENT, WARM, Member, Setting, advance, aimed, answers_of, begin, draw_of, luck_of
from gaemi.workers import Progress, Workers, silent, told

KEPT = 280
"""Sessions of the past that a continued tape keeps: more than two terms of a loan."""


Aim = tuple[np.ndarray, np.ndarray, int]
"""What :func:`gaemi.spin.aimed` gives: the next balance, sessions until it stands, the last session of which one
speaks."""


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What the model said at each start. ``s`` starts, ``m`` members, ``h`` sessions after the start, from 0.

    ``settled_won`` are published balances, which lag trades by two sessions; ``done_won`` are flows by trade date.
    """

    starts: np.ndarray  # int64 [s] places of the history
    settled_won: np.ndarray  # int64 [s, m, h, 2]
    done_won: np.ndarray  # int64 [s, m, h, 2, MEASURES]


def forecasts(
    setting: Setting,
    starts: np.ndarray,
    horizon: int,
    members: int,
    workers: Workers,
    react: bool = True,
    progress: Progress = silent,
) -> Forecasts:
    """Forecasts given the path of prices: from each start what was known then, ``horizon`` sessions on.

    ``starts`` are places of the history in rising order. Sessions after the start follow the recorded prices; balances
    after what was published at the start's close are never read.
    """
    aims = [aimed(setting, int(start) - setting.lag) for start in starts]
    shape = (len(starts), members, horizon + 1, 2)
    settled, done = np.zeros(shape, np.int64), np.zeros((*shape, MEASURES), np.int64)
    progress("hindcasts", 0, members)
    counted = told(progress, "hindcasts", members)
    found = workers.map(_forecast, range(members), setting, starts, aims, horizon, react, done=counted)
    for number, (own_settled, own_done) in enumerate(found):
        settled[:, number], done[:, number] = own_settled, own_done
    return Forecasts(np.asarray(starts), settled, done)


def _forecast(
    number: int, setting: Setting, starts: np.ndarray, aims: Sequence[Aim], horizon: int, react: bool
) -> tuple[np.ndarray, np.ndarray]:
    """One member through all starts: settled balances int64 [s, h, 2] and flows int64 [s, h, 2, MEASURES]."""
    shape = (len(starts), horizon + 1, 2)
    settled, done = np.zeros(shape, np.int64), np.zeros((*shape, MEASURES), np.int64)
    member = begin(setting, number)
    for i, (start, (target, left, until)) in enumerate(zip(starts, aims, strict=True)):
        member.flow.target_won[:], member.flow.left[:] = target, left
        advance(setting, member, until + 1)
        run = member.copy()
        end = min(WARM + int(start) + horizon + 1, setting.sessions)
        advance(setting, run, end, react)
        at = WARM + int(start)
        flows = run.by_board()
        done[i, : end - at] = flows[at:end]
        settled[i, : end - at] = flows[at - SETTLEMENT : end - SETTLEMENT, :, BALANCE]
    return settled, done


def onward(
    setting: Setting, member: Member, on: int, dates: Sequence[date], moves: np.ndarray, path: int | None = None
) -> tuple[Setting, Member]:
    """The member on a tape of its own that goes on after session ``on`` of the tape by ``moves``.

    ``moves`` are log returns of the two indices, float64 [h, 2]; the member has run up to session ``on``. Names go on
    with their own luck of the dates, and new loans with that of ``path``, the member's own unless given. Nothing of the
    recorded path after ``on`` is read.
    """
    assert member.at == on + 1, "a member goes on from where it stands"
    first = max(0, on + 1 - KEPT)
    tape = _longer(setting, member.tape, first, on, dates, moves)
    total = tape.ordinal.size
    start = total - len(dates)
    compiled(wander)(member.named, tape, setting.seed, member.number, start, total)
    lent = Lent(**{name: column.copy() for name, column in member.lent._asdict().items()})
    rows = int(lent.count[0])
    for column in (lent.opened, lent.interest_from):
        column[:rows] = np.maximum(column[:rows] - first, 0)
    for column in (lent.called, lent.sale):
        column[:rows] = np.where(column[:rows] == NO_CLOCK, NO_CLOCK, column[:rows] - first)
    pools = member.flow.normal.size
    number = member.number if path is None else path
    noise = np.zeros((total, pools))
    for i, day in enumerate(dates if setting.noisy else ()):
        noise[start + i] = [luck_of(setting, number, day.toordinal(), draw_of(pool)) for pool in range(pools)]
    flow = member.flow._replace(
        target_won=np.full((total, pools), -1, np.int64),
        left=np.zeros((total, pools), np.int64),
        given_won=np.full((total, pools), -1, np.int64),
        noise=noise,
        answer=answers_of(setting, number, pools),
        normal=member.flow.normal.copy(),
        spread=member.flow.spread.copy(),
        done_won=_with_rest(member.flow.done_won, first, on, np.zeros((len(dates), pools, MEASURES), np.int64)),
    )
    then = replace(setting, laws=((0, *setting.law_on(on)),), length=total)
    return then, Member(member.number, member.named, tape, lent, flow, start)


def _longer(setting: Setting, old: Tape, first: int, on: int, dates: Sequence[date], moves: np.ndarray) -> Tape:
    """Sessions ``first`` to ``on`` of a tape, after them ``dates`` with ``moves``, their prices still to be made."""
    count = len(dates)
    bought = np.hstack(
        [bought_of(moves, setting.small_companies), moves[:, [int(stock.board) for stock in setting.stocks]]]
    )
    memory = setting.behaviour.chase_memory
    since = np.concatenate([old.bought_day[on : on + 1], bought])
    week = chased(since, old.bought_week[on], memory)[1:]
    variance, spread = np.zeros((count, 2)), faded(old.deviation[on] ** 2, old.day[on])
    for i in range(count):
        variance[i], spread = spread, faded(spread, moves[i])
    limits = [int(setting.book.value("market.price_limit", day)) for day in dates]
    names = old.price.shape[1]
    rest: dict[str, np.ndarray] = {
        "price": np.ones((count, names), np.int64),
        "locked": np.zeros((count, names), np.int8),
        "latent": np.ones((count, names)),
        "ordinal": np.array([day.toordinal() for day in dates], np.int64),
        "day": moves,
        "bought_day": bought,
        "bought_week": week,
        "deviation": np.sqrt(variance),
        "limit_bps": np.array(limits, np.int64),
    }
    return old._replace(**{name: _with_rest(getattr(old, name), first, on, added) for name, added in rest.items()})


def _with_rest(column: np.ndarray, first: int, on: int, rest: np.ndarray) -> np.ndarray:
    """Sessions ``first`` to ``on`` of a column of a tape and what comes after them."""
    return np.concatenate([column[first : on + 1], rest])


@dataclass(frozen=True, slots=True)
class Shocked:
    """What each member's loans do under each shock if nobody reacts: won, int64 [m, shock]."""

    shocks_pct: tuple[float, ...]
    called_won: np.ndarray
    sold_won: np.ndarray
    unpaid_won: np.ndarray


def shocked(
    setting: Setting,
    members: Sequence[Member],
    on: int,
    shocks_pct: Sequence[float],
    dates: Sequence[date],
    workers: Workers,
    progress: Progress = silent,
) -> Shocked:
    """Both indices fall by each shock in three equal log steps and stand; the mechanical layer, on borrowers alone."""
    progress("shocks", 0, len(members))
    counted = told(progress, "shocks", len(members))
    found = workers.map(_shocked, members, setting, on, tuple(shocks_pct), tuple(dates), done=counted)
    called, sold, unpaid = (np.array([member[measure] for member in found], np.int64) for measure in range(3))
    return Shocked(tuple(shocks_pct), called, sold, unpaid)


def _shocked(
    member: Member, setting: Setting, on: int, shocks_pct: Sequence[float], dates: Sequence[date]
) -> np.ndarray:
    """One member under every shock: won called, sold and unpaid, int64 [3, shock]."""
    found = np.zeros((3, len(shocks_pct)), np.int64)
    for i, pct in enumerate(shocks_pct):
        moves = np.zeros((len(dates), 2))
        moves[:STEPS] = np.log(1 + pct / 100) / STEPS
        then, run = onward(setting, member, on, dates, moves)
        start = run.at
        advance(then, run, then.sessions, react=False)
        done = run.flow.done_won[start:].sum(axis=(0, 1))
        found[:, i] = done[CALLED], done[SOLD], done[UNPAID]
    return found


STEPS = 3
"""Sessions over which a shock comes, as the country's."""
