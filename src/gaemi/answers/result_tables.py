"""The small tables of a document by name: what a run folder holds as Parquet, and a page gives as CSV."""

from collections.abc import Mapping, Sequence
from typing import Any

from gaemi.answers.coin_sheets import tables_of as told_tables
from gaemi.answers.spread import plain_rows

Document = Mapping[str, Any]
Tables = dict[str, list[dict[str, Any]]]

TABLES = ("call_map", "curve", "who", "outcomes", "ratios", "record", "cover", "targets")
STATE_TABLES = ("markets", "ratios", "ages", "distances", "call_map", "curve", "stocks", "days", "infeasible")
SCORE_TABLES = ("rows", "periods", "worst", "lag_split", "experiments", "breaks")


def tables_of(document: Document) -> Tables:
    """Every small table of a document that has rows, by the name of its file."""
    kind = str(document["schema"]).removeprefix("gaemi.").partition("/")[0]
    builders = {
        "account": _account_tables,
        "book": _book_tables,
        "coin-book": _told_tables,
        "coins": _coin_tables,
        "compare": _compare_tables,
        "country": _country_tables,
        "hindcast": _hindcast_tables,
        "hindcast.score": _score_tables,
        "state": _state_tables,
        "venue": _told_tables,
    }
    return builders[kind](document)


def _country_tables(document: Document) -> Tables:
    tables = {name: document[name] for name in TABLES if document.get(name)}
    tables["days"] = [{"shock": shock} | row for shock, rows in document["days"].items() for row in rows]
    return tables | _coin_tables(document)


def _compare_tables(document: Document) -> Tables:
    groups = [
        {"displacement": each["displacement"]} | row for each in document["displacements"] for row in each["groups"]
    ]
    return {"groups": groups} | _coin_tables(document)


def _told_tables(document: Document) -> Tables:
    return {table["name"]: _of_one_type(table["rows"]) for table in told_tables(document)}


def _state_tables(document: Document) -> Tables:
    return _plain(document, STATE_TABLES)


def _hindcast_tables(document: Document) -> Tables:
    return _plain(document, ("days", "errors", "breaks"))


def _score_tables(document: Document) -> Tables:
    experiments = [
        {"name": each.get("name")} | dict(row)
        for each in document.get("experiments") or []
        for row in each.get("rows") or []
    ]
    return _plain({**document, "experiments": experiments}, SCORE_TABLES)


def _coin_tables(document: Mapping[str, Any]) -> Tables:
    """The tables that a replay of coins, or the coins and contracts of a country's result, name themselves."""
    found = {}
    for table in told_tables(document):
        name = table["name"] if table["name"].startswith("cfd") else f"coins_{table['name']}"
        found[name] = _of_one_type(table["rows"])
    return found


def _of_one_type(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with every column that mixes numbers and words as words: a column of a file has one type."""
    words = {name for row in rows for name, value in row.items() if isinstance(value, str)}
    return [{name: str(v) if name in words and v is not None else v for name, v in row.items()} for row in rows]


def _account_tables(document: Mapping[str, Any]) -> Tables:
    """The tables of an account that have rows: what it is, its odds, what changes them, the days of a replay."""
    odds, asked = document.get("odds") or [], document.get("what_if") or []
    replay = document.get("replay") or {}
    days, coins = replay.get("days") or [], replay.get("coins") or {}
    levels = [*(document.get("leverage") or []), *(document.get("instead") or [])]
    columns = dict.fromkeys(("what", *(name for row in levels for name in row)))
    tables = {
        "holdings": document.get("holdings") or [],
        "loans": document.get("loans") or [],
        "pools": document.get("pools") or [],
        "positions": document.get("positions") or [],
        "coin_loans": document.get("coin_loans") or [],
        "coin_path": coins.get("path") or [],
        "coin_events": coins.get("events") or [],
        "odds": [{"drift": case["drift"], "paths": case["paths"]} | row for case in odds for row in case["rows"]],
        "fan": [{"drift": case["drift"]} | row for case in odds for row in case["fan"]],
        "leverage": [columns | row for row in levels],
        "what_if": [{"text": each["text"]} | row for each in asked for row in each["odds"]],
        "what_if_distances": [{"text": each["text"]} | row for each in asked for row in each["distances"]],
        "replay_days": [{name: row[name] for name in row if name != "sold"} for row in days],
        "replay_sold": [{"date": row["date"]} | each for row in days for each in row["sold"]],
    }
    return {name: rows for name, rows in tables.items() if rows}


def _book_tables(document: Mapping[str, Any]) -> Tables:
    """The small tables of a book that have rows: what it read, where it stands, its stresses."""
    scenario, risk, breaks = (document.get(part) or {} for part in ("scenario", "risk", "breaks"))
    names = [
        {name: value for name, value in row.items() if name != "unpaid_locked_won"}
        | {f"unpaid_locked_{closes}_won": won for closes, won in enumerate(row.get("unpaid_locked_won") or [], 1)}
        for row in document.get("names") or []
    ]
    tables = {name: document.get(name) or [] for name in ("rows", "unused", "rejects", "bands", "morning", "limits")}
    tables |= {name: document.get(name) or [] for name in ("groups", "call_map")} | {"names": names}
    tables |= {"concentration": (document.get("concentration") or {}).get("names") or []}
    tables |= {"days": scenario.get("days") or [], "scenario_names": scenario.get("names") or []}
    tables |= {
        "breaks": breaks.get("rows") or [],
        "risk": risk.get("rows") or [],
        "risk_curve": risk.get("curve") or [],
    }
    return {name: rows for name, rows in tables.items() if rows}


def _plain(document: Document, names: Sequence[str]) -> Tables:
    """The tables of a document that have rows, every figure with a spread in columns of its own."""
    return {name: plain_rows(document[name]) for name in names if document.get(name)}
