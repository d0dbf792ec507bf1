"""Coins of an account while they are read: fractional quantities, prices in won or in dollars, no lender.

A coin is written ``KRW-BTC`` where its price is in won and ``BTCUSDT`` where it is in dollars of the world's market;
the most held ones may go by their bare symbol, which means the won price.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from gaemi.law.lines import Node
from gaemi.sources import account_words as words
from gaemi.sources import tickers
from gaemi.sources.account_words import Places
from gaemi.sources.tickers import Calendar, calendar_of, canonical

BARE = ("BTC", "ETH", "XRP", "DOGE", "USDT", "USDC")
"""Symbols that need no market: exchange-traded products of the same letters are meant where a board is named."""

MOST_DECIMALS = 8
"""Won exchanges keep quantities to a hundred-millionth of a coin."""

NOT_OF_COINS = ("standing", "board", "leverage", "underlying", "loan", "opened", "due")
WRITE_COIN = "write it as 'KRW-BTC 0.5' or 'KRW-BTC 0.05 @ 160m'"


@dataclass(frozen=True, slots=True)
class CoinLine:
    """One coin that the investor holds: an exact quantity; price and cost of one coin in won, or dollars of a pair."""

    ticker: str
    quantity: Decimal
    price: float | None = None
    cost: float | None = None
    volatility_pct: float | None = None
    where: str = ""

    @property
    def symbol(self) -> str:
        """The coin without its market: ``BTC`` of ``KRW-BTC`` and of ``BTCUSDT``."""
        return symbol_of(self.ticker)


def symbol_of(ticker: str) -> str:
    """The coin without its market.

    >>> symbol_of("KRW-BTC"), symbol_of("BTCUSDT"), symbol_of("KRW-USDT")
    ('BTC', 'BTC', 'USDT')
    """
    return tickers.coin_of(ticker)


def coin_of(word: str, has_board: bool = False) -> str | None:
    """The ticker of the coin that a word names; None where it names none.

    >>> coin_of("BTC"), coin_of("btc/usdt"), coin_of("BTC", has_board=True), coin_of("005930")
    ('KRW-BTC', 'BTCUSDT', None, None)
    """
    name = canonical(word.strip().lstrip("'"))
    if name in BARE:
        return None if has_board else f"KRW-{name}"
    return name if calendar_of(name) is Calendar.EVERY_DAY else None


def coin(found: Mapping[str, Node], ticker: str, faults: Places, where: str) -> CoinLine | None:
    """The coin of the fields of a holding; None, with faults, where it cannot be read."""
    for key in NOT_OF_COINS:
        if key in found and not (key == "standing" and words.plain(found[key].raw) in ("elsewhere", "other", "own")):
            help = "a loan on coins stands under coin_loans" if key in ("loan", "standing") else ""
            faults.add(found[key], f"a coin has no {key}: no firm's pool counts it", f"'{found[key].raw}'", help)
    amount = coin_quantity(found["quantity"], faults, ticker) if "quantity" in found else None
    price = coin_price(found["price"], faults, "price", ticker) if "price" in found else None
    cost = coin_price(found["cost"], faults, "cost", ticker) if "cost" in found else None
    spread = words.factor(found["volatility"], faults, "volatility", "%", (0, 1000)) if "volatility" in found else None
    return None if amount is None else CoinLine(ticker, amount, price, cost, spread, where)


def coin_quantity(node: Node, faults: Places, ticker: str) -> Decimal | None:
    """Coins above 0 with at most :data:`MOST_DECIMALS` decimals."""
    word = words.text(node, faults, "quantity")
    if word is None:
        return None
    symbol = symbol_of(ticker)
    body = word.lower().removesuffix("개").strip()
    body = body.removesuffix(symbol.lower()).strip()
    number = words.number_of(body)
    if body.startswith(("-", "−")):
        help = "a short position in a coin stands under positions, with its margin"
        faults.add(node, f"quantity of {ticker} must be above 0", word, help)
    elif number is None:
        faults.add(node, f"quantity of {ticker} must be a number of coins", f"'{word}'", WRITE_COIN)
    elif number == 0:
        faults.add(node, f"quantity of {ticker} must be above 0", word, "leave out what is not held any more")
    elif number > words.MOST_WON:
        faults.add(node, f"quantity of {ticker} must be at most {words.MOST_WON:,}", word)
    elif number != round(number, MOST_DECIMALS):
        short = f"{round(number, MOST_DECIMALS):f}".rstrip("0")
        faults.add(node, f"quantity of {ticker} must have at most {MOST_DECIMALS} decimals", word, f"{short}?")
    else:
        return number
    return None


def coin_price(node: Node, faults: Places, what: str, ticker: str) -> float | None:
    """The price of one coin in the currency of its ticker, with any decimals: coins may cost less than a won."""
    return words.price(node, faults, what, ticker, None)


def written(quantity: Decimal) -> str:
    """A quantity as people write it, without zeros at its end.

    >>> written(Decimal("0.50")), written(Decimal("4600")), written(Decimal("1234.5"))
    ('0.5', '4,600', '1,234.5')
    """
    body = f"{quantity:,f}"
    return body.rstrip("0").rstrip(".") if "." in body else body
