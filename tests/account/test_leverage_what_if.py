"""What leverage does and what if: own money stays to the won, nothing is marked as best, wrong changes are refused."""

import json
import re
from io import StringIO
from itertools import pairwise

import pytest
from account.conftest import NAMES, ON, WORKED, document, law, mapping, standing, walk, who
from rich.console import Console

from gaemi.account.leverage import steps_of
from gaemi.account.portfolio import Portfolio
from gaemi.account.standing import pool_rows, standing_of, totals
from gaemi.account.what_if import after
from gaemi.answers.report.account import render_account
from gaemi.answers.tables import print_account
from gaemi.errors import Refused
from gaemi.kernels.journey import NOT_YET
from gaemi.outcomes import Ever

ADVICE = r"\b(best|optimal|optimum|recommend\w*|should|ideal|advise|buy now|sell now|better off)\b"

DENIALS = ("No leverage is marked as best", "names no best amount of debt", "none should be read alone")
"""Where such words may stand: to say that nothing of the kind is meant."""


def own_won(portfolio: Portfolio) -> int:
    """Own money in won: what is held and cash, less what is owed."""
    held = sum(lot.quantity * lot.price for lot in portfolio.lots if not lot.foreign)
    return held + portfolio.cash_won - sum(debt.won for debt in portfolio.debts)


@pytest.mark.parametrize("name", NAMES)
def test_own_money_is_the_same_to_the_won_at_every_leverage(name: str) -> None:
    steps = steps_of(who(name))
    assert {own_won(who(name))} == {own_won(step.portfolio) for step in steps}


