"""Kernel that finishes borrowing accounts: which holdings secure the loans, and how many units give the drawn ratio."""

from math import sqrt
from typing import NamedTuple

import numpy as np

from gaemi.chance import FIRM, KIND, RATIO, exp, normal, philox, uniform, word
from gaemi.kernels.build import LARGEST, units_of
from gaemi.records.columns import SIZE_EDGES_WON, Borrowing
from gaemi.units import won_value

_ELSEWHERE, _FINANCED, _PLEDGED_LOT, _OTHER, _UNSETTLED_LOT = 0, 1, 2, 3, 5  # records.columns.Standing
_MARGIN, _PLEDGED, _UNSETTLED = 1, 2, 4  # records.columns.LoanKind
_BOTH_MARKETS = 2
_LOWEST_LOT_SHARE = 0.5


class Prices(NamedTuple):
    """What a unit of each instrument is worth, and what may secure a loan."""

    won: np.ndarray
    unit_value: np.ndarray
    volatility: np.ndarray
    deposit_bps: np.ndarray
    domestic: np.ndarray


class LoanCohorts(NamedTuple):
    """Margin loans of a rebuilt state: odds of ratio bands, and ages inside each; no bands for the simple state.

    ``market`` is by instrument, -1 where the state says nothing. Row ``p`` of ``band_from`` holds the words from which
    on each ratio band is chosen, for pools that finance names of market 0, of market 1, or of both (2). The ages of
    market ``m`` in band ``r`` are cells ``first_cell[m, r]`` to ``first_cell[m, r + 1]``; the last band stands for the
    whole market, where a band has no loan of it. ``cell_from`` are words again. ``traded`` holds the day on which a
    loan of each age, in sessions, was opened.
    """

    market: np.ndarray
    ratio_low_bps: np.ndarray
    ratio_high_bps: np.ndarray
    band_from: np.ndarray
    first_cell: np.ndarray
    cell_from: np.ndarray
    age_low: np.ndarray
    age_high: np.ndarray
    traded: np.ndarray


class Lending(NamedTuple):
    """Law and assumptions of the state, and the cohorts of margin loans where it is rebuilt."""

    seed: int
    today: int
    firm_upper_bps: np.ndarray
    maintenance_bps: np.ndarray
    substitute_bps: int
    openings: np.ndarray
    term_days: int
    pledged_low: float
    pledged_high: float
    other_bps: int
    other_cap: float
    under_bps: int
    highest_ratio: float
    unsettled_deposit_bps: int
    purchase_days: np.ndarray
    due_days: np.ndarray
    cohorts: LoanCohorts


def firm_class(lending: Lending, number: int) -> int:
    """The firm class of an investor's account, by luck with the law's shares."""
    luck = uniform(word(lending.seed, 0, FIRM, 0, number, 0)) * 10000.0
    firm = 0
    while firm < lending.firm_upper_bps.size - 1 and luck >= lending.firm_upper_bps[firm]:
        firm += 1
    return firm


def drawn_ratio(lending: Lending, entry: float, spread: float, luck: int, under: int, maintenance_bps: int) -> float:
    """Collateral ratio of a loan now: a log-normal move since the opening, reflected at maintenance."""
    ratio = entry * exp(spread * normal(luck))
    maintenance = maintenance_bps / 10000.0
    if ratio < maintenance and under * 10000 >> 32 >= lending.under_bps:
        ratio = maintenance * maintenance / ratio
    return min(ratio, lending.highest_ratio)


def chosen_by(word: int, start: np.ndarray, low: int, high: int) -> int:
    """The last of the rows [low, high) that starts at ``word`` or before it; ``start`` rises."""
    while high - low > 1:
        middle = (low + high) // 2
        if word < start[middle]:
            high = middle
        else:
            low = middle
    return low


def pool_kind(cohorts: LoanCohorts, group: Borrowing, at: int) -> int:
    """The market of the account's margin loans, 2 for both; -1 where it has none or the state says nothing of one."""
    found, unknown = -1, cohorts.ratio_low_bps.size == 0
    for k in range(group.loan_kind.shape[0]):
        if group.loan_kind[k, at] == _MARGIN and not unknown:
            market = int(cohorts.market[group.financed[k, at]])
            unknown = market < 0
            found = market if found < 0 or found == market else _BOTH_MARKETS
    return -1 if unknown else found


def pool_band(lending: Lending, kind: int, number: int) -> tuple[int, float]:
    """The ratio band in which the account's pool stands, and its collateral ratio, even inside the band.

    An account has one pool, so its loans have one ratio; luck of their own only says how old each is.
    """
    w0, w1, _, _ = philox(number, 0, 0, RATIO * 65536, lending.seed & 0xFFFFFFFF, 0)
    cohorts = lending.cohorts
    band = chosen_by(w0, cohorts.band_from[kind], 0, cohorts.ratio_low_bps.size)
    low, high = cohorts.ratio_low_bps[band], cohorts.ratio_high_bps[band]
    return band, (low + (high - low) * uniform(w1)) / 10000.0


