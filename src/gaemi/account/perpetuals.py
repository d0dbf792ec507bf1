"""Perpetuals: where a venue closes the positions of an account, alone on their margin or together on a wallet.

The tests are those of :mod:`gaemi.rules.perpetual`; here they meet the positions of one account and a set of prices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gaemi.errors import Fault, closest
from gaemi.law.lawbook import LawBook
from gaemi.rules.perpetual import (
    backing,
    bankruptcy_price,
    equity,
    is_liquidatable,
    next_amount,
    tier_of,
    tiered_liquidation_price,
)
from gaemi.sources.account_positions import PositionLine
from gaemi.sources.account_words import in_won
from gaemi.units import BPS

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Tiers of maintenance by the value of a position: floors and amounts in its currency, rates as shares."""

    floors: tuple[float, ...]
    rates: tuple[float, ...]
    amounts: tuple[float, ...]
    words: str

    def need(self, value: float) -> float:
        """The maintenance of a position of a value, 0 or more."""
        tier = tier_of(value, self.floors)
        return max(0.0, self.rates[tier] * value - self.amounts[tier])


@dataclass(frozen=True, slots=True)
class Position:
    """One open position with the schedule that its venue keeps it by."""

    line: PositionLine
    schedule: Schedule

    @property
    def name(self) -> str:
        """``BTCUSDT long``."""
        return f"{self.line.ticker} {'long' if self.line.side > 0 else 'short'}"

    def profit(self, price: float) -> float:
        """Profit so far, below 0 a loss, in its currency."""
        return equity(0.0, self.line.side, self.line.quantity, self.line.entry, price)

    def need(self, price: float) -> float:
        """Maintenance at a price."""
        return self.schedule.need(self.line.quantity * price)


Prices = Mapping[str, float]
"""Mark prices by name of position."""


def schedule_of(line: PositionLine, book: LawBook, on: date, faults: list[Fault]) -> Schedule | None:
    """The schedule of a position: its own tiers or share, else the law's table of that name, coin, or other coins."""
    if line.tiers:
        return scheduled([floor for floor, _ in line.tiers], [rate / 100 for _, rate in line.tiers], "its own tiers")
    if line.maintenance_pct is not None:
        return scheduled([0.0], [line.maintenance_pct / 100], f"{line.maintenance_pct:g} % of its value")
    tables = book.value("perpetual.tiers", on)
    if line.table is not None and line.table not in tables:
        help = closest(line.table, tables) or "or write floor and rate of each tier"
        faults.append(Fault(line.where, f"'{line.table}'", f"tables of tiers are {', '.join(tables)}", help))
        return None
    if in_won(line.ticker, None):
        help = "say maintenance, or tiers with floor and rate"
        faults.append(Fault(line.where, line.ticker, "no venue's table is known for positions in won", help))
        return None
    name = line.table or (line.ticker if line.ticker in tables else OTHER)
    rows = tables[name]
    if not rows:
        allowed = f"the law holds no table of tiers on {on}"
        faults.append(Fault(line.where, name, allowed, "say maintenance, or tiers with floor and rate"))
        return None
    floors = [0.0, *(float(row[0]) for row in rows[:-1])]
    return scheduled(floors, [row[1] / BPS for row in rows], f"the venue table {name}")


def scheduled(floors: Sequence[float], rates: Sequence[float], words: str) -> Schedule:
    """A schedule with the amounts that make it continuous."""
    amounts = [0.0]
    for tier in range(1, len(floors)):
        amounts.append(next_amount(amounts[-1], floors[tier], rates[tier - 1], rates[tier]))
    return Schedule(tuple(floors), tuple(rates), tuple(amounts), words)


def shared(positions: Sequence[Position]) -> list[Position]:
    """Those that stand on the wallet."""
    return [each for each in positions if each.line.cross]


def wallet_equity(wallet: float, positions: Sequence[Position], prices: Prices) -> float:
    """What the wallet and the profits of the positions on it come to."""
    return wallet + sum(each.profit(prices[each.name]) for each in shared(positions))


def wallet_need(positions: Sequence[Position], prices: Prices) -> float:
    """What the positions on the wallet need together."""
    return sum(each.need(prices[each.name]) for each in shared(positions))


def margin_behind(one: Position, positions: Sequence[Position], wallet: float, prices: Prices) -> float:
    """What backs a position: its own margin, or of the wallet what the others on it leave."""
    if not one.line.cross:
        return one.line.margin
    others = [each for each in shared(positions) if each.name != one.name]
    need = sum(each.need(prices[each.name]) for each in others)
    return backing(wallet, need, sum(each.profit(prices[each.name]) for each in others))


def closed_at(one: Position, margin: float) -> float:
    """The price at which the venue closes a position that ``margin`` backs; 0 or less of a long one: none."""
    line, tiers = one.line, one.schedule
    return tiered_liquidation_price(margin, line.side, line.quantity, line.entry, tiers.rates, tiers.amounts)


def bankrupt_at(one: Position, margin: float) -> float:
    """The price at which all that backs a position is lost."""
    return bankruptcy_price(margin, one.line.side, one.line.quantity, one.line.entry)


def share_of_wallet(one: Position, positions: Sequence[Position], wallet: float, prices: Prices) -> float:
    """The margin under which a position alone is worth its part of the wallet's equity, parted by what each needs.

    For a single position that is the wallet. For several it stands in where each must be walked by itself.
    """
    if not one.line.cross:
        return one.line.margin
    need = wallet_need(positions, prices)
    if need == 0:
        return wallet / len(shared(positions))
    part = one.need(prices[one.name]) / need
    return wallet_equity(wallet, positions, prices) * part - one.profit(prices[one.name])


@dataclass(frozen=True, slots=True)
class Closing:
    """A position that the venue closed: at which mark, and what came back to the wallet (its own margin: nothing)."""

    name: str
    price: float
    back: float


def closings(
    positions: Sequence[Position], wallet: float, prices: Prices, fee: float
) -> tuple[list[Closing], list[Position], float]:
    """The positions that the venue closes at these marks, those that stay open, and what the wallet then holds.

    A position under its maintenance is closed whole, exactly at it it stays. On a wallet the largest loss goes first,
    at the mark, for ``fee`` as a share of its value, until what is left suffices; a wallet is never below 0. Of a
    position with its own margin nothing comes back: what closing leaves goes to the venue's fund.
    """
    closed: list[Closing] = []
    left = []
    for one in positions:
        price = prices[one.name]
        if not one.line.cross and is_liquidatable(one.need(price), one.line.margin + one.profit(price)):
            closed.append(Closing(one.name, price, 0.0))
        else:
            left.append(one)
    while True:
        on_wallet = shared(left)
        worth, need = wallet_equity(wallet, left, prices), wallet_need(left, prices)
        if not on_wallet or not is_liquidatable(need, worth):
            return closed, left, wallet
        one = min(on_wallet, key=lambda each: (each.profit(prices[each.name]), each.name))
        price = prices[one.name]
        back = one.profit(price) - fee * one.line.quantity * price
        wallet = max(0.0, wallet + back)
        closed.append(Closing(one.name, price, back))
        left.remove(one)


def worth_of(positions: Sequence[Position], wallet: float, prices: Prices) -> float:
    """What open positions and the wallet are worth in their currency; no position with its own margin is below 0."""
    own = sum(max(0.0, each.line.margin + each.profit(prices[each.name])) for each in positions if not each.line.cross)
    return own + max(0.0, wallet_equity(wallet, positions, prices))
