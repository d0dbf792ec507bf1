"""Kernels that turn a plan of the population into accounts, one investor after the other.

Every draw is keyed by the investor's number, so a range of investors can be built alone, by any thread. Holdings are
first placed with a *raw value* in thousands of won in the column of quantities; people/population fits the raw values
to published totals, and a second pass turns them into whole shares.
"""

from typing import NamedTuple

import numpy as np

from gaemi.chance import AGE, HOLDING, LOAN, WEALTH, exp, log, normal, philox, shuffle
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


class Names(NamedTuple):
    """Instruments to draw from, each with its odds, as an alias table (Walker 1977)."""

    row: np.ndarray
    keep: np.ndarray
    other: np.ndarray


class Plan(NamedTuple):
    """All that decides who holds what: cells of investors, ranks by age, tables of quantiles, odds of names."""

    seed: int
    persons: int
    cell_start: np.ndarray
    cell_names: np.ndarray
    cell_boards: np.ndarray
    cell_leader: np.ndarray
    age_start: np.ndarray
    kind_start: np.ndarray
    overseas_bps: np.ndarray
    second_overseas_bps: int
    fund_bps: np.ndarray
    kospi_bps: int
    leader_row: int
    kospi: Names
    kosdaq: Names
    overseas: Names
    fund: Names
    wealth: np.ndarray
    split: np.ndarray
    cash: np.ndarray
    wealth_of_age: np.ndarray
    borrower_cash: float


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
    """First pass, one entry an investor: age band, kind of borrower, slots in use, weight in the deposits."""

    age: np.ndarray
    kind: np.ndarray
    slots: np.ndarray
    cash_weight: np.ndarray


class LoanPlan(NamedTuple):
    """Odds that decide a borrower's loans before amounts are known."""

    two_loans_bps: int
    kospi_bps: int
    elasticity: float
    dispersion: float


def quantile(table: np.ndarray, word: int) -> float:
    """The value of a table of quantiles for a 32-bit word; a low word is far in the upper tail."""
    upper = (word + 0.5) / 4294967296.0
    level = 0
    while upper <= 0.0625 and level < LEVELS - 1:
        upper *= 16.0
        level += 1
    place = (upper - 0.0625) / 0.9375 * POINTS
    if place < 0.0:
        place = 0.0
    low = int(place)
    if low >= POINTS:
        low = POINTS - 1
    return table[level, low] + (table[level, low + 1] - table[level, low]) * (place - low)  # type: ignore[no-any-return]


def find_range(start: np.ndarray, number: int) -> int:
    """The last index with ``start[index]`` <= ``number``, in a rising array that begins at or under it."""
    low, high = 0, start.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        if start[middle] <= number:
            low = middle
        else:
            high = middle
    return low


def person(plan: Plan, number: int, cell: int, age: int, kind: int) -> Person:
    """The investor's names by board, extra names, wealth in won and weight in the deposits."""
    w0, w1, w2, w3 = philox(number, 0, 0, WEALTH * 65536, plan.seed & 0xFFFFFFFF, 0)
    names = plan.cell_names[cell]
    boards = plan.cell_boards[cell]
    kospi_names = 0
    if boards == KOSPI_ONLY:
        kospi_names = names
    elif boards == BOTH_BOARDS:
        kospi_names = 1 + ((names - 2) * plan.kospi_bps + ((w3 & 0xFFFF) * 10000 >> 16)) // 10000
    overseas = 0
    if ((w2 >> 16) * 10000 >> 16) < plan.overseas_bps[age]:
        overseas = 1
        if ((w2 & 0xFFFF) * 10000 >> 16) < plan.second_overseas_bps:
            overseas = 2
    funds = 0
    if ((w3 >> 16) * 10000 >> 16) < plan.fund_bps[age]:
        funds = 1
    wealth = quantile(plan.wealth, w0) * plan.wealth_of_age[age]
    cash_weight = wealth * quantile(plan.cash, w1)
    if kind != NOTHING:
        cash_weight *= plan.borrower_cash
    return Person(names, boards, plan.cell_leader[cell], kospi_names, overseas, funds, wealth, cash_weight)


