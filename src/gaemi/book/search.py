"""Search over common moves: the map of what each does, and the smallest that reaches a measure (reverse stress)."""

from collections.abc import Callable, Mapping
from typing import Any

from gaemi.workers import Progress

STEP_BPS = 500
MOST_BPS = 9_500
FINEST_BPS = 10

MAP_PCT = (-50, -40, -30, -25, -20, -15, -10, -5, -2, 2, 5, 10, 15, 20, 25, 30, 40, 50)
"""Common moves of the map of a book of coins."""

Row = dict[str, Any]


def smallest(reached: Callable[[int], bool]) -> int | None:
    """The smallest size in bps that is ``reached``, to FINEST_BPS; None where none up to MOST_BPS is.

    Sizes are first tried in steps of 5 %, then halved within the first step that reaches it, so that what a larger
    size loses again is not passed over unless it lies inside one step.
    """
    first = next((size for size in range(0, MOST_BPS + 1, STEP_BPS) if reached(size)), None)
    if not first:
        return first
    low, high = first - STEP_BPS, first
    while high - low > FINEST_BPS:
        middle = (low + high) // 2 // FINEST_BPS * FINEST_BPS
        if reached(middle):
            high = middle
        else:
            low = middle
    return high


def map_rows(common: Callable[[int], Row], progress: Progress) -> list[Row]:
    """What a move of all coins at once does, by move. ``common`` takes a move in bps."""
    rows = []
    for done, move in enumerate(MAP_PCT):
        progress("moves", done, len(MAP_PCT))
        rows.append({"move_pct": move} | common(move * 100))
    progress("moves", len(MAP_PCT), len(MAP_PCT))
    return rows


def break_rows(
    tests: Mapping[str, Callable[[Row], bool]], common: Callable[[int], Row], progress: Progress
) -> list[Row]:
    """For each test the smallest fall and rise of all coins at once, in per cent, that passes it.

    ``common`` takes a move in bps; what it finds is worked out once a move.
    """
    known: dict[int, Row] = {}

    def at(move_bps: int) -> Row:
        if move_bps not in known:
            known[move_bps] = common(move_bps)
        return known[move_bps]

    rows = []
    for done, (measure, passes) in enumerate(tests.items()):
        progress("reverse stress", done, len(tests))
        row: Row = {"measure": measure}
        for name, sign in (("fall_pct", -1), ("rise_pct", 1)):
            size = smallest(lambda size, passes=passes, sign=sign: passes(at(sign * size)))  # type: ignore[misc]
            row[name] = None if size is None else sign * size / 100
        rows.append(row)
    progress("reverse stress", len(tests), len(tests))
    return rows
