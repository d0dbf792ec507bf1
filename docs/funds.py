"""Print the tables of docs/validation.md on funds: the engine's rule for a fund beside the fund's own recorded closes.

Usage: python docs/funds.py SOURCE     SOURCE: a folder with the files named in TICKER_FILES, COLUMN_FILES and below
"""

import argparse
import csv
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from math import prod, sqrt
from pathlib import Path
from statistics import linear_regression, stdev

from gaemi.days import sessions_between
from gaemi.law.lawbook import LawBook, load
from gaemi.market.funds import FundTerms, terms
from gaemi.rules.funds import SESSIONS_A_YEAR, carry_a_session, value_step
from gaemi.units import BPS

TICKER_FILES = (
    ("us_stock_letf_ohlc_2010_2025.csv", "ticker"),
    ("us_letf_close_extra.csv", "ticker"),
    ("kr_etf_ohlcv_2002_2023.csv", "code"),
    ("kr_etf_stock_ohlc_2023_2025.csv", "ticker"),
)
COLUMN_FILES = (
    ("kr_kospi200_daily_1990_2023.csv", "kospi200_close", "KOSPI 200"),
    ("kr_index_daily.csv", "kospi_close", "KOSPI"),
    ("svxy_ohlcv_2011_2018.csv", "close", "SVXY"),
)
BILLS = ("us_tbill_13w_daily.csv", "tbill_13w_annual_pct")
BASE_RATE = ("kr_rates_fx_daily.csv", "bok_base_rate_pct")
VIX_FUTURES = "vix_futures_m1_m7_2004_2019.csv"
SHORT_TERM = "short-term VIX futures"

SVXY_FEE_BPS = 95  # Source: fact sheet of the fund as of 2017-12-31, which also states -1 times the index.
SVXY_HALF_FROM = date(2018, 2, 28)  # Source: the fund's sponsor, announcement of 2018-02-26: -0.5 times from this day.
SVXY_SHARES_IN_ONE = 4  # The reverse split of 2018-09, which the file applies to every day before it.
SVXY_DAYS = (date(2018, 2, 2), date(2018, 2, 5), date(2018, 2, 6), date(2018, 2, 7))

SHOWN_FROM = date(2015, 6, 15)  # The tables start when the price limit of today took effect, not where the law does.

FIVE = 5
FEWEST_FOR_FIVE = 50  # A slope over five sessions needs at least ten of them.

Returns = dict[str, dict[date, float]]


@dataclass(frozen=True)
class Pair:
    """A fund, what it is stepped along, and whether its financing is in dollars."""

    fund: str
    index: str
    dollar: bool


PAIRS = (
    *(
        Pair(fund, index, True)
        for fund, index in (
            ("TQQQ", "QQQ"),
            ("SQQQ", "QQQ"),
            ("SOXL", "SOXX"),
            ("UPRO", "SPY"),
            ("TSLL", "TSLA"),
            ("NVDL", "NVDA"),
        )
    ),
    *(Pair(fund, "069500", False) for fund in ("122630", "252670", "114800")),
    *(Pair("122630", index, False) for index in ("KOSPI 200", "KOSPI")),
    Pair("SVXY", SHORT_TERM, True),
)


@dataclass(frozen=True)
class Step:
    """One session: returns of fund, index and model, and the model's at the day's own rate instead of the law's."""

    day: date
    times: float
    fund: float
    index: float
    model: float
    at_days_rate: float


@dataclass(frozen=True)
class Row:
    """One year of one fund at one multiple: returns as fractions, ``tracking_bps`` a session."""

    pair: Pair
    first: date
    last: date
    times: float
    tracking_bps: float
    fund: float
    model: float
    at_days_rate: float
    slope: float
    slope_of_five: float | None

    @property
    def miss(self) -> float:
        """What the fund had at the end beyond the model, as a fraction of what the model had."""
        return (1 + self.fund) / (1 + self.model) - 1

    @property
    def miss_at_days_rate(self) -> float:
        return (1 + self.fund) / (1 + self.at_days_rate) - 1


