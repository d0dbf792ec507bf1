"""The loss: a planted rule is found, the future is not read, and nothing depends on threads."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from calibration.invented import QUIET, SIZE, planted, task_on

from gaemi.calibration.objective import Procedure, cell_rows, parts_of, start_places
from gaemi.calibration.parameters import UNSETTLED, knobs_of, values_at
from gaemi.calibration.search import Search, fit
from gaemi.calibration.unsettled import sales_of, unsettled_loss
from gaemi.errors import Refused
from gaemi.forecasts import forecasts
from gaemi.hindcast.triggers import episodes, triggers
from gaemi.sources.balances import read_balances
from gaemi.sources.history import stretches
from gaemi.sources.prices import read_prices
from gaemi.spin import setting_of


def test_a_planted_answer_to_prices_is_found() -> None:
    task = task_on(planted(0.5))
    knobs = knobs_of(task.book, task.on, ("chase_a_day", "buy_the_dip"))
    search = Search(knobs, lambda point: task.loss(QUIET | values_at(knobs, point)), 60)
    found = values_at(knobs, fit(search))
    assert 0.5 == pytest.approx(found["chase_a_day"], abs=0.06)
    assert 0.0 == pytest.approx(found["buy_the_dip"], abs=0.06)
    best = min(loss.value for loss in search.known.values())
    assert best < 0.25 < 0.9 < task.loss(QUIET | {"chase_a_day": 0.0}).value


def test_a_planted_answer_of_unsettled_purchases_is_found() -> None:
    task = task_on(planted(0.5))
    sales = sales_of(task)
    knobs = knobs_of(task.book, task.on, UNSETTLED[:1])
    search = Search(knobs, lambda point: unsettled_loss(task, sales, values_at(knobs, point)), 60)
    assert 8.0 == pytest.approx(values_at(knobs, fit(search))["unsettled_answer"], abs=1.5)


def test_loss_is_the_mean_of_its_cells_and_of_its_starts_and_of_its_seeds() -> None:
    task = task_on(planted(0.3), seeds=(4, 0))
    loss = task.loss({})
    assert loss.value == pytest.approx(float(loss.cells.mean()))
    assert loss.value == pytest.approx(float(np.mean([each.mean() for each in loss.misses])))
    assert loss.value == pytest.approx(sum(loss.by_seed) / 2)
    alone = [task_on(planted(0.3), seeds=(seed,)).loss({}).value for seed in (4, 0)]
    assert alone == list(loss.by_seed) and alone[0] != alone[1]


def test_threads_do_not_change_a_bit() -> None:
    one, two = (task_on(planted(0.3), threads, seeds=(0, 1)).loss({"top_up": 0.3}) for threads in (1, 2))
    assert (one.value, one.by_seed) == (two.value, two.by_seed)
    assert (one.cells == two.cells).all()


def test_a_start_never_reads_a_balance_that_was_published_later() -> None:
    """Balances after the last start change what happened, and not what was forecast: errors move by just that."""
    history = planted(0.3)
    settled = history.settled_won.copy()
    regular, falls = start_places(history, replace(Procedure(), every_short=6))
    last = int(max(regular[-1], falls[-1]))
    settled[last + 10] *= 2
    task = task_on(history)
    other = replace(task, parts=parts_of([replace(history, settled_won=settled)], task.procedure))
    before, after = task.loss({}), other.loss({})
    still = task.parts[0].still / other.parts[0].still
    # Every cell but that of ten sessions is untouched; there, all starts but the last only change their measure.
    assert (before.cells[0, :3] == after.cells[0, :3]).all()
    assert (still[:3] == 1.0).all() and (still[3] < 1.0).all()


def test_starts_wait_for_the_book_to_fill_and_leave_room_for_what_follows() -> None:
    places, falls = start_places(planted(0.3), Procedure())
    assert (60, 4) == (places[0], places[1] - places[0])
    assert SIZE - 10 > places[-1] >= SIZE - 14
    long, late = start_places(planted(0.3, size=520), Procedure())
    assert (150, 8) == (long[0], long[1] - long[0])
    assert all(60 <= place < SIZE - 10 for place in falls)
    assert all(150 <= place < 520 - 10 for place in late)


def test_every_fall_of_the_scoreboard_is_a_start_too() -> None:
    """Triggers between the first and the last possible start, and no others, beside the regular starts."""
    history = planted(0.3, size=520)
    history.close[100:] *= 0.9
    history.close[512:] *= 0.9
    _, falls = start_places(history, Procedure())
    known = triggers(history.days, history.close)
    assert known[(known >= 150) & (known < 510)].tolist() == falls.tolist()
    assert {100, 512} <= {*known.tolist()} - {*falls.tolist()}


def test_half_of_a_loss_is_that_of_the_falls_episode_by_episode() -> None:
    """A cell, worked from what was forecast: means over regular starts and over episodes, each by "no change"."""
    task = task_on(planted(0.3, size=520), every=40)
    part, loss = task.parts[0], task.loss({})
    regular, falls = start_places(part.history, task.procedure)
    group = episodes(falls)
    assert len(falls) > len(np.unique(group)) > 1
    setting = setting_of(task.book, part.history, task.procedure.names, 0, task.behaviour({}), noisy=False)
    told = forecasts(setting, part.starts, 10, 1, task.workers).settled_won[:, 0].astype(np.float64)
    for at, horizon in enumerate(task.procedure.horizons):
        missed = {
            int(start): np.abs(told[i, horizon] - told[i, 0] - part.change[i, at]) / part.balance[i]
            for i, start in enumerate(part.starts)
        }
        still = {int(start): np.abs(part.change[i, at]) / part.balance[i] for i, start in enumerate(part.starts)}
        halves = []
        for places in ([[place] for place in regular], [falls[group == one] for one in np.unique(group)]):
            means = [np.mean([np.mean([of[int(p)] for p in each], axis=0) for each in places], axis=0)
                     for of in (missed, still)]  # fmt: skip
            halves.append(means[0] / means[1])
        np.testing.assert_allclose(loss.cells[0, at], (halves[0] + halves[1]) / 2, rtol=1e-12)


def test_a_start_without_a_balance_at_some_horizon_is_left_out() -> None:
    history = planted(0.3)
    history.settled_won[75] = -1
    regular, falls = start_places(history, replace(Procedure(), every_short=1))
    assert not {75, 72, 70, 65} & {*regular.tolist(), *falls.tolist()}
    assert {76, 73, 71, 66} <= {*regular.tolist()}


def test_too_short_and_still_histories_are_refused() -> None:
    with pytest.raises(Refused, match="65 sessions in the longest stretch"):
        task_on(planted(0.3, size=65))
    with pytest.raises(Refused, match="a balance that never changes"):
        task_on(planted(0.0))


def test_rows_name_every_stretch_market_and_horizon() -> None:
    task = task_on(planted(0.3))
    loss = task.loss({})
    rows = cell_rows(task, loss, loss)
    assert [("KOSPI", 1), ("KOSPI", 3), ("KOSPI", 5), ("KOSPI", 10)] == [(r["market"], r["horizon"]) for r in rows[:4]]
    assert loss.value == pytest.approx(sum(row["after"] for row in rows) / 8, abs=1e-6)


@pytest.mark.slow
def test_on_record_the_law_beats_no_change_in_most_cells(shared_data: Path) -> None:
    prices = read_prices(shared_data / "kr_index_daily.csv")
    balances = read_balances(shared_data / "kofia_margin_deposits_forced_sales_daily.csv")
    first, last = date(2005, 1, 3), date(2011, 6, 30)
    procedure = Procedure(names=8, every=32, seeds=(0,))
    task = task_on(planted(0.3))
    task = replace(task, procedure=procedure, parts=parts_of(stretches(prices, balances, first, last), procedure))
    assert task.loss({}).value < 1.0
