"""Terra's module run through May 2022: on the recorded demand and price, and beside it under other suppositions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from gaemi.behaviour.runs import runners_of
from gaemi.coins.terra_record import DAY, HOUR, SPAN, Record
from gaemi.kernels.mint import Chain, Minted, Tape
from gaemi.law.lawbook import LawBook
from gaemi.market.stablecoins import LEAD, MINUTE, ONE_DAY, chain_of, recorded_burn, run_module, with_parameters
from gaemi.units import BPS

BEFORE = SPAN.first - ONE_DAY
PROPOSAL = date(2022, 5, 12)
"""The day from which the variant of proposal 1164 has its parameters: the day it was open for votes at the latest."""

PROPOSED = date(2022, 5, 18)
"""A day on which the law has these parameters."""

RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its name, what it supposes, and the module minute by minute."""

    name: str
    supposes: str
    minted: Minted
    sizes: tuple[str, ...] = ()
    peg: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What all runs share: the chain, the demand on record, the supply and the price before the first day."""

    book: LawBook
    record: Record
    chain: Chain
    burn: np.ndarray
    supply: float
    price: float

    def tape(self, **changed: Any) -> Tape:
        """The recorded tape, with some of it changed."""
        nothing = np.zeros(SPAN.minutes)
        return Tape(self.burn, self.record.price, nothing, LEAD, self.supply, 0.0)._replace(**changed)


def setting_of(book: LawBook, record: Record) -> Setting:
    """The chain as it ran and the demand that is on record. Raises Refused where a day's law or supply is missing."""
    chain = chain_of(book, SPAN, record.stops)
    burn = recorded_burn(record.ust, SPAN, chain.running)
    close = float(record.daily_price[LEAD - 1])
    return Setting(book, record, chain, burn, record.luna[BEFORE], close)


def runs_of(setting: Setting, told: Callable[[int, int], None] = lambda done, of: None) -> list[Run]:
    """The run on the record first, then the variants, each labelled; ``told`` hears how many of how many are done."""
    makers = [_recorded, _whole_day, _press_price, _daily, _proposal, _elastic_low, _elastic_high, _holders, _closed]
    found: list[Run] = []
    for number, make in enumerate(makers):
        run = make(setting)
        found += [run] if run is not None else []
        told(number + 1, len(makers))
    return found


def _recorded(setting: Setting) -> Run:
    words = "the day's fall of UST supply, evenly over the minutes in which the chain ran, at the recorded price"
    return Run(RECORDED, words, run_module(setting.chain, setting.tape()))


def _whole_day(setting: Setting) -> Run:
    burn = recorded_burn(setting.record.ust, SPAN, setting.chain.running, whole_day=True)
    words = "as recorded, but a day's fall evenly over all its minutes, so that what falls on a halt is never burned"
    return Run("whole days", words, run_module(setting.chain, setting.tape(burn=burn)))


def _press_price(setting: Setting) -> Run | None:
    """With the last price of the press from its time on, where prices within the day end before it."""
    seen = [moment for moment in setting.record.moments if moment.price is not None]
    if not seen or not 0 < setting.record.price_until <= SPAN.minute(seen[-1].time) < setting.record.halt:
        return None
    last = seen[-1]
    price = setting.record.price.copy()
    price[LEAD + SPAN.minute(last.time) :] = last.price
    words = (
        f"as recorded, with {last.price:f} dollars (press) in place of the last traded price from {last.time:%H:%M} UTC"
    )
    return Run("press price", words, run_module(setting.chain, setting.tape(price=price)))


def _daily(setting: Setting) -> Run | None:
    if not setting.record.price_until:
        return None
    words = "as recorded, with daily closes alone, the logarithm in a straight line between them"
    return Run("daily closes", words, run_module(setting.chain, setting.tape(price=setting.record.daily_price)))


def _proposal(setting: Setting) -> Run:
    base, recovery = (setting.book.value(f"stablecoin.{name}", PROPOSED) for name in ("base_pool", "recovery_period"))
    since = SPAN.minute(datetime(PROPOSAL.year, PROPOSAL.month, PROPOSAL.day))
    chain = with_parameters(setting.chain, float(base), int(recovery), since)
    words = f"as recorded, with the larger pool of proposal 1164 in force from {PROPOSAL}"
    return Run("proposal 1164", words, run_module(chain, setting.tape()))


