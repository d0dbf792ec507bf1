"""What a population reached of every total that it was built to meet."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gaemi.kernels import lend
from gaemi.kernels import survey as surveying
from gaemi.kernels._compile import compiled
from gaemi.people.cohorts import MARKETS, Cohorts
from gaemi.people.plan import Borrowers, Setting, holders, live_unsettled_won, persons_by_age, retail_won
from gaemi.people.rebuilt import sessions_back
from gaemi.people.targets import Targets
from gaemi.people.threads import in_threads
from gaemi.records.columns import AGE_BANDS, Board, Borrowing, LoanKind, Plain, Population, Standing
from gaemi.units import BPS, largest_remainder

NEAR_BPS = 15_000
"""Pools under this ratio stand near their call: the share of won there is set beside the rebuilt state's."""

_CUSTODY = ("TSLA", "NVDA")


class MarginLoans(NamedTuple):
    """Every margin loan of a population: market, sessions since the trade, ratio of its pool, won; int64 [loan]."""

    board: np.ndarray
    age: np.ndarray
    ratio_bps: np.ndarray
    won: np.ndarray


def targets_of(setting: Setting, population: Population, held: np.ndarray, prices: lend.Prices) -> Targets:
    """The table of targets of the population; ``held`` are units held by instrument, weight not applied.

    ``prices`` are those by which pools are valued.
    """
    targets = Targets()
    _persons(targets, setting, population)
    _borrowers(targets, setting, population)
    counts, value = _surveyed(setting, population)
    _holdings(targets, setting, population, counts)
    _loans(targets, setting, population)
    _values(targets, setting, population, held, value)
    if setting.cohorts is not None:
        _cohorts(targets, setting.cohorts, margin_loans(setting, setting.cohorts, population, prices))
    if setting.scale > 1:
        targets.remarks.append(
            f"a sample of one in {setting.scale}: balances are met to the won of a row's weight, persons only about"
        )
    return targets


def _groups(population: Population) -> Iterator[Plain | Borrowing]:
    yield from population.plain
    yield from population.borrowing


def _jobs(population: Population) -> Iterator[tuple[Plain | Borrowing]]:
    return ((group,) for group in _groups(population))


def _source(setting: Setting, name: str, dated_by_facts: bool = False) -> str:
    return setting.book.entry(f"people.{name}", setting.facts.year_end if dated_by_facts else setting.on).source


def _persons(targets: Targets, setting: Setting, population: Population) -> None:
    """All persons, and those of each age band."""
    weight, exact, facts = population.weight, population.weight == 1, setting.facts
    targets.add("persons", facts.source("persons"), "persons", facts.persons, population.accounts() * weight, exact)
    ages = np.zeros(len(AGE_BANDS), dtype=np.int64)
    for group in _groups(population):
        ages += np.bincount(group.age, minlength=len(AGE_BANDS))
    source = _source(setting, "head_share", dated_by_facts=True)
    for band, wanted, found in zip(AGE_BANDS, persons_by_age(setting), ages, strict=True):
        targets.add(f"persons, {band}", source, "persons", wanted, int(found) * weight, exact)


def _borrowers(targets: Targets, setting: Setting, population: Population) -> None:
    """Persons with each kind of loan."""
    weight, exact = population.weight, population.weight == 1
    margin = pledged = both = unsettled = 0
    for group in population.borrowing:
        has = {kind: (group.loan_kind == kind).any(axis=0) for kind in LoanKind}
        margin += int(has[LoanKind.MARGIN].sum())
        pledged += int(has[LoanKind.PLEDGED].sum())
        both += int((has[LoanKind.MARGIN] & has[LoanKind.PLEDGED]).sum())
        unsettled += int(has[LoanKind.UNSETTLED].sum())
    only_margin, two, only_pledged, purchases = (int(count) for count in Borrowers.of(setting).by_age.sum(axis=0))
    rows = (
        ("margin borrowers", "margin_borrowers", only_margin + two, margin),
        ("borrowers on pledged shares", "pledged_borrowers", only_pledged + two, pledged),
        ("borrowers of both kinds", "both_borrowers", two, both),
        ("unsettled purchasers", "unsettled_mean", purchases, unsettled),
    )
    for name, parameter, wanted, found in rows:
        targets.add(name, _source(setting, parameter), "persons", wanted, found * weight, exact)


