"""The tables of the odds of ``gaemi account`` as words: outcomes by drift, leverage, changes, closed forms.

A probability is written with its standard error; the functions take ``unit`` (" %" or nothing) for it, so that a
narrow table can say the unit once, in its caption.
"""

from collections.abc import Callable, Iterable

from gaemi.answers.account_sheets import NOT_REACHED, times
from gaemi.answers.sheets import Column, Record, Sheet, number, sheet
from gaemi.answers.wording import MINUS, UNKNOWN, decimal, measure, percent, whole, won, won_short

PERCENT = " %"
NONE = "none of these"
"""The outcome that is no event, so that nothing can be said of "ever"."""


def chance(share: float | None, error: float | None = None, paths: int | None = None, unit: str = PERCENT) -> str:
    """A probability in per cent with its standard error: ``12.3 % ± 0.2``, ``<0.1 %``, ``0 (of 20,000)``.

    An error under 0.05 takes a second decimal. None or all of the paths is told by their number, because there the
    standard error is 0 and would promise too much.
    """
    if share is None:
        return UNKNOWN
    of = f" (of {paths:,})" if paths else ""
    if share in (0, 1):
        return f"{share * 100:g}{unit if share else ''}{of}"
    if share < 0.0005:
        return "<0.1 %"
    digits = 1 if error is None or error >= 0.0005 else 2
    return f"{decimal(share * 100, digits)}{unit}" + ("" if error is None else f" ± {decimal(error * 100, digits)}")


def change(difference: float, error: float) -> str:
    """The difference of two probabilities on the same paths, in points: ``+2.0 ± 0.1``; 0 where no path differs."""
    if difference == 0 and error == 0:
        return "0"
    digits = 1 if error >= 0.0005 else 2
    sign = "+" if difference > 0 else MINUS if difference < 0 else ""
    return f"{sign}{decimal(abs(difference) * 100, digits)} ± {decimal(error * 100, digits)}"


def _yearly(size_pct: float | None, error_pct: float | None) -> str:
    return percent(size_pct) + ("" if error_pct is None else f" ± {decimal(error_pct)}")


def drifts(result: Record) -> Sheet | None:
    """The drifts that the odds are worked out under, with what is known of each."""

    def drivers(row: Record) -> str:
        found = row.get("drivers") or []
        return "; ".join(f"{each['name']} {percent(each['pct_a_year'])}" for each in found) if found[1:] else UNKNOWN

    return sheet(
        "Drifts: how much prices rise a year on average",
        result.get("drifts") or [],
        [
            ("drift", "text", lambda row: str(row["drift"])),
            ("a year", "number", lambda row: _yearly(row.get("pct_a_year"), row.get("error_pct"))),
            ("what it is", "text", lambda row: str(row.get("words") or UNKNOWN)),
            ("by name", "text", drivers),
        ],
    )


def _outcomes(result: Record) -> list[str]:
    """Outcomes that can happen, worst first: without a goal nobody reaches one."""
    named = [str(row["outcome"]) for row in result["odds"][0]["rows"]] if result.get("odds") else []
    return named if result.get("goal") else [name for name in named if name != "graduate"]


def _of(case: Record, outcome: str) -> Record:
    return next((row for row in case["rows"] if row["outcome"] == outcome), {})


def _paths(result: Record) -> str:
    return f"{whole(result.get('paths'))} paths"


def odds(result: Record, unit: str = PERCENT) -> Sheet | None:
    """Each path counted once, under the worst outcome that applies: outcomes down, drifts across."""
    cases = result.get("odds") or []
    if not cases:
        return None
    rows = []
    for outcome in _outcomes(result):
        found = [_of(case, outcome) for case in cases]
        cells = [chance(row.get("share"), row.get("error"), result.get("paths"), unit) for row in found]
        rows.append((outcome, *cells))
    said = "" if unit else "per cent, "
    caption = f"Each of {_paths(result)} counted once, {said}± one standard error"
    return Sheet(caption, (("outcome", "text"), *((str(case["drift"]), "number") for case in cases)), tuple(rows))


def _years(size: float | None) -> str:
    return UNKNOWN if size is None else f"{decimal(size)} years"


