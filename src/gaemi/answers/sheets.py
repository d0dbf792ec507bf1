"""The tables of ``gaemi country`` as words: one builder a table, shared by the page and the terminal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gaemi.answers.wording import MANY, UNKNOWN, brief, decimal, heads, measure, percent, shock, span, won

Record = Mapping[str, Any]
Column = tuple[str, str, Callable[[Record], str]]  # heading, "text" or "number", how the cell is written


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table ready to print: ``columns`` are (heading, "text" or "number"); the first cell of a row names it."""

    caption: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]


def sheet(caption: str, records: Sequence[Record], columns: Sequence[Column]) -> Sheet | None:
    """The records as a sheet, without columns in which nothing is known; nothing where there are no records."""
    if not records:
        return None
    written = [tuple(write(record) for record in records) for _, _, write in columns]
    kept = [place for place, cells in enumerate(written) if place == 0 or any(cell != UNKNOWN for cell in cells)]
    rows = tuple(zip(*(written[place] for place in kept), strict=True))
    return Sheet(caption, tuple(columns[place][:2] for place in kept), rows)


def text(heading: str, field: str) -> Column:
    return heading, "text", lambda record: measure(record.get(field))


def number(heading: str, field: str, write: Callable[..., str]) -> Column:
    return heading, "number", lambda record: write(record.get(field))


SHOCK = number("shock", "shock_pct", shock)


def call_map(result: Record, step: int = 5) -> Sheet | None:
    """Won reached at every ``step`` per cent of fall."""
    rows = [row for row in result.get("call_map") or [] if row["fall_pct"] % step == 0]
    return sheet(
        "Loans that reach maintenance",
        rows,
        [
            ("fall", "number", lambda row: shock(-row["fall_pct"])),
            ("KOSPI", "number", lambda row: decimal(row["index_level"], 0)),
            number("loans reached", "reached_won", won),
            number("share of loans", "share_of_loans_pct", percent),
            number("margin, KOSPI", "kospi_won", won),
            number("margin, KOSDAQ", "kosdaq_won", won),
            number("pledged", "pledged_won", won),
            number("other lenders", "stock_loan_won", won),
        ],
    )


def curve_falls(result: Record) -> Sheet | None:
    """Falls with and without feedback, by shock."""
    return sheet(
        "Falls in percentage points of the starting index",
        result.get("curve") or [],
        [
            SHOCK,
            number("fall without feedback", "fall_no_feedback_points", decimal),
            number("fall", "fall_points", decimal),
            ("extra fall", "number", lambda row: decimal(row["extra_fall_points"], 2)),
            (
                "amplification",
                "number",
                lambda row: UNKNOWN if row["amplification"] is None else f"{row['amplification']:.3f}",
            ),
        ],
    )


def _peak(row: Record) -> str:
    """The largest sum of one day, with the day and its share of that day's turnover where it is known."""
    if not row["peak_day_sold_won"] or row.get("peak_day") is None:
        return won(row["peak_day_sold_won"])
    share = row.get("peak_day_share_of_turnover_pct")
    of_turnover = "" if share is None else f", {percent(share)} of its turnover"
    return f"{won(row['peak_day_sold_won'])} (day {row['peak_day']}{of_turnover})"


def curve_won(result: Record) -> Sheet | None:
    """Won under maintenance, called, sold and left unpaid, by shock."""
    return sheet(
        "Won, with feedback unless said",
        result.get("curve") or [],
        [
            SHOCK,
            number("under maintenance", "under_won", won),
            number("called", "called_won", won),
            number("sold by force", "sold_won", won),
            number("sold without feedback", "sold_no_feedback_won", won),
            ("share of turnover", "number", lambda row: percent(row["sold_share_of_turnover_pct"], 2)),
            ("most sold on a day", "number", _peak),
            number("residual debt", "residual_won", won),
        ],
    )


