"""Kernels that turn a plan of the population into accounts, one investor after the other.

Every draw is keyed by the investor's number, so a range of investors can be built alone, by any thread. Holdings are
first placed with a *raw value* in thousands of won in the column of quantities; people/population fits the raw values
to published totals, and a second pass turns them into whole shares.
"""

from typing import NamedTuple

import numpy as np

from gaemi.chance import AGE, HOLDING, LOAN, WEALTH, exp, fill_rounds, half_bits, log, normal, philox, shuffle_by
from gaemi.kernels.lots import LoanPlan, loan_slots
from gaemi.records.columns import Borrowing, Plain

LEVELS = 6
POINTS = 256
MOST_SLOTS = 32
RAW_WON = 1_000
"""Won of one unit of raw value."""

LARGEST = 2_147_483_647
_ATTEMPTS = 4_000

# What a person owes; the order of ranks inside an age band.
NOTHING, MARGIN_ONLY, MARGIN_AND_PLEDGED, PLEDGED_ONLY, PURCHASE = 0, 1, 2, 3, 4

# Classes of boards held; the order of cells.
KOSPI_ONLY, BOTH_BOARDS, KOSDAQ_ONLY = 0, 1, 2

_MARGIN, _PLEDGED, _UNSETTLED = 1, 2, 4  # members of records.columns.LoanKind as plain ints


# Rows of Plan.odds and Plan.tables.
ON_KOSPI, ON_KOSDAQ, ABROAD, IN_FUNDS = 0, 1, 2, 3
OF_WEALTH, OF_SPLIT, OF_CASH = 0, 1, 2

# Columns of Plan.cells and Plan.ages.
CELL_START, CELL_NAMES, CELL_BOARDS, CELL_LEADER = 0, 1, 2, 3
AGE_START, FIRST_KIND_END, OVERSEAS_BPS, FUND_BPS = 0, 1, 5, 6


class Numbers(NamedTuple):
    """The plan's single numbers. Kept apart from its arrays: passing an array to a function counts a reference."""

    seed: int
    persons: int
    second_overseas_bps: int
    kospi_bps: int
    leader_row: int
    borrower_cash: float


class Plan(NamedTuple):
    """All that decides who holds what.

    ``cells`` int64 [cell + 1, 4]: first number, names, boards, whether the leader is held; the last row ends them.
    ``ages`` int64 [age + 1, 7]: first rank, ends of the ranks of the four kinds of borrowers, odds of US names and of
    funds. ``odds`` int64 [4, 3, name]: alias tables (Walker 1977) of row, kept part and other index; ``names`` their
    lengths. ``tables`` float64 [3, level, point]: quantiles of wealth, split, deposits.
    """

    numbers: Numbers
    cells: np.ndarray
    ages: np.ndarray
    wealth_of_age: np.ndarray
    odds: np.ndarray
    names: np.ndarray
    tables: np.ndarray


class Person(NamedTuple):
    """What the first pass decides about an investor."""

    names: int
    boards: int
    leader: int
    kospi_names: int
    overseas: int
    funds: int
    wealth: float
    cash_weight: float


class Sketch(NamedTuple):
    """First pass, one entry an investor: age band, kind of borrower, slots in use, weight in the deposits.

    ``code`` and ``cash_won``, the group and the deposit, are worked out from these before accounts are placed.
    """

    age: np.ndarray
    kind: np.ndarray
    slots: np.ndarray
    cash_weight: np.ndarray
    code: np.ndarray
    cash_won: np.ndarray


class Part(NamedTuple):
    """Investors ``low`` to ``high`` whose group has this ``code``: they stand in the group from row ``at`` on."""

    low: int
    high: int
    at: int
    code: int


class Paper(NamedTuple):
    """One person's names and raw values, [MOST_SLOTS]: made outside of kernels, which then count no references."""

    rows: np.ndarray
    values: np.ndarray


def paper() -> Paper:
    """Room for one person after the other."""
    return Paper(np.zeros(MOST_SLOTS, dtype=np.int64), np.zeros(MOST_SLOTS, dtype=np.float64))


