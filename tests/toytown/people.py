"""The people of Toytown: accounts written by hand, and crowds drawn from chance words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gaemi.chance import CASH, FIRM, HOLDING, LOAN, ORDER, RATIO, SHARD, WEALTH, word
from gaemi.records.columns import Borrowing, LoanKind, Plain, Population, Standing, borrowing_group, plain_group
from toytown import ALPHA, BETA, GAMMA, PRICES, TWICE

SECURES = {
    LoanKind.MARGIN: Standing.FINANCED,
    LoanKind.PLEDGED: Standing.PLEDGED,
    LoanKind.STOCK_LOAN: Standing.STOCK_LOAN,
    LoanKind.UNSETTLED: Standing.UNSETTLED,
}
STANDARD, BANDED, LOWER_LIMIT, TWO_STAGE = range(4)


@dataclass(frozen=True)
class Lot:
    instrument: int
    quantity: int
    standing: Standing = Standing.FINANCED


@dataclass(frozen=True)
class Debt:
    principal: int
    kind: LoanKind = LoanKind.MARGIN
    financed: int = ALPHA
    days_old: int = 0
    due_in_days: int = 90


@dataclass(frozen=True)
class Borrower:
    """One borrowing account; loans and lots in the order of their slots."""

    lots: Sequence[Lot]
    debts: Sequence[Debt]
    cash_won: int = 0
    firm: int = STANDARD
    investor: int = 1


def borrowers(on: date, *people: Borrower, slots: int = 4, loans: int = 2) -> Borrowing:
    """One group of borrowing accounts at the close of ``on``; interest is paid to the day a loan was opened."""
    group = borrowing_group(len(people), slots, loans)
    for j, person in enumerate(people):
        group.investor[j], group.firm[j], group.cash_won[j] = person.investor, person.firm, person.cash_won
        group.age[j], group.size[j] = person.investor % 7, person.investor % 5
        for slot, lot in enumerate(person.lots):
            group.instrument[slot, j], group.quantity[slot, j] = lot.instrument, lot.quantity
            group.standing[slot, j] = lot.standing
        for loan, debt in enumerate(person.debts):
            group.loan_kind[loan, j], group.financed[loan, j] = debt.kind, debt.financed
            group.principal_won[loan, j] = group.settled_won[loan, j] = debt.principal
            group.opened[loan, j] = group.interest_from[loan, j] = on.toordinal() - debt.days_old
            group.due[loan, j] = on.toordinal() + debt.due_in_days
    return group


def alone(on: date, person: Borrower) -> Population:
    """A town of one borrower."""
    return Population([], [borrowers(on, person)])


def crowd(on: date, size: int, seed: int = 1, plain: int = 0) -> Population:
    """``size`` borrowers and ``plain`` others, drawn by their numbers: capacities of 2 and 4, all kinds of loans."""
    drawn = [_drawn(number, seed) for number in range(1, size + 1)]
    small = [person for person in drawn if len(person.lots) <= 2]
    large = [person for person in drawn if len(person.lots) > 2]
    groups = [borrowers(on, *part, slots=slots) for part, slots in ((small, 2), (large, 4)) if part]
    return Population([_plain(plain, seed)] if plain else [], groups)


def _luck(seed: int, purpose: int, number: int, below: int, draw: int = 0) -> int:
    return word(seed, 0, purpose, 0, number, draw) % below


def _drawn(number: int, seed: int) -> Borrower:
    """A borrower whose loans stand at collateral ratios of 120 to 260 %."""
    lots, debts = [], []
    for loan in range(1 + _luck(seed, LOAN, number, 2)):
        kind = LoanKind(1 + _luck(seed, LOAN, number, 4, 1 + loan))
        if debts and kind is debts[0].kind is LoanKind.UNSETTLED:
            kind = LoanKind.MARGIN
        row = _luck(seed, HOLDING, number, 3, loan)
        quantity = 1 + _luck(seed, WEALTH, number, 3_000, loan)
        ratio = 12_000 + _luck(seed, RATIO, number, 14_000, loan)
        owed = max(1, quantity * PRICES[row] * 10_000 // ratio)
        unsettled = kind is LoanKind.UNSETTLED
        age = 0 if unsettled else _luck(seed, LOAN, number, 80, 5 + loan)
        due = _luck(seed, LOAN, number, 3, 8) if unsettled else 90 - age
        lots.append(Lot(row, quantity, SECURES[kind]))
        debts.append(Debt(owed, kind, row, age, due))
    for slot in range(len(lots), 1 + _luck(seed, HOLDING, number, 4, 3)):
        standing = (Standing.OTHER, Standing.ELSEWHERE)[_luck(seed, HOLDING, number, 2, 10 + slot)]
        row = _luck(seed, HOLDING, number, 4, 20 + slot)
        lots.append(Lot(row, 1 + _luck(seed, WEALTH, number, 400, 20 + slot), standing))
    cash = _luck(seed, CASH, number, 3) * _luck(seed, CASH, number, 2_000_000, 1)
    return Borrower(lots, debts, cash, _luck(seed, FIRM, number, 4), number)


def _plain(size: int, seed: int) -> Plain:
    group = plain_group(size, 3)
    for j in range(size):
        number = 1_000_000 + j
        group.investor[j], group.age[j] = number, _luck(seed, WEALTH, number, 7, 1)
        group.cash_won[j] = _luck(seed, CASH, number, 3_000_000)
        for slot, row in enumerate((ALPHA, GAMMA, TWICE)):
            group.instrument[slot, j], group.quantity[slot, j] = row, _luck(seed, HOLDING, number, 20, slot)
        group.instrument[0, j] = (ALPHA, BETA)[_luck(seed, HOLDING, number, 2, 9)]
    return group


def taken(group: Borrowing | Plain, rows: np.ndarray) -> Borrowing | Plain:
    """The accounts ``rows`` of a group, in that order."""
    return type(group)(*(np.ascontiguousarray(column[..., rows]) for column in group))


def sharded(people: Population, shards: int, seed: int = 0) -> Population:
    """The same people in ``shards`` parts by hash of the investor: each group becomes one group a part."""

    def split(groups: Sequence[Borrowing | Plain]) -> Iterator[Borrowing | Plain]:
        for group in groups:
            part = np.array([word(seed, 0, SHARD, 0, int(number), 0) % shards for number in group.investor])
            for shard in range(shards):
                yield taken(group, np.flatnonzero(part == shard))

    return Population(list(split(people.plain)), list(split(people.borrowing)), people.weight)  # type: ignore[arg-type]


def reordered(people: Population, seed: int) -> Population:
    """The same people, each group in an order of chance."""

    def mixed(group: Borrowing | Plain) -> Borrowing | Plain:
        luck = [(word(seed, 0, ORDER, 0, int(number), 0), j) for j, number in enumerate(group.investor)]
        return taken(group, np.array([j for _, j in sorted(luck)], dtype=np.int64))

    plain, borrowing = [mixed(g) for g in people.plain], [mixed(g) for g in people.borrowing]
    return Population(plain[::-1], borrowing[::-1], people.weight)  # type: ignore[arg-type]
