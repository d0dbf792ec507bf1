"""Contracts for difference (CFD, 차액결제거래) of an account: long ones on shares, each with its margin."""

from dataclasses import dataclass
from datetime import date

from gaemi.law.lines import Node
from gaemi.sources import account_words as words
from gaemi.sources.account_lots import HoldingLine
from gaemi.sources.account_words import Places

CFD_KEYS: dict[str, tuple[str, ...]] = {
    "ticker": ("symbol", "종목", "종목코드"),
    "quantity": ("shares", "수량"),
    "entry": ("진입가", "매입가", "평균단가"),
    "margin": ("증거금",),
    "price": ("close", "현재가", "종가"),
    "opened": ("since", "진입일"),
    "volatility": ("volatility_pct", "변동성"),
    "board": ("market", "시장"),
}
NEEDED = ("ticker", "quantity", "entry", "margin")


@dataclass(frozen=True, slots=True)
class CfdLine:
    """One contract: the shares behind it, their price at entry in won, and the margin put down, in won."""

    holding: HoldingLine
    entry: float
    margin_won: int
    opened: date | None = None

    @property
    def entry_won(self) -> int:
        """Value at entry in whole won."""
        return round(self.holding.quantity * self.entry)


def cfd(node: Node, faults: Places) -> CfdLine | None:
    """The contract of a map; None, with faults, where it cannot be read."""
    found = words.named(node, faults, "a contract for difference", CFD_KEYS, NEEDED)
    before = len(faults.found)
    name = words.ticker(found["ticker"], faults) if "ticker" in found else None
    quantity = words.quantity(found["quantity"], faults) if "quantity" in found else None
    margin = words.money(found["margin"], faults, "margin", least=1) if "margin" in found else None
    board = words.choice(found["board"], faults, "board", words.BOARDS) if "board" in found else None
    whose = name or "a contract"
    entry = words.price(found["entry"], faults, "entry", whose, board) if "entry" in found else None
    price = words.price(found["price"], faults, "price", whose, board) if "price" in found else None
    opened = words.day(found["opened"], faults, "opened") if "opened" in found else None
    spread = words.factor(found["volatility"], faults, "volatility", "%", (0, 1000)) if "volatility" in found else None
    if name is not None and not words.in_won(name, board):
        help = "a contract on a share abroad is kept in dollars"
        faults.add(found["ticker"], "a contract for difference must be on a Korean share", f"'{name}'", help)
    if name is None or quantity is None or entry is None or margin is None or len(faults.found) > before:
        return None
    where = faults.where(node.line)
    line = CfdLine(HoldingLine(name, quantity, price, None, None, spread, board, where=where), entry, margin, opened)
    if margin > line.entry_won:
        allowed = f"margin must be at most the value at entry, {line.entry_won:,} won"
        faults.add(found["margin"], allowed, f"{margin:,} won", "a share paid for in full stands under holdings")
        return None
    return line
