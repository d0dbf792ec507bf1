"""Lots and debts: the holdings and loans of one investor, checked, as the engine takes them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gaemi.account.perpetuals import Position
from gaemi.records.columns import Board, LoanKind, Standing


@dataclass(frozen=True, slots=True)
class Contract:
    """A perpetual-like position: what a move of its price does to what backs it, and where the venue closes it.

    ``times`` is its value over its worth today, below 0 for a short one; ``closed_at`` the price over today's at which
    the venue closes it. The lot that carries it is its worth in thousandths.
    """

    side: int
    times: float
    closed_at: float
    price: float
    liquidation_price: float
    bankruptcy_price: float = 0.0
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Coin:
    """A coin holding as people write it: the lots that carry it are parts of what it is worth."""

    ticker: str
    quantity: Decimal
    price: float
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """One holding as the engine has it. ``price`` is an integer in 10 ** -digits of the currency."""

    ticker: str
    name: str
    board: Board
    is_fund: bool
    group: int
    digits: int
    price: int
    quantity: int
    standing: Standing
    cost: float | None = None
    volatility_pct: float | None = None
    leverage: float | None = None
    underlying: str = ""
    is_money: bool = False
    contract: Contract | None = None
    coin: Coin | None = None

    @property
    def times(self) -> float:
        """How many times the move of what moves it this lot moves; below 0 against it; 0 for money."""
        if self.contract is not None:
            return self.contract.times
        if self.is_money:
            return 0.0
        return 1.0 if self.leverage is None else self.leverage

    @property
    def is_position(self) -> bool:
        """Whether it is a contract with a margin of its own; a coin that is owned is none."""
        return self.contract is not None and self.coin is None

    @property
    def foreign(self) -> bool:
        return self.board == Board.US

    @property
    def shown_price(self) -> float:
        return self.price / 10**self.digits


@dataclass(frozen=True, slots=True)
class Debt:
    """One loan as the engine has it: ``ticker`` is what it financed or chiefly rests on.

    ``entry_won`` is the value at entry of a contract for difference, which owes that less its margin.
    """

    kind: LoanKind
    won: int
    ticker: str
    opened: date
    due: date
    rolls: bool
    term_days: int
    where: str = ""
    entry_won: int = 0
