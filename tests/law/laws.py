"""Small laws for the tests: a folder with one topic, written line by line so that faults can be counted."""

from pathlib import Path

from gaemi.errors import Fault
from gaemi.law.checks import check_law
from gaemi.law.lawbook import BEGINS, LawBook, load

KEYS = "firm: {strict: calls early, easy: calls late}\n"

RATIO = """\
ratio:
  label: Ratio of a call
  unit: bps
  values:
    2005-01-03:
      value: 14000
      source: the gazette of 2005
      confidence: H
      range: [13000, 15000]
    2020-01-02:
      value: 15000
      source: the gazette of 2020
      confidence: H
      range: [13000, 15000]
"""

BY_FIRM = """\
share:
  label: Share of each firm
  unit: share_bps
  by: firm
  sums_to: 10000
  values:
    2005-01-03:
      value: {strict: 6000, easy: 4000}
      source: assumption
      confidence: assumption
      range: [0, 10000]
clock:
  label: Sessions to the sale
  unit: table
  shape: falling
  columns: [under_bps, sessions]
  values:
    2005-01-03:
      value: [[14000, 2], [12000, 1]]
      source: the gazette
      confidence: M
      range: [1, 3]
rates:
  label: Rates
  unit: table
  shape: rising
  values:
    2005-01-03:
      value: [[7, 500], [null, 900]]
      source: the gazette
      confidence: M
      range: [100, 1000]
limit:
  label: Limit
  unit: won
  values:
    2005-01-03:
      value: 1000000
      source: the gazette
      confidence: M
      range: exact
method:
  label: Method
  unit: choice
  choices: [first, last]
  values:
    2005-01-03:
      value: first
      source: the gazette
      confidence: M
open:
  label: Open
  unit: flag
  values:
    2005-01-03:
      value: true
      source: the gazette
      confidence: M
"""


def folder(place: Path, law: str = RATIO, keys: str = KEYS) -> Path:
    (place / "keys.yaml").write_text(keys, encoding="utf-8")
    (place / "call.yaml").write_text(law, encoding="utf-8")
    return place


def faults(place: Path, law: str) -> list[Fault]:
    return check_law(folder(place, law), BEGINS)


def book(place: Path) -> LawBook:
    return load(folder=folder(place, RATIO + BY_FIRM))
