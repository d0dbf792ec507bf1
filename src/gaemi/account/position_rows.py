"""Positions for the document: what each is worth, what backs it, and the prices at which it is closed and lost."""

from typing import Any

from gaemi.account.lots import Lot
from gaemi.account.perpetuals import margin_behind, shared, wallet_equity, wallet_need
from gaemi.account.standing import Standing
from gaemi.units import won_value


def position_rows(at: Standing) -> list[dict[str, Any]]:
    """Each perpetual-like position: worth, times, and the price at which its venue closes it within the day.

    The price is of the position alone, the rest of a shared wallet unchanged. Funding is what a long one pays and a
    short one gets at the rate the file tells, in won a day.
    """
    quotes = at.quotes()
    rows = []
    for lot in at.portfolio.lots:
        told = lot.contract
        if told is None or told.position is None:
            continue
        one, line = told.position, told.position.line
        worth = won_value(lot.quantity, int(quotes.unit[at.instruments.row(lot.ticker)]))
        rate = at.portfolio.won_per_dollar if lot.foreign else 1.0
        value = line.quantity * told.price
        rows.append(
            {
                "ticker": lot.underlying,
                "side": "long" if told.side > 0 else "short",
                "mode": "cross" if line.cross else "isolated",
                "quantity": line.quantity,
                "entry": line.entry,
                "margin": _behind(at, lot),
                "worth_won": worth,
                "exposure_won": round(value * rate),
                "times": abs(told.times),
                "price": told.price,
                "currency": "dollar" if lot.foreign else "won",
                "maintenance": one.need(told.price),
                "schedule": one.schedule.words,
                "liquidation_price": told.liquidation_price if told.liquidation_price > 0 else None,
                "bankruptcy_price": told.bankruptcy_price if told.bankruptcy_price > 0 else None,
                "move_pct": 100 * (told.liquidation_price / told.price - 1) if told.liquidation_price > 0 else None,
                "funding_day_won": _funding_won(at, line.side * value * rate, line.funding_pct),
            }
        )
    return rows


def _behind(at: Standing, lot: Lot) -> float:
    positions = [each.contract.position for each in at.portfolio.lots if each.contract and each.contract.position]
    prices = {each.ticker: each.contract.price for each in at.portfolio.lots if each.is_position and each.contract}
    assert lot.contract is not None and lot.contract.position is not None, "a position has its contract"
    return margin_behind(lot.contract.position, positions, at.portfolio.file.wallet or 0.0, prices)


def _funding_won(at: Standing, signed_won: float, rate_pct: float | None) -> int | None:
    """Won a day that a position pays, below 0 gets, at a rate each time."""
    if rate_pct is None:
        return None
    times = 24 / int(at.portfolio.book.value("perpetual.funding_hours", at.portfolio.on))
    return round(signed_won * rate_pct / 100 * times)


def wallet_row(at: Standing) -> dict[str, Any] | None:
    """The shared wallet: what it holds, what it is worth with its positions, what they need, how far all can move.

    The moves are of every price on it by the same per cent, down and up; None where none is enough.
    """
    file = at.portfolio.file
    if file.wallet is None:
        return None
    lots = [lot for lot in at.portfolio.lots if lot.contract is not None and lot.contract.position is not None]
    positions = [lot.contract.position for lot in lots if lot.contract and lot.contract.position]
    prices = {lot.ticker: lot.contract.price for lot in lots if lot.contract}

    def short(move: float) -> bool:
        moved = {name: price * (1 + move) for name, price in prices.items()}
        return wallet_need(positions, moved) > wallet_equity(file.wallet or 0.0, positions, moved)

    names = [each.line.ticker for each in shared(positions)]
    return {
        "wallet": file.wallet,
        "positions": names,
        "equity": wallet_equity(file.wallet, positions, prices),
        "maintenance": wallet_need(positions, prices),
        "fall_pct": _first(short, -1.0),
        "rise_pct": _first(short, 1.0),
    }


def _first(short: Any, sign: float) -> float | None:
    """The smallest common move in one direction at which a test holds, in per cent; up to a full fall or tenfold."""
    far = 0.999_999 if sign < 0 else 9.0
    steps = 2_000
    for i in range(1, steps + 1):
        if short(sign * far * i / steps):
            low, high = far * (i - 1) / steps, far * i / steps
            for _ in range(40):
                middle = (low + high) / 2
                low, high = (low, middle) if short(sign * middle) else (middle, high)
            return 100 * high
    return None
