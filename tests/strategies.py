"""Random books for tests: names, laws, accounts with loans, and the prices of some days. All money is whole won."""

from dataclasses import dataclass
from datetime import date
from random import Random

from hypothesis import strategies as st
from oracle_records import (
    ELSEWHERE,
    FINANCED,
    LOAN_MARGIN,
    LOAN_PLEDGED,
    LOAN_STOCK,
    LOAN_UNSETTLED,
    OTHER,
    PLEDGED,
    STOCK_LOAN,
    UNSETTLED,
    Account,
    Holding,
    Law,
    Loan,
    Market,
    Names,
)

FIRMS = 4
FIRST_DAY = date(2024, 8, 5).toordinal()
FOREVER = 1_000_000
COLLATERAL = {
    LOAN_MARGIN: FINANCED,
    LOAN_PLEDGED: PLEDGED,
    LOAN_STOCK: STOCK_LOAN,
    LOAN_UNSETTLED: UNSETTLED,
}
MOVES = (-3000, -3000, -2500, -1500, -1000, -500, -200, 0, 0, 300, 1000, 3000)


@dataclass(frozen=True)
class Book:
    """Some accounts, the law they live under, and the days to come; ``seed`` is that of the draws."""

    law: Law
    accounts: list[Account]
    days: list[Market]
    seed: int


def law_of(random: Random) -> Law:
    """A law within the ranges in which laws have been; firm classes differ in clock, discount and convention."""
    pick = random.choice
    return Law(
        maintenance=[pick([13_000, 14_000, 14_000, 15_000, 17_000]) for _ in range(FIRMS)],
        clock=[[(14_000, 2)], [(14_000, 2), (12_000, 1), (10_500, 1)], [(14_000, 3), (12_000, 1)], [(14_000, 1)]],
        discount=[[pick([0, 1_500, 2_000, 3_000]) for _ in range(3)] for _ in range(FIRMS)],
        cost=[pick([0, 0, 80, 150]) for _ in range(FIRMS)],
        convention=[pick(["A", "B", "C", "C", "C", "D"]) for _ in range(FIRMS)],
        second_stage=[False, False, False, True],
        second_discount=pick([1_500, 3_000]),
        cash_rate=pick([10_000, 10_000, 9_000]),
        financed_rate=10_000,
        substitute_rate=pick([7_000, 6_000, 8_000]),
        overseas_rate=pick([0, 0, 5_000]),
        halted_rate=pick([0, 0, 10_000]),
        cleared_on_recovery=pick([True, True, False]),
        waiver_share=pick([0, 0, 2_500, 10_000]),
        interest=[(7, 540), (15, 770), (90, 850), (FOREVER, 910)],
        retroactive=pick([True, False]),
        pledged_rate=865,
        stock_loan_rate=700,
        overdue_rate=970,
        stock_loan_maintenance=pick([11_500, 12_000]),
        stock_loan_lag=1,
        stock_loan_discount=pick([0, 1_500, 3_000]),
        unsettled_discount=3_000,
        unsettled_fee=30,
        unpaid_share=pick([0, 2_500, 10_000]),
        fee=pick([0, 2, 15]),
    )


def names_of(random: Random, count: int) -> Names:
    """Instruments in order of ticker: most are domestic, some are halted, the last is foreign."""
    return Names(
        domestic=[row < count - 1 for row in range(count)],
        halted=[row < count - 1 and random.random() < 0.1 for row in range(count)],
        group=[random.randrange(3) for _ in range(count)],
        tax=[random.choice([0, 15, 23]) for _ in range(count)],
    )


def units_of(random: Random, names: Names) -> list[int]:
    """First prices, in 1024ths of a won: whole won at home, anything abroad."""
    tick = (1, 5, 10, 50, 100)
    prices = [random.choice(tick) * random.randrange(50, 5_000) for _ in names.domestic]
    return [
        p << 10 if home else (p << 10) + random.randrange(1024) for p, home in zip(prices, names.domestic, strict=True)
    ]


def days_of(random: Random, names: Names, count: int, partly: bool) -> list[Market]:
    """``count`` days of prices that often fall; with ``partly`` some orders are filled in part or not at all."""
    before, days = units_of(random, names), []
    for _ in range(count):
        auction = [_moved(random, unit, names, row) for row, unit in enumerate(before)]
        close = [_moved(random, unit, names, row) for row, unit in enumerate(auction)]
        shares = [10_000, 10_000, 1_000, 3_333, 0] if partly else [10_000]
        fills = [[0 if halted else random.choice(shares) for halted in names.halted] for _ in range(2)]
        days.append(Market(names, before, auction, close, *fills))
        before = close
    return days


def _moved(random: Random, unit: int, names: Names, row: int) -> int:
    if names.halted[row]:
        return unit
    moved = max(1024, unit * (10_000 + random.choice(MOVES)) // 10_000)
    return moved >> 10 << 10 if names.domestic[row] else moved


def account_of(random: Random, investor: int, names: Names, units: list[int], slots: int, loans: int) -> Account:
    """An account whose loans stand between deeply under water and far from a call."""
    home = [row for row, domestic in enumerate(names.domestic) if domestic]
    account = Account(investor, random.randrange(FIRMS), random.choice([0, 0, 1, 70_000, 5_000_000]), [], [])
    account.residual = random.choice([0, 0, 0, 123_456])
    for _ in range(random.randint(1, loans)):
        if len(account.holdings) == slots:
            break
        kind, row = random.choice(list(COLLATERAL)), random.choice(home)
        if kind == LOAN_UNSETTLED and any(loan.kind == LOAN_UNSETTLED for loan in account.loans):
            continue
        quantity = random.randint(1, random.choice([3, 50, 20_000]))
        worth = quantity * (units[row] >> 10)
        principal = max(1, worth * 10_000 // random.randint(8_000, 20_000))
        opened = FIRST_DAY - random.randint(0, 200)
        due = FIRST_DAY + (random.randint(-1, 4) if kind == LOAN_UNSETTLED else 180)
        paid_to = due if kind == LOAN_UNSETTLED else opened + random.randint(0, FIRST_DAY - opened)
        account.holdings.append(Holding(row, quantity, COLLATERAL[kind]))
        account.loans.append(Loan(kind, principal, opened, paid_to, due, row, settled=principal))
    while len(account.holdings) < slots and random.random() < 0.5:
        standing = random.choice([ELSEWHERE, OTHER, OTHER, PLEDGED, FINANCED])
        row = random.randrange(len(names.domestic)) if standing in (ELSEWHERE, OTHER) else random.choice(home)
        account.holdings.append(Holding(row, random.randint(0, 300), standing))
    random.shuffle(account.holdings)
    return account


def book_of(seed: int, accounts: int, days: int, slots: int = 5, loans: int = 3, partly: bool = True) -> Book:
    """The book of a seed: the same for ever, so that a number reproduces any failure."""
    random = Random(seed)
    names = names_of(random, random.randint(2, 6))
    path = days_of(random, names, days, partly)
    numbers = random.sample(range(2**32), accounts)
    drawn = [account_of(random, number, names, path[0].before, slots, loans) for number in numbers]
    return Book(law_of(random), drawn, path, random.randrange(2**32))


@st.composite
def books(draw: st.DrawFn, partly: bool = True) -> Book:
    """Small random books of up to three accounts over up to six days."""
    return book_of(draw(st.integers(0, 2**40)), draw(st.integers(1, 3)), draw(st.integers(1, 6)), partly=partly)
