"""Tables of a rebuilt state: loans by ratio, age and distance to the call, with the spread of the ensemble."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gaemi.kernels.revolve import BALANCE, CALLED, EXTRA, OPENED, REPAID, SOLD, TOPPED, UNPAID
from gaemi.market.names import BOARDS
from gaemi.people.cohorts import Cohorts
from gaemi.spin import WARM, Member, Setting, settled_of
from gaemi.units import BPS

RATIO_EDGES_PCT = (0, 100, 120, 130, 140, 150, 160, 170, 180, 200, 225, 250, 300, 1000)
AGE_EDGES = (0, 5, 10, 20, 40, 60, 90, 125, 260)
FALL_EDGES_PCT = (-1000, 0, 5, 10, 15, 20, 25, 30, 40, 50, 100)
FALLS_PCT = tuple(range(0, 55, 5))
LATE = 60
"""Sessions over which flows are averaged, and after which a state has forgotten how it began."""

FLOWS = {"opened": OPENED, "repaid": REPAID, "extra": EXTRA, "sold": SOLD, "topped": TOPPED, "called": CALLED,
         "unpaid": UNPAID}  # fmt: skip
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Standing:
    """Rows of one member at a close: won, age, ratio, and the fall of its name at which each is called."""

    board: np.ndarray  # int64 [r]
    pool: np.ndarray  # int64 [r]
    won: np.ndarray  # int64 [r]
    age: np.ndarray  # int64 [r] sessions
    ratio: np.ndarray  # float64 [r]
    fall: np.ndarray  # float64 [r], below 0 where the loan is under maintenance


def standing(setting: Setting, member: Member) -> Standing:
    """Where the member's loans stand at the close of the last session that it ran."""
    at = member.at - 1
    rows = slice(0, int(member.lent.count[0]))
    lent, law = member.lent, setting.law_on(at)[0]
    name, won = lent.name[rows], lent.principal_won[rows]
    value = lent.lots[rows] * member.tape.price[at, name]
    needed = law.maintenance_bps[lent.firm[rows]] / BPS
    ratio = value / won
    return Standing(
        member.named.board[name], member.named.pool[name], won, at - lent.opened[rows], ratio, 1.0 - needed / ratio
    )


def bands(
    stands: Sequence[Standing], edges: Sequence[float], measure: Callable[[Standing], np.ndarray]
) -> dict[str, np.ndarray]:
    """Won by market, member and band, float64 [m, band]; the last band is open."""
    found = {}
    for place, board in enumerate(BOARDS):
        rows = []
        for each in stands:
            here = each.board == place
            band = np.clip(np.searchsorted(edges, measure(each)[here], side="right") - 1, 0, len(edges) - 2)
            rows.append(np.bincount(band, weights=each.won[here].astype(np.float64), minlength=len(edges) - 1))
        found[board.name] = np.array(rows)
    return found


def spread(values: np.ndarray) -> dict[str, float]:
    """Mean, 5 % and 95 % of one figure over the members."""
    low, high = np.quantile(values, (0.05, 0.95))
    return {"mean": float(values.mean()), "low": float(low), "high": float(high)}


def spread_won(values: np.ndarray) -> dict[str, int]:
    """As :func:`spread`, in whole won."""
    return {name: round(value) for name, value in spread(values).items()}


def band_rows(found: dict[str, np.ndarray], edges: Sequence[float], words: Callable[[int], dict[str, Any]]) -> Rows:
    """One row a market and band: share of the market's won with the spread of the ensemble."""
    rows = []
    for market, won in found.items():
        share = 100 * won / np.maximum(won.sum(axis=1, keepdims=True), 1.0)
        for band in range(len(edges) - 1):
            said = spread(share[:, band])
            rows.append(
                {
                    "market": market,
                    **words(band),
                    "share_pct": said["mean"],
                    "share_low_pct": said["low"],
                    "share_high_pct": said["high"],
                    "won": round(won[:, band].mean()),
                }
            )
    return rows


