"""The tables of ``gaemi hindcast`` as words: the forecast by date beside the record and the baselines."""

from collections.abc import Sequence

from gaemi.answers.sheets import Column, Record, Sheet, number, sheet, text
from gaemi.answers.spread import billions, until
from gaemi.answers.wording import day_name, decimal, whole, won

TARGETS = {
    "kospi": "Settled margin balance, KOSPI",
    "kosdaq": "Settled margin balance, KOSDAQ",
    "forced": "Forced sales of unsettled purchases",
}
"""What is forecast and published: prefix of its fields and its name."""

MARGIN_SOLD = "Margin loans sold by force (not published)"
BASELINES = {
    "no_change": "no change",
    "regression": "regression on the past",
    "regression_path": "regression given the path",
}
CENTRAL, MECHANICAL = "central estimate", "if nobody adds money or sells first"
METHODS = {"central": CENTRAL, "mechanical": MECHANICAL, **BASELINES}
"""What a forecast is: the end of its field's name, and its words."""


def method_name(name: object) -> str:
    """The words of a method; a name that has none keeps its own."""
    return METHODS.get(str(name), str(name).replace("_", " "))


def target_name(name: object) -> str:
    """The words of a target; a name that has none keeps its own."""
    said = str(name).removesuffix("_won")
    return TARGETS.get(said, MARGIN_SOLD if said == "margin_sold" else said.replace("_", " "))


def won_of(row: Record, prefix: str, part: str) -> int | None:
    """The won of one part (record, central, low, high, mechanical, a baseline) of a target on a day."""
    found = row.get(f"{prefix}_{part}_won")
    return None if found is None else int(found)


def has(rows: Sequence[Record], prefix: str, part: str = "central") -> bool:
    """Whether any day has that part of the target."""
    return any(won_of(row, prefix, part) is not None for row in rows)


def best_baseline(result: Record, prefix: str) -> str:
    """The baseline nearest to the record over the days that are published, known only afterwards.

    Without a record it is the regression given the path, the strongest reading of what a forecast must beat.
    """
    errors: dict[str, list[int]] = {}
    for row in (result.get("days") or [])[1:]:
        for name in BASELINES:
            told, record = won_of(row, prefix, name), won_of(row, prefix, "record")
            if told is not None and record is not None:
                errors.setdefault(name, []).append(abs(told - record))
    if not errors:
        return "regression_path"
    return min(errors, key=lambda name: sum(errors[name]) / len(errors[name]))


def target(result: Record, prefix: str, index: bool = True) -> Sheet | None:
    """One target by date: record, central estimate, its 90 % range, the mechanical layer, the best baseline."""
    rows = result.get("days") or []
    if not has(rows, prefix):
        return None
    digits = 0 if prefix in ("kospi", "kosdaq") else 1
    best = best_baseline(result, prefix)
    columns: list[Column] = [text("date", "date"), number("session", "session", whole)]
    if index and prefix in ("kospi", "kosdaq"):
        columns.append(number("index", prefix, _level))
    columns += [
        _amount("record", prefix, "record", digits),
        _amount("central", prefix, "central", digits),
        ("90 % range", "number", lambda row: _range(row, prefix, digits)),
        _amount("if nobody reacts", prefix, "mechanical", digits),
        _amount(f"best baseline: {BASELINES[best]}", prefix, best, digits),
    ]
    return sheet(f"{target_name(prefix)}, bn won", rows, columns)


def all_methods(result: Record, prefix: str) -> Sheet | None:
    """One target by date with every method, for the page."""
    rows = result.get("days") or []
    if not has(rows, prefix):
        return None
    digits = 0 if prefix in ("kospi", "kosdaq") else 1
    columns: list[Column] = [text("date", "date"), number("session", "session", whole)]
    columns += [number("index", prefix, _level), _amount("record", prefix, "record", digits)]
    columns += [_amount("central", prefix, "central", digits)]
    columns += [("90 % range", "number", lambda row: _range(row, prefix, digits))]
    columns += [_amount("if nobody reacts", prefix, "mechanical", digits)]
    columns += [_amount(words, prefix, name, digits) for name, words in BASELINES.items()]
    return sheet(f"{target_name(prefix)}, every method, bn won", rows, columns)


def margin_sold(result: Record) -> Sheet | None:
    """Margin loans sold by force by date, which nobody publishes."""
    rows = result.get("days") or []
    if not has(rows, "margin_sold"):
        return None
    return sheet(
        f"{MARGIN_SOLD}, bn won",
        rows,
        [
            text("date", "date"),
            number("session", "session", whole),
            _amount("central", "margin_sold", "central", 1),
            ("90 % range", "number", lambda row: _range(row, "margin_sold", 1)),
            _amount("if nobody reacts", "margin_sold", "mechanical", 1),
        ],
    )


