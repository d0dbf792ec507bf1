"""Terra in May 2022 against the record: on the shipped daily closes, and on minutes and hours where they are."""

import json
from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pytest

from gaemi.answers.plots import terra as plots
from gaemi.coins.terra import SCHEMA, capacity_rows, reserve_row, terra_document
from gaemi.coins.terra_chain import day_rows, hour_rows, moment_rows, peg_row, runs_of, setting_of, variant_row
from gaemi.coins.terra_holders import (
    Entrants,
    count_rows,
    entrants,
    follow,
    holder_rows,
    holders_of,
    won_path,
    won_path_of_press,
)
from gaemi.coins.terra_record import HELD, SPAN, counts, record_of
from gaemi.errors import Refused
from gaemi.law.lawbook import load
from gaemi.sources.intraday import BarHistory, read_bars
from gaemi.workers import LocalWorkers

LUNA_FILE, UST_FILE = "luna_usdt_binance_1m_2022_05.csv", "ust_usdt_binance_1h_2022_05.csv"
FACTOR = 3.0


@pytest.fixture(scope="module")
def bars(shared_data) -> BarHistory:
    return BarHistory(read_bars(shared_data / LUNA_FILE).bars + read_bars(shared_data / UST_FILE).bars)


@pytest.fixture(scope="module")
def daily():
    return setting_of(load(), record_of(None))


@pytest.fixture(scope="module")
def recorded(bars):
    setting = setting_of(load(), record_of(bars))
    return setting, runs_of(setting)


def test_the_chain_stood_twice_and_swaps_end_with_the_second_halt(daily):
    first, second = daily.record.stops
    assert (datetime(2022, 5, 12, 16, 14), datetime(2022, 5, 12, 17, 45)) == first
    assert datetime(2022, 5, 13, 1, 58) == second[0]
    assert SPAN.minute(second[0]) == daily.record.halt


def test_daily_closes_alone_carry_the_run(daily):
    rows = day_rows(daily, runs_of(daily)[0])
    assert [str(day) for day in SPAN.days] == [row["date"] for row in rows]
    assert all(1 / FACTOR < row["model_over_record"] < FACTOR for row in rows[:-1])
    assert pytest.approx([row["burned_record_ust"] for row in rows]) == [row["burned_ust"] for row in rows]


def test_given_only_burning_and_market_value_the_supply_hardly_grows(daily):
    rows = [variant_row(daily, run) for run in runs_of(daily)]
    reached = {row["name"]: row["times_at_halt"] for row in rows}
    assert 1.2 < reached["elasticity 1"] < reached["elasticity 1.5"] < 1.5


def test_variants_are_labelled_and_holders_make_demand_only_in_theirs(daily):
    runs = {run.name: run for run in runs_of(daily)}
    assert {"recorded", "whole days", "proposal 1164", "holders who run", "holders who see the module"} < set(runs)
    assert {"recorded": (), "holders who run": ("large", "middle", "small")} == {
        name: runs[name].sizes for name in ("recorded", "holders who run")
    }
    classes = variant_row(daily, runs["holders who run"])["classes"]
    burned = [classes[size]["burned_share"] for size in ("large", "middle", "small")]
    assert sorted(burned, reverse=True) == burned


def test_the_proposal_makes_capacity_four_times_as_large(daily):
    rows = capacity_rows(daily)
    assert pytest.approx(4.0) == rows[2]["dollars_a_day"] / rows[0]["dollars_a_day"]
    burned = max(row["burned_ust"] for row in day_rows(daily, runs_of(daily)[0]))
    assert burned < rows[1]["dollars_a_day"]


def test_the_reserve_backed_coin_fell_further_than_redemption_allows(daily):
    row = reserve_row(daily)
    assert 0.9 < row["low_record_usd"] < row["low_model_usd"] < 1.0


def test_prices_by_the_minute_give_supply_within_a_factor_of_three_of_the_record(recorded):
    setting, runs = recorded
    rows = day_rows(setting, runs[0])
    assert all(1 / FACTOR < row["model_over_record"] < FACTOR for row in rows[:-1])
    assert 300 < rows[3]["times_record"] < 450 and 300 < rows[3]["times_model"] < 1_000
    assert rows[-1]["times_model"] > 1_000


