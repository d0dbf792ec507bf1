"""Known answers: published or exact figures that the rules and words must give, each with where it comes from."""

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from cases.checks import CHECKS
from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).parent
ROWS = {
    *("O45", "O46", "O47", "O48", "O49"),
    *("O01", "O02", "O03", "O04", "O05", "O06", "O09", "O10", "O11", "O12", "O13", "O14", "O15", "O21", "O22"),
    *("O08", "O23", "O24", "O25", "O26", "O27", "O28", "O29", "O30", "O31", "O32", "O33", "O34", "O35", "O36", "O37"),
    *("O38", "O56", "O57", "E"),
    *("O16", "O17", "O18", "O19", "O20", "A", "B"),
    *("O41", "O42", "O61", "O62", "O65", "O66", "C1", "C2", "printed", "cfd"),
}


class Case(BaseModel):
    """One known answer. Exact unless ``relative`` gives a tolerance; a text such as 54/55 is a fraction."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    source: str
    check: str
    inputs: dict[str, Any]
    expected: Any
    relative: float | None = None


def exact(value: Any) -> Any:
    if isinstance(value, list):
        return [exact(part) for part in value]
    if isinstance(value, dict):
        return {key: exact(part) for key, part in value.items()}
    if isinstance(value, str) and re.fullmatch(r"-?\d+/\d+", value):
        return Fraction(value)
    return value


def load() -> list[tuple[str, Case]]:
    found = []
    for path in sorted(FOLDER.glob("*/*.yaml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.append((f"{path.parent.name}/{path.stem}", Case(**row)))
    return found


CASES = load()


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[f"{case.id} {place}" for place, case in CASES])
def test_a_known_answer_is_given(case: Case) -> None:
    answer = CHECKS[case.check](**exact(case.inputs))
    expected = exact(case.expected)
    if case.relative is not None:
        expected = pytest.approx(expected, rel=case.relative, abs=0.0)
    assert answer == expected


def test_no_row_of_known_answers_is_lost() -> None:
    assert {case.id for _, case in CASES} == ROWS


def test_every_answer_says_where_it_comes_from() -> None:
    assert [case.title for _, case in CASES if len(case.source) < 8] == []
