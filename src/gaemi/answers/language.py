"""The languages of pages: what a page says in English, said in the reader's language.

Documents and pages are written in English. A language is a folder of plain files (``words/ko/*.yaml``), each a map
from an English text to its translation, ``{name}`` standing for whatever a text fills in:

    "loans of {won} would be called": "{won}의 융자에 담보부족 통지가 갑니다"

A text is looked up as it is, then with its blanks, then piece by piece (sentences, lists, a name and what follows a
colon or stands in brackets). What fills a blank is looked up in turn. What fills one whose name begins with ``_``, as
``{_file}``, may be anything (a file's name, what a user wrote): where nothing is known of it, it stays as it is, and so
does all that fills one as ``{__file}``. Figures and dates are written by :mod:`gaemi.answers.korean`. Elements marked
``translate="no"`` (codes, citations, names) are left alone. A text that no file knows stays English and is remembered
in ``missing``; a test asks that nothing is.
"""

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import Any

from gaemi.answers.korean import figures, is_plain, particles

WORDS = Path(__file__).with_name("words")
LANGUAGES = {"en": "English", "ko": "한국어"}
"""Every language of the pages, by its code, as it names itself."""

REMEMBERED = 50_000
"""Texts whose translation is kept, so that the next page is quick; then they are forgotten and asked anew."""

_SPOKEN: ContextVar[str] = ContextVar("language", default="en")

_BLANK = re.compile(r"\{(\w*)\}")
_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-zA-Z0-9]+)")
_SAID = re.compile(r'\b(aria-label|aria-description|title|alt|placeholder|data-said)="([^"]+)"')
_UNTRANSLATED = ("style", "script", "code", "pre", "textarea")
_VOID = ("meta", "link", "input", "br", "hr", "img", "wbr")
_PIECES = (
    ("; ", "; "),
    (" · ", " · "),
    (", ", ", "),
    (": ", ": "),
    (" and ", " 및 "),
    (" or ", " 또는 "),
    (" / ", " / "),
)
_LISTED = re.compile("; | · ")
_SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z0-9“])")
_BRACKETS = re.compile(r"(.+?) ?\(([^()]+)\)(.*)")
_WORD = re.compile(r"[A-Za-z]{2,}")
_FIGURES = ("n", "won", "pct", "fill")
"""Blanks of these names hold figures alone, so that ``{n} a day`` does not take a text of its own for a number."""
_NO_WORD = r"[^A-Za-z]*"
_FIGURE = re.compile(
    rf"{_NO_WORD}(?:\b(?:tn|bn|m|k|won|to|of)\b{_NO_WORD})*|no|one|two|three|four|five|six|seven|eight|nine|ten"
)
_CODE = re.compile(r"[A-Z0-9]+")
_LETTER = re.compile("[A-Za-z]")
_HANGUL = re.compile("[가-힣]")


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
    """An English text with blanks, and its translation with the same."""

    english: re.Pattern[str]
    names: tuple[str, ...]
    translation: str
    literal: str
    weight: int
    stops: bool

    def filled(self, found: re.Match[str]) -> list[tuple[str, str]]:
        """The names of its blanks, each with what stands there in a text that it matches."""
        return list(zip(self.names, found.groups(), strict=True))

    def said(self, said: Sequence[str | None]) -> str:
        """Its translation with what fills its blanks, in the order of the English."""
        values = dict(zip(self.names, said, strict=True))
        return _BLANK.sub(lambda blank: str(values[blank.group(1)]), self.translation)

    @classmethod
    def of(cls, english: str, translation: str) -> "Pattern":
        literals = _BLANK.split(english)[::2]
        names = tuple(_BLANK.findall(english))
        body = "".join(re.escape(text) + ("(.+?)" if place < len(names) else "") for place, text in enumerate(literals))
        return cls(
            *(re.compile(body, re.DOTALL), names, translation),
            *(max(literals, key=len), sum(len(each) for each in literals), english.endswith(".")),
        )


