"""Odds: every path counted once, recomputed from what happened; errors, percentiles, drifts, the same luck for all."""

from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
from account.conftest import NAMES, PATHS, WORKED, document, plain, walk

from gaemi.account.odds import tally_of
from gaemi.kernels.journey import NOT_YET
from gaemi.outcomes import Ever, PathOutcome

LABELS = [
    "residual debt", "zeroed", "wiped out", "graduate", "force-sold", "ended below half", "ended below the start",
    "none of these",
]  # fmt: skip
WILD = {"holding": ("TSLL 500 @ 20.48",), "goal": "30m", "by": "2030-12-31", "on": WORKED["on"]}
"""A fund that doubles a single share, for five years: many lose nearly all, and many of those might have recovered."""

ASKED = [*({"name": name} for name in NAMES), WORKED, WILD]


@pytest.mark.parametrize("asked", ASKED, ids=[*NAMES, "worked", "wild"])
def test_counts_add_up_to_the_paths_exactly_under_every_drift(asked: dict) -> None:
    for each in document(**asked)["odds"]:
        assert LABELS == [row["outcome"] for row in each["rows"]]
        assert PATHS == each["paths"] == sum(row["count"] for row in each["rows"])
        assert all(row["count"] <= row["ever_count"] for row in each["rows"])


def first_that_applies(bits: int, graduated: bool, end: int, put_in: int) -> str:
    """The one outcome of a path, worst first, from what ever happened on it."""
    if bits & Ever.RESIDUAL_DEBT:
        return "residual debt"
    if bits & Ever.ZEROED:
        return "zeroed"
    if bits & Ever.WIPED_OUT:
        return "wiped out"
    if graduated:
        return "graduate"
    if bits & Ever.FORCE_SOLD:
        return "force-sold"
    if 2 * end < put_in:
        return "ended below half"
    return "ended below the start" if end < put_in else "none of these"


@pytest.mark.parametrize("asked", ASKED, ids=[*NAMES, "worked", "wild"])
def test_each_path_is_counted_under_the_first_that_applies(asked: dict) -> None:
    walked, drifts = walk(**asked), document(**asked)["odds"]
    paths = walked.walked
    for v, drift in enumerate(drifts):
        found = [
            first_that_applies(
                int(paths.ever[p, v]),
                int(paths.graduated[p, v]) != NOT_YET,
                int(paths.end_won[p, v]),
                walked.starts[v] + int(paths.put_in_won[p, v]),
            )
            for p in range(PATHS)
        ]
        assert {label: found.count(label) for label in LABELS} == {
            row["outcome"]: row["count"] for row in drift["rows"]
        }


@pytest.mark.parametrize("asked", ASKED, ids=[*NAMES, "worked", "wild"])
def test_what_ever_happened_is_counted_beside_whatever_the_path_is_counted_under(asked: dict) -> None:
    walked = walk(**asked).walked
    flags = {
        "residual debt": Ever.RESIDUAL_DEBT, "zeroed": Ever.ZEROED, "wiped out": Ever.WIPED_OUT,
        "force-sold": Ever.FORCE_SOLD,
    }  # fmt: skip
    for v, drift in enumerate(document(**asked)["odds"]):
        told = {row["outcome"]: row["ever_count"] for row in drift["rows"]}
        assert {label: int(((walked.ever[:, v] & flag) != 0).sum()) for label, flag in flags.items()} == {
            label: told[label] for label in flags
        }
        assert int((walked.graduated[:, v] != NOT_YET).sum()) == told["graduate"]
        assert int(((walked.ever[:, v] & Ever.CALLED) != 0).sum()) == drift["called"]["ever_count"]


def test_who_was_wiped_out_first_never_graduates_later() -> None:
    walked = walk(**WILD).walked
    wiped = (walked.ever & Ever.WIPED_OUT) != 0
    graduated = walked.graduated != NOT_YET
    assert wiped.any() and graduated.any()
    assert not (wiped & graduated).any()


def test_a_path_ends_at_its_goal_and_only_there() -> None:
    """After fees, taxes and loans: who graduated has the goal; who did not is under it at every checkpoint."""
    for asked, goal in (({"name": "borrowed"}, 80_000_000), (WILD, 30_000_000)):
        walked = walk(**asked)
        count = len(document(**asked)["odds"])
        done = walked.walked.graduated[:, :count] != NOT_YET
        wiped = (walked.walked.ever[:, :count] & Ever.WIPED_OUT) != 0
        assert done.any() and (walked.walked.end_won[:, :count][done] >= goal).all()
        assert (walked.walked.worth_won[:, :, :count][:, ~done & ~wiped] < goal).all()


