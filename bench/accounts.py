"""The accounts that everybody values: the shipped population, as columns for us and as long tables for the others."""

from dataclasses import dataclass, replace

import numpy as np

from gaemi.kernels.tables import LawTable, Quotes
from gaemi.records.columns import Borrowing, Plain, Population, Standing
from gaemi.run import copied
from gaemi.scene import Request, prepare
from gaemi.units import BPS
from gaemi.workers import LocalWorkers
from gaemi.world import day_law, make_quotes

FALL_BPS = 1_500
"""The day that is timed: every name closes 15 % lower."""

POOLED = (Standing.FINANCED, Standing.PLEDGED, Standing.OTHER)


@dataclass(frozen=True, slots=True)
class Country:
    """Accounts, and the quotes of two closes under one law."""

    population: Population
    before: Quotes
    after: Quotes
    law: LawTable
    today: int

    @property
    def accounts(self) -> int:
        return self.population.accounts()

    @property
    def holdings(self) -> int:
        return sum(int(np.count_nonzero(g.quantity)) for g in groups(self.population))


@dataclass(frozen=True, slots=True)
class Long:
    """The same accounts as long tables in order of account: what a data frame or a database would hold.

    ``pledge_*`` are the holdings that secure broker's loans, with their collateral rate; ``loan_*`` one row a borrower.
    """

    unit: np.ndarray  # int64 [instrument], 1/1024 won
    account: np.ndarray  # int32 [holding], rising
    instrument: np.ndarray  # uint16 [holding]
    quantity: np.ndarray  # int32 [holding]
    pledge_account: np.ndarray  # int32 [pledge], rising
    pledge_instrument: np.ndarray  # uint16 [pledge]
    pledge_quantity: np.ndarray  # int32 [pledge]
    pledge_rate_bps: np.ndarray  # int32 [pledge]
    loan_account: np.ndarray  # int32 [borrower], rising
    loan_won: np.ndarray  # int64 [borrower]
    loan_cash_won: np.ndarray  # int64 [borrower]
    loan_needed_bps: np.ndarray  # int32 [borrower]


@dataclass(frozen=True, slots=True)
class Answer:
    """What everybody must find: won of all holdings, and how many borrowers are under maintenance."""

    value_won: int
    under: int


def groups(population: Population) -> list[Plain | Borrowing]:
    return [*population.plain, *population.borrowing]


def country(scale: int, workers: LocalWorkers) -> Country:
    """The shipped population, every ``scale``-th investor of it, before and after a fall of all names."""
    scene = prepare(Request(scale=scale), workers)
    table, law = scene.instruments, day_law(scene.book, scene.on, scene.instruments)
    filled = np.full(table.price.size, BPS, dtype=np.int64)
    before, after = (
        make_quotes(table, price, scene.won_per_dollar, table.halted, law, filled)
        for price in (table.price, table.price * (BPS - FALL_BPS) // BPS)
    )
    return Country(copied(scene.start.population, workers), before, after, law.table, scene.on.toordinal())


def sample(these: Country, every: int) -> Country:
    """Every ``every``-th account of each group."""
    population = these.population
    plain, borrowing = (
        [type(g)(*(np.ascontiguousarray(column[..., ::every]) for column in g)) for g in family]
        for family in (population.plain, population.borrowing)
    )
    return replace(these, population=Population(plain, borrowing, population.weight))


def rates_bps(quotes: Quotes, law: LawTable) -> np.ndarray:
    """Collateral rate by standing and instrument: int64 [standing, instrument]; 0 outside the broker's pool."""
    rate = np.zeros((len(Standing), quotes.unit.size), np.int64)
    for standing in POOLED:
        rate[standing] = law.substitute_rate_bps if standing == Standing.OTHER else law.financed_rate_bps
        rate[standing, quotes.halted != 0] = law.halted_rate_bps
        rate[standing, quotes.domestic == 0] = law.overseas_rate_bps
    return rate


def long_tables(these: Country) -> Long:
    """Lay the accounts out as long tables; the first slot of an account stays even where it is empty."""
    held: list[tuple[np.ndarray, ...]] = []
    pledged: list[tuple[np.ndarray, ...]] = []
    lent: list[tuple[np.ndarray, ...]] = []
    rate = rates_bps(these.after, these.law)
    first = 0
    for group in groups(these.population):
        number = np.arange(first, first + group.investor.size, dtype=np.int32)
        keep = (group.quantity != 0).T
        keep[:, 0] = True
        account = np.broadcast_to(number[:, None], keep.shape)
        held.append((account[keep], group.instrument.T[keep], group.quantity.T[keep]))
        if isinstance(group, Borrowing):
            pooled = keep & np.isin(group.standing.T, POOLED)
            row = (account[pooled], group.instrument.T[pooled], group.quantity.T[pooled])
            bps = rate[group.standing.T[pooled], group.instrument.T[pooled]].astype(np.int32)
            pledged.append((*row, bps))
            lent.append(_loans(group, number, these.law))
        first += group.investor.size
    columns = [[np.concatenate(part) for part in zip(*rows, strict=True)] for rows in (held, pledged, lent)]
    return Long(these.after.unit, *columns[0], *columns[1], *columns[2])


def _loans(group: Borrowing, number: np.ndarray, law: LawTable) -> tuple[np.ndarray, ...]:
    """Borrowers of a group: number, won of pooled loans, cash that counts, maintenance."""
    debt = pooled_debt_won(group)
    owing = debt > 0
    cash = group.cash_won[owing] * law.cash_rate_bps // BPS
    return number[owing], debt[owing], cash, law.maintenance_bps[group.firm[owing]].astype(np.int32)


def pooled_debt_won(group: Borrowing) -> np.ndarray:
    """Won of margin loans and loans on pledged shares of each account."""
    return np.where(np.isin(group.loan_kind, (1, 2)), group.principal_won, 0).sum(axis=0)