def quantile(tables: np.ndarray, which: int, word: int) -> float:
    """The value of a table of quantiles for a 32-bit word; a low word is far in the upper tail."""
    upper = (word + 0.5) / 4294967296.0
    level = 0
    while upper <= 0.0625 and level < LEVELS - 1:
        upper *= 16.0
        level += 1
    place = (upper - 0.0625) * (POINTS / 0.9375)
    if place < 0.0:
        place = 0.0
    point = int(place)
    if point >= POINTS:
        point = POINTS - 1
    low = tables[which, level, point]
    return low + (tables[which, level, point + 1] - low) * (place - point)


def find_range(table: np.ndarray, number: int) -> int:
    """The last row whose first column is at most ``number``, in a table whose first column rises."""
    low, high = 0, table.shape[0] - 1
    while high - low > 1:
        middle = (low + high) // 2
        if table[middle, 0] <= number:
            low = middle
        else:
            high = middle
    return low


class Facts(NamedTuple):
    """The arrays of a plan that say who a person is; taken out of the plan once, before the loop over persons."""

    cells: np.ndarray
    ages: np.ndarray
    wealth_of_age: np.ndarray
    tables: np.ndarray


def person(facts: Facts, numbers: Numbers, number: int, cell: int, age: int) -> Person:
    """The investor's names by board, extra names, wealth in won and weight in the deposits."""
    cells, ages, tables = facts.cells, facts.ages, facts.tables
    w0, w1, w2, w3 = philox(number, 0, 0, WEALTH * 65536, numbers.seed & 0xFFFFFFFF, 0)
    names = cells[cell, CELL_NAMES]
    boards = cells[cell, CELL_BOARDS]
    kospi_names = 0
    if boards == KOSPI_ONLY:
        kospi_names = names
    elif boards == BOTH_BOARDS:
        kospi_names = 1 + ((names - 2) * numbers.kospi_bps + ((w3 & 0xFFFF) * 10000 >> 16)) // 10000
    overseas = 0
    if ((w2 >> 16) * 10000 >> 16) < ages[age, OVERSEAS_BPS]:
        overseas = 1
        if ((w2 & 0xFFFF) * 10000 >> 16) < numbers.second_overseas_bps:
            overseas = 2
    funds = 0
    if ((w3 >> 16) * 10000 >> 16) < ages[age, FUND_BPS]:
        funds = 1
    wealth = quantile(tables, OF_WEALTH, w0) * facts.wealth_of_age[age]
    cash_weight = wealth * quantile(tables, OF_CASH, w1)
    return Person(names, boards, cells[cell, CELL_LEADER], kospi_names, overseas, funds, wealth, cash_weight)


def kind_of(ages: np.ndarray, age: int, rank: int) -> int:
    """What the person of a rank owes: inside an age band the first ranks borrow."""
    kind = NOTHING
    for k in range(4, 0, -1):
        if rank < ages[age, k]:
            kind = k
    return kind


def sketch(plan: Plan, ids: np.ndarray, low: int, high: int, out: Sketch, rounds: np.ndarray) -> None:
    """First pass over ``ids[low:high]``: who the investors are, before any name is drawn.

    ``rounds`` is room for the words of the shuffle of ranks, as :func:`gaemi.chance.fill_rounds` has it.
    """
    numbers, ages = plan.numbers, plan.ages
    persons, bits = numbers.persons, half_bits(numbers.persons)
    fill_rounds(persons, numbers.seed, AGE, rounds)
    facts = Facts(plan.cells, plan.ages, plan.wealth_of_age, plan.tables)
    age_out, kind_out, slots_out, cash_out = out.age, out.kind, out.slots, out.cash_weight
    for j in range(low, high):
        number = int(ids[j])
        rank = shuffle_by(rounds, bits, number, persons)
        age = find_range(ages, rank)
        kind = kind_of(ages, age, rank)
        who = person(facts, numbers, number, find_range(facts.cells, number), age)
        weight = who.cash_weight / RAW_WON
        if kind != NOTHING:
            weight *= numbers.borrower_cash
        age_out[j] = age
        kind_out[j] = kind
        slots_out[j] = who.names + who.overseas + who.funds
        cash_out[j] = LARGEST if weight > LARGEST else int(weight)


