from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from gaemi import chance
from gaemi.kernels._compile import compiled

WORDS = st.integers(0, 2**32 - 1)
EDGES = (0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)
PI = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0)


def _hex(words: tuple[int, ...]) -> str:
    return " ".join(f"{word:08x}" for word in words)


# The published known-answer file of Random123 1.14 (kat_vectors), and the second block of the zero key.
KNOWN = [
    ((0,) * 6, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((0xFFFFFFFF,) * 6, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (PI, "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ((1, 0, 0, 0, 0, 0), "f8e4cca4 5cb200db b1a574eb 097eff67"),
]


@pytest.mark.parametrize(("inputs", "expected"), KNOWN)
def test_philox_gives_the_published_words_plain_and_compiled(inputs: tuple[int, ...], expected: str) -> None:
    assert (_hex(chance.philox(*inputs)), _hex(compiled(chance.philox)(*inputs))) == (expected, expected)


def _round_by_definition(c: tuple[int, ...], k: tuple[int, int]) -> tuple[int, ...]:
    left, right = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
    return ((right >> 32) ^ c[1] ^ k[0], right & chance.WORD, (left >> 32) ^ c[3] ^ k[1], left & chance.WORD)


@given(st.tuples(*[WORDS] * 6))
def test_philox_equals_ten_rounds_written_with_unbounded_ints(inputs: tuple[int, ...]) -> None:
    counter, key = inputs[:4], inputs[4:]
    for step in range(10):
        bumped = tuple((k + step * weyl) & chance.WORD for k, weyl in zip(key, (0x9E3779B9, 0xBB67AE85), strict=True))
        counter = _round_by_definition(counter, bumped)
    assert chance.philox(*inputs) == counter


@given(
    WORDS,
    st.integers(0, 2**20),
    st.integers(0, 65535),
    st.integers(0, 9999),
    st.integers(0, 2**63 - 1),
    st.integers(0, 9),
)
@settings(max_examples=30)
def test_a_word_is_philox_of_its_six_numbers_plain_and_compiled(
    seed: int, path: int, purpose: int, day: int, number: int, draw: int
) -> None:
    expected = chance.philox(number & chance.WORD, number >> 32, day, (purpose << 16) + draw, seed, path)[0]
    asked = (seed, path, purpose, day, number, draw)
    assert (chance.word(*asked), compiled(chance.word)(*asked)) == (expected, expected)


def test_a_large_seed_is_taken_by_its_low_32_bits() -> None:
    assert chance.word(2**32 + 5, 0, 1, 0, 9, 0) == chance.word(5, 0, 1, 0, 9, 0)


def test_the_uniform_is_never_0_and_never_1() -> None:
    assert [chance.uniform(word) for word in (0, 2**32 - 1)] == [2.0**-33, 1 - 2.0**-33]


@given(WORDS)
@settings(max_examples=300)
def test_the_normal_draw_agrees_with_another_library(word: int) -> None:
    assert chance.normal(word) == pytest.approx(float(ndtri(chance.uniform(word))), rel=2e-15, abs=2e-16)


@pytest.mark.parametrize("word", EDGES)
def test_the_normal_draw_agrees_with_high_precision_at_the_edges(word: int) -> None:
    with mpmath.workdps(40):
        p = (mpmath.mpf(word) + 0.5) / 2**32
        exact = mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)
        # The far upper tail is given as 1 - u, and u is exact there, so that only the rounding of AS241 is left.
        assert chance.normal(word) == pytest.approx(float(exact), rel=1e-15)


@pytest.mark.parametrize("p", [1e-300, 1e-100, 1e-20, 1e-12, 1e-5, 0.02, 0.075, 0.425, 0.5, 0.9])
def test_the_quantile_agrees_with_high_precision_in_all_three_branches(p: float) -> None:
    with mpmath.workdps(400):
        error = mpmath.ncdf(chance.normal_quantile(p)) - mpmath.mpf(p)
        slope = mpmath.npdf(chance.normal_quantile(p))
    assert abs(float(error / slope)) <= 2e-15 * max(1.0, abs(chance.normal_quantile(p)))


@given(st.floats(1e-300, 1e300))
@settings(max_examples=200)
def test_the_logarithm_is_right_to_the_last_bits(x: float) -> None:
    with mpmath.workdps(40):
        exact = mpmath.log(x)
    assert chance.log(x) == pytest.approx(float(exact), rel=5e-16)


@given(st.floats(-700, 700))
@settings(max_examples=200)
def test_the_exponential_is_right_to_the_last_bits(x: float) -> None:
    with mpmath.workdps(40):
        exact = mpmath.exp(x)
    assert chance.exp(x) == pytest.approx(float(exact), rel=5e-16)


@given(WORDS, st.floats(-700, 700))
def test_draws_have_the_same_bits_plain_and_compiled(word: int, x: float) -> None:
    assert compiled(chance.normal)(word) == chance.normal(word)
    assert compiled(chance.exp)(x) == chance.exp(x)
    assert compiled(chance.log)(chance.uniform(word)) == chance.log(chance.uniform(word))


@given(st.integers(1, 300), WORDS, st.integers(0, 40))
@settings(max_examples=40)
def test_a_shuffle_is_a_bijection(size: int, seed: int, purpose: int) -> None:
    assert sorted(chance.shuffle(n, size, seed, purpose) for n in range(size)) == list(range(size))


def test_a_large_shuffle_is_a_bijection_and_has_the_same_bits_compiled() -> None:
    size, quick = 20_011, compiled(chance.shuffle)
    places = [quick(n, size, 2026, chance.HOLDING) for n in range(size)]
    assert sorted(places) == list(range(size))
    assert places[:50] == [chance.shuffle(n, size, 2026, chance.HOLDING) for n in range(50)]


@given(st.integers(1, 300), WORDS, st.integers(0, 40))
@settings(max_examples=40)
def test_a_shuffle_by_words_worked_out_once_is_the_same(size: int, seed: int, purpose: int) -> None:
    bits = chance.half_bits(size)
    rounds = np.zeros((chance.FEISTEL_ROUNDS, 1 << bits), dtype=np.int64)
    chance.fill_rounds(size, seed, purpose, rounds)
    found = [chance.shuffle_by(rounds, bits, n, size) for n in range(size)]
    assert [chance.shuffle(n, size, seed, purpose) for n in range(size)] == found


def test_words_of_a_row_of_numbers_are_those_of_each() -> None:
    rows = np.zeros((4, 50), dtype=np.uint32)
    chance.words_of_many(7, chance.SAMPLE, 1000, rows)
    assert [chance.words(7, 0, chance.SAMPLE, 0, 1000 + i) for i in range(50)] == [tuple(row) for row in rows.T]


def test_a_shuffle_depends_on_seed_and_purpose() -> None:
    orders = {tuple(chance.shuffle(n, 50, seed, purpose) for n in range(50)) for seed in (1, 2) for purpose in (1, 2)}
    assert len(orders) == 4


def test_a_shuffle_moves_neighbours_apart() -> None:
    """In a random order of 1000 the mean distance of neighbours is near a third of the range."""
    places = [chance.shuffle(n, 1000, 7, 1) for n in range(1000)]
    mean = sum(abs(a - b) for a, b in pairwise(places)) / 999
    assert 300 < mean < 367


def test_a_name_has_one_number_for_ever() -> None:
    assert chance.name_id("005930") == chance.name_id("005930") != chance.name_id("000660")
    assert 0 <= chance.name_id("KRW-BTC") < 2**63


def test_no_two_purposes_share_a_number() -> None:
    purposes = [
        value
        for name, value in vars(chance).items()
        if name.isupper() and name not in ("WORD", "FEISTEL_ROUNDS") and name[0] != "_"
    ]
    assert len(set(purposes)) == len(purposes)
    assert 0 < min(purposes) <= max(purposes) < 65536
