"""How figures, dates and particles are written in Korean: ``24.6 bn won`` is 246억 원, ``31 October 2025`` a date.

A page is written in English first. What stands in it as a figure is rewritten here, to the same precision; words are
looked up by :mod:`gaemi.answers.language`.
"""

import re
from collections.abc import Callable
from decimal import Decimal

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_WEEKDAYS = dict(
    zip(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), "월화수목금토일", strict=True)
)
_MONTH = {name: place for place, name in enumerate(_MONTHS, 1)}
_MONTH |= {name[:3]: place for name, place in _MONTH.items()} | {"Sept": 9}
_MONTH_WORD = "(" + "|".join(sorted(_MONTH, key=len, reverse=True)) + ")"
_WEEKDAY_WORD = "(?:(" + "|".join(_WEEKDAYS) + ") )?"
_NUMBER = r"(?<![\d,.])\d[\d,]*(?:\.\d+)?"  # from its first digit on: a long one is read once
_SIZES = {"tn": 10**12, "bn": 10**9, "m": 10**6, "k": 10**3}
_KOREAN_SIZES = ((10**12, "조"), (10**8, "억"), (10**4, "만"))


def amount(text: str, size: int) -> str:
    """``24.6`` of a size of 10 ** 9 as ``246억``: the same figure in units of 조, 억 and 만.

    >>> amount("1.4", 10**12), amount("140.0", 10**6), amount("62", 1000)
    ('1조 4천억', '1억 4천만', '6만 2천')
    """
    whole = _number(text) * size
    if whole != whole.to_integral_value() or whole < 1000:
        return f"{whole.normalize():f}"
    left, parts = int(whole), []
    for unit, name in _KOREAN_SIZES:
        count, left = divmod(left, unit)
        if count:
            parts.append(_counted(count) + name)
    if left:
        parts.append(_counted(left))
    return " ".join(parts)


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _counted(count: int) -> str:
    """``4천`` where it is whole thousands below ten, else digits with their thousands apart."""
    return f"{count // 1000}천" if count % 1000 == 0 and count < 10_000 else f"{count:,}"


def _sized(found: re.Match[str]) -> str:
    """An amount or a span of two with a unit of size, and ``won`` if it stands behind."""
    first, join, second, unit, won = found.groups()
    size = _SIZES[unit]
    below = join == "–" and _number(first) > _number(second)  # 692,578–2.4 bn: the first is in no unit
    said = amount(first, 1 if below else size) + (f"{join}{amount(second, size)}" if second else "")
    return f"{said} 원" if won else said


def _with_range(found: re.Match[str]) -> str:
    """An amount and, in brackets, its range, whose unit is said with the amount alone."""
    middle, unit, won, low, join, high = found.groups()
    said, first, last = (amount(each, _SIZES[unit]) for each in (middle, low, high))
    return f"{said}{' 원' if won else ''} ({first}{join}{last})"


def _with_error(found: re.Match[str]) -> str:
    """An amount and its error, which has the unit of the amount: ``24.6 bn ± 0.3``."""
    size = _SIZES[found.group(2)]
    return f"{amount(found.group(1), size)} ± {amount(found.group(3), size)}"


def _day(found: re.Match[str]) -> str:
    weekday, day, month, year = found.groups()
    said = f"{year}년 " if year else ""
    return f"{said}{_MONTH[month]}월 {day}일" + (f" {_WEEKDAYS[weekday]}요일" if weekday else "")


def _month(found: re.Match[str]) -> str:
    return f"{found.group(2)}년 {_MONTH[found.group(1)]}월"


_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"{_WEEKDAY_WORD}\b(\d{{1,2}}) {_MONTH_WORD}\b(?: (\d{{4}}))?"), _day),
    (re.compile(rf"\b{_MONTH_WORD} (\d{{4}})\b"), _month),
    (re.compile(rf"({_NUMBER}) (tn|bn|m|k)( won)? \(({_NUMBER})(–| to )({_NUMBER})\)"), _with_range),
    (re.compile(rf"({_NUMBER}) (tn|bn|m|k) ± ({_NUMBER})"), _with_error),
    (re.compile(rf"({_NUMBER})(?:([–-]| to )({_NUMBER}))? (tn|bn|m|k)\b( won)?"), _sized),
    (re.compile(rf"({_NUMBER}) won\b"), r"\1 원"),
    (re.compile(rf"({_NUMBER}) %"), r"\1%"),
    (re.compile(rf"({_NUMBER}) times\b"), r"\1배"),
    (re.compile(rf"^({_NUMBER}) of ({_NUMBER})$"), r"\2 중 \1"),
)


def figures(text: str) -> str:
    """The text with amounts, dates and per cents as Korean writes them; what has none comes back as it is.

    >>> figures("24.6 bn won (62–185 k)"), figures("Monday 3 November"), figures("−30 %"), figures("3.2 tn (3.1–3.3)")
    ('246억 원 (6만 2천–18만 5천)', '11월 3일 월요일', '−30%', '3조 2천억 (3조 1천억–3조 3천억)')
    """
    for pattern, written in _RULES:
        text = pattern.sub(written, text)
    return text


_PARTICLES = {
    "은(는)": ("은", "는"),
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "과(와)": ("과", "와"),
    "으로(로)": ("으로", "로"),
}
_PARTICLE = re.compile("|".join(re.escape(each) for each in _PARTICLES))
_COUNTED = re.compile(r"([\d조억만천]) \(([^()]*–[^()]*)\)(명|개(?!월))")
_CLOSING = ")]’”\"'"
_ENDS = {
    **{"0": "ㅇ", "1": "ㄹ", "3": "ㅁ", "6": "ㄱ", "7": "ㄹ", "8": "ㄹ"},
    **{"L": "ㄹ", "R": "ㄹ", "M": "ㅁ", "N": "ㄴ"},
    **{"b": "ㅂ", "c": "ㄱ", "k": "ㄱ", "l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "p": "ㅂ", "t": "ㅅ"},
}
"""The consonants of digits, of the names of letters, and of what words of small letters end in."""

_READ_AS_WORDS = {"KOSDAQ": "ㄱ"}


def _ending(text: str) -> str:
    """The consonant that ends a text as it is read aloud; empty where a vowel ends it, or nothing that is read.

    Of capitals the name of the last letter is read: BTC ends as 씨 does, SOL as 엘.
    """
    for word, ending in _READ_AS_WORDS.items():
        if text.endswith(word):
            return ending
    last = text[-1:]
    if "가" <= last <= "힣":
        place = (ord(last) - ord("가")) % 28
        return "" if place == 0 else "ㄹ" if place == 8 else "ㅇ"  # of the others any one stands for all
    return _ENDS.get(last, "")


def settled(text: str) -> str:
    """What can be written only where a text stands whole: each particle as the syllable before it asks, a counter
    with the count and not behind the brackets that follow it.

    >>> settled("전자은(는) 원이(가) 서울으로(로) KOSDAQ은(는)"), settled("4만 (3만–5만)명")
    ('전자는 원이 서울로 KOSDAQ은', '4만명(3만–5만명)')
    """
    text = _COUNTED.sub(r"\1\3(\2\3)", text)

    def chosen(found: re.Match[str]) -> str:
        with_consonant, without = _PARTICLES[found.group()]
        ending = _ending(text[: found.start()].rstrip(_CLOSING))
        takes = ending != "" and not (without == "로" and ending == "ㄹ")
        return with_consonant if takes else without

    return _PARTICLE.sub(chosen, text)
