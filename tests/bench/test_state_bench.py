"""The state's bench: no time is believed unless balances were met."""

import pytest

from bench.state import NAMES, NotMet, Spin, figures, invented_history
from gaemi.law.lawbook import load
from gaemi.spin import setting_of
from gaemi.workers import LocalWorkers


@pytest.mark.slow
def test_a_spin_up_that_misses_a_balance_stops_the_bench() -> None:
    setting = setting_of(load(), invented_history(12), NAMES, 0, lag=0)
    with LocalWorkers(1) as workers:
        spin = Spin(setting, 1, workers)
        spin()
        spin.check()
        assert spin.rows > NAMES
        setting.history.settled_won[7, 1] += 1
        with pytest.raises(NotMet, match="member 0: a settled balance is not the published one"):
            spin.check()


@pytest.mark.slow
def test_the_quick_bench_says_what_it_timed_and_judges_nothing() -> None:
    said: list[str] = []
    found = list(figures(True, 1, said.append))
    assert ["s", "s", "s", "s", "ms"] == [figure.unit for figure in found]
    assert all(figure.median > 0 and figure.target is None for figure in found)
    assert "rows of loans" in found[0].note
    assert 5 == len(said)
