"""What the terminal shows of a book."""

import re

import pytest
from answers.book_fixture import BILLION, REJECTS, book_result, quiet_result, validation_result
from answers.fixture import hostile
from answers.test_tables import printed

from gaemi.answers import book_sheets, book_stress_sheets, tables
from gaemi.answers.sheets import Sheet
from gaemi.answers.terminal import BETWEEN, fit

RESULTS = {
    "every part": (tables.print_book, book_result()),
    "quiet": (tables.print_book, quiet_result()),
    "validation": (tables.print_validation, validation_result()),
}
ANY = pytest.mark.parametrize(("printer", "result"), RESULTS.values(), ids=RESULTS)


def words(result, printer=tables.print_book) -> str:
    """The printed text with every run of blanks as one."""
    return " ".join(printed(printer, result).split())


def lines(result, printer=tables.print_book) -> list[str]:
    return [" ".join(line.split()) for line in printed(printer, result).splitlines()]


@ANY
def test_what_is_piped_is_plain_and_100_wide(printer, result):
    text = printed(printer, result)
    assert "\x1b" not in text
    assert 100 >= max(len(line) for line in text.splitlines())


@ANY
def test_nothing_unknown_is_written_as_a_word_of_the_machine(printer, result):
    assert [] == re.findall(r"\b(?:nan|None|inf|null)\b|\[\]", printed(printer, result))


def test_the_parts_stand_in_the_order_of_an_evening():
    text = printed(tables.print_book, book_result())
    parts = [
        "Book of invented", "Tonight 1,204 accounts", "an upper bound, never a forecast", "Rows read = accepted",
        "Rejects:", "The whole book:", "Where accounts stand", "Sold by force as all names fall", "Sold at the opening",
        "Credit limits", "Names with the largest loans", "The 10 largest names", "Loans by name", "Unpaid after closes",
        "Scenario: KOSPI", "Day by day", "Ordered and sold by auction", "Names with the largest sales", "By segment",
        "By firm class", "By loan age", "Reverse stress", "Risk over paths", "Note: 12 names", "Assumed: 3 figures",
    ]  # fmt: skip
    assert sorted(parts, key=text.index) == parts


def test_rows_read_are_accepted_and_rejected_always():
    assert "accounts 41,220 = 41,219 + 1; loans 30,412 = 30,410 + 2; holdings" in words(book_result())
    assert "Rows read = accepted + rejected: holdings 3 = 3 + 0" in lines(quiet_result())


def test_the_first_rejects_are_shown_in_the_words_of_a_refusal_and_the_place_of_the_rest_is_told():
    text = words(book_result())
    assert "Rejects: the first 5 of 7; --rejects FILE writes all of them" in text
    assert "holdings.csv row 18, quantity: must be a whole number above 0, was -40; a short is a CFD" in text
    assert "part-3.parquet: must be a Parquet file, was a broken footer; write it again" in text
    assert "was 12.5" not in text


def test_a_file_of_rejects_that_was_asked_for_is_named():
    asked = book_result(run={"request": {"rejects": "bad rows.csv"}})
    assert "the first 5 of 7; all are in bad rows.csv." in words(asked)


def test_where_all_rejects_are_shown_nothing_else_is_promised():
    result = book_result(rejects=REJECTS[:3], rejects_total=3)
    assert "Rejects: 3." in lines(result)
    assert "--rejects" not in words(result)


def test_columns_that_no_rule_reads_are_named():
    assert "accounts.branch_code (carried through), loans.memo (left out)" in words(book_result())


def test_a_band_stands_on_one_line_in_each_half_of_the_table():
    text = lines(book_result())
    assert "120–140 % 931 61.2 bn 80.9 bn 4.8 bn 12.8 bn 6.2 bn 5.1 bn" in text
    assert "120–140 % 61.2 bn 244.8 m 61.2 bn 3.1 bn 61.2 bn 9.8 bn" in text
    assert "all 30,226 1.1 tn 2.4 tn 8.6 bn 24.6 bn 6.6 bn 5.1 bn" in text


