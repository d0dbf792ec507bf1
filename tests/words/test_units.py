import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaemi import units
from gaemi.errors import Refused


@given(st.integers(0, 10**9), st.integers(0, 10**7))
def test_a_holding_in_won_is_worth_quantity_times_price_exactly(quantity: int, price: int) -> None:
    assert units.won_value(quantity, units.unit_value(price, 0, 100)) == quantity * price


def test_a_unit_value_in_dollars_rounds_to_the_nearest_1024th_of_a_won() -> None:
    exact = 123_45 * 142_430 * 1024
    assert units.unit_value(123_45, 2, 142_430) == (exact + 5_000) // 10_000


def test_a_value_rounds_halves_up() -> None:
    assert [units.won_value(1, unit) for unit in (511, 512, 1535, 1536)] == [0, 1, 1, 2]


def test_divisions_round_as_their_names_say() -> None:
    assert (units.ceil_div(7, 2), units.ceil_div(8, 2), units.ceil_div(-7, 2)) == (4, 4, -3)
    assert [units.floor_div_half_up(a, 4) for a in (1, 2, 5, 6, -2, -3)] == [0, 1, 1, 2, 0, -1]


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=30).filter(any))
def test_parts_by_largest_remainder_add_up_and_none_is_off_by_one(total: int, weights: list[int]) -> None:
    parts = units.largest_remainder(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part * sum(weights) - total * weight) < sum(weights) for part, weight in zip(parts, weights, strict=True)
    )


@pytest.mark.parametrize(
    ("text", "won"),
    [
        ("140,000,000", 140_000_000),
        ("140000000", 140_000_000),
        ("140m", 140_000_000),
        ("140 m won", 140_000_000),
        ("2.5bn", 2_500_000_000),
        ("1.2tn", 1_200_000_000_000),
        ("24.6 bn won", 24_600_000_000),
        ("₩5,000", 5_000),
        ("KRW 5,000", 5_000),
        ("5000원", 5_000),
        ("1억 4천만", 140_000_000),
        ("1억4천만원", 140_000_000),
        ("6천만원", 60_000_000),
        ("14만", 140_000),
        ("1.5억", 150_000_000),
        ("2천5백만 원", 25_000_000),
        ("3억 5,000만", 350_000_000),
        ("1조 2,000억", 1_200_000_000_000),
        ("천만", 10_000_000),
        ("3만 5천", 35_000),
        ("1만2345", 12_345),
        ("0", 0),
        (7_000, 7_000),
    ],
)
def test_money_is_read_in_every_spelling(text: str | int, won: int) -> None:
    assert units.parse_won(text) == won


@pytest.mark.parametrize(
    "text",
    ["", "won", "abc", "-5", "+5m", "1.5", "1,40,000", "1,4", "5 q", "12만 1억", "억", "1천5천", "20천", "1..5m", "nan",
     "1e6", "1억 -4천만", "만", "1억 10000만", "²"],
)  # fmt: skip
def test_money_that_is_not_understood_is_refused_and_says_how_to_write_it(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        units.parse_won(text, "holdings.csv row 3, cash")
    (fault,) = refusal.value.faults
    assert fault.where == "holdings.csv row 3, cash"
    assert fault.found == repr(text)
    assert "140m" in fault.help


@pytest.mark.parametrize(
    ("text", "bps"),
    [
        ("12.5%", 1250),
        ("-20%", -2000),
        ("−20 %", -2000),
        ("1250bps", 1250),
        ("1,250 bp", 1250),
        ("0.03%", 3),
        ("+8%", 800),
    ],
)
def test_a_share_is_read_in_every_spelling(text: str, bps: int) -> None:
    assert units.parse_bps(text) == bps


@pytest.mark.parametrize("text", ["", "20", "%", "0.005%", "1.5bps", "abc%", "--5%"])
def test_a_share_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"write it as 12\.5% or 1250bps"):
        units.parse_bps(text)


@pytest.mark.parametrize(
    ("won", "english", "korean"),
    [
        (24_600_000_000, "24.6 bn won", "246억 원"),
        (140_000_000, "140.0 m won", "1억 4,000만 원"),
        (1_249_999_999_999, "1.2 tn won", "1조 2,499억 원"),
        (999_999_999, "1.0 bn won", "9억 9,999만 원"),
        (95_000, "95,000 won", "9만 5,000 원"),
        (-2_500_000, "-2.5 m won", "-250만 원"),
        (0, "0 won", "0 원"),
    ],
)
def test_money_is_written_for_people(won: int, english: str, korean: str) -> None:
    assert (units.format_won(won), units.format_won(won, "ko")) == (english, korean)


@given(st.integers(-(10**6), 10**6))
@settings(max_examples=50)
def test_a_share_survives_being_written_and_read(bps: int) -> None:
    assert units.parse_bps(units.format_bps(bps)) == bps


@given(st.integers(0, 10**16 - 1))
@settings(max_examples=50)
def test_money_survives_being_written_with_commas_and_read(won: int) -> None:
    assert units.parse_won(f"{won:,}") == won


@pytest.mark.parametrize("text", ["6억8", "1억4000", "1억 5천", "2조 3", "1만5"])
def test_a_short_way_of_saying_large_sums_is_refused_because_it_means_another_sum(text: str) -> None:
    with pytest.raises(Refused):
        units.parse_won(text)


def test_what_follows_ten_thousands_in_full_is_read() -> None:
    assert (35_000, 10_500, 140_000_000) == (
        units.parse_won("3만5000"),
        units.parse_won("1만 5백"),
        units.parse_won("1억 4천만"),
    )
