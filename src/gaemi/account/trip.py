"""Trip: variants of an account made ready to be walked, all under the same luck."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from gaemi.account.luck import Drift, Movers, fund_terms, luck_of
from gaemi.account.portfolio import Portfolio
from gaemi.account.rows import columns_of, gain_classes, instruments_of, selling_fees
from gaemi.days import sessions_between
from gaemi.errors import refuse
from gaemi.kernels.journey import CHECKPOINT, DAY, SAVING, SETTING, TERM
from gaemi.market.models import Model
from gaemi.records.columns import Instruments, Standing
from gaemi.walks import Stage, Trip, Variant

CHECKPOINTS = 24
ONE_YEAR = 365
LONGEST_YEARS = 40


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to be walked: an account under a drift, to a date, with a saving and a goal.

    ``key`` says what it is for: ("now",), ("leverage", 1.5), ("instead", words), ("what if", 0).
    """

    key: tuple[object, ...]
    portfolio: Portfolio
    drift: Drift
    until: date
    saving_won: int
    goal_won: int


def horizon_of(portfolio: Portfolio, more_years: int = 0) -> date:
    """The date of the goal, or one year on; ``more_years`` later. Raises Refused beyond what is sensible."""
    end = portfolio.file.by or portfolio.on + timedelta(days=ONE_YEAR)
    if end > portfolio.on + timedelta(days=366 * LONGEST_YEARS):
        raise refuse("--by", str(end), f"must be within {LONGEST_YEARS} years", "nobody knows prices so far ahead")
    return date(end.year + more_years, end.month, min(end.day, 28)) if more_years else end


def trip_of(cases: Sequence[Case], movers: Movers, model: Model, seed: int) -> Trip:
    """The cases as one trip: a column each, one calendar to the latest date, checkpoints to the first case's."""
    first = cases[0].portfolio
    instruments = instruments_of(first)
    columns = columns_of([case.portfolio for case in cases], instruments)
    on = first.on
    dates = (on, *sessions_between(on + timedelta(days=1), max(case.until for case in cases)))
    last = {case.until: sum(day <= case.until for day in dates) - 1 for case in cases}
    if min(last.values()) < 1:
        raise refuse("--by", str(cases[0].until), f"must leave at least one session after {on}")
    into = first.file.saving_into
    slot = columns.slots.index((into, Standing.OTHER)) if into is not None else -1
    variants = tuple(
        Variant(
            str(case.key), case.drift.a_session, last[case.until], case.saving_won,
            slot if case.saving_won else -1, case.goal_won, case.key == ("now",),
        )
        for case in cases
    )  # fmt: skip
    book = first.book
    setting = np.zeros(1, SETTING)
    setting["seed"], setting["dollar"], setting["won_per_dollar"] = seed, movers.dollar, first.won_per_dollar
    setting["cash_bps"] = book.value("odds.cash_rate", on)
    setting["fund_gain_bps"] = book.value("tax.fund_gain", on)
    setting["overseas_gain_bps"] = book.value("tax.overseas_gain", on)
    setting["overseas_free_won"] = book.value("tax.overseas_free", on)
    stage = Stage(
        book=book,
        instruments=instruments,
        driver=movers.driver,
        funds=lambda row, day: fund_terms(first, instruments, movers, row, day),
        gain_class=gain_classes(book, on, first, instruments),
        fee_bps=selling_fees(book, on, first, instruments),
        contracts=_contracts(first, movers, model, instruments),
        dollar=movers.dollar,
        won_per_dollar=first.won_per_dollar,
    )
    saves = any(case.saving_won for case in cases) or int(setting["cash_bps"][0]) > 0
    return Trip(
        stage=stage,
        rows=columns.rows,
        basis_won=columns.basis_won,
        luck=luck_of(model, seed),
        dates=dates,
        days=_days(dates, last[cases[0].until], saves),
        terms=_terms(cases, columns.debts),
        setting=setting,
        variants=variants,
    )


def _contracts(
    portfolio: Portfolio, movers: Movers, model: Model, instruments: Instruments
) -> dict[int, tuple[float, float, float]]:
    """By row of instrument: times, level at which the venue closes it, and a session's deviation of what moves it."""
    lots = {lot.ticker: lot for lot in portfolio.lots}
    found = {}
    for row, ticker in enumerate(instruments.ticker):
        told = lots[ticker].contract
        if told is not None:
            found[row] = (told.times, max(0.0, told.closed_at), float(model.deviation[movers.driver[row]]))
    return found


def _days(dates: Sequence[date], last: int, saves: bool) -> np.ndarray:
    """The sessions as records: months that begin, and checkpoints evenly to session ``last``."""
    days = np.zeros(len(dates), DAY)
    days["ordinal"] = [day.toordinal() for day in dates]
    days["checkpoint"] = -1
    if saves:
        for t in range(1, len(dates)):
            if dates[t].month != dates[t - 1].month:
                days["event"][t] |= SAVING
    marks = sorted({max(1, round(last * (i + 1) / CHECKPOINTS)) for i in range(CHECKPOINTS)})
    for place, t in enumerate(marks):
        days["event"][t] |= CHECKPOINT
        days["checkpoint"][t] = place
    return days


def _terms(cases: Sequence[Case], debts: Sequence[tuple[int, str]]) -> np.ndarray:
    """Term and roll-over of each loan of the columns."""
    found = np.zeros(max(1, len(debts)), TERM)
    found["days"], found["rolls"] = 180, 1
    for place, key in enumerate(debts):
        for case in cases:
            for debt in case.portfolio.debts:
                if (int(debt.kind), debt.ticker) == key:
                    found["days"][place], found["rolls"][place] = debt.term_days, int(debt.rolls)
    return found
