"""The languages of pages: what is written in English, said in the reader's language.

Documents and pages are written in English. A language is a folder of plain files (``words/ko/*.yaml``), each a map
from an English text to its translation, ``{name}`` standing for whatever a text fills in:

    "loans of {won} would be called": "{won}의 융자에 담보부족 통지가 갑니다"

A text is looked up as it is (the case of its first letter and a stop at its end do not matter), then with its blanks,
then piece by piece: sentences, lists, a name and what follows a colon or stands in brackets. What fills a blank is
looked up in turn. What fills one whose name begins with ``_``, as ``{_file}``, may be anything (a file's name, what a
user wrote): where nothing is known of it, it stays as it is, and so does all that fills one as ``{__file}``. Figures,
dates and particles are written by :mod:`gaemi.answers.korean`. A text that no file knows stays English and is
remembered in ``missing``; a test asks that nothing is. Pages and charts are said by :mod:`gaemi.answers.translated`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from gaemi.answers.korean import figures, settled

WORDS = Path(__file__).with_name("words")
SOURCE = "en"
"""The language that everything is written in."""

LANGUAGES = {SOURCE: "English", "ko": "한국어"}
"""Every language of the pages, by its code, as it names itself."""

REMEMBERED = 50_000
"""Texts whose translation is kept, so that the next page is quick; then they are forgotten and asked anew."""

MOST_STEPS, DEEPEST = 1_000, 24
"""How many parts of one text are looked up, and how deep one inside another: nobody's text may hold a page up."""

MOST_AT_ONCE = 4
"""Sentences that one entry may hold."""

_SPOKEN: ContextVar[str] = ContextVar("language", default=SOURCE)

_BLANK = re.compile(r"\{(\w+)\}")
_PIECES = (
    ("; ", "; "),
    (" · ", " · "),
    (", ", ", "),
    (": ", ": "),
    (" and ", " 및 "),
    (" or ", " 또는 "),
    (" / ", " / "),
)
"""What parts a list, and how that is written in the other language."""

_LISTED = re.compile("; | · ")
_SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z0-9“])")
_BRACKETS = re.compile(r"(.+?) ?\(([^()]+)\)(.*)")
_WORD = re.compile(r"[A-Za-z]{2,}")
_LETTER = re.compile("[A-Za-z]")
_CODE = re.compile(r"[A-Z0-9]+")
_BETWEEN_WORDS = re.compile(r"[\s()/,.:;–+=<>'“”\"-]+")
_FIGURES = ("n", "won", "pct", "fill")
"""Blanks of these names hold figures alone, so that ``{n} a day`` does not take a text of its own for a number."""

_NO_WORD = r"[^A-Za-z]*"
_FIGURE = re.compile(
    rf"{_NO_WORD}(?:\b(?:tn|bn|m|k|won|to|of)\b{_NO_WORD})*|no|one|two|three|four|five|six|seven|eight|nine|ten"
)


def spoken() -> str:
    """The code of the language that pages and charts are being written in: English unless :func:`speaking` says."""
    return _SPOKEN.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Pages and charts that are written inside are in this language."""
    assert code in LANGUAGES, "a language that the words know"
    before = _SPOKEN.set(code)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


@dataclass(frozen=True, slots=True)
class Pattern:
    """An English text with blanks, as the literals around them and their names, and its translation with the same."""

    longest: str
    literals: tuple[str, ...]
    names: tuple[str, ...]
    translation: str

    @classmethod
    def of(cls, english: str, translation: str) -> "Pattern":
        """The pattern of an entry."""
        parts = _BLANK.split(english)
        return cls(max(parts[::2], key=len), tuple(parts[::2]), tuple(parts[1::2]), translation)

    @property
    def weight(self) -> int:
        """Letters that stand around its blanks: of two patterns that take a text, the heavier one fits it better."""
        return sum(len(literal) for literal in self.literals)

    def fills(self, text: str) -> list[str] | None:
        """What stands in its blanks, from the left as short as can be and never empty; None for another text."""
        first, *middle, last = self.literals
        if not (text.startswith(first) and text.endswith(last)):
            return None
        at, end = len(first), len(text) - len(last)
        found = []
        for literal in middle:
            after = text.find(literal, at + 1, end)
            if after < 0:
                return None
            found.append(text[at:after])
            at = after + len(literal)
        return [*found, text[at:end]] if at < end else None

    def said(self, fills: Sequence[str]) -> str:
        """Its translation with what fills its blanks, in the order of the English."""
        values = dict(zip(self.names, fills, strict=True))
        return _BLANK.sub(lambda blank: values[blank.group(1)], self.translation)


@dataclass(slots=True)
class Language:
    """One language: its words, and what was asked of it that it does not know. Any number of threads may ask it."""

    code: str
    known: Mapping[str, str] = field(default_factory=dict)
    patterns: Sequence[Pattern] = ()
    names: frozenset[str] = frozenset()
    missing: set[str] = field(default_factory=set)
    memo: dict[str, str | None] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """The text in this language; white space around it stays. An unknown text comes back in English."""
        stripped = " ".join(text.split())
        if self.code == SOURCE or not stripped:
            return text
        head, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        said = _Reading(self).said(stripped)
        if said is None:
            said = figures(stripped)
            if len(self.missing) < REMEMBERED:
                self.missing.add(stripped)
        return head + settled(said) + tail

    def knows(self, text: str) -> bool:
        """Whether nothing of the text is unknown."""
        return self.code == SOURCE or _Reading(self).said(" ".join(text.split())) is not None


_UNASKED = ""
"""Stands in the memo's stead for a text that was not asked: no translation is empty."""