@pytest.mark.parametrize("name", NAMES)
def test_leverages_go_from_none_to_the_legal_maximum_and_today_s_stands_once(name: str) -> None:
    steps = steps_of(who(name))
    assert [True] == [step.now for step in steps if step.now]
    assert all(one.leverage < other.leverage for one, other in pairwise(steps))
    most = 10_000 / law().value("margin.deposit", ON, "g1")
    others = [step.leverage for step in steps if not step.now]
    now = next(step.leverage for step in steps if step.now)
    assert 1.0 == min([*others, now])
    assert most == pytest.approx(max(others), abs=0.02) or most == pytest.approx(now, abs=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_no_step_borrows_more_than_the_law_lets_on_the_day_of_the_purchase(name: str) -> None:
    deposit = law().value("margin.deposit", ON, "g1")
    for step in steps_of(who(name)):
        if not step.now:
            lead = max((lot for lot in step.portfolio.things if lot.ticker == "005930"), key=lambda lot: lot.quantity)
            assert step.loan_won * 10_000 <= lead.quantity * lead.price * (10_000 - deposit)


def test_leverage_one_owes_nothing_on_margin() -> None:
    first = steps_of(who("borrowed"))[0]
    assert (1.0, 0, ()) == (first.leverage, first.loan_won, first.portfolio.debts)


def test_today_s_step_is_the_account_as_it_is() -> None:
    portfolio = who("borrowed")
    (now,) = [step for step in steps_of(portfolio) if step.now]
    assert (portfolio, 59_980_000) == (now.portfolio, now.loan_won)
    assert 99_975_000 / (99_975_000 - 59_980_000) == now.leverage


def test_the_row_of_today_is_the_account_s_own_odds() -> None:
    told = document("borrowed")
    for place, drift in enumerate(("risk-free", "long-run")):
        (row,) = [row for row in told["leverage"] if row["now"] and row["drift"] == drift]
        ever = {each["outcome"]: each["ever_share"] for each in told["odds"][place]["rows"]}
        assert [ever[name] for name in ("graduate", "force-sold", "wiped out", "ended below the start")] == [
            row[name] for name in ("graduate", "force_sold", "wiped_out", "below_start")
        ]
        assert told["odds"][place]["end"]["p50"] == row["median_won"]


def test_without_a_goal_nothing_graduates_and_no_column_says_so() -> None:
    told = document(**WORKED)
    assert None is told["goal"]
    assert {None} == {row["graduate"] for row in told["leverage"]}
    assert {0} == {row["count"] for each in told["odds"] for row in each["rows"] if row["outcome"] == "graduate"}


def test_nothing_is_forced_where_nothing_is_owed() -> None:
    rows = [row for row in document("own_money")["leverage"] if row["loan_won"] == 0]
    assert rows and {0.0} == {row["force_sold"] for row in rows}


def test_an_account_that_no_firm_lends_on_has_no_table_of_leverage() -> None:
    told = document(file=mapping({"ticker": "TSLL", "quantity": 100, "price": 20.48}), paths=100)
    assert [] == told["leverage"]


def test_beside_the_loan_stand_more_years_and_more_saving_without_one() -> None:
    told = document("borrowed", more_years=2, more_saving="300k")
    assert ["2 more years and no loan", "300,000 won more a month and no loan"] * 2 == [
        row["what"].replace("0.3 m", "300,000") for row in told["instead"]
    ]
    assert {0.0} == {row["force_sold"] for row in told["instead"]}


@pytest.mark.parametrize("name", NAMES)
def test_no_leverage_is_marked_as_best_and_nothing_is_advised(name: str) -> None:
    told = document(name, what_if=("add 1m",))
    parts = {part: told[part] for part in told if part not in ("assumptions", "run")}
    out = StringIO()
    print_account(told, Console(file=out, width=400, no_color=True))
    page = re.sub(r"(?s)<(style|script)\b.*?</\1>|<[^>]+>", " ", render_account(told))
    for text in (json.dumps(parts, ensure_ascii=False), out.getvalue(), page):
        said = " ".join(text.split())
        for denial in DENIALS:
            said = said.replace(denial, "")
        assert [] == re.findall(ADVICE, said, re.IGNORECASE)


@pytest.mark.parametrize(("text", "words"), [
    ("add 10m", "10.0 m won more cash in the account"),
    ("sell 005930 300", "300 of 005930 sold at today's price, 19.3 m won of its loan repaid"),
    ("loan -20m", "20.0 m won of the loans repaid, 20.0 m won of it with money from outside the account"),
    ("loan +5m", "4.9 m won more borrowed on margin for 46 more of 005930"),
    ("상환 2천만", "20.0 m won of the loans repaid, 20.0 m won of it with money from outside the account"),
    ("add 10m, loan -20m", "10.0 m won more cash in the account; 20.0 m won of the loans repaid, 10.0 m won of it with "
     "money from outside the account"),
])  # fmt: skip
def test_what_was_changed_in_words(text: str, words: str) -> None:
    assert words == after(who("borrowed"), text)[1]


def test_a_repayment_lowers_the_loan_by_itself_and_nothing_else() -> None:
    before = who("borrowed")
    changed, _ = after(before, "loan -20m")
    assert [39_980_000] == [debt.won for debt in changed.debts]
    assert (before.lots, before.cash_won) == (changed.lots, changed.cash_won)


def test_a_sale_pays_its_part_of_the_loan_and_leaves_the_rest_as_cash() -> None:
    changed, _ = after(who("borrowed"), "sell 005930 300")
    gross = 300 * 107_500
    costs = gross * law().value("market.broker_fee", ON) // 10_000
    costs += gross * law().value("market.transaction_tax", ON, "KOSPI") // 10_000
    repaid = -(-59_980_000 * 300 // 930)
    assert [59_980_000 - repaid] == [debt.won for debt in changed.debts]
    assert gross - costs - repaid == changed.cash_won
    assert [630] == [lot.quantity for lot in changed.things]


def test_all_of_it_sold_leaves_no_loan() -> None:
    changed, _ = after(who("borrowed"), "sell 005930 930")
    assert ((), 0) == (changed.debts, sum(lot.quantity for lot in changed.things))


def test_distances_before_and_after_are_those_of_the_two_accounts() -> None:
    (told,) = document("borrowed", what_if=("loan -20m",))["what_if"]
    before, later = standing("borrowed"), standing_of(after(who("borrowed"), "loan -20m")[0])
    rows = {row["measure"]: (row["before"], row["after"]) for row in told["distances"]}
    pools = [pool_rows(at)[0] for at in (before, later)]
    sums = [totals(at) for at in (before, later)]
    expected = {
        "collateral ratio": "ratio_pct", "fall to a call": "fall_to_call_pct", "fall to zero": "fall_to_zero_pct",
    }  # fmt: skip
    assert {measure: tuple(pool[key] for pool in pools) for measure, key in expected.items()} == {
        measure: rows[measure] for measure in expected
    }
    assert tuple(each["interest_month_won"] for each in sums) == rows["interest a month"]
    assert tuple(each["effective_leverage"] for each in sums) == rows["effective leverage"]
    assert rows["collateral ratio"][0] < rows["collateral ratio"][1]


@pytest.mark.parametrize(("text", "said"), [
    ("sell 005930 931", "at most the 930 of 005930 that are held can be sold, was 931"),
    ("sell 005935 10", "did you mean '005930'?"),
    ("sel 005930 10", "did you mean 'sell'?"),
    ("fly to the moon", "must be \"add 10m\""),
    ("sell 005930", "write the ticker and whole shares"),
    ("sell 005930 0", "shares must be 1 or more"),
    ("sell 005930 1.5", "write the ticker and whole shares"),
    ("loan 20m", 'write "loan -20m" or "loan +20m"'),
    ("loan -60m", "at most the"),
    ("loan -0", "must be above 0"),
    ("repay 60m", "at most the"),
    ("loan +50k", "must buy at least one share of 005930 at 107,500 won"),
    ("take 1m", "at most the cash of"),
    ("buy 005930 1", "add money first"),
    ("add ten", "write it as 140,000,000 or 140m"),
    ("add 0.5", "write it as"),
    ("", "must be"),
])  # fmt: skip
def test_a_change_that_cannot_be_made_is_refused_with_what_can(text: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        after(who("borrowed"), text)
    (fault,) = refused.value.faults
    assert str(fault).startswith("--what-if: ")
    assert said in str(fault)


def test_a_loan_is_not_raised_on_what_firms_do_not_lend_on() -> None:
    with pytest.raises(Refused, match="needs a holding that firms lend on"):
        after(who(file=mapping({"ticker": "TSLL", "quantity": 100, "price": 20.48})), "loan +5m")


def test_with_more_leverage_the_first_call_is_never_later_on_the_same_path() -> None:
    """Without a goal nobody leaves early, so that every path can be compared session by session."""
    walked = walk(**WORKED)
    bit = Ever.CALLED.value.bit_length() - 1
    steps = steps_of(who(**WORKED))
    place = {case.key: v for v, case in reversed(list(enumerate(walked.cases))) if case.drift.name == "risk-free"}
    columns = [place[("now",) if step.now else ("leverage", i)] for i, step in enumerate(steps)]
    days = walked.walked.first_day[bit].astype(int)
    days[days == NOT_YET] = days.max() + 1_000
    for less, more in pairwise(columns):
        assert (days[:, more] <= days[:, less]).all()