def ever(result: Record, count: int = 2, unit: str = PERCENT) -> Sheet | None:
    """On how many paths a thing ever happened, and the mean time until it did, under the first ``count`` drifts."""
    cases = (result.get("odds") or [])[:count]
    if not cases:
        return None
    columns: list[tuple[str, str]] = [("ever", "text")]
    for case in cases:
        columns += [(str(case["drift"]), "number"), ("mean time until", "number")]
    rows = []
    for name in [*(name for name in _outcomes(result) if name != NONE), "called"]:
        found = [case.get("called") or {} if name == "called" else _of(case, name) for case in cases]
        cells = []
        for row, case in zip(found, cases, strict=True):
            share = chance(row.get("ever_share"), row.get("ever_error"), case.get("paths"), unit)
            cells += [share, _years(row.get("mean_years"))]
        if any(cell != UNKNOWN for cell in cells):
            rows.append((name, *cells))
    said = "" if unit else "per cent of paths, "
    return Sheet(
        f"Ever happened, {said}± one standard error; a path can be in several rows", tuple(columns), tuple(rows)
    )


def by_drift(result: Record) -> list[Sheet]:
    """One table a drift: paths counted once, paths on which it ever happened, and the mean time until it did."""
    shown = []
    for case in result.get("odds") or []:
        rows = [_once(_of(case, outcome)) for outcome in _outcomes(result)]
        rows += [{"outcome": "called"} | dict(case["called"])] if case.get("called") else []
        paths = case["paths"]
        columns: list[Column] = [
            ("outcome", "text", lambda row: str(row["outcome"])),
            ("counted once", "number", _written("share", "error", paths)),
            ("ever", "number", _written("ever_share", "ever_error", paths)),
            number("mean time until", "mean_years", _years),
            number("paths, counted once", "count", whole),
            number("paths, ever", "ever_count", whole),
        ]
        made = sheet(f"Drift: {case['drift']}; of {whole(paths)} paths, ± one standard error", rows, columns)
        shown += [made] if made else []
    return shown


def _once(row: Record) -> Record:
    """The row of an outcome; of the one that is no event without "ever"."""
    return row if row.get("outcome") != NONE else {name: row[name] for name in row if not name.startswith("ever_")}


def _written(share: str, error: str, paths: int | None = None, unit: str = PERCENT) -> Callable[[Record], str]:
    return lambda row: chance(row.get(share), row.get(error), paths, unit)


PERCENTILES = (("5 %", "p5"), ("25 %", "p25"), ("median", "p50"), ("75 %", "p75"), ("95 %", "p95"))


def ends(result: Record) -> Sheet | None:
    """Net worth at the end under each drift, in percentiles of the paths."""
    cases = result.get("odds") or []
    columns: list[Column] = [("drift", "text", lambda case: str(case["drift"]))]
    columns += [number("today", "start_won", won_short)]
    columns += [(name, "number", _end(field)) for name, field in PERCENTILES]
    return sheet("Net worth at the end, in won after the cost of selling, by percentile of the paths", cases, columns)


def _end(field: str) -> Callable[[Record], str]:
    return lambda case: won_short((case.get("end") or {}).get(field))


def fans(result: Record, most: int = 12) -> list[Sheet]:
    """One table a drift: percentiles of net worth on at most ``most`` dates, the first and the last among them."""
    shown = []
    for case in result.get("odds") or []:
        rows = _thinned(case.get("fan") or [], most)
        columns: list[Column] = [("date", "text", lambda row: str(row["date"]))]
        columns += [number(name, field, won_short) for name, field in PERCENTILES]
        made = sheet(f"Drift: {case['drift']}; net worth in won, by percentile of the paths", rows, columns)
        shown += [made] if made else []
    return shown


def _thinned(rows: list[Record], most: int) -> list[Record]:
    if len(rows) <= most:
        return rows
    return [rows[round(place * (len(rows) - 1) / (most - 1))] for place in range(most)]


def thousand(result: Record) -> Sheet | None:
    """A thousand people by outcome."""
    return sheet("Of a thousand", _people(result), [
        ("outcome", "text", lambda row: str(row["outcome"])),
        number("people", "people", whole),
    ])  # fmt: skip


def thousand_words(result: Record) -> str:
    """The same in one line: ``31 residual debt · 19 zeroed · ...``."""
    return " · ".join(f"{whole(row['people'])} {row['outcome']}" for row in _people(result))


def _people(result: Record) -> list[Record]:
    rows = (result.get("thousand") or {}).get("people") or []
    return [row for row in rows if result.get("goal") or row["outcome"] != "graduate"]


