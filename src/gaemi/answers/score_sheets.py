"""The tables of ``gaemi hindcast --score`` as words: errors beside the baselines, coverage, lags, experiments."""

from collections.abc import Callable, Sequence
from typing import Any

from gaemi.answers.hindcast_sheets import breaks as breaks
from gaemi.answers.sheets import Column, Record, Sheet, number, sheet, text
from gaemi.answers.spread import until
from gaemi.answers.wording import UNKNOWN, decimal, measure, percent, whole

BASELINES = ("no change", "mean of 20 sessions", "regression on the past", "regression given the path")
"""Methods that a forecast must beat; every other method of a score is a forecast of the model."""

SHORT = dict(zip(BASELINES, ("no change", "mean of 20", "on the past", "given the path"), strict=True))
"""Their names in a narrow table."""

TRIGGERS, EVERYTHING = "triggers", "everything"
AIM = 0.5
"""The aim: half the error of the best baseline."""

AIM_COVERAGE_PCT = (85, 95)
WHERE = {"triggers": "after triggers", "quiet": "on quiet days"}


def order(method: object) -> int:
    """The place of a method: those of the model first, then the baselines as they are listed."""
    return BASELINES.index(str(method)) + 1 if method in BASELINES else 0


def scored(result: Record) -> list[dict[str, Any]]:
    """The rows that have a target, a method and a horizon; a word that is missing is empty or the usual one."""
    usual = {"period": "", "where": TRIGGERS, "basis": EVERYTHING}
    return [
        {**row, **{name: word for name, word in usual.items() if row.get(name) is None}}
        for row in result.get("rows") or []
        if all(row.get(name) is not None for name in ("target", "method", "horizon"))
    ]


def panels(result: Record, field: str, by_target: bool = True) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Rows after triggers over everything in which ``field`` is known, by (period, target) or by (period, method)."""
    rows = [row for row in scored(result) if row["where"] == TRIGGERS and row["basis"] == EVERYTHING]
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row.get(field) is not None:
            second = row["target"] if by_target else row["method"]
            found.setdefault((str(row["period"]), str(second)), []).append(row)
    return {key: sorted(group, key=lambda row: (row["horizon"], order(row["method"]))) for key, group in found.items()}


def period_name(period: str) -> str:
    """``2020 to 2023, `` before what is said of it; empty where there are no periods."""
    return f"{period}, " if period else ""


def target_words(target: object) -> str:
    """A target as it stands within a line; a row over days outside the breaks says so elsewhere."""
    return str(target)


def cases(result: Record) -> list[tuple[str, str]]:
    """(period, where) of the rows, in order: triggers of a period before its quiet days."""
    found = dict.fromkeys((str(row["period"]), str(row["where"])) for row in scored(result))
    periods = list(dict.fromkeys(period for period, _ in found))
    return sorted(found, key=lambda case: (periods.index(case[0]), case[1] != TRIGGERS))


def case_words(period: str, where: str) -> str:
    """``2020 to 2023, after triggers``."""
    return f"{period_name(period)}{WHERE.get(where, where)}"


def _of(result: Record, case: tuple[str, str]) -> list[dict[str, Any]]:
    return [row for row in scored(result) if (str(row["period"]), str(row["where"])) == case]


def _groups(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str, int], dict[str, dict[str, Any]]]:
    """Rows of one target, basis and horizon together, each by its method."""
    found: dict[tuple[str, str, int], dict[str, dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((str(row["target"]), str(row["basis"]), row["horizon"]), {})[str(row["method"])] = row
    return found


def board(result: Record, case: tuple[str, str]) -> Sheet | None:
    """The scoreboard of one period: the model's own methods beside the best baseline, a line a target and horizon."""
    records = _own(result, case)
    caption = f"Scoreboard, {case_words(*case)}: mean absolute error, bn won, with 90 % interval"
    columns = [("target", "text", lambda row: row["what"]), number("sessions", "horizon", whole)]
    return sheet(caption, records, [*columns, *_board_columns(records, full=True)])


