"""Whole processes: what is told of a command is its own."""

import numpy as np
import pytest

from bench.processes import CommandFailed, measure


def test_the_peak_memory_of_a_command_is_not_that_of_who_started_it() -> None:
    held = np.ones(1 << 25)  # a quarter of a GiB
    _, peak_gib = measure("--help")
    assert peak_gib < held.nbytes / 2**30 / 2


def test_a_command_that_fails_stops_the_bench_with_its_own_words() -> None:
    with pytest.raises(CommandFailed, match=r"(?s)ended with 2.*refused: no-such-folder"):
        measure("book", "no-such-folder")
