"""Waivers: does the answer that a rule has dated disappear while firms need not call?

The duty to call was waived twice. If forced sales made the answer of the published balance at lag 4, and many firms
used the waiver, then lag 4 would drop. The record is asked by regression, inside and outside; the model by the same
regression on its own balances along the recorded prices, with no firm and with the most firms that the law's range
allows not calling.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from gaemi.hindcast.trial import (
    LAGS,
    MARKETS,
    PAST,
    Fit,
    Trial,
    experiment,
    figure,
    lagged_returns,
    least_squares,
    published_changes,
    start_at,
)
from gaemi.sources.history import CreditHistory
from gaemi.spin import WARM, Setting, advance, settled_of
from gaemi.units import BPS

NAME = "waivers of the duty to call"
PATH = "margin.waiver_share"
DATED = 4
"""Lag of the first sale that most firms' rules date: called at the close, sold two mornings later, settled in two."""

FIRST, LAST = date(2019, 1, 1), date(2023, 12, 31)
NEVER_BPS = 1
"""Maintenance of firms that do not call: no pool of a borrower is under it."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver by the law: its first and last day, and the largest share of firms that may have used it."""

    first: date
    last: date
    most: float

    @property
    def label(self) -> str:
        return f"waiver of {self.first} to {self.last}"


def waivers_in(trial: Trial) -> list[Waiver]:
    """The waivers of the law that lie between FIRST and LAST, in order."""
    entries = trial.book.parameter(PATH).entries
    found = []
    for entry, after in zip(entries, [*entries[1:], None], strict=True):
        if entry.value > 0 and after is not None and FIRST <= entry.since <= LAST:
            most = entry.value if entry.high is None else entry.high
            found.append(Waiver(entry.since, after.since - timedelta(days=1), most / BPS))
    return found


def waivers(trial: Trial) -> dict[str, Any]:
    """The answer of published balances at lag 4 inside and outside the waivers, and what the model says of it.

    Raises Refused for a record that does not hold the years.
    """
    told = waivers_in(trial)
    if not told:
        return experiment(NAME, f"The law has no waiver from {FIRST} to {LAST}.", [])
    history = trial.history(FIRST, min(LAST, max(row.date for row in trial.balances), trial.prices.dates[-1]))
    within = np.zeros(len(history.days), bool)
    for one in told:
        within |= _between(history, one.first, one.last)
    rows, said = [], []
    outside = {falls: _fits(history, ~within, falls) for falls in (False, True)}
    for market, name in enumerate(MARKETS):
        rows += _rows(f"{name}, outside", outside, market)
        joint, own = outside[False][market].explained, _own_share(history, ~within, market)
        rows.append(figure(f"{name}, outside: explained by both indices", 100 * joint, "%", 1))
        rows.append(figure(f"{name}, outside: explained by its own index", 100 * own, "%", 1))
    for one in told:
        inside = _between(history, one.first, one.last)
        fits = {falls: _fits(history, inside, falls) for falls in (False, True)}
        none, most = _model(trial, one)
        for market, name in enumerate(MARKETS):
            rows += _rows(f"{name}, {one.label}", fits, market)
            rows.append(figure(f"{name}, {one.label}: model, no firm uses it", none[market]))
            rows.append(figure(f"{name}, {one.label}: model, {100 * one.most:.0f} % of firms use it", most[market]))
            said.append(
                _sentence(name, one, (fits[False][market], outside[False][market]), (none[market], most[market]))
            )
    words = (
        f"Answer of the published balance at lag {DATED} per unit of return of both indices at once, all returns. "
        f"{' '.join(said)} Where nobody calls, what the model answers at this lag is fewer new loans; how many firms "
        "used a waiver is not known."
    )
    return experiment(NAME, words, rows)


def _between(history: CreditHistory, first: date, last: date) -> np.ndarray:
    return np.array([first <= day <= last for day in history.days], bool)


def _fits(history: CreditHistory, taken: np.ndarray, falls: bool) -> list[Fit]:
    x, y = lagged_returns(history.close, falls), published_changes(history.settled_won)
    return [least_squares(x[taken], y[taken, market]) for market in range(2)]


def _own_share(history: CreditHistory, taken: np.ndarray, market: int) -> float:
    """Share of the changes that the market's own index explains alone."""
    x, y = lagged_returns(history.close), published_changes(history.settled_won)
    own = [0, *range(1 + market * LAGS, 1 + (market + 1) * LAGS)]
    return least_squares(x[taken][:, own], y[taken, market]).explained


def _rows(label: str, fits: dict[bool, list[Fit]], market: int) -> list[dict[str, Any]]:
    found = [figure(f"{label}: sessions", fits[False][market].sessions, "", 0)]
    for falls, kind in ((False, "all returns"), (True, "falls only")):
        answer, error = fits[falls][market].at(DATED)
        found.append(figure(f"{label}: {kind}", answer))
        found.append(figure(f"{label}: {kind}, standard error", error))
    return found


def _sentence(name: str, one: Waiver, fits: tuple[Fit, Fit], model: tuple[float, float]) -> str:
    (inside, error), (outside, other) = fits[0].at(DATED), fits[1].at(DATED)
    less, wide = inside - outside, float(np.hypot(error, other))
    verdict = "it dropped" if less < -2 * wide else "it rose" if less > 2 * wide else "no drop beyond the error"
    fits_it = [abs(inside - value) <= 2 * error for value in model]
    agrees = {(True, True): "both", (True, False): "only the first", (False, True): "only the second"}
    return (
        f"{name}, {one.label} ({fits[0].sessions} sessions): {inside:.3f} ± {error:.3f} inside, {outside:.3f} ± "
        f"{other:.3f} outside: {verdict}. The model says {model[0]:.3f} if no firm used it and {model[1]:.3f} if "
        f"{100 * one.most:.0f} % did: {agrees.get((fits_it[0], fits_it[1]), 'neither')} within two errors of it."
    )


def without_calls(setting: Setting) -> Setting:
    """The same while a waiver stands, if every firm used it: nobody is called, and nobody sells for fear of a call."""
    laws = []
    for start, law, habits in setting.laws:
        if law.waiver_share_bps > 0:
            law = law._replace(maintenance_bps=np.full_like(law.maintenance_bps, NEVER_BPS))
        laws.append((start, law, habits))
    return replace(setting, laws=tuple(laws))


def _model(trial: Trial, one: Waiver) -> tuple[list[float], list[float]]:
    """The model's answer at lag 4 on each market with no firm, and with the most firms, not calling.

    From the close before the waiver the model runs on its own along the recorded prices. Borrowers do not trade with
    one another, so a book of which a share is at firms that do not call is that share of a book of which all is.
    """
    history = trial.history(one.first - PAST, one.last)
    setting = trial.setting(history)
    start = start_at(history, one.first - timedelta(days=1))
    (members,) = trial.known(setting, [start], one.label)
    runs = np.zeros((2, len(members), len(history.days), 2))

    def work(first: int, stop: int) -> None:
        for number in range(first, stop):
            for kind, chosen in enumerate((setting, without_calls(setting))):
                run = members[number].copy()
                advance(chosen, run, chosen.sessions)
                runs[kind, number] = settled_of(run)[WARM:]

    trial.workers.over(len(members), 1, work)
    calls, waived = runs.mean(axis=1)
    inside, x = _between(history, one.first, one.last), lagged_returns(history.close)
    answers = []
    for share in (0.0, one.most):
        changes = published_changes((1.0 - share) * calls + share * waived)
        answers.append([least_squares(x[inside], changes[inside, market]).at(DATED)[0] for market in range(2)])
    return answers[0], answers[1]