def boards(result: Record, case: tuple[str, str]) -> list[Sheet]:
    """The same with a narrow table a target, for the terminal."""
    records = _own(result, case)
    found = []
    for what in dict.fromkeys(row["what"] for row in records):
        caption = f"{case_words(*case)}, {what}: mean absolute error, bn won, with 90 % interval"
        rows = [row for row in records if row["what"] == what]
        shown = sheet(caption, rows, [number("after", "horizon", whole), *_board_columns(records, full=False)])
        found += [shown] if shown else []
    return found


def _own(result: Record, case: tuple[str, str]) -> list[dict[str, Any]]:
    """Rows of the model's own methods, each with the best baseline of its target and horizon."""
    records: list[dict[str, Any]] = []
    for (target, basis, _), methods in _groups(_of(result, case)).items():
        known = {name: row for name, row in methods.items() if name in BASELINES and row.get("error_bn") is not None}
        best = min(((row["error_bn"], order(name), name) for name, row in known.items()), default=(0, 0, None))[2]
        records += [
            row | {"what": _what(target, basis), "best": best, "best_error": known[best]["error_bn"] if best else None}
            for name, row in methods.items()
            if name not in BASELINES
        ]
    return records


def _board_columns(records: Sequence[Record], full: bool) -> list[Column]:
    """What is said of a method; without ``full`` what fits into a terminal."""
    several = len({row["method"] for row in records}) > 1
    columns: list[Column] = [text("method", "method")] if several else []
    columns += [("error", "number", lambda row: _interval(row, "error_bn", "low_bn", "high_bn", _bn))]
    columns += [("best baseline", "text", lambda row: (row["best"] if full else SHORT.get(row["best"])) or UNKNOWN)]
    columns += [("its error", "number", lambda row: _bn(row["best_error"]))] if full else []
    columns += [
        ("ratio", "number", lambda row: _interval(row, "ratio_to_best_baseline", "ratio_low", "ratio_high", _ratio))
    ]
    columns += [number("bias", "bias_bn", _signed)] if full or not several else []
    columns += [number("coverage", "coverage_pct", lambda share: percent(share, 0))]
    columns += [number("CRPS", "crps_bn", _bn)]
    return [*columns, *([("episodes (starts)", "number", _count)] if full or not several else [])]


def methods(result: Record, case: tuple[str, str]) -> Sheet | None:
    """The error of every method, a line a target and horizon."""
    groups = _groups(_of(result, case))
    names = sorted(dict.fromkeys(name for found in groups.values() for name in found), key=order)
    columns: list[Column] = [
        ("target", "text", lambda row: row["what"]),
        number("sessions", "horizon", whole),
    ]
    for name in names:
        columns.append(_error_of(name))
    records = [
        {"what": _what(target, basis), "horizon": horizon, "of": found}
        for (target, basis, horizon), found in groups.items()
    ]
    return sheet(f"Error of every method, {case_words(*case)}, bn won", records, columns)


def _error_of(method: str) -> Column:
    return method, "number", lambda row: _bn((row["of"].get(method) or {}).get("error_bn"))


def _what(target: str, basis: str) -> str:
    return target if basis == EVERYTHING else f"{target}, {basis}"


def _interval(row: Record, field: str, low: str, high: str, write: Callable[[float | None], str]) -> str:
    if row.get(field) is None:
        return UNKNOWN
    between = until(row.get(low), row.get(high), write)
    return write(row[field]) if between == UNKNOWN else f"{write(row[field])} ({between})"


def _bn(amount: float | None) -> str:
    return decimal(amount, 0 if amount is not None and abs(amount) >= 99.5 else 1)


def _signed(amount: float | None) -> str:
    said = _bn(amount)
    return f"+{said}" if amount is not None and amount > 0 and said != "0.0" else said


def _ratio(ratio: float | None) -> str:
    return decimal(ratio, 2)


