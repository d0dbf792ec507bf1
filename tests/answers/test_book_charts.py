"""The charts of a book: something for every reader, marked by more than colour."""

import re
import xml.etree.ElementTree as ElementTree

import altair
import pytest
from answers import fixture
from answers.book_fixture import book_result, quiet_result
from answers.on_a_page import must_fit_a_page
from answers.test_charts import contrast

from gaemi.answers import charts
from gaemi.answers.palette import DARK, LIGHT
from gaemi.answers.plots import book as book_plots

NAMES = ["bands", "morning", "call-map", "days", "risk"]
PICTURES = [pytest.param(picture, id=picture.name) for picture in charts.pictures(book_result())]


def layer(spec, kind):
    """The layer of a kind of mark."""
    return next(layer for layer in spec["layer"] if layer["mark"]["type"] == kind)


def test_a_book_has_its_charts_and_a_quiet_one_the_bands_alone():
    assert NAMES == [picture.name for picture in charts.pictures(book_result())]
    assert ["bands"] == [picture.name for picture in charts.pictures(quiet_result())]


def test_loans_by_band_lead():
    root = ElementTree.fromstring(charts.lead(book_result()))
    assert "Loans by collateral ratio" == root.findtext("{http://www.w3.org/2000/svg}title")


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


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_png_is_drawn(narrow, dark):
    drawn = charts.png(charts.picture(book_result(), "bands"), narrow=narrow, dark=dark, scale=1)
    assert b"\x89PNG" == drawn[:4]


def test_hostile_text_stays_text_in_a_chart():
    result = fixture.hostile(book_result(), "</text><script>alert('1')</script>\\") | {"schema": "gaemi.book/1"}
    for picture in charts.pictures(result):
        assert [] == list(ElementTree.fromstring(charts.page_svg(picture)).iter("script"))


def test_bands_under_maintenance_are_marked_by_colour_by_stripes_and_by_a_label():
    spec = charts.picture(book_result(), "bands").draw(False)
    rows = spec["data"]["values"]
    marked = ["under 105 %", "105–120 %", "120–140 %"]
    assert marked == [row["band"] for row in rows if row["series"] == "marked"]
    assert marked == [row["band"] for row in rows if "shortfall" in row["label"]]
    stripes = layer(spec, "rule")
    assert [{"filter": "datum.series == 'marked' && datum.won > 0"}] == stripes["transform"]
    assert stripes["mark"]["strokeDash"] and stripes["mark"]["color"] == LIGHT["extra"]
    assert "120–140 %: 61.2 bn won of 931 accounts, 4.8 bn won short of maintenance" in (
        charts.picture(book_result(), "bands").description
    )


def test_stripes_are_drawn_in_the_picture_and_only_over_bars_that_are_marked():
    drawn = charts.page_svg(charts.picture(book_result(), "bands"))
    assert 3 == drawn.count('stroke-dasharray="2,4"')


@pytest.mark.parametrize("values", [LIGHT, DARK], ids=["light", "dark"])
def test_stripes_can_be_seen_on_their_bar_and_marked_bars_beside_plain_ones(values):
    assert 1.4 < contrast(values["extra"], values["sold"])
    assert values["sold"] != values["after"]


def test_the_sum_of_all_bands_is_not_a_bar():
    assert 7 == len(book_plots.shown_bands(book_result()))


def test_a_book_without_loans_has_bars_of_nothing():
    empty = [row | {"loans_won": 0, "short_won": 0} for row in book_result()["bands"]]
    picture = charts.picture(quiet_result(bands=empty), "bands")
    assert {"0 · 61 accounts"} <= {row["label"] for row in picture.draw(False)["data"]["values"]}
    assert 5 < len(list(ElementTree.fromstring(charts.page_svg(picture)).iter("text")))