def test_a_goal_that_today_s_net_worth_meets_before_costs_but_not_after_is_not_met_by_standing_still() -> None:
    """Three sessions of a share that stays on its tick: worth 100 million, and 99,830,000 when all is sold."""
    still = {"ticker": "005930", "quantity": 1000, "price": 100_000, "volatility": "0.01%"}
    told = {"on": "2025-10-31", "holdings": [still], "by": "2025-11-05"}
    missed = document(file=told | {"goal": 99_950_000})
    met = document(file=told | {"goal": 99_800_000})
    rows = [{row["outcome"]: row["count"] for row in each["odds"][0]["rows"]} for each in (missed, met)]
    assert 99_830_000 == missed["odds"][0]["start_won"]
    assert [0, PATHS] == [row["graduate"] for row in rows]


@pytest.mark.parametrize("asked", ASKED, ids=[*NAMES, "worked", "wild"])
def test_every_share_has_the_standard_error_of_a_share_of_independent_paths(asked: dict) -> None:
    for each in document(**asked)["odds"]:
        for row in each["rows"]:
            for share, error, count in (("share", "error", "count"), ("ever_share", "ever_error", "ever_count")):
                assert row[count] / PATHS == row[share]
                assert sqrt(row[share] * (1 - row[share]) / PATHS) == row[error]


def test_more_paths_narrow_the_errors_and_keep_the_answer() -> None:
    few, many = (
        {row["outcome"]: row for row in document("borrowed", paths=paths)["odds"][0]["rows"]} for paths in (PATHS, 1600)
    )
    for outcome in ("graduate", "force-sold"):
        assert many[outcome]["error"] < 0.6 * few[outcome]["error"]
        apart = abs(many[outcome]["share"] - few[outcome]["share"])
        assert apart <= 4 * sqrt(few[outcome]["error"] ** 2 + many[outcome]["error"] ** 2)


def test_the_first_paths_of_many_are_the_paths_of_few() -> None:
    few, many = walk("borrowed").walked, walk("borrowed", paths=1600).walked
    assert np.array_equal(few.end_won, many.end_won[:PATHS])
    assert np.array_equal(few.ever, many.ever[:PATHS])


@pytest.mark.parametrize("name", NAMES)
def test_a_thousand_people_add_up_and_are_in_proportion(name: str) -> None:
    told = document(name)
    counts = [row["count"] for row in told["odds"][0]["rows"]]
    people = [each["people"] for each in told["thousand"]["people"]]
    assert LABELS == [each["outcome"] for each in told["thousand"]["people"]]
    assert 1000 == sum(people)
    assert all(abs(each - 1000 * count / PATHS) < 1 for each, count in zip(people, counts, strict=True))
    assert "risk-free" == told["thousand"]["drift"]


@pytest.mark.parametrize("asked", ASKED, ids=[*NAMES, "worked", "wild"])
def test_percentiles_and_the_fan_are_in_order(asked: dict) -> None:
    points = ("p5", "p25", "p50", "p75", "p95")
    for each in document(**asked)["odds"]:
        for row in (each["end"], *each["fan"]):
            assert all(row[low] <= row[high] for low, high in pairwise(points))
        dates = [row["date"] for row in each["fan"]]
        assert sorted(set(dates)) == dates
        assert [{each["start_won"]}] == [{each["fan"][0][point] for point in points}]


def test_the_end_of_the_fan_is_the_end() -> None:
    told = document("own_money")
    for each in told["odds"]:
        assert told["horizon"]["to"] == each["fan"][-1]["date"]
        assert each["end"] == {point: each["fan"][-1][point] for point in each["end"]}


