import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaemi.kernels import lend
from gaemi.law.lawbook import LawBook
from gaemi.people.plan import Setting
from gaemi.people.population import prices_of
from gaemi.people.targets import Targets
from gaemi.records.columns import CAPACITIES, LoanKind, Population, Standing

from .conftest import PERSONS, built, same_bits, setting_of

Small = tuple[Setting, Population, Targets]


def test_every_exact_target_is_reached(small: Small) -> None:
    assert [] == [row.name for row in small[2].missed()]
    assert PERSONS == small[2].named("persons").reached


def test_balances_and_deposits_are_met_to_the_won(small: Small) -> None:
    setting, population, _ = small
    cash = sum(int(group.cash_won.sum()) for group in (*population.plain, *population.borrowing))
    assert setting.balances.deposits_won == cash
    pledged = sum(int(g.principal_won[g.loan_kind == LoanKind.PLEDGED].sum()) for g in population.borrowing)
    assert setting.balances.pledged_won == pledged


def test_each_investor_has_one_row_in_the_smallest_group_that_holds_it(small: Small) -> None:
    groups = (*small[1].plain, *small[1].borrowing)
    assert list(range(PERSONS)) == sorted(np.concatenate([group.investor for group in groups]).tolist())
    for group in groups:
        slots = group.quantity.shape[0]
        used = (group.quantity > 0).sum(axis=0)
        below = max((c for c in CAPACITIES if c < slots), default=0)
        assert (used <= slots).all() and (used > below).all()


def test_nobody_holds_a_name_twice(small: Small) -> None:
    for group in (*small[1].plain, *small[1].borrowing):
        for a in range(group.investor.size):
            held = group.instrument[:, a][group.quantity[:, a] > 0].tolist()
            assert len(set(held)) == len(held)


def test_no_borrower_starts_under_maintenance(small: Small) -> None:
    setting, population, _ = small
    prices = prices_of(setting)
    maintenance = setting.book.value("margin.maintenance", setting.on)
    by_firm = np.array([maintenance[firm] for firm in setting.book.keys("firm_class")])
    for group in population.borrowing:
        assert 0 == lend.count_short(group, (0, group.investor.size), prices, by_firm, 7_000)


def test_every_loan_finances_a_lot_of_its_standing(small: Small) -> None:
    wanted = {
        LoanKind.MARGIN: (Standing.FINANCED,),
        LoanKind.PLEDGED: (Standing.PLEDGED, Standing.FINANCED),
        LoanKind.UNSETTLED: (Standing.UNSETTLED,),
    }
    for group in small[1].borrowing:
        for k, a in np.argwhere(group.loan_kind > 0):
            lot = np.flatnonzero((group.instrument[:, a] == group.financed[k, a]) & (group.quantity[:, a] > 0))
            assert 1 == lot.size
            assert group.standing[lot[0], a] in wanted[LoanKind(group.loan_kind[k, a])]


def test_loans_keep_their_bounds_and_dates(small: Small) -> None:
    setting, population, _ = small
    on = setting.on.toordinal()
    for group in population.borrowing:
        used, unsettled = group.loan_kind > 0, group.loan_kind == LoanKind.UNSETTLED
        assert (group.due[unsettled] == on).all() and (group.due[used & ~unsettled] > on).all()
        assert (group.principal_won[used] >= 100_000).all()
        assert (group.principal_won == group.settled_won).all()
        assert (group.opened[used] <= on).all() and (group.due[used] >= on).all()
        assert (group.interest_from == group.opened).all()
        margin = np.where(group.loan_kind == LoanKind.MARGIN, group.principal_won, 0).sum(axis=0)
        assert (margin <= setting.book.value("margin.customer_limit", setting.on)).all()


def test_peaks_are_what_the_person_is_worth(small: Small) -> None:
    setting, population, _ = small
    units = setting.unit_values()
    for group in population.borrowing:
        won = (group.quantity.astype(np.int64) * units[group.instrument] + 512) >> 10
        own = np.where(group.standing == Standing.ELSEWHERE, won, 0).sum(axis=0)
        net = group.cash_won + won.sum(axis=0) - group.principal_won.sum(axis=0)
        assert net.tolist() == group.peak_investor_won.tolist()
        assert (net - own).tolist() == group.peak_account_won.tolist()


def test_no_instrument_is_held_more_than_it_is_issued(small: Small) -> None:
    setting, population, _ = small
    held = np.zeros(len(setting.rows), dtype=np.int64)
    for group in (*population.plain, *population.borrowing):
        np.add.at(held, group.instrument, group.quantity)
    assert (held <= setting.table.issued).all()


@pytest.mark.parametrize("chunk", [1, 97, 1_000])
def test_chunks_of_any_size_give_the_same_bits(book: LawBook, small: Small, chunk: int) -> None:
    assert same_bits(small[1], built(small[0], chunk)[0])


def test_compiled_and_plain_give_the_same_bits(book: LawBook, small: Small) -> None:
    assert same_bits(small[1], built(small[0], 501, compiler="1")[0])


def test_another_seed_gives_other_accounts_and_the_same_totals(book: LawBook, small: Small) -> None:
    population, targets = built(setting_of(book, seed=7))
    assert not same_bits(small[1], population)
    assert [] == [row.name for row in targets.missed()]


def test_a_sample_keeps_balances_and_names_its_limits(book: LawBook, small: Small) -> None:
    population, targets = built(setting_of(book, scale=4))
    assert 4 == population.weight
    assert 0.15 < population.accounts() / PERSONS < 0.35
    assert [] == [row.name for row in targets.missed()]
    assert 1 == len(targets.remarks)


def test_a_kept_investor_holds_the_same_names_as_at_full_scale(book: LawBook, small: Small) -> None:
    def names(population: Population) -> dict[int, list[int]]:
        return {
            int(group.investor[a]): group.instrument[:, a][group.quantity[:, a] > 0].tolist()
            for group in population.plain
            for a in range(group.investor.size)
        }

    whole, sample = names(small[1]), names(built(setting_of(book, scale=4))[0])
    assert sample == {number: whole[number] for number in sample}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(persons=st.integers(300, 900), seed=st.integers(0, 2**32 - 1))
def test_a_country_of_any_size_reaches_its_exact_totals(book: LawBook, persons: int, seed: int) -> None:
    setting = setting_of(book, persons, seed)
    _, targets = built(setting)
    allowed = ("margin loans, ", "unsettled")
    assert [] == [row.name for row in targets.missed() if not row.name.startswith(allowed)]
