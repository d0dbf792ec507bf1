"""Draw: one path's luck, laid out as levels of each driver, a row of sessions at a time.

A *driver* is a price that moves by itself: a share, an index, a currency. What moves with it (a fund) follows from it.
Levels are relative to the start and without drift: drifts, leverages and what-ifs of an account share one drawing.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np

from gaemi.chance import (
    BLOCK,
    MIDDLE,
    PATH,
    exp,
    exp_small,
    normal_in_the_middle,
    normal_in_the_tails,
    uniform,
    words,
    words_in_rows,
)
from gaemi.rules.garch import next_variance

GIVEN, GBM, HISTORY, GARCH = range(4)
"""Kinds of luck: levels that are given, normal steps, resampled days, changing variance with fat tails."""

SMALL = 0.35
"""Largest size of a log return for which the short series of the exponential is used."""

NO_DRAW = 9.0
"""Stands for a draw that is worked out elsewhere: beyond what any draw can be."""

GRID_END = 12.0
CHI_END = 6.0
"""Half widths of the grids on which the tables of innovations and of the shared tail are given."""


class Luck(NamedTuple):
    """What paths are drawn from. ``d`` drivers; arrays of the kinds that are not used have a length of 0."""

    kind: int
    seed: int
    number: np.ndarray  # int64 [d] chance.name_id of each driver
    mixing: np.ndarray  # float64 [d, d] lower root of the correlation
    deviation: np.ndarray  # float64 [d] of a session's log return; 1 where garch gives it
    given: np.ndarray  # float64 [t + 1, d] levels, kind GIVEN
    rows: np.ndarray  # float64 [n, d] log returns less their mean, kind HISTORY
    run_end: np.ndarray  # int64 [n] one past the last row of a row's unbroken stretch
    run_start: np.ndarray  # int64 [k] first rows of the stretches
    block_bits: int  # of 2 ** 32: odds that a resampled block ends at a session
    garch: np.ndarray  # float64 [d, 5] omega, alpha, gamma, beta, starting variance
    innovation: np.ndarray  # float64 [d, k] by variate on an even grid of GRID_END to both sides
    tail: np.ndarray  # float64 [m] what all variates of a session are multiplied by, on a grid of CHI_END


class Sheet(NamedTuple):
    """One thread's paper for one path: rows of sessions, ``t`` of them at the most."""

    level: np.ndarray  # float64 [d, t + 1]; column 0 is the level before the first session
    draw: np.ndarray  # float64 [d + 2, t + 8] draws and log returns
    row: np.ndarray  # int64 [t] resampled rows


class Drawn(NamedTuple):
    """Where each path stood when it was last drawn: ``p`` paths."""

    number: np.ndarray  # int64 [p] the path's number, key of its luck
    level: np.ndarray  # float64 [p, d]
    variance: np.ndarray  # float64 [p, d]
    row: np.ndarray  # int64 [p]


def draw_path(luck: Luck, sheet: Sheet, drawn: Drawn, path: int, first: int, stop: int) -> None:
    """Write the levels of ``path`` for sessions ``first`` to ``stop`` (without it) and keep where it stands.

    Column ``i`` of ``sheet.level`` is session ``first + i - 1``, so that column 0 is where the path came from.
    """
    count = stop - first
    for driver in range(luck.number.size):
        sheet.level[driver, 0] = drawn.level[path, driver]
    if luck.kind == GIVEN:
        for driver in range(luck.number.size):
            for i in range(count):
                sheet.level[driver, i + 1] = luck.given[first + i, driver]
    else:
        if luck.kind == HISTORY:
            _resample(luck, sheet, drawn, path, first, count)
        else:
            _normals(luck, sheet, drawn.number[path], first, count)
            if luck.kind == GARCH:
                _heavy_tails(luck, sheet, drawn.number[path], first, count)
                _changing_variance(luck, sheet, drawn, path, count)
        _accumulate(sheet, luck.number.size, count)
    for driver in range(luck.number.size):
        drawn.level[path, driver] = sheet.level[driver, count]


def _normals(luck: Luck, sheet: Sheet, path: int, first: int, count: int) -> None:
    """Correlated normal log returns into ``sheet.draw``; row ``d`` keeps nothing."""
    drivers = luck.number.size
    for driver in range(drivers):  # the row after a driver's holds its uniform draws until it is its turn
        standard_normals(luck.seed, path, luck.number[driver], first, count, sheet.draw[driver : driver + 2])
    for driver in range(drivers - 1, -1, -1):
        scale = luck.deviation[driver]
        own = luck.mixing[driver, driver] * scale
        row = sheet.draw[driver]
        for i in range(count):
            row[i] = own * row[i]
        for other in range(driver):
            share = luck.mixing[driver, other] * scale
            if share != 0.0:
                beside = sheet.draw[other]
                for i in range(count):
                    row[i] += share * beside[i]


