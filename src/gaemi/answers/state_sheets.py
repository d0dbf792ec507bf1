"""The tables of ``gaemi state`` as words: where the borrowers stand, what they do, and how they came there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gaemi.answers.book_sheets import first
from gaemi.answers.sheets import Column, Record, Sheet, number, sheet, text
from gaemi.answers.spread import band_words, billions, days_words, mean_of, ranged, until
from gaemi.answers.wording import UNKNOWN, day_name, decimal, percent, shock, whole, won, won_short

MARKETS = {"kospi": "KOSPI", "kosdaq": "KOSDAQ"}
RANGE = "mean of the ensemble and its 90 % range"
YOUNG = 60
"""Sessions after a gap until which a state is young: too few for the ages and ratios of all its loans."""


def market_name(name: object) -> str:
    """``KOSPI`` of any way of writing it; other names stay as they are, and a row without one is of no market."""
    return UNKNOWN if name is None else MARKETS.get(str(name).lower(), str(name))


MARKET: Column = ("market", "text", lambda row: market_name(row.get("market")))


def by_market(rows: Sequence[Record]) -> dict[str, list[Record]]:
    """The rows of each market, in the order in which the markets first come."""
    found: dict[str, list[Record]] = {}
    for row in rows:
        found.setdefault(market_name(row.get("market")), []).append(row)
    return found


def basis_words(result: Record) -> list[str]:
    """What the state rests on, a line each: its balances, its stretch, gaps, closed days, its age, its faults."""
    told = [f"Balances met: {result['basis']}."] if result.get("basis") else []
    if result.get("since"):
        sessions = "" if result.get("sessions") is None else f", {whole(result['sessions'])} sessions"
        told.append(f"Loans are followed from {day_name(result['since'])} on{sessions}.")
    if result.get("known_until"):
        told.append(f"The last balance used is that of {day_name(result['known_until'])}.")
    if result.get("gaps"):
        told.append(f"Gaps, never bridged: {'; '.join(str(gap) for gap in result['gaps'])}.")
    if result.get("closed_days"):
        told.append(f"Balances of days on which the exchange was closed: {days_words(result['closed_days'])}.")
    if result.get("infeasible") and result.get("feasible") is not False:
        told.append(
            f"Earlier balances ask for loans that can hardly have been made{_many(result)}; those of late do not."
        )
    return told


def doubts(result: Record) -> list[str]:
    """Why the state may not be trusted, a line each; nothing where there is no reason."""
    told = []
    if result.get("young"):
        told.append(f"The state is young: fewer than {YOUNG} sessions since the gap, so that ages and ratios are thin.")
    if result.get("feasible") is False:
        told.append(f"The state is infeasible: it needs loans that can hardly have been made{_many(result)}.")
    return told


def _many(result: Record) -> str:
    """How many infeasible days there are, counted by market."""
    many = len(result.get("infeasible") or [])
    return f" ({whole(many)} day{'' if many == 1 else 's'} of a market in its stretch)" if many else ""


def layers_words(result: Record) -> str:
    """Which layers were on, in one line; empty where the result does not say."""
    layers = list(result.get("layers") or [])
    if layers == ["mechanical"]:
        return "Mechanical layer only, if nobody adds money or sells first: an upper bound, never a forecast."
    return f"Layers on: {', '.join(str(one) for one in layers)}." if layers else ""


def ensemble_words(result: Record) -> str:
    """``50 members · 40 invented stocks a market``: how large the ensemble is, as far as the result says."""
    told = [f"{whole(result['members'])} members"] if isinstance(result.get("members"), int) else []
    told += [f"{whole(result['names'])} invented stocks a market"] if isinstance(result.get("names"), int) else []
    return " · ".join(told)


def _with_range(write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda found: ranged(found, write)


def _spread(heading: str, field: str, write: Callable[[Any], str]) -> Column:
    return number(heading, field, _with_range(write))


def markets(result: Record) -> Sheet | None:
    """Each market in a row: balance as settled and as traded, mean age and mean ratio."""
    return sheet(
        f"The markets; {RANGE}",
        result.get("markets") or [],
        [
            MARKET,
            number("settled balance", "settled_won", won_short),
            _spread("traded balance", "trade_won", won_short),
            _spread("mean age, sessions", "mean_age", decimal),
            _spread("mean ratio", "mean_ratio_pct", percent),
        ],
    )


def near(result: Record) -> Sheet | None:
    """What of each market's loans is near a call, and what is under maintenance at the close."""
    return sheet(
        f"Near a call; {RANGE}",
        result.get("markets") or [],
        [
            MARKET,
            _spread("under a ratio of 150 %", "under_150_pct", percent),
            _spread("under maintenance, won", "under_maintenance_won", won_short),
        ],
    )