@dataclass(slots=True)
class Language:
    """One language: its words, and what was asked of it that it does not know."""

    code: str
    known: Mapping[str, str]
    patterns: Sequence[Pattern]
    names: frozenset[str]
    missing: set[str] = field(default_factory=set)
    _seen: dict[str, str | None] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """The text in this language; white space around it stays. An unknown text comes back in English."""
        stripped = " ".join(text.split())
        if not stripped:
            return text
        head, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        said = self._said(stripped)
        if said is None:
            self.missing.add(stripped)
            said = figures(stripped)
        return head + particles(said) + tail

    def _said(self, text: str) -> str | None:
        """The text in this language, or None where a part of it is unknown; what was asked lately is remembered."""
        if text not in self._seen:
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            self._seen[text] = self._worked_out(text)
        return self._seen[text]

    def _worked_out(self, text: str) -> str | None:
        if is_plain(text) or text in self.names:
            return figures(text)
        found = self._known(text)
        if found is not None:
            return found
        written = figures(text)
        figured = written != text and not _WORD.search(_without(written, self.names))
        if figured and not _LETTER.search(written):
            return written
        found = self._filled(text, listed=False) or self._in_pieces(text)
        if found is None and _LISTED.search(text):
            found = self._filled(text, listed=True)
        return found or (written if figured else self._named(text))

    def _known(self, text: str) -> str | None:
        """A text that the files hold, whether its first letter is large or small and a stop ends it or not."""
        for spelled in (text, text[0].lower() + text[1:], text[0].upper() + text[1:]):
            if spelled in self.known:
                return self.known[spelled]
        for end in (".", ":", "…"):
            if text.endswith(end) and len(text) > 1 and (inner := self._known(text[:-1])) is not None:
                return inner + end
        return None

    def _filled(self, text: str, listed: bool) -> str | None:
        """The text by an entry with blanks; ``listed`` says whether a blank may hold a list."""
        bare = text[:-1] if text.endswith(".") else text
        for pattern in self.patterns:
            if pattern.literal not in text:
                continue
            whole = text if pattern.stops else bare
            found = pattern.english.fullmatch(whole)
            if found is None or any(_SENTENCES.search(each) for each in found.groups()):
                continue  # no blank holds more than a sentence
            if not listed and any(_LISTED.search(each) for each in found.groups()):
                continue
            if any(name in _FIGURES and not _FIGURE.fullmatch(each) for name, each in pattern.filled(found)):
                continue
            said = [
                self._kept(name, each) if name.startswith("_") else self._said(each.strip()) if each.strip() else each
                for name, each in pattern.filled(found)
            ]
            if all(each is not None for each in said):
                return pattern.said(said) + text[len(whole) :]
        return None

    def _kept(self, name: str, text: str) -> str:
        """What fills a blank that may hold anything: as it is, or, of one underscore, said where the files know it."""
        if name.startswith("__") or not text.strip():
            return text
        return self._known(text) or figures(text)

    def _in_pieces(self, text: str) -> str | None:
        """Sentence by sentence; then what stands before brackets, in them and after; then the pieces of a list."""
        sentences = _SENTENCES.split(text)
        if len(sentences) > 1:
            said = [self._said(each) for each in sentences]
            if all(each is not None for each in said):
                return " ".join(str(each) for each in said)
        for mark, written in _PIECES:
            if mark in text:
                said = [self._said(each.strip()) if each.strip() else each for each in text.split(mark)]
                if all(each is not None for each in said):
                    return written.join(str(each) for each in said)
        found = _BRACKETS.fullmatch(text)
        if found:
            said = [self._said(each.strip()) if each.strip() else "" for each in found.groups()]
            if all(each is not None for each in said):
                return f"{said[0]} ({said[1]}){' ' if said[2] and found.group(3)[0] == ' ' else ''}{said[2]}"
        return None

    def _named(self, text: str) -> str | None:
        """A text of names alone, or one that is in this language already."""
        rest = _without(text, self.names)
        return figures(text) if not _WORD.search(rest) else None

    def page(self, html: str) -> str:
        """An HTML page of ours in this language; ``translate="no"`` and code are left alone, and so is style."""
        out: list[str] = []
        left: list[str] = []  # names of the elements that are open inside one that is left alone
        for part in _TAG.split(html):
            if not part.startswith("<"):
                out.append(part if left or not part.strip() else escape(self.text(unescape(part)), quote=False))
                continue
            name = _NAME.match(part)
            element = name.group(1).lower() if name else ""
            if not left:
                part = _SAID.sub(lambda said: f'{said.group(1)}="{escape(self.text(unescape(said.group(2))))}"', part)
            out.append(part)
            if not name or part.endswith("/>") or element in _VOID:
                continue
            if part.startswith("</"):
                if left and left[-1] == element:
                    left.pop()
            elif left or element in _UNTRANSLATED or 'translate="no"' in part:
                left.append(element)
        return "".join(out).replace('<html lang="en"', f'<html lang="{self.code}"', 1)

    def spec(self, spec: Any) -> Any:
        """A chart's document in this language: headings, labels, names of series and every text of its rows."""
        return _spoken(spec, self.text, self.lines)

    def lines(self, lines: Sequence[str]) -> list[str]:
        """Lines of one heading: each by itself if all are known; else lines that were one text are said as one."""
        if all(self._said(line) is not None for line in lines):
            return [self.text(line) for line in lines]
        width = max(12, int(max(len(line) for line in lines) * 0.75))
        said: list[str] = []
        first = 0
        while first < len(lines):
            ends = range(len(lines), first, -1)
            last = next((end for end in ends if self._said(" ".join(lines[first:end])) is not None), len(lines))
            whole = self.text(" ".join(lines[first:last]))
            said += textwrap.wrap(whole, width) if last > first + 1 else [whole]
            first = last
        return said


