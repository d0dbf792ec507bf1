"""A venue for perpetuals through time: positions tested at each mark, closed, paid for by the fund, deleveraged.

The order of a step is the order of :func:`venue_step`; funding is paid before it at the hours of the venue.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from gaemi.errors import refuse
from gaemi.kernels import venue as kernels
from gaemi.kernels.deleverage import deleverage
from gaemi.kernels.venue import BUY, SELL, VenueQuotes, VenueTerms
from gaemi.law.lawbook import LawBook
from gaemi.market.marks import Marks
from gaemi.records.positions import MICRO, House, Schedule, VenueAccounts, copied, house_of, total_micro
from gaemi.rules.perpetual import E6, funding_micro
from gaemi.units import BPS
from gaemi.workers import LocalWorkers

OTHER = "other"
"""Schedule of contracts that the law does not name."""

_HOUR = np.timedelta64(3600, "s")


@dataclass(frozen=True, slots=True)
class Fills:
    """What the book pays and takes: int64 [time, side, contract], sides SELL and BUY.

    ``trade_micro`` is the price of a lot, ``share_bps`` the share of each order that trades, ``depth_lots`` the most
    that trades in all, None where the book is as deep as needed.
    """

    trade_micro: np.ndarray
    share_bps: np.ndarray
    depth_lots: np.ndarray | None = None


def fills_at(marks: Marks, below_bps: int = 0) -> Fills:
    """Every order trades whole, sales ``below_bps`` under the mark and purchases as much over it."""
    mark = marks.micro
    sold, bought = mark * (BPS - below_bps) // BPS, -(-mark * (BPS + below_bps) // BPS)
    trade = np.maximum(np.stack((sold, bought), axis=1), 1)
    return Fills(trade, np.full(trade.shape, BPS, np.int64))


@dataclass(frozen=True, slots=True)
class VenueStep:
    """One step in micro: what was closed by side, how, and what stands after."""

    time: np.datetime64
    liquidated_micro: np.ndarray  # int64[side, contract] value at the mark of all that was closed
    accounts: int  # accounts in which something was closed
    fund_micro: int
    deficit_micro: int  # what the fund paid in the step
    deleveraged_micro: int  # value at the mark closed against other accounts
    uncovered_micro: int  # what the venue bore itself so far, 0 or less

    @property
    def long_micro(self) -> int:
        return int(self.liquidated_micro[SELL].sum())

    @property
    def short_micro(self) -> int:
        return int(self.liquidated_micro[BUY].sum())


@dataclass(frozen=True, slots=True)
class VenueResult:
    """A venue after a run: its accounts and its house, and what happened at each time."""

    accounts: VenueAccounts
    house: House
    tickers: tuple[str, ...]
    steps: tuple[VenueStep, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def liquidated_micro(self) -> int:
        """Value at the mark of all that was closed, both sides."""
        return sum(step.long_micro + step.short_micro for step in self.steps)

    @property
    def long_share(self) -> float | None:
        """Long positions' share of what was closed, 0 to 1; None where nothing was."""
        total = self.liquidated_micro
        return sum(step.long_micro for step in self.steps) / total if total else None

    def busiest_hour(self) -> np.datetime64 | None:
        """The begin of the clock hour (UTC) in which most was closed, the earlier of equals; None where nothing was.

        A mark stands at the end of its bar, so that the bar of 21:00 to 22:00 belongs to the hour of 21:00.
        """
        by_hour: dict[np.datetime64, int] = {}
        for step in self.steps:
            hour = (step.time - np.timedelta64(1, "s")).astype("datetime64[h]")
            by_hour[hour] = by_hour.get(hour, 0) + step.long_micro + step.short_micro
        if not self.liquidated_micro:
            return None
        return max(sorted(by_hour), key=lambda hour: by_hour[hour])

    def rows(self) -> list[dict[str, Any]]:
        """A row a step, money in whole units of the quote currency, for tables and frames."""
        return [
            {
                "time": str(step.time),
                "liquidated_long": step.long_micro // MICRO,
                "liquidated_short": step.short_micro // MICRO,
                "accounts": step.accounts,
                "fund": step.fund_micro // MICRO,
                "paid_by_fund": step.deficit_micro // MICRO,
                "deleveraged": step.deleveraged_micro // MICRO,
                "uncovered": -(-step.uncovered_micro // MICRO),
            }
            for step in self.steps
        ]


def schedules(book: LawBook, on: date, tickers: Sequence[str]) -> list[Schedule]:
    """The law's schedule of each contract on the date; contracts that it does not name have that of others.

    Raises :class:`gaemi.errors.Refused` where there was no such contract yet.
    """
    known = book.value("perpetual.tiers", on)
    found = []
    for ticker in tickers:
        table = known[ticker if ticker in known else OTHER]
        if table is None:
            raise refuse("--on", str(on), f"{ticker} must have tiers in the law (perpetual.tiers)", "give a later day")
        floors = [0, *(row[0] * MICRO for row in table[:-1])]
        found.append(Schedule(ticker, tuple(floors), tuple(row[1] * (E6 // BPS) for row in table)))
    return found


def venue_terms(found: Sequence[Schedule], taker_bps: int, liquidation_bps: int) -> VenueTerms:
    """Schedules and fees laid out for kernels; a short schedule repeats its last tier, which changes nothing."""
    width = max(len(each.rates_e6) for each in found)

    def padded(values: tuple[int, ...]) -> list[int]:
        return [*values, *[values[-1]] * (width - len(values))]

    floors, rates, amounts = (
        np.array([padded(getattr(each, name)) for each in found], np.int64)
        for name in ("floors_micro", "rates_e6", "amounts_micro")
    )
    return VenueTerms(floors, rates, amounts, taker_bps * (E6 // BPS), liquidation_bps * (E6 // BPS))


def terms_of(book: LawBook, on: date, tickers: Sequence[str]) -> VenueTerms:
    """The law's terms for these contracts on the date."""
    fees = (int(book.value(f"perpetual.{name}", on)) for name in ("taker_fee", "liquidation_fee"))
    return venue_terms(schedules(book, on, tickers), *fees)


def venue_step(
    accounts: VenueAccounts, house: House, quotes: VenueQuotes, terms: VenueTerms, workers: LocalWorkers
) -> VenueStep:
    """Test all accounts at the mark and close what must be closed; changes ``accounts`` and ``house``."""
    ordered = np.zeros((2, quotes.mark.size), np.int64)
    workers.each(kernels.plan, [accounts], quotes, terms, out=[ordered])
    return close_ordered(accounts, house, quotes, terms, workers) if ordered.any() else _nothing(house, quotes)


def close_ordered(
    accounts: VenueAccounts, house: House, quotes: VenueQuotes, terms: VenueTerms, workers: LocalWorkers
) -> VenueStep:
    """Trade the orders that stand, let the fund pay what they leave, deleverage where it cannot."""
    left = kernels.fill_tally(quotes.mark.size)
    workers.each(kernels.close, [accounts], quotes, terms, 0, out=[left])
    means = house.fund_micro + int(left.money[kernels.SURPLUS_MICRO])
    closed = np.zeros((2, quotes.mark.size), np.int64)
    taken, deleveraged_micro = 0, 0
    if int(left.money[kernels.DEFICIT_MICRO]) > means:
        forced, taken = deleverage(accounts, quotes, terms, means, workers.ready)
        closed += forced.value_micro + forced.rest_value_micro
        deleveraged_micro = int(forced.value_micro.sum())
        house.rest_lots += forced.rest_lots[SELL] - forced.rest_lots[BUY]
        house.rest_micro += int(forced.money[0])
        house.uncovered_micro += int(forced.money[1])
    tally = kernels.fill_tally(quotes.mark.size)
    workers.each(kernels.close, [accounts], quotes, terms, 1, out=[tally])
    moved = [int(amount) for amount in tally.money]
    house.rest_lots += tally.lots[SELL] - tally.lots[BUY]
    house.rest_micro += moved[kernels.REST_MICRO]
    house.fees_micro += moved[kernels.FEE_MICRO]
    house.fund_micro += moved[kernels.SURPLUS_MICRO] - moved[kernels.DEFICIT_MICRO]
    assert house.fund_micro >= 0, "the fund pays only what it has"
    closed += tally.value_micro
    return VenueStep(
        np.datetime64("NaT", "s"),
        closed,
        moved[kernels.ACCOUNTS_CLOSED] + taken,
        house.fund_micro,
        moved[kernels.DEFICIT_MICRO],
        deleveraged_micro,
        house.uncovered_micro,
    )


def run_venue(
    accounts: VenueAccounts,
    marks: Marks,
    fills: Fills,
    terms: VenueTerms,
    workers: LocalWorkers,
    house: House | None = None,
    funding_e8: np.ndarray | None = None,
) -> VenueResult:
    """The venue at every time of ``marks``: funding where it is due, then :func:`venue_step`.

    ``accounts`` and ``house`` stay as they are; without a house the rest of the market is the other side of all
    positions and the fund is empty. ``funding_e8`` is int64 [time, contract] in hundred-millionths of the value at the
    mark, above 0 where longs pay, 0 at times when none is due; None: no funding.
    """
    accounts = copied(accounts)
    house = (
        house_of(accounts, len(marks.tickers)) if house is None else replace(house, rest_lots=house.rest_lots.copy())
    )
    steps = []
    total = total_micro(accounts, house, marks.micro[0])
    for t, time in enumerate(marks.times):
        if funding_e8 is not None and funding_e8[t].any():
            _pay_funding(accounts, house, marks.micro[t], funding_e8[t], workers)
        quotes = _quotes_at(marks, fills, t)
        ordered = np.zeros((2, quotes.mark.size), np.int64)
        workers.each(kernels.plan, [accounts], quotes, terms, out=[ordered])
        if ordered.any():
            step = close_ordered(accounts, house, _with_depth(quotes, fills, ordered, t), terms, workers)
        else:
            step = _nothing(house, quotes)
        steps.append(replace(step, time=time))
    assert total == total_micro(accounts, house, marks.micro[-1]), "a run makes no money and loses none"
    return VenueResult(accounts, house, marks.tickers, tuple(steps), marks.rules)


def _quotes_at(marks: Marks, fills: Fills, t: int) -> VenueQuotes:
    return VenueQuotes(marks.micro[t], fills.trade_micro[t], fills.share_bps[t])


def _with_depth(quotes: VenueQuotes, fills: Fills, ordered: np.ndarray, t: int) -> VenueQuotes:
    """The quotes with no more filled than the book holds: every order of a side gets the same share."""
    if fills.depth_lots is None:
        return quotes
    share = np.minimum(fills.depth_lots[t], ordered) * BPS // np.maximum(ordered, 1)
    return quotes._replace(fill_bps=np.where(ordered > 0, np.minimum(quotes.fill_bps, share), quotes.fill_bps))


def _pay_funding(
    accounts: VenueAccounts, house: House, mark: np.ndarray, rates_e8: np.ndarray, workers: LocalWorkers
) -> None:
    """Longs pay shorts; the rest of the market pays or gets what is left between them."""
    a_lot = np.array([funding_micro(int(m), int(r)) for m, r in zip(mark, rates_e8, strict=True)], np.int64)
    paid = np.zeros(1, np.int64)
    workers.each(kernels.pay_funding, [accounts], a_lot, out=[paid])
    rest = sum(int(lots) * int(each) for lots, each in zip(house.rest_lots, a_lot, strict=True))
    assert rest == -int(paid[0]), "what longs pay is what shorts get"
    house.rest_micro -= rest


def worst_case(
    accounts: VenueAccounts, marks: Marks, t: int, terms: VenueTerms, workers: LocalWorkers
) -> list[dict[str, Any]]:
    """A row a contract: positions that its own low and high of step ``t`` would close, all others at the mark.

    Last-trade extremes are a worst case for one name at a time. They are never added up over names: nothing says that
    all were touched at once, and venues liquidate on the mark, not on the last trade.
    """
    mark, extremes = marks.micro[t], np.stack((marks.low_micro[t], marks.high_micro[t]))
    found = np.zeros((2, 2, mark.size), np.int64)
    workers.each(kernels.worst_case, [accounts], mark, extremes, terms, out=[found])
    return [
        {
            "ticker": ticker,
            "longs": int(found[0, SELL, m]),
            "long_value": int(found[1, SELL, m]) // MICRO,
            "shorts": int(found[0, BUY, m]),
            "short_value": int(found[1, BUY, m]) // MICRO,
        }
        for m, ticker in enumerate(marks.tickers)
    ]


def _nothing(house: House, quotes: VenueQuotes) -> VenueStep:
    nothing = np.zeros((2, quotes.mark.size), np.int64)
    return VenueStep(np.datetime64("NaT", "s"), nothing, 0, house.fund_micro, 0, 0, house.uncovered_micro)