def _elastic(setting: Setting, elasticity: float) -> Run:
    tape = setting.tape(price=np.array([setting.price]), lead=0, elasticity=elasticity)
    words = f"the recorded demand, and a price that falls from that of {BEFORE} with supply to the power {elasticity:g}"
    return Run(f"elasticity {elasticity:g}", words, run_module(setting.chain, tape))


def _elastic_low(setting: Setting) -> Run:
    return _elastic(setting, float(setting.book.entry("stablecoin.value_elasticity", SPAN.first).low))


def _elastic_high(setting: Setting) -> Run:
    return _elastic(setting, float(setting.book.entry("stablecoin.value_elasticity", SPAN.first).high))


def _holders(setting: Setting) -> Run:
    words = "holders who run by size make the demand (assumed, off by default): they see UST's recorded price"
    return _runners(setting, "holders who run", words, setting.record.peg)


def _closed(setting: Setting) -> Run:
    words = "the same holders, who see the price of the module alone: one dollar less its spread"
    return _runners(setting, "holders who see the module", words, np.zeros(SPAN.minutes))


def _runners(setting: Setting, name: str, supposes: str, peg: np.ndarray) -> Run:
    sizes, runners = runners_of(setting.book, SPAN.first, setting.record.ust[BEFORE])
    minted = run_module(setting.chain, setting.tape(burn=np.zeros(SPAN.minutes), peg=peg), runners)
    return Run(name, supposes, minted, tuple(sizes), peg)


def at_end_of(run: Run, day: date, halt: int) -> int:
    """The minute at which a day's supply stands: its last, or the halt where that comes first."""
    return min(SPAN.end_of(day), halt - 1)


def day_rows(setting: Setting, run: Run) -> list[dict[str, Any]]:
    """Model beside record, one row a day and one for the halt: supply, spread, prices, coins burned."""
    record, minted = setting.record, run.minted
    rows, burned = [], 0.0
    coin, stable = (record.daily.of(name) for name in ("LUNAUSDT", "USTUSDT"))
    for day in SPAN.days:
        end = at_end_of(run, day, record.halt)
        begin = SPAN.end_of(day) - DAY + 1
        on = minted.spread[begin : end + 1]
        supply, published = float(minted.supply[end]), record.luna[day]
        rows.append(
            {
                "date": str(day),
                "until": f"{SPAN.start + (end + 1) * MINUTE:%Y-%m-%d %H:%M}",
                "supply_model": supply,
                "supply_record": published,
                "model_over_record": supply / published,
                "times_model": supply / setting.supply,
                "times_record": published / setting.supply,
                "oracle_pool_coins": float(minted.pool_coins[end]),
                "spread_mean_pct": 100.0 * float(on.sum() / on.size),
                "spread_max_pct": 100.0 * float(on.max()),
                "module_price_usd": 1.0 - float(on.max()),
                "ust_low_usd": _of_day(stable, "low", day),
                "ust_close_usd": _of_day(stable, "close", day),
                "luna_price_model_usd": float(minted.price[end]),
                "luna_close_usd": _of_day(coin, "close", day),
                "burned_ust": float(minted.burned[end]) - burned,
                "burned_record_ust": record.ust[day - ONE_DAY] - record.ust[day],
            }
        )
        burned = float(minted.burned[end])
    return rows


def _of_day(bars: Any, field: str, day: date) -> float:
    place = int((bars.start.astype("datetime64[D]") == np.datetime64(day)).argmax())
    return float(getattr(bars, field)[place])


