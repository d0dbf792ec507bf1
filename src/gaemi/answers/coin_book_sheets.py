"""The book of an exchange in words: its first sentences, and its tables as pages, terminal and files read them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gaemi.answers import wording
from gaemi.answers.coin_tables import print_told_book
from gaemi.units import format_won

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA = "gaemi.coin-book/"
IF_NOBODY = "If nobody adds collateral, repays or sells first (mechanical layer): an upper bound, never a forecast."
FEW_REJECTS = 5

Row = Mapping[str, Any]
Columns = Sequence[tuple[str, str, str]]

_CLOSED: Columns = (
    ("closed", "loans closed", "count"),
    ("closed_won", "their debt", "won"),
    ("share_pct", "of all loans", "pct"),
    ("sold_won", "sold", "won"),
    ("bought_won", "bought back", "won"),
    ("residual_won", "unpaid", "won"),
)
_NEAREST: Columns = (
    ("account", "account", "text"),
    ("held", "holds", "text"),
    ("held_won", "worth", "won"),
    ("owed", "owes", "text"),
    ("debt_won", "debt", "won"),
    ("ratio_pct", "ratio", "pct"),
    ("closed_at_pct", "closed at", "pct"),
    ("coin", "when", "text"),
    ("closing_price_won", "stands at, won", "number"),
    ("move_pct", "a move of", "pct"),
)
_COINS: Columns = (
    ("coin", "coin", "text"),
    ("price_won", "price, won", "number"),
    ("accounts", "accounts", "count"),
    ("held_won", "held", "won"),
    ("collateral_won", "against loans", "won"),
    ("owed_won", "owed", "won"),
)
_BANDS: Columns = (
    ("size", "held", "text"),
    ("accounts", "accounts", "count"),
    ("held_before_won", "held before", "won"),
    ("held_won", "held after", "won"),
    ("lost_won", "lost", "won"),
    ("emptied", "emptied", "count"),
)
_BY_COIN: Columns = (
    ("name", "coin", "text"),
    ("price_before_won", "won before", "number"),
    ("price_won", "won after", "number"),
    ("lowest_pct", "lowest", "pct"),
    ("lost_won", "lost", "won"),
    ("sold_won", "sold by force", "won"),
    ("bought_won", "bought back", "won"),
    ("extra_move_pct", "moved by it", "pct 2"),
)
_DAYS: Columns = (
    ("date", "day of UTC", "date"),
    ("held_won", "held", "won"),
    ("lost_won", "lost since the start", "won"),
    ("closed", "loans closed", "count"),
    ("sold_won", "sold", "won"),
    ("bought_won", "bought back", "won"),
    ("waiting", "wait for a halted coin", "count"),
    ("residual_won", "unpaid", "won"),
)
_BREAKS: Columns = (("measure", "what", "text"), ("fall_pct", "fall", "shock"), ("rise_pct", "rise", "shock"))


def is_coin_book(result: Row) -> bool:
    """Whether the result is the book of an exchange."""
    return str(result.get("schema", "")).startswith(SCHEMA)


def print_coin_book(document: Row, console: "Console") -> None:
    """Print a result of ``gaemi book`` on coins (schema ``gaemi.coin-book/1``): sentences, rows read, its tables."""
    print_told_book(document, console, IF_NOBODY, FEW_REJECTS)


def sentences(document: Row) -> list[str]:
    """What a risk officer reads first: what is held and owed, which loan is nearest, then what was asked."""
    totals, nearest = document["totals"], document["nearest"]
    said = [_first_words(totals)]
    if totals["under"]:
        many = f"{totals['under']:,} loans" if totals["under"] > 1 else "1 loan"
        said.append(f"At the ratio already: {many} of {format_won(totals['under_won'])}, closed at the next price.")
    ahead = next((row for row in nearest if row["move_pct"]), None)
    if ahead is not None:
        said.append(_nearest_words(ahead, totals))
    if document["scenario"]:
        said += _scenario_words(document["scenario"], bool(totals["loans"]))
    for row in document["breaks"] or []:
        said.append(f"All coins at once except dollar coins: {row['measure']} {_moves(row)}.")
    return said


def tables(document: Row) -> list[dict[str, Any]]:
    """The tables of an exchange's book, each ``{name, caption, columns, rows}``; none without rows."""
    scenario = document["scenario"] or {}
    words = scenario.get("words")
    common = "All coins at once except dollar coins, by"
    loans = document["totals"]["loans"]
    found = [
        _table("nearest", "Loans nearest to being closed, all other prices unchanged", document["nearest"], _NEAREST),
        _table("by_coin", "By coin", document["by_coin"], _COINS),
        _table("map", common, document["map"], (("move_pct", "move", "shock"), *_CLOSED)),
        _table(
            "scenario", f"Loans under {words}", scenario.get("rows") if loans else [],
            (("what", "prices move", "text"), *_CLOSED),
        ),
        _table("scenario_bands", f"Accounts by value of coins under {words}", scenario.get("bands"), _BANDS),
        _table("scenario_coins", "By coin over the days", scenario.get("coins"), _BY_COIN),
        _table("scenario_days", "Day by day", scenario.get("days"), _DAYS),
        _table("breaks", "Smallest move of all coins at once except dollar coins", document["breaks"], _BREAKS),
    ]  # fmt: skip
    return [table for table in found if table["rows"]]


