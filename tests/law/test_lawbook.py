"""Asking the law: values by day and key, changes, the next change, the version, and what is refused."""

import json
import pickle
from datetime import date
from pathlib import Path

import pytest
from law.laws import RATIO, book, folder

from gaemi.errors import Refused
from gaemi.law.lawbook import Change, describe, load

FIRST, LATER = date(2005, 1, 3), date(2021, 5, 6)


@pytest.mark.parametrize(
    ("on", "expected"),
    [(FIRST, 14000), (date(2020, 1, 1), 14000), (date(2020, 1, 2), 15000), (date(2040, 1, 1), 15000)],
)
def test_a_value_holds_from_its_day_to_the_day_before_the_next(tmp_path: Path, on: date, expected: int) -> None:
    assert expected == book(tmp_path).value("call.ratio", on)


def test_a_value_over_keys_is_given_whole_or_by_key(tmp_path: Path) -> None:
    law = book(tmp_path)
    assert {"strict": 6000, "easy": 4000} == law.value("call.share", LATER)
    assert 4000 == law.value("call.share", LATER, "easy")
    assert ("strict", "easy") == law.keys("firm") == law.parameter("call.share").keys
    assert "calls late" == law.meaning("firm", "easy")


def test_a_table_is_a_tuple_of_rows(tmp_path: Path) -> None:
    assert ((14000, 2), (12000, 1)) == book(tmp_path).value("call.clock", LATER)


def test_an_entry_tells_its_source_and_range(tmp_path: Path) -> None:
    entry = book(tmp_path).entry("call.ratio", date(2019, 1, 1))
    assert (FIRST, "the gazette of 2005", "H", 13000, 15000) == (
        entry.since,
        entry.source,
        entry.confidence,
        entry.low,
        entry.high,
    )


def test_the_changes_leave_out_the_first_law(tmp_path: Path) -> None:
    expected = Change(date(2020, 1, 2), "call.ratio", 14000, 15000, "the gazette of 2020")
    assert [expected] == book(tmp_path).changes()


def test_the_next_change_is_the_first_after_the_day(tmp_path: Path) -> None:
    law = book(tmp_path)
    assert law.changes()[0] == law.next_change("call.ratio", date(2020, 1, 1))
    assert law.next_change("call.ratio", date(2020, 1, 2)) is None


def test_a_new_source_of_the_same_value_is_no_change(tmp_path: Path) -> None:
    law = load(folder=folder(tmp_path, RATIO.replace("value: 15000", "value: 14000")))
    assert ([], None) == (law.changes(), law.next_change("call.ratio", FIRST))
    assert "the gazette of 2020" == law.entry("call.ratio", LATER).source


def test_the_version_follows_what_the_law_says_and_not_its_wording(tmp_path: Path) -> None:
    versions = []
    for place, law in enumerate(
        [RATIO, RATIO.replace("Ratio of a call", "When a firm calls"), RATIO.replace("value: 14000", "value: 14500")]
    ):
        (tmp_path / str(place)).mkdir()
        versions.append(load(folder=folder(tmp_path / str(place), law)).version)
    assert versions[0] == versions[1] != versions[2]


def test_the_law_is_read_once_a_process() -> None:
    assert load() is load("korea")


def test_a_law_can_be_sent_to_another_process(tmp_path: Path) -> None:
    law = book(tmp_path)
    assert law.version == pickle.loads(pickle.dumps(law)).version


def test_an_unknown_path_names_the_closest(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"must be a path of the law, was 'call.ration'; did you mean 'call.ratio'\?"):
        book(tmp_path).value("call.ration", LATER)


def test_an_unknown_key_names_the_closest(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"keys are strict, easy, was 'eesy'; did you mean 'easy'\?"):
        book(tmp_path).value("call.share", LATER, "eesy")


def test_a_key_of_a_value_without_keys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="it has no keys, was 'easy'"):
        book(tmp_path).value("call.ratio", LATER, "easy")


def test_a_day_before_the_law_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the law begins on 2005-01-03, was 2005-01-02"):
        book(tmp_path).value("call.ratio", date(2005, 1, 2))


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(Refused, match=r"must be one of korea, was 'corea'; did you mean 'korea'\?"):
        load("corea")


def test_the_description_is_ready_for_json(tmp_path: Path) -> None:
    said = describe(book(tmp_path), "call.ratio", date(2019, 1, 1))
    assert said == json.loads(json.dumps(said))
    assert {"date": "2020-01-02", "value": 15000, "source": "the gazette of 2020"} == said["next_change"]
    assert (14000, "bps", [13000, 15000], "2005-01-03") == (
        said["value"],
        said["unit"],
        said["range"],
        said["since"],
    )