def test_bands_are_named_in_words():
    assert ["under 105 %", "105–120 %", "over 200 %", "all", "a-b"] == [
        book_sheets.band(name) for name in ("<105", "105-120", ">200", "all", "a-b")
    ]


def test_mornings_are_named_by_their_dates_and_without_dates_by_their_number():
    headings = [heading for heading, _ in book_sheets.standing(book_result()).columns]
    assert ["due 3 Nov", "due 4 Nov", "due 5 Nov"] == headings[-3:]
    headings = [heading for heading, _ in book_sheets.standing(book_result(due_dates=[])).columns]
    assert ["due D+0", "due D+1", "due D+2"] == headings[-3:]


def test_a_name_above_the_share_of_its_opening_volume_is_marked_by_a_word():
    text = lines(book_result())
    assert "Samchully (004690) 48,650 4.5 bn won 388.0 % above" in text
    assert "Ecopro BM (247540) 18,872 2.9 bn won 11.4 % –" in text
    assert "Sold at the opening of 3 November 2025 if nobody pays: the first 10 of 87" in text


def test_a_name_of_unknown_volume_is_not_marked_and_says_so():
    row = book_result()["morning"][-1]
    assert (None, False) == (row["opening_volume_pct"], book_sheets.is_above(row, 20))
    assert ("unknown", "–") == book_sheets.morning(book_result()).rows[-1][-2:]


def test_exactly_the_share_is_not_above_it():
    assert [False, True] == [book_sheets.is_above({"opening_volume_pct": share}, 20) for share in (20.0, 20.01)]


def test_a_firm_limit_has_a_use_and_a_customer_limit_has_accounts():
    text = lines(book_result())
    assert "margin loans of one customer 2.0 bn won – 14 0 99.2 %" in text
    assert "margin loans of the firm 1.5 tn won 74.7 % – – –" in text


def test_a_long_table_says_how_much_of_it_is_shown():
    row = book_result()["names"][0]
    result = book_result(names=[row | {"ticker": f"{place:06}"} for place in range(45)])
    assert "Loans by name: the first 20 of 45" in words(result)
    assert 20 == len(book_sheets.names(result, 20).rows)


def test_feedback_stands_beside_no_feedback_and_what_it_adds():
    text = lines(book_result())
    assert "with feedback of the sales 518.8 bn 415.0 bn 5.1 bn 8,715 6,940 371" in text
    assert "without feedback 492.8 bn 373.5 bn 4.1 bn – – –" in text
    assert "feedback adds +25.9 bn +41.5 bn +1.0 bn – – –" in text


def test_a_scenario_without_feedback_has_one_line():
    result = book_result(feedback=False)
    result["scenario"]["no_feedback"] = None
    assert [("without feedback", "518.8 bn")] == [row[:2] for row in book_stress_sheets.scenario(result).rows]


def test_a_day_stands_on_one_line():
    assert "2025-11-05 −20.1 % −25.4 % 344.0 bn 120.0 bn 2,016 96.0 bn 1.4 bn 5" in lines(book_result())
    assert "2025-11-06 156.2 bn 133.0 bn 9.0 bn 164" in lines(book_result())


def test_of_a_long_replay_only_days_with_something_are_shown():
    shown = book_stress_sheets.days(book_result(), 10)
    assert "11 of 11 days: calls, sales, debts, the first and the last; in won" == shown.caption
    result = book_result()
    still = [row | {"called_won": 0, "sold_won": 0, "residual_won": 0} for row in result["scenario"]["days"]]
    result["scenario"]["days"] = [*still[:3], result["scenario"]["days"][3], *still[4:]]
    assert ["2025-10-31", "2025-11-05", "2025-11-14"] == [row[0] for row in book_stress_sheets.days(result, 10).rows]


