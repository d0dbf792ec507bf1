"""Terra in May 2022 as the parts of a document: model beside record, holders, exchange accounts, all as tables."""

from typing import Any

from gaemi.coin_day import run_coins
from gaemi.coins.exchange import coin_start, exchange_part
from gaemi.coins.request import CoinRequest
from gaemi.coins.tables import ALTCOINS, table
from gaemi.coins.terra import terra_document
from gaemi.coins.terra_record import EPISODE
from gaemi.coins.won_prices import with_others, with_shipped, won_prices
from gaemi.law.lawbook import LawBook
from gaemi.market.coin_episodes import coin_episode, episode_events, premium_bps, won_per_dollar
from gaemi.market.coin_paths import coin_bar_path
from gaemi.sources.intraday import BarHistory
from gaemi.units import format_won
from gaemi.workers import LocalWorkers, Progress

KEPT = ("episode", "path", "rows", "moments", "hours", "peg", "variants", "capacity", "reserve", "holders", "events")


def terra_parts(
    request: CoinRequest, bars: BarHistory | None, book: LawBook, workers: LocalWorkers, progress: Progress
) -> dict[str, Any]:
    """The parts of the document of the replay. Raises Refused for bars with gaps or prices that are none."""
    history = with_shipped(bars, coin_episode(EPISODE))
    told = terra_document(bars, request.seed, book, progress, workers.threads)
    exchange = _exchange(request, history, book, workers, progress)
    lost = 100.0 * exchange["lost_won"] / exchange["held_before_won"]
    chosen = coin_episode(EPISODE)
    sentence = (
        f"Accounts at won exchanges, {exchange['accounts_surveyed']:,} of the survey of {exchange['survey']}, held "
        f"{format_won(exchange['held_before_won'])} in coins on {chosen.start} and "
        f"{format_won(exchange['held_won'])} on {chosen.end}, {lost:.1f} % less."
    )
    return {
        "on": str(chosen.start),
        **{name: told[name] for name in KEPT},
        "exchange": {name: value for name, value in exchange.items() if name != "tables"},
        "bands": exchange["bands"],
        "tables": [*terra_tables(told), *exchange["tables"]],
        "sentences": [*told["sentences"], sentence],
        "misses": told["misses"],
        "notes": [
            "Exchange accounts are those of the survey before the fall, and none buys or sells: who bought LUNA during "
            "the fall is not among them but in the tables of holders, and most that hold it here hold other coins too. "
            "So far fewer are emptied here, and LUNA's holders are not to be counted in them.",
            ALTCOINS,
        ],
        "topics": ("coins", "stablecoin"),
    }


def _exchange(
    request: CoinRequest, history: BarHistory, book: LawBook, workers: LocalWorkers, progress: Progress
) -> dict[str, Any]:
    """Accounts of the survey of the time on the recorded prices of the coins that it counts."""
    chosen = coin_episode(EPISODE)
    rates, premium = won_per_dollar(EPISODE), premium_bps(EPISODE)
    prices = won_prices(history, chosen.start, rates, premium)
    start = coin_start(book, chosen.start, request.scale, request.seed, prices)
    days = (chosen.end - chosen.start).days
    path = coin_bar_path(
        with_others(history, chosen, rates), start.instruments, chosen.start, days, rates, premium,
        events=episode_events(EPISODE),
    )  # fmt: skip
    return exchange_part(start, run_coins(start.begin(path, workers, feedback=False), progress))


def terra_tables(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Each part of the replay as a table."""
    holders = told["holders"]
    found = [
        table("supply", "LUNA's supply and the module, model beside record, by day", SUPPLY, told["rows"]),
        table("moments", "Supply at the moments of which the press told", MOMENTS, told["moments"]),
        table("variants", "The same run under other suppositions", VARIANTS, told["variants"]),
        table("peg", "Hours by spread and by UST's price", PEG, [told["peg"]]),
        table("capacity", "What the module can take for ever at a spread", CAPACITY, told["capacity"]),
        table("reserve", "The coin that is redeemed at par", RESERVE, [told["reserve"]]),
    ]
    for name, words in (("dollar_price", "at the dollar price"), ("won_price", "at the won prices of the press")):
        caption = f"Holders of LUNA in Korea by day of entry, {words}"
        found.append(table(f"holders_{name}", caption, HOLDERS, holders[name]["rows"]))
    found.append(table("events", "What was halted, and when (UTC)", EVENTS, told["events"]))
    found.append(table("hours", "Hour by hour", HOURS, told["hours"]))
    return found


SUPPLY = (
    ("date", "date", "date"),
    ("supply_model", "coins, model", "number"),
    ("supply_record", "coins, record", "number"),
    ("model_over_record", "model over record", "times"),
    ("times_model", "over the start", "times"),
    ("times_record", "record", "times"),
    ("spread_mean_pct", "mean spread", "pct"),
    ("spread_max_pct", "largest", "pct"),
    ("ust_low_usd", "UST low, dollars", "number"),
    ("luna_close_usd", "LUNA close, dollars", "number"),
    ("burned_ust", "UST burned", "number"),
)
MOMENTS = (
    ("time", "time, UTC", "date"),
    ("supply_model", "model", "number"),
    ("supply_record", "press", "number"),
    ("model_over_record", "model over press", "times"),
    ("source", "source", "text"),
)
VARIANTS = (
    ("name", "run", "text"),
    ("supposes", "supposes", "text"),
    ("times_at_halt", "supply at the halt", "times"),
    ("model_over_record_at_halt", "over the record", "times"),
    ("spread_max_pct", "largest spread", "pct"),
)
PEG = (
    ("hours", "hours", "count"),
    ("both", "spread wide and peg broken", "count"),
    ("model_only", "spread wide alone", "count"),
    ("record_only", "peg broken alone", "count"),
    ("neither", "neither", "count"),
    ("agreement_pct", "agree", "pct"),
)
CAPACITY = (
    ("law", "law", "text"),
    ("spread_pct", "spread", "pct"),
    ("dollars_a_day", "a day", "dollars"),
)
RESERVE = (
    ("coin", "coin", "text"),
    ("redeemed_pct", "redeemed", "pct"),
    ("low_model_usd", "lowest price, model", "number"),
    ("low_record_usd", "record", "number"),
)
HOLDERS = (
    ("entry", "came", "text"),
    ("holders", "holders", "count"),
    ("coins", "coins", "number"),
    ("cost_won", "cost or worth at the start", "won"),
    ("end_won", "at the end", "won"),
    ("lost_won", "lost", "won"),
)
EVENTS = (
    ("time", "time", "date"),
    ("ticker", "coin", "text"),
    ("what", "what", "text"),
    ("venue", "where", "text"),
    ("source", "source", "text"),
)
HOURS = (
    ("time", "hour, UTC", "date"),
    ("supply_model", "coins, model", "number"),
    ("spread_pct", "spread", "pct"),
    ("ust_close_usd", "UST close, dollars", "number"),
    ("luna_price_usd", "LUNA, dollars", "number"),
)
