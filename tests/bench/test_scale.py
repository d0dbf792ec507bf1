"""Speed and scale: what a kernel goes through is seen, the day that is timed happens, bytes are those of columns."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from bench import clusters, long_runs, report, scale, taken_apart, watched, widths
from bench.figures import Figure
from bench.ours import ReadingColumns
from gaemi.kernels.mark import mark_plain
from gaemi.kernels.settle import settle_loans
from gaemi.market.shocks import with_default
from gaemi.records.columns import NEVER, Borrowing, borrowing_group, plain_group
from gaemi.run import copied as of_a_scenario
from gaemi.run import fingerprint
from gaemi.scene import Request, Scene, prepare

SCALE = 5_000


@pytest.fixture(scope="module")
def workers() -> Iterator[watched.Watched]:
    with watched.Watched(2) as these:
        yield these


@pytest.fixture(scope="module")
def scene(workers: watched.Watched) -> Scene:
    return prepare(Request(scale=SCALE), workers)


@pytest.fixture(scope="module")
def columns(scene: Scene) -> taken_apart.Columns:
    return taken_apart.columns_gone_through(scene)


def touched_by(kernel: object, group: object, *args: object, out: list[object]) -> list[str]:
    spy = watched.Spying()
    spy.each(kernel, [group], *args, out=out)  # type: ignore[arg-type]
    return [name for _, name in spy.gone_through()[kernel.__name__]]  # type: ignore[attr-defined]


def test_what_a_kernel_goes_through_is_seen() -> None:
    group = borrowing_group(100, 2, 1)
    assert touched_by(settle_loans, group, out=[]) == [
        "settled_won",
        "repaid_today_won",
        "repaid_yesterday_won",
        "repaid_before_won",
    ]


def sum_of_loans(group: Borrowing, total: np.ndarray, start: int, stop: int) -> None:
    """A kernel that looks at what is owed only where something is."""
    for j in range(start, stop):
        if group.loan_kind[0, j] != 0:
            total[0] += group.principal_won[0, j]


@pytest.mark.parametrize(("owing", "gone_through"), [(slice(0, 8), False), (slice(None, None, 8), True)])
def test_a_column_touched_here_and_there_is_gone_through_only_if_every_line_is(
    owing: slice, gone_through: bool
) -> None:
    group = borrowing_group(6_400, 1, 1)
    group.loan_kind[0, owing] = 1
    touched = touched_by(sum_of_loans, group, out=[np.zeros(1, np.int64)])
    assert ["loan_kind"] + ["principal_won"] * gone_through == touched


def test_a_kernel_that_runs_twice_goes_through_its_columns_twice() -> None:
    spy, group = watched.Spying(), borrowing_group(100, 1, 1)
    spy.each(settle_loans, [group], out=[])
    once = spy.gone_through()["settle_loans"]
    spy.each(settle_loans, [group], out=[])
    assert 2 * once == spy.gone_through()["settle_loans"]


def test_lines_are_those_of_memory() -> None:
    column = watched.Noting(np.zeros((2, 100), np.int64), np.zeros((2, 100), bool))
    assert (0, 26) == column.lines()
    column[0, 0] = 1
    column[1][8:16][0] += 1
    assert (2, 26) == column.lines()
    assert [1, 0, 1] == [column.values[0, 0], column.values[1, 0], column.values[1, 8]]


def test_kernels_are_timed_by_name(workers: watched.Watched) -> None:
    workers.forget()
    quotes = SimpleNamespace(unit=np.ones(1, np.int64))
    plain = watched.Watched(1)
    plain._plain = True
    plain.each(mark_plain, [plain_group(10, 1)], quotes, out=[np.zeros(7, np.int64), np.zeros(1, np.int64)])
    assert {"mark_plain"} == plain.ran
    assert plain.spent["mark_plain"] > 0
    plain.forget()
    assert set() == plain.ran


def test_the_day_that_is_timed_goes_through_the_holdings_of_all(columns: taken_apart.Columns) -> None:
    assert {("Plain", "instrument"), ("Plain", "quantity"), ("Plain", "cash_won")} <= set(columns["mark_plain"])
    seen = {place for every in columns.values() for place in every}
    assert {("Borrowing", name) for name in ("instrument", "quantity", "principal_won", "sale_day")} <= seen
    assert ("Borrowing", "due") not in seen, "terms are looked at where something is unpaid"
    assert set(columns) <= set(taken_apart.PARTS), "give the new kernel words in taken_apart.PARTS"


def test_a_day_taken_apart_adds_up(scene: Scene, columns: taken_apart.Columns, workers: watched.Watched) -> None:
    day = taken_apart.FallingDay(scene, workers)
    with ThreadPoolExecutor(2) as pool:
        taken = taken_apart.take_apart(day, columns, 2, pool.map)
    assert 2 == len(taken.day) == len(taken.reading)
    assert {taken_apart.PRICES, "mark_plain"} <= set(taken.parts)
    for repeat, spent in enumerate(taken.day):
        assert spent == pytest.approx(sum(timed[repeat][0] for timed in taken.parts.values()))
    found = {figure.name: figure for figure in taken_apart.figures_of(taken, 7, judged=False)}
    marked = found[taken_apart.OF_THE_DAY + taken_apart.PARTS["mark_plain"]]
    assert marked.details["bytes"] == taken.bytes["mark_plain"] > 0
    assert marked.details["limit_share"] > 0
    assert all(figure.target is None for figure in found.values())


def test_the_day_is_the_same_at_every_repeat(scene: Scene, workers: watched.Watched) -> None:
    day, found = taken_apart.FallingDay(scene, workers), []
    for _ in range(2):
        day.ready()
        day()
        found.append(fingerprint(day.world))
    assert found[0] == found[1]


def test_a_day_on_which_nobody_is_called_stops_the_bench(scene: Scene, workers: watched.Watched) -> None:
    day = taken_apart.FallingDay(scene, workers)
    day.path = scene.shock_path(with_default(1_000), taken_apart.DAY)
    day.ready()
    for group in day.world.population.borrowing:
        group.sale_day[:] = NEVER
    with pytest.raises(taken_apart.NothingHappened):
        day()


def test_bytes_are_those_of_the_columns() -> None:
    read = ReadingColumns([np.zeros(80, np.int64), np.zeros((2, 8), np.uint8)], 2, map)
    read()
    assert 656 == read.bytes


def test_free_slots_count_in_the_bytes_of_a_holding() -> None:
    plain, borrowing = plain_group(10, 2), borrowing_group(5, 1, 2)
    plain.quantity[0, :] = 1
    borrowing.quantity[0, :] = 1
    borrowing.loan_kind[0, :] = 1
    population = SimpleNamespace(plain=[plain], borrowing=[borrowing], nbytes=lambda: 1_000_000)
    found = {figure.name: figure for figure in widths.widths(population)}  # type: ignore[arg-type]
    assert 22.0 == found[widths.PLAIN_ACCOUNT].median
    assert 12.0 == found[widths.PLAIN_HOLDING].median == 2 * (2 + 4)
    assert 11.0 == found[widths.BORROWED_HOLDING].median
    assert 110.0 == found[widths.LOAN].median == 2 * 55
    assert {"instrument": 4.0, "quantity": 8.0} == found[widths.PLAIN_HOLDING].details
    assert (22.0 * 10 + (61.0 + 110.0) * 5) / 15 == found[widths.EVERY_ACCOUNT].median


def test_a_days_record_holds_names_and_a_checkpoint_holds_accounts(scene: Scene) -> None:
    path = scene.shock_path(with_default(taken_apart.FALL_BPS), 2)
    world = long_runs.days_of(scene, path)
    nobody = replace(scene, start=replace(scene.start, population=of_a_scenario(scene.start.population, scene.workers)))
    figure = widths.kept_of_a_day(long_runs.days_of(nobody, path), world)
    assert figure.details["bytes"] == figure.details["fewer_accounts_bytes"]
    assert figure.details["bytes"] > 8 * figure.details["names"]
    size, spent = widths.checkpoint(world, 1)
    copied = sum(column.nbytes for group in scene.start.population.borrowing for column in group)
    assert size.details["bytes"] > copied
    assert spent.median > 0


def test_noise_moves_every_name_every_day_and_is_the_same_again(scene: Scene) -> None:
    flat = scene.shock_path(with_default(0), 3)
    noise = long_runs.noisy(flat, scene)
    names = scene.instruments
    moving = (names.halted == 0) & (names.volatility > 0) & ~np.isnan(flat.factor_close[0])
    steps = np.diff(noise.factor_close[:, moving], axis=0)
    assert moving.sum() > 100
    assert (steps != 0).all()
    assert (noise.factor_close[0, moving] == flat.factor_close[0, moving]).all()
    again = long_runs.noisy(flat, scene)
    assert np.array_equal(noise.factor_close, again.factor_close, equal_nan=True)


def test_without_a_cluster_nothing_of_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    from gaemi.errors import refuse

    def none(_: int) -> None:
        raise refuse("--workers ray", "Ray is not installed", "needs the extra cluster")

    monkeypatch.setattr(clusters, "RayWorkers", none)
    said: list[str] = []
    assert [] == list(clusters.cluster([], 1, True, said.append))
    assert "Ray is not installed" in said[0]


def test_the_furthest_part_and_the_costliest_are_named() -> None:
    def part(name: str, ms: float, share: float) -> Figure:
        return Figure(taken_apart.OF_THE_DAY + name, "ms", (ms,), details={"limit_share": share})

    found = report.document([part("fill", 2.0, 0.05), part("mark", 80.0, 0.3), part("tally", 9.0, 0.9)], False, {})
    words = report.furthest(found)
    assert "is 'fill', at 5.00 %" in words
    assert "goes to 'mark', 80 ms" in words
    assert "" == report.furthest(report.document([Figure("a day", "ms", (1.0,))], False, {}))


@pytest.mark.slow
def test_the_quick_bench_measures_everything_and_judges_bytes_alone() -> None:
    said: list[str] = []
    found = {figure.name: figure for figure in scale.figures(True, 1, said.append)}
    assert said
    assert all(figure.median > 0 for figure in found.values())
    assert {figure.unit for figure in found.values() if figure.target} == {"bytes"}
    assert {long_runs.FALL_NAME, long_runs.NOISE_NAME, long_runs.BEFORE_NAME, taken_apart.GROWTH_NAME} <= set(found)
    if clusters.RATIO_NAME in found:
        few, many = (found[name].median for name in (clusters.TRAFFIC_FEW, clusters.TRAFFIC_MANY))
        assert few == pytest.approx(many, rel=0.1), "what crosses in a step must not grow with accounts"
