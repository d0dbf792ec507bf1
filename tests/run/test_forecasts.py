"""Forecasts: what was known at the start and the path that is given, and nothing else; along the record and beyond."""

from typing import Any

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
    setting,
    spun,
    without_own_luck,
)

from gaemi import days
from gaemi.forecasts import Forecasts, forecasts, onward, shocked
from gaemi.kernels.revolve import BALANCE, CALLED, EXPECTED, EXTRA, FIRST, OPENED, REPAID, SOLD, TOPPED, UNPAID
from gaemi.spin import SETTLEMENT, WARM, Member, Setting, advance, begin, known_at
from gaemi.workers import LocalWorkers

START, HORIZON = 70, 20
STARTS = np.array([40, START])
SHOCKS = (0.0, -10.0, -20.0, -40.0, -70.0)


def said(one: Setting, starts: np.ndarray = STARTS, members: int = 3, threads: int = 1, **how: Any) -> Forecasts:
    with LocalWorkers(threads) as workers:
        return forecasts(one, starts, HORIZON, members, workers, **how)


def same(a: Forecasts, b: Forecasts, first: int = 0, stop: int = HORIZON + 1) -> bool:
    return all(
        bool((x[:, :, first:stop] == y[:, :, first:stop]).all())
        for x, y in ((a.settled_won, b.settled_won), (a.done_won, b.done_won))
    )


def at_the_close(one: Setting, start: int, members: int = 2) -> list[Member]:
    """Members at the close of a start, from what was known then."""
    with LocalWorkers(1) as workers:
        return known_at(one, [begin(one, number) for number in range(members)], start, workers)


def shocks(one: Setting, members: list[Member], on: int, threads: int = 1) -> Any:
    dates = days.sessions(one.history.days[-1], HORIZON)
    with LocalWorkers(threads) as workers:
        return shocked(one, members, on, SHOCKS, dates, workers)


def test_a_forecast_holds_the_start_and_the_sessions_after_it() -> None:
    found = said(setting(daily()))
    assert STARTS.tolist() == found.starts.tolist()
    assert (2, 3, HORIZON + 1, 2) == found.settled_won.shape == found.done_won.shape[:-1]


def test_what_was_published_at_the_start_is_said_as_it_was() -> None:
    """With a lag of one session the balance of the session before the start is known, and that of the start is not."""
    history = daily()
    one = said(setting(history, lag=0)).settled_won
    assert [history.settled_won[start].tolist() for start in STARTS] == one[:, 0, 0].tolist()
    other = said(setting(history, lag=1)).settled_won
    assert [history.settled_won[start].tolist() for start in STARTS] != other[:, 0, 0].tolist()


def test_trades_of_the_sessions_before_the_start_are_settled_after_it() -> None:
    """Settled balances of the first two sessions on are those of trades up to the start."""
    found = said(setting(daily(), lag=0))
    traded = found.done_won[:, :, :, :, BALANCE]
    assert traded[:, :, :-SETTLEMENT].tolist() == found.settled_won[:, :, SETTLEMENT:].tolist()


@pytest.mark.parametrize("lag", [0, 1, 2])
def test_no_balance_after_the_last_that_was_published_is_read(lag: int) -> None:
    history = daily()
    changed = changed_after(history, price=SIZE, balance=START - lag)
    one, other = (said(setting(each, lag=lag), np.array([START])) for each in (history, changed))
    assert same(one, other)
    known = changed_after(history, price=SIZE, balance=START - lag - 1)
    assert not same(one, said(setting(known, lag=lag), np.array([START])))


@pytest.mark.parametrize("until", [0, 5, 12])
def test_no_price_of_a_later_session_is_read(until: int) -> None:
    """What is said of a session answers prices up to that session, and does answer those of the session itself."""
    history = daily()
    changed = changed_after(history, price=START + until, balance=SIZE)
    one, other = (said(setting(each), np.array([START])) for each in (history, changed))
    assert same(one, other, 0, until + 1)
    assert not same(one, other, until + 1, until + 2)


def test_months_ends_after_the_start_are_not_read_either() -> None:
    """Month-ends stand on every twentieth session: at 70 that of 60 is known, and the loans run freely since 58."""
    history = monthly()
    one, other = (
        said(setting(each), np.array([START])) for each in (history, changed_after(history, price=SIZE, balance=60))
    )
    assert same(one, other)


def test_threads_change_no_bit() -> None:
    one = setting(daily())
    assert same(said(one, members=4), said(one, members=4, threads=2))


def test_a_member_is_the_same_among_more_members() -> None:
    one = setting(daily())
    few, many = said(one, members=2), said(one, members=5)
    assert few.settled_won.tolist() == many.settled_won[:, :2].tolist()


