"""What the terminal shows of a state, a hindcast and a score; a document may lack any of its figures."""

import re
from typing import Any

import pytest
from answers import past_fixture as past
from answers.fixture import hostile
from answers.test_tables import printed

from gaemi.answers import charts, hindcast_sheets, score_sheets, state_sheets, tables
from gaemi.answers.scoreboard import score_markdown

RESULTS = {
    "state": (tables.print_state, past.state_result()),
    "bare state": (tables.print_state, past.bare_state()),
    "hindcast": (tables.print_hindcast, past.hindcast_result()),
    "simulated": (tables.print_hindcast, past.simulated_result()),
    "bare hindcast": (tables.print_hindcast, past.bare_hindcast()),
    "score": (tables.print_score, past.score_result()),
    "bare score": (tables.print_score, past.bare_score()),
}
ANY = pytest.mark.parametrize(("printer", "result"), RESULTS.values(), ids=RESULTS)
NEEDED = {"date", "fall_pct", "shock_pct"}
"""Fields by which a row is placed; every other may be unknown or absent."""


def lines(name: str, **changed: Any) -> list[str]:
    printer, result = RESULTS[name]
    return [" ".join(line.split()) for line in printed(printer, result | changed).splitlines()]


def words(name: str, **changed: Any) -> str:
    return " ".join(" ".join(lines(name, **changed)).split())


@ANY
def test_what_is_piped_is_plain_and_100_wide(printer, result):
    text = printed(printer, result)
    assert "\x1b" not in text
    assert 100 >= max(len(line) for line in text.splitlines())


@ANY
def test_nothing_unknown_is_written_as_a_word_of_the_machine(printer, result):
    assert [] == re.findall(r"\b(?:nan|None|inf|null)\b|\[\]", printed(printer, result))


@ANY
def test_markup_in_a_text_is_printed_and_not_obeyed(printer, result):
    text = "[bold]x[/bold][/red]"
    assert text in printed(printer, hostile(result, text))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["state", "hindcast", "score"])
def test_any_figure_may_be_unknown_or_absent(name):
    """Every field of every table in turn, in all rows and in every second, printed and drawn."""
    printer, result = RESULTS[name]
    short = dict(result) | ({"days": past.state_days(12)} if name == "state" else {})
    short |= {"rows": past.score_rows()[:70]} if name == "score" else {}
    parts = [key for key, rows in short.items() if isinstance(rows, list) and rows and isinstance(rows[0], dict)]
    for part in sorted(set(parts) - {"assumptions"}):
        for field in sorted({field for row in short[part] for field in row} - NEEDED):
            for absent, every in ((False, 1), (True, 2)):
                rows = [dict(row) for row in short[part]]
                for row in rows[::every]:
                    row.pop(field, None) if absent else row.update({field: None})
                lacking = short | {part: rows}
                text = printed(printer, lacking) + "".join(shown.description for shown in charts.pictures(lacking))
                text += score_markdown(lacking) if name == "score" else ""
                assert [] == re.findall(r"\b(?:nan|None)\b", text), f"{part}.{field}"
                for shown in charts.pictures(lacking):
                    shown.draw(True)


@pytest.mark.parametrize("name", ["state", "hindcast", "score"])
def test_any_part_may_be_null_or_absent(name):
    printer, result = RESULTS[name]
    for part in set(result) - {"schema"}:
        assert printed(printer, result | {part: None})
        assert printed(printer, {key: value for key, value in result.items() if key != part})


# The state.


def test_the_parts_of_a_state_stand_in_order():
    text = printed(*RESULTS["state"])
    parts = [
        "Where margin loans stand", "At the close of 31 December", "The state is infeasible", "Layers on: mechanical",
        "Balances met:", "Gaps, never bridged", "The markets", "Near a call", "A session's flow", "by collateral ratio",
        "by age", "Distance to the call", "Call map", "Shock by shock", "Stocks with series", "The last 5 sessions",
        "Infeasible days", "Assumed: 3 figures",
    ]  # fmt: skip
    assert sorted(parts, key=text.index) == parts


def test_figures_of_the_ensemble_have_their_range_and_published_ones_none():
    assert "KOSDAQ 5.4 tn 5.4 tn (4.9–5.9) 38.4 176.2 %" in lines("state")
    assert "KOSPI 2.44 % (2.20–2.68) 2.31 % (2.08–2.54) 0.041 % (0.037–0.045)" in lines("state")
    assert "120–140 2.4 % (1.9–2.9) 106.0 bn 4.9 % (3.9–5.9) 265.0 bn" in lines("state")
    assert "−20 % 1.6 tn won 1.2–2.0 tn won" in lines("state")


def test_what_was_repaid_on_a_day_has_all_its_kinds():
    row = past.state_days(260)[-1]
    repaid = sum(row[f"{name}_won"] for name in ("repaid", "extra", "topped")) // past.BILLION
    assert f"{row['date']} KOSDAQ 4,398 4,399 343.0 {repaid}.0 11.0 0.0" in lines("state")


def test_a_month_has_the_balance_of_its_end_and_the_sum_of_its_flows():
    days = past.state_days(40)
    rows = {row[:2]: row for row in state_sheets.months({"days": days}).rows}
    january = [row for row in days if row["date"] < "2019-02" and row["market"] == "KOSPI"]
    cells = rows["2019-01", "KOSPI"]
    sold = sum(row["sold_won"] for row in january) / past.BILLION
    assert f"{sold:,.1f}" == cells[[name for name, _ in state_sheets.FLOWS].index("sold by force") + 4]
    assert f"{january[-1]['settled_won'] / past.BILLION:,.0f}" == cells[2]


