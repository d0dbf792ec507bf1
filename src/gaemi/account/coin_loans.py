"""Coin loans of one account: how far each is from its forced sale, which comes at any hour of the week."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from gaemi.account.coin_sentences import coin_price_words
from gaemi.account.coins import volatility_of
from gaemi.account.lots import Contract, Lot
from gaemi.answers import wording
from gaemi.errors import Fault, closest
from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import NO_GROUP
from gaemi.records.columns import Board, Standing
from gaemi.rules.coin_loan import closing_fall_bps, closing_rise_bps, debt_ratio_bps, is_closed
from gaemi.sources.account_coin_loans import CoinLoanLine
from gaemi.sources.account_coins import symbol_of
from gaemi.units import BPS, format_won


@dataclass(frozen=True, slots=True)
class CoinLoan:
    """A loan account on a date: what it holds and owes in won, and the ratio at which it is closed."""

    line: CoinLoanLine
    lender: str
    held_price: float | None
    owed_price: float | None
    held_won: int
    owed_won: int
    forced_bps: int
    warning_bps: int

    @property
    def moving_won(self) -> int:
        """What the coins that it holds are worth."""
        return self.held_won - self.line.cash_won

    @property
    def net_won(self) -> int:
        """What is left when all is paid; below 0 it is owed."""
        return self.held_won - self.owed_won


def coin_loans_of(
    lines: Sequence[CoinLoanLine], prices: Mapping[str, float], book: LawBook, on: date, faults: list[Fault]
) -> tuple[CoinLoan, ...]:
    """The coin loans of an account at the prices of a date."""
    found = [coin_loan_of(line, prices, book, on, faults) for line in lines]
    return tuple(each for each in found if each is not None)


def coin_loan_lots(
    loans: Sequence[CoinLoan], book: LawBook, on: date, recorded: Collection[str], notes: list[str]
) -> list[Lot]:
    """What is left of each loan account as lots; two on one coin are told apart by their number."""
    lots: list[Lot] = []
    for loan in loans:
        lot = coin_loan_lot(loan)
        spread = volatility_of(lot.underlying, book, on, recorded, notes)
        name = lot.ticker if all(each.ticker != lot.ticker for each in lots) else f"{lot.ticker} {len(lots) + 1}"
        lots.append(replace(lot, ticker=name, volatility_pct=spread))
        notes.append(f"{lot.name}: in the odds a forced sale leaves nothing, where up to a tenth may be left")
    return lots


def coin_loan_of(
    line: CoinLoanLine, prices: Mapping[str, float], book: LawBook, on: date, faults: list[Fault]
) -> CoinLoan | None:
    """The loan at the prices of a date; None, with faults, where it has no price or cannot stand.

    Without a lender the strictest ratio of all services is used. On a loan whose coins are the same on both sides no
    price has a say.
    """
    ratios, warnings = (book.value(f"coin_loan.{name}", on) for name in ("forced_sale_ratio", "warning_ratio"))
    if line.lender is not None and line.lender not in ratios:
        help = closest(line.lender, ratios)
        faults.append(Fault(line.where, f"'{line.lender}'", f"lenders are {', '.join(ratios)}", help))
        return None
    lender = line.lender or min(ratios, key=lambda each: (ratios[each], each))
    told = {line.held: line.held_price, line.owed: line.owed_price}
    priced: dict[str, float] = {}
    for ticker in line.tickers:
        price = told[ticker] or prices.get(ticker)
        if price is None:
            help = "write held_price or owed_price, or give --prices with that day"
            faults.append(Fault(line.where, "no price", f"{ticker} must have a price on {on}", help))
        else:
            priced[ticker] = price
    if len(priced) < len(set(line.tickers)):
        return None
    held = _won(line.held_quantity, priced.get(line.held or "")) + line.cash_won
    owed = _won(line.owed_quantity, priced.get(line.owed or "")) + line.amount_won
    if is_closed(owed, held, int(ratios[lender])):
        found = f"debt of {owed:,} won on {held:,} won"
        allowed = f"a coin loan must be open: at {int(ratios[lender]) / 100:g} % it is closed"
        faults.append(Fault(line.where, found, allowed, "leave it out, it is gone"))
        return None
    return CoinLoan(
        line, lender, priced.get(line.held or ""), priced.get(line.owed or ""), held, owed, int(ratios[lender]),
        int(warnings[lender]),
    )  # fmt: skip


def _won(quantity: Decimal, price: float | None) -> int:
    exact = Decimal(0) if price is None else quantity * Decimal(repr(price))
    return int(exact.to_integral_value(ROUND_HALF_UP))


def coin_loan_rows(loans: tuple[CoinLoan, ...]) -> list[dict[str, Any]]:
    """Each coin loan for the document: ratio, and the price of one coin, the rest unchanged, at which it is closed.

    Of a loan of coins the price is that of the coin owed, which rises; of a loan of won that of the coin held.
    """
    return [_row(each) for each in loans]


def _row(loan: CoinLoan) -> dict[str, Any]:
    line = loan.line
    ticker, price, level = sale_level(loan)
    return {
        "ticker": ticker,
        "lender": loan.lender,
        "named": line.lender is not None,
        "debt_won": loan.owed_won,
        "held_won": loan.held_won,
        "net_won": loan.net_won,
        "ratio_pct": debt_ratio_bps(loan.owed_won, loan.held_won) / 100,
        "warning_ratio_pct": loan.warning_bps / 100,
        "forced_ratio_pct": loan.forced_bps / 100,
        "owes_coins": line.owed is not None,
        "price": price,
        "sale_price": None if level is None or price is None else price * level / BPS,
        "move_pct": None if level is None else 100 * (level / BPS - 1),
    }


def sale_level(loan: CoinLoan) -> tuple[str | None, float | None, int | None]:
    """The coin that closes the loan, its price, and the level in bps of that price; None where no price does."""
    line = loan.line
    if line.owed is None:
        if loan.moving_won <= 0:
            return line.held, loan.held_price, None
        lowest = closing_fall_bps(loan.moving_won, line.cash_won, loan.owed_won, loan.forced_bps)
        return line.held, loan.held_price, lowest if lowest > 0 else None
    if line.owed == line.held:
        # Both sides move together: the won on the account are what the ratio lives on.
        net = loan.owed_won - loan.moving_won * loan.forced_bps // BPS
        level = -(-loan.forced_bps * line.cash_won // net) if net > 0 else None
        return line.owed, loan.owed_price, level
    return line.owed, loan.owed_price, closing_rise_bps(loan.held_won, loan.owed_won, loan.forced_bps)


def coin_loan_lot(loan: CoinLoan) -> Lot:
    """What is left of a loan account as one lot that moves with the coin that closes it.

    For the odds only: a second coin in the same account stands still there, and what a forced sale leaves is not
    counted.
    """
    line = loan.line
    ticker, price, level = sale_level(loan)
    assert ticker is not None and price is not None, "a coin loan holds or owes a coin"
    exposed = (loan.moving_won if line.held == ticker else 0) - (
        loan.owed_won - line.amount_won if line.owed == ticker else 0
    )
    worth = max(1, loan.net_won)
    times = exposed / worth
    closed = 0.0 if level is None else level / BPS
    side = 1 if times >= 0 else -1
    return Lot(
        ticker=f"{ticker} loan",
        name=f"coin loan, {symbol_of(ticker)}",
        board=Board.KOSPI,
        is_fund=False,
        group=NO_GROUP,
        digits=0,
        price=worth,
        quantity=1,
        standing=Standing.ELSEWHERE,
        underlying=ticker,
        contract=Contract(side, times, closed, price, closed * price),
    )


def coin_loan_sentences(rows: list[dict[str, Any]]) -> list[str]:
    """One sentence a loan: the ratio, and the price of the coin at which it is sold, at any hour of the week."""
    said = []
    for row in rows:
        head = (
            f"The coin loan owes {format_won(row['debt_won'])} on {format_won(row['held_won'])}, "
            f"{wording.percent(row['ratio_pct'])}, and is closed at {wording.percent(row['forced_ratio_pct'], 0)}"
        )
        rule = "" if row["named"] else " (the strictest service, because yours is not named)"
        if row["move_pct"] is None:
            said.append(f"{head}{rule}: no price alone brings it there.")
            continue
        move = "falls" if row["move_pct"] < 0 else "rises"
        said.append(
            f"{head}{rule}: when {symbol_of(row['ticker'])} {move} {wording.percent(abs(row['move_pct']))} to "
            f"{coin_price_words(row['sale_price'])} won, at any hour of the week, without a call."
        )
    return said
