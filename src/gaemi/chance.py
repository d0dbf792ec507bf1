"""Luck that belongs to the account: a draw is a function of seed, path, purpose, day and the account's number.

Nothing here has a state. The words come from Philox4x32-10, so that a draw never depends on how many draws were made
before it, on the order of accounts or on the number of threads. Ints stay below 2 ** 63 and every function but
:func:`name_id` can be compiled; the compiled and the plain function give the same bits. Logarithm and exponential
are written out in + - x / for the same reason: the libraries of two systems differ in the last bit.

Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011), section 4.
"""

from hashlib import blake2b
from math import frexp, ldexp, sqrt
from typing import Any

# What a draw is for. A number once used keeps its meaning: changing it changes every result.
HOLDING = 1
WEALTH = 2
AGE = 3
KIND = 4
LOAN = 5
RATIO = 6
CASH = 7
DISPERSION = 8
FIRM = 9
SAMPLE = 10
SHARD = 11
WAIVER = 12
UNPAID = 13
PATH = 14
ORDER = 15
BLOCK = 16
BRIDGE = 17
NAME = 18
REVOLVE = 19
FLOW = 20
TRADER = 60
COIN_SIZE = 40
COIN_ACCOUNT = 43
COIN_LOAN = 44
PREMIUM = 45

WORD = 0xFFFFFFFF
"""Mask of a 32-bit word."""

_LEFT, _RIGHT = 0xD2511F53, 0xCD9E8D57
_WEYL_LEFT, _WEYL_RIGHT = 0x9E3779B9, 0xBB67AE85
_ROUNDS = 10
MIDDLE = 0.425
"""Half width of the probabilities around a half for which one ratio of polynomials gives the normal quantile."""

FEISTEL_ROUNDS = 4  # with good round functions, four rounds make a strong permutation (Luby and Rackoff)

# log 2 in two parts; the first has 32 trailing zero bits, so that its product with an exponent is exact.
_LOG2_HIGH, _LOG2_LOW = 0.6931471803691238, 1.9082149292705877e-10
_ROOT_OF_HALF = 0.7071067811865476


