"""What a replay of contracts for difference comes to: by name and day, in all, over the ranges, beside the record."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gaemi.cfd_run import CENTRAL, HIGH, LOW, NamedPrices, Replayed, locked_closes, named_prices, replays, unpaid_won
from gaemi.kernels import sell as selling
from gaemi.law.lawbook import LawBook
from gaemi.market.episodes import Episode, episode_names, episode_published
from gaemi.outcomes import Ever
from gaemi.sources.balances import BalanceHistory
from gaemi.sources.prices import PriceHistory
from gaemi.units import format_won
from gaemi.workers import LocalWorkers
from gaemi.world import DayRecord, World

SMALL_WON = 1_000_000_000_000
"""Public output names no instrument worth less."""

SMALL = "names under 1 tn won"


def shown_names(tickers: Sequence[str], capital_won: Mapping[str, int]) -> dict[str, list[int]]:
    """Rows of the names under what each is called: its ticker, or together with others that are small or unmeasured."""
    shown: dict[str, list[int]] = {}
    for row, ticker in enumerate(tickers):
        name = ticker if capital_won.get(ticker, 0) >= SMALL_WON else SMALL
        shown.setdefault(name, []).append(row)
    return shown


def day_rows(world: World, prices: NamedPrices, shown: Mapping[str, list[int]]) -> list[dict[str, Any]]:
    """By session and name, those on which something was ordered or locked; ``locked`` counts names, lots are shares.

    ``waiting`` is what the last auction of the session did not fill.
    """
    locked = locked_closes(world, prices)
    rows = []
    for record in world.records[1:]:
        for name, members in shown.items():
            ordered = int(_asked(record)[members].sum())
            shut = int(locked[record.day, members].sum())
            unpaid = int(_of(record, "unpaid_won")[members].sum())
            if ordered == 0 and shut == 0 and unpaid == 0:
                continue
            sold, volume = int(_of(record, "sold_lots")[members].sum()), int(prices.volume[record.day, members].sum())
            rows.append(
                {
                    "date": str(record.date),
                    "name": name,
                    "names": len(members),
                    "locked": shut,
                    "ordered_lots": ordered,
                    "filled_lots": sold,
                    "filled_won": int(_of(record, "sold_won")[members].sum()),
                    "waiting_lots": int(_waiting(record, prices)[members].sum()),
                    "unpaid_won": unpaid,
                    "filled_share_of_volume_pct": 100.0 * sold / volume if volume else None,
                }
            )
    return rows


def _of(record: DayRecord, measure: str) -> np.ndarray:
    found: np.ndarray = record.names.get(measure, np.zeros_like(record.names["ordered_lots"]))
    return found


def _asked(record: DayRecord) -> np.ndarray:
    """Lots that were for sale in the session: those of the morning, or of the close where these are more."""
    return np.maximum(_of(record, "ordered_lots"), _of(record, "ordered_at_close_lots"))


def _waiting(record: DayRecord, prices: NamedPrices) -> np.ndarray:
    at_close = _of(record, "ordered_at_close_lots")
    filled = _of(record, "sold_at_close_won") // prices.close[record.day]
    return np.where(at_close > 0, at_close - filled, _of(record, "unfilled_lots"))


def setting_row(replayed: Replayed) -> dict[str, Any]:
    """What one run comes to, and which parameter it took at which end."""
    world, contracts = replayed.world, replayed.contracts
    ever = np.concatenate([group.ever for group in world.population.borrowing])
    entry = int(world.instruments.price @ world.instruments.issued)
    return {
        "setting": replayed.setting,
        "parameter": replayed.parameter or ("all" if replayed.setting != CENTRAL else None),
        "value": replayed.value,
        "outstanding_won": contracts.outstanding_won,
        "contracts_won": entry,
        "margin_pct": contracts.margin_bps / 100,
        "accounts": int(ever.size),
        "called_accounts": int((ever & Ever.CALLED.value != 0).sum()),
        "sold_won": sum(int(record.flows[selling.CFD_SOLD_WON]) for record in world.records),
        "unpaid_won": unpaid_won(replayed),
        "unpaid_accounts": int((ever & Ever.RESIDUAL_DEBT.value != 0).sum()),
    }


def episode_contracts(
    book: LawBook,
    chosen: Episode,
    own: PriceHistory | None,
    balances: BalanceHistory | None,
    workers: LocalWorkers,
    seed: int,
) -> dict[str, Any] | None:
    """The replay of contracts for difference on the names of an episode; None where it has none.

    Prices are the user's ``own`` where these hold all of its names, else those that ship. Raises Refused where they
    have a gap.
    """
    shipped = episode_names(chosen.name)
    history = own if own is not None and set(chosen.tickers) <= set(own.tickers) else shipped
    if not chosen.tickers or history is None:
        return None
    prices = named_prices(history, chosen.tickers, chosen.start, chosen.end)
    runs = replays(book, prices, len(chosen.tickers) + len(chosen.absent), workers, seed)
    if not runs:
        return None
    published = episode_published(chosen.name)
    capital = {ticker: won for (what, ticker), won in published.items() if what == "capitalisation"}
    shown = shown_names(prices.tickers, capital)
    document = _document(runs, prices, shown, chosen)
    document["record"] = _record(runs[0].world, prices, shown, published) | _trace(chosen, balances)
    document["tables"] = _tables(document)
    return document


def _document(
    runs: Sequence[Replayed], prices: NamedPrices, shown: Mapping[str, list[int]], chosen: Episode
) -> dict[str, Any]:
    central = runs[0]
    ends = {each.setting: unpaid_won(each) for each in runs if each.parameter is None}
    called = next((str(day.date) for day in central.world.records if day.called), None)
    return {
        "totals": setting_row(central),
        "unpaid_low_won": ends[LOW],
        "unpaid_high_won": ends[HIGH],
        "first_called": called,
        "sold_at_limit_pct": _sold_at_limit_pct(central.world, prices),
        "names": len(prices.tickers),
        "names_without_record": len(chosen.absent),
        "settings": [setting_row(each) for each in runs],
        "days": day_rows(central.world, prices, shown),
    }


def _sold_at_limit_pct(world: World, prices: NamedPrices) -> float:
    """Share of what was sold, in won, on sessions whose close stood at the lower limit."""
    sold = np.array([_of(record, "sold_won") for record in world.records[1:]])
    return 100.0 * int(sold[locked_closes(world, prices)[1:]].sum()) / max(1, int(sold.sum()))


def _record(
    world: World,
    prices: NamedPrices,
    shown: Mapping[str, list[int]],
    published: Mapping[tuple[str, str], int],
) -> dict[str, Any]:
    """What is on record: closes at the limit by name, and the published estimate of debts."""
    locked = locked_closes(world, prices)
    return {
        "locked_closes": {
            name: [str(prices.dates[t]) for t in np.flatnonzero(locked[:, members].any(axis=1))]
            for name, members in shown.items()
        },
        "locked_closes_in_all": int(locked.sum()),
        "published_unpaid_won": published.get(("unpaid", "")),
    }


def _trace(chosen: Episode, balances: BalanceHistory | None) -> dict[str, Any]:
    """How far published unsettled purchases rose over the days of the trace; null where this is not known."""
    days = chosen.trace or ()
    rows = [balances.on(day) for day in days] if balances is not None else []
    won = [row.unsettled_won for row in rows if row is not None and row.unsettled_won is not None]
    return {
        "unsettled_rise_won": won[1] - won[0] if len(won) == 2 else None,
        "unsettled_rise_from": str(days[0]) if days else None,
        "unsettled_rise_to": str(days[1]) if days else None,
    }


DAY_COLUMNS = [
    ["date", "date", "date"], ["name", "name", "text"], ["locked", "closed at the limit", "count"],
    ["ordered_lots", "ordered, shares", "heads"], ["filled_lots", "filled", "heads"],
    ["waiting_lots", "waiting", "heads"],
    ["filled_won", "filled", "won"], ["filled_share_of_volume_pct", "of the volume", "pct"],
    ["unpaid_won", "stays unpaid", "won"],
]  # fmt: skip
SETTING_COLUMNS = [
    ["parameter", "parameter", "text"], ["setting", "end", "text"], ["contracts_won", "contracts", "won"],
    ["accounts", "accounts", "count"], ["sold_won", "sold", "won"], ["unpaid_won", "stays unpaid", "won"],
]  # fmt: skip
RECORD_COLUMNS = [["what", "", "text"], ["published_won", "published", "won"], ["model_won", "model", "won"]]


def _tables(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tables as pages and the terminal print them."""
    record, total = document["record"], document["totals"]
    names, lost = document["names"], document["names_without_record"]
    beside = [
        {
            "what": f"unpaid, estimate for all {names + lost} names; the model's is of {names}",
            "published_won": record["published_unpaid_won"],
            "model_won": total["unpaid_won"],
        },
        {
            "what": f"unsettled purchases, rise from {record['unsettled_rise_from']} to {record['unsettled_rise_to']}",
            "published_won": record["unsettled_rise_won"],
            "model_won": None,
        },
    ]
    return [
        _table("cfd_days", "Contracts for difference by day and name", DAY_COLUMNS, document["days"]),
        _table("cfd_settings", "What stays unpaid over the ranges", SETTING_COLUMNS, document["settings"]),
        _table("cfd_record", "Contracts for difference beside the record", RECORD_COLUMNS, beside),
    ]


