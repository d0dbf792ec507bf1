"""The tables of ``gaemi book`` under stress, as words: call map, scenario, groups, reverse stress, risk over paths."""

from collections.abc import Callable, Sequence

from gaemi.answers.account_sheets import called, price
from gaemi.answers.book_sheets import first
from gaemi.answers.sheets import Column, Record, Sheet, number, sheet, text
from gaemi.answers.wording import UNKNOWN, day_name, decimal, percent, shock, whole, won, won_change, won_short

STATISTICS = (
    ("mean", "mean"),
    ("95 % of paths stay at or under", "p95"),
    ("99 % of paths stay at or under", "p99"),
    ("expected shortfall, 95 %: mean of the worst 5 %", "es95"),
    ("expected shortfall, 99 %: mean of the worst 1 %", "es99"),
)
"""What is said of won sold and unpaid over paths."""

MEASURES = {"called": "called", "sold": "sold by force", "unpaid": "unpaid"}
UNITS = ((10**12, "tn"), (10**9, "bn"), (10**6, "m"))


def call_map(result: Record, step: int = 5) -> Sheet | None:
    """Loans that reach maintenance at every ``step`` per cent of a common fall."""
    return sheet(
        "Call map: loans that reach maintenance as all names fall together, without impact",
        [row for row in result.get("call_map") or [] if row["fall_pct"] % step == 0],
        [
            ("fall", "number", lambda row: shock(-row["fall_pct"])),
            number("loans reached", "reached_won", won),
            number("share of loans", "share_of_loans_pct", percent),
            number("broker's pools under maintenance", "pools", whole),
            number("they lack", "short_won", won),
        ],
    )


def move(size_pct: float | None) -> str:
    """A change in per cent with one decimal and its sign: ``−12.3 %``, ``+0.4 %``."""
    said = percent(size_pct)
    return f"+{said}" if size_pct is not None and round(size_pct, 1) > 0 else said


def scenario(result: Record) -> Sheet | None:
    """Called, sold and unpaid in the whole scenario, with feedback, without, and what the feedback adds."""
    found = result.get("scenario") or {}
    if not found:
        return None
    alone = found.get("no_feedback")
    name = "with feedback of the sales" if alone or result.get("feedback") else "without feedback"
    rows: list[Record] = [{"what": name} | dict(found)]
    if alone:
        added = {
            f"{field}_won": found[f"{field}_won"] - alone[f"{field}_won"] for field in ("called", "sold", "residual")
        }
        rows += [{"what": "without feedback"} | dict(alone), {"what": "feedback adds", "change": True} | added]

    def amount(heading: str, field: str) -> Column:
        return heading, "number", lambda row: (_change if row.get("change") else won_short)(row.get(field))

    return sheet(
        "The whole scenario, in won and accounts",
        rows,
        [
            text("", "what"),
            amount("called", "called_won"),
            amount("sold by force", "sold_won"),
            amount("unpaid", "residual_won"),
            number("accounts called", "called_accounts", whole),
            number("accounts sold", "sold_accounts", whole),
            number("with residual debt", "residual_accounts", whole),
        ],
    )


def _change(amount: int | None) -> str:
    return won_change(amount).removesuffix(" won")


def days(result: Record, most: int) -> Sheet | None:
    """The days of the scenario; of more than ``most`` the first, the last and those with a call, a sale or a debt."""
    given = list((result.get("scenario") or {}).get("days") or [])
    kept, caption = given, "Day by day, in won; names: those of the book since the start"
    if len(given) > most:
        fields = ("called_won", "sold_won", "residual_won")
        kept = [row for row in given if row in (given[0], given[-1]) or any(row.get(field) for field in fields)]
        caption = f"{len(kept)} of {len(given)} days: calls, sales, debts, the first and the last; in won"
    return sheet(
        caption,
        kept,
        [
            text("date", "date"),
            number("KOSPI names", "kospi_pct", move),
            number("KOSDAQ names", "kosdaq_pct", move),
            number("under maintenance", "under_won", won_short),
            number("called", "called_won", won_short),
            number("accounts called", "called_accounts", whole),
            number("sold", "sold_won", won_short),
            number("unpaid", "residual_won", won_short),
            number("names locked", "locked_down", whole),
        ],
    )


def auctions(result: Record) -> Sheet | None:
    """The days of the scenario with an order or a sale: what was ordered at yesterday's closes, and sold where."""
    fields = ("ordered_won", "sold_won")
    given = (result.get("scenario") or {}).get("days") or []
    return sheet(
        "Ordered and sold by auction, in won and shares",
        [row for row in given if any(row.get(field) for field in fields)],
        [
            text("date", "date"),
            number("ordered", "ordered_won", won_short),
            number("sold at the opening", "sold_open_won", won_short),
            number("sold at the close", "sold_close_won", won_short),
            number("shares not filled at the opening", "unfilled_lots", whole),
        ],
    )


