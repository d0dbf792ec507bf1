"""The answer in words: what a risk officer reads first."""

from collections.abc import Mapping
from typing import Any

from gaemi.units import format_won


def sentences(document: Mapping[str, Any]) -> list[str]:
    """The first sentences of a book: tonight, tomorrow's opening, what stays unpaid, then what was asked."""
    totals = document["totals"]
    under = totals["under_accounts"]
    tonight = (
        f"Tonight {under:,} account{'' if under == 1 else 's'} under maintenance ({format_won(totals['short_won'])} "
        f"short) of {totals['borrowers']:,} that borrow {format_won(totals['loans_won'])}."
    )
    if totals["borrowers"] == 0:
        return ["No account of this book borrows: nothing can be called, sold or left unpaid."]
    morning = (
        f"{_day(document['due_dates'][0])} 08:30: {format_won(totals['morning_won'])} in "
        f"{_names(totals['morning_names'])}, {totals['morning_names_above']:,} of them above {totals['above_pct']} % "
        f"of opening volume."
    )
    if totals["morning_names"] == 0:
        morning = f"{_day(document['due_dates'][0])} 08:30: nothing is due to be sold."
    unpaid = f"Unpaid if prices stand still: {format_won(totals['unpaid_won'])}"
    if totals["unpaid_99_won"] is not None:
        sessions = document["risk"]["sessions"]
        unpaid += f" (99 % of paths over {sessions} sessions: at most {format_won(totals['unpaid_99_won'])})"
    unpaid += "."
    return [tonight, morning, unpaid, *_asked(document)]


def _asked(document: Mapping[str, Any]) -> list[str]:
    said = []
    scenario = document["scenario"]
    if scenario:
        bare = scenario["no_feedback"]
        without = f" ({format_won(bare['sold_won'])} without the price effect of the sales)" if bare else ""
        said.append(
            f"Under {scenario['words']}, if nobody adds money or sells first: {scenario['called_accounts']:,} accounts "
            f"with loans of {format_won(scenario['called_won'])} are called, {format_won(scenario['sold_won'])} sold "
            f"by force{without}, {format_won(scenario['residual_won'])} stay unpaid in "
            f"{scenario['residual_accounts']:,} accounts."
        )
    if document["breaks"]:
        said.append(document["breaks"]["words"])
    risk = document["risk"]
    if risk:
        sold, unpaid = risk["rows"]
        said.append(
            f"Over {risk['sessions']} sessions, 95 % of paths sell at most {format_won(sold['p95_won'])} and 99 % at "
            f"most {format_won(sold['p99_won'])}; 99 % leave at most {format_won(unpaid['p99_won'])} unpaid."
        )
    return said


def _names(count: int) -> str:
    return "1 name" if count == 1 else f"{count:,} names"


def _day(text: str) -> str:
    from datetime import date

    day = date.fromisoformat(text)
    return f"{day:%A} {day.day} {day:%B}"
