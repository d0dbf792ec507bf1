"""Runs of an exchange's book: a move at once, a shock over days, a recorded episode, the move that breaks it.

A move at once takes every order at its price, as a map of many moves must; a shock over days sells into thin books
that the book's own forced sales move. Recorded prices hold such sales already.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from gaemi.answers.coin_measures import coin_rows
from gaemi.book import search
from gaemi.book.coin_accounts import CoinBook, loan_debt_won
from gaemi.book.coin_distance import largest_row_won
from gaemi.book.venue_replay import episode_of
from gaemi.coin_day import CoinWorld, begin_coins, coin_terms, run_coins
from gaemi.errors import Fault, Refused
from gaemi.kernels.coins import RESIDUAL_SUM_WON, CoinTerms
from gaemi.law.lawbook import LawBook
from gaemi.market.coin_episodes import episode_bars, episode_events, is_coin_episode, premium_bps, won_per_dollar
from gaemi.market.coin_paths import (
    MINUTES_A_DAY,
    CoinPath,
    coin_bar_path,
    coin_shock_path,
    parse_coin_shock,
    plain_path,
)
from gaemi.market.premium import premium_process
from gaemi.market.shocks import Shock, plain_signs
from gaemi.outcomes import Ever
from gaemi.records.coins import CoinPopulation
from gaemi.rules.coins import LARGEST_HOLDING_WON
from gaemi.sources.intraday import BarHistory
from gaemi.sources.tickers import INDICES, USDKRW, coin_of
from gaemi.units import BPS
from gaemi.workers import LocalWorkers, Progress

_ALL = re.compile(r"(?:ALL)?\s*(?=[+-])", re.IGNORECASE)


@dataclass(slots=True)
class CoinStage:
    """A book under its law. Runs copy what they write, so that any number of them start from the same moment."""

    made: CoinBook
    law: LawBook
    on: date
    workers: LocalWorkers
    seed: int

    def begin(self, path: CoinPath, feedback: bool, population: CoinPopulation | None = None) -> CoinWorld:
        people = population or self.made.population
        return begin_coins(self.law, self.on, self.made.instruments, people, path, self.workers, self.seed, feedback)

    def terms(self) -> CoinTerms:
        """The terms of loans in force on the day of the book."""
        return coin_terms(self.law, self.on)

    def common(self, move_bps: int) -> dict[str, Any]:
        """All coins but dollar coins moved at once by the same share: what is closed of the loans."""
        moves = self.made.instruments.beta != 0.0
        return self.at_once(np.where(moves, 1.0 + move_bps / BPS, 1.0))

    def at_once(self, factors: np.ndarray) -> dict[str, Any]:
        """Prices x ``factors`` float64 [coin] in one step, of loan accounts alone."""
        people = CoinPopulation([], self.made.population.borrowing)
        world = run_coins(self.begin(_jump(self.on, factors), feedback=False, population=people))
        return closed_of(self.made, world)


def closed_of(made: CoinBook, world: CoinWorld) -> dict[str, Any]:
    """What a run closed by force: loans, their debt at the book's prices, sales, what stays unpaid, in won."""
    closed, days = closed_loans(made, world), world.records[1:]
    debt = loan_debt_won(made.borrowing, made.instruments.price)
    whole, taken = int(debt.sum()), int(debt[closed].sum())
    return {
        "closed": int(closed.sum()),
        "closed_won": taken,
        "share_pct": 100 * taken / whole if whole else None,
        "sold_won": sum(int(record.sold_won.sum()) for record in days),
        "bought_won": sum(int(record.bought_won.sum()) for record in days),
        "residual_won": int(days[-1].sums[RESIDUAL_SUM_WON]) if days else 0,
    }


def closed_loans(made: CoinBook, world: CoinWorld) -> np.ndarray:
    """bool [loan]: closed by force."""
    ever = [group.ever for group in world.population.borrowing]
    return (np.concatenate(ever) & Ever.FORCE_SOLD.value) > 0 if ever else np.zeros(made.loans.height, dtype=bool)


def _jump(on: date, factors: np.ndarray) -> CoinPath:
    """A path of one step of a day."""
    price = np.stack([np.ones(factors.size), factors])
    return plain_path(on, 1, price, price, "an assumed move at once")


def asked_shock(text: str, made: CoinBook, where: str = "--shock") -> Shock:
    """The shock that ``text`` writes: as for coins elsewhere, and ``ALL -20%`` or ``-20%`` for every coin of the book
    but dollar coins.

    Raises Refused with every fault; what moves no coin is one.
    """
    table = made.instruments
    plain = [part.strip() for part in plain_signs(text).split(",")]
    everything = [part for part in plain if _ALL.match(part)]
    rest = [part for part in plain if part not in everything]
    named = {coin_of(part.split()[0]) for part in rest if part}
    moving = [coin for coin, beta in zip(table.symbols, table.beta, strict=True) if beta != 0.0 and coin not in named]
    for part in everything:
        rest += [f"{coin} {part[_ALL.match(part).end() :]}" for coin in moving]  # type: ignore[union-attr]
    shock = parse_coin_shock(", ".join(rest), table, where)
    moves_none = [name for name in INDICES if name != USDKRW]
    faults = [
        Fault(where, str(move), "moves no coin of the book", "name a coin, as BTC -20%, or the premium")
        for move in shock.moves
        if move.target in moves_none and not move.implied
    ]
    if faults:
        raise Refused(faults)
    return shock


