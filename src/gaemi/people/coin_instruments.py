"""The table of coins on a date: published prices and values of the last survey, moved to the date where it is later."""

from collections.abc import Mapping
from datetime import date
from math import isfinite

import numpy as np

from gaemi.chance import exp, log
from gaemi.errors import Fault, Refused
from gaemi.law.lawbook import LawBook
from gaemi.records.coins import CoinInstruments
from gaemi.rules.coins import coin_unit, lot_digits
from gaemi.sources.tickers import BITCOIN
from gaemi.units import BPS


def survey_of(book: LawBook, on: date) -> date:
    """The day of the last survey on or before the date. Raises Refused before the first."""
    since = book.entry("coins.accounts", on).since
    if since == book.begins:
        first = book.parameter("coins.accounts").entries[1].since
        raise Refused([Fault("--on", str(on), f"coin accounts are surveyed from {first}")])
    return since


def coin_instruments(book: LawBook, on: date, prices: Mapping[str, float] | None = None) -> CoinInstruments:
    """The coins of the survey in force on the date, one row each.

    ``prices`` are won for a coin on the date, by ticker (``KRW-BTC``) or symbol (``BTC``); a coin that is not among
    them moved with BTC since the survey, times its beta, and all stand at the survey's prices where BTC is not. Coins
    of which the survey holds none are left out. Raises Refused for a price that is not above 0, and before the first
    survey.
    """
    survey = survey_of(book, on)
    symbols = [coin for coin in book.keys("coin") if book.value("coins.value_by_coin", survey, coin) > 0]
    old = {coin: float(book.value("coins.price", survey, coin)) for coin in symbols}
    given = _given(prices or {}, symbols)
    leader = given.get(BITCOIN, old[BITCOIN]) / old[BITCOIN]
    beta = {coin: float(book.value("coins.beta", on, coin)) for coin in symbols}
    now = {coin: given.get(coin, old[coin] * exp(beta[coin] * log(leader))) for coin in symbols}
    turnover, dollar = int(book.value("coins.turnover", on)), float(book.value("people.won_per_dollar", on))
    digits = {coin: lot_digits(int(old[coin])) for coin in symbols}
    share = {coin: int(book.value("coins.turnover_share", on, coin)) for coin in symbols}

    def column(values: Mapping[str, float]) -> np.ndarray:
        return np.array([values[coin] for coin in symbols])

    return CoinInstruments(
        ticker=tuple(f"KRW-{coin}" for coin in symbols),
        name=tuple(book.meaning("coin", coin) for coin in symbols),
        lot_digits=column(digits),
        price=column({coin: coin_unit(now[coin], digits[coin]) for coin in symbols}),
        price_won=column(now),
        survey_won=column(old),
        world=column(now) / dollar,
        issued=np.array([int(book.value("coins.supply", on, coin)) * 10 ** digits[coin] for coin in symbols]),
        turnover_won=column({coin: max(1, turnover * max(1, share[coin]) // BPS) for coin in symbols}),
        volatility=column({coin: int(book.value("coins.volatility", on, coin)) / BPS for coin in symbols}),
        beta=column(beta),
        listed=np.ones(len(symbols)),
    )


def _given(prices: Mapping[str, float], symbols: list[str]) -> dict[str, float]:
    """Prices by symbol; others than those of the table are left alone. Raises Refused for prices that are none."""
    found = {ticker.removeprefix("KRW-"): float(price) for ticker, price in prices.items()}
    faults = [
        Fault(f"price of {coin}", str(price), "price must be above 0")
        for coin, price in found.items()
        if not (isfinite(price) and price > 0)
    ]
    if faults:
        raise Refused(faults)
    return {coin: price for coin, price in found.items() if coin in symbols}
