"""Reforms: what a patch changes and leaves alone, how it may be written, and what is refused."""

from datetime import date
from pathlib import Path

import pytest
from law.laws import book

from gaemi.errors import Refused
from gaemi.law.lawbook import LawBook
from gaemi.law.reform import load_reform, with_values

FIRST, MIDDLE, LATER = date(2005, 1, 3), date(2018, 1, 1), date(2021, 5, 6)


def reformed(place: Path, changes: str) -> LawBook:
    law = book(place)
    path = place / "reform.txt"
    path.write_text(f"name: test\nnote: a test\nchanges:\n  {changes}\n", encoding="utf-8")
    return law.patched(load_reform(path, law))


def ratio(law: LawBook, *days: date) -> list[int]:
    return [law.value("call.ratio", day) for day in days]


def test_a_value_alone_holds_from_the_first_day_over_every_later_change(tmp_path: Path) -> None:
    assert [13000, 13000, 13000] == ratio(reformed(tmp_path, "call.ratio: 13000"), FIRST, MIDDLE, LATER)


def test_a_dated_value_leaves_the_days_before_alone(tmp_path: Path) -> None:
    law = reformed(tmp_path, "call.ratio: {2018-01-01: 13000}")
    assert [14000, 13000, 13000] == ratio(law, date(2017, 12, 31), MIDDLE, LATER)


def test_two_dated_values_follow_each_other(tmp_path: Path) -> None:
    law = reformed(tmp_path, "call.ratio: {unit: bps, 2018-01-01: 13000, 2019-01-01: 12000}")
    assert [13000, 12000] == ratio(law, date(2018, 12, 31), date(2019, 1, 1))


def test_until_is_the_last_day_and_the_law_stands_again_after_it(tmp_path: Path) -> None:
    law = reformed(tmp_path, "call.ratio: {from: 2018-01-01, until: 2020-06-30, value: 12000}")
    days = date(2017, 12, 31), MIDDLE, date(2020, 6, 30), date(2020, 7, 1)
    assert [14000, 12000, 12000, 15000] == ratio(law, *days)


def test_two_periods_of_one_path(tmp_path: Path) -> None:
    law = reformed(
        tmp_path, "call.ratio: [{until: 2015-12-31, value: 1}, {from: 2017-01-01, until: 2017-12-31, value: 2}]"
    )
    assert [1, 14000, 2, 14000] == ratio(law, FIRST, date(2016, 1, 1), date(2017, 1, 1), MIDDLE)


def test_one_key_leaves_the_others_to_the_law(tmp_path: Path) -> None:
    law = reformed(tmp_path, "call.share: {2018-01-01: {strict: 5000, easy: 5000}, 2019-01-01: {strict: 5000}}")
    assert {"strict": 5000, "easy": 5000} == law.value("call.share", LATER)


def test_a_sparse_key_follows_the_laws_own_later_change(tmp_path: Path) -> None:
    law = reformed(tmp_path, "call.ratio: {until: 2016-12-31, value: 14500}")
    assert [14500, 14000, 15000] == ratio(law, FIRST, MIDDLE, LATER)


@pytest.mark.parametrize(
    ("change", "path", "expected"),
    [
        ('call.ratio: "150%"', "call.ratio", 15000),
        ("call.ratio: 132.5%", "call.ratio", 13250),
        ("call.limit: 500m", "call.limit", 500_000_000),
        ("call.limit: 5억", "call.limit", 500_000_000),
        ("call.share: 50%", "call.share", {"strict": 5000, "easy": 5000}),
        ("call.clock: [[14000, 3], [12000, 2]]", "call.clock", ((14000, 3), (12000, 2))),
        ("call.method: last", "call.method", "last"),
        ("call.open: false", "call.open", False),
    ],
)
def test_values_may_be_written_as_people_write_them(tmp_path: Path, change: str, path: str, expected: object) -> None:
    assert expected == reformed(tmp_path, change).value(path, LATER)


