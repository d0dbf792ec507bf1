"""Coin loans and contracts for difference of one account."""

from typing import Any

import pytest
from account.conftest import document, law, request

from gaemi.account.coin_loans import CoinLoan, coin_loan_rows, coin_loan_sentences
from gaemi.account.portfolio import portfolio
from gaemi.account.standing import loan_rows, pool_rows, standing_of, totals
from gaemi.errors import Refused
from gaemi.rules.coin_loan import is_closed

WON_ON_COINS = {"held": "KRW-BTC", "held_quantity": 0.25, "amount": "32m", "held_price": "160m", "lender": "eighty_ltv"}
COINS_SOLD = {"cash": "50m", "owed": "KRW-XRP", "owed_quantity": 10_000, "owed_price": 4_000, "lender": "four_times"}
CONTRACT = {"ticker": "005930", "quantity": 1000, "entry": 100_000, "margin": "40m", "price": 107_500}


def loans(*lines: dict[str, Any]) -> tuple[CoinLoan, ...]:
    return portfolio(request(file={"on": "2025-07-20", "coin_loans": list(lines)}), law()).coin_loans


def refusal(**file: Any) -> str:
    with pytest.raises(Refused) as refused:
        portfolio(request(file={"on": "2025-07-20"} | file), law())
    return str(refused.value)


def test_a_loan_of_won_is_closed_when_its_coin_falls_to_the_ratio() -> None:
    (row,) = coin_loan_rows(loans(WON_ON_COINS))
    assert (80.0, 90.0, 142_208_000.0) == (row["ratio_pct"], row["forced_ratio_pct"], row["sale_price"])
    held = round(0.25 * row["sale_price"])
    assert is_closed(32_000_000, held, 9_000) and not is_closed(32_000_000, held + 0.25 * 16_000, 9_000)


def test_a_loan_of_coins_is_closed_when_the_coin_rises_to_the_ratio() -> None:
    (row,) = coin_loan_rows(loans(COINS_SOLD))
    assert ("KRW-XRP", 4_500.0, 12.5) == (row["ticker"], row["sale_price"], pytest.approx(row["move_pct"]))


def test_the_sentence_says_at_any_hour() -> None:
    (said,) = coin_loan_sentences(coin_loan_rows(loans(WON_ON_COINS)))
    assert "when BTC falls 11.1 % to 142,208,000 won, at any hour of the week, without a call." in said


def test_without_a_lender_the_strictest_is_used_and_it_says_so() -> None:
    bare = {key: value for key, value in WON_ON_COINS.items() if key != "lender"}
    (row,) = coin_loan_rows(loans(bare))
    assert not row["named"] and "the strictest service" in coin_loan_sentences([row])[0]


def test_what_is_left_of_a_coin_loan_is_in_the_net_worth() -> None:
    file = {"on": "2025-07-20", "coin_loans": [WON_ON_COINS, COINS_SOLD], "cash": "1m"}
    assert 19_000_000 == totals(standing_of(portfolio(request(file=file), law())))["net_worth_won"]


def test_coin_loans_that_cannot_stand_are_refused() -> None:
    assert "lenders are four_times, eighty_ltv" in refusal(coin_loans=[WON_ON_COINS | {"lender": "third"}])
    assert "at 90 % it is closed" in refusal(coin_loans=[WON_ON_COINS | {"amount": "39m"}])
    bare = {key: value for key, value in WON_ON_COINS.items() if key != "held_price"}
    assert "KRW-BTC must have a price on 2025-07-20" in refusal(coin_loans=[bare])


def test_a_contract_for_difference_owes_its_entry_less_its_margin_in_a_pool_of_its_own() -> None:
    at = standing_of(portfolio(request(file={"on": "2025-10-31", "cfd": [CONTRACT], "cash": "1m"}), law()))
    (pool,) = pool_rows(at)
    assert ("CFD", 60_000_000, 107_500_000) == (pool["pool"], pool["loans_won"], pool["collateral_won"])
    assert 48_500_000 == totals(at)["net_worth_won"]
    needed = 60_000_000 + 40_000_000 * 8_000 // 10_000
    assert 100 * (1 - needed / 107_500_000) == pytest.approx(pool["fall_to_call_pct"], abs=0.02)
    (loan,) = loan_rows(at)
    assert ("contract for difference", None) == (loan["kind"], loan["due"])


def test_a_contract_that_is_gone_or_never_could_be_opened_is_refused() -> None:
    assert "a contract must be open" in refusal(cfd=[CONTRACT | {"price": 90_000}])
    assert "at least 40 % of the value at entry" in refusal(cfd=[CONTRACT | {"margin": "10m", "opened": "2025-06-02"}])


def test_a_contract_locked_at_its_limit_for_days_ends_in_residual_debt() -> None:
    """The closes of April 2023: three sessions at the lower limit, then 470,000 won shares are worth 130,000."""
    line = {"ticker": "004690", "quantity": 100, "entry": 470_000, "margin": "18.8m", "price": 470_000}
    told = document(file={"on": "2023-03-31", "cfd": [line | {"volatility": "40%"}]}, replay="cfd-2023")["replay"]
    sold = {row["date"]: sum(each["quantity"] for each in row["sold"]) for row in told["days"] if row["sold"]}
    assert ("residual debt", 100) == (told["outcome"], sum(sold.values()))
    assert ["2023-04-24", "2023-04-25", "2023-04-26", "2023-04-27"] == list(sold)
    end = told["days"][-1]
    assert end["residual_won"] == 28_200_000 - sum(each["won"] for row in told["days"] for each in row["sold"]) + costs(
        told
    )


def costs(told: dict[str, Any]) -> int:
    """Fees, taxes and interest: what the debt is more than the loan less the gross of its sales."""
    gross = sum(each["won"] for row in told["days"] for each in row["sold"])
    found: int = told["days"][-1]["residual_won"] - (28_200_000 - gross)
    assert 0 < found < gross // 50
    return found
