"""What the exchange does not let through in a session comes later: price limits, halts, locked names, the breaker."""

from dataclasses import replace

import numpy as np
import pytest
from toytown import (
    ALPHA,
    BETA,
    FIRST_LAW,
    GAMMA,
    LOUD,
    PRICES,
    SECOND_LAW,
    TWICE,
    instruments,
    live,
    nobody,
    path_of,
)  # fmt: skip
from toytown.people import Borrower, Debt, Lot, alone

from gaemi.kernels.sell import GROSS_WON
from gaemi.market.paths import Path
from gaemi.records.columns import NEVER, Board, Pool, Standing
from gaemi.world import World

CHEAP = instruments(price=np.array([10_000, 2_000_000, 5_000, 20_000]), issued=np.array([9_000_000, 50, 4_000_000, 9]))
"""Beta costs 2 m won a share, so that ticks of 5 won hide nothing, and weighs next to nothing."""


def closes(path: Path, row: int, **how: object) -> list[int]:
    """Prices of one name at each close."""
    found = []
    for days in range(1, path.sessions + 1):
        found.append(int(live(nobody(), replace(path, dates=path.dates[: days + 1]), **how).price[row]))  # type: ignore[arg-type]
    return found


def test_a_latent_fall_of_75_percent_takes_four_days_under_a_limit_of_30() -> None:
    """Three days at the limit, and on the fourth the rest: 0.25 / 0.343 - 1 = -27.1 %."""
    path = path_of(FIRST_LAW, 6, BETA=[500])
    found = closes(path, BETA, table=CHEAP)
    assert [1_400_000, 980_000, 686_000, 500_000, 500_000, 500_000] == found
    assert -0.271137026239067 == pytest.approx(found[3] / found[2] - 1, abs=1e-12)


def test_the_days_at_the_limit_are_counted_as_locked() -> None:
    world = live(nobody(), path_of(FIRST_LAW, 6, BETA=[500]), table=CHEAP)
    assert [0, 1, 1, 1, 0, 0, 0] == [record.locked_down for record in world.records]


def test_under_a_limit_of_20_percent_the_same_fall_takes_seven_days() -> None:
    found = closes(path_of(SECOND_LAW, 8, BETA=[500]), BETA, table=CHEAP)
    assert [1_600_000, 1_280_000, 1_024_000, 819_200, 655_360, 524_290, 500_000, 500_000] == found


def test_a_rise_is_limited_too_and_carried() -> None:
    found = closes(path_of(FIRST_LAW, 4, BETA=[4_000]), BETA, table=CHEAP)
    assert [2_600_000, 3_380_000, 4_000_000, 4_000_000] == found


def test_the_limit_of_a_fund_of_leverage_two_is_twice_as_wide() -> None:
    path = path_of(FIRST_LAW, 2, ALPHA=[8_100], BETA=[1_620])
    assert round(20_000 * (1 - 2 * 0.19)) == live(nobody(), path).price[TWICE]


def test_a_name_locked_at_its_limit_fills_what_the_law_says() -> None:
    """The firm sells 2,000 shares; a tenth of the order trades at the limit, the rest waits and the clock runs on."""
    world = locked_sale(1)
    assert [0, 200 * 1_400] == gross(world)
    group = world.population.borrowing[0]
    assert (4_800, 1_800) == (group.quantity[0, 0], group.order[0, 0])
    assert (0, 1) == (group.called_day[Pool.BROKER, 0], group.sale_day[Pool.BROKER, 0])


def test_what_waits_is_worked_out_anew_each_morning_and_fills_when_the_limit_opens() -> None:
    """From the second morning on nothing less than all 4,800 would do."""
    world = locked_sale(3)
    assert [0, 200 * 1_400, 480 * 980, 4_320 * 1_000] == gross(world)
    group = world.population.borrowing[0]
    assert 0 == group.order.sum() == group.quantity.sum() == group.principal_won.sum()
    assert 2_187_431 == group.residual_won[0]
    assert NEVER == group.sale_day[Pool.BROKER, 0]


def test_a_fill_that_the_shock_asks_for_comes_before_the_laws() -> None:
    path = locked_path(1)
    path.forced_fill_bps[1, BETA] = 200
    assert [40 * 1_400] == gross(live(alone(FIRST_LAW, LOCKED), path))[1:]


LOCKED = Borrower([Lot(BETA, 5_000)], [Debt(7_200_000, financed=BETA)])
"""Under 150 % at the state's close: 10,000,000 on 7,200,000. A share takes 400 off the 800,000 that are missing."""


