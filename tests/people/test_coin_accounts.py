"""Coin accounts: every published total to the unit, the same bits however the work is cut."""

from datetime import date
from functools import cache

import numpy as np
import pytest

from gaemi.errors import Refused
from gaemi.law.lawbook import load
from gaemi.people.coin_accounts import CoinBuilder, coin_accounts, setting_of
from gaemi.people.coin_borrowers import coin_borrowers
from gaemi.people.coin_instruments import coin_instruments
from gaemi.people.targets import Targets
from gaemi.records.coins import COIN_SIZE_EDGES_WON, FIRST_STRANGER, CoinPopulation
from gaemi.rules.coins import coin_won

JUNE = date(2025, 6, 30)
ACCOUNTS = 60_000
SURVEYS = [entry.since for entry in load().parameter("coins.accounts").entries[1:]]


@cache
def built(on: date, accounts: int = ACCOUNTS, chunk: int = 1 << 17) -> tuple[CoinPopulation, Targets]:
    book = load()
    return CoinBuilder(setting_of(book, on, coin_instruments(book, on), accounts=accounts), chunk).build()


@pytest.mark.parametrize("survey", SURVEYS, ids=str)
def test_bands_ages_and_coins_of_every_survey_are_met_to_the_unit(survey: date) -> None:
    _, targets = built(survey)
    assert [] == targets.missed()
    assert targets.named("coins held, all").error_share == pytest.approx(0.0, abs=1e-9)


def test_work_cut_otherwise_gives_the_same_bits() -> None:
    for one, other in zip(built(JUNE)[0].plain, built(JUNE, chunk=7_001)[0].plain, strict=True):
        for left, right in zip(one, other, strict=True):
            assert np.array_equal(left, right)


def test_every_account_lies_in_its_band_and_holds_a_coin_once() -> None:
    unit = coin_instruments(load(), JUNE).price
    for group in built(JUNE)[0].plain:
        for j in range(0, group.investor.size, 97):
            used = group.quantity[:, j] > 0
            coins = group.instrument[used, j]
            worth = sum(coin_won(int(q), int(unit[c])) for q, c in zip(group.quantity[used, j], coins, strict=True))
            assert len(set(coins.tolist())) == coins.size > 0
            assert group.size[j] == np.searchsorted(COIN_SIZE_EDGES_WON, worth, side="right")
            assert worth + group.cash_won[j] == group.peak_won[j]


def test_stock_investors_and_people_with_two_accounts_are_as_many_as_assumed() -> None:
    numbers = np.concatenate([group.investor for group in built(JUNE)[0].plain])
    persons = np.unique(numbers)
    assert 1.2 == pytest.approx(numbers.size / persons.size, abs=1e-3)
    assert 0.55 == pytest.approx((persons < FIRST_STRANGER).mean(), abs=1e-3)


def test_amounts_move_with_prices_after_the_survey() -> None:
    book, on = load(), date(2025, 10, 31)
    still = coin_accounts(book, on, coin_instruments(book, on), accounts=ACCOUNTS)
    half = coin_accounts(book, on, coin_instruments(book, on, {"KRW-BTC": 145_759_000.0 / 2}), accounts=ACCOUNTS)
    held = [sum(int(group.quantity.sum()) for group in people.plain) for people in (still, half)]
    worth = [sum(int((group.peak_won - group.cash_won).sum()) for group in people.plain) for people in (still, half)]
    assert held[0] == held[1]
    assert 0.45 < worth[1] / worth[0] < 0.53


def test_the_population_of_may_2022_is_that_of_its_date() -> None:
    table = coin_instruments(load(), date(2022, 5, 7))
    assert "KRW-LUNA" in table.ticker
    assert "KRW-LUNA" not in coin_instruments(load(), JUNE).ticker


def test_a_date_before_the_first_survey_is_refused() -> None:
    with pytest.raises(Refused, match="surveyed from 2021-12-31"):
        coin_instruments(load(), date(2021, 12, 30))


def test_a_price_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="price must be above 0"):
        coin_instruments(load(), JUNE, {"BTC": 0.0, "ETH": -1.0})


def test_nobody_borrows_by_default() -> None:
    assert [] == coin_borrowers(load(), JUNE, coin_instruments(load(), JUNE))


def test_borrowers_of_the_launch_start_within_their_limit() -> None:
    book, on = load(), date(2025, 7, 4)
    table = coin_instruments(book, on)
    group = coin_borrowers(book, on, table, borrowers={"four_times": 400, "eighty_ltv": 100})[0]
    unit = table.price
    held = [coin_won(int(q), int(unit[c])) for q, c in zip(group.quantity[0], group.instrument[0], strict=True)]
    owed = [coin_won(int(lots), int(unit[c % unit.size])) for lots, c in zip(group.owed_lots, group.owed, strict=True)]
    ratio = (group.owed_won + owed) / (group.cash_won + held)
    assert ratio.max() <= 0.80001
    assert 100 == int((group.lender == 1).sum())
    assert 120 < int((group.owed_won > 0).sum()) < 280
