"""Coin sales: what if a part of a coin holding were sold at today's price."""

from dataclasses import replace
from decimal import Decimal

from gaemi.account.lots import Coin, Lot
from gaemi.account.portfolio import Portfolio
from gaemi.errors import closest, refuse
from gaemi.rules.market import fee_won
from gaemi.sources.account_coins import WRITE_COIN, coin_of, written
from gaemi.sources.account_words import number_of
from gaemi.units import format_won


def is_coin(text: str) -> bool:
    """Whether the first word of ``sell KRW-BTC 0.1`` names a coin."""
    words = text.split()
    return bool(words) and coin_of(words[0]) is not None


def sell_coin(portfolio: Portfolio, text: str, where: str) -> tuple[Portfolio, str]:
    """The account after a sale of a coin, and what was done in words; the fee of the exchange is paid.

    A holding is sold in thousandths of itself, and one worth less than a million won whole. Raises Refused.
    """
    words = text.split()
    quantity = number_of(words[1]) if len(words) == 2 else None
    if quantity is None or quantity == 0:
        raise refuse(where, f"'sell {text}'", "a sale of coins must name a coin and how many", WRITE_COIN)
    ticker = coin_of(words[0]) or ""
    lot = next((each for each in portfolio.things if each.ticker == ticker and each.coin is not None), None)
    if lot is None or lot.coin is None:
        names = [each.ticker for each in portfolio.things if each.coin is not None]
        raise refuse(where, f"'{ticker}'", f"must be a coin that is held: {', '.join(names)}", closest(ticker, names))
    if quantity > lot.coin.quantity:
        most = f"at most the {written(lot.coin.quantity)} of {ticker} that are held can be sold"
        raise refuse(where, written(quantity), most)
    whole = quantity == lot.coin.quantity
    parts = lot.quantity if whole else int(lot.quantity * quantity / lot.coin.quantity)
    if parts == 0:
        part = written(lot.coin.quantity / lot.quantity)
        raise refuse(where, written(quantity), f"must be at least {part} {ticker}: a holding is sold in its parts")
    sold = lot.coin.quantity * Decimal(parts) / lot.quantity
    gross = round(parts * lot.shown_price * (portfolio.won_per_dollar if lot.foreign else 1.0))
    money = gross - fee_won(gross, int(portfolio.book.value("coins.fee", portfolio.on)))
    left = replace(lot.coin, quantity=lot.coin.quantity - sold)
    lots = tuple(_after(each, lot, parts, left) for each in portfolio.lots)
    words_said = f"{written(sold.normalize())} of {ticker} sold at today's price for {format_won(money)}"
    return replace(portfolio, lots=lots, cash_won=portfolio.cash_won + money), words_said


def _after(each: Lot, lot: Lot, parts: int, left: Coin) -> Lot:
    return replace(each, quantity=each.quantity - parts, coin=left) if each is lot else each
