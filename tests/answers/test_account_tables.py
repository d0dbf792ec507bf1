"""What the terminal shows of an account."""

import pytest
from answers.account_fixture import MILLION, account_result, chances, replay_result
from answers.fixture import hostile
from answers.test_tables import printed

from gaemi.answers import account_sheets, odds_sheets, tables

RESULTS = {
    "a borrower": account_result(),
    "no goal": account_result(goal=None, warning=None, help=[]),
    "a replay": replay_result(),
}
ANY = pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)


def words(result) -> str:
    """The printed text with every run of blanks as one."""
    return " ".join(printed(tables.print_account, result).split())


@ANY
def test_what_is_piped_is_plain_and_100_wide(result):
    text = printed(tables.print_account, result)
    assert "\x1b" not in text
    assert 100 >= max(len(line) for line in text.splitlines())


@ANY
def test_the_answer_in_words_comes_before_any_table(result):
    text = printed(tables.print_account, result)
    assert text.index(result["sentences"][0][:40]) < text.index("Where you stand") < text.index("Pools, in won")


def test_the_warning_is_the_first_line_and_the_help_lines_are_said_once_after_the_sentences():
    text = printed(tables.print_account, account_result())
    assert account_result()["warning"] == text.splitlines()[0]
    assert 1 == text.count("1336") == text.count("gambling")
    assert text.index("your firm may sell more") < text.index("1336") < text.index("Where you stand")


def test_without_a_warning_the_title_is_the_first_line_and_no_help_line_is_named():
    text = printed(tables.print_account, RESULTS["no goal"])
    assert "borrowed" == text.splitlines()[0]
    assert "Somebody to talk to" not in text


def test_the_parts_stand_in_the_order_of_the_page():
    text = printed(tables.print_account, account_result())
    parts = ["Where you stand", "Your odds until", "A thousand of you", "What leverage does", "What if:"]
    parts += ["Closed forms", "Note:", "Assumed: 3 figures"]
    assert sorted(parts, key=text.index) == parts


def test_a_probability_has_its_standard_error_under_every_drift():
    lines = printed(tables.print_account, account_result()).splitlines()
    row = next(line for line in lines if line.startswith("wiped out"))
    assert "wiped out 19.5 ± 0.3 13.5 ± 0.2 15.3 ± 0.3 18.2 ± 0.3" == " ".join(row.split())


def test_ever_and_the_mean_time_stand_beside_for_two_drifts():
    lines = [" ".join(line.split()) for line in printed(tables.print_account, account_result()).splitlines()]
    assert "wiped out 23.8 ± 0.3 1.6 years 16.6 ± 0.3 1.6 years" in lines
    assert "called 63.0 ± 0.3 0.7 years 52.5 ± 0.4 0.7 years" in lines
    assert [] == [line for line in lines if line.startswith("none of these") and "years" in line]


def test_no_path_is_told_by_the_number_of_paths():
    assert "0 (of 20,000)" == odds_sheets.chance(0.0, 0.0, 20_000)
    assert "100 % (of 20,000)" == odds_sheets.chance(1.0, 0.0, 20_000)


def test_a_rare_outcome_is_not_written_as_none():
    assert "<0.1 %" == odds_sheets.chance(0.0004, 0.0001, 20_000)
    assert "0.05 % ± 0.02" == odds_sheets.chance(0.0005, 0.0002, 20_000)


def test_an_error_under_a_twentieth_of_a_point_takes_a_second_decimal():
    assert "12.3 % ± 0.2" == odds_sheets.chance(0.123, 0.0023, 20_000)
    assert "12.34 % ± 0.03" == odds_sheets.chance(0.12341, 0.0003, 1_000_000)


def test_a_probability_that_nobody_knows_is_a_dash():
    assert "–" == odds_sheets.chance(None, None, 20_000)


def test_the_difference_on_the_same_paths_has_a_sign_and_an_error():
    assert "+2.0 ± 0.1" == odds_sheets.change(0.02, 0.001)
    assert "−0.20 ± 0.03" == odds_sheets.change(-0.002, 0.0003)
    assert "0" == odds_sheets.change(0.0, 0.0)


def test_an_outcome_on_no_path_is_said_to_be_rare_and_not_impossible():
    result = account_result()
    assert "" == odds_sheets.nothing_seen(result)
    result["odds"][0]["rows"][0] |= {"count": 0, "share": 0.0, "error": 0.0}
    assert "up to about 3 in 20,000" in odds_sheets.nothing_seen(result)
    assert "0 (of 20,000)" in words(result)


