"""Invented but consistent results in the shape of ``gaemi.account/1``: a borrower with a goal, and a replay."""

import math
from datetime import date, timedelta
from typing import Any

from answers.fixture import assumption_rows, records, run_block, weekdays

MILLION = 10**6
ON, BY = "2025-10-31", "2030-12-31"
SAMSUNG, NAME = "005930", "Samsung Electronics"
START, GOAL, LOAN, PATHS = 25_750_000, 100 * MILLION, 45 * MILLION, 20_000
HORIZON: dict[str, Any] = {"from": ON, "to": BY, "sessions": 1_263, "years": 5.17}

OUTCOMES = (
    "residual debt",
    "zeroed",
    "wiped out",
    "graduate",
    "force-sold",
    "ended below half",
    "ended below the start",
    "none of these",
)
ENDS = {"ended below half", "ended below the start", "none of these"}
DRIFTS = records(
    "drift words pct_a_year error_pct drivers",
    ("risk-free", "the base rate, 2.5 % a year", 2.5, None, [{"name": SAMSUNG, "pct_a_year": 2.5}]),
    ("long-run", "its own record, 11.2 % a year", 11.2, 6.6, [{"name": SAMSUNG, "pct_a_year": 11.2}]),
    ("own", "8 % a year, as the file says", 8.0, None, [{"name": SAMSUNG, "pct_a_year": 8.0}]),
    (
        "long-run less the gap of margin users",
        "long-run less 6.9 % a year, the published gap between margin users and others",
        4.3,
        6.6,
        [{"name": SAMSUNG, "pct_a_year": 4.3}],
    ),
)
COUNTS = {  # paths of 20,000, by outcome in the order above: counted once, then ever
    "risk-free": ((620, 380, 3_900, 2_460, 6_100, 610, 1_930, 4_000), (620, 940, 4_760, 2_470, 11_900)),
    "long-run": ((470, 290, 2_700, 6_480, 4_850, 380, 1_130, 3_700), (470, 720, 3_310, 6_500, 9_800)),
    "own": ((520, 330, 3_060, 5_020, 5_300, 440, 1_330, 4_000), (520, 790, 3_720, 5_040, 10_500)),
    "long-run less the gap of margin users": (
        (590, 370, 3_640, 2_960, 5_940, 570, 1_830, 4_100),
        (590, 900, 4_450, 2_970, 11_600),
    ),
}
CALLED = {"risk-free": 12_600, "long-run": 10_500, "own": 11_200, "long-run less the gap of margin users": 12_300}
BELOW = {"ended below half": 9_300, "ended below the start": 13_800, "none of these": 6_200}
YEARS = {"residual debt": 1.9, "zeroed": 1.7, "wiped out": 1.6, "graduate": 3.1, "force-sold": 1.1}
QUANTILES = {"p5": -1.645, "p25": -0.674, "p50": 0.0, "p75": 0.674, "p95": 1.645}


def share(count: int, prefix: str = "", paths: int = PATHS) -> dict[str, Any]:
    """A count with its share and standard error."""
    part = count / paths
    error = math.sqrt(part * (1 - part) / paths)
    return {f"{prefix}count": count, f"{prefix}share": part, f"{prefix}error": error}


def outcome_rows(drift: str) -> list[dict[str, Any]]:
    counts, ever = COUNTS[drift]
    happened = dict(zip(OUTCOMES, ever, strict=False)) | BELOW
    return [
        {"outcome": outcome} | share(count) | share(happened[outcome], "ever_") | {"mean_years": YEARS.get(outcome)}
        for outcome, count in zip(OUTCOMES, counts, strict=True)
    ]


def fan(pct_a_year: float) -> list[dict[str, Any]]:
    """Quantiles of net worth, four a year; bounded by the goal above, as graduates leave."""
    rows = []
    for quarter in range(22):
        years = min(quarter / 4, HORIZON["years"])
        on = date.fromisoformat(ON) + timedelta(days=round(years * 365.25))
        drift = (pct_a_year - 9) / 100 * 1.6 * years
        width = 0.52 * math.sqrt(years)
        levels = {name: round(START * math.exp(drift + width * z)) for name, z in QUANTILES.items()}
        rows.append({"date": on.isoformat()} | {name: min(level, GOAL) for name, level in levels.items()})
    rows[-1]["date"] = BY
    return rows


