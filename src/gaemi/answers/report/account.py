"""The page of ``gaemi account``: warning, answer, where the account stands, its odds, what changes them."""

import shlex
from collections.abc import Mapping
from typing import Any

from gaemi.answers import account_coin_sheets as coins
from gaemi.answers import account_sheets as standing
from gaemi.answers import odds_sheets as chances
from gaemi.answers import wording
from gaemi.answers.account_tables import basis, goal_words, help_line, how_often, notes
from gaemi.answers.report.render import frame, present, rendered

SECTIONS = (
    ("stand", "stand", "Where you stand"),
    ("days", "days", "The days"),
    ("odds", "odds", "Your odds"),
    ("thousand", "thousand", "A thousand of you"),
    ("leverage", "leverage", "What leverage does"),
    ("what_if", "what-if", "What if"),
    ("closed_forms", "closed-forms", "Closed forms"),
    ("notes", "notes", "Notes"),
    ("assumptions", "assumptions", "Assumptions"),
    ("computed", "computed", "How computed"),
)


def render_account(result: Mapping[str, Any]) -> str:
    """The page of a result of ``gaemi account`` (schema ``gaemi.account/1``) as one HTML document."""
    page = frame(result, str(result.get("title") or "Account"), command(result))
    page |= _first_lines(result) | {"stand": _standing(result), "notes": notes(result)}
    page |= {"days": None, "odds": None, "thousand": None, "leverage": None, "what_if": [], "closed_forms": None}
    if result.get("kind") == "replay":
        page["days"] = _days(result)
    else:
        page |= _ahead(result)
    page["sections"] = [(anchor, name) for key, anchor, name in SECTIONS if page.get(key)]
    return rendered("account.html", result, page)


def _first_lines(result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "on": wording.day_name(result.get("on")),
        "basis": basis(result),
        "help": help_line(result) if result.get("help") else "",
        "mechanical": list(result.get("layers") or []) == ["mechanical"],
        "figures": standing.figures(result),
    }


def _standing(result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "tables": present(standing.pools(result), standing.alone(result)),
        "sale": present(standing.sale(result)),
        "sale_words": standing.sale_words(result),
        "how_often": how_often(result),
        "things": present(standing.holdings(result), standing.loans(result), standing.totals(result)),
        "funds": present(standing.funds(result)),
        "venues": present(coins.positions(result), coins.coin_loans(result)),
        "wallet": coins.wallet_words(result),
    }


def _days(result: Mapping[str, Any]) -> dict[str, Any]:
    told = result["replay"]
    return {
        "name": str(told["name"]),
        "figures": [
            ("Outcome", str(told["outcome"]), ""),
            ("Net worth at the start", wording.won(told["start_won"]), ""),
            ("Net worth at the end", wording.won(told["end_won"]), ""),
        ],
        "coins": present(coins.endings(result)),
        "events": present(coins.events(result)),
        "eventful": present(standing.replay_days(result, eventful=True)),
        "all": present(standing.replay_days(result)),
    }


def _ahead(result: Mapping[str, Any]) -> dict[str, Any]:
    """The sections of a page about what may come: odds, a thousand, leverage, changes, closed forms."""
    odds = {
        "goal": goal_words(result),
        "until": wording.day_name((result.get("horizon") or {}).get("to")),
        "tables": present(chances.drifts(result), chances.odds(result)),
        "by_drift": chances.by_drift(result),
        "nothing_seen": chances.nothing_seen(result),
        "ends": present(chances.ends(result)),
        "fans": chances.fans(result),
    }
    people = result.get("thousand") or {}
    thousand = {"drift": people.get("drift"), "tables": present(chances.thousand(result))}
    changes = [
        {"words": asked["words"], "tables": present(chances.distances(asked), chances.paired(result, asked))}
        for asked in result.get("what_if") or []
    ]
    return {
        "odds": odds if result.get("odds") else None,
        "thousand": thousand if people else None,
        "leverage": chances.leverage(result),
        "what_if": changes,
        "closed_forms": present(chances.closed_forms(result)),
    }


def command(result: Mapping[str, Any]) -> str:
    """The command line that asks for this result again, from the request that the run recorded."""
    asked = (result.get("run") or {}).get("request")
    if not isinstance(asked, Mapping):
        return ""
    words, options = ["gaemi account"], []
    for name, value in asked.items():
        many = value if isinstance(value, list | tuple) else [value]
        for one in many:
            if one is None or one is False or one == "" or isinstance(one, Mapping):
                continue
            if name == "file":
                words.append(shlex.quote(str(one)))
            else:
                option = f"--{name.replace('_', '-')}"
                options.append(option if one is True else f"{option} {shlex.quote(str(one))}")
    return " ".join(words + options)
