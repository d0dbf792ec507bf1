"""An invented document in the shape of ``gaemi.book/1`` that has every part, one of a quiet book, and a validation."""

from datetime import date
from typing import Any

from answers.fixture import assumption_rows, records, smooth, weekdays

MILLION, BILLION = 10**6, 10**9
ON = "2025-10-31"
DUE = ["2025-11-03", "2025-11-04", "2025-11-05"]
BANDS = [
    {name: value * MILLION if name.endswith("_won") else value for name, value in row.items()}
    for row in records(
        "band accounts loans_won collateral_won short_won due_0_won due_1_won due_2_won",
        ("<105", 61, 3_100, 2_980, 1_360, 3_050, 0, 0),
        ("105-120", 212, 9_400, 10_700, 2_460, 8_800, 410, 0),
        ("120-140", 931, 61_200, 80_900, 4_780, 12_750, 6_200, 5_100),
        ("140-150", 1_480, 88_000, 127_600, 0, 0, 0, 0),
        ("150-170", 4_310, 240_500, 385_000, 0, 0, 0, 0),
        ("170-200", 7_902, 402_000, 743_700, 0, 0, 0, 0),
        (">200", 15_330, 315_800, 1_090_200, 0, 0, 0, 0),
    )
]
REACHED = {10: (1, 1, 1, 0.45, 0.05, 0, 0), 20: (1, 1, 1, 0.9, 0.6, 0.06, 0), 30: (1, 1, 1, 1, 0.95, 0.55, 0.03)}
UNPAID = {
    10: (0.16, 0.06, 0.004, 0, 0, 0, 0),
    20: (0.27, 0.15, 0.05, 0.01, 0, 0, 0),
    30: (0.36, 0.27, 0.16, 0.08, 0.02, 0, 0),
}
NAMES = records(
    "ticker name loans_bn price float_pct days_to_sell opening_volume_pct",
    ("005930", "Samsung Electronics", 212, 107_500, 0.04, 0.1, 0.6),
    ("000660", "SK hynix", 168, 559_000, 0.03, 0.1, 0.8),
    ("247540", "Ecopro BM", 96, 152_600, 0.64, 1.9, 11.4),
    ("004690", "Samchully", 71, 93_400, 18.7, 41.2, 388.0),
    ("017390", "Seoul City Gas", 64, 58_800, 21.9, 63.5, 512.5),
    ("267290", "Kyungdong City Gas", 22, 21_350, 17.4, 28.8, 204.1),
    ("003100", "Sunkwang", 19, 20_100, 14.2, 33.0, 96.3),
    ("032190", "Daou Data", 17, 14_720, 4.4, 8.6, 41.7),
    ("028300", "HLB", 15, 41_900, 0.28, 0.4, 3.9),
    ("900000", "A name with a very long name indeed Holdings", 9, 1_015, None, None, None),
)


def bands() -> list[dict[str, Any]]:
    """Seven bands with what is sold and unpaid under three falls, and their sum."""
    rows = []
    for place, row in enumerate(BANDS):
        sold = {f"sold_{fall}_won": int(row["loans_won"] * REACHED[fall][place]) for fall in REACHED}
        unpaid = {f"unpaid_{fall}_won": int(row["loans_won"] * UNPAID[fall][place]) for fall in UNPAID}
        rows.append(row | sold | unpaid)
    total = {field: sum(row[field] for row in rows) for field in rows[0] if field != "band"}
    return [*rows, {"band": "all"} | total]


def morning() -> list[dict[str, Any]]:
    """The largest sales of the next opening."""
    shares = (0.034, 0.041, 0.03, 0.064, 0.058, 0.049, 0.037, 0.031, 0.022, 0.018)
    rows = []
    for row, share in zip(NAMES, shares, strict=True):
        won = int(row["loans_bn"] * BILLION * share)
        lots = won // row["price"]
        rows.append({name: row[name] for name in ("ticker", "name")} | {"lots": lots, "won": lots * row["price"]})
        rows[-1]["opening_volume_pct"] = row["opening_volume_pct"]
    return sorted(rows, key=lambda row: -row["won"])


