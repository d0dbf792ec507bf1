"""Shocks of single names, calls that ran before tonight, substitute rates, halts: small books with known answers."""

import polars as pl
import pytest
from book.small import HALTED, ON, SAMSUNG, account, frame, instruments, run

import gaemi
from gaemi.errors import Refused

OWES = {"account": "a", "ticker": SAMSUNG, "principal": 50_000_000, "opened": ON}


def days_of(result, name="scenario"):
    return result.tables["days"].filter(pl.col("run") == name)


def one(price=100_000, quantity=1000, principal=50_000_000, **options):
    holdings = [{"account": "a", "ticker": SAMSUNG, "quantity": quantity}]
    return run(
        holdings, [OWES | {"principal": principal}], names=instruments({"ticker": SAMSUNG, "price": price}), **options
    )


def test_a_locked_name_sells_its_fill_each_morning_and_the_rest_waits():
    # 100 m of shares on 65 m: the first close at the limit, 70,000, is 107.7 %; one session later the sale is due.
    result = one(principal=65_000_000, shock="005930 -30% x4 locked fill 2%", days=4, feedback=False)
    days = days_of(result).filter(pl.col("ordered_lots") > 0)
    first = days.row(0, named=True)
    assert first["sold_lots"] == first["ordered_lots"] * 200 // 10_000 > 0
    scenario = result.document["scenario"]
    assert scenario["names"][0]["waiting_lots"] == days["ordered_lots"][-1] - days["sold_lots"][-1] > 0
    assert 0 == scenario["residual_won"], "nothing is written off while shares wait for a buyer"


def test_a_halted_name_is_not_sold_and_its_collateral_counts_for_nothing():
    held = one(principal=65_000_000, shock="005930 halt 3d", days=6, feedback=False)
    days = held.document["scenario"]["days"]
    assert [0, 0, 0] == [day["sold_won"] for day in days[1:4]]
    assert 65_000_000 == days[1]["called_won"], "a halted name secures nothing, so the account is called"
    assert 0 == days[1]["locked_down"], "a halted name is not counted as locked"


@pytest.mark.parametrize(("closes", "price"), [(1, 70_000), (2, 49_000), (3, 34_300), (4, 24_050)])
def test_unpaid_after_locked_closes_is_what_loans_exceed_the_shares_at_the_limit(closes, price):
    (name,) = one(principal=65_000_000).document["names"]
    assert max(0, 65_000_000 - 1000 * price) == name["unpaid_locked_won"][closes - 1]


def test_days_to_sell_and_share_of_float():
    names = instruments({"ticker": SAMSUNG, "price": 100_000, "volume": 500, "issued": 200_000})
    holdings = [{"account": "a", "ticker": SAMSUNG, "quantity": 1000}]
    (name,) = run(holdings, [OWES], names=names).document["names"]
    assert (10.0, 0.5) == (name["days_to_sell"], name["float_pct"])


def test_a_call_of_two_sessions_ago_is_due_tomorrow():
    holdings = [{"account": "a", "ticker": SAMSUNG, "quantity": 1000}]
    names = instruments({"ticker": SAMSUNG, "price": 65_000})
    told = [{"account": "a", "cash": 0, "called": "2025-10-30"}]
    tonight, before = run(holdings, [OWES], names=names), run(holdings, [OWES], told, names)
    assert ["2025-11-04", "2025-11-03"] == [str(account(each, "a")["due"]) for each in (tonight, before)]
    assert ["2025-10-31", "2025-10-30"] == [str(account(each, "a")["called"]) for each in (tonight, before)]
    assert 0 == tonight.document["totals"]["morning_won"] < before.document["totals"]["morning_won"]


def test_a_sale_in_the_firms_calendar_is_kept():
    holdings = [{"account": "a", "ticker": SAMSUNG, "quantity": 1000}]
    names = instruments({"ticker": SAMSUNG, "price": 65_000})
    told = [{"account": "a", "called": "2025-10-31", "sale": "2025-11-03"}]
    assert "2025-11-03" == str(account(run(holdings, [OWES], told, names), "a")["due"])


def test_a_call_is_over_when_the_ratio_is_back():
    holdings = [{"account": "a", "ticker": SAMSUNG, "quantity": 1000}]
    told = [{"account": "a", "called": "2025-10-30", "sale": "2025-11-03"}]
    result = run(holdings, [OWES], told, instruments({"ticker": SAMSUNG, "price": 90_000}))
    assert account(result, "a")["due"] is None and 0 == result.document["totals"]["morning_won"]


@pytest.mark.parametrize(("rate", "collateral"), [(None, 70_000_000), (50, 50_000_000), (0, 0), (80.5, 80_500_000)])
def test_other_shares_count_at_the_rate_of_their_name(rate, collateral):
    names = instruments({"ticker": SAMSUNG, "price": 100_000}, {"ticker": "A", "price": 100_000, "substitute": rate})
    holdings = [
        {"account": "a", "ticker": SAMSUNG, "quantity": 1000},
        {"account": "a", "ticker": "A", "quantity": 1000},
    ]
    assert 100_000_000 + collateral == account(run(holdings, [OWES], names=names), "a")["collateral_won"]


