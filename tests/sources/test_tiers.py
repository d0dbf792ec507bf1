"""Schedules of tiers as users have them, and every way in which one can be wrong."""

import json
from pathlib import Path

import polars as pl
import pytest

from gaemi.errors import Refused
from gaemi.records.positions import MICRO
from gaemi.sources.tiers import read_tiers

GOOD = "floor,cap,mmr\n0,50000,0.004\n50000,250000,0.005\n250000,,0.01\n"


def written(folder: Path, text: str, name: str = "tiers.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_of_one_contract(tmp_path: Path) -> None:
    (schedule,) = read_tiers(written(tmp_path, GOOD))
    assert (0, 50_000 * MICRO, 250_000 * MICRO) == schedule.floors_micro
    assert (4_000, 5_000, 10_000) == schedule.rates_e6
    assert (0, 50 * MICRO, 1_300 * MICRO) == schedule.amounts_micro


def test_what_ccxt_returns_for_several_contracts(tmp_path: Path) -> None:
    def tier(floor: float, cap: float, rate: float) -> dict[str, object]:
        named = {"minNotional": floor, "maxNotional": cap, "maintenanceMarginRate": rate}
        return {"tier": 1, "currency": "USDT", **named, "maxLeverage": 75.0, "info": {}}

    told = {
        "ETH/USDT:USDT": [tier(0, 10_000, 0.005), tier(10_000, 100_000, 0.0065)],
        "BTC/USDT:USDT": [tier(0, 50_000, 0.004)],
    }
    path = written(tmp_path, json.dumps(told), "tiers.json")
    assert read_tiers(told) == read_tiers(path)
    assert [("BTCUSDT", (4_000,)), ("ETHUSDT", (5_000, 6_500))] == [(s.contract, s.rates_e6) for s in read_tiers(path)]


def test_a_frame_with_a_column_of_symbols() -> None:
    frame = pl.DataFrame({"symbol": ["B", "A", "B"], "notionalFloor": [0, 0, 10], "maintMarginRatio": [0.1, 0.2, 0.3]})
    assert [("A", (0,)), ("B", (0, 10 * MICRO))] == [(s.contract, s.floors_micro) for s in read_tiers(frame)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("0,100,0.01\n200,,0.02", "row 3: each tier must begin where the one below ends, was a gap from 100 to 200"),
        ("0,100,0.01\n50,,0.02", "row 3: each tier must begin where the one below ends, was an overlap from 50 to 100"),
        ("0,100,0.02\n100,,0.01", "row 3: mmr must not fall, the tier below has 0.02, was 0.01"),
        ("0,,0", "row 2: mmr must be above 0 and below 1, was 0"),
        ("0,,1", "row 2: mmr must be above 0 and below 1, was 1; write 0.5 % as 0.005"),
        ("5,,0.01", "row 2: the first floor must be 0, was 5"),
        ("-5,,0.01", "row 2: floor must be 0 or more, was -5"),
        ("0,-1,0.01", "row 2: cap must be 0 or more, was -1"),
        ("0,,abc", "row 2: mmr must be a number, was 'abc'"),
        ("0,,", "row 2: each tier must have floor and mmr, was no mmr"),
        ("0,100,0.01\n0,200,0.02", "row 3: floor must be above 0, the tier below, was 0"),
        ("0,0,0.01", "row 2: cap must be above the floor, 0, was 0"),
    ],
)
def test_a_fault_is_named_with_its_row(tmp_path: Path, rows: str, expected: str) -> None:
    with pytest.raises(Refused) as refused:
        read_tiers(written(tmp_path, f"floor,cap,mmr\n{rows}\n"))
    assert f"tiers.csv, {expected}" == str(refused.value.faults[0])


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read_tiers(written(tmp_path, "floor,cap,mmr\n0,100,0.02\n200,300,0.01\n250,,0.02\n"))
    assert ["a gap from 100 to 200", "0.01", "an overlap from 250 to 300"] == [f.found for f in refused.value.faults]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("tiers.csv", "from_what,rate\n1,2\n", "must have the columns floor, mmr"),
        ("tiers.json", "{", "must be JSON"),
        ("tiers.json", "{}", "must hold at least one tier"),
        ("tiers.json", '{"A": 5}', "must be a list of tiers"),
        ("tiers.json", '{"A": [5]}', "a tier must be a map with floor, cap and mmr"),
    ],
)
def test_a_file_that_is_no_schedule(tmp_path: Path, name: str, text: str, expected: str) -> None:
    with pytest.raises(Refused) as refused:
        read_tiers(written(tmp_path, text, name))
    assert expected in str(refused.value)
