"""Two laws, the same luck: what differs is the reform."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gaemi.compare import compare_country
from gaemi.scene import Request

REQUEST = Request(scale=4000, state="simple", shock="-30%", days=8)


def compared(folder: Path, changes: str) -> dict[str, Any]:
    path = folder / "reform.yaml"
    path.write_text(f"name: test\nnote: a test\nchanges:\n  {changes}\n", encoding="utf-8")
    return compare_country(REQUEST, path).document


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A reform of days that the run does not reach."""
    return compared(tmp_path_factory.mktemp("nothing"), "margin.maintenance: {unit: bps, 2030-01-02: 17000}")


@pytest.fixture(scope="module")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return compared(tmp_path_factory.mktemp("stricter"), "margin.maintenance: {unit: bps, 2025-10-31: 15500}")


@pytest.fixture(scope="module")
def mid_run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The law changes on the fourth session of the run."""
    return compared(tmp_path_factory.mktemp("mid"), "margin.discount: {2025-11-06: [3000, 3000, 3000]}")


def test_a_reform_that_the_run_does_not_meet_changes_nobody(nothing: dict[str, Any]) -> None:
    assert nothing["law_version"] != nothing["reformed_law_version"]
    assert [0.0, 0.5, 1.0] == [row["displacement"] for row in nothing["displacements"]]
    for row in nothing["displacements"]:
        assert row["baseline"] == row["reformed"]
        assert 0 == row["barred_won"]
        assert all(0 == group[name] for group in row["groups"] for name in ("helped", "hurt", "net_won"))
        assert sum(group["unchanged"] for group in row["groups"]) > 0


def test_both_laws_start_from_the_same_people_and_the_same_luck(
    nothing: dict[str, Any], stricter: dict[str, Any]
) -> None:
    assert nothing["displacements"][0]["baseline"] == stricter["displacements"][0]["baseline"]


def persons(row: dict[str, Any], name: str) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for group in row["groups"]:
        sums[group["dimension"]] += group[name]
    return dict(sums)


def test_every_person_is_helped_hurt_or_unchanged_once_in_each_dimension(
    nothing: dict[str, Any], stricter: dict[str, Any]
) -> None:
    everybody = persons(nothing["displacements"][0], "unchanged")
    assert 1 == len(set(everybody.values()))
    for row in stricter["displacements"]:
        parts = [persons(row, name) for name in ("helped", "hurt", "unchanged")]
        assert everybody == {dimension: sum(part[dimension] for part in parts) for dimension in everybody}
        for name in ("helped_won", "hurt_won", "net_won"):
            assert 1 == len(set(persons(row, name).values()))


def test_calling_earlier_calls_more(stricter: dict[str, Any]) -> None:
    row = stricter["displacements"][0]
    assert row["reformed"]["called_won"] > row["baseline"]["called_won"]


def test_a_law_that_changes_in_mid_run_is_obeyed_from_that_day(mid_run: dict[str, Any]) -> None:
    row = mid_run["displacements"][0]
    assert row["reformed"]["sold_won"] > row["baseline"]["sold_won"]
    assert row["reformed"]["called_won"] != 0


def test_where_nothing_is_barred_displacement_changes_nothing(stricter: dict[str, Any]) -> None:
    first, *others = ({k: v for k, v in row.items() if k != "displacement"} for row in stricter["displacements"])
    assert 0 == first["barred_won"]
    assert [first, first] == others