def _table(name: str, caption: str, columns: Any, rows: Any) -> dict[str, Any]:
    return {"name": name, "caption": caption, "columns": columns, "rows": rows}


def contract_sentences(document: Mapping[str, Any]) -> list[str]:
    """The answer in words: what was assumed, what happened at the limit, what stays unpaid, what was published."""
    total, record = document["totals"], document["record"]
    known, lost = document["names"], document["names_without_record"]
    said = [
        f"Contracts for difference: {format_won(total['outstanding_won'])} were outstanding by the last published "
        f"balance; how much of it stood on the names of the episode is assumed, {format_won(total['contracts_won'])} "
        f"on the {known} whose prices are on record ({lost} have none), at a margin of {total['margin_pct']:g} %.",
        f"The names closed at their lower limit {record['locked_closes_in_all']} times in all, as recorded. From "
        f"{document['first_called']} on {total['called_accounts']:,} of {total['accounts']:,} accounts are called and "
        f"closed: {format_won(total['sold_won'])} is sold, {document['sold_at_limit_pct']:.0f} % of it at the limit; "
        f"the rest waits until its name trades freely again.",
        f"{format_won(total['unpaid_won'])} stays unpaid; from {format_won(document['unpaid_low_won'])} to "
        f"{format_won(document['unpaid_high_won'])} with every assumption at the end of its range.",
    ]
    if record["published_unpaid_won"] is not None:
        said.append(
            f"Published estimate of what contracts on all {known + lost} names left unpaid: "
            f"{format_won(record['published_unpaid_won'])}."
        )
    if record["unsettled_rise_won"] is not None:
        said.append(
            f"Published unsettled purchases rose by {format_won(record['unsettled_rise_won'])} from "
            f"{record['unsettled_rise_from']} to {record['unsettled_rise_to']}, the nearest daily trace of unpaid "
            f"debts; it holds other debts too."
        )
    return said
