"""Steps of a venue: against the slow oracle on random accounts, and what must hold whatever happens."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.venue_oracle import Held, Plain, Step, Trader, one_step

from gaemi.kernels.venue import VenueQuotes, VenueTerms
from gaemi.records.positions import (
    House,
    Schedule,
    VenueAccounts,
    empty_accounts,
    house_of,
    open_lots,
    total_micro,
)
from gaemi.venue import close_ordered, venue_step, venue_terms
from gaemi.workers import LocalWorkers

CONTRACTS = 3
SCHEDULES = (
    Schedule("A", (0, 5_000_000, 40_000_000), (4_000, 25_000, 100_000)),
    Schedule("B", (0, 10_000_000), (10_000, 50_000)),
    Schedule("C", (0,), (500_000,)),
)
MARKS = (1_000_000, 3_000_001, 77_777)
Case = tuple[VenueAccounts, list[Trader], Step, int]


@st.composite
def venues(draw: st.DrawFn) -> tuple[list[Trader], Step, int]:
    """Traders opened at the marks with leverage up to 60, and a step after the marks have moved by up to a half."""
    traders = []
    for number in draw(st.permutations(range(draw(st.integers(2, 7))))):
        trader = Trader(number * 7 + 1, 0)
        names = draw(st.lists(st.sampled_from(range(CONTRACTS)), min_size=1, max_size=CONTRACTS, unique=True))
        for contract in names:
            lots = draw(st.integers(1, 60)) * draw(st.sampled_from((-1, 1)))
            entry = lots * MARKS[contract] + draw(st.integers(-50_000, 50_000))
            margin = abs(entry) // draw(st.integers(1, 60))
            isolated = draw(st.booleans())
            trader.positions.append(Held(contract, isolated, lots, entry, margin if isolated else 0))
            trader.wallet += 0 if isolated else margin
        traders.append(trader)
    moved = [MARKS[c] * draw(st.integers(50, 150)) // 100 for c in range(CONTRACTS)]
    beside = draw(st.sampled_from((0, 0, 20, 300, 2_000)))
    bps = st.sampled_from((10_000, 10_000, 10_000, 5_000, 0))
    step = Step(
        mark=moved,
        pays=[mark * (10_000 - beside) // 10_000 for mark in moved],
        asks=[mark * (10_000 + beside) // 10_000 for mark in moved],
        sold_bps=[draw(bps) for _ in range(CONTRACTS)],
        bought_bps=[draw(bps) for _ in range(CONTRACTS)],
        tiers=[list(zip(each.floors_micro, each.rates_e6, strict=True)) for each in SCHEDULES],
        taker_e6=500,
        liquidation_e6=draw(st.sampled_from((0, 10_000))),
    )
    return traders, step, draw(st.sampled_from((0, 0, 100_000, 3_000_000, 10**9)))


def columns_of(traders: list[Trader]) -> VenueAccounts:
    accounts = empty_accounts(len(traders), CONTRACTS)
    for j, trader in enumerate(traders):
        accounts.investor[j], accounts.wallet_micro[j] = trader.number, trader.wallet
        for slot, held in enumerate(trader.positions):
            accounts.instrument[slot, j], accounts.isolated[slot, j] = held.contract, held.isolated
            accounts.lots[slot, j], accounts.entry_value_micro[slot, j] = held.lots, held.entry
            accounts.margin_micro[slot, j] = held.margin
    return accounts


def quotes_of(step: Step) -> tuple[VenueQuotes, VenueTerms]:
    quotes = VenueQuotes(
        np.array(step.mark, np.int64), np.array([step.pays, step.asks]), np.array([step.sold_bps, step.bought_bps])
    )
    terms = venue_terms(SCHEDULES, 0, 0)._replace(taker_e6=step.taker_e6, liquidation_e6=step.liquidation_e6)
    return quotes, terms


def positions_of(accounts: VenueAccounts) -> dict[int, Any]:
    """Wallet and positions by the account's number, so that the order of rows does not matter."""
    return {
        int(accounts.investor[j]): (
            int(accounts.wallet_micro[j]),
            [
                (int(accounts.lots[s, j]), int(accounts.entry_value_micro[s, j]), int(accounts.margin_micro[s, j]))
                for s in range(accounts.lots.shape[0])
            ],
        )
        for j in range(accounts.investor.size)
    }


def told(traders: list[Trader]) -> dict[int, Any]:
    blank = (0, 0, 0)
    return {
        each.number: (
            each.wallet,
            [*((h.lots, h.entry, h.margin) for h in each.positions), *[blank] * (CONTRACTS - len(each.positions))],
        )
        for each in traders
    }


def stepped(
    traders: list[Trader], step: Step, fund: int, workers: LocalWorkers
) -> tuple[VenueAccounts, House, VenueQuotes]:
    accounts = columns_of(traders)
    house = house_of(accounts, CONTRACTS, fund)
    quotes, terms = quotes_of(step)
    before = total_micro(accounts, house, quotes.mark)
    venue_step(accounts, house, quotes, terms, workers)
    assert before == total_micro(accounts, house, quotes.mark)
    return accounts, house, quotes


@pytest.fixture(scope="module", params=["plain", pytest.param("compiled", marks=pytest.mark.slow)])
def workers(request: pytest.FixtureRequest) -> LocalWorkers:
    return LocalWorkers(1, plain=request.param == "plain")


@given(venue=venues())
@settings(max_examples=80)
def test_a_step_agrees_with_the_slow_oracle(workers: LocalWorkers, venue: tuple[list[Trader], Step, int]) -> None:
    traders, step, fund = venue
    accounts, house, _ = stepped(traders, step, fund, workers)
    slow = Plain(traders, rest=int(columns_of(traders).entry_value_micro.sum()), fund=fund)
    one_step(slow, step)
    assert told(slow.traders) == positions_of(accounts)
    assert (slow.fund, slow.fees, slow.rest, slow.uncovered) == (
        house.fund_micro,
        house.fees_micro,
        house.rest_micro,
        house.uncovered_micro,
    )