def _count(row: Record) -> str:
    if row.get("episodes") is None:
        return UNKNOWN
    return whole(row["episodes"]) if row.get("starts") is None else f"{whole(row['episodes'])} ({whole(row['starts'])})"


def periods(result: Record) -> Sheet | None:
    """Each period: what it is for, its starts and episodes, and how many targets were not observed."""
    return sheet(
        "Periods",
        result.get("periods") or [],
        [
            text("period", "name"),
            text("from", "first"),
            text("to", "last"),
            text("what it is", "kind"),
            text("starts are", "where"),
            number("starts", "starts", measure),
            number("episodes", "episodes", measure),
            ("not observed", "number", lambda row: _unobserved(row.get("unobserved"))),
        ],
    )


def _unobserved(found: Any) -> str:
    return whole(len(found)) if isinstance(found, list | tuple) else measure(found)


FLOWS = {
    "new_loans": "of it new loans",
    "sold_first": "sold first",
    "topped_up": "paid in",
    "sold_by_force": "sold by force",
}
"""What the model's answer at a lag is made of."""


def lag_split(result: Record) -> Sheet | None:
    """How published changes answer the index return of each lag, and what the model does at that lag."""
    columns: list[Column] = [
        number("lag", "lag", whole),
        text("market", "market"),
        ("record", "number", lambda row: _with_error(row, "record")),
        ("record after 2019", "number", lambda row: _with_error(row, "later")),
        number("model", "model_coefficient", _coefficient),
        number("share in the model", "model_share_pct", percent),
        *(number(words, f"{flow}_share_pct", percent) for flow, words in FLOWS.items()),
    ]
    caption = "By lag in sessions: change of the published balance on the return of the indices, ± standard error"
    return sheet(caption, result.get("lag_split") or [], columns)


def _with_error(row: Record, name: str) -> str:
    found, error = _coefficient(row.get(f"{name}_coefficient")), _coefficient(row.get(f"{name}_error"))
    return found if UNKNOWN in (found, error) else f"{found} ± {error}"


def _coefficient(value: float | None) -> str:
    return decimal(value, 3)


def worst(result: Record) -> Sheet | None:
    """Episodes in which the model was furthest from the record, by period and market."""
    columns: list[Column] = [
        text("period", "period"),
        text("target", "target"),
        text("first fall", "first"),
        number("falls", "starts", whole),
        number("record", "record_bn", _signed),
        number("model", "model_bn", _signed),
        number("regression given the path", "given_path_bn", _signed),
        number("error", "error_bn", _bn),
        number("of the regression", "given_path_error_bn", _bn),
    ]
    caption = "Where the model was furthest off: change of the balance over ten sessions, bn won, mean of the falls"
    return sheet(caption, result.get("worst") or [], columns)


def experiments(result: Record) -> list[tuple[str, str, Sheet | None]]:
    """Each natural experiment: its name, its words, and its figures as a table."""
    found = []
    for each in result.get("experiments") or []:
        shown = sheet(
            str(each.get("name") or "Figures"),
            each.get("rows") or [],
            [
                ("figure", "text", lambda row: str(row.get("label") or UNKNOWN)),
                ("value", "number", lambda row: measure(row.get("value"), row.get("unit"))),
            ],
        )
        found.append((str(each.get("name") or "Experiment"), str(each.get("words") or ""), shown))
    return found


def figures(result: Record) -> list[tuple[str, str, str]]:
    """The few figures under the answer of a page: the ratio of each target at its longest horizon."""
    told = []
    for (period, target), rows in panels(result, "ratio_to_best_baseline").items():
        own = [row for row in rows if row["method"] not in BASELINES]
        if own:
            row = next(row for row in own if row["horizon"] == own[-1]["horizon"])
            words = f"{period_name(period)}{target_words(target)}, {row['horizon']} sessions"
            told.append((words, _ratio(row["ratio_to_best_baseline"]), f"of the best baseline{_coverage(row)}"))
    return told


def _coverage(row: Record) -> str:
    return "" if row.get("coverage_pct") is None else f"; coverage {percent(row['coverage_pct'], 0)}"
