"""One engine serves account, book and country: the same account stands, is called and is sold alike in each."""

import numpy as np
import pytest
from book.small import ON, SAMSUNG, account, instruments, run, run_mixed

import gaemi
from gaemi.book.request import Request
from gaemi.book.stage import Stage
from gaemi.book.standing import call_map_rows, standing_of
from gaemi.kernels import tally as tallying

HOLDING, LOAN = "005930 1000 @ 71000", "45m"


@pytest.fixture(scope="module")
def alone():
    return gaemi.account(holding=(HOLDING,), loan=(LOAN,), firm="standard", paths=200).document


def of_one(**options):
    holdings = [{"account": "one", "ticker": SAMSUNG, "quantity": 1000}]
    loans = [{"account": "one", "ticker": SAMSUNG, "principal": 45_000_000, "opened": ON}]
    return run(holdings, loans, names=instruments({"ticker": SAMSUNG, "price": 71_000}), **options)


def test_ratio_and_fall_to_a_call_are_those_of_the_account_view(alone):
    pool, row = alone["pools"][0], account(of_one(), "one")
    assert int(pool["ratio_pct"] * 100) / 100 == row["ratio_pct"]
    # The account view names the price of the last tick that is safe; the level is the exact share of tonight's prices.
    assert pytest.approx(pool["fall_to_call_pct"], abs=0.15) == row["trigger_fall_pct"]


def test_the_same_close_sells_the_same_shares_on_the_same_morning(alone):
    result = of_one(shock="005930 -15.78% over 1d", feedback=False)
    days = result.tables["days"].filter(result.tables["days"]["run"] == "scenario")
    sold = days.filter(days["sold_lots"] > 0)
    assert [("2025-11-05", 282)] == [
        (str(day), lots) for day, lots in zip(sold["date"], sold["sold_lots"], strict=True)
    ]
    assert "282 of 1,000" in " ".join(alone["sentences"])


def test_the_map_of_calls_is_the_one_that_the_country_draws(monkeypatch):
    kept = {}
    original = standing_of

    def keep(stage: Stage, evening):
        reached = np.zeros((tallying.FALL_STEPS + 1, tallying.MAP_KINDS), np.int64)
        groups, law = evening.population.borrowing, evening.law.table
        stage.workers.each(tallying.map_calls, groups, evening.now, law, out=[reached])
        kept["country"] = np.cumsum(reached.sum(axis=1))[: tallying.FALL_STEPS].tolist()
        kept["book"] = [row["reached_won"] for row in call_map_rows(stage, evening, original(stage, evening))]
        return original(stage, evening)

    import sys

    monkeypatch.setattr(sys.modules["gaemi.book.standing"], "standing_of", keep)
    assert Request is not None
    run_mixed()
    assert kept["country"] == kept["book"]
    assert kept["book"][0] > 0 and kept["book"][-1] > kept["book"][0]
