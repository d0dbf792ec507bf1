"""Scores against values worked out another way, and the truth they are held against."""

import json
from datetime import date
from itertools import pairwise
from math import pi, sqrt

import numpy as np
import pytest
from hindcast.invented import drawn_close, following, history_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from gaemi.chance import BLOCK, word
from gaemi.errors import Refused
from gaemi.hindcast.scores import EVERYTHING, FIGURES, OUTSIDE, band_won, crps_won, per_episode, resampled, score_rows
from gaemi.hindcast.truth import FORCED, TARGETS, Starts, starts_of, together
from gaemi.sources.breaks import BREAKS, breaks_on

BN = 1e9


def some_starts(size: int = 6, horizons: tuple[int, ...] = (1, 5), seed: int = 1) -> Starts:
    truth = np.random.Generator(np.random.PCG64(seed)).normal(size=(size, len(horizons), 3)) * 50 * BN
    days = tuple(date(2021, 3, 1 + place) for place in range(size))
    return Starts("triggers", days, np.arange(size) // 2, horizons, truth, np.zeros((size, len(horizons)), bool))


def luck(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def test_a_perfect_forecast_scores_nothing() -> None:
    starts = some_starts()
    ensemble = np.repeat(starts.truth_won[:, None], 5, axis=1)
    points = {"no change": np.zeros_like(starts.truth_won), "told": starts.truth_won}
    for row in score_rows(starts, points, {"all alike": ensemble}, ("no change",), 7):
        if row["method"] != "no change":
            assert [0.0] * 6 == [row[key] for key in ("error_bn", "low_bn", "high_bn", "bias_bn", "crps_bn",
                                                      "ratio_to_best_baseline")]  # fmt: skip
        if row["method"] == "all alike":
            assert 100.0 == row["coverage_pct"] == row["coverage_starts_pct"]


def test_errors_are_averaged_within_an_episode_first() -> None:
    starts = some_starts(3, (1,))
    starts = Starts("triggers", starts.days, np.array([0, 0, 1]), (1,), np.zeros((3, 1, 3)), starts.broken)
    told = np.array([1.0, 3.0, 10.0])[:, None, None] * np.full((3, 1, 3), -BN)
    row = score_rows(starts, {"told": told}, {}, (), 7)[0]
    assert 6.0 == row["error_bn"] == -row["bias_bn"] == row["crps_bn"]
    assert (2, 3) == (row["episodes"], row["starts"])
    assert (2.0, 10.0) == (row["low_bn"], row["high_bn"])
    assert row["best_baseline"] is row["ratio_to_best_baseline"] is None


@settings(max_examples=12)
@given(shift=st.floats(-500.0, 500.0), seed=st.integers(0, 99))
def test_scores_do_not_change_when_truth_and_forecast_move_together(shift: float, seed: int) -> None:
    starts = some_starts(seed=seed)
    told, ensemble = (
        starts.truth_won + luck(seed).normal(size=(6, 2, 3)) * BN,
        luck(seed).normal(size=(6, 9, 2, 3)) * BN,
    )
    moved = Starts("triggers", starts.days, starts.episode, (1, 5), starts.truth_won + shift * BN, starts.broken)
    left = score_rows(starts, {"told": told}, {"many": ensemble}, ("told",), 3)
    right = score_rows(moved, {"told": told + shift * BN}, {"many": ensemble + shift * BN}, ("told",), 3)
    for one, other in zip(left, right, strict=True):
        assert [one[key] for key in FIGURES[1:]] == pytest.approx([other[key] for key in FIGURES[1:]], abs=2e-6)


def test_the_best_baseline_is_the_one_with_the_smallest_error() -> None:
    starts = some_starts()
    points = {name: starts.truth_won + bn * BN for name, bn in (("far", 8.0), ("near", 4.0), ("model", 2.0))}
    rows = score_rows(starts, points, {}, ("far", "near"), 7)
    ratios = {row["method"]: row["ratio_to_best_baseline"] for row in rows}
    assert {"far": 2.0, "near": 1.0, "model": 0.5} == pytest.approx(ratios)
    assert {"near"} == {row["best_baseline"] for row in rows}
    assert all(row["ratio_low"] == pytest.approx(row["ratio_high"]) for row in rows)


def test_starts_that_cannot_be_scored_are_named_and_no_method_gains_by_them() -> None:
    starts = some_starts(6, (1,))
    truth, silent = starts.truth_won.copy(), starts.truth_won + BN
    truth[5], silent[2] = np.nan, np.nan
    starts = Starts("triggers", starts.days, starts.episode, (1,), truth, starts.broken)
    rows = score_rows(starts, {"told": truth + BN, "silent": silent}, {}, ("told",), 7)
    for row in rows:
        assert (["2021-03-06"], ["2021-03-03"]) == (row["not_observed"], row["not_forecast"])
        assert (4, 3) == (row["starts"], row["episodes"])
        assert 1.0 == row["error_bn"]


def test_without_one_start_to_score_there_are_rows_without_figures() -> None:
    starts = some_starts(2, (1,))
    starts = Starts("quiet", starts.days, starts.episode, (1,), np.full((2, 1, 3), np.nan), starts.broken)
    rows = score_rows(starts, {"told": np.zeros((2, 1, 3))}, {}, ("told",), 7)
    assert 4 == len(rows)
    assert {None} == {row[key] for row in rows for key in FIGURES}
    assert {0} == {row["starts"] for row in rows}


def test_a_method_that_is_silent_on_a_target_has_no_row_there() -> None:
    starts = some_starts()
    silent = starts.truth_won.copy()
    silent[..., :FORCED] = np.nan
    rows = score_rows(starts, {"told": starts.truth_won, "silent": silent}, {}, ("told", "silent"), 7)
    assert {TARGETS[FORCED]} == {row["target"] for row in rows if row["method"] == "silent"}
    assert [] == [day for row in rows for day in row["not_forecast"]]


def test_forced_sales_stand_over_everything_and_outside_the_breaks() -> None:
    starts = some_starts(4, (1,))
    broken = np.array([[False], [True], [False], [True]])
    starts = Starts("triggers", starts.days, np.arange(4), (1,), np.zeros((4, 1, 3)), broken)
    told = np.where(broken[:, :, None], 9.0, 1.0) * np.full((4, 1, 3), BN)
    rows = score_rows(starts, {"told": told}, {}, ("told",), 7)
    errors = {(row["target"], row["basis"]): row["error_bn"] for row in rows}
    assert {5.0} == {errors[name, EVERYTHING] for name in TARGETS}
    assert 1.0 == errors[TARGETS[FORCED], OUTSIDE]
    assert 4 == len(errors)
    assert ["2021-03-02", "2021-03-04"] == rows[-1]["in_breaks"]


def test_rows_are_plain_values() -> None:
    starts = some_starts()
    rows = score_rows(starts, {"told": np.zeros((6, 2, 3))}, {"many": luck(1).normal(size=(6, 8, 2, 3))}, ("told",), 7)
    assert rows == json.loads(json.dumps(rows))
    assert rows == score_rows(starts, {"told": np.zeros((6, 2, 3))}, {"many": luck(1).normal(size=(6, 8, 2, 3))},
                              ("told",), 7)  # fmt: skip


def area_between_steps(members: list[float], truth: float) -> float:
    """The area under (F - 1[x >= truth])^2, F the step function of the members: the score before it is made fair."""
    edges = sorted([*members, truth])
    total = 0.0
    for left, right in pairwise(edges):
        share = sum(one <= left for one in members) / len(members)
        total += (share - (1.0 if truth <= left else 0.0)) ** 2 * (right - left)
    return total


@given(members=st.lists(st.integers(-50, 50), min_size=2, max_size=9), truth=st.integers(-60, 60))
def test_the_score_of_an_ensemble_is_the_area_between_the_steps_made_fair(members: list[int], truth: int) -> None:
    m = len(members)
    apart = sum(abs(one - other) for one in members for other in members)
    expected = area_between_steps([float(one) for one in members], float(truth)) - apart / (2 * m * m * (m - 1))
    assert expected == pytest.approx(float(crps_won(np.array([members], float), np.array([truth], float))[0]), abs=1e-9)


@pytest.mark.parametrize("members", [2, 5, 50])
def test_the_mean_score_of_normal_ensembles_is_the_closed_form_whatever_their_size(members: int) -> None:
    """Gneiting and Raftery, JASA 102 (2007), section 4.2: the score of N(0, 1) at y."""
    y = 0.7
    exact = y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / sqrt(pi)
    scores = crps_won(luck(5).normal(size=(20_000, members)), np.full(20_000, y))
    assert exact == pytest.approx(scores.mean(), abs=4 * scores.std() / sqrt(20_000))


@pytest.mark.parametrize("members", [19, 20, 50, 200])
def test_the_band_holds_nine_truths_in_ten_that_are_drawn_as_its_members(members: int) -> None:
    drawn = luck(6).normal(size=(20_000, members + 1))
    low, high = band_won(drawn[:, 1:])
    within = ((low <= drawn[:, 0]) & (drawn[:, 0] <= high)).mean()
    assert 0.9 == pytest.approx(within, abs=4 * sqrt(0.09 / 20_000))


def test_blocks_are_drawn_by_keyed_luck() -> None:
    drawn = resampled(5, seed=11, replicates=40)
    assert [[(word(11, 0, BLOCK, k, place, 0) * 5) >> 32 for place in range(5)] for k in range(40)] == drawn.tolist()
    assert {0, 1, 2, 3, 4} == set(drawn.ravel().tolist())


def test_the_interval_of_a_toy_covers_its_true_error() -> None:
    """Episodes share a level: of 200 samples of 30 episodes the 90 % interval holds the true mean about 180 times."""
    covered = 0
    for sample in range(200):
        level = np.repeat(luck(sample).exponential(size=30), 3)
        blocks = per_episode(level * BN, np.repeat(np.arange(30), 3))
        drawn = blocks[resampled(30, seed=sample, replicates=400)].mean(axis=1)
        covered += np.quantile(drawn, 0.05) <= BN <= np.quantile(drawn, 0.95)
    assert 165 <= covered <= 192


def test_truth_is_the_change_of_balances_and_the_forced_sale_of_the_day() -> None:
    history = following(60, 1)
    starts = starts_of(history, np.array([30, 55]), (1, 10), "triggers")
    change = (history.settled_won[40] - history.settled_won[30]).astype(float)
    assert [*change, float(history.forced_won[40])] == starts.truth_won[0, 1].tolist()
    assert np.isfinite(starts.truth_won[1, 0]).all() and np.isnan(starts.truth_won[1, 1]).all()
    with pytest.raises(Refused, match="1 or more"):
        starts_of(history, np.array([30]), (0,), "triggers")


def test_forced_sales_that_were_not_published_are_no_zeros() -> None:
    history = history_of(drawn_close(40, 1), np.full((40, 2), 1e12), np.zeros(40), date(2006, 3, 2))
    known = np.isfinite(starts_of(history, np.arange(39), (1,), "quiet").truth_won[:, 0, FORCED])
    first = int(np.flatnonzero(known)[0])
    assert date(2006, 4, 14) == history.days[first + 1]
    assert known[first:].all()


def test_a_target_is_broken_where_its_start_or_its_day_is() -> None:
    history = history_of(drawn_close(40, 1), np.full((40, 2), 1e12), np.full(40, 1e9), date(2023, 4, 3))
    before = history.place(date(2023, 4, 28))
    broken = starts_of(history, np.array([before - 1, before, before + 1]), (1, 2), "triggers").broken
    assert [[False, True], [True, True], [True, True]] == broken.tolist()


def test_breaks_are_named_and_do_not_overlap() -> None:
    for one, after in pairwise(BREAKS):
        assert one.last is not None and one.first <= one.last < after.first
    days = [date(2023, 4, 30), date(2023, 5, 2), date(2023, 10, 18), date(2023, 11, 6), date(2030, 1, 2)]
    assert ["", BREAKS[0].name, BREAKS[1].name, BREAKS[1].name, BREAKS[2].name] == breaks_on(days)


def test_stretches_side_by_side_share_no_episode() -> None:
    parts = [starts_of(following(200, seed), np.array([50, 55, 90]), (1,), "triggers") for seed in (1, 2)]
    both = together(parts)
    assert [0, 0, 1, 2, 2, 3] == both.episode.tolist()
    assert (6, 1, 3) == both.truth_won.shape == (len(both.days), *both.broken.shape[1:], 3)
