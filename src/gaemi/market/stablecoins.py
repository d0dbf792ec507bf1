"""A mint-and-burn module on a recorded or an assumed path: its law by the minute, its demand and its prices.

Times are UTC and name the begin of a minute, as the chain and the files of bars have them. Nothing here is fitted:
what goes in is recorded, or stands in the law with its range.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from gaemi.chance import exp, log
from gaemi.errors import Fault, Refused, refuse
from gaemi.kernels._compile import compiled
from gaemi.kernels.mint import MINUTES_A_DAY, Chain, Minted, Runners, Tape, mint
from gaemi.law.lawbook import LawBook
from gaemi.units import BPS

MINUTE, ONE_DAY = timedelta(minutes=1), timedelta(days=1)
LEAD = MINUTES_A_DAY
"""Minutes of prices that a run takes from before its start: the oracle's price is older than the block."""

NOTHING = np.zeros(0)
NOBODY = Runners(NOTHING, NOTHING, NOTHING, NOTHING, 1.0)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days in UTC from ``first`` to ``last``, both included, minute by minute."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        return datetime(self.first.year, self.first.month, self.first.day)

    @property
    def days(self) -> list[date]:
        count = (self.last - self.first).days + 1
        return [self.first + i * ONE_DAY for i in range(count)]

    @property
    def minutes(self) -> int:
        return len(self.days) * MINUTES_A_DAY

    def minute(self, time: datetime) -> int:
        """Minutes from the start to ``time``, rounded down, held between 0 and the span's end."""
        return min(max((time - self.start) // MINUTE, 0), self.minutes)

    def end_of(self, day: date) -> int:
        """The last minute of a day of the span."""
        return ((day - self.first).days + 1) * MINUTES_A_DAY - 1


def chain_of(book: LawBook, span: Span, stops: Sequence[tuple[datetime, datetime]] = ()) -> Chain:
    """The module as the law of each day of the span has it; ``stops`` are times in which the chain makes no block.

    Raises Refused where the law of a day knows no module.
    """
    faults, rows = [], []
    for day in span.days:
        row = [book.value(f"stablecoin.{name}", day) for name in ("base_pool", "recovery_period", "least_spread")]
        if not row[0]:
            faults.append(Fault(str(day), "no mint-and-burn module", "the day must be one on which the law knows it"))
        rows.append(row)
    if faults:
        raise Refused(faults)
    running = np.ones(span.minutes, np.int64)
    for begin, end in stops:
        running[span.minute(begin) : span.minute(end)] = 0
    base, recovery, least = (np.repeat([row[i] for row in rows], MINUTES_A_DAY) for i in range(3))
    return Chain(
        base=base.astype(np.float64),
        recovery=recovery.astype(np.int64),
        least=least / BPS,
        running=running,
        blocks_a_day=int(book.value("stablecoin.blocks_a_day", span.first)),
        vote_blocks=int(book.value("stablecoin.vote_period", span.first)),
        sdr_dollars=float(book.value("stablecoin.sdr_dollars", span.first)),
    )


def with_parameters(chain: Chain, base: float, recovery: int, since: int) -> Chain:
    """The chain with another pool from the minute ``since`` on."""
    changed, blocks = chain.base.copy(), chain.recovery.copy()
    changed[since:], blocks[since:] = base, recovery
    return chain._replace(base=changed, recovery=blocks)


def recorded_burn(supply: Mapping[date, float], span: Span, running: np.ndarray, whole_day: bool = False) -> np.ndarray:
    """Stablecoins offered in each minute, float64 [minutes]: the fall of a day's supply, evenly over the day.

    Over the minutes in which the chain ran, because what was burned that day was burned then; with ``whole_day`` over
    all 1,440, so that what falls on a stop is lost. A day on which supply grew has no demand.

    Raises Refused, with every day, where a day's supply or that of the day before is not known.
    """
    wanted = [span.first - ONE_DAY, *span.days]
    faults = [
        Fault(str(day), "no supply of the stablecoin", "the supply of each day must be known")
        for day in wanted
        if day not in supply
    ]
    if faults:
        raise Refused(faults)
    burn = np.zeros(span.minutes)
    for number, day in enumerate(span.days):
        fall = max(supply[day - ONE_DAY] - supply[day], 0.0)
        part = slice(number * MINUTES_A_DAY, (number + 1) * MINUTES_A_DAY)
        ran = running[part].astype(np.float64)
        total = MINUTES_A_DAY if whole_day else ran.sum()
        if total:
            burn[part] = ran * (fall / total)
    return burn


def price_path(closes: Any, minutes: int, span: Span, lead: int = LEAD, hold: bool = False) -> np.ndarray:
    """Prices at each minute's close, float64 [``lead`` + minutes], from closes of bars of ``minutes`` each.

    ``closes`` has ``start`` (datetime64, UTC) and ``close``. Between two closes the logarithm goes in a straight line;
    after the last, ``hold`` keeps it.

    Raises Refused where the closes begin too late or, without ``hold``, end too early.
    """
    begin = np.datetime64(span.start, "m") - lead
    places = (closes.start.astype("datetime64[m]") - begin).astype(np.int64) + minutes - 1
    wanted = lead + span.minutes
    if not places.size or places[0] > 0:
        found = "none" if not places.size else str(closes.start[0])
        raise refuse("prices", f"first close of {found}", f"must begin by {span.start - lead * MINUTE}")
    if places[-1] < wanted - 1 and not hold:
        raise refuse("prices", f"last close of {closes.start[-1]}", f"must last to the end of {span.last}")
    path = np.empty(wanted)
    known = [(int(place), float(close)) for place, close in zip(places, closes.close, strict=True)]
    for (left, price), (right, after) in zip(known, [*known[1:], (known[-1][0], known[-1][1])], strict=True):
        if right < 0 or left >= wanted:
            continue
        draw_line(path, (left, price), (right, after))
    path[max(known[-1][0], 0) :] = known[-1][1] if known[-1][0] < wanted else path[max(known[-1][0], 0) :]
    return path


def draw_line(path: np.ndarray, left: tuple[int, float], right: tuple[int, float]) -> None:
    """Write the places from ``left`` to before ``right``; a step of one minute takes the close as it is."""
    (begin, price), (end, after) = left, right
    if 0 <= begin < path.size:
        path[begin] = price
    if end - begin < 2:
        return
    slope = log(after / price) / (end - begin)
    for place in range(max(begin + 1, 0), min(end, path.size)):
        path[place] = price * exp(slope * (place - begin))


def joined(fine: np.ndarray, known: int, daily: np.ndarray) -> np.ndarray:
    """``fine`` up to the minute ``known``, and from there on the way to the ``daily`` path at its next midnight.

    Both are float64 [minutes], the day's last minute being the close of ``daily``.
    """
    path = daily.copy()
    path[:known] = fine[:known]
    close = (known // MINUTES_A_DAY + 1) * MINUTES_A_DAY - 1
    if 0 < known <= close < path.size:
        draw_line(path, (known - 1, float(fine[known - 1])), (close, float(daily[close])))
    return path


def run_module(chain: Chain, tape: Tape, runners: Runners = NOBODY, plain: bool = False) -> Minted:
    """Run the module over all minutes. ``runners`` are copied; ``plain`` runs the kernel as it is written."""
    minutes, classes = tape.burn.size, runners.held.size
    assert tape.elasticity > 0.0 or tape.price.size >= tape.lead + minutes, "every minute has a price"
    supply, pool_coins, spread, delta, burned, price = np.zeros((6, minutes))
    out = Minted(supply, pool_coins, spread, delta, burned, price, np.zeros((minutes, classes)))
    kernel = mint if plain else compiled(mint)
    kernel(chain, tape, runners._replace(held=runners.held.copy()), out)
    return out
