"""Unsettled purchases: what is known of them on a session, and what is sold on the sessions after."""

from dataclasses import replace
from datetime import date
from math import exp, log

import numpy as np
import pytest
from hindcast.invented import changed_after, following

from gaemi.behaviour.habits import Behaviour, behaviour_of
from gaemi.behaviour.unsettled import UnsettledState, since_purchase, unsettled_forecast, unsettled_states
from gaemi.law.lawbook import load
from gaemi.sources.history import NONE, CreditHistory

BEHAVIOUR = behaviour_of(load(), date(2012, 1, 2)).with_values({"unsettled_answer": 4.0, "unsettled_persistence": 0.5})
STATE = UnsettledState(known=10, usual_log=log(2e11), now_log=log(3e11), share_log=log(0.06), stray=0.1)
FLAT = np.zeros(40)


def answered(history: CreditHistory) -> CreditHistory:
    """Forced sales that are exactly 5 % of what stood unpaid, times the answer to KOSDAQ's return since purchase."""
    level, owed = np.log(history.close[:, 1]), history.unsettled_won
    sold = [NONE] + [
        round(0.05 * int(owed[t - 1]) * exp(-4.0 * since_purchase(level, t))) for t in range(1, len(history.days))
    ]
    return replace(history, forced_won=np.array(sold))


def forecast(state: UnsettledState, level: np.ndarray, until: int, behaviour: Behaviour = BEHAVIOUR) -> list[float]:
    return unsettled_forecast(state, level, until, behaviour, np.zeros((1, until - state.known)))[0].tolist()


@pytest.mark.parametrize("known", [5, 40, 118])
def test_a_state_never_reads_a_later_figure(known: int) -> None:
    """Prices after a session, and balances and sales after it, change no state up to it, and do change later ones."""
    history = following(120, seed=2)
    changed = changed_after(history, price=known, balance=known)
    before, after = unsettled_states(history, BEHAVIOUR), unsettled_states(changed, BEHAVIOUR)
    assert before[: known + 1] == after[: known + 1]
    assert before[known + 1 :] != after[known + 1 :]


def test_there_is_no_state_before_the_first_figures() -> None:
    """A sale is a share of what stood unpaid the evening before: the first session has none."""
    history = following(30, seed=2)
    history.unsettled_won[:10] = history.forced_won[:10] = NONE
    states = unsettled_states(history, BEHAVIOUR)
    assert [None] * 11 == states[:11]
    assert states[11] is not None and 11 == states[11].known


def test_a_session_without_a_figure_keeps_what_was_known() -> None:
    history = following(30, seed=2)
    history.forced_won[20] = NONE
    states = unsettled_states(history, BEHAVIOUR)
    assert states[20] == states[19] is not None


def test_the_share_is_found_where_it_is_constant() -> None:
    """Sales made by the rule itself leave no surprise: the share stands at once and the stray dies away."""
    last = unsettled_states(answered(following(400, seed=3)), BEHAVIOUR)[-1]
    assert last is not None
    assert exp(last.share_log) == pytest.approx(0.05, rel=1e-6)
    assert last.stray < 0.15 * 0.05


def test_the_days_since_purchase_end_before_the_sale() -> None:
    """Sold on session 8: bought at the close of 4, the last close before the sale is that of 7."""
    level = np.arange(12.0) ** 2
    assert 7.0**2 - 4.0**2 == since_purchase(level, 8)
    assert [0.0, 0.0, 1.0, 4.0, 9.0] == [since_purchase(level, t) for t in range(5)]


def test_a_forecast_knows_no_close_of_its_own_session_or_later() -> None:
    moved = FLAT.copy()
    moved[14:] = -0.5
    assert forecast(STATE, FLAT, 14) == forecast(STATE, moved, 14)
    assert forecast(STATE, FLAT, 15)[-1] < forecast(STATE, moved, 15)[-1]


def test_what_stands_unpaid_returns_to_what_is_usual() -> None:
    """300 bn against 200 bn usual: half of the log distance is left after a session, a quarter after two."""
    owed = [2e11 * 1.5**power for power in (1.0, 0.5, 0.25)]
    assert [0.06 * won for won in owed] == pytest.approx(forecast(STATE, FLAT, 13))


def test_with_all_that_is_usual_a_forecast_stays_constant() -> None:
    calm = replace(STATE, now_log=STATE.usual_log)
    assert [0.06 * 2e11] * 20 == pytest.approx(forecast(calm, FLAT, 30))


def test_more_than_all_cannot_be_sold() -> None:
    crash = FLAT.copy()
    crash[11:] = -2.0
    assert 2e11 * 1.5**0.5 == pytest.approx(forecast(STATE, crash, 12)[1])


def test_members_stray_as_the_state_says() -> None:
    noise = np.random.Generator(np.random.PCG64(1)).normal(size=(20_000, 3))
    sold = unsettled_forecast(STATE, FLAT, 13, BEHAVIOUR, noise)
    assert (20_000, 3) == sold.shape
    assert np.log(sold).std(axis=0) == pytest.approx([0.1] * 3, rel=0.03)
