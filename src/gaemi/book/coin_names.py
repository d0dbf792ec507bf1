"""The coins of an exchange's book: their won prices, lots, and what moves them where nothing is said of them.

A price is the book's own, else the last of the recorded bars, else the survey's in the law, moved with bitcoin since.
A coin of no table needs one of the first two; it moves as bitcoin does (beta 1), a dollar coin does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from gaemi.errors import Fault, Refused, refuse
from gaemi.law.lawbook import LawBook
from gaemi.people.coin_instruments import coin_instruments
from gaemi.records.coins import OWES_NONE, CoinInstruments
from gaemi.rules.coins import coin_unit, lot_digits, won_price
from gaemi.sources.coin_tables import HOLDINGS, LOANS, CoinTables
from gaemi.sources.intraday import BarHistory
from gaemi.sources.tickers import BITCOIN, DOLLAR_COINS, coin_of

_CLASSES = ("OTHER", "THIN")
"""Rows of the law's table that stand for many coins."""

UNLISTED = "THIN"
"""Whose turnover and volatility a coin has that is in no table: those that one exchange alone lists."""


@dataclass(frozen=True, slots=True)
class CoinPrices:
    """Won a coin by coin, and from where: ``table``, ``bars``, ``survey``."""

    won: dict[str, float]
    origin: dict[str, str]
    notes: tuple[str, ...]


def coin_prices(read: CoinTables, law: LawBook, on: date, bars: BarHistory | None) -> CoinPrices:
    """The won price of every coin of the book that has one. Raises Refused before the first survey of the law."""
    told = _told(read)
    rate = float(law.value("people.won_per_dollar", on))
    closes = {} if bars is None else last_closes(bars, on, rate)
    given = {coin: told.get(coin, closes.get(coin)) for coin in {*told, *closes}}
    known = {coin: price for coin, price in given.items() if price is not None}
    survey = _survey_prices(law, on, known)
    won, origin = {}, {}
    for coin in sorted({*read.coins, BITCOIN}):
        for name, prices in (("table", told), ("bars", closes), ("survey", survey)):
            if coin in prices:
                won[coin], origin[coin] = prices[coin], name
                break
    notes = []
    old = [coin for coin in read.coins if origin.get(coin) == "survey"]
    if old:
        how = "moved with bitcoin since" if BITCOIN in known else "as they stood then"
        notes.append(f"{', '.join(old)}: the price is that of the law's survey, {how}; give a column price or --prices")
    if closes and any(origin.get(coin) == "bars" for coin in read.coins):
        notes.append(
            f"prices in dollars are counted at {rate:,.0f} won and no premium; a column price says them in won"
        )
    return CoinPrices(won, origin, tuple(notes))


def _told(read: CoinTables) -> dict[str, float]:
    """The median of a coin's prices in the book's own rows."""
    parts = [read.holdings.select("coin", "price")]
    parts += [
        read.loans.select(pl.col(side).alias("coin"), pl.col(f"{side}_price").alias("price"))
        for side in ("held", "owed")
    ]
    found = pl.concat(parts).drop_nulls().group_by("coin").agg(pl.col("price").median()).sort("coin")
    return dict(found.iter_rows())


def last_closes(bars: BarHistory, on: date, won_per_dollar: float) -> dict[str, float]:
    """Won a coin at the last close on or before the day's end (UTC); a price in won goes before one in dollars."""
    end = np.datetime64(on + timedelta(days=1), "s").astype(np.int64)
    found: dict[str, float] = {}
    for one in sorted(bars.bars, key=lambda each: (each.ticker.startswith("KRW-"), -each.minutes)):
        ended = np.flatnonzero(one.start.astype(np.int64) + 60 * one.minutes <= end)
        if not ended.size:
            continue
        price = float(one.close[ended[-1]])
        if not price > 0:
            raise refuse(one.where(int(ended[-1])), f"{price:g}", "price must be above 0")
        found[coin_of(one.ticker)] = (
            price if one.ticker.startswith("KRW-") else won_price(price, won_per_dollar, premium=0.0)
        )
    return found


def _survey_prices(law: LawBook, on: date, known: Mapping[str, float]) -> dict[str, float]:
    table = coin_instruments(law, on, known)
    pairs = zip(table.symbols, table.price_won.tolist(), strict=True)
    found = {coin: price for coin, price in pairs if coin not in _CLASSES}
    if "USDT" in found:
        found |= {coin: found["USDT"] for coin in DOLLAR_COINS if coin not in found}
    return found


