"""The years before the price limit of 30 %: what is on record, and what is carried back from 2015-06-15."""

from datetime import date, timedelta

import pytest

from gaemi.law.lawbook import BEGINS, load
from gaemi.law.parameter import UNITS, Entry

LIMIT_OF_30 = date(2015, 6, 15)

# What a source gives for the first day of the law.
ON_RECORD = {
    "market.price_limit": 1500,
    "margin.fund_marginable": True,
    "people.won_per_dollar": 1035.6,
}
ON_RECORD_BY_KEY = {
    ("credit.outstanding", "margin_kospi"): 133_302_000_000,
    ("credit.outstanding", "pledged"): None,
    ("funds.financing", "won"): 325,
    ("funds.leverage", "069500"): 1.0,
    ("funds.leverage", "122630"): None,
}
RECORDED = {*ON_RECORD, *(path for path, _ in ON_RECORD_BY_KEY)}

# Not of the time but of this model: what its code covers, what it shows where there is no index, whom to call now.
TIMELESS = {"credit.covered", "people.index_level", "care.help_lines"}

# Nobody held coins as collateral in 2005: the range has one value.
CERTAIN = {"margin.collateral_coin"}


def is_exact(entry: Entry) -> bool:
    return entry.low is not None and entry.value == entry.low == entry.high


@pytest.mark.parametrize(
    ("day", "limit_bps"),
    [(BEGINS, 1500), (date(2008, 10, 24), 1500), (date(2015, 6, 12), 1500), (LIMIT_OF_30, 3000)],
)
def test_the_price_limit_is_15_percent_until_june_2015(day: date, limit_bps: int) -> None:
    entry = load().entry("market.price_limit", day)
    assert (limit_bps, "H") == (entry.value, entry.confidence)


def test_the_law_begins_with_2005() -> None:
    assert date(2005, 1, 3) == load().begins == BEGINS


@pytest.mark.parametrize("path", sorted(set(load().paths()) - RECORDED))
def test_what_is_not_on_record_is_as_on_the_day_of_the_limit_of_30(path: str) -> None:
    book = load()
    for day in (BEGINS, date(2008, 10, 24), LIMIT_OF_30 - timedelta(days=1)):
        assert book.value(path, LIMIT_OF_30) == book.value(path, day)


@pytest.mark.parametrize("path", sorted(set(load().paths()) - RECORDED - TIMELESS))
def test_what_is_carried_back_says_how_little_is_known(path: str) -> None:
    """Confidence L or an assumption; numbers with a range that is more than the value itself."""
    book = load()
    parameter, entry = book.parameter(path), book.entry(path, BEGINS)
    assert entry.confidence in ("L", "assumption")
    if UNITS[parameter.unit].kind in ("whole", "number"):
        assert entry.low is not None
        assert path in CERTAIN or not is_exact(entry)


def test_what_is_on_record_is_told_of_its_day() -> None:
    book = load()
    found = {path: book.value(path, BEGINS) for path in ON_RECORD}
    by_key = {(path, key): book.value(path, BEGINS, key) for path, key in ON_RECORD_BY_KEY}
    assert (ON_RECORD, ON_RECORD_BY_KEY) == (found, by_key)
    for path in RECORDED:
        assert book.value(path, BEGINS) != book.value(path, LIMIT_OF_30), path


@pytest.mark.parametrize(
    ("fund", "first"),
    [
        ("114800", date(2009, 9, 16)),
        ("TQQQ", date(2010, 2, 11)),
        ("SQQQ", date(2010, 2, 11)),
        ("122630", date(2010, 2, 22)),
        ("SOXL", date(2010, 3, 11)),
    ],
)
def test_a_fund_has_leverage_from_its_first_price(fund: str, first: date) -> None:
    book = load()
    assert book.value("funds.leverage", first - timedelta(days=1), fund) is None
    assert book.value("funds.leverage", LIMIT_OF_30, fund) == book.value("funds.leverage", first, fund)


def test_funds_left_margin_in_august_2011() -> None:
    days = date(2011, 8, 21), date(2011, 8, 22)
    assert [True, False] == [load().value("margin.fund_marginable", day) for day in days]
