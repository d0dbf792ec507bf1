"""A row that stands for k persons moves prices as k persons do."""

from dataclasses import replace

import numpy as np
from run.conftest import BEFORE_THE_CHANGE, crash_path
from toytown import LOUD, live
from toytown.people import crowd, taken

from gaemi.kernels.sell import GROSS_WON
from gaemi.records.columns import Population

COPIES = 12


def test_a_weight_of_k_is_k_copies_of_every_account() -> None:
    """Copies have the same investor and so the same luck; prices and k times the won must be the same to the unit."""
    people, path = crowd(BEFORE_THE_CHANGE, 70), crash_path()
    rows = [taken(group, np.repeat(np.arange(group.investor.size), COPIES)) for group in people.borrowing]
    many = live(Population([], rows), path, LOUD)  # type: ignore[arg-type]
    weighted = live(replace(people, weight=COPIES), path, LOUD)
    assert many.price.tolist() == weighted.price.tolist()
    for one, all_ in zip(weighted.records, many.records, strict=True):
        assert one.index == all_.index
        assert (COPIES * one.flows).tolist() == all_.flows.tolist()
        assert COPIES * one.net_worth_won == all_.net_worth_won
    unweighted = live(people, path, LOUD)
    assert unweighted.price.tolist() != weighted.price.tolist()
    assert sum(record.flows[GROSS_WON] for record in weighted.records) > 0
