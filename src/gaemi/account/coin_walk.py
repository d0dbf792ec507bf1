"""Coin walk: coins and positions of an account through the recorded prices of an episode, step by step.

Coins are worth what they are at the start times what their won price has done since. Positions are tested at every step
on the mark price; what the lows of single bars would have closed is told beside, each position by itself, for lows of
different names and venues are never all taken as simultaneous.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from gaemi.account.coin_loans import CoinLoan
from gaemi.account.coin_tape import DAY_SECONDS, Tape, Won, end_of
from gaemi.account.lots import Lot
from gaemi.account.perpetuals import Position, closings, margin_behind, worth_of
from gaemi.law.lawbook import LawBook
from gaemi.market.coin_episodes import CoinEpisode
from gaemi.market.marks import median_of_last
from gaemi.rules.perpetual import is_liquidatable
from gaemi.sources.tickers import is_won_coin
from gaemi.units import BPS

HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Terms:
    """What venues ask on a date: fees of a liquidation and of a coin trade as shares, hours between funding, minutes of
    a mark price.
    """

    fee: float
    funding_hours: int
    mark_minutes: int
    coin_fee: float


@dataclass(frozen=True, slots=True)
class Closed:
    """A position that was closed: by the mark, or (``worst``) only if the extreme of one bar is taken for it."""

    name: str
    second: int
    price: float
    worst: bool


@dataclass(slots=True)
class Walk:
    """An account at each step: ``second`` int64 [n] of UTC, won worth of each coin float64 [n] and of positions [n]."""

    second: np.ndarray
    price: dict[str, np.ndarray]  # of one coin or contract in the currency of its ticker, [n]
    coins: dict[str, np.ndarray]  # won worth by coin, [n]
    positions: np.ndarray  # won worth of what backs positions, [n]
    closed: list[Closed] = field(default_factory=list)
    loans: list[np.ndarray] = field(default_factory=list)  # won that are left of each coin loan, below 0 owed, [n]

    @property
    def worth(self) -> np.ndarray:
        """Won worth of coins, positions and coin loans, float64 [n]."""
        total: np.ndarray = self.positions + sum((*self.coins.values(), *self.loans), np.zeros(self.second.size))
        return total

    @property
    def owed_won(self) -> np.ndarray:
        """Won still owed of coin loans when all is sold, float64 [n]."""
        owed: np.ndarray = sum((np.maximum(0.0, -left) for left in self.loans), np.zeros(self.second.size))
        return owed

    def place(self, second: int) -> int:
        """The last step by a time."""
        return int(np.searchsorted(self.second, second, side="right")) - 1


def steps_of(tapes: Sequence[Tape], episode: CoinEpisode) -> np.ndarray:
    """The ends of all bars within the episode and of its days, int64 seconds of UTC, from the start's close."""
    first, last = end_of(episode.start), end_of(episode.end)
    days = np.arange(first, last + 1, DAY_SECONDS)
    seconds = np.unique(np.concatenate([days, *(tape.end for tape in tapes)]))
    return seconds[(seconds >= first) & (seconds <= last)]


