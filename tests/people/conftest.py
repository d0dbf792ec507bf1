"""A country of few persons, built without the compiler."""

from datetime import date

import pytest

from gaemi.law.lawbook import LawBook, load
from gaemi.people.balances import shipped_balances
from gaemi.people.instruments import instrument_rows, instruments, won_per_dollar_times_100
from gaemi.people.investors import investors_at
from gaemi.people.plan import Setting
from gaemi.people.population import Builder
from gaemi.people.targets import Targets
from gaemi.records.columns import Population

ON = date(2025, 10, 31)
PERSONS = 2_000


@pytest.fixture(scope="session")
def book() -> LawBook:
    return load()


def setting_of(book: LawBook, persons: int = PERSONS, seed: int = 0, scale: int = 1) -> Setting:
    facts = investors_at(ON)
    balances = shipped_balances().on_or_before(ON).scaled(persons, facts.persons)
    table, rows = instruments(book, ON), instrument_rows(book, ON)
    dollar = won_per_dollar_times_100(book, ON)
    return Setting(book, ON, table, rows, balances, facts.scaled(persons), seed, scale, dollar)


def built(setting: Setting, chunk: int = 1 << 17, compiler: str = "0") -> tuple[Population, Targets]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GAEMI_COMPILE", compiler)
        return Builder(setting, chunk).build()


@pytest.fixture(scope="session")
def small(book: LawBook) -> tuple[Setting, Population, Targets]:
    setting = setting_of(book)
    return setting, *built(setting)


def same_bits(one: Population, other: Population) -> bool:
    groups = [(*p.plain, *p.borrowing) for p in (one, other)]
    return len(groups[0]) == len(groups[1]) and all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        for left, right in zip(*groups, strict=True)
        for a, b in zip(left, right, strict=True)
    )
