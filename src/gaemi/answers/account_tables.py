"""A result of ``gaemi account`` in the terminal: warning, answer, where it stands, the odds, what changes them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gaemi.answers import account_coin_sheets as coins
from gaemi.answers import account_sheets as standing
from gaemi.answers import odds_sheets as chances
from gaemi.answers import wording
from gaemi.answers.terminal import assumed, fact, head, print_sheet, quiet, say

if TYPE_CHECKING:
    from rich.console import Console

DRIFT_MATTERS = "The drift matters most and is known least: read the columns together, none alone."
NONE_BEST = "No leverage is marked as best: what is likely and what is ruinous stand side by side."
IF_NOBODY = "If nobody adds money or sells first (mechanical layer): what the rules do, never a forecast."


def print_account(result: Mapping[str, Any], console: "Console") -> None:
    """Print a result of ``gaemi account``; the warning, where there is one, is its first line."""
    if result.get("warning"):
        console.print(str(result["warning"]), style="bold red", markup=False)
        console.print()
    head(result, str(result.get("title") or "Account"), console)
    say(console, result["sentences"])
    if list(result.get("layers") or []) == ["mechanical"]:
        quiet(console, IF_NOBODY)
    quiet(console, basis(result))
    if result.get("help"):
        quiet(console, help_line(result))
    _standing(result, console)
    if result.get("kind") == "replay":
        _replay(result, console)
    else:
        _odds(result, console)
        _leverage(result, console)
        _what_if(result, console)
        print_sheet(console, chances.closed_forms(result))
    _notes(result, console)
    assumed(result, console)


def basis(result: Mapping[str, Any]) -> str:
    """What the figures rest on, in one line: prices, firm, model and paths."""
    prices, firm = result.get("prices") or {}, result.get("firm") or {}
    told = [f"Prices: {prices['words']}"] if prices.get("words") else []
    told += [str(firm["words"])] if firm.get("words") else []
    if result.get("odds"):
        told += [f"model {result['model']}, {wording.whole(result['paths'])} paths"]
    return " · ".join(told)


def help_line(result: Mapping[str, Any]) -> str:
    """The help lines, in one line."""
    return "Somebody to talk to: " + " · ".join(f"{line['what']} {line['number']}" for line in result["help"])


def notes(result: Mapping[str, Any]) -> list[str]:
    """Notes on the prices, then those of the answer, each once."""
    found = [*((result.get("prices") or {}).get("notes") or []), *(result.get("notes") or [])]
    return list(dict.fromkeys(str(note) for note in found))


def how_often(result: Mapping[str, Any]) -> str:
    """How often such a fall came before, unless the first sentences say it in these words."""
    told = str((result.get("how_often") or {}).get("words") or "")
    return "" if any(told in sentence for sentence in result["sentences"]) else told


def goal_words(result: Mapping[str, Any]) -> str:
    """The goal and its date; without a goal, until when the odds run."""
    goal, horizon = result.get("goal") or {}, result.get("horizon") or {}
    if goal:
        return f"Goal: {wording.won(goal['won'])} by {wording.day_name(goal['by'])}, tested at each close."
    return f"No goal was set; the odds run until {wording.day_name(horizon.get('to'))}."


def _title(console: "Console", words: str) -> None:
    console.print()
    console.print(words, style="bold underline", markup=False)


def _facts(console: "Console", told: Iterable[tuple[str, str]]) -> None:
    for name, words in told:
        if words:
            fact(console, name, words)


def _standing(result: Mapping[str, Any], console: "Console") -> None:
    _title(console, "Where you stand")
    _facts(console, [("The whole account", standing.totals_words(result))])
    print_sheet(console, standing.pools(result))
    print_sheet(console, standing.alone(result))
    print_sheet(console, standing.sale(result))
    say(console, [words for words in (standing.sale_words(result), how_often(result)) if words])
    print_sheet(console, standing.funds(result))
    print_sheet(console, coins.positions(result))
    say(console, [words for words in (coins.wallet_words(result),) if words])
    print_sheet(console, coins.coin_loans(result))


def _replay(result: Mapping[str, Any], console: "Console") -> None:
    told = result["replay"]
    _title(console, f"On the days of {told['name']}")
    start, end = wording.won(told["start_won"]), wording.won(told["end_won"])
    _facts(console, [("Outcome", str(told["outcome"])), ("Net worth", f"{start} at the start, {end} at the end")])
    print_sheet(console, coins.endings(result))
    print_sheet(console, standing.replay_days(result, eventful=not coins.is_coin_replay(result)))
    print_sheet(console, coins.events(result))


def _odds(result: Mapping[str, Any], console: "Console") -> None:
    if not result.get("odds"):
        return
    until = wording.day_name((result.get("horizon") or {}).get("to"))
    _title(console, f"Your odds until {until}")
    console.print(goal_words(result), markup=False)
    console.print(DRIFT_MATTERS, markup=False)
    print_sheet(console, chances.drifts(result))
    print_sheet(console, chances.odds(result, unit=""))
    print_sheet(console, chances.ever(result, unit=""))
    if chances.nothing_seen(result):
        quiet(console, chances.nothing_seen(result))
    print_sheet(console, chances.ends(result))
    if result.get("thousand"):
        console.print()
        fact(console, f"A thousand of you ({result['thousand']['drift']})", chances.thousand_words(result))


def _leverage(result: Mapping[str, Any], console: "Console") -> None:
    shown = chances.leverage(result, unit="")
    if shown:
        _title(console, "What leverage does")
        console.print(NONE_BEST, markup=False)
    for table in shown:
        print_sheet(console, table)


def _what_if(result: Mapping[str, Any], console: "Console") -> None:
    for asked in result.get("what_if") or []:
        _title(console, f"What if: {asked['words']}")
        print_sheet(console, chances.distances(asked))
        print_sheet(console, chances.paired(result, asked, count=2))


def _notes(result: Mapping[str, Any], console: "Console") -> None:
    said = notes(result)
    if said:
        console.print()
    for note in said:
        quiet(console, f"Note: {note}")