def name_rows() -> list[dict[str, Any]]:
    """Our loans on each name and what stays unpaid after one to four locked closes."""
    rows = []
    for row in NAMES:
        loans = row["loans_bn"] * BILLION
        fields = {"accounts": row["loans_bn"] * 23, "loans_won": loans, "collateral_won": loans * 8 // 5}
        fields |= {"collateral_lots": loans * 8 // 5 // row["price"], "float_pct": row["float_pct"]}
        fields |= {"days_to_sell": row["days_to_sell"]}
        fields |= {"unpaid_locked_won": [int(loans * part) for part in (0.0, 0.021, 0.133, 0.31)]}
        rows.append({"ticker": row["ticker"], "name": row["name"]} | fields)
    return rows


def group_rows() -> list[dict[str, Any]]:
    groups = {
        "segment": ("Gangnam", "Yeouido", "mobile"),
        "firm class": ("large", "small"),
        "loan age": ("under 30 days", "30 to 89 days", "90 days or more"),
    }
    return [
        {"dimension": dimension, "group": group, "accounts": 9_000 // (place + 1)}
        | {"loans_won": 410 * BILLION // (place + 1)}
        | {"called_won": 90 * BILLION // (place + 1), "sold_won": 62 * BILLION // (place + 2)}
        | {"residual_won": 1_900 * MILLION // (place + 1), "called_accounts": 2_100 // (place + 1)}
        | {"sold_accounts": 1_480 // (place + 1), "residual_accounts": 77 // (place + 1)}
        for dimension, names in groups.items()
        for place, group in enumerate(names)
    ]  # fmt: skip


def call_map() -> list[dict[str, Any]]:
    loans = 1_120 * BILLION
    share = [0.066 + 0.92 * (smooth(fall, 27, 9) - smooth(0, 27, 9)) for fall in range(61)]
    return [
        {"fall_pct": fall, "reached_won": int(loans * part), "share_of_loans_pct": part * 100}
        for fall, part in enumerate(share)
    ]


def days() -> list[dict[str, Any]]:
    """Eleven sessions of a shock of three days; everything is sold at the opening but on the fourth."""
    sold = (0, 24, 31, 96, 142, 71, 33, 12, 4, 2, 0)
    rows = []
    for day, (on, won_bn) in enumerate(zip(weekdays(date.fromisoformat(ON), 11), sold, strict=True)):
        moved = -20 * min(day, 3) / 3
        won, closing = won_bn * BILLION, 9 * BILLION if day == 4 else 0
        rows.append(
            {"day": day, "date": on, "kospi_pct": moved - 0.2 * smooth(day, 5, 2), "kosdaq_pct": moved * 1.25 - 0.4}
            | {"under_won": max(0, 74 + 90 * min(day, 3) - 60 * max(0, day - 3)) * BILLION}
            | {
                "called_won": won * 5 // 4,
                "called_accounts": won_bn * 21,
                "ordered_won": won * 11 // 10,
                "unfilled_lots": 41 * day,
            }
            | {"sold_won": won, "sold_open_won": won - closing, "sold_close_won": closing}
            | {"residual_won": won // 70 if day > 2 else 0, "locked_down": 5 if 0 < day < 4 else 0}
        )
    return rows


def scenario() -> dict[str, Any]:
    rows = days()
    total = {field: sum(row[field] for row in rows) for field in ("called_won", "sold_won", "residual_won")}
    names = [
        {"ticker": row["ticker"], "name": row["name"], "called_won": row["loans_bn"] * BILLION * 4 // 5}
        | {"sold_lots": row["loans_bn"] * BILLION // 2 // row["price"], "sold_won": row["loans_bn"] * BILLION // 2}
        | {"residual_won": row["loans_bn"] * BILLION // 90, "waiting_lots": 0 if row["float_pct"] else 41_200}
        | {"last_price": row["price"] * 4 // 5, "change_pct": -20.0}
        for row in NAMES
    ]
    accounts = {"called_accounts": 8_715, "sold_accounts": 6_940, "residual_accounts": 371}
    alone = {"sold_won": total["sold_won"] * 9 // 10, "called_won": total["called_won"] * 19 // 20}
    alone["residual_won"] = total["residual_won"] * 4 // 5
    words = "KOSPI −20 %, KOSDAQ −25 % over 3 days"
    return {"words": words, "days": rows} | total | accounts | {"no_feedback": alone, "names": names}


def risk() -> dict[str, Any]:
    """Quantiles of a heavy tail, and their statistics with standard errors."""

    def sold(share: float) -> int:
        return int(21 * BILLION * (1 - share) ** -0.62)

    def unpaid(share: float) -> int:
        return int(max(0.0, 160 * MILLION * ((1 - share) ** -0.9 - 2.2)))

    curve = [{"share": i / 100, "sold_won": sold(i / 100), "unpaid_won": unpaid(i / 100)} for i in range(1, 100)]
    rows = []
    for measure, at in (("sold", sold), ("unpaid", unpaid)):
        row: dict[str, Any] = {"measure": measure}
        sizes = {"mean": at(0.72), "p95": at(0.95), "p99": at(0.99), "es95": at(0.975), "es99": at(0.995)}
        for field, size in sizes.items():
            row |= {f"{field}_won": size, f"{field}_error_won": int(size * (0.02 if field == "mean" else 0.06))}
        rows.append(row)
    words = "Days drawn from the last 1,500 sessions, all names of a day together."
    notes = ["Two names have fewer than 250 sessions and follow their board."]
    told = {"model": "history", "paths": 1_000, "sessions": 10, "words": words, "notes": notes}
    return told | {"rows": rows, "curve": curve}


BREAKS = records(
    "measure fall_pct fall_no_feedback_pct share_reached_pct most_pct",
    ("called", 0.0, 0.0, 6.58, 95),
    ("sold", 11.37, 11.62, 5.01, 95),
    ("unpaid", None, 48.9, 3.88, 95),
)
LIMITS = records(
    "limit limit_won accounts_at_90_pct accounts_over largest_pct used_pct",
    ("margin loans of one customer", 2 * BILLION, 14, 0, 99.2, None),
    ("pledged-securities loans of one customer", 1 * BILLION, 6, 1, 103.4, None),
    ("margin loans of the firm", 1_500 * BILLION, None, None, None, 74.7),
)
REJECTS = records(
    "table file row column found allowed help",
    ("holdings", "holdings.csv", 18, "quantity", "-40", "must be a whole number above 0", "a short is a CFD"),
    ("holdings", "holdings.csv", 977, "ticker", "abc", "must be a ticker with a price", ""),
    ("loans", "loans.csv", 3, "due", "2024-01-02", "must be on or after the book's date", "give its new term"),
    ("loans", "", 8, "account", "x-17", "must be an account of the table of accounts", ""),
    ("accounts", "part-3.parquet", None, "", "a broken footer", "must be a Parquet file", "write it again"),
    ("holdings", "holdings.csv", 2_001, "quantity", "12.5", "must be a whole number above 0", ""),
)  # fmt: skip
ROWS = records(
    "table read accepted rejected",
    ("accounts", 41_220, 41_219, 1),
    ("loans", 30_412, 30_410, 2),
    ("holdings", 118_034, 118_030, 4),
    ("instruments", 311, 311, 0),
)
TOTALS = {
    "accounts": 41_219, "borrowers": 30_226, "loans_won": 1_120 * BILLION, "collateral_won": 2_441_080 * MILLION,
    "holdings_won": 4_870 * BILLION, "unsettled_won": 3_400 * MILLION, "under_accounts": 1_204,
    "under_won": 73_700 * MILLION, "short_won": 8_600 * MILLION, "morning_won": 24_600 * MILLION, "morning_names": 87,
    "morning_names_above": 6, "above_pct": 20, "unpaid_won": 400 * MILLION, "unpaid_99_won": 1_900 * MILLION,
}  # fmt: skip


def book_result(**changed: Any) -> dict[str, Any]:
    """A book of 41,219 accounts under a shock, with reverse stress and risk over paths."""
    largest = [
        {"ticker": row["ticker"], "name": row["name"], "loans_won": row["loans_bn"] * BILLION}
        | {"share_pct": row["loans_bn"] / 11.2}
        for row in NAMES
    ]  # fmt: skip
    concentration = {"names": largest, "top_10_names_pct": 61.9, "names_index": 0.0713}
    concentration |= {"top_10_accounts_pct": 1.7, "accounts_index": 0.00008}
    document: dict[str, Any] = {
        "schema": "gaemi.book/1", "results_version": 1, "on": ON, "kind": "shock", "title": "Book of invented",
        "law_version": "5f3c9a0b7d2e4c61", "seed": 0, "layers": ["mechanical"], "feedback": True,
        "sentences": [
            "Tonight 1,204 accounts are under maintenance, 8.6 bn won short.",
            "On 3 November 2025 24.6 bn won is sold in 87 names, 6 of them above 20 % of opening volume.",
            "Unpaid 400.0 m won (99 %: 1.9 bn won).",
        ],
        "source": {"words": "folder invented", "prices": "closes of the table of instruments"},
        "rows": ROWS, "rejects": REJECTS, "rejects_total": 7,
        "unused": records("table column carried", ("accounts", "branch_code", True), ("loans", "memo", False)),
        "notes": ["12 names have no volume: their sales have no impact."],
        "totals": TOTALS, "bands": bands(), "due_dates": DUE, "morning": morning(), "limits": LIMITS,
        "concentration": concentration, "names": name_rows(), "groups": group_rows(), "call_map": call_map(),
        "scenario": scenario(),
        "breaks": {"share_pct": 5.0, "words": "5 % of the loans is sold at a common fall of 11.4 %.", "rows": BREAKS},
        "risk": risk(), "assumptions": assumption_rows(),
        "run": {"request": {"source": "invented", "shock": "KOSPI -20%, KOSDAQ -25% over 3d", "feedback": True}},
        "timing": {"seconds": 3.2, "read_seconds": 0.9},
    }  # fmt: skip
    return document | changed


OPTIONAL = ("scenario", "breaks", "risk", "groups", "names", "morning", "limits", "concentration", "call_map", "unused")


def quiet_result(**changed: Any) -> dict[str, Any]:
    """A book where nothing is due and nothing was asked: optional parts are None, empty or missing."""
    document = book_result(kind="book", rejects=[], rejects_total=0, notes=[], layers=["mechanical"])
    for place, part in enumerate(OPTIONAL):
        document[part] = None if place % 2 else []
    for part in ("risk", "unused", "source", "assumptions"):
        del document[part]
    document["rows"] = [{"table": "holdings", "read": 3, "accepted": 3, "rejected": 0}]
    document["totals"] = TOTALS | {"unpaid_99_won": None, "morning_won": 0, "unsettled_won": 0}
    document["totals"] |= {"morning_names": 0, "morning_names_above": 0}
    return document | changed


def validation_result(**changed: Any) -> dict[str, Any]:
    """A validation with rejects; all that the schema ``gaemi.book-validation/1`` has."""
    found = book_result()
    document = {name: found[name] for name in ("rows", "unused", "rejects", "rejects_total", "notes")}
    said = ["169,977 rows were read: 169,970 accepted, 7 rejected."]
    head = {"schema": "gaemi.book-validation/1", "title": "Rows of invented", "sentences": said, "passed": False}
    return head | document | changed
