"""Spin-up: balances met to the won, each session under its own law, nothing read before it was published."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hindcast.invented import changed_after
from run.credit_fixture import (
    CALM_WON,
    CRASH,
    SIZE,
    behaviour,
    book_of,
    calm,
    daily,
    monthly,
    rows_of,
    setting,
    spun,
    without_own_luck,
)
from toytown import law, law_with

from gaemi.kernels import revolve as kernel
from gaemi.kernels.revolve import BALANCE, EXTRA, LARGEST_ROW_WON, OPENED, REPAID, SOLD, TOPPED, UNPAID
from gaemi.kernels.tables import law_table
from gaemi.law.patch import Reform, Span
from gaemi.spin import SETTLEMENT, WARM, Setting, advance, aimed, begin, known_at, settled_of, spin_up
from gaemi.workers import LocalWorkers

ON = SIZE - 1
SECOND_LAW = date(2020, 1, 2)


def test_every_published_balance_is_met_to_the_won() -> None:
    """The settled balance of a session is where trades stood two sessions before, from the first of the history on."""
    one = setting(daily(), lag=0)
    assert 3 == len(np.unique(one.history.settled_won[:3, 0])), "the first balances differ"
    for member in spun(one, ON):
        assert one.history.settled_won.tolist() == settled_of(member)[WARM:].tolist()


def test_month_ends_are_met_to_the_won_and_members_part_between() -> None:
    one = setting(monthly(), lag=0)
    members = spun(one, ON, members=4)
    met = np.stack([settled_of(member)[WARM:] for member in members])
    seen = one.history.observed()
    assert list(range(0, SIZE, 20)) == seen.tolist()
    assert all(one.history.settled_won[seen].tolist() == each[seen].tolist() for each in met)
    between = [place for place in range(45, 59)]
    assert (met[:, between].std(axis=0) > 0).all()


def test_what_is_known_ends_with_the_publication_lag() -> None:
    """Known at the close of place 100 with a lag of one session: the balance of 99, which speaks of trades of 97."""
    target, left, until = aimed(setting(daily(), lag=1), 100 - 1)
    assert WARM + 97 == until
    assert daily().settled_won[99].tolist() == target[until].tolist()
    assert [1, 1] == left[until].tolist()
    assert {-1} == set(target[until + 1 :].ravel().tolist())
    assert {0} == set(left[until + 1 :].ravel().tolist())


def test_sessions_to_the_next_balance_are_counted_down() -> None:
    """The first balance stands two sessions before the history begins, and until then on every session."""
    target, left, until = aimed(setting(monthly(), lag=0), 45)
    first = WARM - SETTLEMENT
    assert WARM + 38 == until
    assert (1, monthly().settled_won[0].tolist()) == (left[1 : first + 1].max(), target[first].tolist())
    for begins, ends in ((first + 1, WARM + 18), (WARM + 19, until)):
        assert [[each, each] for each in range(20, 0, -1)] == left[begins : ends + 1].tolist()
    assert [monthly().settled_won[20].tolist()] * 20 == target[first + 1 : WARM + 19].tolist()
    assert [monthly().settled_won[40].tolist()] * 20 == target[WARM + 19 : until + 1].tolist()


def test_a_spin_up_reads_no_balance_that_was_not_published() -> None:
    history = daily()
    one, other = setting(history), setting(changed_after(history, price=SIZE, balance=100 - 1))
    assert [book_of(member) for member in spun(one, 100)] == [book_of(member) for member in spun(other, 100)]
    late = [book_of(member) for member in spun(one, 101)], [book_of(member) for member in spun(other, 101)]
    assert late[0] != late[1]


def test_a_spin_up_reads_no_price_after_its_last_session() -> None:
    history = daily()
    last = 100 - 1 - SETTLEMENT
    one, other = setting(history), setting(changed_after(history, price=last, balance=SIZE))
    assert [book_of(member) for member in spun(one, 100)] == [book_of(member) for member in spun(other, 100)]
    sooner = setting(changed_after(history, price=last - 1, balance=SIZE))
    assert book_of(spun(one, 100)[0]) != book_of(spun(sooner, 100)[0])


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_change_no_bit(threads: int) -> None:
    one = setting(daily())
    assert [book_of(m) for m in spun(one, ON, 4)] == [book_of(m) for m in spun(one, ON, 4, threads)]


def test_a_member_is_the_same_alone_and_among_others() -> None:
    one = setting(daily())
    alone = begin(one, 2)
    alone.flow.target_won[:], alone.flow.left[:], until = aimed(one, ON - 1)
    advance(one, alone, until + 1)
    assert book_of(alone) == book_of(spun(one, ON, 4)[2])


def test_without_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    one = setting(daily(size=12))
    compiled = book_of(spun(one, 11, 1)[0])
    monkeypatch.setenv("GAEMI_COMPILE", "0")
    with np.errstate(over="ignore"):
        assert compiled == book_of(spun(one, 11, 1)[0])


def test_members_differ_and_another_seed_is_another_answer() -> None:
    one = setting(daily())
    first, second = spun(one, ON, 2)
    assert rows_of(first) != rows_of(second)
    assert rows_of(first) != rows_of(spun(replace(one, seed=one.seed + 1), ON, 1)[0])


def test_a_spin_up_in_pieces_is_the_same() -> None:
    one = setting(daily())
    whole, parts = begin(one, 0), begin(one, 0)
    target, left, until = aimed(one, ON - 1)
    for member in (whole, parts):
        member.flow.target_won[:], member.flow.left[:] = target, left
    advance(one, whole, until + 1)
    for stop in (WARM, WARM + 1, WARM + 60, until, until + 1):
        advance(one, parts, stop)
    assert book_of(whole) == book_of(parts)


def test_a_copy_runs_on_without_changing_its_original() -> None:
    one = setting(daily())
    member = spun(one, 60, 1)[0]
    before = book_of(member)
    advance(one, member.copy(), one.sessions)
    assert before == book_of(member)


def test_members_known_at_rising_starts_are_those_spun_up_to_each() -> None:
    """The record is read on from start to start, and each start is as if it had been the only one."""
    one, starts = setting(daily()), (40, 90, 91)
    with LocalWorkers(1) as workers:
        members = [begin(one, number) for number in range(2)]
        for start in starts:
            found = known_at(one, members, start, workers)
            fresh = spin_up(one, start, 2, workers)
            for member in fresh:
                advance(one, member, WARM + start + 1)
            assert [book_of(member) for member in fresh] == [book_of(member) for member in found]


def session_of_the_second_law(one: Setting) -> int:
    return WARM + next(place for place, day in enumerate(one.history.days) if day >= SECOND_LAW)


def test_each_session_runs_under_its_own_law() -> None:
    """Toytown's maintenance falls from 150 to 130 % on 2 January 2020, its tax on sales of KOSPI from 1 to 0.5 %."""
    one = setting(daily())
    changed = session_of_the_second_law(one)
    laws = [one.law_on(session) for session in (0, changed - 1, changed)]
    assert [15_000, 15_000, 13_000] == [int(table.maintenance_bps[0]) for table, _ in laws]
    assert [[100, 100], [100, 100], [50, 100]] == [habits.tax_bps.tolist() for _, habits in laws]
    assert (law_table(law(), SECOND_LAW).clock_under_bps == one.law_on(one.sessions - 1)[0].clock_under_bps).all()


