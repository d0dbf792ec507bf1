"""The tables of ``gaemi account`` that say where an account stands, and the days of a replay, as words.

Those of its odds are in :mod:`gaemi.answers.odds_sheets`.
"""

from collections.abc import Callable, Iterable, Sequence

from gaemi.answers.account_coin_sheets import amount, is_coin_replay
from gaemi.answers.sheets import Column, Record, Sheet, number, sheet, text
from gaemi.answers.wording import UNKNOWN, day_name, decimal, percent, whole, won, won_short

SMALL = 0.1
"""Prices under this, as coins have them, are told by their leading digits."""

NOT_REACHED = "not reached"
"""Said of a fall where no fall is deep enough, as when one name alone cannot do it."""


def fall(size_pct: float | None) -> str:
    """A fall that is still needed: ``11.3 %``, ``already`` where none is, ``not reached`` where none is enough."""
    if size_pct is None:
        return NOT_REACHED
    return "already" if size_pct <= 0 else percent(size_pct)


def price(amount: float | None, currency: str | None = None) -> str:
    """A price in its own currency: whole won, or ``20.48 dollar``; without a currency the figure alone."""
    if amount is None:
        return UNKNOWN
    if 0 < amount < SMALL:
        return f"{amount:.3g}" + ("" if currency in (None, "won") else f" {currency}")
    digits = 0 if currency in (None, "won") and float(amount).is_integer() else 2
    return decimal(amount, digits) + ("" if currency in (None, "won") else f" {currency}")


def times(size: float | None) -> str:
    """A multiple: ``2.74 times``."""
    return UNKNOWN if size is None else f"{decimal(size, 2)} times"


def called(row: Record) -> str:
    """Name and ticker of a holding, the ticker once where nothing else is known."""
    name, ticker = row.get("name"), row.get("ticker")
    return str(ticker) if name in (None, "", ticker) else f"{name} ({ticker})"


def pool_name(name: object) -> str:
    return str(name).replace("_", " ")


def _pool_column(rows: Sequence[Record]) -> Column:
    """The pool of each row; unknown, so that the column is left out, where all are in one."""
    many = len({row.get("pool") for row in rows}) > 1
    return "pool", "text", lambda row: pool_name(row.get("pool") or UNKNOWN) if many else UNKNOWN


def _pool_fall(field: str, nothing: str = NOT_REACHED) -> Callable[[Record], str]:
    def write(row: Record) -> str:
        if not row["loans_won"]:
            return UNKNOWN
        return nothing if row.get(field) is None else fall(row[field])

    return write


def _to_the_call(row: Record) -> str:
    if row.get("shortfall_won"):
        return f"short by {won_short(row['shortfall_won'])}"
    return won_short(row.get("above_call_won"))


def pools(result: Record) -> Sheet | None:
    """Each pool: what is lent, what stands for it, and how far all names together can fall."""
    return sheet(
        "Pools, in won; falls of all names by the same per cent",
        result.get("pools") or [],
        [
            ("pool", "text", lambda row: pool_name(row["pool"])),
            number("loans", "loans_won", won_short),
            number("collateral value", "collateral_won", won_short),
            number("ratio", "ratio_pct", percent),
            number("call under", "maintenance_pct", lambda value: UNKNOWN if value is None else f"{value:g} %"),
            ("won to the call", "number", _to_the_call),
            ("fall to a call", "number", _pool_fall("fall_to_call_pct")),
            ("to a sale next morning", "number", _pool_fall("fall_to_next_morning_pct", UNKNOWN)),
            ("to all sold", "number", _pool_fall("fall_to_all_sold_pct")),
            ("to zero", "number", _pool_fall("fall_to_zero_pct")),
        ],
    )


def alone(result: Record) -> Sheet | None:
    """Each holding alone, the rest unchanged: its price and its fall at a call and at zero."""
    rows = result.get("alone") or []
    columns: list[Column] = [
        ("holding", "text", called),
        _pool_column(rows),
        ("price", "number", lambda row: price(row["price"], row.get("currency"))),
        ("price at a call", "number", lambda row: price(row.get("call_price"), row.get("currency"))),
        ("fall to a call", "number", lambda row: fall(row.get("call_fall_pct"))),
        ("price at zero", "number", lambda row: price(row.get("zero_price"), row.get("currency"))),
        ("fall to zero", "number", lambda row: fall(row.get("zero_fall_pct"))),
    ]
    return sheet("Each holding alone, the rest unchanged", rows, columns)


