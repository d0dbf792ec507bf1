"""The book of a coin venue: what it reads, what a move closes, who pays, and that no won is made."""

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

from gaemi.book.request import Request
from gaemi.book.venue import VenueBookResult, venue_answer
from gaemi.book.venue_shock import parse_coin_shock
from gaemi.book.view import book
from gaemi.errors import Refused

ON = date(2025, 10, 7)
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "books" / "venue"
COLUMNS = ("account", "symbol", "side", "size", "entry", "mode", "margin", "mark")
LONG = ("A", "BTCUSDT", "long", 1.0, 100_000.0, "isolated", 10_000.0, 100_000.0)
SHORT = ("B", "BTCUSDT", "short", 1.0, 100_000.0, "isolated", 50_000.0, 100_000.0)


def frames(*rows: tuple[Any, ...], wallets: dict[str, float] | None = None, fund: float = 0.0) -> dict[str, Any]:
    balances = {**(wallets or {}), "insurance_fund": fund}
    return {
        "positions": pl.DataFrame(list(rows), schema=COLUMNS, orient="row"),
        "wallets": pl.DataFrame(
            {"account": list(balances), "balance": [float(amount) for amount in balances.values()]}
        ),
    }


def asked(source: Any, **told: Any) -> VenueBookResult:
    return venue_answer(Request(source=source, on=ON, threads=1, **told))


def at_once(source: Any, shock: str) -> dict[str, Any]:
    row: dict[str, Any] = asked(source, shock=shock).document["scenario"]["rows"][0]
    return row


@pytest.fixture(scope="module")
def example() -> VenueBookResult:
    result = book(Request(source=EXAMPLE, on=ON, shock="BTC -20%", break_share="5%", threads=1))
    assert isinstance(result, VenueBookResult)
    return result


def test_a_folder_of_positions_goes_to_the_venue(example: VenueBookResult) -> None:
    assert "gaemi.venue/1" == example.document["schema"]
    assert json.dumps(example.document)
    assert {"positions", "wallets"} == {row["table"] for row in example.document["rows"]}
    assert all(row["read"] == row["accepted"] + row["rejected"] for row in example.document["rows"])
    assert 5 == example.document["rejects_total"]


def test_the_example_says_who_breaks_and_who_pays(example: VenueBookResult) -> None:
    once, slowly = example.document["scenario"]["rows"]
    assert 0 < slowly["liquidated_long"] and once["long_share_pct"] > 90
    assert once["paid_by_fund"] > slowly["paid_by_fund"]
    assert -20 < example.document["breaks"][0]["fall_pct"] < 0 < example.document["breaks"][0]["rise_pct"]


def test_the_share_of_the_break_is_reached_there_and_not_before(example: VenueBookResult) -> None:
    fall = example.document["breaks"][0]["fall_pct"]
    reached, before = (at_once(EXAMPLE, f"ALL {pct:.1f}%")["share_pct"] for pct in (fall, fall + 0.1))
    assert before < 5 <= reached


def test_isolated_margin_is_lost_at_the_price_of_liquidation() -> None:
    row = asked(frames(LONG)).frame.to_dicts()[0]
    # 100,000 at 0.5 %, less the amount of 50 of the second tier: (100,000 - 10,000 - 50) / (1 - 0.005).
    assert (90_402.01, 90_000.0, -9.6) == (
        round(row["liquidation"], 2),
        round(row["bankruptcy"], 2),
        round(row["distance_pct"], 1),
    )
    assert [0, 1] == [at_once(frames(LONG), f"BTC {move}%")["accounts"] for move in (-9.5, -9.7)]


def test_shared_margin_counts_what_the_other_position_makes() -> None:
    alone = ("A", "BTCUSDT", "long", 1.0, 100_000.0, "cross", None, 100_000.0)
    hedge = ("A", "ETHUSDT", "short", 20.0, 4_000.0, "cross", None, 4_000.0)
    assert 1 == at_once(frames(alone, wallets={"A": 10_000}), "BTC -15%")["accounts"]
    assert 0 == at_once(frames(alone, hedge, wallets={"A": 10_000}), "BTC -15%")["accounts"]
    assert (
        1 == at_once(frames(alone, hedge, wallets={"A": 10_000}), "BTC -15%, ETH 0%".replace("0%", "+0%"))["accounts"]
    )


def test_the_fund_pays_what_a_jump_leaves() -> None:
    row = at_once(frames(LONG, SHORT, fund=20_000), "BTC -20%")
    # Margin of 10,000 less a loss of 20,000 and the taker's fee of 0.05 % on 80,000.
    assert (10_040.0, 9_960.0, 0.0, 0.0) == (
        row["paid_by_fund"],
        row["fund_after"],
        row["deleveraged"],
        row["residual"],
    )


def test_without_a_fund_the_winner_is_deleveraged_at_the_price_of_bankruptcy() -> None:
    row = at_once(frames(LONG, SHORT), "BTC -20%")
    assert (80_000.0, 0.0, 0.0, 2) == (row["deleveraged"], row["paid_by_fund"], row["residual"], row["accounts"])


def test_an_assumed_fund_is_told() -> None:
    source = frames(LONG)
    source["wallets"] = source["wallets"].filter(pl.col("account") != "insurance_fund")
    document = asked(source).document
    assert any("insurance fund is not given" in note for note in document["notes"])
    assert "perpetual.insurance_fund" in {row["path"] for row in document["assumptions"]}


def test_a_long_position_without_leverage_is_never_liquidated() -> None:
    whole = ("A", "BTCUSDT", "long", 1.0, 100_000.0, "isolated", 100_000.0, 100_000.0)
    result = asked(frames(whole), shock="BTC -99.9%")
    assert [None] == result.frame["liquidation"].to_list()
    assert 0 == result.document["scenario"]["rows"][0]["liquidated"]