def test_a_reform_says_so_and_gets_a_version_of_its_own(tmp_path: Path) -> None:
    law, after = book(tmp_path), reformed(tmp_path, "call.ratio: {2018-01-01: 13000}")
    assert ("reform test", "reform") == (
        after.entry("call.ratio", LATER).source,
        after.entry("call.ratio", LATER).confidence,
    )
    assert "the gazette of 2005" == after.entry("call.ratio", FIRST).source
    assert ("test",) == after.reforms
    assert law.version != after.version
    assert 14000 == law.value("call.ratio", MIDDLE)


def test_reforms_can_be_laid_over_each_other(tmp_path: Path) -> None:
    law = with_values(reformed(tmp_path, "call.ratio: 13000"), "again", {"call.share": {"strict": 1, "easy": 9999}})
    assert (13000, 1) == (law.value("call.ratio", LATER), law.value("call.share", LATER, "strict"))


FAULTS = {
    "unknown path": ("call.ration: 1", 4, "must be a path of the law", "'call.ratio'?"),
    "wrong unit": ("call.ratio: {unit: won, value: 13000}", 4, "unit of call.ratio is bps", ""),
    "text for a number": ("call.ratio: high", 4, "must be whole basis points", ""),
    "part of a basis point": ("call.ratio: 150.001%", 4, "must be whole basis points", ""),
    "percent for won": ("call.limit: 50%", 4, "must be whole won", ""),
    "unknown key": ("call.share: {eesy: 5000}", 4, "keys of call.share are strict, easy", "'easy'?"),
    "keys where there are none": ("call.ratio: {easy: 5000}", 4, "must be whole basis points", ""),
    "day before the law": ("call.ratio: {2005-01-02: 13000}", 4, "before 2005-01-03", ""),
    "no such day": ("call.ratio: {2018-02-30: 13000}", 4, "must be a day as 2025-10-31", ""),
    "day twice": ("call.ratio: {2018-01-01: 13000, 2018-01-01: 12000}", 4, "name each key once", "line 4"),
    "days out of order": ("call.ratio: {2018-01-01: 13000, 2017-01-01: 12000}", 4, "must be in order", ""),
    "until before from": ("call.ratio: {from: 2018-01-01, until: 2017-01-01, value: 1}", 4, "not be before", ""),
    "no value": ("call.ratio: {from: 2018-01-01}", 4, "must have value", ""),
    "overlap": ("call.ratio: [{from: 2018-01-01, value: 1}, {from: 2019-01-01, value: 2}]", 4, "must not overlap", ""),
    "shares do not add up": ("call.share: {strict: 5000}", 4, "must add up to 10000", ""),
    "clock out of order": ("call.clock: [[12000, 1], [14000, 2]]", 4, "must be falling", ""),
    "unknown choice": ("call.method: lasst", 4, "must be one of first, last", "'last'?"),
    "nothing": ("call.ratio:", 4, "must be whole basis points", ""),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_of_a_reform_says_where_and_what_is_allowed(tmp_path: Path, kind: str) -> None:
    change, line, allowed, help = FAULTS[kind]
    with pytest.raises(Refused) as refused:
        reformed(tmp_path, change)
    fault = refused.value.faults[0]
    assert f"reform.txt line {line}" == fault.where
    assert allowed in fault.allowed
    assert help in fault.help


def test_all_faults_of_a_reform_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        reformed(tmp_path, "call.ratio: x\n  call.share: {easy: 1}\n  call.limit: y\n  call.nothing: 1")
    assert [4, 5, 6, 7] == [int(fault.where.rpartition(" ")[2]) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", "a reform has name, note and changes"),
        ("note: x\nchanges: {call.ratio: 1}", "must have name"),
        ("name: x\nchanges: {call.ratio: 1}", "must have note"),
        ("name: x\nnote: y", "must have changes"),
        ("name: x\nnote: y\nchanges: {}", "must change something"),
        ("name: x\nnote: y\nchange: {}", "a reform has the fields"),
        ("- name", "must be a map"),
    ],
)
def test_a_reform_has_name_note_and_changes(tmp_path: Path, text: str, allowed: str) -> None:
    path = tmp_path / "reform.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=allowed):
        load_reform(path, book(tmp_path))


def test_a_reform_that_is_not_there_names_the_closest_that_ships(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"must be a reform file that exists, was '.*'; did you mean 'waiver_again'\?"):
        load_reform(tmp_path / "waiver_agan.yaml", book(tmp_path))
