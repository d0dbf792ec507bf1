"""What the baselines find, what they must not see, and what they say of the record."""

from dataclasses import replace

import numpy as np
import pytest
from hindcast.invented import changed_after, drawn_close, following, history_of
from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi.errors import Refused
from gaemi.hindcast.baselines import BASELINES, MEAN, NO_CHANGE, PAST, PATH, crossed, fit, predict
from gaemi.hindcast.ridge import PENALTIES, fitted
from gaemi.hindcast.truth import FORCED, starts_of
from gaemi.sources.history import NONE, CreditHistory

PLACES = np.array([100, 250, 251, 400])


def test_planted_weights_come_back_from_least_squares() -> None:
    luck = np.random.Generator(np.random.PCG64(1))
    columns = luck.normal(size=(600, 4))
    (equation,) = fitted(columns, (2.0 + columns @ [1.0, -3.0, 0.0, 0.5])[:, None], purge=5)
    assert 0.0 == equation.penalty
    assert [1.0, -3.0, 0.0, 0.5] == pytest.approx((equation.weight / equation.spread).tolist(), abs=1e-10)
    assert 2.0 == pytest.approx(float(equation.told(np.zeros((1, 4)))[0]), abs=1e-10)
    assert equation.held_out == pytest.approx(0.0, abs=1e-9)


def test_columns_that_say_nothing_are_shrunk() -> None:
    luck = np.random.Generator(np.random.PCG64(2))
    (equation,) = fitted(luck.normal(size=(300, 60)), luck.normal(size=(300, 1)), purge=1)
    assert equation.penalty == PENALTIES[-1]
    assert equation.held_out < equation.held_out_least_squares


def test_shrunken_weights_solve_the_equations_of_ridge_regression() -> None:
    luck = np.random.Generator(np.random.PCG64(3))
    columns = luck.normal(size=(400, 30))
    wanted = columns @ luck.normal(size=30) * 0.1 + 3.0 * luck.normal(size=400)
    (equation,) = fitted(columns, wanted[:, None], purge=1)
    assert equation.penalty > 0.0
    z = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    expected = np.linalg.solve(z.T @ z + equation.penalty * np.eye(30), z.T @ (wanted - wanted.mean()))
    assert expected.tolist() == pytest.approx(equation.weight.tolist(), rel=1e-9)


def test_a_logarithm_is_chosen_where_the_target_is_an_exponential() -> None:
    luck = np.random.Generator(np.random.PCG64(4))
    columns = luck.normal(size=(500, 3))
    (equation,) = fitted(columns, np.exp(columns @ [1.0, 0.5, -1.0])[:, None], purge=1, logarithm=True)
    assert equation.logarithm
    assert 1.0 == pytest.approx(float(equation.told(np.zeros((1, 3)))[0]), rel=1e-9)


def test_too_few_sessions_are_refused() -> None:
    with pytest.raises(Refused, match="must have 32 sessions or more"):
        fitted(np.zeros((31, 6)), np.zeros((31, 1)), purge=2)


@pytest.mark.parametrize("horizons", [(), (0, 1), (5, 21)])
def test_horizons_outside_a_month_are_refused(horizons: tuple[int, ...]) -> None:
    with pytest.raises(Refused, match="must be sessions after the start, 1 to 20"):
        fit([following(300, 5)], horizons)


def test_an_equation_does_not_depend_on_the_other_horizons() -> None:
    history, other = following(700, 5, noise=0.001), following(300, 6, noise=0.001)
    alone, among = (predict(fit([history], asked), other, np.array([100])) for asked in ((5,), (1, 5, 20)))
    for name in BASELINES:
        np.testing.assert_allclose(alone[name][:, 0], among[name][:, 1], rtol=1e-9)


def test_the_rule_of_an_invented_country_is_found() -> None:
    """Two sessions ahead are known from past returns; at five the path is needed."""
    history = following(900, 5)
    baselines = fit([history], (2, 5))
    told = predict(baselines, following(500, 6), PLACES)
    truth = starts_of(following(500, 6), PLACES, (2, 5), "triggers").truth_won
    missed = {name: np.abs(told[name] - truth)[..., :FORCED].mean(axis=(0, 2)) for name in (NO_CHANGE, PAST, PATH)}
    assert (missed[PATH] < 0.02 * missed[NO_CHANGE]).all()
    assert missed[PAST][0] < 0.02 * missed[NO_CHANGE][0]
    assert missed[PAST][1] > 0.2 * missed[NO_CHANGE][1]


def test_forced_sales_after_a_fall_are_found_given_the_path() -> None:
    baselines = fit([following(900, 5)], (3,))
    told, truth = (
        predict(baselines, following(500, 6), PLACES),
        starts_of(following(500, 6), PLACES, (3,), "quiet").truth_won,
    )
    missed = {name: np.abs(told[name] - truth)[..., FORCED].mean() for name in BASELINES}
    assert missed[PATH] < 0.25 * min(missed[NO_CHANGE], missed[MEAN], missed[PAST])


