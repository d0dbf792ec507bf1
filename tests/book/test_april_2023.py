"""April 2023 on the example book: five names locked at their limit for days, replayed from their recorded closes."""

from pathlib import Path

import polars as pl
import pytest

import gaemi

BOOK = Path(__file__).resolve().parents[2] / "examples" / "books" / "april_2023"
EVENING = "2023-04-21"


@pytest.fixture(scope="module")
def replayed(shared_data):
    prices = shared_data / "kr_cfd_crash_2023_04_ohlcv.csv"
    return gaemi.book(str(BOOK), on=EVENING, replay="cfd-2023", prices=str(prices))


def test_every_row_is_accepted_and_nobody_is_under_maintenance_the_evening_before(replayed):
    document = replayed.document
    assert all(row["rejected"] == 0 for row in document["rows"])
    assert (30, 0) == (document["totals"]["borrowers"], document["totals"]["under_accounts"])


def test_all_five_names_are_locked_on_the_first_day_and_sales_wait_for_the_limit_to_open(replayed):
    days = {day["date"]: day for day in replayed.document["scenario"]["days"]}
    assert [5, 4, 3, 2, 0] == [days[f"2023-04-{day}"]["locked_down"] for day in (24, 25, 26, 27, 28)]
    # Two sessions after the first call the first sales are due, and most of them find no buyer.
    assert 0 == days["2023-04-25"]["sold_won"] < days["2023-04-26"]["sold_won"] < days["2023-04-26"]["ordered_won"]
    assert days["2023-04-26"]["unfilled_lots"] > 0 == days["2023-04-28"]["unfilled_lots"]
    largest = max(days.values(), key=lambda day: day["sold_won"])
    assert "2023-04-28" == largest["date"]


def test_more_than_a_fifth_of_the_loans_stays_unpaid(replayed):
    scenario, loans = replayed.document["scenario"], replayed.document["totals"]["loans_won"]
    assert loans // 5 < scenario["residual_won"] < loans // 3
    assert scenario["residual_won"] == replayed.frame["residual_won"].sum()


def test_prices_are_those_recorded(replayed, shared_data):
    closes = pl.read_csv(shared_data / "kr_cfd_crash_2023_04_ohlcv.csv", schema_overrides={"code": pl.String})
    last = dict(closes.filter(pl.col("date") == "2023-05-31").select("code", "close").iter_rows())
    shown = {row["ticker"]: row["last_price"] for row in replayed.document["scenario"]["names"]}
    assert shown == {ticker: last[ticker] for ticker in shown}
    assert 5 == len(shown)