def variant_row(setting: Setting, run: Run) -> dict[str, Any]:
    """One run in a row: supply over the start at the end of each day and at the halt, and the miss."""
    record, minted = setting.record, run.minted
    ends = {str(day): at_end_of(run, day, record.halt) for day in SPAN.days}
    halted = record.moments[-1].coins
    last = float(minted.supply[record.halt - 1])
    row: dict[str, Any] = {
        "name": run.name,
        "supposes": run.supposes,
        "supply": {day: float(minted.supply[end]) for day, end in ends.items()},
        "times": {day: float(minted.supply[end]) / setting.supply for day, end in ends.items()},
        "supply_at_halt": last,
        "times_at_halt": last / setting.supply,
        "record_at_halt": halted,
        "model_over_record_at_halt": last / halted,
        "burned_ust": float(minted.burned[record.halt - 1]),
        "spread_max_pct": 100.0 * float(minted.spread[: record.halt].max()),
    }
    if run.sizes:
        row["classes"] = _classes(run, record.halt - 1)
    return row


def _classes(run: Run, end: int) -> dict[str, dict[str, float | None]]:
    """By size of holder: share of its coins burned, and the mean price that they were left at."""
    found: dict[str, dict[str, float | None]] = {}
    for c, size in enumerate(run.sizes):
        left = run.minted.left[: end + 1, c]
        burned = left[:-1] - left[1:]
        peg = 1.0 - run.minted.spread[1 : end + 1]
        if run.peg is not None and run.peg.any():
            peg = run.peg[1 : end + 1]
        total = float(burned.sum())
        found[size] = {
            "burned_share": total / float(left[0]),
            "mean_price_usd": float((burned * peg).sum()) / total if total else None,
        }
    return found


def hour_rows(setting: Setting, run: Run) -> list[dict[str, Any]]:
    """The run at the end of each hour up to the halt, beside UST's hour where it was recorded."""
    minted, bars = run.minted, setting.record.hours
    hours = [] if bars is None else [int(each) for each in bars.start.astype("datetime64[m]").astype(np.int64)]
    begin = int(np.datetime64(SPAN.start, "m").astype(np.int64))
    recorded = {minute - begin: place for place, minute in enumerate(hours)}
    rows = []
    for minute in range(0, setting.record.halt, HOUR):
        end = min(minute + HOUR, setting.record.halt) - 1
        place = recorded.get(minute)
        close = None if place is None or bars is None else float(bars.close[place])
        rows.append(
            {
                "time": f"{SPAN.start + minute * MINUTE:%Y-%m-%d %H:%M}",
                "supply_model": float(minted.supply[end]),
                "spread_pct": 100.0 * float(minted.spread[end]),
                "module_price_usd": 1.0 - float(minted.spread[end]),
                "ust_close_usd": close,
                "luna_price_usd": float(minted.price[end]),
            }
        )
    return rows


def peg_row(setting: Setting, hours: list[dict[str, Any]]) -> dict[str, Any]:
    """Hours by whether the model's spread is too wide and whether the recorded peg was broken."""
    wide, broken = (
        setting.book.value(f"stablecoin.{name}", SPAN.first) / BPS for name in ("broken_spread", "broken_below")
    )
    known = [row for row in hours if row["ust_close_usd"] is not None]
    tests = [(row["spread_pct"] > 100.0 * wide, row["ust_close_usd"] < broken) for row in known]
    both = tests.count((True, True))
    said = both + tests.count((True, False))
    return {
        "spread_over_pct": 100.0 * wide,
        "peg_under_usd": broken,
        "hours": len(known),
        "both": both,
        "model_only": tests.count((True, False)),
        "record_only": tests.count((False, True)),
        "neither": tests.count((False, False)),
        "broken_while_wide_pct": 100.0 * both / said if said else None,
        "agreement_pct": 100.0 * (both + tests.count((False, False))) / len(known) if known else None,
    }


def moment_rows(setting: Setting, run: Run) -> list[dict[str, Any]]:
    """The run at the moments of which the press printed the supply."""
    rows = []
    for moment in setting.record.moments:
        end = min(SPAN.minute(moment.time), setting.record.halt) - 1
        supply = float(run.minted.supply[end])
        rows.append(
            {
                "time": f"{moment.time:%Y-%m-%d %H:%M}",
                "supply_model": supply,
                "supply_record": moment.coins,
                "model_over_record": supply / moment.coins,
                "source": moment.source,
            }
        )
    return rows
