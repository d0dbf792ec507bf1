"""Charts: valid documents, real text, one set of colours, something for every reader."""

import re
import xml.etree.ElementTree as ElementTree

import altair
import pytest
from answers import fixture
from answers.comparison_fixture import compare_result

from gaemi.answers import charts
from gaemi.answers.palette import DARK, LIGHT

RESULTS = {
    "curve": fixture.country_result(),
    "shock": fixture.shock_result(),
    "replay": fixture.replay_result(),
    "compare": compare_result(),
}
PICTURES = [
    pytest.param(picture, id=f"{name}-{picture.name}")
    for name, result in RESULTS.items()
    for picture in charts.pictures(result)
]


def test_each_kind_of_result_has_its_charts():
    assert {
        "curve": ["call-map", "curve", "days", "who", "ratios"],
        "shock": ["call-map", "days", "ratios"],
        "replay": ["call-map", "days", "who", "ratios", "record"],
        "compare": ["helped-hurt"],
    } == {name: [picture.name for picture in charts.pictures(result)] for name, result in RESULTS.items()}


@pytest.mark.slow
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("picture", PICTURES)
def test_a_chart_is_a_valid_document(picture, narrow):
    altair.Chart.from_dict(picture.draw(narrow))  # raises on anything that the schema does not know


def test_a_chart_is_given_as_an_object_of_the_chart_library():
    chart = charts.chart(charts.picture(RESULTS["curve"], "ratios"))
    assert ["bar", "text"] == [layer["mark"]["type"] for layer in chart.to_dict()["layer"]]


@pytest.mark.parametrize("picture", PICTURES)
def test_a_chart_on_a_page_has_real_text_a_text_alternative_and_the_colours_of_the_theme(picture):
    drawn = charts.page_svg(picture)
    root = ElementTree.fromstring(drawn)
    assert 5 < len(list(root.iter("text")))
    assert [picture.title, picture.description] == [root.findtext("title"), root.findtext("desc")]
    assert ["img", f"{picture.name}-wide-title {picture.name}-wide-desc"] == [
        root.get("role"),
        root.get("aria-labelledby"),
    ]
    assert set() == set(re.findall(r"#[0-9a-fA-F]{3,8}\b", drawn))
    assert set(re.findall(r"var\(--([a-z]+)\)", drawn)) <= LIGHT.keys()
    assert "http" not in drawn and "<image" not in drawn and "style=" not in drawn


def test_wide_and_narrow_drawings_of_one_page_share_no_name():
    picture = charts.picture(fixture.country_result(), "curve")
    wide, narrow = (set(re.findall(r'id="([^"]+)"', charts.page_svg(picture, shape))) for shape in (False, True))
    assert set() == wide & narrow


def test_hostile_text_stays_text_in_a_chart():
    result = fixture.hostile(fixture.country_result(), "</text><script>alert('1')</script>\\")
    for name in ("who", "ratios"):
        drawn = charts.page_svg(charts.picture(result, name))
        assert [] == list(ElementTree.fromstring(drawn).iter("script"))


def test_a_day_that_nobody_published_breaks_the_line():
    document = charts.picture(fixture.replay_result(), "record").draw(False)
    published = [row for row in document["vconcat"][0]["data"]["values"] if row["series"] == "published"]
    assert [6] == [row["number"] for row in published if row["level"] is None]


def test_a_replay_without_feedback_draws_one_line_an_index():
    result = fixture.replay_result()
    for row in result["days"]["replay"]:
        row["kospi_no_feedback"], row["kosdaq_no_feedback"] = row["kospi"], row["kosdaq"]
    document = charts.picture(result, "days").draw(False)
    assert {"with feedback of the sales"} == {row["series"] for row in document["vconcat"][0]["data"]["values"]}


def test_png_is_drawn_in_light_and_dark():
    picture = charts.picture(fixture.country_result(), "ratios")
    light, dark = charts.png(picture), charts.png(picture, dark=True)
    assert b"\x89PNG" == light[:4] == dark[:4]
    assert light != dark


def test_the_leading_chart_is_a_file_that_stands_alone():
    root = ElementTree.fromstring(charts.lead(fixture.country_result()))
    assert "{http://www.w3.org/2000/svg}svg" == root.tag
    assert "Fragility curve" == root.findtext("{http://www.w3.org/2000/svg}title")


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("values", "ground"), [(LIGHT, "#ffffff"), (DARK, "#14181d")], ids=["light", "dark"])
def test_text_colours_can_be_read_on_their_ground(values, ground):
    assert [] == [role for role in ("ink", "muted", "with") if contrast(values[role], ground) < 4.5]


@pytest.mark.parametrize("values", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_side_by_side_differ_in_lightness(values):
    pairs = [("kospi", "kosdaq"), ("kosdaq", "pledged"), ("before", "after")]
    assert [] == [pair for pair in pairs if contrast(values[pair[0]], values[pair[1]]) < 1.15]
