"""The country's page as it ships: what ``gaemi country`` answers, so that the first view waits for nothing.

It is what the command prints, written by ``python docs/weather.py`` and held against a run by a test; where the law or
the results of this installation are others, it is not shown and a sample is run instead.
"""

import gzip
import json
from pathlib import Path

from gaemi.law.lawbook import load
from gaemi.run import RESULTS_VERSION
from gaemi.web.asks import CountryAsk
from gaemi.web.worker import Made, tables_bytes

FILE = Path(__file__).with_name("weather.json.gz")


def weather_ask() -> CountryAsk:
    """What the shipped weather answers: everybody, no options."""
    return CountryAsk(scale=1)


def shipped_weather() -> Made | None:
    """The shipped answer, or None where it is of another law or of other results."""
    if not FILE.is_file():
        return None
    text = gzip.decompress(FILE.read_bytes())
    document = json.loads(text)
    if document["law_version"] != load().version or document["results_version"] != RESULTS_VERSION:
        return None
    return Made(text, tables_bytes(document))