def rates(result: Record) -> Sheet | None:
    """What is opened, repaid and sold by force in a session, as a share of the balance."""
    return sheet(
        f"A session's flow as a share of the balance, over the last {YOUNG} sessions; {RANGE}",
        result.get("markets") or [],
        [
            MARKET,
            _spread("new loans", "opened_pct", _rate),
            _spread("repaid (implied)", "repayment_pct", _rate),
            _spread("sold by force", "sold_pct", _rate),
        ],
    )


def _rate(share: float | None) -> str:
    return percent(share, 3 if share is not None and abs(share) < 0.1 else 2)


def _bands(caption: str, heading: str, rows: Sequence[Record], low: str, high: str) -> Sheet | None:
    """Bands down, markets across: the share of each market's loans with its range, and the won of all."""
    groups = by_market(rows)
    names = list(dict.fromkeys(band_words(row, low, high) for row in rows))
    found = {name: {band_words(row, low, high): row for row in group} for name, group in groups.items()}
    columns: list[Column] = [(heading, "text", lambda row: str(row["band"]))]
    for market in groups:
        columns += [_of(market, market, _share), _of(f"{market}, won", market, _won)]
    records = [{"band": name, "of": {market: cells.get(name) for market, cells in found.items()}} for name in names]
    return sheet(caption, records, columns)


def _of(heading: str, market: str, write: Callable[[Record | None], str]) -> Column:
    return heading, "number", lambda row: write(row["of"].get(market))


def _share(row: Record | None) -> str:
    if row is None:
        return UNKNOWN
    found = {"mean": row.get("share_pct"), "low": row.get("share_low_pct"), "high": row.get("share_high_pct")}
    return ranged(found, percent)


def _won(row: Record | None) -> str:
    return UNKNOWN if row is None else won_short(mean_of(row.get("won")))


def ratios(result: Record) -> Sheet | None:
    """Share of each market's loans by band of the collateral ratio."""
    caption = "Loans by collateral ratio: share of the market's loans"
    return _bands(caption, "ratio, %", result.get("ratios") or [], "low_pct", "high_pct")


def ages(result: Record) -> Sheet | None:
    """Share of each market's loans by age in sessions."""
    caption = "Loans by age: share of the market's loans"
    return _bands(caption, "age, sessions", result.get("ages") or [], "age_low", "age_high")


def distances(result: Record) -> Sheet | None:
    """Share of each market's loans by the fall of its stock at which the loan is called."""
    caption = "Distance to the call: share of the market's loans"
    rows = result.get("distances") or []
    return _bands(caption, "fall of its stock, %", rows, "fall_low_pct", "fall_high_pct")


def call_map(result: Record, step: int = 5) -> Sheet | None:
    """Won that reach maintenance at every ``step`` per cent of a common fall, with the range of the ensemble."""
    return sheet(
        "Call map: margin loans that reach maintenance as all names fall together, without impact",
        [
            row
            for row in result.get("call_map") or []
            if row.get("fall_pct") is not None and row["fall_pct"] % step == 0
        ],
        [
            ("fall", "number", lambda row: shock(-row["fall_pct"])),
            number("loans reached", "reached_won", won),
            ("90 % range", "number", lambda row: until(row.get("low_won"), row.get("high_won"), won)),
        ],
    )


CURVE = (("called", "called"), ("sold by force", "sold"), ("unpaid", "unpaid"))


def curve(result: Record) -> Sheet | None:
    """Called, sold and unpaid at each shock, with the range of the ensemble."""
    columns: list[Column] = [number("shock", "shock_pct", shock)]
    for words, name in CURVE:
        columns.append(_curve_column(words, name))
        if name == "sold":
            columns.append(number("share of loans", "sold_share_pct", _with_range(percent)))
    return sheet(
        f"Shock by shock if nobody adds money or sells first, without impact, in won; {RANGE}",
        result.get("curve") or [],
        columns,
    )


def _curve_column(words: str, name: str) -> Column:
    return words, "number", lambda row: ranged(curve_figure(row, name), won_short)


def curve_figure(row: Record, name: str) -> dict[str, Any]:
    """Mean, low and high of called, sold or unpaid at a shock."""
    return {"mean": row.get(f"{name}_won"), "low": row.get(f"{name}_low_won"), "high": row.get(f"{name}_high_won")}


