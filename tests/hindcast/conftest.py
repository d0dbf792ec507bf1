from datetime import date
from pathlib import Path

import pytest

from gaemi.sources.balances import read_balances
from gaemi.sources.history import CreditHistory, credit_history, stretches
from gaemi.sources.prices import read_prices

FILES = ("kr_index_daily.csv", "kofia_margin_deposits_forced_sales_daily.csv")


@pytest.fixture(scope="session")
def fitting(shared_data: Path) -> list[CreditHistory]:
    """The three stretches of the fitting period."""
    prices, balances = read_prices(shared_data / FILES[0]), read_balances(shared_data / FILES[1])
    return stretches(prices, balances, date(2005, 1, 3), date(2019, 12, 31))


@pytest.fixture(scope="session")
def validation(shared_data: Path) -> CreditHistory:
    """The stretch from 2019-01-02 to the end of 2023."""
    prices, balances = read_prices(shared_data / FILES[0]), read_balances(shared_data / FILES[1])
    return credit_history(prices, balances, date(2023, 12, 31))