def test_a_start_is_the_same_alone_and_among_others() -> None:
    """What is run for one start leaves nothing behind for the next."""
    one = setting(daily())
    together = said(one, np.array([40, 69, START]))
    for place, start in enumerate((40, 69, START)):
        alone = said(one, np.array([start]))
        assert alone.settled_won[0].tolist() == together.settled_won[place].tolist()
        assert alone.done_won[0].tolist() == together.done_won[place].tolist()


def test_a_forecast_along_the_record_is_the_book_itself() -> None:
    """The member known at the start, run on along the record, is what the forecast says of it."""
    one = setting(daily())
    found = said(one, np.array([START]), members=2)
    for number, member in enumerate(at_the_close(one, START)):
        advance(one, member, WARM + START + HORIZON + 1)
        flows = member.by_board()[WARM + START : WARM + START + HORIZON + 1]
        assert found.done_won[0, number].tolist() == flows.tolist()


def test_a_forecast_near_the_end_of_the_record_stops_with_it() -> None:
    found = said(setting(daily()), np.array([SIZE - 4]))
    assert (found.settled_won[:, :, :4] > 0).all()
    assert 0 == found.settled_won[:, :, 4:].sum()


def test_months_leave_members_apart_and_days_keep_them_together() -> None:
    """The spread at the start is that of the sessions since the last balance."""
    wide, narrow = (said(setting(each), np.array([START]), 8).settled_won for each in (monthly(), daily()))
    assert (wide[0, :, 0].std(axis=0) > narrow[0, :, 0].std(axis=0)).all()
    assert (narrow[0, :, HORIZON].std(axis=0) > narrow[0, :, 0].std(axis=0)).all()


def test_if_nobody_reacts_only_rules_move_loans() -> None:
    """Before the crash: nothing is opened, repaid or topped up, and what is sold or lost is all that goes."""
    found = said(setting(daily()), np.array([CRASH - 1]), react=False)
    done = found.done_won[:, :, 1:]
    assert 0 == done[..., [OPENED, REPAID, EXTRA, TOPPED, EXPECTED]].sum()
    assert 0 < done[..., SOLD].sum()
    gone = np.cumsum(done[..., SOLD] + done[..., UNPAID], axis=2)
    assert (found.done_won[:, :, :1, :, BALANCE] - gone).tolist() == done[..., BALANCE].tolist()


def test_onward_by_the_recorded_moves_is_the_forecast_along_the_record() -> None:
    """The same luck of the same dates, through the crash, with all that borrowers do: some sell before their call."""
    one = setting(daily(), behaviour=behaviour(sell_first=0.1, close_distance=3.0))
    found = said(one, np.array([START]), members=2)
    dates = one.history.days[START + 1 : START + HORIZON + 1]
    for number, member in enumerate(at_the_close(one, START)):
        moves = member.tape.day[WARM + START + 1 : WARM + START + HORIZON + 1]
        then, gone = onward(one, member, WARM + START, dates, moves)
        begun = gone.at
        advance(then, gone, then.sessions)
        flows = gone.by_board()[begun:]
        assert found.done_won[0, number, 1:].tolist() == flows.tolist()
        assert (flows[:, :, [FIRST, SOLD, TOPPED, OPENED, REPAID]].sum(axis=0) > 0).all()
        after = slice(WARM + START + 1, WARM + START + HORIZON + 1)
        for column in ("price", "locked", "latent", "bought_day", "bought_week"):
            recorded, assumed = getattr(member.tape, column)[after], getattr(gone.tape, column)[begun:]
            np.testing.assert_array_equal(recorded, assumed, column)
        np.testing.assert_allclose(member.tape.deviation[after], gone.tape.deviation[begun:], rtol=1e-14)


def test_onward_reads_nothing_of_the_record_after_its_start() -> None:
    history, moves = daily(), np.tile([[-0.02, 0.01]], (HORIZON, 1))
    found = []
    for each in (history, changed_after(history, price=START, balance=START - 1)):
        one = setting(each)
        member = at_the_close(one, START)[0]
        then, gone = onward(one, member, WARM + START, days.sessions(each.days[START], HORIZON), moves)
        advance(then, gone, then.sessions)
        found.append(book_of(gone))
    assert found[0] == found[1]


def test_the_deviation_goes_on_with_the_moves_that_are_assumed() -> None:
    """Known before each session: a fall of 20 % is in the deviation of the session after it, and then fades."""
    one = setting(daily())
    member = at_the_close(one, START)[0]
    moves = np.array([[-0.2, 0.0], [0.0, 0.0], [0.01, 0.01], [0.0, 0.0]])
    _, gone = onward(one, member, WARM + START, days.sessions(one.history.days[START], 4), moves)
    first, second, third, fourth = gone.tape.deviation[gone.at :] ** 2
    np.testing.assert_allclose(second, 0.94 * first + 0.06 * np.array([0.04, 0.0]), rtol=1e-12)
    np.testing.assert_allclose(third, second, rtol=1e-12)  # nothing moved
    np.testing.assert_allclose(fourth, 0.94 * third + 0.06 * np.array([1e-4, 1e-4]), rtol=1e-12)


