"""The tables of ``gaemi book`` that say what was read and where the book stands, as words.

Those of its stresses are in :mod:`gaemi.answers.book_stress_sheets`.
"""

from collections.abc import Callable, Sequence
from datetime import date

from gaemi.answers.account_sheets import called
from gaemi.answers.sheets import Column, Record, Sheet, number, sheet, text
from gaemi.answers.wording import UNKNOWN, day_name, decimal, percent, shock, whole, won, won_short

FALLS_PCT = (10, 20, 30)
"""The common falls under which each band is sold out."""

LOCKED_CLOSES = (1, 2, 3, 4)
UNPAID = "unpaid: residual debt, still owed when all is sold"
ALL = "all"


def band(name: object) -> str:
    """A band of the collateral ratio: ``under 105 %``, ``105–120 %``, ``over 200 %``; ``all`` stays as it is."""
    said = str(name)
    if said.startswith(("<", ">")):
        return f"{'under' if said[0] == '<' else 'over'} {said[1:]} %"
    low, between, high = said.partition("-")
    return f"{low}–{high} %" if between and low.isdigit() and high.isdigit() else said


def short_day(iso: object) -> str:
    """``3 Nov`` of an ISO date; other text stays as it is."""
    try:
        on = date.fromisoformat(str(iso))
    except ValueError:
        return str(iso)
    return f"{on.day} {on:%b}"


def first(rows: Sequence[Record], count: int, caption: str, of: int | None = None) -> tuple[str, list[Record]]:
    """The first rows and a caption that says of how many, where some are left out; ``of`` where not all were given."""
    total = max(of or 0, len(rows))
    kept = list(rows[:count])
    return (caption if len(kept) == total else f"{caption}: the first {len(kept)} of {whole(total)}"), kept


# What was read.


def rows(result: Record) -> Sheet | None:
    """Each table of the book: rows read, accepted and rejected."""
    return sheet(
        "Rows read = accepted + rejected",
        result.get("rows") or [],
        [
            text("table", "table"),
            number("read", "read", whole),
            number("accepted", "accepted", whole),
            number("rejected", "rejected", whole),
        ],
    )


def rows_words(result: Record) -> str:
    """The same in one line: ``holdings 100 = 98 + 2``."""
    told = [
        f"{row['table']} {whole(row['read'])} = {whole(row['accepted'])} + {whole(row['rejected'])}"
        for row in result.get("rows") or []
    ]
    return "; ".join(told)


def unused_words(result: Record) -> str:
    """Columns that no rule reads, and which of them are carried through."""
    told = [
        f"{row['table']}.{row['column']} ({'carried through' if row.get('carried') else 'left out'})"
        for row in result.get("unused") or []
    ]
    return ", ".join(told)


def rejects(result: Record) -> Sheet | None:
    """The first rejected rows: where, what was found, what is allowed, what to do."""
    given = result.get("rejects") or []
    caption, kept = first(given, len(given), "Rejects", result.get("rejects_total"))
    return sheet(
        caption,
        kept,
        [
            ("where", "text", _where),
            ("found", "text", lambda row: str(row.get("found", ""))),
            ("allowed", "text", lambda row: str(row.get("allowed", ""))),
            ("what to do", "text", lambda row: str(row.get("help") or UNKNOWN)),
        ],
    )


def reject_lines(result: Record, count: int) -> list[str]:
    """The first rejects, a line each, in the words of every refusal: where: allowed, was found; help."""
    return [
        f"{_where(row)}: {row['allowed']}, was {row['found']}{'; ' + row['help'] if row.get('help') else ''}"
        for row in (result.get("rejects") or [])[:count]
    ]


def _where(row: Record) -> str:
    """``holdings.csv row 18, quantity``; without a file the table's name; without a row the file alone."""
    place = str(row.get("file") or row.get("table") or "")
    place += "" if row.get("row") is None else f" row {row['row']}"
    return f"{place}, {row['column']}" if row.get("column") else place


