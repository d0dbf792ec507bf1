"""Small random histories of a book of margin loans: names that crash and lock, laws of every kind, balances to meet."""

from dataclasses import dataclass
from datetime import date
from random import Random

import numpy as np
from kernels.columns_of_oracle import law_table_of
from oracle_records import Law
from strategies import law_of

from gaemi.chance import name_id
from gaemi.days import sessions
from gaemi.kernels.revolve import MEASURES, Flow, Habits, Lent
from gaemi.kernels.tables import LawTable
from gaemi.kernels.wander import Named, Tape
from gaemi.rules.margin import NO_CLOCK

LIMIT_BPS = 3_000
MOVES = (-0.3, -0.3, -0.2, -0.12, -0.05, -0.02, -0.01, 0.0, 0.0, 0.01, 0.03, 0.08, 0.3)
PLACES = 2_000
OWN_POOL = 2
"""The pool of a single stock, whose new loans are published; 0 and 1 are those of the boards."""


@dataclass(frozen=True)
class Case:
    """What the kernel takes, and the law as the oracle takes it. ``luck`` is seed, path and 1."""

    law: Law
    table: LawTable
    lent: Lent
    named: Named
    tape: Tape
    habits: Habits
    flow: Flow
    luck: tuple[int, int, int]

    @property
    def sessions(self) -> int:
        return int(self.tape.ordinal.size)


def empty_rows(places: int = PLACES) -> Lent:
    """Places for rows, none of them taken."""
    sizes = [places] * (len(Lent._fields) - 1) + [1]
    lent = Lent(*[np.zeros(size, np.int64) for size in sizes])
    lent.called[:], lent.sale[:] = NO_CLOCK, NO_CLOCK
    return lent


def case_of(seed: int, length: int = 45) -> Case:
    """The history of a seed: the same for ever, so that a number reproduces any failure."""
    random = Random(seed)
    law = law_of(random)
    named = _names(random)
    tape = _tape(random, named, length)
    return Case(
        law, law_table_of(law), empty_rows(), named, tape, _habits(random), _flow(random, length),
        (random.randrange(2**32), random.randrange(1_000), 1),
    )  # fmt: skip


def _names(random: Random) -> Named:
    """Six names: three of KOSPI, of which one moves with KOSDAQ, two of KOSDAQ, and one with a pool of its own."""
    board = np.array([0, 0, 0, 1, 1, 0])
    return Named(
        board=board,
        group=np.array([random.randrange(3) for _ in board]),
        number=np.array([name_id(f"name {i}") for i in range(6)], np.uint64).astype(np.int64),
        pool=np.array([0, 0, 0, 1, 1, OWN_POOL]),
        driver=np.array([0, 0, 1, 1, 1, 0]),
        own=np.array([random.choice([0.01, 0.03]) for _ in board]),
    )


def _tape(random: Random, named: Named, length: int) -> Tape:
    names = named.board.size
    price, locked = np.zeros((length, names), np.int64), np.zeros((length, names), np.int8)
    price[0] = [random.choice([90, 3_100, 200_000]) for _ in range(names)]
    day = np.zeros((length, 2))
    for t in range(1, length):
        common = random.choice(MOVES) if random.random() < 0.3 else random.gauss(0.0, 0.01)
        day[t] = common, common + random.gauss(0.0, 0.01)
        for i in range(names):
            own = random.choice(MOVES) if random.random() < 0.1 else 0.0
            before = int(price[t - 1, i])
            lowest = before - before * LIMIT_BPS // 10_000
            moved = int(before * (1.0 + day[t, named.driver[i]] + own))
            price[t, i] = max(1, lowest, min(moved, before + before * LIMIT_BPS // 10_000))
            locked[t, i] = price[t, i] <= lowest
    pools = OWN_POOL + 1
    days = [date(2018, 1, 2), *sessions(date(2018, 1, 2), length - 1)]
    return Tape(
        price=price,
        locked=locked,
        latent=price.astype(np.float64),
        ordinal=np.array([one.toordinal() for one in days]),
        day=day,
        bought_day=np.array([[random.gauss(0.0, 0.02) for _ in range(pools)] for _ in range(length)]),
        bought_week=np.array([[random.gauss(0.0, 0.04) for _ in range(pools)] for _ in range(length)]),
        deviation=np.full((length, 2), 0.012),
        limit_bps=np.full(length, LIMIT_BPS),
        below=np.array([2**62]),
        tick=np.array([1]),
    )


def _habits(random: Random) -> Habits:
    pick = random.choice
    falling = np.array([0.0, *(pick([0.02, 0.1, 0.3]) / age for age in range(1, 20))])
    return Habits(
        gain_share=falling,
        loss_share=falling * pick([0.3, 1.0]),
        near=3.0,
        at_call=pick([0.0, 0.1, 0.5]),
        top_up=pick([0.0, 0.5, 1.0]),
        chase_day=pick([0.0, 0.3]),
        chase_week=pick([0.0, 0.1]),
        flee=pick([0.0, 5.0]),
        dip=np.array([pick([0.0, 0.2]), 0.0, 0.0]),
        memory=10.0,
        persistence=0.5,
        extension=pick([0.0, 0.5, 1.0]),
        room=pick([0.0, 0.3]),
        term_days=pick([7, 21, 90]),
        fill_bps=pick([0, 1_000, 3_333]),
        fee_bps=pick([0, 2, 15]),
        tax_bps=np.array([pick([0, 15, 30]), 23]),
        deposit_bps=np.array([4_000, 4_500, 6_000]),
        firm_upper_bps=np.array([4_000, 7_000, 9_000, 10_000]),
    )


def _flow(random: Random, length: int) -> Flow:
    """Boards are met daily, then every few sessions, then not at all; the single stock is met wherever it is told."""
    pools, size = OWN_POOL + 1, random.choice([10**6, 10**10, 3 * 10**11])
    target, left = np.full((length, pools), -1, np.int64), np.zeros((length, pools), np.int64)
    given = np.full((length, pools), -1, np.int64)
    for pool in range(pools):
        level, t = size * random.randint(1, 5), 1
        free = random.randint(length // 2, length)
        while t < free:
            span = 1 if pool == OWN_POOL or t < length // 3 else random.randint(1, 6)
            level = min(int(level * random.choice([0.5, 0.9, 0.97, 1.0, 1.02, 1.1, 1.5])), 5 * size)
            stands = min(t + span, free)
            target[t:stands, pool], left[t:stands, pool] = level, np.arange(stands - t, 0, -1)
            if pool == OWN_POOL:
                given[t:stands, pool] = level // random.choice([1, 5, 30])
            t = stands
    return Flow(
        target_won=target,
        left=left,
        given_won=given,
        noise=np.array([[random.gauss(0.0, 1.0) for _ in range(pools)] for _ in range(length)]),
        answer=np.array([random.choice([0.4, 1.0, 1.7]) for _ in range(pools)]),
        normal=np.zeros(pools),
        spread=np.full(pools, 1e-4),
        done_won=np.zeros((length, pools, MEASURES), np.int64),
        board=np.array([0, 1, 0]),
    )
