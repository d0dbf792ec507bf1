"""Invented documents of a state, a hindcast and a score, each with every part, and bare ones with as little as may be.

Shapes: ``gaemi.state/1``, ``gaemi.hindcast/1``, ``gaemi.hindcast.score/1``.
"""

from datetime import date
from typing import Any

from answers.fixture import assumption_rows, smooth, weekdays

MILLION, BILLION = 10**6, 10**9
MARKETS = ("KOSPI", "KOSDAQ")
SIZE_BN = {"KOSPI": 4_400, "KOSDAQ": 5_400}
START = date(2019, 1, 2)
RATIOS = (
    "under 100 %",
    "100 to 120 %",
    "120 to 140 %",
    "140 to 150 %",
    "150 to 170 %",
    "170 to 200 %",
    "300 % and more",
)
RATIO_ENDS = (0, 100, 120, 140, 150, 170, 300, 1_000)
RATIO_SHARES = {"KOSPI": (0.1, 0.6, 2.4, 4.1, 21.3, 45.2, 26.3), "KOSDAQ": (0.3, 1.4, 4.9, 7.2, 27.0, 39.4, 19.8)}
AGES = ("0 to 5", "5 to 10", "10 to 20", "20 to 40", "40 to 60", "60 to 90", "125 and more")
AGE_ENDS = (0, 5, 10, 20, 40, 60, 90, 260)
FALLS = ("under maintenance", "0 to 5 %", "5 to 10 %", "10 to 15 %", "15 to 20 %", "20 to 30 %", "50 % and more")
FALL_ENDS = (-1_000, 0, 5, 10, 15, 20, 30, 100)


def spread(mean: float, share: float = 0.1) -> dict[str, float]:
    """A figure with a spread: mean, 5 % and 95 % of the ensemble."""
    return {"mean": mean, "low": mean * (1 - share), "high": mean * (1 + share)}


def spread_won(mean: int) -> dict[str, int]:
    return {name: round(value) for name, value in spread(float(mean)).items()}


def band_rows(names: tuple[str, ...], ends: tuple[int, ...], fields: tuple[str, str]) -> list[dict[str, Any]]:
    """A row a market and band, with the shares of the ratios whatever the band is of."""
    return [
        {"market": market, "band": name, fields[0]: ends[place], fields[1]: ends[place + 1], "share_pct": share}
        | {
            "share_low_pct": share * 0.8,
            "share_high_pct": share * 1.2,
            "won": round(SIZE_BN[market] * share / 100) * BILLION,
        }
        for market in MARKETS
        for place, (name, share) in enumerate(zip(names, RATIO_SHARES[market], strict=True))
    ]


def state_days(count: int) -> list[dict[str, Any]]:
    """Both markets over sessions; a balance is published on every one but each seventh."""
    rows = []
    for number, on in enumerate(weekdays(START, count)):
        for market in MARKETS:
            won = round(SIZE_BN[market] * (1 - 0.2 * smooth(number, count * 0.8, count / 30))) * BILLION
            late = number > count * 0.75
            rows.append(
                {
                    "date": on,
                    "market": market,
                    "settled_won": None if number % 7 == 3 else won,
                    "model_won": won + BILLION,
                }
                | {"low_won": won - 40 * BILLION, "high_won": won + 50 * BILLION}
                | {"opened_won": (300 + number * 37 % 90) * BILLION, "repaid_won": (280 + number * 53 % 110) * BILLION}
                | {"extra_won": 2 * BILLION, "sold_won": (number * 31 % 19 if late else number % 3) * BILLION}
                | {"topped_won": BILLION, "called_won": number % 5 * BILLION, "unpaid_won": (number % 4) * 10 * MILLION}
            )
    return rows


