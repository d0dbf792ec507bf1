"""Units of money and shares, told by their names in a header or a unit line and never by the size of the numbers."""

import re

WON = {
    "원": 1,
    "천원": 10**3,
    "만원": 10**4,
    "백만원": 10**6,
    "천만원": 10**7,
    "억원": 10**8,
    "십억원": 10**9,
    "조원": 10**12,
}
"""Won of one unit, by its Korean name."""
SHARES = {"주": 1, "천주": 10**3}
WORDS = {
    1: "won",
    10**3: "thousand won",
    10**4: "10 thousand won",
    10**6: "million won",
    10**7: "10 million won",
    10**8: "100 million won",
    10**9: "billion won",
    10**12: "trillion won",
}
_NAMES = "|".join(sorted([*WON, *SHARES, "%"], key=len, reverse=True))
_HEADER = re.compile(rf"(.*?)[(\[_\s]*({_NAMES})?\s*[)\]]?", re.DOTALL)
_LINE = re.compile(r"단위\s*[:：]?\s*([^)\]]+)")


def split_unit(header: str) -> tuple[str, str]:
    """A header without its unit, and the unit's name; the name is empty where the header gives none.

    >>> split_unit("신용거래융자_코스닥 (백만원)")
    ('신용거래융자_코스닥', '백만원')
    """
    match = _HEADER.fullmatch(header.strip())
    assert match is not None, "the pattern takes any text"
    return match[1], match[2] or ""


def plain(name: str) -> str:
    """A name without spaces, underscores and signs, so that spellings of one header are the same text."""
    return re.sub(r"[\s_()\[\]·/-]", "", name)


def unit_of_line(text: str) -> str | None:
    """The one unit of money that a line as ``(단위: 백만원, %)`` names; None where it names none or several.

    A statistics table of won may leave the last syllable out: ``단위: 백만`` are million won.
    """
    found = _LINE.search(text)
    if found is None:
        return None
    words = [word.strip() for word in re.split(r"[,·/\s]+", found[1])]
    units = {word if word in WON else word + "원" for word in words if word in WON or word + "원" in WON}
    return units.pop() if len(units) == 1 else None


def agree(one: int | float, one_unit: int, other: int | float, other_unit: int) -> bool:
    """Whether two figures of one thing are the same, as far as their units can tell.

    In one unit they must be equal. In two they may differ by less than the larger unit, to which one was rounded.
    """
    return one == other if one_unit == other_unit else abs(one - other) < max(one_unit, other_unit)
