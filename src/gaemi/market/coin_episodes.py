"""Named stretches of coin history, shipped as small tables of published daily figures.

Each episode has three tables beside one another: daily bars of its names (days of UTC), won per dollar and the
premium of won exchanges, and what venues and chains stopped and when. Finer replays take bars with ``--prices``.

Source: CoinMarketCap (LUNA, UST and USDT: daily prices in dollars, circulating supply), Binance (daily and half-hour
spot candles in USDT), and for the premium a won exchange and Bitstamp; each table says its own. LUNA is the coin of
the old chain, which was renamed LUNC on 2022-05-28, and UST the one renamed USTC; here they keep their names of the
time.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from gaemi.errors import closest, refuse
from gaemi.sources.intraday import BarHistory, read_bars
from gaemi.sources.intraday_times import UTC as UTC_WORD
from gaemi.sources.tickers import canonical, coin_of

FOLDER = Path(__file__).with_name("episodes")
BPS_A_PERCENT = 100


@dataclass(frozen=True, slots=True)
class CoinEpisode:
    """A stretch of days of UTC from ``first`` to ``end``, replayed from the close of ``start``, the day before.

    ``tickers`` are the names at the heart of it, all of which the shipped table holds. The table may begin before
    ``start``.
    """

    name: str
    start: date
    first: date
    end: date
    note: str
    tickers: tuple[str, ...]

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.name}.csv"


COIN_EPISODES = (
    CoinEpisode(
        "terra-2022",
        start=date(2022, 5, 6),
        first=date(2022, 5, 7),
        end=date(2022, 5, 13),
        note="The end of Terra: its stablecoin UST left the peg on 7 May 2022, and LUNA, minted to redeem it, fell "
        "from 77 dollars to 0.0001 by 13 May while its supply rose from 343 million to 6.5 trillion coins.",
        tickers=("LUNAUSDT", "USTUSDT", "USDT", "BTCUSDT", "ETHUSDT"),
    ),
    CoinEpisode(
        "oct-2025",
        start=date(2025, 10, 7),
        first=date(2025, 10, 8),
        end=date(2025, 10, 13),
        note="10 October 2025: 19.1 bn dollars of perpetual positions were liquidated within 24 hours, 87.4 % of them "
        "long; bitcoin lost 16.9 % in three hours.",
        tickers=("BTCUSDT", "ETHUSDT", "XRPUSDT", "SOLUSDT", "SUIUSDT"),
    ),
)
"""Every named episode of coins, by date."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a venue or chain did to a name, and when (UTC): ``deposits halted``, ``trading halted``, ``delisted``."""

    time: datetime
    ticker: str
    what: str
    venue: str
    source: str


def coin_episode(name: str) -> CoinEpisode:
    """The episode of coins called ``name``.

    Raises :class:`gaemi.errors.Refused`, naming the closest, where there is none.

    >>> coin_episode("terra-2022").end
    datetime.date(2022, 5, 13)
    """
    known = {one.name: one for one in COIN_EPISODES}
    found = known.get(name.strip().lower())
    if found is None:
        allowed = f"must be one of {', '.join(known)}, or a file or folder of bars"
        raise refuse("--replay", f"'{name}'", allowed, closest(name.strip().lower(), known))
    return found


def is_coin_episode(name: object) -> bool:
    """Whether ``name`` is the name of an episode of coins.

    >>> is_coin_episode("oct-2025"), is_coin_episode("june-2022")
    (True, False)
    """
    return isinstance(name, str) and name.strip().lower() in {one.name for one in COIN_EPISODES}


@lru_cache(maxsize=4)
def episode_bars(name: str) -> BarHistory:
    """The shipped daily bars of an episode, days of UTC; LUNA, UST and USDT are in dollars and without a volume."""
    return read_bars(coin_episode(name).file, zone=UTC_WORD)


def episode_supply(name: str) -> dict[str, dict[date, float]]:
    """Circulating coins by coin (``LUNA``, ``UST``, ``USDT``) and day of UTC, where they were published."""
    found: dict[str, dict[date, float]] = {}
    for row in _rows(coin_episode(name).file):
        supply = _figure(row.get("circulating_supply"))
        if supply is not None:
            found.setdefault(coin_of(row["symbol"]), {})[date.fromisoformat(row["date"])] = supply
    return found


def episode_events(name: str) -> tuple[Event, ...]:
    """What venues and chains stopped, in order of time."""
    events = [
        Event(
            datetime.fromisoformat(row["time_utc"]).replace(tzinfo=UTC),
            canonical(row["ticker"]),
            row["what"],
            row["venue"],
            row["source"],
        )
        for row in _rows(FOLDER / f"{coin_episode(name).name}-events.csv")
    ]
    return tuple(sorted(events, key=lambda one: (one.time, one.ticker, one.venue, one.what)))


def won_per_dollar(name: str) -> dict[date, float]:
    """Won per dollar by day of UTC; a weekend carries the last rate."""
    return _daily(name, "krw_per_usd")


def premium_bps(name: str) -> dict[date, float]:
    """By how much bitcoin costs more in won than its dollar price at the day's rate, in bps, at the day's close."""
    return {day: percent * BPS_A_PERCENT for day, percent in _daily(name, "btc_premium_pct").items()}


def usdt_premium_bps(name: str) -> dict[date, float]:
    """By how much a USDT costs more in won than a dollar, in bps; empty before won exchanges listed it (2023-12)."""
    return {day: percent * BPS_A_PERCENT for day, percent in _daily(name, "usdt_premium_pct").items()}


def _daily(name: str, column: str) -> dict[date, float]:
    rows = _rows(FOLDER / f"{coin_episode(name).name}-won.csv")
    figures = {date.fromisoformat(row["date"]): _figure(row[column]) for row in rows}
    return {day: figure for day, figure in figures.items() if figure is not None}


def _rows(file: Path) -> Iterator[dict[str, str]]:
    """The rows of one of our own tables, below the lines that say where the figures come from."""
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(line for line in lines if not line.startswith("#"))


def _figure(text: str | None) -> float | None:
    return float(text) if text else None
