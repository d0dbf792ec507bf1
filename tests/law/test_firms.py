"""The class of a firm by any of its names: as a person writes them, on the day asked for, and what is refused."""

import unicodedata
from datetime import date
from pathlib import Path

import pytest
from law.laws import book as small_book

from gaemi.errors import Fault, Refused
from gaemi.law.firms import STRICTEST, broker_names, firm_class, plain_name
from gaemi.law.lawbook import LawBook, load
from gaemi.law.reform import with_values

TOYTOWN = Path(__file__).resolve().parents[1] / "toytown" / "law"
TODAY = date(2025, 10, 31)
CLASSES = ("standard", "banded", "lower_limit", "two_stage")

KOREA = {
    "kiwoom": "standard",
    "samsung": "two_stage",
    "korea_investment": "standard",
    "meritz": "banded",
    "eugene": "lower_limit",
    "mirae": "standard",
    "shinhan": STRICTEST,
}


def toytown() -> LawBook:
    return load(folder=TOYTOWN)


def refused(name: str, book: LawBook) -> Fault:
    with pytest.raises(Refused) as found:
        firm_class(book, name, TODAY)
    assert 1 == len(found.value.faults)
    return found.value.faults[0]


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_stands_for_itself(name: str) -> None:
    assert name == firm_class(load(), name, TODAY)


@pytest.mark.parametrize("name", [None, "unknown", "Unknown", "모름", " 모름 "])
def test_no_name_and_unknown_are_the_strictest(name: str | None) -> None:
    assert STRICTEST == firm_class(load(), name, TODAY)


def test_every_broker_of_korea_has_its_class() -> None:
    assert {broker: firm_class(load(), broker, TODAY) for broker in load().keys("broker")} == KOREA


@pytest.mark.parametrize(("broker", "expected"), KOREA.items())
def test_every_name_of_a_broker_gives_the_class_of_its_key(broker: str, expected: str) -> None:
    names = broker_names(load())[broker]
    assert 4 <= len(names)
    assert {expected} == {firm_class(load(), name, TODAY) for name in names}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SAMSUNG", "two_stage"),
        ("삼성", "two_stage"),
        ("삼성 증권", "two_stage"),
        ("키움 증권", "standard"),
        ("Korea Investment", "standard"),
        ("KOREA INVESTMENT & SECURITIES", "standard"),
        ("korea-investment", "standard"),
        ("한국투자", "standard"),
        ("Lower limit", "lower_limit"),
        ("Two-Stage", "two_stage"),
        ("\tmeritz\n", "banded"),
        (unicodedata.normalize("NFD", "유진투자증권"), "lower_limit"),
    ],
)
def test_case_spaces_punctuation_and_the_closing_word_make_no_difference(name: str, expected: str) -> None:
    assert expected == firm_class(load(), name, TODAY)


def test_no_two_firms_share_a_name() -> None:
    for law in (load(), toytown()):
        named = [{plain_name(word) for word in (key, *names)} for key, names in broker_names(law).items()]
        named += [{plain_name(word)} for word in (*law.keys("firm_class"), STRICTEST)]
        assert sum(map(len, named)) == len(set().union(*named))
        assert "" not in set().union(*named)


def test_a_broker_follows_the_law_of_the_day() -> None:
    days = date(2020, 1, 1), date(2020, 1, 2)
    assert ["standard", "banded"] == [firm_class(toytown(), "방앗간", day) for day in days]


def test_a_broker_follows_a_reform() -> None:
    after = with_values(toytown(), "merger", {"margin.firm_of": {"bridge": "lower_limit", "mill": None}})
    assert ["lower_limit", STRICTEST] == [firm_class(after, name, TODAY) for name in ("Bridge", "Mill")]


def test_a_broker_without_a_class_is_the_strictest() -> None:
    assert STRICTEST == firm_class(toytown(), "연못증권", TODAY)


def test_an_unknown_name_is_refused_with_all_that_is_allowed() -> None:
    expected = Fault(
        "firm",
        "'Castle'",
        "must be a class of firm (standard, banded, lower_limit, two_stage), a broker (mill, bridge, pond) or unknown",
        "give the class of your firm, or unknown for the strictest rule",
    )
    assert expected == refused("Castle", toytown())


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Kiwom", "kiwoom"),
        ("삼송증권", "삼성증권"),
        ("메리트", "메리츠증권"),
        ("standart", "standard"),
        ("Meritz Finance", "meritz"),
    ],
)
def test_a_slip_names_the_closest(name: str, near: str) -> None:
    assert f"did you mean '{near}'?" in refused(name, load()).help


@pytest.mark.parametrize("name", ["대신증권", "NH투자증권", "Daishin Securities", "KB증권"])
def test_a_word_that_all_brokers_share_suggests_none(name: str) -> None:
    assert "did you mean" not in refused(name, load()).help


@pytest.mark.parametrize("name", ["", " ", "증권", "&", ","])
def test_a_name_without_a_name_is_refused(name: str) -> None:
    assert f"'{name}'" == refused(name, load()).found


def test_a_broker_on_a_day_before_the_law_is_refused() -> None:
    with pytest.raises(Refused, match="the law begins on 2005-01-03, was 2005-01-02"):
        firm_class(load(), "kiwoom", date(2005, 1, 2))


def test_a_law_that_names_no_brokers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="kinds of keys are firm, was 'firm_class'"):
        firm_class(small_book(tmp_path), "kiwoom", TODAY)
