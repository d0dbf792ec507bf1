"""Holders of contracts for difference: what is published is kept, what is assumed is counted to the share."""

from datetime import date

import numpy as np
import pytest

from gaemi.law.lawbook import load
from gaemi.law.reform import with_values
from gaemi.people.cfd_accounts import Contracts, contracts_on, holders
from gaemi.records.columns import LoanKind, Standing

ON = date(2023, 3, 31)
PRICES = [515_000, 137_200, 5_380]


def test_the_contracts_are_the_published_balance_times_the_assumed_share() -> None:
    found = contracts_on(load(), ON, 8)
    assert Contracts(2_769_700_000_000, 2_769_700_000_000 // 4 // 8, 4_000, 1_150, True) == found


def test_before_a_balance_was_published_there_are_none() -> None:
    assert contracts_on(load(), date(2018, 3, 30), 8) is None


def test_the_balance_is_that_of_the_last_year_end() -> None:
    contracts = contracts_on(load(), date(2021, 3, 31), 8)
    assert contracts is not None
    assert 4_780_700_000_000 == contracts.outstanding_won


@pytest.mark.parametrize(("one_name", "accounts", "slots"), [(True, 3 * 143, 1), (False, 1_150, 3)])
def test_every_share_of_a_name_has_a_holder(one_name: bool, accounts: int, slots: int) -> None:
    book = load() if one_name else with_values(load(), "all", {"cfd.holding": "all_names"})
    contracts = contracts_on(book, ON, 8)
    assert contracts is not None
    group = holders(contracts, PRICES, 8, ON)
    held = np.zeros(3, np.int64)
    np.add.at(held, group.instrument, group.quantity)
    assert [contracts.a_name_won // price for price in PRICES] == held.tolist()
    assert (slots, accounts) == group.quantity.shape
    assert {(int(LoanKind.CFD), int(Standing.CFD))} == set(
        zip(group.loan_kind.ravel().tolist(), group.standing.ravel().tolist(), strict=True)
    )


def test_what_is_owed_is_the_value_at_entry_less_the_margin() -> None:
    contracts = contracts_on(load(), ON, 8)
    assert contracts is not None
    group = holders(contracts, PRICES, 8, ON)
    entry = group.quantity * np.array(PRICES)[group.instrument]
    assert np.array_equal(entry, group.settled_won)
    assert np.array_equal(entry - -(-entry * 4_000 // 10_000), group.principal_won)
    assert np.array_equal((entry - group.principal_won).sum(axis=0), group.peak_account_won)
