"""Moves of coins in words, and the marks that follow from them.

``BTC -20%`` moves bitcoin and, since nothing else is said, every other coin as much: coins that a shock does not name
follow bitcoin, beta 1. ``BTC -20%, ETH -30%`` moves ETH by its own. ``ALL -20%``, or ``-20%``, moves every coin.
Where bitcoin is not named either, the other coins stand still.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gaemi import chance
from gaemi.book.venue_accounts import VenueBook
from gaemi.errors import Fault, Refused, closest
from gaemi.market.marks import Marks
from gaemi.market.shocks import plain_signs
from gaemi.sources.tickers import BITCOIN, coin_of
from gaemi.units import BPS

ALL = "ALL"
_FORM = 'must be written as "BTC -20%" or "BTC -20%, ETH -30%" or "ALL -20%"'
_MOVE = re.compile(r"(?P<target>[^\s%]*?)\s*(?P<sign>[+-])\s*(?P<number>\d+(?:\.\d{1,2})?)\s*%")
_MOST_BPS = 100 * BPS
_STEP = np.timedelta64(60, "s")


@dataclass(frozen=True, slots=True)
class CoinShock:
    """Moves in bps by coin, and of the coins that are not named."""

    moves: dict[str, int]
    others_bps: int

    def change_bps(self, ticker: str) -> int:
        """The move of a contract."""
        return self.moves.get(coin_of(ticker), self.others_bps)

    def __str__(self) -> str:
        told = [f"{coin} {bps / 100:+g} %" for coin, bps in self.moves.items()]
        rest = f"all other coins {self.others_bps / 100:+g} %" if self.others_bps else "all other coins unmoved"
        return ", ".join([*told, rest if told else f"all coins {self.others_bps / 100:+g} %"])


def parse_coin_shock(text: str, tickers: Sequence[str], where: str = "--shock") -> CoinShock:
    """The shock that ``text`` writes, for a book of these contracts.

    Raises :class:`gaemi.errors.Refused` with every fault: another form, a coin that the book does not hold, a coin
    twice, a fall to 0 or below.

    >>> str(parse_coin_shock("BTC -20%, ETH -30%", ["BTCUSDT", "ETHUSDT"]))
    'BTC -20 %, ETH -30 %, all other coins -20 %'
    """
    known = {coin_of(ticker) for ticker in tickers} | {BITCOIN, ALL}
    moves: dict[str, int] = {}
    faults: list[Fault] = []
    for part in plain_signs(text).split(","):
        match = _MOVE.fullmatch(part.strip())
        if match is None:
            faults.append(Fault(where, f"'{part.strip()}'", _FORM))
            continue
        coin = ALL if match["target"].upper() in ("", ALL) else coin_of(match["target"])
        bps = round(float(match["number"]) * 100) * (-1 if match["sign"] == "-" else 1)
        if coin not in known:
            faults.append(Fault(where, f"'{match['target']}'", "must be a coin of the book", closest(coin, known)))
        elif coin in moves:
            faults.append(Fault(where, f"{coin} twice", "must name each coin once"))
        elif not -BPS < bps <= _MOST_BPS:
            faults.append(Fault(where, f"{bps / 100:+g} %", "must be above -100 % and at most +10000 %"))
        moves[coin] = bps
    if faults:
        raise Refused(faults)
    everything = moves.pop(ALL, None)
    return CoinShock(moves, everything if everything is not None else moves.get(BITCOIN, 0))


def marks_at(made: VenueBook, factors: np.ndarray, times: np.ndarray) -> Marks:
    """The book's marks x ``factors`` float64 [time, contract], whole micro a lot, at least 1."""
    micro = np.maximum(np.round(made.mark_micro * factors), 1).astype(np.int64)
    return Marks(made.tickers, times, tuple(made.coins_a_lot.tolist()), micro, micro, micro)


def shocked_marks(made: VenueBook, shock: CoinShock, steps: int, start: np.datetime64) -> Marks:
    """The marks of a shock that comes in ``steps`` equal log steps, a minute apart."""
    changes = [shock.change_bps(ticker) for ticker in made.tickers]
    logs = np.array([chance.log((BPS + bps) / BPS) for bps in changes])
    grown = [[chance.exp(log * (step / steps)) for log in logs] for step in range(1, steps)]
    # The last step is the move as it was written, not its logarithm's.
    factors = np.array([*grown, [(BPS + bps) / BPS for bps in changes]])
    return marks_at(made, factors, start + _STEP * np.arange(1, steps + 1))
