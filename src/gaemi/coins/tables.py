"""Tables of coin results: each says its name, its caption, its columns with their kinds, and its rows."""

from collections.abc import Mapping, Sequence
from typing import Any

ALTCOINS = "Altcoins are all coins but bitcoin and dollar coins: ether is one of them."
"""What the share of altcoins counts; the surveys set bitcoin and ether against the rest."""

Columns = Sequence[tuple[str, str, str]]
Rows = Sequence[Mapping[str, Any]]


def table(name: str, caption: str, columns: Columns, rows: Rows) -> dict[str, Any]:
    """A table of a document: ``columns`` are (field, heading, kind), kinds those of gaemi.answers.coin_sheets."""
    kept = [dict(row) for row in rows]
    return {"name": name, "caption": caption, "columns": [list(column) for column in columns], "rows": kept}


HELD: Columns = (
    ("accounts", "accounts", "heads"),
    ("held_before_won", "held before", "won"),
    ("held_won", "held after", "won"),
    ("lost_won", "lost", "won"),
    ("emptied", "emptied", "heads"),
)


def exchange_tables(rows: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Won held and lost by size, age and coin, the days, and loans where there are any."""
    days = [
        dict(row) | {"altcoin_pct": 100.0 * row["altcoin_share"], "premium_pct": 100.0 * row["premium"]}
        for row in rows["days"]
    ]
    borrow = rows["loans"]["borrowers"] > 0
    own = DAYS if borrow else DAYS[:FORCED_DAYS]
    found = [
        table("bands", "Exchange accounts by value held", (("size", "held", "text"), *HELD), rows["bands"]),
        table("ages", "Exchange accounts by age", (("age", "age", "text"), *HELD), rows["ages"]),
        table("coins", "By coin", COINS if borrow else COINS[:FORCED_COINS], rows["coins"]),
        table("days", "Exchange accounts day by day (days of UTC, which begin at 09:00 in Korea)", own, days),
    ]
    return [*found, table("loans", "Loans against coins", LOANS, [rows["loans"]])] if borrow else found


COINS: Columns = (
    ("name", "coin", "text"),
    ("price_before_won", "price before, won", "number"),
    ("price_won", "price after, won", "number"),
    ("held_before_won", "held before", "won"),
    ("held_won", "held after", "won"),
    ("lost_won", "lost", "won"),
    ("sold_won", "sold by force", "won"),
    ("bought_won", "bought back by force", "won"),
    ("extra_move_pct", "moved by it", "pct 2"),
)
DAYS: Columns = (
    ("date", "date", "date"),
    ("held_won", "held", "won"),
    ("lost_won", "lost since the start", "won"),
    ("altcoin_pct", "altcoins", "pct"),
    ("premium_pct", "premium", "pct"),
    ("usdt_premium_pct", "of USDT", "pct"),
    ("emptied", "accounts emptied", "heads"),
    ("closed", "loans closed", "heads"),
    ("residual_won", "residual debt", "won"),
)
FORCED_COINS, FORCED_DAYS = 6, 7
"""Columns up to here are there also where nobody borrows: the others say what is sold and closed by force."""

LOANS: Columns = (
    ("borrowers", "borrowers", "heads"),
    ("debt_before_won", "owed before", "won"),
    ("debt_won", "owed after", "won"),
    ("closed", "closed by force", "heads"),
    ("residual_won", "residual debt", "won"),
)
