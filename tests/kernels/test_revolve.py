"""A book of margin loans through its sessions: compiled and plain, against the oracle, and what must always hold."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.revolve_cases import PLACES, Case, case_of
from kernels.revolve_oracle import NOTED, run_book

from gaemi.kernels import revolve as kernel
from gaemi.kernels._compile import compiled
from gaemi.kernels.revolve import LARGEST_ROW_WON, MEASURES, revolve
from gaemi.rules.margin import NO_CLOCK

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
        case = case.__class__(**(vars(case) | {"habits": case.habits._replace(fill_bps=0)}))
        assert 0 == lived(case).flow.done_won[:, :, [NAMES["sold"], NAMES["unpaid"]]].sum()


def test_another_member_has_other_luck_and_the_same_balances() -> None:
    one, other = case_of(1), case_of(1)
    other = other.__class__(**(vars(other) | {"luck": (other.luck[0], other.luck[1] + 1, 1)}))
    lived(one), lived(other)
    asked = (one.flow.left == 1) & (one.flow.given_won < 0)
    assert rows_of(one) != rows_of(other)
    place = NAMES["balance"]
    assert one.flow.done_won[:, :, place][asked].tolist() == other.flow.done_won[:, :, place][asked].tolist()
