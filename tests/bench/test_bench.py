"""Benches: everybody finds the same answer, verdicts follow medians, the door says what it needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import accounts, figures, in_numpy, in_polars, ours, report
from gaemi.bench import bench
from gaemi.errors import Refused
from gaemi.workers import LocalWorkers


@pytest.fixture(scope="module")
def workers() -> Iterator[LocalWorkers]:
    with LocalWorkers(2) as these:
        yield these


@pytest.fixture(scope="module")
def these(workers: LocalWorkers) -> accounts.Country:
    return accounts.country(5_000, workers)


@pytest.fixture(scope="module")
def wanted(these: accounts.Country, workers: LocalWorkers) -> accounts.Answer:
    day = ours.OurDay(these, workers)
    day()
    return day.answer()


def found_by(way: object) -> accounts.Answer:
    way()  # type: ignore[operator]
    return way.answer()  # type: ignore[attr-defined, no-any-return]


def test_somebody_is_under_maintenance_on_the_day_that_is_timed(wanted: accounts.Answer) -> None:
    assert wanted.under > 0


def test_numpy_and_polars_find_what_we_find(these: accounts.Country, wanted: accounts.Answer) -> None:
    tables = accounts.long_tables(these)
    ways = (
        in_numpy.NumpyLong(tables),
        in_numpy.NumpySlots(these),
        in_polars.PolarsLong(tables),
        in_polars.PolarsWide(these),
    )
    assert [wanted] * 4 == [found_by(way) for way in ways]


def test_duckdb_finds_what_we_find(these: accounts.Country, wanted: accounts.Answer) -> None:
    pytest.importorskip("duckdb")
    from bench.in_duckdb import DuckdbLong, DuckdbWide

    ways = (DuckdbLong(accounts.long_tables(these), 1), DuckdbWide(these, 1))
    assert [wanted] * 2 == [found_by(way) for way in ways]


def test_mesa_finds_what_we_find(these: accounts.Country, wanted: accounts.Answer) -> None:
    pytest.importorskip("mesa")
    from bench.in_mesa import MesaAgents

    assert wanted == found_by(MesaAgents(these))


def test_a_day_repeated_calls_anew_once_its_clocks_are_forgotten(
    these: accounts.Country, wanted: accounts.Answer, workers: LocalWorkers
) -> None:
    day = ours.OurDay(these, workers)
    day.forget_calls()
    day()
    day()
    assert day.answer().under == 0
    day.forget_calls()
    day()
    assert wanted == day.answer()


@pytest.mark.parametrize(
    ("values", "target", "verdict"),
    [
        ((90.0, 110.0, 500.0), figures.Target(120.0), "reached"),
        ((90.0, 130.0, 140.0), figures.Target(120.0), "missed"),
        ((7.0, 8.0, 5.0), figures.Target(6.0, least=True), "reached"),
        ((5.0, 5.9, 8.0), figures.Target(6.0, least=True), "missed"),
        ((5.0,), None, ""),
    ],
)
def test_the_median_decides(values: tuple[float, ...], target: figures.Target | None, verdict: str) -> None:
    assert verdict == figures.Figure("a day", "ms", values, target).verdict


def test_ours_and_the_other_take_turns() -> None:
    order: list[str] = []
    figures.pairs(lambda: order.append("A"), lambda: order.append("B"), 2, lambda: order.append("before"))
    assert ["before", "A", "B", "before", "A", "B"] == order


def test_a_ratio_is_that_of_neighbours_and_scaled() -> None:
    assert (20.0, 30.0) == figures.ratio([(1.0, 2.0), (2.0, 6.0)], times=10.0)


def test_misses_are_printed_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    slow = figures.Figure("a day", "ms", (200.0,), figures.Target(120.0))
    found = report.document([slow], False, report.machine())
    report.print_table(found)
    assert ["a day"] == found["missed"]
    assert "targets missed: a day" in capsys.readouterr().out


def test_the_door_says_that_it_needs_a_checkout(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="checkout"):
        bench(script=tmp_path / "run.py")