def test_a_contract_without_a_mark_is_rejected() -> None:
    result = asked(frames(LONG, ("B", "FOOUSDT", "long", 1.0, 1.0, "isolated", 1.0, None)))
    row = result.document["rejects"][0]
    assert ("symbol", "'FOOUSDT'", "a contract must have a mark price") == (row["column"], row["found"], row["allowed"])


def test_the_order_of_rows_changes_nothing() -> None:
    read = pl.read_csv(EXAMPLE / "positions.csv", infer_schema=False)
    wallets = pl.read_csv(EXAMPLE / "wallets.csv")
    one, two = (
        asked({"positions": rows, "wallets": wallets}, shock="BTC -20%").document for rows in (read, read.reverse())
    )
    for name in ("totals", "scenario", "map", "nearest", "contracts"):
        assert one[name] == two[name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BTC -20%", {"BTCUSDT": -2000, "ETHUSDT": -2000}),
        ("비트코인 −20%, ETH/USDT -30%", {"BTCUSDT": -2000, "ETHUSDT": -3000}),
        ("ETH +10%", {"BTCUSDT": 0, "ETHUSDT": 1000}),
        ("-15%", {"BTCUSDT": -1500, "ETHUSDT": -1500}),
        ("ALL -15%, ETH -1.5%", {"BTCUSDT": -1500, "ETHUSDT": -150}),
    ],
)
def test_coins_that_are_not_named_follow_bitcoin(text: str, expected: dict[str, int]) -> None:
    shock = parse_coin_shock(text, list(expected))
    assert expected == {ticker: shock.change_bps(ticker) for ticker in expected}


def test_every_fault_of_a_shock_is_told() -> None:
    with pytest.raises(Refused) as refused:
        parse_coin_shock("BTC 20, LUNA -99%, ETH -100%, ETH -1%", ["BTCUSDT", "ETHUSDT"])
    assert ["'BTC 20'", "'LUNA'", "-100 %", "ETH twice"] == [fault.found for fault in refused.value.faults]


def test_options_that_no_rule_reads_are_refused() -> None:
    with pytest.raises(Refused, match="--paths: does not go with a book of positions"):
        asked(frames(LONG), paths=1000)


def test_a_replay_runs_from_the_shipped_table_alone() -> None:
    document = book(Request(source=EXAMPLE, replay="oct-2025", threads=1)).document
    assert ("2025-10-07", 1440) == (document["on"], document["replay"]["minutes"])
    assert document["replay"]["totals"]["long_share_pct"] > 50
    assert {"2025-10-10 00:00"} <= {row["time"] for row in document["replay"]["hours"]}
    assert all(row["low_pct"] <= 0 <= row["high_pct"] for row in document["replay"]["worst"])


def test_a_replay_of_recorded_bars_sees_the_hours(shared_data: Path, tmp_path: Path) -> None:
    for name in ("binance_alts_30m_2025_10.csv", "upbit_krw_hourly_crashes.csv"):
        (tmp_path / name).symlink_to(shared_data / name)
    document = book(Request(source=EXAMPLE, replay="oct-2025", prices=tmp_path, threads=1)).document
    assert 60 == document["replay"]["minutes"]
    assert "2025-10-10 21:00" in {row["time"] for row in document["replay"]["hours"]}
    assert ["SOLUSDT"] == document["replay"]["followers"]


def test_a_run_folder_holds_page_and_tables(example: VenueBookResult, tmp_path: Path) -> None:
    folder = example.save(tmp_path / "run")
    assert {"result.json", "report.html", "positions.parquet", "rejects.parquet", "map.parquet"} <= {
        file.name for file in folder.iterdir()
    }
    assert "<svg" in (folder / "report.html").read_text()
    assert [] == unknown(example.document)
    assert example.chart().startswith("<svg")


@settings(max_examples=8)
@given(
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.integers(1, 500), st.integers(2, 50), st.integers(-3, 3)),
        min_size=1,
        max_size=8,
    ),
    st.integers(-90, 90),
)
def test_a_move_neither_makes_nor_loses_money(rows: list[tuple[bool, bool, int, int, int]], move: int) -> None:
    positions, wallets = [], dict[str, float]()
    for n, (is_long, isolated, size, leverage, away) in enumerate(rows):
        entry = 4_000.0 + 10 * away
        margin = size * entry / leverage
        mode = "isolated" if isolated else "cross"
        wallets |= {} if isolated else {f"A{n}": round(margin, 2)}
        positions.append(
            (f"A{n}", "ETHUSDT", "long" if is_long else "short", float(size), entry, mode, margin, 4_000.0)
        )
    # The run itself asserts that profit over all who hold a contract, fund and fees is nothing, to the unit.
    row = at_once(frames(*positions, wallets=wallets, fund=100.0), f"ETH {move:+d}%")
    assert 0 <= row["liquidated"] and np.isfinite(row["residual"]) and row["fund_after"] >= 0


@pytest.mark.parametrize("place", [0, 3, 9])
def test_the_price_told_is_the_one_at_which_the_engine_closes(example: VenueBookResult, place: int) -> None:
    near = example.document["nearest"][place]
    rows = pl.read_csv(EXAMPLE / "positions.csv", infer_schema=False).filter(pl.col("account") == near["account"])
    source = {"positions": rows, "wallets": pl.read_csv(EXAMPLE / "wallets.csv")}
    coin = near["ticker"].removesuffix("USDT")
    beyond, short_of = (f"ALL +0%, {coin} {near['distance_pct'] * factor:+.2f}%" for factor in (1.02, 0.98))
    closed, kept = (at_once(source, shock)["liquidated"] for shock in (beyond, short_of))
    assert closed > 0 == kept