def rejects_rest(result: Record, shown: int) -> str:
    """How many rejects there are, and where the rest is if some are not shown."""
    total = result.get("rejects_total") or len(result.get("rejects") or [])
    if total <= shown:
        return f"{whole(total)}."
    asked = ((result.get("run") or {}).get("request") or {}).get("rejects")
    place = (
        f"all are in {asked}" if asked else "--rejects FILE writes all of them, --out DIR has them as rejects.parquet"
    )
    return f"the first {whole(shown)} of {whole(total)}; {place}."


# Where it stands.


def basis(result: Record) -> str:
    """What the figures rest on, in one line: source, prices, and whether sales push prices."""
    source = result.get("source") or {}
    told = [f"Source: {source['words']}"] if source.get("words") else []
    told += [f"prices: {source['prices']}"] if source.get("prices") else []
    if result.get("feedback") is not None:
        told.append(f"{'with' if result['feedback'] else 'without'} feedback of the sales")
    said = " · ".join(told)
    return said[:1].upper() + said[1:]


def totals_words(result: Record) -> str:
    """The whole book in one sentence."""
    found = result.get("totals") or {}
    if not found:
        return ""
    unsettled = f", unsettled purchases {won(found['unsettled_won'])}" if found.get("unsettled_won") else ""
    return (
        f"{whole(found['accounts'])} accounts, {whole(found['borrowers'])} of them borrow; loans "
        f"{won(found['loans_won'])}{unsettled}; collateral value {won(found['collateral_won'])}; "
        f"holdings {won(found['holdings_won'])}."
    )


def figures(result: Record) -> list[tuple[str, str, str]]:
    """The few figures under the answer of a page: (name, value, more)."""
    found = result.get("totals") or {}
    if not found:
        return []
    day = next(iter(result.get("due_dates") or []), None)
    sold = f"{whole(found['morning_names'])} names"
    sold += f", {whole(found['morning_names_above'])} above {found['above_pct']:g} % of opening volume"
    tail = found.get("unpaid_99_won")
    borrow = f"{whole(found['borrowers'])} of {whole(found['accounts'])} accounts"
    return [
        ("Accounts under maintenance", whole(found["under_accounts"]), f"shortfall {won(found['short_won'])}"),
        ("Sold next morning" if day is None else f"Sold on {day_name(day)}", won(found["morning_won"]), sold),
        ("Unpaid", won(found["unpaid_won"]), "" if tail is None else f"{won(tail)} at 99 % of paths"),
        ("Loans", won(found["loans_won"]), borrow),
    ]


def standing(result: Record) -> Sheet | None:
    """Each band of the collateral ratio: accounts, loans, collateral, shortfall, and what is due on three mornings."""
    dates = result.get("due_dates") or []
    due: list[Column] = [
        number(f"due {short_day(dates[day])}" if day < len(dates) else f"due D+{day}", f"due_{day}_won", won_short)
        for day in range(3)
    ]
    return sheet(
        "Where accounts stand, by collateral ratio, in won; due: sold that morning if nobody pays",
        result.get("bands") or [],
        [
            ("ratio", "text", lambda row: band(row["band"])),
            number("accounts", "accounts", whole),
            number("loans", "loans_won", won_short),
            number("collateral", "collateral_won", won_short),
            number("shortfall", "short_won", won_short),
            *due,
        ],
    )


def band_falls(result: Record) -> Sheet | None:
    """Each band of the collateral ratio: sold by force and unpaid under three common falls."""
    columns: list[Column] = [("ratio", "text", lambda row: band(row["band"]))]
    for fall in FALLS_PCT:
        columns.append(number(f"sold {shock(-fall)}", f"sold_{fall}_won", won_short))
        columns.append(number(f"unpaid {shock(-fall)}", f"unpaid_{fall}_won", won_short))
    return sheet(f"Sold by force as all names fall together, in won; {UNPAID}", result.get("bands") or [], columns)


