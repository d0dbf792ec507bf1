"""Models of recorded prices on real histories: odds from what was, counts against brute force, no gap crossed."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from account.conftest import document, plain, request

from gaemi.account.luck import model_of, movers_of
from gaemi.account.portfolio import portfolio
from gaemi.account.rows import instruments_of
from gaemi.law.lawbook import load
from gaemi.market.joint import joint_returns
from gaemi.sources.prices import read_prices

STOCKS = "kr_stocks_ohlcv_2020_2025.csv"
LONG_STOCKS = "kr_stocks_long_1997_2023.csv"


@pytest.fixture(scope="module")
def stocks(shared_data: Path) -> str:
    return str(shared_data / STOCKS)


@pytest.fixture(scope="module")
def mixed_prices(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Shares of Korea, Tesla's and the won's rate, in one folder: what moves the mixed account."""
    folder = tmp_path_factory.mktemp("prices")
    (folder / STOCKS).symlink_to(shared_data / STOCKS)
    for source, wanted in (("us_stock_letf_ohlc_2010_2025.csv", "TSLA"), ("us_letf_close_extra.csv", "TSLA")):
        rows = list(csv.reader((shared_data / source).read_text(encoding="utf-8").splitlines()))
        kept = [row for row in rows[1:] if wanted in row]
        if kept:
            lines = [",".join(row) for row in (rows[0], *kept)]
            (folder / "TSLA.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
            break
    rate = (shared_data / "usdkrw_market_close_daily.csv").read_text(encoding="utf-8")
    (folder / "USDKRW.csv").write_text(rate.replace("krw_per_usd_close", "close", 1), encoding="utf-8")
    return str(folder)


def closes_of(source: str, ticker: str, until: date) -> tuple[list[date], list[float]]:
    lines = Path(source).read_text(encoding="utf-8").splitlines()
    rows = [row for row in csv.DictReader(lines) if row["code"] == ticker]
    days = [date.fromisoformat(row["date"]) for row in rows if date.fromisoformat(row["date"]) <= until]
    return days, [float(row["close"]) for row in rows[: len(days)]]


@pytest.mark.parametrize("model", ["history", "garch"])
def test_one_s_own_money_on_recorded_prices(stocks: str, model: str) -> None:
    told = document("own_money", model=model, prices=stocks)
    assert (model, "2025-10-31") == (told["model"], told["prices"]["last"])
    for each in told["odds"]:
        assert 400 == sum(row["count"] for row in each["rows"])
    long_run = told["drifts"][1]
    assert told["prices"]["first"] in long_run["words"] and told["prices"]["last"] in long_run["words"]
    assert 5 < long_run["error_pct"] < 30


def test_an_account_of_2008_stands_on_the_closes_and_the_law_of_its_day(shared_data: Path) -> None:
    """Samsung closed at 8,150 won on 2008-10-24 (in today's shares): 5.5 million borrowed on 1,000 is 148 %."""
    told = document(
        holding=("005930 1000",),
        loan=("5.5m",),
        firm="standard",
        on=date(2008, 10, 24),
        prices=str(shared_data / LONG_STOCKS),
    )
    assert ("2008-10-24", "2008-10-24") == (told["on"], told["prices"]["last"])
    assert 8_150_000 / 5_500_000 == pytest.approx(told["pools"][0]["ratio_pct"] / 100, abs=1e-3)
    for each in told["odds"]:
        assert 400 == sum(row["count"] for row in each["rows"])


def test_the_mixed_account_on_joint_recorded_prices(mixed_prices: str) -> None:
    told = document("mixed", model="history", prices=mixed_prices)
    assert {"000660", "005930", "TSLA", "USDKRW"} == {row["name"] for row in told["drifts"][0]["drivers"]}
    assert all(400 == sum(row["count"] for row in each["rows"]) for each in told["odds"])
    assert told["prices"]["sessions"] > 1000


def test_the_long_run_is_the_mean_of_the_history_with_its_standard_error(stocks: str) -> None:
    until = date(2025, 10, 31)
    _, closes = closes_of(stocks, "005930", until)
    returns = np.diff(np.log(closes))
    row = document("own_money", model="history", prices=stocks)["drifts"][1]
    joint = joint_returns(read_prices(stocks), ["005930"], until)
    year = joint.sessions_a_year
    # The history has no gap, so its returns are those of its closes; its mean is arithmetic where it is told.
    assert len(returns) == len(joint.returns)
    plain_error = 100 * returns.std() / len(returns) ** 0.5 * year
    assert plain_error == pytest.approx(row["error_pct"], rel=0.25)
    assert 100 * (returns.mean() + returns.var() / 2) * year == pytest.approx(row["pct_a_year"], abs=1.5)


def test_how_often_a_fall_came_is_the_count_over_the_record(stocks: str) -> None:
    until = date(2025, 10, 31)
    told = document("borrowed", model="history", prices=stocks)
    often = told["how_often"]
    days, closes = closes_of(stocks, "005930", until)
    starts = range(len(closes) - 20)
    level = 1 - often["fall_pct"] / 100
    times = sum(min(closes[t + 1 : t + 21]) <= closes[t] * level for t in starts)
    assert (times, len(starts), True) == (often["times"], often["starts"], often["recorded"])
    assert times / len(starts) == often["share"]
    assert (str(days[0]), str(days[len(starts) - 1])) == (often["first"], often["last"])
    assert often["words"] in told["sentences"]


def test_no_block_of_the_past_crosses_a_gap(shared_data: Path, tmp_path: Path) -> None:
    """A month cut out of the record: no return spans it, and no draw runs on from before it to after it."""
    lines = (shared_data / STOCKS).read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if ",005930," in line]
    away = [line for line in rows if line.startswith("2023-05")]
    source = tmp_path / "005930.csv"
    source.write_text("\n".join([lines[0], *(line for line in rows if line not in away)]) + "\n", encoding="utf-8")
    whole, cut = _model(str(shared_data / STOCKS)), _model(str(source))
    # The sessions of May 2023, and the return of the first one after them, which would span the gap.
    assert len(away) + 1 == len(whole.rows) - len(cut.rows)
    ends = sorted(set(cut.run_end.tolist()))
    assert 1 + len(set(whole.run_end.tolist())) == len(ends)
    assert len(cut.rows) == ends[-1]


def _model(source: str) -> Any:
    who = portfolio(request("own_money", model="history", prices=source), load())
    return model_of(who, movers_of(who, instruments_of(who)), "history", 10)


@pytest.mark.parametrize("model", ["history", "garch"])
def test_the_same_answer_on_one_thread_and_on_two(stocks: str, model: str) -> None:
    one, two = (plain(document("borrowed", model=model, prices=stocks, threads=threads)) for threads in (1, 2))
    assert one == two


def test_prices_of_the_day_come_from_the_history(stocks: str) -> None:
    told = document(holding=("005930 100",), prices=stocks, on=date(2024, 8, 5), paths=100)
    assert [71_400.0] == [row["price"] for row in told["holdings"]]
    assert any(said.startswith("Prices of 5 August 2024 (closes of the given history)") for said in told["sentences"])


def test_the_last_day_of_the_history_is_the_date_unless_said(stocks: str) -> None:
    told = document(holding=("005930 100",), prices=stocks, paths=100)
    assert "2025-12-30" == told["on"]
