"""Contracts: perpetual-like positions as lots whose price is their own worth, closed by the venue within the day."""

from collections.abc import Mapping
from datetime import date

from gaemi.account.lots import Contract, Lot
from gaemi.account.perpetuals import (
    Position,
    bankrupt_at,
    closed_at,
    margin_behind,
    schedule_of,
    share_of_wallet,
    shared,
    wallet_equity,
    wallet_need,
)
from gaemi.errors import Fault
from gaemi.law.lawbook import LawBook
from gaemi.people.instruments import NO_GROUP
from gaemi.records.columns import Board, Standing
from gaemi.rules.perpetual import is_liquidatable
from gaemi.sources.account_words import in_won
from gaemi.sources.accounts import AccountFile, PositionLine

THOUSANDTHS = 1000


def positions_of(file: AccountFile, book: LawBook, on: date, faults: list[Fault]) -> list[Position]:
    """The positions of an account with the schedules they are kept by."""
    found: list[Position] = []
    for line in file.positions:
        schedule = schedule_of(line, book, on, faults)
        if schedule is None:
            continue
        one = Position(line, schedule)
        if any(each.name == one.name for each in found):
            help = "join them: add the quantities, take the mean entry"
            faults.append(Fault(line.where, f"a second {one.name}", "a position must be named once", help))
            continue
        found.append(one)
    faults += _faults_of_wallet(file, [each.line for each in found if each.line.cross])
    return found


def _faults_of_wallet(file: AccountFile, lines: list[PositionLine]) -> list[Fault]:
    if lines and file.wallet is None:
        help = "write what it holds: 'wallet: 5000', in the currency of the positions"
        return [Fault(lines[0].where, "no wallet", "positions in cross mode share a wallet", help)]
    if file.wallet is not None and not lines:
        help = "say 'mode: cross' in the positions that it backs"
        return [Fault(f"{file.origin}, wallet", f"{file.wallet:,g}", "no position stands on the wallet", help)]
    if len({in_won(line.ticker, None) for line in lines}) > 1:
        return [Fault(lines[0].where, "won and dollars", "positions on one wallet must be in one currency")]
    return []


def contract_lots(
    positions: list[Position], wallet: float, marks: Mapping[str, float | None], on: date, faults: list[Fault]
) -> tuple[Lot, ...]:
    """Open positions as lots of THOUSANDTHS of what backs each, whose price is what a thousandth of it is worth.

    Faults where one has no price, or where its venue has closed it already.
    """
    prices: dict[str, float] = {}
    for one in positions:
        price = marks.get(one.name)
        if price is None or price <= 0:
            help = "write 'price:' into the position, or give --prices with that day"
            faults.append(Fault(one.line.where, "no price", f"{one.line.ticker} must have a price on {on}", help))
        else:
            prices[one.name] = price
    if len(prices) < len(positions):
        return ()
    if is_liquidatable(wallet_need(positions, prices), wallet_equity(wallet, positions, prices)):
        found = f"{wallet_equity(wallet, positions, prices):,.6g}, {wallet_need(positions, prices):,.6g} are needed"
        where = shared(positions)[0].line.where
        faults.append(Fault(where, found, "the wallet must carry its positions: the venue has closed some of them"))
        return ()
    lots = [_lot(one, positions, wallet, prices, faults) for one in positions]
    return tuple(lot for lot in lots if lot is not None)


def _lot(
    one: Position, positions: list[Position], wallet: float, prices: dict[str, float], faults: list[Fault]
) -> Lot | None:
    line, price = one.line, prices[one.name]
    behind = margin_behind(one, positions, wallet, prices)
    margin = share_of_wallet(one, positions, wallet, prices)
    worth, closed = margin + one.profit(price), closed_at(one, margin)
    if worth <= one.need(price):
        allowed = f"a position must be open: at {price:,.6g} the venue has closed this one (at {closed:,.6g})"
        faults.append(Fault(line.where, line.ticker, allowed, "leave it out, it is gone"))
        return None
    abroad = not in_won(line.ticker, None)
    digits = 6 if abroad else 0
    contract = Contract(
        line.side, line.side * line.quantity * price / worth, closed / price, price, closed_at(one, behind),
        bankrupt_at(one, behind), one,
    )  # fmt: skip
    return Lot(
        ticker=one.name,
        name=f"{one.name}, {abs(contract.times):.1f} times",
        board=Board.US if abroad else Board.KOSPI,
        is_fund=False,
        group=NO_GROUP,
        digits=digits,
        price=max(1, round(worth / THOUSANDTHS * 10**digits)),
        quantity=THOUSANDTHS,
        standing=Standing.ELSEWHERE,
        volatility_pct=line.volatility_pct,
        underlying=line.ticker,
        contract=contract,
    )