def standard_normals(seed: int, path: int, number: int, first: int, count: int, draw: np.ndarray) -> None:
    """Standard normal draws of sessions ``first`` to ``first + count`` of one driver, the same however they are cut.

    They go to ``draw[0]``, with ``draw[1]`` as scratch; both rows are 8 longer than ``count``. A row is worked out
    several at a time: first all uniform draws; then those of the tails, gathered, as tails; then all as if they lay in
    the middle, with NO_DRAW where they do not; and what was gathered goes back to its place, last first.
    """
    start = first // 4
    skip = first - 4 * start
    blocks = (skip + count + 3) // 4
    normals, uniforms = draw[0], draw[1]
    rows = normals.view(np.uint32)[: 4 * blocks].reshape(4, blocks)
    words_in_rows(seed, path, PATH, start, number, rows)
    for i in range(blocks):
        at = 4 * i
        uniforms[at] = uniform(int(rows[0, i]))
        uniforms[at + 1] = uniform(int(rows[1, i]))
        uniforms[at + 2] = uniform(int(rows[2, i]))
        uniforms[at + 3] = uniform(int(rows[3, i]))
    middle = uniforms[skip : skip + count]
    tails = 0
    for i in range(count):
        normals[tails] = middle[i]
        tails += int(abs(middle[i] - 0.5) > MIDDLE)
    for i in range(tails):
        normals[i] = normal_in_the_tails(normals[i])
    for i in range(count):
        middle[i] = NO_DRAW if abs(middle[i] - 0.5) > MIDDLE else normal_in_the_middle(middle[i])
    for i in range(count - 1, -1, -1):  # what is gathered lies at or before its place
        in_tail = int(middle[i] == NO_DRAW)
        tails -= in_tail
        gathered = normals[tails]  # read in any case: no processor can guess which draws lie in a tail
        normals[i] = gathered if in_tail else middle[i]


def _accumulate(sheet: Sheet, drivers: int, count: int) -> None:
    """Log returns become steps, and steps levels."""
    for driver in range(drivers):
        row, level = sheet.draw[driver], sheet.level[driver]
        wide = 0
        for i in range(count):
            wide |= int(abs(row[i]) > SMALL)
        if wide == 0:
            for i in range(count):
                row[i] = exp_small(row[i])
        else:
            for i in range(count):
                row[i] = exp_small(row[i]) if abs(row[i]) <= SMALL else exp(row[i])
        now = level[0]
        for i in range(count):
            now = now * row[i]
            level[i + 1] = now


def _resample(luck: Luck, sheet: Sheet, drawn: Drawn, path: int, first: int, count: int) -> None:
    """Joint days in blocks of random length: each session goes on with the next recorded day or jumps anywhere.

    Source: Politis and Romano, "The Stationary Bootstrap", Journal of the American Statistical Association 89 (1994)
    1303-1313. A block that runs into the end of an unbroken stretch goes on with the beginning of one, all alike
    likely: so every recorded day is drawn equally often, as in the paper, where the record bites its own tail.
    """
    size, stretches = luck.run_end.size, luck.run_start.size
    at, number = int(drawn.row[path]), int(drawn.number[path])
    for i in range(count):
        ends, where, _, _ = words(luck.seed, number, BLOCK, first + i, 0)
        if at < 0 or ends < luck.block_bits:
            at = (where * size) >> 32
        elif at + 1 >= luck.run_end[at]:
            at = luck.run_start[(where * stretches) >> 32]
        else:
            at += 1
        sheet.row[i] = at
    drawn.row[path] = at
    for driver in range(luck.number.size):
        row = sheet.draw[driver]
        for i in range(count):
            row[i] = luck.rows[sheet.row[i], driver]


def _heavy_tails(luck: Luck, sheet: Sheet, path: int, first: int, count: int) -> None:
    """Normal draws become t variates of one copula, and these each driver's own innovations."""
    drivers = luck.number.size
    shared = sheet.draw[drivers]
    standard_normals(luck.seed, path, 0, first, count, sheet.draw[drivers : drivers + 2])
    for i in range(count):
        shared[i] = _between(luck.tail, shared[i], CHI_END)
    for driver in range(drivers):
        row, table = sheet.draw[driver], luck.innovation[driver]
        for i in range(count):
            row[i] = _between(table, row[i] * shared[i], GRID_END)


def _between(table: np.ndarray, x: float, end: float) -> float:
    """Linear interpolation in a table on an even grid from -``end`` to ``end``; beyond it the last value."""
    last = table.size - 1
    place = (x + end) / (2.0 * end) * last
    if place <= 0.0:
        return float(table[0])
    if place >= last:
        return float(table[last])
    left = int(place)
    return float(table[left] + (place - left) * (table[left + 1] - table[left]))


def _changing_variance(luck: Luck, sheet: Sheet, drawn: Drawn, path: int, count: int) -> None:
    """Innovations become log returns, each session's variance following from the one before."""
    for driver in range(luck.number.size):
        omega, alpha, gamma, beta = (
            luck.garch[driver, 0],
            luck.garch[driver, 1],
            luck.garch[driver, 2],
            luck.garch[driver, 3],
        )
        variance = drawn.variance[path, driver]
        row = sheet.draw[driver]
        for i in range(count):
            row[i] = sqrt(variance) * row[i]
            variance = next_variance(variance, row[i], omega, alpha, gamma, beta)
        drawn.variance[path, driver] = variance