def age_of_loan(cohorts: LoanCohorts, market: int, band: int, chosen: int, luck: int) -> int:
    """Sessions since the trade of a loan of the market whose pool stands in the ratio band, by two words of its own."""
    if cohorts.first_cell[market, band] == cohorts.first_cell[market, band + 1]:
        band = cohorts.ratio_low_bps.size
    low, high = int(cohorts.first_cell[market, band]), int(cohorts.first_cell[market, band + 1])
    cell = chosen_by(chosen, cohorts.cell_from, low, high)
    youngest = int(cohorts.age_low[cell])
    return youngest + (luck * (int(cohorts.age_high[cell]) - youngest) >> 32)


def date_in_cohort(lending: Lending, group: Borrowing, at: int, k: int, band: int) -> None:
    """Date margin loan ``k`` of a pool that stands in the ratio band, by the rebuilt state.

    A loan older than its term was extended by whole terms, and what it owed in interest was paid each time.
    """
    number, cohorts = int(group.investor[at]), lending.cohorts
    _, _, w2, w3 = philox(number, 0, 0, RATIO * 65536 + k, lending.seed & 0xFFFFFFFF, 0)
    market = int(cohorts.market[group.financed[k, at]])
    opened = int(cohorts.traded[age_of_loan(cohorts, market, band, w2, w3)])
    extended = (lending.today - opened) // lending.term_days * lending.term_days
    group.opened[k, at] = opened
    group.interest_from[k, at] = opened + extended
    group.due[k, at] = opened + extended + lending.term_days


def open_loan(lending: Lending, prices: Prices, group: Borrowing, at: int, k: int) -> float:
    """Date loan ``k`` of account ``at``; the value in won that its lot must have.

    In a rebuilt state a pledged loan beside a margin loan shares the ratio of their one pool.
    """
    number = int(group.investor[at])
    w0, w1, w2, w3 = philox(number, 0, 0, RATIO * 65536 + k, lending.seed & 0xFFFFFFFF, 0)
    kind, row = int(group.loan_kind[k, at]), int(group.financed[k, at])
    principal = int(group.principal_won[k, at])
    group.settled_won[k, at] = principal
    if kind == _UNSETTLED:
        turn = w0 * lending.due_days.size >> 32
        group.opened[k, at] = lending.purchase_days[turn]
        group.interest_from[k, at] = lending.purchase_days[turn]
        group.due[k, at] = lending.due_days[turn]
        return principal * 10000.0 / (10000 - lending.unsettled_deposit_bps)
    rebuilt = pool_kind(lending.cohorts, group, at)
    if rebuilt >= 0 and kind == _MARGIN:
        band, ratio = pool_band(lending, rebuilt, number)
        date_in_cohort(lending, group, at, k, band)
        return principal * ratio
    count = lending.openings.size
    session = w0 * count >> 32
    group.opened[k, at] = lending.openings[session]
    group.interest_from[k, at] = lending.openings[session]
    group.due[k, at] = lending.openings[session] + lending.term_days
    if rebuilt >= 0:
        _, ratio = pool_band(lending, rebuilt, number)
        return principal * ratio
    entry = 10000.0 / (10000 - prices.deposit_bps[row])
    if kind == _PLEDGED:
        entry = 1.0 / (lending.pledged_low + (lending.pledged_high - lending.pledged_low) * uniform(w3))
    spread = prices.volatility[row] * sqrt(count - 1.0 - session)
    maintenance_bps = int(lending.maintenance_bps[group.firm[at]])
    return principal * drawn_ratio(lending, entry, spread, w1, w2, maintenance_bps)


def is_secured(loan_kind: np.ndarray, financed: np.ndarray, at: int, row: int) -> bool:
    """Whether a loan of the account finances or is pledged on the instrument."""
    found = False
    for k in range(loan_kind.shape[0]):
        if loan_kind[k, at] != 0 and financed[k, at] == row:
            found = True
    return found


def stand_others(lending: Lending, prices: Prices, factor: np.ndarray, group: Borrowing, at: int, wanted: float) -> int:
    """Units and standing of the holdings that no loan financed; the collateral won that they and cash bring."""
    instrument, quantity, loan_kind, financed = group.instrument, group.quantity, group.loan_kind, group.financed
    age, brought = int(group.age[at]), int(group.cash_won[at])
    luck = (0, 0, 0, 0)
    for s in range(quantity.shape[0]):
        if s & 7 == 0:
            luck = philox(int(group.investor[at]), 0, 0, KIND * 65536 + (s >> 3), lending.seed & 0xFFFFFFFF, 0)
        raw, row = int(quantity[s, at]), int(instrument[s, at])
        if raw == 0 or is_secured(loan_kind, financed, at, row):
            continue
        units = units_of(raw, factor[row, age], prices.won[row])
        quantity[s, at] = units
        chance = (luck[s >> 1 & 3] >> (16 * (s & 1))) & 0xFFFF
        if prices.domestic[row] == 1 and chance * 10000 >> 16 < lending.other_bps:
            collateral = won_value(units, int(prices.unit_value[row])) * lending.substitute_bps // 10000
            if brought + collateral <= lending.other_cap * wanted:
                group.standing[s, at] = _OTHER
                brought += collateral
    return brought