def table(source: Path, name: str) -> list[dict[str, str]]:
    with (source / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def recorded(source: Path) -> Iterator[tuple[str, dict[date, float]]]:
    """Every name and its closes by day, once for each file that has it."""
    for file, header in TICKER_FILES:
        series: dict[str, dict[date, float]] = {}
        for row in table(source, file):
            series.setdefault(row[header], {})[date.fromisoformat(row["date"])] = float(row["close"])
        yield from series.items()
    for file, header, name in COLUMN_FILES:
        rows = (row for row in table(source, file) if row[header])
        yield name, {date.fromisoformat(row["date"]): float(row[header]) for row in rows}


def returns(source: Path) -> Returns:
    """Returns by name and day, each between neighbouring sessions of one file; over a gap there is none.

    Korean sessions are the calendar's, US sessions the days of SPY, whose file has no gap. Of a day that two files
    have, the first file counts: the two are adjusted differently, and no return may mix them.
    """
    everything = list(recorded(source))
    american = sorted(dict(everything)["SPY"])
    korean = list(sessions_between(date(SHOWN_FROM.year, 1, 1), max(american)))
    found: Returns = {}
    for name, closes in everything:
        sessions = korean if name[0].isdigit() or name.startswith("KOSPI") else american
        of_name = found.setdefault(name, {})
        for before, day in pairwise(sorted(closes)):
            place = bisect_left(sessions, day)
            if place and sessions[place - 1] == before:
                of_name.setdefault(day, closes[day] / closes[before] - 1)
    return found


def rate(source: Path, file: str, header: str) -> Callable[[date], int]:
    """The rate of the session before a day, in basis points a year."""
    rows = [row for row in table(source, file) if row[header]]
    days = [date.fromisoformat(row["date"]) for row in rows]
    rates_bps = [round(100 * float(row[header])) for row in rows]
    return lambda day: rates_bps[bisect_left(days, day) - 1]


def short_term_returns(rows: Sequence[dict[str, str]]) -> dict[date, float]:
    """Returns by day of the first two VIX futures at a constant month to expiry, without interest.

    At a settlement the first contract's share of the contracts is the sessions left to its last day over the sessions
    of its roll period. On the last day all is in the second, which is the first of the next row. Days before the first
    roll of the table have no return: the length of their period is not known.

    Source: S&P VIX Futures Indices, Methodology (S&P Dow Jones Indices), contract roll weights.
    """
    found: dict[date, float] = {}
    period = 0
    for before, row in pairwise(rows):
        left, first = int(before["days_to_expiration"]), float(row["M1"])
        if left == 0:
            period = int(row["days_to_expiration"]) + 1
            found[date.fromisoformat(row["Date"])] = first / float(before["M2"]) - 1
        elif period:
            share = left / period
            now = share * first + (1 - share) * float(row["M2"])
            then = share * float(before["M1"]) + (1 - share) * float(before["M2"])
            found[date.fromisoformat(row["Date"])] = now / then - 1
    return found


def terms_of(book: LawBook, pair: Pair, day: date, days_rate_bps: int) -> FundTerms:
    """Terms by the law of the day; the law does not name SVXY, whose terms stand above."""
    if pair.fund == "SVXY":
        return FundTerms(-0.5 if day >= SVXY_HALF_FROM else -1.0, SVXY_FEE_BPS, days_rate_bps)
    return terms(book, pair.fund, pair.dollar, day)


def steps(pair: Pair, found: Returns, rate_of: Callable[[date], int]) -> list[Step]:
    """Every session that fund and index both have, stepped by the engine's rule."""
    book, result = load(), []
    for day, of_fund in sorted(found[pair.fund].items()):
        known = pair.fund == "SVXY" or day >= SHOWN_FROM
        of_index = found[pair.index].get(day) if known else None
        if of_index is None:
            continue
        law = terms_of(book, pair, day, rate_of(day))
        if pair.fund == "SVXY":
            # The futures earn no interest; a fund's rule is for an index that a holder has paid for.
            of_index += rate_of(day) / (BPS * SESSIONS_A_YEAR)
        model, at_days_rate = (
            value_step(1.0, of_index, law.leverage, carry_a_session(law.leverage, bps, law.fee_bps, 0)) - 1
            for bps in (law.financing_bps, rate_of(day))
        )
        result.append(Step(day, law.leverage, of_fund, of_index, model, at_days_rate))
    return result


def grown(some: Sequence[float]) -> float:
    return prod(1 + one for one in some) - 1


def slope_of_five(some: Sequence[Step]) -> float | None:
    """Slope of the fund's return over five sessions on the model's, in multiples of the index; None for short spans."""
    if len(some) < FEWEST_FOR_FIVE:
        return None
    weeks = [some[at : at + FIVE] for at in range(0, len(some) - FIVE + 1, FIVE)]
    model = [grown([step.model for step in week]) for week in weeks]
    fund = [grown([step.fund for step in week]) for week in weeks]
    return some[0].times * linear_regression(model, fund).slope


def rows(pair: Pair, taken: Sequence[Step]) -> list[Row]:
    """A row for each calendar year, two where the fund changed its multiple in it."""
    result = []
    for (_, times), group in groupby(taken, key=lambda step: (step.day.year, step.times)):
        some = list(group)
        fund, model = [step.fund for step in some], [step.model for step in some]
        tracking = stdev(of_fund - of_model for of_fund, of_model in zip(fund, model, strict=True))
        slope = linear_regression([step.index for step in some], fund).slope
        days_rate = grown([step.at_days_rate for step in some])
        first, last, five = some[0].day, some[-1].day, slope_of_five(some)
        result.append(Row(pair, first, last, times, BPS * tracking, grown(fund), grown(model), days_rate, slope, five))
    return result


def everything(source: Path) -> dict[Pair, list[Step]]:
    """The steps of every pair."""
    found, bill, base = returns(source), rate(source, *BILLS), rate(source, *BASE_RATE)
    found[SHORT_TERM] = short_term_returns(table(source, VIX_FUTURES))
    return {pair: steps(pair, found, bill if pair.dollar else base) for pair in PAIRS}


def span(row: Row) -> str:
    """The year, with the first and last day where they are not those of the year."""
    first, last = row.first, row.last
    start = f" from {first:%m-%d}" if (first.month, first.day) > (1, 7) else ""
    end = f" to {last:%m-%d}" if (last.month, last.day) < (12, 22) else ""
    return f"{first.year}{start}{end}"


def printed(row: Row) -> str:
    """The row as one line of Markdown."""
    own_terms = row.pair.fund == "SVXY"
    cells = [
        f"{row.pair.fund} on {row.pair.index}",
        f"{row.times:g}",
        span(row),
        f"{row.tracking_bps:.1f}",
        f"{row.tracking_bps * sqrt(SESSIONS_A_YEAR) / 100:.1f}",
        f"{100 * row.fund:.1f}",
        f"{100 * row.model:.1f}",
        f"{100 * (row.fund - row.model):+.1f}",
        f"{100 * row.miss:+.1f}",
        "" if own_terms else f"{100 * row.miss_at_days_rate:+.1f}",
        f"{row.slope:.2f}",
        "" if row.slope_of_five is None else f"{row.slope_of_five:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


HEADERS = (
    "fund on index",
    "times",
    "year",
    "tracking error, bp a day",
    "% a year",
    "fund, %",
    "model, %",
    "difference, points",
    "miss, %",
    "miss at the day's rate, %",
    "slope",
    "slope, 5 sessions",
)


def february(source: Path, taken: Sequence[Step]) -> list[str]:
    """The days around 2018-02-05: the fund's closes at the prices of the day, and the rule from the first close on."""
    closes = dict(recorded(source))["SVXY"]
    by_day = {step.day: step for step in taken}
    lines = ["| close | fund, USD | fund, % | index, % | rule, % | rule, USD |", f"|{' --- |' * 6}"]
    value = closes[SVXY_DAYS[0]] / SVXY_SHARES_IN_ONE
    for day in SVXY_DAYS:
        step = by_day[day]
        value *= 1.0 if day == SVXY_DAYS[0] else 1 + step.model
        moves = " | ".join(f"{100 * move:+.1f}" for move in (step.fund, step.index, step.model))
        lines.append(f"| {day} | {closes[day] / SVXY_SHARES_IN_ONE:.2f} | {moves} | {value:.2f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    source = parser.parse_args().source
    taken = everything(source)
    print(f"| {' | '.join(HEADERS)} |\n|{' --- |' * len(HEADERS)}")
    print("\n".join(printed(row) for pair in PAIRS for row in rows(pair, taken[pair])))
    print()
    print("\n".join(february(source, taken[PAIRS[-1]])))


if __name__ == "__main__":
    main()
