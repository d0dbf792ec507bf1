"""Where an account stands: worked cases to the digit, distances against brute force, costs against their formulas."""

from itertools import pairwise

import pytest
from account.conftest import ON, WORKED, document, law, mapping, standing, who

from gaemi.account.scenario import sale_of
from gaemi.account.standing import alone_rows, fallen, holding_rows, loan_rows, pool_rows, totals
from gaemi.days import sessions_between
from gaemi.kernels.pools import maintenance_of, pool_collateral_won, pool_debt_won
from gaemi.kernels.tables import FIRM_CLASSES
from gaemi.people.instruments import shipped_rows
from gaemi.rules.interest import interest_won
from gaemi.rules.margin import (
    CONVENTION_C,
    collateral_ratio_bps,
    is_under_maintenance,
    relief_e8,
    sale_quantity,
    shortfall_e8,
)
from gaemi.rules.market import fee_won, transaction_tax_won

SHARES, LOAN = 1000, 45_000_000
CLASSES = ("standard", "banded", "lower_limit", "two_stage")


def worked(firm: str) -> dict[str, object]:
    return WORKED | {"firm": firm}


def share(quantity: int = 100, price: int = 100_000, **others: object) -> dict[str, object]:
    return {"ticker": "005930", "quantity": quantity, "price": price, **others}


def borrowed(won: int, **others: object) -> dict[str, object]:
    return {"kind": "margin", "amount": won, "on": "005930", **others}


def test_the_first_sentences_of_the_worked_case() -> None:
    first, second, *_, last = document(**WORKED)["sentences"]
    assert first == "Samsung Electronics can fall 11.3 % to 63,000 before a call."
    assert second.startswith(
        "If it closes at 59,800 on Monday 3 November and you do nothing, on Wednesday 5 November at 09:00 about 282 of "
        "1,000 shares are sold and about "
    )
    assert last == (
        "Prices of 31 October 2025 (prices as given); rules of firm class 'standard'; your firm may sell more."
    )


def test_what_is_left_in_the_worked_case_is_14_800_000_less_interest_fee_and_tax() -> None:
    sale = sale_of(who(**WORKED))
    assert sale is not None
    (sold,) = sale["sold"]
    assert ("2025-11-03", "2025-11-05", "09:00") == (sale["close_date"], sale["sale_date"], sale["time"])
    assert (282, 1000, 59_800.0, 282 * 59_800) == (sold["quantity"], sold["held"], sold["close"], sold["won"])
    costs = fee_won(sold["won"], law().value("market.broker_fee", ON))
    costs += transaction_tax_won(sold["won"], law().value("market.transaction_tax", ON, "KOSPI"))
    interest = LOAN * law().value("margin.interest", ON)[0][1] * 5 // (365 * 10_000)
    assert SHARES * 59_800 - LOAN - costs - interest == sale["left_won"]
    assert LOAN - (sold["won"] - costs - interest) == sale["owed_won"]
    assert 0 == sale["residual_won"]


def test_the_quantity_of_the_worked_case_is_that_of_the_convention() -> None:
    missing = shortfall_e8(LOAN, SHARES * 59_800, 14_000, 1_500, CONVENTION_C)
    assert 282 == sale_quantity(missing, relief_e8(59_800, 14_000, 1_500, 0, 10_000, CONVENTION_C), SHARES)


@pytest.mark.parametrize(("firm", "quantity"), [("standard", 282), ("banded", 446), ("lower_limit", 1000)])
def test_each_firm_sells_its_own_number_on_the_same_morning(firm: str, quantity: int) -> None:
    sale = sale_of(who(**worked(firm)))
    assert sale is not None
    assert ("2025-11-05", [quantity]) == (sale["sale_date"], [row["quantity"] for row in sale["sold"]])


def test_a_fund_from_overseas_adds_nothing_to_the_ratio() -> None:
    """Shares of 10 million on a loan of 6 and 5 million of an overseas fund: 167 %, not 250 %."""
    told = mapping(share(), {"ticker": "SPY", "quantity": 5, "price": 702.6}, loans=(borrowed(6_000_000),))
    at = standing(file=told)
    (pool,) = pool_rows(at)
    funds = next(row for row in holding_rows(at, {}, 0.0) if row["ticker"] == "SPY")
    assert 5_000_000 == round(funds["value_won"], -5)
    assert (10_000_000, 166.66) == (pool["collateral_won"], pool["ratio_pct"])
    assert (0.0, 0) == (funds["collateral_rate_pct"], funds["collateral_won"])


