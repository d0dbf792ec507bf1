"""Invented but plausible results in the shape of ``gaemi.country/1`` and ``gaemi.compare/1``."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

BILLION = 10**9
TRILLION = 10**12
START_LEVEL = 4107.5


def people(central: int) -> dict[str, int]:
    """A head count as the range that it is known in."""
    return {"central": central, "low": central // 2, "high": central * 3 // 2}


def smooth(fall_pct: float, middle: float, width: float) -> float:
    """A share from 0 to 1 that rises around ``middle``; rational, so that it is the same on every machine."""
    distance = (fall_pct - middle) / width
    return 0.5 + 0.5 * distance / (1 + abs(distance))


def call_map() -> list[dict[str, Any]]:
    rows = []
    for fall in range(61):
        reached = [
            int(size * TRILLION * max(0.0, smooth(fall, mid, 8) - smooth(0, mid, 8)) * 1.25)
            for size, mid in ((15.6, 29), (9.0, 25), (25.8, 33))
        ]
        rows.append(
            {
                "fall_pct": fall,
                "index_level": START_LEVEL * (100 - fall) / 100,
                "reached_won": sum(reached),
                "kospi_won": reached[0],
                "kosdaq_won": reached[1],
                "pledged_won": reached[2],
                "share_of_loans_pct": sum(reached) / (50.4 * TRILLION) * 100,
            }
        )
    return rows


def curve_row(shock: int) -> dict[str, Any]:
    depth = -shock
    sold = int(depth**3 * 0.19 * BILLION)
    extra = depth**3 * 0.00006
    heads = sold // 32_000_000
    return {
        "shock_pct": shock,
        "fall_no_feedback_points": float(depth),
        "fall_points": depth + extra,
        "extra_fall_points": extra,
        "amplification": (depth + extra) / depth if depth >= 5 else None,
        "under_won": sold * 17 // 10,
        "called_won": sold * 3 // 2,
        "sold_won": sold,
        "sold_no_feedback_won": sold * 9 // 10,
        "sold_share_of_turnover_pct": sold / (19 * 20 * TRILLION) * 100,
        "peak_day_sold_won": sold * 2 // 5,
        "peak_day": 4 if sold else None,
        "residual_won": sold // 80,
        "called_borrowers": people(heads * 3 // 2),
        "sold_borrowers": people(heads),
        "residual_borrowers": people(heads // 30),
        "emptied_accounts": people(heads // 9),
        "wiped_out_investors": people(heads // 12),
        "wiped_out_no_feedback": people(heads // 14),
    }


def weekdays(start: date, count: int) -> list[str]:
    days, at = [], start
    while len(days) < count:
        if at.weekday() < 5:
            days.append(at.isoformat())
        at += timedelta(days=1)
    return days


def day_rows(shock: int, start: date = date(2025, 10, 31), count: int = 21) -> list[dict[str, Any]]:
    total = curve_row(shock)["sold_won"]
    shares = {3: 15, 4: 40, 5: 22, 6: 10, 7: 6, 8: 4, 9: 3}
    rows = []
    for day, on in enumerate(weekdays(start, count)):
        moved = (1 + shock / 100) ** (min(day, 3) / 3)
        extra = total / TRILLION * 0.0025 * smooth(day, 5, 2)
        sold = total * shares.get(day, 0) // 100
        rows.append(
            {
                "day": day,
                "date": on,
                "kospi": START_LEVEL * (moved - extra),
                "kospi_no_feedback": START_LEVEL * moved,
                "kosdaq": 900 * (moved**1.2 - extra),
                "kosdaq_no_feedback": 900 * moved**1.2,
                "under_won": total * max(0, 17 - abs(day - 4) * 4) // 10,
                "called_won": total * shares.get(day + 1, 0) * 3 // 200,
                "sold_won": sold,
                "sold_turnover_pct": sold / (19 * TRILLION) * 100 if day else None,
                "residual_won": sold // 80,
                "margin_won": 25_500 * BILLION - total * min(day, 9) // 9,
                "margin_settled_won": 25_500 * BILLION - total * max(0, min(day, 11) - 2) // 9,
            }
        )
    return rows


def who_rows() -> list[dict[str, Any]]:
    groups = {
        "age": [
            ("under 30", 1.1, 9),
            ("30s", 4.2, 8),
            ("40s", 12.4, 9),
            ("50s", 17.2, 10),
            ("60s", 11.6, 11),
            ("70 and over", 3.9, 10),
        ],
        "market": [("KOSPI", 31.2, 8), ("KOSDAQ", 19.2, 13)],
        "size": [
            ("under 10m won", 1.9, 12),
            ("10m-100m won", 18.8, 11),
            ("100m-1bn won", 24.0, 9),
            ("over 1bn won", 5.7, 7),
        ],
    }
    rows = []
    for dimension, bands in groups.items():
        for band, loans_tn, share in bands:
            loans = int(loans_tn * TRILLION)
            sold = loans * share // 100
            rows.append(
                {
                    "dimension": dimension,
                    "band": band,
                    "loans_won": loans,
                    "called_won": sold * 3 // 2,
                    "sold_won": sold,
                    "residual_won": sold // 80,
                    "borrowers": loans // 40_000_000,
                    "sold_borrowers": sold // 32_000_000,
                    "residual_borrowers": sold // 960_000_000,
                }
            )
    return rows


def records(fields: str, *rows: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Records of the named fields, one a row."""
    return [dict(zip(fields.split(), row, strict=True)) for row in rows]