def test_reverse_stress_says_already_and_not_reached():
    text = lines(book_result())
    assert "called already already 6.58 %" in text
    assert "sold by force −11.4 % −11.6 % 5.01 %" in text
    assert "unpaid not reached up to −95 % −48.9 % 3.88 %" in text


def test_reverse_stress_without_feedback_has_one_fall():
    found = book_stress_sheets.breaks(book_result(feedback=False))
    assert ["measure", "fall", "share of loans reached"] == [heading for heading, _ in found.columns]


def test_every_statistic_over_paths_has_its_standard_error():
    shown = book_stress_sheets.risk(book_result())
    assert "Over 1,000 paths of 10 sessions, model history; in won, ± one standard error" == shown.caption
    assert [("95 % of paths stay at or under", "134.5 bn ± 8.1", "2.0 bn ± 0.1")] == [shown.rows[1]]
    assert 10 == sum("±" in cell for row in shown.rows for cell in row)


@pytest.mark.parametrize(
    ("amount", "error", "written"),
    [
        (24_600_000_000, 310_000_000, "24.6 bn ± 0.3"),
        (24_612_000_000, 31_000_000, "24.61 bn ± 0.03"),
        (24_612_300_000, 3_100_000, "24.612 bn ± 0.003"),
        (0, 4_000_000, "0.0 m ± 4.0"),
        (0, 0, "0"),
        (95_000, 1_200, "95,000 ± 1,200"),
        (1_900_000_000, None, "1.9 bn"),
        (None, None, "–"),
    ],
)
def test_an_amount_and_its_error_have_one_unit_and_the_digits_that_the_error_needs(amount, error, written):
    assert written == book_stress_sheets.with_error(amount, error)


def test_a_quiet_book_has_no_empty_headings():
    text = words(quiet_result())
    titles = (
        "Scenario",
        "Reverse stress",
        "Risk over paths",
        "Credit limits",
        "Loans by name",
        "By segment",
        "Rejects",
    )
    assert [] == [title for title in titles if title in text]


def test_a_validation_tells_rows_every_reject_given_and_its_verdict():
    text = words(validation_result(), tables.print_validation)
    assert "holdings 118,034 118,030 4" in text
    assert "the first 6 of 7" in text and "holdings.csv row 2001, quantity" in text
    assert "The book did NOT pass." in text
    passed = validation_result(passed=True, rejects=[], rejects_total=0)
    assert "The book passed." == lines(passed, tables.print_validation)[-1]


def test_markup_in_a_text_is_printed_and_not_obeyed():
    text = "[bold]x[/bold][/red]"
    for printer, result in RESULTS.values():
        assert text in printed(printer, hostile(result, text))


WIDE = Sheet("", (("name", "text"), ("a heading of words", "number"), ("b", "number")), (("x" * 30, "123,456", "1"),))


def test_a_fitted_table_breaks_headings_before_texts_and_texts_before_figures():
    between = BETWEEN * 3 - 1
    assert [30, 18, 1] == fit(WIDE, 100)
    assert [30, 7, 1] == fit(WIDE, 30 + 7 + 1 + between)
    assert [20, 7, 1] == fit(WIDE, 20 + 7 + 1 + between)
    assert [None, None, None] == fit(WIDE, 12)


def test_no_figure_of_a_large_book_is_cut():
    result = book_result()
    for row in result["scenario"]["names"]:
        row |= {"sold_lots": 123_456_789, "waiting_lots": 987_654_321, "sold_won": 999 * BILLION}
    text = printed(tables.print_book, result)
    assert 10 == text.count("123,456,789") == text.count("987,654,321")


def test_a_name_in_hangul_has_two_places_a_letter():
    assert [21, 10, 1] == fit(
        Sheet("", WIDE.columns, (("에코프로비엠 (247540)", "1 bn", "1"),)), 21 + 10 + 1 + BETWEEN * 3 - 1
    )
    row = book_result()["names"][0] | {"name": "에코프로비엠"}
    assert "에코프로비엠 (005930)" in printed(tables.print_book, book_result(names=[row]))