def test_onward_leaves_its_member_as_it_was() -> None:
    one = setting(daily())
    member = at_the_close(one, START)[0]
    before = book_of(member)
    then, gone = onward(one, member, WARM + START, days.sessions(one.history.days[START], 5), np.zeros((5, 2)))
    advance(then, gone, then.sessions)
    assert before == book_of(member)


def test_onward_has_the_luck_of_its_path_and_the_names_of_its_member() -> None:
    one = setting(daily())
    member = at_the_close(one, START)[0]
    dates = days.sessions(one.history.days[START], 5)
    _, own = onward(one, member, WARM + START, dates, np.zeros((5, 2)))
    _, other = onward(one, member, WARM + START, dates, np.zeros((5, 2)), path=7)
    assert own.tape.price.tolist() == other.tape.price.tolist()
    assert own.flow.noise.tolist() != other.flow.noise.tolist()


def test_onward_keeps_clocks_ages_and_interest_of_rows() -> None:
    """A tape of its own begins later where the past is long; every row keeps its dates."""
    one = setting(daily(size=260))
    member = at_the_close(one, 255)[0]
    dates = days.sessions(one.history.days[255], 3)
    _, gone = onward(one, member, WARM + 255, dates, np.zeros((3, 2)))
    rows = slice(0, int(member.lent.count[0]))
    for column in ("opened", "interest_from"):
        before = member.tape.ordinal[getattr(member.lent, column)[rows]]
        assert before.tolist() == gone.tape.ordinal[getattr(gone.lent, column)[rows]].tolist()
    runs = member.lent.sale[rows] >= 0
    assert (gone.lent.sale[rows] >= 0).tolist() == runs.tolist()
    assert gone.tape.ordinal.size < member.tape.ordinal.size


def test_with_nothing_that_moves_a_forecast_stays_constant() -> None:
    one = setting(calm(), without_own_luck(), noisy=False)
    found = said(one, members=1)
    assert {CALM_WON} == set(found.settled_won.ravel().tolist())
    assert 0 == found.done_won[..., [CALLED, SOLD, TOPPED, UNPAID, EXTRA]].sum()


def test_no_shock_and_no_luck_call_nobody() -> None:
    one = setting(calm(), without_own_luck(), noisy=False, lag=0)
    members = at_the_close(one, SIZE - 1)
    found = shocks(one, members, WARM + SIZE - 1)
    assert [[0, 0]] * 3 == [column[:, 0].tolist() for column in (found.called_won, found.sold_won, found.unpaid_won)]
    balance = np.array([member.flow.done_won[member.at - 1, :, BALANCE].sum() for member in members])
    assert (found.called_won[:, -1] >= balance).all(), "a fall of 70 % calls everybody, and some twice"


def test_a_deeper_shock_calls_sells_and_loses_more() -> None:
    """Where every name is its index: the same rows, deeper."""
    one = setting(daily(), without_own_luck(), lag=0)
    members = at_the_close(one, SIZE - 1, 3)
    found = shocks(one, members, WARM + SIZE - 1)
    for column in (found.called_won, found.sold_won + found.unpaid_won, found.unpaid_won):
        assert (np.diff(column, axis=1) >= 0).all()
        assert (column[:, -1] > column[:, 0]).all()
    balance = np.array([member.flow.done_won[member.at - 1, :, BALANCE].sum() for member in members])
    assert (found.sold_won + found.unpaid_won <= balance[:, None]).all()


def test_shocks_are_the_same_with_any_number_of_threads_and_leave_members_alone() -> None:
    one = setting(daily(), lag=0)
    members = at_the_close(one, SIZE - 1, 3)
    before = [book_of(member) for member in members]
    a, b = shocks(one, members, WARM + SIZE - 1), shocks(one, members, WARM + SIZE - 1, threads=2)
    assert a.sold_won.tolist() == b.sold_won.tolist() and a.called_won.tolist() == b.called_won.tolist()
    assert before == [book_of(member) for member in members]


def test_a_spin_up_is_not_asked_to_go_on_from_elsewhere() -> None:
    """Our own mistake is an assert: a member goes on from where it stands."""
    one = setting(daily())
    member = spun(one, 60, 1)[0]
    with pytest.raises(AssertionError, match="goes on from where it stands"):
        onward(one, member, member.at, days.sessions(one.history.days[60], 2), np.zeros((2, 2)))
