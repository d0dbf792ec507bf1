"""Results in the terminal: the answer in words, then a few small tables, written by :mod:`gaemi.answers.sheets`.

The doors make the console (:func:`gaemi.answers.terminal.console`) and find every printer here.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gaemi.answers import comparison, sheets, wording
from gaemi.answers.account_tables import print_account as print_account
from gaemi.answers.book_tables import print_book as print_book
from gaemi.answers.book_tables import print_validation as print_validation
from gaemi.answers.coin_sheets import is_coins
from gaemi.answers.coin_tables import print_coins as print_coins
from gaemi.answers.coin_tables import print_tables as print_coin_tables
from gaemi.answers.hindcast_tables import print_hindcast as print_hindcast
from gaemi.answers.hindcast_tables import print_score as print_score
from gaemi.answers.sheets import Sheet
from gaemi.answers.state_tables import print_state as print_state
from gaemi.answers.terminal import assumed, fact, first_columns, head, print_pairs, print_sheet, quiet, say
from gaemi.answers.terminal import console as console

if TYPE_CHECKING:
    from rich.console import Console


def print_country(result: Mapping[str, Any], console: "Console") -> None:
    """Print a result of ``gaemi country``: sentences, call map, curve, tipping point, covered and not covered."""
    if is_coins(result):
        print_coins(result, console)
        return
    head(result, str(result.get("title") or "Country"), console)
    _state(result, console)
    say(console, result["sentences"])
    if list(result.get("layers") or []) == ["mechanical"]:
        quiet(
            console,
            "If nobody adds money or sells first (mechanical layer): an upper bound, never a forecast.",
        )
    if _moves_coins_alone(result):
        print_coin_tables(result, console)
        assumed(result, console)
        return
    print_sheet(console, first_columns(sheets.call_map(result, step=10), 4))
    print_sheet(console, _curve(result), fitted=True)
    tipping = result.get("tipping_point") or {}
    if tipping.get("words") and not any("ipping point" in line for line in result["sentences"]):
        console.print()
        fact(console, "Tipping point", tipping["words"])
    if result.get("kind") == "replay":
        print_sheet(console, _record(result))
    if result.get("kind") != "curve":
        print_sheet(console, sheets.outcomes(result))
    print_coin_tables(result, console)
    covered, missing = sheets.cover_words(result)
    console.print()
    fact(console, "Covered", covered)
    fact(console, "Not covered", missing)
    assumed(result, console)


def _moves_coins_alone(result: Mapping[str, Any]) -> bool:
    """Whether a shock names coins and moves no index, so that the tables of stocks hold nothing."""
    shock = result.get("kind") == "shock" and bool(result.get("coins"))
    return shock and not any(row["shock_pct"] or row["called_won"] for row in result["curve"])


def print_compare(result: Mapping[str, Any], console: "Console") -> None:
    """Print a result of ``gaemi compare``: the reform, the answer in words, two laws, and groups helped and hurt."""
    head(result, f"Reform: {result['reform']['name']}", console)
    _state(result, console)
    say(console, comparison.sentences(result))
    print_sheet(console, comparison.changes(result))
    if not comparison.of_coins_alone(result):
        print_sheet(console, comparison.laws(result))
        print_sheet(console, _groups(result))
    print_coin_tables(result, console)
    assumed(result, console)


def _state(result: Mapping[str, Any], console: "Console") -> None:
    line = wording.state_line(result)
    if line:
        quiet(console, line)
        console.print()


def print_law(described: Mapping[str, Any], console: "Console") -> None:
    """Print an answer of ``gaemi law``: one parameter, all of them, every change, or the steps of a day."""
    kind = described.get("kind")
    if kind == "parameter":
        _parameter(described, console)
    elif kind == "day":
        for number, step in enumerate(described["steps"], 1):
            fact(console, f"{number} {step['step'].replace('_', ' ')}", step["what"])
    elif kind == "changes":
        print_sheet(console, sheets.law_changes(described["changes"]))
    else:
        print_sheet(console, sheets.law_parameters(described.get("parameters") or []))


def _parameter(described: Mapping[str, Any], console: "Console") -> None:
    unit, value = described.get("unit"), described.get("value")
    console.print(str(described.get("label") or described.get("path")), style="bold", markup=False)
    quiet(console, f"{described.get('path')} on {described.get('on')}")
    if isinstance(value, Mapping):
        meanings = described.get("keys") or {}
        rows = [(str(key), wording.measure(one, unit), str(meanings.get(key, ""))) for key, one in value.items()]
        columns = ((str(described.get("by") or "").replace("_", " "), "text"), ("value", "number"), ("meaning", "text"))
        print_sheet(console, Sheet("", columns, tuple(rows)))
    else:
        fact(console, "Value", wording.measure(value, unit))
    ends = described.get("range")
    told = {
        "unit": described.get("unit_meaning") or unit,
        "source": described.get("source"),
        "confidence": described.get("confidence"),
        "range": _said_range(ends, unit),
        "since": described.get("since"),
        "next change": described.get("next_change") or "none known",
        "note": described.get("note") or None,
        "law version": described.get("law_version"),
    }
    console.print()
    print_pairs(console, [(name, wording.measure(text)) for name, text in told.items() if text is not None])


def _said_range(ends: Any, unit: str | None) -> str:
    if isinstance(ends, Mapping):
        return "; ".join(f"{key}: {_said_range(one, unit)}" for key, one in ends.items())
    if isinstance(ends, list | tuple) and len(ends) == 2 and all(isinstance(end, int | float) for end in ends):
        return wording.span(ends[0], ends[1], unit)
    return wording.measure(ends, unit) if ends is not None else "none given"


def print_check(document: Mapping[str, Any], console: "Console") -> None:
    """Print an answer of ``gaemi check``: each check with its result, and whether all passed."""
    for name, rows in document.items():
        if _is_table(rows):
            fields = [field for field in dict.fromkeys(field for row in rows for field in row)]
            columns = [
                _checked(field) if field in ("passed", "ok") else sheets.text(field.replace("_", " "), field)
                for field in fields
            ]
            print_sheet(console, sheets.sheet(name.replace("_", " "), rows, columns))
    console.print()
    passed = bool(document.get("passed"))
    console.print("All checks passed." if passed else "A check FAILED.", style="bold green" if passed else "bold red")


def _checked(field: str) -> sheets.Column:
    return "result", "text", lambda row: "passed" if row.get(field) else "FAILED"


def _is_table(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _curve(result: Mapping[str, Any]) -> Sheet | None:
    """The fragility curve in one table: won first, then points, then people."""
    return sheets.sheet(
        "Shock by shock: won, extra fall in points, people with their range",
        result.get("curve") or [],
        [
            sheets.SHOCK,
            sheets.number("called", "called_won", wording.won_short),
            sheets.number("sold", "sold_won", wording.won_short),
            ("of turnover", "number", lambda row: wording.percent(row["sold_share_of_turnover_pct"], 2)),
            sheets.number("unpaid", "residual_won", wording.won_short),
            ("extra", "number", lambda row: wording.decimal(row["extra_fall_points"], 2)),
            sheets.number("borrowers sold", "sold_borrowers", wording.heads),
            sheets.number("wiped out", "wiped_out_investors", wording.heads),
        ],
    )


def _record(result: Mapping[str, Any]) -> Sheet | None:
    """Published and model in sums over the replay, and the balances at its end."""
    rows = result.get("record") or []
    if not rows:
        return None

    def total(field: str) -> str:
        known = [row[field] for row in rows if row.get(field) is not None]
        return wording.won(sum(known)) if known else wording.UNKNOWN

    def last(field: str) -> str:
        return wording.won(rows[-1].get(field))

    lines = [
        ("unsettled purchases sold by force", total("published_forced_won"), total("model_unsettled_sold_won")),
        ("margin loans sold by force", "not published", total("model_margin_sold_won")),
    ]
    lines += [
        (
            f"margin balance at the end, {name}",
            last(f"published_margin_{market}_won"),
            last(f"model_margin_{market}_settled_won"),
        )
        for market, name in (("kospi", "KOSPI"), ("kosdaq", "KOSDAQ"))
    ]
    return Sheet(
        "Beside the published record", (("", "text"), ("published", "number"), ("model", "number")), tuple(lines)
    )


def _groups(result: Mapping[str, Any]) -> Sheet | None:
    """Helped and hurt of every group at all displacements, in one table."""
    cases = result["displacements"]
    groups = [(group["dimension"], group["band"]) for group in cases[0]["groups"]] if cases else []
    if not groups:
        return None
    columns = [
        ("helped / hurt", "text"),
        *((comparison.displacement_words(case["displacement"]), "number") for case in cases),
    ]
    found = [{(group["dimension"], group["band"]): group for group in case["groups"]} for case in cases]
    rows = []
    for key in groups:
        cells = [case.get(key) for case in found]
        words = [
            wording.UNKNOWN if cell is None else f"{wording.heads(cell['helped'])} / {wording.heads(cell['hurt'])}"
            for cell in cells
        ]
        rows.append((f"{key[0]}: {key[1]}", *words))
    return Sheet("People helped and hurt", tuple(columns), tuple(rows))
