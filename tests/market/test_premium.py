"""The premium: zero by default, a process with what a written procedure finds on data to 2019."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from gaemi.law.lawbook import load
from gaemi.law.reform import with_values
from gaemi.market.premium import STILL, PremiumProcess, estimated, premium_process

ON = date(2025, 10, 31)


def test_the_premium_is_zero_by_default() -> None:
    assert premium_process(load(), ON) == STILL
    assert not STILL.path(0.0, 30, 1).any()


def test_a_process_has_the_same_luck_for_the_same_seed() -> None:
    process = PremiumProcess(0.03, 0.9, 0.02)
    assert process.path(0.0, 20, 7).tolist() == process.path(0.0, 20, 7).tolist()
    assert process.path(0.0, 20, 7).tolist() != process.path(0.0, 20, 8).tolist()
    assert process.path(0.0, 5, 7).tolist() == process.path(0.0, 20, 7)[:6].tolist()


def test_a_process_is_found_again_in_what_it_makes() -> None:
    found = estimated(PremiumProcess(0.02, 0.9, 0.01).path(0.02, 20_000, 3))
    assert (0.02, 0.9, 0.01) == pytest.approx((found.level, found.persistence, found.deviation), rel=0.05)


def test_law_holds_what_the_procedure_finds_on_the_record_to_2019(shared_data: Path) -> None:
    with (shared_data / "upbit_kimchi_premium_daily_2017_2025.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["date"] <= "2019-12-31"]
    found = estimated(np.array([float(row["btc_premium_pct"]) for row in rows]) / 100.0)
    process = premium_process(with_values(load(), "moving", {"coins.premium_on": True}), ON)
    assert 828 == len(rows)
    for name in ("level", "persistence", "deviation"):
        assert getattr(process, name) == pytest.approx(getattr(found, name), abs=5e-5)
