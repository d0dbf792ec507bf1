"""Start: what a variant is worth on its date, after the cost of selling: the amount that its ends are compared with."""

import numpy as np

from gaemi.kernels.journey import EVER_BITS, ROW, Results
from gaemi.kernels.live import after_costs_won
from gaemi.walks import Trip, quotes_of, road_of, variants_of
from gaemi.world import day_law


def start_won(trip: Trip, variant: int) -> int:
    """Net worth of a variant at the start after fees, taxes and loans, in won."""
    law = day_law(trip.stage.book, trip.dates[0], trip.stage.instruments)
    road = road_of(trip, law, trip.dates[0], variants_of(trip), np.ones((0, 0, 0)))
    nothing = np.zeros((0, 0), np.int64)
    rows = np.zeros(len(trip.variants), ROW)
    results = Results(rows, np.zeros((EVER_BITS, 0), np.int16), nothing, trip.basis_won, np.zeros((0, 0)), nothing)
    quotes = quotes_of(trip.stage, law)
    return after_costs_won(trip.rows, variant, road, results, law.table, 0, quotes)