def test_percentiles_are_those_of_the_paths() -> None:
    walked = walk("own_money").walked
    for v, each in enumerate(document("own_money")["odds"]):
        ordered = sorted(walked.end_won[:, v].tolist())
        assert {f"p{p}": ordered[PATHS * p // 100] for p in (5, 25, 50, 75, 95)} == each["end"]


def test_the_expected_time_is_the_mean_over_the_paths_where_it_came() -> None:
    walked = walk("borrowed").walked
    days = walked.graduated[:, 0].astype(int)
    sessions = 244  # of the exchange in the year after 31 October 2025
    row = next(row for row in document("borrowed")["odds"][0]["rows"] if row["outcome"] == "graduate")
    assert days[days != NOT_YET].mean() / sessions == pytest.approx(row["mean_years"], rel=1e-12)
    assert None is next(
        row["mean_years"] for row in document("own_money")["odds"][0]["rows"] if row["outcome"] == "force-sold"
    )


def test_the_same_document_on_one_thread_and_on_two() -> None:
    one, two = (plain(document("mixed", threads=threads)) for threads in (1, 2))
    assert one == two


def test_what_ifs_beside_change_nothing_else() -> None:
    alone = plain(document("borrowed"))
    for asked in (("add 10m",), ("add 10m", "loan -20m", "sell 005930 100")):
        beside = plain(document("borrowed", what_if=asked))
        assert len(asked) == len(beside.pop("what_if"))
        assert {name: part for name, part in alone.items() if name != "what_if"} == beside


def test_another_seed_is_other_luck() -> None:
    assert plain(document("borrowed"))["odds"] != plain(document("borrowed", seed=1))["odds"]


def test_nothing_changed_is_a_difference_of_exactly_nothing() -> None:
    (told,) = document("borrowed", what_if=("add 0",))["what_if"]
    assert {(0.0, 0.0)} == {(row["difference"], row["error"]) for row in told["odds"]}
    assert all(row["before"] == row["after"] for row in told["distances"] + told["odds"])


def test_the_error_of_a_difference_under_the_same_luck_is_smaller_than_of_two_answers() -> None:
    (told,) = document("borrowed", what_if=("add 5m",))["what_if"]
    moved = [row for row in told["odds"] if row["error"] > 0]
    assert moved
    for row in moved:
        apart = sqrt(sum(row[side] * (1 - row[side]) / PATHS for side in ("before", "after")))
        assert row["error"] < apart
        assert row["after"] - row["before"] == pytest.approx(row["difference"], abs=1e-12)


def test_a_tally_is_of_its_own_variant() -> None:
    walked = walk("borrowed", what_if=("add 5m",))
    place = next(v for v, case in enumerate(walked.cases) if case.key == ("what if", 0))
    tally = tally_of(walked.walked, place, walked.starts[place])
    row = document("borrowed", what_if=("add 5m",))["what_if"][0]["odds"]
    after = {each["outcome"]: each["after"] for each in row if each["drift"] == "risk-free"}
    assert tally.ever_share(PathOutcome.FORCE_SOLD) == after["force-sold"]
    assert walked.starts[0] + 5_000_000 == walked.starts[place]


DRIFTS = ["risk-free", "long-run", "long-run less the gap of margin users"]


@pytest.mark.parametrize("asked", ASKED, ids=[*NAMES, "worked", "wild"])
def test_no_drift_stands_alone(asked: dict) -> None:
    told = document(**asked)
    assert DRIFTS == [row["drift"] for row in told["drifts"]] == [each["drift"] for each in told["odds"]]
    for part in ("leverage", "instead"):
        assert set(DRIFTS[:2] if told[part] else []) == {row["drift"] for row in told[part]}


@pytest.mark.parametrize("asked", [{"drift": "8%"}, {"drift": "800bps"}])
def test_one_s_own_guess_stands_third_and_the_gap_of_margin_users_last(asked: dict) -> None:
    told = document("borrowed", **asked)
    assert ["risk-free", "long-run", "own", DRIFTS[2]] == [row["drift"] for row in told["drifts"]]
    assert 8.0 == pytest.approx(told["drifts"][2]["pct_a_year"])


def test_a_guess_in_the_file_counts_and_an_option_goes_before_it() -> None:
    told = {"on": "2025-10-31", "holdings": [{"ticker": "005930", "quantity": 100}], "drift": "5%"}
    for asked, pct in (({}, 5.0), ({"drift": "9%"}, 9.0)):
        assert pct == pytest.approx(document(file=told, **asked)["drifts"][2]["pct_a_year"])


def test_the_last_drift_is_the_long_run_less_the_published_gap() -> None:
    drifts = document("own_money")["drifts"]
    gap = drifts[1]["pct_a_year"] - drifts[-1]["pct_a_year"]
    assert 4.1 == pytest.approx(gap)
    assert drifts[1]["error_pct"] == drifts[-1]["error_pct"] > 0
    assert None is drifts[0]["error_pct"]