def at_steps(tape: Tape, values: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """The last of ``values`` [bar] by each step; the first where no bar has ended."""
    places = np.maximum(0, np.searchsorted(tape.end, seconds, side="right") - 1)
    found: np.ndarray = values[places]
    return found


def won_prices(tape: Tape, closes: np.ndarray, seconds: np.ndarray, won: Won) -> np.ndarray:
    """Closes at steps in won: through the dollar and the premium for a won price, through the dollar for a pair."""
    if tape.in_won:
        return closes
    # A step at midnight closes a day, whose rate and premium are in force from then on.
    days, place = np.unique(seconds // DAY_SECONDS, return_inverse=True)
    factor = np.array([_factor(tape, int(day) * DAY_SECONDS, won) for day in days])
    found: np.ndarray = closes * factor[place]
    return found


def _factor(tape: Tape, second: int, won: Won) -> float:
    return won.price(tape, 1.0, second) if is_won_coin(tape.ticker) else won.rate(second)


def mark_prices(tape: Tape, minutes: int) -> np.ndarray:
    """Mark prices, float64 [bar]: closes, or the median of the last closes of ``minutes`` where bars are shorter.

    One venue's last trade is no mark price; the median lags by half of the minutes and lets single prints pass by.
    """
    shortest = int(tape.minutes.min())
    width = max(1, minutes // shortest)
    if width == 1:
        return tape.close
    return np.where(tape.minutes < minutes, median_of_last(tape.close, width), tape.close)


def walk_of(
    episode: CoinEpisode,
    lots: Mapping[str, tuple[Lot, int]],
    positions: Sequence[Position],
    wallet: float,
    loans: Sequence[CoinLoan],
    tapes: Mapping[str, Tape],
    won: Won,
    terms: Terms,
) -> Walk:
    """The coins and positions of an account through an episode.

    ``lots`` are coins with their won worth at the start; positions carry their price at the start.
    """
    seconds = steps_of(list(tapes.values()), episode)
    price: dict[str, np.ndarray] = {}
    coins: dict[str, np.ndarray] = {}
    for ticker, (lot, worth) in lots.items():
        closes = at_steps(tapes[ticker], tapes[ticker].close, seconds)
        in_won = won_prices(tapes[ticker], closes, seconds, won)
        coins[ticker] = worth * in_won / in_won[0]
        shown = in_won if is_won_coin(ticker) else closes
        assert lot.coin is not None, "a coin has its lot"
        price[ticker] = lot.coin.price * shown / shown[0]
    walk = Walk(seconds, price, coins, np.zeros(seconds.size))
    if positions:
        _walk_positions(walk, positions, wallet, tapes, won, terms)
    for loan in loans:
        _walk_loan(walk, loan, tapes, won, terms)
    return walk


def _walk_loan(walk: Walk, loan: CoinLoan, tapes: Mapping[str, Tape], won: Won, terms: Terms) -> None:
    """A coin loan at every step: closed at the first at which its debt reaches the ratio, at its prices."""
    line = loan.line
    moved = {}
    for ticker in set(line.tickers):
        in_won = won_prices(tapes[ticker], at_steps(tapes[ticker], tapes[ticker].close, walk.second), walk.second, won)
        moved[ticker] = in_won / in_won[0]
    held = np.full(walk.second.size, float(line.cash_won))
    owed = np.full(walk.second.size, float(line.amount_won))
    if line.held is not None:
        held += loan.moving_won * moved[line.held]
    if line.owed is not None:
        owed += (loan.owed_won - line.amount_won) * moved[line.owed]
    left = held - owed
    over = BPS * owed >= loan.forced_bps * held
    if over.any():
        step = int(np.argmax(over))
        traded = held[step] - line.cash_won + owed[step] - line.amount_won
        left[step:] = left[step] - terms.coin_fee * traded
        price = (loan.owed_price if line.owed else loan.held_price) or 0.0
        name = line.owed or line.held or ""
        closed = Closed(f"coin loan, {name}", int(walk.second[step]), price * float(moved[name][step]), worst=False)
        walk.closed.append(closed)
    walk.loans.append(left)


def terms_on(book: LawBook, on: date) -> Terms:
    """The terms of venues on a date."""
    return Terms(
        int(book.value("perpetual.liquidation_fee", on)) / BPS,
        int(book.value("perpetual.funding_hours", on)),
        int(book.value("perpetual.mark_minutes", on)),
        int(book.value("coins.fee", on)) / BPS,
    )


def _walk_positions(
    walk: Walk, positions: Sequence[Position], wallet: float, tapes: Mapping[str, Tape], won: Won, terms: Terms
) -> None:
    """Test every position at every step, on the mark and (by itself) on the extreme of the bar that ends there."""
    marks, extremes = _quoted(walk, positions, tapes, won, terms)
    for one in positions:
        walk.price.setdefault(one.line.ticker, marks[one.name])
    abroad = not is_won_coin(positions[0].line.ticker)
    left, worst = list(positions), {one.name for one in positions}
    for step, second in enumerate(walk.second.tolist()):
        prices = {one.name: float(marks[one.name][step]) for one in left}
        if step and left:
            paid = _funding_times(int(walk.second[step - 1]), second, terms.funding_hours)
            left, wallet = _funded(left, wallet, prices, paid)
        for one in left:
            if step and one.name in worst and _gone(one, left, wallet, prices, float(extremes[one.name][step])):
                walk.closed.append(Closed(one.name, second, float(extremes[one.name][step]), worst=True))
                worst.discard(one.name)
        shut, left, wallet = closings(left, wallet, prices, terms.fee)
        walk.closed += [Closed(each.name, second, each.price, worst=False) for each in shut]
        worth = worth_of(left, wallet, prices)
        walk.positions[step] = worth * (won.rate(second) if abroad else 1.0)


def _quoted(
    walk: Walk, positions: Sequence[Position], tapes: Mapping[str, Tape], won: Won, terms: Terms
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Marks and extremes at each step by position, scaled so that the first mark is the position's price today."""
    marks, extremes = {}, {}
    for one in positions:
        tape = tapes[one.line.ticker]
        side = tape.low if one.line.side > 0 else tape.high
        fresh = np.isin(walk.second, tape.end)
        mark = at_steps(tape, mark_prices(tape, terms.mark_minutes), walk.second)
        ends = np.where(fresh, at_steps(tape, side, walk.second), mark)
        if is_won_coin(one.line.ticker):
            mark, ends = (won_prices(tape, each, walk.second, won) for each in (mark, ends))
        scale = (one.line.price or mark[0]) / mark[0]
        marks[one.name], extremes[one.name] = mark * scale, ends * scale
    return marks, extremes


def _gone(
    one: Position, positions: Sequence[Position], wallet: float, prices: Mapping[str, float], extreme: float
) -> bool:
    """Whether a position would be closed if the extreme of its bar were its mark, all others at theirs."""
    margin = margin_behind(one, positions, wallet, prices)
    return is_liquidatable(one.need(extreme), margin + one.profit(extreme))


def _funding_times(before: int, now: int, hours: int) -> int:
    step = hours * HOUR_SECONDS
    return now // step - before // step


def _funded(
    positions: Sequence[Position], wallet: float, prices: Mapping[str, float], times: int
) -> tuple[list[Position], float]:
    """Positions and wallet after so many funding payments at the rates told: longs pay and shorts get them."""
    left = []
    for one in positions:
        rate = one.line.funding_pct
        if not rate or not times:
            left.append(one)
            continue
        paid = times * one.line.side * one.line.quantity * prices[one.name] * rate / 100
        if one.line.cross:
            wallet -= paid
            left.append(one)
        else:
            left.append(replace(one, line=replace(one.line, margin=one.line.margin - paid)))
    return left, wallet


def day_ends(episode: CoinEpisode) -> list[tuple[date, int]]:
    """Each day of the episode with the second at which it ends, the start first."""
    count = (episode.end - episode.start).days + 1
    days = [episode.start + timedelta(days=number) for number in range(count)]
    return [(day, end_of(day)) for day in days]
