"""Foreign names: worth what the dollar says, no collateral by law, never sold here."""

import numpy as np
import pytest
from toytown import FIRST_LAW, GAMMA, PRICES, instruments, live, path_of
from toytown.people import Borrower, Debt, Lot, alone

from gaemi.kernels.sell import GROSS_WON
from gaemi.market.paths import Path
from gaemi.records.columns import NEVER, Board, Instruments, Pool, Standing
from gaemi.world import World

LOAN = 6_000_000


def abroad() -> Instruments:
    """Gamma trades abroad at 123.45 dollars."""
    digits, price = np.array([0, 0, 2, 0]), np.array([*PRICES[:2], 12_345, PRICES[3]])
    board = np.array([Board.KOSPI, Board.KOSPI, Board.US, Board.KOSPI])
    return instruments(price=price, price_digits=digits, board=board, currency=np.array([0, 0, 1, 0]))


def path(dollars: float = 1.0, won_per_dollar: float = 1000.0) -> Path:
    made = path_of(FIRST_LAW, 2)
    made.factor_open[1:, GAMMA] = made.factor_close[1:, GAMMA] = dollars
    made.won_per_dollar[1:] = won_per_dollar
    return made


def lived(way: Path, alpha: int = 900) -> World:
    lots = [Lot(0, alpha), Lot(GAMMA, 10, Standing.OTHER)]
    return live(alone(FIRST_LAW, Borrower(lots, [Debt(LOAN)])), way, table=abroad())


@pytest.mark.parametrize(("way", "worth"), [
    (path(), 1_234_500),
    (path(won_per_dollar=1_100.0), 1_357_950),
    (path(dollars=0.5), 617_300),
    (path(dollars=0.25, won_per_dollar=1_300.5), 401_334),
])  # fmt: skip
def test_worth_in_won_is_price_times_the_rate_of_the_day(way: Path, worth: int) -> None:
    """123.45 halved is 61.73 to the cent; a quarter is 30.86, and 308.6 dollars at 1,300.5 are 401,334 won."""
    record = lived(way).records[1]
    interest = LOAN // 10_000
    assert 9_000_000 + worth - LOAN - interest == record.net_worth_won


def test_a_foreign_name_has_no_daily_limit() -> None:
    assert 2_469 == lived(path(dollars=0.2)).price[GAMMA]


def test_a_foreign_name_is_no_collateral_and_is_never_sold() -> None:
    """890 Alpha on 6 m are 148 %, whatever lies abroad; all that the firm sells is Alpha."""
    world = lived(path(), alpha=890)
    assert 1 == world.records[0].called
    assert sum(int(record.flows[GROSS_WON]) for record in world.records) > 0
    group = world.population.borrowing[0]
    assert 10 == group.quantity[1, 0]
    assert NEVER == group.sale_day[Pool.BROKER, 0]


def test_a_pool_with_nothing_but_foreign_names_left_owes_residual_debt() -> None:
    """The firm cannot sell abroad: what the last share at home does not pay is booked."""
    group = lived(path_of(FIRST_LAW, 2, ALPHA=[8_000]), alpha=600).population.borrowing[0]
    assert 0 == group.principal_won.sum()
    assert LOAN - (4_800_000 - 48_000 - 4_800 - LOAN // 10_000) == group.residual_won[0]
    assert 10 == group.quantity[1, 0]