def odds() -> list[dict[str, Any]]:
    found = []
    for row in DRIFTS:
        levels = fan(row["pct_a_year"])
        called = share(CALLED[row["drift"]], "ever_") | {"mean_years": 0.7}
        found.append(
            {"drift": row["drift"], "paths": PATHS, "start_won": START, "rows": outcome_rows(row["drift"])}
            | {"called": called, "end": {name: levels[-1][name] for name in QUANTILES}, "fan": levels}
        )
    return found


def thousand(drift: str = "risk-free") -> dict[str, Any]:
    """The counts of 20,000 paths as a thousand people, by largest remainders, ties to the worse outcome."""
    counts = COUNTS[drift][0]
    people = [count * 1_000 // PATHS for count in counts]
    order = sorted(range(len(counts)), key=lambda i: (-(counts[i] * 1_000 % PATHS), i))
    for i in order[: 1_000 - sum(people)]:
        people[i] += 1
    return {
        "drift": drift,
        "people": [{"outcome": outcome, "people": n} for outcome, n in zip(OUTCOMES, people, strict=True)],
    }


def chances(graduate: int, force_sold: int, wiped_out: int, below_start: int, median_won: int) -> dict[str, Any]:
    """The columns that the rows over leverage and the rows without a loan have in common, from counts of paths."""
    counts = {"graduate": graduate, "force_sold": force_sold, "wiped_out": wiped_out, "below_start": below_start}
    rows = {name: share(count) for name, count in counts.items()}
    parts = {name: row["share"] for name, row in rows.items()}
    errors = {f"{name}_error": row["error"] for name, row in rows.items()}
    return parts | errors | {"median_won": median_won}


def leverage_rows() -> list[dict[str, Any]]:
    """Eight leverages at two drifts; the last is today's."""
    levels = (1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.74)
    figures = {
        "risk-free": (
            (420, 0, 0, 9_900, 25_900_000),
            (880, 0, 60, 10_450, 25_200_000),
            (1_330, 1_150, 300, 11_080, 24_300_000),
            (1_720, 3_600, 830, 11_690, 23_000_000),
            (2_030, 6_220, 1_650, 12_300, 21_300_000),
            (2_250, 8_600, 2_680, 12_870, 19_300_000),
            (2_400, 10_500, 3_800, 13_420, 17_200_000),
            (2_470, 11_900, 4_760, 13_800, 15_040_621),
        ),
        "long-run": (
            (1_940, 0, 0, 5_600, 38_600_000),
            (3_060, 0, 30, 6_350, 39_900_000),
            (4_040, 720, 160, 7_180, 41_000_000),
            (4_880, 2_480, 500, 8_060, 41_300_000),
            (5_520, 4_700, 1_060, 8_900, 40_100_000),
            (5_990, 6_800, 1_780, 9_680, 37_600_000),
            (6_320, 8_520, 2_590, 10_420, 34_500_000),
            (6_500, 9_800, 3_310, 10_900, 30_889_571),
        ),
    }
    return [
        {"leverage": level, "now": level == 2.74, "loan_won": LOAN if level == 2.74 else round(START * (level - 1))}
        | {"drift": drift}
        | chances(*row)
        for drift, rows in figures.items()
        for level, row in zip(levels, rows, strict=True)
    ]


def instead_rows() -> list[dict[str, Any]]:
    longer, saving = "3 more years and no loan", "1,000,000 won more a month and no loan"
    return [
        {"what": longer, "drift": "risk-free"} | chances(1_480, 0, 0, 9_700, 26_300_000),
        {"what": longer, "drift": "long-run"} | chances(4_710, 0, 0, 4_400, 49_800_000),
        {"what": saving, "drift": "risk-free"} | chances(7_300, 0, 0, 4_100, 88_400_000),
        {"what": saving, "drift": "long-run"} | chances(11_600, 0, 0, 2_150, 100_000_000),
    ]


def what_if(text: str, words: str, distances: list[tuple[Any, ...]], moved: tuple[int, ...]) -> dict[str, Any]:
    """One change, with the distances before and after, and the paths that each outcome gains under two drifts."""
    rows = []
    for drift, part in (("risk-free", 1.0), ("long-run", 0.8)):
        for outcome, count, more in zip(OUTCOMES, COUNTS[drift][0], moved, strict=True):
            before, gain = count / PATHS, more * part / PATHS
            row = {"drift": drift, "outcome": outcome, "before": before, "after": before + gain, "difference": gain}
            rows.append(row | {"error": math.sqrt(abs(gain) / PATHS)})
    return {"text": text, "words": words, "distances": records("measure unit before after", *distances), "odds": rows}


def what_if_rows() -> list[dict[str, Any]]:
    return [
        what_if(
            "add 10m",
            "10.0 m won more cash",
            [
                ("collateral ratio", "pct", 157.78, 180.0),
                ("fall to a call", "pct", 11.27, 25.35),
                ("fall to zero", "pct", 36.62, 50.7),
                ("interest a month", "won", 340_000, 340_000),
                ("effective leverage", "times", 2.74, 1.98),
            ],
            (-330, -160, -1_730, 460, -1_860, -40, 1_310, 2_350),
        ),
        what_if(
            "sell 005930 300",
            "300 shares of Samsung Electronics sold, the loan repaid with what they bring",
            [
                ("collateral ratio", "pct", 157.78, 209.53),
                ("fall to a call", "pct", 11.27, 33.18),
                ("fall to zero", "pct", 36.62, 52.27),
                ("interest a month", "won", 340_000, 179_000),
                ("effective leverage", "times", 2.74, 1.92),
            ],
            (-520, -310, -2_600, -520, -3_570, 180, 3_020, 4_320),
        ),
    ]


def holding() -> dict[str, Any]:
    return {
        "ticker": SAMSUNG,
        "name": NAME,
        "quantity": 1_000,
        "price": 71_000.0,
        "currency": "won",
        "value_won": 71 * MILLION,
        "cost": 65_000.0,
        "standing": "financed",
        "pool": "broker",
        "collateral_rate_pct": 100.0,
        "collateral_won": 71 * MILLION,
        "leverage": 1.0,
        "underlying": None,
        "exposure_won": 71 * MILLION,
        "volatility_pct": 32.7,
        "drag_pct": None,
        "fee_pct": None,
        "financing_pct": None,
    }


def loan() -> dict[str, Any]:
    return {
        "kind": "margin",
        "pool": "broker",
        "ticker": SAMSUNG,
        "principal_won": LOAN,
        "opened": "2025-10-01",
        "due": "2026-03-30",
        "rolls": True,
        "days": 30,
        "rate_pct": 9.1,
        "accrued_won": 120_000,
        "interest_month_won": 340_000,
    }


def pool() -> dict[str, Any]:
    return {
        "pool": "broker",
        "loans_won": LOAN,
        "collateral_won": 71 * MILLION,
        "ratio_pct": 71 / 45 * 100,
        "maintenance_pct": 140.0,
        "above_call_won": 8 * MILLION,
        "shortfall_won": 0,
        "fall_to_call_pct": (1 - 63 / 71) * 100,
        "fall_to_next_morning_pct": None,
        "fall_to_all_sold_pct": 24.5,
        "fall_to_zero_pct": (1 - 45 / 71) * 100,
    }


def sale() -> dict[str, Any]:
    sold = {"ticker": SAMSUNG, "name": NAME, "quantity": 282, "held": 1_000, "close": 59_800.0, "price": 59_800.0}
    return {
        "close_date": "2025-11-03",
        "assumed": "a close 5 % below the call price",
        "sale_date": "2025-11-05",
        "time": "09:00",
        "sold": [sold | {"won": 282 * 59_800}],
        "left_won": 14_800_000,
        "owed_won": LOAN - 282 * 59_800,
        "residual_won": 0,
    }


def standing() -> dict[str, Any]:
    """What the account is on its date, without odds: the keys that an answer and a replay share."""
    call_fall, zero_fall = (1 - 63 / 71) * 100, (1 - 45 / 71) * 100
    shipped = {"words": "shipped closes", "first": "2015-11-02", "last": ON, "sessions": 2_351, "notes": []}
    alone = {"ticker": SAMSUNG, "name": NAME, "pool": "broker", "price": 71_000.0, "currency": "won"}
    alone |= {"call_price": 63_000.0, "call_fall_pct": call_fall, "zero_price": 45_000.0, "zero_fall_pct": zero_fall}
    run, _ = run_block("gaemi account borrowed.yaml --goal 100m --by 2030-12-31")
    asked = {"file": "borrowed.yaml", "goal": "100m", "by": BY, "model": "gbm", "paths": PATHS}
    return {
        "schema": "gaemi.account/1",
        "results_version": 1,
        "on": ON,
        "title": "borrowed",
        "law_version": "a1b2c3d4e5f60718",
        "seed": 0,
        "layers": ["mechanical"],
        "prices": shipped,
        "firm": {
            "class": "unknown",
            "words": "firm not said: the strictest rule of the classes",
            "maintenance_pct": 140.0,
        },
        "totals": {
            "assets_won": 71 * MILLION,
            "cash_won": 0,
            "loans_won": LOAN,
            "accrued_won": 120_000,
            "residual_won": 0,
            "net_worth_won": 25_880_000,
            "after_costs_won": START,
            "exposure_won": 71 * MILLION,
            "effective_leverage": 71 / 25.88,
            "interest_month_won": 340_000,
            "interest_year_won": 4_095_000,
        },
        "holdings": [holding()],
        "loans": [loan()],
        "pools": [pool()],
        "alone": [alone],
        "sale": sale(),
        "how_often": {
            "words": "In the last ten years a fall that size came within 20 days 14 times in 100.",
            "fall_pct": call_fall,
            "sessions": 20,
            "share": 329 / 2_351,
            "times": 329,
            "starts": 2_351,
            "first": "2015-11-02",
            "last": ON,
            "recorded": True,
        },
        "notes": ["Interest is charged on the day count of the firm's class."],
        "assumptions": assumption_rows(),
        "run": run | {"request": asked},
        "timing": {"seconds": 3.2, "threads": 2},
    }


def account_result(**changes: Any) -> dict[str, Any]:
    """A borrower at 2.74 times own money with a goal and ten years of prices; ``changes`` replace whole keys."""
    ruin = "In 24 of 100 paths nine tenths of the money or more is lost before the end of 2030."
    first = "Samsung Electronics can fall 11.3 % to 63,000 before a call."
    then = (
        "If it closes at 59,800 on Monday 3 November and you do nothing, on Wednesday 5 November at 09:00 about 282 of "
        "1,000 shares are sold and about 14.8 m won is left."
    )
    often = "In the last ten years a fall that size came within 20 days 14 times in 100."
    closed = {"what": "a call within the horizon, watched daily", "drift": "risk-free", "simulated": 0.63}
    return (
        standing()
        | {
            "kind": "account",
            "model": "gbm",
            "paths": PATHS,
            "warning": ruin,
            "sentences": [first, then, often, "Prices of 31 October 2025; your firm may sell more."],
            "help": [{"what": "gambling problems", "number": "1336"}, {"what": "debt advice", "number": "1397"}],
            "goal": {"won": GOAL, "by": BY},
            "horizon": HORIZON,
            "drifts": [dict(row) for row in DRIFTS],
            "odds": odds(),
            "thousand": thousand(),
            "leverage": leverage_rows(),
            "instead": instead_rows(),
            "what_if": what_if_rows(),
            "closed_forms": [closed | {"error": 0.0034, "closed_form": 0.6317}],
        }
        | changes
    )


def replay_days() -> list[dict[str, Any]]:
    """Forty sessions of a fall and half of a recovery; a call is followed by a sale two sessions later."""
    closes = [71_000, 70_100, 68_900, 66_400, 64_800, 65_500, 62_600, 60_200, 57_900, 58_800, 54_100, 52_000, 49_700]
    closes += [52_600 + 380 * i - 900 * (i % 3) for i in range(27)]
    held, owed, cash = 1_000, LOAN, 0
    due: list[int] = []
    rows: list[dict[str, Any]] = []
    for day, (on, price) in enumerate(zip(weekdays(date(2020, 2, 21), len(closes)), closes, strict=True)):
        quantity = min(held, 282) if day in due else 0
        won, held = quantity * price, held - quantity
        owed, cash = max(0, owed - won), cash + max(0, won - owed)
        called = owed > 0 and held * price * 100 < 140 * owed
        due += [day + 2] if called and not any(waiting >= day for waiting in due) else []
        sold = [{"ticker": SAMSUNG, "quantity": quantity, "price": float(price), "won": won}] if quantity else []
        assets = held * price + cash
        row = {"date": on, "prices": {SAMSUNG: float(price)}, "assets_won": assets, "loans_won": owed}
        row |= {"pools": {"broker": held * price / owed * 100 if owed else None}, "net_worth_won": assets - owed}
        rows.append(row | {"called": called, "sold": sold, "owed_won": owed, "residual_won": 0})
    return rows


def replay_result() -> dict[str, Any]:
    """The account on the days of an episode: called, sold in parts, no odds."""
    empty: dict[str, Any] = {key: [] for key in ("odds", "drifts", "leverage", "instead", "what_if", "closed_forms")}
    none: dict[str, Any] = dict.fromkeys(("thousand", "goal", "horizon", "warning", "how_often"))
    days = replay_days()
    told = {"name": "covid-2020", "outcome": "force-sold", "start_won": days[0]["net_worth_won"], "days": days}
    told |= {"end_won": days[-1]["net_worth_won"]}
    said = {"sentences": ["On the days of covid-2020 the account would have been called and sold in parts."]}
    return account_result(kind="replay", replay=told, help=[], **(empty | none | said))