def ratio_rows(stands: Sequence[Standing]) -> Rows:
    """Won by collateral ratio."""
    found = bands(stands, [edge / 100 for edge in RATIO_EDGES_PCT], lambda each: each.ratio)

    def words(band: int) -> dict[str, Any]:
        low, high = RATIO_EDGES_PCT[band], RATIO_EDGES_PCT[band + 1]
        return {"band": _band(low, high, RATIO_EDGES_PCT, " %"), "low_pct": low, "high_pct": high}

    return band_rows(found, RATIO_EDGES_PCT, words)


def age_rows(stands: Sequence[Standing]) -> Rows:
    """Won by age in sessions since the trade."""

    def words(band: int) -> dict[str, Any]:
        low, high = AGE_EDGES[band], AGE_EDGES[band + 1]
        return {"band": _band(low, high, AGE_EDGES, ""), "age_low": low, "age_high": high}

    return band_rows(bands(stands, AGE_EDGES, lambda each: each.age), AGE_EDGES, words)


def distance_rows(stands: Sequence[Standing]) -> Rows:
    """Won by the fall of its own stock at which a loan is called."""
    edges = [edge / 100 for edge in FALL_EDGES_PCT]

    def words(band: int) -> dict[str, Any]:
        low, high = FALL_EDGES_PCT[band], FALL_EDGES_PCT[band + 1]
        text = "under maintenance" if band == 0 else _band(low, high, FALL_EDGES_PCT, " %")
        return {"band": text, "fall_low_pct": low, "fall_high_pct": high}

    return band_rows(bands(stands, edges, lambda each: each.fall), FALL_EDGES_PCT, words)


def _band(low: float, high: float, edges: Sequence[float], unit: str) -> str:
    if high == edges[-1]:
        return f"{low:g}{unit} and more"
    return f"under {high:g}{unit}" if low == edges[0] and unit else f"{low:g} to {high:g}{unit}"


def call_rows(stands: Sequence[Standing]) -> Rows:
    """Won of loans that reach maintenance when every stock falls by the same per cent."""
    rows = []
    for fall in FALLS_PCT:
        won = spread_won(np.array([each.won[each.fall < fall / 100].sum() for each in stands], dtype=np.float64))
        rows.append({"fall_pct": fall, "reached_won": won["mean"], "low_won": won["low"], "high_won": won["high"]})
    return rows


def market_rows(setting: Setting, members: Sequence[Member], stands: Sequence[Standing]) -> Rows:
    """Each market in one row: balances, ages, ratios and flows of late, with the spread of the ensemble."""
    rows = []
    observed, history = setting.history.observed(), setting.history
    at = members[0].at
    for place, board in enumerate(BOARDS):
        won = [each.won[each.board == place].astype(np.float64) for each in stands]
        done = np.stack([each.by_board()[max(at - LATE, WARM) : at, place] for each in members]).astype(np.float64)
        base = np.maximum(done[:, :, BALANCE].sum(axis=1), 1.0)

        def mean_of(measure: str, place: int = place, won: Sequence[np.ndarray] = won) -> float:
            each = [
                float((getattr(s, measure)[s.board == place] * w).sum() / w.sum())
                for s, w in zip(stands, won, strict=True)
            ]
            return float(np.mean(each))

        def share(measure: int, done: np.ndarray = done, base: np.ndarray = base) -> dict[str, float]:
            return spread(100 * done[:, :, measure].sum(axis=1) / base)

        ratios = [each.ratio[each.board == place] for each in stands]
        under = np.array([100 * w[r < 1.5].sum() / w.sum() for w, r in zip(won, ratios, strict=True)])
        short = np.array([w[s.fall[s.board == place] < 0].sum() for w, s in zip(won, stands, strict=True)])
        repaid = spread(100 * (done[:, :, REPAID] + done[:, :, EXTRA]).sum(axis=1) / base)
        rows.append(
            {
                "market": board.name,
                "settled_won": int(history.settled_won[observed[-1], place]),
                "trade_won": spread_won(np.array([w.sum() for w in won])),
                "mean_age": mean_of("age"),
                "mean_ratio_pct": 100 * mean_of("ratio"),
                "under_150_pct": spread(under),
                "under_maintenance_won": spread_won(short),
                "repayment_pct": repaid,
                "opened_pct": share(OPENED),
                "sold_pct": share(SOLD),
            }
        )
    return rows


