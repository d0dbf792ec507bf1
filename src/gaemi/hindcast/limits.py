"""Limits: the daily price limit went from 15 to 30 % in June 2015; what changed in the record, and what in the model.

The record is compared over two years before and two years after. The model takes one state, that of the last session
under the old limit, and lets both indices fall by the same shocks under both laws, rules alone.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from gaemi.behaviour.habits import habits_of
from gaemi.days import sessions
from gaemi.errors import refuse
from gaemi.forecasts import STEPS, onward
from gaemi.hindcast.trial import (
    LAGS,
    MARKETS,
    PAST,
    Trial,
    experiment,
    figure,
    lagged_returns,
    least_squares,
    mean_with_error,
    published_changes,
    spread_with_error,
    start_at,
)
from gaemi.kernels.revolve import BALANCE, SOLD, UNPAID
from gaemi.kernels.tables import law_table
from gaemi.law.lawbook import LawBook
from gaemi.law.reform import with_values
from gaemi.sources.history import CreditHistory
from gaemi.spin import WARM, Member, Setting, advance
from gaemi.units import format_bps, format_won

NAME = "price limit from 15 to 30 %"
CHANGE = date(2015, 6, 15)
"""The first session under the new limit."""

YEARS = (date(2013, 6, 17), date(2017, 6, 14))
"""First session of the two years before, last of the two years after."""

SHOCKS_PCT = (-20, -30)
AFTER = 10
"""Sessions that a shock and the sales after it are followed."""

PATH, DISCOUNT = "market.price_limit", "margin.discount"


@dataclass(frozen=True, slots=True)
class Shock:
    """What a shock does under one law, mean of the members: won sold and unpaid, share of names once locked."""

    sold_won: float
    unpaid_won: float
    locked_pct: float


def price_limit(trial: Trial) -> dict[str, Any]:
    """Record before and after the limit was doubled, and the model's shocks under both limits from one state.

    Raises Refused for a record that does not hold the years.
    """
    history = trial.history(YEARS[0] - timedelta(days=30), YEARS[1])
    if history.days[0] > YEARS[0]:
        raise refuse("record", f"{history.days[0]} as the first session", f"must reach back to {YEARS[0]}")
    rows, said = [], []
    parts = (("before", YEARS[0], CHANGE - timedelta(days=1)), ("after", CHANGE, YEARS[1]))
    found = {label: _record(history, first, last) for label, first, last in parts}
    for measure in found["before"]:
        unit = "%" if "share" in measure else ""
        (old, old_error), (new, new_error) = (found[label][measure] for label in ("before", "after"))
        for label, value, error in (("before", old, old_error), ("after", new, new_error)):
            rows.append(figure(f"{measure}, two years {label}", value, unit))
            rows.append(figure(f"{measure}, two years {label}: standard error", error, unit))
        moved = abs(new - old) > 2 * float(np.hypot(old_error, new_error))
        verdict = "a change" if moved else "no change beyond the error"
        said.append(f"{measure} {old:.2f} ± {old_error:.2f} before and {new:.2f} ± {new_error:.2f} after ({verdict})")
    told, model = _shocks(trial)
    words = (
        f"The limit changed on {CHANGE}. Record: {'; '.join(said)}. The answer is the sum over lags 0 to {LAGS - 1} of "
        "the change of the published balance per unit of return of both indices at once; the share sold is that of "
        f"unsettled purchases sold by force a session, in per cent. {told} Much else changed between these years, so "
        "the record alone does not say what the limit did."
    )
    return experiment(NAME, words, rows + model)


def _record(history: CreditHistory, first: date, last: date) -> dict[str, tuple[float, float]]:
    """Each measure with its standard error, over the sessions from ``first`` to ``last``."""
    inside = np.array([first <= day <= last for day in history.days], bool)
    x, y = lagged_returns(history.close), published_changes(history.settled_won)
    found = {}
    for market, name in enumerate(MARKETS):
        found[f"answer of {name}'s loans"] = least_squares(x[inside], y[inside, market]).at(*range(LAGS))
    owed = np.where(history.unsettled_won > 0, history.unsettled_won, np.nan)
    share = np.full(len(history.days), np.nan)
    share[1:] = 100.0 * np.where(history.forced_won[1:] >= 0, history.forced_won[1:], np.nan) / owed[:-1]
    found["share sold"] = mean_with_error(share[inside])
    found["spread of the share sold"] = spread_with_error(share[inside])
    return found


def laws_compared(book: LawBook) -> list[tuple[str, LawBook]]:
    """The old limit, the old limit with quantities worked out at it, and the new one, each as a law for all days.

    The second is the other end of the range of ``margin.discount``: firms that worked out the quantity of a sale at
    the lower limit used 15 % then.
    """
    old, new = (int(book.value(PATH, day)) for day in (CHANGE - timedelta(days=1), CHANGE))
    discount = book.value(DISCOUNT, CHANGE - timedelta(days=1))
    lower = {firm: tuple(min(each, old) if each == new else each for each in row) for firm, row in discount.items()}
    before, after = f"limit {format_bps(old)}", f"limit {format_bps(new)}"
    return [
        (before, with_values(book, before, {PATH: old})),
        (f"{before}, quantities at it", with_values(book, before, {PATH: old, DISCOUNT: lower})),
        (after, with_values(book, after, {PATH: new})),
    ]


def _shocks(trial: Trial) -> tuple[str, list[dict[str, Any]]]:
    """The model's shocks under each law from the close before the change, in a sentence and in rows."""
    history = trial.history(CHANGE - PAST, CHANGE - timedelta(days=1))
    setting, place = trial.setting(history), start_at(history, history.days[-1])
    (members,) = trial.known(setting, [place], NAME)
    balance = float(np.mean([member.by_board()[WARM + place, :, BALANCE].sum() for member in members]))
    rows = [figure(f"model: margin loans at the close of {history.days[-1]}", balance, "won")]
    said = []
    for pct in SHOCKS_PCT:
        parts, sold = [], []
        for label, law in laws_compared(trial.book):
            found = _shocked(trial, under(setting, law, history.days[-1]), members, pct)
            sold.append(found.sold_won)
            parts.append(
                f"{label}: {format_won(round(found.sold_won))} sold, {format_won(round(found.unpaid_won))} unpaid, "
                f"{found.locked_pct:.1f} % of names locked in at least one session"
            )
            rows += [
                figure(f"model, {pct} %, {label}: sold", found.sold_won, "won"),
                figure(f"model, {pct} %, {label}: unpaid", found.unpaid_won, "won"),
                figure(f"model, {pct} %, {label}: names locked", found.locked_pct, "%", 2),
            ]
        old, at_it, new = sold
        said.append(
            f"{pct} % over {STEPS} sessions: {'; '.join(parts)}. The limit alone changes what is sold by "
            f"{_change(old, new)}, with the way in which quantities are worked out by {_change(at_it, new)}."
        )
    words = (
        f"Model, rules alone, from the state of {history.days[-1]} ({format_won(round(balance))} of margin loans), "
        f"followed for {AFTER} sessions. {' '.join(said)}"
    )
    return words, rows


