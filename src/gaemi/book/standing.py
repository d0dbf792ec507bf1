"""Standing: tonight's position of every borrower, by account, by ratio band, by name, by limit."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gaemi.book.stage import Stage, by_account, common_fall
from gaemi.kernels.stand import Stood, revalue
from gaemi.kernels.tally import FALL_STEPS, RATIO_BANDS, RATIO_EDGES_BPS
from gaemi.kernels.weigh import scales
from gaemi.records.columns import NEVER, LoanKind
from gaemi.run import run
from gaemi.units import BPS
from gaemi.world import World

FALLS_PCT = (10, 20, 30)
FALL_SESSIONS = 3
DUE_SESSIONS = 3
NEVER_CALLED = np.iinfo(np.int64).min
"""Level of prices of an account that no fall calls."""

ALWAYS_CALLED = np.iinfo(np.int64).max
"""Level of prices of an account that no rise saves."""

ALL = "all"
UNSETTLED_ONLY = "unsettled only"
"""Accounts that owe for unsettled purchases and nothing else: these are in no pool and have no ratio."""


@dataclass(slots=True)
class Standing:
    """Tonight, by borrower in the order of the groups (int64 [borrower]).

    ``level_bps`` is the lowest common level of prices, in bps of tonight's, at which no pool of the account is called.
    """

    debt_won: np.ndarray
    collateral_won: np.ndarray
    short_won: np.ndarray
    ratio_bps: np.ndarray
    level_bps: np.ndarray
    sale_day: np.ndarray
    unsettled_won: np.ndarray

    @property
    def under(self) -> np.ndarray:
        """bool [borrower]: whether a pool is under maintenance tonight."""
        return self.short_won > 0

    @property
    def band(self) -> np.ndarray:
        """Index into RATIO_BANDS; -1 where nothing is owed in a pool."""
        band = np.searchsorted(np.array(RATIO_EDGES_BPS), self.ratio_bps, side="right")
        return np.where(self.debt_won > 0, band, -1)


def standing_of(stage: Stage, evening: World) -> Standing:
    """Where every borrower stands tonight."""
    stood = stage.stood(evening, evening.now)
    debt, collateral = stood.debt_won, stood.collateral_won
    owes = debt > 0
    level = _levels(stood)
    nearest = level.argmax(axis=0)
    pick = np.arange(debt.shape[1])
    short = np.where(owes, -((BPS * collateral - stood.maintenance_bps * debt) // BPS), 0)
    near_debt = np.maximum(1, debt[nearest, pick])
    clocks = np.atleast_2d(by_account(evening, "sale_day").astype(np.int64))
    clocks = np.where(clocks == NEVER, np.iinfo(np.int64).max, clocks).min(axis=0)
    unsettled = [
        np.where(group.loan_kind == LoanKind.UNSETTLED, group.principal_won, 0).sum(axis=0)
        for group in evening.population.borrowing
    ]
    return Standing(
        debt_won=debt.sum(axis=0),
        collateral_won=np.where(owes, collateral, 0).sum(axis=0),
        short_won=np.maximum(0, short).sum(axis=0),
        ratio_bps=np.where(owes.any(axis=0), BPS * collateral[nearest, pick] // near_debt, 0),
        level_bps=level.max(axis=0),
        sale_day=np.where(clocks == np.iinfo(np.int64).max, NEVER, clocks),
        unsettled_won=np.concatenate(unsettled) if unsettled else np.zeros(0, np.int64),
    )


def _levels(stood: Stood) -> np.ndarray:
    """int64 [pool, n]: as :func:`gaemi.rules.margin.call_level_bps`, for pools that owe and have shares that fall."""
    fixed = stood.collateral_won - stood.falling_won
    needed = stood.maintenance_bps * stood.debt_won - BPS * fixed
    level = -(-needed // np.maximum(1, stood.falling_won))
    level = np.where(stood.falling_won > 0, level, np.where(needed > 0, ALWAYS_CALLED, NEVER_CALLED))
    level = np.where((level <= 0) & (stood.falling_won > 0), NEVER_CALLED, level)
    return np.where(stood.debt_won > 0, level, NEVER_CALLED)


@dataclass(slots=True)
class Ahead:
    """If prices stand still and nobody pays: won sold on each coming morning by borrower, int64 [day, borrower]."""

    sold_won: np.ndarray
    world: World


def ahead_of(stage: Stage, standing: Standing) -> Ahead:
    """Run the coming sessions at tonight's prices, without impact, until every sale in the calendar has come."""
    sessions = max(DUE_SESSIONS, int(standing.sale_day.max(initial=0)))
    days: list[np.ndarray] = []

    def note(world: World) -> bool:
        days.append(by_account(world, "sold_won").copy())
        return False

    world = run(stage.still(sessions), until=note)
    cumulative = np.stack([np.zeros_like(days[0]), *days])
    return Ahead(np.diff(cumulative, axis=0), world)