def _holdings(targets: Targets, setting: Setting, population: Population, found: np.ndarray) -> None:
    """Domestic holdings, holders by board and of the most held name, persons with ten names or more."""
    facts, weight, exact = setting.facts, population.weight, population.weight == 1
    kospi, kosdaq = holders(setting)
    of_ten = facts.persons * int(setting.share("ten_names_share")) // BPS
    rows = (
        ("domestic holdings", facts.source("mean_names_times_100"), "names", facts.holdings),
        ("persons with ten names or more", _source(setting, "ten_names_share", True), "persons", of_ten),
        ("holders of KOSPI names", facts.source("kospi_holders"), "persons", kospi),
        ("holders of KOSDAQ names", facts.source("kosdaq_holders"), "persons", kosdaq),
        (
            f"holders of {setting.rows[setting.leader_row].ticker}",
            facts.source("leader_holders"),
            "persons",
            facts.leader_holders,
        ),
    )
    for (name, source, unit, wanted), reached in zip(rows, found, strict=True):
        targets.add(name, source, unit, wanted, int(reached) * weight, exact)


def _surveyed(setting: Setting, population: Population) -> tuple[np.ndarray, np.ndarray]:
    """Counts of :class:`gaemi.kernels.survey.Survey` over all accounts, int64 [5], and won of domestic stocks that
    secure no loan as their own lot, by age band: int64 [age]."""
    domestic = setting.table.indexed == 1
    board = np.where(domestic, setting.table.board, surveying.NO_BOARD).astype(np.uint8)
    table = surveying.Table(board, np.where(domestic, setting.unit_values(), 0) / 1024.0, setting.leader_row)
    run = compiled(surveying.survey)

    def of(group: Plain | Borrowing) -> tuple[np.ndarray, np.ndarray]:
        own = group.quantity
        if isinstance(group, Borrowing):
            own = own * np.isin(group.standing, (Standing.ELSEWHERE, Standing.OTHER))
        shape = (own.shape[0], len(AGE_BANDS))
        found = surveying.Survey(np.zeros(shape), np.zeros(5, dtype=np.int64))
        run(group.age, group.instrument, group.quantity, own, table, found)
        return found.counts, sum(found.value, np.zeros(len(AGE_BANDS)))

    counts, values = zip(*in_threads(of, _jobs(population)), strict=True)
    return np.sum(counts, axis=0), sum(values, np.zeros(len(AGE_BANDS))).astype(np.int64)


