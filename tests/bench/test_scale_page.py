"""The page of speed and scale: its figures are those of the JSON beside it, and its arithmetic can be done by hand."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import clusters, far, figures, long_runs, page, run, scale, taken_apart, widths
from bench.figures import Figure
from bench.report import document
from gaemi.bench import passed_on

DOCS = Path(__file__).resolve().parents[2] / "docs"
GIB = 2**30


def found() -> dict[str, object]:
    """What a run found on an invented machine of 10 accounts."""
    details = {"accounts": 10, "days": 5, "threads": 2}
    rows = [
        Figure(taken_apart.READ_ALL, "GB/s", (20.0,), details=details),
        Figure(scale.BUILD_NAME, "s", (40.0,), details=details),
        Figure(long_runs.NOISE_NAME, "s", (100.0,), details=details),
        Figure(long_runs.COUNTRY_MEMORY, "GiB", (10.0 / GIB * 120,)),
        Figure(widths.ALL_COLUMNS, "GB", (1.0,), details={**details, "bytes": 900}),
        Figure(widths.A_SCENARIO, "GB", (1.0,), details={**details, "bytes": 200}),
        Figure(widths.CHECKPOINT_BYTES, "GB", (1.0,), details={**details, "bytes": 210}),
        Figure(widths.DAY_RECORD, "kB", (1.0,), details={"bytes": 500}),
        Figure(clusters.TRAFFIC_MANY, "kB", (1.0,), details={"bytes": 3_000, "shards": 2}),
        Figure(clusters.STEP_NAME, "ms", (30.0,), details={"shards": 2}),
        Figure(taken_apart.OF_THE_DAY + "mark", "ms", (7.0,), details={"bytes": 1e9, "gb_s": 9.0, "limit_share": 0.5}),
        Figure(taken_apart.OF_THE_DAY + taken_apart.PRICES, "ms", (2.0,)),
    ]
    where = {
        "on": "2026-01-01",
        "processor": "P",
        "cores": 4,
        "memory_gib": 1.0,
        "load_average": [0.5],
        "versions": {"ray": "absent", "numba": "1"},
    }
    return document([replace(row, part="scale") for row in rows], False, where)


def test_the_arithmetic_is_that_of_the_constants() -> None:
    known = far.constants_of(found())
    assert (90.0, 20.0, 21.0) == (known.account_bytes, known.copied_bytes, known.checkpoint_bytes_an_account)
    assert (4.0, 120.0) == (known.build_seconds_an_account, pytest.approx(known.driver_bytes_an_account))
    assert 100.0 * 2 / (5 * 10) == known.day_seconds_an_account
    assert (1_500.0, 0.015) == (known.shard_traffic_bytes, known.shard_step_seconds)
    plan = far.Plan(accounts=1_000, paths=3, sessions=2, machines=10, link_gbit_s=0.012)
    worked = far.worked_out(known, plan)
    assert (100.0, 40) == (worked.accounts_a_machine, worked.shards)
    assert (9_000.0, 2_000.0) == (worked.table_bytes, worked.copied_bytes)
    assert (100.0, 0.6) == (worked.day_seconds, pytest.approx(worked.step_seconds))
    assert (60_000.0, 0.04) == (worked.traffic_bytes, pytest.approx(worked.wire_seconds))
    assert 3 * 2 * (100.0 + 0.6 + 0.04) == pytest.approx(worked.all_seconds)
    assert (4_000.0, 3_000.0) == (worked.build_seconds, worked.kept_bytes)
    assert 0.3 * GIB == worked.store_bytes


def test_what_breaks_first_is_what_a_run_meets_first() -> None:
    known = far.constants_of(found())
    few, many = (far.worked_out(known, far.Plan(accounts=n, machines=n // 100)) for n in (1_000, 10**10))
    assert [] == few.breaks
    assert many.breaks[0].startswith("the driver's memory")
    assert dict(many.met)[many.breaks[0]] == pytest.approx(10**10 * 120 / GIB)
    slow = far.worked_out(known, far.Plan(accounts=10, machines=10_000))
    assert ["the driver's calls and joins, beside the day that they serve"] == slow.breaks[:1]
    assert "The first to break is the driver's memory" in page.on_paper(found())


def test_a_busy_machine_is_told() -> None:
    busy = found()
    assert "Others worked on it" not in page.measured(busy)
    busy["machine"]["load_average"] = [4.5]  # type: ignore[index]
    assert "Others worked on it too" in page.measured(busy)


def test_a_figure_that_is_not_there_is_named_instead_of_worked_with() -> None:
    lost = found()
    lost["figures"] = [row for row in lost["figures"] if row["name"] != clusters.STEP_NAME]  # type: ignore[attr-defined]
    assert "Not worked out" in page.on_paper(lost)
    assert clusters.STEP_NAME in page.on_paper(lost)


def test_the_page_is_what_the_json_beside_it_says() -> None:
    text = (DOCS / "scale.md").read_text(encoding="utf-8")
    source = json.loads((DOCS / "scale.json").read_text(encoding="utf-8"))
    assert not source["quick"]
    assert text == page.placed(text, source)


def test_a_page_changes_where_its_blocks_are_and_nowhere_else(tmp_path: Path) -> None:
    first, last = (page.markers(block) for block in page.BLOCKS)
    where = tmp_path / "page.md"
    where.write_text(
        f"before\n{first[0]}\nout of date\n{first[1]}\nbetween\n{last[0]}\nout of date\n{last[1]}\nafter\n",
        encoding="utf-8",
    )
    assert "" == page.fault(where, quick=False, scale=True)
    other = Figure("a day", "ms", (5.0,), figures.Target(4.0), part="day").document()
    run_of_all = {**found(), "figures": [*found()["figures"], other], "missed": ["a day"]}  # type: ignore[misc]
    (tmp_path / "all.json").write_text(json.dumps(run_of_all), encoding="utf-8")
    assert "" == page.again(where, tmp_path / "all.json")
    text = where.read_text(encoding="utf-8")
    assert "out of date" not in text
    assert text.startswith(f"before\n{first[0]}\n\nOn 2026-01-01: P, 4 cores")
    assert f"\n{first[1]}\nbetween\n{last[0]}\n" in text
    assert text.endswith(f"{last[1]}\nafter\n")
    assert "| mark | 7.0 | 1.000 | 9.0 | 50 % |" in text
    assert f"| {taken_apart.PRICES} | 2.0 |  |  |  |" in text
    assert "No target is missed" in text, "other parts have pages of their own"
    assert text == page.placed(text, json.loads((tmp_path / "page.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("quick", "asked", "text", "words"),
    [
        (True, True, "", "needs a full run"),
        (False, False, "", "--only scale"),
        (False, True, "no markers", "must have once each line"),
        (False, True, None, "no file"),
    ],
)
def test_a_page_that_cannot_be_written_is_refused_before_anything_is_timed(
    tmp_path: Path, quick: bool, asked: bool, text: str | None, words: str
) -> None:
    where = tmp_path / "page.md"
    if text is not None:
        where.write_text(text, encoding="utf-8")
    assert words in page.fault(where, quick, asked)


def test_the_script_refuses_what_it_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in ((["--quick", "--page", "x.md"], "full run"), (["--repeats", "0"], "1 or more")):
        with pytest.raises(SystemExit) as stopped:
            run.main(arguments)
        assert 2 == stopped.value.code
        assert words in capsys.readouterr().err


def test_every_part_has_a_bench_and_the_door_passes_options_on() -> None:
    assert all((DOCS.parent / "bench" / f"{part}.py").is_file() for part in run.PARTS)
    assert ["--only", "scale", "--page", "p.md"] == passed_on(only="scale", repeats=None, page=Path("p.md"))


@pytest.mark.parametrize(
    ("bytes_of", "words"), [(12.0, "12 bytes"), (1_250.0, "1.25 kB"), (94e9, "94 GB"), (2.5e12, "2.50 TB")]
)
def test_bytes_as_people_say_them(bytes_of: float, words: str) -> None:
    assert words == page.size(bytes_of)


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (5e-9, "5.00 ns"),
        (2.5e-6, "2.50 µs"),
        (0.012, "12 ms"),
        (3.5, "3.50 s"),
        (600.0, "10 minutes"),
        (8e5, "9.26 days"),
    ],
)
def test_seconds_as_people_say_them(spent: float, words: str) -> None:
    assert words == page.span(spent)
