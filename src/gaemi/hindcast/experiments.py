"""Natural experiments: what history tried out by itself, each a paragraph with its numbers, record beside model.

Every number is worked out here from record and engine; where the record does not hold the days, the paragraph says so.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np

from gaemi.errors import Refused
from gaemi.hindcast import limits, waivers
from gaemi.hindcast import mornings as openings
from gaemi.hindcast.ensembles import ensemble
from gaemi.hindcast.trial import MARKETS, PAST, Trial, experiment, figure, middle_and_band, start_at
from gaemi.hindcast.truth import published_won
from gaemi.kernels.revolve import BALANCE, SOLD
from gaemi.law.lawbook import LawBook
from gaemi.sources.balances import BalanceHistory
from gaemi.sources.prices import PriceHistory
from gaemi.spin import SETTLEMENT, WARM, Member, Setting, advance, spin_up
from gaemi.units import format_won
from gaemi.workers import LocalWorkers, Progress, silent

APRIL = "April 2023"
APRIL_DAYS = (date(2023, 4, 24), date(2023, 5, 17))
CRASH = (date(2023, 4, 21), date(2023, 4, 28))
"""Closes between which the single stocks of April 2023 fell."""

AUGUST = "forced sales of margin loans in August 2021"
AUGUST_DAYS = (date(2021, 8, 1), date(2021, 8, 31))
AUGUST_KNOWN = date(2021, 9, 10)
"""Balances up to here tell of the trades of that month."""

TOLD_WON, TOLD_PCT = 8_480_000_000, 0.034
"""Margin loans sold by force a day in August 2021, won and share of the book: the one time that it was published.