def test_new_loans_have_the_deposit_and_the_firms_of_the_law_of_their_session() -> None:
    """From 2 January 2020 on 80 % are deposited, and only the last class of firms lends."""
    book = law_with(state__entry_room=0)
    firms = book.keys("firm_class")
    changes = {
        "margin.deposit": {group: 8_000 for group in book.keys("stock_group")},
        "margin.firm_share": {firm: 10_000 if firm == firms[-1] else 0 for firm in firms},
    }
    spans = {
        path: tuple(Span(SECOND_LAW, None, key, value, "test") for key, value in values.items())
        for path, values in changes.items()
    }
    one = setting(daily(), book.patched(Reform("dearer", "", spans)), lag=0)
    changed = session_of_the_second_law(one)
    before, after = (opened_on(one, session) for session in (changed - 1, changed))
    assert {0, 1, 2, 3} == {firm for firm, _ in before}
    assert {3} == {firm for firm, _ in after}
    assert all(2.0 <= part < 2.6 for _, part in before), "deposits of 50 and 60 %"
    assert all(5.0 <= part < 5.1 for _, part in after)


def opened_on(one: Setting, session: int) -> list[tuple[int, float]]:
    """Firm class and financed value by won of loan of the rows opened on a session, at its close, of ten members."""
    found = []
    for number in range(10):
        member = begin(one, number)
        member.flow.target_won[:], member.flow.left[:], _ = aimed(one, ON)
        advance(one, member, session + 1)
        lent, price = member.lent, member.tape.price[session]
        found += [
            (int(lent.firm[j]), float(lent.lots[j] * price[lent.name[j]] / lent.principal_won[j]))
            for j in range(int(lent.count[0]))
            if lent.opened[j] == session
        ]
    return found


