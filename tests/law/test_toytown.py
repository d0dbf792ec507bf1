"""The law of Toytown: the same names as a real one, so that the engine's tests can stand on it."""

from datetime import date
from pathlib import Path

from gaemi.law.lawbook import BEGINS, load
from gaemi.law.reform import load_reform

TOYTOWN = Path(__file__).resolve().parents[1] / "toytown"
OTHER_LAW = ("people.", "coins.", "coin_loan.")
"""The people of a country, what they hold in coins and who borrows against them are not the law of a town."""


def test_toytown_names_every_parameter_that_the_engine_reads() -> None:
    engine = {path for path in load().paths() if not path.startswith(OTHER_LAW)}
    assert engine == set(load(folder=TOYTOWN / "law").paths())


def test_toytown_has_the_units_and_shapes_of_a_real_law() -> None:
    real, toy = load(), load(folder=TOYTOWN / "law")
    for path in toy.paths():
        here, there = toy.parameter(path), real.parameter(path)
        assert (there.unit, there.by, there.shape, there.columns) == (here.unit, here.by, here.shape, here.columns)


def test_toytown_has_two_laws() -> None:
    toy = load(folder=TOYTOWN / "law")
    assert {date(2020, 1, 2)} == {change.date for change in toy.changes()}
    assert BEGINS == toy.begins


def test_toytown_has_one_reform() -> None:
    toy = load(folder=TOYTOWN / "law")
    after = toy.patched(load_reform(TOYTOWN / "reforms" / "call_later.yaml", toy))
    days = date(2020, 1, 1), date(2020, 1, 2)
    assert [15000, 12000] == [after.value("margin.maintenance", day, "standard") for day in days]
