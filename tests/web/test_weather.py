"""The answer that ships for the first view is what the command answers."""

import json

import pytest

pytest.importorskip("pebble", reason="the extra serve is not installed")

from gaemi.country import country
from gaemi.scene import Request
from gaemi.web.weather import shipped_weather

HOW = "the law or the results are others: python docs/weather.py"
VARIES = ("run", "timing")


def test_the_shipped_weather_is_of_this_law_and_of_these_results():
    made = shipped_weather()
    assert made is not None, HOW
    assert {"curve", "call_map", "days"} <= made.tables.keys()


@pytest.mark.slow
def test_the_shipped_weather_is_what_the_whole_country_answers():
    made = shipped_weather()
    assert made is not None, HOW
    shipped = json.loads(made.document)
    told = json.loads(json.dumps(country(Request()).document))
    assert {k: v for k, v in told.items() if k not in VARIES} == {k: v for k, v in shipped.items() if k not in VARIES}
