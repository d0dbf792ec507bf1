"""What then happened: the targets of hindcasts, as they were published later.

Three targets stand in every array's last place: the change of the balance of each market from the start to the horizon
and the forced sales of unsettled purchases on the day of the horizon. What was not published is NaN.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gaemi.errors import refuse
from gaemi.hindcast.triggers import episodes
from gaemi.sources.breaks import FORCED_SALES_BEGIN, breaks_on
from gaemi.sources.history import CreditHistory

TARGETS = ("balance on KOSPI", "balance on KOSDAQ", "forced sales of unsettled purchases")
FORCED = 2
"""Place of forced sales among the targets."""


@dataclass(frozen=True, slots=True)
class Starts:
    """Starts of hindcasts and what followed. ``s`` starts, ``h`` horizons.

    ``where`` says what starts these are, as "triggers". A target is ``broken`` where its start or its day lies in a
    named break of the series of unsettled purchases.
    """

    where: str
    days: tuple[date, ...]
    episode: np.ndarray  # int64 [s], rising from 0
    horizons: tuple[int, ...]
    truth_won: np.ndarray  # float64 [s, h, 3]
    broken: np.ndarray  # bool [s, h]


def published_won(history: CreditHistory) -> tuple[np.ndarray, np.ndarray]:
    """Balances by market, float64 [t, 2], and forced sales, float64 [t], in won; NaN where none was published."""
    settled = np.where(history.settled_won < 0, np.nan, history.settled_won.astype(np.float64))
    forced = np.where(history.forced_won < 0, np.nan, history.forced_won.astype(np.float64))
    forced[[day < FORCED_SALES_BEGIN for day in history.days]] = np.nan
    return settled, forced


def starts_of(history: CreditHistory, places: np.ndarray, horizons: Sequence[int], where: str) -> Starts:
    """The starts at ``places`` of one stretch (rising) with what followed; targets after its end are NaN."""
    places, ahead = np.asarray(places, np.int64), np.asarray(horizons, np.int64)
    if ahead.size == 0 or (ahead < 1).any():
        raise refuse("horizons", f"{ahead.tolist()}", "must be sessions after the start, 1 or more")
    settled, forced = published_won(history)
    at = places[:, None] + ahead[None, :]
    known = at < len(history.days)
    at = np.minimum(at, len(history.days) - 1)
    change = settled[at] - settled[places][:, None, :]
    truth = np.concatenate([change, forced[at][:, :, None]], axis=2)
    truth[~known] = np.nan
    broken = np.array([name != "" for name in breaks_on(history.days)], bool)
    return Starts(
        where,
        tuple(history.days[place] for place in places.tolist()),
        episodes(places),
        tuple(ahead.tolist()),
        truth,
        broken[places][:, None] | (broken[at] & known),
    )


def together(parts: Sequence[Starts]) -> Starts:
    """The starts of several stretches as one table: no episode reaches across a gap."""
    assert len({(part.where, part.horizons) for part in parts}) == 1, "starts of one kind and the same horizons"
    episode, before = [], 0
    for part in parts:
        episode.append(part.episode + before)
        before += int(part.episode.max(initial=-1)) + 1
    return Starts(
        parts[0].where,
        tuple(day for part in parts for day in part.days),
        np.concatenate(episode),
        parts[0].horizons,
        np.concatenate([part.truth_won for part in parts]),
        np.concatenate([part.broken for part in parts]),
    )