def sketch(plan: Plan, ids: np.ndarray, low: int, high: int, out: Sketch) -> None:
    """First pass over ``ids[low:high]``: who the investors are, before any name is drawn."""
    for j in range(low, high):
        number = int(ids[j])
        rank = shuffle(number, plan.persons, plan.seed, AGE)
        age = find_range(plan.age_start, rank)
        kind = NOTHING
        for k in range(4):
            if plan.kind_start[age, k] <= rank < plan.kind_start[age, k + 1]:
                kind = k + 1
        who = person(plan, number, find_range(plan.cell_start, number), age, kind)
        out.age[j] = age
        out.kind[j] = kind
        out.slots[j] = who.names + who.overseas + who.funds
        weight = who.cash_weight / RAW_WON
        out.cash_weight[j] = LARGEST if weight > LARGEST else int(weight)


def pick(names: Names, word: int) -> int:
    """The row that a 32-bit word draws."""
    scaled = word * names.row.size
    index = scaled >> 32
    if ((scaled & 0xFFFFFFFF) >> 7) >= names.keep[index]:
        index = names.other[index]
    return names.row[index]  # type: ignore[no-any-return]


def draw_names(
    seed: int, number: int, draw: int, names: Names, split: np.ndarray, rows: np.ndarray, weights: np.ndarray, span: tuple[int, int]
) -> int:
    """Fill ``rows`` and ``weights`` over the span with names drawn one by one without repetition; the next draw."""
    filled, end = span
    first = filled
    while filled < end:
        w0, w1, w2, w3 = philox(number, 0, 0, HOLDING * 65536 + draw, seed & 0xFFFFFFFF, 0)
        draw += 1
        assert draw < _ATTEMPTS, "there are more names to draw from than a person holds"
        for half in range(2):
            if filled < end:
                row = pick(names, w0 if half == 0 else w2)
                new = True
                for s in range(first, filled):
                    if rows[s] == row:
                        new = False
                if new:
                    rows[filled] = row
                    weights[filled] = quantile(split, w1 if half == 0 else w3)
                    filled += 1
    return draw


def choose_names(plan: Plan, number: int, who: Person, rows: np.ndarray, weights: np.ndarray) -> int:
    """The investor's names: KOSPI names with the leader first, KOSDAQ names, US names, a fund. Returns their number.

    ``weights`` become raw values in thousands of won. Those of US names and funds come on top of the wealth in
    domestic names, which is what the published age shares are about.
    """
    first = 0
    if who.leader == 1:
        rows[0] = plan.leader_row
        words = philox(number, 0, 0, HOLDING * 65536 + 65535, plan.seed & 0xFFFFFFFF, 0)
        weights[0] = quantile(plan.split, words[0])
        first = 1
    kospi_end, domestic = who.kospi_names, who.names
    us_end = domestic + who.overseas
    end = us_end + who.funds
    draw = draw_names(plan.seed, number, 0, plan.kospi, plan.split, rows, weights, (first, kospi_end))
    draw = draw_names(plan.seed, number, draw, plan.kosdaq, plan.split, rows, weights, (kospi_end, domestic))
    draw = draw_names(plan.seed, number, draw, plan.overseas, plan.split, rows, weights, (domestic, us_end))
    draw_names(plan.seed, number, draw, plan.fund, plan.split, rows, weights, (us_end, end))
    total = 0.0
    for s in range(domestic):
        total += weights[s]
    for s in range(end):
        share = weights[s] / total if s < domestic else 0.2 * weights[s]
        raw = who.wealth * share / RAW_WON
        weights[s] = 1.0 if raw < 1.0 else (LARGEST * 1.0 if raw > LARGEST else raw)
    return end


def place_plain(
    plan: Plan, ids: np.ndarray, span: tuple[int, int, int], code: tuple[np.ndarray, int], drawn: Sketch,
    cash_won: np.ndarray, group: Plain, raw: np.ndarray,
) -> None:  # fmt: skip
    """Write the plain accounts of one capacity group that stand in ``ids[low:high]``, from row ``at`` on.

    ``span`` is (low, high, at); ``code`` the group code of every investor and the code of this group. Adds raw values
    by instrument and age band to ``raw``.
    """
    low, high, at = span
    codes, wanted = code
    rows = np.zeros(MOST_SLOTS, dtype=np.int64)
    values = np.zeros(MOST_SLOTS, dtype=np.float64)
    for j in range(low, high):
        if codes[j] != wanted:
            continue
        number, age = int(ids[j]), int(drawn.age[j])
        who = person(plan, number, find_range(plan.cell_start, number), age, NOTHING)
        end = choose_names(plan, number, who, rows, values)
        group.investor[at] = number
        group.age[at] = age
        group.cash_won[at] = cash_won[j]
        for s in range(end):
            value = int(values[s])
            group.instrument[s, at] = rows[s]
            group.quantity[s, at] = value
            raw[rows[s], age] += value
        at += 1