def finance(lending: Lending, prices: Prices, group: Borrowing, at: int, lots: np.ndarray, share: float) -> None:
    """Units of the financed and pledged lots: each loan's lot value times ``share``, whole units rounded up."""
    instrument, quantity, loan_kind, financed = group.instrument, group.quantity, group.loan_kind, group.financed
    for s in range(quantity.shape[0]):
        row = int(instrument[s, at])
        if quantity[s, at] == 0 or not is_secured(loan_kind, financed, at, row):
            continue
        value, standing = 0.0, _ELSEWHERE
        for k in range(loan_kind.shape[0]):
            kind = int(loan_kind[k, at])
            if kind != 0 and financed[k, at] == row:
                value += lots[k] * (1.0 if kind == _UNSETTLED else share)
                if kind == _UNSETTLED:
                    standing = _UNSETTLED_LOT
                elif standing == _ELSEWHERE:
                    standing = _FINANCED if kind == _MARGIN else _PLEDGED_LOT
        units = int(value / prices.won[row]) + 1
        quantity[s, at] = LARGEST if units > LARGEST else units
        group.standing[s, at] = standing


def measure(prices: Prices, group: Borrowing, at: int) -> None:
    """Peaks and size band of the account from what it is worth now."""
    account, elsewhere = int(group.cash_won[at]), 0
    for s in range(group.quantity.shape[0]):
        won = won_value(int(group.quantity[s, at]), int(prices.unit_value[group.instrument[s, at]]))
        if group.standing[s, at] == _ELSEWHERE:
            elsewhere += won
        else:
            account += won
    for k in range(group.principal_won.shape[0]):
        account -= int(group.principal_won[k, at])
    group.peak_account_won[at] = max(account, 0)
    group.peak_investor_won[at] = max(account + elsewhere, 0)
    size = 0
    for edge in SIZE_EDGES_WON:
        if account + elsewhere >= edge:
            size += 1
    group.size[at] = size


def finish_borrowing(
    lending: Lending, prices: Prices, factor: np.ndarray, group: Borrowing, span: tuple[int, int], held: np.ndarray
) -> None:
    """Finish accounts ``span``: firm, dates, standings, units of every holding, peaks. Adds units to ``held``.

    A pool that is meant to keep maintenance keeps it in whole units: lots are rounded up.
    """
    lots = np.zeros(group.loan_kind.shape[0], dtype=np.float64)
    for at in range(span[0], span[1]):
        group.firm[at] = firm_class(lending, int(group.investor[at]))
        wanted, purchase = 0.0, False
        for k in range(lots.size):
            lots[k] = 0.0
            if group.loan_kind[k, at] != 0:
                lots[k] = open_loan(lending, prices, group, at, k)
                if group.loan_kind[k, at] == _UNSETTLED:
                    purchase = True
                else:
                    wanted += lots[k]
        brought = stand_others(lending, prices, factor, group, at, wanted)
        share = 1.0
        if not purchase and wanted > 0.0:
            share = max(1.0 - brought / wanted, _LOWEST_LOT_SHARE)
        finance(lending, prices, group, at, lots, share)
        measure(prices, group, at)
        for s in range(group.quantity.shape[0]):
            held[group.instrument[s, at]] += group.quantity[s, at]


def broker_pool(group: Borrowing, at: int, prices: Prices, substitute_bps: int) -> tuple[int, int]:
    """Collateral value and loans of the broker's pool of an account, in won."""
    loans, value = 0, int(group.cash_won[at])
    for k in range(group.loan_kind.shape[0]):
        if group.loan_kind[k, at] in (_MARGIN, _PLEDGED):
            loans += int(group.principal_won[k, at])
    for s in range(group.quantity.shape[0]):
        won = won_value(int(group.quantity[s, at]), int(prices.unit_value[group.instrument[s, at]]))
        standing = group.standing[s, at]
        if standing in (_FINANCED, _PLEDGED_LOT):
            value += won
        elif standing == _OTHER:
            value += won * substitute_bps // 10000
    return value, loans


def pool_ratios(
    group: Borrowing, span: tuple[int, int], prices: Prices, substitute_bps: int, ratio: np.ndarray
) -> None:
    """Fill ``ratio`` with the collateral ratio in basis points of each broker's pool of the span, 0 without loans."""
    for at in range(span[0], span[1]):
        value, loans = broker_pool(group, at, prices, substitute_bps)
        ratio[at] = 10000 * value // loans if loans > 0 else 0


def count_short(
    group: Borrowing, span: tuple[int, int], prices: Prices, maintenance_bps: np.ndarray, substitute_bps: int
) -> int:
    """Number of accounts of the span whose broker's pool is under maintenance."""
    count = 0
    for at in range(span[0], span[1]):
        value, loans = broker_pool(group, at, prices, substitute_bps)
        if 10000 * value < int(maintenance_bps[group.firm[at]]) * loans:
            count += 1
    return count