def _change(before: float, after: float) -> str:
    return f"{100 * (after / before - 1):+.1f} %" if before > 0 else "nothing that can be told"


def under(setting: Setting, law: LawBook, on: date) -> Setting:
    """The setting as if the law of ``on`` in the given book stood on all days, its price limit included."""
    whole = ((0, law_table(law, on), habits_of(setting.behaviour, law, on)),)
    return replace(setting, book=law, laws=whole)


def _shocked(trial: Trial, setting: Setting, members: list[Member], pct: int) -> Shock:
    """Both indices fall by ``pct`` in equal log steps and stand; nobody reacts."""
    on = members[0].at - 1
    dates, moves = sessions(setting.history.days[on - WARM], AFTER), np.zeros((AFTER, 2))
    moves[:STEPS] = np.log(1.0 + pct / 100.0) / STEPS
    found = np.zeros((len(members), 3))

    def work(first: int, stop: int) -> None:
        for number in range(first, stop):
            then, run = onward(setting, members[number], on, dates, moves)
            start = run.at
            advance(then, run, then.sessions, react=False)
            done = run.by_board()[start:].sum(axis=(0, 1))
            locked = 100.0 * float(run.tape.locked[start:].any(axis=0).mean())
            found[number] = done[SOLD], done[UNPAID], locked

    trial.workers.over(len(members), 1, work)
    return Shock(*(float(each) for each in found.mean(axis=0)))