def pick(odds: np.ndarray, names: np.ndarray, table: int, word: int) -> int:
    """The row that a 32-bit word draws from an alias table."""
    scaled = word * names[table]
    index = scaled >> 32
    if ((scaled & 0xFFFFFFFF) >> 7) >= odds[table, 1, index]:
        index = odds[table, 2, index]
    return odds[table, 0, index]


def table_of(who: Person, slot: int) -> int:
    """The alias table that a slot is drawn from: KOSPI names first, then KOSDAQ, US names, a fund."""
    if slot < who.kospi_names:
        return ON_KOSPI
    if slot < who.names:
        return ON_KOSDAQ
    return ABROAD if slot < who.names + who.overseas else IN_FUNDS


class Lots(NamedTuple):
    """The arrays of a plan that names are drawn from; taken out of the plan once, before the loop over persons."""

    odds: np.ndarray
    names: np.ndarray
    tables: np.ndarray


def choose_names(lots: Lots, numbers: Numbers, number: int, who: Person, rows: np.ndarray, weights: np.ndarray) -> int:
    """The investor's names: KOSPI names with the leader first, KOSDAQ names, US names, a fund. Returns their number.

    Names are drawn one by one without repetition: two words each, one for the name and one for its weight in the
    split of wealth. ``weights`` become raw values in thousands of won. Those of US names and funds come on top of the
    wealth in domestic names, which is what the published age shares are about.
    """
    odds, names, tables = lots.odds, lots.names, lots.tables
    end = who.names + who.overseas + who.funds
    filled, draw, total = 0, 0, 0.0
    while filled < end:
        w0, w1, w2, w3 = philox(number, 0, 0, HOLDING * 65536 + draw, numbers.seed & 0xFFFFFFFF, 0)
        draw += 1
        assert draw < _ATTEMPTS, "there are more names to draw from than a person holds"
        for half in range(2):
            if filled < end:
                row = numbers.leader_row
                if filled > 0 or who.leader == 0:
                    row = pick(odds, names, table_of(who, filled), w0 if half == 0 else w2)
                new = True
                for s in range(filled):
                    if rows[s] == row:
                        new = False
                if new:
                    weight = quantile(tables, OF_SPLIT, w1 if half == 0 else w3)
                    rows[filled] = row
                    weights[filled] = weight
                    if filled < who.names:
                        total += weight
                    filled += 1
    share = who.wealth / (total * RAW_WON)
    own = 0.2 * who.wealth / RAW_WON
    for s in range(end):
        raw = weights[s] * (share if s < who.names else own)
        weights[s] = 1.0 if raw < 1.0 else (LARGEST * 1.0 if raw > LARGEST else raw)
    return end


def place_plain(
    plan: Plan, ids: np.ndarray, part: Part, drawn: Sketch, group: Plain, raw: np.ndarray, paper: Paper
) -> None:
    """Write the plain accounts of one part of the investors. Adds raw values by instrument and age band to ``raw``."""
    numbers, codes, at = plan.numbers, drawn.code, part.at
    facts = Facts(plan.cells, plan.ages, plan.wealth_of_age, plan.tables)
    lots = Lots(plan.odds, plan.names, plan.tables)
    instrument, quantity = group.instrument, group.quantity
    rows, values = paper.rows, paper.values
    for j in range(part.low, part.high):
        if codes[j] != part.code:
            continue
        number, age = int(ids[j]), int(drawn.age[j])
        who = person(facts, numbers, number, find_range(facts.cells, number), age)
        end = choose_names(lots, numbers, number, who, rows, values)
        group.investor[at] = number
        group.age[at] = age
        group.cash_won[at] = drawn.cash_won[j]
        for s in range(end):
            value = int(values[s])
            instrument[s, at] = rows[s]
            quantity[s, at] = value
            raw[rows[s], age] += value
        at += 1


