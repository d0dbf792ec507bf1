"""Every way in which a history can be unfit."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources.bars import (
    CLOSES,
    FINANCE_DATA_READER,
    FIRST,
    LAST,
    LONG,
    PYUPBIT,
    WIDE,
    YFINANCE,
    closes,
    faults_of,
)

from gaemi.errors import Refused
from gaemi.sources.prices import PriceHistory, read_prices

MIDDLE = "20240103,005930,78500,78800,77000,77000,21753644"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "20240103,005930,78500,78800,77000,,21753644",
            "row 4 (005930 on 2024-01-03): close must be a number above 0, was empty",
        ),
        ("20240103,005930,78500,78800,77000,NaN,21753644", "close must be a number above 0, was empty"),
        ("20240103,005930,78500,78800,77000,inf,21753644", "close must be a number above 0, was inf"),
        ("20240103,005930,78500,78800,77000,n/a,21753644", "close must be a number above 0, was 'n/a'"),
        ("20240103,005930,78500,78800,77000,0,21753644", "close must be a number above 0, was 0"),
        ("20240103,005930,78500,78800,77000,-77000,21753644", "close must be a number above 0, was -77000"),
        ("20240103,005930,0,78800,77000,77000,21753644", "open must be a number above 0, was 0"),
        ("20240103,005930,0,0,0,0,0", "close must be a number above 0, was 0"),
        ("20240103,005930,0,0,0,77000,5", "open must be a number above 0, was 0"),
        (
            "20240103,005930,78500,76000,77000,77000,21753644",
            "high must not be below the low, was high 76000 and low 77000",
        ),
        ("20240103,005930,78500,78800,77000,77000,-1", "volume must be 0 or more, was -1"),
        (MIDDLE + "\n" + MIDDLE, "one row a day, was a second row of that day, after row 4"),
        ("", "must not have a gap, was no row on 2024-01-03"),
    ],
)
def test_a_bad_row_inside_the_dates_used_is_refused(saved: Callable[..., Path], row: str, message: str) -> None:
    faults = faults_of(saved(LONG.replace(MIDDLE + "\n", row + "\n" if row else "")))
    assert any(message in fault for fault in faults), faults


def test_a_bad_row_outside_the_dates_used_is_not_judged(saved: Callable[..., Path]) -> None:
    text = LONG + "20240105,005930,1,2,3,0,-5\n20240105,005930,1,2,3,0,-5\n"
    assert closes(read_prices(saved(text))) == CLOSES


def test_every_fault_is_told_at_once(saved: Callable[..., Path]) -> None:
    text = LONG.replace(MIDDLE, "20240103,005930,78500,76000,77000,0,-1").replace(
        "20240104,000660,134300", "20240104,000660,x"
    )
    faults = faults_of(saved(text), ("005930", "000660"))
    assert len(faults) == 4, faults


def test_a_blank_line_does_not_shift_the_rows(saved: Callable[..., Path]) -> None:
    text = LONG.replace(MIDDLE, "\n20240103,005930,78500,78800,77000,0,1")
    assert any("row 5 (005930" in fault for fault in faults_of(saved(text)))


@pytest.mark.parametrize("cell", ["2024-13-01", "2024/01/03", "tomorrow", "", "2024-02-30"])
def test_a_date_that_is_none_is_refused(saved: Callable[..., Path], cell: str) -> None:
    faults = faults_of(saved(LONG.replace(MIDDLE, MIDDLE.replace("20240103", cell))))
    assert f"005930.csv, row 4: must be a date as 2025-10-31 or 20251031, was '{cell}'" in faults


def test_a_code_that_lost_its_zeros_is_refused(saved: Callable[..., Path]) -> None:
    faults = faults_of(saved(LONG.replace(",005930,", ",5930,")))
    assert len(faults) == 3
    assert "must be a ticker, was '5930'; a code of six digits must be kept as text" in faults[0]


def test_very_many_faults_of_one_kind_are_counted(saved: Callable[..., Path]) -> None:
    rows = "\n".join(f"day {number},005930,1,1,1,1,1" for number in range(1000))
    faults = faults_of(saved(LONG + rows))
    assert len(faults) == 51
    assert "950 more of the same kind" in faults[-1]


def test_an_unknown_ticker_names_the_closest(saved: Callable[..., Path]) -> None:
    assert ["ticker: must be a name of the history, was '005939'; did you mean '005930'?"] == faults_of(
        saved(LONG), ("005939",)
    )


def test_dates_beyond_the_history_are_a_gap(saved: Callable[..., Path]) -> None:
    with pytest.raises(Refused, match="no row from 2024-01-05 to 2024-01-09, 3 sessions"):
        read_prices(saved(LONG)).window(["005930"], FIRST, date(2024, 1, 9))
    with pytest.raises(Refused, match="no session recorded from 2024-01-05 to 2024-01-09"):
        read_prices(saved(WIDE)).window(["KOSPI"], FIRST, date(2024, 1, 9))


def test_a_row_on_no_session_is_refused(saved: Callable[..., Path]) -> None:
    text = LONG + "20240106,005930,76100,77300,76100,76600,1\n20240105,005930,76100,77300,76100,76600,1\n"
    text += "20240108,005930,76100,77300,76100,76600,1\n"
    with pytest.raises(Refused, match=r"row 8 \(005930 on 2024-01-06\): a row must stand on a session"):
        read_prices(saved(text)).window(["005930"], FIRST, date(2024, 1, 8))


def test_the_first_day_after_the_last_is_refused(saved: Callable[..., Path]) -> None:
    with pytest.raises(Refused, match="the first day must not be after the last"):
        read_prices(saved(LONG)).window(["005930"], LAST, FIRST)


def test_a_weekend_holds_no_session(saved: Callable[..., Path]) -> None:
    with pytest.raises(Refused, match="must hold at least one session"):
        read_prices(saved(LONG)).window(["005930"], date(2024, 1, 6), date(2024, 1, 7))


def test_names_of_two_calendars_need_two_windows(saved: Callable[..., Path], tmp_path: Path) -> None:
    saved(LONG, "korea.csv")
    saved("Date,TQQQ\n2024-01-02,48.5\n2024-01-03,46.9\n2024-01-04,46.2\n", "us.csv")
    assert ["one calendar" in fault for fault in faults_of(tmp_path, ("005930", "TQQQ"))] == [True]
    assert [48.5, 46.9, 46.2] == closes(read_prices(tmp_path), "TQQQ")


def test_sessions_may_be_given(saved: Callable[..., Path]) -> None:
    two = [date(2024, 1, 2), date(2024, 1, 4)]
    assert [[79600.0], [76600.0]] == read_prices(saved(LONG)).window(["005930"], FIRST, LAST, two).tolist()


def test_a_single_file_without_a_ticker_is_refused(saved: Callable[..., Path]) -> None:
    assert "name the file after its ticker" in faults_of(saved(FINANCE_DATA_READER, "my prices.csv"))[0]


def test_a_folder_tells_which_files_it_skipped(saved: Callable[..., Path], tmp_path: Path) -> None:
    saved(LONG, "prices.csv")
    saved("month,debit\n2024-01,5\n", "other.csv")
    saved("time,005930\n2024-01-02 09:00,5\n2024-01-02 10:00,5\n", "hours.csv")
    saved("date,close\n2024-01-02 09:00,5\n2024-01-02 10:00,5\n", "000660.csv")
    history = read_prices(tmp_path)
    assert ["000660.csv", "hours.csv", "other.csv"] == [file.name for file in history.skipped]
    assert history.skipped[0].reason == "its rows are shorter than a day"


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("empty.csv", b"", "was an empty file"),
        ("only.csv", b"date,code,close\n", "must have a date and prices"),
        ("binary.csv", b"\xff\xff\xfe\x00\x81", "must be text in UTF-8 or CP949"),
        ("broken.parquet", b"PAR1 no", "must be a readable table"),
        ("other.xlsx", b"x", "a table file ends in"),
        ("words.csv", b"name,size\na,1\n", "no column of dates"),
        ("ragged.csv", b"date,code,close\n2024-01-02,005930,1,2,3\n", "must be a readable table"),
        ("twice.csv", "date,code,close,종가\n2024-01-02,005930,1,2\n".encode(), "more than one column of close"),
    ],
)
def test_a_file_that_is_no_history_is_refused(tmp_path: Path, name: str, raw: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(Refused) as refusal:
        read_prices(tmp_path / name)
    assert message in str(refusal.value)


def test_nothing_there_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="must be a file or a folder"):
        read_prices(tmp_path / "none.csv")
    with pytest.raises(Refused, match="must hold files that end in"):
        read_prices(tmp_path)
    with pytest.raises(Refused, match="must be a path, or a frame"):
        read_prices(42)


def test_files_that_agree_are_joined(saved: Callable[..., Path], tmp_path: Path) -> None:
    lines = FINANCE_DATA_READER.splitlines()
    head = "date,code,open,high,low,close,volume"
    body = [line.rsplit(",", 1)[0].replace(",", ",005930,", 1) for line in lines[1:]]
    saved("\n".join([head, *body[:2]]), "a.csv")
    saved("\n".join([head, *body[1:]]), "b.csv")
    window = read_prices(tmp_path).view(["005930"], FIRST, LAST)
    assert window.close[:, 0].tolist() == CLOSES
    assert window.origins == ("a.csv with b.csv",)


def test_files_that_contradict_one_another_are_refused(saved: Callable[..., Path], tmp_path: Path) -> None:
    saved(LONG, "a.csv")
    saved(LONG.replace(",77000,21753644", ",78000,21753644"), "b.csv")
    assert "77000 in a.csv and 78000 in b.csv on 2024-01-03, and 1 such days in all" in faults_of(tmp_path)[0]


def test_an_adjusted_file_beside_a_plain_one_is_a_note(saved: Callable[..., Path], tmp_path: Path) -> None:
    saved(WIDE, "a.csv")
    saved("Date,005930\n2024-01-02,1592\n2024-01-03,1540\n2024-01-04,1532\n", "b.csv")
    window = read_prices(tmp_path).view(["005930"], FIRST, LAST)
    assert window.close[:, 0].tolist() == CLOSES
    assert window.notes == ("005930: b.csv is 0.02 times a.csv throughout; not used",)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from([LONG, YFINANCE, WIDE, PYUPBIT]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 6), st.text(alphabet=',"\n0-9.aZé\x00;%', max_size=3))),
)
def test_no_damage_to_a_file_ends_in_anything_but_prices_or_a_refusal(
    saved: Callable[..., Path], text: str, cuts: list[tuple[int, int, str]]
) -> None:
    for start, length, piece in cuts:
        text = text[:start] + piece + text[start + length :]
    try:
        window = read_prices(saved(text)).view(["005930"], FIRST, LAST)
    except Refused:
        return
    assert (window.close > 0).all()
    assert np.isfinite(window.close).all()


@pytest.fixture(scope="module")
def recorded(shared_data: Path) -> PriceHistory:
    return read_prices(shared_data)


@pytest.mark.parametrize(
    ("tickers", "first", "last"),
    [
        (["KOSPI", "KOSDAQ", "USDKRW", "005930", "069500", "122630", "252670"], date(2020, 1, 31), date(2020, 4, 29)),
        (["KOSPI", "KOSDAQ", "005930", "247540", "035720"], date(2022, 5, 31), date(2022, 6, 30)),
        (["KOSPI", "004690", "016710", "017390", "030210", "004360"], date(2023, 3, 31), date(2023, 5, 31)),
        (["TQQQ", "SOXL"], date(2020, 1, 31), date(2020, 4, 29)),
        (["BTCUSDT"], date(2022, 5, 1), date(2022, 5, 31)),
    ],
)
def test_the_recorded_folder_serves_the_episodes(
    recorded: PriceHistory, tickers: list[str], first: date, last: date
) -> None:
    closes = recorded.window(tickers, first, last)
    assert np.isfinite(closes).all()
    assert (closes > 0).all()


@pytest.mark.parametrize(
    ("ticker", "first", "last", "message"),
    [
        ("KOSPI", date(2018, 9, 3), date(2019, 1, 31), "no session recorded from 2018-09-29 to 2019-01-01"),
        ("KOSPI", date(2011, 6, 1), date(2012, 1, 31), "no session recorded from 2011-07-01"),
        ("KOSPI", date(2025, 12, 1), date(2026, 1, 31), "no session recorded from 2025-12-31"),
        ("BTCUSDT", date(2022, 10, 15), date(2022, 12, 15), "no row from 2022-11-01 to 2022-11-30, 30 sessions"),
        ("122630", date(2018, 9, 3), date(2018, 11, 30), "no session recorded from 2018-09-29"),
    ],
)
def test_the_known_holes_of_the_recorded_folder_are_refused(
    recorded: PriceHistory, ticker: str, first: date, last: date, message: str
) -> None:
    with pytest.raises(Refused, match=message):
        recorded.window([ticker], first, last)


def test_a_halted_name_of_the_record(shared_data: Path) -> None:
    window = read_prices(shared_data / "kr_stocks_ohlcv_2020_2025.csv").view(
        ["035720"], date(2021, 4, 8), date(2021, 4, 16)
    )
    halted = [day for day, still in zip(window.days, window.halted[:, 0], strict=True) if still]
    assert [date(2021, 4, 12), date(2021, 4, 13), date(2021, 4, 14)] == halted