def market_rows() -> list[dict[str, Any]]:
    return [
        {"market": market, "settled_won": SIZE_BN[market] * BILLION, "trade_won": spread_won(SIZE_BN[market] * BILLION)}
        | {"mean_age": 38.4, "mean_ratio_pct": 176.2, "under_150_pct": spread(11.5 if market == "KOSPI" else 16.2)}
        | {"under_maintenance_won": spread_won(96 * BILLION), "repayment_pct": spread(2.31), "opened_pct": spread(2.44)}
        | {"sold_pct": spread(0.041)}
        for market in MARKETS
    ]


def shock_row(shock: float) -> dict[str, Any]:
    depth = abs(shock)
    row: dict[str, Any] = {"shock_pct": shock, "sold_share_pct": depth * 0.9}
    for name, size in (("called", 60), ("sold", 45), ("unpaid", 2)):
        won = round(depth**2 / 10 * size) * BILLION
        row |= {f"{name}_won": won, f"{name}_low_won": won * 8 // 10, f"{name}_high_won": won * 12 // 10}
    return row


def state_result(count: int = 260, **changed: Any) -> dict[str, Any]:
    """A state with every part."""
    return {
        "schema": "gaemi.state/1",
        "results_version": 3,
        "on": "2019-12-31",
        "title": "Where margin loans stand at the close of 2019-12-31",
        "law_version": "0123456789abcdef",
        "seed": 0,
        "members": 50,
        "names": 40,
        "layers": ["mechanical", "behaviour"],
        "basis": "monthly, then daily since 2019-06-03",
        "since": START.isoformat(),
        "sessions": 245,
        "gaps": ["no prices from 2018-09-29 to 2019-01-01"],
        "closed_days": ["2019-12-31"],
        "known_until": "2019-12-30",
        "young": False,
        "feasible": False,
        "infeasible": [
            {"market": "KOSPI", "date": "2019-08-06", "reason": "new loans under zero", "won": 12 * BILLION}
            | {"members_pct": 64.0}
        ],
        "sentences": ["At the close of 31 December 2019 margin loans of 9.8 tn won stood on trades up to that day."],
        "markets": market_rows(),
        "ratios": band_rows(RATIOS, RATIO_ENDS, ("low_pct", "high_pct")),
        "ages": band_rows(AGES, AGE_ENDS, ("age_low", "age_high")),
        "distances": band_rows(FALLS, FALL_ENDS, ("fall_low_pct", "fall_high_pct")),
        "call_map": [
            {"fall_pct": fall, "reached_won": fall**2 * 4 * BILLION}
            | {"low_won": fall**2 * 3 * BILLION, "high_won": fall**2 * 5 * BILLION}
            for fall in range(0, 55, 5)
        ],
        "curve": [shock_row(-5.0 * step) for step in range(9)],
        "stocks": [
            {"ticker": "005930", "outstanding_won": 212 * BILLION, "mean_age": 41.5, "mean_ratio_pct": 181.0}
            | {"under_150_pct": 7.3, "call_fall_pct_median": 22.9}
        ],
        "days": state_days(count),
        "assumptions": assumption_rows(),
        "run": {"request": {"on": "2019-12-31", "prices": "my prices", "members": 50, "curve": True, "threads": None}},
        "timing": {"spin_up_seconds": 4.2},
    } | changed


BARE = {"results_version": 1, "on": "2020-03-02", "title": "Bare", "sentences": [], "run": {}, "timing": {}}


def bare_state(**changed: Any) -> dict[str, Any]:
    """A state of which nothing is known but the ratios of one market, without ranges."""
    ratios = [{"market": "kospi", "low_pct": None, "high_pct": 140, "share_pct": 12.5, "won": None}]
    ratios += [
        {"market": "kospi", "low_pct": 140, "high_pct": None, "share_pct": 87.5, "share_low_pct": None, "won": 9}
    ]
    empty = {name: [] for name in ("markets", "ages", "distances", "call_map", "curve", "stocks", "days", "infeasible")}
    return BARE | {"schema": "gaemi.state/1", "ratios": ratios, "law_version": "ab", "seed": 0} | empty | changed


def hindcast_days(count: int = 11) -> list[dict[str, Any]]:
    """Both markets and both kinds of forced sales over a fall."""
    rows = []
    for session, on in enumerate(weekdays(date(2020, 3, 9), count)):
        fallen = smooth(session, 6, 2) - smooth(0, 6, 2)
        row: dict[str, Any] = {"date": on, "session": session}
        for market, start in (("kospi", 1954.77), ("kosdaq", 614.6)):
            row[market] = start * (1 - (0.24 if market == "kospi" else 0.31) * fallen)
            won = 4_400 * BILLION if market == "kospi" else 5_400 * BILLION
            parts = {"record": 0.34, "central": 0.3, "low": 0.38, "high": 0.24, "mechanical": 0.12, "no_change": 0.0}
            parts |= {"regression": 0.08, "regression_path": 0.22}
            row |= {f"{market}_{part}_won": round(won * (1 - share * fallen)) for part, share in parts.items()}
        for prefix, most in (("forced", 22), ("margin_sold", 95)):
            peak = round(most * fallen * 10) * BILLION // 10 + 8 * BILLION
            parts = {"central": 10, "low": 6, "high": 15, "mechanical": 16}
            parts |= {"record": 11, "no_change": 7, "regression": 8, "regression_path": 9} if prefix == "forced" else {}
            row |= {f"{prefix}_{part}_won": peak * share // 10 for part, share in parts.items()}
        rows.append(row)
    return rows


def hindcast_result(**changed: Any) -> dict[str, Any]:
    """A hindcast along the given path, with every part."""
    days = hindcast_days()
    errors = [
        {"target": prefix, "session": session, "method": method}
        | {"error_won": days[session][f"{prefix}_{method}_won"] - days[session][f"{prefix}_record_won"]}
        for prefix in ("kospi", "kosdaq", "forced")
        for session in (1, 3, 5, 10)
        for method in ("central", "mechanical", "no_change", "regression", "regression_path")
    ]
    return {
        "schema": "gaemi.hindcast/1",
        "results_version": 3,
        "on": "2020-03-09",
        "title": "Hindcast from 9 March 2020",
        "mode": "A: given path",
        "horizon": 10,
        "members": 50,
        "paths": None,
        "law_version": "0123456789abcdef",
        "seed": 0,
        "layers": ["mechanical", "behaviour"],
        "sentences": [
            "From 9 to 23 March 2020 the margin balance falls from 9.8 to 7.1 tn won; the record fell to 6.7."
        ],
        "known": {"prices_until": "2020-03-09", "balances_until": "2020-03-06"},
        "days": days,
        "errors": errors,
        "breaks": [
            {"name": "a break", "first": "2020-03-02", "last": None, "what": "counted anew", "source": "invented"}
        ],
        "assumptions": assumption_rows(),
        "run": {
            "request": {
                "first": "2020-03-09",
                "last": "2020-03-23",
                "model": "garch",
                "prices": "p",
                "balances": "b",
                "paths": None,
            }
        },
        "timing": {},
    } | changed


def simulated_result(**changed: Any) -> dict[str, Any]:
    """A hindcast of simulated paths: no index after the start and nothing published yet."""
    days = hindcast_days()
    for row in days[1:]:
        row |= {name: None for name in row if name in ("kospi", "kosdaq") or "_record_" in name or "_path_" in name}
    return (
        hindcast_result(mode="B: simulated paths", paths=2_000, days=days, errors=[], breaks=[], assumptions=[])
        | changed
    )


def bare_hindcast(**changed: Any) -> dict[str, Any]:
    """A hindcast without any days."""
    return (
        BARE
        | {"schema": "gaemi.hindcast/1", "mode": None, "days": [], "errors": [], "layers": ["mechanical"]}
        | changed
    )


TARGETS = ("balance on KOSPI", "balance on KOSDAQ", "forced sales of unsettled purchases")
METHODS = ("gaemi", "no change", "mean of 20 sessions", "regression on the past", "regression given the path")
PERIODS = ("2005 to 2019", "2020 to 2023")


def score_row(target: int, horizon: int, method: int, basis: str = "everything") -> dict[str, Any]:
    """Errors that grow with the horizon; the regression given the path is the best baseline."""
    size = (40.0, 52.0, 2.4)[target] * horizon ** (0.75 if target < 2 else 0.1)
    error = size * (0.55, 1.3, 1.25, 1.1, 0.9)[method]
    own = method == 0
    return {
        "target": TARGETS[target], "basis": basis, "horizon": horizon, "starts": 93, "episodes": 23,
        "method": METHODS[method], "best_baseline": METHODS[4], "error_bn": error, "low_bn": error * 0.8,
        "high_bn": error * 1.3, "ratio_to_best_baseline": error / (size * 0.9), "ratio_low": 0.5, "ratio_high": 0.8,
        "bias_bn": -error / 4, "crps_bn": error * (0.7 if own else 1.0),
        "coverage_pct": 80.0 + horizon if own else None, "coverage_starts_pct": 88.0 if own else None,
        "not_observed": ["2023-12-28"], "not_forecast": [], "in_breaks": [],
    }  # fmt: skip


def score_rows() -> list[dict[str, Any]]:
    """Every period, kind of start, target, basis, horizon and method; the mean says nothing of balances."""
    return [
        score_row(target, horizon, method, basis) | {"period": period, "where": where}
        for period in PERIODS
        for where in ("triggers", "quiet")
        for target in range(3)
        for basis in (("everything", "outside the breaks") if target == 2 else ("everything",))
        for horizon in (1, 3, 5, 10)
        for method in range(5)
        if target == 2 or method != 2
    ]


def score_result(**changed: Any) -> dict[str, Any]:
    """A score with every part."""
    return {
        "schema": "gaemi.hindcast.score/1",
        "results_version": 3,
        "on": "2023-12-28",
        "title": "Score of the hindcasts",
        "sentences": ["After triggers the error of the balance is 0.61 of that of the best baseline; the aim was 0.5."],
        "law_version": "0123456789abcdef",
        "seed": 0,
        "members": 50,
        "rows": score_rows(),
        "periods": [
            {
                "name": PERIODS[0],
                "first": "2005-01-03",
                "last": "2019-12-30",
                "kind": "cross-validation",
                "where": "triggers",
                "starts": 301,
            }
            | {"episodes": 61, "unobserved": 12},
            {
                "name": PERIODS[1],
                "first": "2020-01-02",
                "last": "2023-12-28",
                "kind": "validation, seen",
                "where": "triggers",
                "starts": 93,
            }
            | {"episodes": 23, "unobserved": ["2023-12-20", "2023-12-21"]},
        ],
        "lag_split": [
            {"lag": lag, "market": market, "record_coefficient": 0.01 * lag, "record_error": 0.004}
            | {"later_coefficient": 0.02 * lag, "later_error": None, "model_coefficient": 0.015 * lag}
            | {"model_share_pct": 10.0 * lag, "new_loans_share_pct": 7.5, "sold_by_force_share_pct": None}
            for lag in (0, 1, 2, 3, 4)
            for market in MARKETS
        ],
        "experiments": [
            {"name": "April 2023", "words": "Loans fell by a tenth while KOSPI fell by 1 %."}
            | {
                "rows": [
                    {"label": "loans", "value": -10.1, "unit": "%"},
                    {"label": "verdict", "value": "met", "unit": None},
                ]
            }
        ],
        "breaks": [
            {"name": "a break", "first": "2023-05-01", "last": None, "what": "counted | anew", "source": "invented"}
        ],
        "assumptions": assumption_rows(),
        "run": {"request": {"score": True, "prices": "p", "balances": "b"}},
        "timing": {},
    } | changed


def bare_score(**changed: Any) -> dict[str, Any]:
    """A score of nothing."""
    empty = {name: [] for name in ("rows", "periods", "lag_split", "experiments", "breaks", "assumptions")}
    return BARE | {"schema": "gaemi.hindcast.score/1"} | empty | changed