def test_a_halted_name_of_the_table_secures_nothing():
    names = instruments({"ticker": SAMSUNG, "price": 100_000}, {"ticker": HALTED, "price": 100_000, "halted": 1})
    holdings = [{"account": "a", "ticker": t, "quantity": 1000} for t in (SAMSUNG, HALTED)]
    assert 100_000_000 == account(run(holdings, [OWES], names=names), "a")["collateral_won"]


def test_more_than_sixty_three_holdings_are_sold_in_order():
    tickers = [f"T{i:03d}" for i in range(100)]
    names = instruments(*({"ticker": t, "price": 10_000 + 100 * i} for i, t in enumerate(tickers)))
    holdings = [{"account": "a", "ticker": t, "quantity": 10, "standing": "pledged"} for t in tickers]
    worth = sum(10 * (10_000 + 100 * i) for i in range(100))
    loans = [{"account": "a", "kind": "pledged", "principal": worth * 100 // 120, "opened": ON, "ticker": "T000"}]
    result = run(holdings, loans, names=names, shock="KOSPI -1% over 1d", feedback=False)
    sold = days_of(result).filter(pl.col("sold_lots") > 0)["ticker"].to_list()
    assert sold[0] != "T000" and "T099" in sold, "the largest holding is sold first"


def test_shares_of_no_borrower_are_counted_and_left_alone():
    holdings = [
        {"account": "a", "ticker": SAMSUNG, "quantity": 1000},
        {"account": "b", "ticker": SAMSUNG, "quantity": 7},
    ]
    result = run(holdings, [OWES | {"principal": 75_000_000}], names=instruments({"ticker": SAMSUNG, "price": 100_000}))
    row = account(result, "b")
    assert (700_000, None, None) == (row["holdings_won"], row["loans_won"], row["rank"])
    assert 2 == result.document["totals"]["accounts"]


def test_the_firms_capital_limits_its_loans():
    (limit,) = [
        row for row in one(capital="100m").document["limits"] if row["limit"] == "margin and pledged loans of the firm"
    ]
    assert (100_000_000, 50.0) == (limit["limit_won"], limit["used_pct"])


def test_names_may_be_spread_around_their_index():
    holdings = [{"account": "a", "ticker": t, "quantity": 1000} for t in (SAMSUNG, "B", "C")]
    names = instruments(*({"ticker": t, "price": 100_000, "issued": 10**6} for t in (SAMSUNG, "B", "C")))
    loans = [OWES | {"principal": 190_000_000, "kind": "pledged", "ticker": None}]
    moves = {}
    for spread in ("0%", "60%"):
        result = run(holdings, loans, names=names, shock="-20%", dispersion=spread, feedback=False)
        days = result.document["scenario"]["days"]
        moves[spread] = (
            round(days[-1]["kospi_pct"]),
            {row["change_pct"] for row in result.document["scenario"]["names"]},
        )
    assert (-20, -20) == (moves["0%"][0], moves["60%"][0])
    assert 1 == len(moves["0%"][1]) < len(moves["60%"][1])


def test_a_replay_takes_each_names_own_closes_and_the_boards_for_the_others(tmp_path):
    days = ("2025-10-31", "2025-11-03", "2025-11-04", "2025-11-05", "2025-11-06")
    closes = {SAMSUNG: (100_000, 80_000, 70_000, 70_000, 70_000), "KOSPI": (4_000, 3_900, 3_800, 3_800, 3_800)}
    rows = [{"date": d, "ticker": t, "close": c} for t, row in closes.items() for d, c in zip(days, row, strict=True)]
    frame(rows).write_csv(tmp_path / "prices.csv")
    holdings = [{"account": "a", "ticker": t, "quantity": 1000} for t in (SAMSUNG, "B")]
    names = instruments(*({"ticker": t, "price": 100_000} for t in (SAMSUNG, "B")))
    loans = [OWES | {"principal": 120_000_000, "kind": "pledged", "ticker": None}]
    source = {"holdings": frame(holdings), "loans": frame(loans), "instruments": names}
    result = gaemi.book(source, on=ON, firm="standard", replay=str(tmp_path / "prices.csv"))
    change = {row["ticker"]: round(row["change_pct"], 1) for row in result.document["scenario"]["names"]}
    # 200 m on 120 m: 80,000 and 97,500 are 147.9 %, 70,000 and 95,000 are 137.5 %, sold two sessions later.
    assert {SAMSUNG: -30.0} == {t: pct for t, pct in change.items() if t == SAMSUNG}
    assert "2025-11-04" == result.document["scenario"]["days"][2]["date"]
    assert 120_000_000 == result.document["scenario"]["days"][2]["called_won"]
    assert result.document["scenario"]["days"][4]["sold_won"] > 0
    with pytest.raises(Refused, match="--replay"):
        gaemi.book(source, on=ON, replay="nowhere")


def test_a_shock_of_a_name_that_the_book_does_not_hold_is_refused():
    with pytest.raises(Refused, match="ticker of an instrument of this run"):
        one(shock="999999 -30%")


def test_a_book_without_loans_says_so():
    holdings = [{"account": "a", "ticker": SAMSUNG, "quantity": 1000}]
    result = gaemi.book(frame(holdings), shock="-20%")
    assert ["No account of this book borrows: nothing can be called, sold or left unpaid."] == result.summary
