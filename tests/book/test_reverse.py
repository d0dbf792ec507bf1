"""Reverse stress against a search that tries every fall, and quantiles against closed forms."""

from math import sqrt

import numpy as np
import pytest
from book.small import SAMSUNG, instruments, run, run_mixed

from gaemi.book.risk import tail_measures
from gaemi.rules.passage import low_reached_daily

SHARE = "30%"


@pytest.fixture(scope="module")
def broken():
    return run_mixed(break_share=SHARE, days=6).document


@pytest.mark.parametrize("measure", ["called", "sold", "unpaid"])
@pytest.mark.parametrize("feedback", [True, False])
def test_the_fall_reaches_the_share_and_a_tenth_of_a_per_cent_less_does_not(broken, measure, feedback):
    (row,) = [row for row in broken["breaks"]["rows"] if row["measure"] == measure]
    fall = row["fall_pct" if feedback else "fall_no_feedback_pct"]
    assert fall > 0
    reached = {f: _share(f, measure, feedback, broken) for f in (fall, fall - 0.1)}
    assert reached[fall] >= 30 > reached[fall - 0.1]


def _share(fall, measure, feedback, broken):
    """The share by a run of the shock itself, from the table of accounts."""
    result = run_mixed(shock=f"KOSPI -{fall:.2f}%, KOSDAQ -{fall:.2f}% over 3d", days=6, feedback=feedback)
    rows = result.frame.filter(result.frame["loans_won"].is_not_null())
    loans = result.document["totals"]["loans_won"]
    if measure == "unpaid":
        return 100 * rows["residual_won"].sum() / loans
    hit = rows["sold_won"] > 0
    if measure == "called":
        hit = (rows["outcome"] != "none") | (rows["shortfall_won"] > 0)
    return 100 * rows.filter(hit)["loans_won"].sum() / loans


def test_a_share_that_no_fall_reaches_is_said_to_be_so():
    holdings = [{"account": "a", "ticker": SAMSUNG, "quantity": 10_000}]
    loans = [{"account": "a", "ticker": SAMSUNG, "principal": 1_000_000}]
    document = run(
        holdings, loans, names=instruments({"ticker": SAMSUNG, "price": 100_000}), break_share="100%"
    ).document
    assert [None] * 3 == [row["fall_pct"] for row in document["breaks"]["rows"]]
    assert "at no fall up to 95 %" in document["breaks"]["words"]


def test_tails_of_the_whole_numbers_to_a_thousand():
    found = tail_measures(np.arange(1, 1001))
    assert (950, 990) == (found["p95_won"], found["p99_won"])
    assert (975, 995) == (found["es95_won"], found["es99_won"])
    # A binomial count of 1,000 x 0.95 has a deviation of 6.9, and here one step is one won.
    assert 7 == found["p95_error_won"]


def test_the_order_of_paths_does_not_matter():
    values = np.array([5, 0, 0, 100, 7, 3, 0, 2] * 20)
    assert tail_measures(values) == tail_measures(values[::-1])


@pytest.mark.slow
def test_paths_sell_as_often_as_the_closed_form_says():
    # One account, one name, no impact: sold if a close of the first eight sessions is under 84 % of tonight's.
    deviation, paths, sessions = 0.04, 2_000, 10
    names = instruments({"ticker": SAMSUNG, "price": 100_000, "volatility": 100 * deviation, "volume": 10**9})
    holdings = [{"account": "a", "ticker": SAMSUNG, "quantity": 1000}]
    loans = [{"account": "a", "ticker": SAMSUNG, "principal": 60_000_000}]
    risk = run(holdings, loans, names=names, paths=paths, horizon=sessions, feedback=False).document["risk"]
    sold = sum(1 for row in risk["curve"] if row["sold_won"] > 0) / 100
    last = sessions - 2
    expected = low_reached_daily(0.84, 0.0, deviation * sqrt(252), last / 252, last)
    assert abs(sold - expected) < 4 * sqrt(expected * (1 - expected) / paths) + 0.01
