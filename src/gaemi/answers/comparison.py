"""The words and tables of ``gaemi compare``: two laws, three displacements, always side by side."""

from collections.abc import Callable, Mapping
from typing import Any

from gaemi.answers.sheets import Record, Sheet, number, sheet, text
from gaemi.answers.wording import UNKNOWN, decimal, heads, measure, shock, won, won_change

MEASURES: tuple[tuple[str, str, Callable[..., str]], ...] = (
    ("sold by force", "sold_won", won),
    ("called", "called_won", won),
    ("residual debt", "residual_won", won),
    ("fall, points", "fall_points", lambda value: decimal(value, 2)),
    ("extra fall, points", "extra_fall_points", lambda value: decimal(value, 2)),
    ("borrowers with forced sales", "sold_borrowers", heads),
    ("borrowers with residual debt", "residual_borrowers", heads),
    ("investors wiped out", "wiped_out_investors", heads),
)


def displacement_words(share: float) -> str:
    """How much of the barred borrowing moves elsewhere, in words: ``half moves elsewhere``."""
    return f"{_part(share)} moves elsewhere"


def _part(share: float) -> str:
    return {0.0: "none", 0.5: "half", 1.0: "all"}.get(float(share), f"{share:g}")


def sentences(result: Record) -> list[str]:
    """The answer in words: those of the result if it has some, else one sentence a displacement."""
    if result.get("sentences"):
        return list(result["sentences"])
    first, *rest = result["displacements"]
    opening = (
        f"At a shock of {shock(result.get('shock_pct'))} to KOSPI, {_sold(first)} under “{result['reform']['name']}”"
    )
    barred = f" if {_part(first['displacement'])} of the borrowing that it bars moves elsewhere{_people(first)}."
    others = [f"If {displacement_words(case['displacement'])}, {_sold(case)}{_people(case)}." for case in rest]
    return [opening + barred, *others]


def of_coins_alone(result: Record) -> bool:
    """Whether the shock and the reform move coins alone, so that the tables of stocks hold nothing that differs."""
    return bool(result.get("coins")) and not any(
        result.get("shock_pct") or case["barred_won"] or case["baseline"] != case["reformed"]
        for case in result["displacements"]
    )


def _sold(case: Record) -> str:
    before, after = case["baseline"]["sold_won"], case["reformed"]["sold_won"]
    return f"{won(after)} is sold by force instead of {won(before)} ({won_change(after - before)})"


def _people(case: Record) -> str:
    by_age = [group for group in case["groups"] if group["dimension"] == "age"]
    if not by_age:
        return ""
    helped, hurt = sum(group["helped"] for group in by_age), sum(group["hurt"] for group in by_age)
    return f"; {heads(helped)} people are helped, {heads(hurt)} hurt"


def laws(result: Record) -> Sheet | None:
    """Each measure under today's law and under the reform, one pair of columns a displacement."""
    cases = result["displacements"]
    moved = (
        ("borrowing barred", "barred_won"),
        ("moves to stock loans", "moved_stock_loans_won"),
        ("moves to foreign funds", "moved_foreign_funds_won"),
    )
    columns: list[tuple[str, str]] = [("", "text")]
    for case in cases:
        columns += [("today's law", "number"), (f"reform, {displacement_words(case['displacement'])}", "number")]
    rows = [(name, *(cell for case in cases for cell in (UNKNOWN, won(case.get(field))))) for name, field in moved]
    rows += [
        (name, *(write(case[side].get(field)) for case in cases for side in ("baseline", "reformed")))
        for name, field, write in MEASURES
    ]
    return _one_baseline("Two laws", columns, rows, cases)


def _one_baseline(
    caption: str, columns: list[tuple[str, str]], rows: list[tuple[str, ...]], cases: list[Record]
) -> Sheet:
    """The sheet; where today's law gives the same figures in every case, its column is printed once."""
    same = all(case["baseline"] == cases[0]["baseline"] for case in cases)
    kept = [place for place in range(len(columns)) if not (same and place > 1 and place % 2 == 1)]
    picked = tuple(tuple(row[place] for place in kept) for row in rows)
    return Sheet(caption, tuple(columns[place] for place in kept), picked)


def changes(result: Record) -> Sheet | None:
    """What the reform changes in the law, and from when."""
    return sheet(
        "Changes of the law",
        result["reform"].get("changes") or [],
        [
            text("parameter", "path"),
            text("from", "date"),
            ("before", "text", lambda row: measure(row.get("before"), row.get("unit"))),
            ("after", "text", lambda row: measure(row.get("after"), row.get("unit"))),
        ],
    )


def groups(result: Record) -> list[Sheet]:
    """Helped, hurt and unchanged by group, one sheet a displacement."""
    found = [
        sheet(
            f"If {displacement_words(case['displacement'])}",
            case["groups"],
            [
                ("group", "text", lambda row: f"{row['dimension']}: {row['band']}"),
                number("helped", "helped", heads),
                number("hurt", "hurt", heads),
                number("unchanged", "unchanged", heads),
                number("won gained", "helped_won", won_change),
                ("won lost", "number", lambda row: won(abs(row["hurt_won"]))),
                number("net", "net_won", won_change),
            ],
        )
        for case in result["displacements"]
    ]
    return [shown for shown in found if shown is not None]


def curve(result: Record) -> Sheet | None:
    """Both laws by size of the shock, where the result has rows with a baseline and a reformed side."""
    rows = [row for row in result.get("curve") or [] if "baseline" in row and "reformed" in row]

    def side(name: str, field: str, write: Callable[..., str]) -> Callable[[Record], str]:
        def cell(row: Record) -> str:
            inner: Mapping[str, Any] = row[name]
            return write(inner.get(field))

        return cell

    return sheet(
        "Both laws by size of the shock",
        rows,
        [
            number("shock", "shock_pct", shock),
            ("sold, today's law", "number", side("baseline", "sold_won", won)),
            ("sold, reform", "number", side("reformed", "sold_won", won)),
            ("extra fall, today's law", "number", side("baseline", "extra_fall_points", decimal)),
            ("extra fall, reform", "number", side("reformed", "extra_fall_points", decimal)),
        ],
    )
