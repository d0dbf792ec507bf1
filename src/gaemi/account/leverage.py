"""Leverage: the same own money with no loan, with more, up to the legal maximum. None of them is marked as best."""

from dataclasses import dataclass, replace
from datetime import timedelta

from gaemi.account.lots import Debt, Lot
from gaemi.account.portfolio import Portfolio
from gaemi.people.instruments import NO_GROUP
from gaemi.records.columns import LoanKind, Standing
from gaemi.rules.margin import largest_loan_won
from gaemi.units import BPS

STEPS = (1.0, 1.25, 1.5, 1.75, 2.0)
GROUPS = ("g1", "g2", "g3")
SAME = 0.02
"""Leverages closer than this are one row of the table."""


@dataclass(frozen=True, slots=True)
class Step:
    """One leverage of the account: ``leverage`` of the own money in the share that can be bought on margin."""

    leverage: float
    now: bool
    loan_won: int
    portfolio: Portfolio


def steps_of(portfolio: Portfolio) -> list[Step]:
    """The account at leverages from none to the legal maximum, and at today's; empty where nothing can be margined.

    The own money in the leading share (its value less its margin loan) is kept; the rest stays as it is.
    At leverage L it buys L times itself of that share, the margin loan paying what is beyond it.
    """
    lead = leading_lot(portfolio)
    if lead is None:
        return []
    owed = sum(debt.won for debt in portfolio.debts if _finances(debt, lead))
    value = sum(lot.quantity * lot.price for lot in portfolio.lots if _is_lead(lot, lead))
    own = value - owed
    if own <= 0 or own < lead.price:
        return []
    deposit = int(portfolio.book.value("margin.deposit", portfolio.on, GROUPS[lead.group]))
    most = BPS / deposit
    now = value / own
    wanted = [step for step in STEPS if step < most - SAME] + [most]
    wanted = sorted([step for step in wanted if abs(step - now) >= SAME] + [now])
    return [
        Step(each, each == now, owed, portfolio) if each == now else _at(portfolio, lead, each, own) for each in wanted
    ]


def leading_lot(portfolio: Portfolio) -> Lot | None:
    """The largest holding that a firm lends on: what is on margin already first."""
    fits = [lot for lot in portfolio.things if not lot.foreign and lot.group != NO_GROUP and lot.quantity > 0]
    fits = [lot for lot in fits if lot.standing in (Standing.FINANCED, Standing.OTHER)]
    financed = [lot for lot in fits if lot.standing == Standing.FINANCED]
    return max(financed or fits, key=lambda lot: (lot.quantity * lot.price, lot.ticker), default=None)


def _is_lead(lot: Lot, lead: Lot) -> bool:
    return lot.ticker == lead.ticker and lot.standing == lead.standing


def _finances(debt: Debt, lead: Lot) -> bool:
    return debt.kind == LoanKind.MARGIN and debt.ticker == lead.ticker and lead.standing == Standing.FINANCED


def _at(portfolio: Portfolio, lead: Lot, leverage: float, own: int) -> Step:
    """The account with ``leverage`` times its own money in the leading share."""
    quantity = int(own * leverage / lead.price)
    value = quantity * lead.price
    loan = max(0, value - own)
    deposit = int(portfolio.book.value("margin.deposit", portfolio.on, GROUPS[lead.group]))
    if loan > largest_loan_won(value, deposit):
        quantity -= 1
        value = quantity * lead.price
        loan = max(0, min(value - own, largest_loan_won(value, deposit)))
    left = own + loan - value
    return Step(leverage, False, loan, with_loan(portfolio, lead, quantity, loan, left))


def with_loan(portfolio: Portfolio, lead: Lot, quantity: int, loan_won: int, left_won: int) -> Portfolio:
    """The account with so many of the leading share and such a margin loan on it; what is left over is cash."""
    standing = Standing.FINANCED if loan_won > 0 or lead.standing == Standing.FINANCED else lead.standing
    lots = [lot for lot in portfolio.lots if not _is_lead(lot, lead)]
    lots.append(replace(lead, quantity=quantity, standing=standing))
    debts = [debt for debt in portfolio.debts if not _finances(debt, lead)]
    if loan_won > 0:
        old = next((debt for debt in portfolio.debts if _finances(debt, lead)), None)
        days = int(portfolio.book.value("margin.term", portfolio.on))
        fresh = Debt(
            LoanKind.MARGIN, loan_won, lead.ticker, portfolio.on, portfolio.on + timedelta(days=days), True, days
        )
        debts.append(replace(old, won=loan_won) if old is not None else fresh)
    return replace(portfolio, lots=tuple(lots), debts=tuple(debts), cash_won=portfolio.cash_won + left_won)


def without_loans(portfolio: Portfolio) -> Portfolio | None:
    """The account with its margin loan repaid by selling part of the leading share; None where it has no such loan."""
    steps = steps_of(portfolio)
    return next((step.portfolio for step in steps if step.loan_won == 0), None)
