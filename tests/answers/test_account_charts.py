"""The charts of an account: nothing missing, nothing marked as best, something for every reader."""

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from itertools import combinations, pairwise
from math import dist
from operator import mul

import altair
import pytest
from answers import fixture
from answers.account_fixture import OUTCOMES, account_result, odds, pool, replay_result, thousand
from answers.on_a_page import must_fit_a_page
from answers.test_charts import contrast

from gaemi.answers import charts
from gaemi.answers.palette import DARK, LIGHT
from gaemi.answers.plots import common
from gaemi.answers.plots.account import stairs
from gaemi.answers.plots.fan import account_replay, fan, is_logarithmic
from gaemi.answers.plots.leverage import leverage
from gaemi.answers.plots.thousand import runs

GRADUATE = "graduate"
OWN_MONEY = account_result(
    goal=None,
    pools=[],
    loans=[],
    leverage=[row | {"graduate": None, "graduate_error": None} for row in account_result()["leverage"]],
    instead=[],
)
RESULTS = {"borrower": account_result(), "own-money": OWN_MONEY, "replay": replay_result()}
PICTURES = [
    pytest.param(picture, id=f"{name}-{picture.name}")
    for name, result in RESULTS.items()
    for picture in charts.pictures(result)
]


def test_each_kind_of_account_has_its_charts():
    assert {
        "borrower": ["distances", "outcomes", "thousand", "fan", "leverage", "what-if"],
        "own-money": ["outcomes", "thousand", "fan", "leverage", "what-if"],
        "replay": ["distances", "account-replay"],
    } == {name: [picture.name for picture in charts.pictures(result)] for name, result in RESULTS.items()}


def test_the_leading_chart_is_the_thousand_else_the_replay_else_the_distances():
    without_odds = account_result(odds=[], thousand=None, leverage=[], instead=[], what_if=[])
    leads = [charts.lead(result) for result in (account_result(), replay_result(), without_odds)]
    titles = [ElementTree.fromstring(lead).findtext("{http://www.w3.org/2000/svg}title") for lead in leads]
    assert ["A thousand of you", "The account on those days", "Where you stand"] == titles


@pytest.mark.slow
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("picture", PICTURES)
def test_a_chart_is_a_valid_document(picture, narrow):
    altair.Chart.from_dict(picture.draw(narrow))  # raises on anything that the schema does not know


@pytest.mark.parametrize("picture", PICTURES)
def test_a_chart_on_a_page_has_real_text_a_text_alternative_and_the_colours_of_the_theme(picture):
    must_fit_a_page(picture)


@pytest.mark.parametrize("picture", PICTURES)
def test_what_a_chart_shows_is_told_in_words_with_figures(picture):
    assert 2 <= len(re.findall(r"\d[\d,.]*", picture.description))
    assert "None" not in picture.description and "nan" not in picture.description


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_png_is_drawn(dark):
    drawn = charts.png(charts.picture(account_result(), "thousand"), narrow=True, dark=dark, scale=1)
    assert b"\x89PNG" == drawn[:4]


@pytest.mark.parametrize("make", [account_result, replay_result])
def test_hostile_text_stays_text_in_a_chart(make):
    result = fixture.hostile(make(), "</text><script>alert('1')</script>\\") | {"schema": "gaemi.account/1"}
    for picture in charts.pictures(result):
        assert [] == list(ElementTree.fromstring(charts.page_svg(picture)).iter("script"))


@pytest.mark.parametrize(("columns", "cell"), [(40, 10.0), (20, 8.0)], ids=["wide", "narrow"])
def test_a_thousand_squares_are_drawn_each_outcome_as_often_as_it_is_counted(columns, cell):
    people = thousand()["people"]
    strokes = list(runs(people, columns, cell))
    drawn: Counter[str] = Counter()
    for stroke in strokes:
        drawn[stroke["series"]] += stroke["people"]
    assert {row["outcome"]: row["people"] for row in people} == drawn
    in_line = Counter(
        {y: sum(stroke["people"] for stroke in strokes if stroke["y"] == y) for y in {s["y"] for s in strokes}}
    )
    assert {(line + 0.5) * cell: columns for line in range(1_000 // columns)} == in_line


def test_a_stroke_of_squares_is_as_long_as_its_dashes():
    for stroke in runs(thousand()["people"], 40, 10.0):
        assert 10 * stroke["people"] - 2.4 == pytest.approx(stroke["to"] - stroke["x"])


@pytest.mark.parametrize("values", [LIGHT, DARK], ids=["light", "dark"])
def test_each_outcome_differs_in_lightness_from_its_neighbours(values):
    colours = [values[common.OUTCOME_ROLES[outcome]] for outcome in OUTCOMES]
    assert [] == [pair for pair in pairwise(colours) if contrast(*pair) < 1.4]


PROTAN = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
DEUTAN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))