def test_no_change_is_the_last_figure_that_was_published() -> None:
    history = following(300, 7)
    told = predict(fit([following(900, 5)], (1,), lag=1), history, np.array([200]))
    assert [0.0, 0.0, float(history.forced_won[199])] == told[NO_CHANGE][0, 0].tolist()
    assert float(history.forced_won[180:200].mean()) == pytest.approx(told[MEAN][0, 0, FORCED])
    assert np.isnan(told[MEAN][0, 0, :FORCED]).all()


@settings(max_examples=15)
@given(place=st.integers(40, 380), lag=st.integers(0, 2))
def test_nothing_after_what_was_known_moves_a_forecast(place: int, lag: int) -> None:
    """The path is given to one regression alone, and to it only as far as the horizon."""
    history, at = following(400, 8, noise=0.001), np.array([place])
    horizons = (1, 5)
    baselines = fit([following(900, 5, noise=0.001)], horizons, lag)
    told = predict(baselines, history, at)
    other = predict(baselines, changed_after(history, place, place - lag), at)
    for name in (NO_CHANGE, MEAN, PAST):
        np.testing.assert_array_equal(told[name], other[name])
    given_path = predict(baselines, changed_after(history, place + 5, place - lag), at)[PATH]
    np.testing.assert_array_equal(told[PATH], given_path)
    assert (told[PATH] != other[PATH]).any()


def test_the_last_figure_that_was_known_does_move_a_forecast() -> None:
    history, at = following(400, 8, noise=0.001), np.array([200])
    baselines = fit([following(900, 5, noise=0.001)], (5,))
    told, other = predict(baselines, history, at), predict(baselines, changed_after(history, 200, 198), at)
    assert all((told[name][..., FORCED] != other[name][..., FORCED]).all() for name in BASELINES)


def test_cross_validation_never_sees_the_stretch() -> None:
    one, two, three = (following(700, seed, noise=0.001) for seed in (11, 12, 13))
    whole = crossed([one, two, three], (1, 3))
    changed = crossed([one, changed_after(two, 200, 200), three], (1, 3))
    left, right = (predict(each[1], two, PLACES) for each in (whole, changed))
    for name in BASELINES:
        np.testing.assert_array_equal(left[name], right[name])
    others = (predict(each[0], one, PLACES)[PAST] for each in (whole, changed))
    assert (np.subtract(*others) != 0).any()


def test_nothing_is_carried_from_one_stretch_to_the_next() -> None:
    """Two stretches hold 41 sessions fewer with a full row than one of the same length: 21 before, 20 ahead of each."""
    history = following(1200, 14)
    parts = [
        replace(
            history,
            days=history.days[cut],
            close=history.close[cut],
            settled_won=history.settled_won[cut],
            unsettled_won=history.unsettled_won[cut],
            forced_won=history.forced_won[cut],
        )
        for cut in (slice(0, 600), slice(600, None))
    ]
    (one,) = {row["sessions"] for row in fit([history], (3,)).rows() if row["target"].startswith("balance")}
    (two,) = {row["sessions"] for row in fit(parts, (3,)).rows() if row["target"].startswith("balance")}
    assert 1200 - 41 == one
    assert 1200 - 2 * 41 == two


def test_a_start_without_a_month_of_daily_balances_is_refused_by_its_date() -> None:
    history = following(300, 15)
    settled = history.settled_won.copy()
    settled[150] = NONE
    baselines = fit([following(900, 5)], (1,))
    with pytest.raises(Refused) as refused:
        predict(baselines, replace(history, settled_won=settled), np.array([5, 100, 153, 200]))
    found = [fault.found for fault in refused.value.faults]
    assert [str(history.days[5]), str(history.days[153])] == found


def test_where_the_path_ends_the_regression_on_it_says_nothing() -> None:
    history = following(300, 16)
    told = predict(fit([following(900, 5)], (1, 5)), history, np.array([297]))
    assert np.isfinite(told[PATH][0, 0]).all()
    assert np.isnan(told[PATH][0, 1]).all()
    assert np.isfinite(told[PAST]).all()


def test_forced_sales_are_never_below_nothing() -> None:
    close = drawn_close(400, 17)
    sinking = history_of(close, np.full((400, 2), 1e13), np.linspace(1e10, 0.0, 400))
    told = predict(fit([following(900, 5)], (10,)), sinking, np.array([380]))
    assert (told[PAST][..., FORCED] >= 0.0).all()


def test_the_baselines_of_the_record(fitting: list[CreditHistory], validation: CreditHistory) -> None:
    """What was fitted to 2019 beats no change after it; forced sales before April 2006 are not read as 0."""
    baselines = fit(fitting, (5,))
    sessions = {(row["method"], row["target"]): row["sessions"] for row in baselines.rows()}
    assert sessions[PAST, "forced sales of unsettled purchases"] < sessions[PAST, "balance on KOSPI"] - 300
    places = np.arange(260, 1200)
    told = predict(baselines, validation, places)
    truth = starts_of(validation, places, (5,), "every day").truth_won
    missed = {name: np.abs(told[name] - truth)[:, 0, :FORCED].mean(axis=0) for name in (NO_CHANGE, PAST, PATH)}
    assert (missed[PATH] < missed[PAST]).all()
    assert (missed[PAST] < missed[NO_CHANGE]).all()