def _amount(heading: str, prefix: str, part: str, digits: int) -> Column:
    return heading, "number", lambda row: billions(won_of(row, prefix, part), digits)


def _range(row: Record, prefix: str, digits: int) -> str:
    return until(won_of(row, prefix, "low"), won_of(row, prefix, "high"), lambda amount: billions(amount, digits))


def _level(level: float | None) -> str:
    return decimal(level, 2)


def errors(result: Record) -> list[Sheet]:
    """A table a target: the error of each method at each session that was scored, the signs kept."""
    needed = ("target", "session", "method", "error_won")
    given = [row for row in result.get("errors") or [] if all(row.get(name) is not None for name in needed)]
    shown = []
    for name in dict.fromkeys(str(row.get("target")) for row in given):
        rows = [row for row in given if str(row.get("target")) == name]
        sessions = sorted({int(row["session"]) for row in rows})
        found: dict[str, dict[int, int]] = {}
        for row in rows:
            found.setdefault(str(row.get("method")), {})[int(row["session"])] = row["error_won"]
        columns: list[Column] = [("method", "text", lambda row: method_name(row["method"]))]
        columns += [_error(session) for session in sessions]
        records = [{"method": method, "errors": cells} for method, cells in found.items()]
        made = sheet(f"Errors, {target_name(name)}: forecast less record, bn won", records, columns)
        shown += [made] if made else []
    return shown


def _error(session: int) -> Column:
    heading = f"after {session} session{'' if session == 1 else 's'}"
    return heading, "number", lambda row: _signed(row["errors"].get(session))


def _signed(amount: int | None) -> str:
    said = billions(amount, 1)
    return f"+{said}" if amount is not None and amount > 0 and said != "0.0" else said


def breaks(result: Record) -> Sheet | None:
    """Breaks of the published series that the days touch, by name."""
    return sheet(
        "Breaks of the published series",
        result.get("breaks") or [],
        [
            text("break", "name"),
            text("from", "first"),
            ("to", "text", lambda row: str(row.get("last") or "open")),
            text("what", "what"),
            text("source", "source"),
        ],
    )


def known_words(result: Record) -> str:
    """What was known at the start, in one line; empty where the result does not say."""
    known = result.get("known") or {}
    told = [
        f"{what} up to {day_name(str(known[field]))}"
        for what, field in (("prices", "prices_until"), ("balances", "balances_until"))
        if known.get(field)
    ]
    return f"Known at the start: {', '.join(told)}." if told else ""


def mode_words(result: Record) -> str:
    """How the days after the start come about, and how large the ensemble is."""
    mode = str(result.get("mode") or "")
    told = [f"Mode {mode}"] if mode else []
    told += [f"{result['horizon']} sessions"] if result.get("horizon") is not None else []
    told += [f"{whole(result['members'])} members"] if isinstance(result.get("members"), int) else []
    told += [f"{whole(result['paths'])} paths"] if isinstance(result.get("paths"), int) else []
    return " · ".join(told)


def figures(result: Record) -> list[tuple[str, str, str]]:
    """The few figures under the answer of a page: what each target was at the last session, forecast and record."""
    rows = result.get("days") or []
    told = []
    for prefix in TARGETS:
        row = next((row for row in reversed(rows[1:]) if won_of(row, prefix, "central") is not None), None)
        if row is None:
            continue
        if prefix == "forced":
            central, record, words = _sum(rows, prefix, "central"), _sum(rows, prefix, "record"), "in all"
        else:
            central, record = _change(rows, row, prefix, "central"), _change(rows, row, prefix, "record")
            words = f"after {row.get('session')} sessions"
        if central is not None:
            short = "Forced sales (unsettled)" if prefix == "forced" else f"Change, {prefix.upper()}"
            more = "not published" if record is None else f"record {won(record)}"
            told.append((f"{short}, {words}", won(central), more))
    return told


def _sum(rows: Sequence[Record], prefix: str, part: str) -> int | None:
    known = [won_of(row, prefix, part) for row in rows[1:]]
    return None if any(amount is None for amount in known) or not known else sum(amount or 0 for amount in known)


def _change(rows: Sequence[Record], row: Record, prefix: str, part: str) -> int | None:
    before = won_of(rows[0], prefix, "record")
    before = won_of(rows[0], prefix, "central") if before is None else before
    after = won_of(row, prefix, part)
    return None if before is None or after is None else after - before
