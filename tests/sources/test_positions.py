"""Positions and wallets of a venue: spellings that are taken, rows that are rejected and counted."""

from pathlib import Path

import polars as pl
import pytest

from gaemi.errors import Refused
from gaemi.sources.positions import holds_positions, read_positions

HEADER = "account,symbol,side,size,entry,mode,margin,leverage,mark\n"
GOOD = "A,BTC/USDT:USDT,long,0.5,120000,isolated,6000,,121000\n"


def folder(tmp_path: Path, rows: str, wallets: str = "") -> Path:
    (tmp_path / "positions.csv").write_text(HEADER + GOOD + rows)
    if wallets:
        (tmp_path / "wallets.csv").write_text("account,balance\n" + wallets)
    return tmp_path


def told(source: object) -> list[str]:
    rows = read_positions(source).rejects.frame().to_dicts()
    return [f"{row['file']} {row['row']} {row['column']}: {row['allowed']}, was {row['found']}" for row in rows]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("B,BTCUSDT,short,-1,120000,isolated,6000,,", "positions.csv 3 size: size must be a number above 0, was '-1'"),
        ("B,BTCUSDT,short,x,120000,isolated,6000,,", "positions.csv 3 size: size must be a number above 0, was 'x'"),
        ("B,BTCUSDT,short,1,0,isolated,6000,,", "positions.csv 3 entry: entry price must be a number above 0, was '0'"),
        ("B,BTCUSD,short,1,120000,isolated,6000,,", "positions.csv 3 symbol: must be a contract in USDT, was 'BTCUSD'"),
        ("B,BTCUSDT,both,1,120000,isolated,6000,,", "positions.csv 3 side: must be long or short, was 'both'"),
        (
            "B,BTCUSDT,long,1,120000,portfolio,6000,,",
            "positions.csv 3 mode: must be cross or isolated, was 'portfolio'",
        ),
        (
            "B,BTCUSDT,long,1,120000,isolated,,,",
            "positions.csv 3 margin: an isolated position needs its margin or its leverage, was empty",
        ),
        (
            "B,BTCUSDT,long,1,120000,isolated,-5,,",
            "positions.csv 3 margin: margin must be a number, 0 or more, was '-5'",
        ),
        (
            "B,BTCUSDT,long,1,120000,isolated,,2000,",
            "positions.csv 3 leverage: must be at most 1,000, was '2000'",
        ),
        (
            "B,BTCUSDT,long,1,120000,cross,,5,",
            "positions.csv 3 account: an account with positions on shared margin must have a balance in wallets, "
            "was 'B'",
        ),
        (
            "A,BTCUSDT,short,1,120000,isolated,6000,,",
            "positions.csv 3 symbol: an account must hold one position of a contract in each mode, was 'BTCUSDT'",
        ),
        (",BTCUSDT,long,1,120000,isolated,6000,,", "positions.csv 3 account: must name an account, was empty"),
    ],
)
def test_a_row_that_cannot_stand_is_rejected_and_counted(tmp_path: Path, row: str, message: str) -> None:
    source = folder(tmp_path, row + "\n")
    assert [message] == told(source)
    assert [{"table": "positions", "read": 2, "accepted": 1, "rejected": 1}] == read_positions(source).rows()


def test_every_fault_of_a_row_is_told_and_the_row_counted_once(tmp_path: Path) -> None:
    source = folder(tmp_path, "B,BTCUSDT,both,-1,0,isolated,6000,,\n")
    assert ["entry", "side", "size"] == read_positions(source).rejects.frame()["column"].to_list()
    assert 1 == read_positions(source).rows()[0]["rejected"]


def test_positions_on_shared_margin_stand_on_the_wallet(tmp_path: Path) -> None:
    source = folder(tmp_path, "B,ETHUSDT,short,2,4400,cross,,5,\n", "B,1000\nINSURANCE_FUND,5000\nB,2\nC,-1\n")
    found = read_positions(source)
    assert ({"account": ["B"], "balance": [1000.0]}, 5000.0) == (found.wallets.to_dict(as_series=False), found.fund)
    assert [
        "wallets.csv 4 account: an account must have one balance, was 'B'",
        "wallets.csv 5 balance: balance must be a number, 0 or more, was '-1'",
    ] == told(source)


def test_rows_of_ccxt_are_taken_as_they_are() -> None:
    rows = [
        {
            "account": "A",
            "symbol": "BTC/USDT:USDT",
            "side": "short",
            "contracts": 30.0,
            "contractSize": 0.01,
            "entryPrice": 120000.0,
            "marginMode": "isolated",
            "initialMargin": 3600.0,
            "collateral": 3590.0,
            "markPrice": 121000.0,
            "leverage": 10.0,
            "info": {"id": 1},
        }
    ]
    found = read_positions(rows)
    expected = {"symbol": "BTCUSDT", "side": -1, "size": 0.3, "entry": 120000.0, "margin": 3600.0, "mark": 121000.0}
    assert expected == found.frame.select(list(expected)).to_dicts()[0]
    assert (("positions", "collateral"),) == found.unused


def test_a_missing_column_is_named() -> None:
    frame = pl.DataFrame({"account": ["A"], "symbol": ["BTCUSDT"], "size": [1.0], "entry": [1.0]})
    with pytest.raises(Refused, match="must have a column 'side'"):
        read_positions(frame)


def test_a_table_of_which_nothing_is_left_says_why(tmp_path: Path) -> None:
    (tmp_path / "positions.csv").write_text(HEADER + "A,BTCUSDT,long,0,1,isolated,1,,\n")
    with pytest.raises(Refused, match="row 2: size must be a number above 0, was '0'"):
        read_positions(tmp_path)


def test_a_book_of_positions_is_told_from_one_of_holdings(tmp_path: Path) -> None:
    source = folder(tmp_path, "")
    assert holds_positions(source) and holds_positions(source / "positions.csv")
    (tmp_path / "export.csv").write_text("account,symbol,side,size,entry\n")
    assert holds_positions(tmp_path / "export.csv")
    (tmp_path / "holdings.csv").write_text("account,ticker,quantity\n")
    assert not holds_positions(tmp_path) and not holds_positions(tmp_path / "holdings.csv")
    assert not holds_positions("postgresql://risk@db/risk") and not holds_positions(None)
