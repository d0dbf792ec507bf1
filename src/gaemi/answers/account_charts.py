"""The charts of ``gaemi account``: which ones a result has, and what each shows in words."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import wording
from gaemi.answers.pictures import Picture
from gaemi.answers.plots import account as account_plots
from gaemi.answers.plots import account_coins as coin_plots
from gaemi.answers.plots import common
from gaemi.answers.plots import fan as fan_plots
from gaemi.answers.plots.leverage import leverage as leverage_plot
from gaemi.answers.plots.style import Spec
from gaemi.answers.plots.thousand import thousand as thousand_plot

SCHEMA = "gaemi.account/"
LEADS = ("thousand", "account-replay", "distances")
"""The leading chart of an account: the first of these that it has."""


def is_account(result: Mapping[str, Any]) -> bool:
    """Whether the result is one of ``gaemi account``."""
    return str(result.get("schema", "")).startswith(SCHEMA)


def pictures(result: Mapping[str, Any]) -> list[Picture]:
    """The charts of a result of ``gaemi account``, in the order of the page; one without data is left out."""
    makers = (_distances, _outcomes, _thousand, _fan, _leverage, _what_if, _replay)
    return [picture for picture in (make(result) for make in makers) if picture is not None]


def _distances(result: Mapping[str, Any]) -> Picture | None:
    pools = [pool for pool in result.get("pools") or [] if account_plots.falls(pool)]
    if not pools:
        return None

    def draw(narrow: bool) -> Spec:
        return account_plots.distances(result, narrow)

    told = []
    for pool in pools:
        falls = [f"{word} at {wording.shock(round(-place, 1))}" for word, place, _ in account_plots.falls(pool)]
        told.append(f"{pool['pool']}, ratio {wording.percent(pool['ratio_pct'])}: " + ", ".join(falls))
    words = "Fall of every name by the same per cent to a call, a sale and zero. " + "; ".join(told) + "."
    return Picture("distances", "Where you stand", words, draw)


def _outcomes(result: Mapping[str, Any]) -> Picture | None:
    odds = result.get("odds") or []
    if not odds:
        return None

    def draw(narrow: bool) -> Spec:
        return account_plots.outcomes(result, narrow)

    shown = common.outcome_roles(odds[0]["rows"], result.get("goal") is not None)
    told = [
        f"{common.drift_words(result, case['drift'])}: "
        + ", ".join(
            f"{row['outcome']} {wording.percent(row['share'] * 100)}" for row in case["rows"] if row["outcome"] in shown
        )
        for case in odds
    ]
    words = "What becomes of the account, each path counted once, worst first. " + "; ".join(told) + "."
    return Picture("outcomes", "Your odds", words, draw)


def _thousand(result: Mapping[str, Any]) -> Picture | None:
    people = (result.get("thousand") or {}).get("people") or []
    if not any(row["people"] for row in people):
        return None

    def draw(narrow: bool) -> Spec:
        return thousand_plot(result, narrow)

    told = ", ".join(f"{row['people']} {row['outcome']}" for row in people if row["people"])
    drift = common.drift_words(result, result["thousand"]["drift"])
    return Picture("thousand", "A thousand of you", f"Of 1,000 paths, worst first, {drift}: {told}.", draw)


def _fan(result: Mapping[str, Any]) -> Picture | None:
    cases = [case for case in fan_plots.shown_cases(result) if len(case["fan"]) > 1] if result.get("odds") else []
    if not cases:
        return None

    def draw(narrow: bool) -> Spec:
        return fan_plots.fan(result, narrow)

    told = [
        f"{common.drift_words(result, case['drift'])}: median {wording.won(case['end']['p50'])}, "
        f"5 in 100 under {wording.won(case['end']['p5'])}, 5 in 100 over {wording.won(case['end']['p95'])}"
        for case in cases
    ]
    day = wording.day_name(cases[0]["fan"][-1]["date"])
    words = f"Net worth over time, after the cost of selling, at the end on {day}. " + "; ".join(told) + "."
    return Picture("fan", "Net worth over time", words, draw)


def _leverage(result: Mapping[str, Any]) -> Picture | None:
    rows = result.get("leverage") or []
    if len({row["leverage"] for row in rows}) < 2:
        return None

    def draw(narrow: bool) -> Spec:
        return leverage_plot(result, narrow)

    drift = common.usual_drift([row["drift"] for row in rows])
    chosen = [row for row in rows if row["drift"] == drift]
    told = [
        f"leverage {row['leverage']:g}{' (now)' if row['now'] else ''}: "
        + (f"goal reached {_in_hundred(row, 'graduate')}, " if row.get("graduate") is not None else "")
        + f"force-sold {_in_hundred(row, 'force_sold')}, wiped out {_in_hundred(row, 'wiped_out')}, "
        + f"below the start {_in_hundred(row, 'below_start')}, median end {wording.won(row['median_won'])}"
        for row in chosen
    ]
    return Picture("leverage", "What leverage does", f"By leverage, {drift} drift. " + "; ".join(told) + ".", draw)


def _in_hundred(row: Mapping[str, Any], field: str) -> str:
    return wording.percent(row[field] * 100)


def _what_if(result: Mapping[str, Any]) -> Picture | None:
    cases = [case for case in result.get("what_if") or [] if case["odds"]]
    if not cases:
        return None

    def draw(narrow: bool) -> Spec:
        return account_plots.what_if(result, narrow)

    drift = common.usual_drift([row["drift"] for case in cases for row in case["odds"]])
    has_goal = result.get("goal") is not None
    told = []
    for case in cases:
        rows = [row for row in case["odds"] if row["drift"] == drift]
        shown = common.outcome_roles(rows, has_goal)
        pairs = [
            f"{row['outcome']} {wording.decimal(row['before'] * 100)} to {wording.percent(row['after'] * 100)}"
            for row in rows
            if row["outcome"] in shown
        ]
        told.append(f"{case['words']}: " + ", ".join(pairs))
    words = f"Shares of paths before and after, with the same luck, {drift} drift. " + "; ".join(told) + "."
    return Picture("what-if", "What if", words, draw)


def _replay(result: Mapping[str, Any]) -> Picture | None:
    told = result.get("replay") or {}
    days = told.get("days") or []
    if len(days) < 2:
        return None
    if told.get("coins"):
        return _coins(result)

    def draw(narrow: bool) -> Spec:
        return fan_plots.account_replay(result, narrow)

    called, sold = (
        [wording.day_name(row["date"]) for row in days if row["called"]],
        [wording.day_name(row["date"]) for row in days if row["sold"]],
    )
    first, last = (wording.day_name(days[i]["date"]) for i in (0, -1))
    ends = (
        f"net worth {wording.won(days[0]['net_worth_won'])} at first, {wording.won(days[-1]['net_worth_won'])} at last"
    )
    events = f"{_days('called', called)}; {_days('sold by force', sold)}"
    words = f"The account from {first} to {last}: {events}; {ends}."
    return Picture("account-replay", "The account on those days", words, draw)


def _coins(result: Mapping[str, Any]) -> Picture:
    def draw(narrow: bool) -> Spec:
        return coin_plots.coin_replay(result, narrow)

    told = result["replay"]
    path, ends = told["coins"]["path"], told["coins"]["endings"]
    words = f"Net worth from {path[0]['time']} to {path[-1]['time']}, Korean time: "
    words += f"{wording.won(told['start_won'])} at first, {wording.won(told['end_won'])} at last"
    if ends is not None and ends["top"] is not None:
        words += f"; at the top, {wording.day_name(ends['top']['date'])}, {wording.won(ends['top']['won'])}"
    if ends is not None and ends["sold"] is not None:
        words += f"; sold on {ends['sold']['time']}, {wording.won(ends['sold']['won'])}"
    return Picture("account-replay", "The account on those days", f"{words}.", draw)


def _days(what: str, days: list[str]) -> str:
    """``called on 3 days, first on 2 March 2020``; ``never called``."""
    if not days:
        return f"never {what}"
    number = "1 day" if len(days) == 1 else f"{len(days)} days"
    return f"{what} on {number}, first on {days[0]}"
