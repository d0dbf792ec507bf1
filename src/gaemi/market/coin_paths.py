"""Paths of coins: what each would cost in won and abroad, step by step, without anybody's forced sales.

A coin has two prices. The won price is the world price x won per dollar x (1 + premium), unless a won price is said or
recorded. Steps run on through nights and weekends; a day is one of UTC, which begins at 09:00 in Korea, where the won
exchanges cut it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import exp, log

import numpy as np

from gaemi.errors import Fault, Refused
from gaemi.market.coin_episodes import Event
from gaemi.market.premium import STILL, PremiumProcess
from gaemi.market.shocks import Halt, Move, Shock, parse_shock
from gaemi.records.coins import CoinInstruments
from gaemi.rules.coins import won_price
from gaemi.sources.intraday import BarHistory
from gaemi.sources.tickers import BITCOIN, INDICES, USDKRW, coin_of
from gaemi.units import BPS

PREMIUM = "PREMIUM"
STEPS_A_DAY = 24
MINUTES_A_DAY = 1_440


@dataclass(frozen=True, slots=True)
class CoinPath:
    """``t`` steps after the start (row 0), ``n`` coins; ``times`` (datetime64[s], UTC) are the ends of the steps.

    ``price`` and ``world`` are factors on the won price and the price abroad at the start. ``halted`` is 1 in a step
    in which a coin does not trade at the won exchanges, ``deposits_halted`` where it can be neither sent nor received.
    A coin that is delisted is worth nothing there from then on. ``minted`` counts coins made since the start.
    """

    times: np.ndarray  # datetime64[s] [t + 1]
    steps_a_day: int
    price: np.ndarray  # float64 [t + 1, n]
    world: np.ndarray  # float64 [t + 1, n]
    premium: np.ndarray  # float64 [t + 1], share
    won_per_dollar: np.ndarray  # float64 [t + 1]
    halted: np.ndarray  # uint8 [t + 1, n]
    deposits_halted: np.ndarray  # uint8 [t + 1, n]
    delisted: np.ndarray  # uint8 [t + 1, n]
    minted: np.ndarray  # float64 [t + 1, n], coins
    note: str

    @property
    def days(self) -> int:
        return (len(self.times) - 1) // self.steps_a_day

    def steps_of(self, day: int) -> range:
        """Rows of day 1 to ``days``."""
        return range((day - 1) * self.steps_a_day + 1, day * self.steps_a_day + 1)

    def date_of(self, day: int) -> date:
        """The day of UTC that day 1 to ``days`` is; day 0 is the one whose close the path starts from."""
        start = date.fromisoformat(str(self.times[0])[:10])
        return start + timedelta(days=day - 1)


def coin_targets(instruments: CoinInstruments) -> tuple[str, ...]:
    """What a shock may name of coins: ``KRW-BTC`` the won price, ``BTC`` the world price, ``premium``."""
    return (*instruments.ticker, *instruments.symbols, PREMIUM)


def parse_coin_shock(text: str, instruments: CoinInstruments, where: str = "--shock") -> Shock:
    """The shock that ``text`` writes of coins, the premium and won per dollar. Raises Refused with every fault.

    Moves of stock indices are left to the stocks: they move no coin.
    """
    shock = parse_shock(text, coin_targets(instruments), where)
    faults = [
        Fault(where, str(move), "a coin has no price limit, so that it cannot be locked", "write its fall alone")
        for move in shock.moves
        if move.target in coin_targets(instruments) and (move.locked or move.fill_bps is not None)
    ]
    if faults:
        raise Refused(faults)
    return shock


def plain_path(start: date, steps_a_day: int, world: np.ndarray, price: np.ndarray, note: str) -> CoinPath:
    """A path from the close of ``start`` on which nothing is halted, minted or delisted; factors as CoinPath's."""
    rows = price.shape[0]
    begin = np.datetime64(start + timedelta(days=1), "s")
    times = begin + np.arange(rows) * np.timedelta64(MINUTES_A_DAY * 60 // steps_a_day, "s")
    halted, deposits, delisted = (np.zeros(price.shape, dtype=np.uint8) for _ in range(3))
    nothing = np.zeros(rows)
    minted = np.zeros(price.shape)
    return CoinPath(times, steps_a_day, price, world, nothing, nothing, halted, deposits, delisted, minted, note)


def coin_shock_path(
    shock: Shock, instruments: CoinInstruments, start: date, days: int, won_per_dollar: float,
    steps_a_day: int = STEPS_A_DAY, premium: PremiumProcess = STILL, seed: int = 0,
) -> CoinPath:  # fmt: skip
    """The path of an assumed move over ``days`` from the close of ``start``, each in equal log steps.

    ``BTC -30%`` moves the world price, and with it every coin that is not named, by its beta; ``KRW-BTC -30%`` the won
    price of that coin alone; ``premium +5%`` adds 5 points to the premium of all; ``USDT -10%`` breaks the dollar
    coin. A share of a move is done at every step of the days that it takes. The premium counts from that of the start.
    """
    steps = days * steps_a_day
    coins = _coin_moves(shock)
    leader = coins.get(BITCOIN)
    world = np.ones((steps + 1, len(instruments.ticker)))
    for row, coin in enumerate(instruments.symbols):
        if coin in coins:
            world[:, row] = _log_steps(coins[coin], steps, steps_a_day, 1.0)
        elif leader is not None:
            world[:, row] = _log_steps(leader, steps, steps_a_day, float(instruments.beta[row]))
    dollar = won_per_dollar * _log_steps(shock.move_of(USDKRW), steps, steps_a_day, 1.0)
    level = _between_days(premium.path(0.0, days, seed), steps_a_day) + _points(
        shock.move_of(PREMIUM), steps, steps_a_day
    )
    price = world * ((dollar / won_per_dollar) * (1.0 + level))[:, None]
    for row, ticker in enumerate(instruments.ticker):
        move = shock.move_of(ticker)
        if move is not None:
            price[:, row] = _log_steps(move, steps, steps_a_day, 1.0)
    path = plain_path(start, steps_a_day, world, price, "an assumed move, in equal log steps")
    _halt(path, shock.halts, instruments)
    return _with(path, level, dollar)


def coin_bar_path(
    bars: BarHistory, instruments: CoinInstruments, start: date, days: int, won_per_dollar: Mapping[date, float],
    premium_bps: Mapping[date, float], steps_a_day: int = STEPS_A_DAY, events: Iterable[Event] = (),
) -> CoinPath:  # fmt: skip
    """The path of recorded bars over ``days`` days of UTC from the close of ``start``.

    A coin with won bars has its recorded won price, one with dollar bars its world price x won per dollar x (1 +
    premium), any other moves with BTC times its beta. Bars that are longer than a step are joined by a line in logs;
    behind its last bar a coin stands still. ``events`` are those of the won exchanges. Raises Refused for missing bars
    and prices that are none, and where neither BTC nor KRW-BTC is recorded.
    """
    steps = days * steps_a_day
    begin = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=1)
    span = _Span(begin, steps, MINUTES_A_DAY // steps_a_day)
    dollar = _daily(won_per_dollar, start, days, steps_a_day, "won per dollar")
    level = _daily(premium_bps, start, days, steps_a_day, "the premium") / BPS
    rate = (dollar / dollar[0]) * ((1.0 + level) / (1.0 + level[0]))
    recorded = {coin: _recorded(bars, coin, span) for coin in instruments.symbols}
    leader = recorded.get(BITCOIN, (None, None))
    moved = leader[1] if leader[1] is not None else None if leader[0] is None else leader[0] / rate
    if moved is None:
        raise Refused([Fault("--prices", "no bars of BTC", "BTCUSDT or KRW-BTC must be recorded: others move with it")])
    world, price = np.ones((steps + 1, len(instruments.ticker))), np.ones((steps + 1, len(instruments.ticker)))
    for row, coin in enumerate(instruments.symbols):
        won, dollars = recorded[coin]
        if dollars is None:
            dollars = won / rate if won is not None else np.exp(float(instruments.beta[row]) * np.log(moved))
        world[:, row] = dollars
        price[:, row] = dollars * rate if won is None else won
    without = [coin for coin, found in recorded.items() if found[0] is None and found[1] is None]
    note = "recorded bars" + (f"; {', '.join(without)} move with BTC" if without else "")
    path = plain_path(start, steps_a_day, world, price, note)
    _stop(path, events, instruments)
    return _with(path, level, dollar)


def prices_at(bars: BarHistory, on: date, won_per_dollar: float, premium: float) -> dict[str, float]:
    """Won for a coin at the close of the day of UTC, by coin, of every coin with a bar that ends there.

    A won price is taken as recorded, and before any other; a price abroad at the rate and the premium (a share): what
    :func:`gaemi.people.coin_instruments.coin_instruments` takes.
    """
    close = np.datetime64(on + timedelta(days=1), "s").astype(np.int64)
    dollar, found = won_price(1.0, won_per_dollar, premium), dict[str, float]()
    for one in sorted(bars.bars, key=lambda each: (not each.ticker.startswith("KRW-"), each.minutes, each.origin)):
        here = np.flatnonzero(one.start.astype(np.int64) + 60 * one.minutes == close)
        if here.size:
            price = float(one.close[here[0]])
            found.setdefault(coin_of(one.ticker), price if one.ticker.startswith("KRW-") else price * dollar)
    return found


@dataclass(frozen=True, slots=True)
class _Span:
    """Steps of ``minutes`` from ``begin``."""

    begin: datetime
    steps: int
    minutes: int

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(minutes=self.steps * self.minutes)


def _coin_moves(shock: Shock) -> dict[str, Move]:
    """Moves of world prices by coin: ``BTC`` and ``BTCUSDT`` are the same."""
    taken = {PREMIUM, USDKRW, *INDICES}
    found = [m for m in shock.moves if m.target not in taken and not m.target.startswith("KRW-")]
    return {coin_of(move.target): move for move in found}


def _log_steps(move: Move | None, steps: int, steps_a_day: int, times: float) -> np.ndarray:
    """Factors 0..steps of a move in equal log steps, ``times`` its log size, as often as repeated, then flat."""
    if move is None:
        return np.ones(steps + 1)
    whole = move.days * steps_a_day
    size = times * log(1.0 + move.change_bps / BPS) / (move.sessions * steps_a_day)
    return np.array([exp(size * min(t, whole)) for t in range(steps + 1)])


def _points(move: Move | None, steps: int, steps_a_day: int) -> np.ndarray:
    """What a move of the premium adds to it at each step."""
    if move is None:
        return np.zeros(steps + 1)
    whole = move.days * steps_a_day
    done = np.minimum(np.arange(steps + 1), whole) / (move.sessions * steps_a_day)
    return move.change_bps / BPS * done


def _between_days(daily: np.ndarray, steps_a_day: int) -> np.ndarray:
    """Daily values on straight lines from one day's end to the next."""
    steps = (daily.size - 1) * steps_a_day
    return np.interp(np.arange(steps + 1) / steps_a_day, np.arange(daily.size), daily)


def _daily(values: Mapping[date, float], start: date, days: int, steps_a_day: int, what: str) -> np.ndarray:
    """Values at each day's end from ``start`` on; a day without one carries the last. Raises Refused without any."""
    known = sorted(day for day in values if day <= start)
    if not known:
        raise Refused([Fault("--prices", f"none by {start}", f"{what} must be known at the start")])
    found = [float(values[known[-1]])]
    for day in range(1, days + 1):
        found.append(float(values.get(start + timedelta(days=day), found[-1])))
    return _between_days(np.array(found), steps_a_day)


def _recorded(bars: BarHistory, coin: str, span: _Span) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Factors of the coin's recorded won price and price abroad, None where there are no bars."""
    names = {coin_of(ticker): ticker for ticker in bars.tickers if not ticker.startswith("KRW-")}
    won = _levels(bars, f"KRW-{coin}", span) if f"KRW-{coin}" in bars.tickers else None
    dollars = _levels(bars, names[coin], span) if coin in names else None
    return won, dollars


def _levels(bars: BarHistory, ticker: str, span: _Span) -> np.ndarray:
    """Closes at the end of each step over that at the start: float64 [step + 1]."""
    ends = span.begin.timestamp() + 60.0 * span.minutes * np.arange(span.steps + 1)
    times, closes = np.zeros(0), np.zeros(0)
    for one in sorted((b for b in bars.bars if b.ticker == ticker), key=lambda b: (b.minutes, -len(b.start))):
        ended = one.start.astype(np.int64) + 60.0 * one.minutes
        here = np.flatnonzero((ended >= ends[0]) & (ended <= ends[-1]) & ~_covered(ended, times))
        if here.size:
            first, last = (
                datetime.fromtimestamp(float(ended[place]) - 60 * one.minutes, UTC) for place in here[[0, -1]]
            )
            cut = bars.window(ticker, first, last + timedelta(minutes=one.minutes), one.minutes)
            times = np.concatenate((times, cut.start.astype(np.int64) + 60.0 * one.minutes))
            closes = np.concatenate((closes, cut.close))
    order = np.argsort(times, kind="stable")
    times, closes = times[order], closes[order]
    if not times.size or times[0] > ends[0]:
        raise Refused(
            [Fault(f"bars of {ticker}", "no close at the start", f"a bar must end at {span.begin:%Y-%m-%d %H:%M} UTC")]
        )
    levels = np.exp(np.interp(ends, times, np.log(closes)))
    return levels / levels[0]


def _covered(ended: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Whether finer bars already tell of a time."""
    if not times.size:
        return np.zeros(ended.size, dtype=bool)
    return (ended >= times.min()) & (ended <= times.max())


def _with(path: CoinPath, premium: np.ndarray, dollar: np.ndarray) -> CoinPath:
    return replace(path, premium=premium, won_per_dollar=dollar)


def _halt(path: CoinPath, halts: Sequence[Halt], instruments: CoinInstruments) -> None:
    rows = {coin: row for row, coin in enumerate(instruments.symbols)}
    for halt in halts:
        if coin_of(halt.target) in rows:
            path.halted[1 : halt.sessions * path.steps_a_day + 1, rows[coin_of(halt.target)]] = 1


def _stop(path: CoinPath, events: Iterable[Event], instruments: CoinInstruments) -> None:
    """Events hold from the first step that ends after them; a coin that trades again does so from there."""
    rows = {coin: row for row, coin in enumerate(instruments.symbols)}
    table = {
        "trading halted": (path.halted, 1), "trading resumed": (path.halted, 0),
        "deposits halted": (path.deposits_halted, 1), "deposits resumed": (path.deposits_halted, 0),
        "delisted": (path.delisted, 1),
    }  # fmt: skip
    for event in sorted(events, key=lambda one: one.time):
        if coin_of(event.ticker) not in rows or event.what not in table:
            continue
        row, (flags, value) = rows[coin_of(event.ticker)], table[event.what]
        first = int(np.searchsorted(path.times, np.datetime64(event.time.astimezone(UTC).replace(tzinfo=None), "s")))
        flags[max(1, first) :, row] = value
        if event.what == "delisted":
            path.halted[max(1, first) :, row] = 1
            path.price[max(1, first) :, row] = 0.0
