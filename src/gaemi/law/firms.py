"""Which class of firm an account's broker is: the name as a person writes it, looked up in the dated law."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from difflib import get_close_matches

from gaemi.errors import refuse
from gaemi.law.lawbook import LawBook

# For a firm that nobody named, or whose terms fit no class: the strictest rule is used, and the answer says so.
STRICTEST = "unknown"

_UNKNOWN_WORDS = (STRICTEST, "모름")
_KIND = "broker"


def firm_class(book: LawBook, name: str | None, on: date) -> str:
    """The class of firm (standard, banded ...) that stands for the name on the day, or STRICTEST.

    The name is a class, a key of the kind broker, or any of the broker's names in keys.yaml; upper and lower case,
    spaces, punctuation and a closing 증권 make no difference. No name, "unknown", "모름" and a broker without a class
    on the day give STRICTEST. Raises Refused for any other name, and for a broker on a day before the law begins.

    Source: margin.firm_of, the broker documents named there.
    """
    if name is None:
        return STRICTEST
    classes, brokers = book.keys("firm_class"), broker_names(book)
    found = plain_name(name)
    if found in (plain_name(word) for word in _UNKNOWN_WORDS):
        return STRICTEST
    for each in classes:
        if found == plain_name(each):
            return each
    for broker, names in brokers.items():
        if found in (plain_name(word) for word in (broker, *names)):
            value: str | None = book.value("margin.firm_of", on, broker)
            return STRICTEST if value is None else value
    allowed = f"must be a class of firm ({', '.join(classes)}), a broker ({', '.join(brokers)}) or {STRICTEST}"
    help = f"give the class of your firm, or {STRICTEST} for the strictest rule"
    near = _closest_name(found, [*classes, *brokers, *(word for names in brokers.values() for word in names)])
    raise refuse("firm", f"'{name}'", allowed, f"{near} {help}" if near else help)


def broker_names(book: LawBook) -> dict[str, tuple[str, ...]]:
    """The names of each broker by its key, in the order of keys.yaml."""
    return {
        key: tuple(name.strip() for name in book.meaning(_KIND, key).split(",") if name.strip())
        for key in book.keys(_KIND)
    }


def plain_name(name: str) -> str:
    """The name without case, spaces, punctuation and a closing 증권: what two spellings of one firm share.

    Some systems hand over Korean letter by letter; the letters are put together first.
    """
    letters = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).casefold())
    return letters.removesuffix("증권")


def _closest_name(found: str, known: list[str]) -> str:
    """The nearest known name, compared without 증권 and Securities: all brokers share those, so they tell nothing.

    Korean is compared letter by letter, since one slip in a name of two syllables leaves only half of the syllables.
    """
    core = {_letters(plain_name(name)): name for name in reversed(known)}
    near = get_close_matches(_letters(found), list(core), n=1, cutoff=0.6)
    return f"did you mean '{core[near[0]]}'?" if near else ""


def _letters(plain: str) -> str:
    return unicodedata.normalize("NFD", plain.removesuffix("securities"))
