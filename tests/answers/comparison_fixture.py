"""An invented result in the shape of ``gaemi.compare/1``: a reform that bars borrowing, at three displacements."""

from typing import Any

from answers.fixture import BILLION, assumption_rows, people, run_block

BANDS = {
    "age": ["under 30", "30s", "40s", "50s", "60s", "70 and over"],
    "size": ["under 10m", "10m-100m", "100m-1bn", "1bn and over"],
    "borrower": ["keeps the loan", "barred from it"],
}
BASELINE: dict[str, Any] = {
    "fall_points": 31.62,
    "extra_fall_points": 1.62,
    "called_won": 7_695 * BILLION,
    "sold_won": 5_130 * BILLION,
    "residual_won": 64 * BILLION,
    "sold_borrowers": people(160_300),
    "residual_borrowers": people(5_300),
    "wiped_out_investors": people(13_300),
}


def reformed(gain: float) -> dict[str, Any]:
    return BASELINE | {
        "fall_points": 31.62 - 0.4 * gain,
        "extra_fall_points": 1.62 - 0.4 * gain,
        "called_won": int((7_695 - 1_900 * gain) * BILLION),
        "sold_won": int((5_130 - 1_200 * gain) * BILLION),
        "residual_won": int((64 - 30 * gain) * BILLION),
        "sold_borrowers": people(int(160_300 - 40_000 * gain)),
        "residual_borrowers": people(int(5_300 - 2_000 * gain)),
    }


def group(dimension: str, band: str, helped: int, hurt: int) -> dict[str, Any]:
    return {
        "dimension": dimension,
        "band": band,
        "helped": helped,
        "hurt": hurt,
        "unchanged": 120_000 - helped - hurt,
        "helped_won": helped * 6_000_000,
        "hurt_won": hurt * 5_000_000,
        "net_won": helped * 6_000_000 - hurt * 5_000_000,
    }


def at(displacement: float) -> dict[str, Any]:
    gain = 1 - displacement * 0.8
    return {
        "displacement": displacement,
        "barred_won": 6_100 * BILLION,
        "moved_stock_loans_won": int(6_100 * displacement * 0.6) * BILLION,
        "moved_foreign_funds_won": int(6_100 * displacement * 0.4) * BILLION,
        "baseline": BASELINE,
        "reformed": reformed(gain),
        "groups": [
            group(dimension, band, int((9_000 + 3_100 * i) * gain), int((2_000 + 900 * i) * (0.5 + displacement)))
            for dimension, bands in BANDS.items()
            for i, band in enumerate(bands)
        ],
    }


def compare_result() -> dict[str, Any]:
    run, timing = run_block("gaemi compare country --reform examples/reforms/maintenance-150.yaml")
    change = {"path": "margin.maintenance", "date": "2025-10-01", "before": 14000, "after": 15000}
    return {
        "schema": "gaemi.compare/1",
        "on": "2025-10-31",
        "law_version": "a1b2c3d4e5f60718",
        "seed": 0,
        "shock_pct": -30,
        "reform": {"name": "Maintenance 150 %", "note": "Loans are called ten points earlier.", "changes": [change]},
        "displacements": [at(displacement) for displacement in (0, 0.5, 1)],
        "assumptions": assumption_rows(),
        "run": run,
        "timing": timing,
    }
