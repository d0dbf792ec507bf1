"""What a population reached of every total that it was built to meet."""

import numpy as np

from gaemi.people.plan import LEADER, Borrowers, Setting, holders, live_unsettled_won, persons_by_age, retail_won
from gaemi.people.targets import Targets
from gaemi.records.columns import AGE_BANDS, Board, LoanKind, Population
from gaemi.units import largest_remainder


def targets_of(setting: Setting, population: Population, held: np.ndarray) -> Targets:
    """The table of targets of the population; ``held`` are units held by instrument, weight not applied."""
    targets = Targets()
    _persons(targets, setting, population)
    _holdings(targets, setting, population)
    _loans(targets, setting, population)
    _values(targets, setting, population, held)
    if setting.scale > 1:
        targets.remarks.append(
            f"a sample of one in {setting.scale}: balances are met to the won per row weight, counts of persons only about"
        )
    return targets


def _persons(targets: Targets, setting: Setting, population: Population) -> None:
    weight, exact, facts = population.weight, population.weight == 1, setting.facts
    targets.add("persons", facts.source("persons"), "persons", facts.persons, population.accounts() * weight, exact)
    ages = np.zeros(len(AGE_BANDS), dtype=np.int64)
    for group in (*population.plain, *population.borrowing):
        ages += np.bincount(group.age, minlength=len(AGE_BANDS))
    source = setting.book.entry("people.head_share", facts.year_end).source
    for band, wanted, found in zip(AGE_BANDS, persons_by_age(setting), ages, strict=True):
        targets.add(f"persons, {band}", source, "persons", wanted, int(found) * weight, exact)
    kinds = Borrowers.of(setting).by_age.sum(axis=0)
    has = {kind: 0 for kind in LoanKind}
    both = 0
    for borrowing in population.borrowing:
        margin = (borrowing.loan_kind == LoanKind.MARGIN).any(axis=0)
        pledged = (borrowing.loan_kind == LoanKind.PLEDGED).any(axis=0)
        has[LoanKind.MARGIN] += int(margin.sum())
        has[LoanKind.PLEDGED] += int(pledged.sum())
        has[LoanKind.UNSETTLED] += int((borrowing.loan_kind == LoanKind.UNSETTLED).any(axis=0).sum())
        both += int((margin & pledged).sum())
    margin_source = setting.book.entry("people.margin_borrowers", setting.on).source
    targets.add("margin borrowers", margin_source, "persons", kinds[0] + kinds[1], has[LoanKind.MARGIN] * weight, exact)
    targets.add("borrowers on pledged shares", "assumption", "persons", kinds[1] + kinds[2], has[LoanKind.PLEDGED] * weight, exact)
    targets.add("borrowers of both kinds", "assumption", "persons", kinds[1], both * weight, exact)
    targets.add("unsettled purchasers", "assumption", "persons", kinds[3], has[LoanKind.UNSETTLED] * weight, exact)


def _holdings(targets: Targets, setting: Setting, population: Population) -> None:
    """Domestic holdings, holders by board, of the most held name, and with ten names or more."""
    table, facts, weight = setting.table, setting.facts, population.weight
    exact = weight == 1
    board_of = np.where(table.indexed == 1, table.board, 9).astype(np.uint8)
    leader = table.row(LEADER)
    names = ten = leaders = 0
    by_board = {Board.KOSPI: 0, Board.KOSDAQ: 0}
    for group in (*population.plain, *population.borrowing):
        count = np.zeros(group.investor.size, dtype=np.uint8)
        on_board = {board: np.zeros(group.investor.size, dtype=bool) for board in by_board}
        with_leader = np.zeros(group.investor.size, dtype=bool)
        for s in range(group.instrument.shape[0]):
            used = group.quantity[s] > 0
            board = board_of[group.instrument[s]]
            count += used & (board <= Board.KOSDAQ)
            for each in by_board:
                on_board[each] |= used & (board == each)
            with_leader |= used & (group.instrument[s] == leader)
        names += int(count.sum(dtype=np.int64))
        ten += int((count >= 10).sum())
        leaders += int(with_leader.sum())
        for each in by_board:
            by_board[each] += int(on_board[each].sum())
    kospi, kosdaq = holders(setting)
    targets.add("domestic holdings", facts.source("mean_names_times_100"), "names", facts.holdings, names * weight, exact)
    targets.add("holders of KOSPI names", facts.source("kospi_holders"), "persons", kospi, by_board[Board.KOSPI] * weight, exact)
    targets.add("holders of KOSDAQ names", facts.source("kosdaq_holders"), "persons", kosdaq, by_board[Board.KOSDAQ] * weight, exact)
    targets.add("holders of 005930", facts.source("leader_holders"), "persons", facts.leader_holders, leaders * weight, exact)
    of_ten = facts.persons * int(setting.share("ten_names_share")) // 10_000
    source = setting.book.entry("people.ten_names_share", facts.year_end).source
    targets.add("persons with ten names or more", source, "persons", of_ten, ten * weight, exact)