def _loans(targets: Targets, setting: Setting, population: Population) -> None:
    """Balances of loans and deposits, in won of the whole country."""
    balances, weight, scale = setting.balances, population.weight, setting.scale
    total = {kind: 0 for kind in LoanKind}
    by_row = np.zeros(len(setting.rows), dtype=np.int64)
    by_age = np.zeros(len(AGE_BANDS), dtype=np.int64)
    for group in population.borrowing:
        for k in range(group.loan_kind.shape[0]):
            for kind in LoanKind:
                total[kind] += int(group.principal_won[k][group.loan_kind[k] == kind].sum())
            margin = group.loan_kind[k] == LoanKind.MARGIN
            np.add.at(by_row, group.financed[k][margin], group.principal_won[k][margin])
            np.add.at(by_age, group.age[margin], group.principal_won[k][margin])
    cash = sum(int(group.cash_won.sum()) for group in _groups(population))
    of_board = [int(by_row[setting.table.board == board].sum()) for board in (Board.KOSPI, Board.KOSDAQ)]
    rows = (
        ("margin loans, KOSPI", balances.margin_kospi_won, of_board[0]),
        ("margin loans, KOSDAQ", balances.margin_kosdaq_won, of_board[1]),
        ("loans on pledged shares", balances.pledged_won, total[LoanKind.PLEDGED]),
        ("unsettled purchases, recent part", live_unsettled_won(setting), total[LoanKind.UNSETTLED]),
        ("deposits", balances.deposits_won, cash),
    )
    for name, wanted, found in rows:
        exact = weight == 1 or found > 0  # a small sample may hold no loan of a rare kind
        targets.add(name, balances.source, "won", wanted // scale * weight, found * weight, exact)
    margin_won = balances.margin_kospi_won // scale + balances.margin_kosdaq_won // scale
    ages = largest_remainder(margin_won, setting.by_age("margin_balance_share"))
    for band, share, reached in zip(AGE_BANDS, ages, by_age, strict=True):
        source = _source(setting, "margin_balance_share")
        targets.add(f"margin loans, {band}", source, "won", share * weight, int(reached) * weight, weight == 1)
    leader_won = balances.margin_kospi_won // scale * int(setting.share("leader_margin_share")) // BPS
    on_leader = int(by_row[setting.leader_row]) * weight
    source = _source(setting, "leader_margin_share")
    targets.add(
        f"margin loans on {setting.rows[setting.leader_row].ticker}", source, "won", leader_won * weight, on_leader
    )


def _values(targets: Targets, setting: Setting, population: Population, held: np.ndarray, value: np.ndarray) -> None:
    """Value held of foreign names and funds, of each board, and of each age band."""
    units, weight = setting.unit_values(), population.weight
    won = [int(held[i]) * weight * int(units[i]) >> 10 for i in range(held.size)]
    wanted = retail_won(setting)
    for i, row in enumerate(setting.rows):
        if row.retail_units >= 0:
            source = "Korea Securities Depository, custody of 2025-06-30" if row.ticker in _CUSTODY else "assumption"
            targets.add(f"held of {row.ticker}", source, "won", round(wanted[i]), won[i])
    for board in (Board.KOSPI, Board.KOSDAQ):
        of_board = [i for i, row in enumerate(setting.rows) if row.board == board and row.indexed]
        target, reached = round(sum(wanted[i] for i in of_board)), sum(won[i] for i in of_board)
        targets.add(f"held of {board.name} names, lots of loans included", "assumption", "won", target, reached)
    shares = largest_remainder(int(value.sum()), setting.by_age("holding_share"))
    source = _source(setting, "holding_share", dated_by_facts=True)
    for band, share, found in zip(AGE_BANDS, shares, value, strict=True):
        name = f"domestic stocks outside lots of loans, {band}"
        targets.add(name, source, "won", share * weight, int(found) * weight)


def margin_loans(setting: Setting, cohorts: Cohorts, population: Population, prices: lend.Prices) -> MarginLoans:
    """The margin loans of a population by market, age and the ratio of their pool, as it was built."""
    substitute_bps = int(setting.book.value("margin.substitute_rate", setting.on))
    traded = sessions_back(setting.on, int(cohorts.age_high.max()))[::-1]
    run = compiled(lend.pool_ratios)
    columns: list[list[np.ndarray]] = [[] for _ in MarginLoans._fields]
    for group in population.borrowing:
        ratio = np.zeros(group.investor.size, dtype=np.int64)
        run(group, (0, ratio.size), prices, substitute_bps, ratio)
        for k in range(group.loan_kind.shape[0]):
            on = group.loan_kind[k] == LoanKind.MARGIN
            age = traded.size - 1 - np.searchsorted(traded, group.opened[k][on])
            found = (setting.table.board[group.financed[k][on]], age, ratio[on], group.principal_won[k][on])
            for column, values in zip(columns, found, strict=True):
                column.append(values.astype(np.int64))
    return MarginLoans(*(np.concatenate(parts) for parts in columns))


def _cohorts(targets: Targets, cohorts: Cohorts, loans: MarginLoans) -> None:
    """How near to their call and how old the won of each market stand, beside the rebuilt state."""
    for board in MARKETS:
        here = loans.board == board
        won = loans.won[here]
        total = max(1, int(won.sum()))
        near = int(won[loans.ratio_bps[here] < NEAR_BPS].sum()) * BPS // total
        name = f"margin loans of {board.name} in pools under {NEAR_BPS // 100} %"
        targets.add(name, cohorts.source, "bps", round(cohorts.share_under(board, NEAR_BPS) * BPS), near)
        age = int((won * loans.age[here]).sum()) / total
        name = f"mean age of margin loans of {board.name}"
        targets.add(name, cohorts.source, "sessions", round(cohorts.mean_age(board)), round(age))
