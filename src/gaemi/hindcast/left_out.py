"""Parameters fitted without one stretch: what cross-validation forecasts that stretch with."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

from gaemi.errors import refuse

_FILE = Path(__file__).with_name("left_out.csv")


@cache
def _rows() -> dict[str, dict[str, float]]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        rows = {row.pop("left_out_from"): row for row in csv.DictReader(lines)}
    return {first: {name: float(value) for name, value in row.items()} for first, row in rows.items()}


def left_out(first: date) -> dict[str, float]:
    """Parameters of behaviour fitted on data to 2019-12-31 without the stretch that begins on ``first``.

    Source: ``gaemi calibrate --leave-out``, with the recipe in the file. Raises Refused for another stretch.
    """
    found = _rows().get(str(first))
    if found is None:
        known = ", ".join(_rows())
        raise refuse("history", f"a stretch from {first}", f"parameters were fitted without stretches from {known}")
    return found
