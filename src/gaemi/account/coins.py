"""Coins as lots: what a coin holding is worth in parts that move as the coin does, outside every pool."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt

from gaemi.account.coin_tape import recorded_marks
from gaemi.account.lots import Coin, Contract, Lot
from gaemi.errors import Fault
from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import NO_GROUP
from gaemi.records.columns import Board, Standing
from gaemi.sources.account_coins import CoinLine, symbol_of, written
from gaemi.sources.account_words import in_won
from gaemi.sources.accounts import AccountFile
from gaemi.sources.tickers import Calendar, calendar_of
from gaemi.units import BPS

PARTS = 1000
"""A holding is this many lots, so that a part of it can be sold; one lot where it is worth little."""

FEW_WON = 1_000_000
DOLLAR_DIGITS = 6
MOST_WORTH = 10**15
OTHER_COINS = "OTHER"
DAYS_A_YEAR = 365


def coin_lots(
    line: CoinLine, price: float | None, volatility_pct: float | None, on: date, faults: list[Fault]
) -> tuple[Lot, ...]:
    """A coin holding as lots of a part of it each, and what does not go into equal parts as money that stands still.

    The worth is quantity times price to the won (to the millionth of a dollar for a pair in dollars), halves up. A coin
    is a contract of one time its worth that no venue closes: no daily limit, no tick of a board, no pool.
    """
    if price is None or price <= 0:
        help = f"write '{line.ticker} {written(line.quantity)} @ PRICE', or give --prices with that day"
        faults.append(Fault(line.where, "no price", f"{line.ticker} must have a price on {on}", help))
        return ()
    abroad = not in_won(line.ticker, None)
    digits = DOLLAR_DIGITS if abroad else 0
    exact = line.quantity * Decimal(repr(price)) * 10**digits
    worth = max(1, int(exact.to_integral_value(ROUND_HALF_UP)))
    if worth > MOST_WORTH * 10**digits // (1000 if abroad else 1):
        faults.append(
            Fault(line.where, written(line.quantity), f"{line.ticker} must be worth at most a quadrillion won")
        )
        return ()
    parts = PARTS if worth >= FEW_WON else 1
    coin = Coin(line.ticker, line.quantity, price, line.cost)
    whole = Lot(
        ticker=line.ticker,
        name=symbol_of(line.ticker),
        board=Board.US if abroad else Board.KOSPI,
        is_fund=False,
        group=NO_GROUP,
        digits=digits,
        price=worth // parts,
        quantity=parts,
        standing=Standing.ELSEWHERE,
        cost=None if line.cost is None else line.cost * float(line.quantity) / parts,
        volatility_pct=volatility_pct,
        underlying=line.ticker,
        contract=Contract(1, 1.0, 0.0, price, 0.0),
        coin=coin,
    )
    rest = worth % parts
    if not rest:
        return (whole,)
    name = f"{line.ticker}, what does not go into {parts:,} parts"
    board, ticker = whole.board, f"{line.ticker} rest"
    left = Lot(ticker, name, board, False, NO_GROUP, digits, rest, 1, Standing.ELSEWHERE, is_money=True, coin=coin)
    return whole, left


def coin_tickers(file: AccountFile) -> list[str]:
    """The names of an account that never close, each once."""
    lent = [ticker for line in file.coin_loans for ticker in line.tickers]
    return list(dict.fromkeys([*(c.ticker for c in file.coins), *(p.ticker for p in file.positions), *lent]))


def shipped_marks(file: AccountFile, book: LawBook, on: date) -> dict[str, float]:
    """Prices of the account's coins that ship: closes of an episode's days, else of the day of a survey.

    Each is in the currency of its ticker; the dollar is among them where an episode tells it. Empty where the account
    holds no coin or the date has no such prices.
    """
    tickers = coin_tickers(file)
    if not tickers:
        return {}
    marks = recorded_marks(tickers, on)
    entry = book.entry("coins.price", on)
    if entry.since == on:
        for ticker in tickers:
            price = entry.value.get(symbol_of(ticker))
            if price and in_won(ticker, None):
                marks.setdefault(ticker, float(price))
    return marks


def coin_volatility(
    line: CoinLine, book: LawBook, on: date, recorded: Collection[str], notes: list[str]
) -> float | None:
    """Volatility a year in per cent: as told; None where a history tells it; else the law's for that coin or others."""
    if line.volatility_pct is not None:
        return line.volatility_pct
    return volatility_of(line.ticker, book, on, recorded, notes)


def with_volatility(lot: Lot, book: LawBook, on: date, recorded: Collection[str], notes: list[str]) -> Lot:
    """A lot on a coin with a volatility, where the file tells none."""
    if lot.volatility_pct is not None or calendar_of(lot.underlying) is not Calendar.EVERY_DAY:
        return lot
    return replace(lot, volatility_pct=volatility_of(lot.underlying, book, on, recorded, notes))


def volatility_of(ticker: str, book: LawBook, on: date, recorded: Collection[str], notes: list[str]) -> float | None:
    """Volatility a year in per cent by the law, of the coin or of other coins; None where a history tells it."""
    if ticker in recorded:
        return None
    by_coin, symbol = book.value("coins.volatility", on), symbol_of(ticker)
    known = symbol in by_coin
    a_day = float(by_coin[symbol if known else OTHER_COINS]) / BPS
    whose = symbol if known else "coins without a figure of their own"
    notes.append(f"{ticker}: the volatility of {whose} in the law, {100 * a_day:g} % a day")
    return 100 * a_day * sqrt(DAYS_A_YEAR)
