"""The charts of a state, a hindcast and a score."""

import re
import xml.etree.ElementTree as ElementTree

import altair
import pytest
from answers import past_fixture as past
from answers.fixture import hostile
from answers.on_a_page import must_fit_a_page
from answers.test_charts import contrast

from gaemi.answers import charts, score_sheets
from gaemi.answers.palette import DARK, LIGHT
from gaemi.answers.plots import score as score_plots
from gaemi.answers.plots import state as state_plots
from gaemi.answers.report.render import CHARTS
from gaemi.hindcast.baselines import BASELINES

RESULTS = {
    "state": past.state_result(),
    "hindcast": past.hindcast_result(),
    "simulated": past.simulated_result(),
    "score": past.score_result(),
}
PICTURES = [
    pytest.param(picture, id=f"{name}-{picture.name}")
    for name, result in RESULTS.items()
    for picture in charts.pictures(result)
]
NAMES = {
    "state": ["state-ratios", "state-ages", "state-distances", "state-call-map", "state-curve", "state-days"],
    "hindcast": ["hindcast-balance", "hindcast-forced", "hindcast-margin-sold"],
    "simulated": ["hindcast-balance", "hindcast-forced", "hindcast-margin-sold"],
    "score": ["score-errors", "score-coverage", "score-crps"],
}


def values(layer) -> list[dict]:
    return layer["data"]["values"]


def test_each_kind_of_result_has_its_charts_and_a_page_may_ask_for_each():
    found = {name: [picture.name for picture in charts.pictures(result)] for name, result in RESULTS.items()}
    assert NAMES == found
    assert {name for names in NAMES.values() for name in names} <= set(CHARTS)


def test_a_bare_document_has_only_the_charts_that_it_has_figures_for():
    assert ["state-ratios"] == [picture.name for picture in charts.pictures(past.bare_state())]
    assert [] == charts.pictures(past.bare_hindcast()) == charts.pictures(past.bare_score())


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
    assert 4 <= len(re.findall(r"\d[\d,.]*", picture.description))
    assert [] == re.findall(r"\b(?:nan|None)\b", picture.description)


def test_hostile_text_stays_text_in_a_chart():
    text = "</text><script>alert('1')</script>\\"
    state = hostile(RESULTS["state"], text) | {"schema": "gaemi.state/1"}
    rows = [row | {"target": text, "method": text} for row in past.score_rows()[:4]]
    for result in (state, past.score_result(rows=rows)):
        assert charts.pictures(result)
        for picture in charts.pictures(result):
            assert [] == list(ElementTree.fromstring(charts.page_svg(picture)).iter("script"))