def stock_rows(setting: Setting, members: Sequence[Member], stands: Sequence[Standing]) -> Rows:
    """Each single stock in one row; figures are means over the members."""
    rows = []
    for i, stock in enumerate(setting.stocks):
        each = [
            (s.won[here], s.age[here], s.ratio[here], s.fall[here]) for s in stands if (here := s.pool == 2 + i).any()
        ]
        if not each:
            continue
        won = [float(w.sum()) for w, *_ in each]
        rows.append(
            {
                "ticker": stock.ticker,
                "market": stock.board.name,
                "outstanding_won": round(float(np.mean(won))),
                "mean_age": float(np.mean([(a * w).sum() / w.sum() for w, a, *_ in each])),
                "mean_ratio_pct": 100 * float(np.mean([(r * w).sum() / w.sum() for w, _, r, _ in each])),
                "under_150_pct": 100 * float(np.mean([w[r < 1.5].sum() / w.sum() for w, _, r, _ in each])),
                "call_fall_pct_median": 100 * float(np.mean([weighted_median(f, w) for w, _, _, f in each])),
            }
        )
    return rows


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The value at which half of the weight is reached."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def day_rows(setting: Setting, members: Sequence[Member]) -> Rows:
    """Every session since the stretch began, by market: balance as published and as modelled, and what flowed."""
    history = setting.history
    count = members[0].at - WARM
    settled = np.stack([settled_of(each)[WARM : WARM + count] for each in members]).astype(np.float64)
    low, high = np.quantile(settled, (0.05, 0.95), axis=0)
    done = np.stack([each.by_board()[WARM : WARM + count] for each in members]).mean(axis=0)
    rows = []
    for t in range(count):
        for place, board in enumerate(BOARDS):
            seen = int(history.settled_won[t, place])
            rows.append(
                {
                    "date": str(history.days[t]),
                    "market": board.name,
                    "settled_won": seen if seen >= 0 else None,
                    "model_won": round(settled[:, t, place].mean()),
                    "low_won": round(low[t, place]),
                    "high_won": round(high[t, place]),
                    **{f"{name}_won": round(done[t, place, measure]) for name, measure in FLOWS.items()},
                }
            )
    return rows


COHORT_RATIOS_BPS = (0, 10000, 12000, 13000, 14000, 14500, 15000, 16000, 17000, 18000, 20000, 22500, 25000, 30000,
                     40000, 100000)  # fmt: skip


def cohorts_of(setting: Setting, stands: Sequence[Standing], recipe: dict[str, Any], feasible: bool) -> Cohorts:
    """The state as cohorts of age and ratio by market, in won: the mean over the members."""
    history = setting.history
    columns: list[list[int]] = [[] for _ in range(6)]
    for place in range(len(BOARDS)):
        won = np.zeros((len(AGE_EDGES) - 1, len(COHORT_RATIOS_BPS) - 1))
        for each in stands:
            here = each.board == place
            age = np.clip(np.searchsorted(AGE_EDGES, each.age[here], side="right") - 1, 0, won.shape[0] - 1)
            ratio = np.searchsorted(COHORT_RATIOS_BPS, each.ratio[here] * BPS, side="right") - 1
            np.add.at(won, (age, np.clip(ratio, 0, won.shape[1] - 1)), each.won[here] / len(stands))
        for i, j in zip(*np.nonzero(won >= 0.5), strict=True):
            bounds = (AGE_EDGES[i], AGE_EDGES[i + 1], COHORT_RATIOS_BPS[j], COHORT_RATIOS_BPS[j + 1])
            for column, value in zip(columns, (place, *bounds, round(won[i, j])), strict=True):
                column.append(int(value))
    board, age_low, age_high, low, high, held = (np.array(column, np.int64) for column in columns)
    return Cohorts(
        on=history.days[-1],
        name="rebuilt",
        source=history.origin,
        basis=history.basis,
        feasible=feasible,
        board=board.astype(np.int8),
        age_low=age_low,
        age_high=age_high,
        ratio_low_bps=low,
        ratio_high_bps=high,
        won=held,
        recipe=recipe,
    )
