"""Impact of flow on the prices of a town, through the engine's own state, kernels and days."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toytown import (
    ALPHA,
    BETA,
    FIRST_LAW,
    LOUD,
    PRICES,
    QUIET,
    TWICE,
    instruments,
    law,
    law_with,
    live,
    nobody,
    one_thread,
    path_of,
    started,
)  # fmt: skip
from toytown.people import Borrower, Debt, Lot, alone, crowd

from gaemi.law.lawbook import LawBook
from gaemi.market.impact import FlowState, ImpactLaw
from gaemi.market.paths import shock_path
from gaemi.market.shocks import parse_shock
from gaemi.records.columns import Board
from gaemi.run import begin
from gaemi.world import Settings, World, day_law

TURNOVER = instruments().turnover_won
NOTHING = np.zeros(4, np.int64)


def opened(book: LawBook | None = None, settings: Settings = LOUD) -> World:
    """The town without people on its first session, before anything has traded."""
    world = begin(started(nobody(), book), path_of(FIRST_LAW, 3), one_thread(), settings)
    world.enter(1)
    return world


def flow_of(**won: int) -> np.ndarray:
    return np.array([won.get(name, 0) for name in ("alpha", "beta", "gamma", "twice")], dtype=np.int64)


def priced(world: World, extra: np.ndarray = NOTHING, at_auction: bool = False) -> list[int]:
    latent = world.latent(world.path.factor_close[world.day], world.funds.nav)
    return world.traded(latent, extra, at_auction)[0].tolist()


def test_no_flow_leaves_the_path() -> None:
    assert list(PRICES) == priced(opened()) == priced(opened(), at_auction=True)


def test_without_feedback_flow_leaves_the_path() -> None:
    assert list(PRICES) == priced(opened(settings=QUIET), flow_of(alpha=-(10**9), beta=10**9))


def test_a_sale_of_a_quarter_of_the_turnover_by_hand() -> None:
    """Half of the root of 1/4 lasts, half fades: 2 % of volatility times 1/2 is 1 %, and 10,000 / 1.01 is 9,900.99."""
    assert 9_900 == priced(opened(), flow_of(alpha=-500_000_000))[ALPHA]


def test_a_purchase_of_a_quarter_of_the_turnover_by_hand() -> None:
    assert 10_100 == priced(opened(), flow_of(alpha=500_000_000))[ALPHA]


def test_the_auction_measures_recent_flow_on_its_own_volume() -> None:
    """64 m of 2 bn is 3.2 % of the session and 64 % of the auction, which has a twentieth of the turnover."""
    moved = 0.02 * (0.5 * sqrt(0.032) + 0.5 * sqrt(0.64))
    assert 9_905 == round(10_000 / (1 + moved) / 5) * 5
    assert 9_905 == priced(opened(), flow_of(alpha=-64_000_000), at_auction=True)[ALPHA]


def test_a_fund_is_not_pressed_itself() -> None:
    assert PRICES[TWICE] == priced(opened(), flow_of(twice=-(10**9)))[TWICE]


@given(pieces=st.lists(st.integers(-300_000_000, 300_000_000), min_size=1, max_size=12), at_auction=st.booleans())
def test_cutting_a_sessions_flow_gives_the_same_price(pieces: list[int], at_auction: bool) -> None:
    whole, cut = opened(), opened()
    whole.flow.add(flow_of(alpha=sum(pieces)))
    for piece in pieces[:-1]:
        cut.flow.add(flow_of(alpha=piece))
    assert priced(whole, at_auction=at_auction) == priced(cut, flow_of(alpha=pieces[-1]), at_auction)


@given(won=st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=2), share=st.integers(3_000, 10_000))
def test_more_selling_never_gives_a_higher_price(won: list[int], share: int) -> None:
    world = opened(law_with(impact__permanent_share=share))
    less, more = (priced(world, flow_of(beta=each))[BETA] for each in sorted(won))
    assert less <= more


@pytest.mark.parametrize("share", [3_000, 5_000, 10_000])
def test_more_impact_never_gives_a_higher_price_for_what_is_sold(share: int) -> None:
    books = [law_with(impact__permanent_share=share, impact__coefficient=c) for c in (0.0, 0.5, 1.0, 1.5)]
    prices = [priced(opened(book), flow_of(alpha=-800_000_000))[ALPHA] for book in books]
    assert sorted(prices, reverse=True) == prices
    assert PRICES[ALPHA] == prices[0]


def state() -> tuple[FlowState, ImpactLaw]:
    impact = day_law(law(), FIRST_LAW, instruments()).impact
    return FlowState(TURNOVER, instruments().volatility), impact


def test_recent_flow_halves_from_session_to_session_and_the_sum_stays() -> None:
    flow, impact = state()
    flow.add(flow_of(alpha=-400_000_000))
    recent, summed = [], []
    for _ in range(4):
        flow.next_session(impact)
        pressure = flow.pressure(impact, NOTHING, at_auction=False)
        recent.append(float(pressure.recent[ALPHA]))
        summed.append(float(pressure.cumulative[ALPHA]))
    assert [-0.1, -0.05, -0.025, -0.0125] == recent
    assert [-0.2] * 4 == summed


def test_selling_and_buying_back_leaves_only_what_is_recent() -> None:
    flow, impact = state()
    flow.add(flow_of(alpha=-400_000_000))
    flow.next_session(impact)
    flow.add(flow_of(alpha=400_000_000))
    pressure = flow.pressure(impact, NOTHING, at_auction=False)
    assert 0.0 == pressure.cumulative[ALPHA]
    assert 0.1 == pytest.approx(float(pressure.recent[ALPHA]), abs=1e-15)


def sold_once(share: int, sessions: int = 30) -> list[int]:
    """Closes of Alpha after one forced sale of 70 m won at the opening of the first session."""
    person = Borrower([Lot(ALPHA, 10_000)], [Debt(76_000_000)])
    book = law_with(impact__permanent_share=share, funds__leverage={"TWICE": 1})
    path, prices = path_of(FIRST_LAW, sessions), []
    for days in (1, 4, sessions):
        short = replace(path, dates=path.dates[: days + 1])
        prices.append(int(live(alone(FIRST_LAW, person), short, LOUD, book).price[ALPHA]))
    return prices


def test_half_of_the_impact_fades_after_a_sale() -> None:
    first, fourth, last = sold_once(5_000)
    assert first < fourth < last < PRICES[ALPHA]


def test_permanent_impact_does_not_recover() -> None:
    first, *later = sold_once(10_000)
    assert first < PRICES[ALPHA]
    assert [first] * 2 == later


def test_passing_impact_is_gone_in_the_end() -> None:
    first, *_, last = sold_once(0)
    assert first < PRICES[ALPHA] == last


def test_feedback_off_is_the_path_whoever_sells() -> None:
    text = "KOSPI -15%, KOSDAQ -18%"
    path = shock_path(parse_shock(text), instruments(), path_of(FIRST_LAW, 8).dates, 1000.0, 0.3, 7)
    with_people, empty = live(crowd(FIRST_LAW, 200), path, QUIET), live(nobody(), path, QUIET)
    assert [r.index for r in empty.records] == [r.index for r in with_people.records]
    assert empty.price.tolist() == with_people.price.tolist()


def test_forced_sales_push_the_index_down() -> None:
    path = shock_path(parse_shock("KOSPI -15%"), instruments(), path_of(FIRST_LAW, 8).dates, 1000.0, 0.0, 7)
    book = law_with(funds__leverage={"TWICE": 1})
    with_people, empty = live(crowd(FIRST_LAW, 300), path, LOUD, book), live(nobody(), path, LOUD, book)
    for ours, alone_ in zip(with_people.records, empty.records, strict=True):
        assert all(ours.index[board] <= alone_.index[board] for board in ours.index)
    assert min(r.index[Board.KOSPI] for r in with_people.records) < min(r.index[Board.KOSPI] for r in empty.records)
