"""A venue again, slow and plain: lists of positions, whole numbers and fractions, nothing shared with the package."""

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

E6, BPS = 10**6, 10**4


@dataclass
class Held:
    contract: int
    isolated: bool
    lots: int
    entry: int
    margin: int = 0
    closing: int = 0


@dataclass
class Trader:
    number: int
    wallet: int
    positions: list[Held] = field(default_factory=list)

    def shared(self) -> list[Held]:
        return [each for each in self.positions if not each.isolated and each.lots]


@dataclass
class Step:
    """One moment: marks, what the book pays and asks, shares that fill, and the rules."""

    mark: list[int]
    pays: list[int]
    asks: list[int]
    sold_bps: list[int]
    bought_bps: list[int]
    tiers: list[list[tuple[int, int]]]  # floor and rate in millionths, by contract
    taker_e6: int
    liquidation_e6: int


@dataclass
class Plain:
    """The venue: traders and what else holds money."""

    traders: list[Trader]
    rest: int = 0
    fund: int = 0
    fees: int = 0
    uncovered: int = 0


def maintenance(tiers: list[tuple[int, int]], value: int) -> int:
    """Sum over the slices of the value that fall in each tier, each at its own rate: the amounts are never needed."""
    total = Fraction(0)
    for place, (bottom, rate) in enumerate(tiers):
        top = tiers[place + 1][0] if place + 1 < len(tiers) else None
        inside = (value if top is None else min(value, top)) - bottom
        total += Fraction(max(0, inside) * rate, E6)
    return ceil(total)


def profit(held: Held, step: Step) -> int:
    return held.lots * step.mark[held.contract] - held.entry


def need(held: Held, step: Step) -> int:
    return maintenance(step.tiers[held.contract], abs(held.lots) * step.mark[held.contract])


def book_price(held: Held, step: Step) -> int:
    return step.pays[held.contract] if held.lots > 0 else step.asks[held.contract]


def share_up(value: int, rate_e6: int) -> int:
    return ceil(Fraction(value * rate_e6, E6))


def mark_for_closing(trader: Trader, step: Step) -> None:
    for held in trader.positions:
        held.closing = 0
        if held.isolated and held.lots and held.margin + profit(held, step) < need(held, step):
            held.closing = abs(held.lots)
    left = trader.shared()
    equity = trader.wallet + sum(profit(held, step) for held in left)
    while left and equity < sum(need(held, step) for held in left):
        worst = min(left, key=lambda held: (profit(held, step), held.contract))
        worst.closing = abs(worst.lots)
        left.remove(worst)
        traded = worst.lots * book_price(worst, step)
        equity += traded - worst.lots * step.mark[worst.contract]
        equity -= share_up(abs(traded), step.taker_e6 + step.liquidation_e6)


@dataclass
class Sold:
    """What the book would do with one position."""

    held: Held
    lots: int
    traded: int
    fee: int
    penalty: int
    entry: int
    margin: int

    @property
    def gain(self) -> int:
        return self.margin + self.traded - self.entry - self.fee - self.penalty


def sale(held: Held, step: Step) -> Sold:
    bps = (step.sold_bps if held.lots > 0 else step.bought_bps)[held.contract]
    lots = held.closing * bps // BPS
    part = Fraction(lots, abs(held.lots))
    traded = lots * book_price(held, step)
    fee = share_up(traded, step.taker_e6)
    penalty = 0 if held.isolated else share_up(traded, step.taker_e6 + step.liquidation_e6) - fee
    signed = traded if held.lots > 0 else -traded
    return Sold(held, lots, signed, fee, penalty, floor(held.entry * part), floor(held.margin * part))


def deficits(trader: Trader, step: Step) -> tuple[int, int, bool]:
    """What the book leaves unpaid, what it leaves over for the fund, and whether the shared margin is unpaid."""
    missing = over = 0
    wallet, open_after = trader.wallet, len(trader.shared())
    some = False
    for held in trader.positions:
        if not held.closing:
            continue
        sold = sale(held, step)
        if held.isolated:
            missing += max(0, -sold.gain)
            over += max(0, sold.gain)
        else:
            some = True
            wallet += sold.gain
            over += sold.penalty
            open_after -= sold.lots == abs(held.lots)
    short = some and open_after == 0 and wallet < 0
    return missing + (-wallet if short else 0), over, short


def score(trader: Trader, held: Held, step: Step) -> float:
    backing = held.margin + profit(held, step)
    if not held.isolated:
        backing = trader.wallet + sum(profit(each, step) for each in trader.shared())
    leverage = max(1, abs(held.lots) * step.mark[held.contract]) / max(1, backing)
    won = profit(held, step) / max(1, abs(held.entry))
    return won * leverage if profit(held, step) > 0 else won / leverage


