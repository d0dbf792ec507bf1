from pathlib import Path

import numpy as np
import pytest

from gaemi.kernels import lend
from gaemi.law.lawbook import LawBook
from gaemi.law.reform import load_reform
from gaemi.people.barring import Barred, bar
from gaemi.people.plan import Setting
from gaemi.people.population import prices_of
from gaemi.people.targets import Targets
from gaemi.records.columns import Borrowing, LoanKind, Population, Standing

Small = tuple[Setting, Population, Targets]
REFORM = """name: higher_deposit
note: Deposits rise to 70 % for every group.
changes:
  margin.deposit: {unit: bps, from: 2005-01-03, value: {g1: 7000, g2: 7000, g3: 7000}}
"""


@pytest.fixture(scope="module")
def stricter(book: LawBook, tmp_path_factory: pytest.TempPathFactory) -> LawBook:
    file: Path = tmp_path_factory.mktemp("reform") / "higher_deposit.yaml"
    file.write_text(REFORM, encoding="utf-8")
    return book.patched(load_reform(file, book))


def barred(small: Small, book: LawBook, other: LawBook, displacement_bps: int) -> Barred:
    setting, population, _ = small
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GAEMI_COMPILE", "0")
        return bar(population.borrowing, setting.table, book, other, setting.on, displacement_bps)


def net_won(setting: Setting, group: Borrowing) -> list[int]:
    won = (group.quantity.astype(np.int64) * setting.unit_values()[group.instrument] + 512) >> 10
    return (group.cash_won + won.sum(axis=0) - group.principal_won.sum(axis=0)).tolist()


def owed(groups: list[Borrowing], kind: LoanKind) -> int:
    return sum(int(group.principal_won[group.loan_kind == kind].sum()) for group in groups)


def test_the_same_law_bars_nothing(small: Small, book: LawBook) -> None:
    found = barred(small, book, book, 5_000)
    assert (0, 0, 0) == found[1:]
    for before, after in zip(small[1].borrowing, found.borrowing, strict=True):
        assert (after.quantity[: before.quantity.shape[0]] == before.quantity).all()


@pytest.mark.parametrize("displacement_bps", [0, 5_000, 10_000])
def test_barring_leaves_the_net_worth_of_every_person(
    small: Small, book: LawBook, stricter: LawBook, displacement_bps: int
) -> None:
    found = barred(small, book, stricter, displacement_bps)
    for before, after in zip(small[1].borrowing, found.borrowing, strict=True):
        assert net_won(small[0], before) == net_won(small[0], after)


@pytest.mark.parametrize("displacement_bps", [0, 5_000, 10_000])
def test_won_barred_are_the_won_that_margin_loans_lose(
    small: Small, book: LawBook, stricter: LawBook, displacement_bps: int
) -> None:
    found = barred(small, book, stricter, displacement_bps)
    lost = owed(small[1].borrowing, LoanKind.MARGIN) - owed(found.borrowing, LoanKind.MARGIN)
    assert found.barred_won == lost
    assert found.stock_loans_won == owed(found.borrowing, LoanKind.STOCK_LOAN)
    assert found.stock_loans_won + found.foreign_funds_won <= found.barred_won


def test_nothing_displaced_is_nothing_borrowed_elsewhere(small: Small, book: LawBook, stricter: LawBook) -> None:
    found = barred(small, book, stricter, 0)
    assert (0, 0) == (found.stock_loans_won, found.foreign_funds_won)
    assert found.barred_won > 0


def test_a_stock_loan_has_a_third_of_own_money(small: Small, book: LawBook, stricter: LawBook) -> None:
    found = barred(small, book, stricter, 10_000)
    units = small[0].unit_values()
    for group in found.borrowing:
        won = (group.quantity.astype(np.int64) * units[group.instrument] + 512) >> 10
        secured = np.where(group.standing == Standing.STOCK_LOAN, won, 0).sum(axis=0)
        principal = np.where(group.loan_kind == LoanKind.STOCK_LOAN, group.principal_won, 0).sum(axis=0)
        assert (3 * secured >= 4 * principal).all()


def test_nobody_is_put_under_maintenance(small: Small, book: LawBook, stricter: LawBook) -> None:
    setting = small[0]
    maintenance = setting.book.value("margin.maintenance", setting.on)
    by_firm = np.array([maintenance[firm] for firm in setting.book.keys("firm_class")])
    for displacement in (0, 10_000):
        for group in barred(small, book, stricter, displacement).borrowing:
            assert 0 == lend.count_short(group, (0, group.investor.size), prices_of(setting), by_firm, 7_000)