def units_of(raw: int, factor: float, unit_won: float) -> int:
    """Whole units for a raw value: to the nearest, at least one."""
    units = int(raw * RAW_WON * factor / unit_won + 0.5)
    if units < 1:
        return 1
    return LARGEST if units > LARGEST else units


def weigh_plain(group: Plain, stride: int, factor: np.ndarray, unit_won: np.ndarray, tally: np.ndarray) -> None:
    """What whole units would come to, on every ``stride``-th account, before anything is written.

    Adds to ``tally`` [2, instrument, age band]: won of fitted values, won of whole units.
    """
    for a in range(0, group.investor.size, stride):
        age = int(group.age[a])
        for s in range(group.quantity.shape[0]):
            raw = int(group.quantity[s, a])
            if raw > 0:
                row = int(group.instrument[s, a])
                fitted = factor[row, age]
                tally[0, row, age] += raw * RAW_WON * fitted
                tally[1, row, age] += units_of(raw, fitted, unit_won[row]) * unit_won[row]


def finish_plain(
    group: Plain, span: tuple[int, int], factor: np.ndarray, unit_value: np.ndarray, held: np.ndarray
) -> None:
    """Turn raw values into whole units, at least one a holding, and set peaks to the value of the account.

    ``factor`` is [instrument, age band]; ``unit_value`` 1024ths of a won a unit. Adds units to ``held``.
    """
    low, high = span
    for a in range(low, high):
        net = int(group.cash_won[a])
        for s in range(group.quantity.shape[0]):
            raw = int(group.quantity[s, a])
            if raw > 0:
                row = int(group.instrument[s, a])
                units = units_of(raw, factor[row, group.age[a]], unit_value[row] / 1024.0)
                group.quantity[s, a] = units
                held[row] += units
                net += (units * int(unit_value[row]) + 512) >> 10
        group.peak_won[a] = net


def place_borrowing(
    plan: Plan, loans: LoanPlan, ids: np.ndarray, part: Part, drawn: Sketch, group: Borrowing, raw: np.ndarray,
    paper: Paper,
) -> None:  # fmt: skip
    """Write the borrowing accounts of one part of the investors.

    Loans get a kind, the row of the name that they finance and, as principal, a weight that is scaled later.
    """
    numbers, codes, at = plan.numbers, drawn.code, part.at
    facts = Facts(plan.cells, plan.ages, plan.wealth_of_age, plan.tables)
    lots = Lots(plan.odds, plan.names, plan.tables)
    rows, values = paper.rows, paper.values
    for j in range(part.low, part.high):
        if codes[j] != part.code:
            continue
        number, age, kind = int(ids[j]), int(drawn.age[j]), int(drawn.kind[j])
        who = person(facts, numbers, number, find_range(facts.cells, number), age)
        end = choose_names(lots, numbers, number, who, rows, values)
        group.investor[at] = number
        group.age[at] = age
        group.cash_won[at] = drawn.cash_won[j]
        words = philox(number, 0, 0, LOAN * 65536, numbers.seed & 0xFFFFFFFF, 0)
        slots = loan_slots(loans, kind, who.kospi_names, who.names, who.boards, words)
        for s in range(end):
            value = int(values[s])
            group.instrument[s, at] = rows[s]
            group.quantity[s, at] = value
            if s != slots[0] and s != slots[1]:
                raw[rows[s], age] += value
        noise = philox(number, 0, 0, LOAN * 65536 + 1, numbers.seed & 0xFFFFFFFF, 0)
        size = exp(loans.elasticity * log(who.wealth + 1.0))
        for k in range(2):
            if slots[k] >= 0:
                weight = size * exp(loans.dispersion * normal(noise[k]))
                group.principal_won[k, at] = 1 + int(weight)
                group.financed[k, at] = rows[slots[k]]
                group.loan_kind[k, at] = _MARGIN
        if kind == MARGIN_AND_PLEDGED:
            group.loan_kind[1, at] = _PLEDGED
        elif kind == PLEDGED_ONLY:
            group.loan_kind[0, at] = _PLEDGED
        elif kind == PURCHASE:
            group.loan_kind[0, at] = _UNSETTLED
        at += 1
