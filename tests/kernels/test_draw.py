"""Draws of paths: luck that does not depend on how it is cut, and the laws that it follows."""

from math import log, sqrt

import numpy as np
import pytest
from run.walk_fixture import luck

from gaemi.chance import PATH, normal_quantile, uniform, word
from gaemi.kernels import draw as kernel
from gaemi.kernels._compile import compiled
from gaemi.kernels.draw import CHI_END, GARCH, GBM, GIVEN, GRID_END, HISTORY, Drawn, Luck, Sheet
from gaemi.rules.garch import kurtosis, long_run_variance, next_variance

SEED, NUMBER = 11, 4_000_000_000_123
"""A driver's number of more than 32 bits."""


def normals(path: int, first: int, count: int) -> np.ndarray:
    rows = np.zeros((2, count + 8))
    compiled(kernel.standard_normals)(SEED, path, NUMBER, first, count, rows)
    return rows[0, :count]


def drawn_for(told: Luck, paths: int) -> Drawn:
    drivers = told.number.size
    start = told.garch[:, 4] if told.garch.size else np.zeros(drivers)
    return Drawn(np.arange(paths), np.ones((paths, drivers)), np.tile(start, (paths, 1)), np.full(paths, -1))


def sheet_for(told: Luck, sessions: int) -> Sheet:
    drivers = told.number.size
    return Sheet(np.ones((drivers, sessions + 1)), np.zeros((drivers + 2, sessions + 8)), np.zeros(sessions, np.int64))


def levels(told: Luck, paths: int, cuts: list[int]) -> tuple[np.ndarray, np.ndarray, Drawn]:
    """Levels [p, d, t] and resampled rows [p, t] of sessions 1 to the last of ``cuts``, drawn from cut to cut."""
    sessions = cuts[-1] - 1
    found = np.zeros((paths, told.number.size, sessions))
    rows = np.zeros((paths, sessions), np.int64)
    drawn = drawn_for(told, paths)
    for path in range(paths):
        first = 1
        for stop in cuts:
            sheet = sheet_for(told, stop - first)
            compiled(kernel.draw_path)(told, sheet, drawn, path, first, stop)
            found[path, :, first - 1 : stop - 1] = sheet.level[:, 1:]
            rows[path, first - 1 : stop - 1] = sheet.row
            first = stop
    return found, rows, drawn


def steps(level: np.ndarray) -> np.ndarray:
    """Log returns [p, d, t] of levels that begin at 1."""
    before = np.concatenate((np.ones((*level.shape[:2], 1)), level[:, :, :-1]), axis=2)
    return np.log(level / before)


def within(expected: float, values: np.ndarray, errors: float = 4.0) -> bool:
    """Whether the mean of independent values lies within so many of its standard errors of what is expected."""
    return abs(float(values.mean()) - expected) <= errors * float(values.std(ddof=1)) / sqrt(values.size)


@pytest.mark.parametrize(("first", "count"), [(0, 1), (1, 1), (3, 2), (5, 11), (7, 40), (39, 1), (2, 97)])
def test_normals_are_the_same_however_they_are_cut(first: int, count: int) -> None:
    assert normals(3, 0, 100)[first : first + count].tolist() == normals(3, first, count).tolist()