def morning(result: Record) -> Sheet | None:
    """What is sold at the next opening, name by name, against the name's opening volume."""
    totals = result.get("totals") or {}
    day = next(iter(result.get("due_dates") or []), None)
    when = "at the next opening" if day is None else f"at the opening of {day_name(day)}"
    given = result.get("morning") or []
    caption, kept = first(given, len(given), f"Sold {when} if nobody pays", totals.get("morning_names"))
    limit = totals.get("above_pct")

    def above(row: Record) -> str:
        return "above" if is_above(row, limit) else UNKNOWN

    return sheet(
        caption,
        kept,
        [
            ("name", "text", called),
            number("shares", "lots", whole),
            number("won", "won", won),
            number("of opening volume", "opening_volume_pct", _volume),
            ("" if limit is None else f"above {limit:g} %", "text", above),
        ],
    )


def is_above(row: Record, limit_pct: float | None) -> bool:
    """Whether a name's sales exceed the share of its opening volume that is marked; unknown volume does not."""
    share = row.get("opening_volume_pct")
    return share is not None and limit_pct is not None and bool(share > limit_pct)


def _volume(share_pct: float | None) -> str:
    return "unknown" if share_pct is None else percent(share_pct)


def limits(result: Record) -> Sheet | None:
    """Each credit limit: how much of it is used, and how many accounts are near or over it."""
    return sheet(
        "Credit limits",
        result.get("limits") or [],
        [
            text("limit of", "limit"),
            number("limit", "limit_won", won),
            number("used", "used_pct", percent),
            number("accounts at 90 % or more", "accounts_at_90_pct", whole),
            number("accounts over", "accounts_over", whole),
            number("largest use", "largest_pct", percent),
        ],
    )


def largest_names(result: Record) -> Sheet | None:
    """The names with the largest loans, and their share of all."""
    return sheet(
        "Names with the largest loans",
        (result.get("concentration") or {}).get("names") or [],
        [
            ("name", "text", called),
            number("loans", "loans_won", won),
            number("share of loans", "share_pct", percent),
        ],
    )


def concentration_words(result: Record) -> str:
    """How concentrated the loans are, in names and in accounts."""
    found = result.get("concentration") or {}
    told: list[str] = []
    for what in ("names", "accounts"):
        share, index = found.get(f"top_10_{what}_pct"), found.get(f"{what}_index")
        if share is not None:
            tail = "" if index is None else f" (Herfindahl index {decimal(index, 4)})"
            told.append(f"the 10 largest {what} have {percent(share)} of the loans{tail}")
    if not told:
        return ""
    said = "; ".join(told)
    return f"{said[:1].upper()}{said[1:]}. An index of 1 is a single one."


def names(result: Record, count: int, lots: bool = False) -> Sheet | None:
    """The first names: our loans on each, the share of float that secures them, days to sell; ``lots`` adds shares."""
    shares: list[Column] = [number("shares as collateral", "collateral_lots", whole)] if lots else []
    caption, kept = first(result.get("names") or [], count, "Loans by name")
    return sheet(
        f"{caption}; days to sell: at 20 % of a mean day's volume",
        kept,
        [
            ("name", "text", called),
            number("accounts", "accounts", whole),
            number("loans", "loans_won", won_short),
            *shares,
            number("collateral value", "collateral_won", won_short),
            number("share of listed", "float_pct", lambda share: percent(share, 2)),
            number("days to sell", "days_to_sell", decimal),
        ],
    )


def locked(result: Record, count: int) -> Sheet | None:
    """The first names: what stays unpaid after one to four closes at the lower limit with nothing sold."""
    caption, kept = first(result.get("names") or [], count, "Unpaid after closes at the lower limit")

    def unpaid(closes: int) -> Callable[[Record], str]:
        def write(row: Record) -> str:
            amounts = row.get("unpaid_locked_won") or []
            return won_short(amounts[closes - 1]) if len(amounts) >= closes else UNKNOWN

        return write

    columns: list[Column] = [("name", "text", called), number("loans", "loans_won", won_short)]
    for closes in LOCKED_CLOSES:
        columns.append(("1 close" if closes == 1 else f"{closes} closes", "number", unpaid(closes)))
    return sheet(f"{caption}, nothing sold, in won", kept, columns)