def shock_words(text: str) -> str:
    """A shock as it was written, with what moves every coin told in words.

    >>> shock_words("-20%"), shock_words("ALL -20%, ETH -30%")
    ('all coins -20%', 'all coins -20%, ETH -30%')
    """
    parts = [part.strip() for part in text.split(",")]
    return ", ".join(f"all coins {part[found.end() :]}" if (found := _ALL.match(part)) else part for part in parts)


def shock_path(stage: CoinStage, shock: Shock) -> CoinPath:
    """The path of a shock over its own days. Raises Refused where prices grow out of what can be counted."""
    made, on = stage.made, stage.on
    rate = float(stage.law.value("people.won_per_dollar", on))
    process = premium_process(stage.law, on)
    path = coin_shock_path(
        shock, made.instruments, on, max(1, shock.days), rate, premium=process, seed=stage.seed
    )  # fmt: skip
    check_size(made, path, "--shock")
    return path


@dataclass(frozen=True, slots=True)
class CoinReplay:
    """A recorded path laid from the book's day on, the episode's name, days and note, and what there is to say."""

    path: CoinPath
    name: str
    first: str
    end: str
    note: str
    notes: tuple[str, ...]


def replay_path(stage: CoinStage, replay: str, bars: BarHistory | None) -> CoinReplay:
    """Every coin moves from the book's price as it moved then; days and terms of the law are those from the book's.

    Coins without bars move with bitcoin. Raises Refused where bitcoin's or the first bars are missing.
    """
    episode, own = episode_of(replay)
    named = own is None
    history = own if own is not None else bars if bars is not None else episode_bars(episode.name)
    rates = won_per_dollar(episode.name) if named else {episode.start: 1.0}
    premium = premium_bps(episode.name) if named else {episode.start: 0.0}
    events = episode_events(episode.name) if named and is_coin_episode(replay) else ()
    made = stage.made
    days = (episode.end - episode.start).days
    path = coin_bar_path(history, made.instruments, episode.start, days, rates, premium, events=events)
    shifted = np.datetime64(stage.on + timedelta(days=1), "s") - path.times[0]
    check_size(made, path, "--replay")
    longest = max(one.minutes for one in history.bars)
    notes = [
        f"{path.note}; all of it from the book's prices and days on",
        "coins without recorded won prices carry the premium of bitcoin in won; dollar coins move by it alone",
    ]
    if longest >= MINUTES_A_DAY:
        notes.append("daily bars: what happened within a day is not seen; give bars of minutes or hours with --prices")
    first, end = str(episode.first), str(episode.end)
    return CoinReplay(
        replace(path, times=path.times + shifted), episode.name, first, end, episode.note, tuple(notes)
    )  # fmt: skip


def check_size(made: CoinBook, path: CoinPath, where: str) -> None:
    """Refuse a path on which a holding is worth more than can be counted."""
    worth = largest_row_won(made) * path.price.max(axis=0)
    faults = [
        Fault(where, f"{coin} x{times:,.3g}", f"no row may be worth {2 * LARGEST_HOLDING_WON:,} won on the way")
        for coin, times, won in zip(made.instruments.symbols, path.price.max(axis=0), worth, strict=True)
        if won >= 2 * LARGEST_HOLDING_WON
    ]
    if faults:
        raise Refused(faults)


def run_path(stage: CoinStage, path: CoinPath, feedback: bool, progress: Progress) -> CoinWorld:
    """Every day of a path over all accounts; an audit that fails is our mistake."""
    return run_coins(stage.begin(path, feedback), progress, "scenario")


def scenario_part(stage: CoinStage, world: CoinWorld, what: str) -> dict[str, Any]:
    """A run as the document has it: what was closed, bands and coins before and after, and its days."""
    rows = coin_rows(world)
    figures = ("held_before_won", "held_won", "lost_won", "emptied", "bands", "coins", "days", "outcomes")
    closed = {"what": what} | closed_of(stage.made, world)
    lowest = world.path.price.min(axis=0) - 1.0
    pairs = zip(rows["coins"], lowest, strict=True)
    rows["coins"] = [row | {"lowest_pct": 100.0 * float(low)} for row, low in pairs]
    return {"rows": [closed], **{name: rows[name] for name in figures}}


def map_rows(stage: CoinStage, progress: Progress) -> list[dict[str, Any]]:
    """What a common move at once closes of the loans, by move; none where nobody owes."""
    if not stage.made.population.borrowing:
        return []
    return search.map_rows(stage.common, progress)


def break_rows(stage: CoinStage, share_bps: int, progress: Progress) -> list[dict[str, Any]]:
    """The smallest fall and rise of all coins at once that closes the share of the loans by force, or leaves one
    unpaid."""
    if not stage.made.population.borrowing:
        return []
    tests: dict[str, Callable[[dict[str, Any]], bool]] = {
        f"{share_bps / 100:g} % of the loans closed by force": lambda row: row["share_pct"] * 100 >= share_bps,
        "a loan that its collateral does not pay": lambda row: row["residual_won"] > 0,
    }
    return search.break_rows(tests, stage.common, progress)
