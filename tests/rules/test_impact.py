import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.rules import impact

FLOWS = st.floats(-10.0, 10.0)


@given(FLOWS, st.floats(0.0, 1.0))
def test_buying_and_selling_push_by_the_same_amount(flow: float, share: float) -> None:
    up = impact.displacement(abs(flow), abs(flow), 1.0, 0.02, share)
    assert impact.displacement(-abs(flow), -abs(flow), 1.0, 0.02, share) == -up


@given(FLOWS)
def test_selling_then_buying_back_ends_where_it_began(moved: float) -> None:
    assert impact.price_multiplier(moved) * impact.price_multiplier(-moved) == pytest.approx(1.0, rel=1e-15)


@given(FLOWS, FLOWS)
def test_more_selling_never_gives_a_higher_price(a: float, b: float) -> None:
    low, high = sorted((a, b))
    prices = [impact.price_multiplier(impact.displacement(flow, flow, 1.0, 0.03, 0.5)) for flow in (low, high)]
    assert 0.0 < prices[0] <= prices[1]


@given(st.lists(st.floats(-1.0, 1.0), min_size=2, max_size=6), st.floats(0.3, 1.0))
def test_cutting_a_session_finer_does_not_change_where_it_ends(parts: list[float], share: float) -> None:
    whole = sum(parts)
    at_once = impact.displacement(whole, whole, 1.0, 0.02, share)
    running = 0.0
    for part in parts:
        running += part
        last = impact.displacement(running, running, 1.0, 0.02, share)
    assert last == at_once


def test_the_fading_part_is_gone_when_the_flow_is_forgotten() -> None:
    flow = -0.04
    assert impact.displacement(flow, 0.0, 1.0, 0.02, 0.5) == pytest.approx(-0.002, rel=1e-15)
    assert impact.remembered(flow, 5_000) == -0.02


def test_no_flow_moves_nothing() -> None:
    assert impact.price_multiplier(impact.displacement(0.0, 0.0, 1.0, 0.02, 0.5)) == 1.0