def test_the_next_opening_sets_won_beside_the_share_of_opening_volume():
    left, right = charts.picture(book_result(), "morning").draw(False)["vconcat"][0]["hconcat"]
    rows = {row["band"]: row for row in right["data"]["values"]}
    assert (388.0, "388.0 %", "marked") == tuple(rows["Samchully"][field] for field in ("known", "label", "series"))
    assert (11.4, "11.4 %", "plain") == tuple(rows["Ecopro BM"][field] for field in ("known", "label", "series"))
    assert "4.5 bn" == next(row["label"] for row in left["data"]["values"] if row["band"] == "Samchully")


def test_on_a_phone_the_share_stands_behind_the_won():
    spec = charts.picture(book_result(), "morning").draw(True)
    labels = {row["band"]: row["label"] for row in spec["data"]["values"]}
    assert "4.5 bn · 388.0 %" == labels["Samchully"]
    assert "162.0 m · volume unknown" == labels["A name with a very long name indeed Holdings"]


def test_two_names_alike_have_a_bar_each():
    rows = [{"name": "Alpha", "ticker": "1"}, {"name": "Alpha", "ticker": "2"}, {"name": "", "ticker": "3"}]
    assert ["Alpha (1)", "Alpha (2)", "3"] == book_plots.unique_names(rows)


def test_without_a_limit_no_name_is_marked():
    spec = charts.picture(book_result(totals=None), "morning").draw(True)
    assert {"plain"} == {row["series"] for row in spec["data"]["values"]}
    assert "striped" not in str(spec["title"])


@pytest.mark.parametrize(("narrow", "falls"), [(False, 7), (True, 4)], ids=["wide", "narrow"])
def test_the_call_map_has_the_share_as_height_and_the_won_as_label(narrow, falls):
    panel = charts.picture(book_result(), "call-map").draw(narrow)["vconcat"][0]
    told = panel["layer"][1]["data"]["values"]
    assert (falls, "234.9 bn") == (len(told), next(row["label"] for row in told if row["fall"] == 20))
    assert 61 == len(panel["data"]["values"])


def test_the_days_have_boards_and_what_is_under_sold_and_unpaid():
    panels = charts.picture(book_result(), "days").draw(False)["vconcat"]
    assert [
        "Prices since the start, %",
        "Loans under maintenance at the close, bn won",
        "Sold by force on the day, bn won",
        "Unpaid, booked on the day, bn won",
    ] == [panel["title"]["text"][0] for panel in panels]
    assert "sold by force in all 415.0 bn won, most on 6 November 2025: 142.0 bn won" in (
        charts.picture(book_result(), "days").description
    )


def test_a_board_that_the_book_has_no_name_of_has_no_line():
    result = book_result()
    for row in result["scenario"]["days"]:
        row["kosdaq_pct"] = None
    lines = charts.picture(result, "days").draw(True)["vconcat"][0]
    assert {"KOSPI names of the book"} == {row["series"] for row in lines["data"]["values"]}


def test_quantiles_stand_over_how_rarely_they_are_reached_with_two_errors_each_way():
    sold, unpaid, _ = charts.picture(book_result(), "risk").draw(False)["vconcat"]
    row = book_result()["risk"]["rows"][0]
    dots = sold["layer"][1]["data"]["values"]
    assert [20, 100] == [round(dot["rare"]) for dot in dots]
    assert (row["p95_won"] + 2 * row["p95_error_won"]) / 10**9 == dots[0]["high"]
    assert ["Unpaid, bn won", "95 % of paths: at most 2.0 bn ± 0.1; 99 % of paths: at most 9.7 bn ± 0.6"] == (
        unpaid["title"]["text"]
    )


def test_paths_on_which_nothing_stays_unpaid_are_a_flat_line_at_nothing():
    result = book_result()
    for row in result["risk"]["curve"]:
        row["unpaid_won"] = 0
    nothing = {field: 0 for field in result["risk"]["rows"][1] if field.endswith("_won")}
    result["risk"]["rows"][1] |= nothing
    picture = charts.picture(result, "risk")
    unpaid = picture.draw(False)["vconcat"][1]
    assert {0} == {row["won"] for row in unpaid["data"]["values"]}
    assert "unpaid at most 0 on 95 % of paths" in picture.description
    assert "<svg" in charts.page_svg(picture)