def seen(colour: str, sight: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """CIE L*a*b* of a colour as colour-blind eyes see it (Machado, Oliveira, Fernandes 2009, severity 1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = (min(1, max(0, sum(map(mul, row, linear)))) for row in sight)
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
    )
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("sight", [PROTAN, DEUTAN], ids=["protan", "deutan"])
@pytest.mark.parametrize("values", [LIGHT, DARK], ids=["light", "dark"])
def test_colour_blind_readers_tell_any_two_outcomes_apart(values, sight):
    colours = {outcome: seen(values[common.OUTCOME_ROLES[outcome]], sight) for outcome in OUTCOMES}
    assert [] == [pair for pair in combinations(OUTCOMES, 2) if dist(*(colours[name] for name in pair)) < 15]


def test_marks_on_stairs_keep_words_and_stems_apart():
    places, words = (
        [0.0, 52.0, 61.0, 66.0, 170.0],
        ["today", "call −11.3 %", "next −13 %", "all sold −14 %", "zero −36.6 %"],
    )
    levels = stairs(places, words)
    assert [0, 2, 1, 0, 0] == levels
    for left in range(5):
        reach = places[left] + len(words[left]) * common.LETTER
        for right in range(left + 1, 5):
            assert levels[left] > levels[right] or reach < places[right]


def test_labels_move_apart_and_stay_inside():
    assert [10, 24, 38] == common.apart([10, 12, 14], 14, 0, 100)
    assert [72, 86, 100] == common.apart([90, 95, 99], 14, 0, 100)


def test_a_pool_that_cannot_reach_a_mark_leaves_it_out():
    quiet = pool() | {
        "pool": "overseas",
        "fall_to_call_pct": None,
        "fall_to_all_sold_pct": None,
        "fall_to_zero_pct": None,
    }
    document = charts.picture(account_result(pools=[pool(), quiet]), "distances").draw(False)
    assert [["today", "call", "all sold", "zero"]] == [
        [row["series"] for row in panel["data"]["values"]] for panel in document["vconcat"][:-1]
    ]


def test_a_pool_under_maintenance_today_is_called_at_no_fall():
    under = pool() | {"fall_to_call_pct": -1.2}
    document = charts.picture(account_result(pools=[under]), "distances").draw(True)
    assert [0.0, 0.0, 24.5] == [row["fall"] for row in document["vconcat"][0]["data"]["values"]][:3]


@pytest.mark.parametrize("name", ["outcomes", "leverage", "what-if"])
def test_without_a_goal_nobody_graduates_in_a_chart(name):
    with_goal, without = (charts.picture(result, name) for result in (account_result(), OWN_MONEY))
    said = [re.search("graduate|[Gg]oal", str(picture.draw(False))) is not None for picture in (with_goal, without)]
    assert [True, False] == said


def test_every_drift_has_a_bar_of_all_its_paths():
    document = charts.picture(account_result(), "outcomes").draw(False)
    ends = [[row["to"] for row in panel["data"]["values"]][-1] for panel in document["vconcat"]]
    assert [1.0] * 4 == pytest.approx(ends)


def test_shares_of_four_per_cent_or_more_are_labelled():
    document = charts.picture(account_result(), "outcomes").draw(False)
    labels = {row["series"]: row["label"] for row in document["vconcat"][0]["data"]["values"]}
    assert ["", "", "20 %", "12 %"] == [labels[outcome] for outcome in OUTCOMES[:4]]


def test_the_fan_is_on_a_log_axis_where_its_ends_are_far_apart_and_above_zero():
    wide, narrow = odds()[0], odds()[0]
    narrow["end"] = narrow["end"] | {"p95": narrow["end"]["p5"] * 20}
    under = odds()[0]
    under["fan"][-1]["p5"] = -1
    assert [True, False, False] == [is_logarithmic([case]) for case in (wide, narrow, under)]


def test_the_fan_shows_two_drifts_side_by_side_and_on_a_phone_under_one_another():
    wide, narrow = fan(account_result(), False), fan(account_result(), True)
    assert [2, 2] == [len(wide["hconcat"]), len(narrow["vconcat"])]


def test_leverage_panels_mark_today_only_and_keep_rows_without_a_loan_off_the_lines():
    document = leverage(account_result(), False)
    panels = [panel for line in document["vconcat"][:-1] for panel in line["hconcat"]]
    assert 5 == len(panels)
    for panel in panels:
        rows = panel["data"]["values"]
        assert [2.74] == [row["at"] for row in panel["layer"][0]["data"]["values"]]
        assert {"now"} == {row["label"] for row in panel["layer"][0]["data"]["values"]}
        assert [16, 4] == [sum(row["line"] is on for row in rows) for on in (True, False)]
        assert max(row["at"] for row in rows if not row["line"]) < 1


def test_error_bars_reach_two_standard_errors_each_way_and_not_under_nothing():
    result = account_result()
    rows = leverage(result, True)["vconcat"][0]["hconcat"][0]["data"]["values"]
    first = result["leverage"][0]
    assert (first["graduate"] - 2 * first["graduate_error"]) * 100 == rows[0]["low"]
    assert (first["graduate"] + 2 * first["graduate_error"]) * 100 == rows[0]["high"]
    sold = leverage(result, True)["vconcat"][1]["hconcat"][0]["data"]["values"]
    assert 0 == min(row["low"] for row in sold)


def test_a_change_is_told_with_its_paired_error():
    document = charts.picture(account_result(), "what-if").draw(False)
    labels = {row["band"]: row["label"] for row in document["vconcat"][0]["data"]["values"]}
    assert "−9.3 ± 0.4" == labels["force-sold"]
    assert "+11.8 ± 0.5" == labels["none of these"]


def test_the_replay_marks_the_days_of_calls_and_sales():
    result = replay_result()
    dots = account_replay(result, False)["vconcat"][0]["layer"][-1]["data"]["values"]
    days = result["replay"]["days"]
    numbers = common.day_numbers(days)
    called = [number for number, row in zip(numbers, days, strict=True) if row["called"]]
    sold = [number for number, row in zip(numbers, days, strict=True) if row["sold"]]
    assert {"called at the close": called, "sold by force": sold} == {
        series: [dot["day"] for dot in dots if dot["series"] == series]
        for series in dict.fromkeys(d["series"] for d in dots)
    }


def test_a_replay_without_a_call_has_no_dots():
    result = replay_result()
    result["replay"]["days"] = result["replay"]["days"][:6]
    document = account_replay(result, True)
    assert ["line", "rule"] == [layer["mark"]["type"] for layer in document["vconcat"][0]["layer"]]
    assert "never called; never sold by force" in charts.picture(result, "account-replay").description


def test_a_day_without_a_loan_breaks_the_line_of_its_pool():
    result = replay_result()
    result["replay"]["days"][20]["pools"]["broker"] = None
    levels = account_replay(result, False)["vconcat"][0]["data"]["values"]
    assert [20] == [number for number, row in enumerate(levels) if row["ratio"] is None]


@pytest.mark.parametrize(
    ("last", "ticks"),
    [
        ("2025-11-14", ["31 Oct", "4 Nov", "8 Nov", "12 Nov"]),
        ("2026-10-31", ["Jan 2026", "Apr", "Jul", "Oct"]),
        ("2030-12-31", ["2026", "2027", "2028", "2029", "2030"]),
    ],
)
def test_the_axis_of_dates_has_few_round_ticks(last, ticks):
    axis = common.date_axis([{"date": "2025-10-31"}, {"date": last}], 5)["axis"]
    assert ticks == re.findall(r":'([^']+)'", axis["labelExpr"])
