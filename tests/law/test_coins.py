"""The law of coins: surveys that add up, and the steps from the launch of coin loans to the guideline."""

from datetime import date
from pathlib import Path

import pytest

from gaemi.law.lawbook import load
from gaemi.law.reform import load_reform
from gaemi.records.coins import COIN_AGE_BANDS, COIN_EXCHANGES, COIN_SIZE_BANDS

ROOT = Path(__file__).resolve().parents[2]
SURVEYS = [entry.since for entry in load().parameter("coins.accounts").entries[1:]]


@pytest.mark.parametrize("survey", SURVEYS, ids=str)
def test_a_survey_adds_up(survey: date) -> None:
    book = load()
    assert book.value("coins.accounts", survey) == sum(book.value("coins.size_bands", survey).values())
    assert book.value("coins.value", survey) == sum(book.value("coins.value_by_coin", survey).values())


def test_the_survey_of_june_2025() -> None:
    book, on = load(), date(2025, 10, 31)
    bands, coins = book.value("coins.size_bands", on), book.value("coins.value_by_coin", on)
    assert (10_770_000, 95_100_000_000_000) == (book.value("coins.accounts", on), book.value("coins.value", on))
    assert [7_560_000, 1_090_000] == [bands["under 500k"], sum(list(bands.values())[3:])]
    assert [33_870, 24_400, 8_570] == [coins[coin] // 10**9 for coin in ("BTC", "XRP", "ETH")]


def test_bands_of_the_columns_are_those_of_the_law() -> None:
    book = load()
    kinds = [book.keys(kind) for kind in ("coin_size", "coin_age", "coin_exchange")]
    assert [COIN_SIZE_BANDS, COIN_AGE_BANDS, COIN_EXCHANGES] == kinds


@pytest.mark.parametrize(
    ("day", "is_open", "limit", "customer", "coins"),
    [
        ("2025-07-03", (False, False), (40_000, 8_000), 1_000_000_000, "none"),
        ("2025-07-04", (True, True), (40_000, 8_000), 1_000_000_000, "USDT, BTC, XRP"),
        ("2025-07-28", (True, True), (40_000, 8_000), 1_000_000_000, "BTC, XRP"),
        ("2025-07-29", (False, True), (40_000, 8_000), 1_000_000_000, "BTC, XRP"),
        ("2025-08-08", (True, True), (20_000, 8_000), 200_000_000, "BTC, XRP"),
        ("2025-08-19", (False, False), (20_000, 8_000), 200_000_000, "BTC, XRP"),
        ("2025-09-05", (True, True), (10_000, 8_000), 30_000_000, "the twenty largest"),
    ],
)
def test_each_step_from_the_launch_to_the_guideline(
    day: str, is_open: tuple[bool, bool], limit: tuple[int, int], customer: int, coins: str
) -> None:
    book, on = load(), date.fromisoformat(day)
    assert is_open == tuple(book.value("coin_loan.open", on).values())
    assert limit == tuple(book.value("coin_loan.loan_limit", on).values())
    assert customer == book.value("coin_loan.customer_limit", on, "four_times")
    assert book.value("coin_loan.coins", on, "eighty_ltv").startswith(coins)


def test_the_guideline_caps_the_fee_and_forbids_settlement_in_won() -> None:
    book, on = load(), date(2025, 9, 5)
    assert (2_000, False) == (book.value("coin_loan.fee_cap", on), book.value("coin_loan.won_settled", on))


def test_nobody_borrows_coins_unless_a_reform_says_so() -> None:
    book, on = load(), date(2025, 10, 31)
    after = book.patched(load_reform(Path("coin_loans_again"), book))
    assert [0, 27_600] == [each.value("coin_loan.borrowers", on, "four_times") for each in (book, after)]


def test_the_reform_that_ships_is_the_one_of_the_examples() -> None:
    places = ("src/gaemi/law/korea/reforms", "examples/reforms")
    shipped, example = ((ROOT / place / "coin_loans_again.yaml").read_text(encoding="utf-8") for place in places)
    assert shipped == example
