"""A slow, plain book of margin loans through its sessions, written from what the kernel's and the rules' pages say.

Rows are small records in a list, ratios and shares of shares are fractions; no kernel and no rule of gaemi is called,
only the draws of :mod:`gaemi.chance`. What is a float in the kernel's tables is one here, worked in the same order.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor, sqrt
from typing import Any

import oracle
from kernels.revolve_cases import Case
from oracle_records import LOAN_MARGIN, Law, Loan

from gaemi.chance import REVOLVE, uniform, word
from gaemi.kernels.revolve import LARGEST_ROW_WON

NOTED = ("balance", "opened", "repaid", "extra", "sold", "topped", "unpaid", "called", "under", "first", "due",
         "expected")  # fmt: skip


@dataclass
class Row:
    """Loans opened on one session to buy one name at one class of firms; no clock runs at first."""

    name: int
    opened: int
    firm: int
    loan: int
    lots: int
    paid_to: int
    called: int | None = None
    sale: int | None = None


@dataclass
class Book:
    """All rows, what flowed by session and pool, and what is normal for each pool."""

    case: Case
    normal: list[float]
    spread: list[float]
    rows: list[Row] = field(default_factory=list)
    noted: dict[tuple[int, int], dict[str, int]] = field(default_factory=dict)

    def note(self, t: int, row: Row, **won: int) -> None:
        for name, value in won.items():
            self.of(t, int(self.case.named.pool[row.name]))[name] += value

    def of(self, t: int, pool: int) -> dict[str, int]:
        return self.noted.setdefault((t, pool), dict.fromkeys(NOTED, 0))


def run_book(case: Case, first: int, stop: int) -> Book:
    """A book without a row, run through the sessions from ``first`` to before ``stop``."""
    book = Book(case, case.flow.normal.tolist(), case.flow.spread.tolist())
    for t in range(first, stop):
        for row in book.rows:
            if row.sale is not None and row.sale <= t:
                _sell(book, row, t)
        if case.luck[2]:
            for row in book.rows:
                if row.called == t - 1 and row.sale is not None:
                    _meet(book, row, t)
            for row in book.rows:
                _repay(book, row, t)
            for pool in range(len(book.normal)):
                _open(book, t, pool)
        for row in book.rows:
            _call(book, row, t)
        book.rows = [row for row in book.rows if row.loan]
    return book


def _value(book: Book, row: Row, t: int) -> int:
    return floor(row.lots * int(book.case.tape.price[t, row.name]) * Fraction(book.case.law.financed_rate, 10_000))


def _maintenance(law: Law, row: Row) -> Fraction:
    return Fraction(law.maintenance[row.firm], 10_000)


def _draw(book: Book, row: Row, t: int, number: int, purpose: int) -> float:
    """Luck of the member, the name, the session and one more number: that of the opening, or of the row."""
    seed, path, _ = book.case.luck
    name = int(book.case.named.number[row.name]) % 2**64
    return uniform(word(seed, path, REVOLVE, t, name ^ (number << 32), purpose))


def _sell(book: Book, row: Row, t: int) -> None:
    case, law = book.case, book.case.law
    value, before = _value(book, row, t - 1), int(case.tape.price[t - 1, row.name])
    m = _maintenance(law, row)
    if value >= m * row.loan:
        row.called = row.sale = None
        return
    d = Fraction(law.discount[row.firm][case.named.group[row.name]], 10_000)
    s, c = Fraction(law.financed_rate, 10_000), Fraction(law.cost[row.firm], 10_000)
    convention = law.convention[row.firm]
    missing = m * row.loan - value * (1 - d if convention == "D" else 1)
    relief = {"A": m - s, "B": (m - s) * (1 - d), "D": (m - s) * (1 - d)}.get(convention)
    if relief is None:
        relief = Fraction(floor(m * (1 - d) * (1 - c) * 10**8), 10**8) - s
    ordered = row.lots if relief <= 0 else min(row.lots, ceil(max(missing, Fraction(0)) / (relief * before)))
    locked = bool(case.tape.locked[t, row.name])
    filled = floor(ordered * Fraction(case.habits.fill_bps, 10_000)) if locked else ordered
    gross = filled * int(case.tape.price[t, row.name])
    money = gross - floor(gross * Fraction(int(case.habits.tax_bps[case.named.board[row.name]]), 10_000))
    money -= floor(gross * Fraction(case.habits.fee_bps, 10_000))
    if filled:
        money -= _interest(case, row, t)
        row.paid_to = t
    paid = min(row.loan, money)  # interest that the sale does not cover joins the principal
    row.lots -= filled
    row.loan -= paid
    book.note(t, row, sold=paid)
    if row.lots == 0:
        book.note(t, row, unpaid=row.loan)
        row.loan = 0
    if filled == ordered:
        row.called = row.sale = None


def _interest(case: Case, row: Row, t: int) -> int:
    day = case.tape.ordinal
    loan = Loan(LOAN_MARGIN, row.loan, int(day[row.opened]), int(day[row.paid_to]), 0, row.name)
    return oracle.accrued(loan, case.law, int(day[t]))


def _meet(book: Book, row: Row, t: int) -> None:
    if _draw(book, row, t, row.opened, 1) >= book.case.habits.top_up:
        return
    m = _maintenance(book.case.law, row)
    shortfall = max(0, ceil(m * row.loan - _value(book, row, t - 1)))
    paid = min(row.loan, ceil(shortfall / m))
    row.loan -= paid
    book.note(t, row, topped=paid)
    row.called = row.sale = None


def _repay(book: Book, row: Row, t: int) -> None:
    case, habits = book.case, book.case.habits
    if row.opened >= t or row.loan == 0 or case.flow.given_won[t, case.named.pool[row.name]] >= 0:
        return
    price = int(case.tape.price[t, row.name])
    table = habits.gain_share if price >= case.tape.price[row.opened, row.name] else habits.loss_share
    share = float(table[min(t - row.opened, len(table) - 1)])
    first = _sold_first(case, row, t) if case.tape.day[t, case.named.driver[row.name]] < 0.0 else 0.0
    paid = int(row.loan * min(1.0, share + first))
    book.note(t, row, first=int(row.loan * min(1.0, first)))
    if _ends(book, row, t):
        book.note(t, row, due=row.loan - paid)
        paid = row.loan
    book.note(t, row, repaid=paid)
    _take_off(row, paid)


def _sold_first(case: Case, row: Row, t: int) -> float:
    """Selling rises in a straight line from three deviations of a session before the call to the call itself."""
    own, index = float(case.named.own[row.name]), float(case.tape.deviation[t, case.named.driver[row.name]])
    value = max(row.lots * int(case.tape.price[t, row.name]), 1)
    room = 1.0 - case.law.maintenance[row.firm] * row.loan / (10000.0 * value)
    distance = room / sqrt(own * own + index * index)
    near = case.habits.near
    return 0.0 if distance >= near else case.habits.at_call * min(1.0, 1.0 - distance / near)


def _ends(book: Book, row: Row, t: int) -> bool:
    """A term ends on the first session at or after its last day; one that is extended ends a term later for good."""
    day, term = book.case.tape.ordinal, book.case.habits.term_days
    held, before = int(day[t] - day[row.opened]), int(day[t - 1] - day[row.opened])
    if held >= 2 * term:
        return True
    return before < term <= held and _draw(book, row, t, row.opened, 2) >= book.case.habits.extension


def _take_off(row: Row, paid: int) -> None:
    if paid >= row.loan:
        row.loan = row.lots = 0
        return
    row.lots = max(1, row.lots - int(row.lots * (paid / row.loan) + 0.5))
    row.loan -= paid


def _open(book: Book, t: int, pool: int) -> None:
    case, flow, habits = book.case, book.case.flow, book.case.habits
    here = [row for row in book.rows if case.named.pool[row.name] == pool]
    balance, before = sum(row.loan for row in here), book.of(t - 1, pool)["balance"]
    noted, left = book.of(t, pool), int(flow.left[t, pool])
    given, target = int(flow.given_won[t, pool]), int(flow.target_won[t, pool])
    pulled = _pulled(case, t, pool)
    stray = 0.0 if left == 1 else float(flow.noise[t, pool]) * sqrt(book.spread[pool])
    churn = noted["repaid"] - noted["first"]
    opened = max(0, churn + int(before * (habits.persistence * book.normal[pool] + stray + pulled)))
    noted["expected"] = balance + opened
    if given >= 0:
        opened = max(given, target - balance)
        noted["repaid"] += _pay_all(here, balance + opened - target)
    elif left > 0:
        opened += (target - balance - opened) // left
        noted["extra"] = _pay_all(here, max(0, -opened))
        opened = max(0, opened)
        if before > 0:
            answered = (opened - churn - noted["extra"]) / before - pulled
            surprise = answered - habits.persistence * book.normal[pool]
            book.normal[pool] += (answered - book.normal[pool]) / habits.memory
            book.spread[pool] += (surprise * surprise - book.spread[pool]) / 60.0
    else:
        book.normal[pool] += stray / habits.memory
    noted["opened"] = opened
    _new_rows(book, t, pool, opened)


def _pulled(case: Case, t: int, pool: int) -> float:
    habits: Any = case.habits
    day, week = float(case.tape.bought_day[t, pool]), float(case.tape.bought_week[t, pool])
    index, fall = float(case.tape.day[t, case.flow.board[pool]]), min(day, 0.0)
    chased = habits.chase_day * day + habits.chase_week * week
    return float(case.flow.answer[pool]) * (chased - habits.flee * fall * fall - float(habits.dip[pool]) * index)


def _pay_all(rows: list[Row], asked: int) -> int:
    """Each row its share, and what rounding leaves from the first rows on."""
    balance = sum(row.loan for row in rows)
    asked = min(asked, balance)
    paid = 0
    for row in rows:
        if asked:
            part = min(int(row.loan * (asked / balance)), asked - paid)
            _take_off(row, part)
            paid += part
    for row in rows:
        part = min(row.loan, asked - paid)
        if part:
            _take_off(row, part)
            paid += part
    return paid


def _new_rows(book: Book, t: int, pool: int, won: int) -> None:
    names = [i for i, where in enumerate(book.case.named.pool) if where == pool]
    given = 0
    for place, name in enumerate(names, 1):
        part = won * place // len(names) - given
        given += part
        turn = 0
        while part:
            book.rows.append(_new_row(book, t, name, min(part, LARGEST_ROW_WON), turn))
            part -= min(part, LARGEST_ROW_WON)
            turn += 1


def _new_row(book: Book, t: int, name: int, won: int, turn: int) -> Row:
    case = book.case
    row = Row(name, t, 0, won, 0, t)
    ticket = _draw(book, row, t, turn, 3) * 10000.0
    row.firm = sum(ticket >= upper for upper in case.habits.firm_upper_bps[:-1].tolist())
    deposit = int(case.habits.deposit_bps[case.named.group[name]])
    bought = won * 10000.0 / (10_000 - deposit) * (1.0 + case.habits.room * _draw(book, row, t, turn, 4))
    row.lots = int(bought / int(case.tape.price[t, name])) + 1
    return row


def _call(book: Book, row: Row, t: int) -> None:
    book.note(t, row, balance=row.loan)
    if row.loan == 0:
        return
    law, value = book.case.law, _value(book, row, t)
    if value >= _maintenance(law, row) * row.loan:
        if law.cleared_on_recovery:
            row.called = row.sale = None
        return
    book.note(t, row, under=row.loan)
    if _draw(book, row, 0, row.opened, 5) * 10_000 < law.waiver_share:
        row.called = row.sale = None  # the firm uses the waiver, on every session of it
        return
    due = t + oracle.lag(value, row.loan, row.firm, 0, law)
    if row.sale is None:
        book.note(t, row, called=row.loan)
        row.called, row.sale = t, due
    else:
        row.sale = min(row.sale, due)
