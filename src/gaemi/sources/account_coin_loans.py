"""Coin loans (코인 대여) of an account: coins or won owed to an exchange, and what stands for them."""

from dataclasses import dataclass
from decimal import Decimal

from gaemi.law.lines import Node
from gaemi.sources import account_words as words
from gaemi.sources.account_coins import coin_of, coin_price, coin_quantity
from gaemi.sources.account_words import Places

COIN_LOAN_KEYS: dict[str, tuple[str, ...]] = {
    "held": ("collateral", "담보", "담보코인"),
    "held_quantity": ("collateral_quantity", "담보수량"),
    "cash": ("collateral_cash", "담보원화", "원화담보"),
    "owed": ("borrowed", "대여코인", "빌린코인"),
    "owed_quantity": ("borrowed_quantity", "대여수량"),
    "amount": ("won", "금액"),
    "lender": ("service", "대여사"),
    "held_price": ("담보가",),
    "owed_price": ("대여가",),
}


@dataclass(frozen=True, slots=True)
class CoinLoanLine:
    """One loan account: coins and won that it holds, coins or won that it owes. ``lender`` is a class of the law."""

    held: str | None
    held_quantity: Decimal
    cash_won: int
    owed: str | None
    owed_quantity: Decimal
    amount_won: int
    lender: str | None = None
    held_price: float | None = None
    owed_price: float | None = None
    where: str = ""

    @property
    def tickers(self) -> tuple[str, ...]:
        """The coins that it holds or owes."""
        return tuple(each for each in (self.held, self.owed) if each is not None)


def coin_loan(node: Node, faults: Places) -> CoinLoanLine | None:
    """The coin loan of a map; None, with faults, where it cannot be read."""
    found = words.named(node, faults, "a coin loan", COIN_LOAN_KEYS)
    if not found:
        return None
    before = len(faults.found)
    sides = {}
    for side, words_of in (("held", "what is held"), ("owed", "what is owed")):
        name = coin_of(found[side].raw) if side in found and found[side].kind == "word" else None
        if side in found and (name is None or not name.startswith("KRW-")):
            faults.add(found[side], f"{words_of} must be a coin in won, as KRW-BTC", f"'{found[side].raw}'")
        if side in found and f"{side}_quantity" not in found:
            faults.add(node, f"a coin loan must have {side}_quantity", f"no {side}_quantity")
        amount = Decimal(0)
        if name is not None and f"{side}_quantity" in found:
            amount = coin_quantity(found[f"{side}_quantity"], faults, name) or Decimal(0)
        price = None
        if name is not None and f"{side}_price" in found:
            price = coin_price(found[f"{side}_price"], faults, "price", name)
        sides[side] = (name, amount, price)
    cash = words.money(found["cash"], faults, "cash") if "cash" in found else 0
    won = words.money(found["amount"], faults, "amount", least=1) if "amount" in found else 0
    lender = words.text(found["lender"], faults, "lender") if "lender" in found else None
    if "held" not in found and not cash:
        faults.add(node, "a coin loan must hold something", "neither held nor cash", "name held and held_quantity")
    if ("owed" in found) == ("amount" in found):
        faults.add(node, "a coin loan must owe coins or won", "both" if "owed" in found else "neither")
    if len(faults.found) > before:
        return None
    held, owed = sides["held"], sides["owed"]
    return CoinLoanLine(
        held[0], held[1], cash or 0, owed[0], owed[1], won or 0, lender, held[2], owed[2], faults.where(node.line)
    )