def finish_plain(
    group: Plain, span: tuple[int, int], factor: np.ndarray, unit_value: np.ndarray, unit_won: np.ndarray, held: np.ndarray
) -> None:
    """Turn raw values into whole units, at least one a holding, and set peaks to the value of the account.

    ``factor`` is [instrument, age band]; ``unit_won`` the price of a unit in won as a float, ``unit_value`` in 1024ths
    of a won. Adds units to ``held``.
    """
    low, high = span
    for a in range(low, high):
        net = int(group.cash_won[a])
        for s in range(group.quantity.shape[0]):
            raw = int(group.quantity[s, a])
            if raw > 0:
                row = int(group.instrument[s, a])
                units = int(raw * RAW_WON * factor[row, group.age[a]] / unit_won[row] + 0.5)
                units = 1 if units < 1 else (LARGEST if units > LARGEST else units)
                group.quantity[s, a] = units
                held[row] += units
                net += (units * int(unit_value[row]) + 512) >> 10
        group.peak_won[a] = net


def choose_slot(word: int, low: int, high: int, taken: int) -> int:
    """A slot of [low, high) other than ``taken``, or -1 where there is none."""
    count = high - low - (1 if low <= taken < high else 0)
    if count <= 0:
        return -1
    slot = low + (word * count >> 32)
    if low <= taken < high and slot >= taken:
        slot += 1
    return slot


def loan_slots(loans: LoanPlan, kind: int, who: Person, words: tuple[int, int, int, int]) -> tuple[int, int]:
    """Slots that the borrower's two loan slots are for, -1 where there is no loan."""
    w0, w1, w2, w3 = words
    kospi, names = who.kospi_names, who.names
    on_kospi = ((w0 & 0xFFFF) * 10000 >> 16) < loans.kospi_bps
    low, high = 0, names
    if who.boards == BOTH_BOARDS:
        low, high = (0, kospi) if on_kospi else (kospi, names)
    first = choose_slot(w1, low, high, -1)
    second = -1
    if kind == MARGIN_ONLY and ((w0 >> 16) * 10000 >> 16) < loans.two_loans_bps:
        if who.boards == BOTH_BOARDS:
            low, high = (kospi, names) if on_kospi else (0, kospi)
        second = choose_slot(w2, low, high, first)
    if kind == MARGIN_AND_PLEDGED:
        second = choose_slot(w2, 0, names, first)
        if second < 0:
            second = first
    return first, second


def place_borrowing(
    plan: Plan, loans: LoanPlan, ids: np.ndarray, chosen: np.ndarray, drawn: Sketch, cash_won: np.ndarray,
    group: Borrowing, raw: np.ndarray,
) -> None:  # fmt: skip
    """Write the borrowing accounts of one capacity group: the investors at places ``chosen`` of ``ids``.

    Loans get a kind, the row of the name that they finance and, as principal, a weight that is scaled later.
    """
    rows = np.zeros(MOST_SLOTS, dtype=np.int64)
    values = np.zeros(MOST_SLOTS, dtype=np.float64)
    for at in range(chosen.size):
        j = int(chosen[at])
        number, age, kind = int(ids[j]), int(drawn.age[j]), int(drawn.kind[j])
        who = person(plan, number, find_range(plan.cell_start, number), age, kind)
        end = choose_names(plan, number, who, rows, values)
        group.investor[at] = number
        group.age[at] = age
        group.cash_won[at] = cash_won[j]
        words = philox(number, 0, 0, LOAN * 65536, plan.seed & 0xFFFFFFFF, 0)
        slots = loan_slots(loans, kind, who, words)
        for s in range(end):
            value = int(values[s])
            group.instrument[s, at] = rows[s]
            group.quantity[s, at] = value
            if s != slots[0] and s != slots[1]:
                raw[rows[s], age] += value
        noise = philox(number, 0, 0, LOAN * 65536 + 1, plan.seed & 0xFFFFFFFF, 0)
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


def keep_every(seed: int, purpose: int, scale: int, low: int, high: int, kept: np.ndarray) -> None:
    """Mark the investors of [low, high) whose hash is divisible by ``scale``."""
    for number in range(low, high):
        if philox(number, 0, 0, purpose * 65536, seed & 0xFFFFFFFF, 0)[0] % scale == 0:
            kept[number] = 1
