"""What if: money added, something sold, a loan repaid or raised; before and after under the same luck."""

import re
from dataclasses import replace
from datetime import timedelta

from gaemi.account.coin_sales import is_coin, sell_coin
from gaemi.account.leverage import leading_lot
from gaemi.account.lots import Debt, Lot
from gaemi.account.portfolio import Portfolio
from gaemi.errors import closest, refuse
from gaemi.people.instruments import NO_GROUP
from gaemi.records.columns import LoanKind, Standing
from gaemi.rules.market import fee_won, transaction_tax_won
from gaemi.sources.tickers import canonical
from gaemi.units import format_won, parse_won

ALLOWED = 'must be "add 10m", "take 5m", "sell 005930 300", "buy 005930 100", "loan -20m" or "loan +20m"'
WHERE = "--what-if"
LENDERS = {
    LoanKind.MARGIN: Standing.FINANCED,
    LoanKind.PLEDGED: Standing.PLEDGED,
    LoanKind.STOCK_LOAN: Standing.STOCK_LOAN,
    LoanKind.CFD: Standing.CFD,
}


def after(portfolio: Portfolio, text: str) -> tuple[Portfolio, str]:
    """The account after the changes of ``text``, parted by commas between them, and what was done in words.

    Raises Refused for a change that cannot be read or made: more sold than is held, more repaid than is owed.
    """
    told = []
    for part in re.split(r"[;,](?=\s*[A-Za-z가-힣])", text):
        portfolio, words = _one(portfolio, part.strip())
        told.append(words)
    return portfolio, "; ".join(told)


def _one(portfolio: Portfolio, text: str) -> tuple[Portfolio, str]:
    verb, _, rest = text.partition(" ")
    known = {"add": _add, "take": _take, "sell": _sell, "buy": _buy, "loan": _loan, "repay": _repay}
    korean = {"입금": "add", "출금": "take", "매도": "sell", "매수": "buy", "대출": "loan", "상환": "repay"}
    verb = korean.get(verb, verb.lower())
    if verb not in known or not rest.strip():
        raise refuse(WHERE, f"'{text}'", ALLOWED, closest(verb, known))
    return known[verb](portfolio, rest.strip())


def _add(portfolio: Portfolio, text: str) -> tuple[Portfolio, str]:
    won = parse_won(text.removeprefix("+").strip(), WHERE)
    return replace(portfolio, cash_won=portfolio.cash_won + won), f"{format_won(won)} more cash in the account"


def _take(portfolio: Portfolio, text: str) -> tuple[Portfolio, str]:
    won = parse_won(text.removeprefix("-").strip(), WHERE)
    if won > portfolio.cash_won:
        raise refuse(WHERE, format_won(won), f"at most the cash of {format_won(portfolio.cash_won)} can be taken")
    return replace(portfolio, cash_won=portfolio.cash_won - won), f"{format_won(won)} taken out"


def _units(text: str) -> tuple[str, int]:
    words = text.split()
    if len(words) != 2 or not words[1].replace(",", "").removesuffix("주").isdigit():
        raise refuse(WHERE, f"'{text}'", ALLOWED, "write the ticker and whole shares: sell 005930 300")
    quantity = int(words[1].replace(",", "").removesuffix("주"))
    if quantity == 0:
        raise refuse(WHERE, f"'{text}'", "shares must be 1 or more")
    return canonical(words[0]), quantity


def _held(portfolio: Portfolio, ticker: str) -> list[Lot]:
    held = [lot for lot in portfolio.things if lot.ticker == ticker and lot.quantity > 0]
    if not held:
        names = [lot.ticker for lot in portfolio.things]
        raise refuse(WHERE, f"'{ticker}'", f"must be a holding: {', '.join(names)}", closest(ticker, names))
    return held