@pytest.mark.parametrize(("own_pct", "call", "zero"), [(40, 16.0, 40.0), (45, 23.0, 45.0), (50, 30.0, 50.0)])
def test_published_distances_by_share_of_own_money(own_pct: int, call: float, zero: float) -> None:
    """Published rules of thumb: from 40, 45 and 50 % of own funds and a ratio of 140 %."""
    at = standing(file=mapping(share(), loans=(borrowed(10_000_000 * (100 - own_pct) // 100),)))
    (pool,) = pool_rows(at)
    assert (call, zero) == (pool["fall_to_call_pct"], pool["fall_to_zero_pct"])
    (alone,) = alone_rows(at)
    assert (100_000 * (100 - call) / 100, 100_000 * (100 - zero) / 100) == (alone["call_price"], alone["zero_price"])


@pytest.mark.parametrize("firm", CLASSES)
def test_a_deeper_fall_is_sold_on_the_next_morning_by_firms_with_bands(firm: str) -> None:
    at = standing(**worked(firm))
    (pool,) = pool_rows(at)
    sooner = [under for under, sessions in law().value("margin.clock", ON, firm) if sessions == 1]
    expected = 100.0 * (SHARES * 71_000 - sooner[0] * LOAN / 10_000) / (SHARES * 71_000) if sooner else None
    assert expected == pool["fall_to_next_morning_pct"]
    assert (firm in ("banded", "lower_limit")) == (expected is not None)


@pytest.mark.parametrize("firm", CLASSES)
def test_the_fall_at_which_all_is_sold_is_the_one_found_tick_by_tick(firm: str) -> None:
    at = standing(**worked(firm))
    (pool,) = pool_rows(at)
    discount, cost = law().value("margin.discount", ON, firm)[0], law().value("margin.sale_cost", ON, firm)

    def sells_all(price: int) -> bool:
        missing = shortfall_e8(LOAN, SHARES * price, 14_000, discount, CONVENTION_C)
        relief = relief_e8(price, 14_000, discount, cost, 10_000, CONVENTION_C)
        return missing > 0 and SHARES == sale_quantity(missing, relief, SHARES)

    first = next(price for price in range(71_000, 0, -100) if sells_all(price))
    # The distance is the edge of that tick: a hair more closes there, a hair less one tick higher.
    edge = pool["fall_to_all_sold_pct"]
    assert [first + 100, first] == [int(fallen(at, edge + hair)[0]) for hair in (-1e-4, 1e-4)]


@pytest.mark.parametrize("loan", [0, 1_000_000, 20_000_000, 45_000_000, 50_000_000])
def test_a_firm_that_nobody_named_has_the_strictest_of_every_rule(loan: int) -> None:
    def distances(firm: str | None) -> list[float]:
        asked = WORKED | {"firm": firm, "loan": (str(loan),) if loan else ()}
        rows = pool_rows(standing(**asked))
        keys = ("fall_to_call_pct", "fall_to_next_morning_pct", "fall_to_all_sold_pct")
        return [101.0 if row[key] is None else float(row[key]) for row in rows for key in keys]

    each = [distances(firm) for firm in CLASSES]
    assert [min(column) for column in zip(*each, strict=True)] == distances(None)


def test_the_strictest_firm_of_the_table_bounds_every_class() -> None:
    table = standing("borrowed").table
    count = len(FIRM_CLASSES)
    assert table.maintenance_bps[:count].max() == table.maintenance_bps[count]
    assert table.cost_bps[:count].max() == table.cost_bps[count]
    assert table.discount_bps[:count].max(axis=0).tolist() == table.discount_bps[count].tolist()


@pytest.mark.parametrize("name", ["borrowed", "mixed"])
def test_one_won_under_the_price_of_the_call_and_the_kernel_calls(name: str) -> None:
    at = standing(name)
    prices = [row for row in alone_rows(at) if row["call_price"] is not None]
    assert prices
    for row in prices:
        assert [False, True] == [is_called(at, row["ticker"], int(row["call_price"]) - down) for down in (0, 1)]


def test_no_price_of_a_holding_that_the_rest_carries_is_a_call() -> None:
    at = standing("mixed")
    safe = [row for row in alone_rows(at) if row["call_price"] is None]
    assert ["000660"] == [row["ticker"] for row in safe]
    assert not is_called(at, "000660", 0)


def is_called(at, ticker: str, price: int) -> bool:  # type: ignore[no-untyped-def]
    """Whether the pool of the broker is under maintenance when one name alone stands at a price."""
    prices = at.price.copy()
    prices[at.instruments.row(ticker)] = price
    held = pool_collateral_won(at.rows, 0, 0, at.quotes(prices), at.table)
    return bool(is_under_maintenance(held, pool_debt_won(at.rows, 0, 0), maintenance_of(at.rows, 0, 0, at.table)))


def test_cash_counts_whole_and_other_shares_at_the_substitute_rate() -> None:
    told = mapping(share(), {"ticker": "000660", "quantity": 10, "price": 500_000}, loans=(borrowed(6_000_000),))
    at = standing(file=told | {"cash": 1_000_000})
    (pool,) = pool_rows(at)
    rate = law().value("margin.substitute_rate", ON)
    held = 10_000_000 + 1_000_000 + 5_000_000 * rate // 10_000
    assert (held, collateral_ratio_bps(held, 6_000_000) / 100) == (pool["collateral_won"], pool["ratio_pct"])
    moving = held - 1_000_000
    assert 100.0 * (held - 8_400_000) / moving == pool["fall_to_call_pct"]
    assert 100.0 * (held - 6_000_000) / moving == pool["fall_to_zero_pct"]
    assert held - 8_400_000 == pool["above_call_won"]


def test_all_names_down_by_the_distance_stand_at_maintenance() -> None:
    at = standing("mixed")
    (pool,) = pool_rows(at)
    fall = pool["fall_to_call_pct"] / 100
    held = (300 * 107_500 + 40 * 559_000) * (1 - fall) + 5_000_000
    assert 1.4 * 25_000_000 == pytest.approx(held, abs=1e-3)


def test_dollars_and_dollar_prices_are_won_at_the_rate_of_the_day() -> None:
    told = mapping({"ticker": "SPY", "quantity": 10, "price": 700.0}, dollars="1,000.50")
    at = standing(file=told)
    rate = law().value("people.won_per_dollar", ON)
    whole = totals(at)
    assert round(7_000 * rate) + round(1_000.50 * rate) == whole["assets_won"] == whole["net_worth_won"]
    assert whole["assets_won"] == whole["dollar_exposure_won"]
    assert 1.0 == pytest.approx(whole["exposure_won"] / round(7_000 * rate), abs=1e-6)


@pytest.mark.parametrize("opened", ["2025-10-30", "2025-10-24", "2025-10-20", "2025-09-01", "2025-05-02"])
def test_interest_by_bracket(opened: str) -> None:
    at = standing(file=mapping(share(), loans=(borrowed(5_000_000, opened=opened),)))
    (loan,) = loan_rows(at)
    brackets = law().value("margin.interest", ON)
    days, rates = zip(*[(end if end is not None else 10**6, rate) for end, rate in brackets], strict=True)
    held = loan["days"]
    later = next(rate for end, rate in zip(days, rates, strict=True) if held + 30 <= end)
    assert interest_won(5_000_000, held, held, days, rates, 1) == loan["accrued_won"]
    assert (later / 100, 5_000_000 * later * 30 // (365 * 10_000)) == (loan["rate_pct"], loan["interest_month_won"])
    whole = totals(at)
    assert 10_000_000 - 5_000_000 - loan["accrued_won"] == whole["net_worth_won"]
    assert loan["accrued_won"] == whole["accrued_won"]


def test_interest_grows_with_the_days_that_a_loan_has_run() -> None:
    opened = ("2025-10-30", "2025-10-24", "2025-10-20", "2025-09-01", "2025-05-02")
    rows = [loan_rows(standing(file=mapping(share(), loans=(borrowed(5_000_000, opened=day),))))[0] for day in opened]
    assert all(sooner["accrued_won"] < later["accrued_won"] for sooner, later in pairwise(rows))


def test_the_drag_of_a_fund_is_half_leverage_squared_less_leverage_times_the_variance() -> None:
    """Tesla's deviation a session as shipped, twice a day: a drag of its variance a year."""
    deviation = next(row.volatility for row in shipped_rows() if row.ticker == "TSLA")
    sessions = len(sessions_between(ON, ON.replace(year=2026)))
    fund = next(row for row in document("mixed")["holdings"] if row["ticker"] == "TSLL")
    assert 100 * deviation**2 * sessions == pytest.approx(fund["drag_pct"], rel=1e-12)
    assert 100 * 2 * deviation * sessions**0.5 == pytest.approx(fund["volatility_pct"], rel=1e-12)
    fee, financing = law().value("funds.fee", ON, "TSLL"), law().value("funds.financing", ON, "dollar")
    assert (fee / 100, financing / 100) == (fund["fee_pct"], fund["financing_pct"])


def test_a_share_has_no_drag() -> None:
    assert [None] == [row["drag_pct"] for row in document("borrowed")["holdings"]]


def test_effective_leverage_goes_through_funds_and_loans_together() -> None:
    told = mapping(share(), {"ticker": "TSLL", "quantity": 200, "price": 20.48}, loans=(borrowed(6_000_000),))
    whole = totals(standing(file=told))
    funds = round(200 * 20.48 * law().value("people.won_per_dollar", ON))
    assert 10_000_000 + 2 * funds == whole["exposure_won"]
    assert (10_000_000 + 2 * funds) / (10_000_000 + funds - 6_000_000) == whole["effective_leverage"]