def test_every_won_of_the_balance_is_accounted_for_through_a_crash() -> None:
    for member in spun(setting(daily()), ON):
        done = member.flow.done_won[: member.at]
        gone = done[1:, :, [REPAID, EXTRA, SOLD, TOPPED, UNPAID]].sum(axis=2)
        expected = done[:-1, :, BALANCE] + done[1:, :, OPENED] - gone
        assert expected.tolist() == done[1:, :, BALANCE].tolist()
        assert (done[WARM + CRASH : WARM + CRASH + 8, :, SOLD].sum(axis=0) > 0).all()
        board = member.named.board[member.lent.name[: member.lent.count[0]]]
        rows = member.lent.principal_won[: member.lent.count[0]]
        assert done[-1, :, BALANCE].tolist() == [int(rows[board == place].sum()) for place in range(2)]


def test_rows_are_small_few_and_no_older_than_two_terms() -> None:
    one = setting(daily(size=260))
    for member in spun(one, 259, 2):
        rows = slice(0, int(member.lent.count[0]))
        held = member.tape.ordinal[member.at - 1] - member.tape.ordinal[member.lent.opened[rows]]
        assert 0 < rows.stop < member.lent.name.size
        assert held.max() < 2 * one.law_on(member.at)[1].term_days <= 180 < held.max() + 10
        assert 0 < member.lent.principal_won[rows].min()
        assert member.lent.principal_won[rows].max() <= LARGEST_ROW_WON
        assert 0 < member.lent.lots[rows].min()


def test_balances_of_trillions_on_the_fewest_names_find_their_places() -> None:
    """Two names a board, the fewest that may be asked for, and 9 tn won: hundreds of rows of the largest size."""
    history = daily(size=140)
    large = replace(history, settled_won=history.settled_won * 1_000)
    one = replace(setting(large, lag=0), names=2)
    assert large.settled_won.tolist() == settled_of(spun(one, 139, 1)[0])[WARM:].tolist()


def test_with_nothing_that_moves_a_book_stays_as_it_is() -> None:
    """Flat indices, names without luck, one balance: nobody is called, and what is opened is what is repaid."""
    one = setting(calm(), without_own_luck(), noisy=False)
    member = spun(one, ON, 1)[0]
    done = member.flow.done_won[1 : member.at]
    assert {CALM_WON} == set(done[:, :, BALANCE].ravel().tolist())
    assert 0 == done[:, :, [kernel.CALLED, SOLD, TOPPED, UNPAID, EXTRA]].sum()
    assert done[1:, :, OPENED].tolist() == done[1:, :, REPAID].tolist()
    assert [0.0, 0.0] == member.flow.normal.tolist()


def test_no_behaviour_in_a_parameter_that_is_nothing() -> None:
    """Without top-ups nothing is topped up, and without selling first nothing is sold first."""
    one = setting(daily(), behaviour=behaviour(top_up=0.0, sell_first=0.0))
    done = spun(one, ON, 1)[0].flow.done_won
    assert 0 == done[:, :, [TOPPED, kernel.FIRST]].sum()
    assert 0 < spun(setting(daily()), ON, 1)[0].flow.done_won[:, :, TOPPED].sum()