def curve_people(result: Record) -> Sheet | None:
    """Head counts as ranges, by shock."""
    return sheet(
        "People: central count and range",
        result.get("curve") or [],
        [
            SHOCK,
            number("borrowers called", "called_borrowers", heads),
            number("borrowers sold", "sold_borrowers", heads),
            number("with residual debt", "residual_borrowers", heads),
            number("accounts emptied", "emptied_accounts", heads),
            number("investors wiped out", "wiped_out_investors", heads),
            number("wiped out without feedback", "wiped_out_no_feedback", heads),
            number("of them without loans", "wiped_out_without_loans", heads),
        ],
    )


def tipping_settings(result: Record) -> Sheet | None:
    """The tipping point at each setting of the impact."""
    tipping = result.get("tipping_point") or {}
    return sheet(
        "Tipping point by setting of the impact",
        tipping.get("settings") or [],
        [
            ("impact", "text", lambda row: str(row.get("setting") or UNKNOWN)),
            number("coefficient", "impact_coefficient", measure),
            number("permanent share", "permanent_share_pct", shock),
            (
                "tipping point",
                "number",
                lambda row: "none found" if row["tipping_pct"] is None else shock(row["tipping_pct"]),
            ),
            ("clearing prices part", "text", lambda row: measure(row.get("fixed_points_part"))),
        ],
    )


def days(rows: Sequence[Record]) -> Sheet | None:
    """Every day of one scenario: both indices, won under maintenance, called, sold and left unpaid."""
    return sheet(
        "Every day",
        rows,
        [
            text("date", "date"),
            number("KOSPI", "kospi", decimal),
            number("without feedback", "kospi_no_feedback", decimal),
            number("KOSDAQ", "kosdaq", decimal),
            number("without feedback", "kosdaq_no_feedback", decimal),
            number("under maintenance", "under_won", won),
            number("called", "called_won", won),
            number("sold by force", "sold_won", won),
            ("share of turnover", "number", lambda row: percent(row.get("sold_turnover_pct"), 2)),
            number("residual debt", "residual_won", won),
        ],
    )


def day_kinds(rows: Sequence[Record]) -> Sheet | None:
    """Every day of one scenario: won sold by kind of loan, and the balance of margin loans."""
    return sheet(
        "Sold by force by kind of loan, and balances",
        rows,
        [
            text("date", "date"),
            number("margin loans", "sold_margin_won", won),
            number("pledged loans", "sold_pledged_won", won),
            number("unsettled purchases", "sold_unsettled_won", won),
            number("other lenders", "sold_stock_loan_won", won),
            number("margin balance", "margin_won", won),
            number("margin balance, settled", "margin_settled_won", won),
        ],
    )


def record(result: Record) -> Sheet | None:
    """A replay beside the published figures."""
    return sheet(
        "Published and model, by day",
        result.get("record") or [],
        [
            text("date", "date"),
            number("published forced sales (unsettled)", "published_forced_won", won),
            number("model, unsettled", "model_unsettled_sold_won", won),
            number("model, margin loans", "model_margin_sold_won", won),
            number("model, pledged loans", "model_pledged_sold_won", won),
            number("published margin, KOSPI", "published_margin_kospi_won", won),
            number("model", "model_margin_kospi_settled_won", won),
            number("published margin, KOSDAQ", "published_margin_kosdaq_won", won),
            number("model", "model_margin_kosdaq_settled_won", won),
        ],
    )


def _share_sold(row: Record) -> str:
    return percent(row["sold_won"] / row["loans_won"] * 100) if row["loans_won"] else UNKNOWN


def who(result: Record) -> Sheet | None:
    """Every group, with feedback, at the reference shock."""
    return sheet(
        "Groups of borrowers",
        result.get("who") or [],
        [
            ("group", "text", lambda row: f"{row['dimension']}: {row['band']}"),
            number("loans", "loans_won", won),
            number("called", "called_won", won),
            number("sold by force", "sold_won", won),
            ("share of loans", "number", _share_sold),
            number("residual debt", "residual_won", won),
            number("borrowers", "borrowers", heads),
            number("borrowers sold", "sold_borrowers", heads),
            number("with residual debt", "residual_borrowers", heads),
        ],
    )