def test_supply_agrees_with_the_press_within_the_days(recorded):
    setting, runs = recorded
    ratios = [row["model_over_record"] for row in moment_rows(setting, runs[0])]
    assert all(1 / FACTOR < ratio < FACTOR for ratio in ratios)


def test_while_the_spread_is_over_a_fifth_the_recorded_peg_is_broken(recorded):
    setting, runs = recorded
    peg = peg_row(setting, hour_rows(setting, runs[0]))
    assert 100.0 == peg["broken_while_wide_pct"]
    assert 20 < peg["both"] and 0 == peg["model_only"]
    assert peg["hours"] == peg["both"] + peg["model_only"] + peg["record_only"] + peg["neither"]


def test_minutes_that_are_missing_are_refused(bars):
    luna = bars.of("LUNAUSDT")
    holes = np.r_[0:4_517, 4_521 : luna.start.size]
    fields = ("start", "open", "high", "low", "close", "volume", "rows")
    torn = replace(luna, **{name: getattr(luna, name)[holes] for name in fields})
    with pytest.raises(Refused, match="4 minutes missing"):
        record_of(BarHistory((torn,)))


def test_holders_come_as_the_published_counts_say():
    groups = entrants(counts())
    assert [100_000, *[14_000] * 5, 55_000, 55_000] == [group.holders for group in groups]
    assert [None, *(date(2022, 5, day) for day in range(9, 16))] == [group.day for group in groups]
    assert [(2_340, 3_780)] == [(group.first, group.last) for group in groups if group.day == date(2022, 5, 9)]


@pytest.fixture(scope="module")
def few(daily):
    groups = [Entrants(None, 20, 0, 1), Entrants(date(2022, 5, 13), 20, 8_100, 9_540)]
    holders = holders_of(load(), won_path(daily.record), 3, groups, plain=True)
    with LocalWorkers(1) as workers:
        follow(holders, workers, plain=True)
    return holders


def test_holders_from_before_have_their_part_of_the_published_coins_and_lose_nearly_all(few):
    row = holder_rows(few)[0]
    assert round(3_170_000 * 20 / 100_000) == row["coins"]
    assert row["lost_won"] == row["cost_won"] - row["end_won"]
    assert row["lost_pct"] > 99.99 and (20, 20) == (row["losers"], row["emptied"])


def test_who_comes_pays_no_more_than_was_drawn_and_comes_within_the_day(few):
    entry = few.held.entry[20:]
    assert 8_100 <= entry.min() and entry.max() < 9_540
    assert [0] * 20 == few.held.entry[:20].tolist()
    assert (few.held.peak_won >= few.cost_won).all() and (few.held.peak_won >= few.held.end_won).all()


def test_counts_stand_beside_the_model_only_inside_the_window(few):
    rows = count_rows(few, load())
    assert [None, 20, 40, 40, None] == [row["model_holders"] for row in rows]


def test_at_the_won_prices_of_the_press_a_coin_costs_more_than_its_dollar_price(daily):
    dollar, press = won_path(daily.record), won_path_of_press(daily.record)
    halted, end = HELD.minute(datetime(2022, 5, 11)), HELD.minute(datetime(2022, 5, 14))
    assert (dollar[:halted] == press[:halted]).all()
    assert press[end] > 3 * dollar[end]


@pytest.mark.slow
def test_the_whole_document_is_json_and_draws_itself(bars):
    import vl_convert

    document = terra_document(bars, 0, load())
    again = terra_document(bars, 0, load(), threads=1)
    assert json.dumps(document) == json.dumps(again)
    assert SCHEMA == document["schema"]
    assert 280_000 == document["holders"]["won_price"]["total"]["holders"]
    assert document["misses"] and document["assumptions"]
    for draw in (plots.supply, plots.peg):
        for narrow in (False, True):
            assert "<svg" in vl_convert.vegalite_to_svg(draw(document, narrow), allowed_base_urls=[])