def scenario_names(result: Record, prices: bool = False) -> Sheet | None:
    """The names of the scenario with the largest sales; ``prices`` adds the last price."""
    last: list[Column] = [("last price", "number", lambda row: price(row.get("last_price")))] if prices else []
    return sheet(
        "Names with the largest sales in the scenario, in won and shares",
        (result.get("scenario") or {}).get("names") or [],
        [
            ("name", "text", called),
            number("called", "called_won", won_short),
            number("shares sold", "sold_lots", whole),
            number("sold", "sold_won", won_short),
            number("shares waiting", "waiting_lots", whole),
            number("unpaid", "residual_won", won_short),
            *last,
            number("price change", "change_pct", move),
        ],
    )


def groups(result: Record, count: int) -> list[Sheet]:
    """One sheet a dimension (segment, firm class, loan age): its groups in the order given, the first ``count``."""
    given = result.get("groups") or []
    return [_groups(given, dimension, count) for dimension in dict.fromkeys(row["dimension"] for row in given)]


def _groups(given: Sequence[Record], dimension: str, count: int) -> Sheet:
    caption, kept = first([row for row in given if row["dimension"] == dimension], count, f"By {dimension}")
    made = sheet(
        f"{caption}, in won and accounts",
        kept,
        [
            text(dimension, "group"),
            number("accounts", "accounts", whole),
            number("loans", "loans_won", won_short),
            number("called", "called_won", won_short),
            number("sold", "sold_won", won_short),
            number("unpaid", "residual_won", won_short),
            number("accounts called", "called_accounts", whole),
            number("accounts sold", "sold_accounts", whole),
            number("with residual debt", "residual_accounts", whole),
        ],
    )
    assert made is not None, "a dimension has a group"
    return made


def breaks(result: Record) -> Sheet | None:
    """Reverse stress: the smallest common fall under which a share of the loans is called, sold, unpaid."""
    found = result.get("breaks") or {}
    share = found.get("share_pct")

    def reached(field: str) -> Callable[[Record], str]:
        def write(row: Record) -> str:
            if row.get(field) is None:
                return f"not reached up to {shock(-row['most_pct'])}"
            return "already" if row[field] <= 0 else f"{decimal(-row[field])} %"

        return write

    columns: list[Column] = [
        ("measure", "text", lambda row: MEASURES.get(str(row["measure"]), str(row["measure"]))),
        ("fall" if result.get("feedback") is False else "fall with feedback", "number", reached("fall_pct")),
    ]
    if result.get("feedback") is not False:
        columns.append(("fall without feedback", "number", reached("fall_no_feedback_pct")))
    columns.append(number("share of loans reached", "share_reached_pct", lambda value: percent(value, 2)))
    size = "a share" if share is None else f"{share:g} %"
    return sheet(f"Smallest common fall that breaks {size} of the loans", found.get("rows") or [], columns)


def risk(result: Record) -> Sheet | None:
    """Won sold and unpaid over paths, each with one standard error: a row a statistic, a column a measure."""
    found = result.get("risk") or {}
    measures = found.get("rows") or []
    columns: list[Column] = [text("", "words")]
    for row in measures:
        columns.append((MEASURES.get(str(row["measure"]), str(row["measure"])), "number", _statistic(row)))
    over = f"{whole(found.get('paths'))} paths of {whole(found.get('sessions'))} sessions, model {found.get('model')}"
    rows = [{"words": words, "field": field} for words, field in STATISTICS] if measures else []
    return sheet(f"Over {over}; in won, ± one standard error", rows, columns)


def _statistic(measure: Record) -> Callable[[Record], str]:
    return lambda row: with_error(measure.get(f"{row['field']}_won"), measure.get(f"{row['field']}_error_won"))


def with_error(amount_won: int | None, error_won: float | None) -> str:
    """An amount with its standard error in the same unit: ``24.6 bn ± 0.3``; digits as the error needs them."""
    if amount_won is None or error_won is None:
        return won_short(amount_won) if amount_won is not None else UNKNOWN
    size, word = next((unit for unit in UNITS if max(abs(amount_won), error_won) >= unit[0]), (1, "won"))
    error = error_won / size
    digits = 0 if size == 1 else 1 if error == 0 or error >= 0.05 else 2 if error >= 0.005 else 3
    if amount_won == 0 and error_won == 0:
        return "0"
    unit = "" if size == 1 else f" {word}"
    return f"{decimal(amount_won / size, digits)}{unit} ± {decimal(error, digits)}"


def risk_words(result: Record) -> list[str]:
    """What was drawn, and what is to be known about it."""
    found = result.get("risk") or {}
    return [str(line) for line in (found.get("words"), *(found.get("notes") or [])) if line]


def scenario_words(result: Record) -> str:
    """The scenario with its first and last day."""
    found = result.get("scenario") or {}
    rows = found.get("days") or []
    span = f"{day_name(rows[0]['date'])} to {day_name(rows[-1]['date'])}" if rows else ""
    return ", ".join(part for part in (str(found.get("words") or ""), span) if part)
