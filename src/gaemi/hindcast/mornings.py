"""Mornings: two sessions after a fall of KOSPI, when called loans are sold, does the index open lower?

If the model's forced sales of that morning were right and the whole market bore them, the law's impact rule would open
the index with a gap. The recorded openings show what gap there was. Too large an implied gap refutes a model.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from gaemi.hindcast.trial import FEWEST, MARKETS, PAST, Trial, experiment, figure
from gaemi.kernels.price import press
from gaemi.kernels.revolve import SOLD
from gaemi.law.lawbook import LawBook
from gaemi.market.impact import FlowState, ImpactLaw
from gaemi.sources.prices import PriceHistory
from gaemi.spin import WARM, Member, Setting, advance
from gaemi.units import BPS, format_won

NAME = "mornings two sessions after falls"
INDEX = 0
FALL = -0.03
WAIT = 2
"""Sessions from the close at which most firms call to the morning on which they sell."""

LAST = date(2023, 12, 31)


@dataclass(frozen=True, slots=True)
class Mornings:
    """Falls by their places in the history, and the overnight return of the morning WAIT sessions later."""

    places: np.ndarray  # int64 [n]
    overnight: np.ndarray  # float64 [n]


def opens_of(prices: PriceHistory) -> dict[date, float]:
    """Recorded openings of KOSPI by day; empty where no file gives any."""
    found: dict[date, float] = {}
    for one in prices.series:
        if one.ticker == MARKETS[INDEX]:
            known = np.isfinite(one.open) & (one.open > 0)
            found |= dict(zip(one.days[known].tolist(), one.open[known].tolist(), strict=True))
    return found


def mornings_in(days: tuple[date, ...], close: np.ndarray, opens: dict[date, float]) -> Mornings:
    """Falls of 3 % or more, close to close, whose morning has a recorded opening up to LAST.

    ``close`` are those of KOSPI, float64 [t]. A fall counts each time, also where falls follow one another; the first
    FEWEST sessions start nothing.
    """
    places, overnight = [], []
    for place in np.flatnonzero(close[1:] / close[:-1] - 1.0 <= FALL) + 1:
        morning = int(place) + WAIT
        if place >= FEWEST and morning < len(days) and days[morning] <= LAST and days[morning] in opens:
            places.append(int(place))
            overnight.append(opens[days[morning]] / float(close[morning - 1]) - 1.0)
    return Mornings(np.array(places, np.int64), np.array(overnight))


def impact_law(book: LawBook, on: date) -> ImpactLaw:
    """The law's impact parameters of a date for the market as a whole."""
    return ImpactLaw(
        coefficient=float(book.value("impact.coefficient", on)),
        permanent_share=book.value("impact.permanent_share", on) / BPS,
        decay_a_session=book.value("impact.decay_a_session", on) / BPS,
        auction_share_bps=np.array([book.value("impact.auction_share", on, MARKETS[INDEX])], np.int64),
    )


def implied_gap(book: LawBook, on: date, sold_won: int, volatility: float) -> float:
    """Return of the index at the opening if its market bears ``sold_won`` of sales at the auction, as a fraction.

    ``volatility`` is the standard deviation of a session's return. Turnover and the auction's share are the law's.

    Source: the square-root law of :mod:`gaemi.rules.impact`.
    """
    turnover = np.array([int(book.value("people.board_turnover", on, MARKETS[INDEX]))], np.int64)
    flow = FlowState(turnover_won=turnover, volatility=np.array([volatility]))
    moved = np.zeros(1)
    press(np.ones(1), flow.pressure(impact_law(book, on), np.array([-sold_won]), at_auction=True), moved)
    return float(moved[0]) - 1.0


def mornings(trial: Trial) -> dict[str, Any]:
    """Overnight returns two sessions after falls, beside the gap that the model's sales of that morning imply.

    Raises Refused for a record that does not reach back far enough.
    """
    opens = opens_of(trial.prices)
    if not opens:
        return experiment(NAME, "Not made: the prices hold no openings of KOSPI.", [])
    until = min(LAST, max(opens), trial.prices.dates[-1], max(row.date for row in trial.balances))
    history = trial.history(min(opens) - PAST, until)
    found = mornings_in(history.days, history.close[:, INDEX], opens)
    if found.places.size < 2:
        return experiment(NAME, "Not made: fewer than two falls of 3 % have a recorded opening.", [])
    mean = float(found.overnight.mean())
    error = float(found.overnight.std(ddof=1) / np.sqrt(found.overnight.size))
    setting = trial.setting(history)
    sold, gap = _model(trial, setting, found.places)
    rows = [
        figure("mornings", found.places.size, "", 0),
        figure("overnight return, mean", 100 * mean, "%"),
        figure("overnight return, standard error", 100 * error, "%"),
        figure("mean gap at which a model is refuted", 100 * (mean - 2 * error), "%"),
    ]
    said = []
    for kind, name in enumerate(("central", "if nobody adds money or sells first")):
        implied, won = float(gap[kind].mean()), float(sold[kind].mean())
        away = abs(implied - mean)
        verdict = "refuted" if away > 2 * error else "not refuted"
        rows.append(figure(f"{name}: forced sales of the morning, mean", won, "won"))
        rows.append(figure(f"{name}: implied gap, mean", 100 * implied, "%"))
        rows.append(figure(f"{name}: largest implied gap of a morning", 100 * float(gap[kind].mean(axis=0).min()), "%"))
        rows.append(figure(f"{name}: implied less observed, in standard errors", away / error, "times", 2))
        said.append(
            f"{name}, forced sales of {format_won(round(won))} a morning imply a gap of {100 * implied:+.2f} %, "
            f"{away / error:.1f} standard errors from the record: {verdict}"
        )
    words = (
        f"After {found.places.size} falls of KOSPI of 3 % or more from {history.days[found.places[0]]} to "
        f"{history.days[found.places[-1]]} the index opened two sessions later {100 * mean:+.2f} % from the close "
        f"before, with a standard error of {100 * error:.2f} %. By the law's impact rule, with the whole market "
        f"bearing them: {'; '.join(said)}. A mean gap under {100 * (mean - 2 * error):+.2f} % would be refuted. Sales "
        "are counted by the loans that they paid off; falls in a row share mornings that are no independent witnesses."
    )
    return experiment(NAME, words, rows)


def _model(trial: Trial, setting: Setting, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Forced sales of margin loans on KOSPI on each morning, int64 [2, m, n], and implied gaps, float64 [2, m, n].

    The first of both kinds is what the model expects, the second what rules alone would do.
    """
    sold = np.zeros((2, trial.members, places.size), np.int64)
    gap = np.zeros(sold.shape)
    for i, members in enumerate(trial.known(setting, places.tolist(), NAME)):
        at = WARM + int(places[i]) + WAIT

        def work(first: int, stop: int, members: list[Member] = members, at: int = at, i: int = i) -> None:
            for number in range(first, stop):
                for kind, react in enumerate((True, False)):
                    run = members[number].copy()
                    advance(setting, run, at + 1, react)
                    won = int(run.by_board()[at, INDEX, SOLD])
                    sold[kind, number, i] = won
                    volatility = float(run.tape.deviation[at, INDEX])
                    gap[kind, number, i] = implied_gap(trial.book, setting.history.days[at - WARM], won, volatility)

        trial.workers.over(len(members), 1, work)
    return sold, gap
