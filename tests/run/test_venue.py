"""A venue through time: what a run reports, funding, thin books, worst cases, and an assumed population."""

from datetime import date

import numpy as np
import pytest
from market.coin_bars import told

from gaemi.errors import Refused
from gaemi.law.lawbook import load
from gaemi.market.marks import Marks, marks_of
from gaemi.people.traders import LEVELS, traders
from gaemi.records.positions import MICRO, VenueAccounts, empty_accounts, house_of, open_lots, total_micro
from gaemi.venue import Fills, fills_at, run_venue, schedules, terms_of, venue_terms, worst_case
from gaemi.workers import LocalWorkers

ON = date(2025, 10, 10)
PLAIN = LocalWorkers(1, plain=True)
LOTS = 1_000


def one_position(marks: Marks, times: int, side: int = 1, isolated: bool = True) -> VenueAccounts:
    accounts = empty_accounts(1, 1)
    value = LOTS * int(marks.micro[0, 0])
    accounts.lots[0, 0], accounts.entry_value_micro[0, 0] = side * LOTS, side * value
    accounts.isolated[0, 0] = isolated
    (accounts.margin_micro[0] if isolated else accounts.wallet_micro)[0] = value // times
    return accounts


def test_a_long_closed_in_the_fall_and_a_short_in_the_rise_are_told_by_side_and_hour() -> None:
    marks = marks_of([told("SUIUSDT", [3.0, 2.9, 2.0, 2.0, 4.0])], 5)
    long, short = one_position(marks, 5), one_position(marks, 5, side=-1)
    both = VenueAccounts(*(np.concatenate(columns, axis=-1) for columns in zip(long, short, strict=True)))
    both.investor[1] = 1
    fund = house_of(both, 1, 10**10)
    result = run_venue(both, marks, fills_at(marks), terms_of(load(), ON, marks.tickers), PLAIN, fund)
    assert [0, 0, 2_000, 0, 0] == [step.long_micro // MICRO for step in result.steps]
    assert [0, 0, 0, 0, 4_000] == [step.short_micro // MICRO for step in result.steps]
    assert pytest.approx(1 / 3) == result.long_share
    assert np.datetime64("2025-10-10T02") == result.busiest_hour()
    assert {"time": "2025-10-10T01:30:00", "liquidated_long": 2_000} == {
        key: result.rows()[2][key] for key in ("time", "liquidated_long")
    }
    assert both.lots.tolist() == [[LOTS, -LOTS]], "what was given stays as it was"


def test_leverage_1_without_fee_and_funding_outlives_any_fall() -> None:
    marks = marks_of([told("SUIUSDT", [3.0, 0.3, 0.000001, 0.1])], 5)
    for isolated in (True, False):
        accounts = one_position(marks, 1, isolated=isolated)
        result = run_venue(
            accounts, marks, fills_at(marks), venue_terms(schedules(load(), ON, marks.tickers), 0, 0), PLAIN
        )
        assert (None, None) == (result.long_share, result.busiest_hour())
        assert LOTS == result.accounts.lots[0, 0]


def test_funding_goes_from_longs_to_shorts_and_closes_who_cannot_pay() -> None:
    marks = marks_of([told("SUIUSDT", [3.0, 3.0, 3.0])], 5)
    accounts = one_position(marks, 50)
    rates = np.array([[0], [1_500_000], [0]])  # 1.5 % of the value, of a margin of 2 % and a need of 1 %
    result = run_venue(accounts, marks, fills_at(marks), terms_of(load(), ON, marks.tickers), PLAIN, funding_e8=rates)
    assert [0, 3_000, 0] == [step.long_micro // MICRO for step in result.steps]
    # 15 of 60 are left: 1.5 is the fee, the rest goes to the fund; the rest of the market got 45.
    assert (1_500_000, 13_500_000) == (result.house.fees_micro, result.house.fund_micro)


def test_a_thin_book_closes_a_share_of_each_order_and_the_rest_waits() -> None:
    marks = marks_of([told("SUIUSDT", [3.0, 2.64, 2.64, 2.64])], 5)
    deep = fills_at(marks)
    fills = Fills(deep.trade_micro, deep.share_bps, np.full(deep.share_bps.shape, LOTS // 2))
    result = run_venue(one_position(marks, 8), marks, fills, terms_of(load(), ON, marks.tickers), PLAIN)
    assert [0, 1_320, 1_320, 0] == [step.long_micro // MICRO for step in result.steps]


def test_a_worst_case_counts_each_name_at_its_own_low() -> None:
    marks = marks_of([told("SUIUSDT", [3.0, 3.0], low=0.3, high=1.0)], 5)
    terms = terms_of(load(), ON, marks.tickers)
    for times, expected in ((5, 1), (1, 0)):
        found = worst_case(one_position(marks, times), marks, 1, terms, PLAIN)
        assert [
            {"ticker": "SUIUSDT", "longs": expected, "long_value": 3_000 * expected, "shorts": 0, "short_value": 0}
        ] == found


def test_before_there_were_perpetuals_a_venue_is_refused() -> None:
    with pytest.raises(Refused, match="must have tiers in the law"):
        schedules(load(), date(2018, 1, 1), ["BTCUSDT"])


def history() -> Marks:
    luck = np.random.Generator(np.random.PCG64(3))
    names = ("BTCUSDT", "ETHUSDT", "SUIUSDT", "XRPUSDT")
    closes = 100 * np.exp(np.cumsum(luck.normal(0, 0.01, (40, len(names))), axis=0))
    closes[25:30] *= np.array([0.85, 0.8, 0.4, 0.6])
    return marks_of([told(name, closes[:, m].tolist()) for m, name in enumerate(names)], 5)


@pytest.mark.parametrize("level", LEVELS)
def test_assumed_traders_are_as_long_as_short_and_none_of_them_is_to_be_closed_at_the_start(level: str) -> None:
    marks = history()
    start = marks.times[19]
    before, after = marks.until(start), marks.since(start)
    found = schedules(load(), ON, marks.tickers)
    people = traders(load(), ON, before, found, 200, level)
    accounts = people.accounts
    assert [0] * 4 == open_lots(accounts, 4).tolist()
    assert people.house.fund_micro > 0
    terms = terms_of(load(), ON, marks.tickers)
    still = run_venue(accounts, before.since(before.times[-2]), fills_at(before.since(before.times[-2])), terms, PLAIN)
    assert 0 == still.liquidated_micro
    result = run_venue(accounts, after, fills_at(after, 30), terms, PLAIN, people.house)
    assert result.long_share is not None and result.long_share > 0.5
    assert [0] * 4 == (open_lots(result.accounts, 4) + result.house.rest_lots).tolist()
    assert total_micro(accounts, people.house, before.micro[-1]) == total_micro(
        result.accounts, result.house, after.micro[-1]
    )


def test_traders_of_a_smaller_population_are_the_first_of_a_larger_one() -> None:
    marks = history()
    found = schedules(load(), ON, marks.tickers)
    few, many = (traders(load(), ON, marks, found, pairs).accounts for pairs in (20, 50))
    for name in ("lots", "entry_value_micro", "wallet_micro", "margin_micro", "instrument"):
        assert getattr(few, name).tolist() == getattr(many, name)[..., :40].tolist()


def test_a_level_that_the_law_does_not_have() -> None:
    marks = history()
    with pytest.raises(Refused, match="did you mean 'central'"):
        traders(load(), ON, marks, schedules(load(), ON, marks.tickers), 1, "centre")


def test_a_house_without_positions_has_nothing_on_the_other_side() -> None:
    house = house_of(empty_accounts(3, 2), 4, 9)
    assert ([0] * 4, 0, 9) == (house.rest_lots.tolist(), house.rest_micro, house.fund_micro)


@pytest.mark.slow
def test_two_threads_give_the_bits_of_one() -> None:
    marks = history()
    start = marks.times[19]
    after = marks.since(start)
    people = traders(load(), ON, marks.until(start), schedules(load(), ON, marks.tickers), 30_000, "high")
    terms = terms_of(load(), ON, marks.tickers)
    found = []
    for threads in (1, 2):
        with LocalWorkers(threads) as workers:
            found.append(run_venue(people.accounts, after, fills_at(after, 30), terms, workers, people.house))
    one, two = found
    assert one.rows() == two.rows()
    assert all((a == b).all() for a, b in zip(one.accounts, two.accounts, strict=True))
