"""Every table of a run adds up to the same won: accounts, days, bands, groups and totals."""

import polars as pl
import pytest
from book.small import run_mixed


@pytest.fixture(scope="module")
def result():
    return run_mixed(shock="-25%", break_share="20%")


@pytest.mark.parametrize("measure", ["sold_won", "residual_won"])
def test_accounts_add_up_to_the_scenario(result, measure):
    assert result.document["scenario"][measure] == result.frame[measure].sum() > 0


def test_days_and_names_add_up_to_the_scenario(result):
    days = result.tables["days"].filter(pl.col("run") == "scenario")
    scenario = result.document["scenario"]
    assert scenario["sold_won"] == days["sold_won"].sum() == sum(day["sold_won"] for day in scenario["days"])
    assert scenario["residual_won"] == days["unpaid_won"].sum() == sum(day["residual_won"] for day in scenario["days"])
    assert days["sold_won"].sum() == days["sold_at_open_won"].sum() + days["sold_at_close_won"].sum()


@pytest.mark.parametrize("dimension", ["segment", "firm class", "loan age"])
def test_groups_add_up_to_the_scenario(result, dimension):
    rows = [row for row in result.document["groups"] if row["dimension"] == dimension]
    scenario = result.document["scenario"]
    for measure in ("called_won", "sold_won", "residual_won", "called_accounts", "sold_accounts", "residual_accounts"):
        assert scenario[measure] == sum(row[measure] for row in rows), measure


def test_bands_add_up_to_the_accounts(result):
    bands, frame = result.document["bands"], result.frame.filter(pl.col("loans_won").is_not_null())
    assert bands[-1] == {"band": "all"} | {
        name: sum(row[name] for row in bands[:-1]) for name in bands[-1] if name != "band"
    }
    assert frame.height == bands[-1]["accounts"]
    assert frame["shortfall_won"].sum() == bands[-1]["short_won"] == result.document["totals"]["short_won"] > 0
    assert frame["collateral_won"].sum() == bands[-1]["collateral_won"]


def test_an_account_stands_in_the_band_of_its_ratio(result):
    edges = [10_500, 12_000, 14_000, 15_000, 17_000, 20_000, 10**9]
    frame = result.frame.filter(pl.col("ratio_pct").is_not_null())
    ratio = (frame["ratio_pct"] * 100).round().cast(pl.Int64)
    low = 0
    for band, high in zip(result.document["bands"], edges, strict=False):
        here = frame.filter((ratio >= low) & (ratio < high))
        assert (band["accounts"], band["loans_won"]) == (here.height, here["loans_won"].sum())
        low = high


def test_ranks_run_from_the_nearest_to_its_call(result):
    frame = result.frame.filter(pl.col("rank").is_not_null()).sort("rank")
    assert list(range(1, frame.height + 1)) == frame["rank"].to_list()
    falls = frame["trigger_fall_pct"].drop_nulls().to_list()
    assert sorted(falls) == falls


def test_what_is_due_on_a_morning_is_ordered_on_that_morning(result):
    flat = result.tables["days"].filter(pl.col("run") == "prices stand still")
    first = flat.filter(pl.col("day") == 1)
    totals = result.document["totals"]
    assert totals["morning_won"] == first["ordered_won"].sum()
    assert totals["morning_names"] == first.filter(pl.col("ordered_lots") > 0).height


def test_a_longer_fall_breaks_no_fewer(result):
    rows = {row["measure"]: row for row in result.document["breaks"]["rows"]}
    assert rows["called"]["fall_pct"] <= rows["sold"]["fall_pct"] <= rows["unpaid"]["fall_pct"]