def priced(read: CoinTables, prices: CoinPrices) -> CoinTables:
    """The tables without rows of coins that have no price. Raises Refused where nothing is left."""
    known = list(prices.won)
    help = "give a column price in won, or recorded bars with --prices"
    allowed = "a coin that is not in the law's table must have a price"
    read = read.rejected(HOLDINGS, ~read.holdings["coin"].is_in(known), "coin", allowed, help)
    for side in ("held", "owed"):
        mask = (read.loans[side].is_not_null() & ~read.loans[side].is_in(known)).fill_null(False)
        read = read.rejected(LOANS, mask, side, allowed, help)
    return read


def book_instruments(
    read: CoinTables, prices: CoinPrices, law: LawBook, on: date
) -> tuple[CoinInstruments, tuple[str, ...]]:
    """The table of the book's coins, bitcoin always among them, and notes.

    Raises Refused where the book holds more of a coin than was issued, a price is too small to count, or there are
    more coins than a row number holds.
    """
    symbols = sorted({*read.coins, BITCOIN})
    if len(symbols) > OWES_NONE:
        raise refuse(
            read.words, f"{len(symbols)} coins", f"a book holds at most {OWES_NONE} coins", "leave out small ones"
        )
    table = coin_instruments(law, on, {coin: prices.won[coin] for coin in symbols})
    row = {coin: at for at, coin in enumerate(table.symbols) if coin not in _CLASSES}
    like = [row.get(coin, table.symbols.index(UNLISTED)) for coin in symbols]
    strange = [coin for coin in symbols if coin not in row]
    price = np.array([prices.won[coin] for coin in symbols])
    digits = [lot_digits(int(won)) for won in price]
    unit = [coin_unit(float(won), places) for won, places in zip(price, digits, strict=True)]
    held = dict(read.holdings.group_by("coin").agg((pl.col("whole") + 1).sum()).iter_rows())
    more = dict(read.loans.drop_nulls("held").group_by("held").agg((pl.col("held_whole") + 1).sum()).iter_rows())
    most = [held.get(coin, 0) + more.get(coin, 0) for coin in symbols]
    issued = [
        many * 10**places if coin in strange else int(table.issued[at]) // 10 ** int(table.lot_digits[at]) * 10**places
        for coin, many, places, at in zip(symbols, most, digits, like, strict=True)
    ]
    faults = [
        Fault(f"{coin} of the book", f"about {many:,} coins", f"at most {whole // 10**places:,} were issued")
        for coin, many, whole, places in zip(symbols, most, issued, digits, strict=True)
        if many - 1 > whole // 10**places
    ]
    faults += [
        Fault(f"price of {coin}", f"{won:g} won", "must be large enough to count, 0.000001 won or more")
        for coin, won, one in zip(symbols, price, unit, strict=True)
        if one < 1
    ]
    if faults:
        raise Refused(faults)
    dollar = float(law.value("people.won_per_dollar", on))
    beta = [0.0 if c in DOLLAR_COINS else float(table.beta[row[c]]) if c in row else 1.0 for c in symbols]
    made = CoinInstruments(
        ticker=tuple(f"KRW-{coin}" for coin in symbols),
        name=tuple(table.name[row[coin]] if coin in row else coin for coin in symbols),
        lot_digits=np.array(digits), price=np.array(unit), price_won=price, survey_won=price, world=price / dollar,
        issued=np.array(issued), turnover_won=table.turnover_won[like], volatility=table.volatility[like],
        beta=np.array(beta), listed=np.ones(len(symbols)),
    )  # fmt: skip
    return made, _notes(strange, read.coins)


def _notes(strange: list[str], coins: list[str]) -> tuple[str, ...]:
    moving = [coin for coin in strange if coin in coins and coin not in DOLLAR_COINS]
    found = []
    if moving:
        found.append(
            f"{', '.join(moving)}: in no table of the law, so that they move as bitcoin does (beta 1), with the "
            "turnover and volatility of single-listed coins; a shock may name them"
        )
    if any(coin in strange and coin in coins for coin in DOLLAR_COINS):
        found.append("dollar coins stand still where a shock does not name them")
    return tuple(found)
