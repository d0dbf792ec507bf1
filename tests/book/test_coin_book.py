"""The book of an exchange: what it reads, which loans a move closes, what accounts lose, and what is refused."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from answers.samples import unknown
from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi.book.coin_accounts import coin_book
from gaemi.book.coin_distance import loan_frame
from gaemi.book.coin_names import coin_prices
from gaemi.book.coin_runs import CoinStage
from gaemi.book.coins import CoinBookResult, coin_book_answer
from gaemi.book.request import Request
from gaemi.book.view import book
from gaemi.errors import Refused
from gaemi.law.lawbook import load
from gaemi.rules.coins import coin_unit, coin_won
from gaemi.sources.coin_tables import read_coin_tables
from gaemi.workers import LocalWorkers

ON = date(2025, 10, 31)
BOOKS = Path(__file__).resolve().parents[2] / "examples" / "books"
EXAMPLE = BOOKS / "exchange"
LAW = load()
WORKERS = LocalWorkers(1, plain=True)
BTC = 100_000_000
HOLDING = ("account", "coin", "quantity", "price")
LOAN = ("account", "held", "held_quantity", "owed", "owed_quantity", "amount", "cash_won", "lender", "opened")
ON_BTC = ("A", "BTC", "1", None, None, "80000000", None, "eighty_ltv", None)
OF_BTC = ("B", None, None, "BTC", "1", None, "125000000", "eighty_ltv", None)


def frames(holdings: list[tuple[Any, ...]], loans: list[tuple[Any, ...]] | None = None) -> dict[str, Any]:
    found = {"coin_holdings": pl.DataFrame(holdings, schema=dict.fromkeys(HOLDING, pl.String), orient="row")}
    if loans is not None:
        found["coin_loans"] = pl.DataFrame(loans, schema=dict.fromkeys(LOAN, pl.String), orient="row")
    return found


def asked(source: Any, **told: Any) -> CoinBookResult:
    result = book(Request(source=source, on=told.pop("on", ON), threads=1, **told))
    assert isinstance(result, CoinBookResult)
    return result


def loans_only(*loans: tuple[Any, ...]) -> dict[str, Any]:
    return frames([("Z", "BTC", "0.1", str(BTC))], list(loans))


def at_once(source: Any, shock: str) -> dict[str, Any]:
    row: dict[str, Any] = asked(source, shock=shock).document["scenario"]["rows"][0]
    return row


def staged(source: Any) -> CoinStage:
    """A book ready to run, without an answer."""
    read = read_coin_tables(source, LAW.keys("coin_lender"))
    made = coin_book(read, coin_prices(read, LAW, ON, None), LAW, ON)
    return CoinStage(made, LAW, ON, WORKERS, seed=0)


@pytest.fixture(scope="module")
def example() -> CoinBookResult:
    return asked(EXAMPLE, shock="BTC -30%, premium +5%", break_share="5%")


def test_a_folder_of_coins_is_the_book_of_an_exchange(example: CoinBookResult) -> None:
    assert "gaemi.coin-book/1" == example.document["schema"]
    assert json.dumps(example.document)
    assert [("coin_holdings", 266, 5), ("coin_loans", 35, 3)] == [
        (row["table"], row["read"], row["rejected"]) for row in example.document["rows"]
    ]
    assert all(row["read"] == row["accepted"] + row["rejected"] for row in example.document["rows"])
    assert example.document["sentences"] and example.chart().startswith("<svg")


def test_every_table_is_made_of_its_columns(example: CoinBookResult) -> None:
    for table in example.document["tables"]:
        assert all([column[0] for column in table["columns"]] == list(row) for row in table["rows"])


def test_what_accounts_lose_is_the_sum_over_bands_coins_and_accounts(example: CoinBookResult) -> None:
    scenario, lost = example.document["scenario"], int(example.frame["lost_won"].sum())
    assert lost == scenario["lost_won"]
    assert (
        lost == sum(row["lost_won"] for row in scenario["bands"]) == sum(row["lost_won"] for row in scenario["coins"])
    )
    assert example.document["totals"]["held_won"] == scenario["held_before_won"]


def test_the_share_of_the_break_is_reached_there_and_not_before(example: CoinBookResult) -> None:
    fall, rise = (example.document["breaks"][0][name] for name in ("fall_pct", "rise_pct"))
    for reached, before in ((fall, fall + 0.1), (rise, rise - 0.1)):
        shares = [at_once(EXAMPLE, f"ALL {pct:+.1f}%")["share_pct"] for pct in (reached, before)]
        assert shares[1] < 5 <= shares[0]


def test_a_loan_in_won_is_closed_when_its_coin_falls_to_the_ratio() -> None:
    # 80 m owed on 100 m is 90 % of what is held at 88.88 m won: the level is rounded down to a basis point.
    row = asked(loans_only(ON_BTC)).document["nearest"][0]
    assert ("BTC", 88_880_000.0, -11.12) == (row["coin"], row["closing_price_won"], round(row["move_pct"], 2))
    assert [0, 1] == [at_once(loans_only(ON_BTC), f"BTC {move}%")["closed"] for move in (-11.11, -11.12)]


def test_a_loan_of_a_coin_is_closed_when_it_rises() -> None:
    row = asked(loans_only(OF_BTC)).document["nearest"][0]
    assert ("BTC", 112_500_000.0, 12.5) == (row["coin"], row["closing_price_won"], row["move_pct"])
    assert [0, 1] == [at_once(loans_only(OF_BTC), f"BTC {move}%")["closed"] for move in ("+12.49", "+12.5")]


def test_a_loan_of_a_dollar_coin_depends_on_what_is_held() -> None:
    loan = ("A", "BTC", "1", "USDT", "50000", None, None, "eighty_ltv", None)
    source = frames([("Z", "BTC", "1", str(BTC)), ("Z", "USDT", "1", "1400")], [loan])
    row = asked(source).document["nearest"][0]
    assert ("BTC", 77_770_000.0) == (row["coin"], row["closing_price_won"])
    assert 1 == at_once(source, "USDT +30%")["closed"]


def test_what_the_collateral_does_not_pay_is_residual_debt() -> None:
    row = at_once(loans_only(ON_BTC), "BTC -30%")
    # Sold for 70 m, less the exchange's fee of 0.17 % and one day's fee of the loan, on a debt of 80 m.
    fee = 70_000_000 * 17 // 10_000
    assert (70_000_000, 80_000_000) == (row["sold_won"], row["closed_won"])
    assert 10_000_000 + fee < row["residual_won"] < 10_000_000 + fee + 80_000_000 * 2_000 // 10_000 // 365 + 1


def test_a_loan_at_its_ratio_already_is_told_and_closed_at_the_next_price() -> None:
    over = (*ON_BTC[:5], "90000000", *ON_BTC[6:])
    result = asked(loans_only(over), shock="BTC -1%")
    assert (1, 90_000_000) == (result.document["totals"]["under"], result.document["totals"]["under_won"])
    assert [True] == result.tables["loans"]["closed"].to_list()


def test_coins_that_a_shock_does_not_name_follow_bitcoin_and_dollar_coins_do_not() -> None:
    source = frames([("A", "BTC", "1", "1e8"), ("A", "XYZ", "100", "50"), ("A", "USDC", "1000", "1400")])
    coins = {row["coin"]: row for row in asked(source, shock="BTC -30%", feedback=False).document["scenario"]["coins"]}
    assert (70_000_000, 35, 1_400) == tuple(round(coins[f"KRW-{coin}"]["price_won"]) for coin in ("BTC", "XYZ", "USDC"))


def test_the_books_own_forced_sales_move_prices_unless_that_is_switched_off() -> None:
    loan = (*ON_BTC[:2], "100", None, None, "8000000000", *ON_BTC[6:])
    moved, still = (
        asked(loans_only(loan), shock="BTC -15%", feedback=on).document["scenario"]["coins"] for on in (None, False)
    )
    assert moved[0]["extra_move_pct"] < 0 == still[0]["extra_move_pct"]


def test_the_order_of_rows_changes_nothing() -> None:
    tables = {
        name: pl.read_csv(EXAMPLE / f"{name}.csv", infer_schema=False) for name in ("coin_holdings", "coin_loans")
    }
    good = {"coin_holdings": tables["coin_holdings"].unique(["account", "coin"], keep="none", maintain_order=True)}
    good["coin_loans"] = tables["coin_loans"]
    one, two = (
        asked({name: rows.reverse() if back else rows for name, rows in good.items()}, shock="BTC -25%").document
        for back in (False, True)
    )
    for name in ("totals", "by_coin", "nearest", "map", "scenario"):
        assert one[name] == two[name]


def test_a_book_of_many_and_of_few_slots_is_valued_the_same() -> None:
    many = [("A", f"C{k}", "10", str(100 + k)) for k in range(20)]
    few = [(f"A{k}", f"C{k}", "10", str(100 + k)) for k in range(20)]
    one, two = (asked(frames(rows), shock="-10%").document["scenario"] for rows in (many, few))
    assert (one["held_before_won"], one["held_won"]) == (two["held_before_won"], two["held_won"])
    assert 10 * sum(100 + k for k in range(20)) == one["held_before_won"]


@given(
    quantity=st.integers(1, 15_000_000), ratio=st.integers(4_000, 8_900), sell=st.booleans(), digits=st.integers(3, 8)
)
@settings(max_examples=12, deadline=None)
def test_the_closing_price_is_where_the_engine_closes(quantity: int, ratio: int, sell: bool, digits: int) -> None:
    price = 10**digits
    coins = min(10_000_000, max(1, quantity * 10 ** (8 - digits) // 10**4))  # no more than half of what was issued
    won = max(1_000_000_000 // price, coins) * price
    loan: tuple[Any, ...]
    if sell:
        loan = ("A", None, None, "BTC", str(won // price), None, str(won * 10_000 // ratio), "four_times", None)
    else:
        loan = ("A", "BTC", str(won // price), None, None, str(won * ratio // 10_000), None, "four_times", None)
    stage = staged(frames([("Z", "BTC", "1", str(price))], [loan]))
    row = loan_frame(stage.made, stage.terms()).to_dicts()[0]
    level, away = round(10_000 * row["closing_price_won"] / price), 1 if sell else -1
    # The level is told in whole basis points on the side of the loan: it closes there, two before it does not.
    found = [stage.at_once(np.array([(level + step) / 10_000]))["closed"] for step in (away, -2 * away)]
    assert [1, 0] == found


def test_a_replay_lays_the_recorded_days_from_the_day_of_the_book() -> None:
    loan = (*ON_BTC[:5], "88000000", *ON_BTC[6:])
    document = asked(loans_only(loan), replay="oct-2025").document
    days = document["scenario"]["days"]
    assert ("2025-11-01", "2025-11-06") == (days[0]["date"], days[-1]["date"])
    assert 1 == document["scenario"]["rows"][0]["closed"]
    assert any("daily bars" in note for note in document["notes"])


def test_luna_goes_to_nothing_and_its_loan_is_closed_on_the_way() -> None:
    loan = ("A", "LUNA", "1000", None, None, "30000000", None, "eighty_ltv", None)
    source = frames([("B", "LUNA", "100", "100000"), ("B", "BTC", "0.01", str(BTC))], [loan])
    scenario = asked(source, replay="terra-2022").document["scenario"]
    luna = next(row for row in scenario["coins"] if row["coin"] == "KRW-LUNA")
    assert luna["held_won"] < luna["held_before_won"] // 1_000
    assert 1 == scenario["rows"][0]["closed"]


def test_recorded_bars_price_the_coins_that_the_table_does_not(tmp_path: Path) -> None:
    bars = "date,open,high,low,close,volume\n" + "".join(
        f"2025-10-{day:02d},{p},{p},{p},{p},1\n" for day, p in ((28, 150e6), (29, 151e6), (30, 152e6))
    )
    (tmp_path / "KRW-BTC.csv").write_text(bars)
    result = coin_book_answer(Request(source=frames([("A", "BTC", "2", None)]), prices=tmp_path, threads=1))
    worth = coin_won(2 * 10**7, coin_unit(152e6, 7))
    assert ("2025-10-30", worth) == (result.document["on"], result.document["totals"]["held_won"])


def test_loans_alone_are_a_book() -> None:
    result = asked(EXAMPLE / "coin_loans.csv", shock="BTC +20%", break_share="10%")
    assert (32, 0, 0) == tuple(result.document["totals"][name] for name in ("loans", "held_won", "cash_won"))
    assert result.summary[0].startswith("32 loans of ")


def test_an_account_of_which_no_row_is_left_is_not_counted() -> None:
    result = asked(frames([("A", "BTC", "1", str(BTC)), ("B", "NOCOIN", "1", None)]))
    assert (1, 1) == (result.document["totals"]["accounts"], result.document["rejects_total"])


def test_prices_of_the_survey_are_told() -> None:
    document = asked(frames([("A", "XRP", "2", None)])).document
    assert any("law's survey" in note for note in document["notes"])
    assert 2 * 3_041 == document["totals"]["held_won"]


@pytest.mark.parametrize(
    ("holding", "allowed"),
    [
        (("A", "BTC", "100000000", "1"), "were issued"),
        (("A", "PEPE", "1", "0.0000000001"), "large enough to count"),
    ],
)
def test_what_no_exchange_holds_is_refused(holding: tuple[Any, ...], allowed: str) -> None:
    with pytest.raises(Refused, match=allowed):
        asked(frames([holding]))


@pytest.mark.parametrize(
    ("told", "allowed"),
    [
        ({"shock": "KOSPI -20%"}, "moves no coin"),
        ({"shock": "FOO -20%"}, "FOO"),
        ({"shock": "BTC -20% locked"}, "no price limit"),
        ({"shock": "BTC +100% x9"}, "no row may be worth"),
        ({"replay": "june-2022"}, "terra-2022, oct-2025"),
        ({"paths": 1000}, "does not go with a book of coins"),
        ({"shock": "BTC -1%", "replay": "oct-2025"}, "cannot stand beside"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(told: dict[str, Any], allowed: str) -> None:
    with pytest.raises(Refused, match=allowed):
        asked(frames([("A", "BTC", "5000", str(BTC))], [ON_BTC]), **told)


def test_a_validation_runs_nothing_and_writes_its_rejects(tmp_path: Path) -> None:
    result = asked(EXAMPLE, validate=True, rejects=tmp_path / "bad.csv")
    assert not result.document["passed"]
    assert 8 == pl.read_csv(tmp_path / "bad.csv").height == result.frame.height


def test_the_run_folder_holds_the_document_the_page_and_the_tables(example: CoinBookResult, tmp_path: Path) -> None:
    folder = example.save(tmp_path / "run")
    names = {file.name for file in folder.iterdir()}
    assert {"result.json", "report.html", "accounts.parquet", "loans.parquet", "rejects.parquet"} <= names
    page = (folder / "report.html").read_text()
    assert "Loans nearest to being closed" in page and "gaemi book" in page
    assert [] == unknown(example.document)


def test_the_terminal_prints_rows_rejects_and_tables(example: CoinBookResult) -> None:
    from rich.console import Console

    from gaemi.answers.tables import print_book

    console = Console(width=100, record=True, no_color=True, force_terminal=False)
    with console.capture() as told:
        print_book(example.document, console)
    text = told.get()
    assert "Rows read = accepted + rejected: coin_holdings 266 = 261 + 5" in text
    assert "Smallest move of all coins at once" in text


def test_positions_and_coins_in_one_folder_give_both_parts(tmp_path: Path) -> None:
    for part in ("venue", "exchange"):
        for file in (BOOKS / part).glob("*.csv"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    result = book(Request(source=tmp_path, on=ON, shock="BTC -20%, premium +3%", rejects=tmp_path / "r.csv", threads=1))
    document = result.document
    assert ["positions", "wallets", "coin_holdings", "coin_loans"] == [row["table"] for row in document["rows"]]
    names = [table["name"] for table in document["tables"]]
    assert names.index("nearest") < names.index("coin_nearest")
    assert 13 == document["rejects_total"] == pl.read_csv(tmp_path / "r.csv").height
    assert any("premium +3%" in note for note in document["notes"])
    assert {"positions", "coin_accounts", "coin_loans", "rejects"} == set(result.tables)
    assert np.isfinite(document["coin_book"]["scenario"]["lost_won"])
