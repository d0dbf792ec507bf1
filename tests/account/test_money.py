"""Money of the odds: savings add up, fees and taxes come off before anything is compared, to the won."""

from datetime import date

import pytest
from account.conftest import ON, document, law, mapping, standing, walk

from gaemi.account.standing import holding_rows, totals
from gaemi.kernels.journey import NOT_YET
from gaemi.rules.market import fee_won, transaction_tax_won

SPY = {"ticker": "SPY", "quantity": 100, "price": 700.0}
LEVERAGE_FUND = {"ticker": "122630", "quantity": 1000, "price": 44_535}


def start(*holdings: dict, **others: object) -> int:
    told: int = document(file=mapping(*holdings, **others), paths=100)["totals"]["after_costs_won"]
    return told


def worth_and_fee(*holdings: dict) -> tuple[int, int]:
    """Net worth, and the fees and transaction taxes of selling everything."""
    at = standing(file=mapping(*holdings))
    costs = 0
    for row in holding_rows(at, {}, 0.0):
        abroad = row["currency"] == "dollar"
        costs += fee_won(row["value_won"], law().value("market.overseas_fee" if abroad else "market.broker_fee", ON))
        board = "US" if abroad else "ETF" if row["ticker"] in ("122630", "069500") else "KOSPI"
        costs += transaction_tax_won(row["value_won"], law().value("market.transaction_tax", ON, board))
    return totals(at)["net_worth_won"], costs


def test_an_overseas_gain_beyond_the_free_amount_is_taxed_at_22_percent() -> None:
    holding = SPY | {"cost": 500}
    worth, costs = worth_and_fee(holding)
    rate = law().value("people.won_per_dollar", ON)
    gain = worth - round(100 * 500 * rate)
    assert 28_464_000 == gain
    assert worth - costs - (gain - 2_500_000) * 22 // 100 == start(holding)


@pytest.mark.parametrize("cost", [690, 700, 900])
def test_an_overseas_gain_within_the_free_amount_and_a_loss_bear_no_tax(cost: int) -> None:
    worth, costs = worth_and_fee(SPY | {"cost": cost})
    assert worth - costs == start(SPY | {"cost": cost})


def test_losses_abroad_are_set_off_against_gains_abroad() -> None:
    loser = {"ticker": "TSLL", "quantity": 1000, "price": 20.0, "cost": 40.0}
    worth, costs = worth_and_fee(SPY | {"cost": 500}, loser)
    rate = law().value("people.won_per_dollar", ON)
    gain = worth - round(100 * 500 * rate) - round(1000 * 40.0 * rate)
    assert gain < 2_500_000
    assert worth - costs == start(SPY | {"cost": 500}, loser)


def test_the_gain_of_a_domestic_leveraged_fund_is_taxed_at_15_4_percent() -> None:
    holding = LEVERAGE_FUND | {"cost": 30_000}
    worth, costs = worth_and_fee(holding)
    gain = 1000 * (44_535 - 30_000)
    assert worth - costs - gain * 1_540 // 10_000 == start(holding)


@pytest.mark.parametrize("holding", [
    LEVERAGE_FUND | {"cost": 60_000},
    {"ticker": "069500", "quantity": 100, "price": 57_710, "cost": 30_000},
    {"ticker": "005930", "quantity": 100, "price": 107_500, "cost": 30_000},
], ids=["a fund's loss", "a fund of shares", "a share"])  # fmt: skip
def test_what_bears_no_tax_on_gains(holding: dict) -> None:
    worth, costs = worth_and_fee(holding)
    assert worth - costs == start(holding)


def test_cash_costs_nothing_to_sell() -> None:
    assert 5_000_000 == start(cash=5_000_000)


def test_the_cost_of_a_loan_is_off_before_the_odds_begin() -> None:
    told = document("borrowed")
    whole = told["totals"]
    value = whole["assets_won"]
    costs = fee_won(value, law().value("market.broker_fee", ON))
    costs += transaction_tax_won(value, law().value("market.transaction_tax", ON, "KOSPI"))
    assert value - whole["loans_won"] - whole["accrued_won"] == whole["net_worth_won"]
    assert whole["net_worth_won"] - costs == whole["after_costs_won"]
    assert {whole["after_costs_won"]} == {each["start_won"] for each in told["odds"]}


def months(dates: tuple[date, ...], last: int) -> int:
    """Months that begin on sessions 1 to ``last``."""
    return sum(dates[t].month != dates[t - 1].month for t in range(1, last + 1))


def test_savings_add_up_to_the_session_on_which_a_path_ends() -> None:
    walked = walk("mixed")
    paths = walked.walked
    for v in range(3):
        last = walked.trip.variants[v].last
        for p in range(paths.ever.shape[0]):
            done = int(paths.graduated[p, v])
            end = last if done == NOT_YET else done
            assert 500_000 * months(walked.trip.dates, end) == paths.put_in_won[p, v]


def test_savings_into_a_share_buy_whole_shares_and_lose_nothing_but_the_fee() -> None:
    """A share that hardly moves and is taxed when sold: what was put in is there, less the cost of selling it."""
    still = {"ticker": "005930", "quantity": 1, "price": 100_000, "volatility": "0.01%"}
    told = mapping(still, saving="1,000,000", saving_into="005930", by="2026-02-27")
    each = document(file=told)["odds"][0]
    costs_bps = law().value("market.broker_fee", ON) + law().value("market.transaction_tax", ON, "KOSPI")
    costs_bps += law().value("market.broker_fee", ON)
    put_in = 100_000 + 4 * 1_000_000
    assert put_in * (1 - costs_bps / 10_000) - 100_000 < each["end"]["p5"] <= each["end"]["p95"] < 1.01 * put_in


def test_with_savings_below_the_start_means_below_what_was_put_in() -> None:
    """Cash alone cannot fall: with money put in each month every path ends at what was put in, none below it."""
    told = document(file=mapping(cash=5_000_000, saving="1m"), paths=100)
    rows = {row["outcome"]: row["ever_count"] for row in told["odds"][0]["rows"]}
    assert 0 == rows["ended below the start"]
    assert told["odds"][0]["end"]["p5"] >= 5_000_000 + 12 * 1_000_000


def test_a_loan_that_does_not_roll_is_repaid_at_its_term_and_that_is_no_forced_sale() -> None:
    share = {"ticker": "005930", "quantity": 100, "price": 100_000, "volatility": "0.01%"}
    loan = {"kind": "margin", "amount": 3_000_000, "on": "005930", "opened": "2025-10-01", "due": "2025-11-14"}
    ends, rows = [], []
    for rolls in (True, False):
        told = document(file=mapping(share, loans=(loan | {"rolls": rolls},), by="2026-10-30"), paths=100)
        ends.append(told["odds"][0]["end"]["p50"])
        rows.append({row["outcome"]: row["ever_count"] for row in told["odds"][0]["rows"]})
    assert [0, 0] == [row["force-sold"] for row in rows]
    # A year of interest at some 9 % is saved by the repayment, and the share would have brought some 2.5 %.
    assert 3_000_000 * 4 // 100 < ends[1] - ends[0] < 3_000_000 * 9 // 100