@given(venue=venues())
@settings(max_examples=25)
def test_no_money_and_no_lot_is_made_or_lost_and_the_fund_never_owes(venue: tuple[list[Trader], Step, int]) -> None:
    accounts, house, quotes = stepped(*venue, workers=LocalWorkers(1, plain=True))
    assert [0] * CONTRACTS == (open_lots(accounts, CONTRACTS) + house.rest_lots).tolist()
    assert 0 <= house.fund_micro
    other_marks = quotes.mark * 3 // 2
    assert total_micro(accounts, house, quotes.mark) == total_micro(accounts, house, other_marks)


@given(venue=venues(), luck=st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_accounts_in_any_order_and_slots_of_one_give_the_same(venue: tuple[list[Trader], Step, int], luck: Any) -> None:
    plain = LocalWorkers(1, plain=True)
    accounts, house, _ = stepped(*venue, workers=plain)
    traders, step, fund = venue
    mixed = luck.sample(traders, len(traders))
    other, other_house, _ = stepped(mixed, step, fund, plain)
    assert positions_of(accounts) == positions_of(other)
    assert (house.fund_micro, house.rest_micro) == (other_house.fund_micro, other_house.rest_micro)


def quiet(mark: list[int], pays: list[int] | None = None) -> Step:
    whole = [10_000] * CONTRACTS
    tiers = [list(zip(each.floors_micro, each.rates_e6, strict=True)) for each in SCHEDULES]
    return Step(mark, pays or mark, pays or mark, whole, whole, tiers, 0, 0)


def test_an_account_exactly_at_maintenance_stays_and_one_micro_less_is_closed(workers: LocalWorkers) -> None:
    """B needs 1 %: 100 lots at 10 000 micro need 10 000."""
    for margin, lots in ((10_000, 100), (9_999, 0)):
        traders = [Trader(1, 0, [Held(1, True, 100, 1_000_000, margin)])]
        accounts, house, _ = stepped(traders, quiet([1, 10_000, 1]), 0, workers)
        assert lots == accounts.lots[0, 0]
        assert (0 if lots else 9_999) == house.fund_micro


def test_the_largest_loss_of_a_shared_margin_goes_first_and_the_rest_stays_when_that_is_enough(
    workers: LocalWorkers,
) -> None:
    """B lost 500 000, C won 20 000, and 65 000 are left of 70 000 needed, of which C alone needs 60 000."""
    held = [Held(2, False, 10, 100_000), Held(1, False, 100, 1_500_000)]
    accounts, _, _ = stepped([Trader(1, 545_000, held)], quiet([1, 10_000, 12_000]), 0, workers)
    assert [10, 0] == accounts.lots[:2, 0].tolist()
    assert 45_000 == accounts.wallet_micro[0]


def test_an_empty_fund_deleverages_the_winner_with_the_highest_score_at_the_bankruptcy_price(
    workers: LocalWorkers,
) -> None:
    """The long's margin of 100 000 is gone at 9 000; the mark is 8 000 and the book pays 7 000."""
    losing = Trader(1, 0, [Held(1, True, 100, 1_000_000, 100_000)])
    careful = Trader(2, 0, [Held(1, True, -100, -1_000_000, 1_000_000)])
    bold = Trader(3, 0, [Held(1, True, -100, -1_000_000, 100_000)])
    accounts, house, _ = stepped([careful, bold, losing], quiet([1, 8_000, 1], [1, 7_000, 1]), 0, workers)
    assert {1: 0, 2: -100, 3: 0} == {int(accounts.investor[j]): int(accounts.lots[0, j]) for j in range(3)}
    assert 100_000 + 100 * (10_000 - 9_000) == accounts.wallet_micro[1]
    assert (0, 0) == (house.fund_micro, house.uncovered_micro)


def test_nobody_is_deleveraged_into_debt_and_the_venue_bears_what_is_left(workers: LocalWorkers) -> None:
    """The only short opened at 8 100 on a tenth: 9 000 would cost it more than it has."""
    losing = Trader(1, 0, [Held(1, True, 100, 1_000_000, 100_000)])
    short = Trader(2, 0, [Held(1, True, -100, -810_000, 81_000)])
    accounts, house, _ = stepped([losing, short], quiet([1, 8_000, 1], [1, 7_000, 1]), 0, workers)
    assert [0, -100] == accounts.lots[0].tolist()
    assert -100 * 2_000 == house.uncovered_micro


def test_the_fund_pays_before_anybody_is_deleveraged(workers: LocalWorkers) -> None:
    losing = Trader(1, 0, [Held(1, True, 100, 1_000_000, 100_000)])
    short = Trader(2, 0, [Held(1, True, -100, -1_000_000, 1_000_000)])
    accounts, house, _ = stepped([losing, short], quiet([1, 8_000, 1], [1, 7_000, 1]), 500_000, workers)
    assert [0, -100] == accounts.lots[0].tolist()
    assert 500_000 - 200_000 == house.fund_micro


def test_orders_that_nobody_closes_leave_everything_as_it_was() -> None:
    accounts = columns_of([Trader(1, 5, [])])
    house = house_of(accounts, CONTRACTS, 7)
    quotes, terms = quotes_of(quiet([1, 1, 1]))
    step = close_ordered(accounts, house, quotes, terms, LocalWorkers(1, plain=True))
    assert (0, 7, 0) == (step.long_micro, step.fund_micro, step.accounts)
