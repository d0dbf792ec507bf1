"""Replays of coins from the door: what the document holds, the same answer every time, and what is refused in words."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from coins.documents import is_saved, is_sound, plain, rows_of
from views.conftest import gaemi, refusals

from gaemi.answers.wording import day_name
from gaemi.country import country
from gaemi.scene import Request
from gaemi.units import format_won

SCALE = 20_000
TINY = ("--scale", f"1/{SCALE}")
OCTOBER, TERRA = "oct-2025", "terra-2022"


def replayed(name: str, threads: int = 1, **options: Any) -> Any:
    return country(Request(replay=name, scale=SCALE, threads=threads, **options))


@pytest.fixture(scope="module")
def october() -> Any:
    return replayed(OCTOBER)


def exchange_adds_up(document: dict[str, Any]) -> None:
    """Bands, ages and coins are three cuts of the same won, the days end where they do, and the sentences say it."""
    exchange = document["exchange"]
    for field in ("held_before_won", "held_won", "lost_won"):
        for name in ("bands", "ages", "coins"):
            assert exchange[field] == sum(row[field] for row in rows_of(document, name)), (name, field)
    assert exchange["held_won"] == rows_of(document, "days")[-1]["held_won"]
    assert exchange["emptied"] == sum(row["emptied"] for row in rows_of(document, "bands"))
    last = document["sentences"][-1]
    assert format_won(exchange["held_before_won"]) in last and format_won(exchange["held_won"]) in last
    assert document["on"] in last and rows_of(document, "days")[-1]["date"] in last


def test_october_says_what_its_tables_hold(october) -> None:
    document = october.document
    assert ("gaemi.coins/1", "coin replay", OCTOBER) == (
        document["schema"], document["kind"], document["episode"]["name"],
    )  # fmt: skip
    is_sound(document)
    exchange_adds_up(document)
    runs = [row for row in rows_of(document, "record") if row["begin"] != "record"]
    shares = {f"{row['long_pct']:.1f}" for row in runs if row["long_pct"] is not None}
    assert min(shares, key=float) in document["sentences"][0] and max(shares, key=float) in document["sentences"][0]
    assert "87.4 %" in document["sentences"][0]
    assert all(row["busiest_hour"] is None for row in runs), "daily closes do not know the hour"
    steps = rows_of(document, "steps")
    assert pytest.approx(100.0) == sum(row["long_pct"] + row["short_pct"] for row in steps)


def test_october_is_the_same_by_any_number_of_threads(october) -> None:
    assert plain(october.document) == plain(replayed(OCTOBER, threads=2).document)


@pytest.mark.slow
def test_october_is_saved_with_its_tables_and_its_page(october, tmp_path) -> None:
    is_saved(october.document, october.save(tmp_path / "run"))


def test_coins_of_which_nobody_has_a_record_of_their_own_fall_with_the_others(october) -> None:
    by_name = {row["name"]: row for row in rows_of(october.document, "coins")}
    falls = {name: row["price_won"] / row["price_before_won"] for name, row in by_name.items()}
    assert pytest.approx(falls["other coins"]) == falls["single-listed coins"]
    assert 1_400 < by_name["Tether"]["price_before_won"] < 1_500, "a dollar at the day's rate, not the survey's"


@pytest.mark.slow
def test_october_with_bars_within_the_day_knows_the_hour(shared_data: Path) -> None:
    found = replayed(OCTOBER, prices=str(shared_data / "upbit_krw_hourly_crashes.csv")).document
    is_sound(found)
    exchange_adds_up(found)
    assert 9 == sum(row["busiest_hour"] is not None for row in rows_of(found, "record") if row["begin"] != "record")


@pytest.mark.slow
def test_terra_says_what_its_tables_hold_and_is_the_same_twice(tmp_path) -> None:
    result = replayed(TERRA)
    document = result.document
    is_sound(document)
    exchange_adds_up(document)
    for row in rows_of(document, "supply")[:-1]:
        assert day_name(row["date"]) in document["sentences"][0]
    early = rows_of(document, "holders_won_price")[0]
    told = " ".join(document["sentences"])
    assert f"{early['holders']:,}" in told and format_won(early["cost_won"]) in told
    assert plain(document) == plain(replayed(TERRA, threads=2).document)
    is_saved(document, result.save(tmp_path / "run"))


@pytest.mark.slow
def test_terra_with_the_minutes_of_luna_alone_runs(shared_data: Path) -> None:
    found = replayed(TERRA, prices=str(shared_data / "luna_usdt_binance_1m_2022_05.csv")).document
    is_sound(found)
    exchange_adds_up(found)
    assert 2.0 > rows_of(found, "supply")[3]["model_over_record"] > 0.5


ASKED = [
    (("--replay", OCTOBER, "--on", "2025-10-10"), "--on: cannot stand beside"),
    (("--replay", OCTOBER, "--shock", "BTC -10%"), "--replay: cannot stand beside --shock"),
    (("--replay", TERRA, "--days", "3"), "--days: cannot stand beside terra-2022, an episode of coins"),
    (("--replay", TERRA, "--no-feedback"), "--no-feedback: recorded prices contain all sales"),
    (("--replay", TERRA, "--prices", "nowhere"), "nowhere: must be a file or a folder"),
    pytest.param(
        ("--replay", "june-2022", "--coins"),
        "--coins: cannot stand beside the replay of june-2022",
        marks=pytest.mark.slow,
    ),
    (("--shock", "BTX -30%"), "did you mean 'BTC'?"),
    (("--shock", "KRW-BTX -30%"), "did you mean 'KRW-BTC'?"),
    (("--shock", "BTC -100%"), "a change must be above -100%"),
    (("--shock", "BTC -30% locked"), "a coin has no price limit, so that it cannot be locked"),
    pytest.param(
        ("--shock", "KRW-XRP -30% locked fill 2%, KOSPI -5%"), "a coin has no price limit", marks=pytest.mark.slow
    ),
]


@pytest.mark.parametrize(("arguments", "said"), ASKED, ids=lambda value: " ".join(value) if len(value) < 9 else "")
def test_what_coins_cannot_be_asked(arguments: tuple[str, ...], said: str) -> None:
    (found,) = refusals("country", *arguments, *TINY)
    assert said in found


@pytest.fixture
def luna(tmp_path: Path) -> Callable[..., str]:
    """Writes hours of LUNA from 7 to 13 May 2022, with some of them changed."""

    def write(
        name: str = "LUNAUSDT-1h.csv", time: str = "open_time_utc", without: tuple[int, ...] = (),
        zero: int | None = None, begin: datetime = datetime(2022, 5, 7), **columns: str,
    ) -> str:  # fmt: skip
        with (tmp_path / name).open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow([time, *columns, "open", "high", "low", "close", "volume"])
            for hour in range(7 * 24):
                price = "0" if hour == zero else "50"
                if hour not in without:
                    rows.writerow(
                        [f"{begin + timedelta(hours=hour):%Y-%m-%d %H:%M:%S}", *columns.values(), *4 * [price], 1]
                    )
        return str(tmp_path)

    return write


def test_a_gap_in_the_bars_of_luna_is_named_with_its_hours(luna: Callable[..., str]) -> None:
    (found,) = refusals("country", "--replay", TERRA, "--prices", luna(without=(60, 61, 62)), *TINY)
    assert "2022-05-09 12:00 to 14:00, 3 bars of 60 minutes missing" in found and "LUNAUSDT" in found


def test_a_price_of_zero_is_named_with_its_row_and_its_time(luna: Callable[..., str]) -> None:
    found = refusals("country", "--replay", TERRA, "--prices", luna(zero=70), *TINY)
    assert all("price must be above 0" in line and "row 72 (LUNAUSDT at 2022-05-09 22:00)" in line for line in found)


def test_times_that_do_not_tell_their_zone_are_refused(luna: Callable[..., str]) -> None:
    (found,) = refusals("country", "--replay", TERRA, "--prices", luna("bars.csv", "timestamp", symbol="LUNA"), *TINY)
    assert "must say in which zone its times stand" in found


@pytest.mark.parametrize("name", [TERRA, OCTOBER])
def test_bars_of_another_year_are_refused(luna: Callable[..., str], name: str) -> None:
    (found,) = refusals("country", "--replay", name, "--prices", luna(begin=datetime(2021, 5, 7)), *TINY)
    assert f"--prices: some bars must lie within {name}" in found and "LUNAUSDT from 2021-05-07" in found


def test_bars_within_the_day_without_bitcoin_are_refused_for_venues(luna: Callable[..., str]) -> None:
    folder = luna("DOGEUSDT-1h.csv", begin=datetime(2025, 10, 7, 23))
    (found,) = refusals("country", "--replay", OCTOBER, "--prices", folder, *TINY)
    assert "no bars of bitcoin within the day" in found


@pytest.mark.slow
def test_the_terminal_prints_a_replay(october) -> None:
    answer = gaemi("country", "--replay", OCTOBER, *TINY)
    assert 0 == answer.code
    assert "Replay of oct-2025" in answer.out and "Model beside record" in answer.out