def one_step(venue: Plain, step: Step) -> None:
    """Test, close, let the fund pay, deleverage the rest."""
    for trader in venue.traders:
        mark_for_closing(trader, step)
    busy = {trader.number for trader in venue.traders if any(held.closing for held in trader.positions)}
    found = {trader.number: deficits(trader, step) for trader in venue.traders}
    means = venue.fund + sum(over for missing, over, _ in found.values() if missing == 0)
    taken = []
    if sum(missing for missing, _, _ in found.values()) > means:
        for trader in sorted(venue.traders, key=lambda trader: trader.number):
            missing = found[trader.number][0]
            if 0 < missing <= means:
                means -= missing
            elif missing > 0:
                taken.append(trader)
    force(venue, taken, step, busy)
    for trader in venue.traders:
        on_the_book(venue, trader, step)


def on_the_book(venue: Plain, trader: Trader, step: Step) -> None:
    _, _, short = deficits(trader, step)
    for held in trader.positions:
        if not held.closing:
            continue
        sold = sale(held, step)
        held.entry -= sold.entry
        held.margin -= sold.margin
        held.lots -= sold.lots if held.lots > 0 else -sold.lots
        venue.rest -= sold.traded
        venue.fees += sold.fee
        if held.isolated:
            venue.fund += sold.gain
        else:
            trader.wallet += sold.gain
            venue.fund += sold.penalty
    if short:
        venue.fund += trader.wallet
        trader.wallet = 0


def force(venue: Plain, taken: list[Trader], step: Step, busy: set[int]) -> None:
    """Claims at the bankruptcy price of each position, by contract, longs first, then by trader."""
    claims: list[tuple[int, bool, int, Trader, Held, int]] = []
    for trader in taken:
        short = deficits(trader, step)[2]
        for held in trader.positions:
            if held.isolated and held.closing and sale(held, step).gain < 0:
                claims.append((held.contract, held.lots < 0, trader.number, trader, held, held.entry - held.margin))
                held.closing = 0
        if short:
            claims += shared_claims(trader, step)
    for contract in range(len(step.mark)):
        for is_short in (False, True):
            these = [each for each in claims if each[:2] == (contract, is_short)]
            if these:
                queue = [
                    (-score(trader, held, step), trader.number, held.isolated, trader, held)
                    for trader in venue.traders
                    if trader.number not in busy
                    for held in trader.positions
                    if held.contract == contract and (held.lots > 0 if is_short else held.lots < 0)
                ]
                queue.sort(key=lambda each: each[:3])
                waiting = [each[3:] for each in queue]
                for claim in sorted(these, key=lambda each: each[2]):
                    serve(venue, claim[3], claim[4], claim[5], waiting, step)


def shared_claims(trader: Trader, step: Step) -> list[tuple[int, bool, int, Trader, Held, int]]:
    all_held = trader.shared()
    net = trader.wallet + sum(profit(held, step) for held in all_held)
    total = sum(need(held, step) for held in all_held)
    left = sum(held.entry for held in all_held) - trader.wallet
    last = max(all_held, key=lambda held: held.contract)
    claims = []
    for held in all_held:
        worth = held.lots * step.mark[held.contract] - net * need(held, step) / total
        if held is not last:
            left -= int(worth)
            claims.append((held.contract, held.lots < 0, trader.number, trader, held, int(worth)))
        held.closing = 0
    claims.append((last.contract, last.lots < 0, trader.number, trader, last, left))
    return claims


def serve(venue: Plain, trader: Trader, held: Held, worth: int, waiting: list[tuple[Trader, Held]], step: Step) -> None:
    size, sign, owed = abs(held.lots), (1 if held.lots > 0 else -1), worth
    while size and waiting and sign * owed > 0:
        other, opposite = waiting[0]
        lots = min(size, abs(opposite.lots))
        price = floor(Fraction(owed * lots, size))
        if lots == 0 or not gives_way(other, opposite, lots, -price, step):
            waiting.pop(0)
            continue
        size, owed = size - lots, owed - price
    traded = sign * size * book_price(held, step)
    venue.rest -= traded
    venue.uncovered += traded - owed
    if not held.isolated:
        trader.wallet += worth - held.entry
    held.lots = held.entry = held.margin = 0


def gives_way(trader: Trader, held: Held, lots: int, price: int, step: Step) -> bool:
    part = Fraction(lots, abs(held.lots))
    entry, margin = floor(held.entry * part), floor(held.margin * part)
    signed = lots if held.lots > 0 else -lots
    equity = margin + price - entry
    if not held.isolated:
        equity = trader.wallet + sum(profit(each, step) for each in trader.shared())
        equity += price - signed * step.mark[held.contract]
    if equity < 0:
        return False
    trader.wallet += margin + price - entry
    held.margin -= margin
    held.entry -= entry
    held.lots -= signed
    return True