@dataclass(slots=True)
class _Reading:
    """One text on its way into a language, part by part."""

    language: Language
    steps: int = 0
    depth: int = 0
    is_cut: bool = False

    def said(self, text: str) -> str | None:
        """The text in this language, or None where a part of it is unknown; what was asked lately is remembered."""
        memo = self.language.memo
        found = memo.get(text, _UNASKED)
        if found != _UNASKED:
            return found
        if self.steps >= MOST_STEPS or self.depth >= DEEPEST:
            self.is_cut = True
            return None
        self.steps += 1
        self.depth += 1
        found = self._worked_out(text)
        self.depth -= 1
        if found is not None or not self.is_cut:
            if len(memo) >= REMEMBERED:
                memo.clear()
            memo[text] = found
        return found

    def _worked_out(self, text: str) -> str | None:
        found = self._known(text)
        if found is not None:
            return found
        written = figures(text)
        is_said = not _WORD.search(_without_names(written, self.language.names))
        if is_said and not _LETTER.search(written):
            return written
        found = self._filled(text, may_list=False) or self._in_pieces(text)
        if found is None and _LISTED.search(text):
            found = self._filled(text, may_list=True)
        return found or (written if is_said else None)

    def _known(self, text: str) -> str | None:
        """A text that the files hold, whether its first letter is large or small and a stop ends it or not."""
        known = self.language.known
        for bare, end in ((text, ""), (text[:-1], text[-1:])):
            if end in ("", ".", ":", "…"):
                for spelled in (bare, bare[:1].lower() + bare[1:], bare[:1].upper() + bare[1:]):
                    if spelled in known:
                        return known[spelled] + end
        return None

    def _filled(self, text: str, may_list: bool) -> str | None:
        """The text by an entry with blanks; ``may_list`` says whether a blank may hold a list."""
        bare = text.removesuffix(".")
        for pattern in self.language.patterns:
            fills = pattern.fills(bare) if pattern.longest in bare else None
            if fills is None or not all(map(_fits, pattern.names, fills, [may_list] * len(fills))):
                continue
            said = self._each_said(fills, pattern.names)
            if said is not None:
                return pattern.said(said) + text[len(bare) :]
        return None

    def _in_pieces(self, text: str) -> str | None:
        """Sentence by sentence; then the pieces of a list; then what stands before brackets, in them and after."""
        sentences = _SENTENCES.split(text)
        if len(sentences) > 1 and (said := self._runs_said(sentences)):
            return " ".join(said)
        for mark, written in _PIECES:
            if mark in text and (said := self._each_said(text.split(mark))):
                return written.join(said)
        found = _BRACKETS.fullmatch(text)
        if found and (said := self._each_said(found.groups())):
            before, inside, after = said
            return f"{before} ({inside}){' ' if found.group(3).startswith(' ') else ''}{after}"
        return None

    def _runs_said(self, sentences: Sequence[str]) -> list[str] | None:
        """One sentence after the other, as many at once as an entry holds; None where one is unknown."""
        found: list[str] = []
        first = 0
        while first < len(sentences):
            for last in range(min(first + MOST_AT_ONCE, len(sentences)), first, -1):
                run = " ".join(sentences[first:last])
                said = self.said(run) if last == first + 1 else self._known(run) or self._filled(run, may_list=True)
                if said is not None:
                    break
            else:
                return None
            found.append(said)
            first = last
        return found

    def _each_said(self, texts: Iterable[str], names: Sequence[str] = ()) -> list[str] | None:
        """Every one of these parts, which may be blanks of these names, or None where one is unknown."""
        found: list[str] = []
        for place, text in enumerate(texts):
            bare, name = text.strip(), names[place] if names else ""
            said = self._kept(name, text) if name.startswith("_") or not bare else self.said(bare)
            if said is None:
                return None
            found.append(said)
        return found

    def _kept(self, name: str, text: str) -> str:
        """What fills a blank that may hold anything: as it is, or, of one underscore, said where the files know it."""
        if name.startswith("__") or not text.strip():
            return text
        return self.said(text.strip()) or figures(text)


def _fits(name: str, text: str, may_list: bool) -> bool:
    """Whether a text may fill a blank: no more than a sentence, a list only where it may, a figure where it must."""
    if _SENTENCES.search(text) or (not may_list and _LISTED.search(text)):
        return False
    return name not in _FIGURES or _FIGURE.fullmatch(text) is not None


def _without_names(text: str, names: frozenset[str]) -> str:
    """The text without the names that every language writes alike, as KOSPI, and tickers and codes (in capitals)."""
    return " ".join(word for word in _BETWEEN_WORDS.split(text) if word not in names and not _CODE.fullmatch(word))


@cache
def language(code: str) -> Language:
    """A language by its code; English says everything as it is."""
    assert code in LANGUAGES, "a language that the words know"
    if code == SOURCE:
        return Language(code)
    known = dict(entries(code))
    patterns = [Pattern.of(english, said) for english, said in known.items() if _BLANK.search(english)]
    patterns.sort(key=lambda pattern: (-pattern.weight, len(pattern.names), pattern.literals))
    return Language(code, known, patterns, frozenset(names()))


def entries(code: str) -> list[tuple[str, str]]:
    """Every English text and its translation, of every file of a language; a stop that ends both is left away."""
    found: list[tuple[str, str]] = []
    for file in sorted((WORDS / code).glob("*.yaml")):
        for english, said in (_loaded(file) or {}).items():
            english = " ".join(str(english).split())
            stops = english.endswith(".") and said.endswith(".")
            found.append((english[:-1], said[:-1]) if stops else (english, said))
    return found


def names() -> list[str]:
    """What every language writes alike: names of indices, coins, models, and codes."""
    return list(_loaded(WORDS / "names.yaml"))


def _loaded(file: Path) -> Mapping[str, str]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: Mapping[str, str] = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
    return found
