"""What a walk reads and writes beside accounts: instruments, days, variants, results, and a thread's paper.

Tables of records (``NAME``, ``DAY``, ...) are arrays of a structured type: one argument of a kernel instead of twenty.
"""

from typing import NamedTuple

import numpy as np

from gaemi.kernels.draw import Drawn, Luck, Sheet
from gaemi.kernels.sell import SaleTally
from gaemi.kernels.tables import Quotes

UNTAXED, FUND_GAIN, OVERSEAS_GAIN = range(3)
"""How the gain of a holding is taxed when it is sold."""

ITSELF, FOLLOWER, CONTRACT = range(3)
"""How a price moves: as its driver, as a fund steps by leverage and carry, or as the worth of a position."""

SAVING, CHECKPOINT = 1, 2
"""Bits of a session's ``event``: a month begins, net worth is noted."""

NOT_YET = -1
EVER_BITS = 6

NAME = np.dtype(
    [
        ("driver", "i8"),  # what moves it, -1 where nothing does
        ("kind", "i8"),  # ITSELF, FOLLOWER or CONTRACT
        ("leverage", "f8"),  # of a contract: its value over its worth at the start, below 0 for a short one
        ("carry", "f8"),  # a session
        ("start", "f8"),  # scaled price at the start
        ("digits", "i8"),  # decimals of the scaled price
        ("scale", "f8"),  # 10 ** -digits
        ("foreign", "i8"),  # 1: valued at the dollar's rate
        ("limit_bps", "i8"),  # daily limit, 0 none
        ("calm_low", "f8"),  # a step under this may meet the limit
        ("calm_high", "f8"),
        ("least", "f8"),  # latent prices under this are always looked at whole
        ("gain_class", "i8"),
        ("fee_bps", "i8"),  # of selling it oneself
        ("tax_bps", "i8"),  # of the value of a sale
        ("closed_at", "f8"),  # of a contract: price over the start's at which its venue closes it
        ("deviation", "f8"),  # of a contract: of a session's log return of what moves it
        ("number", "i8"),  # of a contract: of its driver, key of what happens between two closes
    ]
)
"""One instrument of the account under the law of the sessions walked."""

DAY = np.dtype([("ordinal", "i8"), ("event", "i8"), ("checkpoint", "i8")])
"""One session: proleptic date, bits of what it brings, which checkpoint it is (-1 none)."""

TERM = np.dtype([("days", "i8"), ("rolls", "i8")])
"""One loan: days of its term, and 1 where it is rolled over at the end of it, 0 where it is repaid."""

VARIANT = np.dtype([("last", "i8"), ("saving_won", "i8"), ("saving_slot", "i8"), ("goal_won", "i8"), ("events", "i8")])
"""One variant: last session, saving a month, the slot that savings buy into (-1: they stay cash), goal (0: none), and
the bits of a session's event that it takes part in."""

SETTING = np.dtype(
    [
        ("seed", "i8"),
        ("dollar", "i8"),  # driver of won per dollar, -1 where it does not move
        ("won_per_dollar", "f8"),
        ("tick_slack", "f8"),  # largest half tick over a price, for prices of many ticks
        ("cash_bps", "i8"),  # a year, what cash at the broker earns
        ("locked_fill_bps", "i8"),
        ("fund_gain_bps", "i8"),
        ("overseas_gain_bps", "i8"),
        ("overseas_free_won", "i8"),
    ]
)
"""What holds for the whole account."""

ROW = np.dtype([("graduated", "i8"), ("end_won", "i8"), ("put_in_won", "i8"), ("purse_won", "i8")])
"""One row's results: session of graduation or NOT_YET; net worth after costs at its end; savings so far, and what of
them has bought nothing yet."""

(
    NEED_BROKER,
    NEED_STOCK_LOAN,
    ACCOUNT_HIGH,
    ACCOUNT_LOW,
    PERSON_HIGH,
    PERSON_LOW,
    INTEREST_A_DAY,
    INTEREST_BEFORE,
    SLACK_WON,
    GOAL,
    NEXT_TERM,
) = range(11)
BOUNDS = 11
"""Between these values of its holdings an account has a quiet day; see :func:`gaemi.kernels.bounds.weigh_bounds`."""

BROKER_VALUE, STOCK_LOAN_VALUE, ACCOUNT_VALUE, PERSON_VALUE = range(4)
VALUES = 4
"""Sums over holdings: collateral of the two pools, value in the account, value of the person."""

NOW, BEFORE = range(2)
"""Rows of prices on a paper: today and the session before."""


class Road(NamedTuple):
    """What lies before every path: ``n`` instruments, ``t`` sessions after the start, ``v`` variants, ``d`` drivers."""

    names: np.ndarray  # NAME [n]
    tick_below: np.ndarray  # int64 [n, r]
    tick_size: np.ndarray  # int64 [n, r]
    days: np.ndarray  # DAY [t + 1]
    terms: np.ndarray  # TERM [loan]
    variants: np.ndarray  # VARIANT [v]
    grown: np.ndarray  # float64 [v, d, t + 1] growth of each driver by drift alone, 1 at the start
    setting: np.ndarray  # SETTING [1]


class Results(NamedTuple):
    """What became of each row, and where it stands between two walks: ``m`` rows, ``s`` slots, ``c`` checkpoints."""

    rows: np.ndarray  # ROW [m]
    first_day: np.ndarray  # int16 [EVER_BITS, m] session on which each bit of ``ever`` was first set, NOT_YET
    worth_won: np.ndarray  # int64 [c, m] net worth after the cost of selling at the checkpoints
    basis_won: np.ndarray  # int64 [s, m] what each holding cost
    latent: np.ndarray  # float64 [n, m] unlimited price of the last session
    traded: np.ndarray  # int64 [n, m] scaled price of the last session


class Paper(NamedTuple):
    """One thread's paper: never shared, never kept."""

    latent: np.ndarray  # float64 [2, n] rows NOW and BEFORE
    traded: np.ndarray  # int64 [2, n]
    held: np.ndarray  # int64 [s] before today's sales
    owed: np.ndarray  # int64 [1]
    weight: np.ndarray  # float64 [VALUES, n] won of each sum for one unit of price
    bounds: np.ndarray  # float64 [BOUNDS]
    before: Quotes
    now: Quotes
    tally: SaleTally


class Stride(NamedTuple):
    """What passing over quiet days reads and writes."""

    names: np.ndarray  # NAME [n]
    days: np.ndarray  # DAY [t + 1]
    level: np.ndarray  # float64 [d, sessions of the span + 1]
    grown: np.ndarray  # float64 [d, t + 1]
    latent: np.ndarray  # float64 [2, n]
    weight: np.ndarray  # float64 [VALUES, n]
    bounds: np.ndarray  # float64 [BOUNDS]
    setting: np.ndarray  # SETTING [1]
    path: int  # number of the path, key of its luck
    events: int  # bits of a session's event that matter to the variant


class Journey(NamedTuple):
    """Everything of a walk beside the accounts, the law and the paper."""

    luck: Luck
    drawn: Drawn
    sheet: Sheet
    road: Road
    results: Results