def sale(result: Record) -> Sheet | None:
    """What a forced sale would take, holding by holding."""
    found = result.get("sale") or {}
    return sheet(
        "What would be sold",
        found.get("sold") or [],
        [
            ("holding", "text", called),
            ("sold", "number", lambda row: f"{whole(row['quantity'])} of {whole(row['held'])}"),
            ("assumed close", "number", lambda row: price(row["close"])),
            ("assumed price", "number", lambda row: price(row["price"])),
            number("brings", "won", won),
        ],
    )


def sale_words(result: Record) -> str:
    """When a forced sale would come, under which assumption, what is left and what is still owed."""
    found = result.get("sale")
    if not found:
        return ""
    left, owed, debt = won(found["left_won"]), won(found["owed_won"]), found.get("residual_won")
    after = f"then {left} is left and {owed} is still owed" + (
        f", {won(debt)} of it with nothing left to sell" * bool(debt)
    )
    day, sold = day_name(found["close_date"]), day_name(found["sale_date"])
    return f"Assumed: {found['assumed']} on {day}, and nothing done. Sold on {sold} at {found['time']}; {after}."


def holdings(result: Record) -> Sheet | None:
    """Each holding with its value, what it counts as collateral, and its standing."""

    def collateral(row: Record) -> str:
        rate = row.get("collateral_rate_pct")
        return f"{won_short(row.get('collateral_won'))}{'' if rate is None else f' ({rate:g} %)'}"

    return sheet(
        "Holdings, in won",
        result.get("holdings") or [],
        [
            ("holding", "text", called),
            number("quantity", "quantity", lambda value: f"{value:,}"),
            ("price", "number", lambda row: price(row["price"], row.get("currency"))),
            ("cost", "number", lambda row: price(row.get("cost"), row.get("currency"))),
            number("value", "value_won", won_short),
            ("collateral value", "number", collateral),
            text("standing", "standing"),
            _pool_column(result.get("holdings") or []),
            number("volatility a year", "volatility_pct", percent),
        ],
    )


def funds(result: Record) -> Sheet | None:
    """Funds that multiply a daily move: what they move, and what their own arithmetic costs a year."""
    return sheet(
        "Funds that multiply a daily move: what a year costs at today's volatility",
        [row for row in result.get("holdings") or [] if row.get("drag_pct") is not None],
        [
            ("fund", "text", called),
            ("moves", "text", lambda row: f"{row['leverage']:g} times {row.get('underlying') or 'its index'}"),
            number("exposure", "exposure_won", won_short),
            number("drag", "drag_pct", percent),
            number("fee", "fee_pct", lambda value: percent(value, 2)),
            number("financing", "financing_pct", lambda value: percent(value, 2)),
        ],
    )


def loans(result: Record) -> Sheet | None:
    """Each loan with its rate and its interest a month."""

    def due(row: Record) -> str:
        return UNKNOWN if row.get("due") is None else f"{row['due']}{', rolls over' if row.get('rolls') else ''}"

    return sheet(
        "Loans, in won",
        result.get("loans") or [],
        [
            ("loan", "text", lambda row: str(row["kind"]).replace("_", " ")),
            text("on", "ticker"),
            _pool_column(result.get("loans") or []),
            number("principal", "principal_won", won_short),
            text("opened", "opened"),
            ("due", "text", due),
            number("days", "days", whole),
            number("rate a year", "rate_pct", lambda value: percent(value, 2)),
            number("accrued", "accrued_won", won_short),
            number("interest a month", "interest_month_won", won_short),
        ],
    )


def totals(result: Record) -> Sheet | None:
    """The whole account in won, and its effective leverage."""
    found = result.get("totals") or {}
    lines: Sequence[tuple[str, str, Callable[..., str]]] = (
        ("assets", "assets_won", won),
        ("of it cash", "cash_won", won),
        ("loans", "loans_won", won),
        ("interest accrued", "accrued_won", won),
        ("debt that nothing covers", "residual_won", won),
        ("net worth", "net_worth_won", won),
        ("net worth after the cost of selling", "after_costs_won", won),
        ("exposure through funds, loans and currency", "exposure_won", won),
        ("effective leverage: exposure over net worth", "effective_leverage", times),
        ("interest a month", "interest_month_won", won),
        ("interest a year", "interest_year_won", won),
    )
    rows = tuple((name, write(found[field])) for name, field, write in lines if found.get(field) is not None)
    return Sheet("The whole account", (("what", "text"), ("amount", "number")), rows) if rows else None


