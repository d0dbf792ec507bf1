from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from gaemi.rules.unsettled import is_overdue, largest_purchase_won, unsettled_sale_quantity


@given(st.integers(1, 50_000_000_000), st.integers(1, 10_000_000), st.integers(1, 10**6), st.integers(0, 5_000))
def test_the_sale_covers_the_debt_at_the_discounted_price_and_one_share_less_does_not(
    owed: int, price: int, held: int, discount: int
) -> None:
    n = unsettled_sale_quantity(owed, price, held, discount)
    worst = price * (1 - Fraction(discount, 10_000))
    assert n == held or n * worst >= owed
    assert (n - 1) * worst < owed
    assert n <= held


def test_without_a_price_all_is_sold() -> None:
    assert unsettled_sale_quantity(1_000, 0, 77, 3_000) == 77


def test_a_purchase_is_overdue_on_the_day_after_it_was_due() -> None:
    assert [is_overdue(100, today) for today in (99, 100, 101)] == [False, False, True]


def test_a_deposit_of_40_per_cent_buys_two_and_a_half_times() -> None:
    assert largest_purchase_won(4_000_000, 4_000) == 10_000_000
