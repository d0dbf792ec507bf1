"""Holdings and loans on one line, as options of the command: what is taken, and what is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaemi.errors import Refused
from gaemi.sources.accounts import HoldingLine, account_of_options


def option_faults(**options: list[str]) -> list[str]:
    with pytest.raises(Refused) as refused:
        account_of_options(**options)
    return [str(fault) for fault in refused.value.faults]


def holding_fault(line: str) -> str:
    (fault,) = option_faults(holding=[line])
    return fault.removeprefix(f"--holding '{line}': ")


def loan_fault(line: str) -> str:
    (fault,) = option_faults(holding=["005930 1000"], loan=[line])
    return fault.removeprefix(f"--loan '{line}': ")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("005930 1000 @ 71000", HoldingLine("005930", 1000, 71_000.0)),
        ("005930 1000 @71000 cost 65000", HoldingLine("005930", 1000, 71_000.0, 65_000.0)),
        ("005930 1000", HoldingLine("005930", 1000)),
        ("TSLL 300 @ 20.48 elsewhere", HoldingLine("TSLL", 300, 20.48, standing="elsewhere")),
        ("005930 1,000주 @ 7만1천원", HoldingLine("005930", 1000, 71_000.0)),
        ("005930 1,000 주 @ 7만 1천 원 신용", HoldingLine("005930", 1000, 71_000.0, standing="financed")),
        ("COST 3 @ $912.10 cost 850.333", HoldingLine("COST", 3, 912.10, 850.333)),
    ],
)
def test_a_holding_on_one_line(line: str, expected: HoldingLine) -> None:
    (lot,) = account_of_options(holding=[line]).holdings
    assert f"--holding '{line}'" == lot.where
    assert [getattr(expected, name) for name in expected.__slots__ if name != "where"] == [
        getattr(lot, name) for name in lot.__slots__ if name != "where"
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("45m", ("margin", 45_000_000, None, None, None)),
        ("45m on 005930", ("margin", 45_000_000, "005930", None, None)),
        ("pledged 20m on 005930 since 2025-09-01", ("pledged", 20_000_000, "005930", date(2025, 9, 1), None)),
        ("신용 4천5백만 on 005930", ("margin", 45_000_000, "005930", None, None)),
        ("stock_loan 1억 4천만 원 due 20260301", ("stock_loan", 140_000_000, None, None, date(2026, 3, 1))),
        ("천만 on ON", ("margin", 10_000_000, "ON", None, None)),
    ],
)
def test_a_loan_on_one_line(line: str, expected: tuple[object, ...]) -> None:
    (loan,) = account_of_options(holding=["005930 1000", "ON 5"], loan=[line]).loans
    assert expected == (loan.kind, loan.won, loan.ticker, loan.opened, loan.due)


@given(
    st.integers(1, 10**10),
    st.sampled_from(["{}", "{:,}", "{:,}주", "{} shares", "{}.0"]),
    st.integers(1, 10**6),
    st.sampled_from(["@ {:,}", "@{}원", "@ ₩{}", ""]),
)
def test_quantity_and_price_are_read_back_from_every_spelling(
    quantity: int, quantity_form: str, price: int, price_form: str
) -> None:
    line = f"005930 {quantity_form.format(quantity)} {price_form.format(price)}"
    (lot,) = account_of_options(holding=[line]).holdings
    assert (quantity, price if price_form else None) == (lot.quantity, lot.price)


@given(st.integers(1, 10**9))
def test_a_price_in_dollars_keeps_its_cents(cents: int) -> None:
    (lot,) = account_of_options(holding=[f"TSLL 1 @ {cents // 100:,}.{cents % 100:02d}"]).holdings
    assert cents == round((lot.price or 0) * 100)


WRITE_PRICE = "write it as 71,000 or 7만1천원, in dollars as 20.48"
NO_OPTION = "a holding must be a share, a fund or a coin, was '{}'; options are not modelled"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("005930 -40", "quantity must be above 0, was -40; short positions are not taken here"),
        ("005930 0", "quantity must be above 0, was 0; leave out what is not held any more"),
        ("005930 1.5", "quantity must be whole shares, was 1.5; fractions of a share are not taken: 1?"),
        ("005930 many", "quantity must be a whole number of shares, was 'many'; write it as 1000 or 1,000주"),
        ("005930 1000원", "quantity must be a whole number of shares, was '1000원'; write it as 1000 or 1,000주"),
        ("005930 1,00", "quantity must be a whole number of shares, was '1,00'; write it as 1000 or 1,000주"),
        ("005930 99999999999", "quantity must be at most 10,000,000,000, was 99999999999"),
        ("005930 1 @ 71000.5", "price of 005930 must be whole won, was 71000.5"),
        ("005930 1 @ $20", f"price of 005930 must be in won, was '$20'; {WRITE_PRICE}"),
        ("005930 1 @ 0", f"price of 005930 must be a number above 0, was '0'; {WRITE_PRICE}"),
        ("005930 1 @ -5", f"price of 005930 must be a number above 0, was '-5'; {WRITE_PRICE}"),
        ("005930 1 @ 2e5000000", f"price of 005930 must be a number above 0, was '2e5000000'; {WRITE_PRICE}"),
        ("TSLL 1 @ 20.481", "price of TSLL must be dollars with at most two decimals, was 20.481"),
        ("TSLL 1 @ 2만원", f"price of TSLL must be in dollars, was '2만원'; {WRITE_PRICE}"),
        (
            "TSLL 1 @ 2 elsewere",
            "standing must be one of financed, pledged, other, stock_loan, elsewhere, was 'elsewere'; "
            "did you mean 'elsewhere'?",
        ),
        (
            "5930 10",
            "ticker of a Korean share must have six characters, was 5930; "
            "write it in quotes, zeros included: '005930'?",
        ),
        ("KOSPI 10", "ticker must be something that can be held, was 'KOSPI'; name a fund that follows it"),
        *((line, NO_OPTION.format(line)) for line in (
            "201V3350 5", "301W1260 5", "TSLA 251219C00400000 5", "TSLA251219P400 5", "BTC-27DEC24-50000-C 1",
            "57J123 100", "TSLA call 5", "KOSPI200 put 350 2", "삼성전자 콜 5", "코스피200 풋옵션 3", "삼성 ELW 10",
        )),
    ],
)  # fmt: skip
def test_a_holding_that_is_refused_is_told_why(line: str, fault: str) -> None:
    assert fault == holding_fault(line)


@pytest.mark.parametrize("line", ["", "005930", "005930 1 @", "005930 1 @ 5 @ 6", "005930 @ 5"])
def test_a_holding_of_too_few_or_too_many_words_is_told_how_to_write_it(line: str) -> None:
    said = "a holding must be a ticker and a quantity"
    assert f"{said}, was '{line}'; write it as '005930 1000 @ 71000 cost 65000'" == holding_fault(line)


@pytest.mark.parametrize("ticker", ["PUTW", "CALF", "KODEX200타겟위클리커버드콜", "252670", "CPNG", "207940"])
def test_a_fund_or_share_that_only_looks_like_an_option_is_taken(ticker: str) -> None:
    assert [ticker] == [lot.ticker for lot in account_of_options(holding=[f"{ticker} 3"]).holdings]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("0", "a loan must be above 0 won, was '0'"),
        (
            "-45m",
            "a loan must be 0 or more, without a sign, was '-45m'; "
            "write it as 140,000,000 or 140m or 1.2tn or 1억 4천만",
        ),
        ("$5", "a loan must be in won, was '$5'; cash in dollars has a key of its own: dollars"),
        ("2000tn", "a loan must be at most 1,000,000,000,000,000 won, was '2000tn'"),
        ("marginn 4m", "kind must be one of margin, pledged, stock_loan, was 'marginn'; did you mean 'margin'?"),
        ("미수 4m", "kind must be one of margin, pledged, stock_loan, was '미수'; other debts are not taken here"),
        ("4m on 000660", "a loan must be on something that is held, was '000660'; held: 005930"),
        (
            "4m on 5930",
            "on of a Korean share must have six characters, was 5930; write it in quotes, zeros included: '005930'?",
        ),
        ("4m since 2025-02-30", "opened must be a day of the calendar, was '2025-02-30'"),
        ("4m since 2025-09-01 due 20250901", "due must be after 2025-09-01, when the loan was opened, was 2025-09-01"),
    ],
)  # fmt: skip
def test_a_loan_that_is_refused_is_told_why(line: str, fault: str) -> None:
    assert fault == loan_fault(line)


@pytest.mark.parametrize("line", ["", "pledged", "4m on", "on 005930", "4m on 005930 on 005930"])
def test_a_loan_without_an_amount_or_with_a_word_too_many_is_told_how_to_write_it(line: str) -> None:
    how = "write it as '45m on 005930 since 2025-09-01' or 'pledged 20m on 000660'"
    assert f"a loan must be an amount of won, was '{line}'; {how}" == loan_fault(line)


NINES = "9" * 5000
SOME_WORDS = st.lists(
    st.sampled_from(
        ["005930", "TSLL", "@", "cost", "on", "since", "due", "1,000주", "1.5", "-3", "7만1천원", ".5", "$2", "45m",
         "천만", NINES, NINES + ".5", "pledged", "elsewhere", "2025-09-01", "20250230", "신용", "%", "'", ":", "5억"]
    )
).map(" ".join)  # fmt: skip


@given(SOME_WORDS | st.text(max_size=20), SOME_WORDS | st.text(max_size=20), SOME_WORDS)
def test_any_words_are_read_or_refused_under_their_option(holding: str, loan: str, cash: str) -> None:
    try:
        account = account_of_options([holding], [loan], cash)
    except Refused as refused:
        assert {"--holding", "--loan", "--cash"} >= {str(fault).split(":")[0].split(" ")[0] for fault in refused.faults}
    else:
        assert (1, 1) == (len(account.holdings), len(account.loans))