def totals_words(result: Record) -> str:
    """The whole account in one sentence."""
    found = result.get("totals") or {}
    if not found:
        return ""
    debt = f", debt that nothing covers {won(found['residual_won'])}" if found.get("residual_won") else ""
    return (
        f"assets {won(found['assets_won'])}, of it cash {won(found['cash_won'])}; loans {won(found['loans_won'])}, "
        f"interest {won(found['interest_month_won'])} a month{debt}; net worth {won(found['net_worth_won'])}, "
        f"{won(found['after_costs_won'])} after the cost of selling; effective leverage "
        f"{times(found.get('effective_leverage'))} through funds, loans and currency."
    )


def figures(result: Record) -> list[tuple[str, str, str]]:
    """The few figures under the answer of a page: (name, value, more)."""
    found = result.get("totals") or {}
    if not found:
        return []
    told = [
        ("Net worth", won(found["net_worth_won"]), f"{won(found['after_costs_won'])} after the cost of selling"),
        ("Loans", won(found["loans_won"]), f"{won(found['interest_month_won'])} interest a month"),
        ("Effective leverage", times(found.get("effective_leverage")), f"{won(found['exposure_won'])} exposed"),
    ]
    borrowed = [row for row in result.get("pools") or [] if row["loans_won"]]
    near = min(borrowed, key=lambda row: _or_last(row.get("fall_to_call_pct")), default=None)
    if near is not None:
        zero = fall(near.get("fall_to_zero_pct"))
        told.append(("Fall of all names to a call", fall(near.get("fall_to_call_pct")), f"{zero} to zero"))
    return told


def _or_last(size_pct: float | None) -> float:
    return float("inf") if size_pct is None else size_pct


def _sold(row: Record, names: dict[str, str]) -> str:
    named = len(names) > 1  # of one holding the name stands in the heading of its price
    parts = [
        f"{whole(each['quantity'])}{' ' + names.get(each['ticker'], each['ticker']) if named else ''}"
        f" at {price(each['price'])}"
        for each in row.get("sold") or []
    ]
    return "; ".join(parts) or UNKNOWN


def replay_days(result: Record, eventful: bool = False) -> Sheet | None:
    """The account on each day of a replay; ``eventful`` keeps calls, sales, the first, the lowest and the last day."""
    days: list[Record] = list((result.get("replay") or {}).get("days") or [])
    if eventful and days:
        lowest = min(days, key=lambda row: row["net_worth_won"])
        shown = (days[0], lowest, days[-1])
        kept = [row for row in days if row in shown or row["called"] or row.get("sold") or row.get("closed")]
        caption = f"{len(kept)} of {len(days)} days: calls, sales, the first, the lowest and the last"
    else:
        kept, caption = days, "Every day of the replay, in won"
    names = {row["ticker"]: str(row.get("name") or row["ticker"]) for row in result.get("holdings") or []}
    tickers = _keys(row["prices"] for row in days)
    borrowed = _keys(row.get("pools") or {} for row in days)
    columns: list[Column] = [text("date", "date")]
    write = amount if is_coin_replay(result) else price
    columns += [(names.get(ticker, ticker), "number", _priced(ticker, write)) for ticker in tickers]
    columns += [(f"ratio, {pool_name(pool)}", "number", _ratio(pool)) for pool in borrowed]
    columns += [
        ("called", "text", lambda row: "called" if row["called"] else UNKNOWN),
        ("sold by force", "text", lambda row: _sold(row, names)),
        ("closed by its venue", "text", lambda row: row.get("closed") or UNKNOWN),
        number("loans", "loans_won", lambda won: UNKNOWN if is_coin_replay(result) else won_short(won)),
        number("net worth", "net_worth_won", won_short),
        ("debt that nothing covers", "number", lambda row: won_short(row.get("residual_won") or None)),
    ]
    return sheet(caption, kept, columns)


def _keys(records: Iterable[Record]) -> list[str]:
    return list(dict.fromkeys(key for record in records for key in record))


def _priced(ticker: str, write: Callable[[float | None], str]) -> Callable[[Record], str]:
    return lambda row: write(row["prices"].get(ticker))


def _ratio(pool: str) -> Callable[[Record], str]:
    return lambda row: percent((row.get("pools") or {}).get(pool))
