"""A book of margin loans through its sessions: compiled and plain, against the oracle, and what must always hold."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.revolve_cases import PLACES, Case, case_of
from kernels.revolve_oracle import NOTED, run_book

from gaemi.kernels import revolve as kernel
from gaemi.kernels._compile import compiled
from gaemi.kernels.revolve import LARGEST_ROW_WON, MEASURES, revolve
from gaemi.rules.margin import CONVENTION_A, NO_CLOCK

NAMES = {name.lower(): getattr(kernel, name) for name in ("BALANCE", "OPENED", "REPAID", "EXTRA", "SOLD", "TOPPED",
         "UNPAID", "CALLED", "UNDER", "FIRST", "DUE", "EXPECTED")}  # fmt: skip
SEEDS = range(40)


def lived(case: Case, twin: Any = compiled, react: bool = True) -> Case:
    """The case after all its sessions; the case itself is what was changed."""
    luck = (*case.luck[:2], int(react))
    twin(revolve)(case.lent, case.named, case.tape, case.table, case.habits, case.flow, luck, (1, case.sessions))
    return case


def rows_of(case: Case) -> list[tuple[int, ...]]:
    count = int(case.lent.count[0])
    return list(zip(*(column[:count].tolist() for column in case.lent[:-1]), strict=True))


def states_of(case: Case) -> tuple[Any, ...]:
    flow = case.flow
    return rows_of(case), flow.done_won.tolist(), flow.normal.tolist(), flow.spread.tolist()


def clock_of(session: int | None) -> int:
    return NO_CLOCK if session is None else session


def agree(case: Case) -> None:
    book = run_book(case, 1, case.sessions)
    rows, done, normal, spread = states_of(lived(case))
    expected = [
        (r.name, r.opened, r.firm, r.loan, r.lots, r.paid_to, clock_of(r.called), clock_of(r.sale)) for r in book.rows
    ]
    for t in range(1, case.sessions):
        for pool in range(len(normal)):
            found = {name: done[t][pool][NAMES[name]] for name in NOTED}
            assert book.of(t, pool) == found, f"session {t}, pool {pool}"
    assert expected == rows
    assert (book.normal, book.spread) == (normal, spread)


def test_the_oracle_notes_every_measure() -> None:
    assert sorted(NAMES[name] for name in NOTED) == list(range(MEASURES))


@given(seed=st.integers(0, 2**32))
@settings(max_examples=30)
def test_the_kernel_agrees_with_the_oracle_on_random_histories(seed: int) -> None:
    agree(case_of(seed))


@pytest.mark.parametrize("seed", range(4))
def test_the_kernel_agrees_with_the_oracle_on_a_long_history(seed: int) -> None:
    agree(case_of(seed, length=160))


@pytest.mark.parametrize("react", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_compiled_and_plain_give_the_same_bits(seed: int, react: bool) -> None:
    """People react in the first half and, where ``react`` is off, only rules work in the second."""
    found = []
    for twin in (compiled, lambda function: function):
        case = case_of(seed, 30)
        arguments = (case.lent, case.named, case.tape, case.table, case.habits, case.flow)
        with np.errstate(over="ignore"):
            twin(revolve)(*arguments, case.luck, (1, 15))
            twin(revolve)(*arguments, (*case.luck[:2], int(react)), (15, 30))
        found.append(states_of(case))
    assert found[0][1] and found[0] == found[1]


@pytest.mark.parametrize("seed", range(3))
def test_sessions_run_one_by_one_or_all_at_once(seed: int) -> None:
    together, apart = lived(case_of(seed)), case_of(seed)
    for t in range(1, apart.sessions):
        compiled(revolve)(
            apart.lent, apart.named, apart.tape, apart.table, apart.habits, apart.flow, apart.luck, (t, t + 1)
        )
    assert states_of(together) == states_of(apart)


def test_random_histories_reach_every_flow() -> None:
    """A comparison proves nothing about what never happens."""
    done = sum(np.abs(lived(case_of(seed)).flow.done_won).sum(axis=(0, 1)) for seed in SEEDS)
    assert {name for name, place in NAMES.items() if done[place] > 0} == set(NAMES)


ROW = 0, 20, 0
"""Name, session and pool of the worked examples below."""


def one_row(loan: int, lots: int, fill_bps: int) -> Case:
    """One loan on name 0, opened 14 days ago at 9 % a year, to be held at 140 % and sold today at 100 won a lot."""
    case, (name, t, _) = case_of(0), ROW
    case.tape.price[t - 1 : t + 1, name], case.tape.locked[t, name] = 100, 1
    case.tape.ordinal[:] = np.arange(case.sessions)
    case.lent.name[0], case.lent.opened[0], case.lent.interest_from[0] = name, t - 14, t - 14
    case.lent.principal_won[0], case.lent.lots[0] = loan, lots
    case.lent.called[0], case.lent.sale[0] = t - 2, t
    case.lent.count[0] = 1
    table = case.table._replace(
        maintenance_bps=np.full(4, 14_000),
        discount_bps=np.zeros((4, 3), np.int64),
        cost_bps=np.zeros(4, np.int64),
        convention=np.full(4, CONVENTION_A),
        interest_days=np.array([1_000_000]),
        interest_bps=np.array([900]),
    )
    habits = case.habits._replace(fill_bps=fill_bps, fee_bps=0, tax_bps=np.zeros(2, np.int64))
    return replace(case, table=table, habits=habits)


def sold(case: Case, t: int) -> Case:
    """The case after the auction of a session."""
    kernel.sell_due(case.lent, case.named, case.tape, case.table, case.habits, case.flow, t)
    return case


def test_interest_that_a_sale_does_not_cover_joins_the_principal() -> None:
    """139 %: 250 lots are to go, of which the locked name sells 2 for 200 won; 14 days cost 3,452 won.

    1,000,000 x 9 % x 14 / 365 = 3,452: 3,252 won are missing. The clock runs on, and interest is paid up to today.
    """
    case, (_, t, pool) = sold(one_row(1_000_000, 13_900, fill_bps=100), ROW[1]), ROW
    assert [(0, t - 14, 0, 1_003_252, 13_898, t, t - 2, t)] == rows_of(case)
    assert (-3_252, 0) == tuple(case.flow.done_won[t, pool, [NAMES["sold"], NAMES["unpaid"]]].tolist())


def test_a_name_that_sells_nothing_pays_no_interest() -> None:
    case, (_, t, pool) = sold(one_row(1_000_000, 13_900, fill_bps=0), ROW[1]), ROW
    assert [(0, t - 14, 0, 1_000_000, 13_900, t - 14, t - 2, t)] == rows_of(case)
    assert 0 == case.flow.done_won[t, pool, NAMES["sold"]]


def test_what_the_last_lots_leave_unpaid_is_interest_too() -> None:
    """One lot of 100 won for a loan of 10,000: with 34 won of interest 9,934 are left, and the lot is gone."""
    case = one_row(10_000, 1, fill_bps=10_000)
    _, t, pool = ROW
    sold(case, t)
    assert (0, 0) == (case.lent.principal_won[0], case.lent.lots[0])
    assert [66, 9_934] == case.flow.done_won[t, pool, [NAMES["sold"], NAMES["unpaid"]]].tolist()


@pytest.mark.parametrize(
    ("paid", "left"),
    [(0, (100, 10)), (24, (76, 8)), (25, (75, 7)), (94, (6, 1)), (99, (1, 1)), (100, (0, 0)), (130, (0, 0))],
)
def test_a_part_of_a_row_takes_its_lots_to_the_nearest(paid: int, left: tuple[int, int]) -> None:
    lent = one_row(100, 10, fill_bps=0).lent
    kernel.pay_part(lent, 0, paid)
    assert left == (lent.principal_won[0], lent.lots[0])


def test_small_repayments_leave_the_ratio_as_it_was() -> None:
    """A thousand times 0.3 % of 100,000 lots: rounding drifts neither way, as rounding down would by 3 %."""
    lent = one_row(10**9, 100_000, fill_bps=0).lent
    for _ in range(1_000):
        kernel.pay_part(lent, 0, int(lent.principal_won[0]) * 3 // 1_000)
    assert lent.principal_won[0] < 5 * 10**7
    assert lent.lots[0] / 100_000 == pytest.approx(lent.principal_won[0] / 10**9, rel=2e-3)


def test_of_an_empty_pool_nothing_is_repaid() -> None:
    case = one_row(100, 10, fill_bps=0)
    assert 0 == kernel.pay_all(case.lent, case.named, 1, 50, 0)
    assert [(100, 10)] == [row[3:5] for row in rows_of(case)]


def test_the_first_rows_make_up_for_rounding() -> None:
    """A third of 3 x 10 won and one won more: 3 won each, and the first row pays the two that are left."""
    case = one_row(10, 10, fill_bps=0)
    for column in case.lent[:-1]:
        column[1:3] = column[0]
    case.lent.count[0] = 3
    assert 11 == kernel.pay_all(case.lent, case.named, 0, 11, 30)
    assert [5, 7, 7] == case.lent.principal_won[:3].tolist()


@pytest.mark.parametrize("react", [True, False])
def test_every_won_of_a_balance_is_accounted_for(react: bool) -> None:
    """The balance of a session is that of the one before, what was opened, less all that was paid or lost."""
    for seed in SEEDS:
        done = lived(case_of(seed), react=react).flow.done_won
        gone = sum(done[1:, :, NAMES[name]] for name in ("repaid", "extra", "sold", "topped", "unpaid"))
        after = done[:-1, :, NAMES["balance"]] + done[1:, :, NAMES["opened"]] - gone
        assert after.tolist() == done[1:, :, NAMES["balance"]].tolist(), f"seed {seed}"


def test_a_balance_that_was_observed_is_met_to_the_won() -> None:
    met = 0
    for seed in SEEDS:
        case = lived(case_of(seed))
        asked = (case.flow.left == 1) & (case.flow.given_won < 0)
        assert case.flow.target_won[asked].tolist() == case.flow.done_won[:, :, NAMES["balance"]][asked].tolist()
        met += int(asked.sum())
    assert met > 1_000


def test_published_new_loans_of_a_stock_are_taken_as_they_are() -> None:
    """Unless the balance asks for more than they and the loans that stand: then that is opened."""
    for seed in SEEDS:
        case = lived(case_of(seed))
        told = case.flow.given_won >= 0
        opened = case.flow.done_won[:, :, NAMES["opened"]]
        assert (opened[told] >= case.flow.given_won[told]).all()
        assert (case.flow.done_won[:, :, NAMES["balance"]][told] >= case.flow.target_won[told]).all()


def test_rows_stay_small_few_and_young() -> None:
    for seed in SEEDS:
        case = lived(case_of(seed))
        rows = slice(0, int(case.lent.count[0]))
        assert 0 < case.lent.count[0] < PLACES
        assert (case.lent.principal_won[rows] > 0).all()
        assert (case.lent.lots[rows] > 0).all()
        assert (case.lent.principal_won[rows] <= LARGEST_ROW_WON).all()
        own = case.named.pool[case.lent.name[rows]] < 2
        held = case.tape.ordinal[-1] - case.tape.ordinal[case.lent.opened[rows]]
        assert (held[own] < 2 * case.habits.term_days).all()


def test_with_rules_alone_nobody_opens_repays_or_brings_money() -> None:
    sold = 0
    for seed in SEEDS:
        case = case_of(seed)
        arguments = (case.lent, case.named, case.tape, case.table, case.habits, case.flow)
        compiled(revolve)(*arguments, case.luck, (1, 20))
        compiled(revolve)(*arguments, (*case.luck[:2], 0), (20, case.sessions))
        done = case.flow.done_won[20:]
        assert 0 == done[:, :, [NAMES[name] for name in ("opened", "repaid", "extra", "topped", "first", "due")]].sum()
        sold += int(done[:, :, NAMES["sold"]].sum())
    assert sold > 0


def test_a_locked_name_without_a_buyer_sells_nothing() -> None:
    for seed in SEEDS:
        case = case_of(seed)
        case.tape.locked[:] = 1
        case = replace(case, habits=case.habits._replace(fill_bps=0))
        assert 0 == lived(case).flow.done_won[:, :, [NAMES["sold"], NAMES["unpaid"]]].sum()


def test_another_member_has_other_luck_and_the_same_balances() -> None:
    one, other = case_of(1), case_of(1)
    other = replace(other, luck=(other.luck[0], other.luck[1] + 1, 1))
    lived(one), lived(other)
    asked = (one.flow.left == 1) & (one.flow.given_won < 0)
    assert rows_of(one) != rows_of(other)
    place = NAMES["balance"]
    assert one.flow.done_won[:, :, place][asked].tolist() == other.flow.done_won[:, :, place][asked].tolist()