def _sell(portfolio: Portfolio, text: str) -> tuple[Portfolio, str]:
    """Sold at today's price: the loan that the shares secure is repaid in their share of it, the rest is cash."""
    if is_coin(text):
        return sell_coin(portfolio, text, WHERE)
    ticker, quantity = _units(text)
    held = sorted(_held(portfolio, ticker), key=lambda lot: lot.standing != Standing.FINANCED)
    total = sum(lot.quantity for lot in held)
    if quantity > total:
        raise refuse(WHERE, f"{quantity:,}", f"at most the {total:,} of {ticker} that are held can be sold")
    lots, debts, cash, left, repaid = list(portfolio.lots), list(portfolio.debts), portfolio.cash_won, quantity, 0
    for lot in held:
        sold = min(left, lot.quantity)
        left -= sold
        lots[lots.index(lot)] = replace(lot, quantity=lot.quantity - sold)
        money = _proceeds(portfolio, lot, sold)
        for place, debt in enumerate(debts):
            if debt.ticker == ticker and LENDERS[debt.kind] == lot.standing and sold:
                back = min(money, debt.won if sold == lot.quantity else -(-debt.won * sold // lot.quantity))
                debts[place] = replace(debt, won=debt.won - back)
                money, repaid = money - back, repaid + back
        cash += money
    kept = tuple(debt for debt in debts if debt.won > 0)
    words = f"{quantity:,} of {ticker} sold at today's price"
    words += f", {format_won(repaid)} of its loan repaid" if repaid else ""
    return replace(portfolio, lots=tuple(lots), debts=kept, cash_won=cash), words


def _proceeds(portfolio: Portfolio, lot: Lot, quantity: int) -> int:
    """Won that a sale brings today after fee and transaction tax; taxes on gains come later."""
    book, on = portfolio.book, portfolio.on
    rate = portfolio.won_per_dollar if lot.foreign else 1.0
    gross = round(quantity * lot.shown_price * rate)
    fee = int(book.value("market.overseas_fee" if lot.foreign else "market.broker_fee", on))
    kind = "US" if lot.foreign else "ETF" if lot.is_fund else lot.board.name
    return gross - fee_won(gross, fee) - transaction_tax_won(gross, int(book.value("market.transaction_tax", on, kind)))


def _buy(portfolio: Portfolio, text: str) -> tuple[Portfolio, str]:
    """Bought at today's price with cash of the account."""
    if is_coin(text):
        raise refuse(WHERE, f"'buy {text}'", "coins are sold here and not bought", 'write "sell KRW-BTC 0.1"')
    ticker, quantity = _units(text)
    lot = _held(portfolio, ticker)[0]
    rate = portfolio.won_per_dollar if lot.foreign else 1.0
    fee = int(portfolio.book.value("market.overseas_fee" if lot.foreign else "market.broker_fee", portfolio.on))
    cost = round(quantity * lot.shown_price * rate)
    cost += fee_won(cost, fee)
    if cost > portfolio.cash_won:
        help = f'add money first: "add {cost - portfolio.cash_won:,}, buy {ticker} {quantity}"'
        raise refuse(WHERE, format_won(cost), f"the cash of {format_won(portfolio.cash_won)} must pay for it", help)
    fresh = replace(lot, quantity=quantity, standing=Standing.OTHER, cost=lot.shown_price)
    words = f"{quantity:,} of {ticker} bought with cash at today's price"
    return replace(portfolio, lots=(*portfolio.lots, fresh), cash_won=portfolio.cash_won - cost), words


def _loan(portfolio: Portfolio, text: str) -> tuple[Portfolio, str]:
    """``-20m`` repays, from cash and then from outside; ``+20m`` borrows on margin and buys more of the same share."""
    sign = text[0]
    if sign not in "+-−":
        raise refuse(
            WHERE, f"'loan {text}'", "a loan changes by an amount with its sign", 'write "loan -20m" or "loan +20m"'
        )
    amount = text[1:].strip()
    return _borrow(portfolio, amount) if sign == "+" else _repay(portfolio, amount)


def _repay(portfolio: Portfolio, text: str) -> tuple[Portfolio, str]:
    won = parse_won(text, WHERE)
    owed = sum(debt.won for debt in portfolio.debts)
    if won > owed or won == 0:
        raise refuse(WHERE, format_won(won), f"must be above 0 and at most the {format_won(owed)} that are owed")
    left, debts = won, []
    for debt in sorted(portfolio.debts, key=lambda debt: (debt.kind, -debt.won, debt.ticker)):
        back = min(left, debt.won)
        left -= back
        debts.append(replace(debt, won=debt.won - back))
    from_cash = min(won, portfolio.cash_won)
    words = f"{format_won(won)} of the loans repaid"
    words += f", {format_won(won - from_cash)} of it with money from outside the account" if from_cash < won else ""
    kept = tuple(debt for debt in debts if debt.won > 0)
    return replace(portfolio, debts=kept, cash_won=portfolio.cash_won - from_cash), words


def _borrow(portfolio: Portfolio, text: str) -> tuple[Portfolio, str]:
    won = parse_won(text, WHERE)
    lead = leading_lot(portfolio)
    if lead is None or lead.group == NO_GROUP:
        raise refuse(
            WHERE, f"'loan +{text}'", "needs a holding that firms lend on", "overseas shares and funds are none"
        )
    quantity = won // lead.price
    if quantity == 0:
        raise refuse(WHERE, format_won(won), f"must buy at least one share of {lead.ticker} at {lead.price:,} won")
    spent = quantity * lead.price
    days = int(portfolio.book.value("margin.term", portfolio.on))
    due = portfolio.on + timedelta(days=days)
    debts = list(portfolio.debts)
    place = next((i for i, d in enumerate(debts) if d.kind == LoanKind.MARGIN and d.ticker == lead.ticker), None)
    if place is None:
        debts.append(Debt(LoanKind.MARGIN, spent, lead.ticker, portfolio.on, due, True, days))
    else:
        debts[place] = replace(debts[place], won=debts[place].won + spent)
    lots = [*portfolio.lots, replace(lead, quantity=quantity, standing=Standing.FINANCED, cost=lead.shown_price)]
    words = f"{format_won(spent)} more borrowed on margin for {quantity:,} more of {lead.ticker}"
    return replace(portfolio, lots=tuple(lots), debts=tuple(debts)), words
