"""Words of quantity: whole won, basis points, the named rounding rules, and how people write money.

Money is whole won. A price is an integer with a stated number of decimals; one unit of an instrument is worth
``unit_value`` 1024ths of a won, so that a holding in any currency is valued by one integer rule, :func:`won_value`.
The functions that take and return plain ints can be compiled; those that read or write text, or return a list, run in
plain Python only.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from gaemi.errors import refuse

BPS = 10_000
"""Basis points in one: 14 000 bps is 140 %."""

UNIT_BITS = 10
"""Unit values are in won / 2 ** UNIT_BITS."""

_HALF_UNIT = 512  # half of 2 ** UNIT_BITS

_KOREAN_LARGE = {"조": 10**12, "억": 10**8, "만": 10**4}
_KOREAN_SMALL = {"천": 1000, "백": 100, "십": 10}
_ENGLISH = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "million": 10**6, "b": 10**9, "bn": 10**9,
    "billion": 10**9, "t": 10**12, "tn": 10**12, "trillion": 10**12,
}  # fmt: skip
_WRITE_MONEY = "write it as 140,000,000 or 140m or 1.2tn or 1억 4천만"
_WRITE_SHARE = "write it as 12.5% or 1250bps"


def ceil_div(a: int, b: int) -> int:
    """``a / b`` rounded up, for ``b`` > 0."""
    return -(-a // b)


def floor_div_half_up(a: int, b: int) -> int:
    """``a / b`` rounded to the nearest integer, halves up, for ``b`` > 0."""
    return (2 * a + b) // (2 * b)


def won_value(quantity: int, unit_value: int) -> int:
    """Whole won of ``quantity`` units worth ``unit_value`` 1024ths of a won each, halves up.

    This is the one place where a holding becomes won. For a price in won it is exact.

    >>> won_value(3, unit_value(70_100, 0, 100))
    210300
    """
    return (quantity * unit_value + _HALF_UNIT) >> UNIT_BITS


def unit_value(price: int, price_digits: int, won_per_unit_times_100: int) -> int:
    """1024ths of a won that one unit is worth: ``price`` / 10 ** ``price_digits`` in a currency at the given rate.

    The rate is won for one unit of the currency times 100, so 100 for the won itself, where the answer is exactly
    ``price`` << 10. Otherwise the nearest integer, halves up.

    >>> unit_value(12_345, 2, 142_430) == round(123.45 * 1424.30 * 1024)
    True
    """
    scale = 100
    for _ in range(price_digits):
        scale *= 10
    return floor_div_half_up((price * won_per_unit_times_100) << UNIT_BITS, scale)


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` split in proportion to ``weights``: whole parts that add up to ``total`` exactly.

    Each part is its exact share rounded down, and the units that are left go to the largest remainders, ties to the
    lowest index; so no part is off by one or more. Weights are ints of 0 or more, not all 0.

    Source: Hamilton's method of apportionment (Balinski and Young, Fair Representation, 1982, ch. 2).

    >>> largest_remainder(100, (1, 1, 1))
    [34, 33, 33]
    """
    whole = [int(weight) for weight in weights]
    weight_sum = sum(whole)
    assert weight_sum > 0, "at least one weight is above 0"
    assert min(whole) >= 0, "weights are 0 or more"
    parts = [total * weight // weight_sum for weight in whole]
    remainders = [total * weight % weight_sum for weight in whole]
    left = total - sum(parts)
    for index in sorted(range(len(whole)), key=lambda i: (-remainders[i], i))[:left]:
        parts[index] += 1
    return parts


def parse_won(text: str | int, where: str = "amount") -> int:
    """Whole won as people write it: ``140,000,000``, ``140m``, ``1.2tn``, ``₩5,000``, ``1억 4천만``, ``6천만원``.

    Raises Refused for anything else: an empty text, a sign, a part of a won, units out of order.
    """
    word = str(text).strip().lower()
    body = word.removeprefix("₩").removeprefix("krw").strip()
    for ending in ("won", "krw", "원"):
        body = body.removesuffix(ending).strip()
    if any(sign in body for sign in "+-−"):
        raise refuse(where, repr(str(text)), "money must be 0 or more, without a sign", _WRITE_MONEY)
    korean = any(mark in body for mark in (*_KOREAN_LARGE, *_KOREAN_SMALL))
    amount = _korean_amount(body) if korean else _english_amount(body)
    if amount is None:
        raise refuse(where, repr(str(text)), "money must be a number of won", _WRITE_MONEY)
    if amount != amount.to_integral_value():
        raise refuse(where, repr(str(text)), "money must be whole won", _WRITE_MONEY)
    return int(amount)


def _number(digits: str) -> Decimal | None:
    """A plain decimal number; commas only where they part groups of three digits."""
    head, point, tail = digits.partition(".")
    groups = head.split(",")
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        return None
    if not all(part.isascii() and part.isdigit() for part in (*groups, *([tail] if point else []))):
        return None
    try:
        return Decimal("".join(groups) + point + tail)
    except InvalidOperation:
        return None


def _english_amount(body: str) -> Decimal | None:
    digits = body.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = body[len(digits) :]
    number = _number(digits.strip())
    if number is None or (unit and unit not in _ENGLISH):
        return None
    return number * _ENGLISH.get(unit, 1)


def _korean_amount(body: str) -> Decimal | None:
    """A sum of sections (조, 억, 만, and what is below) that get smaller from left to right."""
    total, rest, ceiling = Decimal(0), body.replace(" ", ""), 10**16
    for mark, size in (*_KOREAN_LARGE.items(), ("", 1)):
        head, found, tail = rest.partition(mark) if mark else (rest, "end", "")
        if not found or (not mark and not head):
            continue
        section = _korean_section(head)
        if section is None or section * size >= ceiling:
            return None
        if not mark and _is_ambiguous(head, ceiling):
            return None
        total, rest, ceiling = total + section * size, tail, size
    return total


def _is_ambiguous(tail: str, before: int) -> bool:
    """What follows 억 or 조 without 만, or one digit after 만: 6억8 and 1억 5천 are said for 680 and 150 million."""
    return before in (10**12, 10**8) or (before == 10**4 and len(tail) == 1)


def _korean_section(text: str) -> Decimal | None:
    """A number below 조, 억 or 만, with 천, 백 and 십 in that order: ``4천`` is 4000, ``2천5백`` is 2500."""
    if not text:
        return None
    total, rest = Decimal(0), text
    for mark, size in _KOREAN_SMALL.items():
        head, found, tail = rest.partition(mark)
        if found:
            number = _number(head) if head else Decimal(1)
            if number is None or not 0 < number < 10:
                return None
            total, rest = total + number * size, tail
    if not rest:
        return total
    number = _number(rest)
    if number is None or (total and number >= 10):
        return None
    return total + number


def parse_bps(text: str | int, where: str = "share") -> int:
    """Basis points of ``12.5%``, ``-20%``, ``1250bps``, ``1,250 bp``. Raises Refused for anything else.

    A number without a unit is refused: 20 could be meant as 20 % or as 20 basis points.
    """
    word = str(text).strip().lower().replace("−", "-")
    for unit, bps in (("%", 100), ("bps", 1), ("bp", 1)):
        if word.endswith(unit):
            body = word.removesuffix(unit).strip()
            sign = -1 if body.startswith("-") else 1
            number = _number(body.removeprefix("-" if sign < 0 else "+").strip())
            if number is None:
                break
            if number * bps != (number * bps).to_integral_value():
                raise refuse(where, repr(str(text)), "a share has at most two decimals of a per cent", _WRITE_SHARE)
            return sign * int(number * bps)
    raise refuse(where, repr(str(text)), "a share needs a number and a unit", _WRITE_SHARE)


def format_won(won: int, language: str = "en") -> str:
    """Money for people: ``24.6 bn won``, ``140.0 m won``, ``95,000 won``; in Korean ``246억 원``.

    English keeps one decimal, halves away from 0; Korean keeps the largest unit of four digits and the one below it.
    """
    assert language in ("en", "ko"), "a language that the words know"
    sign, size = ("-", -won) if won < 0 else ("", won)
    if language == "ko":
        return f"{sign}{_korean_words(size)} 원"
    for name, unit in (("tn", 10**12), ("bn", 10**9), ("m", 10**6)):
        tenths = floor_div_half_up(size * 10, unit)
        if tenths >= 10:
            return f"{sign}{tenths // 10:,}.{tenths % 10} {name} won"
    return f"{sign}{size:,} won"


def _korean_words(size: int) -> str:
    units = (("조", 10**12), ("억", 10**8), ("만", 10**4), ("", 1))
    for (name, unit), (below_name, below) in pairwise(units):
        if size >= unit:
            lower = size % unit // below
            return f"{size // unit:,}{name}" + (f" {lower:,}{below_name}" if lower else "")
    return f"{size:,}"


def format_bps(bps: int) -> str:
    """Basis points as a per cent without needless zeros: ``12.5%``, ``-20%``, ``0.03%``."""
    sign, size = ("-", -bps) if bps < 0 else ("", bps)
    whole, rest = divmod(size, 100)
    return f"{sign}{whole:,}" + (f".{rest:02d}".rstrip("0") if rest else "") + "%"