def _without(text: str, names: frozenset[str]) -> str:
    """The text without the names that every language writes alike, as KOSPI, and tickers and codes (in capitals)."""
    words = re.split(r"[\s()/,.:;–+=<>'“”\"-]+", text)
    return " ".join(word for word in words if word not in names and not _CODE.fullmatch(word))


_TEXTS = ("text", "title", "domain", "sort", "values")
_LOOKS = ("field", "type", "anchor", "align", "baseline", "color", "frame", "orient", "fontWeight")
"""What stands beside a text in a chart's document and is no text itself."""

_SERIES = ("domain", "sort", "values")  # lists of texts of their own, not lines of one


def _spoken(
    part: Any, say: Callable[[str], str], lines: Callable[[Sequence[str]], list[str]], inside: bool = False
) -> Any:
    """A part of a chart's document; ``inside`` says whether a bare text in it is read by people."""
    if isinstance(part, str):
        return say(part) if inside else part
    if isinstance(part, list | tuple):
        if inside and part and all(isinstance(each, str) for each in part):
            return lines(list(part))
        return [_spoken(each, say, lines, inside) for each in part]
    if not isinstance(part, Mapping):
        return part
    found: dict[str, Any] = {}
    for name, value in part.items():
        if name == "labelExpr":
            found[name] = re.sub(r"'((?:[^'\\]|\\.)*)'", lambda quoted: _requoted(quoted, say), value)
        elif name in _LOOKS and isinstance(value, str):
            found[name] = value
        elif name in _SERIES and isinstance(value, list | tuple):
            found[name] = [_spoken(each, say, lines, True) for each in value]
        else:
            found[name] = _spoken(value, say, lines, name in _TEXTS or (inside and not isinstance(value, Mapping)))
    return found


def _requoted(quoted: re.Match[str], say: Callable[[str], str]) -> str:
    inner = quoted.group(1).replace("\\'", "'")
    said = inner if re.fullmatch(r"[-\d.e]*|[A-Z]|~s", inner) else say(inner)  # of a format a letter is no word
    return "'" + said.replace("\\", "\\\\").replace("'", "\\'") + "'"


@cache
def language(code: str) -> Language:
    """A language by its code, ``en`` or ``ko``; English says everything as it is."""
    assert code in LANGUAGES, "a language that the words know"
    known: dict[str, str] = {}
    for english, said in entries(code):
        known[english] = said
    patterns = [Pattern.of(english, said) for english, said in known.items() if _BLANK.search(english)]
    patterns.sort(key=lambda pattern: (-pattern.weight, pattern.english.pattern))
    plain = {english: said for english, said in known.items() if not _BLANK.search(english)}
    return Language(code, plain, patterns, frozenset(_names()))


def entries(code: str) -> list[tuple[str, str]]:
    """Every English text and its translation, of every file of a language in the order of their names."""
    import yaml

    found: list[tuple[str, str]] = []
    for file in sorted((WORDS / code).glob("*.yaml")):
        loaded = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        found += [(" ".join(str(english).split()), str(said)) for english, said in (loaded or {}).items()]
    return found


def _names() -> list[str]:
    """What every language writes alike: names of indices, coins, models, and codes."""
    import yaml

    return list(yaml.safe_load((WORDS / "names.yaml").read_text(encoding="utf-8")))