def test_a_band_that_one_market_lacks_is_a_dash_there():
    rows = [
        {"market": "KOSPI", "band": "0 to 5", "share_pct": 60.0, "won": 6 * past.BILLION},
        {"market": "KOSPI", "band": "5 to 10", "share_pct": 40.0, "won": 4 * past.BILLION},
        {"market": "KOSDAQ", "band": "5 to 10", "share_pct": 100.0, "won": 9 * past.BILLION},
    ]
    assert (
        ("0–5", "60.0 %", "6.0 bn", "–", "–"),
        ("5–10", "40.0 %", "4.0 bn", "100.0 %", "9.0 bn"),
    ) == state_sheets.ages({"ages": rows}).rows


def test_of_many_infeasible_days_the_first_are_shown_and_the_rest_counted():
    day = past.state_result()["infeasible"][0]
    many = [day | {"date": f"2019-08-{number + 1:02}"} for number in range(14)]
    assert "Infeasible days: the first 10 of 14; --json and --out DIR have all." in lines("state", infeasible=many)
    assert "2019-08-11" not in words("state", infeasible=many)


# The hindcast.


def test_a_day_of_a_hindcast_stands_on_one_line():
    assert "2020-03-23 10 1,622.46 3,340 3,465 3,216–3,652 4,026 3,714" in lines("hindcast")
    assert "2020-03-23 10 26.0 23.6 14.2–35.4 37.8 21.2" in lines("hindcast")


def test_the_best_baseline_is_the_one_nearest_to_the_record():
    assert "regression_path" == hindcast_sheets.best_baseline(past.hindcast_result(), "kospi")
    days = past.hindcast_days()
    for row in days:
        row["kospi_no_change_won"] = row["kospi_record_won"] + 1
    assert "no_change" == hindcast_sheets.best_baseline({"days": days}, "kospi")
    assert "regression_path" == hindcast_sheets.best_baseline(past.simulated_result(), "kospi")


def test_errors_stand_beside_the_baselines_with_their_sign():
    assert "central estimate +3.1 +13.2 +36.7 +124.7" in lines("hindcast")
    assert "no change +26.7 +112.2 +311.7 +1,059.7" in lines("hindcast")
    assert "central estimate −0.8 −1.0 −1.3 −2.4" in lines("hindcast")


def test_forced_sales_in_all_need_every_day():
    assert ("Forced sales (unsettled), in all", "154.7 bn won", "record 170.2 bn won") == (
        hindcast_sheets.figures(past.hindcast_result())[2]
    )
    days = past.hindcast_days()
    days[4]["forced_record_won"] = None
    assert "not published" == hindcast_sheets.figures(past.hindcast_result(days=days))[2][2]


def test_the_mechanical_layer_alone_is_said_to_be_a_bound():
    assert "an upper bound, never a forecast" in words("bare hindcast")
    assert "an upper bound" not in words("hindcast")


# The score.


def test_a_line_of_the_board_has_the_best_baseline_and_the_ratio_to_it():
    assert "10 124 (99.0–161) given the path 0.61 (0.50–0.80) −30.9 90 % 86.6 23 (93)" in lines("score")
    assert "balance on KOSPI 10 124 292 – 247 202" in lines("score")


def test_every_case_has_its_board_on_the_page_triggers_before_quiet_days():
    cases = [(period, where) for period in past.PERIODS for where in ("triggers", "quiet")]
    assert cases == score_sheets.cases(past.score_result())
    board = score_sheets.board(past.score_result(), cases[3])
    assert "Scoreboard, 2020 to 2023, on quiet days: mean absolute error, bn won, with 90 % interval" == board.caption
    assert 16 == len(board.rows)
    assert "forced sales of unsettled purchases, outside the breaks" == board.rows[-1][0]


def test_several_methods_of_the_model_each_have_a_line():
    rows = past.score_rows()
    rows += [row | {"method": "gaemi, simulated paths", "error_bn": 9.9} for row in rows if row["method"] == "gaemi"]
    board = score_sheets.board({"rows": rows}, (past.PERIODS[0], "triggers"))
    assert [("gaemi",), ("gaemi, simulated paths",)] == [row[2:3] for row in board.rows[:2]]
    assert "after method error best baseline ratio coverage CRPS" in words("score", rows=rows)


def test_a_target_that_no_baseline_speaks_of_has_a_board_without_one():
    rows = [row for row in past.score_rows() if row["method"] == "gaemi"]
    shown = score_sheets.boards({"rows": rows}, (past.PERIODS[0], "triggers"))[0]
    assert "best baseline" not in [heading for heading, _ in shown.columns]


def test_coefficients_of_the_record_have_their_standard_error_and_the_model_its_split():
    assert "4 KOSDAQ 0.040 ± 0.004 0.080 0.060 40.0 % 7.5 %" in lines("score")


def test_what_was_not_observed_is_counted_and_named():
    assert "Not observed, 2020 to 2023: 20 December 2023, 21 December 2023" in lines("score")
    assert [
        ("2005 to 2019", "2005-01-03", "2019-12-30", "cross-validation", "triggers", "301", "61", "12"),
        ("2020 to 2023", "2020-01-02", "2023-12-28", "validation, seen", "triggers", "93", "23", "2"),
    ] == list(score_sheets.periods(past.score_result()).rows)