def test_the_first_normal_of_four_is_that_of_a_single_word() -> None:
    single = [normal_quantile(uniform(word(SEED, 9, PATH, session // 4, NUMBER, 0))) for session in range(0, 400, 4)]
    assert single == normals(9, 0, 400)[::4].tolist()


def test_normals_are_standard_normal_and_not_the_same_on_two_paths() -> None:
    many = np.array([normals(path, 1, 1_000) for path in range(400)])
    flat = many.ravel()
    assert within(0.0, flat) and within(1.0, flat**2) and within(0.0, flat**3) and within(3.0, flat**4)
    assert within(0.0, (many[:, 1:] * many[:, :-1]).ravel()), "a session tells nothing of the next"
    assert within(0.0, (many[1:] * many[:-1]).ravel()), "a path tells nothing of the next"
    under = np.array([-3.0, -1.0, 0.5, 2.5])
    odds = np.array([0.0013498980316301, 0.158655253931457, 0.691462461274013, 0.993790334674224])
    error = np.sqrt(odds * (1 - odds) / flat.size)
    assert (np.abs((flat[:, None] < under).mean(axis=0) - odds) <= 4 * error).all()


def correlated() -> Luck:
    matrix = np.array([[1.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 1.0]])
    return luck(GBM, np.array([0.01, 0.02, 0.03]), np.linalg.cholesky(matrix))


def test_steps_reach_the_correlation_and_the_deviations_asked_for() -> None:
    made = steps(levels(correlated(), 100, [2_001])[0]).transpose(1, 0, 2).reshape(3, -1)
    count = made.shape[1]
    for driver, deviation in enumerate((0.01, 0.02, 0.03)):
        assert within(deviation**2, made[driver] ** 2)
    found = np.corrcoef(made)
    for one, other, asked in ((0, 1, 0.6), (0, 2, -0.3), (1, 2, 0.2)):
        assert abs(found[one, other] - asked) <= 4 * (1 - asked**2) / sqrt(count)


def test_a_driver_keeps_its_own_luck_whoever_stands_beside_it() -> None:
    """The first in the order of mixing: its steps are its own draws alone."""
    three, one = correlated(), luck(GBM, np.array([0.01]))
    assert levels(three, 3, [50])[0][:, 0].tolist() == levels(one, 3, [50])[0][:, 0].tolist()


def stretches(lengths: list[int], block_length: float) -> Luck:
    """A record of unbroken stretches; the return of row i is i / 1000, so that a path tells its rows."""
    ends = np.cumsum(lengths)
    size = int(ends[-1])
    return luck(
        HISTORY,
        np.ones(1),
        rows=np.arange(size)[:, None] / 1_000.0,
        run_end=np.repeat(ends, lengths),
        run_start=ends - np.array(lengths),
        block_bits=round(2**32 / block_length),
    )


GAPS = [1, 2, 30, 5, 1, 12]


def test_a_resampled_step_is_the_recorded_return_of_its_row() -> None:
    level, rows, _ = levels(stretches(GAPS, 8.0), 5, [200])
    np.testing.assert_allclose(steps(level)[:, 0], rows / 1_000.0, atol=1e-12)


@pytest.mark.parametrize("block_length", [2.0, 8.0, 1_000.0])
def test_every_recorded_day_is_drawn_equally_often_whatever_the_gaps(block_length: float) -> None:
    size, sessions = sum(GAPS), 200
    _, rows, _ = levels(stretches(GAPS, block_length), 2_000, [sessions + 1])
    counts = np.array([np.bincount(path, minlength=size) for path in rows])
    assert [True] * size == [within(sessions / size, counts[:, row].astype(float)) for row in range(size)]


def test_no_block_steps_across_a_gap() -> None:
    """Blocks that luck never ends: a row is followed by the next, and the last of a stretch by a first of any."""
    told = stretches(GAPS, 1e12)
    assert told.block_bits == 0
    _, rows, _ = levels(told, 500, [200])
    last, after = rows[:, :-1].ravel(), rows[:, 1:].ravel()
    at_end = last + 1 == told.run_end[last]
    assert (after[~at_end] == last[~at_end] + 1).all()
    assert np.isin(after[at_end], told.run_start).all()
    for start in told.run_start:
        assert within(1 / len(GAPS), (after[at_end] == start).astype(float))


@pytest.mark.parametrize("block_length", [1.0, 5.0, 40.0])
def test_blocks_are_as_long_as_asked_on_average(block_length: float) -> None:
    """In one stretch of n rows a session goes on in a circle unless its block ends and lands elsewhere."""
    size = 997
    told = stretches([size], block_length)._replace(block_bits=min(2**32, round(2**32 / block_length)))
    _, rows, _ = levels(told, 200, [1_000])
    ended = (rows[:, 1:] != (rows[:, :-1] + 1) % size).ravel()
    assert within((1 - 1 / size) / block_length, ended.astype(float))


GJR = np.array([[2e-6, 0.03, 0.10, 0.88, 1.5e-4], [4e-6, 0.05, 0.0, 0.90, 6e-5]])


def changing(innovation: np.ndarray, tail: np.ndarray) -> Luck:
    mixing = np.linalg.cholesky(np.array([[1.0, 0.5], [0.5, 1.0]]))
    return luck(GARCH, np.ones(2), mixing, garch=GJR, innovation=innovation, tail=tail)


def with_normal_innovations() -> Luck:
    return changing(np.tile(np.linspace(-GRID_END, GRID_END, 2_049), (2, 1)), np.ones(1_025))


def with_fat_tails(own: list[float], shared: float) -> Luck:
    from gaemi.market.garch import chi_table, innovation_table

    return changing(innovation_table(own, shared), chi_table(shared))


def test_a_path_of_changing_variance_follows_from_its_draws_by_the_rules() -> None:
    """Normal draws, times the tail that the session shares, through each driver's table, times the root."""
    told = with_fat_tails([4.0, 7.0], 6.0)
    level, _, drawn = levels(told, 3, [120])
    path, sessions = 2, 119
    rows = np.zeros((2, sessions + 8))
    draws = []
    for number in (*told.number.tolist(), 0):
        compiled(kernel.standard_normals)(told.seed, path, number, 1, sessions, rows)
        draws.append(rows[0, :sessions].copy())
    shared = np.interp(draws[2], np.linspace(-CHI_END, CHI_END, told.tail.size), told.tail)
    for driver in range(2):
        own = sum(told.mixing[driver, other] * draws[other] for other in range(driver + 1))
        grid = np.linspace(-GRID_END, GRID_END, told.innovation.shape[1])
        innovation = np.interp(own * shared, grid, told.innovation[driver])
        variance = told.garch[driver, 4]
        for session in range(sessions):
            shock = sqrt(variance) * innovation[session]
            before = level[path, driver, session - 1] if session else 1.0
            assert log(level[path, driver, session] / before) == pytest.approx(shock, abs=1e-12)
            variance = next_variance(variance, shock, *told.garch[driver, :4])
        assert drawn.variance[path, driver] == pytest.approx(variance, rel=1e-9)


def at_long_run(told: Luck) -> tuple[Luck, list[float]]:
    """The luck begun at its long-run variances: then the mean of every session's variance is that."""
    settled = [long_run_variance(*row[:4]) for row in told.garch.tolist()]
    return told._replace(garch=np.column_stack((told.garch[:, :4], settled))), settled


@pytest.mark.parametrize("tails", [None, ([5.0, 8.0], 7.0)])
def test_shocks_have_the_long_run_variance(tails: tuple[list[float], float] | None) -> None:
    """Path by path, because sessions of one path hang together; both fourth moments are finite."""
    widest = [3.0 + 6.0 / (degrees - 4.0) for degrees in tails[0]] if tails else [3.0, 3.0]
    told, settled = at_long_run(with_fat_tails(*tails) if tails else with_normal_innovations())
    finite = [kurtosis(a, g, b, of) < np.inf for (_, a, g, b, _), of in zip(told.garch.tolist(), widest, strict=True)]
    assert [True, True] == finite
    made = steps(levels(told, 1_500, [200])[0])
    for driver in range(2):
        assert within(settled[driver], (made[:, driver] ** 2).mean(axis=1))
        assert within(0.0, made[:, driver].mean(axis=1))


def kinds() -> dict[str, Luck]:
    told = luck(GIVEN, np.ones(1), given=np.linspace(1.0, 2.0, 80)[:, None])
    return {
        "given": told, "gbm": correlated(), "history": stretches(GAPS, 6.0), "garch": with_fat_tails([4.0, 7.0], 6.0)
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["given", "gbm", "history", "garch"])
@pytest.mark.parametrize("cuts", [[2, 3, 80], [5, 6, 7, 41, 80], [78, 80]])
def test_a_path_is_the_same_however_its_sessions_are_cut(kind: str, cuts: list[int]) -> None:
    told = kinds()[kind]
    assert levels(told, 4, [80])[0].tolist() == levels(told, 4, cuts)[0].tolist()


@pytest.mark.parametrize("kind", ["gbm", "history", "garch"])
def test_a_path_is_the_same_with_the_compiler_off(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = kinds()[kind]
    compiled_levels = levels(told, 2, [40])[0]
    monkeypatch.setenv("GAEMI_COMPILE", "0")
    with np.errstate(over="ignore"):  # words wrap, and plain numpy says so
        assert compiled_levels.tolist() == levels(told, 2, [40])[0].tolist()
