"""A sample keeps an investor by the hash of the number alone, and in rows keeps whom it keeps one by one."""

import numpy as np
import pytest

from gaemi.chance import SAMPLE, word
from gaemi.kernels._compile import compiled
from gaemi.kernels.sample import keep_every, room

PERSONS = 3 * 1024 + 17


@pytest.mark.parametrize("scale", [1, 2, 3, 10, 1000])
def test_who_is_kept_has_a_hash_that_the_scale_divides(scale: int) -> None:
    kept = np.zeros(PERSONS, dtype=np.uint8)
    for low, high in ((0, 1030), (1030, PERSONS)):
        compiled(keep_every)(7, SAMPLE, scale, low, high, kept, room())
    wanted = [word(7, 0, SAMPLE, 0, number, 0) % scale == 0 for number in range(PERSONS)]
    assert wanted == kept.astype(bool).tolist()