def band_rows(stage: Stage, standing: Standing, ahead: Ahead, days: int, feedback: bool) -> list[dict[str, Any]]:
    """The table by ratio band, and all bands together."""
    columns: dict[str, np.ndarray] = {
        "accounts": np.ones_like(standing.debt_won),
        "loans_won": np.where(standing.debt_won > 0, standing.debt_won, standing.unsettled_won),
        "collateral_won": standing.collateral_won,
        "short_won": standing.short_won,
    }
    for day in range(DUE_SESSIONS):
        columns[f"due_{day}_won"] = ahead.sold_won[day]
    for fall in FALLS_PCT:
        shock = common_fall(100 * fall, FALL_SESSIONS)
        left = stage.run(stage.shock_path(shock, days), feedback)
        columns[f"sold_{fall}_won"] = left.sold_won
        columns[f"unpaid_{fall}_won"] = left.residual_won
    bands = np.where(standing.band < 0, len(RATIO_BANDS), standing.band)
    rows = [
        {"band": name} | {column: int(values[bands == band].sum()) for column, values in columns.items()}
        for band, name in enumerate((*RATIO_BANDS, UNSETTLED_ONLY))
    ]
    whole = {column: sum(int(row[column]) for row in rows) for column in columns}
    return [*rows, {"band": ALL} | whole]


def call_map_rows(stage: Stage, evening: World, standing: Standing) -> list[dict[str, Any]]:
    """Loans called at each whole per cent of a common fall, their share of all loans in pools; and of the broker's
    pools how many are then under maintenance and how much they lack, nothing sold.
    """
    loans = max(1, int(standing.debt_won.sum()))
    quotes, law = evening.now, evening.law.table
    left = np.array([100 - fall for fall in range(FALL_STEPS)])
    units = np.where((quotes.domestic != 0)[:, None], quotes.unit[:, None] * left // 100, quotes.unit[:, None])
    found = np.zeros((FALL_STEPS, 2), np.int64)
    rates = scales(quotes, law).rate_bps
    stage.workers.here.each(revalue, evening.population.borrowing, units, rates, law, out=[found])
    # Of loans sorted by the level of prices that calls them, those above a level are a tail.
    order = np.argsort(standing.level_bps)
    level, running = standing.level_bps[order], np.concatenate((np.cumsum(standing.debt_won[order][::-1])[::-1], [0]))
    rows = []
    for fall in range(FALL_STEPS):
        reached = int(running[np.searchsorted(level, BPS - 100 * fall, side="right")])
        share = 100 * reached / loans
        pools, short = found[fall].tolist()
        rows.append(
            {"fall_pct": fall, "reached_won": reached, "share_of_loans_pct": share, "pools": pools, "short_won": short}
        )
    return rows


def morning_rows(stage: Stage, ahead: Ahead) -> list[dict[str, Any]]:
    """Tomorrow's orders by name, largest first: shares, won at tonight's closes, share of the auction's volume."""
    instruments = stage.start.instruments
    lots = ahead.world.records[1].names["ordered_lots"]
    worth = lots * instruments.price
    share = stage.start.law(stage.on).impact.auction_share_bps
    rows = []
    for i in sorted(np.flatnonzero(lots), key=lambda i: (-int(worth[i]), instruments.ticker[i])):
        volume = int(instruments.turnover_won[i]) * int(share[i]) / BPS
        known = instruments.turnover_won[i] > 1
        rows.append(
            {
                "ticker": instruments.ticker[i],
                "name": instruments.name[i],
                "lots": int(lots[i]),
                "won": int(worth[i]),
                "opening_volume_pct": 100 * int(worth[i]) / volume if known else None,
            }
        )
    return rows