def locked_path(sessions: int) -> Path:
    return path_of(FIRST_LAW, sessions, BETA=[1_400, 980, 1_000])


def locked_sale(sessions: int) -> World:
    return live(alone(FIRST_LAW, LOCKED), locked_path(sessions))


def gross(world: World) -> list[int]:
    return [int(record.flows[GROSS_WON]) for record in world.records]


def halted_path(sessions: int, days: int) -> Path:
    path = path_of(FIRST_LAW, sessions, BETA=[1_900])
    path.halted[1 : days + 1, BETA] = 1
    return path


def test_a_halted_name_is_not_sold_and_its_firm_waits() -> None:
    world = live(alone(FIRST_LAW, LOCKED), halted_path(2, 2))
    assert [0, 0, 0] == gross(world)
    assert 5_000 == world.population.borrowing[0].quantity[0, 0]
    assert PRICES[BETA] == world.price[BETA]


def test_a_halted_name_is_sold_when_it_trades_again() -> None:
    world = live(alone(FIRST_LAW, LOCKED), halted_path(5, 2))
    assert sum(gross(world)[1:3]) == 0 < sum(gross(world)[3:])


def test_a_firm_sells_what_trades_while_another_name_is_halted() -> None:
    """Beta counts for nothing while it is halted: Alpha is sold out, and Beta waits."""
    person = Borrower([Lot(BETA, 5_000), Lot(ALPHA, 100, Standing.OTHER)], [Debt(7_500_000, financed=BETA)])
    world = live(alone(FIRST_LAW, person), halted_path(1, 1))
    assert [100 * PRICES[ALPHA]] == gross(world)[1:]
    assert [5_000, 0] == world.population.borrowing[0].quantity[:2, 0].tolist()
    assert 0 == world.population.borrowing[0].residual_won[0], "a halted share is still to be sold"


def board_path(opens: list[float], ends: list[float]) -> Path:
    """Both names of the first board at these shares of their start, at each open and close."""
    path = path_of(FIRST_LAW, len(opens))
    opened, closed = path.factor_open.copy(), path.factor_close.copy()
    for row in (ALPHA, BETA):
        opened[1:, row], closed[1:, row] = opens, ends
    return replace(path, factor_open=opened, factor_close=closed)


def kospi(path: Path, **how: object) -> list[float]:
    world = live(nobody(), path, **how)  # type: ignore[arg-type]
    return [record.index[Board.KOSPI] for record in world.records[1:]]


def test_a_board_that_would_fall_more_than_20_percent_closes_there_and_goes_on_next_day() -> None:
    assert [0.8, 0.72, 0.72] == pytest.approx(kospi(board_path([0.9, 0.72, 0.72], [0.72, 0.72, 0.72])), abs=1e-12)


def test_a_board_that_opens_under_the_bound_closes_at_its_opening() -> None:
    assert [0.77, 0.72] == pytest.approx(kospi(board_path([0.77, 0.72], [0.72, 0.72])), abs=1e-12)


def test_a_fall_of_exactly_20_percent_does_not_close_the_board() -> None:
    assert [0.8, 0.72] == pytest.approx(kospi(board_path([0.9, 0.72], [0.8, 0.72])), abs=1e-12)


def test_the_other_board_goes_on() -> None:
    path = board_path([0.9], [0.72])
    path.factor_close[1, GAMMA] = 0.85
    world = live(nobody(), path)
    assert {Board.KOSPI} == world.closed_early
    assert 0.85 == pytest.approx(world.records[1].index[Board.KOSDAQ], abs=1e-12)


def test_where_the_board_closed_early_funds_wait_and_trade_next_day() -> None:
    path = board_path([0.9, 0.72, 0.72], [0.72, 0.72, 0.72])
    stopped = live(nobody(), replace(path, dates=path.dates[:2]), LOUD).funds
    assert stopped.exposure_won[0] > 2 * stopped.assets_won[0], "its leverage has risen and is not restored"
    after = live(nobody(), replace(path, dates=path.dates[:3]), LOUD).funds
    assert 2 * after.assets_won[0] == pytest.approx(float(after.exposure_won[0]), rel=1e-12)


def test_with_impact_the_board_stops_within_a_tick_of_the_bound() -> None:
    found = kospi(board_path([0.9, 0.72], [0.795, 0.72]), settings=LOUD)
    assert 0.8 == pytest.approx(found[0], abs=5 / 2_000)


def test_a_halted_name_is_called_once_however_long_it_is_halted() -> None:
    world = live(alone(FIRST_LAW, LOCKED), halted_path(5, 3))
    assert [1, 0, 0, 0, 0, 0] == [record.called for record in world.records]
