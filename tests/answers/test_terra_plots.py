"""The two charts of Terra: what they draw, with UST by the hour and with its daily closes alone."""

import pytest
import vl_convert

from gaemi.answers.plots import terra


def document(hourly: bool):
    hours = [
        {
            "time": f"2022-05-{9 + hour // 24:02d} {hour % 24:02d}:00",
            "supply_model": 3.4e8 * 1.1**hour,
            "spread_pct": 0.5 * hour,
            "module_price_usd": 1.0 - 0.005 * hour,
            "ust_close_usd": 1.0 - 0.01 * hour if hourly else None,
        }
        for hour in range(50)
    ]
    rows = [{"until": f"2022-05-{day} 00:00", "supply_record": 4e8 * day, "ust_close_usd": 0.8} for day in (10, 11, 12)]
    moments = [{"time": "2022-05-10 12:00", "supply_record": 1e9}]
    return {"hours": hours, "rows": rows, "moments": moments, "peg": {"spread_over_pct": 20.0}}


@pytest.mark.parametrize("hourly", [True, False])
@pytest.mark.parametrize("draw", [terra.supply, terra.peg])
def test_a_chart_is_drawn_wide_and_narrow(draw, hourly):
    for narrow in (False, True):
        assert "<svg" in vl_convert.vegalite_to_svg(draw(document(hourly), narrow), allowed_base_urls=[])


def test_coins_stand_on_powers_of_ten_with_their_names():
    drawn = vl_convert.vegalite_to_svg(terra.supply(document(True), False), allowed_base_urls=[])
    assert all(f">{words}<" in drawn for words in ("1 bn", "100 bn", "10 tn", "9 May", "10 May"))


def test_record_and_model_differ_in_more_than_colour():
    layers = terra.supply(document(True), False)["layer"]
    assert ["line", "point"] == [layer["mark"]["type"] for layer in layers]
    lines = terra.peg(document(True), False)["vconcat"][0]
    assert "strokeDash" in lines["encoding"]


def test_without_hours_the_daily_closes_stand_for_the_traded_price():
    drawn = terra.peg(document(False), False)["vconcat"][0]["data"]["values"]
    traded = [row for row in drawn if row["series"] == "UST, traded"]
    assert [(24.0, 0.8), (48.0, 0.8)] == [(row["hour"], row["price"]) for row in traded]
