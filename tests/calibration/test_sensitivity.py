"""Which parameters matter: the ranges are walked as the law has them, and the ranking is that of the effects."""

from dataclasses import fields, replace

import numpy as np
import pytest
from calibration.invented import SIZE, law, planted, task_on

from gaemi.behaviour.habits import Behaviour
from gaemi.calibration.objective import FIRST
from gaemi.calibration.sensitivity import OUTPUTS, Subject, Windows, factor_paths, sensitivity, value_within
from gaemi.law.reform import with_values
from gaemi.workers import LocalWorkers


def subject(threads: int = 1) -> Subject:
    """An invented stretch that falls by a fifth near its end, and the same one as the fitting period."""
    history = planted(0.3)
    history.close[SIZE - 30 :] *= np.linspace(0.98, 0.75, 30)[:, None]
    windows = Windows(history.days[SIZE - 40], (history.days[SIZE - 35], history.days[-1]))
    task = replace(task_on(history, every_short=40, horizons=(5,)), workers=LocalWorkers(threads))
    return Subject(windows, history, task)


def test_every_habit_and_every_state_parameter_with_a_range_is_moved() -> None:
    paths = factor_paths(law(), FIRST)
    habits = {f"behaviour.{one.name}" for one in fields(Behaviour) if not one.name.startswith("unsettled")}
    assert habits <= set(paths)
    assert {"state.idiosyncratic", "state.small_companies", "state.publication_lag"} <= set(paths)


@pytest.mark.parametrize("place", [0.0, 0.37, 1.0])
def test_every_place_in_every_range_is_a_law(place: float) -> None:
    book = law()
    values = {path: value_within(book, path, FIRST, place) for path in factor_paths(book, FIRST)}
    patched = with_values(book, "sensitivity", values)
    assert 10_000 == sum(patched.value("state.group_share", FIRST).values())
    low, high = book.entry("state.idiosyncratic", FIRST).range_of("KOSDAQ")
    assert patched.value("state.idiosyncratic", FIRST, "KOSDAQ") == round(low + place * (high - low))
    low, high = book.entry("behaviour.chase_a_day", FIRST).range_of()
    assert patched.value("behaviour.chase_a_day", FIRST) == pytest.approx(low + place * (high - low))


def test_more_topping_up_leaves_less_to_sell() -> None:
    one = subject()
    sold = [one.outputs(with_values(law(), "s", {"behaviour.top_up": share}))[0] for share in (0, 9500)]
    assert sold[0] > sold[1] > 0


def test_ratios_near_the_call_are_more_where_names_are_wilder() -> None:
    one, wild = subject(), {"state.idiosyncratic": {"KOSPI": 350, "KOSDAQ": 500}}
    calm = {"state.idiosyncratic": {"KOSPI": 120, "KOSDAQ": 200}}
    near = [one.outputs(with_values(law(), "s", each))[2] for each in (calm, wild)]
    assert near[1] > near[0]


@pytest.mark.slow
def test_threads_do_not_change_the_table() -> None:
    pytest.importorskip("SALib", reason="SALib is not installed")
    assert sensitivity(subject(), law(), 2, 7) == sensitivity(subject(2), law(), 2, 7)


@pytest.mark.slow
def test_the_table_is_ranked_by_the_largest_effect() -> None:
    pytest.importorskip("SALib", reason="SALib is not installed")
    found = sensitivity(subject(2), law(), 2, 7)
    rows = found["rows"]
    assert (len(factor_paths(law(), FIRST)), 2 * (len(rows) + 1)) == (len(rows), found["evaluations"])
    assert list(range(1, len(rows) + 1)) == [row["rank"] for row in rows]
    assert sorted((row["relative"] for row in rows), reverse=True) == [row["relative"] for row in rows]
    assert 1.0 == rows[0]["relative"]
    assert list(OUTPUTS) == [one["name"] for one in found["outputs"]]
    lead = next(row for row in rows if row["sold_share_rank"] == 1)
    assert lead["sold_share_effect"] == max(row["sold_share_effect"] for row in rows) > 0
