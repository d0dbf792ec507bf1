"""Perpetual-like positions of an account: contracts with their own margin that a venue closes within the day."""

from dataclasses import dataclass

from gaemi.law.lines import Node
from gaemi.sources import account_words as words
from gaemi.sources.account_words import Places

SIDES = {"long": ("롱", "매수"), "short": ("숏", "매도")}
POSITION_KEYS: dict[str, tuple[str, ...]] = {
    "ticker": ("symbol", "종목", "마켓"),
    "side": ("방향",),
    "quantity": ("size", "수량"),
    "entry": ("진입가", "평균단가"),
    "margin": ("증거금",),
    "maintenance": ("유지증거금률",),
    "price": ("현재가", "mark"),
    "volatility": ("volatility_pct", "변동성"),
}
NEEDED = ("ticker", "side", "quantity", "entry", "margin", "maintenance")


@dataclass(frozen=True, slots=True)
class PositionLine:
    """One position: units and prices in the contract's currency (won for KRW- names, else dollars).

    ``margin`` is the money that backs this position alone; ``maintenance_pct`` the share of its value under which the
    venue closes it. ``price`` None: from the prices.
    """

    ticker: str
    side: int
    quantity: float
    entry: float
    margin: float
    maintenance_pct: float
    price: float | None = None
    volatility_pct: float | None = None
    where: str = ""


def position(node: Node, faults: Places) -> PositionLine | None:
    """The position of a map; None, with faults, where it cannot be read."""
    found = words.named(node, faults, "a position", POSITION_KEYS, NEEDED)
    if not found:
        return None
    name = words.ticker(found["ticker"], faults, "ticker") if "ticker" in found else None
    side = words.choice(found["side"], faults, "side", SIDES) if "side" in found else None
    numbers = {
        key: words.price(found[key], faults, "mark" if key == "price" else key, name or "a position", None)
        for key in ("quantity", "entry", "margin", "price")
        if key in found
    }
    share = words.factor(found["maintenance"], faults, "maintenance", "%", (0, 50)) if "maintenance" in found else None
    spread = words.factor(found["volatility"], faults, "volatility", "%", (0, 1000)) if "volatility" in found else None
    told = [numbers.get(key) for key in ("quantity", "entry", "margin")]
    if name is None or side is None or share is None or None in told:
        return None
    quantity, entry, margin = (float(number or 0.0) for number in told)
    return PositionLine(
        name, 1 if side == "long" else -1, quantity, entry, margin, share, numbers.get("price"), spread,
        faults.where(node.line),
    )  # fmt: skip
