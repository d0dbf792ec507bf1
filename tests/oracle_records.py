"""The oracle's records: an account, its law and its market in plain lists, with the numbers that the columns use."""

from dataclasses import dataclass, field

NEVER = -1
ELSEWHERE, FINANCED, PLEDGED, OTHER, STOCK_LOAN, UNSETTLED = range(6)
LOAN_MARGIN, LOAN_PLEDGED, LOAN_STOCK, LOAN_UNSETTLED = 1, 2, 3, 4
BROKER, LENDER, PURCHASES = 0, 1, 2
CALLED, FORCE_SOLD, EMPTIED, ZEROED, RESIDUAL_DEBT, WIPED_OUT = 1, 2, 4, 8, 16, 32
STANDINGS = {BROKER: (FINANCED, PLEDGED, OTHER), LENDER: (STOCK_LOAN,)}
LOANS = {BROKER: (LOAN_MARGIN, LOAN_PLEDGED), LENDER: (LOAN_STOCK,)}


@dataclass
class Holding:
    instrument: int
    quantity: int
    standing: int
    order: int = 0


@dataclass
class Loan:
    kind: int
    principal: int
    opened: int
    interest_from: int
    due: int
    financed: int
    settled: int = 0
    repaid_today: int = 0
    repaid_yesterday: int = 0
    repaid_before: int = 0


@dataclass
class Account:
    """One person's borrowing account; clocks are one for the broker's pool and one for the other lender's."""

    investor: int
    firm: int
    cash: int
    holdings: list[Holding]
    loans: list[Loan]
    residual: int = 0
    peak_account: int = 0
    peak_investor: int = 0
    ever: int = 0
    called_day: list[int] = field(default_factory=lambda: [NEVER, NEVER])
    sale_day: list[int] = field(default_factory=lambda: [NEVER, NEVER])


@dataclass(frozen=True)
class Law:
    """The values of one date. Rates are basis points, by firm class where the first index is a firm."""

    maintenance: list[int]
    clock: list[list[tuple[int, int]]]
    discount: list[list[int]]
    cost: list[int]
    convention: list[str]
    second_stage: list[bool]
    second_discount: int
    cash_rate: int
    financed_rate: int
    substitute_rate: int
    overseas_rate: int
    halted_rate: int
    cleared_on_recovery: bool
    waiver_share: int
    interest: list[tuple[int, int]]
    retroactive: bool
    pledged_rate: int
    stock_loan_rate: int
    overdue_rate: int
    stock_loan_maintenance: int
    stock_loan_lag: int
    stock_loan_discount: int
    unsettled_discount: int
    unsettled_fee: int
    unpaid_share: int
    fee: int


@dataclass(frozen=True)
class Names:
    """What does not move during a day: one entry an instrument."""

    domestic: list[bool]
    halted: list[bool]
    group: list[int]
    tax: list[int]


@dataclass
class Flows:
    """What a day did: lots ordered at the opening, won that moved, won and number of pools under maintenance."""

    ordered: int = 0
    gross: int = 0
    tax: int = 0
    fee: int = 0
    interest: int = 0
    capitalised: int = 0
    repaid: int = 0
    money_in: int = 0
    residual: int = 0
    under: int = 0
    shortfall: int = 0
    called_won: int = 0
    called: int = 0


@dataclass(frozen=True)
class Market:
    """The prices of one day in 1024ths of a won a unit, and the share of an order that is filled, one entry a name."""

    names: Names
    before: list[int]
    auction: list[int]
    close: list[int]
    fill: list[int]
    fill_at_close: list[int]
