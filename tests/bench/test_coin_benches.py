"""The benches of coins: what is timed is checked, a quick run judges nothing but bytes, and every part can be asked."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from bench import coins, run, terra, venue
from bench.figures import Figure
from gaemi.law.lawbook import load
from gaemi.records.positions import MICRO
from gaemi.units import BPS
from gaemi.venue import terms_of
from gaemi.workers import LocalWorkers

PLAIN = LocalWorkers(1, plain=True)
MARK = (1 + np.arange(len(venue.TICKERS))) * MICRO
Bench = Callable[[bool, int, Callable[[str], None]], Iterator[Figure]]


def stepped(mark: np.ndarray, fund_micro: int) -> tuple[int, int, int]:
    """Accounts closed, micro that the fund paid and micro deleveraged in a step of 400 invented positions."""
    accounts = venue.invented_accounts(400, MARK)
    _, step = venue._timed(accounts, mark, fund_micro, terms_of(load(), venue.ON, venue.TICKERS), PLAIN)
    return step.accounts, step.deficit_micro, step.deleveraged_micro


def test_the_three_steps_of_a_venue_are_what_they_are_called() -> None:
    fallen = MARK * (BPS - venue.FALL_BPS) // BPS
    assert (0, 0, 0) == stepped(MARK, 0)
    closed, paid, deleveraged = stepped(fallen, 2**61)
    assert (True, True, 0) == (closed > 0, paid > 0, deleveraged)
    assert stepped(fallen, 0)[2] > 0


def test_money_that_a_step_would_make_stops_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    totals = iter((0, 1))
    monkeypatch.setattr(venue, "total_micro", lambda *_: next(totals))
    with pytest.raises(venue.NotKept, match="not the same to the micro"):
        stepped(MARK, 0)


@pytest.mark.slow
@pytest.mark.parametrize("bench", [coins.figures, terra.figures, venue.figures])
def test_the_quick_bench_says_what_it_timed(bench: Bench) -> None:
    said: list[str] = []
    found = list(bench(True, 1, said.append))
    assert said
    assert all(figure.median > 0 for figure in found)
    assert {figure.unit for figure in found if figure.target} <= {"bytes"}, "times of a quick run are not judged"


def test_every_part_can_be_asked_for_by_name() -> None:
    assert {"coins", "terra", "venue"} <= set(run.PARTS)