def infeasible(result: Record) -> Sheet | None:
    """Days on which the balances ask for what can hardly have been."""
    return sheet(
        "Infeasible days",
        result.get("infeasible") or [],
        [
            text("date", "date"),
            MARKET,
            number("won", "won", _with_range(won)),
            number("of the members", "members_pct", percent),
            text("why", "reason"),
        ],
    )


def stocks(result: Record, count: int) -> Sheet | None:
    """The first stocks whose own series were read: their loans, ages and ratios."""
    caption, kept = first(result.get("stocks") or [], count, f"Stocks with series of their own; {RANGE}")
    return sheet(
        caption,
        kept,
        [
            text("stock", "ticker"),
            _spread("loans", "outstanding_won", won_short),
            _spread("mean age, sessions", "mean_age", decimal),
            _spread("mean ratio", "mean_ratio_pct", percent),
            _spread("under 150 %", "under_150_pct", percent),
            _spread("median fall to a call", "call_fall_pct_median", percent),
        ],
    )


FLOWS = (
    ("new loans", "opened_won"),
    ("repaid", "repaid_won"),
    ("repaid beyond that", "extra_won"),
    ("by topping up", "topped_won"),
    ("called", "called_won"),
    ("sold by force", "sold_won"),
    ("unpaid", "unpaid_won"),
)
"""What moves the balance of a session, in words, and the fields of a day."""


def last_days(result: Record, count: int) -> Sheet | None:
    """The last sessions of each market: published and model balance, and the chief of what moved it."""
    days = result.get("days") or []
    dates = sorted({str(row.get("date")) for row in days})[-count:]
    rows = [
        {**row, "paid_won": _total(row, "repaid_won", "extra_won", "topped_won")}
        for row in days
        if str(row.get("date")) in dates
    ]
    flows = (
        ("new loans", "opened_won"),
        ("repaid", "paid_won"),
        ("sold by force", "sold_won"),
        ("unpaid", "unpaid_won"),
    )
    return _days(f"The last {len(dates)} sessions", rows, text("date", "date"), flows)


def months(result: Record) -> Sheet | None:
    """Each month of each market: the balances at its end and the sums of what moved them."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for row in result.get("days") or []:
        groups.setdefault((str(row.get("date"))[:7], market_name(row.get("market"))), []).append(row)
    rows = [
        {"month": month, "market": market}
        | {field: group[-1].get(field) for field in ("model_won", "low_won", "high_won")}
        | {"settled_won": next((row["settled_won"] for row in reversed(group) if _known(row, "settled_won")), None)}
        | {field: _sum(group, field) for _, field in FLOWS}
        for (month, market), group in groups.items()
    ]
    return _days("Month by month: balances at the end, sums of the rest", rows, text("month", "month"), FLOWS)


def _days(caption: str, rows: Sequence[Record], when: Column, flows: Sequence[tuple[str, str]]) -> Sheet | None:
    columns = [
        when,
        MARKET,
        number("published balance", "settled_won", billions),
        number("model", "model_won", billions),
        *(number(words, field, _tenths) for words, field in flows),
    ]
    return sheet(f"{caption}; bn won, means of the ensemble", rows, columns)


def _tenths(amount: float | None) -> str:
    return billions(amount, 1)


def _total(row: Record, *fields: str) -> int | None:
    known = [row[field] for field in fields if _known(row, field)]
    return sum(known) if known else None


def _known(row: Mapping[str, Any], field: str) -> bool:
    return row.get(field) is not None


def _sum(rows: Sequence[Record], field: str) -> int | None:
    known = [row[field] for row in rows if _known(row, field)]
    return sum(known) if known else None


def figures(result: Record) -> list[tuple[str, str, str]]:
    """The few figures under the answer of a page: (name, value, more)."""
    told = []
    for row in result.get("markets") or []:
        name = market_name(row.get("market"))
        if _known(row, "settled_won"):
            ratio = mean_of(row.get("mean_ratio_pct"))
            more = "" if ratio is None else f"mean ratio {percent(ratio)}"
            told.append((f"Balance, {name}", won(row["settled_won"]), more))
        if mean_of(row.get("under_150_pct")) is not None:
            share = ranged(row["under_150_pct"], percent)
            central, _, between = share.partition(" (")
            told.append((f"Under 150 %, {name}", central, between.rstrip(")") and f"range {between.rstrip(')')}"))
    return told
