"""Contracts: perpetual-like positions as lots whose price is their own worth, closed by the venue within the day."""

from datetime import date

from gaemi.account.lots import Contract, Lot
from gaemi.errors import Fault
from gaemi.people.instruments import NO_GROUP
from gaemi.records.columns import Board, Standing
from gaemi.rules.perpetual import equity, liquidation_price
from gaemi.sources.account_words import in_won
from gaemi.sources.accounts import PositionLine

THOUSANDTHS = 1000


def contract_lot(line: PositionLine, price: float | None, on: date, faults: list[Fault]) -> Lot | None:
    """A position as a lot of THOUSANDTHS of its margin, whose price is what a thousandth of it is worth."""
    if price is None or price <= 0:
        help = "write 'price:' into the position, or give --prices with that day"
        faults.append(Fault(line.where, "no price", f"{line.ticker} must have a price on {on}", help))
        return None
    worth = equity(line.margin, line.side, line.quantity, line.entry, price)
    closed = liquidation_price(line.margin, line.side, line.quantity, line.entry, line.maintenance_pct / 100)
    if worth <= line.maintenance_pct / 100 * line.quantity * price:
        allowed = f"a position must be open: at {price:,.6g} the venue has closed this one (at {closed:,.6g})"
        faults.append(Fault(line.where, line.ticker, allowed, "leave it out, it is gone"))
        return None
    abroad = not in_won(line.ticker, None)
    digits = 6 if abroad else 0
    now = max(1, round(worth / THOUSANDTHS * 10**digits))
    contract = Contract(line.side, line.side * line.quantity * price / worth, closed / price, price, closed)
    side = "long" if line.side > 0 else "short"
    return Lot(
        ticker=f"{line.ticker} {side}",
        name=f"{line.ticker} {side}, {abs(contract.times):.1f} times",
        board=Board.US if abroad else Board.KOSPI,
        is_fund=False,
        group=NO_GROUP,
        digits=digits,
        price=now,
        quantity=THOUSANDTHS,
        standing=Standing.ELSEWHERE,
        volatility_pct=line.volatility_pct,
        underlying=line.ticker,
        contract=contract,
    )