def leverage(result: Record, unit: str = PERCENT) -> list[Sheet]:
    """One table a drift: leverage from none to the most the law allows, and the same goal without a loan."""
    rows = [*(result.get("leverage") or []), *(result.get("instead") or [])]
    paths = result.get("paths")
    parts = (("graduate", "graduate"), ("force-sold", "force_sold"), ("wiped out", "wiped_out"))
    columns: list[Column] = [("leverage", "text", _leverage_name), number("loan", "loan_won", won_short)]
    columns += [(name, "number", _written(field, f"{field}_error", paths, unit)) for name, field in parts]
    columns += [("end below start", "number", _written("below_start", "below_start_error", paths, unit))]
    columns += [number("median end", "median_won", won_short)]
    said = "" if unit else "; per cent of paths ± one standard error"
    shown = [
        sheet(f"Drift: {drift}{said}", [row for row in rows if row["drift"] == drift], columns)
        for drift in _distinct(rows)
    ]
    return [made for made in shown if made]


def _leverage_name(row: Record) -> str:
    if row.get("what"):
        return f"instead: {row['what']}"
    return f"{decimal(row['leverage'], 2)} times{' (now)' if row.get('now') else ''}"


def _distinct(rows: Iterable[Record]) -> list[str]:
    return list(dict.fromkeys(str(row["drift"]) for row in rows))


def distances(change: Record) -> Sheet | None:
    """What one change does to the distances, before and after."""

    def side(name: str) -> Callable[[Record], str]:
        return lambda row: _distance(row, row.get(name))

    return sheet(
        "Distances",
        change.get("distances") or [],
        [
            ("distance", "text", lambda row: str(row["measure"])),
            ("before", "number", side("before")),
            ("after", "number", side("after")),
        ],
    )


def _distance(row: Record, value: float | None) -> str:
    unit = row.get("unit")
    if value is None:
        return NOT_REACHED if str(row["measure"]).startswith("fall") else UNKNOWN
    if unit == "won":
        return won(round(value))
    return percent(value) if unit == "pct" else times(value) if unit == "times" else measure(value, unit)


def paired(result: Record, change_made: Record, count: int | None = None) -> Sheet | None:
    """What one change does to the odds on the same paths: before, after, difference, for the first ``count`` drifts."""
    rows = change_made.get("odds") or []
    drifts_shown = _distinct(rows)[:count]
    outcomes = [name for name in dict.fromkeys(row["outcome"] for row in rows) if _can_happen(result, name)]
    columns: list[tuple[str, str]] = [("outcome", "text")]
    for drift in drifts_shown:
        columns += [(f"{drift}: before", "number"), ("after", "number"), ("difference", "number")]
    found = {(str(row["drift"]), row["outcome"]): row for row in rows}
    lines = []
    for outcome in outcomes:
        cells: list[str] = []
        for drift in drifts_shown:
            row = found.get((drift, outcome))
            if row is None:
                cells += [UNKNOWN] * 3
            else:
                cells += [chance(row["before"]), chance(row["after"]), change(row["difference"], row["error"])]
        lines.append((outcome, *cells))
    caption = "Odds on the same paths; differences in percentage points ± one standard error"
    return Sheet(caption, tuple(columns), tuple(lines)) if lines else None


def _can_happen(result: Record, outcome: str) -> bool:
    return bool(result.get("goal")) or outcome != "graduate"


def closed_forms(result: Record) -> Sheet | None:
    """What has a closed form, beside the simulation, and how many standard errors lie between."""

    def apart(row: Record) -> str:
        error = row.get("error")
        return decimal(abs(row["simulated"] - row["closed_form"]) / error) if error else UNKNOWN

    return sheet(
        "Closed forms beside the simulation",
        result.get("closed_forms") or [],
        [
            ("what", "text", lambda row: str(row["what"])),
            ("drift", "text", lambda row: str(row["drift"])),
            ("simulated", "number", lambda row: chance(row["simulated"], row.get("error"))),
            ("closed form", "number", lambda row: chance(row["closed_form"])),
            ("apart, standard errors", "number", apart),
        ],
    )


def nothing_seen(result: Record) -> str:
    """What a count of 0 does not say, where there is one; else nothing.

    With no case among n paths, a probability up to 3/n is still consistent with it at 95 % (the rule of three).
    Source: Hanley and Lippman-Hand, JAMA 249 (1983), 1743-1745.
    """
    cases = result.get("odds") or []
    seen = [_of(case, outcome).get("count") for case in cases for outcome in _outcomes(result)]
    if 0 not in seen:
        return ""
    return f"An outcome on none of {_paths(result)} is rare, not impossible: up to about 3 in {whole(result['paths'])}."