def assumption_rows() -> list[dict[str, Any]]:
    return records(
        "path label value unit low high source note",
        (
            "impact.coefficient",
            "Price impact of a day's volume",
            1.0,
            "1",
            0.5,
            1.5,
            "assumption",
            "square root of turnover",
        ),
        (
            "people.margin_borrowers",
            "Borrowers on margin",
            800_000,
            "people",
            400_000,
            1_200_000,
            "press, 2021 to 2025",
            None,
        ),
        (
            "pledged.kospi_share",
            "KOSPI share of pledged loans",
            7000,
            "bps",
            None,
            None,
            "assumption",
            "published only in total",
        ),
    )


def ratio_rows() -> list[dict[str, Any]]:
    return records(
        "band before_won after_won",
        ("<105", 0, 1_300 * BILLION),
        ("105-120", 0, 3_900 * BILLION),
        ("120-140", 200 * BILLION, 9_100 * BILLION),
        ("140-150", 2_200 * BILLION, 5_200 * BILLION),
        ("150-170", 8_400 * BILLION, 8_900 * BILLION),
        ("170-200", 16_300 * BILLION, 9_400 * BILLION),
        (">200", 23_300 * BILLION, 7_500 * BILLION),
    )


def outcome_rows() -> list[dict[str, Any]]:
    return records(
        "outcome borrowers ever",
        ("residual debt", people(5_300), people(5_300)),
        ("zeroed", people(2_100), people(7_400)),
        ("emptied", people(11_000), people(17_800)),
        ("force-sold", people(142_000), people(160_300)),
        ("called", people(81_000), people(240_500)),
        ("none", people(958_000), people(0)),
    )


def cover_rows() -> list[dict[str, Any]]:
    official = "KOFIA, 2025-10-31"
    return records(
        "kind won covered note source",
        ("margin loans, KOSPI", 15_600 * BILLION, True, "published balance", official),
        ("margin loans, KOSDAQ", 9_900 * BILLION, True, "published balance", official),
        ("pledged-securities loans", 25_800 * BILLION, True, "split by market assumed", official),
        ("contracts for difference", 1_400 * BILLION, False, "no account data", "press"),
        ("stock loans of other lenders", None, False, "balance not published", None),
    )


def target_rows() -> list[dict[str, Any]]:
    margin = 15_600 * BILLION
    return records(
        "name source unit target reached error exact",
        ("margin loans, KOSPI", "KOFIA, 2025-10-31", "won", margin, margin, 0, True),
        ("investors", "KSD, end of 2024", "people", 14_100_000, 14_100_000, 0, True),
        ("holders of Samsung Electronics", "annual report", "people", 5_164_000, 5_171_300, 7_300, False),
        ("holdings a head", "KSD, end of 2024", "count", 5.79, 5.78, -0.01, False),
    )


def run_block(command: str) -> tuple[dict[str, Any], dict[str, Any]]:
    run = {
        "command": command,
        "gaemi": "0.1.0",
        "python": "3.11.9",
        "versions": {"numpy": "2.4.0", "numba": "0.68.0"},
        "threads": 2,
        "state_hash": "9f3c01d2",
    }
    return run, {"total_seconds": 31.4, "engine_seconds": 24.0}