def _table(name: str, caption: str, rows: Sequence[Row] | None, columns: Columns) -> dict[str, Any]:
    kept = [{field: row[field] for field, _, _ in columns} for row in rows or []]
    return {"name": name, "caption": caption, "columns": [list(column) for column in columns], "rows": kept}


def _first_words(totals: Row) -> str:
    """What is held and owed; of a book of loans alone what is owed."""
    owed = f"owe {format_won(totals['debt_won'])} on {format_won(totals['collateral_won'])} of collateral"
    if not totals["held_won"] and not totals["cash_won"]:
        return f"{totals['loans']:,} loans of {totals['accounts']:,} accounts {owed}."
    loans = f"; {totals['loans']:,} loans {owed}" if totals["loans"] else ""
    return (
        f"{totals['accounts']:,} accounts hold {format_won(totals['held_won'])} in {totals['coins']:,} coins and "
        f"{format_won(totals['cash_won'])} on deposit{loans}."
    )


def _nearest_words(row: Row, totals: Row) -> str:
    does = "falls" if row["move_pct"] < 0 else "rises"
    return (
        f"Nearest to being closed: account {row['account']}, which owes {format_won(row['debt_won'])} on "
        f"{format_won(row['held_won'])}, when {row['coin']} {does} {wording.percent(abs(row['move_pct']))} to "
        f"{_price(row['closing_price_won'])} won; {format_won(totals['within_5_pct_won'])} of loans lie within 5 % and "
        f"{format_won(totals['within_10_pct_won'])} within 10 %."
    )


def _scenario_words(scenario: Row, has_loans: bool) -> list[str]:
    before, after = scenario["held_before_won"], scenario["held_won"]
    said = []
    if has_loans:
        said += [f"Under {scenario['words']}, {row['what']}: {closed_words(row)}" for row in scenario["rows"]]
    if before:
        lost = scenario["lost_won"]
        did = "lose" if lost >= 0 else "gain"
        said.append(
            f"Accounts {did} {format_won(abs(lost))} of the {format_won(before)} in coins that nobody owes for, "
            f"{wording.percent(100 * abs(lost) / before)}, under {scenario['words']}; {format_won(after)} are left."
        )
    return said


def closed_words(row: Row) -> str:
    """What a run closed by force, in one sentence."""
    if not row["closed"]:
        return "no loan is closed."
    many = f"{row['closed']:,} loans are" if row["closed"] > 1 else "1 loan is"
    unpaid = f"{format_won(row['residual_won'])} stay unpaid" if row["residual_won"] else "nothing stays unpaid"
    return (
        f"{many} closed by force, {format_won(row['closed_won'])} of debt ({wording.percent(row['share_pct'])}); "
        f"{format_won(row['sold_won'])} of coins are sold and {format_won(row['bought_won'])} bought back; {unpaid}."
    )


def _price(won: float) -> str:
    """A price of a coin: whole won, or four figures where it is small."""
    return f"{won:,.0f}" if won >= 1_000 else f"{won:.4g}"


def _moves(row: Row) -> str:
    """The smallest fall and rise of a measure, in words."""
    if row["fall_pct"] == 0 or row["rise_pct"] == 0:
        return "already now"
    fall, rise = (None if row[name] is None else f"{row[name]:+g} %" for name in ("fall_pct", "rise_pct"))
    if fall is None and rise is None:
        return "at no move up to 95 %"
    return f"at {' or '.join(move for move in (fall, rise) if move)}"