@pytest.mark.parametrize("marks", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_can_be_seen_on_the_band_and_markets_beside_each_other(marks):
    pairs = [("model", "extra"), ("published", "extra"), ("kospi", "kosdaq"), ("after", "before")]
    assert [] == [pair for pair in pairs if contrast(marks[pair[0]], marks[pair[1]]) < 1.3]


# The state.


def test_a_bar_has_a_whisker_from_the_low_to_the_high_end_of_the_ensemble():
    spec = charts.picture(RESULTS["state"], "state-ratios").draw(False)
    row = next(row for row in values(spec) if row["series"] == "KOSDAQ" and row["band"] == "150–170")
    assert (27.0, 27.0 * 0.8, 27.0 * 1.2) == (row["share"], row["low"], row["high"])
    whisker = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rule")
    assert ("low", "high") == (whisker["encoding"]["x"]["field"], whisker["encoding"]["x2"]["field"])
    assert "KOSDAQ under 100: 0.3 % (0.2–0.4), 100–120: 1.4 % (1.1–1.7)" in (
        charts.picture(RESULTS["state"], "state-ratios").description
    )


def test_a_share_without_a_range_has_a_whisker_of_no_length():
    spec = charts.picture(past.bare_state(), "state-ratios").draw(True)
    assert [("under 140", 12.5, 12.5), ("over 140", 87.5, 87.5)] == [
        (row["band"], row["low"], row["high"]) for row in values(spec)
    ]
    assert {"KOSPI"} == {row["series"] for row in values(spec)}


def test_markets_of_other_names_have_colours_of_their_own():
    rows = [{"market": name} for name in ("KOSDAQ", "005930", "KOSPI", "000660")]
    roles = state_plots.roles(rows)
    assert ("kosdaq", "kospi") == (roles["KOSDAQ"], roles["KOSPI"])
    assert 4 == len(set(roles.values()))


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_flows_of_many_sessions_are_means_and_lose_no_won(narrow):
    spec = charts.picture(RESULTS["state"], "state-days").draw(narrow)
    panels = {panel["title"]["text"][0].split(",")[0]: panel for panel in spec["vconcat"]}
    sold = values(next(panel for name, panel in panels.items() if name.startswith("Sold by force")))
    assert len(sold) <= state_plots.MOST_BINS[narrow]
    expected = sum(row["sold_won"] for row in RESULTS["state"]["days"])
    assert expected == pytest.approx(sum(row["won"] * row["sessions"] for row in sold) * 10**9, rel=1e-12)
    assert 260 == sum(row["sessions"] for row in sold)


def test_what_is_repaid_is_repaid_of_their_own_accord_beyond_it_and_by_topping_up():
    days = past.state_days(2)
    spec = charts.picture(past.state_result(days=days), "state-days").draw(False)
    flows = next(panel for panel in spec["vconcat"] if panel["title"]["text"][0].startswith("New loans"))
    repaid = [row["won"] for row in values(flows) if row["series"] == "repaid"]
    expected = [
        -sum(row[f"{name}_won"] for row in days if row["date"] == on for name in ("repaid", "extra", "topped")) / 10**9
        for on in sorted({row["date"] for row in days})
    ]
    assert expected == repaid


def test_a_day_without_a_balance_breaks_the_published_line():
    spec = charts.picture(RESULTS["state"], "state-days").draw(False)
    lines = values(spec["vconcat"][0]["layer"][1])
    published = [row for row in lines if row["series"] == "published"]
    assert 37 == sum(row["level"] is None for row in published)
    assert 0 == sum(row["level"] is None for row in lines if row["series"] == "model")


def test_month_ends_stand_as_dots():
    monthly = [row | {"settled_won": row["settled_won"] if number % 42 < 2 else None} for number, row in
               enumerate(past.state_days(260))]  # fmt: skip
    spec = charts.picture(past.state_result(days=monthly), "state-days").draw(False)
    dots = spec["vconcat"][0]["layer"][2]
    assert ("point", 13) == (dots["mark"]["type"], len(values(dots)))


def test_no_shock_has_a_name_on_the_axis():
    spec = charts.picture(RESULTS["state"], "state-curve").draw(False)
    axis = spec["vconcat"][0]["layer"][0]["encoding"]["x"]["axis"]
    assert "'0':'0 %'" in axis["labelExpr"] and "'-0'" not in axis["labelExpr"]


# The hindcast.


def test_every_line_of_a_forecast_has_a_stroke_of_its_own():
    spec = charts.picture(RESULTS["hindcast"], "hindcast-balance").draw(False)
    line = next(layer for layer in spec["vconcat"][1]["layer"] if layer["mark"]["type"] == "line")
    looks = line["encoding"]
    assert looks["color"]["scale"]["domain"] == looks["strokeDash"]["scale"]["domain"]
    pairs = list(zip(looks["color"]["scale"]["range"], map(tuple, looks["strokeDash"]["scale"]["range"]), strict=True))
    assert 4 == len(set(pairs))
    assert 3 == len({dash for _, dash in pairs})  # record and central are both drawn through: the record has dots


def test_a_forecast_stands_in_its_band_beside_the_record():
    panels = charts.picture(RESULTS["hindcast"], "hindcast-balance").draw(False)["vconcat"]
    assert ["The path given, % since the start", "Settled margin balance, KOSPI, tn won",
            "Settled margin balance, KOSDAQ, tn won"] == [panel["title"]["text"][0] for panel in panels]  # fmt: skip
    last, row = RESULTS["hindcast"]["days"][-1], values(panels[1]["layer"][0])[-1]
    assert (last["kospi_low_won"] / 10**12, last["kospi_high_won"] / 10**12) == (row["low"], row["high"])


def test_without_a_given_path_or_a_record_nothing_is_drawn_of_them():
    panels = charts.picture(RESULTS["simulated"], "hindcast-balance").draw(True)["vconcat"]
    assert 2 == len(panels)
    drawn = {row["series"] for layer in panels[0]["layer"] if layer["mark"]["type"] == "line" for row in values(layer)}
    assert {"published record", "central estimate", "if nobody adds money or sells first"} == drawn
    assert [0] == [row["number"] for row in values(panels[0]["layer"][-1])]
    assert "record" not in charts.picture(RESULTS["simulated"], "hindcast-balance").description.partition(". ")[2]


def test_margin_loans_sold_by_force_have_no_record_beside_them():
    spec = charts.picture(RESULTS["hindcast"], "hindcast-margin-sold").draw(False)
    drawn = {row["series"] for layer in spec["vconcat"][0]["layer"] for row in values(layer) if "series" in row}
    assert {"central estimate", "if nobody adds money or sells first"} == drawn


# The score.


def test_the_baselines_are_known_by_the_names_that_they_are_scored_under():
    assert BASELINES == score_sheets.BASELINES


def test_every_method_has_a_colour_and_a_shape_and_its_interval():
    spec = charts.picture(RESULTS["score"], "score-errors").draw(False)
    panel = spec["vconcat"][2]["hconcat"][1]
    bars, points, aims = panel["layer"]
    shapes = points["encoding"]["shape"]["scale"]
    assert list(past.METHODS) == shapes["domain"]
    assert 5 == len(set(shapes["range"])) == len(set(points["encoding"]["color"]["scale"]["range"]))
    row = past.score_row(2, 10, 0)
    spans = [one for one in values(bars) if one["series"] == "gaemi" and one["horizon"] == "10 sessions"]
    assert [(row["low_bn"], row["high_bn"])] == [(one["low"], one["high"]) for one in spans]
    assert past.score_row(2, 10, 4)["error_bn"] / 2 == values(aims)[-1]["value"]


def test_only_triggers_over_everything_are_drawn():
    found = score_sheets.panels(RESULTS["score"], "error_bn")
    assert 6 == len(found)
    rows = [row for rows in found.values() for row in rows]
    assert {("triggers", "everything")} == {(row["where"], row["basis"]) for row in rows}


def test_coverage_stands_in_the_band_of_the_aim():
    spec = charts.picture(RESULTS["score"], "score-coverage").draw(False)
    aim, points = spec["vconcat"][0]["hconcat"][0]["layer"]
    assert [{"value": 85, "to": 95}] == values(aim)
    assert [60, 100] == points["encoding"]["y"]["scale"]["domain"]
    assert {81.0, 83.0, 85.0, 90.0} == {row["value"] for row in values(spec["vconcat"][0]["hconcat"][0])}


def test_a_coverage_of_nothing_is_still_on_the_axis():
    rows = [row | {"coverage_pct": 0.0} for row in past.score_rows() if row["coverage_pct"] is not None]
    spec = charts.picture(past.score_result(rows=rows), "score-coverage").draw(True)
    assert 0 == spec["vconcat"][0]["layer"][1]["encoding"]["y"]["scale"]["domain"][0]


def test_without_periods_there_is_one_column():
    rows = [{name: row[name] for name in row if name != "period"} for row in past.score_rows()[:80]]
    assert 1 == score_plots._columns(score_sheets.panels({"rows": rows}, "error_bn"), False)
    spec = charts.picture(past.score_result(rows=rows), "score-errors").draw(False)
    assert ["Balance on KOSPI"] == spec["vconcat"][0]["title"]["text"]