def philox(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Four 32-bit words of Philox4x32-10 for a counter of four words and a key of two.

    A product of two words needs 64 bits and wraps as a signed integer; the masks take the right bits all the same.

    Source: Salmon et al. (2011), section 4; multipliers and increments as in the authors' Random123 1.14.
    """
    for _ in range(_ROUNDS):
        left, right = c0 * _LEFT, c2 * _RIGHT
        c0, c1, c2, c3 = ((right >> 32) & WORD) ^ c1 ^ k0, right & WORD, ((left >> 32) & WORD) ^ c3 ^ k1, left & WORD
        k0 = (k0 + _WEYL_LEFT) & WORD
        k1 = (k1 + _WEYL_RIGHT) & WORD
    return c0, c1, c2, c3


def word(seed: int, path: int, purpose: int, day: int, number: int, draw: int) -> int:
    """A 32-bit word, the same for ever for these six numbers.

    ``number`` is the investor's number or a :func:`name_id`, below 2 ** 63; ``purpose`` and ``draw`` are below 65 536.
    """
    low = number & WORD
    high = (number - low) >> 32
    return philox(low, high, day & WORD, purpose * 65536 + draw, seed & WORD, path & WORD)[0]


def words(seed: int, path: int, purpose: int, day: int, number: int) -> tuple[int, int, int, int]:
    """Four words from one counter, for what is drawn in long rows: the first is :func:`word` with draw 0.

    A row of days takes four at a time: day ``d`` has word ``d % 4`` of the counter with day ``d // 4``.
    """
    low = number & WORD
    high = (number - low) >> 32
    return philox(low, high, day & WORD, purpose * 65536, seed & WORD, path & WORD)


def words_in_rows(seed: int, path: int, purpose: int, day: int, number: int, rows: Any) -> None:
    """:func:`words` of days ``day``, ``day`` + 1, ... as columns of ``rows``, an array uint32 [4, days].

    One round for all days, then the next: a processor takes several products of 32-bit words at once, but not of words
    that the compiler knows only as 64 bits, which is why they wait in memory between rounds.
    """
    low = number & WORD
    c0, c1, c2, c3 = rows[0], rows[1], rows[2], rows[3]
    for i in range(c0.size):
        c0[i] = low
        c1[i] = (number - low) >> 32
        c2[i] = (day + i) & WORD
        c3[i] = purpose * 65536
    _rounds_in_rows(seed & WORD, path & WORD, rows)


def words_of_many(seed: int, purpose: int, number: int, rows: Any) -> None:
    """:func:`words` on path 0 and day 0 of ``number``, ``number`` + 1, ..., below 2 ** 32, as columns of ``rows``."""
    c0, c1, c2, c3 = rows[0], rows[1], rows[2], rows[3]
    for i in range(c0.size):
        c0[i] = number + i
        c1[i] = 0
        c2[i] = 0
        c3[i] = purpose * 65536
    _rounds_in_rows(seed & WORD, 0, rows)


def _rounds_in_rows(k0: int, k1: int, rows: Any) -> None:
    c0, c1, c2, c3 = rows[0], rows[1], rows[2], rows[3]
    for _ in range(_ROUNDS):
        for i in range(c0.size):
            left, right = int(c0[i]) * _LEFT, int(c2[i]) * _RIGHT
            c0[i] = ((right >> 32) & WORD) ^ int(c1[i]) ^ k0
            c1[i] = right & WORD
            c2[i] = ((left >> 32) & WORD) ^ int(c3[i]) ^ k1
            c3[i] = left & WORD
        k0 = (k0 + _WEYL_LEFT) & WORD
        k1 = (k1 + _WEYL_RIGHT) & WORD


def uniform(word: int) -> float:
    """The middle of the word's interval of (0, 1): (word + 1/2) / 2 ** 32, never 0 and never 1."""
    return (word + 0.5) / 4294967296.0


def normal(word: int) -> float:
    """A standard normal draw: :func:`normal_quantile` of :func:`uniform`. One word, one draw, no rejection."""
    return normal_quantile(uniform(word))


def normal_quantile(p: float) -> float:
    """z with P(Z <= z) = ``p`` for a standard normal Z and 0 < ``p`` < 1; relative error about 1e-16.

    Source: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics
    37 (1988) 477-484, routine PPND16.
    """
    q = p - 0.5
    if -MIDDLE <= q <= MIDDLE:
        return _central(q)
    r = sqrt(-log(p if q < 0.0 else 1.0 - p))
    z = _shoulder(r - 1.6) if r <= 5.0 else _tail(r - 5.0)
    return -z if q < 0.0 else z


def normal_in_the_middle(p: float) -> float:
    """:func:`normal_quantile` where ``p`` lies within MIDDLE of a half, and nonsense elsewhere: no branch."""
    return _central(p - 0.5)


def normal_in_the_tails(p: float) -> float:
    """:func:`normal_quantile` of ``p`` = :func:`uniform` further than MIDDLE from a half, and nonsense in the middle.

    The same sums in the same order, without a jump and without a call: a row of tails is worked out several at a time.
    The third ratio is not needed: the smallest uniform draw, 2 ** -33, has an r of 4.8 where the ratios part at 5.
    """
    nearer = p if p < 0.5 else 1.0 - p
    z = _shoulder(sqrt(-_log_below_one(nearer)) - 1.6)
    return -z if p < 0.5 else z


def _log_below_one(x: float) -> float:
    """:func:`log` of ``x`` from 2 ** -63 to 1, without 1: doublings, which are exact, stand for frexp."""
    m, e = x, 0.0
    m, e = (m * 4294967296.0, e - 32.0) if m < 1.0 / 4294967296.0 else (m, e)
    m, e = (m * 65536.0, e - 16.0) if m < 1.0 / 65536.0 else (m, e)
    m, e = (m * 256.0, e - 8.0) if m < 1.0 / 256.0 else (m, e)
    m, e = (m * 16.0, e - 4.0) if m < 1.0 / 16.0 else (m, e)
    m, e = (m * 4.0, e - 2.0) if m < 1.0 / 4.0 else (m, e)
    m, e = (m * 2.0, e - 1.0) if m < 0.5 else (m, e)
    m, e = (m * 2.0, e - 1.0) if m < _ROOT_OF_HALF else (m, e)
    return _log_of(m, e)


def _central(q: float) -> float:
    r = 0.180625 - q * q
    above = 2.5090809287301226727e3
    above = above * r + 3.3430575583588128105e4
    above = above * r + 6.7265770927008700853e4
    above = above * r + 4.5921953931549871457e4
    above = above * r + 1.3731693765509461125e4
    above = above * r + 1.9715909503065514427e3
    above = above * r + 1.3314166789178437745e2
    above = above * r + 3.3871328727963666080e0
    below = 5.2264952788528545610e3
    below = below * r + 2.8729085735721942674e4
    below = below * r + 3.9307895800092710610e4
    below = below * r + 2.1213794301586595867e4
    below = below * r + 5.3941960214247511077e3
    below = below * r + 6.8718700749205790830e2
    below = below * r + 4.2313330701600911252e1
    below = below * r + 1.0
    return q * above / below


def _shoulder(r: float) -> float:
    above = 7.74545014278341407640e-4
    above = above * r + 2.27238449892691845833e-2
    above = above * r + 2.41780725177450611770e-1
    above = above * r + 1.27045825245236838258e0
    above = above * r + 3.64784832476320460504e0
    above = above * r + 5.76949722146069140550e0
    above = above * r + 4.63033784615654529590e0
    above = above * r + 1.42343711074968357734e0
    below = 1.05075007164441684324e-9
    below = below * r + 5.47593808499534494600e-4
    below = below * r + 1.51986665636164571966e-2
    below = below * r + 1.48103976427480074590e-1
    below = below * r + 6.89767334985100004550e-1
    below = below * r + 1.67638483018380384940e0
    below = below * r + 2.05319162663775882187e0
    below = below * r + 1.0
    return above / below


def _tail(r: float) -> float:
    above = 2.01033439929228813265e-7
    above = above * r + 2.71155556874348757815e-5
    above = above * r + 1.24266094738807843860e-3
    above = above * r + 2.65321895265761230930e-2
    above = above * r + 2.96560571828504891230e-1
    above = above * r + 1.78482653991729133580e0
    above = above * r + 5.46378491116411436990e0
    above = above * r + 6.65790464350110377720e0
    below = 2.04426310338993978564e-15
    below = below * r + 1.42151175831644588870e-7
    below = below * r + 1.84631831751005468180e-5
    below = below * r + 7.86869131145613259100e-4
    below = below * r + 1.48753612908506148525e-2
    below = below * r + 1.36929880922735805310e-1
    below = below * r + 5.99832206555887937690e-1
    below = below * r + 1.0
    return above / below


def log(x: float) -> float:
    """Natural logarithm of a finite ``x`` > 0, to about one unit in the last place, the same on every system.

    x = m 2^e with m within a factor of the root of 2 of 1, and log m = 2 artanh((m - 1) / (m + 1)) by its series,
    whose first left-out term is below 2 ** -60 of the whole.
    """
    m, e = frexp(x)
    if m < _ROOT_OF_HALF:
        m, e = m * 2.0, e - 1
    return _log_of(m, float(e))


def _log_of(m: float, e: float) -> float:
    """Natural logarithm of m 2^e; the coefficients are written out, so that a row of them needs no inner loop."""
    s = (m - 1.0) / (m + 1.0)
    square = s * s
    series = 1.0 / 23.0 * square
    series = (series + 1.0 / 21.0) * square
    series = (series + 1.0 / 19.0) * square
    series = (series + 1.0 / 17.0) * square
    series = (series + 1.0 / 15.0) * square
    series = (series + 1.0 / 13.0) * square
    series = (series + 1.0 / 11.0) * square
    series = (series + 1.0 / 9.0) * square
    series = (series + 1.0 / 7.0) * square
    series = (series + 1.0 / 5.0) * square
    series = (series + 1.0 / 3.0) * square
    return e * _LOG2_HIGH + (2.0 * s + (2.0 * s * series + e * _LOG2_LOW))


def exp(x: float) -> float:
    """e to the power ``x`` for ``x`` from -700 to 700, to about one unit in the last place, the same on every system.

    x = k log 2 + r with r within half of log 2 of 0, and e^r by its series to the 16th power.
    """
    k = int(x / (_LOG2_HIGH + _LOG2_LOW) + (0.5 if x >= 0.0 else -0.5))
    r = (x - k * _LOG2_HIGH) - k * _LOG2_LOW
    series = 1.0
    for power in range(16, 0, -1):
        series = series * r / power + 1.0
    return ldexp(series, k)


def exp_small(x: float) -> float:
    """e to the power ``x`` for ``x`` from -0.35 to 0.35, to about one unit in the last place: a day's log return.

    The series to the 13th power with its coefficients written out, so that a row of days is worked out many at a time.
    Outside these bounds ask :func:`exp`.
    """
    series = 1.0 / 6227020800.0
    series = series * x + 1.0 / 479001600.0
    series = series * x + 1.0 / 39916800.0
    series = series * x + 1.0 / 3628800.0
    series = series * x + 1.0 / 362880.0
    series = series * x + 1.0 / 40320.0
    series = series * x + 1.0 / 5040.0
    series = series * x + 1.0 / 720.0
    series = series * x + 1.0 / 120.0
    series = series * x + 1.0 / 24.0
    series = series * x + 1.0 / 6.0
    series = series * x + 0.5
    return (series * x + 1.0) * x + 1.0


def half_bits(size: int) -> int:
    """Bits of half a number in the smallest 4 ** k that holds ``size``."""
    bits = 1
    while (1 << (2 * bits)) < size:
        bits += 1
    return bits


def shuffle(number: int, size: int, seed: int, purpose: int) -> int:
    """The place of ``number`` in a random order of 0 .. ``size`` - 1, fixed by size, seed and purpose: a bijection.

    A balanced Feistel network permutes the smallest 4 ** k that holds the range; what lands outside is sent through
    again until it lands inside, which keeps it a bijection. Nothing is stored, so any row can be asked alone.

    Source: Luby and Rackoff, "How to construct pseudorandom permutations from pseudorandom functions", SIAM J. Comput.
    17 (1988) 373-386; cycle walking: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002.
    """
    bits = half_bits(size)
    mask = (1 << bits) - 1
    place = number + 0
    while True:
        left, right = place >> bits, place & mask
        for step in range(FEISTEL_ROUNDS):
            left, right = right, left ^ (word(seed, 0, purpose, step, right, size & 0xFFFF) & mask)
        place = (left << bits) | right
        if place < size:
            return place


def fill_rounds(size: int, seed: int, purpose: int, rounds: Any) -> None:
    """All words that :func:`shuffle` can ask for, int64 [FEISTEL_ROUNDS, 2 ** half_bits(size)]: half a number is short.

    Whoever shuffles many numbers works these out once, for :func:`shuffle_by`.
    """
    mask = rounds.shape[1] - 1
    for step in range(FEISTEL_ROUNDS):
        for right in range(rounds.shape[1]):
            rounds[step, right] = word(seed, 0, purpose, step, right, size & 0xFFFF) & mask


def shuffle_by(rounds: Any, bits: int, number: int, size: int) -> int:
    """:func:`shuffle` by the words of :func:`fill_rounds`; ``bits`` are those of :func:`half_bits`."""
    mask = (1 << bits) - 1
    place = number + 0
    while True:
        left, right = place >> bits, place & mask
        for step in range(FEISTEL_ROUNDS):
            left, right = right, left ^ rounds[step, right]
        place = (left << bits) | right
        if place < size:
            return place


def name_id(text: str) -> int:
    """A number from 0 to 2 ** 63 - 1 for an account id or a ticker: 8 bytes of BLAKE2b, the sign bit dropped.

    Runs in plain Python only.

    Source: RFC 7693 (2015).
    """
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") & 0x7FFFFFFFFFFFFFFF


def name_bytes(texts: list[str]) -> bytes:
    """The 8 bytes of BLAKE2b of each text, one after the other: :func:`name_id` drops the sign bit of each."""
    return b"".join([blake2b(text.encode(), digest_size=8).digest() for text in texts])