def _loans(targets: Targets, setting: Setting, population: Population) -> None:
    """Balances of loans and deposits, in won of the whole country."""
    balances, weight, scale = setting.balances, population.weight, setting.scale
    by_board = np.zeros(3, dtype=np.int64)
    by_age = np.zeros(len(AGE_BANDS), dtype=np.int64)
    total = {kind: 0 for kind in LoanKind}
    leader_won, cash = 0, 0
    for group in population.borrowing:
        cash += int(group.cash_won.sum())
        for k in range(group.loan_kind.shape[0]):
            for kind in LoanKind:
                total[kind] += int(group.principal_won[k][group.loan_kind[k] == kind].sum())
            margin = group.loan_kind[k] == LoanKind.MARGIN
            won, row = group.principal_won[k][margin], group.financed[k][margin]
            leader_won += int(won[row == setting.table.row(LEADER)].sum())
            for board in (Board.KOSPI, Board.KOSDAQ):
                by_board[board] += int(won[setting.table.board[row] == board].sum())
            for age in range(len(AGE_BANDS)):
                by_age[age] += int(won[group.age[margin] == age].sum())
    cash += sum(int(group.cash_won.sum()) for group in population.plain)
    rows = (
        ("margin loans, KOSPI", balances.margin_kospi_won, int(by_board[Board.KOSPI])),
        ("margin loans, KOSDAQ", balances.margin_kosdaq_won, int(by_board[Board.KOSDAQ])),
        ("loans on pledged shares", balances.pledged_won, total[LoanKind.PLEDGED]),
        ("unsettled purchases, recent part", live_unsettled_won(setting), total[LoanKind.UNSETTLED]),
        ("deposits", balances.deposits_won, cash),
    )
    for name, wanted, found in rows:
        targets.add(name, balances.source, "won", wanted // scale * weight, found * weight, True)
    source = setting.book.entry("people.margin_balance_share", setting.on).source
    margin_won = balances.margin_kospi_won // scale + balances.margin_kosdaq_won // scale
    ages = largest_remainder(margin_won, setting.by_age("margin_balance_share"))
    for band, wanted, found in zip(AGE_BANDS, ages, by_age, strict=True):
        targets.add(f"margin loans, {band}", source, "won", wanted * weight, int(found) * weight, weight == 1)
    source = setting.book.entry("people.leader_margin_share", setting.on).source
    leader = balances.margin_kospi_won // scale * int(setting.share("leader_margin_share")) // 10_000
    targets.add("margin loans on 005930", source, "won", leader * weight, leader_won * weight)


def _values(targets: Targets, setting: Setting, population: Population, held: np.ndarray) -> None:
    """Value held of foreign names and funds, of each board, and of each age band."""
    units = setting.unit_values()
    won = [int(held[i]) * population.weight * int(units[i]) >> 10 for i in range(held.size)]
    wanted = retail_won(setting)
    dollars = [i for i, row in enumerate(setting.rows) if row.retail_units >= 0]
    for i in dollars:
        row = setting.rows[i]
        source = "Korea Securities Depository, custody 2025-06-30" if row.ticker in ("TSLA", "NVDA") else "assumption"
        targets.add(f"held of {row.ticker}", source, "won", round(wanted[i]), won[i])
    for board in (Board.KOSPI, Board.KOSDAQ):
        of_board = [i for i, row in enumerate(setting.rows) if row.board == board and row.indexed]
        targets.add(
            f"held of {board.name} names, with loans", "assumption", "won",
            round(sum(wanted[i] for i in of_board)), sum(won[i] for i in of_board),
        )  # fmt: skip
    value = _value_by_age(setting, population, units)
    shares = largest_remainder(int(value.sum()), setting.by_age("holding_share"))
    source = setting.book.entry("people.holding_share", setting.facts.year_end).source
    for band, share, found in zip(AGE_BANDS, shares, value, strict=True):
        targets.add(f"domestic stocks of plain accounts, {band}", source, "won", share * population.weight, int(found) * population.weight)


def _value_by_age(setting: Setting, population: Population, units: np.ndarray) -> np.ndarray:
    """Won of domestic stocks by age band in plain accounts: int64 [age]."""
    price = np.where(setting.table.indexed == 1, units, 0) / 1024.0
    value = np.zeros(len(AGE_BANDS))
    for group in population.plain:
        for s in range(group.instrument.shape[0]):
            value += np.bincount(group.age, weights=price[group.instrument[s]] * group.quantity[s], minlength=len(AGE_BANDS))
    return value.astype(np.int64)