def country_result() -> dict[str, Any]:
    """A full curve of eight shocks, with tipping point unknown on its far side."""
    run, timing = run_block("gaemi country --seed 0")
    shocks = [-5 * step for step in range(9)]
    return {
        "schema": "gaemi.country/1",
        "results_version": 1,
        "on": "2025-10-31",
        "state": "shipped",
        "state_of": {
            "on": "2025-10-31",
            "basis": "monthly, then daily since 2025-10-10",
            "feasible": True,
            "source": "gaemi state on invented balances",
            "cohorts_hash": "0f4748f282f7855b9709cf8e3b08f320",
        },
        "kind": "curve",
        "title": "Korea's borrowed shares on 31 October 2025",
        "law_version": "a1b2c3d4e5f60718",
        "seed": 0,
        "scale": 1,
        "layers": ["mechanical"],
        "sentences": [
            "If KOSPI fell 30 % in three days and nobody added money, 5.1 tn won of shares would be sold by force.",
            "Those sales would push the fall 1.6 points further, to 31.6 %.",
            "About 160 k borrowers (80-240 k) would be sold out; 5 k (2.7-8 k) would still owe 64 bn won.",
        ],
        "call_map": call_map(),
        "curve": [curve_row(shock) for shock in shocks],
        "days": {str(shock): day_rows(shock) for shock in shocks},
        "tipping_point": {
            "words": "none up to -40 % at the central setting; -34 % at the harshest",
            "low_pct": -34,
            "central_pct": None,
            "high_pct": None,
            "settings": [
                {"impact_coefficient": 0.5, "permanent_share_pct": 30, "tipping_pct": None, "fixed_points_part": False},
                {"impact_coefficient": 1.0, "permanent_share_pct": 50, "tipping_pct": None, "fixed_points_part": False},
                {"impact_coefficient": 1.5, "permanent_share_pct": 100, "tipping_pct": -34, "fixed_points_part": True},
            ],
        },
        "reference_shock_pct": -30,
        "who": who_rows(),
        "outcomes": outcome_rows(),
        "ratios": ratio_rows(),
        "cover": cover_rows(),
        "assumptions": assumption_rows(),
        "targets": target_rows(),
        "record": [],
        "run": run,
        "timing": timing,
    }


def shock_result() -> dict[str, Any]:
    """One shock, nobody sold: every count is zero and ratios of zero are unknown."""
    result = country_result()
    quiet = curve_row(0) | {"shock_pct": -3, "fall_no_feedback_points": 3.0, "fall_points": 3.0, "peak_day": None}
    days = [row | {"sold_won": 0, "called_won": 0, "under_won": 0, "residual_won": 0} for row in day_rows(-3)]
    who = [
        row | {"called_won": 0, "sold_won": 0, "residual_won": 0, "sold_borrowers": 0, "residual_borrowers": 0}
        for row in who_rows()
    ]
    tipping = {
        "words": "not searched for a single shock",
        "low_pct": None,
        "central_pct": None,
        "high_pct": None,
        "settings": [],
    }
    return result | {
        "kind": "shock",
        "title": "KOSPI -3 %",
        "sentences": ["Nobody would be sold out."],
        "curve": [quiet],
        "days": {"-3": days},
        "reference_shock_pct": -3,
        "who": who,
        "tipping_point": tipping,
    }


def replay_result() -> dict[str, Any]:
    """The replay of an episode: no curve, published figures beside the model's, one of them missing."""
    result = country_result()
    days = day_rows(-30, date(2020, 2, 21), 45)
    record = [
        {
            "date": row["date"],
            "published_forced_won": None if row["day"] == 7 else (6 + row["day"] % 9) * BILLION,
            "model_unsettled_sold_won": row["day"] % 5 * 4 * BILLION,
            "model_margin_sold_won": row["sold_won"] // 9,
            "published_margin_kospi_won": 4_500 * BILLION - row["day"] * 33 * BILLION,
            "model_margin_kospi_settled_won": 4_500 * BILLION - row["day"] * 21 * BILLION,
            "published_margin_kosdaq_won": 5_900 * BILLION - row["day"] * 51 * BILLION,
            "model_margin_kosdaq_settled_won": 5_900 * BILLION - row["day"] * 30 * BILLION,
        }
        for row in days[1:]
    ]
    return result | {
        "kind": "replay",
        "on": "2020-02-21",
        "title": "Replay: February to April 2020",
        "sentences": ["The model sold 0.6 tn won."],
        "curve": [],
        "days": {"replay": days},
        "reference_shock_pct": None,
        "record": record,
        "tipping_point": None,
        "call_map": call_map(),
    }


def hostile(result: dict[str, Any], text: str) -> dict[str, Any]:
    """The result with every text of it replaced by ``text``, for tests of escaping; keys and chosen forms stay."""
    keep = {"kind", "dimension", "schema", "date", "on", "outcome"}

    def changed(value: Any, key: str = "") -> Any:
        replace: dict[type, Callable[[], Any]] = {
            dict: lambda: {name: changed(inner, name) for name, inner in value.items()},
            list: lambda: [changed(inner, key) for inner in value],
            str: lambda: value if key in keep else text,
        }
        return replace[type(value)]() if type(value) in replace else value

    return dict(changed(result))
