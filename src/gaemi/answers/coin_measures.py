"""Figures of exchange accounts, one definition for every view: what the days of a world of coins did, as rows."""

from typing import Any

import numpy as np

from gaemi.coin_day import CoinRecord, CoinWorld
from gaemi.kernels import coins as kernel
from gaemi.outcomes import Outcome
from gaemi.records.coins import COIN_AGE_BANDS, COIN_SIZE_BANDS
from gaemi.sources.tickers import BITCOIN


def coin_outcomes(world: CoinWorld) -> dict[str, int]:
    """Loan accounts by their one outcome, worst first."""
    found = np.zeros(len(Outcome), np.int64)
    world.workers.each(kernel.count_outcomes, world.population.borrowing, out=[found])
    return {outcome.label: int(found[outcome]) * world.weight for outcome in Outcome}


def coin_rows(world: CoinWorld) -> dict[str, Any]:
    """What the days so far did, as tables ready for JSON: bands, ages, coins, days, loans, outcomes.

    Won and accounts are of the country: rows times their weight. Lost is what coins were worth at the start less what
    they are worth now; nobody trades but those who are forced to.
    """
    first, last, weight = world.records[0], world.records[-1], world.weight
    before, after = first.held_won * weight, last.held_won * weight
    accounts, emptied = world.accounts * weight, last.emptied * weight
    return {
        "bands": _table("size", COIN_SIZE_BANDS, (before, after), (accounts, emptied), axis=0),
        "ages": _table("age", COIN_AGE_BANDS, (before, after), (accounts, emptied), axis=1),
        "coins": _coin_table(world, before, after),
        "days": [_day_row(world, record) for record in world.records[1:]],
        "loans": _loan_row(world),
        "outcomes": coin_outcomes(world),
        "accounts": int(accounts.sum()),
        "held_before_won": int(before.sum()),
        "held_won": int(after.sum()),
        "lost_won": int(before.sum() - after.sum()),
        "emptied": int(emptied.sum()),
        "note": world.path.note,
    }


def _table(
    name: str,
    words: tuple[str, ...],
    won: tuple[np.ndarray, np.ndarray],
    counts: tuple[np.ndarray, np.ndarray],
    axis: int,
) -> list[dict[str, Any]]:
    """One row for each band: accounts, won held before and now, lost, emptied."""
    before, after = (each.sum(axis=2).sum(axis=1 - axis) for each in won)
    accounts, emptied = (each.sum(axis=1 - axis) for each in counts)
    return [
        {
            name: word,
            "accounts": int(accounts[row]),
            "held_before_won": int(before[row]),
            "held_won": int(after[row]),
            "lost_won": int(before[row] - after[row]),
            "emptied": int(emptied[row]),
        }
        for row, word in enumerate(words)
    ]


def _coin_table(world: CoinWorld, before: np.ndarray, after: np.ndarray) -> list[dict[str, Any]]:
    last = world.records[-1]
    held, now = before.sum(axis=(0, 1)), after.sum(axis=(0, 1))
    sold, bought = (
        sum((getattr(record, name) for record in world.records), np.zeros_like(held)) * world.weight
        for name in ("sold_won", "bought_won")
    )
    return [
        {
            "coin": ticker,
            "name": world.instruments.name[row],
            "price_before_won": float(world.instruments.price_won[row]),
            "price_won": float(last.price_won[row]),
            "held_before_won": int(held[row]),
            "held_won": int(now[row]),
            "lost_won": int(held[row] - now[row]),
            "sold_won": int(sold[row]),
            "bought_won": int(bought[row]),
            "extra_move_pct": 100.0 * (float(last.multiplier[row]) - 1.0),
        }
        for row, ticker in enumerate(world.instruments.ticker)
    ]


def altcoin_share(world: CoinWorld, record: CoinRecord) -> float:
    """Share of the won held that is neither BTC nor a dollar coin."""
    majors = {f"KRW-{BITCOIN}", "KRW-USDT"}
    alts = [ticker not in majors for ticker in world.instruments.ticker]
    whole = record.held_won.sum()
    return float(record.held_won[:, :, alts].sum() / whole) if whole else 0.0


def _day_row(world: CoinWorld, record: CoinRecord) -> dict[str, Any]:
    before, held = int(world.records[0].held_won.sum()), int(record.held_won.sum())
    weight, flows = world.weight, record.flows
    return {
        "date": record.date.isoformat(),
        "held_won": held * weight,
        "lost_won": (before - held) * weight,
        "altcoin_share": altcoin_share(world, record),
        "premium": record.premium,
        "emptied": int(record.emptied.sum()) * weight,
        "closed": int(flows[kernel.CLOSED]) * weight,
        "closed_by_step": [int(count) * weight for count in record.closed_by_step],
        "sold_won": int(record.sold_won.sum()) * weight,
        "bought_won": int(record.bought_won.sum()) * weight,
        "fees_won": int(flows[kernel.TRADE_FEE_WON] + flows[kernel.LOAN_FEE_WON]) * weight,
        "residual_won": int(flows[kernel.RESIDUAL_WON]) * weight,
        "waiting": int(record.sums[kernel.WAITING]) * weight,
        "warned": int(record.sums[kernel.WARNED]) * weight,
    }


def _loan_row(world: CoinWorld) -> dict[str, Any]:
    first, last, weight = world.records[0], world.records[-1], world.weight
    return {
        "borrowers": sum(group.investor.size for group in world.population.borrowing) * weight,
        "debt_before_won": int(first.sums[kernel.DEBT_WON]) * weight,
        "debt_won": int(last.sums[kernel.DEBT_WON]) * weight,
        "closed": sum(int(record.flows[kernel.CLOSED]) for record in world.records) * weight,
        "residual_won": int(last.sums[kernel.RESIDUAL_SUM_WON]) * weight,
    }