def test_without_a_goal_nobody_graduates():
    result = RESULTS["no goal"] | {"leverage": [row | {"graduate": None} for row in account_result()["leverage"]]}
    result |= {"instead": [], "notes": []}
    text = words(result)
    assert "graduate" not in text
    assert "No goal was set; the odds run until 31 December 2030." in text


def test_a_thousand_are_told_in_one_line_that_adds_up():
    said = odds_sheets.thousand_words(account_result())
    assert "31 residual debt · 19 zeroed · 195 wiped out" in said
    assert 1_000 == sum(int(part.split()[0]) for part in said.split(" · "))


def test_every_leverage_is_shown_with_what_could_be_done_instead_and_none_is_marked():
    first, second = odds_sheets.leverage(account_result())
    assert [row[0] for row in first.rows] == [row[0] for row in second.rows]
    assert "2.74 times (now)" == first.rows[7][0]
    assert ["instead: 3 more years and no loan", "instead: 1,000,000 won more a month and no loan"] == [
        row[0] for row in first.rows[8:]
    ]
    assert "No leverage is marked as best" in words(account_result())


def test_a_pool_under_maintenance_is_short_and_needs_no_fall():
    pool = account_result()["pools"][0] | {"ratio_pct": 130.0, "above_call_won": 0, "shortfall_won": 4_500_000}
    found = account_sheets.pools({"pools": [pool | {"fall_to_call_pct": 0.0}]})
    assert {"won to the call": "short by 4.5 m", "fall to a call": "already", "to zero": "36.6 %"}.items() <= dict(
        zip([heading for heading, _ in found.columns], found.rows[0], strict=True)
    ).items()


def test_a_fall_that_is_never_enough_is_not_reached():
    other = account_result()["alone"][0] | {"call_price": None, "call_fall_pct": None}
    found = account_sheets.alone({"alone": [account_result()["alone"][0], other]})
    assert "not reached" in found.rows[1]
    assert "63,000" in found.rows[0] and "71,000" in found.rows[1]


def test_an_account_without_a_loan_has_a_page_of_tables_without_falls():
    nobody = {"pools": [], "alone": [], "loans": [], "sale": None, "how_often": None}
    text = words(account_result(**nobody))
    assert "Pools, in won" not in text and "What would be sold" not in text
    assert "Your odds until 31 December 2030" in text


def test_a_price_is_in_its_own_currency():
    assert "71,000" == account_sheets.price(71_000.0, "won")
    assert "20.48 dollar" == account_sheets.price(20.48, "dollar")
    assert "12.50" == account_sheets.price(12.5)


def test_a_fund_that_multiplies_shows_what_a_year_costs():
    fund = account_result()["holdings"][0] | {"ticker": "TSLL", "name": "", "leverage": 2.0, "underlying": "TSLA"}
    fund |= {"drag_pct": 36.0, "fee_pct": 0.95, "financing_pct": 4.1, "exposure_won": 28 * MILLION}
    found = account_sheets.funds({"holdings": [fund]})
    assert ("TSLL", "2 times TSLA", "28.0 m", "36.0 %", "0.95 %", "4.10 %") == found.rows[0]


def test_a_replay_shows_calls_and_sales_and_no_odds():
    text = words(replay_result())
    assert "8 of 40 days" in text
    assert "2020-03-04 57,900 145.0 % – 282 at 57,900 28.7 m 12.9 m" in text
    assert "odds" not in text and "leverage does" not in text


def test_two_holdings_of_a_replay_are_named_where_they_are_sold():
    result = replay_result()
    second = result["holdings"][0] | {"ticker": "000660", "name": "SK hynix"}
    days = result["replay"]["days"]
    days[8]["sold"].append({"ticker": "000660", "quantity": 5, "price": 90_000.0, "won": 450_000})
    found = account_sheets.replay_days(result | {"holdings": [*result["holdings"], second]})
    assert "282 Samsung Electronics at 57,900; 5 SK hynix at 90,000" == found.rows[8][4]


def test_a_measure_without_graduates_keeps_its_columns_apart():
    row = {"leverage": 1.0, "now": True, "loan_won": 0, "drift": "risk-free"} | chances(0, 0, 0, 9_900, MILLION)
    (found,) = odds_sheets.leverage({"leverage": [row | {"graduate": None}], "paths": 20_000})
    assert ["leverage", "loan", "force-sold", "wiped out", "end below start", "median end"] == [
        heading for heading, _ in found.columns
    ]


def test_markup_in_a_text_is_printed_and_not_obeyed():
    text = "[bold]x[/bold][/red]"
    for result in (account_result(), replay_result()):
        assert text in printed(tables.print_account, hostile(result, text))