def outcomes(result: Record) -> Sheet | None:
    """Exclusive outcomes, worst first, and how many were ever in each."""
    return sheet(
        "Borrowers by outcome",
        result.get("outcomes") or [],
        [
            text("outcome", "outcome"),
            number("borrowers", "borrowers", heads),
            number("ever", "ever", heads),
        ],
    )


def ratios(result: Record) -> Sheet | None:
    """Loans by band of the collateral ratio."""
    return sheet(
        "Loans by collateral ratio",
        result.get("ratios") or [],
        [
            ("ratio, %", "text", lambda row: str(row["band"])),
            number("before", "before_won", won),
            number("after", "after_won", won),
        ],
    )


def cover(result: Record) -> Sheet | None:
    """Each kind of credit, covered or not, in won."""
    return sheet(
        "Kinds of credit",
        result.get("cover") or [],
        [
            text("kind", "kind"),
            ("won", "number", lambda row: "unknown" if row["won"] is None else won(row["won"])),
            ("covered", "text", lambda row: "covered" if row["covered"] else "not covered"),
            text("note", "note"),
            text("source", "source"),
        ],
    )


def cover_words(result: Record) -> tuple[str, str]:
    """What is covered and what is not, each in one line, won first."""
    rows = result.get("cover") or []

    def total(covered: bool) -> str:
        chosen = [row for row in rows if row["covered"] == covered]
        known = [row["won"] for row in chosen if row["won"] is not None]
        unknown = [row["kind"] for row in chosen if row["won"] is None]
        named = ", ".join(row["kind"] for row in chosen if row["won"] is not None)
        parts = [f"{won(sum(known))} ({named})"] if known else []
        parts += [f"{', '.join(unknown)} (won unknown)"] if unknown else []
        return "; ".join(parts) or "nothing listed"

    return total(True), total(False)


def _range(row: Record) -> str:
    return span(row.get("low"), row.get("high"), row.get("unit"))


def assumptions(result: Record) -> Sheet | None:
    """Parameters without a firm source, with their range."""
    return sheet(
        "Assumptions",
        result.get("assumptions") or [],
        [
            ("what", "text", lambda row: str(row.get("label") or row.get("path"))),
            ("value", "text", lambda row: brief(row.get("value"), row.get("unit"))),
            ("range", "text", _range),
            text("source", "source"),
            text("note", "note"),
            text("parameter", "path"),
        ],
    )


def targets(result: Record) -> Sheet | None:
    """Published totals and what the built people reach."""

    def error(row: Record) -> str:
        return "exact" if row.get("exact") and not row["error"] else measure(row["error"], row.get("unit"))

    return sheet(
        "Targets",
        result.get("targets") or [],
        [
            text("total", "name"),
            ("published", "number", lambda row: measure(row["target"], row.get("unit"))),
            ("reached", "number", lambda row: measure(row["reached"], row.get("unit"))),
            ("error", "number", error),
            text("source", "source"),
        ],
    )


def law_parameters(rows: Sequence[Record]) -> Sheet | None:
    """All parameters of the law in force on a date, each in one line."""
    return sheet(
        "Parameters in force",
        rows,
        [
            text("parameter", "path"),
            ("value", "text", lambda row: brief(row.get("value"), row.get("unit"))),
            text("since", "since"),
            text("confidence", "confidence"),
        ],
    )


def law_changes(rows: Sequence[Record]) -> Sheet | None:
    """Every dated change of the law; of values by key only those that change."""
    return sheet(
        "Changes of the law",
        rows,
        [
            text("date", "date"),
            text("parameter", "path"),
            ("change", "text", lambda row: _change(row.get("before"), row.get("after"))),
            text("source", "source"),
        ],
    )


def _change(before: Any, after: Any) -> str:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        keys = [key for key in after if before.get(key) != after[key]]
        if len(keys) > MANY:
            return f"{len(keys)} values"
        return "; ".join(f"{key}: {measure(before.get(key))} to {measure(after[key])}" for key in keys)
    return f"{brief(before)} to {brief(after)}"