Source: the supervisor on August 2021, as in the range of ``behaviour.top_up``.
"""


def natural_experiments(
    book: LawBook,
    prices: PriceHistory,
    balances: BalanceHistory,
    members: int,
    names: int,
    seed: int,
    workers: LocalWorkers,
    progress: Progress = silent,
) -> list[dict[str, Any]]:
    """Every natural experiment: its name, a paragraph, and rows of figures with label, value and unit.

    An experiment whose years the record does not hold has no rows, and its paragraph gives the reason.
    """
    trial = Trial(book, prices, balances, members, names, seed, workers, progress)
    made: tuple[tuple[str, Callable[[Trial], dict[str, Any]]], ...] = (
        (limits.NAME, limits.price_limit),
        (waivers.NAME, waivers.waivers),
        (APRIL, april_2023),
        (AUGUST, august_2021),
        (openings.NAME, openings.mornings),
    )
    found = []
    for name, make in made:
        try:
            found.append(make(trial))
        except Refused as reason:
            found.append(experiment(name, f"Not made: {reason.faults[0]}.", []))
    return found


def april_2023(trial: Trial) -> dict[str, Any]:
    """Loans fell by a tenth while the indices hardly moved: what the model said along the recorded path, and why.

    Raises Refused for a record that does not hold the days.

    Source: single stocks at their lower limits for up to four sessions: Segye, 27 April 2023 (20230427505139).
    """
    first, last = APRIL_DAYS
    history = trial.history(first - PAST, last)
    start, setting = start_at(history, first), trial.setting(history)
    horizon = len(history.days) - 1 - start
    published, _ = published_won(history)
    base = float(published[start].sum())
    record = 100.0 * (float(published[-1].sum()) / base - 1.0)
    each = 100.0 * (published[-1] / published[start] - 1.0)
    said = {}
    for react, label in ((True, "central"), (False, "mechanical")):
        found = ensemble(setting, np.array([start]), horizon, trial.members, trial.workers, react, trial.progress)
        said[label] = 100.0 * found.change_won[0, :, -1, :2].sum(axis=1) / base
    middle, low, high = middle_and_band(said["central"])
    most = float(said["mechanical"].mean())
    moved = 100.0 * (history.close[-1] / history.close[start] - 1.0)
    rows = [
        figure("record: margin loans", record, "%", 2),
        *(figure(f"record: margin loans on {name}", each[market], "%", 2) for market, name in enumerate(MARKETS)),
        *(figure(f"record: index of {name}", moved[market], "%", 2) for market, name in enumerate(MARKETS)),
        figure("model, central", middle, "%", 2),
        figure("model, low end of the 90 % band", low, "%", 2),
        figure("model, high end of the 90 % band", high, "%", 2),
        figure("model, if nobody adds money or sells first", most, "%", 2),
    ]
    held, fallen = single_stocks(trial.prices, *CRASH)
    if held:
        rows.append(figure("single stocks in the prices that fell by half or more in the crash", fallen, "", 0))
    inside = low <= record <= high
    words = (
        f"From {history.days[start]} to {history.days[-1]} margin loans changed by {record:+.1f} % while KOSPI moved "
        f"by {moved[0]:+.1f} % and KOSDAQ by {moved[1]:+.1f} %. Along this path the model said {middle:+.1f} % (90 %: "
        f"{low:+.1f} to {high:+.1f}); if nobody added money or sold first, {most:+.1f} %. "
    )
    words += (
        "The record lies inside the band. "
        if inside
        else f"The record lies outside the band: the model misses {abs(record - middle):.1f} points. "
    )
    words += (
        "What the model cannot see are single stocks: a few that were held on credit fell to their limits for days"
        + (f" ({fallen} of the {held} single stocks in these prices lost half or more)" if held and fallen else "")
        + f", and loans shrank on both markets, KOSPI {each[0]:+.1f} % and KOSDAQ {each[1]:+.1f} %. The model sees two "
        "indices alone; its names are invented and fall by luck, and it has no lender who takes fright."
    )
    return experiment(APRIL, words, rows)


def single_stocks(prices: PriceHistory, first: date, last: date) -> tuple[int, int]:
    """How many single stocks the prices hold on both days, and how many of them lost half or more between them."""
    names = [place for place, name in enumerate(prices.tickers) if name.isdigit()]
    if not names or first not in prices.dates or last not in prices.dates:
        return 0, 0
    start, end = (prices.close[prices.dates.index(day)][names] for day in (first, last))
    known = np.isfinite(start) & np.isfinite(end)
    return int(known.sum()), int((end[known] <= 0.5 * start[known]).sum())


def august_2021(trial: Trial) -> dict[str, Any]:
    """The one published figure of margin loans sold by force, beside the model's mean of a day in that month.

    The central estimate knows each balance of the month; the other is what rules alone do from the month before on.
    Raises Refused for a record that does not hold the days.
    """
    first, last = AUGUST_DAYS
    history = trial.history(first - PAST, AUGUST_KNOWN)
    setting = trial.setting(history)
    start, end = start_at(history, first), history.place(last)
    days = slice(WARM + start + 1, WARM + end + 1)
    members = spin_up(setting, end + SETTLEMENT + setting.lag, trial.members, trial.workers, trial.progress)
    done = np.stack([member.by_board()[days] for member in members]).sum(axis=2)
    central = done[:, :, SOLD].mean(axis=1)
    book_won = float(done[:, :, BALANCE].mean())
    middle, low, high = middle_and_band(central)
    most = float(_rules_alone(trial, setting, start, end).mean())
    rows = [
        figure("record: sold by force a day", TOLD_WON, "won"),
        figure("record: share of the book", TOLD_PCT, "%", 4),
        figure("model, central: sold by force a day", middle, "won"),
        figure("model, central: share of the book", 100 * middle / book_won, "%", 4),
        figure("model, low end of the 90 % band", low, "won"),
        figure("model, high end of the 90 % band", high, "won"),
        figure("model, if nobody adds money or sells first", most, "won"),
        figure("model over record", middle / TOLD_WON, "times", 2),
        figure("sessions", end - start, "", 0),
    ]
    place = "inside" if low <= TOLD_WON <= high else "below" if TOLD_WON < low else "above"
    words = (
        f"In August 2021 firms sold margin loans of {format_won(TOLD_WON)} a day by force, {TOLD_PCT} % of the book; "
        f"no other month is published. The model's mean of a day over the {end - start} sessions is "
        f"{format_won(round(middle))} (90 % of members: {format_won(round(low))} to {format_won(round(high))}), "
        f"{100 * middle / book_won:.3f} % of its book; if nobody added money or sold first, {format_won(round(most))}. "
        f"The record lies {place} the range: the model says {middle / TOLD_WON:.1f} times what was published."
    )
    return experiment(AUGUST, words, rows)


def _rules_alone(trial: Trial, setting: Setting, start: int, end: int) -> np.ndarray:
    """Won sold by force a day by each member if nobody reacts from the close of place ``start`` on: float64 [m]."""
    (members,) = trial.known(setting, [start], AUGUST)

    def work(first: int, stop: int) -> None:
        for number in range(first, stop):
            advance(setting, members[number], WARM + end + 1, react=False)

    trial.workers.over(len(members), 1, work)
    return np.array([_sold_a_day(member, start, end) for member in members])


def _sold_a_day(member: Member, start: int, end: int) -> float:
    return float(member.by_board()[WARM + start + 1 : WARM + end + 1, :, SOLD].sum(axis=1).mean())
