"""Lags: after how many sessions a published balance answers a return, in the record and in the model.

A published balance is settlement-dated: trades of a session stand in it two sessions later. So lags 0 and 1 must be
near zero, lag 2 is what is done in the same session, lag 3 in the next, and lag 4 brings the first sale that a rule
has dated. The model's answer is the difference of two runs, with and without one fall of both indices.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from gaemi.days import sessions
from gaemi.forecasts import onward
from gaemi.hindcast.request import FIT_UNTIL
from gaemi.hindcast.trial import LAGS, MARKETS, PAST, Fit, Trial, lagged_returns, least_squares, published_changes
from gaemi.kernels.revolve import BALANCE, EXTRA, FIRST, OPENED, REPAID, SOLD, TOPPED, UNPAID
from gaemi.law.lawbook import BEGINS, LawBook
from gaemi.sources.balances import BalanceHistory
from gaemi.sources.history import CreditHistory, stretches
from gaemi.sources.prices import PriceHistory
from gaemi.spin import SETTLEMENT, WARM, Member, Setting, advance
from gaemi.workers import LocalWorkers, Progress, silent

LATER = (date(2020, 1, 1), date(2023, 12, 31))
FALL = -0.03
CALM = 20
"""Sessions over which a state counts as calm or not."""

FILLED = 150
"""Sessions of a stretch after which its book has filled itself."""

NEAR_ZERO = 0.25
"""Answers at lags 0 and 1 under this share of the largest count as near zero."""

FLOWS = ("new_loans", "sold_first", "topped_up", "sold_by_force")


def lag_split(
    book: LawBook,
    prices: PriceHistory,
    balances: BalanceHistory,
    members: int,
    names: int,
    seed: int,
    workers: LocalWorkers,
    progress: Progress = silent,
) -> list[dict[str, Any]]:
    """A row for each lag and market: the record's answer on data to 2019 and after, and the model's.

    ``record_coefficient`` is the change of the published balance, as a share of it, per unit of return of both indices
    at once, with its standard error; ``later_coefficient`` is that of 2020 to 2023. ``model_coefficient`` is the
    model's answer to a session of -3 % on both indices from a calm state; ``model_share_pct`` its part at this lag of
    the answer over all lags, and the further shares split that part by what was done: fewer new loans less ordinary
    repayments, sold first because a call was near, paid in, sold by force. Raises Refused for a record that is too
    short.
    """
    trial = Trial(book, prices, balances, members, names, seed, workers, progress)
    fitting = stretches(prices, balances, BEGINS, FIT_UNTIL)
    until = min(LATER[1], max(row.date for row in balances), prices.dates[-1])
    later = [trial.history(LATER[0] - PAST, until)]
    first = record_fits(fitting, BEGINS, FIT_UNTIL)
    then = record_fits(later, *LATER)
    answer, parts = _answer(trial, fitting[-1])
    rows = []
    for market, name in enumerate(MARKETS):
        total = float(answer[:, market].sum())
        for lag in range(LAGS):
            coefficient, error = first[market].at(lag)
            row = {"lag": lag, "market": name, "record_coefficient": coefficient, "record_error": error}
            row["later_coefficient"], row["later_error"] = then[market].at(lag)
            row["model_coefficient"] = float(answer[lag, market])
            row["model_share_pct"] = _percent(answer[lag, market], total)
            for place, flow in enumerate(FLOWS):
                row[f"{flow}_share_pct"] = _percent(parts[lag, market, place], total)
            rows.append({key: round(value, 5) if isinstance(value, float) else value for key, value in row.items()})
    return rows


def lag_words(rows: Sequence[dict[str, Any]]) -> str:
    """What the rows of :func:`lag_split` say, in a paragraph."""
    said = []
    for name in MARKETS:
        mine = [row for row in rows if row["market"] == name]
        early = ", ".join(f"{row['record_coefficient']:+.3f} ± {row['record_error']:.3f}" for row in mine[:SETTLEMENT])
        shares = [row["model_share_pct"] for row in mine[SETTLEMENT : SETTLEMENT + 3]]
        parts = "nothing" if None in shares else ", ".join(f"{share:.0f} %" for share in shares)
        forced = mine[SETTLEMENT + 2]["sold_by_force_share_pct"] or 0.0
        most = max(abs(row["record_coefficient"]) for row in mine)
        calm = all(abs(row["record_coefficient"]) <= NEAR_ZERO * most for row in mine[:SETTLEMENT])
        said.append(
            f"{name}: at lags 0 and 1 the published balance answers {early}, "
            f"{'near zero' if calm else 'not near zero'} beside {most:.3f} at its most; of the model's answer {parts} "
            f"come at lags 2 (same session), 3 (next session) and 4 (first sale that most firms' rules date); "
            f"{forced:.0f} points of the last are forced sales."
        )
    return " ".join(said)


def record_fits(histories: Sequence[CreditHistory], first: date, last: date) -> list[Fit]:
    """For each market the regression of published changes from ``first`` to ``last`` on the returns of both indices.

    No return is taken across the gap between two histories. Raises Refused for too few sessions.
    """
    x = np.concatenate([lagged_returns(one.close) for one in histories])
    y = np.concatenate([published_changes(one.settled_won) for one in histories])
    inside = np.array([first <= day <= last for one in histories for day in one.days])
    return [least_squares(x[inside], y[inside, market]) for market in range(2)]


def calm_place(history: CreditHistory) -> int:
    """The session after whose close the CALM returns before it were the smallest, in square, of both indices."""
    returns = np.diff(np.log(history.close), axis=0, prepend=np.nan)
    first = min(FILLED, len(history.days) // 2)
    size = [float((returns[place - CALM + 1 : place + 1] ** 2).mean()) for place in range(first, len(history.days))]
    return first + int(np.argmin(size))


def _answer(trial: Trial, history: CreditHistory) -> tuple[np.ndarray, np.ndarray]:
    """The mean answer of the members at each lag, float64 [LAGS, 2], and its parts by flow, float64 [LAGS, 2, 4]."""
    setting, place = trial.setting(history), calm_place(history)
    count = LAGS - SETTLEMENT
    dates, still = sessions(history.days[place], count), np.zeros((count, 2))
    fallen = still.copy()
    fallen[0] = np.log(1.0 + FALL)
    (members,) = trial.known(setting, [place], "split over lags")
    answers = np.zeros((len(members), count, 2, len(FLOWS)))

    def work(first: int, stop: int) -> None:
        for number in range(first, stop):
            base = members[number].by_board()[WARM + place, :, BALANCE].astype(np.float64)
            with_fall, without = (
                _flows(_flowed(setting, members[number], WARM + place, dates, moves)) for moves in (fallen, still)
            )
            answers[number] = (with_fall - without) / base[None, :, None] / FALL

    trial.workers.over(len(members), 1, work)
    parts = np.zeros((LAGS, 2, len(FLOWS)))
    parts[SETTLEMENT:] = answers.mean(axis=0)
    return parts.sum(axis=2), parts


def _flowed(setting: Setting, member: Member, on: int, dates: Sequence[date], moves: np.ndarray) -> np.ndarray:
    """Flows of both markets on each of ``dates`` when the indices move by ``moves``: int64 [h, 2, MEASURES]."""
    then, run = onward(setting, member, on, dates, moves)
    start = run.at
    advance(then, run, then.sessions)
    return run.by_board()[start:]


def _flows(done: np.ndarray) -> np.ndarray:
    """What each flow adds to the balance of a session: float64 [h, 2, 4] in the order of FLOWS."""
    repaid = done[:, :, REPAID] - done[:, :, FIRST]
    parts = [done[:, :, OPENED] - repaid - done[:, :, EXTRA], -done[:, :, FIRST], -done[:, :, TOPPED]]
    parts.append(-done[:, :, SOLD] - done[:, :, UNPAID])
    return np.stack(parts, axis=2).astype(np.float64)


def _percent(part: float, whole: float) -> float | None:
    return None if abs(whole) < 1e-12 else 100.0 * float(part) / whole
