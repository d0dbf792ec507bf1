"""Each kind of fault in a law: where it stands, what was found, what is allowed; and all of them at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from law.laws import BY_FIRM, RATIO, faults, folder

from gaemi.errors import Refused
from gaemi.law.lawbook import load

LATER_FIRST = "    2021-01-04:\n      value: 14500\n      source: x\n      confidence: H\n      range: exact\n"

KINDS = {
    "unknown unit": (RATIO, "unit: bps", "unit: bp", 3, "unit must be one of", "'bps'?"),
    "no source": (RATIO, "      source: the gazette of 2005\n", "", 6, "must have source", ""),
    "empty source": (RATIO, "source: the gazette of 2005", "source:", 6, "must have source", ""),
    "no confidence": (RATIO, "      confidence: H\n", "", 6, "must have confidence", ""),
    "no range": (RATIO, "      range: [13000, 15000]\n    2020", "    2020", 6, "must have a range", ""),
    "no value": (RATIO, "      value: 14000\n", "", 6, "must have value", ""),
    "no label": (RATIO, "  label: Ratio of a call\n", "", 2, "must have label", ""),
    "unknown confidence": (RATIO, "confidence: H", "confidence: high", 8, "confidence must be one of H, M, L", ""),
    "assumption by source only": (RATIO, "source: the gazette of 2005", "source: assumption", 7, "both say", ""),
    "outside the range": (RATIO, "value: 14000", "value: 16000", 9, "inside its range 13000 to 15000", ""),
    "range upside down": (RATIO, "[13000, 15000]", "[15000, 13000]", 9, "two numbers, the lower first", ""),
    "text for a number": (RATIO, "value: 14000", "value: '14000'", 6, "must be whole basis points", ""),
    "percent in the law": (RATIO, "value: 14000", "value: 140%", 6, "must be whole basis points", ""),
    "part of a basis point": (RATIO, "value: 14000", "value: 14000.5", 6, "must be whole basis points", ""),
    "true for a number": (RATIO, "value: 14000", "value: true", 6, "must be whole basis points", ""),
    "nothing for a number": (RATIO, "value: 14000", "value: null", 6, "must be whole basis points", ""),
    "negative": (RATIO, "value: 14000", "value: -1", 6, "from 0 to 1000000", ""),
    "unknown field": (
        RATIO,
        "      range: [13000, 15000]\n    2020",
        "      rang: 1\n    2020",
        9,
        "fields",
        "'range'?",
    ),
    "before the law": (RATIO, "2005-01-03", "2005-01-02", 5, "not be before 2005-01-03", ""),
    "begins later": (RATIO, "2005-01-03", "2005-01-04", 5, "must hold from 2005-01-03", ""),
    "no such day": (RATIO, "2020-01-02", "2020-02-30", 10, "dates as 2005-01-03", ""),
    "dates out of order": (RATIO, "    2020-01-02", LATER_FIRST + "    2020-01-02", 15, "must be in order", ""),
    "date twice": (RATIO, "2020-01-02", "2005-01-03", 10, "name each key once", "line 5"),
    "bps for won": (BY_FIRM, "value: 1000000", "value: 12.5%", 38, "must be whole won", ""),
    "key missing": (BY_FIRM, ", easy: 4000}", "}", 8, "a value for each firm", ""),
    "key unknown": (BY_FIRM, "easy: 4000", "eesy: 4000", 8, "keys of call.share are strict, easy", "'easy'?"),
    "keys left out": (BY_FIRM, "{strict: 6000, easy: 4000}", "5000", 8, "must be a map over firm", ""),
    "assumption without range": (BY_FIRM, "      range: [0, 10000]\n", "", 8, "assumption and must have a range", ""),
    "shares do not add up": (BY_FIRM, "easy: 4000", "easy: 5000", 8, "must add up to 10000", ""),
    "clock not falling": (BY_FIRM, "[12000, 1]", "[14500, 1]", 19, "first column of call.clock must be falling", ""),
    "clock slower when deeper": (BY_FIRM, "[12000, 1]", "[12000, 3]", 19, "last column of call.clock", ""),
    "clock outside its range": (BY_FIRM, "[14000, 2]", "[14000, 4]", 22, "inside its range 1 to 3", ""),
    "row too short": (BY_FIRM, "[12000, 1]", "[12000]", 19, "must have 2 cells (under_bps, sessions)", ""),
    "word in a table": (BY_FIRM, "[12000, 1]", "[12000, one]", 19, "cells of call.clock must be numbers", ""),
    "brackets without an end": (BY_FIRM, "[null, 900]", "[30, 900]", 29, "must begin with null", ""),
    "brackets falling": (BY_FIRM, "[null, 900]", "[null, 400]", 29, "last column of call.rates must be rising", ""),
    "unknown choice": (BY_FIRM, "value: first", "value: frist", 48, "must be one of first, last", "'first'?"),
    "no choices": (BY_FIRM, "  choices: [first, last]\n", "", 43, "must list its choices", ""),
    "word for a flag": (BY_FIRM, "value: true", "value: 'true'", 56, "must be true or false", ""),
    "unknown shape": (BY_FIRM, "shape: falling", "shape: fallin", 15, "shape must be one of", "'falling'?"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_says_where_and_what_is_allowed(tmp_path: Path, kind: str) -> None:
    law, old, new, line, allowed, help = KINDS[kind]
    assert old in law
    found = faults(tmp_path, law.replace(old, new, 1))
    assert f"call.yaml line {line}" == found[0].where
    assert allowed in found[0].allowed
    assert help in found[0].help


def test_the_law_of_these_tests_has_no_fault_of_its_own(tmp_path: Path) -> None:
    assert [] == faults(tmp_path, RATIO + BY_FIRM)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    law = RATIO.replace("value: 14000", "value: x").replace("confidence: H", "confidence: high").replace("2020", "2004")
    with pytest.raises(Refused) as refused:
        load(folder=folder(tmp_path, law))
    assert [6, 8, 10, 10, 13] == sorted(int(fault.where.rpartition(" ")[2]) for fault in refused.value.faults)


def test_text_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    found = faults(tmp_path, RATIO + "share: [1, 2\nopen: }\n")
    assert "call.yaml line 16" == found[0].where
    assert "must be YAML" == found[0].allowed


def test_a_folder_without_a_law_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="a law is a folder of YAML files"):
        load(folder=tmp_path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: &x [*x]\n", "a value with an alias"),
        ("a: &x 1\nb: *x\n", "a value with an alias"),
        ("[" * 5000 + "]" * 5000, "brackets in brackets without end"),
        ("a: \x00\n", "text out of order"),
    ],
)
def test_yaml_that_would_trip_a_reader_is_refused(tmp_path: Path, text: str, found: str) -> None:
    assert found == faults(tmp_path, text)[0].found


@given(st.data())
def test_no_damage_to_a_law_is_more_than_a_fault(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Lines lost, doubled, moved or with another word in them: the check answers with faults or none, never fails."""
    lines = (RATIO + BY_FIRM).splitlines()
    words = ["null", "[1, 2]", "{a: 1}", "x", "-1", "2005-01-03", "", "true", "1.5", "? [a]", "[[null, 1]]", "exact"]
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["lose", "double", "swap", "word", "indent"]))
        if kind == "lose" and len(lines) > 1:
            del lines[place]
        elif kind == "double":
            lines.insert(place, lines[place])
        elif kind == "swap":
            lines[place], lines[0] = lines[0], lines[place]
        elif kind == "word":
            lines[place] = lines[place].partition(":")[0] + ": " + data.draw(st.sampled_from(words))
        else:
            lines[place] = "  " + lines[place]
    place = tmp_path_factory.mktemp("law")
    assert isinstance(faults(place, "\n".join(lines)), list)
