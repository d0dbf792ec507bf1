"""Bars within the day, as exchanges and libraries write them, and every way in which they can be unfit."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi.errors import Refused
from gaemi.sources.intraday import BarHistory, Bars, holds_bars, read_bars

FIRST = datetime(2022, 5, 10, 3, 15)
EPOCH = 1652152500  # 2022-05-10 03:15 UTC
KLINE = "80000,0.5,1.5,0.4,1.0,10"


def minutes(count: int, skip: tuple[int, ...] = ()) -> list[datetime]:
    return [FIRST + timedelta(minutes=place) for place in range(count) if place not in skip]


def written(tmp_path: Path, text: str, name: str = "LUNAUSDT-1m-2022-05.csv") -> Path:
    file = tmp_path / name
    file.write_text(text)
    return file


def table(times: list[str], header: str = "time_utc", prices: str = "2,4,1,3,10") -> str:
    return "\n".join([f"{header},open,high,low,close,volume", *(f"{time},{prices}" for time in times)]) + "\n"


def starts(bars: Bars) -> list[str]:
    return [str(stamp).replace("T", " ")[:16] for stamp in bars.start[:2]]


def faults_of(source: object, zone: str | None = None) -> list[str]:
    with pytest.raises(Refused) as refused:
        read_bars(source, zone)
    return [str(fault) for fault in refused.value.faults]


def window_faults(history: BarHistory, count: int, ticker: str = "LUNAUSDT") -> list[str]:
    with pytest.raises(Refused) as refused:
        history.window(ticker, FIRST, FIRST + timedelta(minutes=count), 1)
    return [str(fault) for fault in refused.value.faults]


AS_EXPECTED = ["2022-05-10 03:15", "2022-05-10 03:16"]


@pytest.mark.parametrize(
    ("header", "first", "second"),
    [
        ("open_time_ms", f"{EPOCH}000", f"{EPOCH + 60}000"),
        ("open_time", f"{EPOCH}", f"{EPOCH + 60}"),
        ("timestamp", f"{EPOCH}000000", f"{EPOCH + 60}000000"),
        ("open_time_utc", "2022-05-10 03:15:00", "2022-05-10 03:16:00"),
        ("time_kst", "2022-05-10 12:15", "2022-05-10 12:16"),
        ("timestamp", "2022-05-10T12:15:00+09:00", "2022-05-10T12:16:00+09:00"),
        ("time", "2022-05-10T03:15:00.000Z", "2022-05-10T03:16:00.000Z"),
        ("날짜", "20220510 0315", "20220510 0316"),
    ],
)
def test_times_become_utc(tmp_path: Path, header: str, first: str, second: str) -> None:
    bars = read_bars(written(tmp_path, table([first, second], header))).of("LUNA/USDT")
    assert (AS_EXPECTED, 1, [2, 3]) == (starts(bars), bars.minutes, bars.rows.tolist())


def test_a_name_in_usdt_without_a_zone_is_read_as_utc_and_says_so(tmp_path: Path) -> None:
    history = read_bars(written(tmp_path, table(["2022-05-10 03:15", "2022-05-10 03:16"], "timestamp")))
    assert ("LUNAUSDT-1m-2022-05.csv: names in USDT without a time zone are read as UTC",) == history.notes


def test_a_name_in_won_without_a_zone_is_read_as_korean_time_and_says_so(tmp_path: Path) -> None:
    text = table(["2022-05-10 12:15", "2022-05-10 12:16"], "timestamp")
    history = read_bars(written(tmp_path, text, "KRW-BTC_minute1.csv"))
    assert AS_EXPECTED == starts(history.of("KRW-BTC"))
    assert ("KRW-BTC_minute1.csv: names in won without a time zone are read as Korean time",) == history.notes


def test_the_word_of_the_user_goes_before_custom(tmp_path: Path) -> None:
    text = table(["2022-05-10 12:15", "2022-05-10 12:16"], "timestamp")
    assert AS_EXPECTED == starts(read_bars(written(tmp_path, text), zone="Asia/Seoul").of("LUNAUSDT"))


def test_the_day_of_a_won_exchange_begins_at_midnight_utc(tmp_path: Path) -> None:
    history = read_bars(written(tmp_path, table(["2022-05-10", "2022-05-11"], "date"), "KRW-BTC.csv"))
    assert (["2022-05-10 00:00", "2022-05-11 00:00"], 1440) == (starts(history.of("KRW-BTC")), history.bars[0].minutes)


def test_pyupbit_days_begin_at_nine_in_korea(tmp_path: Path) -> None:
    history = read_bars(written(tmp_path, table(["2022-05-10 09:00:00", "2022-05-11 09:00:00"], ""), "KRW-BTC.csv"))
    assert ["2022-05-10 00:00", "2022-05-11 00:00"] == starts(history.of("KRW-BTC"))


def test_klines_without_a_header_line(tmp_path: Path) -> None:
    rest = "1652152559999,100,5,1,2,0"
    text = f"{EPOCH}000,2,4,1,3,10,{rest}\n{EPOCH + 60}000,3,5,2,4,11,{rest}\n"
    bars = read_bars(written(tmp_path, text)).of("LUNAUSDT")
    assert (AS_EXPECTED, [1, 2], [3.0, 4.0]) == (starts(bars), bars.rows.tolist(), bars.close.tolist())


def test_rows_of_ccxt_by_ticker() -> None:
    rows = [[EPOCH * 1000, 2, 4, 1, 3, 10], [(EPOCH + 60) * 1000, 3, 5, 2, 4, None]]
    bars = read_bars({"BTC/USDT:USDT": rows}).of("BTCUSDT")
    assert (AS_EXPECTED, [3.0, 4.0]) == (starts(bars), bars.close.tolist())
    assert np.isnan(bars.volume[1])


def test_a_frame_of_pyupbit_has_an_index_without_a_name() -> None:
    index = pd.DatetimeIndex(["2022-05-10 12:15", "2022-05-10 12:16"])
    frame = pd.DataFrame({"open": 2.0, "high": 4.0, "low": 1.0, "close": 3.0, "volume": 1.0, "value": 3.0}, index=index)
    assert AS_EXPECTED == starts(read_bars({"KRW-BTC": frame}).of("KRW-BTC"))


def test_a_frame_with_a_zone_tells_it() -> None:
    index = pd.DatetimeIndex(["2022-05-10 12:15", "2022-05-10 12:16"], tz="Asia/Seoul")
    frame = pd.DataFrame({"close": [3.0, 4.0]}, index=index)
    history = read_bars({"BTCUSDT": frame})
    assert (AS_EXPECTED, ()) == (starts(history.of("BTCUSDT")), history.notes)


def test_candles_of_upbit_name_two_zones_that_must_agree() -> None:
    columns = {
        "market": ["KRW-BTC"] * 2,
        "candle_date_time_utc": ["2022-05-10T03:15:00", "2022-05-10T03:16:00"],
        "candle_date_time_kst": ["2022-05-10T12:15:00", "2022-05-10T12:16:00"],
        "trade_price": [3.0, 4.0],
        "timestamp": [EPOCH * 1000 + 59_123, (EPOCH + 60) * 1000 + 59_991],
    }
    assert AS_EXPECTED == starts(read_bars(pl.DataFrame(columns)).of("KRW-BTC"))
    columns["candle_date_time_kst"][0] = "2022-05-10T13:15:00"
    assert [
        "frame, row 1: both columns of time must name the same moment, was 2022-05-10T03:15:00 "
        "(candle_date_time_utc) and 2022-05-10T13:15:00 (candle_date_time_kst)"
    ] == faults_of(pl.DataFrame(columns))


def test_unordered_times_are_sorted_silently(tmp_path: Path) -> None:
    text = table(["2022-05-10 03:17", "2022-05-10 03:15", "2022-05-10 03:16"])
    bars = read_bars(written(tmp_path, text)).of("LUNAUSDT")
    assert (AS_EXPECTED, [3, 4, 2]) == (starts(bars), bars.rows.tolist())


def test_missing_minutes_are_told_by_runs(tmp_path: Path) -> None:
    times = [str(time) for time in minutes(12, skip=(2, 3, 4, 5, 9))]
    history = read_bars(written(tmp_path, table(times)))
    where = "LUNAUSDT-1m-2022-05.csv, LUNAUSDT: every bar must be there (UTC), was"
    assert [
        f"{where} 2022-05-10 03:17 to 03:20, 4 minutes missing",
        f"{where} 2022-05-10 03:24, 1 minute missing",
    ] == window_faults(history, 12)


@pytest.mark.parametrize("price", ["0", "-1", ""])
def test_a_price_that_is_none_is_told_by_row(tmp_path: Path, price: str) -> None:
    text = table(["2022-05-10 03:15", "2022-05-10 03:16"]) + f"2022-05-10 03:17,2,4,1,{price},10\n"
    assert [
        "LUNAUSDT-1m-2022-05.csv, row 4 (LUNAUSDT at 2022-05-10 03:17): close: price must be above 0, "
        f"was {price or 'empty'}"
    ] == window_faults(read_bars(written(tmp_path, text)), 3)


def test_bars_outside_the_window_are_not_judged(tmp_path: Path) -> None:
    text = table(["2022-05-10 03:15", "2022-05-10 03:16"]) + "2022-05-10 03:17,2,4,1,0,10\n"
    bars = read_bars(written(tmp_path, text)).window("LUNAUSDT", FIRST, FIRST + timedelta(minutes=2), 1)
    assert [3.0, 3.0] == bars.close.tolist()


def test_a_high_below_the_low_and_a_negative_volume(tmp_path: Path) -> None:
    text = table(["2022-05-10 03:15", "2022-05-10 03:16"]) + "2022-05-10 03:17,2,1,2,1.5,-1\n"
    where = "LUNAUSDT-1m-2022-05.csv, row 4 (LUNAUSDT at 2022-05-10 03:17):"
    assert [
        f"{where} the high must not be below the low, was high 1 and low 2",
        f"{where} volume must be 0 or more, was -1",
    ] == window_faults(read_bars(written(tmp_path, text)), 3)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (
            ["2022-05-10 03:15", "2022-05-10 03:16", "2022-05-10 03:16"],
            "row 4 (LUNAUSDT at 2022-05-10 03:16): a name must have one row for each time, was a second row of that "
            "time, after row 3",
        ),
        (["2022-05-10 03:15", "soon"], "row 3: must be a time as 2022-05-10 03:17, 2022-05-10T03:17:00Z or an epoch"),
        (["2022-05-10 03:15", "2022-13-10 03:16"], "row 3: must be a time as"),
        (
            ["2022-05-10 03:15", "2022-05-10 03:16", "2022-05-10 03:17", "2022-05-10 03:17:30"],
            "row 5 (LUNAUSDT): bars of 1 minutes must begin 1 minutes apart, was 2022-05-10 03:17:30",
        ),
        (["2022-05-10 03:15:00", "2022-05-10 03:15:10"], "a bar must last whole minutes, was bars of 10 seconds"),
        (["2022-05-10 03:15+09:00"] * 2, "row 2: header and offset must name one zone, was '2022-05-10 03:15+09:00'"),
    ],
)
def test_times_that_are_none(tmp_path: Path, times: list[str], message: str) -> None:
    assert any(message in fault for fault in faults_of(written(tmp_path, table(times))))


def test_offsets_on_some_rows_only_are_refused(tmp_path: Path) -> None:
    text = table(["2022-05-10 03:15Z", "2022-05-10 03:16"], "time")
    found = faults_of(written(tmp_path, text))
    assert ["row 3: every time must tell its zone, or none" in fault for fault in found] == [True]


def test_an_epoch_under_a_header_of_korean_time_is_a_contradiction(tmp_path: Path) -> None:
    found = faults_of(written(tmp_path, table([f"{EPOCH}", f"{EPOCH + 60}"], "time_kst")))
    assert ["an epoch counts from 1970 in UTC" in fault for fault in found] == [True]


def test_the_user_and_the_file_must_not_name_two_zones(tmp_path: Path) -> None:
    text = table(["2022-05-10 03:15", "2022-05-10 03:16"])
    assert [
        "LUNAUSDT-1m-2022-05.csv: --zone is for files that do not tell their zone, was --zone KST for times that the "
        "file gives in UTC (time_utc); leave it out"
    ] == faults_of(written(tmp_path, text), zone="KST")


def test_an_unknown_zone_is_refused(tmp_path: Path) -> None:
    text = table(["2022-05-10 03:15", "2022-05-10 03:16"], "time")
    assert ["--zone: must be UTC or KST, was 'EST'; did you mean 'KST'?"] == faults_of(written(tmp_path, text), "EST")


def test_a_name_of_no_known_venue_needs_a_zone(tmp_path: Path) -> None:
    text = table(["2022-05-10 03:15", "2022-05-10 03:16"], "time")
    found = faults_of(written(tmp_path, text, "005930.csv"))
    assert ["the file or --zone must say in which zone its times stand" in fault for fault in found] == [True]


def test_bars_of_two_lengths_in_one_file_are_refused(tmp_path: Path) -> None:
    hours = [str(FIRST + timedelta(hours=place)) for place in range(1, 9)]
    found = faults_of(written(tmp_path, table([*(str(time) for time in minutes(20)), *hours])))
    assert [
        "LUNAUSDT-1m-2022-05.csv, LUNAUSDT: one file must hold bars of one length, was bars of 1 minutes, and of 60 "
        "minutes from 2022-05-10 04:15; split it by their length"
    ] == found


def test_a_cell_that_is_no_number_is_shown(tmp_path: Path) -> None:
    text = table(["2022-05-10 03:15", "2022-05-10 03:16"]) + "2022-05-10 03:17,2,4,1,n/a,10\n"
    assert ["LUNAUSDT-1m-2022-05.csv, row 4: close must be a number above 0, was 'n/a'"] == faults_of(
        written(tmp_path, text)
    )


def test_bars_without_a_name_are_refused(tmp_path: Path) -> None:
    text = table(["2022-05-10 03:15", "2022-05-10 03:16"])
    found = faults_of(written(tmp_path, text, "prices.csv"))
    assert ["prices.csv: bars must name their coin, was no ticker" in fault for fault in found] == [True]


def test_a_file_without_bars_is_refused(tmp_path: Path) -> None:
    (found,) = faults_of(written(tmp_path, "name,value\na,1\n", "BTCUSDT.csv"))
    assert found.startswith("BTCUSDT.csv: must have a time, a close and a name")


def test_an_unknown_name_is_answered_with_the_closest(tmp_path: Path) -> None:
    history = read_bars(written(tmp_path, table(["2022-05-10 03:15", "2022-05-10 03:16"])))
    with pytest.raises(Refused, match="did you mean 'LUNAUSDT'"):
        history.of("LUNUSDT")


def test_finer_bars_are_joined_and_coarser_ones_refused(tmp_path: Path) -> None:
    rows = "".join(f"{time},{2 + n},{9 - n},{1 + n},{3 + n},10\n" for n, time in enumerate(minutes(4)))
    history = read_bars(written(tmp_path, "time_utc,open,high,low,close,volume\n" + rows))
    joined = history.window("LUNAUSDT", FIRST, FIRST + timedelta(minutes=4), 2)
    assert ([2, 4], [9, 7], [1, 3], [4, 6], [20, 20]) == tuple(
        getattr(joined, name).tolist() for name in ("open", "high", "low", "close", "volume")
    )
    assert (2, [2, 4]) == (joined.minutes, joined.rows.tolist())
    with pytest.raises(Refused, match="must be a whole number of 3-minute bars"):
        history.window("LUNAUSDT", FIRST, FIRST + timedelta(minutes=4), 3)


def test_a_window_off_the_grid_is_refused(tmp_path: Path) -> None:
    history = read_bars(written(tmp_path, table(["2022-05-10 03:00", "2022-05-10 04:00", "2022-05-10 05:00"])))
    with pytest.raises(Refused, match="must begin where a bar of 60 minutes begins"):
        history.window("LUNAUSDT", datetime(2022, 5, 10, 3, 30), datetime(2022, 5, 10, 4, 30), 60)


def test_the_file_that_covers_the_window_is_used(tmp_path: Path) -> None:
    written(tmp_path, table([str(time) for time in minutes(3)]), "LUNAUSDT-1m.csv")
    hours = [str(datetime(2022, 5, 10, hour)) for hour in range(6)]
    written(tmp_path, table(hours), "LUNAUSDT-1h.csv")
    history = read_bars(tmp_path)
    assert 1 == history.of("LUNAUSDT").minutes
    window = history.window("LUNAUSDT", datetime(2022, 5, 10), datetime(2022, 5, 10, 6), 60)
    assert ("LUNAUSDT-1h.csv", 6) == (window.origin, len(window.start))


def test_a_folder_passes_over_files_without_bars(tmp_path: Path) -> None:
    written(tmp_path, table([str(time) for time in minutes(3)]), "LUNAUSDT-1m.csv")
    written(tmp_path, "date,code,close\n2022-05-09,005930,66000\n2022-05-10,005930,65700\n", "stocks.csv")
    assert ("LUNAUSDT",) == read_bars(tmp_path).tickers


@pytest.mark.parametrize(("step", "expected"), [(timedelta(minutes=30), True), (timedelta(days=1), False)])
def test_whether_a_source_holds_bars_within_the_day(tmp_path: Path, step: timedelta, expected: bool) -> None:
    text = table([str(FIRST + step * place) for place in range(3)])
    assert expected == holds_bars(written(tmp_path, text)) == holds_bars(tmp_path)
    assert not holds_bars(tmp_path / "absent.csv")


@settings(max_examples=25)
@given(st.lists(st.integers(0, 59), min_size=2, unique=True).filter(lambda held: np.diff(sorted(held)).min() == 1))
def test_a_window_lacks_exactly_the_minutes_that_were_left_out(held: list[int]) -> None:
    rows = [[(EPOCH + 60 * place) * 1000, 2.0, 4.0, 1.0, 3.0, 1.0] for place in [*held, *range(60, 90)]]
    history = read_bars({"BTCUSDT": rows})
    absent = 60 - len(held)
    try:
        bars = history.window("BTCUSDT", FIRST, FIRST + timedelta(hours=1), 1)
    except Refused as refused:
        counts = [int(fault.found.split(", ")[1].split()[0]) for fault in refused.faults]
        assert absent == sum(counts)
    else:
        assert (0, 60) == (absent, len(bars.start))


def test_the_recorded_minutes_of_luna(shared_data: Path) -> None:
    history = read_bars(shared_data / "luna_usdt_binance_1m_2022_05.csv")
    bars = history.of("LUNAUSDT")
    assert (8680, "2022-05-13T00:39:00", 0.00005) == (len(bars.start), str(bars.start[-1]), bars.close[-1])
    hours = read_bars(shared_data / "binance_hourly_close_2021_05_2022_05_06.csv")
    first, last = datetime(2022, 5, 7), datetime(2022, 5, 13)
    one, two = (it.window("LUNAUSDT", first, last, 60).close for it in (history, hours))
    assert one.tolist() == two.tolist()


def test_the_recorded_hours_of_won_exchanges_end_at_midnight_in_korea(shared_data: Path) -> None:
    bars = read_bars(shared_data / "upbit_krw_hourly_crashes.csv").of("BTC-KRW")
    assert ("2021-05-11T15:00:00", "2025-10-13T14:00:00") == (str(bars.start[0]), str(bars.start[-1]))
