"""The law that ships: it holds on every day on which anything changes, and every later change can be redone."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from gaemi.law.checks import check_law
from gaemi.law.lawbook import BEGINS, LawBook, describe, load
from gaemi.law.parameter import UNITS, Parameter
from gaemi.law.patch import Reform, Span
from gaemi.law.reform import load_reform, shipped_reforms
from gaemi.law.values import outside, value_faults

KOREA = Path(__file__).resolve().parents[2] / "src" / "gaemi" / "law" / "korea"
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "reforms"
TODAY = date(2025, 10, 31)


def days_of_change() -> list[date]:
    return sorted({BEGINS} | {change.date for change in load().changes()})


def test_the_law_has_no_fault() -> None:
    assert [] == check_law(KOREA, BEGINS)


def test_every_parameter_holds_from_the_first_day() -> None:
    book = load()
    assert {BEGINS} == {book.parameter(path).entries[0].since for path in book.paths()}


@pytest.mark.parametrize("day", days_of_change(), ids=str)
def test_every_value_resolves_and_holds_on_a_day_of_change(day: date) -> None:
    book = load()
    for on in (max(BEGINS, day - timedelta(days=1)), day):
        for path in book.paths():
            parameter, value = book.parameter(path), book.value(path, on)
            assert [] == value_faults(parameter, value, path)
            assert parameter.keys == (tuple(value) if parameter.by else ())
            assert path == describe(book, path, on)["path"]


def test_the_first_law_and_every_later_change_give_todays_law() -> None:
    today = load()
    first = {
        path: Parameter(path, p.label, p.unit, p.entries[:1], p.by, p.keys, p.choices)
        for path in today.paths()
        for p in [today.parameter(path)]
    }
    book = LawBook(first, {}, BEGINS)
    for change in today.changes():
        over = change.after if isinstance(change.after, dict) else {None: change.after}
        spans = tuple(Span(change.date, None, key, value) for key, value in over.items())
        book = book.patched(Reform("change", "", {change.path: spans}))
    for day in [*days_of_change(), date(2030, 1, 1)]:
        for path in today.paths():
            assert today.value(path, day) == book.value(path, day), (path, day)


def test_an_assumption_and_every_number_has_a_range_that_holds_its_value() -> None:
    book = load()
    for path in book.paths():
        parameter = book.parameter(path)
        for entry in parameter.entries:
            worded = UNITS[parameter.unit].kind in ("flag", "choice", "text")
            assert entry.options or entry.low is not None or worded or parameter.shape == "free", path
            assert entry.confidence != "assumption" or entry.options or entry.low is not None, path
            for key in parameter.keys or (None,):
                value = entry.value if key is None else entry.value[key]
                assert [] == outside(parameter, value, *entry.range_of(key))


@pytest.mark.parametrize(
    "topic",
    ["margin", "pledged", "unsettled", "stock_loan", "funds", "market", "impact", "tax", "care", "behaviour", "state"],
)
def test_every_topic_of_the_engine_is_there(topic: str) -> None:
    assert topic in {path.partition(".")[0] for path in load().paths()}


def test_known_values_of_the_law() -> None:
    book = load()
    assert book.value("margin.maintenance", date(2024, 8, 5), "standard") == 14000
    assert book.value("margin.discount", date(2020, 3, 19), "standard") == (3000, 3000, 3000)
    assert book.value("margin.discount", date(2020, 3, 20), "standard") == (1500, 1500, 1500)
    assert book.value("market.transaction_tax", date(2024, 12, 31), "KOSDAQ") == 18
    assert book.value("market.transaction_tax", date(2025, 1, 1), "KOSDAQ") == 15
    assert [book.value("margin.waiver_share", date(2020, m, d)) for m, d in ((3, 12), (3, 13), (9, 12), (9, 13))] == [
        0,
        2500,
        2500,
        0,
    ]
    assert book.value("funds.leverage", date(2022, 8, 8), "TSLL") is None
    assert book.value("funds.leverage", date(2022, 8, 9), "TSLL") == 1.5
    assert book.value("credit.outstanding", TODAY, "margin_kospi") == 15_817_000_000_000
    assert (book.value("tax.overseas_gain", TODAY), book.value("tax.overseas_free", TODAY)) == (2200, 2_500_000)


def test_only_domestic_funds_that_hold_futures_bear_the_dividend_tax() -> None:
    taxed = load().value("tax.fund_taxed", TODAY)
    assert {"122630", "252670", "114800"} == {fund for fund, is_taxed in taxed.items() if is_taxed}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_reform_of_the_examples_changes_what_it_names_and_nothing_else(path: Path) -> None:
    book = load()
    reform = load_reform(path, book)
    after = book.patched(reform)
    changed = {each for each in book.paths() if book.value(each, TODAY) != after.value(each, TODAY)}
    assert path.stem == reform.name
    assert "" != reform.note
    assert set(reform.changes) == changed


@pytest.mark.parametrize("name", shipped_reforms())
def test_a_shipped_reform_is_found_by_its_name(name: str) -> None:
    assert name == load_reform(Path(name), load()).name
